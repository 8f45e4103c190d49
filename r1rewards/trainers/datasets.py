"""Scores tables of Hugging Face `datasets`: ``table.map(DatasetScorer(...), batched=True)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from r1rewards.samples import Batch
from r1rewards.trainers.totals import Asked, name_of, rubric_of, with_reference


class DatasetScorer:
    """A function for ``Dataset.map(..., batched=True)``, also with ``num_proc``.

    A table whose first rows have no score needs ``features=scorer.features(table.features)``: `datasets` takes the
    types of new columns from what comes first. A reward that compares the rows of a group needs them in one batch.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        columns: Which column of the table plays which part, such as ``{"completion": "response"}``.
        prefix: Put before the names of the new columns.
        **settings: Those of `Rubric`, for one that is made here.

    Example:
        >>> scorer = DatasetScorer(["exact"], columns={"completion": "response"})
        >>> scorer({"response": ["Paris", "Rome"], "answer": ["Paris", "Paris"]})["reward"]
        [1.0, 0.0]
    """

    def __init__(
        self,
        rewards: Asked = "math",
        *,
        columns: Mapping[str, str] | None = None,
        prefix: str = "",
        **settings: Any,
    ) -> None:
        self.rubric = rubric_of(rewards, **settings)
        self.columns = dict(columns or {})
        self.prefix = prefix
        self.__name__ = name_of(self.rubric)

    def __call__(self, rows: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """Score a batch of rows.

        Args:
            rows: Column name to B cells.

        Returns:
            ``reward`` (null where a row has no score), ``rewards`` and ``status`` (per reward): B cells each.
        """
        cells = {name: list(column) for name, column in rows.items()}
        size = len(next(iter(cells.values()), []))
        table = self.rubric.score(Batch(with_reference(cells, size, self.columns)))
        return {
            f"{self.prefix}reward": [_or_null(total) for total in table.totals.tolist()],
            f"{self.prefix}rewards": [
                {name: _or_null(cell.value) for name, cell in table.cells(row).items()} for row in range(size)
            ],
            f"{self.prefix}status": [
                {name: cell.status.name for name, cell in table.cells(row).items()} for row in range(size)
            ],
        }

    def features(self, features: Mapping[str, Any]) -> Any:
        """Return a table's features with those of the new columns, for ``map(..., features=...)``.

        Args:
            features: Those of the table, ``table.features``.
        """
        from datasets import Features, Value  # who has a table has the package

        names = self.rubric.names
        return Features(
            {
                **features,
                f"{self.prefix}reward": Value("float64"),
                f"{self.prefix}rewards": {name: Value("float64") for name in names},
                f"{self.prefix}status": {name: Value("string") for name in names},
            }
        )

    def close(self) -> None:
        """End worker processes and containers; the next call opens them again."""
        self.rubric.close()


def _or_null(value: float) -> float | None:
    """Return a value, None for NaN."""
    return None if value != value else value
