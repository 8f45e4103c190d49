"""Reads rows in order, one at a time: JSONL, gzip, zstd, JSON arrays, Parquet, standard input."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from r1rewards.errors import RowError, UsageError
from r1rewards.rollouts.byte_sources import (
    STDIN,
    check_inputs,
    holds_parquet,
    open_bytes,
    reason,
    shown_name,
    skip_blank,
    unpacked,
)
from r1rewards.rollouts.json_rows import array_rows, decode_object

_BLANK = b" \t\r\n"
_LINES_SUFFIXES = (".jsonl", ".ndjson")
_PACKED_SUFFIXES = (".gz", ".zst", ".zstd")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input.

    Attributes:
        values: The columns.
        file: Name of the input as errors show it; ``<stdin>`` for standard input.
        line: 1-based line (JSONL) or row number (arrays and Parquet).
        raw: The JSON object's own bytes on one line (JSONL), so that output can keep them; else None.
        size_bytes: About how large the row is.
    """

    values: dict[str, Any]
    file: str
    line: int
    raw: bytes | None = None
    size_bytes: int = 0


def read_rows(
    paths: Sequence[str | os.PathLike[str]],
    *,
    on_bad: Callable[[RowError], None] | None = None,
    on_bytes: Callable[[int], None] | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Row]:
    """Read the rows of several inputs, one after the other, without loading any of them whole.

    ``.jsonl`` is one object a line; gzip, zstd, Parquet and arrays are told by their first bytes whatever
    the name says. Blank lines are skipped but counted. Integers of more than 4,300 digits come as text.

    Args:
        paths: Files, or ``-`` for standard input.
        on_bad: Told of each bad row, which is then left out; by default the first one raises. Damage that
            hides all that follows (packed data cut off, a broken array) raises in any case.
        on_bytes: Told how many bytes were read from disk, for a progress bar.
        stdin: What ``-`` stands for; the process's own by default.

    Returns:
        The rows, in order.

    Raises:
        UsageError: An input cannot be opened (found before the first row is read).
        MissingExtra: Reading it takes a package that is not installed.
        RowError: A row is bad; names file and line.

    Example:
        >>> rows = read_rows(["-"], stdin=io.BytesIO(b'{"completion": "4"}'))
        >>> [(row.line, row.values) for row in rows]
        [(1, {'completion': '4'})]
    """
    names = [os.fspath(path) for path in paths]
    check_inputs(names)
    for name in names:
        _check_extra(name)
    return _rows_of_all(names, on_bad, on_bytes, stdin)


def _check_extra(name: str) -> None:
    """Raise early where a file's name tells that an absent package is needed (importing its file raises)."""
    if name.lower().endswith((".zst", ".zstd")):
        import r1rewards.rollouts.zstd_files
    elif name.lower().endswith(".parquet"):
        import r1rewards.rollouts.parquet_files  # noqa: F401 - raises when its package is absent


def _rows_of_all(
    names: Sequence[str],
    on_bad: Callable[[RowError], None] | None,
    on_bytes: Callable[[int], None] | None,
    stdin: BinaryIO | None,
) -> Iterator[Row]:
    for name in names:
        file = _File(name, on_bad, on_bytes, stdin)
        try:
            yield from file.rows()
        except (EOFError, OSError, zlib.error) as error:
            raise RowError(
                f"cannot read on: {reason(error)}; is the file cut off or still being written?",
                file=shown_name(name),
                line=file.line + 1,
            ) from None
        finally:
            file.close()


class _File:
    """One input being read."""

    def __init__(
        self,
        path: str,
        on_bad: Callable[[RowError], None] | None,
        on_bytes: Callable[[int], None] | None,
        stdin: BinaryIO | None,
    ) -> None:
        self.path = path
        self.name = shown_name(path)
        self.line = 0
        self._on_bad = on_bad
        self._on_bytes = on_bytes
        self._disk = open_bytes(path, stdin=stdin, on_bytes=on_bytes)
        self._stream = self._disk

    def rows(self) -> Iterator[Row]:
        """Yield the rows."""
        if holds_parquet(self._stream) or self.path.lower().endswith(".parquet"):
            yield from self._parquet_rows()
            return
        self._stream = unpacked(self._stream, self.name)
        stem = self.path.lower()
        for suffix in _PACKED_SUFFIXES:
            stem = stem.removesuffix(suffix)
        if not stem.endswith(_LINES_SUFFIXES):
            self.line, first = skip_blank(self._stream)
            if first == b"[":
                for values, number, size in array_rows(self._stream, self.name, self._on_bad):
                    self.line = number
                    yield Row(values, self.name, number, None, size)
                return
        yield from self._line_rows(self._stream)

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._stream.close()
        self._disk.close()  # gzip leaves open what it was given

    def _line_rows(self, stream: io.BufferedReader) -> Iterator[Row]:
        while line := stream.readline():
            self.line += 1
            raw = line.strip(_BLANK)
            if not raw:
                continue
            try:
                values = decode_object(raw, self.name, self.line)
            except RowError as error:
                if self._on_bad is None:
                    raise
                self._on_bad(error)
                continue
            yield Row(values, self.name, self.line, raw, len(raw))

    def _parquet_rows(self) -> Iterator[Row]:
        from r1rewards.rollouts.parquet_files import parquet_rows

        if self.path == STDIN:
            raise UsageError("Parquet cannot be read from standard input; give the file's name")
        if not holds_parquet(self._stream):
            raise UsageError(f"cannot read {self.path!r}: it is not a Parquet file")
        told = len(self._stream.peek(1))
        self._stream.close()
        for values, size_bytes in parquet_rows(self.path):
            self.line += 1
            yield Row(values, self.name, self.line, None, size_bytes)
        if self._on_bytes is not None:
            self._on_bytes(max(0, os.stat(self.path).st_size - told))  # noqa: PTH116 - paths are text here
