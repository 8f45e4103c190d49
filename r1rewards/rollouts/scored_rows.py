"""Reads rows together with their scores: those that a file holds, and those of rewards that are scored on the way."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from r1rewards.errors import MissingColumn, RewardError, RowError, UsageError
from r1rewards.rollouts.chunks import MAX_BYTES, MAX_ROWS, GroupKeys, chunked
from r1rewards.rollouts.columns import MISSING, ColumnMap, good_rows, lookup
from r1rewards.rollouts.jsonl import OutputNames
from r1rewards.rollouts.rows import Row, read_rows
from r1rewards.rollouts.scoring import Scorer
from r1rewards.samples import Batch, dialect_of
from r1rewards.scores import Detail, Status
from r1rewards.text.dialects import Dialect

_NO_FACTS: Mapping[str, Any] = {}
_NO_GROUP = ("group", "prompt")
_PROBED_ROWS = 64
_Columns = tuple[
    npt.NDArray[np.float64],
    dict[str, npt.NDArray[np.float64]],
    dict[str, list[str]],
    dict[str, Sequence[Detail]],
]


@dataclass(frozen=True)
class ScoredChunk:
    """Some rows in order, with their scores as columns.

    Attributes:
        rows: B rows.
        totals: float64[B]; NaN = unscored.
        values: Reward to float64[B]; NaN = unscored.
        statuses: Reward to the names of B statuses.
        details: Reward to B mappings, empty where a file holds none.
        column_map: Which input column plays which part.
        transcript: The transcript mode.
        names: Names of the columns that scoring adds.
    """

    rows: Sequence[Row]
    totals: npt.NDArray[np.float64]
    values: Mapping[str, npt.NDArray[np.float64]]
    statuses: Mapping[str, Sequence[str]]
    details: Mapping[str, Sequence[Detail]]
    column_map: ColumnMap
    transcript: str | Dialect | None = None
    names: OutputNames = field(default_factory=OutputNames)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def batch(self) -> Batch:
        """The rows as a batch, for what is derived from completions."""
        return Batch(self.column_map.columns_of(self.rows), transcript=self.transcript)

    def cells(self, name: str) -> list[Any]:
        """Return what a column holds, sought in this order.

        The total by its own name; a reward's values; ``REWARD.FACT``, a fact from its details; an input
        column or a dotted path into one.

        Args:
            name: The column.

        Returns:
            B cells; `MISSING` where a row has no such column, NaN where a reward left the row unscored.
        """
        if name == self.names.reward:
            return list(self.totals.tolist())
        if name in self.values:
            return list(self.values[name].tolist())
        reward, dot, fact = name.partition(".")
        if dot and reward in self.details:
            return [_fact(facts, fact) for facts in self.details[reward]]
        return [self.column_map.cell(row, name) if "." not in name else lookup(row.values, name) for row in self.rows]

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a column as float64[B]; true is 1, and NaN stands where there is no number."""
        if name == self.names.reward:
            return self.totals
        if name in self.values:
            return self.values[name]
        return np.array([_as_number(cell) for cell in self.cells(name)], dtype=np.float64)

    def has(self, name: str) -> bool:
        """Return whether some row has a column."""
        if name in self.values:
            return True
        return any(cell is not MISSING for cell in self.cells(name)) and (
            name != self.names.reward or not bool(np.isnan(self.totals).all())
        )


class ScoredRows:
    """The rows of files with their scores, chunk by chunk, in bounded memory.

    A file that `r1rewards score` wrote brings its scores along; a rubric's rewards are scored on the way and
    stand beside them (of one name the new ones count, and the total is the rubric's).

    Args:
        paths: Files, or ``-`` for standard input.
        column_map: Which input column plays which part.
        rubric: What scores; None where the files hold all that is asked for.
        choose: Asked with the first rows as they are written, where ``rubric`` is None: what scores after all.
        transcript: The transcript mode.
        names: Names of the columns that scoring added.
        on_bad: Told of each bad row, which is then left out; by default the first one raises.
        on_bytes: Told how many bytes were read.
        on_rows: Told how many rows were handed on.
        stdin: What ``-`` stands for.
        max_rows: Rows of a chunk at most.
        max_bytes: Bytes of a chunk at most.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        column_map: ColumnMap | None = None,
        rubric: Scorer | None = None,
        choose: Callable[[ScoredChunk], Scorer | None] | None = None,
        transcript: str | Dialect | None = None,
        names: OutputNames | None = None,
        on_bad: Callable[[RowError], None] | None = None,
        on_bytes: Callable[[int], None] | None = None,
        on_rows: Callable[[int], None] | None = None,
        stdin: BinaryIO | None = None,
        max_rows: int = MAX_ROWS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.paths = [os.fspath(path) for path in paths]
        self.column_map = column_map or ColumnMap()
        self.rubric = rubric
        self._choose = choose
        self.transcript = transcript
        self.names = names or OutputNames()
        self._on_bad = on_bad
        self._on_bytes = on_bytes
        self._on_rows = on_rows
        self._stdin = stdin
        self._max_rows, self._max_bytes = max_rows, max_bytes

    def __iter__(self) -> Iterator[ScoredChunk]:
        rows: Iterator[Row] = read_rows(self.paths, on_bad=self._on_bad, on_bytes=self._on_bytes, stdin=self._stdin)
        if self.rubric is None and self._choose is not None:
            first = list(islice(rows, _PROBED_ROWS))
            self.rubric = self._choose(self._chunk(*self._written(first, on_bad=_leave))) if first else None
            rows = chain(first, rows)
        if self.rubric is not None:
            rows = good_rows(rows, self.column_map, dialect_of(self.transcript), self._on_bad)
        groups = GroupKeys.of(self.rubric, self.column_map, self.transcript)
        for chunk in chunked(rows, groups=groups, max_rows=self._max_rows, max_bytes=self._max_bytes):
            yield self.scored(chunk)
            if self._on_rows is not None:
                self._on_rows(len(chunk))

    def scored(self, rows: Sequence[Row]) -> ScoredChunk:
        """Return rows with their scores."""
        rows, written = self._written(rows, on_bad=self._on_bad)
        totals, values, statuses, details = written
        if self.rubric is not None and rows:
            table = self._table(rows)
            totals = table.totals
            for name, column in zip(table.names, table.columns, strict=True):
                values[name] = column.values
                statuses[name] = column.status_names
                details[name] = column.details
        return self._chunk(rows, (totals, values, statuses, details))

    def _chunk(self, rows: Sequence[Row], columns: _Columns) -> ScoredChunk:
        """Return rows and their scores as one."""
        return ScoredChunk(rows, *columns, self.column_map, self.transcript, self.names)

    def _table(self, rows: Sequence[Row]) -> Any:
        """Score rows."""
        assert self.rubric is not None
        columns = self.column_map.columns_of(rows, always=self.column_map.mapping)
        try:
            return self.rubric.score(Batch(columns, transcript=self.transcript))
        except RewardError as error:
            first, last = rows[0], rows[-1]
            place = f"{first.file}:{first.line} to {last.file}:{last.line}"
            raise RewardError(f"{error} (the batch is {place})") from error

    def _written(
        self, rows: Sequence[Row], *, on_bad: Callable[[RowError], None] | None
    ) -> tuple[Sequence[Row], _Columns]:
        """Return the rows whose own scores can be read, and these as columns."""
        good, read = [], []
        for row in rows:
            try:
                read.append(self._read(row))
                good.append(row)
            except RowError as error:
                if on_bad is None:
                    raise
                on_bad(error)
        named = dict.fromkeys(name for _, values, _, _ in read for name in values)
        totals = np.array([total for total, _, _, _ in read], dtype=np.float64)
        values = {
            name: np.array([cells.get(name, math.nan) for _, cells, _, _ in read], dtype=np.float64) for name in named
        }
        statuses = {
            name: [_status(said.get(name), name in cells, cells.get(name, math.nan)) for _, cells, said, _ in read]
            for name in named
        }
        details: dict[str, Sequence[Detail]] = {
            name: [facts.get(name, _NO_FACTS) for _, _, _, facts in read]
            for name in dict.fromkeys(name for _, _, _, facts in read for name in facts)
        }
        return good, (totals, values, statuses, details)

    def _read(self, row: Row) -> tuple[float, dict[str, float], Mapping[str, Any], Mapping[str, Any]]:
        """Return what a row says of itself: total, values, statuses and details."""
        values: dict[str, float] = {}
        written = row.values.get(self.names.rewards)
        if isinstance(written, Mapping):
            for name, cell in written.items():
                values[name] = self._number(row, f"{self.names.rewards}.{name}", cell)
        said = row.values.get(self.names.status)
        facts = row.values.get(self.names.details)
        total = row.values.get(self.names.reward)
        if not isinstance(total, int | float) and not isinstance(written, Mapping):
            total = None  # some other column of that name, such as a text
        return (
            self._number(row, self.names.reward, total),
            values,
            said if isinstance(said, Mapping) else _NO_FACTS,
            {name: inner for name, inner in facts.items() if isinstance(inner, Mapping)}
            if isinstance(facts, Mapping)
            else _NO_FACTS,
        )

    def _number(self, row: Row, column: str, cell: Any) -> float:
        """Read a written score; null is NaN."""
        if cell is None:
            return math.nan
        number = _as_number(cell)
        if not math.isfinite(number):
            raise RowError(
                f"expected a number or null, found {type(cell).__name__}; if it is no score, say how the scores' "
                "columns begin with --score-prefix",
                file=row.file,
                line=row.line,
                column=column,
            )
        return number


def group_column(chunk: ScoredChunk, group_by: Sequence[str]) -> tuple[str, ...]:
    """Return the columns whose values name a row's group.

    Args:
        chunk: The first rows.
        group_by: The columns that were asked for; none for ``group`` or, without it, ``prompt``.

    Raises:
        MissingColumn: No row has one of them.
    """
    for name in group_by:
        if not chunk.has(name):
            raise missing(chunk, name, "--group-by")
    if group_by:
        return tuple(group_by)
    for name in _NO_GROUP:
        if chunk.has(name):
            return (name,)
    raise missing(chunk, _NO_GROUP[0], "telling which rows belong to one prompt")


def groups_of(chunk: ScoredChunk, group_by: Sequence[str]) -> list[Any]:
    """Return each row's group as a JSON value; None where it has none."""
    if not group_by:
        return [None] * len(chunk)
    columns = [[None if cell is MISSING else cell for cell in chunk.cells(name)] for name in group_by]
    if len(columns) == 1:
        return columns[0]
    return [None if None in cells else list(cells) for cells in zip(*columns, strict=True)]


def missing(chunk: ScoredChunk, name: str, needed_by: str) -> MissingColumn:
    """Return the error of a column that no row has, with all that could be meant."""
    present = dict.fromkeys([*chunk.values, *(key for row in chunk.rows for key in row.values)])
    error = MissingColumn(name, needed_by, present)
    if not chunk.values:
        error.args = (f"{error.args[0]} These rows are not scored; name rewards with -r to have them scored first.",)
    return error


def accuracy_column(chunk: ScoredChunk, asked: str | None) -> str:
    """Return the column that says whether a completion is right.

    Args:
        chunk: The first rows.
        asked: The column that was asked for; None for the first reward there is.

    Raises:
        MissingColumn: There is no such column.
        UsageError: The rows are not scored.
    """
    if asked is not None:
        if not chunk.has(asked):
            raise missing(chunk, asked, "--correct")
        return asked
    for name in ("math", "code", *chunk.values):
        if name in chunk.values:
            return name
    raise UsageError("the rows are not scored; name the rewards with -r, such as -r math, or a column with --correct")


def _leave(error: RowError) -> None:
    """Leave a bad row to the reading that follows."""


def _fact(facts: Detail, path: str) -> Any:
    """Return one fact of a cell's details."""
    found = lookup(facts, path)
    return MISSING if found is None else found


def _as_number(cell: Any) -> float:
    """Return a cell as a number, NaN where it is none."""
    if isinstance(cell, bool):
        return float(cell)
    if isinstance(cell, int | float):
        try:
            return float(cell)
        except OverflowError:
            return math.nan
    return math.nan


def _status(said: Any, there: bool, value: float) -> str:
    """Return a written status, or what its absence means."""
    if isinstance(said, str):
        return said
    return (Status.INFRA if there else Status.NOT_APPLICABLE).name if math.isnan(value) else Status.OK.name
