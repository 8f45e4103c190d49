"""The `format` reward: one closed, non-empty reasoning and then a non-empty answer, in the declared tags."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from r1rewards.base_reward import BaseReward
from r1rewards.errors import EveryRowFails
from r1rewards.samples import Batch, dialect_of
from r1rewards.scores import Outcome, Scores, Status
from r1rewards.text.dialects import DIALECTS, Dialect
from r1rewards.text.parts import Problem, Transcript
from r1rewards.text.telling import Told

_SENTENCES: Mapping[Problem, str] = MappingProxyType(
    {
        "no_reasoning_tags": "there is no reasoning between tags",
        "reasoning_not_opened": "the reasoning is closed without having been opened",
        "reasoning_not_closed": "the reasoning is never closed",
        "reasoning_opened_twice": "the reasoning is opened more than once",
        "reasoning_closed_twice": "the reasoning is closed more than once",
        "reasoning_empty": "the reasoning is empty",
        "reasoning_not_empty": "the reasoning is not empty, as it is asked to be",
        "text_before_reasoning": "there is text before the reasoning",
        "answer_not_tagged": "the answer is not between tags",
        "answer_not_opened": "the answer is closed without having been opened",
        "answer_not_closed": "the answer is never closed",
        "answer_tagged_twice": "there is more than one tagged answer",
        "answer_tag_in_reasoning": "an answer tag stands in the reasoning",
        "answer_empty": "the answer is empty",
        "answer_not_boxed": "the answer holds no closed box",
        "answer_boxed_twice": "the answer holds boxes that differ",
        "answer_without_code": "the answer holds no fenced code block",
        "text_between": "there is text between the reasoning and the answer",
        "text_after_answer": "there is text behind the answer",
        "text_after_end_token": "there is text behind a token that ends the turn",
        "header_malformed": "a message's header is missing or malformed",
        "newlines_not_as_asked": "a tag does not stand on a line of its own as asked",
        "tag_look_alike": "something looks like a tag and is none (other letters, brackets, case or spaces)",
        "tag_truncated": "a tag is cut off",
    }
)

# What each problem breaks, for the graded form.
_REASONING, _ANSWER, _OUTSIDE, _TAGS = "reasoning", "answer", "outside", "tags"
GRADES: Mapping[str, float] = MappingProxyType({_REASONING: 0.4, _ANSWER: 0.3, _OUTSIDE: 0.2, _TAGS: 0.1})
"""The conditions of the graded form and their shares."""
_BREAKS: Mapping[str, str] = MappingProxyType(
    {
        **{problem: _REASONING for problem in _SENTENCES if "reasoning" in problem},
        **{problem: _ANSWER for problem in _SENTENCES if problem.startswith("answer")},
        **{problem: _OUTSIDE for problem in _SENTENCES if problem.startswith("text_")},
        **dict.fromkeys(("header_malformed", "newlines_not_as_asked", "tag_look_alike", "tag_truncated"), _TAGS),
    }
)
_EMPTY = frozenset({"reasoning_empty", "answer_empty"})
# Whoever has one of these has no reasoning between tags, or no answer: nothing that could be worth a share.
_WORTHLESS = frozenset({"no_reasoning_tags", "reasoning_not_closed", "reasoning_empty", "answer_empty"})

_FEWEST_ROWS = 8
_MOST_TRIED = 64


@dataclass(frozen=True)
class FormatReward(BaseReward):
    """1.0 where reasoning and answer stand in the declared form, else 0.0 (binary, as in R1).

    The form is the transcript mode of the batch, which the rubric or the command line declares for all rewards.
    A mode given here is the rubric's own where that declares none; one that disagrees is an error.

    Attributes:
        mode: Transcript mode: a name, written tags (``custom:<r>,</r>``) or a `Dialect`; None is the batch's.
        allow_empty: Whether reasoning and answer may be empty (an answer's box or code as well).
        graded: Whether a malformed completion earns the share of the conditions that it keeps: 0.4 for the
            reasoning opened and closed once, 0.3 for the answer's own form, 0.2 for no text outside, 0.1 for no
            broken tags. Nothing without text in both parts: tags alone are worth nothing. In forms whose answer is
            simply what follows, its 0.3 is left out and the others are scaled up.

    Source:
        DeepSeek-R1 (arXiv 2501.12948), section 2.2.2: format rewards.

    Example:
        >>> FormatReward().score(Batch.of(completion=["<think>2+2</think> 4", "4"])).values.tolist()
        [1.0, 0.0]
        >>> hack = "<think></think><answer></answer>"
        >>> FormatReward(mode="think_answer", graded=True).score(Batch.of(completion=[hack])).values.tolist()
        [0.0]
    """

    mode: str | Dialect | None = None
    allow_empty: bool = False
    graded: bool = False
    name: str = "format"

    def __post_init__(self) -> None:
        dialect_of(self.mode)

    @property
    def transcript(self) -> Dialect | None:
        """The transcript mode that this reward declares; None where it takes that of the batch."""
        return None if self.mode is None else dialect_of(self.mode)

    def score(self, batch: Batch) -> Scores:
        """Judge every row; see `Reward.score`.

        Raises:
            UsageError: The batch is declared to be in another mode.
        """
        return super().score(batch if self.transcript is None else batch.declared_as(self.transcript))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every row."""
        truncated = batch.column("truncated") if batch.has("truncated") else [None] * len(batch)
        known: dict[tuple[tuple[str, ...], bool, Told], Outcome] = {}
        outcomes = []
        for transcript, cut, told in zip(batch.transcripts, truncated, batch.told, strict=True):
            # Cut off before there was an answer; a template that splits the reasoning off leaves it empty.
            unanswered = transcript.answer is None or "answer_empty" in transcript.problems
            case = (self._problems(transcript), bool(cut) and unanswered, told)
            outcome = known.get(case)
            if outcome is None:
                outcome = known[case] = self._outcome(*case)
            outcomes.append(outcome)
        if not any(outcome.status is Status.OK for outcome in outcomes):
            self._warn(batch)
        return outcomes

    def _problems(self, transcript: Transcript) -> tuple[Problem, ...]:
        """Return the problems that count."""
        if not self.allow_empty or not transcript.problems:
            return transcript.problems
        return tuple(problem for problem in transcript.problems if problem not in _EMPTY)

    def _outcome(self, problems: tuple[Problem, ...], cut_off: bool, told: Told) -> Outcome:
        """Return the cell of a transcript with these problems."""
        dialect, why_mode = told
        mode = dialect.name if why_mode == "declared" else f"{dialect.name}: {why_mode}"
        if not problems:
            return Outcome(1.0, Status.OK, {"why": f"well formed ({mode})", "mode": dialect.name})
        why = "; ".join(_SENTENCES[problem] for problem in problems)
        status = Status.TRUNCATED if cut_off else Status.MALFORMED
        value = _share(problems, dialect) if self.graded else 0.0
        detail = {"why": f"{why} ({mode})", "problems": list(problems), "mode": dialect.name}
        return Outcome(value, status, detail)

    def _warn(self, batch: Batch) -> None:
        """Say once, for this reward, that no row of a batch passes, and why that may be."""
        if self.__dict__.get("_warned") or len(batch) < 2:
            return
        better = self._better_mode(batch)
        if better is None and len(batch) < _FEWEST_ROWS:
            return
        object.__setattr__(self, "_warned", True)  # a note of this process, not part of the configuration
        now = batch.dialect.name
        if better is not None:
            cause = f"they pass as {better!r}: declare it (transcript={better!r}, --transcript {better})"
        else:
            counts = Counter(problem for parts in batch.transcripts for problem in self._problems(parts))
            worst, rows = counts.most_common(1)[0]
            cause = f"no other mode fits them either; most often ({rows} rows) {_SENTENCES[worst]}"
        warnings.warn(
            f"reward {self.name!r}: none of {len(batch)} rows is well formed as {now!r}; {cause}",
            EveryRowFails,
            stacklevel=2,
        )

    def _better_mode(self, batch: Batch) -> str | None:
        """Return the mode under which most of some rows are well formed, where more than half are."""
        rows = range(min(len(batch), _MOST_TRIED))
        sample = batch.take(rows)
        best, most = None, len(rows) / 2
        for name, dialect in DIALECTS.items():
            if dialect == batch.dialect or (name == "nothink_prefilled" and not batch.dialect.empty_reasoning):
                continue  # any text at all passes as an answer behind the prompt's empty block
            passed = sum(not self._problems(parts) for parts in sample.reread(dialect).transcripts)
            if passed > most:
                best, most = name, passed
        return best

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_warned"}


def _share(problems: Sequence[Problem], dialect: Dialect) -> float:
    """Return the graded value of a malformed completion, in [0, 1)."""
    if not _WORTHLESS.isdisjoint(problems) or (dialect.empty_reasoning and "reasoning_not_empty" in problems):
        return 0.0
    grades = dict(GRADES)
    if dialect.answer_opener is None and dialect.answer_form == "text":
        del grades[_ANSWER]  # kept by whatever follows the reasoning
    broken = {_BREAKS[problem] for problem in problems}
    kept = sum(share for condition, share in grades.items() if condition not in broken)
    return round(kept / sum(grades.values()), 6)
