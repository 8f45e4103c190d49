"""Runs for remote clients: bounded in what waits to be read, ended once nobody is there, never settled by silence."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading

import pytest

pytest.importorskip("fastapi")

from r1rewards.errors import OptionError
from r1rewards.sandbox.base import Ending, Execution, Job, Program
from r1rewards.sandbox.streaming import CallerLeft
from r1rewards.service.sandbox_runs import SandboxRuns

PATIENCE_S = 60.0


class Told:
    """A sandbox whose executions print a million characters each; it notes what became of its call."""

    name = "told"

    def __init__(self, jobs=40):
        self.jobs = [Job(Program("")) for _ in range(jobs)]
        self.made = 0
        self.settled = []
        self.ended = None
        self.over = threading.Event()

    def run(self, jobs, settle=None):
        try:
            for place in range(len(jobs)):
                self.made += 1
                self.settled.append(settle(place, Execution(Ending.FINISHED, stdout="x" * 1_000_000)))
            return [Execution(Ending.FINISHED)] * len(jobs)
        except BaseException as error:
            self.ended = error
            raise
        finally:
            self.over.set()

    def close(self):
        pass


async def until(condition):
    """Wait for what the loop or a thread brings about."""

    async def look():
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(look(), PATIENCE_S)


def in_a_loop(test):
    """Run a test in an event loop of its own."""

    def run(*words):
        asyncio.run(asyncio.wait_for(test(*words), PATIENCE_S))

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def begun(sandbox, *, settle=False, **bounds):
    """A book and a run of all jobs of a sandbox."""
    runs = SandboxRuns(sandbox, **bounds)
    return runs, runs.begin("a" * 10, sandbox.jobs, settle=settle)


async def read(lines, seen):
    """Read an answer to its end."""
    async for piece in lines:
        seen.append(piece)


def executions(pieces):
    """The lines that came, blank ones left out."""
    return [json.loads(line) for line in b"".join(pieces).split(b"\n") if line]


@in_a_loop
async def test_a_slow_reader_holds_up_the_sandbox_and_not_the_memory():
    """Law: while a client does not read, no more than the bound and one execution wait; then it gets them all."""
    sandbox = Told()
    runs, run = begun(sandbox, max_unread_bytes=3_000_000)
    lines = run.lines()
    seen = [await anext(lines)]
    await until(lambda: run._unread_bytes >= runs.max_unread_bytes)
    assert run._unread_bytes < runs.max_unread_bytes + 1_001_000
    assert sandbox.made <= 6
    await read(lines, seen)
    found = executions(seen)
    assert [line["place"] for line in found[:-1]] == list(range(40))
    assert found[-1] == {"end": True}
    assert runs.jobs == 0


@in_a_loop
async def test_who_reads_nothing_for_long_is_gone():
    """Law: a client whose connection takes nothing is dropped with what it wanted; its task ends, its bytes go."""
    sandbox = Told()
    runs, run = begun(sandbox, max_unread_bytes=3_000_000, heartbeat_s=0.05, unread_s=0.6)

    async def hang():
        async for _ in run.lines():
            await asyncio.Event().wait()  # as in a connection that is full

    client = asyncio.ensure_future(hang())
    await until(client.done)
    assert client.cancelled()
    await until(lambda: runs.jobs == 0)
    assert isinstance(sandbox.ended, CallerLeft)
    assert not run._pieces


@in_a_loop
async def test_a_client_that_never_came_is_gone():
    """Law: a run whose answer nobody has begun to read runs nothing and does not stay on the book."""
    sandbox = Told()
    runs, _ = begun(sandbox, heartbeat_s=0.05, unread_s=0.6)
    assert runs.jobs == 40
    await until(lambda: runs.jobs == 0)
    assert sandbox.made == 0


@in_a_loop
async def test_a_word_is_waited_for_while_blank_lines_go_out():
    """Law: a client that thinks for longer than makes one gone is asked on; only its own word settles."""
    sandbox = Told(jobs=2)
    runs, run = begun(sandbox, settle=True, heartbeat_s=0.1, unread_s=1.0)
    seen = []
    reader = asyncio.ensure_future(read(run.lines(), seen))
    await until(lambda: seen.count(b"\n") >= 20)
    assert sandbox.made == 1
    run.told(1, settled=True)  # of another, that it was not asked about
    run.told(0, settled=False)
    await until(lambda: sandbox.made == 2)
    assert runs.settled(run.name, 1, settled=True)
    await reader
    assert sandbox.settled == [False, True]
    assert executions(seen)[-1] == {"end": True}


@pytest.mark.parametrize("asks", [False, True])
def test_whoever_leaves_settles_nothing(asks):
    """Law: a client that leaves, reading or asked, ends its run by an exception: nothing is cancelled as settled."""

    @in_a_loop
    async def check():
        sandbox = Told()
        runs, run = begun(sandbox, settle=asks, max_unread_bytes=1)
        lines = run.lines()
        await anext(lines)
        await lines.aclose()
        await until(lambda: runs.jobs == 0)
        assert isinstance(sandbox.ended, CallerLeft)
        assert True not in sandbox.settled

    check()


@in_a_loop
async def test_a_service_that_closes_says_so():
    """Law: what closes in the middle of a run ends it with an error line, which is no verdict and no cancellation."""
    sandbox = Told()
    runs, run = begun(sandbox, settle=True)
    seen = []
    reader = asyncio.ensure_future(read(run.lines(), seen))
    await until(lambda: seen)
    await asyncio.to_thread(runs.close)
    await reader
    assert executions(seen)[-1]["error"]["kind"] == "Stopped"
    assert sandbox.over.is_set()
    assert runs.jobs == 0


@in_a_loop
async def test_two_runs_of_a_name_are_told_apart():
    """Law: forgetting a run that has ended leaves a later one of the same name on the book."""
    sandbox = Told(jobs=1)
    runs, first = begun(sandbox)
    await read(first.lines(), [])
    second = runs.begin(first.name, sandbox.jobs, settle=False)
    runs.forget(first)
    assert runs.jobs == 1
    await read(second.lines(), [])
    assert runs.jobs == 0


def test_bounds_are_checked():
    """Law: a bound that cannot be is refused when the book is made."""
    for wrong in ({"max_jobs": 0}, {"threads": 0}, {"max_unread_bytes": 0}, {"heartbeat_s": 0}, {"unread_s": 5.0}):
        with contextlib.closing(Told()) as sandbox, pytest.raises(OptionError):
            SandboxRuns(sandbox, **wrong)
