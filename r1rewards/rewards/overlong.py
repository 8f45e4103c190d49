"""The `overlong` reward: a soft punishment for completions that come close to the length limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from r1rewards.base_reward import BaseReward
from r1rewards.lengths import LENGTH_UNITS, lengths_of
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.truncation import after_cut, check_mode, cut_off


@dataclass(frozen=True)
class OverlongReward(BaseReward):
    """0 up to ``max_length - cache_length``, then linearly down to -1 at ``max_length``, and -1 beyond.

    Attributes:
        max_length: Length at which the punishment is whole, in units.
        cache_length: Length of the ramp before it.
        unit: ``tokens`` (needs ``token_ids``), ``words`` or ``characters``.
        truncated: What a cut-off completion gets: ``keep`` (by its length, as in the paper), ``soft`` or ``zero``;
            see `r1rewards.truncation`.

    Source:
        DAPO (arXiv 2503.14476), equation 13: soft overlong punishment; its 20,480 tokens with 4,096 of ramp.

    Example:
        >>> batch = Batch.of(completion=["a", "a b c", "a b c d e f"])
        >>> OverlongReward(max_length=4, cache_length=2, unit="words").score(batch).values.tolist()
        [0.0, -0.5, -1.0]
    """

    max_length: int = 20_480
    cache_length: int = 4_096
    unit: str = "tokens"
    truncated: str = "keep"
    name: str = "overlong"
    requires: tuple[str, ...] = field(default=("token_ids",), init=False, repr=False)
    bounds: tuple[float, float] = field(default=(-1.0, 0.0), init=False, repr=False)

    def __post_init__(self) -> None:
        if self.unit not in LENGTH_UNITS:
            raise ValueError(f"unit must be one of {', '.join(LENGTH_UNITS)}, not {self.unit!r}")
        if not 1 <= self.cache_length <= self.max_length:
            raise ValueError(f"cache_length must be from 1 to max_length, not {self.cache_length}")
        check_mode(self.truncated)
        object.__setattr__(self, "requires", ("token_ids",) if self.unit == "tokens" else ())

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every row by its length."""
        outcomes = []
        for length, cut in zip(lengths_of(batch, self.unit), cut_off(batch), strict=True):
            if length is None:
                outcomes.append(Outcome.unscored(Status.BAD_REFERENCE, "token_ids is not a list"))
                continue
            beyond = (length - (self.max_length - self.cache_length)) / self.cache_length
            value = 0.0 if beyond <= 0 else -min(beyond, 1.0)
            outcome = Outcome(value, Status.OK, {"length": length, "unit": self.unit})
            outcomes.append(after_cut(outcome, self.truncated, -1.0) if cut else outcome)
        return outcomes
