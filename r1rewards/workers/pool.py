"""The pool of worker processes: who holds which worker, and the public `WorkerPool`."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from r1rewards.workers import frames, lifetimes
from r1rewards.workers.budget import JSON, Budget, WorkResult
from r1rewards.workers.call import Call
from r1rewards.workers.fleet import Fleet

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
