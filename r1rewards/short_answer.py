"""What rewards for short answers share: where the answer stands, what it is judged by, and when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import judge_answers
from r1rewards.references import reference_texts
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.answers import check_policies, short_answer
from r1rewards.text.transcript import Span

SHOWN_CHARS = 300


@dataclass(frozen=True)
class ShortAnswerReward(BaseReward):
    """Judges the short answer of each row by the references; a subclass says how one compares.

    Attributes:
        policies: Where the answer stands, in order; see `r1rewards.text.extraction`.
        whole: Whether the whole answer part is the answer where none of them finds one.
    """

    policies: tuple[str, ...] = ("answer_tag", "boxed", "final_answer")
    whole: bool = True
    name: str = ""
    requires: tuple[str, ...] = field(default=("ground_truth",), init=False, repr=False)
    extracts = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "policies", check_policies(self.policies))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct row."""
        return judge_answers(batch, [reference_texts(cell) for cell in batch.column("ground_truth")], self._outcome)

    def compare(self, answer: str, references: tuple[str, ...]) -> Outcome:
        """Return the cell of an answer that was found."""
        raise NotImplementedError

    def _outcome(self, text: str, part: Span, references: tuple[str, ...] | None) -> Outcome:
        """Return the cell of one answer part."""
        if references is None:
            return Outcome.unscored(
                Status.BAD_REFERENCE, "the ground truth is empty, or no text, number or list of these"
            )
        found = short_answer(text, part, self.policies, whole=self.whole)
        if not found.answer:
            return Outcome(0.0, Status.NO_ANSWER, {"why": found.problem or "no answer is marked"})
        return self.compare(found.answer, references)
