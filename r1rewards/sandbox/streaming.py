"""A call whose caller takes executions as they come, keeps none of them in the sandbox, and may leave at any time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar


class CallerLeft(Exception):
    """Nobody wants what a call would still run; it has ended its walls in flight."""


class Stream:
    """What a call and its caller share; `leave` may be called from any thread.

    A call within `streaming` ends with `CallerLeft` soon after its caller has left: what has not begun is dropped and
    what runs is killed. Of executions that `settle` was told it gives back the ending only. It is no argument of
    `Sandbox.run`, so that sandboxes that wrap others, and those that know nothing of it, stay as they are: with the
    latter the call ends after the run that is under way, where `settle` raises.
    """

    def __init__(self) -> None:
        self._left = threading.Event()

    @property
    def left(self) -> bool:
        """Whether the caller has left."""
        return self._left.is_set()

    def leave(self) -> None:
        """Want nothing more."""
        self._left.set()

    def check(self) -> None:
        """Go on only if somebody waits.

        Raises:
            CallerLeft: Nobody does.
        """
        if self.left:
            raise CallerLeft("the caller of this run has left")


_HERE: ContextVar[Stream | None] = ContextVar("r1rewards_sandbox_stream", default=None)


@contextlib.contextmanager
def streaming(stream: Stream) -> Iterator[None]:
    """Make the calls of this thread, or of this asynchronous task, those of a stream."""
    token = _HERE.set(stream)
    try:
        yield
    finally:
        _HERE.reset(token)


def stream_here() -> Stream | None:
    """Return the stream that a call made here belongs to, if any."""
    return _HERE.get()
