"""Keeps worker processes tied to the life of this process: exit hooks, and peace between them and fork.

Three ways out are covered here or by what is held here: a normal exit kills every worker (`atexit`); any
other end of this process closes the lifelines; a forked copy of this process lets go of workers that are
its parent's, so that the copy does not keep their lifelines open.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import Protocol


class Mortal(Protocol):
    """A worker process, as seen from here."""

    def bury(self) -> None:
        """Kill it and wait for it."""

    def disown(self) -> None:
        """Forget it, in a forked copy of the process that owns it."""


# Held while a worker's descriptors are made or closed, and across every fork: a copy of this process never
# sees a descriptor that is in nobody's books. Reentrant, as a signal handler may fork.
FORK_GATE = threading.RLock()

_live: dict[int, Mortal] = {}
_exiting: set[int] = set()  # this process's id, once it has begun to shut down


def register(worker: Mortal) -> None:
    """Put a worker into the books; call with `FORK_GATE` held."""
    _live[id(worker)] = worker


def unregister(worker: Mortal) -> None:
    """Take a worker out of the books."""
    _live.pop(id(worker), None)


def exiting() -> bool:
    """Whether this process has begun to shut down, so that no worker may be started any more."""
    return os.getpid() in _exiting


def _at_exit() -> None:
    _exiting.add(os.getpid())
    for worker in list(_live.values()):
        worker.bury()


def _before_fork() -> None:
    FORK_GATE.acquire()


def _after_fork_in_parent() -> None:
    FORK_GATE.release()


def _after_fork_in_child() -> None:
    # A new lock: the old one may hold the traces of threads that do not exist here.
    global FORK_GATE  # noqa: PLW0603 - replacing it is the point; users read it off this module
    FORK_GATE = threading.RLock()
    for worker in list(_live.values()):
        worker.disown()
    _live.clear()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
