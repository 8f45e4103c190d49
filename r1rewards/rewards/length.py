"""The `length` reward: how long a completion is, in three public forms, each clamped and counted in declared units."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.lengths import LENGTH_UNITS, lengths_of
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.truncation import after_cut, check_mode, cut_off

MODES = ("cosine", "kimi", "magistral")
_RIGHT = 1.0


@dataclass(frozen=True)
class LengthReward(BaseReward):
    """Shorter is better where the answer is right, by one of three public rules.

    - ``cosine``: a right answer falls from ``right[0]`` at length 0 to ``right[1]`` at ``max_length``, a wrong one
      goes from ``wrong[0]`` to ``wrong[1]``, along half a cosine; longer ones stay at the end.
    - ``kimi``: within its group, 0.5 for the shortest down to -0.5 for the longest; a wrong answer never gains, but
      a short one loses nothing either, so it belongs beside an accuracy reward of greater weight.
    - ``magistral``: 0 up to ``max_length - cache_length``, then linearly down to ``-penalty`` at ``max_length``.

    The first two need to know which answers are right: a column with 1.0 (or true) for those. In a rubric,
    ``correct="score:math"`` takes the values of its `math` reward.

    Attributes:
        mode: ``cosine``, ``kimi`` or ``magistral``.
        max_length: Length at which cosine and magistral reach their end, in units.
        unit: ``tokens`` (needs ``token_ids``), ``words`` (single characters where there are no spaces) or
            ``characters``.
        correct: The column that says which answers are right.
        group: The column that says which rows belong together, for kimi; all of a group must be in one batch.
        right: The cosine's values for a right answer of length 0 and of ``max_length``.
        wrong: The same for a wrong one.
        cache_length: Length of magistral's ramp.
        penalty: How deep magistral's ramp goes.
        truncated: What a cut-off completion gets: ``keep``, ``soft`` or ``zero``; see `r1rewards.truncation`.

    Source:
        cosine: Demystifying Long Chain-of-Thought Reasoning (arXiv 2502.03373), section 4; values of open-r1.
        kimi: Kimi k1.5 (arXiv 2501.12599), section 2.3.3. magistral: Magistral (arXiv 2506.10910), section 2.2.3.

    Example:
        >>> batch = Batch.of(completion=["a b", "a b c d"], correct=[True, True], group=[1, 1])
        >>> LengthReward(mode="kimi", unit="words").score(batch).values.tolist()
        [0.5, -0.5]
        >>> LengthReward(unit="words", max_length=2).score(batch).values.tolist()
        [0.5, 0.5]
    """

    mode: str = "cosine"
    max_length: int = 4096
    unit: str = "tokens"
    correct: str = "correct"
    group: str = "group"
    right: tuple[float, float] = (1.0, 0.5)
    wrong: tuple[float, float] = (-1.0, -0.5)
    cache_length: int = 1024
    penalty: float = 0.1
    truncated: str = "keep"
    name: str = "length"
    requires: tuple[str, ...] = field(default=("correct", "token_ids"), init=False, repr=False)
    bounds: tuple[float, float] = field(default=(-1.0, 1.0), init=False, repr=False)
    compares_within: str | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {self.mode!r}")
        if self.unit not in LENGTH_UNITS:
            raise ValueError(f"unit must be one of {', '.join(LENGTH_UNITS)}, not {self.unit!r}")
        if not 1 <= self.cache_length <= self.max_length and self.mode == "magistral":
            raise ValueError(f"cache_length must be from 1 to max_length, not {self.cache_length}")
        if self.max_length < 1:
            raise ValueError(f"max_length must be at least 1, not {self.max_length}")
        check_mode(self.truncated)
        for option in ("right", "wrong"):
            object.__setattr__(self, option, _pair(getattr(self, option), option))
        if not (math.isfinite(self.penalty) and self.penalty >= 0):
            raise ValueError(f"penalty must be a number of at least 0, not {self.penalty}")
        columns = ((self.correct,) if self.mode != "magistral" else ()) + ((self.group,) if self.mode == "kimi" else ())
        columns += ("token_ids",) if self.unit == "tokens" else ()
        object.__setattr__(self, "requires", columns)
        object.__setattr__(self, "compares_within", self.group if self.mode == "kimi" else None)
        ends = {"cosine": (*self.right, *self.wrong), "kimi": (-0.5, 0.5), "magistral": (-float(self.penalty), 0.0)}
        object.__setattr__(self, "bounds", (min(ends[self.mode]), max(ends[self.mode])))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every row; in kimi's mode each within its group."""
        lengths = lengths_of(batch, self.unit)
        right: Sequence[bool | None] = [None] * len(batch)
        if self.mode != "magistral":
            right = [_is_right(cell) for cell in batch.column(self.correct)]
        kimi = _kimi(lengths, right, batch.column(self.group)) if self.mode == "kimi" else [0.0] * len(batch)
        outcomes = []
        for length, is_right, value, cut in zip(lengths, right, kimi, cut_off(batch), strict=True):
            outcome = self._outcome(length, is_right, value)
            outcomes.append(after_cut(outcome, self.truncated, self.bounds[0]) if cut else outcome)
        return outcomes

    def explain(self, batch: Batch, i: int) -> dict[str, object]:
        """Return what the reward saw in row ``i``, within its group."""
        outcome = self.score(batch)[i]
        return {"value": outcome.value, "status": outcome.status.name, **outcome.detail}

    def _outcome(self, length: int | None, right: bool | None, value: float) -> Outcome:
        """Return the cell of one row."""
        if length is None:
            return Outcome.unscored(Status.BAD_REFERENCE, "token_ids is not a list")
        if right is None and self.mode != "magistral":
            return Outcome.unscored(
                Status.BAD_REFERENCE, f"the column {self.correct!r} holds neither a number nor a truth"
            )
        if self.mode == "cosine":
            # Beyond the limit the cosine would rise again and pay the longest answers best.
            share = min(length, self.max_length) / self.max_length
            start, end = self.right if right else self.wrong
            value = end + (start - end) * (1 + math.cos(math.pi * share)) / 2
            value = min(max(value, *sorted((start, end))[:1]), max(start, end))
        elif self.mode == "magistral":
            beyond = (length - (self.max_length - self.cache_length)) / self.cache_length
            value = 0.0 if beyond <= 0 else -self.penalty * min(beyond, 1.0)
        detail: dict[str, object] = {"length": length, "unit": self.unit}
        return Outcome(value, Status.OK, detail if right is None else {**detail, "right": right})


def _kimi(lengths: Sequence[int | None], right: Sequence[bool | None], groups: Sequence[Any]) -> list[float]:
    """Return Kimi's value of each row: by its length among those of its group."""
    keys: list[Hashable] = [group if isinstance(group, Hashable) else repr(group) for group in groups]
    members: dict[Hashable, list[int]] = {}
    for key, length in zip(keys, lengths, strict=True):
        members.setdefault(key, []).extend([] if length is None else [length])
    values = []
    for key, length, is_right in zip(keys, lengths, right, strict=True):
        shortest, longest = min(members[key], default=0), max(members[key], default=0)
        value = 0.0 if length is None or shortest == longest else 0.5 - (length - shortest) / (longest - shortest)
        values.append(value if is_right else min(0.0, value))
    return values


def _is_right(cell: Any) -> bool | None:
    """Return whether a cell says that the answer is right; None where it says nothing."""
    try:
        value = float(cell)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(value) else value >= _RIGHT


def _pair(values: Any, option: str) -> tuple[float, float]:
    """Return an option of two finite numbers."""
    try:
        start, end = (float(value) for value in values)
    except (TypeError, ValueError):
        raise ValueError(f"{option} must be two numbers, not {values!r}") from None
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ValueError(f"{option} must be two finite numbers, not {values!r}")
    return start, end
