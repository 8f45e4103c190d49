"""The `repetition` reward: a penalty for saying the same again, by n-grams in windows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import once_each
from r1rewards.lengths import token_list
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.repeats import repeated_share
from r1rewards.truncation import after_cut, check_mode, cut_off

UNITS = ("words", "tokens")


@dataclass(frozen=True)
class RepetitionReward(BaseReward):
    """0 where little is said twice, down to ``-penalty`` where nearly all of it is.

    An n-gram counts as repeated when it stood at most ``window`` units earlier, or within a longer one of
    ``long_ngram`` units that stood anywhere earlier. Of the share of repeated n-grams, ``free`` costs nothing: honest
    mathematics repeats its terms (on public rollouts 9 in 10 honest ones stay under 0.2, and loops are above 0.6).

    Attributes:
        ngram: Units of an n-gram.
        window: How far back a repeat counts, in units.
        long_ngram: Units of an n-gram that may not come back at any distance.
        free: Share of repeated n-grams that costs nothing, in [0, 1).
        penalty: The whole punishment.
        unit: ``words`` (single characters where there are no spaces, so that Chinese is judged like English) or
            ``tokens`` (needs ``token_ids``).
        truncated: What a cut-off completion gets: ``keep``, ``soft`` or ``zero``; see `r1rewards.truncation`.

    Source:
        Demystifying Long Chain-of-Thought Reasoning (arXiv 2502.03373), section 4.3, punishes each repeated n-gram's
        tokens; as one number a completion in open-r1. The window and the free share are ours.

    Example:
        >>> loop = "I will check it once more. " * 20
        >>> column = RepetitionReward().score(Batch.of(completion=["Two and two make four.", loop]))
        >>> column.values.round(2).tolist()
        [0.0, -0.94]
    """

    ngram: int = 4
    window: int = 50
    long_ngram: int = 24
    free: float = 0.2
    penalty: float = 1.0
    unit: str = "words"
    truncated: str = "keep"
    name: str = "repetition"
    requires: tuple[str, ...] = field(default=(), init=False, repr=False)
    bounds: tuple[float, float] = field(default=(-1.0, 0.0), init=False, repr=False)

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unit must be one of {', '.join(UNITS)}, not {self.unit!r}")
        if not 1 <= self.ngram < self.long_ngram:
            raise ValueError(f"ngram must be at least 1 and shorter than long_ngram, not {self.ngram}")
        if self.window < 1:
            raise ValueError(f"window must be at least 1, not {self.window}")
        if not 0 <= self.free < 1:
            raise ValueError(f"free must be at least 0 and under 1, not {self.free}")
        if not 0 <= self.penalty < float("inf"):
            raise ValueError(f"penalty must be a number of at least 0, not {self.penalty}")
        check_mode(self.truncated)
        object.__setattr__(self, "requires", ("token_ids",) if self.unit == "tokens" else ())
        object.__setattr__(self, "bounds", (-float(self.penalty), 0.0))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct completion once."""
        if self.unit == "words":
            words = dict(zip(batch.completions, batch.words, strict=True))
            outcomes = once_each(batch.completions, lambda text: self._outcome(words[text]))
        else:
            cells = [token_list(cell) for cell in batch.column("token_ids")]
            keys = [None if cell is None else tuple(map(_hashable, cell)) for cell in cells]
            outcomes = once_each(keys, self._outcome)
        cuts = cut_off(batch)
        return [
            after_cut(outcome, self.truncated, self.bounds[0]) if cut else outcome
            for outcome, cut in zip(outcomes, cuts, strict=True)
        ]

    def _outcome(self, units: Sequence[Any] | None) -> Outcome:
        """Return the cell of one completion."""
        if units is None:
            return Outcome.unscored(Status.BAD_REFERENCE, "token_ids is not a list")
        share = repeated_share(units, ngram=self.ngram, window=self.window, long_ngram=self.long_ngram)
        beyond = max(0.0, share - self.free) / (1 - self.free)
        value = -self.penalty * min(beyond, 1.0) if beyond > 0 else 0.0
        return Outcome(value, Status.OK, {"repeated_share": round(share, 6), "units": len(units), "unit": self.unit})


def _hashable(token: Any) -> Hashable:
    """Return a token as something that can be counted."""
    return token if isinstance(token, Hashable) else repr(token)
