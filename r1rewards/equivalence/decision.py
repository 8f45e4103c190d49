"""What the equivalence engine answers: equal, different or undecided, by which tier and why."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


TIERS = ("size", "text", "exact", "identity", "symbolic")
"""The tiers that decide, the cheapest first; ``size`` turns away what is too large to be looked at."""


class Decision(enum.Enum):
    """The three answers of a tier, and what can keep all tiers from answering."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNDECIDED = "undecided"
    BAD_REFERENCE = "bad_reference"
    """The reference cannot be read, or spends the whole budget by itself."""
    TOO_COSTLY = "too_costly"
    """The answer spent the whole budget."""
    INFRA = "infra"
    """The worker that should have decided failed by itself."""

    # Members are singletons; the enum's own hash goes through their names and is eight times as slow.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Equivalence:
    """The engine's verdict on one pair of ground truth and answer; truthy when they are equal.

    Attributes:
        decision: Equal, different, undecided, or what kept the tiers from answering.
        tier: The tier that decided, one of `TIERS`.
        reason: One sentence for people.
        detail: Small JSON-able facts: the forms compared, the point that told them apart.

    Example:
        >>> bool(Equivalence(Decision.EQUAL, "text", "same text"))
        True
    """

    decision: Decision
    tier: str
    reason: str
    detail: Mapping[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether the two mean the same; undecided is not equal."""
        return self.decision is Decision.EQUAL
