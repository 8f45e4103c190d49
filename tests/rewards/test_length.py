"""The length reward: its three public rules by hand, clamped, and never a gain for being wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards import Batch, Rubric, load_reward
from r1rewards.errors import MissingColumn, OptionError, UsageError
from r1rewards.rewards.length import LengthReward


def values(made, lengths, **columns):
    """Score completions of so many characters."""
    return made.score(Batch.of(completion=["a" * length for length in lengths], **columns)).values.tolist()


@given(st.integers(0, 3000), st.booleans())
def test_cosine_as_published(length, right):
    """Law: half a cosine between the two ends, and the end's value beyond the limit (the public one rises again)."""
    made = LengthReward(max_length=1000, unit="characters")
    share = min(length, 1000) / 1000
    low, high = (0.5, 1.0) if right else (-0.5, -1.0)
    expected = low + 0.5 * (high - low) * (1 + math.cos(math.pi * share))
    (value,) = values(made, [length], correct=[right])
    assert value == pytest.approx(expected)
    assert made.bounds[0] <= value <= made.bounds[1]


def test_kimi_as_published():
    """Law: 0.5 - (length - shortest) / (longest - shortest), at most 0 for a wrong answer, by group."""
    made = LengthReward(mode="kimi", unit="characters")
    got = values(made, [10, 20, 30, 10, 7], correct=[1, 1, 0, 0, 1], group=["a", "a", "a", "a", "b"])
    assert got == [0.5, 0.0, -0.5, 0.0, 0.0]
    by_prompt = LengthReward(mode="kimi", unit="characters", group="prompt")
    assert values(by_prompt, [10, 20], correct=[1, 1], prompt=["p", "p"]) == [0.5, -0.5]


def test_kimi_explains_within_the_group():
    """Law: a row is explained by its place in its group, not alone."""
    made = LengthReward(mode="kimi", unit="characters")
    batch = Batch.of(completion=["a", "aa"], correct=[1, 1], group=[1, 1])
    assert [made.explain(batch, row)["value"] for row in (0, 1)] == [0.5, -0.5]


def test_magistral_as_published():
    """Law: 0 up to the ramp, -0.1 at its end and beyond."""
    made = LengthReward(mode="magistral", max_length=100, cache_length=20, unit="characters")
    assert values(made, [0, 80, 90, 100, 500]) == pytest.approx([0.0, 0.0, -0.05, -0.1, -0.1])


def test_tokens_words_and_characters():
    """Law: the unit is declared; tokens come as lists or arrays, and what is no list is the data's fault."""
    texts = ["two words 我们", "x"]
    batch = Batch.of(completion=texts, token_ids=[[1, 2, 3], np.array([1])], correct=[1, 1])
    for unit, length in (("tokens", 3), ("words", 4), ("characters", 12)):
        assert LengthReward(unit=unit).score(batch)[0].detail["length"] == length
    odd = Batch.of(completion=["a"] * 3, token_ids=["abc", None, 5], correct=[1] * 3)
    assert [cell.status.name for cell in LengthReward().score(odd)] == [
        "BAD_REFERENCE",
        "NOT_APPLICABLE",
        "BAD_REFERENCE",
    ]
    with pytest.raises(MissingColumn, match="token_ids"):
        LengthReward().score(Batch.of(completion=["a"], correct=[1]))


def test_truncated_modes():
    """Law (reports 34, 35): kept, half way down, or the lowest; the last two say TRUNCATED."""
    rows = {"correct": [True], "truncated": [True]}
    for mode, value, status in (("keep", 0.75, "OK"), ("soft", -0.125, "TRUNCATED"), ("zero", -1.0, "TRUNCATED")):
        made = LengthReward(max_length=10, unit="characters", truncated=mode)
        cell = made.score(Batch.of(completion=["a" * 5], **rows))[0]
        assert (cell.value, cell.status.name) == (pytest.approx(value), status)


def test_correctness_comes_from_the_rubrics_own_reward():
    """Law: `score:NAME` is the column of the rubric's reward of that name; without a value, not applicable."""
    length = LengthReward(max_length=10, unit="characters", correct="score:exact")
    rubric = Rubric([length, "exact"])
    assert rubric.requires == ("ground_truth",)
    batch = Batch.of(completion=["4", "5", "4"], ground_truth=["4", "4", ""])
    table = rubric.score(batch)
    assert [cell.detail.get("right") for cell in table["length"]] == [True, False, None]
    assert [cell.status.name for cell in table["length"]] == ["OK", "OK", "NOT_APPLICABLE"]
    assert math.isnan(table.totals[2])
    assert rubric.explain(batch, 1)["length"]["right"] is False
    with pytest.raises(UsageError, match="each other"):
        Rubric([LengthReward(correct="score:length")])
    with pytest.raises(MissingColumn, match="score:math"):
        LengthReward(correct="score:math", unit="words").score(Batch.of(completion=["a"]))


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "x"},
        {"unit": "bytes"},
        {"max_length": 0},
        {"mode": "magistral", "cache_length": 0},
        {"truncated": "half"},
        {"right": 5},
        {"wrong": [1, math.inf]},
        {"penalty": -1},
    ],
)
def test_bad_options(options):
    """Law: what cannot be is refused when the reward is made."""
    with pytest.raises(OptionError):
        load_reward("length", **options)
