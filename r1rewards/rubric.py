"""Rewards with weights, added or gated, over a batch: the way from rollouts to a table of scores."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from r1rewards.errors import OptionError, R1RewardsError, RewardError, TooManyUnscored, UsageError
from r1rewards.reward import Reward
from r1rewards.samples import Batch, Sample, dialect_of
from r1rewards.scores import Outcome, Scores, ScoreTable, Status
from r1rewards.terms import Term, term_of
from r1rewards.text.dialects import Dialect

COMBINATIONS = ("sum", "gated")
GATES = ("right", "answered")
SCORE_OF = "score:"
"""A reward that requires the column ``score:NAME`` is given the values of the rubric's reward of that name."""

_ENOUGH_FOR_A_SHARE = 16
"""Rows that a reward must judge before they alone say how often the machine fails."""


class Rubric:
    """Rewards and their weights, and how they make one total.

    A cell that is ``NOT_APPLICABLE`` drops out of its row's sum. One that is unscored by a fault, in a reward
    whose weight is not 0, makes the row's total NaN, so that no row is paid for style alone.

    Args:
        rewards: Rewards, written terms (``"format@0.5"``) or `Term` objects.
        weights: One for each reward; by default those that are written, else 1.
        combine: ``"sum"``; or ``"gated"``, where all but the gate count only in rows that pass it.
        gate: Names of the gates; by default the first reward. A row passes when one that applies to it does.
        gate_on: ``"right"``: the gate's highest value; ``"answered"``: its status is ``OK``.
        transcript: Transcript mode: a name, written tags (``custom:<r>,</r>``), ``auto`` or a `Dialect`. By
            default the one that a reward declares (``FormatReward(mode=...)``), that of the batch, or ``think``.
        max_unscored: Share of the rows that a reward judges in a batch (of all rows, where it judges under 16) that
            may be ``INFRA`` before scoring raises.

    Raises:
        UsageError: Two columns of one name, a weight that is not finite, an unknown gate or mode, or a reward
            that declares another mode than the rubric.

    Example:
        >>> rubric = Rubric(["format@0.5"])
        >>> table = rubric.score(completion=["<think>2+2</think> 4", "4"])
        >>> table.totals.tolist()
        [0.5, 0.0]
    """

    def __init__(
        self,
        rewards: Iterable[Reward | str | Term],
        *,
        weights: Sequence[float] | None = None,
        combine: str = "sum",
        gate: str | Sequence[str] | None = None,
        gate_on: str = "right",
        transcript: str | Dialect | None = None,
        max_unscored: float = 0.2,
    ) -> None:
        terms = [term_of(entry) for entry in rewards]
        if weights is not None:
            if len(weights) != len(terms):
                raise UsageError(f"{len(terms)} rewards and {len(weights)} weights: expected one weight a reward")
            terms = [
                dataclasses.replace(term, weight=float(weight)) for term, weight in zip(terms, weights, strict=True)
            ]
        names = [term.name for term in terms]
        if not terms:
            raise UsageError("a rubric needs at least one reward")
        for name in names:
            if names.count(name) > 1:
                raise UsageError(f"two rewards are named {name!r}; give one an alias: other={name}")
        for term in terms:
            if not np.isfinite(term.weight):
                raise UsageError(f"the weight of {term.name!r} is {term.weight}; expected a finite number")
        if combine not in COMBINATIONS:
            raise OptionError(f"combine must be one of {', '.join(COMBINATIONS)}, not {combine!r}")
        if gate_on not in GATES:
            raise OptionError(f"gate_on must be one of {', '.join(GATES)}, not {gate_on!r}")
        gates = (gate,) if isinstance(gate, str) else tuple(gate) if gate is not None else (names[0],)
        for name in gates:
            if name not in names:
                raise UsageError(f"the gate {name!r} is none of the rewards {', '.join(names)}")
        self.terms = tuple(terms)
        self._order = _in_order(terms)
        self.combine = combine
        self.gates = gates
        self.gate_on = gate_on
        self.transcript: Dialect = _declared(terms, transcript) or dialect_of(None)
        self._declared = _declared(terms, transcript) is not None
        self.max_unscored = max_unscored

    @classmethod
    def r1_zero(cls, *, accuracy: Reward | str | Term = "math", **settings: Any) -> Rubric:
        """Make the reward of DeepSeek-R1-Zero: accuracy + format, each of weight 1.

        Args:
            accuracy: What says whether the answer is right: ``"math"``, ``"code"``, or a reward.
            **settings: Those of the constructor.

        Source:
            DeepSeek-R1 (arXiv 2501.12948), section 2.2.2: "Reward_rule = Reward_acc + Reward_format", the two
            with the same weight.

        Example:
            >>> [(term.name, term.weight) for term in Rubric.r1_zero().terms]
            [('math', 1.0), ('format', 1.0)]
        """
        return cls([accuracy, "format"], **settings)

    @classmethod
    def r1(
        cls,
        *,
        accuracy: Reward | str | Term = "math",
        general: Reward | str | Term | None = None,
        **settings: Any,
    ) -> Rubric:
        """Make the reward of DeepSeek-R1: accuracy + format + language consistency, each of weight 1.

        Args:
            accuracy: What says whether the answer is right.
            general: The preference reward of the last stage, such as a `judge`, of weight 1; None for the first.
            **settings: Those of the constructor.

        Source:
            DeepSeek-R1 (arXiv 2501.12948), section 3.2: in the first stage of reinforcement learning the share of
            words in the target language (equation 7) is added directly to the accuracy and format rewards; in the
            second, "Reward = Reward_reasoning + Reward_general + Reward_language" (equation 8).
        """
        return cls([accuracy, "format", "language", *([] if general is None else [general])], **settings)

    @classmethod
    def route(
        cls,
        *,
        by: str,
        routes: Mapping[str, Iterable[Reward | str | Term]],
        always: Iterable[Reward | str | Term] = (),
        **settings: Any,
    ) -> Rubric:
        """Make a rubric for mixed rows: which rewards judge a row is told by one of its columns.

        Args:
            by: The column.
            routes: A value of that column to the rewards for its rows.
            always: Rewards for all rows.
            **settings: Those of the constructor.

        Example:
            >>> rubric = Rubric.route(by="task", routes={"math": ["math"]}, always=["format@0.5"])
            >>> [(term.name, term.when) for term in rubric.terms]
            [('math', ('task', 'math')), ('format', None)]
        """
        terms = [
            dataclasses.replace(term_of(entry), when=(by, str(value)))
            for value, entries in routes.items()
            for entry in entries
        ]
        return cls([*terms, *map(term_of, always)], **settings)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(term.name for term in self.terms)

    @property
    def requires(self) -> tuple[str, ...]:
        """Input columns that some reward needs, or that rows are routed by."""
        needed = [column for term in self.terms for column in term.reward.requires]
        needed += [term.when[0] for term in self.terms if term.when is not None]
        given = {f"{SCORE_OF}{name}" for name in self.names}
        return tuple(column for column in dict.fromkeys(needed) if column not in given)

    def score(
        self,
        batch: Batch | Iterable[Sample] | None = None,
        **columns: Sequence[Any],
    ) -> ScoreTable:
        """Score a batch.

        Args:
            batch: A batch or samples.
            **columns: Or the columns themselves, ``completion`` among them.

        Returns:
            The table: a column a reward and float64[B] totals, NaN = unscored.

        Raises:
            MissingColumn: A reward needs a column that no row has.
            RewardError: A reward broke its contract.
            TooManyUnscored: More than ``max_unscored`` of a column is ``INFRA``.
        """
        if batch is None:
            batch = Batch(columns)
        elif columns:
            raise UsageError("give a batch or columns, not both")
        elif not isinstance(batch, Batch):
            batch = Batch.from_samples(batch)
        if self._declared:
            batch = batch.declared_as(self.transcript)
        done: dict[str, Scores] = {}
        for term in self._order:
            done[term.name] = self._column(term, self._fed(term, batch, done))
        scored = tuple(done[name] for name in self.names)
        weights = np.array([term.weight for term in self.terms])
        table = ScoreTable(self.names, scored, weights, self._totals(scored, weights, len(batch)))
        self._guard(table)
        return table

    def explain(self, batch: Batch, i: int) -> dict[str, dict[str, object]]:
        """Return, for one row, what each reward saw and why it decided so."""
        if self._declared:
            batch = batch.declared_as(self.transcript)
        done = {term.name: self._column(term, batch) for term in self._order if term.name in self._asked_for}
        return {
            term.name: term.reward.explain(self._fed(term, batch, done), i)
            if self._applies(term, batch)[i]
            else {"status": Status.NOT_APPLICABLE.name, "why": _elsewhere(term)}
            for term in self.terms
        }

    @property
    def compares_within(self) -> tuple[str, ...]:
        """Columns whose equal cells say which rows some reward judges against one another, within one batch."""
        asked = [getattr(term.reward, "compares_within", None) for term in self.terms]
        return tuple(dict.fromkeys(column for column in asked if column is not None))

    @property
    def slow_path_s(self) -> dict[str, Sequence[float]]:
        """For each reward the wall-clock seconds of its latest items in workers; none for one that uses none."""
        return {term.name: getattr(term.reward, "slow_path_s", ()) for term in self.terms}

    def close(self) -> None:
        """Let go of all processes and containers; the rubric stays usable."""
        for term in self.terms:
            term.reward.close()

    def __enter__(self) -> Rubric:  # noqa: PYI034 - `Self` needs Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _applies(self, term: Term, batch: Batch) -> list[bool]:
        """Return which rows a term judges."""
        if term.when is None:
            return [True] * len(batch)
        column, value = term.when
        if not len(batch):
            return []
        return [str(cell) == value for cell in batch.column(column, f"the route of {term.name!r}")]

    @property
    def _asked_for(self) -> set[str]:
        """The names of the rewards whose values others want."""
        return {name for term in self.terms for name in _scores_wanted(term)}

    def _fed(self, term: Term, batch: Batch, done: Mapping[str, Scores]) -> Batch:
        """Return the batch with the columns of those rewards whose values a reward wants; NaN becomes None."""
        for name in _scores_wanted(term):
            if name in done:
                values = done[name].values
                batch = batch.with_column(
                    SCORE_OF + name, [None if value != value else value for value in values.tolist()]
                )
        return batch

    def _column(self, term: Term, batch: Batch) -> Scores:
        """Score one reward on the rows that it applies to, and check what it answers."""
        applies = self._applies(term, batch)
        rows = [row for row, yes in enumerate(applies) if yes]
        elsewhere = Outcome.unscored(Status.NOT_APPLICABLE, _elsewhere(term))
        if not rows and len(batch):
            return Scores.filled(len(batch), elsewhere)
        part = batch if len(rows) == len(batch) else batch.take(rows)
        try:
            scored = term.reward.score(part)
        except R1RewardsError:
            raise
        except Exception as error:
            raise RewardError(f"reward {term.name!r} raised {type(error).__name__}: {error}") from error
        column = _checked(term, scored, len(part))
        return column if part is batch else column.spread(rows, len(batch), elsewhere)

    def _totals(
        self, columns: Sequence[Scores], weights: npt.NDArray[np.float64], size: int
    ) -> npt.NDArray[np.float64]:
        """Return float64[B]: each row's weighted sum, NaN where it cannot be known or nothing applies."""
        totals = np.zeros(size)
        applicable = np.zeros(size, dtype=bool)
        passed = np.full(size, self.combine == "sum")
        judged = np.full(size, self.combine == "sum")
        gate_failed = np.zeros(size, dtype=bool)
        for term, column in zip(self.terms, columns, strict=True):
            if self.combine == "gated" and term.name in self.gates:
                judged |= column.statuses != Status.NOT_APPLICABLE
                passed |= self._passes(term, column)
                gate_failed |= np.fromiter((status.fault for status in column.statuses), bool, size)
        for term, weight, column in zip(self.terms, weights, columns, strict=True):
            here = column.statuses != Status.NOT_APPLICABLE
            counts = here if term.name in self.gates else here & passed
            applicable |= here
            if weight != 0:
                # A fault's NaN goes into the sum on purpose, whether or not the gate is open.
                totals += np.where(np.isnan(column.values) & here, np.nan, 0.0)
                totals += np.where(counts & ~np.isnan(column.values), weight * column.values, 0.0)
        # Even a gate of weight 0 decides what the others count: where it failed, nothing is known.
        totals[~applicable | ~judged | (gate_failed & ~passed)] = np.nan
        return totals

    def _passes(self, term: Term, column: Scores) -> npt.NDArray[np.bool_]:
        """Return bool[B]: rows whose gate is open."""
        if self.gate_on == "answered":
            return np.fromiter((status is Status.OK for status in column.statuses), bool, len(column))
        with np.errstate(invalid="ignore"):
            return column.values >= term.reward.bounds[1]

    def _guard(self, table: ScoreTable) -> None:
        """Raise when the machine failed on too much of a batch to train on it.

        A reward that judges few rows of the batch is measured by those, once they are enough to speak of a share.
        """
        for name, column in zip(table.names, table.columns, strict=True):
            statuses = column.statuses.tolist()
            failed = statuses.count(Status.INFRA)
            judged = len(table) - statuses.count(Status.NOT_APPLICABLE)
            among = judged if judged >= _ENOUGH_FOR_A_SHARE else len(table)
            if failed > self.max_unscored * among:
                first = statuses.index(Status.INFRA)
                why = column.details[first].get("why", "no reason given")
                raise TooManyUnscored(
                    f"{failed} of {among} rows of {name!r} are INFRA, more than max_unscored="
                    f"{self.max_unscored:g} allows; the first (row {first}): {why}. `r1rewards doctor` "
                    "says what works on this machine"
                )


def _scores_wanted(term: Term) -> list[str]:
    """Return the names of the rewards whose values a reward wants."""
    return [column[len(SCORE_OF) :] for column in term.reward.requires if column.startswith(SCORE_OF)]


def _in_order(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return terms so that each stands behind those whose values it wants.

    Raises:
        UsageError: Two want each other's, or one its own.
    """
    ordered: list[Term] = []
    left = list(terms)
    while left:
        names = {term.name for term in left}
        ready = [term for term in left if not names.intersection(_scores_wanted(term))]
        if not ready:
            raise UsageError(f"the rewards {', '.join(sorted(names))} want each other's scores")
        ordered += ready
        left = [term for term in left if term not in ready]
    return tuple(ordered)


def _declared(terms: Sequence[Term], transcript: str | Dialect | None) -> Dialect | None:
    """Return the transcript mode that rubric and rewards declare; None where none does.

    Raises:
        UsageError: There is no such mode.
        OptionError: Two of them disagree.
    """
    declared = None if transcript is None else dialect_of(transcript)
    by = "the rubric"
    for term in terms:
        own = getattr(term.reward, "transcript", None)
        if not isinstance(own, Dialect):
            continue
        if declared is not None and own != declared:
            raise OptionError(
                f"reward {term.name!r} is for the transcript mode {own.name!r}, and {by} for {declared.name!r}; "
                "all rewards of a rubric judge the same reading of a completion: declare one mode"
            )
        declared, by = own, f"reward {term.name!r}"
    return declared


def _elsewhere(term: Term) -> str:
    """Say why a routed term leaves a row alone."""
    return f"routed elsewhere: {term.when[0]} is not {term.when[1]!r}" if term.when else "not applicable"


def _checked(term: Term, column: object, size: int) -> Scores:
    """Check a reward's answer at the border, where a custom one may answer anything."""
    if not isinstance(column, Scores):
        raise RewardError(f"reward {term.name!r} returned {type(column).__name__}; expected Scores")
    if len(column) != size:
        raise RewardError(f"reward {term.name!r} returned {len(column)} cells for {size} rows")
    low, high = term.reward.bounds
    with np.errstate(invalid="ignore"):
        outside = (column.values < low) | (column.values > high)
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        raise RewardError(
            f"reward {term.name!r} returned {column.values[row]} on row {row}, outside its bounds [{low}, {high}]"
        )
    return column
