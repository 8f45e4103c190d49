"""Laws that hold for every built-in reward: finite, within bounds, row by row, and not to be hung."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import pytest
from family import VARIANTS, batches, is_group_relative, left_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from r1rewards import Batch, Reward, load_reward

IDS = [f"{name}-{number}" for number, (name, _) in enumerate(VARIANTS)]
RELAXED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module", params=VARIANTS, ids=IDS)
def variant(request):
    """A built-in reward in one of its forms."""
    name, options = request.param
    made = load_reward(name, **options)
    yield made, is_group_relative(name, options)
    made.close()


def same(left: Any, right: Any) -> bool:
    """Return whether two columns say the same."""
    return all(
        (a.value == b.value or (math.isnan(a.value) and math.isnan(b.value)))
        and a.status is b.status
        and dict(a.detail) == dict(b.detail)
        for a, b in zip(left, right, strict=True)
    )


def check_laws(made: Reward, group_relative: bool, columns: dict[str, list[Any]], order: list[int]) -> None:
    """Check one batch."""
    batch = Batch(columns)
    column = made.score(batch)
    low, high = made.bounds
    for cell in column:
        assert math.isnan(cell.value) if not cell.status.scored else low <= cell.value <= high
        assert json.loads(json.dumps(cell.detail)) == cell.detail
    moved = [row for row in order if row < len(batch)]
    assert same(
        made.score(Batch({name: [cells[row] for row in moved] for name, cells in columns.items()})),
        [column[row] for row in moved],
    )
    if not group_relative:
        singles = [
            made.score(Batch({name: [cells[row]] for name, cells in columns.items()}))[0] for row in range(len(batch))
        ]
        assert same(column, singles)
    assert json.dumps(made.explain(batch, 0), allow_nan=True)


@given(columns=batches(), order=st.permutations(range(6)))
@settings(max_examples=30, deadline=None, suppress_health_check=RELAXED)
def test_laws(variant, columns, order):
    """Law: values are finite and within bounds or NaN by their status; a batch is its rows, in any order."""
    check_laws(*variant, columns, order)


@pytest.mark.slow
@given(columns=batches(most=12), order=st.permutations(range(12)))
@settings(max_examples=2_000, deadline=None, suppress_health_check=RELAXED)
def test_laws_on_many(variant, columns, order):
    """Law: the same on over ten thousand rows for each reward."""
    check_laws(*variant, columns, order)


def test_a_configuration_travels(variant):
    """Law: a reward is a picklable configuration that keeps the protocol; no rows, no cells."""
    made, _ = variant
    assert isinstance(made, Reward)
    assert pickle.loads(pickle.dumps(made)) == made
    assert len(made.score(Batch.of(completion=[]))) == 0


def test_no_built_in_is_left_out():
    """Law: these laws are checked on every built-in reward, but for those with suites of their own."""
    assert left_out() == set()


GIANTS = {
    "fences": "```\n" * 33_333,
    "tags": "<think>" * 16_666 + "</think>" + "<answer>" * 33_333,
    "closed tags": "<think>a</think>" + "<answer></answer>" * 16_666,
    "calls": "<think>a</think>" + "<tool_call>" * 33_333,
    "stray calls": "<think>a</think>" + "</tool_call>" * 33_333,
    "phrases": "<think>a</think>" + "The answer is A. " * 8_333,
    "half phrases": "<think>a</think>" + "The answer " * 16_666,
    "boxes": "<think>a</think>" + r"\boxed{A} or " * 13_333,
    "titles": "<think>a</think>" + "<<" * 166_666,
    "brackets": "<think>a</think>" + "[" * 333_333,
    "braces": "<think>a</think>" + '{"a":' * 50_000,
    "quotes": "<think>a</think>" + "'" * 333_333,
    "joined": "<think>a</think>a" + "\u200b" * 333_333,
    "stars": "<think>a</think>" + "*a" * 166_666,
    "spaces": "<think>a</think>" + " " * 333_333 + "x",
    "blank lines": "<think>a" + "\n \n" * 100_000 + "</think> x",
    "points": "<think>a</think>" + "A." * 166_666,
    "digits": "<think>a</think>" + "1," * 166_666,
    "han": "<think>我</think>" + "我们" * 83_333,
}
_ASKED = (["detectable_format:title", "punctuation:no_comma"], [{}, {}])


@pytest.fixture(scope="module")
def whole_family():
    """All variants but those whose scanners have giants of their own."""
    made = [load_reward(name, **options) for name, options in VARIANTS if name not in ("math", "format")]
    yield made
    for one in made:
        one.close()


@pytest.mark.parametrize("giant", GIANTS)
def test_giants_pass_through(giant, whole_family):
    """Law: hundreds of kilobytes that make a naive scanner quadratic are judged; a hang would not end."""
    text = GIANTS[giant]
    columns = {
        "completion": [text],
        "ground_truth": ["B"],
        "correct": [True],
        "group": [1],
        "token_ids": [[1, 2]],
        "schema": [{"type": "object"}],
        "tools": [[{"name": "add"}]],
        "instruction_id_list": [_ASKED[0]],
        "kwargs": [_ASKED[1]],
    }
    for made in whole_family:
        assert len(made.score(Batch(columns))) == 1
