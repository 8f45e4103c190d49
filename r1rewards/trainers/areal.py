"""Rewards for AReaL: a picklable function of one completion, called in a pool of processes."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

from r1rewards.trainers.one_by_one import RowScorer
from r1rewards.trainers.totals import (
    Asked,
    name_of,
    ready_made,
    ready_names,
    rubric_of,
    with_reference,
    without_special_tokens,
)

_arrived: dict[bytes, AReaLReward] = {}
"""The rewards that came into this process, by what they are made of: AReaL sends its function with every call."""


class AReaLReward:
    """AReaL's ``reward_fn(prompt, completions, prompt_ids, completion_ids, **row)``, made from a rubric.

    A process of the pool makes one scorer of it, however often it is sent there: its workers and containers stay warm.

    AReaL gives a call 15 seconds and starts it again three times: keep a reward's ``cpu_s`` well below that.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model; None takes it from the environment
            variable ``R1REWARDS_UNSCORED``.
        **settings: Those of `Rubric`, for one that is made here.

    Raises:
        UsageError: Nobody has said `unscored`.

    Example:
        >>> reward_fn = AReaLReward("exact", unscored=0.0)
        >>> reward_fn("Capital?", "Paris</s>", [1], [2], answer="Paris")
        1.0
    """

    def __init__(self, rewards: Asked = "math", *, unscored: float | None = None, **settings: Any) -> None:
        # One call at a time in each process: nothing to wait for.
        self.scorer = RowScorer(rubric_of(rewards, **settings), unscored=unscored, max_wait_s=0.0, runners=1)
        self.__name__ = name_of(self.scorer.rubric)
        self._packed: bytes | None = None

    def __call__(
        self,
        /,
        prompt: Any,
        completions: str,
        prompt_ids: Sequence[int] | None = None,  # noqa: ARG002 - AReaL's signature
        completion_ids: Sequence[int] | None = None,
        **row: Any,
    ) -> float:
        """Score one completion.

        Args:
            prompt: What was asked.
            completions: What the model wrote, special tokens and all (one text, whatever the name says).
            prompt_ids: Tokens of the prompt.
            completion_ids: Tokens of the completion.
            **row: The row of the data set.

        Returns:
            The total.
        """
        cells = {name: [cell] for name, cell in row.items()}
        made = {name: column[0] for name, column in with_reference(cells, 1).items()}
        made["prompt"] = prompt
        made["completion"] = without_special_tokens(completions)
        if completion_ids is not None:
            made.setdefault("token_ids", list(completion_ids))
        return self.scorer.score(made).total

    def __reduce__(self) -> tuple[Callable[[bytes], AReaLReward], tuple[bytes]]:
        if self._packed is None:
            self._packed = pickle.dumps((self.scorer.rubric, self.scorer.unscored))
        return _arrive, (self._packed,)

    def close(self) -> None:
        """End worker processes and containers; the next call opens them again."""
        self.scorer.close()


def _arrive(packed: bytes) -> AReaLReward:
    """Return this process's one reward of these parts, made when they first come."""
    if packed not in _arrived:
        rubric, unscored = pickle.loads(packed)
        made = AReaLReward(rubric, unscored=unscored)
        made._packed = packed
        _arrived.setdefault(packed, made)
    return _arrived[packed]


def __getattr__(name: str) -> AReaLReward:
    """Make a ready-made reward when its name is first asked for; `unscored` comes from the environment."""
    made: AReaLReward = ready_made(name, AReaLReward, globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
