"""docs/rewards.md is what the code says."""

from __future__ import annotations

from pathlib import Path

from r1rewards.options import options_of
from r1rewards.registry import BUILT_IN, load_factory
from r1rewards.testing.catalogue import _attributes, catalogue

ROOT = Path(__file__).parents[2]


def test_the_page_is_made_from_the_code():
    """Law: the page is what the generator writes; mend it with `python -m r1rewards.testing.catalogue`."""
    assert (ROOT / "docs/rewards.md").read_text(encoding="utf-8") == catalogue()


def test_every_reward_says_what_the_table_shows():
    """Law: each built-in has a source, and a line on every option."""
    for name in BUILT_IN:
        factory = load_factory(name)
        assert "Source:" in factory.__doc__, name
        assert set(options_of(factory)) <= set(_attributes(__import__("inspect").cleandoc(factory.__doc__))), name
