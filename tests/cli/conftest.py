"""What the command line's tests share: the command in this process and as a real one, and small inputs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from r1rewards.cli.main import run

PATIENCE_S = 60.0


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]

    def said(self, *words: str) -> None:
        """Check that the error is in plain words and holds some of them."""
        assert "Traceback" not in self.err, self.err
        for word in words:
            assert word in self.err, f"{word!r} is not in {self.err!r}"


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch, tmp_path):
    """No test depends on the window, the colours or the folder that the suite is run in."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.fixture
def cli(monkeypatch):
    """The command in this process: its exit code and what it wrote."""

    def call(*arguments: object, stdin: bytes = b"") -> Ran:
        streams = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") for data in (stdin, b"", b"")]
        monkeypatch.setattr(sys, "stdin", streams[0])
        with contextlib.redirect_stdout(streams[1]), contextlib.redirect_stderr(streams[2]):
            code = run([str(argument) for argument in arguments])
        written = []
        for stream in streams[1:]:
            stream.flush()
            written.append(stream.buffer.getvalue().decode("utf-8"))
        return Ran(code, *written)

    return call


def command(*arguments: object) -> list[str]:
    """The words that start the program."""
    return [sys.executable, "-m", "r1rewards", *map(str, arguments)]


@pytest.fixture
def program():
    """The command as a process of its own, run to its end."""

    def call(*arguments: object, **options: Any) -> Ran:
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stdin", subprocess.DEVNULL)
        ended = subprocess.run(
            command(*arguments), stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False, **options
        )
        return Ran(ended.returncode, ended.stdout or "", ended.stderr)

    return call


@pytest.fixture
def started():
    """Start the command in a session of its own, as a terminal does; ended with the test in any case."""
    running: list[subprocess.Popen[str]] = []

    def call(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield call
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)


@pytest.fixture
def until():
    """Wait for a condition, with a bound that only a broken program meets."""

    def wait(condition) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, "it never came true"
            time.sleep(0.002)

    return wait


@pytest.fixture
def gone():
    """Whether a process has ended; a zombie that waits for a foreign parent has."""

    def look(pid: int) -> bool:
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return True
        return stat.rpartition(b")")[2].split()[0] in (b"Z", b"X")

    return look


@pytest.fixture
def lines_in(tmp_path):
    """Write rows (or a line's own text) into a file and return its path."""

    def write(name: str, *rows: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(
            b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
        )
        return path

    return write


def row(i: int) -> dict[str, Any]:
    """The row of a number: every third is right, four to a group, by turns math and code."""
    answer = "2" if i % 3 == 0 else str(i + 3)
    return {
        "id": f"r{i}",
        "group": f"g{i // 4}",
        "task": "code" if i % 2 else "math",
        "completion": f"<think>row {i}</think> \\boxed{{{answer}}}",
        "ground_truth": "2",
    }


@pytest.fixture
def rollouts(lines_in):
    """Twelve rows in three groups."""
    return lines_in("rollouts.jsonl", *map(row, range(12)))


@pytest.fixture
def make_row():
    """The row of a number."""
    return row


OWN = '''
"""Rewards that behave as a user's own may."""
import os, sys, time
from r1rewards import Outcome, Status, reward

def longer(completion, *, limit: int = 20, strict: bool = False, tag: str = "x"):
    return len(completion) > limit
def loops(completion, id):
    while id == "r5": pass
    return 1.0
def sleeps(completion, id):
    if id == "r5": time.sleep(100_000)
    return 1.0
def leaves(completion, id):
    if id == "r5": os._exit(0)
    return 1.0
def exits(completion, id):
    if id == "r5": sys.exit(0)
    return 1.0
def raises(completion, id):
    if id == "r5": raise ValueError("no \\x1b[31mgood")
    return 1.0
def noisy(completion):
    print("NOISE"); print("NOISE", file=sys.stderr); os.write(1, b"NOISE")
    return 1.0
def prints(completion):
    print("NOISE")
    return 1.0
def two(completion): return 2.0
def not_a_number(completion): return float("nan")
def nothing(completion, id): return None if id == "r5" else 1.0
def text(completion): return "good"
def needs(completion, colour): return 1.0
def strange(completion): return Outcome(1.0, Status.OK, {"[red]": float("inf"), "why": "\\x1b[2J", "big": 10 ** 300})
@reward(isolated=True)
def decorated(completion): return os.getpid() != int(os.environ.get("PARENT", 0))
@reward(batched=True)
def columns(completions): return [0.5 for _ in completions]
value = 3
'''


@pytest.fixture
def own(tmp_path):
    """A file of rewards of one's own."""
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return path
