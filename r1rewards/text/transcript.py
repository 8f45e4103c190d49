"""Where a completion's reasoning ends and its answer begins, for each declared dialect of tags.

The dialect is declared for a batch, never guessed from the completion: a lenient expression that takes
any of them is what models learn to game. A prompt that has already opened the tag is told from the
prompt. One pass over the tags, offsets only, no copies.

The law of the spans: without any tag the whole completion is the answer; after an opener that never
closes there is none; with several closers the answer begins behind the last one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

Problem = Literal[
    "no_reasoning_tags",
    "reasoning_not_opened",
    "reasoning_not_closed",
    "reasoning_opened_twice",
    "reasoning_closed_twice",
    "reasoning_empty",
    "text_before_reasoning",
    "answer_not_tagged",
    "answer_not_opened",
    "answer_not_closed",
    "answer_tagged_twice",
    "answer_tag_in_reasoning",
    "answer_empty",
    "text_between",
    "text_after_answer",
]

# Something a reader can see: neither white space nor a control, format or filler character.
_VISIBLE = re.compile(
    "[^\\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


class Span(NamedTuple):
    """A half-open range of offsets."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the part of the text that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The tags of one transcript mode.

    Attributes:
        name: The mode's name.
        opener: Tag that opens the reasoning.
        closer: Tag that closes it.
        answer_opener: Tag that opens the answer; None where the answer is simply what follows.
        answer_closer: Tag that closes the answer.
        prefilled: Whether the prompt has always opened the reasoning already.
    """

    name: str
    opener: str = "<think>"
    closer: str = "</think>"
    answer_opener: str | None = None
    answer_closer: str | None = None
    prefilled: bool = False


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            Dialect("think"),
            Dialect("think_prefilled", prefilled=True),
            Dialect("think_answer", answer_opener="<answer>", answer_closer="</answer>"),
        )
    }
)
"""The transcript modes by name."""


@dataclass(frozen=True, slots=True)
class Transcript:
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


def prompt_opens_reasoning(prompt: str, dialect: Dialect) -> bool:
    """Return whether the prompt's last visible characters are the opening tag.

    Args:
        prompt: The prompt as the model saw it.
        dialect: The tags to look for.

    Returns:
        True when the completion begins inside the reasoning.

    Example:
        >>> prompt_opens_reasoning("User: 1+1? Assistant: <think>\\n", DIALECTS["think"])
        True
    """
    return prompt[-4096:].rstrip().endswith(dialect.opener)


def split_transcript(text: str, dialect: Dialect, *, opened: bool = False) -> Transcript:
    """Split a completion into reasoning and answer.

    Args:
        text: The completion, any string.
        dialect: The declared tags.
        opened: Whether the prompt had opened the reasoning already.

    Returns:
        The spans and what is wrong with them.

    Example:
        >>> text = "<think>1+1 is 2.</think> 2"
        >>> parts = split_transcript(text, DIALECTS["think"])
        >>> parts.reasoning.of(text), parts.answer.of(text), parts.well_formed
        ('1+1 is 2.', ' 2', True)
    """
    opened = opened or dialect.prefilled
    openers = _places(text, dialect.opener)
    closers = _places(text, dialect.closer)
    problems: set[Problem] = set()
    if not openers and not closers and not opened:
        problems.add("no_reasoning_tags")
        answer = _answer(text, 0, dialect, problems)
        return Transcript(None, answer, _ordered(problems))

    if opened:
        start = 0
        if openers:
            problems.add("reasoning_opened_twice")
    elif openers:
        start = openers[0] + len(dialect.opener)
        if not closers or openers[0] < closers[0]:
            if _visible(text, 0, openers[0]):
                problems.add("text_before_reasoning")
        else:  # a closer stands first: the reasoning begins with the text
            start = 0
            problems.add("reasoning_not_opened")
        if len(openers) > 1:
            problems.add("reasoning_opened_twice")
    else:
        start = 0
        problems.add("reasoning_not_opened")

    if not closers or (openers and openers[-1] > closers[-1]):
        problems.add("reasoning_not_closed")
        return Transcript(Span(start, len(text)), None, _ordered(problems))
    if len(closers) > 1:
        problems.add("reasoning_closed_twice")
    reasoning = Span(start, closers[-1])
    if not _visible(text, *reasoning):
        problems.add("reasoning_empty")
    if dialect.answer_opener is not None and dialect.answer_closer is not None:
        inside = text.find(dialect.answer_opener, *reasoning), text.find(dialect.answer_closer, *reasoning)
        if max(inside) >= 0:
            problems.add("answer_tag_in_reasoning")
    answer = _answer(text, closers[-1] + len(dialect.closer), dialect, problems)
    return Transcript(reasoning, answer, _ordered(problems))


def given_transcript(text: str, reasoning: Span, answer: Span, dialect: Dialect) -> Transcript:
    """Return the transcript of a completion that the chat template had already split.

    Args:
        text: The whole completion.
        reasoning: Span of the reasoning that came in its own field.
        answer: Span of the content.
        dialect: The declared tags, which neither part may hold again.

    Returns:
        The spans and what is wrong with them.
    """
    problems: set[Problem] = set()
    if not _visible(text, *reasoning):
        problems.add("reasoning_empty")
    if text.find(dialect.opener, *reasoning) >= 0 or text.find(dialect.opener, *answer) >= 0:
        problems.add("reasoning_opened_twice")
    if text.find(dialect.closer, *reasoning) >= 0 or text.find(dialect.closer, *answer) >= 0:
        problems.add("reasoning_closed_twice")
    whole = text if answer.end == len(text) else text[: answer.end]
    return Transcript(reasoning, _answer(whole, answer.start, dialect, problems), _ordered(problems))


def _answer(text: str, start: int, dialect: Dialect, problems: set[Problem]) -> Span | None:
    """Return the answer's span in what follows the reasoning, noting problems."""
    if dialect.answer_opener is None or dialect.answer_closer is None:
        if not _visible(text, start, len(text)):
            problems.add("answer_empty")
        return Span(start, len(text))
    openers = _places(text, dialect.answer_opener, start)
    closers = _places(text, dialect.answer_closer, start)
    if not openers and not closers:
        problems.add("answer_not_tagged")
        if not _visible(text, start, len(text)):
            problems.add("answer_empty")
        return Span(start, len(text))
    if not openers:
        problems.add("answer_not_opened")
        return Span(start, closers[-1])
    if len(openers) > 1 or len(closers) > 1:
        problems.add("answer_tagged_twice")
    if _visible(text, start, openers[0]):
        problems.add("text_between")
    begin = openers[-1] + len(dialect.answer_opener)
    if not closers or closers[-1] < begin:
        problems.add("answer_not_closed")
        return None
    end = text.find(dialect.answer_closer, begin)
    if not _visible(text, begin, end):
        problems.add("answer_empty")
    if _visible(text, closers[-1] + len(dialect.answer_closer), len(text)):
        problems.add("text_after_answer")
    return Span(begin, end)


def _places(text: str, tag: str, start: int = 0) -> list[int]:
    """Return the offsets of a tag."""
    found: list[int] = []
    position = text.find(tag, start)
    while position >= 0:
        found.append(position)
        position = text.find(tag, position + len(tag))
    return found


def _visible(text: str, start: int, end: int) -> bool:
    """Return whether the range holds anything a reader could see."""
    return _VISIBLE.search(text, start, end) is not None


_ORDER: Mapping[str, int] = {name: rank for rank, name in enumerate(Problem.__args__)}  # type: ignore[attr-defined]  # a Literal's members


def _ordered(problems: set[Problem]) -> tuple[Problem, ...]:
    """Return the problems in their fixed order."""
    return tuple(sorted(problems, key=_ORDER.__getitem__))
