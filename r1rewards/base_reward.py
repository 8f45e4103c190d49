"""What most rewards share: how rows that cannot be judged are set aside, and an explanation from the detail."""

from __future__ import annotations

from collections.abc import Sequence

from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Scores, Status


class BaseReward:
    """A reward that requires nothing, with bounds [0, 1]; a subclass says what `judge` does."""

    name: str
    requires: tuple[str, ...] = ()
    bounds: tuple[float, float] = (0.0, 1.0)
    tiers: tuple[str, ...] = ()
    """Which tiers its details may name under ``tier``: trainers then log the share of each."""
    extracts: bool = False
    """Whether the details hold what was taken for the answer, under ``extracted``: trainers then log it."""
    compares_within: str | None = None
    """The column whose equal cells say which rows are judged against one another; None where a row stands for
    itself. Rows of one such group must be scored in one batch."""

    @property
    def __name__(self) -> str:
        """The name under which trainers log the reward."""
        return self.name

    def score(self, batch: Batch) -> Scores:
        """Judge every row; rows that lack a required cell are ``NOT_APPLICABLE``; see `Reward.score`."""
        if not len(batch):
            return Scores.of([])  # no row lacks anything
        rows, lacking = batch.rows_with(self.requires, needed_by=f"reward {self.name!r}")
        if len(rows) == len(batch):
            return _column(self.judge(batch))
        judged = _column(self.judge(batch.take(rows)) if rows else [])
        outside = Outcome.unscored(Status.NOT_APPLICABLE, f"the row has no value in {', '.join(lacking)}")
        return judged.spread(rows, len(batch), outside)

    def judge(self, batch: Batch) -> Sequence[Outcome] | Scores:
        """Judge rows that have all that is required.

        Args:
            batch: B rows.

        Returns:
            B cells, or the column of them.
        """
        raise NotImplementedError

    def explain(self, batch: Batch, i: int) -> dict[str, object]:
        """Return what the reward saw in row ``i`` and why it decided so."""
        outcome = self.score(batch.take([i]))[0]
        return {"value": outcome.value, "status": outcome.status.name, **outcome.detail}

    def close(self) -> None:
        """Let go of nothing."""


def _column(judged: Sequence[Outcome] | Scores) -> Scores:
    """Return cells as a column."""
    return judged if isinstance(judged, Scores) else Scores.of(judged)
