"""What a completion is split into: spans, the transcript of one completion, and what can be wrong with it."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Problem = Literal[
    "no_reasoning_tags",
    "reasoning_not_opened",
    "reasoning_not_closed",
    "reasoning_opened_twice",
    "reasoning_closed_twice",
    "reasoning_empty",
    "reasoning_not_empty",
    "text_before_reasoning",
    "answer_not_tagged",
    "answer_not_opened",
    "answer_not_closed",
    "answer_tagged_twice",
    "answer_tag_in_reasoning",
    "answer_empty",
    "answer_not_boxed",
    "answer_boxed_twice",
    "answer_without_code",
    "text_between",
    "text_after_answer",
    "text_after_end_token",
    "header_malformed",
    "newlines_not_as_asked",
    "tag_look_alike",
    "tag_truncated",
]

# Something a reader can see: neither white space nor a control, format or filler character.
_VISIBLE = re.compile(
    "[^\\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_FIRST_CHARS = 256
_ORDER: Mapping[str, int] = {name: rank for rank, name in enumerate(typing.get_args(Problem))}


class Span(NamedTuple):
    """A half-open range of offsets."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the part of the text that the span covers."""
        return text[self.start : self.end]


class Transcript(NamedTuple):
    """One completion's structure.

    Attributes:
        reasoning: Span of the reasoning between the tags; None without any tag.
        answer: Span of the answer; None where reasoning or answer never closes.
        problems: What keeps it from being well formed, in a fixed order; empty when it is.
    """

    reasoning: Span | None
    answer: Span | None
    problems: tuple[Problem, ...]

    @property
    def well_formed(self) -> bool:
        """Whether there is one closed, non-empty reasoning and one non-empty answer, and nothing else."""
        return not self.problems


def visible(text: str, start: int, end: int) -> bool:
    """Return whether the range holds anything a reader could see."""
    if start < end and " " < text[start : start + 1] < "\x7f":
        return True
    if _VISIBLE.search(text, start, min(end, start + _FIRST_CHARS)):
        return True
    rest = text[start + _FIRST_CHARS : end].lstrip()  # a megabyte of white space goes faster so
    return _VISIBLE.search(rest) is not None


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems in their fixed order."""
    return tuple(sorted(problems, key=_ORDER.__getitem__))
