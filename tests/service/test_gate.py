"""Bounds that clients meet before an endpoint: bytes, time, connections, content types; and how the service stops."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import math
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from served import Served
from service_process import command

from r1rewards import Rubric, reward
from r1rewards.cli.main import run
from r1rewards.errors import OptionError
from r1rewards.service.app import Service
from r1rewards.service.gate import Gate
from r1rewards.service.running import run_service
from r1rewards.service.settings import ServiceSettings

MIB = 2**20
ROWS = {"rows": [{"completion": "x"}]}
PATIENCE_S = 60


@contextlib.contextmanager
def serving(rubric, settings):
    """Yield a service, its server in a thread, and its port; the server as the command runs it."""
    service = Service(rubric, settings)
    served = Served(service)
    try:
        yield service, served.server, served.port
    finally:
        served.stop()


def until(condition):
    """Wait for a condition."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never came to be"
        os.sched_yield()


def connect(port):
    """Return a connection."""
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def head(path="/v1/score", *lines, method="POST"):
    """Return the head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: x", *lines, "", ""]).encode()


def to_the_end(connection):
    """Return all that comes until the connection is closed."""
    came = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(1 << 16):
            came += piece
    return came


def post(port, body, path="/v1/score", **headers):
    """Send a body as `http.client` does, all of it before anything is read; return status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    with contextlib.closing(connection):
        connection.request("POST", path, body, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def passed(settings, path, *pieces, held=0, declared=None):
    """Send pieces of a body through a gate by itself; return the status and what the application saw."""
    seen, sent = [], []

    async def application(scope, receive, send):
        seen.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    left = list(pieces)
    length = (b"transfer-encoding", b"chunked") if declared is None else (b"content-length", str(declared).encode())
    gate = Gate(application, settings)
    gate.held_bytes = held
    asyncio.run(gate({"type": "http", "path": path, "headers": [length]}, receive, send))
    assert gate.held_bytes == held
    return sent[0]["status"], b"".join(seen)


@pytest.mark.parametrize("length", ["content-length: 900", "transfer-encoding: chunked"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_strangers_take_no_room(length, method):
    """Law: a path that is open to all takes no body, and says so at once: who has the token finds all the room."""
    settings = ServiceSettings(token="s3cret", max_pending_bytes=1000)
    with serving(Rubric(["format"]), settings) as (service, _, port), contextlib.ExitStack() as strangers:
        for _ in range(3):
            stranger = strangers.enter_context(connect(port))
            stranger.sendall(head("/health", length, method=method))
            assert b" 413 " in stranger.recv(1000)
        assert service.gate.held_bytes == 0
        body = json.dumps({"rows": [{"completion": "x" * 800}]}).encode()
        assert post(port, body, authorization="Bearer s3cret")[0] == 200


def test_what_has_come_takes_room_and_what_is_declared_does_not():
    """Law: a length without bytes behind it keeps nobody out; bytes that came do, until they are let go."""
    settings = ServiceSettings(max_pending_bytes=1000)
    body = json.dumps({"rows": [{"completion": "x" * 800}]}).encode()
    with serving(Rubric(["format"]), settings) as (service, _, port):
        with connect(port) as declaring:
            declaring.sendall(head("/v1/score", "content-length: 900"))
            assert post(port, body)[0] == 200
            declaring.sendall(b"x" * 899)
            until(lambda: service.gate.held_bytes == 899)
            status, said = post(port, body)
            assert (status, said["error"]["kind"]) == (429, "Busy")
        until(lambda: service.gate.held_bytes == 0)
        assert post(port, body)[0] == 200


def test_a_lone_body_may_be_larger_than_the_room():
    """Law: one body alone is taken whatever the room, in one piece or in many; one among others is not."""
    settings = ServiceSettings(max_pending_bytes=1000)
    pieces = [b"x" * 900, b"y" * 900, b"z" * 900]
    assert passed(settings, "/v1/score", b"".join(pieces), declared=2700) == (200, b"".join(pieces))
    assert passed(settings, "/v1/score", *pieces) == (200, b"".join(pieces))
    assert passed(settings, "/v1/score", *pieces, held=200)[0] == 429


def test_a_busy_service_hears_what_it_waits_for():
    """Law: whether an execution settles its group is heard however full the books are, in a small body only."""
    settings = ServiceSettings(max_pending_bytes=1000)
    word = b'{"run": "a", "place": 0, "settled": true}'
    assert passed(settings, "/v1/sandbox/settled", word, held=10**9, declared=len(word)) == (200, word)
    assert passed(settings, "/v1/sandbox/settled", *[b"x" * 10_000] * 7, held=0)[0] == 413
    assert passed(settings, "/v1/sandbox/run", word, held=10**9, declared=len(word))[0] == 429


@pytest.mark.parametrize(("bound", "status"), [("max_body_bytes", 413), ("max_pending_bytes", 429), ("token", 401)])
def test_who_sends_all_before_reading_gets_the_answer(bound, status):
    """Law: a refusal reaches a client that reads only after its whole body is sent, as http.client does."""
    settings = ServiceSettings(**{bound: "s3cret" if bound == "token" else MIB})
    with serving(Rubric(["format"]), settings) as (service, _, port), connect(port) as other:
        other.sendall(head("/v1/score", f"content-length: {MIB}") + b"x" * 1000)
        until(lambda: service.gate.held_bytes == 1000 or bound == "token")
        for _ in range(3):
            assert post(port, b"x" * (16 * MIB))[0] == status


@pytest.mark.parametrize("bound", [{"discard_bytes": 100_000}, {"discard_wall_s": 0.2}])
def test_what_follows_a_refusal_is_bounded(bound):
    """Law: who goes on sending after a refusal, or falls silent, is cut off by a bound in bytes and one in time."""
    with serving(Rubric(["format"]), ServiceSettings(max_body_bytes=1000, **bound)) as (_, server, port):
        with connect(port) as sender:
            sender.sendall(head("/v1/score", f"content-length: {10**9}"))
            if "discard_bytes" in bound:
                with contextlib.suppress(ConnectionError):
                    while True:
                        sender.sendall(b"x" * 10_000)
            else:
                assert b" 413 " in to_the_end(sender)
        until(lambda: not server.server_state.connections)


def test_who_does_not_read_is_cut_off():
    """Law: an answer that nobody takes holds its bytes and its connection for a bounded time; others are not cut."""
    large = {"response": {"output": [{"type": "message", "content": "x" * 8 * MIB}]}, "expected_answer": "4"}
    body = json.dumps(large).encode()
    asked = head("/verify", "content-type: application/json", f"content-length: {len(body)}") + body
    with serving(Rubric(["format"]), ServiceSettings(unscored=0.0, answer_wall_s=1.5)) as (service, server, port):
        with socket.socket() as deaf, ThreadPoolExecutor(1) as threads:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port))
            sending = threads.submit(deaf.sendall, asked + asked)
            until(lambda: service.gate.held_bytes > 0)
            until(lambda: not server.server_state.connections)
            until(lambda: service.gate.held_bytes == 0)
            assert sending.exception(PATIENCE_S) is None or isinstance(sending.exception(), OSError)
        with connect(port) as reading:
            reading.sendall(asked.replace(b"host: x", b"host: x\r\nconnection: close", 1))
            assert len(to_the_end(reading)) > 8 * MIB


def test_connections_without_a_whole_head_are_closed():
    """Law: who brings no request, the first or a later one, is let go after a time; who waits for scores is not."""
    go_on, inside = threading.Event(), threading.Event()

    @reward
    def slow(completion):
        inside.set()
        assert go_on.wait(PATIENCE_S)
        return 1.0

    with serving(Rubric([slow]), ServiceSettings(head_wall_s=1.5)) as (_, _, port), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(post, port, json.dumps(ROWS))
        assert inside.wait(PATIENCE_S)
        with connect(port) as silent, connect(port) as half, connect(port) as later:
            half.sendall(b"POST /v1/score HTTP/1.1\r\nhost")
            later.sendall(head("/health", method="GET"))
            assert b" 200 " in later.recv(1000)
            later.sendall(b"GET /hea")
            assert (to_the_end(silent), to_the_end(half)) == (b"", b"")
            assert b" 200 " not in to_the_end(later)
        go_on.set()
        assert waiting.result(PATIENCE_S)[0] == 200


def test_what_is_cut_off_at_the_end_is_told():
    """Law: past its wall the server ends though a reward still works; who is cut off gets 503 in the one shape."""
    go_on, inside = threading.Event(), threading.Event()

    @reward
    def slow(completion):
        inside.set()
        go_on.wait(2 * PATIENCE_S)
        return 1.0

    serve = serving(Rubric([slow]), ServiceSettings(stop_wall_s=0.2))
    with serve as (service, server, port), ThreadPoolExecutor(1) as threads, connect(port) as half:
        waiting = threads.submit(post, port, json.dumps(ROWS))
        assert inside.wait(PATIENCE_S)
        half.sendall(head("/v1/score", "content-length: 100") + b"{")
        until(lambda: service.gate.requests == 2)
        server.should_exit = True
        status, said = waiting.result(PATIENCE_S)
        assert (status, said["error"]["kind"]) == (503, "Stopping")
        answer = to_the_end(half)
        assert b" 503 " in answer
        assert b"retry-after: 1" in answer
    # It has ended, and the reward is still at work.
    assert b'r1rewards_requests_total{path="/v1/score",status="503"} 2.0' in service.metrics.page()
    go_on.set()


def test_the_command_ends_soon_after_its_wall(tmp_path):
    """Law: `--stop-wall-s` bounds how long the process lives on, whatever a reward is at."""
    rewards = tmp_path / "own.py"
    rewards.write_text("import threading\ndef waits(completion): return float(threading.Event().wait(95))\n")
    with command("-r", f"{rewards}:waits", "--stop-wall-s", "0.5") as (url, process), ThreadPoolExecutor(1) as threads:
        port = int(url.rpartition(":")[2])
        waiting = threads.submit(post, port, json.dumps(ROWS))
        with httpx.Client(base_url=url, trust_env=False) as client:
            until(lambda: client.get("/health").json()["pending_rows"] == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert waiting.result(PATIENCE_S)[0] == 503


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_from_the_first_word_on(number):
    """Law: once the command has said that it listens, a signal ends it in peace."""
    for _ in range(2):
        with command("-r", "format") as (_, process):
            process.send_signal(number)
            assert process.wait(PATIENCE_S) == 0


def test_a_signal_that_came_early_is_kept_in_mind():
    """Law: a service that is told to stop before it listens never says that it does, and ends."""
    said = []
    run_service(Rubric(["format"]), ServiceSettings(), port=0, on_listening=said.append, stop_asked=lambda: True)
    assert said == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--stop-wall-s", "inf"], "stop_wall_s must be positive and finite"),
        (["--host", "a" * 70], "cannot listen at"),
        (["--host", "a..b"], "cannot listen at"),
    ],
)
def test_what_no_service_can_have_is_a_usage_error(words, why, capsys):
    """Law: a wall that no clock takes and a host that no name can be end with 2 and one plain line."""
    assert run(["serve", "-r", "format", "--port", "0", *words]) == 2
    said = capsys.readouterr().err
    assert why in said.splitlines()[-1]
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["head_wall_s", "answer_wall_s", "discard_wall_s", "stop_wall_s", "body_wall_s"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_walls_are_finite(name, value):
    """Law: every wall is a positive and finite number of seconds."""
    with pytest.raises(OptionError, match=name):
        ServiceSettings(**{name: value})


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json-ish", None])
def test_a_wrong_content_type_is_named(client, kind):
    """Law: rows that are not said to be JSON are 415 with what to say, if they cannot be read; the page has it."""
    headers = {} if kind is None else {"content-type": kind}
    said = client.post("/v1/score", content=json.dumps(ROWS), headers=headers)
    if kind is None and said.status_code == 200:
        return  # frameworks differ in whether no word at all means JSON
    assert said.status_code == 415
    message = said.json()["error"]["message"]
    assert "application/json" in message
    assert kind is None or kind in message
    assert "415" in client.get("/openapi.json").json()["paths"]["/v1/score"]["post"]["responses"]


def test_all_kinds_of_json_are_json(client):
    """Law: a content type of the JSON family is taken, and a fault of the rows is told as one."""
    for kind in ("application/json; charset=utf-8", "Application/JSON", "application/vnd.rows+json"):
        said = client.post("/v1/score", content=b'{"rows": 5}', headers={"content-type": kind})
        assert (said.status_code, said.json()["error"]["kind"]) == (422, "Invalid")
