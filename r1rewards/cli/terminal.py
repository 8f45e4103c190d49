"""What people see, kept harmless: hostile text made visible, and streams whose reader may leave."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO

import click

_TAB = "    "


def harmless(text: str) -> str:
    """Return a text without what a terminal would obey or hide.

    Control characters, invisible ones and lone surrogates are shown by their code point; line ends stay.

    Args:
        text: Any string.

    Example:
        >>> harmless("a\\x1b[31m\\tb\\u200b")
        'a<U+001B>[31m    b<U+200B>'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else _shown(char) for char in text)


def say(message: str) -> None:
    """Write a line of ours to standard error; whether anybody reads it is of no account to the run.

    Args:
        message: What to say; the program's name is put before it.
    """
    with listener_may_leave():
        click.echo(harmless(f"r1rewards: {message}"), err=True)


@contextlib.contextmanager
def listener_may_leave() -> Iterator[None]:
    """Let what is written to standard error be lost where its reader has gone: rows matter more."""
    try:
        yield
    except OSError:
        silence(sys.stderr)


def silence(stream: IO[str]) -> None:
    """Point a stream whose reader has gone, or whose disk is full, to nowhere, so that leaving is quiet.

    Args:
        stream: Standard output or standard error.
    """
    with contextlib.suppress(OSError, ValueError):  # a test's stream has no descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def count_of(number: int, thing: str) -> str:
    """Return a number with its noun.

    Example:
        >>> count_of(1, "row"), count_of(2000, "row")
        ('1 row', '2,000 rows')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _shown(char: str) -> str:
    """Return a character that must not reach a terminal as text."""
    return _TAB if char == "\t" else f"<U+{ord(char):04X}>"
