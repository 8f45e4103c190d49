"""The overlong reward: DAPO's equation 13 by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards import Batch, load_reward
from r1rewards.errors import OptionError


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_as_published(lengths):
    """Law: 0, then (limit - cache - length) / cache, then -1; longer never pays more."""
    made = load_reward("overlong", max_length=200, cache_length=50)
    column = made.score(Batch.of(completion=["x"] * len(lengths), token_ids=[[0] * length for length in lengths]))
    for length, value in zip(lengths, column.values, strict=True):
        expected = 0.0 if length <= 150 else (150 - length) / 50 if length <= 200 else -1.0
        assert value == pytest.approx(expected)


def test_truncated_modes():
    """Law (reports 34, 35): by its length as in the paper, half way down, or the whole punishment."""
    batch = Batch.of(completion=["a" * 5], truncated=[True])
    for mode, value in (("keep", 0.0), ("soft", -0.5), ("zero", -1.0)):
        made = load_reward("overlong", max_length=20, cache_length=5, unit="characters", truncated=mode)
        assert made.score(batch).values.tolist() == [value]


@pytest.mark.parametrize("options", [{"cache_length": 0}, {"cache_length": 30_000}, {"unit": "x"}, {"truncated": "x"}])
def test_bad_options(options):
    """Law: what cannot be is refused when the reward is made."""
    with pytest.raises(OptionError):
        load_reward("overlong", **options)
