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

    The lock guards this book only; nothing slow happens under it. A worker's `owner` is set and cleared by
    one assignment, so that an interrupted call loses none.
    """

    def __init__(self, target: str, setup: bytes, size: int, idle_s: float, setup_wall_s: float) -> None:
        self.pid = os.getpid()
        self.size = size
        self.waiting = 0
        self._target = target
        self._setup = setup
        self._idle_s = idle_s
        self._setup_wall_s = setup_wall_s
        self._changed = threading.Condition()
        self._workers: list[Worker] = []
        self._closed = False

    def full(self) -> bool:
        """Whether a call that has workers could surely get no more (a look without the lock)."""
        return len(self._workers) >= self.size and all(worker.owner is not None for worker in self._workers)

    def lease(self, owner: object, wanted: int, *, block: bool, fresh: bool) -> list[Worker]:
        """Take idle workers, and places for new ones, up to a number.

        Args:
            owner: The call that takes them.
            wanted: At most so many.
            block: Wait until there is at least one.
            fresh: Only one that has not worked yet; an idle one that has makes room for it.
        """
        taken: list[Worker] = []
        gone: list[Worker] = []
        with self._changed:
            while True:
                self._retire(gone)
                idle = [worker for worker in self._workers if worker.owner is None]
                idle.sort(key=lambda worker: (worker.ready, worker.idle_since_s), reverse=True)
                if fresh:
                    usable = [worker for worker in idle if not worker.used]
                    if not usable and idle and len(self._workers) >= self.size:
                        self._workers.remove(idle[-1])
                        gone.append(idle[-1])
                    idle = usable
                for worker in idle[:wanted]:
                    worker.owner = owner
                    taken.append(worker)
                while len(taken) < wanted and len(self._workers) < self.size:
                    worker = Worker(self._target, self._setup, self._setup_wall_s)
                    worker.owner = owner
                    self._workers.append(worker)
                    taken.append(worker)
                if taken or not block:
                    break
                self.waiting += 1
                try:
                    self._changed.wait()
                finally:
                    self.waiting -= 1
        for worker in gone:
            worker.bury()
        return taken

    def _retire(self, gone: list[Worker]) -> None:
        """Take idle workers off the book that died or were idle for too long."""
        oldest_s = time.monotonic() - self._idle_s
        for worker in [worker for worker in self._workers if worker.owner is None]:
            if worker.idle_since_s < oldest_s or not worker.alive():
                self._workers.remove(worker)
                gone.append(worker)

    def release(self, owner: object, *, keep_starting: bool) -> None:
        """Take back everything a call holds; what is in the middle of an item is killed."""
        gone = []
        with self._changed:
            for worker in [worker for worker in self._workers if worker.owner is owner]:
                clean = worker.ready or (keep_starting and worker.started)
                if clean and not worker.inflight and not worker.wants_write and not self._closed:
                    worker.idle_since_s = time.monotonic()
                    worker.owner = None
                else:
                    self._workers.remove(worker)
                    gone.append(worker)
            self._changed.notify_all()
        for worker in gone:
            worker.bury()

    def give_back(self, worker: Worker) -> None:
        """Take back one clean worker."""
        with self._changed:
            worker.idle_since_s = time.monotonic()
            worker.owner = None
            self._changed.notify_all()

    def discard(self, worker: Worker) -> None:
        """End a worker and free its place."""
        worker.bury()
        with self._changed:
            if worker in self._workers:
                self._workers.remove(worker)
            self._changed.notify_all()

    def close(self) -> None:
        """End the idle workers now and the others as soon as their calls are done."""
        with self._changed:
            self._closed = True
            gone = [worker for worker in self._workers if worker.owner is None]
            for worker in gone:
                self._workers.remove(worker)
        for worker in gone:
            worker.bury()

    def pids(self) -> list[int]:
        """Process ids of the workers there are."""
        with self._changed:
            return [worker.pid for worker in self._workers if worker.pid]


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
