"""Reading rows with their scores: what a file holds, what is scored on the way, and what a column's name means."""

from __future__ import annotations

import io
import json
import math

import pytest
from scored_examples import chunk_of, row_of

from r1rewards import R1RewardsError, Rubric
from r1rewards.errors import RowError
from r1rewards.rewards.length import LengthReward
from r1rewards.rollouts.columns import MISSING
from r1rewards.rollouts.jsonl import OutputNames
from r1rewards.rollouts.scored_rows import ScoredRows, accuracy_column, group_column, groups_of


def test_a_scored_file_brings_its_scores(scored, given):
    """What `score` wrote is read back: totals, values, statuses; null is NaN."""
    source = given([{"completion": "<think>a</think> b", "ground_truth": "1"}, {"completion": "c", "ground_truth": 2}])
    scored([source], source + ".out")
    (chunk,) = ScoredRows([source + ".out"])
    assert chunk.values["format"].tolist() == [1.0, 0.0]
    assert chunk.statuses["format"] == ["OK", "MALFORMED"]
    assert chunk.totals.tolist() == chunk.cells("reward")


def test_null_is_unscored_and_a_missing_reward_is_not_applicable():
    """Neither is ever a zero."""
    chunk = chunk_of(row_of(1, None), {"rewards": {"code": 1}}, row_of(1, 0))
    assert [math.isnan(value) for value in chunk.values["math"]] == [True, True, False]
    assert chunk.statuses["math"] == ["INFRA", "NOT_APPLICABLE", "OK"]
    assert chunk.statuses["code"] == ["NOT_APPLICABLE", "OK", "NOT_APPLICABLE"]


def test_raw_rows_are_scored_on_the_way(given):
    """A rubric's rewards stand beside those of the file, and its total counts."""
    source = given([{"completion": r"\boxed{4}", "ground_truth": "4", "reward": 9, "rewards": {"mine": 0.5}}])
    with Rubric(["math"]) as rubric:
        (chunk,) = ScoredRows([source], rubric=rubric)
    assert chunk.values["math"].tolist() == [1.0]
    assert chunk.values["mine"].tolist() == [0.5]
    assert chunk.totals.tolist() == [1.0]
    assert chunk.details["math"][0]["extracted"] == "4"


def test_groups_stay_whole_on_the_way(given):
    """Rows that a reward compares are scored with all of their group, wherever a chunk would have ended."""
    texts = ["a", "a b c", "a b", "a", "a b"]
    source = given([{"completion": text, "correct": 1, "group": n < 3} for n, text in enumerate(texts)])
    with Rubric([LengthReward(mode="kimi", unit="words")]) as rubric:
        chunks = list(ScoredRows([source], rubric=rubric, max_rows=2))
    assert [chunk.values["length"].tolist() for chunk in chunks] == [[0.5, -0.5, 0.0], [0.5, -0.5]]


def test_what_scores_may_be_chosen_by_the_first_rows():
    """The first rows are shown as they are written, and none is lost: also from a pipe."""
    data = b"".join(
        json.dumps({"completion": rf"\boxed{{{n}}}", "ground_truth": "4"}).encode() + b"\n" for n in range(9)
    )
    with Rubric(["math"]) as rubric:
        seen = []
        rows = ScoredRows(["-"], choose=lambda first: seen.append(len(first)) or rubric, stdin=io.BytesIO(data))
        values = [value for chunk in rows for value in chunk.values["math"].tolist()]
    assert seen == [9]
    assert values == [0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_a_name_means_total_reward_fact_or_input_column():
    """In that order, dotted paths included."""
    row = row_of(1, 1, "4", level=3, inner={"deep": "x"}, details={"math": {"extracted": "4", "tier": "text"}})
    chunk = chunk_of(row)
    assert chunk.cells("reward") == [1.0]
    assert chunk.cells("math") == [1.0]
    assert chunk.cells("math.tier") == ["text"]
    assert chunk.cells("math.nothing") == [MISSING]
    assert chunk.cells("level") == [3]
    assert chunk.cells("inner.deep") == ["x"]
    assert chunk.cells("nothing") == [MISSING]
    assert chunk.numbers("inner.deep").tolist() != [0]


def test_prefixed_scores_are_read_by_their_prefix():
    """As `score --output-prefix` wrote them."""
    chunk = chunk_of({"r1_reward": 1.0, "r1_rewards": {"math": 1}}, names=OutputNames.prefixed("r1_"))
    assert chunk.values["math"].tolist() == [1.0]


@pytest.mark.parametrize("cell", ["good", [1], float("inf"), {"a": 1}])
def test_a_score_that_is_no_number_is_a_bad_row(cell):
    """It raises, or is told and left out, like any bad row."""
    bad = []
    with pytest.raises(RowError, match="expected a number or null"):
        chunk_of({"rewards": {"math": cell}})
    chunk = chunk_of({"rewards": {"math": cell}}, row_of(1, 1), on_bad=bad.append)
    assert len(chunk) == len(bad) == 1


def test_the_accuracy_is_math_code_or_the_first_reward():
    """An asked column wins, and one that is not there is an error that lists those that are."""
    assert accuracy_column(chunk_of({"rewards": {"format": 1, "math": 1}}), None) == "math"
    assert accuracy_column(chunk_of({"rewards": {"mine": 1}}), None) == "mine"
    assert accuracy_column(chunk_of({"acc": True}), "acc") == "acc"
    with pytest.raises(R1RewardsError, match="columns there are"):
        accuracy_column(chunk_of(row_of(1, 1)), "nothing")


def test_groups_are_of_one_or_several_columns():
    """`group`, else `prompt`, or what is asked for; a row that lacks a part has no group."""
    chunk = chunk_of({"group": 1, "prompt": "a", "source": "s"}, {"group": 2, "prompt": "b"})
    assert group_column(chunk, ()) == ("group",)
    assert groups_of(chunk, ("group",)) == [1, 2]
    assert groups_of(chunk, ("source", "group")) == [["s", 1], None]
    assert group_column(chunk_of({"prompt": "a"}), ()) == ("prompt",)
    with pytest.raises(R1RewardsError):
        group_column(chunk_of({"completion": "a"}), ())
