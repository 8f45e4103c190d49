"""A fixed amount of work for one pair, counted in operations so that a busy machine changes nothing."""

from __future__ import annotations

from r1rewards.equivalence.syntax import OverBudget

# About 0.15 s of one core for the default; one unit is about half a microsecond.
DEFAULT_UNITS = 200_000
MAX_BITS = 40_000


class Budget:
    """Counts down; raises `OverBudget` when nothing is left."""

    __slots__ = ("left",)

    def __init__(self, units: int = DEFAULT_UNITS) -> None:
        self.left = units

    def spend(self, units: int) -> None:
        """Take units off.

        Raises:
            OverBudget: Nothing is left.
        """
        self.left -= units
        if self.left < 0:
            raise OverBudget
