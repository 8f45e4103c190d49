"""What an item may spend (`Budget`) and what became of it (`WorkResult`)."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any, TypeAlias

# What the json module can write. `Any`, because an exact recursive alias makes every caller's
# dict[str, str] an error: dict and list are invariant.
JSON: TypeAlias = Any

WALL_FACTOR = 10.0
WALL_FLOOR_S = 10.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What one item may spend in a worker.

    Args:
        cpu_s: CPU seconds of the worker process (all its threads) between the arrival of the item and its
            encoded answer. Start-up, set-up and queueing are never counted.
        wall_s: Wall-clock backstop in seconds, against an item that sleeps; `None` means ten times `cpu_s`
            and at least 10 s. An item that misses it is run once more alone before it is given up.
        memory_bytes: Address space above what the worker holds after its set-up; `None` for no limit.
            Not enforced where the `resource` module or /proc does not exist.

    Example:
        >>> Budget(cpu_s=2.0).wall_limit_s
        20.0
        >>> Budget(cpu_s=0.1).wall_limit_s
        10.0
    """

    cpu_s: float = 5.0
    wall_s: float | None = None
    memory_bytes: int | None = 2**30

    def __post_init__(self) -> None:
        if not (math.isfinite(self.cpu_s) and self.cpu_s > 0):
            raise ValueError(f"cpu_s must be a positive number of seconds, not {self.cpu_s!r}")
        if self.wall_s is not None and not (math.isfinite(self.wall_s) and self.wall_s > 0):
            raise ValueError(f"wall_s must be None or a positive number of seconds, not {self.wall_s!r}")
        if self.memory_bytes is not None and self.memory_bytes <= 0:
            raise ValueError(f"memory_bytes must be None or positive, not {self.memory_bytes!r}")

    @property
    def wall_limit_s(self) -> float:
        """The wall-clock backstop in seconds, with the default filled in."""
        return max(WALL_FLOOR_S, WALL_FACTOR * self.cpu_s) if self.wall_s is None else self.wall_s


class ResultKind(enum.Enum):
    """What became of an item.

    The item's own doing: `DONE`, `RAISED`, `OVER_BUDGET`, `OUT_OF_MEMORY`, `CRASHED` (the process died of a
    fault or left by itself, twice). Not provably the item's doing: `STALLED` (missed the wall-clock backstop
    twice, the second time alone) and `DIED` (killed from outside, twice).
    """

    DONE = "done"
    RAISED = "raised"
    OVER_BUDGET = "over_budget"
    OUT_OF_MEMORY = "out_of_memory"
    STALLED = "stalled"
    CRASHED = "crashed"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class WorkResult:
    """The answer to one item.

    Args:
        kind: What became of it.
        value: What the function returned, through JSON; `None` unless `kind` is `DONE`.
        error: Empty for `DONE`; else why, for `RAISED` "type: message" and a short traceback.
        cpu_s: CPU seconds the item spent, as far as known.
        wall_s: Wall-clock seconds it took, as far as known.
    """

    kind: ResultKind
    value: JSON
    error: str
    cpu_s: float
    wall_s: float

    @property
    def ok(self) -> bool:
        """Whether the function returned a value within the budget."""
        return self.kind is ResultKind.DONE
