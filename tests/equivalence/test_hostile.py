"""Hostile texts are answered within a budget, in little memory, executing nothing, harming no neighbour."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest
from hostile_cases import CASES, Hostile

from r1rewards.equivalence.decision import Decision, Equivalence
from r1rewards.equivalence.engine import equivalent, equivalent_batch

FOLDER = Path(__file__).resolve().parent
MOST_CALLS = 1_500_000
MOST_BYTES = 200_000_000
ORDINARY = [
    (r"\frac{1}{2}", "0.5", Decision.EQUAL),
    ("(x+1)^2", "x^2 + 2x + 1", Decision.EQUAL),
    ("[0, 1)", "[0, 1]", Decision.DIFFERENT),
    ("7", "8", Decision.DIFFERENT),
]


class CallsCounted:
    """Counts the calls made while it is open, of Python and of C: the same count on any machine and load."""

    def __enter__(self):
        self.calls = 0
        sys.setprofile(self.count)
        return self

    def count(self, frame, event, argument):
        """Count one call; far beyond the limit, end the run."""
        if event in ("call", "c_call"):
            self.calls += 1
            if self.calls > 4 * MOST_CALLS:
                sys.setprofile(None)
                raise TimeoutError(f"more than {self.calls} calls")

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)


def assert_right(case: Hostile, result: Equivalence) -> None:
    """A hostile pair may be undecided, but never called equal where it is not."""
    if case.equal is not None:
        assert bool(result) is case.equal, (case.name, result.decision)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_each_is_answered_within_its_budget(case):
    """Both directions are answered without an exception, in a bounded number of calls, never wrongly."""
    truth, answer = case.build()
    for pair in ((truth, answer), (answer, truth)):
        with CallsCounted() as counted:
            result = equivalent(*pair)
        assert counted.calls < MOST_CALLS
        assert_right(case, result)


def test_there_are_enough_of_them():
    """The list does not shrink unseen: at least sixty, each of its own name."""
    assert len({c.name for c in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_memory_is_bounded(case):
    """No hostile pair takes more than 200 MB."""
    pair = case.build()
    tracemalloc.start()
    try:
        equivalent(*pair)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES


def small_cases() -> list[Hostile]:
    """Return the cases cheap enough to be run again in every setting."""
    return [c for c in CASES if sum(map(len, c.build())) < 50_000]


def test_neighbours_in_a_batch_are_unharmed():
    """Ordinary pairs keep their verdicts between hostile ones, and a hostile pair its own alone."""
    truths, answers, expected = [], [], []
    for number, case in enumerate(small_cases()):
        truth, answer = case.build()
        near_truth, near_answer, decision = ORDINARY[number % len(ORDINARY)]
        truths += [truth, near_truth]
        answers += [answer, near_answer]
        expected += [equivalent(truth, answer).decision, decision]
    assert [r.decision for r in equivalent_batch(truths, answers)] == expected


def test_another_thread_and_an_event_loop_answer_the_same():
    """A worker thread and a running event loop give the verdicts of the main thread."""
    pairs = [c.build() for c in small_cases()]
    alone = [equivalent(*p).decision for p in pairs]
    found: dict[str, list[Decision]] = {}

    def in_thread() -> None:
        found["thread"] = [r.decision for r in equivalent_batch(*zip(*pairs, strict=True))]

    async def in_loop() -> None:
        found["loop"] = [r.decision for r in equivalent_batch(*zip(*pairs, strict=True))]

    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    asyncio.run(in_loop())
    assert found["thread"] == alone
    assert found["loop"] == alone


def test_a_small_stack_is_enough():
    """A thread with a 256 KB stack survives every depth: the parser bounds recursion, not the machine."""
    verdicts: list[Equivalence] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(
            target=lambda: verdicts.extend(equivalent(*c.build()) for c in CASES if c.equal is False)
        )
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(verdicts) == sum(c.equal is False for c in CASES)


_WATCHED = """
import sys
sys.path[:0] = [{root!r}, {folder!r}]
import mpmath  # compiles functions of its own when it is imported
from hostile_cases import CASES
from r1rewards.equivalence.engine import equivalent

pairs = [tuple(t.replace("MARKER", {marker!r}) for t in c.build()) for c in CASES]
for a, b in [("sqrt(2)x", "x+1"), ("x", "y"), ("[0,1)", "x<1"), ("(1, 2)", "2"), ("10%", "1/3")]:
    equivalent(a, b)
seen = []

def watch(event, arguments):
    code = event == "compile" and arguments[0] is not None and "site-packages" not in str(arguments[1])
    if code and "r1rewards" in str(arguments[1]):
        code = False
    if code or event.startswith(("os.system", "os.exec", "os.spawn", "os.posix_spawn", "subprocess", "socket",
                                 "ctypes", "pickle", "shutil", "os.remove", "os.mkdir", "signal")):
        seen.append((event, str(arguments)[:200]))
    if event == "open" and {marker!r} in str(arguments[0]):
        seen.append((event, str(arguments)[:200]))

sys.addaudithook(watch)
for pair in pairs:
    equivalent(*pair)
    equivalent(*pair[::-1])
assert not seen, seen
"""


def test_nothing_is_executed(tmp_path):
    """No text starts a process, opens a file, compiles code or unpickles: an audit hook sees nothing."""
    marker = str(tmp_path / "marker")
    program = _WATCHED.format(root=str(FOLDER.parents[1]), folder=str(FOLDER), marker=marker)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr[-2000:]
    assert not Path(marker).exists()


def test_global_state_is_left_alone():
    """The recursion limit, the limit on digits and the profile hook of the process stay as they were."""
    before = sys.getrecursionlimit(), sys.get_int_max_str_digits(), sys.getprofile(), threading.active_count()
    for case in small_cases():
        equivalent(*case.build())
    after = sys.getrecursionlimit(), sys.get_int_max_str_digits(), sys.getprofile(), threading.active_count()
    assert after == before
