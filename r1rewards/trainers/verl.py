"""Rewards for verl's ``custom_reward_function``: a real ``async def`` that makes batches of single calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from r1rewards.errors import UsageError
from r1rewards.rubric import Rubric
from r1rewards.trainers.one_by_one import RowScore, RowScorer
from r1rewards.trainers.totals import Asked, ready_made, ready_names, rubric_of, without_special_tokens

ComputeScore = Callable[..., Coroutine[Any, Any, dict[str, float]]]

_made: dict[str, RowScorer] = {}
"""Scorers of `compute_score`, by what was asked for: verl hands the same keywords to every call."""


def verl_reward(rewards: Asked = "math", *, unscored: float, max_wait_s: float = 0.02, **settings: Any) -> ComputeScore:
    """Make a reward function for verl, to stand in a file of yours.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model: verl can skip no row.
        max_wait_s: Seconds a call waits for company at most.
        **settings: Those of `Rubric`, for one that is made here.

    Returns:
        An ``async def`` from ``data_source, solution_str, ground_truth, extra_info`` to a dict of numbers: ``score``,
        per reward ``NAME_reward`` and ``NAME_scored`` (0 or 1), and ``scored``; the same keys for every row.

    Example:
        >>> import asyncio
        >>> compute_score = verl_reward(["exact"], unscored=0.0)
        >>> asyncio.run(compute_score("capitals", "Paris", "Paris"))["score"]
        1.0
    """
    scorer = RowScorer(rubric_of(rewards, **settings), unscored=unscored, max_wait_s=max_wait_s)

    async def compute_score(
        data_source: Any = None,
        solution_str: str = "",
        ground_truth: Any = None,
        extra_info: Mapping[str, Any] | None = None,
        **_more: Any,
    ) -> dict[str, float]:
        return numbers(await scorer.ascore(row_of(data_source, solution_str, ground_truth, extra_info)))

    compute_score.scorer = scorer  # type: ignore[attr-defined]  # for whoever wants to close it or count batches
    return compute_score


async def compute_score(
    data_source: Any = None,
    solution_str: str = "",
    ground_truth: Any = None,
    extra_info: Mapping[str, Any] | None = None,
    *,
    rewards: str | Sequence[str] = "math",
    unscored: float | None = None,
    max_wait_s: float = 0.02,
    reward_router_address: str | None = None,  # noqa: ARG001 - verl's own, as the next
    reward_model_tokenizer: Any = None,  # noqa: ARG001
    **settings: Any,
) -> dict[str, float]:
    """Score one row as verl asks: ``path=pkg://r1rewards.trainers.verl``, ``name=compute_score``.

    What is scored is said with verl's ``reward_kwargs``, for example
    ``{rewards: [math, "format@0.5"], unscored: 0.0}``.

    Args:
        data_source: Name of the data set; the column ``data_source``, by which rewards may be routed.
        solution_str: What the model wrote.
        ground_truth: The reference.
        extra_info: Further columns of the row.
        rewards: Written terms: names with weights.
        unscored: Value of a row that cannot be scored by no fault of the model. Must be said.
        max_wait_s: Seconds a call waits for company at most.
        reward_router_address: verl's own; not used.
        reward_model_tokenizer: verl's own; not used.
        **settings: Those of `Rubric`: ``weights``, ``combine``, ``gate``, ``transcript``, ``max_unscored`` ...

    Returns:
        ``score``, per reward ``NAME_reward`` and ``NAME_scored`` (0 or 1), and ``scored``.

    Raises:
        UsageError: Nobody has said `unscored`, or a setting is unknown.
    """
    terms = [rewards] if isinstance(rewards, str) else [str(term) for term in rewards]
    # Lists come as hydra's own.
    settings = {
        name: list(cell) if isinstance(cell, Sequence) and not isinstance(cell, str) else cell
        for name, cell in settings.items()
    }
    key = json.dumps([terms, settings, unscored, max_wait_s], default=repr)
    scorer = _made.get(key)
    if scorer is None:
        made = RowScorer(rubric_of(terms, **settings), unscored=unscored, max_wait_s=max_wait_s)
        scorer = _made.setdefault(key, made)
    return numbers(await scorer.ascore(row_of(data_source, solution_str, ground_truth, extra_info)))


def row_of(
    data_source: Any, solution_str: str, ground_truth: Any, extra_info: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return verl's arguments as a row: what stands in ``extra_info`` are columns, save the parts of a row."""
    extra = {str(name): cell for name, cell in (extra_info or {}).items()}
    prompt = extra.pop("prompt", None)
    row: dict[str, Any] = {name: cell for name, cell in extra.items() if name not in ("completion", "ground_truth")}
    row["completion"] = without_special_tokens(solution_str)
    row["ground_truth"] = _plain(ground_truth)
    row["data_source"] = data_source
    if isinstance(prompt, (str, list)):
        row["prompt"] = prompt
    return row


def numbers(scored: RowScore) -> dict[str, float]:
    """Return a row's score with the other numbers that verl logs.

    Raises:
        UsageError: A reward's name would hide one of verl's own keys.
    """
    made = {"score": scored.total}
    for name, value in scored.as_numbers().items():
        if name in ("score", "reward"):
            raise UsageError(f"verl has a key {name!r} of its own; give the reward an alias: other={name}")
        made[name] = value
    return made


def _plain(ground_truth: Any) -> Any:
    """Return a reference as plain data: Parquet and Ray bring arrays."""
    return ground_truth.tolist() if hasattr(ground_truth, "tolist") else ground_truth


def __getattr__(name: str) -> ComputeScore:
    """Make a ready-made function when its name is first asked for; `unscored` comes from the environment."""

    def make(rubric: Rubric) -> ComputeScore:
        return verl_reward(rubric, unscored=None)  # type: ignore[arg-type]  # the environment must say it

    made: ComputeScore = ready_made(name, make, globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
