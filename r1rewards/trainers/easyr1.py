"""Rewards for EasyR1: a batch function from reward inputs to dicts with ``overall``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from r1rewards.trainers.one_by_one import RowScorer
from r1rewards.trainers.totals import Asked, ready_made, ready_names, rubric_of, without_special_tokens

REWARD_NAME = "r1rewards"
"""Read by EasyR1 from the module that holds the function."""

REWARD_TYPE = "batch"
"""Read by EasyR1: the function takes all rows of a worker at once."""

ComputeScore = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, float]]]

_made: dict[str, ComputeScore] = {}


def easyr1_reward(rewards: Asked = "math", *, unscored: float | None = None, **settings: Any) -> ComputeScore:
    """Make a reward function for EasyR1, to stand in a file of yours beside ``REWARD_NAME`` and ``REWARD_TYPE``.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model; None takes it from the environment
            variable ``R1REWARDS_UNSCORED``.
        **settings: Those of `Rubric`, for one that is made here.

    Returns:
        A function from ``[{response, response_length, ground_truth}]`` to ``[{overall, NAME_reward, ...}]``.

    Raises:
        UsageError: Nobody has said `unscored`.

    Example:
        >>> compute_score = easyr1_reward("exact", unscored=0.0)
        >>> compute_score([{"response": "Paris", "response_length": 1, "ground_truth": "Paris"}])[0]["overall"]
        1.0
    """
    scorer = RowScorer(rubric_of(rewards, **settings), unscored=unscored, max_wait_s=0.0, groups=True)

    def compute_score(reward_inputs: Sequence[Mapping[str, Any]], **_more: Any) -> list[dict[str, float]]:
        scored = scorer.score_all([_row(given) for given in reward_inputs])
        return [{"overall": row.total, **row.as_numbers()} for row in scored]

    return compute_score


def compute_score(
    reward_inputs: Sequence[Mapping[str, Any]],
    rewards: str | Sequence[str] = "math",
    unscored: float | None = None,
    **settings: Any,
) -> list[dict[str, float]]:
    """Score rows as EasyR1 asks when this very file is its ``reward_function``.

    Args:
        reward_inputs: ``[{response, response_length, ground_truth}]``.
        rewards: Written terms, from EasyR1's ``reward_function_kwargs``.
        unscored: Value of a row that cannot be scored by no fault of the model.
        **settings: Those of `Rubric`.

    Returns:
        ``[{overall, NAME_reward, NAME_scored, scored}]``.
    """
    terms = [rewards] if isinstance(rewards, str) else [str(term) for term in rewards]
    key = json.dumps([terms, unscored, settings], default=str)
    if key not in _made:
        _made[key] = easyr1_reward(terms, unscored=unscored, **settings)
    return _made[key](reward_inputs)


def _row(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return one of EasyR1's reward inputs as a row."""
    row = {str(name): cell for name, cell in given.items() if name not in ("response", "response_length")}
    row["completion"] = without_special_tokens(given["response"])
    return row


def __getattr__(name: str) -> ComputeScore:
    """Make a ready-made function when its name is first asked for; `unscored` comes from the environment."""
    made: ComputeScore = ready_made(name, easyr1_reward, globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
