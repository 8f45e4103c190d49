"""Many single calls, from threads or coroutines, made into few batches; each caller gets its own answer or error."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from r1rewards.errors import InfraError, OptionError, RewardError
from r1rewards.workers import lifetimes

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_IDLE_S = 30.0
"""A runner that had nothing to do for so long ends; the next call starts another."""


class QueueFull(InfraError):
    """More is waiting than was allowed; nothing was taken in, and the caller may try again later."""


class Coalescer(Generic[Item, Answer]):
    """Collects items that arrive close together and hands them to one call of ``work``.

    While a batch is being worked on, what arrives waits and makes up the next one; a first item waits a little for
    company. Runners are daemon threads of this process, started when needed; a fork or a pickle starts its own.

    Args:
        work: From a list of items to as many answers, in the same order. Several runners may call it at once.
        max_items: Items of a batch at most (by ``size``); a larger item is a batch by itself.
        max_wait_s: Seconds the first item of a batch waits for others at most; once arrivals pause for a fifth of
            that, it waits no longer.
        max_pending: Items that may wait at most; more raise `QueueFull`. None is no limit.
        runners: Batches at work at the same time, so that one with a slow row does not hold up all others.
        key: Only items of an equal key share a batch.
        size: How much an item counts for ``max_items`` and ``max_pending``; 1 by default.
        shared_errors: Exceptions that are no single item's fault: they go to all items of the batch at once. After
            any other, the batch is cut in halves until each caller whose item fails alone has its own error.

    Raises:
        OptionError: A bound is not positive.

    Example:
        >>> doubled = Coalescer(lambda numbers: [2 * number for number in numbers])
        >>> [future.result() for future in map(doubled.submit, [1, 2, 3])]
        [2, 4, 6]
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Answer]],
        *,
        max_items: int = 1024,
        max_wait_s: float = 0.02,
        max_pending: int | None = None,
        runners: int = 2,
        key: Callable[[Item], Hashable] | None = None,
        size: Callable[[Item], int] | None = None,
        shared_errors: tuple[type[Exception], ...] = (InfraError,),
    ) -> None:
        if max_items < 1 or runners < 1 or max_wait_s < 0 or (max_pending is not None and max_pending < 1):
            raise OptionError("max_items, runners and max_pending must be at least 1, and max_wait_s at least 0")
        self._work = work
        self._settings = (max_items, max_wait_s, max_pending, runners, key, size, shared_errors)
        self._desk: _Desk[Item, Answer] | None = None

    def submit(self, item: Item) -> Future[Answer]:
        """Take in an item and return at once.

        Args:
            item: What ``work`` is given.

        Returns:
            A future of its answer, or of what it raised.

        Raises:
            QueueFull: Too much is waiting.
        """
        desk = self._here()
        ticket = desk.ticket(item)
        desk.take_in(ticket)
        return ticket.future

    def submit_all(self, items: Sequence[Item]) -> list[Future[Answer]]:
        """Take in items together, so that no pause between them parts them; return at once.

        Args:
            items: What ``work`` is given.

        Returns:
            A future for each, as of `submit`; one that was not taken in has its `QueueFull`.
        """
        desk = self._here()
        tickets = [desk.ticket(item) for item in items]
        desk.take_in_all(tickets)
        return [ticket.future for ticket in tickets]

    def call(self, item: Item) -> Answer:
        """Return an item's answer, waiting for it; for threads."""
        return self.submit(item).result()

    async def acall(self, item: Item) -> Answer:
        """Return an item's answer without blocking the event loop; for coroutines.

        What is asked for in one turn of the loop is taken in together, however busy the machine is.
        """
        return await asyncio.wrap_future(self._here().take_in_soon(item))

    @property
    def batches(self) -> int:
        """How many batches were begun in this process, halves after an error not counted."""
        return self._here().batches

    @property
    def pending(self) -> int:
        """How much waits or is being worked on in this process, by ``size``."""
        return self._here().pending

    def close(self, *, wait: bool = True) -> None:
        """Finish what was taken in and end the runners; the next call starts them again.

        Args:
            wait: Whether to wait for that.
        """
        desk, self._desk = self._desk, None
        if desk is not None and desk.pid == os.getpid():
            desk.close(wait=wait)

    def _here(self) -> _Desk[Item, Answer]:
        """Return this process's desk: the copy that a fork made has no threads."""
        desk = self._desk
        if desk is None or desk.pid != os.getpid():
            with lifetimes.FORK_GATE:
                desk = self._desk
                if desk is None or desk.pid != os.getpid():
                    desk = self._desk = _Desk(self._work, *self._settings)
        return desk

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_desk": None}

    def __del__(self) -> None:
        desk = getattr(self, "_desk", None)
        if desk is not None and desk.pid == os.getpid():
            desk.close(wait=False)


class _Desk(Generic[Item, Answer]):
    """One process's queue and its runners."""

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Answer]],
        max_items: int,
        max_wait_s: float,
        max_pending: int | None,
        runners: int,
        key: Callable[[Item], Hashable] | None,
        size: Callable[[Item], int] | None,
        shared_errors: tuple[type[Exception], ...],
    ) -> None:
        self.pid = os.getpid()
        self.batches = 0
        self.pending = 0
        self._work, self._max_items, self._max_wait_s = work, max_items, max_wait_s
        self._max_pending, self._max_runners, self._shared = max_pending, runners, shared_errors
        self._key = key or (lambda _item: None)
        self._size = size or (lambda _item: 1)
        # Oldest key first; a key's items in the order they came.
        self._waiting: dict[Hashable, deque[_Ticket[Item, Answer]]] = {}
        self._changed = threading.Condition()
        self._turn: _Turn[Item, Answer] = _Turn()
        self._last_arrival_s = 0.0
        self._collecting = False
        self._runners: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def ticket(self, item: Item) -> _Ticket[Item, Answer]:
        return _Ticket(item, self._size(item), self._key(item))

    def take_in(self, ticket: _Ticket[Item, Answer]) -> None:
        with self._changed:
            self._queue(ticket)

    def take_in_all(self, tickets: Sequence[_Ticket[Item, Answer]]) -> None:
        """Take tickets in with no pause between them; one that cannot be has its error."""
        refused: list[tuple[_Ticket[Item, Answer], Exception]] = []
        with self._changed:
            for ticket in tickets:
                try:
                    self._queue(ticket)
                except Exception as error:  # noqa: BLE001 - whatever it is, its caller waits for it
                    refused.append((ticket, error))
        for ticket, why in refused:
            if ticket.future.set_running_or_notify_cancel():
                ticket.future.set_exception(why)

    def take_in_soon(self, item: Item) -> Future[Answer]:
        """Take an item in at the end of the running loop's turn, with all that this turn asks for."""
        ticket = self.ticket(item)
        loop = asyncio.get_running_loop()
        turn = self._turn
        if turn.loop is not loop:  # its first, or another loop stopped within its turn
            turn.loop, turn.tickets = loop, []
            loop.call_soon(self._end_turn, turn.tickets)
        turn.tickets.append(ticket)
        return ticket.future

    def _end_turn(self, tickets: Sequence[_Ticket[Item, Answer]]) -> None:
        if tickets is self._turn.tickets:
            self._turn.loop, self._turn.tickets = None, []
        self.take_in_all(tickets)

    def _queue(self, ticket: _Ticket[Item, Answer]) -> None:
        """Put a ticket among those that wait, with the lock held."""
        # An item too large for the whole queue still has its turn, when nothing else waits.
        if self._max_pending is not None and self.pending and self.pending + ticket.size > self._max_pending:
            raise QueueFull(f"{self.pending} are waiting, {self._max_pending} may; try again later")
        self._waiting.setdefault(ticket.key, deque()).append(ticket)
        self.pending += ticket.size
        self._last_arrival_s = time.monotonic()
        if self._idle:
            self._changed.notify_all()
        elif len(self._runners) < self._max_runners:
            self._start_runner(ticket)

    def _start_runner(self, newest: _Ticket[Item, Answer]) -> None:
        """Start one more runner, with the lock held; where none can start and none lives, take the newest item back."""
        thread = threading.Thread(target=self._serve, name="r1rewards-coalesce", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no memory, or too many threads
            if self._runners:
                return  # one that lives serves it
            queue = self._waiting[newest.key]
            queue.remove(newest)
            if not queue:
                del self._waiting[newest.key]
            self.pending -= newest.size
            raise InfraError(f"no thread can be started to score: {error}") from error
        self._runners.append(thread)

    def close(self, *, wait: bool) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            runners = list(self._runners)
        if wait:
            for runner in runners:
                if runner is not threading.current_thread():
                    runner.join()

    def _serve(self) -> None:
        """Work off batches until there is nothing for a long time."""
        while True:
            tickets = self._next_batch()
            if not tickets:
                return
            outcomes = self._outcomes([ticket for ticket in tickets if ticket.future.set_running_or_notify_cancel()])
            with self._changed:
                # Before anybody is told: who has an answer does not wait any more.
                self.pending -= sum(ticket.size for ticket in tickets)
            for ticket, answer, error in outcomes:
                if error is not None:
                    ticket.future.set_exception(error)
                else:
                    ticket.future.set_result(answer)  # type: ignore[arg-type]  # without an error it is an answer

    def _next_batch(self) -> list[_Ticket[Item, Answer]]:
        """Wait for items and for company; return a batch, or nothing when this runner may go home."""
        with self._changed:
            # One runner collects at a time: two would cut what arrives together into halves.
            rang = True
            while not self._waiting or self._collecting:
                if not self._waiting and (self._closed or not rang):
                    self._runners.remove(threading.current_thread())
                    return []
                self._idle += 1
                rang = self._changed.wait(_IDLE_S)
                self._idle -= 1
            self._collecting = True
            try:
                self._wait_for_company()
                key, queue = next(iter(self._waiting.items()))
                tickets = [queue.popleft()]
                filled = tickets[0].size
                while queue and filled + queue[0].size <= self._max_items:
                    tickets.append(queue.popleft())
                    filled += tickets[-1].size
                del self._waiting[key]
                if queue:  # behind all others: no key may starve them
                    self._waiting[key] = queue
                self.batches += 1
                return tickets
            finally:
                self._collecting = False
                if self._idle and (self._waiting or self._closed):
                    self._changed.notify_all()

    def _wait_for_company(self) -> None:
        """Let more items arrive, with the lock given up meanwhile."""
        begun_s = time.monotonic()
        pause_s = self._max_wait_s / 5
        while not self._closed:
            now_s = time.monotonic()
            left_s = min(begun_s + self._max_wait_s, self._last_arrival_s + pause_s) - now_s
            if left_s <= 0 or self.pending >= self._max_items:
                return
            self._changed.wait(left_s)

    def _outcomes(
        self, tickets: Sequence[_Ticket[Item, Answer]]
    ) -> list[tuple[_Ticket[Item, Answer], Answer | None, BaseException | None]]:
        """Return each ticket's answer or error; after an error that is somebody's own, find out whose."""
        if not tickets:
            return []
        try:
            answers = self._work([ticket.item for ticket in tickets])
            if len(answers) != len(tickets):
                raise RewardError(f"{len(tickets)} items were given and {len(answers)} answers came back")
        except BaseException as caught:  # noqa: BLE001 - whatever it is, somebody waits for it
            error = _raisable(caught)
            if len(tickets) == 1 or not isinstance(error, Exception) or isinstance(error, self._shared):
                return [(ticket, None, error) for ticket in tickets]
            middle = len(tickets) // 2
            return self._outcomes(tickets[:middle]) + self._outcomes(tickets[middle:])
        return [(ticket, answer, None) for ticket, answer in zip(tickets, answers, strict=True)]


def _raisable(error: BaseException) -> BaseException:
    """Return an error that a future of asyncio takes: it refuses StopIteration, and whoever waits would for ever."""
    if not isinstance(error, StopIteration):
        return error
    made = RewardError(f"the work raised StopIteration: {error}")
    made.__cause__ = error
    return made


class _Turn(threading.local, Generic[Item, Answer]):
    """In each thread: the loop whose turn goes on, and what it has asked for in it."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tickets: list[_Ticket[Item, Answer]] = []


class _Ticket(Generic[Item, Answer]):
    """An item that waits, and the future of its answer."""

    __slots__ = ("future", "item", "key", "size")

    def __init__(self, item: Item, size: int, key: Hashable) -> None:
        self.item, self.size, self.key = item, size, key
        self.future: Future[Answer] = Future()
