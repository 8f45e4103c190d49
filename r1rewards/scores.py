"""What a reward answers: a cell (Outcome), a column (Scores) and the whole table (ScoreTable)."""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from r1rewards.errors import RewardError

Detail = Mapping[str, object]
"""Small JSON-able facts behind a verdict: what was extracted, which tier decided, which test failed."""


class Status(enum.Enum):
    """Why a cell has the value that it has. The enum is closed: there is no other case.

    ``OK`` to ``TRUNCATED`` are the model's side and are scored; ``BAD_REFERENCE`` and ``INFRA`` are
    faults of the data and of the machine and are NaN; ``NOT_APPLICABLE`` is no fault and NaN.
    """

    OK = "OK"
    """An answer was found and judged; the value says how."""
    NO_ANSWER = "NO_ANSWER"
    """The completion holds nothing to judge."""
    MALFORMED = "MALFORMED"
    """It is not in the form that was asked for."""
    UNDECIDED = "UNDECIDED"
    """No tier could show that the answer is right; undecided is not right."""
    TOO_COSTLY = "TOO_COSTLY"
    """Judging it spent the whole budget."""
    TRUNCATED = "TRUNCATED"
    """It was cut off at the length limit before it had an answer."""
    BAD_REFERENCE = "BAD_REFERENCE"
    """The reference cannot be read: the data's fault."""
    INFRA = "INFRA"
    """A worker, a sandbox or a reward's own code failed: our fault."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """The row lacks what this reward needs, or belongs to another reward."""

    @property
    def scored(self) -> bool:
        """Whether a cell of this status has a value."""
        return self not in _UNSCORED

    @property
    def fault(self) -> bool:
        """Whether a cell of this status is unscored by somebody's fault (the data's or ours)."""
        return self in _FAULTS

    def __repr__(self) -> str:
        return f"Status.{self.name}"

    # Members are singletons; the enum's own hash goes through their names and is eight times as slow.
    __hash__ = object.__hash__


_FAULTS = frozenset({Status.BAD_REFERENCE, Status.INFRA})
_UNSCORED = _FAULTS | {Status.NOT_APPLICABLE}
# The enum's own `name` is a call of a property.
_NAMES = {status: status.name for status in Status}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One cell: a value, its status and the facts behind it.

    Attributes:
        value: The score; NaN exactly when the status is unscored.
        status: Why.
        detail: Small JSON-able facts.

    Example:
        >>> Outcome(1.0, Status.OK).value
        1.0
        >>> Outcome.unscored(Status.INFRA, "the worker died").detail["why"]
        'the worker died'
    """

    value: float
    status: Status = Status.OK
    detail: Detail = field(default_factory=dict)

    @classmethod
    def unscored(cls, status: Status, why: str, **detail: object) -> Outcome:
        """Return a cell without a value.

        Args:
            status: One of the unscored statuses.
            why: One sentence for people.
            **detail: Further facts.
        """
        return cls(math.nan, status, {"why": why, **detail})


@dataclass(frozen=True, eq=False)
class Scores:
    """One column: what one reward said of every row of a batch.

    Attributes:
        values: float64[B]; NaN = unscored.
        statuses: Status[B], an object array.
        details: B mappings.

    Raises:
        RewardError: Lengths differ, a value is infinite, or NaN and status do not agree.

    Example:
        >>> column = Scores.of([Outcome(1.0), Outcome.unscored(Status.INFRA, "worker died")])
        >>> column.values.tolist(), [status.name for status in column.statuses]
        ([1.0, nan], ['OK', 'INFRA'])
    """

    values: npt.NDArray[np.float64]
    statuses: npt.NDArray[np.object_]
    details: Sequence[Detail]

    def __post_init__(self) -> None:
        self._normalise()
        size = len(self.values)
        if len(self.statuses) != size or len(self.details) != size:
            raise RewardError(
                f"a column's parts differ in length: {size} values, {len(self.statuses)} statuses, "
                f"{len(self.details)} details"
            )
        finite = np.isfinite(self.values)
        if finite.all() and _UNSCORED.isdisjoint(self.statuses.tolist()):
            return  # as most columns are
        scored = scored_mask(self.statuses)
        if not np.array_equal(finite, scored) or np.isinf(self.values).any():
            wrong = int(np.flatnonzero((finite != scored) | np.isinf(self.values))[0])
            raise RewardError(
                f"row {wrong} has value {self.values[wrong]} with status {self.statuses[wrong].name}: "
                "a scored status needs a finite value and an unscored one NaN"
            )

    def _normalise(self) -> None:
        """Make the parts what they are declared to be: a custom reward may bring lists and integers."""
        try:
            values = np.asarray(self.values, dtype=np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise RewardError(f"a column's values must be numbers: {error}") from error
        if values.ndim != 1:
            raise RewardError(f"a column's values must have one dimension, not {values.ndim}")
        statuses = self.statuses
        if not isinstance(statuses, np.ndarray) or statuses.dtype != object:
            statuses = status_array(list(statuses))
        strange = set(map(type, statuses.tolist())) - {Status}
        if strange:
            raise RewardError(f"a column's statuses must be Status members, not {strange.pop().__name__}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "statuses", statuses)

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Scores:
        """Build a column from its cells."""
        return cls(
            [outcome.value for outcome in outcomes],  # type: ignore[arg-type]  # made an array in __post_init__
            status_array([outcome.status for outcome in outcomes]),
            [outcome.detail for outcome in outcomes],
        )

    @classmethod
    def filled(cls, size: int, outcome: Outcome) -> Scores:
        """Build a column of one and the same cell."""
        return cls.of([outcome] * size)

    @property
    def status_names(self) -> list[str]:
        """str[B]: the statuses' names."""
        return [_NAMES[status] for status in self.statuses.tolist()]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, row: int) -> Outcome:
        return Outcome(float(self.values[row]), self.statuses[row], self.details[row])

    def __iter__(self) -> Iterator[Outcome]:
        return (self[row] for row in range(len(self)))

    def spread(self, rows: Sequence[int], size: int, elsewhere: Outcome) -> Scores:
        """Return this column laid out over a larger batch.

        Args:
            rows: Where each cell goes.
            size: Rows of the larger batch.
            elsewhere: The cell of all other rows.

        Returns:
            A column of ``size`` rows.
        """
        cells = [elsewhere] * size
        for row, outcome in zip(rows, self, strict=True):
            cells[row] = outcome
        return Scores.of(cells)


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """The scores of a batch under a rubric.

    Attributes:
        names: The R columns' names.
        columns: The R columns.
        weights: float64[R].
        totals: float64[B]; NaN = unscored.
    """

    names: tuple[str, ...]
    columns: tuple[Scores, ...]
    weights: npt.NDArray[np.float64]
    totals: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.totals)

    def __getitem__(self, name: str) -> Scores:
        """Return a column by its name."""
        try:
            return self.columns[self.names.index(name)]
        except ValueError:
            raise KeyError(f"no column {name!r}; there are {', '.join(self.names)}") from None

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """float64[B, R]; NaN = unscored."""
        if not self.columns:
            return np.empty((len(self), 0))
        return np.stack([column.values for column in self.columns], axis=1)

    @property
    def statuses(self) -> npt.NDArray[np.object_]:
        """Status[B, R], an object array."""
        if not self.columns:
            return np.empty((len(self), 0), dtype=object)
        return np.stack([column.statuses for column in self.columns], axis=1)

    @property
    def faults(self) -> npt.NDArray[np.bool_]:
        """bool[B]: rows whose total is missing by a fault of the data or of the machine."""
        fault = np.zeros(len(self), dtype=bool)
        for weight, column in zip(self.weights, self.columns, strict=True):
            if weight != 0:
                fault |= np.fromiter((status.fault for status in column.statuses), bool, len(self))
        return fault & np.isnan(self.totals)

    @property
    def unjudged(self) -> npt.NDArray[np.bool_]:
        """bool[B]: rows to which no reward applies."""
        applies = np.zeros(len(self), dtype=bool)
        for column in self.columns:
            applies |= column.statuses != Status.NOT_APPLICABLE
        return ~applies

    def cells(self, row: int) -> dict[str, Outcome]:
        """Return one row's cells by the column's name."""
        return {name: column[row] for name, column in zip(self.names, self.columns, strict=True)}

    def status_counts(self, name: str) -> dict[Status, int]:
        """Return how often each status stands in a column, in the enum's order, zeros left out."""
        counts = Counter(self[name].statuses.tolist())
        return {status: counts[status] for status in Status if status in counts}


def status_array(statuses: Sequence[Status]) -> npt.NDArray[np.object_]:
    """Return statuses as an object array."""
    array = np.empty(len(statuses), dtype=object)
    array[:] = statuses
    return array


def scored_mask(statuses: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return bool[B]: which statuses have a value."""
    return np.array([status not in _UNSCORED for status in statuses.tolist()], dtype=bool)
