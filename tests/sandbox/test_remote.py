"""The remote sandbox beyond the conformance suite: the wire, broken connections, busy services, tokens."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import json
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("fastapi")

from sandbox_support import until
from served_sandbox import ServedSandbox

from r1rewards import Batch, load_reward
from r1rewards.errors import InfraError, OptionError, SandboxUnavailable, UsageError
from r1rewards.sandbox.base import Call, Ending, Execution, Job, Limits, Program, Stdin, Suite
from r1rewards.sandbox.opening import open_sandbox
from r1rewards.sandbox.remote import RemoteSandbox
from r1rewards.sandbox.unsafe_subprocess import UnsafeSandboxWarning
from r1rewards.sandbox.wire import execution_as_json, execution_of_json, job_as_json, job_of_json, line_of
from r1rewards.service.settings import ServiceSettings

TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\ud800\x00\n")), max_size=20)
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT, st.binary(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(TEXT, inner)),
    max_leaves=8,
)
TASKS = st.one_of(
    st.builds(Stdin, TEXT),
    st.builds(
        Call,
        TEXT,
        st.lists(PLAIN, max_size=3).map(tuple),
        st.lists(st.tuples(TEXT, PLAIN), max_size=2).map(tuple),
        st.none() | TEXT,
        TEXT,
    ),
    st.builds(Suite, TEXT, st.lists(TEXT, max_size=3).map(tuple), st.none() | TEXT, TEXT),
)
JOBS = st.builds(
    Job,
    st.builds(Program, TEXT, st.sampled_from(["python", "cpp"])),
    TASKS,
    st.builds(Limits, cpu_s=st.floats(0.1, 9), wall_s=st.none() | st.floats(0.1, 9)),
    st.none() | st.integers(0, 9),
    st.dictionaries(TEXT, TEXT, max_size=2).map(lambda files: tuple(files.items())),
)
EXECUTIONS = st.builds(
    Execution,
    ending=st.sampled_from(Ending),
    stdout=TEXT,
    stderr=TEXT,
    returned=PLAIN,
    has_returned=st.just(True),
    exit_code=st.none() | st.integers(0, 255),
    message=TEXT,
    cpu_s=st.floats(0, 9),
)


class Scripted:
    """A sandbox that answers what a test says: its executions are told by the program's text."""

    name = "scripted"

    def __init__(self):
        self.ran = []
        self.gate = None
        self.inside = threading.Event()

    def describe(self):
        return "Nothing runs."

    def run(self, jobs, settle=None):
        found = []
        settled = set()
        for place, job in enumerate(jobs):
            if job.group is not None and job.group in settled:
                found.append(Execution(Ending.CANCELLED))
                continue
            self.inside.set()
            if self.gate is not None:
                assert self.gate.wait(30)
            if job.program.source == "unavailable":
                raise SandboxUnavailable("no wall; build one")
            if job.program.source == "fault":
                raise ZeroDivisionError("a fault of the service")
            self.ran.append(job.program.source)
            found.append(Execution(Ending.FINISHED, stdout=job.program.source))
            if settle is not None and settle(place, found[-1]) and job.group is not None:
                settled.add(job.group)
        return found

    def close(self):
        pass


def jobs_of(*sources, group=None):
    """Return jobs of programs."""
    return [Job(Program(source), group=group) for source in sources]


@pytest.fixture
def scripted():
    """A scripted sandbox behind a real socket, and a client."""
    behind = Scripted()
    served = ServedSandbox(behind)
    yield behind, RemoteSandbox(served.url), served
    served.stop()


@given(JOBS)
def test_jobs_come_through(job):
    """Law: a job written as JSON and read again is the same job, hostile text and plain data exact."""
    assert job_of_json(json.loads(json.dumps(job_as_json(job, job.group)))) == job


@given(EXECUTIONS)
def test_executions_come_through(execution):
    """Law: an execution written as JSON and read again is the same."""
    assert execution_of_json(json.loads(json.dumps(execution_as_json(execution)))) == execution


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_no_job_is_refused(given_json):
    """Law: any JSON is a job or the caller's mistake."""
    with pytest.raises(UsageError):
        job_of_json(given_json)
    with pytest.raises(ValueError, match="no execution"):
        execution_of_json(given_json)
    with contextlib.suppress(ValueError):
        assert line_of(json.dumps(given_json).encode() + b"\n", 1).execution is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"end": true}',
        "[]\n",
        '{"error": "x"}\n',
        '{"execution": {}, "place": 0, "asks": false}\n',
        '{"execution": {}, "place": -1, "asks": false}\n',
        '{"execution": {}, "place": true, "asks": false}\n',
        '{"execution": {}, "place": 1, "asks": false}\n',
    ],
)
def test_what_is_no_line_is_refused(text):
    """Law: an answer that ends early, and a line that no service of ours writes, are no answer."""
    with pytest.raises(ValueError, match=r"answer has ended|no line|no job|no execution"):
        line_of(text.encode(), 1)


def test_jobs_with_wrong_parts_are_refused():
    """Law: a part of a wrong type, a limit that is none and an unknown task are refused by name."""
    sound = job_as_json(Job(Program("x")), None)
    for name, wrong in [("source", 5), ("group", "a"), ("files", []), ("limits", {}), ("task", {"kind": "eval"})]:
        with pytest.raises(UsageError, match="no job"):
            job_of_json({**sound, name: wrong})
    for wrong in (-1, float("inf"), float("nan"), True, "9"):
        with pytest.raises(UsageError):
            job_of_json({**sound, "limits": {**sound["limits"], "cpu_s": wrong}})


def test_settling_is_asked_for_on_this_side(scripted):
    """Law: the caller's function is called here, and what it settles does not run there."""
    behind, remote, _ = scripted
    seen = []

    def settle(place, execution):
        seen.append((place, execution.stdout, threading.current_thread()))
        return execution.stdout == "b"

    found = remote.run(jobs_of(*"abcd", group=("any", "hashable")) + jobs_of("e"), settle)
    assert [execution.ending for execution in found] == [Ending.FINISHED] * 2 + [Ending.CANCELLED] * 2 + [
        Ending.FINISHED
    ]
    assert behind.ran == ["a", "b", "e"]
    assert [(place, text) for place, text, _ in seen] == [(0, "a"), (1, "b"), (4, "e")]
    assert {thread for _, _, thread in seen} == {threading.current_thread()}


def test_what_settling_raises_is_the_callers(scripted):
    """Law: an exception of the caller's own function comes out, and is not taken for a broken connection."""
    _, remote, served = scripted

    def settle(place, execution):
        raise OSError("mine")

    with pytest.raises(OSError, match="mine"):
        remote.run(jobs_of("a", "b"), settle)
    while served.service.runs.jobs:  # the service notices that nobody listens
        time.sleep(0.01)
    assert remote.run(jobs_of("c"))[0].stdout == "c"


def test_errors_of_the_service_come_out_as_ours(scripted):
    """Law: a wall that cannot stand, a job that cannot be and a fault there are told as what they are."""
    _, remote, _ = scripted
    with pytest.raises(SandboxUnavailable, match="build one"):
        remote.run(jobs_of("a", "unavailable"))
    with pytest.raises(InfraError, match="a fault of the service"):
        remote.run(jobs_of("fault"))
    with pytest.raises(TypeError, match="plain"):
        remote.run([Job(Program("x"), Call("f", (object(),)))])
    assert remote.run([]) == []
    assert "Nothing runs" in remote.describe()


def test_nothing_answers():
    """Law: where nobody listens, the error names the address and the cure."""
    remote = RemoteSandbox("http://127.0.0.1:9")
    for ask in (remote.open, lambda: remote.run(jobs_of("x"))):
        with pytest.raises(SandboxUnavailable, match=r"127\.0\.0\.1:9.*r1rewards serve --sandbox"):
            ask()


def test_a_busy_service_is_waited_for():
    """Law: 429 is no error: the client waits until there is room."""
    behind = Scripted()
    behind.gate = threading.Event()
    served = ServedSandbox(behind, ServiceSettings(max_jobs=2))
    remote = RemoteSandbox(served.url)
    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(remote.run(jobs_of(f"{n}a", f"{n}b")))) for n in range(2)
    ]
    threads[0].start()
    assert behind.inside.wait(30)
    threads[1].start()
    with pytest.raises(SandboxUnavailable, match="under way"):
        RemoteSandbox(served.url, patience_s=0).run(jobs_of("c"))
    behind.gate.set()
    for thread in threads:
        thread.join(30)
    assert sorted(execution.stdout for part in found for execution in part) == ["0a", "0b", "1a", "1b"]
    served.stop()


def test_the_token_is_shown_and_never_pickled(monkeypatch):
    """Law: the token of the environment is shown; a pickled client does not hold it."""
    served = ServedSandbox(Scripted(), ServiceSettings(token="s3cret"))
    monkeypatch.delenv("R1REWARDS_TOKEN", raising=False)
    remote = RemoteSandbox(served.url)
    with pytest.raises(SandboxUnavailable, match="Bearer"):
        remote.open()
    monkeypatch.setenv("R1REWARDS_TOKEN", "s3cret")
    remote.open()
    assert remote.run(jobs_of("a"))[0].stdout == "a"
    assert b"s3cret" not in pickle.dumps(remote)
    assert "s3cret" not in repr(remote)
    served.stop()


def test_the_address_must_be_one(monkeypatch):
    """Law: without an address, or with one that cannot be, the error says what is wanted."""
    monkeypatch.delenv("R1REWARDS_SANDBOX_URL", raising=False)
    for wrong in (None, "", "host:8000", "ftp://host", "http://h:abc", "http://h:99999", "http://h/?a=b", "http://h h"):
        with pytest.raises(OptionError, match="R1REWARDS_SANDBOX_URL"):
            RemoteSandbox(wrong)
    monkeypatch.setenv("R1REWARDS_SANDBOX_URL", "http://host:8000/\n")
    assert open_sandbox("remote").url == "http://host:8000"


class Between:
    """Stands before a service's gate: may answer some requests itself, and counts the blank lines that go out."""

    def __init__(self, served, answers=()):
        self.gate = served.service.gate
        self.answers = list(answers)
        self.blank = threading.Semaphore(0)
        served.service.gate = self

    def __getattr__(self, name):
        return getattr(self.gate, name)

    async def __call__(self, scope, receive, send):
        """Answer one request."""

        async def counted(message):
            await send(message)
            if message.get("body") == b"\n":
                self.blank.release()

        if scope.get("path") == "/v1/sandbox/settled" and self.answers:
            status, body = self.answers.pop(0)
            headers = [(b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            await self.gate(scope, receive, counted)


@pytest.fixture
def hasty(monkeypatch):
    """A client that does not pause before it tries again."""
    monkeypatch.setattr("r1rewards.sandbox.remote._PAUSE_S", 0.0)


@pytest.mark.usefixtures("hasty")
def test_a_word_that_is_refused_is_said_again(scripted):
    """Law: whether a group is settled is told until a busy service has heard it; nothing is cancelled otherwise."""
    behind, remote, served = scripted
    between = Between(served, [(429, b"{}"), (503, b"{}"), (429, b"busy")])
    found = remote.run(jobs_of("a", "b", group=0) + jobs_of("c", "d", group=1), lambda _, one: one.stdout == "c")
    assert not between.answers
    assert [execution.stdout for execution in found] == ["a", "b", "c", ""]
    assert [execution.ending for execution in found] == [Ending.FINISHED] * 3 + [Ending.CANCELLED]
    assert behind.ran == ["a", "b", "c"]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("answer", [(500, b"{}"), (200, b'{"known": false}'), (200, b"<html>"), (401, b"{}")])
def test_a_word_that_does_not_arrive_breaks_the_connection(scripted, answer):
    """Law: what follows a word that was not heard is not believed; the jobs are sent again, in the end an error."""
    _, remote, served = scripted
    Between(served, [answer])
    found = remote.run(jobs_of("a", "b", "c", group=0), lambda *_: False)
    assert [execution.stdout for execution in found] == ["a", "b", "c"]
    Between(served, [answer] * 3)
    found = remote.run(jobs_of("a", "b", "c", "d", group=0), lambda *_: False)
    assert [execution.ending for execution in found] == [Ending.FINISHED] * 3 + [Ending.SANDBOX_ERROR]
    assert "again did not help: " in found[-1].message


def test_a_slow_settle_is_waited_for(scripted):
    """Law: a `settle` that takes longer than what makes a client gone changes no execution."""
    _, remote, served = scripted
    served.service.runs.heartbeat_s, served.service.runs.unread_s = 0.02, 0.1
    between = Between(served)

    def settle(place, execution):
        if place == 0:
            for _ in range(20):
                assert between.blank.acquire(timeout=30)
        return False

    found = remote.run(jobs_of("a", "b", group=0) + jobs_of("c", group=1), settle)
    assert [execution.stdout for execution in found] == ["a", "b", "c"]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("settle", [None, lambda *_: False])
def test_what_nobody_here_settled_is_not_cancelled(scripted, settle):
    """Law: a service that cancels by itself has run nothing: in the end that is an error, not a cancellation."""
    _, remote, served = scripted
    served.service.runs.sandbox.run = lambda jobs, settle=None: [Execution(Ending.CANCELLED) for _ in jobs]
    found = remote.run(jobs_of("a", group=0) + jobs_of("b"), settle)
    assert [execution.ending for execution in found] == [Ending.SANDBOX_ERROR] * 2
    assert "2 jobs" in found[0].message


def refuses(*statuses):
    """Listen as a service that answers with a status once it has the headers, reads no body and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        for status in statuses:
            connection, _ = listener.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1000)
                body = b'{"error": {"kind": "Busy", "message": "said early"}}'
                connection.sendall(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body))
        listener.close()

    threading.Thread(target=answer, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_comes_before_all_is_sent_counts():
    """Law: a service that refuses a large body without reading it has answered: busy is waited for, 413 is told."""
    large = jobs_of("#" * 7_000_000)
    with pytest.raises(UsageError, match="said early"):
        RemoteSandbox(refuses(429, 429, 429, 429, 413)).run(large)
    with pytest.raises(SandboxUnavailable, match="said early"):
        RemoteSandbox(refuses(429), patience_s=0).run(large)


@pytest.mark.usefixtures("hasty")
def test_a_gateway_without_its_service_is_an_absence():
    """Law: what stands before a service that is away is asked again, as if nothing had answered."""
    with pytest.raises(SandboxUnavailable, match="does not answer"):
        RemoteSandbox(refuses(502, 503, 504)).run(jobs_of("a"))


def test_more_than_a_client_may_ask_for_is_refused_by_name(scripted):
    """Law: each limit has a ceiling, which is allowed; more is the caller's mistake, told with the field."""
    behind, remote, _ = scripted
    sound = job_as_json(Job(Program("x")), None)
    most = Limits(300, 3000, 8 << 30, 64 << 20, 512, 300)
    assert job_of_json(job_as_json(Job(Program("x"), limits=most), None)).limits == most
    for name, value in dataclasses.asdict(most).items():
        with pytest.raises(UsageError, match=f"{name} may be at most"):
            job_of_json({**sound, "limits": {**sound["limits"], name: value + 1}})
    with pytest.raises(UsageError, match="cpu_s may be at most"):
        remote.run([Job(Program("x"), limits=Limits(cpu_s=1e9))])
    assert behind.ran == []


def sent_raw(served, jobs):
    """Send a run as a client that reads nothing; return its connection."""
    body = json.dumps({"run": "r" * 10, "jobs": [job_as_json(job, None) for job in jobs]}).encode()
    connection = socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])))
    head = f"POST /v1/sandbox/run HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    connection.sendall(head.encode() + b"\r\n\r\n" + body)
    return connection


def test_the_jobs_of_who_left_hold_up_nobody():
    """Law: a client that leaves takes its jobs along, those that run too: the next one has the wall at once."""
    with pytest.warns(UnsafeSandboxWarning):
        behind = open_sandbox("unsafe_subprocess", acknowledge_unsafe=True, workers=1)
    served = ServedSandbox(behind)
    left = sent_raw(served, [Job(Program("while True: pass"), limits=Limits(cpu_s=200))] * 20)
    until(lambda: behind._walls is not None and any(wall.in_flight for wall in behind._walls._walls))
    left.close()
    found = []
    asking = threading.Thread(target=lambda: found.extend(RemoteSandbox(served.url).run(jobs_of("print(1)"))))
    asking.start()
    asking.join(60)
    assert [execution.stdout for execution in found] == ["1\n"]
    until(lambda: not served.service.runs.jobs)
    served.stop()
    behind.close()


def test_who_never_reads_is_cut_off(scripted):
    """Law: of a client that never reads nothing stays: no job, no line, no byte of its request."""
    behind, remote, served = scripted
    runs = served.service.runs
    runs.heartbeat_s, runs.unread_s, runs.max_unread_bytes = 0.05, 0.5, 1 << 20
    connection = sent_raw(served, jobs_of(*["x" * 1_000_000] * 25))
    assert behind.inside.wait(30)
    until(lambda: not runs.jobs and not served.service.gate.held_bytes)
    assert len(behind.ran) < 25
    assert remote.run(jobs_of("a"))[0].stdout == "a"
    connection.close()


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """What stands before services: passes on what is under one path, and has pages of its own."""

    behind = ""

    def do_GET(self):
        self.pass_on(None)

    def do_POST(self):
        self.pass_on(self.rfile.read(int(self.headers["content-length"])))

    def pass_on(self, body):
        """Answer."""
        status, kind, text = 200, "text/html", b"<html>Welcome</html>"
        if self.path.startswith("/team-a/r1/"):
            url = self.behind + self.path.removeprefix("/team-a/r1")
            asked = urllib.request.Request(url, body, {"content-type": "application/json"})
            with urllib.request.urlopen(asked, timeout=30) as response:
                status, kind, text = response.status, response.headers["content-type"], response.read()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def ingress(scripted):
    """The address of something that stands before a scripted sandbox."""
    Elsewhere.behind = scripted[2].url
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_path_before_the_service_is_kept(ingress):
    """Law: a service behind an ingress with a path of its own is reached there."""
    remote = RemoteSandbox(f"{ingress}/team-a/r1/")
    remote.open()
    assert [execution.stdout for execution in remote.run(jobs_of("a", "b"))] == ["a", "b"]


def test_another_service_is_told_as_one(ingress):
    """Law: a page of something else is no answer and no fault of the wall: the error says so, at once."""
    remote = RemoteSandbox(ingress)
    for ask in (remote.open, lambda: remote.run(jobs_of("x"))):
        with pytest.raises(SandboxUnavailable, match="another service"):
            ask()


def test_a_token_that_ends_its_line_is_the_token(monkeypatch):
    """Law: white space around a secret is no part of it; one that no header can hold is refused and not shown."""
    served = ServedSandbox(Scripted(), ServiceSettings(token="s3cret"))
    monkeypatch.setenv("R1REWARDS_TOKEN", "s3cret\n")
    RemoteSandbox(served.url).open()
    with pytest.raises(OptionError, match="plain ASCII") as error:
        RemoteSandbox(served.url, token="s3\ncret")
    assert "cret" not in str(error.value)
    served.stop()


def started(port):
    """Start `r1rewards serve --sandbox unsafe_subprocess` by its parts, as the command refuses that one."""
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "from r1rewards.sandbox.opening import open_sandbox\n"
        "from r1rewards.service.running import run_service\n"
        "from r1rewards.service.settings import ServiceSettings\n"
        "wall = open_sandbox('unsafe_subprocess', acknowledge_unsafe=True, workers=1)\n"
        "said = lambda url: print(url, flush=True)\n"
        f"run_service(None, ServiceSettings(), port={port}, sandbox=wall, on_listening=said)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def test_killed_in_the_middle_and_started_again():
    """Law: jobs without an execution are sent again to the service that came back; none is lost, none wrong."""
    process, url = started(0)
    remote = RemoteSandbox(url)
    seen = threading.Event()

    def settle(place, execution):
        seen.set()
        return False

    found = []
    jobs = [Job(Program("import time\ntime.sleep(0.05)\nprint(input())"), Stdin(f"{n}\n")) for n in range(30)]
    asking = threading.Thread(target=lambda: found.extend(remote.run(jobs, settle)))
    asking.start()
    assert seen.wait(60)
    process.kill()
    process.wait()
    process.stdout.close()
    process, _ = started(int(url.rpartition(":")[2]))
    asking.join(120)
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    process.stdout.close()
    assert [execution.stdout for execution in found] == [f"{n}\n" for n in range(30)]


def test_the_command_offers_what_stands(tmp_path):
    """Law: `serve --sandbox` opens the wall first; one that cannot stand, or is no wall, ends the command with 2."""
    for words, said in [
        (["--sandbox", "unsafe_subprocess"], "acknowledge_unsafe"),
        (["--sandbox", "nothing"], "is not one of"),
        (["--sandbox-workers", "2"], "no reward asked for"),
    ]:
        run = [sys.executable, "-m", "r1rewards", "serve", "--port", "0", *words]
        ran = subprocess.run(run, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 2, ran.stderr
        assert said in ran.stderr


def test_code_is_scored_over_the_network(monkeypatch):
    """Law: `serve --sandbox` and the reward `code` with `sandbox="remote"` give what a sandbox here gives."""
    words = [sys.executable, "-m", "r1rewards", "serve", "--port", "0", "--sandbox", "auto", "--sandbox-workers", "1"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    said = []
    for line in process.stderr:
        said.append(line)
        if "listening on " in line:
            break
    else:
        process.stderr.close()
        process.wait()
        pytest.skip(f"no sandbox works here: {said[-1:]}")
    monkeypatch.setenv("R1REWARDS_SANDBOX_URL", line.partition("listening on ")[2].split()[0])
    fine = "```python\ndef add(a, b):\n    return a + b\n```"
    made = load_reward("code", sandbox="remote")
    tests = [["assert add(2, 2) == 4", "assert add(1, 0) == 1"]] * 3
    rows = Batch.of(completion=[fine, fine.replace("+", "-"), "no program"], tests=tests)
    values = made.score(rows).values.tolist()
    process.terminate()
    process.stderr.close()
    assert process.wait(60) == 0
    assert values == [1.0, 0.0, 0.0]


def test_a_sandbox_alone_scores_nothing(scripted):
    """Law: without rewards there is no endpoint that scores, and health says what there is."""
    _, _, served = scripted
    with urllib.request.urlopen(f"{served.url}/health") as answer:
        assert json.loads(answer.read())["sandbox"] == "scripted"
    with urllib.request.urlopen(f"{served.url}/openapi.json") as answer:
        assert "/v1/score" not in json.loads(answer.read())["paths"]
