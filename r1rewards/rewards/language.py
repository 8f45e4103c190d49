"""The `language` reward: the share of the reasoning's words that are in the target language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.errors import OptionError
from r1rewards.language.backends import DEFAULT_BACKEND, check_backend
from r1rewards.language.codes import language_code
from r1rewards.language.ratio import UNITS, LanguageSpan, language_ratio, main_language
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.transcript import Span, Transcript

PARTS = ("reasoning", "answer", "both")
FROM_ROW, FROM_PROMPT = "row", "prompt"

_SHOWN_SPANS = 12
_SHOWN_CHARS = 60


@dataclass(frozen=True)
class LanguageReward(BaseReward):
    """The share of words in the target language, from 0.0 to 1.0, in the reasoning.

    A part that holds no words (formulas only, or nothing) is unscored: there is nothing to take a share of.
    A completion that lacks the part altogether scores 0.0, for the form that was asked for has it: with
    ``part="reasoning"`` that is a completion without reasoning tags, whose whole text is the answer. Reasoning
    that never ends is judged as far as it goes. The public paper sees a slight cost in ability: weights of
    0.1 to 0.2 beside the accuracy reward are customary.

    Attributes:
        target: The target language: ``"row"``, that of the row's column ``language``; ``"prompt"``, the language
            that most words of the prompt are in (its last turn, where it is a chat; a template in another
            language around a plain prompt counts as well); or a code or an English name for all rows.
        part: What is judged: ``"reasoning"``, ``"answer"`` or ``"both"`` together.
        threshold: Where given, 1.0 from this ratio on and 0.0 below; else the ratio itself, as in R1.
        unit: In what Chinese and Japanese are counted: ``"characters"``, or ``"words"`` of 1.7 characters.
        backend: See `r1rewards.language.language_ratio`.

    Raises:
        OptionError: An option cannot take its value.

    Source:
        DeepSeek-R1 (Nature 645, 2025; arXiv 2501.12948v2), equation 7.

    Example:
        >>> texts = ["<think>Wir addieren zuerst die beiden Zahlen.</think> 4", "<think>First, we add both.</think> 4"]
        >>> LanguageReward(target="de").score(Batch.of(completion=texts)).values.round(1).tolist()
        [1.0, 0.0]
    """

    target: str = FROM_ROW
    part: str = "reasoning"
    threshold: float | None = None
    unit: str = "characters"
    backend: str = DEFAULT_BACKEND
    name: str = "language"
    requires: tuple[str, ...] = field(default=(), init=False, repr=False)

    def __post_init__(self) -> None:
        if self.target not in (FROM_ROW, FROM_PROMPT):
            object.__setattr__(self, "target", language_code(self.target))
        for option, value, known in (("part", self.part, PARTS), ("unit", self.unit, UNITS)):
            if value not in known:
                raise OptionError(f"reward {self.name!r}: option {option} takes {', '.join(known)}, not {value!r}")
        check_backend(self.backend)
        if self.threshold is not None and not 0.0 <= self.threshold <= 1.0:
            raise OptionError(f"reward {self.name!r}: option threshold takes 0 to 1, not {self.threshold!r}")
        column = {FROM_ROW: ("language",), FROM_PROMPT: ("prompt",)}.get(self.target, ())
        object.__setattr__(self, "requires", column)

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct part under every distinct target once."""
        truncated = batch.column("truncated") if batch.has("truncated") else [None] * len(batch)
        targets = self._targets(batch)
        known: dict[tuple[str, tuple[Span, ...], str, bool], Outcome] = {}
        outcomes = []
        for text, parts, target, cut in zip(batch.completions, batch.transcripts, targets, truncated, strict=True):
            if isinstance(target, Outcome):
                outcomes.append(target)
                continue
            spans = self._spans(parts)
            key = (text, spans, target, bool(cut))
            outcome = known.get(key)
            if outcome is None:
                outcome = known[key] = self._outcome(text, parts, spans, target, bool(cut))
            outcomes.append(outcome)
        return outcomes

    def _targets(self, batch: Batch) -> list[str | Outcome]:
        """Return each row's target language, or the cell of a row that has none."""
        if self.target not in (FROM_ROW, FROM_PROMPT):
            return [self.target] * len(batch)
        of_row = self.target == FROM_ROW
        known: dict[Any, str | Outcome] = {}
        targets = []
        for cell in batch.column("language" if of_row else "prompt"):
            key = cell if isinstance(cell, str) else repr(type(cell))
            if key not in known:
                known[key] = _code_of_cell(cell) if of_row else self._language_of(cell)
            targets.append(known[key])
        return targets

    def _language_of(self, prompt: str) -> str | Outcome:
        """Return the language of a prompt, or the cell of a row whose prompt has none."""
        language = main_language(prompt, backend=self.backend)
        if language is None:
            return Outcome.unscored(Status.NOT_APPLICABLE, "the prompt has no words that would tell its language")
        return language

    def _spans(self, parts: Transcript) -> tuple[Span, ...]:
        """Return the spans to judge; none where the completion lacks the part."""
        wanted = {"reasoning": [parts.reasoning], "answer": [parts.answer]}.get(
            self.part, [parts.reasoning, parts.answer]
        )
        return tuple(span for span in wanted if span is not None)

    def _outcome(self, text: str, parts: Transcript, spans: Sequence[Span], target: str, cut: bool) -> Outcome:
        """Return the cell of a completion."""
        if not spans:
            problems = ", ".join(parts.problems)
            missing = Status.TRUNCATED if cut else Status.NO_ANSWER
            return Outcome(0.0, missing, {"why": f"there is no {self.part} to judge ({problems})", "target": target})
        judged = [(span, language_ratio(span.of(text), target, backend=self.backend, unit=self.unit)) for span in spans]
        words = sum(found.words for _, found in judged)
        chars = sum(span.end - span.start for span in spans) or 1
        neutral = sum(found.neutral_share * (span.end - span.start) for span, found in judged) / chars
        detail = {"target": target, "words": round(words, 1), "neutral_share": round(neutral, 4)}
        if not words:
            return Outcome.unscored(Status.NOT_APPLICABLE, "there are no words: nothing to score", **detail)
        ratio = min(sum(found.ratio * found.words for _, found in judged if found.words) / words, 1.0)
        others = [_shown(text, span, other) for span, found in judged for other in found.other_spans]
        why = f"{ratio:.1%} of {words:.0f} words are in {target}"
        facts: dict[str, object] = {"why": why, "ratio": ratio, **detail, "other_spans": others[:_SHOWN_SPANS]}
        if len(others) > _SHOWN_SPANS:
            facts["other_spans_in_all"] = len(others)
        value = ratio if self.threshold is None else float(ratio >= self.threshold)
        return Outcome(value, Status.OK, facts)


def _code_of_cell(cell: Any) -> str | Outcome:
    """Return the code in a row's column `language`, or the cell of a row where none can be read."""
    if not isinstance(cell, str):
        why = f"the column 'language' must hold a language's code, found {type(cell).__name__}"
        return Outcome.unscored(Status.BAD_REFERENCE, why)
    try:
        return language_code(cell)
    except OptionError as error:
        return Outcome.unscored(Status.BAD_REFERENCE, str(error))


def _shown(text: str, part: Span, other: LanguageSpan) -> dict[str, object]:
    """Return a span in another language as facts; offsets are into the completion."""
    start, end = part.start + other.start, part.start + other.end
    excerpt = text[start:end] if end - start <= _SHOWN_CHARS else text[start : start + _SHOWN_CHARS - 1] + "…"
    return {"start": start, "end": end, "language": other.language, "words": round(other.words, 1), "text": excerpt}
