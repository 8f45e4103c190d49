"""The `format` reward: one closed, non-empty reasoning and then a non-empty answer, in the declared tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from r1rewards.base_reward import BaseReward
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status

_SENTENCES = {
    "no_reasoning_tags": "there is no reasoning between tags",
    "reasoning_not_opened": "the reasoning is closed without having been opened",
    "reasoning_not_closed": "the reasoning is never closed",
    "reasoning_opened_twice": "the reasoning is opened more than once",
    "reasoning_closed_twice": "the reasoning is closed more than once",
    "reasoning_empty": "the reasoning is empty",
    "text_before_reasoning": "there is text before the reasoning",
    "answer_not_tagged": "the answer is not between tags",
    "answer_not_opened": "the answer is closed without having been opened",
    "answer_not_closed": "the answer is never closed",
    "answer_tagged_twice": "there is more than one tagged answer",
    "answer_tag_in_reasoning": "an answer tag stands in the reasoning",
    "answer_empty": "the answer is empty",
    "text_between": "there is text between the reasoning and the answer",
    "text_after_answer": "there is text behind the answer",
}


@dataclass(frozen=True)
class FormatReward(BaseReward):
    """1.0 where reasoning and answer stand in the batch's declared form, else 0.0 (binary, as in R1).

    Which tags are asked for is the batch's transcript mode; this reward only judges them.

    Source:
        DeepSeek-R1 (arXiv 2501.12948), section 2.2.2: format rewards.

    Example:
        >>> FormatReward().score(Batch.of(completion=["<think>2+2</think> 4", "4"])).values.tolist()
        [1.0, 0.0]
    """

    name: str = "format"

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every row."""
        truncated = batch.column("truncated") if batch.has("truncated") else [None] * len(batch)
        known: dict[tuple[tuple[str, ...], bool], Outcome] = {}
        outcomes = []
        for transcript, cut in zip(batch.transcripts, truncated, strict=True):
            # Cut off before there was an answer; a template that splits the reasoning off leaves it empty.
            unanswered = transcript.answer is None or "answer_empty" in transcript.problems
            case = (transcript.problems, bool(cut) and unanswered)
            outcome = known.get(case)
            if outcome is None:
                outcome = known[case] = _outcome(*case, batch.dialect.name)
            outcomes.append(outcome)
        return outcomes


def _outcome(problems: tuple[str, ...], cut_off: bool, mode: str) -> Outcome:
    """Return the cell of a transcript with these problems."""
    if not problems:
        return Outcome(1.0, Status.OK, {"why": f"well formed ({mode})"})
    why = "; ".join(_SENTENCES[problem] for problem in problems)
    status = Status.TRUNCATED if cut_off else Status.MALFORMED
    return Outcome(0.0, status, {"why": why, "problems": list(problems)})
