"""The pool of worker processes: who holds which worker, and the public `WorkerPool`."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

from r1rewards.workers import frames, lifetimes
from r1rewards.workers.budget import JSON, Budget, WorkResult
from r1rewards.workers.call import Call
from r1rewards.workers.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from typing_extensions import Self  # typing has it from 3.11 on


# How often a call that waits for a worker looks for itself.
WAIT_S = 1.0


def usable_workers() -> int:
    """How many workers this process should have: its CPUs, shared with the other ranks of its node.

    Returns:
        At least 1.
    """
    try:
        cpus = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        cpus = os.cpu_count() or 1
    try:
        ranks = max(1, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    except ValueError:
        ranks = 1
    return max(1, cpus // ranks)


class Fleet:
    """The workers of one pool in one process, and which call holds which.

    The lock guards this book only; nothing slow happens under it. It is a plain lock, not a Condition: one
    whose `__enter__` is written in Python stays locked for ever when Ctrl-C strikes inside it. A worker's
    `owner` is set and cleared by one assignment and it stays in the book until it is buried, so that an
    interrupted call loses none.
    """

    def __init__(self, target: str, setup: bytes, size: int, idle_s: float, setup_wall_s: float) -> None:
        self.pid = os.getpid()
        self.size = size
        self._target = target
        self._setup = setup
        self._idle_s = idle_s
        self._setup_wall_s = setup_wall_s
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._queue: list[threading.Lock] = []  # one held lock for each call that waits for a worker
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many calls wait for a worker."""
        return len(self._queue)

    def full(self) -> bool:
        """Whether a call that has workers could surely get no more (a look without the lock)."""
        return len(self._workers) >= self.size and all(worker.owner is not None for worker in self._workers)

    def lease(self, owner: Call, wanted: int, *, block: bool, fresh: bool) -> list[Worker]:
        """Take idle workers, and places for new ones, up to a number.

        Args:
            owner: The call that takes them.
            wanted: At most so many.
            block: Wait until there is at least one.
            fresh: Only one that has not worked yet; an idle one that has makes room for it.
        """
        while True:
            with self._lock:
                gone = self._retire()
                idle = [worker for worker in self._workers if worker.owner is None]
                idle.sort(key=lambda worker: (worker.ready, worker.idle_since_s), reverse=True)
                if fresh:
                    used = [worker for worker in idle if worker.used]
                    idle = [worker for worker in idle if not worker.used]
                    if not idle and used and len(self._workers) - len(gone) >= self.size:
                        used[-1].owner = owner
                        used[-1].doomed = True
                        gone.append(used[-1])
                taken = idle[:wanted]
                for worker in taken:
                    worker.owner = owner
                while len(taken) < wanted and len(self._workers) - len(gone) < self.size:
                    worker = Worker(self._target, self._setup, self._setup_wall_s)
                    worker.owner = owner
                    self._workers.append(worker)
                    taken.append(worker)
                if not taken and block:
                    turn = threading.Lock()
                    turn.acquire()
                    self._queue.append(turn)
            self._bury(gone)
            if taken or not block:
                return taken
            # The bound is for a call that was interrupted while it gave its workers back.
            turn.acquire(timeout=WAIT_S)
            with self._lock:
                if turn in self._queue:
                    self._queue.remove(turn)

    def _retire(self) -> list[Worker]:
        """Doom idle workers that died or were idle for too long, and those of interrupted calls."""
        oldest_s = time.monotonic() - self._idle_s
        gone = []
        for worker in self._workers:
            owner = worker.owner
            if owner is None:
                if worker.idle_since_s >= oldest_s and worker.alive():
                    continue
                worker.owner = self  # nobody's, but taken
            elif owner is not self and not getattr(owner, "lost", False):
                continue
            worker.doomed = True
            gone.append(worker)
        return gone

    def _bury(self, gone: Sequence[Worker]) -> None:
        """End workers, then strike them off the book."""
        if not gone:
            return
        for worker in gone:
            worker.bury()
        with self._lock:
            self._workers = [worker for worker in self._workers if worker not in gone]
            self._call_next()

    def _call_next(self) -> None:
        """Wake the calls that wait, with the lock held."""
        queue, self._queue = self._queue, []
        for turn in queue:
            turn.release()

    def release(self, owner: Call, *, keep_starting: bool) -> None:
        """Take back everything a call holds; what is in the middle of an item is killed."""
        gone = []
        with self._lock:
            for worker in self._workers:
                if worker.owner is not owner:
                    continue
                usable = worker.ready or (keep_starting and worker.started)
                busy = worker.doomed or worker.inflight or worker.wants_write
                if usable and not busy and not self._closed:
                    worker.idle_since_s = time.monotonic()
                    worker.owner = None
                else:
                    gone.append(worker)
            self._call_next()
        self._bury(gone)

    def give_back(self, worker: Worker) -> None:
        """Take back one clean worker."""
        with self._lock:
            worker.idle_since_s = time.monotonic()
            worker.owner = None
            self._call_next()

    def discard(self, worker: Worker) -> None:
        """End a worker and free its place."""
        self._bury([worker])

    def close(self) -> None:
        """End the idle workers now and the others as soon as their calls are done."""
        with self._lock:
            self._closed = True
            gone = [worker for worker in self._workers if worker.owner is None]
            for worker in gone:
                worker.owner = self
        self._bury(gone)

    def pids(self) -> list[int]:
        """Process ids of the workers there are."""
        with self._lock:
            return [worker.pid for worker in self._workers if worker.pid and not worker.doomed]


class WorkerPool:
    """Worker processes that run one function on untrusted items and can be killed.

    The target names a *factory*: `factory(setup)` is called once in each worker as it starts and returns the
    function that is then called with each item. Imports and tables belong into the factory; they are charged
    to no item. Items and answers are JSON.

    Opens lazily, once in each process that uses it; picklable (its configuration travels, its processes do
    not); any number of threads may call `run` at once.

    Args:
        target: "package.module:factory". Never in `__main__`, which a worker does not import.
        setup: JSON handed to the factory.
        workers: Most processes at a time; `None` for the CPUs this process may use, divided by the
            LOCAL_WORLD_SIZE ranks of this node.
        budget: What each item may spend, unless `run` says otherwise.
        idle_s: Workers idle for longer than so many seconds are ended at the next call.
        setup_wall_s: Seconds a worker may take to get ready.

    Example:
        >>> with WorkerPool("operator:attrgetter", setup="__class__.__name__", workers=1) as pool:
        ...     [result.value for result in pool.run([1, "two", [3]])]
        ['int', 'str', 'list']
    """

    def __init__(
        self,
        target: str,
        *,
        setup: JSON = None,
        workers: int | None = None,
        budget: Budget = Budget(),  # noqa: B008 - frozen
        idle_s: float = 300.0,
        setup_wall_s: float = 120.0,
    ) -> None:
        self._fleet: Fleet | None = None
        module, _, attribute = target.partition(":")
        if not module or not attribute:
            raise ValueError(f"a target reads 'package.module:factory', not {target!r}")
        if module == "__main__":
            raise ValueError(f"{target}: a worker does not import __main__; put the factory into a module")
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be None or at least 1, not {workers}")
        self.target = target
        self.setup = setup
        self.workers = workers
        self.budget = budget
        self.idle_s = idle_s
        self.setup_wall_s = setup_wall_s
        self._hello = frames.encode({"target": target, "setup": setup})

    def run(self, items: Sequence[JSON], *, budget: Budget | None = None) -> list[WorkResult]:
        """Run the function on each item and wait for all.

        Args:
            items: JSON values; at most 1 GiB each once encoded.
            budget: What each of these items may spend, instead of the pool's own.

        Returns:
            One result for each item, in the order of the items. Whatever an item does, it is in its result.

        Raises:
            WorkerStartError: A worker could not be started, or its factory raised.
            TypeError: An item is not JSON.
            ValueError: An item is too large, or refers to itself.
        """
        encoded = [frames.encode(item) for item in items]
        for index, text in enumerate(encoded):
            if len(text) > frames.MAX_ITEM_BYTES:
                raise ValueError(f"item {index} has {len(text)} bytes, at most {frames.MAX_ITEM_BYTES}")
        if not encoded:
            return []
        return Call(self._here(), encoded, budget or self.budget).run()

    def pids(self) -> list[int]:
        """Process ids of the workers there are now in this process."""
        fleet = self._fleet
        return fleet.pids() if fleet is not None and fleet.pid == os.getpid() else []

    def close(self) -> None:
        """End the workers; calls under way in other threads finish first. The next `run` opens it again."""
        fleet, self._fleet = self._fleet, None
        if fleet is not None and fleet.pid == os.getpid():
            fleet.close()

    def _here(self) -> Fleet:
        """The workers of this process: after a fork, the copy begins with none and with a new lock."""
        fleet = self._fleet
        if fleet is None or fleet.pid != os.getpid():
            with lifetimes.FORK_GATE:
                fleet = self._fleet
                if fleet is None or fleet.pid != os.getpid():
                    size = self.workers or usable_workers()
                    fleet = Fleet(self.target, self._hello, size, self.idle_s, self.setup_wall_s)
                    self._fleet = fleet
        return fleet

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_fleet": None}

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # the interpreter may be half gone
            self.close()

    def __repr__(self) -> str:
        return f"WorkerPool({self.target!r}, workers={self.workers}, budget={self.budget})"
