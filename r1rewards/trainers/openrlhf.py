"""Rewards for OpenRLHF: a file with ``reward_func``, the same contract over HTTP, and the step of an agent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from r1rewards.errors import RowError, UsageError
from r1rewards.messages import kind_of
from r1rewards.trainers.one_by_one import RowScore, RowScorer
from r1rewards.trainers.totals import Asked, name_of, ready_made, ready_names, rubric_of, without_special_tokens

_FEWEST_CHARS = 16
"""Of a prompt that was cut to fit the context, at least so many characters must stand before the completion."""
_FEW_BEFORE = 64
_CUT = "\N{REPLACEMENT CHARACTER}"
_WORD = re.compile(r"\S+")


class OpenRLHFReward:
    """OpenRLHF's ``reward_func(queries, prompts, labels)``, made from a rubric.

    OpenRLHF calls it with one query at a time from many threads; those calls become batches.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model: OpenRLHF can skip no row. None takes
            it from the environment variable ``R1REWARDS_UNSCORED``.
        max_wait_s: Seconds a call waits for company at most.
        **settings: Those of `Rubric`, for one that is made here.

    Raises:
        UsageError: Nobody has said `unscored`.

    Example:
        >>> reward_func = OpenRLHFReward(["exact"], unscored=0.0)
        >>> reward_func(["Capital?Paris<|im_end|>"], ["Capital?"], ["Paris"])["rewards"]
        1.0
    """

    def __init__(
        self, rewards: Asked = "math", *, unscored: float | None = None, max_wait_s: float = 0.02, **settings: Any
    ) -> None:
        self.scorer = RowScorer(rubric_of(rewards, **settings), unscored=unscored, max_wait_s=max_wait_s)
        self.__name__ = name_of(self.scorer.rubric)

    def __call__(
        self, queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **_more: Any
    ) -> dict[str, Any]:
        """Score queries.

        Args:
            queries: B texts: prompt and response, special tokens and all.
            prompts: B prompts.
            labels: B references.

        Returns:
            ``rewards``, ``scores`` and ``extra_logs`` (per reward its value and whether it has one): numbers for one
            query, lists for several.
        """
        return as_openrlhf(self.scorer.score_all(rows_of(queries, prompts, labels)))

    async def step(self, state: Mapping[str, Any], **_more: Any) -> dict[str, Any]:
        """Judge an agent's turn as its last: the ``step`` of an ``AgentInstanceBase``.

        Args:
            state: ``observation_text`` (what was before), ``action_text`` and ``label``.

        Returns:
            ``rewards``, ``scores``, ``environment_feedback`` (none), ``done`` and ``extra_logs``.
        """
        row = {
            "completion": without_special_tokens(state["action_text"]),
            "prompt": state.get("observation_text"),
            "ground_truth": state.get("label"),
        }
        scored = await self.scorer.ascore(row)
        total = np.float64(scored.total)  # the executor asks it for its .item()
        return {
            "rewards": total,
            "scores": total,
            "environment_feedback": "",
            "done": True,
            "extra_logs": scored.as_numbers(),
        }

    def close(self) -> None:
        """End worker processes and containers; the next call opens them again."""
        self.scorer.close()


def rows_of(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any]) -> list[dict[str, Any]]:
    """Return OpenRLHF's lists as rows.

    Raises:
        UsageError: The lists differ in length.
        RowError: A query is no text, or a prompt is neither that nor None.
    """
    if not len(queries) == len(prompts) == len(labels):
        raise UsageError(f"{len(queries)} queries, {len(prompts)} prompts and {len(labels)} labels: expected as many")
    for row, (query, prompt) in enumerate(zip(queries, prompts, strict=True)):
        for name, cell, kinds in (("query", query, (str,)), ("prompts", prompt, (str, type(None)))):
            if not isinstance(cell, kinds):
                raise RowError(f"expected a text, found {kind_of(cell)}", line=row + 1, column=name)
    return [
        {"completion": completion_of(query, prompt), "prompt": prompt, "ground_truth": label}
        for query, prompt, label in zip(queries, prompts, labels, strict=True)
    ]


def completion_of(query: str, prompt: str | None) -> str:
    """Return what the model wrote: a query without its prompt and without special tokens at its end.

    The prompt may have lost its beginning (OpenRLHF cuts it to fit the context, even within a character) or gained
    white space anywhere and a token that begins a text (a tokenizer's doing). Where none of it is found, the query is
    taken whole.

    Args:
        query: Prompt and response in one text.
        prompt: The prompt.

    Example:
        >>> completion_of("<s>1+1?2</s>", "1+1?")
        '2'
        >>> completion_of("<s> [INST] 1+1? [/INST] 2</s>", "<s>[INST] 1+1? [/INST]")
        ' 2'
    """
    return without_special_tokens(query[_prompt_end(query, prompt or "") :])


def _prompt_end(query: str, prompt: str) -> int:
    """Return where a prompt ends in a query that begins with it, or with its end."""
    if query.startswith(prompt):
        return len(prompt)
    # Tokenizers give back other white space than they were given, some a space behind each special token.
    bare = "".join(prompt.split())
    if not bare:
        return 0
    head = _first_dense(query, len(bare) + _FEW_BEFORE)
    # A tokenizer adds a few characters before the prompt at most; further on it would be the model's echo.
    place = head.find(bare)
    if place >= 0:
        return _after_dense(query, place + len(bare), prompt)
    # What is left of a character that was cut is one or more of these.
    rest = head.lstrip(_CUT)
    cut = len(head) - len(rest)
    overlap = _overlap(rest[: len(bare)], bare)
    return _after_dense(query, cut + overlap, prompt) if overlap >= _FEWEST_CHARS else 0


def _first_dense(text: str, count: int) -> str:
    """Return the first characters of a text that are no white space."""
    pieces: list[str] = []
    for word in _WORD.finditer(text):
        pieces.append(word[0])
        count -= len(word[0])
        if count <= 0:
            break
    dense = "".join(pieces)
    return dense[:count] if count < 0 else dense


def _after_dense(text: str, count: int, prompt: str) -> int:
    """Return the place behind so many characters that are no white space, and behind the prompt's own at its end."""
    for word in _WORD.finditer(text):
        if count <= len(word[0]):
            end = word.start() + count
            own = len(prompt) - len(prompt.rstrip())
            while own and end < len(text) and text[end].isspace():
                own, end = own - 1, end + 1
            return end
        count -= len(word[0])
    return len(text)


def _overlap(head: str, text: str) -> int:
    """Return the length of the longest beginning of `head` that is an end of `text`, in linear time."""
    fallback = [0] * len(head)
    length = 0
    for place in range(1, len(head)):
        while length and head[place] != head[length]:
            length = fallback[length - 1]
        length += head[place] == head[length]
        fallback[place] = length
    length = 0
    for char in text:
        if length == len(head):
            length = fallback[length - 1] if length else 0
        while length and char != head[length]:
            length = fallback[length - 1]
        length += bool(head) and char == head[length]
    return length


def as_openrlhf(scored: Sequence[RowScore]) -> dict[str, Any]:
    """Return scored rows as OpenRLHF reads them: numbers for one row, lists for several."""
    totals = [row.total for row in scored]
    logs = [row.as_numbers() for row in scored]
    if len(scored) == 1:
        return {"rewards": totals[0], "scores": totals[0], "extra_logs": logs[0]}
    names = list(logs[0]) if logs else []
    return {
        "rewards": totals,
        "scores": list(totals),
        "extra_logs": {name: [row[name] for row in logs] for name in names},
    }


def __getattr__(name: str) -> OpenRLHFReward:
    """Make a ready-made reward when its name is first asked for; `unscored` comes from the environment."""
    made: OpenRLHFReward = ready_made(name, OpenRLHFReward, globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
