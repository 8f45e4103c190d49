"""Whether an answer means the same as the ground truth.

``from r1rewards.equivalence import parse, verify`` stands in for Math-Verify's two functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from r1rewards.equivalence.dropin import parse, verify

__all__ = ["parse", "verify"]


def __getattr__(name: str) -> object:
    """Load the stand-ins when they are first asked for."""
    if name in __all__:
        from r1rewards.equivalence import dropin

        return getattr(dropin, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
