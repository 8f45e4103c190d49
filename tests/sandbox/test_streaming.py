"""A call whose caller may leave: what runs is killed, what waits is dropped, and nothing told is kept."""

from __future__ import annotations

import threading
import time

import pytest
from sandbox_support import until

from r1rewards.sandbox import batch, wall
from r1rewards.sandbox.base import Ending, Job, Limits, Program
from r1rewards.sandbox.opening import open_sandbox
from r1rewards.sandbox.streaming import CallerLeft, Stream, stream_here, streaming
from r1rewards.sandbox.unsafe_subprocess import UnsafeSandboxWarning

SPIN = Job(Program("while True: pass"), limits=Limits(cpu_s=200))


def opened(workers):
    """A sandbox that can stand everywhere."""
    with pytest.warns(UnsafeSandboxWarning):
        return open_sandbox("unsafe_subprocess", acknowledge_unsafe=True, workers=workers)


class Caller:
    """A call in a thread of its own, which may leave."""

    def __init__(self, sandbox, jobs):
        self.stream, self.ended = Stream(), None
        self._words = sandbox, jobs
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        sandbox, jobs = self._words
        try:
            with streaming(self.stream):
                sandbox.run(jobs)
        except BaseException as error:
            self.ended = error

    def leave(self):
        """Leave; return what the call ended with."""
        self.stream.leave()
        self.thread.join(60)
        return self.ended


def test_what_runs_is_killed_once_the_caller_leaves():
    """Law: the call of a caller that leaves ends, its wall is ended, and another call has a wall at once."""
    with opened(1) as sandbox:
        caller = Caller(sandbox, [SPIN] * 20)
        until(lambda: any(held.in_flight for held in sandbox._here()._walls))
        (before,) = sandbox.names()
        assert isinstance(caller.leave(), CallerLeft)
        assert sandbox.run([Job(Program("print(1)"))])[0].stdout == "1\n"
        assert sandbox.names() != [before]


def test_who_waits_for_a_wall_may_leave():
    """Law: a caller that has no wall yet can leave, and who has one is not disturbed."""
    with opened(1) as sandbox:
        first = Caller(sandbox, [SPIN])
        until(lambda: any(held.in_flight for held in sandbox._here()._walls))
        second = Caller(sandbox, [SPIN])
        until(lambda: sandbox._here().waiting)
        assert isinstance(second.leave(), CallerLeft)
        assert first.thread.is_alive()
        first.leave()


def test_what_was_told_is_not_kept():
    """Law: a stream's call gives back the ending of what `settle` was told, and all of what it was not."""
    with opened(1) as sandbox:
        jobs = [Job(Program(f"print({place})"), group=0) for place in range(3)] + [Job(Program("print(3)"))]
        told = {}

        def settle(place, execution):
            told[place] = execution.stdout
            return True

        with streaming(Stream()):
            found = sandbox.run(jobs, settle)
        assert stream_here() is None
        assert told == {0: "0\n", 3: "3\n"}
        assert [found[0].stdout, found[3].stdout] == ["", ""]
        assert found[0].ending is found[3].ending is Ending.FINISHED
        assert {execution.ending for execution in found[1:3]} <= {Ending.CANCELLED, Ending.FINISHED}
        assert sandbox.run(jobs)[0].stdout == "0\n"


def test_a_slow_caller_is_no_silence_of_the_wall(monkeypatch):
    """Law: however long `settle` takes, the walls that work meanwhile are not ended for it."""
    late_s = [0.0]

    class Clock:
        @staticmethod
        def monotonic():
            return time.monotonic() + late_s[0]

    with opened(2) as sandbox:
        slow = Job(Program("import time\ntime.sleep(1.5)\nprint(1)"))
        sandbox.run([slow, slow])  # both walls stand
        before = set(sandbox.names())
        monkeypatch.setattr(batch, "time", Clock)
        monkeypatch.setattr(wall, "time", Clock)

        def settle(place, execution):
            late_s[0] += 10_000
            return False

        found = sandbox.run([Job(Program("print(0)")), slow], settle)
        assert [execution.stdout for execution in found] == ["0\n", "1\n"]
        assert set(sandbox.names()) == before
