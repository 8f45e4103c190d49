"""Cuts a stream of rows into chunks that are bounded in rows and in bytes, and keeps groups whole where that counts."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

from r1rewards.errors import RowError, UsageError
from r1rewards.rollouts.columns import DERIVED, MISSING, ColumnMap
from r1rewards.rollouts.rows import Row
from r1rewards.rubric import SCORE_OF
from r1rewards.samples import Batch
from r1rewards.text.dialects import Dialect

MAX_ROWS = 2048
MAX_BYTES = 8 << 20
GROUP_ROWS = 16
GROUP_BYTES = 64
"""How many times a chunk's rows and bytes a group may have; long completions with their tokens are large."""

_READ_AS_TEXT = ("completion", "prompt", *DERIVED)
"""Columns of which a batch shows text whatever the cell is, or that it makes itself."""


class GroupKeys:
    """Tells rows' groups: those within which a reward compares rows, so that they must be scored together.

    A row's cells are taken as the reward will see them. Two are of one group where a `dict` takes them for one
    key, of lists and objects their ``repr``; a null is of no group.

    Args:
        columns: The compared columns.
        column_map: Which input column plays which part.
        transcript: The transcript mode, for columns that are made of the completion.

    Example:
        >>> keys = GroupKeys(["group"], ColumnMap.parse("group=prompt_id"))
        >>> a, b, c, d = (keys(Row({"prompt_id": cell}, "a.jsonl", 1)) for cell in (1, 1.0, "1", None))
        >>> a == b, a == c, d
        (True, False, ())
    """

    def __init__(self, columns: Sequence[str], column_map: ColumnMap, transcript: str | Dialect | None = None) -> None:
        self._columns = tuple(columns)
        self._column_map = column_map
        self._transcript = transcript
        self._latest: list[tuple[Any, bytes]] = [(None, b"")] * len(self._columns)
        """Each column's cell of the row before and its key: mostly the next row's too."""

    @classmethod
    def of(cls, scorer: Any, column_map: ColumnMap, transcript: str | Dialect | None = None) -> GroupKeys | None:
        """Return what tells the groups that a scorer compares within, None where it takes each row for itself.

        Args:
            scorer: A `Rubric`, or what has one as its ``rubric``.
            column_map: Which input column plays which part.
            transcript: The transcript mode; by default the rubric's.

        Raises:
            UsageError: It compares within groups that only its scores tell.
        """
        rubric = getattr(scorer, "rubric", scorer)
        columns: tuple[str, ...] = getattr(rubric, "compares_within", ())
        for name in columns:
            if name.startswith(SCORE_OF) and name not in rubric.requires:
                raise UsageError(f"rows of a file cannot be grouped by {name!r}, which is known after scoring only")
        mode = getattr(rubric, "transcript", None) if transcript is None else transcript
        return cls(columns, column_map, mode) if columns else None

    def __call__(self, row: Row) -> tuple[bytes, ...]:
        """Return the keys of a row's groups: one of 17 bytes for each compared column that has a value.

        Raises:
            RowError: A cell is nested too deeply.
        """
        keys = []
        for number, name in enumerate(self._columns):
            cell = self._cell(row, name)
            if cell is None:
                continue
            latest, key = self._latest[number]
            if type(cell) is not str or cell != latest:
                try:
                    key = bytes([number]) + blake2b(_canonical(cell), digest_size=16).digest()
                except RecursionError:
                    raise self._error(row, number, "the cell is nested too deeply to tell groups by") from None
                self._latest[number] = (cell, key)
            keys.append(key)
        return tuple(keys)

    def apart(self, row: Row, key: bytes) -> RowError:
        """Return the error of a row whose group was closed before."""
        problem = (
            f"the rows of group {self._shown(row, key)} stand apart, and a reward compares the rows of a group with "
            "one another; sort the file by that column"
        )
        return self._error(row, key[0], problem)

    def too_many(self, row: Row, key: bytes, max_rows: int, max_bytes: int) -> RowError:
        """Return the error of a row whose group is too large."""
        problem = (
            f"the rows of group {self._shown(row, key)}, with those that they are mixed with, are more than can be "
            f"compared with one another ({max_rows:,} rows, {max_bytes / (1 << 20):,.0f} MiB); sort the file by that "
            "column, or name another that has smaller groups"
        )
        return self._error(row, key[0], problem)

    def _error(self, row: Row, number: int, problem: str) -> RowError:
        """Return an error of a row's cell in a compared column, under the name that the input has for it."""
        name = self._columns[number]
        return RowError(problem, file=row.file, line=row.line, column=self._column_map.mapping.get(name, name))

    def _shown(self, row: Row, key: bytes) -> str:
        """Return the name of a row's group, not too long."""
        return reprlib.repr(self._cell(row, self._columns[key[0]]))

    def _cell(self, row: Row, name: str) -> Any:
        """Return the cell that a reward will see; None where it sees none."""
        cell = self._column_map.cell(row, name)
        if name in DERIVED or (name in _READ_AS_TEXT and cell is not MISSING and not isinstance(cell, str)):
            return Batch(self._column_map.columns_of([row]), transcript=self._transcript).column(name)[0]
        return None if cell is MISSING else cell


def chunked(
    rows: Iterable[Row], *, groups: GroupKeys | None = None, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES
) -> Iterator[list[Row]]:
    """Cut rows into chunks, in order, none lost; where they are cut depends on the rows alone.

    Args:
        rows: The rows.
        groups: Tells the groups that no cut may go through; None where each row stands for itself.
        max_rows: Rows of a chunk at most; it is longer by the rest of a group.
        max_bytes: Bytes of a chunk at most, likewise; a larger row is a chunk by itself.

    Yields:
        Chunks of at least one row.

    Raises:
        RowError: A group's rows stand apart, or are too many to be held at once.

    Example:
        >>> rows = [Row({"group": line > 1}, "a.jsonl", line, b"{}") for line in range(1, 6)]
        >>> [[row.line for row in chunk] for chunk in chunked(rows, max_rows=2)]
        [[1, 2], [3, 4], [5]]
        >>> groups = GroupKeys(["group"], ColumnMap())
        >>> [[row.line for row in chunk] for chunk in chunked(rows, groups=groups, max_rows=1)]
        [[1], [2, 3, 4, 5]]
    """
    if groups is not None:
        yield from _in_whole_groups(rows, groups, max_rows, max_bytes)
        return
    chunk: list[Row] = []
    size = 0
    for row in rows:
        row_bytes = max(row.size_bytes, len(row.raw or b""))
        if chunk and (len(chunk) >= max_rows or size + row_bytes > max_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += row_bytes
        if len(chunk) >= max_rows or size >= max_bytes:
            # At once, so that a slow pipe's rows do not wait for the row behind them.
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _in_whole_groups(rows: Iterable[Row], groups: GroupKeys, max_rows: int, max_bytes: int) -> Iterator[list[Row]]:
    """Cut as `chunked` does, but only before a row of which no group is in the chunk already."""
    most_rows, most_bytes = max_rows * (1 + GROUP_ROWS), max_bytes * (1 + GROUP_BYTES)
    chunk: list[Row] = []
    size = 0
    here: set[bytes] = set()
    closed: set[bytes] = set()  # of all groups before: about 110 bytes each
    for row in rows:
        keys = groups(row)
        row_bytes = max(row.size_bytes, len(row.raw or b""))
        bound = next((key for key in keys if key in here), None)
        for key in keys:
            if key in closed:
                raise groups.apart(row, key)
        if bound is not None:
            if len(chunk) >= most_rows or size + row_bytes > most_bytes:
                raise groups.too_many(row, bound, most_rows, most_bytes)
        elif chunk and (len(chunk) >= max_rows or size >= max_bytes or size + row_bytes > max_bytes):
            yield chunk
            closed |= here
            chunk, size, here = [], 0, set()
        chunk.append(row)
        size += row_bytes
        here.update(keys)
    if chunk:
        yield chunk


def _canonical(cell: Any) -> bytes:
    """Return a cell as bytes, the same for cells that are one key of a `dict`; NaN is taken for one value."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, float):
        return b"n" + repr(cell).encode()
    if isinstance(cell, int):
        return b"n%x" % cell
    # A list's `repr` is a text: a reward takes it for one too.
    return b"t" + (cell if isinstance(cell, str) else repr(cell)).encode("utf-8", "surrogatepass")
