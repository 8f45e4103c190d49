"""The `readability` reward: what R1's cold-start filter looked for, as measurements and one number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import once_each
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.fences import find_fences
from r1rewards.text.transcript import Span
from r1rewards.text.words import count_units
from r1rewards.truncation import after_cut, check_mode, cut_off

_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?![ \t\r]*\n)[^\n]+)*")


@dataclass(frozen=True)
class ReadabilityReward(BaseReward):
    """1.0 for reasoning in paragraphs of readable length, without code, followed by a summary; else less.

    The value is the product of three shares, so that none makes up for another: words of the reasoning that stand in
    paragraphs of readable length, its characters outside fenced code, and how much of a summary the answer is (1
    from ``summary_words`` on). Reasoning of fewer than ``least_words`` has nothing to be read and earns 0; so has
    a completion without reasoning or without an answer.

    Attributes:
        paragraph_words: Words from which a paragraph is long.
        least_words: Words that make a reasoning.
        summary_words: Words that make a summary.
        truncated: What a cut-off completion gets: ``keep``, ``soft`` or ``zero``; see `r1rewards.truncation`.

    Source:
        DeepSeek-R1 (arXiv 2501.12948): the cold start asked for "reasoning process" and "summary" and filtered out
        chains of thought "with mixed languages, long paragraphs, and code blocks"; languages are `language`'s part.

    Example:
        >>> text = "<think>" + "We add the two and get four, which is even. " * 2 + "</think> The sum of both is 4."
        >>> column = ReadabilityReward().score(Batch.of(completion=[text, "<think>so</think> 4"]))
        >>> column.values.tolist(), column[0].detail["longest_paragraph_words"]
        ([1.0, 0.0], 20)
    """

    paragraph_words: int = 200
    least_words: int = 10
    summary_words: int = 5
    truncated: str = "keep"
    name: str = "readability"

    def __post_init__(self) -> None:
        for option in ("paragraph_words", "least_words", "summary_words"):
            if getattr(self, option) < 1:
                raise ValueError(f"{option} must be at least 1, not {getattr(self, option)}")
        check_mode(self.truncated)

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct completion once."""
        cases = [
            (text, parts.reasoning, parts.answer)
            for text, parts in zip(batch.completions, batch.transcripts, strict=True)
        ]
        outcomes = once_each(cases, self._outcome)
        return [
            after_cut(outcome, self.truncated, 0.0) if cut else outcome
            for outcome, cut in zip(outcomes, cut_off(batch), strict=True)
        ]

    def _outcome(self, case: tuple[str, Span | None, Span | None]) -> Outcome:
        """Return the cell of one completion."""
        text, reasoning, answer = case
        if reasoning is None:
            return Outcome(0.0, Status.NO_ANSWER, {"why": "there is no reasoning to read"})
        measured = self._measure(reasoning.of(text))
        # Only prose in the answer is a summary: code or a formula alone tells a reader nothing.
        summary = 0 if answer is None else count_units(_without_fences(answer.of(text)))
        measured["summary_words"] = summary
        if answer is None:
            return Outcome(0.0, Status.NO_ANSWER, {"why": "there is no answer part", **measured})
        if measured["reasoning_words"] < self.least_words:
            why = f"the reasoning has fewer than {self.least_words} words"
            return Outcome(0.0, Status.OK, {"why": why, **measured})
        said = min(1.0, summary / self.summary_words)
        value = measured["readable_share"] * (1.0 - measured["code_share"]) * said
        return Outcome(float(value), Status.OK, measured)

    def _measure(self, reasoning: str) -> dict[str, Any]:
        """Return the measurements of a reasoning."""
        fences = find_fences(reasoning)
        in_code = sum(fence.end - fence.start for fence in fences)
        sizes = map(count_units, _PARAGRAPH.findall(_without_fences(reasoning)))
        paragraphs = [size for size in sizes if size]
        words = sum(paragraphs)
        longest = max(paragraphs, default=0)
        long_words = sum(size for size in paragraphs if size > self.paragraph_words)
        # A blank line behind every word or two is no paragraph either.
        scraps = sum(size for size in paragraphs if size < 3)
        unreadable = long_words + (scraps if scraps * 2 > words else 0)
        return {
            "reasoning_words": words,
            "paragraphs": len(paragraphs),
            "longest_paragraph_words": longest,
            "code_blocks": len(fences),
            "code_share": round(in_code / len(reasoning), 6) if reasoning else 0.0,
            "readable_share": round(1 - unreadable / words, 6) if words else 0.0,
        }


def _without_fences(text: str) -> str:
    """Return a text without its fenced code blocks."""
    kept, position = [], 0
    for fence in find_fences(text):
        kept.append(text[position : fence.start])
        position = fence.end
    kept.append(text[position:])
    return "\n\n".join(kept) if position else text
