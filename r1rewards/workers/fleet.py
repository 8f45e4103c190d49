"""The workers of one pool in one process, and which call holds which of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence

from r1rewards.workers.worker import Worker

# How often a call that waits for a worker looks for itself.
WAIT_S = 1.0


class Fleet:
    """The book of a pool's workers.

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

    def lease(self, owner: object, wanted: int, *, block: bool, fresh: bool) -> list[Worker]:
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

    def release(self, owner: object, *, keep_starting: bool) -> None:
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
