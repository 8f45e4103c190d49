"""What a completion that was cut off at the length limit earns from a reward of its shape: keep, soft or zero."""

from __future__ import annotations

import dataclasses

from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status

TRUNCATED_MODES = ("keep", "soft", "zero")
"""``keep``: judged like any other; ``soft``: half way down to the lowest value; ``zero``: the lowest value."""


def check_mode(mode: str) -> None:
    """Raise ValueError unless a mode is one of `TRUNCATED_MODES`."""
    if mode not in TRUNCATED_MODES:
        raise ValueError(f"truncated must be one of {', '.join(TRUNCATED_MODES)}, not {mode!r}")


def cut_off(batch: Batch) -> list[bool]:
    """Return which completions were cut off, as far as the batch says so."""
    return [bool(cell) for cell in batch.column("truncated")] if batch.has("truncated") else [False] * len(batch)


def after_cut(outcome: Outcome, mode: str, lowest: float) -> Outcome:
    """Return the cell of a completion that was cut off.

    Args:
        outcome: What it would get had it ended by itself.
        mode: One of `TRUNCATED_MODES`.
        lowest: The reward's lowest value.

    Example:
        >>> after_cut(Outcome(1.0), "soft", 0.0).value
        0.5
    """
    if not outcome.status.scored:
        return outcome
    if mode == "keep":
        return dataclasses.replace(outcome, detail={**outcome.detail, "truncated": True})
    value = lowest if mode == "zero" else (outcome.value + lowest) / 2
    return Outcome(value, Status.TRUNCATED, {**outcome.detail, "truncated": True})
