"""Rewards for NeMo-Gym: the ``verify`` of a resources server, over its request body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from r1rewards.text.reference_columns import POOL
from r1rewards.trainers.one_by_one import RowScore, RowScorer
from r1rewards.trainers.totals import Asked, name_of, rubric_of, without_special_tokens

_REFERENCES = ("expected_answer", *POOL)


class NemoGymVerifier:
    """NeMo-Gym's ``verify(body)``, made from a rubric.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model; None takes it from the environment
            variable ``R1REWARDS_UNSCORED``.
        max_wait_s: Seconds a call waits for company at most.
        **settings: Those of `Rubric`, for one that is made here.

    Raises:
        UsageError: Nobody has said `unscored`.

    Example:
        >>> import asyncio
        >>> verifier = NemoGymVerifier("exact", unscored=0.0)
        >>> text = {"type": "output_text", "text": "Paris"}
        >>> reply = {"output": [{"type": "message", "role": "assistant", "content": [text]}]}
        >>> asyncio.run(verifier.verify({"response": reply, "expected_answer": "Paris"}))["reward"]
        1.0
    """

    def __init__(
        self, rewards: Asked = "math", *, unscored: float | None = None, max_wait_s: float = 0.02, **settings: Any
    ) -> None:
        self.scorer = RowScorer(rubric_of(rewards, **settings), unscored=unscored, max_wait_s=max_wait_s)
        self.__name__ = name_of(self.scorer.rubric)

    async def verify(self, body: Any) -> dict[str, Any]:
        """Judge a response.

        Args:
            body: The request: a mapping or a model of pydantic with ``response`` and the fields of the row.

        Returns:
            The fields of the request, ``reward``, per reward its value and whether it has one, and
            ``reward_components``: each reward's value by its name.
        """
        given = _plain(body)
        return as_nemo_gym(given, await self.scorer.ascore(row_of(given)))


def as_nemo_gym(given: Mapping[str, Any], scored: RowScore) -> dict[str, Any]:
    """Return a request with its scores, as a multi-reward response of NeMo-Gym has them.

    Its metrics are taken of numbers at the top, its multi-objective trainers read ``reward_components``: both hold
    each reward's value, under the same names for every row.

    Args:
        given: The request's fields.
        scored: The row's scores.
    """
    return {**given, "reward": scored.total, **scored.as_numbers(), "reward_components": dict(scored.values)}


def row_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request as a row."""
    row = {name: cell for name, cell in body.items() if name not in ("response", "responses_create_params")}
    name = next((name for name in _REFERENCES if row.get(name) is not None), None)
    row["ground_truth"] = row.get(name) if name is not None else None
    asked = body.get("responses_create_params")
    prompt = asked.get("input") if isinstance(asked, Mapping) else None
    if isinstance(prompt, str):
        row["prompt"] = prompt
    reasoning, text = reply_of(body.get("response"))
    text = without_special_tokens(text)
    row["completion"] = [{"role": "assistant", "reasoning_content": reasoning, "content": text}] if reasoning else text
    return row


def reply_of(response: Any) -> tuple[str, str]:
    """Return the reasoning and the text of a response in the form of the Responses API.

    Args:
        response: A mapping with ``output``: items of type ``reasoning`` and ``message``, of which the model's count.

    Example:
        >>> reply_of({"output": [{"type": "message", "content": [{"type": "output_text", "text": "4"}]}]})
        ('', '4')
    """
    output = response.get("output") if isinstance(response, Mapping) else None
    items = [item for item in output if isinstance(item, Mapping)] if isinstance(output, list) else []
    # A rollout of several turns holds those of the user and of tools too.
    ours = [item for item in items if item.get("role", "assistant") == "assistant"]
    thoughts = (_texts(item.get("summary")) or _texts(item.get("content")) for item in ours if _is(item, "reasoning"))
    text = "".join(_texts(item.get("content")) for item in ours if _is(item, "message"))
    return "".join(thoughts), text


def _is(item: Mapping[str, Any], kind: str) -> bool:
    """Return whether an item is of a kind; one with a role alone is a message."""
    return bool(item.get("type", "message" if "role" in item else None) == kind)


def _texts(parts: Any) -> str:
    """Return the texts of a message's parts, joined."""
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, Sequence):
        return ""
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, Mapping))


def _plain(body: Any) -> dict[str, Any]:
    """Return a request as a mapping."""
    dump = getattr(body, "model_dump", None)
    return dict(dump()) if callable(dump) else dict(body)
