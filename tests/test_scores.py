"""Cells, columns and tables: value and status agree, and nothing else gets in."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards.errors import RewardError
from r1rewards.scores import Outcome, Scores, ScoreTable, Status, scored_mask, status_array

FAULTS = {Status.BAD_REFERENCE, Status.INFRA}
UNSCORED = FAULTS | {Status.NOT_APPLICABLE}
FINITE = st.floats(allow_nan=False, allow_infinity=False)
OUTCOMES = st.sampled_from(Status).flatmap(
    lambda status: st.builds(Outcome, st.just(math.nan) if status in UNSCORED else FINITE, st.just(status))
)


def same(left: Outcome, right: Outcome) -> bool:
    """Equal, NaN being equal to NaN."""
    return repr(left) == repr(right)


def test_the_statuses_are_the_nine_of_the_design():
    """Law: the enum is closed; six are scored, two are faults, one is neither."""
    assert {status for status in Status if not status.scored} == UNSCORED
    assert {status for status in Status if status.fault} == FAULTS
    assert len(Status) == 9


@pytest.mark.parametrize("status", Status)
def test_a_status_is_a_singleton_everywhere(status):
    """Law: pickling and copying give the very same member, so that `is` and hashing by identity hold."""
    assert pickle.loads(pickle.dumps(status)) is status
    assert copy.deepcopy(status) is status
    assert {status: 1}[Status[status.name]] == 1


@given(st.lists(OUTCOMES, max_size=12))
def test_a_column_is_its_cells(cells):
    """Law: building a column and reading it back gives the cells; pickling changes nothing."""
    column = Scores.of(cells)
    assert column.values.dtype == np.float64
    assert len(column) == len(cells)
    for got in (list(column), list(pickle.loads(pickle.dumps(column)))):
        assert all(map(same, got, cells))
    assert scored_mask(column.statuses).tolist() == [cell.status.scored for cell in cells]
    assert column.status_names == [outcome.status.name for outcome in cells]


@given(st.sampled_from(Status), st.floats())
def test_value_and_status_agree_or_it_raises(status, value):
    """Law: finite exactly where the status is scored; infinity never."""
    right = math.isfinite(value) if status.scored else math.isnan(value)
    if right:
        assert len(Scores.of([Outcome(value, status)])) == 1
    else:
        with pytest.raises(RewardError, match="row 1"):
            Scores.of([Outcome(0.0), Outcome(value, status)])


@pytest.mark.parametrize(
    ("values", "statuses", "details"),
    [
        ([1.0], [], [{}]),
        ([1.0], [Status.OK], []),
        ([1.0, 2.0], [Status.OK], [{}]),
        (["x"], [Status.OK], [{}]),
        ([None, "1"], [Status.OK, Status.OK], [{}, {}]),
        ([[1.0]], [Status.OK], [{}]),
        ([1.0], ["OK"], [{}]),
        ([1.0], [None], [{}]),
        ([10**400], [Status.OK], [{}]),
        (1.0, [Status.OK], [{}]),
    ],
)
def test_broken_parts_raise_our_error(values, statuses, details):
    """Law: whatever a custom reward puts in, the error is ours."""
    with pytest.raises(RewardError):
        Scores(values, statuses, details)


def test_lists_and_integers_are_made_arrays():
    """Law: a custom reward may bring lists, integers and booleans; the column holds float64."""
    column = Scores([1, False], [Status.OK, Status.MALFORMED], [{}, {}])
    assert column.values.dtype == np.float64
    assert column.values.tolist() == [1.0, 0.0]
    assert column.statuses.dtype == object
    assert column[1].status is Status.MALFORMED


@given(st.data())
def test_spread_puts_each_cell_in_its_place(data):
    """Law: the cells stand at their rows, all other rows hold the given one."""
    size = data.draw(st.integers(0, 10))
    rows = data.draw(st.lists(st.integers(0, size - 1), unique=True) if size else st.just([]))
    cells = [Outcome(float(row)) for row in rows]
    outside = Outcome.unscored(Status.NOT_APPLICABLE, "elsewhere")
    spread = Scores.of(cells).spread(rows, size, outside)
    assert len(spread) == size
    for row in range(size):
        assert same(spread[row], Outcome(float(row)) if row in rows else outside)


def test_filled_and_unscored():
    """Law: a filled column repeats its cell; an unscored cell is NaN and says why."""
    cell = Outcome.unscored(Status.INFRA, "it died", code=3)
    assert math.isnan(cell.value)
    assert cell.detail == {"why": "it died", "code": 3}
    assert [c.detail["code"] for c in Scores.filled(2, cell)] == [3, 3]
    assert len(Scores.filled(0, cell)) == 0


def table() -> ScoreTable:
    """Three rows: fine, the data's fault, nothing applies."""
    absent = Outcome.unscored(Status.NOT_APPLICABLE, "no")
    columns = (
        Scores.of([Outcome(1.0), Outcome.unscored(Status.BAD_REFERENCE, "bad"), absent]),
        Scores.of([Outcome(0.0, Status.MALFORMED), Outcome(1.0), absent]),
    )
    return ScoreTable(("a", "b"), columns, np.array([1.0, 0.5]), np.array([1.0, math.nan, math.nan]))


def test_table_views():
    """Law: the table's arrays, counts and row views say the same as its columns."""
    made = table()
    assert made.values.shape == made.statuses.shape == (3, 2)
    assert made["b"].values.tolist()[:2] == [0.0, 1.0]
    assert made.faults.tolist() == [False, True, False]
    assert made.unjudged.tolist() == [False, False, True]
    assert made.cells(0)["b"].status is Status.MALFORMED
    assert made.status_counts("a") == {Status.OK: 1, Status.BAD_REFERENCE: 1, Status.NOT_APPLICABLE: 1}
    with pytest.raises(KeyError, match="a, b"):
        made["c"]


def test_table_without_columns_or_rows():
    """Law: the empty cases have the right shapes."""
    empty = ScoreTable((), (), np.zeros(0), np.zeros(2))
    assert empty.values.shape == empty.statuses.shape == (2, 0)
    assert empty.unjudged.tolist() == [True, True]
    assert empty.faults.tolist() == [False, False]
    assert len(ScoreTable(("a",), (Scores.of([]),), np.ones(1), np.zeros(0))) == 0


def test_status_array_is_of_objects():
    """Law: also for no status at all."""
    assert status_array([]).dtype == object
    assert status_array([Status.OK]).tolist() == [Status.OK]
