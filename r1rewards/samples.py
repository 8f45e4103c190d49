"""A rollout as a row (Sample), and a batch as columns (Batch) with what all rewards derive from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from r1rewards.errors import MissingColumn, UsageError
from r1rewards.messages import (
    Completion,
    kind_of,
    may_open,
    none_may_open,
    plain_texts,
    prompt_parts,
    prompt_text,
    read_completion,
)
from r1rewards.text.dialects import DIALECTS, Dialect, read_dialect
from r1rewards.text.parts import Span, Transcript
from r1rewards.text.telling import Told, tell_mode
from r1rewards.text.transcript import given_transcript, prompt_opens_reasoning, split_transcripts
from r1rewards.text.words import units_of

Text = str | Sequence[Mapping[str, Any]]
"""A string, or chat messages (of which a completion's last assistant turn counts)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One rollout. Everything but the completion is optional.

    Attributes:
        completion: What the model wrote: a string or chat messages.
        prompt: What it was asked, as it saw it: a string or chat messages.
        ground_truth: The reference answer: a string, a number, or a list of alternatives.
        tests: Tests for code, in any of the public shapes.
        language: Target language, an ISO 639-1 code.
        truncated: Whether generation stopped at the length limit.
        token_ids: The completion's tokens.
        id: Name of the row.
        group: Rows of one prompt share it.
        meta: All other columns of the input.

    Example:
        >>> Sample(completion="<think>…</think> 4", ground_truth="4").ground_truth
        '4'
    """

    completion: Text
    prompt: Text | None = None
    ground_truth: Any = None
    tests: Any = None
    language: str | None = None
    truncated: bool | None = None
    token_ids: Sequence[int] | None = None
    id: Any = None
    group: Any = None
    meta: Mapping[str, Any] = field(default_factory=dict)


COLUMNS: tuple[str, ...] = tuple(entry.name for entry in fields(Sample) if entry.name != "meta")
"""The columns that have a meaning of their own; all others are carried in ``meta``."""


class Batch:
    """Rollouts as columns, with derived columns that are computed once for all rewards.

    Args:
        columns: Column name to B cells; ``completion`` must be there.
        transcript: The transcript mode of all its completions: a name, written tags or a `Dialect`; ``auto``
            tells it for each row from its prompt (or its ``chat_template``). None leaves it to the rubric or the
            reward that judges the batch, and is ``think`` where they say nothing.

    Raises:
        MissingColumn: None is ``completion``.
        UsageError: Columns differ in length, one is no list of cells, or the mode is unknown.

    What is no text and no chat messages is found when it is first read: a `RowError`.

    Example:
        >>> batch = Batch.of(completion=["<think>a</think> 4", "5"], ground_truth=["4", "4"])
        >>> len(batch), batch.answers
        (2, [' 4', '5'])
    """

    def __init__(self, columns: Mapping[str, Sequence[Any]], *, transcript: str | Dialect | None = None) -> None:
        if "completion" not in columns:
            raise MissingColumn("completion", "every reward", columns)
        self._columns: dict[str, Sequence[Any]] = {name: _cells(name, cells) for name, cells in columns.items()}
        sizes = {name: len(cells) for name, cells in self._columns.items()}
        if len(set(sizes.values())) > 1:
            raise UsageError(f"columns differ in length: {sizes}")
        self._size = sizes["completion"]
        self._rows: Sequence[int] = range(self._size)
        self.dialect: Dialect = dialect_of(transcript)
        self.declared = transcript is not None
        self.scans = 0
        """How many completions were scanned so far: each distinct one once."""

    @classmethod
    def of(cls, *, transcript: str | Dialect | None = None, **columns: Sequence[Any]) -> Batch:
        """Build a batch from columns given by keyword.

        Args:
            transcript: The transcript mode.
            **columns: B cells each.
        """
        return cls(columns, transcript=transcript)

    @classmethod
    def from_samples(cls, samples: Iterable[Sample], *, transcript: str | Dialect | None = None) -> Batch:
        """Build a batch from samples; a column is there when some sample has a value in it.

        Args:
            samples: The rows.
            transcript: The transcript mode.
        """
        rows = list(samples)
        for row in rows:
            if not isinstance(row, Sample):
                raise UsageError(f"expected Sample objects, found {type(row).__name__}")
        columns: dict[str, list[Any]] = {"completion": [row.completion for row in rows]}
        for name in COLUMNS:
            cells = [getattr(row, name) for row in rows]
            if any(cell is not None for cell in cells):
                columns[name] = cells
        for name in dict.fromkeys(key for row in rows for key in row.meta):
            columns.setdefault(name, [row.meta.get(name) for row in rows])
        return cls(columns, transcript=transcript)

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"Batch({self._size} rows; {', '.join(self._columns)}; {self.dialect.name})"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the input columns."""
        return tuple(self._columns)

    def with_column(self, name: str, cells: Sequence[Any]) -> Batch:
        """Return the same rows with one more input column; derived columns are shared.

        Args:
            name: The column's name; one of that name is replaced.
            cells: B cells.

        Raises:
            UsageError: The name is that of a column from which others are derived.
        """
        if name in ("completion", "prompt"):
            raise UsageError(f"{name!r} cannot be replaced: what is derived from it is shared")
        _ = self.transcripts  # nearly every reward reads them: scanned here, they serve both batches
        wider = Batch.__new__(Batch)
        wider.__dict__.update(self.__dict__)
        wider._columns = {**self._columns, name: _cells(name, cells)}
        return wider

    @property
    def row_numbers(self) -> Sequence[int]:
        """For each row, its 0-based number in the batch from which this one was taken."""
        return self._rows

    def has(self, name: str) -> bool:
        """Return whether there is a column of that name."""
        return name in self._columns or name in _DERIVED

    def column(self, name: str, needed_by: str = "the caller") -> Sequence[Any]:
        """Return a column's cells; None is a cell without a value.

        Args:
            name: ``reasoning`` or ``answer``, which are always the parts of the completion, or an input column.
            needed_by: Who asks, for the error.

        Returns:
            B cells; completions and prompts as text.

        Raises:
            MissingColumn: No row has that column.
        """
        if name == "completion":
            return self.completions
        # First of all: an input column named `answer` may well be the reference, and no reward that asks
        # for the model's answer may get that.
        derived = _DERIVED.get(name)
        if derived is not None:
            return derived(self)
        if name not in self._columns:
            raise MissingColumn(name, needed_by, self._columns)
        return self.prompts if name == "prompt" else self._columns[name]

    def rows_with(self, names: Sequence[str], needed_by: str) -> tuple[list[int], list[str]]:
        """Return the rows that have a value in every one of some columns.

        Args:
            names: The columns.
            needed_by: Who needs them, for the error.

        Returns:
            The rows' numbers, and the columns in which some row has none.

        Raises:
            MissingColumn: No row has one of the columns.
        """
        cells = {name: self.column(name, needed_by) for name in names if name not in _ALWAYS}
        lacking = [name for name, column in cells.items() if type(None) in set(map(type, column))]
        if not lacking:
            return list(range(self._size)), []
        rows = [row for row in range(self._size) if all(cells[name][row] is not None for name in lacking)]
        return rows, lacking

    def sample(self, row: int) -> Sample:
        """Return one row."""
        known = {name: cells[row] for name, cells in self._columns.items() if name in COLUMNS}
        return Sample(**known, meta={n: c[row] for n, c in self._columns.items() if n not in COLUMNS})

    def take(self, rows: Sequence[int]) -> Batch:
        """Return a batch of some of the rows, in the order given; derived columns are kept.

        Args:
            rows: Row numbers in [0, B).
        """
        part = Batch.__new__(Batch)
        part._columns = {name: [cells[row] for row in rows] for name, cells in self._columns.items()}
        part._size = len(rows)
        part._rows = [self._rows[row] for row in rows]
        part.dialect, part.declared, part.scans = self.dialect, self.declared, 0
        for derived in ("prompts", "told", "transcripts", "words"):
            if derived in self.__dict__:
                part.__dict__[derived] = [self.__dict__[derived][row] for row in rows]
        if "_read" in self.__dict__:
            texts, splits = self._read
            kept = {place: splits[row] for place, row in enumerate(rows) if row in splits} if splits else splits
            part.__dict__["_read"] = [texts[row] for row in rows], kept
        return part

    def declared_as(self, transcript: str | Dialect) -> Batch:
        """Return the batch with a transcript mode declared: itself where it has that mode already.

        Args:
            transcript: The mode.

        Raises:
            UsageError: Another mode was declared for it, or there is no such mode.
        """
        dialect = dialect_of(transcript)
        if dialect == self.dialect:
            self.declared = True
            return self
        if self.declared:
            raise UsageError(
                f"the batch is declared as {self.dialect.name!r} and what judges it as {dialect.name!r}; "
                "declare one transcript mode, on the rubric or on the batch"
            )
        return self.reread(dialect)

    def reread(self, transcript: str | Dialect) -> Batch:
        """Return the same rows read in another transcript mode, whatever was declared.

        Args:
            transcript: The mode.
        """
        part = Batch.__new__(Batch)
        part._columns, part._size, part._rows = self._columns, self._size, self._rows
        part.dialect, part.declared, part.scans = dialect_of(transcript), True, 0
        if "prompts" in self.__dict__:
            part.__dict__["prompts"] = self.prompts
        return part

    @cached_property
    def told(self) -> list[Told]:
        """Told[B]: each row's transcript mode and what told it; the declared one unless that is ``auto``."""
        if not self.dialect.told:
            return [Told(self.dialect, "declared")] * self._size
        templates = self._columns.get("chat_template", [None] * self._size)
        cells = self._columns.get("prompt", [None] * self._size)
        known: dict[tuple[str | None, str | None, str | None], Told] = {}
        told = []
        for row, cell, template in zip(self._rows, cells, templates, strict=True):
            whole, end = prompt_parts(cell, row)
            key = (whole, end, template if isinstance(template, str) else None)
            if key not in known:
                known[key] = tell_mode(whole, end=end, chat_template=key[2])
            told.append(known[key])
        return told

    @property
    def completions(self) -> list[str]:
        """str[B]: the completions as text."""
        return self._read[0]

    @cached_property
    def prompts(self) -> list[str | None]:
        """The prompts as text, B cells; None where there is none."""
        return [
            prompt_text(prompt, row)
            for row, prompt in zip(self._rows, self._columns.get("prompt", [None] * self._size), strict=True)
        ]

    @cached_property
    def transcripts(self) -> list[Transcript]:
        """Transcript[B]: where reasoning and answer stand; each distinct completion is scanned once."""
        opened = self._opened
        if not self.dialect.told and len(set(opened)) <= 1:
            return self._scanned(range(self._size), self.dialect, opened=any(opened))
        transcripts: dict[int, Transcript] = {}
        dialects = {told.dialect.name: told.dialect for told in self.told}
        kinds: dict[tuple[str, bool], list[int]] = {}
        for row, (told, its) in enumerate(zip(self.told, opened, strict=True)):
            kinds.setdefault((told.dialect.name, its), []).append(row)
        for (name, its), rows in kinds.items():
            transcripts.update(zip(rows, self._scanned(rows, dialects[name], opened=its), strict=True))
        return [transcripts[row] for row in range(self._size)]

    def _scanned(self, rows: Sequence[int], dialect: Dialect, *, opened: bool) -> list[Transcript]:
        """Return the transcripts of rows of one kind."""
        texts, splits = self._read
        if len(rows) < self._size:
            texts = [texts[row] for row in rows]
        if not splits:
            alike = list(dict.fromkeys(texts))
            self.scans += len(alike)
            scanned = dict(zip(alike, split_transcripts(alike, dialect, opened=opened), strict=True))
            return [scanned[text] for text in texts]
        completions = [(text, splits.get(row)) for text, row in zip(texts, rows, strict=True)]
        known: dict[Completion, Transcript] = {}
        for completion in dict.fromkeys(completions):
            text, split = completion
            known[completion] = (
                split_transcripts([text], dialect, opened=opened)[0]
                if split is None
                else given_transcript(text, *split, dialect)
            )
        self.scans += len(known)
        return [known[completion] for completion in completions]

    @cached_property
    def words(self) -> list[Sequence[str]]:
        """The completions as words, and single characters where there are no spaces; see `text.words`."""
        known: dict[str, Sequence[str]] = {}
        for text in self.completions:
            if text not in known:
                known[text] = units_of(text)
        return [known[text] for text in self.completions]

    @property
    def reasonings(self) -> list[str | None]:
        """The reasoning parts as text, B cells; None where there is none."""
        return [
            None if parts.reasoning is None else parts.reasoning.of(text)
            for parts, text in zip(self.transcripts, self.completions, strict=True)
        ]

    @property
    def answers(self) -> list[str | None]:
        """The answer parts as text, B cells; None where there is none."""
        return [
            None if parts.answer is None else parts.answer.of(text)
            for parts, text in zip(self.transcripts, self.completions, strict=True)
        ]

    @property
    def _opened(self) -> list[bool]:
        """bool[B]: whether the prompt has opened the reasoning."""
        cells = self._columns.get("prompt")
        if cells is None or none_may_open(cells):
            return [False] * self._size
        return [
            may_open(cell) and (text := prompt_text(cell, row)) is not None and prompt_opens_reasoning(text, dialect)
            for row, cell, (dialect, _) in zip(self._rows, cells, self.told, strict=True)
        ]

    @cached_property
    def _read(self) -> tuple[list[str], dict[int, tuple[Span, Span]]]:
        """The completions as text, and by row the split of those that the chat template had split."""
        cells = self._columns["completion"]
        texts = plain_texts(cells)
        if texts is not None:
            return texts, {}
        read = [
            (cell, None) if isinstance(cell, str) else read_completion(cell, told.dialect, row)
            for row, cell, told in zip(self._rows, cells, self.told, strict=True)
        ]
        return [text for text, _ in read], {row: split for row, (_, split) in enumerate(read) if split is not None}


_ALWAYS = ("completion", "reasoning", "answer")  # a missing part is the model's doing, never inapplicable
_DERIVED: dict[str, Callable[[Batch], list[str | None]]] = {
    "reasoning": lambda batch: batch.reasonings,
    "answer": lambda batch: batch.answers,
}


def dialect_of(transcript: str | Dialect | None) -> Dialect:
    """Return a transcript mode: of a name, of written tags (``custom:<r>,</r>``), or ``think`` of None.

    Raises:
        UsageError: There is no such mode.
    """
    if transcript is None:
        return DIALECTS["think"]
    if isinstance(transcript, Dialect):
        return transcript
    if not isinstance(transcript, str):
        raise UsageError(f"a transcript mode is a name or a Dialect, found {kind_of(transcript)}")
    try:
        return read_dialect(transcript)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _cells(name: str, cells: Any) -> Sequence[Any]:
    """Return a column as a list or tuple, from any iterable (a NumPy array, a pandas Series)."""
    if isinstance(cells, (list, tuple)):
        return cells
    if isinstance(cells, (str, bytes, Mapping)) or not isinstance(cells, Iterable):
        raise UsageError(f"column {name!r} must be a list with one cell a row, found {kind_of(cells)}")
    made = cells.tolist() if hasattr(cells, "tolist") else cells
    return made if isinstance(made, list) else list(made)
