"""The service on a real socket: answers, bounds, errors, metrics, what its OpenAPI page says, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import jsonschema
import pytest
from service_process import command, running

from r1rewards import Rubric, reward
from r1rewards.errors import OptionError
from r1rewards.scores import Outcome, Status
from r1rewards.service.settings import ServiceSettings
from r1rewards.testing.hostile import hostile_texts

RIGHT, WRONG = r"<think>so</think> \boxed{4}", r"<think>so</think> \boxed{5}"


def _gives_back(service):
    """Wait until nothing is held; that happens just behind the answer, or never."""
    while service.gate.held_bytes:
        pass


def _client(url):
    """Return a patient client."""
    return httpx.Client(base_url=url, timeout=60, trust_env=False)


def test_rows_are_scored_in_order(client):
    """Law: each row gets its total, values and statuses; null where it has none."""
    rows = [
        {"completion": text, "answer": truth} for text, truth in [(RIGHT, "4"), (WRONG, "4"), ("4", "4"), (RIGHT, "")]
    ]
    said = client.post("/v1/score", json={"rows": rows})
    assert said.status_code == 200
    assert [row["reward"] for row in said.json()["rows"]] == [1.5, 0.5, 0.0, None]
    assert said.json()["rows"][2]["status"] == {"math": "NO_ANSWER", "format": "MALFORMED"}
    assert said.json()["rows"][3]["rewards"] == {"math": None, "format": 1.0}
    assert "details" not in said.json()["rows"][0]
    assert client.post("/v1/score", json={"rows": []}).json() == {"rows": []}


def test_details_chat_messages_and_other_columns(client):
    """Law: details come when asked for, chat messages are read, a mapping is not needed for usual names."""
    chat = [{"role": "assistant", "reasoning_content": "so", "content": r"\boxed{4}"}]
    said = client.post(
        "/v1/score", json={"rows": [{"completion": chat, "gold": 4, "level": 3}], "details": True}
    ).json()
    assert said["rows"][0]["reward"] == 1.5
    assert said["rows"][0]["details"]["math"]["extracted"] == "4"


def test_hostile_completions_come_back(client):
    """Law: five hundred hostile texts, lone surrogates too, are answered like any other."""
    texts = hostile_texts(200)
    body = json.dumps({"rows": [{"completion": text, "ground_truth": "4"} for text in texts], "details": True})
    said = client.post("/v1/score", content=body, headers={"content-type": "application/json"})
    assert said.status_code == 200, said.text[:500]
    assert len(said.json()["rows"]) == 200
    assert all(row["reward"] is not None for row in said.json()["rows"])


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ('{"rows": [', 400, "Invalid"),
        ("[" * 100_000, 400, "HTTP"),
        ('{"lines": []}', 422, "Invalid"),
        ('{"rows": [1]}', 422, "Invalid"),
        ('{"rows": [{"completion": 5, "answer": "4"}]}', 422, "RowError"),
        ('{"rows": [{"completion": "4"}]}', 422, "MissingColumn"),
        ('{"rows": [{"text": "4", "answer": "4"}]}', 422, "MissingColumn"),
        ('{"rows": [{"completion": "4", "answer": "4", "gold": "5"}]}', 422, "RowError"),
        ('{"rows": [{"completion": "4", "answer": ' + "9" * 5000 + "}]}", 400, "HTTP"),
    ],
)
def test_errors_name_what_is_wrong(client, body, status, kind):
    """Law: a body that cannot be used is the client's error, told in one shape, and the service goes on."""
    said = client.post("/v1/score", content=body, headers={"content-type": "application/json"})
    assert said.status_code == status, said.text[:300]
    assert set(said.json()["error"]) == {"kind", "message"}
    assert said.json()["error"]["kind"] == kind
    assert client.get("/health").status_code == 200


def test_requests_do_not_see_each_other(service):
    """Law: hundreds of requests at once, good and bad ones, get each their own answer."""
    # A client for each thread: httpx's pool, shared by more threads than it keeps connections alive, can close one
    # that another thread has just been given.
    own, opened = threading.local(), []

    def open_client():
        own.client = _client(service[0])
        opened.append(own.client)

    def ask(number):
        if number % 10 == 0:  # lacks its reference
            return own.client.post("/v1/score", json={"rows": [{"completion": "x"}]}).status_code
        rows = [{"completion": rf"\boxed{{{number}}}", "answer": str(number + place % 2)} for place in range(4)]
        return [row["rewards"]["math"] for row in own.client.post("/v1/score", json={"rows": rows}).json()["rows"]]

    with ThreadPoolExecutor(32, initializer=open_client) as threads:
        said = list(threads.map(ask, range(1, 401)))
    for client in opened:
        client.close()
    assert said == [422 if number % 10 == 0 else [1.0, 0.0, 1.0, 0.0] for number in range(1, 401)]


def test_the_contracts_of_trainers(client):
    """Law: the trainers' contracts are answered in their own shapes; an unreadable reference gets `unscored`."""
    asked = {"query": ["2+2?" + RIGHT + "<|im_end|>"], "prompts": ["2+2?"], "labels": ["4"]}
    said = client.post("/openrlhf", json=asked).json()
    assert (said["rewards"], said["scores"], said["extra_logs"]["math_reward"]) == (1.5, 1.5, 1.0)
    several = {"query": [RIGHT, RIGHT], "prompts": ["", ""], "labels": ["4", ""]}
    assert client.post("/openrlhf", json=several).json()["rewards"] == [1.5, -1.0]
    reply = {"output": [{"type": "message", "content": [{"type": "output_text", "text": r"\boxed{4}"}]}]}
    said = client.post("/verify", json={"response": reply, "expected_answer": "4", "id": 7}).json()
    assert (said["reward"], said["math_reward"], said["id"]) == (1.0, 1.0, 7)
    assert said["reward_components"] == {"math": 1.0, "format": 0.0}
    sample = {"prompt": "2+2?", "response": RIGHT + "<|im_end|>", "label": "4"}
    assert client.post("/slime", json=sample).json() == 1.5
    assert client.post("/slime", json={**sample, "label": ""}).json() == -1.0
    said = client.post("/slime?reward_key=total", json={**sample, "response": r"\boxed{4}"}).json()
    assert (said["total"], said["math_reward"], said["format_reward"]) == (1.0, 1.0, 0.0)
    said = client.post("/slime", json={**sample, "response": None})
    assert (said.status_code, said.json()["error"]["kind"]) == (422, "RowError")


def test_figures_for_prometheus(client):
    """Law: rows, cells by status, requests by path and status, and the process's memory are counted."""
    client.post("/v1/score", json={"rows": [{"completion": RIGHT, "answer": "4"}]})
    client.get("/nowhere/7")
    text = client.get("/metrics").text
    assert re.search(r'r1rewards_cells_total\{reward="math",status="OK"\} [1-9]', text)
    assert re.search(r'r1rewards_requests_total\{path="/v1/score",status="200"\} [1-9]', text)
    assert re.search(r'r1rewards_requests_total\{path="other",status="404"\} [1-9]', text)
    assert "/nowhere" not in text
    assert re.search(r"r1rewards_pending_rows 0\.0", text)
    assert "process_resident_memory_bytes" in text
    assert re.search(r'r1rewards_request_seconds_count\{path="/v1/score"\} [1-9]', text)


def test_the_openapi_page_is_right(client):
    """Law: what the page says of bodies is what is taken and given, and every answer's status is on it."""
    page = client.get("/openapi.json").json()
    assert {"/v1/score", "/openrlhf", "/verify", "/slime", "/health", "/metrics"} == set(page["paths"])
    schemas = page["components"]["schemas"]
    row = schemas["ScoreRequest"]["properties"]["rows"]["items"]
    assert row["required"] == ["completion"]
    assert row["additionalProperties"] is True
    assert {"200", "400", "401", "408", "413", "422", "429", "500", "503"} <= set(
        page["paths"]["/v1/score"]["post"]["responses"]
    )
    assert "HTTPValidationError" not in json.dumps(page["paths"])
    figures = page["paths"]["/metrics"]["get"]["responses"]
    assert (list(figures["200"]["content"]), list(figures["401"]["content"])) == (["text/plain"], ["application/json"])
    assert client.get("/docs").status_code == 200


ROW = {"completion": RIGHT, "ground_truth": "4"}
REPLY = {"output": [{"type": "message", "content": [{"type": "output_text", "text": RIGHT}]}]}
TEXTS = {"query": [RIGHT, RIGHT], "prompts": ["", None], "labels": ["4", ""]}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/health", None, 200),
        ("/v1/score", {"rows": []}, 200),
        ("/v1/score", {"rows": [ROW, {**ROW, "ground_truth": ""}]}, 200),
        ("/v1/score", {"rows": [ROW], "details": True}, 200),
        ("/v1/score", {"rows": [ROW], "details": 1}, 422),
        ("/v1/score", {"rows": [{**ROW, "completion": []}]}, 422),
        ("/v1/score", {"rows": [ROW] * 5000}, 413),
        ("/v1/score", {"rows": [{"completion": RIGHT, f"column {number}": 0} for number in range(2000)]}, 413),
        ("/openrlhf", TEXTS, 200),
        ("/openrlhf", {**TEXTS, "query": [RIGHT, 5]}, 422),
        ("/openrlhf", {**TEXTS, "prompts": [[], ""]}, 422),
        ("/openrlhf", {**TEXTS, "labels": []}, 422),
        ("/verify", {"response": REPLY, "expected_answer": "4"}, 200),
        ("/verify", {"response": 5}, 422),
        ("/slime", {"response": RIGHT, "prompt": "2+2?", "label": "4"}, 200),
        ("/slime?reward_key=score", {"response": RIGHT, "prompt": [], "label": None, "level": 3}, 200),
        ("/slime", {"response": 5, "label": "4"}, 422),
        ("/slime", {"label": "4"}, 422),
    ],
)
def test_bodies_are_what_the_openapi_page_says(client, path, body, status):
    """Law: what the page allows and no more is taken, and each answer has the page's own schema for its status."""
    page = client.get("/openapi.json").json()
    said = client.get(path) if body is None else client.post(path, json=body)
    assert said.status_code == status, said.text[:300]
    asked = page["paths"][path.partition("?")[0]]["get" if body is None else "post"]
    held = asked["responses"][str(status)]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator({**page, **held})
    validator.validate(said.json())
    if body is not None:
        taken = asked["requestBody"]["content"]["application/json"]["schema"]
        beyond_schemas = status == 413 or body.get("labels") == []  # how many rows there may be
        assert jsonschema.Draft202012Validator({**page, **taken}).is_valid(body) == (status == 200 or beyond_schemas)
    if "example" in (example := page["components"]["schemas"]["ScoreRequest"]):
        assert client.post("/v1/score", json=example["example"]).json()["rows"][0]["reward"] == 1.5


def test_other_methods_are_told_which_there_are(client):
    """Law: a method that an endpoint does not have is 405, with those that it has, in our one shape."""
    said = client.get("/v1/score")
    assert (said.status_code, said.headers["allow"]) == (405, "POST")
    assert set(said.json()["error"]) == {"kind", "message"}


def test_a_bug_of_ours_is_told_in_the_one_shape(monkeypatch, caplog):
    """Law: an exception that nobody foresaw is 500 in the shape of all errors and logged; the connection goes on."""
    with running(Rubric(["format"])) as (url, service), _client(url) as client:
        monkeypatch.setattr(service, "score", None)
        said = client.post("/v1/score", json={"rows": [{"completion": "x"}]})
        assert (said.status_code, said.json()["error"]["kind"]) == (500, "Bug")
        monkeypatch.undo()
        assert client.post("/v1/score", json={"rows": [{"completion": "x"}]}).status_code == 200
        assert "NoneType" in caplog.text


def test_the_body_is_bounded():
    """Law: more bytes or rows than a request may have are refused, declared or not, before they are read."""
    settings = ServiceSettings(max_body_bytes=10_000, max_rows=5)
    with running(Rubric(["format"]), settings) as (url, _), httpx.Client(base_url=url, trust_env=False) as client:
        big = json.dumps({"rows": [{"completion": "x" * 20_000}]}).encode()
        assert client.post("/v1/score", content=big).status_code == 413

        def pieces():
            yield b'{"rows": [{"completion": "'
            for _ in range(100):
                yield b"x" * 1000

        said = client.post("/v1/score", content=pieces())
        assert (said.status_code, said.json()["error"]["kind"]) == (413, "TooLarge")
        many = client.post("/v1/score", json={"rows": [{"completion": "x"}] * 6})
        assert many.status_code == 413
        assert client.post("/v1/score", json={"rows": [{"completion": "x"}] * 5}).status_code == 200


def test_a_full_queue_answers_429():
    """Law: what may not wait is refused at once with Retry-After, and what was taken in is answered."""
    gate = threading.Event()
    inside = threading.Event()

    @reward
    def slow(completion):
        inside.set()
        assert gate.wait(60)
        return 1.0

    settings = ServiceSettings(max_pending_rows=10, concurrency=1, unscored=0.0)
    with (
        running(Rubric([slow]), settings) as (url, service),
        httpx.Client(base_url=url, timeout=60, trust_env=False) as c,
    ):
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(c.post, "/v1/score", json={"rows": [{"completion": "x"}] * 10})
            assert inside.wait(30)
            refused = c.post("/v1/score", json={"rows": [{"completion": "x"}]})
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "1"
            assert refused.json()["error"]["kind"] == "QueueFull"
            assert c.get("/health").json()["pending_rows"] == 10
            gate.set()
            assert [row["reward"] for row in first.result(60).json()["rows"]] == [1.0] * 10
        assert c.post("/v1/score", json={"rows": [{"completion": "x"}]}).status_code == 200
        _gives_back(service)


def test_bytes_in_memory_are_bounded():
    """Law: bodies for which there is no room are refused with 429, and room comes back."""
    gate = threading.Event()
    inside = threading.Event()

    @reward
    def slow(completion):
        inside.set()
        assert gate.wait(60)
        return 1.0

    settings = ServiceSettings(max_pending_bytes=1000, unscored=0.0)
    with (
        running(Rubric([slow]), settings) as (url, service),
        httpx.Client(base_url=url, timeout=60, trust_env=False) as c,
    ):
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(c.post, "/v1/score", json={"rows": [{"completion": "x" * 5000}]})
            assert inside.wait(30)
            assert c.post("/v1/score", json={"rows": [{"completion": "x" * 500}]}).status_code == 429
            gate.set()
            assert first.result(60).status_code == 200
        assert c.post("/v1/score", json={"rows": [{"completion": "x" * 500}]}).status_code == 200
        _gives_back(service)


def test_the_token_is_asked_for():
    """Law: without the token only health answers; with it, everything."""
    settings = ServiceSettings(token="s3cret")
    with running(Rubric(["format"]), settings) as (url, _), httpx.Client(base_url=url, trust_env=False) as client:
        rows = {"rows": [{"completion": "x"}]}
        assert client.get("/health").status_code == 200
        for path in ("/metrics", "/docs", "/openapi.json"):
            assert client.get(path).status_code == 401
        assert client.post("/v1/score", json=rows).headers["www-authenticate"] == "Bearer"
        for shown in ("Bearer nope", "Basic s3cret", "s3cret", "Bearer", "Bearer s3cret2"):
            assert client.post("/v1/score", json=rows, headers={"authorization": shown}).status_code == 401
        right = {"authorization": "Bearer s3cret"}
        assert client.post("/v1/score", json=rows, headers=right).status_code == 200
    assert "s3cret" not in repr(settings)


def test_a_slow_sender_is_let_go():
    """Law: who does not send its body in time holds nothing."""
    import socket

    settings = ServiceSettings(body_wall_s=0.2)
    with running(Rubric(["format"]), settings) as (url, service):
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as slow:
            slow.sendall(b"POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
            assert b" 408 " in slow.recv(1000)
        _gives_back(service)


def test_a_reward_that_fails_is_the_services_fault():
    """Law: a reward that breaks its contract is 500 for those whose rows do that; others are answered."""

    @reward
    def picky(completion):
        return 7.0 if completion == "bad" else 1.0

    with running(Rubric([picky])) as (url, _), httpx.Client(base_url=url, trust_env=False) as client:
        assert client.post("/v1/score", json={"rows": [{"completion": "bad"}]}).status_code == 500
        assert client.post("/v1/score", json={"rows": [{"completion": "fine"}]}).status_code == 200


def test_details_of_any_kind_come_back_as_json():
    """Law: what a reward puts into its details never breaks the answer."""

    @reward
    def odd(completion):
        return Outcome(1.0, Status.OK, {"set": {1}, "nan": float("nan"), "big": 10**5000, "text": "\ud800", 5: (1, 2)})

    with running(Rubric([odd])) as (url, _), httpx.Client(base_url=url, trust_env=False) as client:
        said = client.post("/v1/score", json={"rows": [{"completion": "x"}], "details": True})
    assert said.status_code == 200
    assert said.json()["rows"][0]["details"]["odd"]["nan"] is None


def test_unscored_must_be_said_for_trainers_that_cannot_skip():
    """Law: without --unscored those endpoints refuse, and say what to do."""
    with running(Rubric(["format"])) as (url, _), httpx.Client(base_url=url, trust_env=False) as client:
        said = client.post("/openrlhf", json={"query": ["x"], "prompts": [""], "labels": [None]})
    assert said.status_code == 422
    assert "--unscored" in said.json()["error"]["message"]


def test_the_command_serves_and_stops(tmp_path):
    """Law: the command says where it listens, answers requests under way after SIGTERM, and ends with 0."""
    token = tmp_path / "token"
    token.write_text("abc\n")
    with command("-r", "math", "--token-file", str(token), "--unscored", "0") as (url, process):
        headers = {"authorization": "Bearer abc"}
        with httpx.Client(base_url=url, trust_env=False, headers=headers, timeout=60) as client:
            assert client.get("/health").json()["rewards"] == ["math"]
            tower = r"\boxed{" + "10^{" * 40 + "10" + "}" * 40 + r"+\sum_{n=1}^{10^{10}}\sin(n^n)}"
            rows = {"rows": [{"completion": tower, "answer": "4"}, {"completion": RIGHT, "answer": "4"}]}
            with ThreadPoolExecutor(1) as threads:
                slow = threads.submit(client.post, "/v1/score", json=rows)
                while httpx.get(f"{url}/health", trust_env=False).json()["pending_rows"] == 0 and not slow.done():
                    pass
                process.send_signal(signal.SIGTERM)
                assert [row["reward"] for row in slow.result(60).json()["rows"]] == [0.0, 1.0]
        assert process.wait(60) == 0


def test_killed_in_the_middle_it_answers_nothing_wrong():
    """Law: who asks while the service is killed gets an error, and from the next one the right scores."""
    rows = {"rows": [{"completion": RIGHT if n % 2 else WRONG, "answer": "4"} for n in range(50)]}
    expected = [float(n % 2) for n in range(50)]
    seen = []

    def ask(url):
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            while True:
                try:
                    said = client.post("/v1/score", json=rows)
                except httpx.HTTPError:
                    return
                seen.append([row["reward"] for row in said.json()["rows"]])

    for _ in range(2):
        with command("-r", "math") as (url, process), ThreadPoolExecutor(4) as threads:
            before = len(seen)
            asking = [threads.submit(ask, url) for _ in range(4)]
            while len(seen) < before + 20:
                pass
            process.kill()
            for future in asking:
                future.result(60)
    assert len(seen) >= 40
    assert all(answer == expected for answer in seen)


def test_the_command_refuses_what_cannot_be(tmp_path):
    """Law: mistakes end with exit code 2 and one plain line."""
    import subprocess
    import sys

    empty = tmp_path / "token"
    empty.write_text("\n")
    for words, said in [
        ([], "no reward asked for"),
        (["-r", "math", "--token-file", str(empty)], "is empty"),
        (["-r", "math", "--host", "256.1.1.1"], "cannot listen"),
        (["-r", "math", "--unscored", "nan"], "finite"),
    ]:
        run = [sys.executable, "-m", "r1rewards", "serve", "--port", "0", *words]
        ran = subprocess.run(run, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 2, ran.stderr
        assert said in ran.stderr


@pytest.mark.parametrize("wrong", [{"max_rows": 0}, {"token": "a b"}, {"token": ""}, {"unscored": float("inf")}])
def test_settings_are_checked(wrong):
    """Law: a bound that lets nothing through and a token that no header can hold are refused."""
    with pytest.raises(OptionError):
        ServiceSettings(**wrong)
