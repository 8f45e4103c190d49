"""Rewards for verifiers and prime-rl: a coroutine that is given ``task`` and ``trace`` by name."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from r1rewards.errors import DataError
from r1rewards.text.reference_columns import POOL
from r1rewards.trainers.one_by_one import RowScorer
from r1rewards.trainers.totals import Asked, name_of, ready_made, ready_names, rubric_of, without_special_tokens

TaskReward = Callable[..., Coroutine[Any, Any, float]]


def verifiers_reward(
    rewards: Asked = "math",
    *,
    unscored: float | None = None,
    reference: str | None = None,
    max_wait_s: float = 0.02,
    **settings: Any,
) -> TaskReward:
    """Make a reward for verifiers, for a task's ``rewards.NAME.fn = "package.module:attr"`` or under ``@vf.reward``.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model; None takes it from the environment
            variable ``R1REWARDS_UNSCORED``.
        reference: The task's field with the reference; by default the first of its usual names (``answer`` ...).
        max_wait_s: Seconds a call waits for company at most.
        **settings: Those of `Rubric`, for one that is made here.

    Returns:
        ``async def reward(task, trace)``: the total of the trace's last reply.

    Raises:
        UsageError: Nobody has said `unscored`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace
        >>> reward = verifiers_reward("exact", unscored=0.0)
        >>> task = SimpleNamespace(prompt="Capital?", answer="Paris")
        >>> asyncio.run(reward(task, SimpleNamespace(last_reply="Paris")))
        1.0
    """
    scorer = RowScorer(rubric_of(rewards, **settings), unscored=unscored, max_wait_s=max_wait_s)

    async def reward(task: Any, trace: Any) -> float:
        return (await scorer.ascore(_row(task, trace, reference))).total

    reward.__name__ = name_of(scorer.rubric)
    reward.scorer = scorer  # type: ignore[attr-defined]  # for whoever wants to close it or count batches
    return reward


def _row(task: Any, trace: Any, reference: str | None) -> dict[str, Any]:
    """Return a task and its trace as a row: the task's fields are columns.

    Raises:
        DataError: The task has no field of the name that was given.
    """
    fields = _fields(task)
    if reference is not None and reference not in fields:
        raise DataError(f"the task has no field {reference!r}; it has {', '.join(sorted(fields)) or 'none'}")
    name = reference or next((name for name in POOL if fields.get(name) is not None), None)
    row = dict(fields)
    row["ground_truth"] = fields.get(name) if name is not None else None
    row["completion"] = _completion(trace)
    row["truncated"] = bool(getattr(trace, "is_truncated", False))
    if not isinstance(row.get("prompt"), (str, list)):
        row.pop("prompt", None)
    return row


def _completion(trace: Any) -> Any:
    """Return a trace's last reply, with the reasoning where the model's server has split it off."""
    text = trace.last_reply
    turns = getattr(trace, "assistant_messages", None) or [None]
    reasoning = getattr(turns[-1], "reasoning_content", None)
    if reasoning and (turns[-1].content or "").strip() == text:
        return [{"role": "assistant", "reasoning_content": reasoning, "content": without_special_tokens(text)}]
    return without_special_tokens(text)


def _fields(task: Any) -> dict[str, Any]:
    """Return a task's fields: those of its data, a model of pydantic, a mapping or a plain object."""
    # verifiers hands over the data, which may have a field of that name; other callers the task around it.
    data = task if hasattr(task, "model_dump") or isinstance(task, Mapping) else getattr(task, "data", task)
    if isinstance(data, Mapping):
        return {str(name): cell for name, cell in data.items()}
    dump = getattr(data, "model_dump", None)
    if callable(dump):
        return dict(dump())
    return {name: cell for name, cell in vars(data).items() if not name.startswith("_")}


def __getattr__(name: str) -> TaskReward:
    """Make a ready-made reward when its name is first asked for; `unscored` comes from the environment."""
    made: TaskReward = ready_made(name, verifiers_reward, globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
