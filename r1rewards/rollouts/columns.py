"""From rows to the columns of a batch: which input column is what, and which rows can be scored at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from r1rewards.errors import MissingColumn, RowError, UsageError
from r1rewards.messages import read_completion
from r1rewards.rollouts.byte_sources import STDIN
from r1rewards.rollouts.rows import Row, read_rows
from r1rewards.samples import Batch
from r1rewards.text.dialects import Dialect
from r1rewards.text.reference_columns import POOL, Candidate, contributing, first_disagreement

DERIVED = ("reasoning", "answer")
"""Columns that a batch derives from the completion. An input column of that name would hide them, and a
reward that asks for the model's ``answer`` would be given the reference: they are reached by mapping only."""

_LIKELY = (
    "response",
    "responses",
    "output",
    "outputs",
    "generation",
    "generations",
    "generated_text",
    "model_output",
    "prediction",
    "messages",
    "conversation",
    "text",
)
_HELD_ROWS = 1000
_SKIP = "or leave such rows out with --bad-rows skip"


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""A cell of a column that the row does not have (null is a cell)."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which input column plays which part.

    A name is looked up in the mapping first; ``ground_truth`` is then sought in `POOL`; all other columns
    go by their own names. A mapped source may be a dotted path into objects; a key that itself holds the
    dot wins.

    Attributes:
        sources: Column to the input column that plays it, as pairs.

    Example:
        >>> columns = ColumnMap.parse("completion=response,ground_truth=gold")
        >>> columns.columns_of([Row({"response": "4", "gold": 4}, "a.jsonl", 1)])
        {'completion': ['4'], 'ground_truth': [4], 'response': ['4'], 'gold': [4]}
    """

    sources: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, *texts: str) -> ColumnMap:
        """Read mappings as they are written: ``column=input_column`` with commas between.

        Raises:
            UsageError: One is not of that form, or a column is mapped twice or cannot be mapped.
        """
        sources: dict[str, str] = {}
        for part in (part.strip() for text in texts for part in text.split(",")):
            column, mark, source = (side.strip() for side in part.partition("="))
            if not part:
                continue
            if not mark or not column or not source:
                raise UsageError(
                    f"cannot read the mapping {part!r}; expected COLUMN=INPUT_COLUMN, for example "
                    "completion=response,ground_truth=gold"
                )
            if column in DERIVED:
                raise UsageError(
                    f"{column!r} is a part of the completion and cannot be mapped; a reference answer is "
                    f"ground_truth={source}, what the model wrote is completion={source}"
                )
            if sources.get(column, source) != source:
                raise UsageError(f"{column!r} is mapped twice: to {sources[column]!r} and to {source!r}")
            sources[column] = source
        return cls(tuple(sources.items()))

    @property
    def mapping(self) -> dict[str, str]:
        """Column to the input column that plays it."""
        return dict(self.sources)

    def cell(self, row: Row, name: str) -> Any:
        """Return a row's cell, or `MISSING` where the row has no such column."""
        source = self._source(name)
        if source is not None:
            return lookup(row.values, source)
        if name == "ground_truth":
            candidates = self.reference_candidates(row)
            if candidates:
                return contributing(candidates)[0][1]
            return None if any(lookup(row.values, path) is None for path in self._pool()) else MISSING
        return MISSING if name in DERIVED else row.values.get(name, MISSING)

    def reference_candidates(self, row: Row) -> list[Candidate]:
        """Return the columns that may hold a row's reference answer, with their cells; nulls left out."""
        source = self._source("ground_truth")
        paths = (source,) if source else self._pool()
        return [
            (path, cell) for path in paths if (cell := lookup(row.values, path)) is not MISSING and cell is not None
        ]

    def columns_of(self, rows: Sequence[Row], *, always: Collection[str] = ()) -> dict[str, list[Any]]:
        """Return rows as columns, ready for a `Batch`.

        Args:
            rows: B rows that `check_row` has passed.
            always: Columns that are made of None where no row has them, because rows elsewhere do.

        Returns:
            Column to B cells; None where a row has no such column.

        Raises:
            MissingColumn: No row has a completion.
        """
        mapped = [column for column, _ in self.sources]
        own = dict.fromkeys(key for row in rows for key in row.values)
        columns: dict[str, list[Any]] = {}
        for name in dict.fromkeys(["completion", "ground_truth", *mapped, *own, *always]):
            if name in DERIVED:
                continue
            if name in own and name != "ground_truth" and name not in mapped:
                columns[name] = [row.values.get(name) for row in rows]
                continue
            cells = [self.cell(row, name) for row in rows]
            if name in always or any(cell is not MISSING for cell in cells):
                columns[name] = [None if cell is MISSING else cell for cell in cells]
        if "completion" not in columns and rows:
            raise self.missing("completion", "every reward", own)
        return columns

    def missing(self, name: str, needed_by: str, present: Iterable[str]) -> MissingColumn:
        """Return the error of a column that no row has, with the likely cure.

        Args:
            name: The column.
            needed_by: Who needs it.
            present: The input columns there are.
        """
        source = self._source(name)
        present = list(present)
        if source is not None:
            error = MissingColumn(source, f"the mapping {name}={source}", present)
            error.args = (error.args[0].partition(" Name the right one")[0] + " Correct the mapping.",)
            return error
        error = MissingColumn(name, needed_by, present)
        likely = next((column for column in _LIKELY if column in present), None)
        if name == "completion" and likely is not None:
            error.args = (f"{error.args[0]} Perhaps --map completion={likely}",)
        return error

    def _source(self, name: str) -> str | None:
        """Return the input column that a column is mapped to."""
        for column, source in self.sources:
            if column == name:
                return source
        return None

    def _pool(self) -> tuple[str, ...]:
        """Return the columns to seek a reference in; one that plays another part is not among them."""
        return _pool_without(self.sources)


@lru_cache(maxsize=64)
def _pool_without(sources: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return `POOL` without the columns that a mapping uses."""
    taken = {source for _, source in sources}
    return tuple(path for path in POOL if path not in taken)


def lookup(values: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path, or `MISSING`; an exact key wins over the descent.

    Example:
        >>> lookup({"a": {"b": 1}}, "a.b"), lookup({"a.b": 2, "a": {"b": 1}}, "a.b"), lookup({}, "a")
        (1, 2, MISSING)
    """
    if path in values:
        return values[path]
    if "." not in path:
        return MISSING
    dot = path.find(".")
    while dot >= 0:
        inner = values.get(path[:dot])
        if isinstance(inner, Mapping):
            found = lookup(inner, path[dot + 1 :])
            if found is not MISSING:
                return found
        dot = path.find(".", dot + 1)
    return MISSING


def check_row(row: Row, column_map: ColumnMap, dialect: Dialect) -> None:
    """Check that a row can be part of a batch.

    Args:
        row: The row.
        column_map: Which column plays which part.
        dialect: The transcript mode's tags.

    Raises:
        RowError: It has no completion or one that is neither text nor chat messages, its prompt cannot be
            read, or two of its columns give different reference answers.
    """
    name = column_map.mapping.get("completion", "completion")
    completion = column_map.cell(row, "completion")
    if completion is MISSING:
        raise RowError(
            f"the row has no such column, which other rows have; it has {_listed(row.values)}; add it, {_SKIP}",
            file=row.file,
            line=row.line,
            column=name,
        )
    if not isinstance(completion, str):
        try:
            read_completion(completion, dialect)
        except RowError as error:
            raise RowError(f"{error.problem}, {_SKIP}", file=row.file, line=row.line, column=name) from None
    prompt = column_map.cell(row, "prompt")
    if prompt is not MISSING and prompt is not None and not isinstance(prompt, str):
        try:
            Batch({"completion": [""], "prompt": [prompt]}).column("prompt")
        except RowError as error:
            raise RowError(error.problem, file=row.file, line=row.line, column="prompt") from None
    candidates = column_map.reference_candidates(row)
    if len(candidates) > 1:
        differ = first_disagreement(contributing(candidates))
        if differ is not None:
            first, second = differ
            raise RowError(
                f"the columns {first!r} and {second!r} give different reference answers "
                f"({_short(lookup(row.values, first))} and {_short(lookup(row.values, second))}); say which "
                f"one is right with --map ground_truth={first}, {_SKIP}",
                file=row.file,
                line=row.line,
            )


def good_rows(
    rows: Iterable[Row],
    column_map: ColumnMap,
    dialect: Dialect,
    on_bad: Callable[[RowError], None] | None = None,
) -> Iterator[Row]:
    """Let through the rows that can be part of a batch.

    Args:
        rows: The rows.
        column_map: Which column plays which part.
        dialect: The transcript mode's tags.
        on_bad: Told of each bad row, which is then left out; by default the first one raises.

    Yields:
        The good rows, in order.

    Raises:
        RowError: A row is bad and ``on_bad`` is None.
        MissingColumn: No row has a completion (judged by the first thousand).
    """
    seen = False
    held: list[RowError] = []  # rows without a completion, while no row has shown one
    present: dict[str, None] = {}

    def judge(error: RowError) -> None:
        if on_bad is None:
            raise error
        on_bad(error)

    for row in rows:
        if not seen and column_map.cell(row, "completion") is not MISSING:
            seen = True
            for error in held:
                judge(error)
            held.clear()
        try:
            check_row(row, column_map, dialect)
        except RowError as error:
            if seen:
                judge(error)
                continue
            held.append(error)
            present.update(dict.fromkeys(row.values))
            if len(held) >= _HELD_ROWS:
                raise column_map.missing("completion", "every reward", present) from None
        else:
            yield row
    if held:
        raise column_map.missing("completion", "every reward", present)


def find_column(paths: Sequence[str], column_map: ColumnMap, name: str) -> bool:
    """Return whether some row of the files has a column; standard input is not looked into.

    Args:
        paths: The inputs.
        column_map: Which column plays which part.
        name: The column.
    """
    if name in DERIVED:
        return True
    files = [path for path in paths if path != STDIN]
    if not files:
        return False
    return any(column_map.cell(row, name) is not MISSING for row in read_rows(files, on_bad=_ignore))


def _ignore(error: RowError) -> None:
    """Leave a bad row to the reader that scores it."""


def _listed(names: Iterable[str]) -> str:
    """Return names for an error, not too many."""
    names = list(names)
    return ", ".join(repr(name) for name in names[:12]) + (" ..." if len(names) > 12 else "") or "none"


def _short(cell: object) -> str:
    """Return a cell for an error, not too long."""
    try:
        text = cell if isinstance(cell, str) else str(cell)
    except (ValueError, RecursionError):  # an integer too long to print, a list too deep
        return f"a {type(cell).__name__}"
    text = " ".join(text[-200:].split())
    return repr(text if len(text) <= 60 else "..." + text[-57:])
