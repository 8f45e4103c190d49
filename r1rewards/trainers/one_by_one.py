"""Scoring for trainers that call with one row at a time: rows become batches, each caller gets its own numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from r1rewards.errors import UsageError
from r1rewards.rubric import Rubric
from r1rewards.samples import Batch
from r1rewards.scores import Outcome
from r1rewards.trainers.coalesce import Coalescer
from r1rewards.trainers.totals import UnscoredGuard, unguarded, unscored_value


@dataclass(frozen=True, slots=True)
class RowScore:
    """What a rubric said of one row.

    Attributes:
        total: The total; ``unscored`` where there is none.
        scored: Whether there is one.
        values: Each reward's value; ``unscored`` where it has none.
        cells: Each reward's cell.
    """

    total: float
    scored: bool
    values: Mapping[str, float]
    cells: Mapping[str, Outcome]

    def as_numbers(self) -> dict[str, float]:
        """Return flat numbers, the same names for every row: per reward its value and whether it has one."""
        numbers: dict[str, float] = {}
        for name, cell in self.cells.items():
            numbers[f"{name}_reward"] = self.values[name]
            numbers[f"{name}_scored"] = float(cell.status.scored)
        numbers["scored"] = float(self.scored)
        return numbers


class RowScorer:
    """A rubric behind single calls.

    Columns that the rubric requires are always there, null where the row lacks them: what a row gets does not
    depend on which others it shared a batch with. A reward that compares the rows of a group is only for callers that
    bring the whole group in one call.

    Args:
        rubric: What scores.
        unscored: Value of a row that has no score; None takes it from the environment, see `unscored_value`.
        max_wait_s: Seconds a row waits for company at most.
        max_rows: Rows of a batch at most.
        runners: Batches at work at the same time.
        groups: Whether there are callers that bring whole groups, by `score_all`.

    Raises:
        UsageError: Nobody has said `unscored`, or a reward compares rows and no caller brings whole groups.

    Example:
        >>> scorer = RowScorer(Rubric(["exact"]), unscored=0.0)
        >>> scorer.score({"completion": "Paris", "ground_truth": "Paris"}).total
        1.0
    """

    def __init__(
        self,
        rubric: Rubric,
        *,
        unscored: float | None,
        max_wait_s: float = 0.02,
        max_rows: int = 1024,
        runners: int = 2,
        groups: bool = False,
    ) -> None:
        self._compares = bool(rubric.compares_within)  # asked with every row
        if not groups:
            refuse_comparing(rubric)
        self.rubric = rubric
        self.unscored = unscored_value(unscored)
        self._free = unguarded(rubric)
        self._guard = UnscoredGuard(rubric.max_unscored)
        self._coalescer: Coalescer[Mapping[str, Any], RowScore] = Coalescer(
            self._score_rows, max_items=max_rows, max_wait_s=max_wait_s, runners=runners, key=_columns_of
        )

    @property
    def batches(self) -> int:
        """How many batches were made of the calls so far, in this process."""
        return self._coalescer.batches

    def score(self, row: Mapping[str, Any]) -> RowScore:
        """Score a row from a thread, together with those that other threads ask for just now.

        Args:
            row: Column name to cell; ``completion`` among them.

        Raises:
            R1RewardsError: What this row alone would raise too.
        """
        if self._compares:
            refuse_comparing(self.rubric)
        return self._coalescer.call(row)

    async def ascore(self, row: Mapping[str, Any]) -> RowScore:
        """Score a row from a coroutine; the event loop goes on meanwhile."""
        if self._compares:
            refuse_comparing(self.rubric)
        return await self._coalescer.acall(row)

    def score_all(self, rows: Sequence[Mapping[str, Any]]) -> list[RowScore]:
        """Score rows that came together; where rewards compare rows, these with one another and with no others."""
        if self._compares:
            return self._score_rows(rows)
        return [future.result() for future in self._coalescer.submit_all(rows)]

    async def ascore_all(self, rows: Sequence[Mapping[str, Any]]) -> list[RowScore]:
        """Score rows that came together, from a coroutine."""
        import asyncio

        if self._compares:
            return await asyncio.to_thread(self._score_rows, rows)
        return list(await asyncio.gather(*map(self.ascore, rows)))

    def close(self) -> None:
        """End runners, workers and containers; the next call opens them again."""
        self._coalescer.close()
        self.rubric.close()

    def _score_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[RowScore]:
        """Score rows as one batch, with every column that one of them has."""
        if not rows:
            return []
        # From the queue come rows of the same columns; a caller's own group may be of different ones.
        telling = rows if self._compares else rows[:1]
        names = dict.fromkeys([*(name for row in telling for name in row), *self._needed])
        batch = Batch({name: [row.get(name) for row in rows] for name in names})
        table = self._free.score(batch)
        self._guard.take(table)
        return [
            row_score(total, table.cells(place), self.unscored) for place, total in enumerate(table.totals.tolist())
        ]

    @property
    def _needed(self) -> tuple[str, ...]:
        """Columns that must be there; the parts of the completion are there anyway."""
        return tuple(name for name in self.rubric.requires if name not in ("completion", "reasoning", "answer"))


def row_score(total: float, cells: Mapping[str, Outcome], unscored: float) -> RowScore:
    """Return a row's numbers, with a value where there is none.

    Args:
        total: The row's total; NaN where there is none.
        cells: Each reward's cell.
        unscored: What stands in for NaN.
    """
    values = {name: cell.value if cell.status.scored else unscored for name, cell in cells.items()}
    scored = total == total
    return RowScore(total if scored else unscored, scored, values, cells)


def refuse_comparing(rubric: Rubric) -> None:
    """Refuse a rubric that compares rows where they come one by one: each would be compared with whoever is there.

    Raises:
        UsageError: It does.
    """
    if rubric.compares_within:
        columns = ", ".join(map(repr, rubric.compares_within))
        raise UsageError(
            f"a reward compares the rows that are alike in {columns}, and here rows come one by one: use a door that "
            "is given whole groups (TRL, EasyR1, slime with --group-rm, ms-swift), or score them beforehand"
        )


def _columns_of(row: Mapping[str, Any]) -> Hashable:
    """Return what rows must share to be scored in one batch: a reward may ask which columns there are."""
    return frozenset(row)
