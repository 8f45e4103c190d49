"""What people see: consoles whose tables stay readable, and hostile text made harmless."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO, NoReturn

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDTH_OF_FILES = 100
"""Columns of a table that goes into a file or a pipe, where there is no window to ask."""
_LEAST_WIDTH = 70
"""Narrower windows cut lines themselves; squeezing the cells would cut the figures."""
_TAB = "    "


class _Console(Console):
    """A console that leaves a closed pipe to whoever runs the command."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise what happened, where Rich would end the process."""
        raise BrokenPipeError


def console_for(stream: IO[str]) -> Console:
    """Return a console that is wide enough for our tables, whatever the stream is.

    Args:
        stream: Standard output or standard error.
    """
    console = _Console(file=stream, highlight=False)
    least = _LEAST_WIDTH if console.is_terminal else _WIDTH_OF_FILES
    if console.width < least:
        console.width = least
    return console


def table_of(*headers: str, **settings: object) -> Table:
    """Return a table that folds what is too long and never leaves it out.

    Args:
        *headers: The columns' titles.
        **settings: Those of Rich's Table.
    """
    table = Table(**settings)  # type: ignore[arg-type]  # handed through
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


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


def harmless_text(text: str, limit: int | None = None) -> Text:
    """Return a hostile text as something to print: no markup, no control characters, its middle left out.

    Args:
        text: Any string.
        limit: Characters to keep; None for all.
    """
    if limit is not None and len(text) > limit:
        half = limit // 2
        text = f"{text[:half]}\n[… {len(text) - 2 * half:,} characters …]\n{text[-half:]}"
    return Text(harmless(text))


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
