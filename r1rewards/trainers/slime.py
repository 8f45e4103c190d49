"""Rewards for slime: a coroutine for its ``--custom-rm-path``, and the contract of its ``--rm-url``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from r1rewards.errors import UsageError
from r1rewards.trainers.one_by_one import RowScore, RowScorer
from r1rewards.trainers.totals import Asked, ready_made, ready_names, rubric_of, without_special_tokens

RewardModel = Callable[[Any, Any], Coroutine[Any, Any, Any]]


def slime_reward(
    rewards: Asked = "math", *, unscored: float | None = None, max_wait_s: float = 0.02, **settings: Any
) -> RewardModel:
    """Make a reward function for slime, to stand in a module of yours.

    It leaves the event loop free: scoring runs in threads, and samples that arrive together become a batch.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model; None takes it from the environment
            variable ``R1REWARDS_UNSCORED``.
        max_wait_s: Seconds a call waits for company at most.
        **settings: Those of `Rubric`, for one that is made here.

    Returns:
        ``async def rm(args, sample)``: a float, or where slime has a ``--reward-key`` a dict that holds it; a list for
        a list of samples.

    Raises:
        UsageError: Nobody has said `unscored`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace
        >>> rm = slime_reward("exact", unscored=0.0)
        >>> sample = SimpleNamespace(prompt="Capital?", response="Paris", label="Paris", metadata={})
        >>> asyncio.run(rm(SimpleNamespace(reward_key=None), sample))
        1.0
    """
    scorer = RowScorer(rubric_of(rewards, **settings), unscored=unscored, max_wait_s=max_wait_s, groups=True)

    async def rm(args: Any, sample: Any, **_more: Any) -> Any:
        key, evaluation = getattr(args, "reward_key", None), getattr(args, "eval_reward_key", None)
        if evaluation and not key:
            raise UsageError("with --eval-reward-key, say --reward-key too: one number cannot be asked for a key")
        if isinstance(sample, (list, tuple)):
            scores = await scorer.ascore_all([_row(one) for one in sample])
            return [as_slime(scored, key, evaluation) for scored in scores]
        return as_slime(await scorer.ascore(_row(sample)), key, evaluation)

    rm.scorer = scorer  # type: ignore[attr-defined]  # for whoever wants to close it or count batches
    return rm


def _row(sample: Any) -> dict[str, Any]:
    """Return one of slime's samples as a row: its metadata are columns."""
    metadata = sample.metadata if isinstance(getattr(sample, "metadata", None), Mapping) else {}
    status = getattr(sample, "status", None)
    truncated = str(getattr(status, "value", status)).lower() == "truncated"
    return {**row_of(sample.response, getattr(sample, "prompt", None), sample.label, metadata), "truncated": truncated}


def row_of(response: Any, prompt: Any, label: Any, more: Mapping[Any, Any] | None = None) -> dict[str, Any]:
    """Return slime's response, prompt and label as a row.

    Args:
        response: What the model wrote, special tokens at its end or not.
        prompt: A text or chat messages.
        label: The reference; where it is None, a column ``ground_truth`` counts.
        more: Other columns.

    Raises:
        RowError: The response is no text.
    """
    row = {str(name): cell for name, cell in (more or {}).items()}
    row |= {"completion": without_special_tokens(response), "prompt": prompt}
    if label is not None or "ground_truth" not in row:
        row["ground_truth"] = label
    return row


def as_slime(scored: RowScore, *keys: str | None) -> Any:
    """Return a total, or with keys the dict in which slime finds it under each.

    A key that is the name of one of our numbers (``math_reward``) finds that number.

    Args:
        scored: The row's scores.
        *keys: slime's ``--reward-key`` and ``--eval-reward-key``, where they are given.
    """
    asked = [key for key in keys if key]
    if not asked:
        return scored.total
    return {**dict.fromkeys(asked, scored.total), "score": scored.total, **scored.as_numbers()}


def __getattr__(name: str) -> RewardModel:
    """Make a ready-made function when its name is first asked for; `unscored` comes from the environment."""
    made: RewardModel = ready_made(name, slime_reward, globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
