"""One `run` of a pool: hands items to workers, watches their budgets, and says what became of each item.

Everything happens in the thread that called. An item in a worker is in one of two places: the oldest in
flight, which the worker is busy with and which alone can be charged; or behind it, not yet begun and free to
be sent elsewhere.
"""

from __future__ import annotations

import selectors
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

from r1rewards.errors import WorkerStartError
from r1rewards.workers import frames
from r1rewards.workers.budget import Budget, ResultKind, WorkResult
from r1rewards.workers.worker import Death, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from r1rewards.workers.fleet import Fleet
    from r1rewards.workers.worker import Reply

# Work sent ahead to one worker: about this much time of it, and never more than these.
AHEAD_S = 0.004
AHEAD_ITEMS = 128
AHEAD_BYTES = 1 << 20
# An unanswered item is charged this much late, which covers what happens between two items: writing the
# last answer, reading the next item. A finished one is judged by the worker's own measurement, exactly.
CPU_SLACK_S = 0.1
CHECK_MIN_S = 0.02
CHECK_MAX_S = 0.25


class Call:
    """The state of one `run`."""

    def __init__(self, fleet: Fleet, items: Sequence[bytes], budget: Budget) -> None:
        self.fleet = fleet
        self.items: list[bytes | None] = list(items)
        self.budget = budget
        self.budget_frame = frames.request(frames.BUDGET, 0, frames.encode([budget.cpu_s, budget.memory_bytes]))
        self.results: list[WorkResult | None] = [None] * len(items)
        self.left = len(items)
        self.pending: deque[int] = deque(range(len(items)))
        self.alone: deque[int] = deque()  # to be run once more, with nothing else in flight
        self.first_end: dict[int, Death | None] = {}  # how the first attempt ended; None: it missed the wall
        self.item_s = 1.0  # how long an item takes: rises at once, sinks slowly
        self.mine: list[Worker] = []
        self.failed_starts = 0
        self.lost = False  # interrupted while giving its workers back: the fleet takes them
        poll: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)
        self.selector = poll()

    def run(self) -> list[WorkResult]:
        """Drive until every item has its result."""
        try:
            while self.left:
                self._staff()
                self._feed()
                self._wait()
                self._watch()
        finally:
            # What is in the middle of something cannot be used again; what is clean goes back.
            try:
                self.fleet.release(self, keep_starting=not self.left)
                self.selector.close()
            except BaseException:  # Ctrl-C, just here
                self.lost = True
                raise
        return [result for result in self.results if result is not None]

    # --- hands -----------------------------------------------------------------------------------------

    def _busy(self) -> bool:
        return any(worker.inflight for worker in self.mine)

    def _staff(self) -> None:
        """See to it that there are workers for what is to be done."""
        if self.pending or self._busy():
            if self.pending and len(self.mine) < self.fleet.size:
                idle = sum(1 for worker in self.mine if not worker.inflight)
                self._hire(len(self.pending) - idle)
            return
        # Only items to be run alone are left: one fresh worker, used for one of them.
        for worker in list(self.mine):
            if worker.used or worker is not self.mine[0]:
                self._dismiss(worker)
        if not self.mine:
            self._hire(1, fresh=True)

    def _hire(self, wanted: int, *, fresh: bool = False) -> None:
        if wanted <= 0:
            return
        if self.mine and self.fleet.full():
            return
        for worker in self.fleet.lease(self, wanted, block=not self.mine, fresh=fresh):
            if not worker.started:
                worker.start()
            elif not worker.ready:  # started by a call that did not need it in the end
                worker.start_deadline_s = max(worker.start_deadline_s, time.monotonic() + worker.setup_wall_s)
            self.mine.append(worker)
            assert worker.socket is not None
            self.selector.register(worker.socket, selectors.EVENT_READ, (worker, True))
            self.selector.register(worker.stderr_fd, selectors.EVENT_READ, (worker, False))
            self._flush(worker)

    def _let_go(self, worker: Worker) -> None:
        """Stop listening to a worker, while its descriptors are still open."""
        if worker not in self.mine:
            return
        self.mine.remove(worker)
        for file in (worker.socket, worker.stderr_fd):
            if file is not None and file in self.selector.get_map():
                self.selector.unregister(file)

    def _dismiss(self, worker: Worker) -> None:
        """End a worker of ours; what it had not begun goes back to the queue."""
        worker.doomed = True
        self._let_go(worker)
        self.pending.extendleft(reversed(worker.inflight))
        worker.inflight.clear()
        self.fleet.discard(worker)

    # --- sending ---------------------------------------------------------------------------------------

    def _feed(self) -> None:
        if not self.pending:
            if self.alone and not self._busy() and self.mine and self.mine[0].ready:
                self._send(self.mine[0], self.alone.popleft())
                self._flush(self.mine[0])
            return
        # Others wait for a worker: the last of ours goes to them as soon as it has nothing in flight.
        if self.fleet.waiting and len(self.mine) > 1:
            guest = self.mine[-1]
            if not guest.inflight:
                self._let_go(guest)
                self.fleet.give_back(guest)
            givers = [worker for worker in self.mine if worker is not guest and worker.ready]
        else:
            givers = [worker for worker in self.mine if worker.ready]
        window = min(AHEAD_ITEMS, max(1, int(AHEAD_S / max(self.item_s, 1e-6))))
        for worker in givers:
            if len(worker.inflight) * 2 > window:
                continue  # refill by halves: fewer, larger writes
            # Near the end the rest is shared out evenly.
            room = min(window, -(-len(self.pending) // len(givers)) + len(worker.inflight))
            sent = False
            while self.pending and len(worker.inflight) < room:
                if worker.inflight and worker.inflight_bytes > AHEAD_BYTES:
                    break
                self._send(worker, self.pending.popleft())
                sent = True
            if sent:
                self._flush(worker)

    def _send(self, worker: Worker, index: int) -> None:
        item = self.items[index]
        assert item is not None
        if worker.budget != self.budget:
            worker.send(self.budget_frame)
            worker.budget = self.budget
        if not worker.inflight:
            self._begin(worker, time.monotonic())
            worker.inflight_bytes = 0
        worker.inflight.append(index)
        worker.inflight_bytes += len(item)
        worker.used = True
        worker.send(frames.request(frames.ITEM, index, item))

    def _begin(self, worker: Worker, now_s: float) -> None:
        worker.begun_s = now_s
        worker.check_at_s = now_s + min(CHECK_MAX_S, max(CHECK_MIN_S, self.budget.cpu_s / 2))

    def _flush(self, worker: Worker) -> None:
        worker.flush()
        if worker.socket is None:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if worker.wants_write else 0)
        if self.selector.get_key(worker.socket).events != events:
            self.selector.modify(worker.socket, events, (worker, True))

    # --- receiving -------------------------------------------------------------------------------------

    def _wait(self) -> None:
        now_s = time.monotonic()
        next_s = now_s + CHECK_MAX_S
        for worker in self.mine:
            if not worker.ready:
                next_s = min(next_s, worker.start_deadline_s)
            elif worker.inflight:
                next_s = min(next_s, worker.check_at_s)
        for key, events in self.selector.select(max(0.0, next_s - now_s)):
            worker, is_socket = key.data
            if worker not in self.mine:
                continue
            if not is_socket:
                if not worker.drain_stderr():
                    self.selector.unregister(worker.stderr_fd)
                continue
            if events & selectors.EVENT_WRITE:
                self._flush(worker)
            if events & selectors.EVENT_READ:
                self._read(worker)

    def _read(self, worker: Worker) -> None:
        replies, going_on = worker.receive()
        if not self._take(worker, replies):
            self._dismiss(worker)
        elif not going_on:
            self._mourn(worker)

    def _take(self, worker: Worker, replies: Sequence[Reply]) -> bool:
        """Book replies; False when the worker is to be replaced."""
        keep = True
        for kind, sequence, clock_s, cpu_s, wall_s, payload in replies:
            if not worker.ready:
                self._greet(worker, kind, payload)
                worker.clock_s = clock_s
                continue
            tired, kind = kind & frames.TIRED, kind & ~frames.TIRED
            if not worker.inflight or worker.inflight[0] != sequence:
                return False  # not an answer to anything we asked
            worker.inflight.popleft()
            item = self.items[sequence]
            worker.inflight_bytes -= len(item) if item else 0
            worker.clock_s = clock_s
            self.item_s = max(wall_s, 0.9 * self.item_s)
            self._finish(sequence, _result(kind, payload, cpu_s, wall_s, self.budget))
            if tired or kind == frames.OUT_OF_MEMORY:
                keep = False
        if replies and worker.inflight:
            self._begin(worker, time.monotonic())
        return keep

    def _greet(self, worker: Worker, kind: int, payload: bytes) -> None:
        if kind == frames.READY:
            version = frames.decode(payload)
            if version == list(sys.version_info[:2]):
                worker.ready = True
                return
            raise WorkerStartError(f"the worker for {worker.target} runs Python {version}, not that of this process")
        error = frames.decode(payload) if kind == frames.START_FAILED else "it spoke out of turn"
        worker.drain_stderr()
        raise WorkerStartError(f"the worker for {worker.target} failed in its set-up: {error}{worker.stderr_tail()}")

    def _finish(self, index: int, result: WorkResult) -> None:
        if self.results[index] is None:
            self.left -= 1
        self.results[index] = result
        self.items[index] = None

    # --- watching --------------------------------------------------------------------------------------

    def _watch(self) -> None:
        now_s = time.monotonic()
        for worker in list(self.mine):
            if not worker.ready:
                if now_s >= worker.start_deadline_s:
                    self._late_start(worker)
            elif worker.inflight and now_s >= worker.check_at_s:
                self._check(worker)

    def _late_start(self, worker: Worker) -> None:
        self._read(worker)  # this process may be the one that was late
        if worker in self.mine and not worker.ready:
            worker.drain_stderr()
            raise WorkerStartError(
                f"the worker for {worker.target} was not ready after {worker.setup_wall_s:g} s{worker.stderr_tail()}"
            )

    def _check(self, worker: Worker) -> None:
        """Look whether the item in hand is over its budget; kill and charge it if so."""
        suspect, began_s = worker.inflight[0], worker.begun_s
        clock_s = worker.cpu_clock_s()
        now_s = time.monotonic()
        self._read(worker)  # what was answered before the clock was read counts as answered
        if worker not in self.mine or not worker.inflight or worker.inflight[0] != suspect:
            return
        if worker.begun_s != began_s:
            return
        spent_s = clock_s - worker.clock_s if clock_s is not None else 0.0
        over = spent_s > self.budget.cpu_s + CPU_SLACK_S
        missed = now_s - began_s > self.budget.wall_limit_s
        if not over and not missed:
            if not worker.alive():  # the stream is held open by something it left behind
                self._mourn(worker)
                return
            wall_left_s = began_s + self.budget.wall_limit_s - now_s
            left_s = min(self.budget.cpu_s + CPU_SLACK_S - spent_s, wall_left_s)
            worker.check_at_s = now_s + min(CHECK_MAX_S, max(CHECK_MIN_S, left_s / 2))
            return
        worker.doomed = True
        worker.kill()
        replies, _ = worker.receive()
        self._take(worker, replies)  # it may have answered in the last moment
        if worker.inflight and worker.inflight[0] == suspect:
            worker.inflight.popleft()
            if over:
                self._finish(suspect, self._over_budget(spent_s, now_s - began_s))
            elif suspect in self.first_end:
                error = f"no answer within {self.budget.wall_limit_s:g} s of wall clock, twice, once alone"
                self._finish(suspect, WorkResult(ResultKind.STALLED, None, error, spent_s, now_s - began_s))
            else:
                self.first_end[suspect] = None
                self.alone.append(suspect)
        self._dismiss(worker)

    def _over_budget(self, cpu_s: float, wall_s: float) -> WorkResult:
        error = f"spent more than {self.budget.cpu_s:g} CPU seconds"
        return WorkResult(ResultKind.OVER_BUDGET, None, error, cpu_s, wall_s)

    def _mourn(self, worker: Worker) -> None:
        """A worker ended by itself: find out how, and charge or retry the item it had in hand."""
        worker.doomed = True
        self._let_go(worker)
        death = worker.coroner()
        if not worker.ready:
            self.fleet.discard(worker)
            self.failed_starts += 1
            # Once may have been bad luck (the kernel short of memory); it leaving by itself is not.
            if death is Death.OWN or self.failed_starts > 1:
                raise WorkerStartError(
                    f"the worker for {worker.target} ended during its set-up: {worker.exit_text}{worker.stderr_tail()}"
                )
            return
        if worker.inflight:
            suspect = worker.inflight.popleft()
            total_s = worker.total_cpu_s
            cpu_s = max(0.0, total_s - worker.clock_s) if total_s is not None else 0.0
            wall_s = time.monotonic() - worker.begun_s
            if death is Death.CPU_BELT or cpu_s > self.budget.cpu_s + CPU_SLACK_S:
                self._finish(suspect, self._over_budget(cpu_s, wall_s))
            elif suspect not in self.first_end:
                self.first_end[suspect] = death
                self.alone.append(suspect)
            else:
                own = death is Death.OWN and self.first_end[suspect] is Death.OWN
                kind = ResultKind.CRASHED if own else ResultKind.DIED
                error = f"the worker ended twice on this item: {worker.exit_text}{worker.stderr_tail()}"
                self._finish(suspect, WorkResult(kind, None, error, cpu_s, wall_s))
        self._dismiss(worker)


def _result(kind: int, payload: bytes, cpu_s: float, wall_s: float, budget: Budget) -> WorkResult:
    """Turn a reply into a result, judged by what the worker itself measured."""
    if kind == frames.OUT_OF_MEMORY:
        return WorkResult(ResultKind.OUT_OF_MEMORY, None, str(frames.decode(payload)), cpu_s, wall_s)
    if cpu_s > budget.cpu_s:
        error = f"spent {cpu_s:.3g} CPU seconds of {budget.cpu_s:g}"
        return WorkResult(ResultKind.OVER_BUDGET, None, error, cpu_s, wall_s)
    try:
        value = frames.decode(payload)
    except (ValueError, RecursionError) as problem:
        error = f"{type(problem).__name__}: the answer cannot be read here: {problem}"
        return WorkResult(ResultKind.RAISED, None, error, cpu_s, wall_s)
    if kind == frames.DONE:
        return WorkResult(ResultKind.DONE, value, "", cpu_s, wall_s)
    return WorkResult(ResultKind.RAISED, None, str(value), cpu_s, wall_s)
