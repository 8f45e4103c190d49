"""Killable worker processes that run one trusted function on untrusted items, each within its own budget.

The names below load on first use, so that a worker process, which imports this package on its way to
`r1rewards.workers.child`, does not pay for the parent's side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from r1rewards.workers.budget import JSON, Budget, ResultKind, WorkResult
    from r1rewards.workers.pool import WorkerPool

__all__ = ["JSON", "Budget", "ResultKind", "WorkResult", "WorkerPool"]


def __getattr__(name: str) -> object:
    """Load a public name from the file that holds it."""
    if name == "WorkerPool":
        from r1rewards.workers.pool import WorkerPool

        return WorkerPool
    if name in __all__:
        from r1rewards.workers import budget

        return getattr(budget, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
