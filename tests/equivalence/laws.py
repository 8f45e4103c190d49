"""Runs the engine over generated pairs and counts, kind by kind, what it missed and what it let through."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import process_time

import generated_structures  # noqa: F401 - registers its rewritings
from generated_rewritings import REWRITINGS, Case, judged
from perturbed import PERTURBATIONS

from r1rewards.equivalence.decision import Decision
from r1rewards.equivalence.engine import equivalent


@dataclass
class Tally:
    """The verdicts on the pairs of one kind."""

    kind: str
    equal: bool  # what the oracle says of all of them
    rows: int = 0
    verdicts: dict[Decision, int] = field(default_factory=dict)
    wrong: list[tuple[Case, Decision]] = field(default_factory=list)
    cpu_s: float = 0.0

    def count(self, case: Case) -> None:
        """Ask the engine about one pair."""
        start = process_time()
        decision = equivalent(case.ground_truth, case.answer).decision
        self.cpu_s += process_time() - start
        self.rows += 1
        self.verdicts[decision] = self.verdicts.get(decision, 0) + 1
        if (decision is Decision.EQUAL) != self.equal or decision is Decision.BAD_REFERENCE:
            self.wrong.append((case, decision))


def tally(equal: bool, each: int, seed: int, kinds: list[str] | None = None) -> list[Tally]:
    """Judge ``each`` pairs of every kind.

    Args:
        equal: Rewritings (True) or perturbations (False).
        each: Pairs of every kind.
        seed: Fixes the pairs.
        kinds: Only these, where given.
    """
    makers = REWRITINGS if equal else PERTURBATIONS
    out = []
    for kind in makers:
        if kinds and kind not in kinds:
            continue
        one = Tally(kind, equal)
        for case in judged(makers, kind, seed, equal, each):
            one.count(case)
        out.append(one)
    return out
