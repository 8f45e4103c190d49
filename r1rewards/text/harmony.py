"""The harmony format of gpt-oss: messages with channels, `analysis` the reasoning and `final` the answer."""

from __future__ import annotations

import re

from r1rewards.text.dialects import HARMONY_START, Dialect
from r1rewards.text.parts import Problem, Span, Transcript, ordered, visible
from r1rewards.text.special_tokens import content_end

_TOKEN = re.compile(r"<\|(?:start|end|message|channel|constrain|return|call)\|>")


def split_channels(text: str, masked: str, dialect: Dialect, *, opened: bool = False) -> Transcript:
    """Split a completion in the harmony format.

    Well formed is one ``analysis`` message, closed by ``<|end|>``, and then one ``final`` message up to
    ``<|return|>``, ``<|end|>`` or the end of the text (servers take the stop token away). The first
    ``<|start|>assistant`` may be in the prompt; the second may not be missing.

    Args:
        text: The completion.
        masked: The same with quoted code blanked out.
        dialect: The declared tags.
        opened: Whether the prompt had opened the analysis already.

    Returns:
        The spans and what is wrong with them.
    """
    problems: set[Problem] = set()
    stop = content_end(text)
    analysis, final = dialect.opener, dialect.answer_opener or ""
    first = masked.find(analysis)
    if opened:
        reasoning: Span | None = Span(0, _token(masked, 0))
        if first >= 0:
            problems.add("reasoning_opened_twice")
    elif first >= 0:
        if masked.count(analysis) > 1:
            problems.add("reasoning_opened_twice")
        _check_head(text, masked, first, problems)
        reasoning = Span(first + len(analysis), _token(masked, first + len(analysis)))
    else:
        problems.add("no_reasoning_tags")
        reasoning = None
    place = masked.rfind(final)
    begin = -1 if place < 0 else place + len(final)
    if reasoning is None:
        return _without_reasoning(text, masked, begin, stop, problems)
    if not visible(text, *reasoning):
        problems.add("reasoning_empty")
    closed = masked.startswith(dialect.closer, reasoning.end)
    if not closed:
        problems.add("reasoning_not_closed")
    behind = reasoning.end + (len(dialect.closer) if closed else 0)
    if 0 <= place < behind:
        problems.add("answer_not_tagged")
        place = -1
        if masked.find(final) < reasoning.start:
            problems.add("text_before_reasoning")
    if place < 0:
        if not closed:
            return Transcript(reasoning, None, ordered(problems))
        problems.add("answer_not_tagged")
        if not visible(text, behind, stop):
            problems.add("answer_empty")
        return Transcript(reasoning, Span(behind, max(behind, stop)), ordered(problems))
    if masked.count(final) > 1:
        problems.add("answer_tagged_twice")
    between = masked[behind:place].strip() if place - behind <= 4096 else "long"
    if between != HARMONY_START:
        problems.add("header_malformed" if not between or between.startswith("<|channel|>") else "text_between")
    answer = _answer(text, masked, begin, stop, problems)
    return Transcript(reasoning, answer, ordered(problems))


def _without_reasoning(text: str, masked: str, begin: int, stop: int, problems: set[Problem]) -> Transcript:
    """Return the transcript of a completion that has no analysis: its final message, or all of it."""
    if begin >= 0:
        answer = _answer(text, masked, begin, stop, problems)
        return Transcript(None, answer, ordered(problems))
    problems.add("answer_not_tagged")
    if _TOKEN.search(masked):
        problems.add("header_malformed")
    if not visible(text, 0, stop):
        problems.add("answer_empty")
    return Transcript(None, Span(0, stop), ordered(problems))


def _check_head(text: str, masked: str, first: int, problems: set[Problem]) -> None:
    """Note what stands before the first analysis: nothing, or the start of the assistant's message."""
    if first <= len(HARMONY_START) + 64 and masked[:first].strip() in {"", HARMONY_START}:
        return
    problems.add("header_malformed" if masked.rfind("<|start|>", 0, first) == 0 else "text_before_reasoning")
    if not visible(text, 0, first):
        problems.discard("text_before_reasoning")


def _answer(text: str, masked: str, begin: int, stop: int, problems: set[Problem]) -> Span:
    """Return the final message's span, noting what is wrong with it and behind it."""
    end = _token(masked, begin)
    if end == len(masked):
        end = max(begin, stop)
        if not visible(text, begin, end):
            problems.add("answer_empty")
        return Span(begin, end)
    if not visible(text, begin, end):
        problems.add("answer_empty")
    for token in ("<|return|>", "<|end|>"):
        if masked.startswith(token, end):
            behind = end + len(token)
            if visible(text, behind, max(behind, stop)):
                problems.add("text_after_answer")
            return Span(begin, end)
    problems.add("answer_not_closed")
    return Span(begin, end)


def _token(masked: str, start: int) -> int:
    """Return where the next of the format's tokens stands, or the end."""
    match = _TOKEN.search(masked, start)
    return match.start() if match else len(masked)
