"""The `exact` reward: is the short answer the reference, as SQuAD compares them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import judge_answers
from r1rewards.references import reference_texts
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.answers import check_policies, normalised, short_answer
from r1rewards.text.transcript import Span

_SHOWN_CHARS = 300


@dataclass(frozen=True)
class ExactReward(BaseReward):
    r"""1.0 where the short answer equals one of the references after SQuAD's normalisation, else 0.0.

    Equality only: an answer that contains the reference, or is contained in it, earns nothing, and neither does an
    empty one. Numbers keep sign and point.

    Attributes:
        policies: Where the answer stands, in order; see `r1rewards.text.extraction`.
        whole: Whether the whole answer part is the answer where none of them finds one.

    Source:
        SQuAD (arXiv 1606.05250), section 6.1: exact match.

    Example:
        >>> texts = ["<think>…</think> The answer is the Eiffel Tower.", "<think>…</think> Eiffel Tower or Louvre"]
        >>> ExactReward().score(Batch.of(completion=texts, ground_truth=["Eiffel tower"] * 2)).values.tolist()
        [1.0, 0.0]
    """

    policies: tuple[str, ...] = ("answer_tag", "boxed", "final_answer")
    whole: bool = True
    name: str = "exact"
    requires: tuple[str, ...] = field(default=("ground_truth",), init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "policies", check_policies(self.policies))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct row."""
        return judge_answers(batch, [reference_texts(cell) for cell in batch.column("ground_truth")], self._outcome)

    def _outcome(self, text: str, answer: Span, references: tuple[str, ...] | None) -> Outcome:
        """Return the cell of one answer."""
        if references is None:
            return Outcome.unscored(
                Status.BAD_REFERENCE, "the ground truth is empty, or no text, number or list of these"
            )
        found = short_answer(text, answer, self.policies, whole=self.whole)
        if not found.answer:
            return Outcome(0.0, Status.NO_ANSWER, {"why": found.problem or "no answer is marked"})
        said = normalised(found.answer)
        equal = [reference for reference in references if said and normalised(reference) == said]
        detail = {
            "extracted": found.answer[:_SHOWN_CHARS],
            "normalised": said[:_SHOWN_CHARS],
            "ground_truth": (equal or references)[0][:_SHOWN_CHARS],
        }
        return Outcome(float(bool(equal)), Status.OK, detail)
