"""One known way to be paid without doing the work, beside its honest twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Attack:
    """An attack.

    Attributes:
        name: What is tried, in a few words.
        reward: The built-in reward it is tried on.
        sources: Numbers of the public reports of it, in the project's list of reward hacks.
        attack: The attacking row: columns to cells; a text alone is its completion.
        honest: The same for the row that has done the work.
        guard: What stops it, in a few words.
        shared: Columns that both rows have.
        options: Of the reward.
        transcript: The transcript mode.
        ties: Whether it may earn as much as its twin (never more).
        unscored: Whether neither may get a value: the data are at fault.
    """

    name: str
    reward: str
    sources: tuple[int, ...]
    attack: Mapping[str, Any] | str
    honest: Mapping[str, Any] | str
    guard: str
    shared: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    transcript: str = "think"
    ties: bool = False
    unscored: bool = False

    def rows(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the attacking and the honest row with all their columns."""
        attack, honest = (
            {"completion": row} if isinstance(row, str) else dict(row) for row in (self.attack, self.honest)
        )
        return {**self.shared, **attack}, {**self.shared, **honest}
