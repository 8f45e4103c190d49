"""The walls of one sandbox in one process, and which call holds which of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

from r1rewards.sandbox.wall import Launch, Wall

# How often a call that waits for a wall looks for itself.
WAIT_S = 1.0


class Walls:
    """The book of a sandbox's walls; its lock guards the book only, nothing slow happens under it.

    Args:
        launch: Gives how to start one that may hold so many bytes.
        size: Most walls at a time.
        idle_s: Walls idle for longer than so many seconds are ended at the next call.
    """

    def __init__(self, launch: Callable[[int], Launch], size: int, idle_s: float) -> None:
        self.pid = os.getpid()
        self.size = size
        self.ever_ready = False
        self._launch = launch
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._walls: list[Wall] = []
        self._queue: list[threading.Lock] = []
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many calls wait for a wall."""
        return len(self._queue)

    def lease(self, owner: object, wanted: int, memory_bytes: int, *, block: bool) -> list[Wall]:
        """Take idle walls, and places for new ones that are yet to be started, up to a number.

        Args:
            owner: The call that takes them.
            wanted: At most so many.
            memory_bytes: What each must be able to hold.
            block: Where there is none, wait a moment and look once more; who waits on asks again, and can look around
                in between.
        """
        for last_look in (not block, True):
            with self._lock:
                gone = self._retire(memory_bytes)
                idle = [wall for wall in self._walls if wall.owner is None]
                idle.sort(key=lambda wall: wall.idle_since_s, reverse=True)
                taken = idle[:wanted]
                while len(taken) < wanted and len(self._walls) - len(gone) < self.size:
                    wall = Wall(self._launch(memory_bytes))
                    self._walls.append(wall)
                    taken.append(wall)
                for wall in taken:
                    wall.owner = owner
                if not taken and not last_look:
                    turn = threading.Lock()
                    turn.acquire()
                    self._queue.append(turn)
            self._bury(gone)
            if taken or last_look:
                break
            turn.acquire(timeout=WAIT_S)
            with self._lock:
                if turn in self._queue:
                    self._queue.remove(turn)
        return taken

    def _retire(self, memory_bytes: int) -> list[Wall]:
        """Doom idle walls that died, were idle for too long or are too small."""
        oldest_s = time.monotonic() - self._idle_s
        gone = []
        for wall in self._walls:
            if wall.owner is None and (
                not wall.alive() or wall.idle_since_s < oldest_s or wall.launch.memory_bytes < memory_bytes
            ):
                wall.owner = self
                gone.append(wall)
        return gone

    def _bury(self, gone: Sequence[Wall]) -> None:
        if not gone:
            return
        for wall in gone:
            wall.hang_up()
        for wall in gone:
            wall.bury()
        with self._lock:
            self._walls = [wall for wall in self._walls if wall not in gone]
            self._call_next()

    def _call_next(self) -> None:
        queue, self._queue = self._queue, []
        for turn in queue:
            turn.release()

    def give_back(self, walls: Sequence[Wall]) -> None:
        """Take walls back; one in the middle of something is ended."""
        gone = []
        with self._lock:
            for wall in walls:
                if wall.ready and not wall.in_flight and not wall.wants_write and not self._closed and wall.alive():
                    wall.idle_since_s = time.monotonic()
                    wall.owner = None
                else:
                    wall.owner = self
                    gone.append(wall)
            self._call_next()
        self._bury(gone)

    def discard(self, wall: Wall) -> None:
        """Strike off a wall that has been ended."""
        wall.owner = self
        self._bury([wall])

    def close(self) -> None:
        """End the idle walls now and the others as soon as their calls are done."""
        with self._lock:
            self._closed = True
            gone = [wall for wall in self._walls if wall.owner is None]
            for wall in gone:
                wall.owner = self
        self._bury(gone)

    def facts(self) -> list[dict[str, str]]:
        """Return what the runners there are said of themselves."""
        with self._lock:
            return [dict(wall.facts) for wall in self._walls if wall.ready]

    def names(self) -> list[str]:
        """Return the names of the walls there are, as their engine knows them."""
        with self._lock:
            return [wall.launch.name for wall in self._walls if wall.started]
