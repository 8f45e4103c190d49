"""Tables and panels that stay readable, and hostile text as something that they can hold."""

from __future__ import annotations

from typing import IO, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

from r1rewards.cli.terminal import harmless

_WIDTH_OF_FILES = 100
"""Columns of a table that goes into a file or a pipe, where there is no window to ask."""
_LEAST_WIDTH = 70
"""Narrower windows cut lines themselves; squeezing the cells would cut the figures."""


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
