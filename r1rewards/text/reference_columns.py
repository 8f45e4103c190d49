"""Which of a row's columns is the reference answer, and whether those that could be agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from r1rewards.text.reference import answer_of_solution, reference_text

POOL = (
    "ground_truth",
    "answer",
    "solution",
    "label",
    "target",
    "gold",
    "reference",
    "reward_model.ground_truth",
)
"""Columns that may hold the reference answer, the first one there is wins."""

Candidate = tuple[str, Any]
"""A column's name and its cell."""

_SHORT_CHARS = 40
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_VALUE = re.compile(r"[\d$\\]")
_WORDS_OF_A_VALUE = 3  # 12 square metres
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def contributing(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that say something, in order; the first is the reference.

    Beside others, a blank cell says nothing, nor does a ``solution`` in prose that marks no answer, nor a cell that
    is neither text nor number. A ``solution`` that is a bare answer says it, as data for TRL often has it.

    Args:
        candidates: Columns whose cell is not null, in the pool's order.

    Example:
        >>> contributing([("solution", "By symmetry."), ("gold", "4")])
        [('gold', '4')]
        >>> contributing([("solution", "By symmetry.")])
        [('solution', 'By symmetry.')]
        >>> contributing([("solution", "$4$"), ("label", 4)])
        [('solution', '$4$'), ('label', 4)]
    """
    if len(candidates) < 2:
        return list(candidates)
    telling = [
        (name, cell)
        for name, cell in candidates
        if _answers(cell) and not (name == "solution" and isinstance(cell, str) and _is_mere_prose(cell))
    ]
    return telling or [candidates[0]]


def first_disagreement(candidates: Sequence[Candidate]) -> tuple[str, str] | None:
    r"""Return the first two columns whose answers differ, or None where all agree.

    Answers are compared after a solution is reduced to its box or its ``####`` part and after light
    normalisation; lists of alternatives agree when they share one.

    Args:
        candidates: From `contributing`.

    Example:
        >>> first_disagreement([("answer", r"$\dfrac12$."), ("solution", r"so \boxed{\frac12}")]) is None
        True
        >>> first_disagreement([("answer", "3"), ("gold", 4)])
        ('answer', 'gold')
    """
    if len(candidates) < 2:
        return None
    first, *others = [(name, {_normalised(answer) for answer in _answers(cell)}) for name, cell in candidates]
    for name, answers in others:
        if not answers & first[1]:
            return first[0], name
    return None


def _is_mere_prose(solution: str) -> bool:
    """Return whether a solution marks no answer and is none itself: of several lines, long, or in words."""
    if answer_of_solution(solution):
        return False
    bare = solution.strip()
    if len(bare) > _SHORT_CHARS or "\n" in bare:
        return True
    words = len(_WORD.findall(_COMMAND.sub(" ", bare)))
    return words > (_WORDS_OF_A_VALUE if _VALUE.search(bare) else 1)


def _answers(cell: Any) -> list[str]:
    """Return a cell's alternatives as text, those that say something."""
    cells = cell if isinstance(cell, list) else [cell]
    return [text for item in cells if (text := reference_text(item))]


def _normalised(answer: str) -> str:
    """Return an answer without what never changes its meaning."""
    text = answer.replace(r"\$", "").replace("$", "").replace(r"\left", "").replace(r"\right", "")
    text = text.replace(r"\dfrac", r"\frac").replace(r"\tfrac", r"\frac").replace(r"\!", "")
    text = "".join(text.split()).removesuffix(".")
    if len(text) <= _SHORT_CHARS:
        plain = _THOUSANDS.sub("", text)
        if _NUMBER.fullmatch(plain):
            return repr(float(plain) + 0.0)
    return text
