r"""The `math` reward: does the answer, the last `\boxed{}` by default, mean the same as the ground truth?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import distinct
from r1rewards.equivalence.decision import TIERS, Decision, Equivalence
from r1rewards.equivalence.engine import equivalent
from r1rewards.equivalence.semantics import Semantics
from r1rewards.equivalence.tiers import Comparer, Pair, asks_for_a_list
from r1rewards.errors import OptionError
from r1rewards.samples import Batch
from r1rewards.scores import Detail, Outcome, Scores, Status, status_array
from r1rewards.text.extraction import POLICIES, Extracted, extract
from r1rewards.text.reference import reference_text
from r1rewards.text.transcript import Transcript
from r1rewards.truncation import cut_off

_SHOWN_CHARS = 300
_References = tuple[str, ...] | None
_STATUS = {
    Decision.EQUAL: Status.OK,
    Decision.DIFFERENT: Status.OK,
    Decision.UNDECIDED: Status.UNDECIDED,
    Decision.TOO_COSTLY: Status.TOO_COSTLY,
    Decision.BAD_REFERENCE: Status.BAD_REFERENCE,
    Decision.INFRA: Status.INFRA,
}


@dataclass(frozen=True)
class MathReward(BaseReward):
    r"""1.0 where the answer behind the reasoning equals the ground truth, else 0.0.

    What counts as equal is written down, case by case, in `docs/math.md`.

    Attributes:
        extraction: Where the answer stands: a policy (``boxed``, ``answer_tag``, ``final_answer``, ``minerva``,
            ``hash``, ``last_number``), or several in order with commas between.
        percent: ``"fraction"`` (50% is 0.5), ``"number"`` (50) or ``"either"``.
        rounding: Whether a decimal may stand for an exact value that rounds to it.
        rounding_digits: The fewest significant digits of such a decimal.
        units: ``"one_sided"`` forgives a unit that only one side gives, ``"required"`` does not.
        degrees: Whether 180 degrees equal pi radians.
        locale: ``"either"`` lets 1000,99 be a decimal where the other side is one number; ``"point"`` does not.
        constant: ``"optional"`` forgives a missing ``+ C``; ``"required"`` does not.
        names: ``"strict"`` keeps x = 3 from y = 3; ``"ignored"`` compares the values alone.
        sets: ``"loose"`` lets a list stand for a set; ``"strict"`` does not.
        symbolic: Whether what the fast tiers leave undecided goes to the symbolic tier.
        cpu_s: CPU seconds that one comparison may spend in the symbolic tier.
        workers: Processes of that tier; None is one a core.

    Source:
        DeepSeek-R1 (arXiv 2501.12948), section 2.2.2: accuracy rewards.

    Example:
        >>> texts = [r"<think>…</think> \boxed{\frac12}", "0.5"]
        >>> batch = Batch.of(completion=texts, ground_truth=["1/2", "1/2"])
        >>> column = MathReward().score(batch)
        >>> column.values.tolist(), [status.name for status in column.statuses]
        ([1.0, 0.0], ['OK', 'NO_ANSWER'])
    """

    extraction: str = "boxed"
    percent: Literal["fraction", "number", "either"] = "fraction"
    rounding: bool = True
    rounding_digits: int = 3
    units: Literal["one_sided", "required"] = "one_sided"
    degrees: bool = True
    locale: Literal["either", "point"] = "either"
    constant: Literal["optional", "required"] = "optional"
    names: Literal["strict", "ignored"] = "strict"
    sets: Literal["loose", "strict"] = "loose"
    symbolic: bool = True
    cpu_s: float = 5.0
    workers: int | None = None
    name: str = "math"
    requires: tuple[str, ...] = field(default=("ground_truth",), init=False, repr=False)
    tiers = TIERS
    extracts = True
    _comparer: Comparer = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for policy in self._policies:
            if policy not in POLICIES:
                raise OptionError(f"extraction has no policy {policy!r}; there are {', '.join(POLICIES)}")
        chosen = {entry.name: getattr(self, entry.name) for entry in fields(Semantics)}
        comparer = Comparer(self.cpu_s, self.workers, Semantics(**chosen), self.symbolic)
        object.__setattr__(self, "_comparer", comparer)

    @property
    def _policies(self) -> tuple[str, ...]:
        """The extraction policies in order."""
        return tuple(part.strip() for part in self.extraction.split(","))

    def judge(self, batch: Batch) -> Scores:
        """Judge every distinct row and scatter the verdicts back."""
        alternatives = _read_references(batch.column("ground_truth"))
        policies = self._policies
        known, places = distinct(zip(batch.completions, batch.transcripts, alternatives, cut_off(batch), strict=True))
        extracted = [_extract(text, transcript, cut, policies) for text, transcript, _, cut in known]
        cells = self._judge_distinct(extracted, [references for _, _, references, _ in known])
        # Column by column, not cell by cell: in a trainer's step nearly every row is distinct.
        values, statuses, details = ([column[place] for place in places] for column in cells)
        return Scores(values, status_array(statuses), details)  # type: ignore[arg-type]  # made an array there

    def _judge_distinct(
        self, extracted: Sequence[Extracted | Outcome], alternatives: Sequence[_References]
    ) -> tuple[list[float], list[Status], list[Detail]]:
        """Decide each distinct pair of a reference and an answer once; return values, statuses and details."""
        pairs: list[Sequence[Pair]] = [
            ()
            if references is None or isinstance(found, Outcome)
            else ((references[0], found.answer),)
            if found.joined is None and len(references) == 1
            else [(reference, _given(found, reference)) for reference in references]
            for references, found in zip(alternatives, extracted, strict=True)
        ]
        verdicts = self._comparer.decide(pair for some in pairs for pair in some)
        # By pair: a group's answers are few, each standing at another place of another text.
        cells: dict[Pair, Outcome] = {}
        values: list[float] = []
        statuses: list[Status] = []
        details: list[Detail] = []
        for references, found, some in zip(alternatives, extracted, pairs, strict=True):
            if references is None:
                cell = _NO_REFERENCE
                detail = cell.detail
            elif isinstance(found, Outcome):
                cell = found
                detail = cell.detail
            else:
                pair = some[0] if len(some) == 1 else min(some, key=lambda one: _RANK.index(verdicts[one].decision))
                cell = cells.get(pair) or cells.setdefault(pair, _cell(verdicts[pair], pair))
                detail = {**cell.detail, "policy": found.policy, "start": found.start}
            values.append(cell.value)
            statuses.append(cell.status)
            details.append(detail)
        return values, statuses, details

    @property
    def slow_path_s(self) -> Sequence[float]:
        """Wall-clock seconds of the latest comparisons that went to the workers."""
        return self._comparer.slow_path_s

    def close(self) -> None:
        """End the workers; they start again when they are needed."""
        self._comparer.close()


def _read_references(cells: Sequence[Any]) -> list[_References]:
    """Return each ground truth's texts; a group's repeated one is read once."""
    if set(map(type, cells)) != {str}:
        return [_alternatives(cell) for cell in cells]
    known = {cell: _alternatives(cell) for cell in dict.fromkeys(cells)}
    return [known[cell] for cell in cells]


def _extract(text: str, transcript: Transcript, truncated: bool, policies: Sequence[str]) -> Extracted | Outcome:
    """Return the extracted answer, or the cell of a completion that has none."""
    missing = Status.TRUNCATED if truncated else Status.NO_ANSWER
    if transcript.answer is None:
        problems = ", ".join(transcript.problems)
        return Outcome(0.0, missing, {"why": f"there is no answer part ({problems})"})
    start, end = transcript.answer
    found = extract(text, start, end, policies)
    if found.guesses and all(map(equivalent, found.guesses, found.guesses[1:])):
        found = found._replace(answer=found.guesses[-1])  # one answer in several notations is no hedge
    return found if found.answer else Outcome(0.0, missing, {"why": found.problem})


def _given(found: Extracted, reference: str) -> str:
    """Return what is compared: adjacent boxes are the items of a list only where a list is asked for."""
    return found.joined if found.joined is not None and asks_for_a_list(reference) else found.answer


def _alternatives(cell: Any) -> _References:
    """Return the texts of a ground truth, or None where it cannot be one."""
    if isinstance(cell, str):
        text = reference_text(cell)
        return (text,) if text else None
    several = isinstance(cell, (list, tuple)) or getattr(cell, "ndim", 0) == 1  # as Parquet gives a list
    texts = [reference_text(one) for one in (cell if several else [cell])]
    known = tuple(text for text in texts if text)
    if not known or len(known) != len(texts):
        return None
    # Any alternative counts, and so does an answer that gives them all.
    return (*known, ", ".join(known)) if len(known) > 1 else known


_NO_REFERENCE = Outcome.unscored(
    Status.BAD_REFERENCE, "the ground truth is neither a text, a number nor a list of these, or it is empty"
)

# Of a row's alternatives the verdict that counts: one equal is enough.
_RANK = [
    Decision.EQUAL,
    Decision.INFRA,
    Decision.TOO_COSTLY,
    Decision.UNDECIDED,
    Decision.DIFFERENT,
    Decision.BAD_REFERENCE,
]


def _cell(verdict: Equivalence, pair: Pair) -> Outcome:
    """Turn the engine's verdict on a pair into a cell; where the answer was found is still to be filled in."""
    decision = verdict.decision
    reference, given = pair
    detail = {
        "why": verdict.reason,
        "extracted": given[:_SHOWN_CHARS],
        "policy": "",
        "start": -1,
        "ground_truth": reference[:_SHOWN_CHARS],
        "tier": verdict.tier,
        **verdict.detail,
    }
    if decision is Decision.EQUAL:
        return Outcome(1.0, Status.OK, detail)
    status = _STATUS[decision]
    return Outcome(0.0 if status.scored else math.nan, status, detail)
