"""How long each completion of a batch is, in declared units."""

from __future__ import annotations

from typing import Any

from r1rewards.samples import Batch

LENGTH_UNITS = ("tokens", "words", "characters")
"""``tokens`` come from ``token_ids``; ``words`` are those of `r1rewards.text.words`."""


def lengths_of(batch: Batch, unit: str) -> list[int | None]:
    """Return the completions' lengths, B cells; None where ``token_ids`` is not a list.

    Args:
        batch: B rows.
        unit: One of `LENGTH_UNITS`.
    """
    if unit == "words":
        return [len(words) for words in batch.words]
    if unit == "characters":
        return [len(text) for text in batch.completions]
    return [None if (ids := token_list(cell)) is None else len(ids) for cell in batch.column("token_ids")]


def token_list(cell: Any) -> list[Any] | None:
    """Return a cell's tokens as a list, from a list, a tuple or an array of one dimension; None for all else."""
    if isinstance(cell, (list, tuple)):
        return list(cell)
    if getattr(cell, "ndim", None) == 1 and hasattr(cell, "tolist"):
        return list(cell.tolist())
    return None
