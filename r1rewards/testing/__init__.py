"""Testing rewards of one's own: the contract that any reward must keep, the attacks, and a pytest plugin.

``from r1rewards.testing import check_reward, assert_equivalent``; the names are loaded when first used, as the plugin
of every pytest run loads this package.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from r1rewards.testing.contract import LAWS, ContractReport, LawFinding, check_reward, examine_reward
    from r1rewards.testing.expecting import assert_equivalent, batch_of
    from r1rewards.testing.hostile import hostile_texts

_HOMES = {
    "LAWS": "contract",
    "ContractReport": "contract",
    "LawFinding": "contract",
    "assert_equivalent": "expecting",
    "batch_of": "expecting",
    "check_reward": "contract",
    "examine_reward": "contract",
    "hostile_texts": "hostile",
}

__all__ = [
    "LAWS",
    "ContractReport",
    "LawFinding",
    "assert_equivalent",
    "batch_of",
    "check_reward",
    "examine_reward",
    "hostile_texts",
]


def __getattr__(name: str) -> object:
    """Import a name from its home when it is first asked for (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names for completion in a shell."""
    return sorted(__all__)
