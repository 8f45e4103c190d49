"""Runs of jobs for remote clients: executions go out as lines when they are there, settling comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

from r1rewards.errors import OptionError, R1RewardsError
from r1rewards.sandbox.base import Execution, Job, Sandbox
from r1rewards.sandbox.streaming import CallerLeft, Stream, streaming
from r1rewards.sandbox.wire import STOPPED, execution_as_json
from r1rewards.trainers.coalesce import QueueFull

# A slow link shows that it moves as each piece is taken, however long the line is.
_PIECE_BYTES = 1 << 18
_CLOSE_S = 5.0


class SandboxRuns:
    """A sandbox and the runs that are under way in it, bounded in jobs and in bytes that wait for their clients.

    A client is there as long as its connection takes bytes; a blank line goes out now and then, so that this shows
    while it thinks about an execution for hours. Once it is gone, what it wanted is dropped, and killed if it runs.

    Args:
        sandbox: What runs the jobs.
        max_jobs: Jobs of all runs under way; more are refused.
        threads: Runs under way at the same time; the sandbox itself decides how many walls work.
        max_unread_bytes: Bytes of a run that may wait to be read: its jobs wait while there are so many. One
            execution more may be in memory.
        heartbeat_s: Seconds of silence before a blank line.
        unread_s: A client whose connection has taken nothing for so many seconds is gone.

    Raises:
        OptionError: A bound is not positive, or silence would be longer than what makes a client gone.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        max_jobs: int = 20_000,
        threads: int = 64,
        max_unread_bytes: int = 8 << 20,
        heartbeat_s: float = 5.0,
        unread_s: float = 120.0,
    ) -> None:
        if max_jobs < 1 or threads < 1 or max_unread_bytes < 1:
            raise OptionError("max_jobs, threads and max_unread_bytes must be at least 1")
        if not 0 < heartbeat_s < unread_s:
            raise OptionError("heartbeat_s must be positive and smaller than unread_s")
        self.sandbox = sandbox
        self.max_jobs = max_jobs
        self.max_runs = threads
        self.max_unread_bytes = max_unread_bytes
        self.heartbeat_s = heartbeat_s
        self.unread_s = unread_s
        self.jobs = 0
        self._runs: dict[str, _Run] = {}

    def begin(self, name: str, jobs: Sequence[Job], *, settle: bool) -> _Run:
        """Begin a run.

        Args:
            name: The client's name for it.
            jobs: What to run.
            settle: Whether the client wants to be asked after each execution.

        Raises:
            QueueFull: Too much is under way.
        """
        if self.jobs and (self.jobs + len(jobs) > self.max_jobs or len(self._runs) >= self.max_runs):
            raise QueueFull(f"{self.jobs} jobs of {len(self._runs)} runs are under way; try again later")
        if name in self._runs:
            raise QueueFull(f"a run {name!r} is under way already")
        self.jobs += len(jobs)
        run = self._runs[name] = _Run(self, name, jobs, settle=settle)
        return run

    def settled(self, name: str, place: int, *, settled: bool) -> bool:
        """Take in what a client says of an execution; return whether that run is under way."""
        run = self._runs.get(name)
        if run is not None:
            run.told(place, settled=settled)
        return run is not None

    def forget(self, run: _Run) -> None:
        """Strike a run that has ended off the book."""
        if self._runs.get(run.name) is run:
            del self._runs[run.name]
            self.jobs -= len(run.jobs)

    def close(self) -> None:
        """Drop what is under way and end the sandbox's walls."""
        runs = list(self._runs.values())
        for run in runs:
            run.abandon()
        until_s = time.monotonic() + _CLOSE_S
        for run in runs:
            run.join(max(0.0, until_s - time.monotonic()))
        self.sandbox.close()


class _Run:
    """One client's jobs: a thread runs them, the event loop hands their lines to the client."""

    def __init__(self, runs: SandboxRuns, name: str, jobs: Sequence[Job], *, settle: bool) -> None:
        self._runs = runs
        self.name = name
        self.jobs = jobs
        self._settle = settle
        self._stream = Stream()
        # Of the event loop.
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._thread: threading.Thread | None = None
        self._client: asyncio.Task[Any] | None = None
        self._works = self._has_left = False
        self._taken_s = time.monotonic()
        # Of both; told to whoever waits.
        self._change = threading.Condition()
        self._pieces: deque[bytes] = deque()
        self._unread_bytes = 0
        self._asked: int | None = None
        self._word: bool | None = None
        self._look_at_client()

    async def lines(self) -> AsyncIterator[bytes]:
        """Run the jobs; yield a line for each execution, a blank one now and then, and one for the end."""
        self._start()
        try:
            while True:
                self._taken_s = time.monotonic()  # what was given last has gone into the connection
                self._news.clear()
                works = self._works  # before the look: what the thread said last is found then
                piece = self._take()
                if piece:
                    yield piece
                    continue
                if not works:
                    return
                try:
                    await asyncio.wait_for(self._news.wait(), self._runs.heartbeat_s)
                except asyncio.TimeoutError:
                    yield b"\n"
        finally:
            self._client_leaves()

    def told(self, place: int, *, settled: bool) -> None:
        """Take in what the client says of the execution that it was asked about."""
        with self._change:
            if place == self._asked:
                self._word = settled
                self._change.notify_all()

    def abandon(self) -> None:
        """Drop what has not begun and kill what runs; from any thread."""
        self._stream.leave()
        with self._change:
            self._change.notify_all()

    def join(self, wait_s: float) -> None:
        """Wait until nothing runs, but not for longer than so many seconds."""
        if self._thread is not None:
            self._thread.join(wait_s)

    # In the event loop.

    def _start(self) -> None:
        """Start the thread for a client that is there."""
        self._client = asyncio.current_task()
        if self._client is not None:
            # A task that is cancelled while it sends ends no generator by itself.
            self._client.add_done_callback(lambda _: self._client_leaves())
        self._thread = threading.Thread(target=self._run, name="r1rewards-sandbox-run", daemon=True)
        self._thread.start()
        self._works = True

    def _take(self) -> bytes:
        """Return the next piece for the client, and make room; nothing where there is none."""
        with self._change:
            if not self._pieces:
                return b""
            piece = self._pieces.popleft()
            self._unread_bytes -= len(piece)
            self._change.notify_all()
            return piece

    def _look_at_client(self) -> None:
        """See now and then whether the client's connection takes bytes, or never came to that."""
        if self._has_left:
            return
        if time.monotonic() - self._taken_s > self._runs.unread_s:
            if self._client is not None:
                self._client.cancel()  # it hangs in a connection that nobody reads
            self._client_leaves()
            return
        self._loop.call_later(self._runs.unread_s / 4, self._look_at_client)

    def _client_leaves(self) -> None:
        """The client has all, or is gone."""
        self._has_left = True
        self.abandon()
        self._strike_off()

    def _thread_ends(self) -> None:
        self._works = False
        self._news.set()
        self._strike_off()

    def _strike_off(self) -> None:
        """Forget the run once nothing of it is left, here or in the sandbox."""
        if self._has_left and not self._works:
            self._pieces.clear()
            self._runs.forget(self)

    # In the thread.

    def _run(self) -> None:
        """Run in a thread of its own, as the sandbox's call waits for all jobs."""
        said: set[int] = set()

        def settle(place: int, execution: Execution) -> bool:
            said.add(place)
            with self._change:
                self._asked = place if self._settle else None
            self._say(place, execution, asks=self._settle)
            return self._wait_for_word() if self._settle else False

        try:
            # A fault of the service's own is told like any other: the client waits for a last line.
            with streaming(self._stream):
                found = self._runs.sandbox.run(self.jobs, settle)
            for place, execution in enumerate(found):
                if place not in said:  # those of settled groups
                    self._say(place, execution, asks=False)
            self._put({"end": True})
        except CallerLeft:
            # Never CANCELLED: the client, if it is there after all, has settled nothing of this.
            self._put({"error": {"kind": STOPPED, "message": "the service has ended this run before its jobs"}})
        except R1RewardsError as error:
            self._put({"error": {"kind": type(error).__name__, "message": str(error)}})
        except Exception as error:  # noqa: BLE001 - see above
            self._put({"error": {"kind": "InfraError", "message": f"{type(error).__name__}: {error}"}})
        finally:
            self._loop_calls(self._thread_ends)

    def _wait_for_word(self) -> bool:
        """Wait until the client has said whether an execution settles its group, as long as it is there.

        Raises:
            CallerLeft: It is gone.
        """
        with self._change:
            self._change.wait_for(lambda: self._word is not None or self._stream.left)
            word, self._word, self._asked = self._word, None, None
        if word is None:
            self._stream.check()
        return bool(word)

    def _say(self, place: int, execution: Execution, *, asks: bool) -> None:
        """Put an execution into the answer, as soon as there is room.

        Raises:
            CallerLeft: The client is gone.
        """
        with self._change:
            self._change.wait_for(lambda: self._unread_bytes < self._runs.max_unread_bytes or self._stream.left)
        self._stream.check()
        self._put({"place": place, "execution": execution_as_json(execution), "asks": asks})

    def _put(self, what: dict[str, Any]) -> None:
        """Put a line into the answer."""
        line = json.dumps(what).encode("ascii") + b"\n"
        with self._change:
            self._pieces.extend(line[start : start + _PIECE_BYTES] for start in range(0, len(line), _PIECE_BYTES))
            self._unread_bytes += len(line)
        self._loop_calls(self._news.set)

    def _loop_calls(self, function: Any) -> None:
        """Have the event loop call a function; it may have ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function)
