"""The pipeline from rows to scored lines: chunk, batch, score, write, count; and how a run resumes."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from r1rewards.errors import R1RewardsError, RewardError, RowError, UsageError
from r1rewards.rollouts.chunks import MAX_BYTES, MAX_ROWS, GroupKeys, chunked
from r1rewards.rollouts.columns import DERIVED, MISSING, ColumnMap, good_rows, lookup
from r1rewards.rollouts.jsonl import OutputNames, Writer, check_names, output_line, written_part
from r1rewards.rollouts.rows import Row
from r1rewards.rollouts.summary import Summary
from r1rewards.samples import Batch, dialect_of
from r1rewards.scores import ScoreTable
from r1rewards.text.dialects import Dialect

GROUP = "group"


class Scorer(Protocol):
    """What scores a batch: a `Rubric`.

    One that compares rows also has ``compares_within``: columns whose equal cells say which rows must be scored in
    one batch. One that works elsewhere has its rubric as ``rubric``, ``submit(batch)``, which returns at once what
    the table can be had from by its ``result()``, and ``ahead``, how many batches should be under way.
    """

    @property
    def requires(self) -> tuple[str, ...]:
        """Columns that some reward needs."""
        ...

    def score(self, batch: Batch, /) -> ScoreTable:
        """Score a batch."""
        ...


def score_rollouts(
    rows: Iterable[Row],
    column_map: ColumnMap,
    rubric: Scorer,
    writer: Writer,
    summary: Summary,
    *,
    transcript: str | Dialect | None = None,
    details: bool = False,
    group_by: str | None = None,
    on_progress: Callable[[int], None] | None = None,
    output_names: OutputNames | None = None,
    on_bad: Callable[[RowError], None] | None = None,
    has_column: Callable[[str], bool] | None = None,
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
) -> None:
    """Score rows and write them in order, each with its total, its rewards and their statuses.

    Where ``writer`` continues an earlier run, the rows that it holds are checked against the input and
    counted into the summary. Chunks are cut from the first row on in any case, and a chunk that was written
    in part is scored whole once more, so that a resumed run scores the very batches of an undisturbed one.
    Rows that a reward compares with one another are never cut apart. The writer is closed in any case, with
    whole chunks in it.

    Args:
        rows: From `read_rows`.
        column_map: Which column plays which part.
        rubric: What scores.
        writer: Where rows go.
        summary: Takes in every row.
        transcript: The transcript mode.
        details: Whether the facts behind each verdict are written.
        group_by: Column that names a row's group; by default ``group``, where there is one.
        on_progress: Told of each chunk's number of rows once they are written.
        output_names: Names of the new columns.
        on_bad: Told of each row that cannot be scored, which is then left out; by default that raises.
        has_column: Whether a column that the first chunk lacks stands further on in the input; where it
            says so and no row has it after all, that is an error at the end.
        max_rows: Rows of a chunk at most.
        max_bytes: Bytes of a chunk at most.

    Raises:
        RowError: A row is bad, or has a column of an output column's name; or rows that a reward compares stand
            apart, or are too many.
        MissingColumn: A column that is needed stands nowhere.
        UsageError: The input is not the one that the output was begun with, or has grown within a group that a
            reward compares.
        RewardError: A reward broke its contract.
        TooManyUnscored: The machine failed on too many rows.
    """
    try:
        names = output_names or OutputNames()
        run = _Run(column_map, rubric, writer, summary, transcript, details, group_by, names)
        good = good_rows(rows, column_map, dialect_of(transcript), on_bad)
        begun: deque[_Chunk] = deque()
        try:
            for rows_of_chunk in chunked(good, groups=run.group_keys, max_rows=max_rows, max_bytes=max_bytes):
                begun.append(run.begin(rows_of_chunk, has_column))
                while len(begun) > getattr(rubric, "ahead", 0):
                    _end_first(run, begun, on_progress)
        except R1RewardsError:
            # What was begun stands before what failed: it is written, or fails first, as it would one by one.
            _end_all(run, begun, on_progress)
            raise
        _end_all(run, begun, on_progress)
        run.finish()
    finally:
        writer.close()


@dataclass
class _Chunk:
    """A chunk that is being scored.

    Attributes:
        rows: Its rows.
        groups: Their groups.
        done: How many of them an earlier run had written.
        earlier: What it had written for them.
        table: From which the scores can be had; None where all were written.
    """

    rows: list[Row]
    groups: list[Any]
    done: int
    earlier: list[dict[str, Any]]
    table: Callable[[], ScoreTable] | None


def _end_all(run: _Run, begun: deque[_Chunk], on_progress: Callable[[int], None] | None) -> None:
    """End the chunks that were begun, in order."""
    while begun:
        _end_first(run, begun, on_progress)


def _end_first(run: _Run, begun: deque[_Chunk], on_progress: Callable[[int], None] | None) -> None:
    """End the first chunk that was begun; where that fails, those behind it are dropped: the file has no gaps."""
    try:
        run.end(begun.popleft(), on_progress)
    except BaseException:
        begun.clear()
        raise


class _Run:
    """One run over the chunks of an input."""

    def __init__(
        self,
        column_map: ColumnMap,
        rubric: Scorer,
        writer: Writer,
        summary: Summary,
        transcript: str | Dialect | None,
        details: bool,
        group_by: str | None,
        names: OutputNames,
    ) -> None:
        self._column_map = column_map
        self._rubric = rubric
        self._writer = writer
        self._summary = summary
        self._transcript = transcript
        self._details = details
        self._group_by = group_by
        self._names = names
        self.group_keys = GroupKeys.of(rubric, column_map, transcript)
        """Tells the groups within which rows are compared; None where none are."""
        self._written = writer.written_lines()
        self._left = writer.done_rows
        self._rows = 0
        named = [group_by] if group_by is not None else []
        self._needed = tuple(dict.fromkeys([*rubric.requires, *column_map.mapping, *named]))
        self._known: set[str] = set()
        """Needed columns that some row so far has, or a later one will have."""
        self._present: dict[str, None] = {}
        self._promised: dict[str, None] = {}
        """Those of them that no row so far has."""

    def begin(self, chunk: list[Row], has_column: Callable[[str], bool] | None) -> _Chunk:
        """Have a chunk scored, unless all of it was written before."""
        self._look_for_columns(chunk, has_column)
        self._rows += len(chunk)
        done = min(self._left, len(chunk))
        self._left -= done
        earlier = [self._earlier(row) for row in chunk[:done]]
        groups = [self._group(row) for row in chunk]
        return _Chunk(chunk, groups, done, earlier, self._scored(chunk) if done < len(chunk) else None)

    def end(self, chunk: _Chunk, on_progress: Callable[[int], None] | None) -> None:
        """Write a chunk's scores, or only count the part of it that was written before."""
        if chunk.table is not None:
            table = chunk.table()
            if self.group_keys is not None and chunk.done:
                self._check_settled(chunk, table, self.group_keys)
            self._writer.write(self._lines(chunk.rows, table, chunk.done))
            self._summary.add(table, chunk.groups)
        else:
            keys = (self._names.reward, self._names.rewards, self._names.status)
            for added, group in zip(chunk.earlier, chunk.groups, strict=True):
                self._summary.add_written(added, group, grouped=True, names=keys)
        if on_progress is not None:
            on_progress(len(chunk.rows))

    def _check_settled(self, chunk: _Chunk, table: ScoreTable, group_keys: GroupKeys) -> None:
        """Check that rows which came since do not change the scores of those that were written before.

        Raises:
            UsageError: They do: both are of one group.
        """
        keys = [group_keys(row) for row in chunk.rows]
        since = {key for of_row in keys[chunk.done :] for key in of_row}
        for place in range(chunk.done):
            now = {name: column.values[place] for name, column in zip(table.names, table.columns, strict=True)}
            settled = {name: None if value != value else value for name, value in now.items()}
            if not since.isdisjoint(keys[place]) and chunk.earlier[place].get(self._names.rewards) != settled:
                row = chunk.rows[place]
                raise UsageError(
                    f"{row.file}:{row.line} would have other scores now: its group, whose rows a reward compares with "
                    "one another, has grown since the output was begun; write to another file, or replace it with "
                    "--overwrite"
                )

    def finish(self) -> None:
        """Check that the input held all rows that the output holds, and all columns that were promised.

        Raises:
            UsageError: Rows were missing.
            MissingColumn: A column was.
        """
        if self._left:
            raise UsageError(
                f"the output holds {self._writer.done_rows} rows and the input only {self._rows}: the input "
                "has changed since the output was begun; write to another file, or replace it with "
                "--overwrite"
            )
        for name in self._promised:
            raise self._column_map.missing(name, "a reward or an option", self._present)

    def _look_for_columns(self, chunk: Sequence[Row], has_column: Callable[[str], bool] | None) -> None:
        """Note which needed columns there are; at the first chunk, ask for those that it lacks."""
        for name in self._needed:
            if name in self._known and name not in self._promised:
                continue
            if any(self._cell(row, name) is not MISSING for row in chunk):
                self._known.add(name)
                self._promised.pop(name, None)
            elif self._rows == 0 and name not in DERIVED:
                if has_column is not None and has_column(name):
                    self._known.add(name)
                    self._promised[name] = None
                    self._present.update(dict.fromkeys(key for row in chunk for key in row.values))
                elif name == self._group_by or name in self._column_map.mapping:
                    # A reward's own need is the reward's to judge: no row may be routed to it.
                    present = dict.fromkeys(key for row in chunk for key in row.values)
                    raise self._column_map.missing(name, "--group-by", present)

    def _cell(self, row: Row, name: str) -> Any:
        """Return a cell by a column's name or, for grouping, by any path in the row."""
        cell = self._column_map.cell(row, name)
        return lookup(row.values, name) if cell is MISSING and name == self._group_by else cell

    def _group(self, row: Row) -> Any:
        """Return a row's group; None where it has none."""
        cell = self._cell(row, GROUP if self._group_by is None else self._group_by)
        return None if cell is MISSING else cell

    def _scored(self, chunk: Sequence[Row]) -> Callable[[], ScoreTable]:
        """Have a chunk scored; a name that output would overwrite is found before the work is done."""
        for row in chunk:
            check_names(row, self._names.used(details=self._details))
        batch = Batch(self._column_map.columns_of(chunk, always=self._known), transcript=self._transcript)
        submit = getattr(self._rubric, "submit", None)
        with _naming(chunk):
            if submit is None:
                table = self._rubric.score(batch)
                return lambda: table
            scores = submit(batch)

        def result() -> ScoreTable:
            with _naming(chunk):
                found: ScoreTable = scores.result()
            return found

        return result

    def _lines(self, chunk: Sequence[Row], table: ScoreTable, start: int) -> list[bytes]:
        """Return the output lines of a chunk from a row on."""
        totals = table.totals.tolist()
        columns = [
            (name, column.values.tolist(), column.statuses.tolist(), column.details)
            for name, column in zip(table.names, table.columns, strict=True)
        ]
        lines = []
        for place in range(start, len(chunk)):
            added: dict[str, Any] = {
                self._names.reward: totals[place],
                self._names.rewards: {name: values[place] for name, values, _, _ in columns},
                self._names.status: {name: statuses[place].name for name, _, statuses, _ in columns},
            }
            if self._details:
                added[self._names.details] = {name: dict(facts[place]) for name, _, _, facts in columns}
            lines.append(output_line(chunk[place], added))
        return lines

    def _earlier(self, row: Row) -> dict[str, Any]:
        """Return the columns that an earlier run has written for a row.

        Raises:
            UsageError: What it wrote there is another row.
        """
        line = next(self._written, b"")
        added = written_part(row, line, self._names.reward)
        if added is None:
            raise UsageError(
                f"{row.file}:{row.line} is not the row that the output holds in its place: the input has "
                "changed since the output was begun; write to another file, or replace it with --overwrite"
            )
        return added


@contextlib.contextmanager
def _naming(chunk: Sequence[Row]) -> Iterator[None]:
    """Name the rows among which a reward broke its contract."""
    try:
        yield
    except RewardError as error:
        first, last = chunk[0], chunk[-1]
        place = f"{first.file}:{first.line} to {last.file}:{last.line}"
        raise RewardError(f"{error} (the batch is {place})") from error
