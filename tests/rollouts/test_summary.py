"""The figures of a run: exact, the same for any order, chunks and resumption, and right."""

from __future__ import annotations

import itertools
import json
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.errors import UsageError
from r1rewards.rollouts.summary import Summary, group_of
from r1rewards.scores import Outcome, Scores, ScoreTable, Status

NAMES = ("one", "two")
SCORED = [status for status in Status if status.scored]
UNSCORED = [status for status in Status if not status.scored]
VALUES = st.floats(-1e6, 1e6, allow_nan=False) | st.sampled_from([0.0, -0.0, 1.0, 0.1, 5e-324])
CELL = st.builds(Outcome, VALUES, st.sampled_from(SCORED)) | st.builds(
    Outcome, st.just(math.nan), st.sampled_from(UNSCORED)
)
GROUP = st.none() | st.integers(0, 3) | st.sampled_from(["a", "x" * 100])
ROW = st.tuples(CELL, CELL, VALUES | st.just(math.nan), GROUP)


def table(rows) -> ScoreTable:
    columns = tuple(Scores.of([row[place] for row in rows]) for place in range(2))
    return ScoreTable(NAMES, columns, np.ones(2), np.array([row[2] for row in rows], dtype=np.float64))


def written(row) -> dict:
    """Return a row as it comes back from the output."""
    cells = dict(zip(NAMES, row[:2], strict=True))
    value = {name: None if math.isnan(cell.value) else cell.value for name, cell in cells.items()}
    line = {
        "reward": None if math.isnan(row[2]) else row[2],
        "rewards": value,
        "status": {name: cell.status.name for name, cell in cells.items()},
    }
    return json.loads(json.dumps(line))


def summed(rows) -> Summary:
    summary = Summary(NAMES)
    if rows:
        summary.add(table(rows), [row[3] for row in rows])
    return summary


@settings(deadline=None, max_examples=150)
@given(rows=st.lists(ROW, max_size=30), seed=st.integers(), cuts=st.lists(st.integers(0, 30), max_size=4))
def test_neither_order_nor_chunks_nor_resuming_change_a_digit(rows, seed, cuts):
    """One chunk, any chunks, any order, and any part read back from the output give the same dictionary."""
    whole = summed(rows).as_dict()
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    bounds = sorted({0, len(rows), *(cut for cut in cuts if cut <= len(rows))})
    summary = Summary(NAMES)
    for number, (start, end) in enumerate(itertools.pairwise(bounds)):
        part = shuffled[start:end]
        if number % 2:
            summary.add(table(part), [row[3] for row in part])
        else:
            for row in part:
                summary.add_written(written(row), row[3], grouped=True)
    assert json.dumps(summary.as_dict()) == json.dumps(whole)


@settings(deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=20))
def test_the_figures_are_right(rows):
    """Means are the exact means rounded once; counts, shares and bounds are those of the rows."""
    figures = summed(rows).as_dict()
    totals = [row[2] for row in rows if not math.isnan(row[2])]
    assert figures["rows"] == len(rows)
    assert figures["total"]["scored"] == len(totals)
    assert figures["total"]["unscored"] == len(rows) - len(totals)
    if totals:
        assert figures["total"]["mean"] == float(sum(map(Fraction, totals)) / len(totals))
        assert (figures["total"]["min"], figures["total"]["max"]) == (min(totals), max(totals))
    for place, name in enumerate(NAMES):
        statuses = [row[place].status for row in rows]
        reward = figures["rewards"][name]
        assert {key: value["rows"] for key, value in reward["statuses"].items()} == {
            status.name: statuses.count(status) for status in Status if status in statuses
        }
        assert sum(value["share"] for value in reward["statuses"].values()) == pytest.approx(1)
        assert reward["scored"] + reward["faults"] + reward["not_applicable"] == len(rows)
    json.dumps(figures, allow_nan=False)


def rows_of(*totals: tuple[object, float | None]):
    """Return rows of given groups and totals."""
    return [(Outcome(0.0), Outcome(0.0), math.nan if total is None else total, group) for group, total in totals]


class TestGroups:
    def test_mean_at_k_and_spread(self):
        """Groups may be interleaved; equal totals over two rows or more are no learning signal."""
        interleaved = [("a", 1.0), ("b", 0.0), ("a", 0.0), ("b", 0.0), ("c", 1.0)]
        rows = rows_of(*interleaved, ("d", None), ("d", None), ("e", 1.0), ("e", None))
        groups = summed(rows).as_dict()["groups"]
        assert groups == {
            "groups": 5,
            "k": None,
            "k_min": 1,
            "k_max": 2,
            "mean_at_k": (0.5 + 0.0 + 1.0 + 1.0) / 4,
            "zero_spread": 2,
            "single": 1,
            "unscored": 1,
            "ungrouped_rows": 0,
        }

    def test_k_is_told_where_it_is_one(self):
        """Groups of one size have that k."""
        assert summed(rows_of((1, 0.0), (2, 0.5), (1, 1.0), (2, 0.5))).as_dict()["groups"]["k"] == 2

    def test_rows_without_a_group_are_counted_apart(self):
        """A row that names no group is in none; with no groups at all there are no figures of groups."""
        assert summed(rows_of((None, 1.0), ("a", 1.0))).as_dict()["groups"]["ungrouped_rows"] == 1
        assert summed(rows_of((None, 1.0))).as_dict()["groups"] is None

    def test_keys(self):
        """Equal JSON values are one group, others are not; keys are short."""
        same = [(1, 1.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ("x" * 999, "x" * 999)]
        assert all(group_of(one) == group_of(two) for one, two in same)
        others = [1, "1", True, "true", 1.5, [1], {"a": 1}, "x" * 999, "x" * 998, "\ud800", "", float("inf"), -1]
        keys = {group_of(value) for value in others}
        assert len(keys) == len(others)
        assert max(map(len, keys)) <= 33
        deep: list = []
        for _ in range(200_000):
            deep = [deep]
        with pytest.raises(UsageError, match="nested too deeply"):
            group_of(deep)

    def test_memory_grows_with_groups_alone(self):
        """Rows of known groups add no state."""
        summary = summed(rows_of(*[(number, 1.0) for number in range(10)]))
        before = len(summary._groups)
        for _ in range(20):
            summary.add(table(rows_of((3, 0.25))), [3])
        assert len(summary._groups) == before == 10


class TestBlame:
    def test_faults_and_rows_to_which_nothing_applies_are_told_apart(self):
        """A missing total is a fault where a cell is one; where no reward applies it is none."""
        nothing, infra, bad = (
            Outcome(math.nan, status) for status in (Status.NOT_APPLICABLE, Status.INFRA, Status.BAD_REFERENCE)
        )
        right = Outcome(1.0)
        summary = summed([
            (right, right, 2.0, None),
            (nothing, nothing, math.nan, None),
            (infra, right, math.nan, None),
            (right, bad, math.nan, None),
            (infra, right, 1.0, None),  # of weight 0: the row has its total
        ])  # fmt: skip
        assert (summary.rows, summary.scored, summary.mean_total) == (5, 2, 1.5)
        assert (summary.faults, summary.infra, summary.nothing_applies) == (2, 1, 1)
        assert summary.unscored_share == 2 / 5

    def test_nothing_at_all(self):
        """An empty run has no means and no shares, and is JSON."""
        summary = Summary(NAMES)
        assert (summary.rows, summary.mean_total, summary.unscored_share) == (0, None, 0.0)
        json.dumps(summary.as_dict(), allow_nan=False)

    @pytest.mark.parametrize(
        "change", [{"reward": "x"}, {"reward": True}, {"rewards": None}, {"rewards": {}}, {"status": {"one": "ODD"}}]
    )
    def test_rows_that_no_such_run_has_written(self, change):
        """A row read back without the right columns is an error, and counts nowhere."""
        summary = Summary(["one"])
        row = {"reward": 1.0, "rewards": {"one": 1.0}, "status": {"one": "OK"}, **change}
        with pytest.raises(UsageError, match="a row of the output lacks"):
            summary.add_written(row)
        assert summary.rows == 0
