"""The rubric: totals by an obvious count, routes, gates, blame, and a border that custom rewards cannot break."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reward_functions import Custom

from r1rewards import Batch, FormatReward, MathReward, Outcome, Rubric, Sample, Scores, Status
from r1rewards.base_reward import BaseReward
from r1rewards.errors import MissingColumn, OptionError, RewardError, TooManyUnscored, UsageError
from r1rewards.terms import Term

FAULTS = {Status.BAD_REFERENCE, Status.INFRA}
ABSENT = Outcome.unscored(Status.NOT_APPLICABLE, "absent")


class Given(BaseReward):
    """A reward whose cells stand in the batch, in the column of its name."""

    bounds = (-1.0, 1.0)

    def __init__(self, name):
        self.name = name

    def judge(self, batch):
        return batch.column(self.name)


def cell_of(status: Status) -> st.SearchStrategy[Outcome]:
    """Cells of a status."""
    return st.builds(
        Outcome, st.sampled_from([-1.0, 0.0, 0.25, 1.0]) if status.scored else st.just(math.nan), st.just(status)
    )


CELL = st.sampled_from([Status.OK, Status.OK, Status.OK, *Status]).flatmap(cell_of)
NAMES = ("a", "b", "c")
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=6)
WEIGHTS = st.tuples(*[st.sampled_from([0.0, 1.0, 0.5, -2.0])] * 3)
SETTINGS = st.fixed_dictionaries(
    {
        "combine": st.sampled_from(["sum", "gated"]),
        "gate": st.sampled_from([None, "a", "b", ("a", "c")]),
        "gate_on": st.sampled_from(["right", "answered"]),
    }
)


def batch_of(rows) -> Batch:
    """The cells as columns."""
    return Batch({"completion": ["x"] * len(rows), **{name: [row[i] for row in rows] for i, name in enumerate(NAMES)}})


def naive_total(row, weights, combine, gate, gate_on) -> float:
    """Add up one row the way one would by hand."""
    here = {name: (cell, weight) for name, cell, weight in zip(NAMES, row, weights, strict=True)}
    here = {name: pair for name, pair in here.items() if pair[0].status is not Status.NOT_APPLICABLE}
    if not here or any(cell.status in FAULTS and weight for cell, weight in here.values()):
        return math.nan
    counted = set(here)
    if combine == "gated":
        gates = {gate or "a"} if not isinstance(gate, tuple) else set(gate)
        gates &= set(here)
        if gate_on == "right":
            passed = any(here[name][0].value == 1.0 for name in gates)
        else:
            passed = any(here[name][0].status is Status.OK for name in gates)
        if not gates or (not passed and any(here[name][0].status in FAULTS for name in gates)):
            return math.nan
        if not passed:
            counted = gates
    return sum(weight * cell.value for name, (cell, weight) in here.items() if name in counted and weight)


@given(ROWS, WEIGHTS, SETTINGS)
def test_totals_are_what_one_adds_up_by_hand(rows, weights, settings):
    """Law: NOT_APPLICABLE drops out, a weighted fault is NaN, closed gates let only the gates count."""
    rubric = Rubric(map(Given, NAMES), weights=weights, max_unscored=1.0, **settings)
    table = rubric.score(batch_of(rows))
    expected = [naive_total(row, weights, **settings) for row in rows]
    np.testing.assert_allclose(table.totals, expected, atol=1e-12)
    assert table.names == NAMES
    assert table.values.shape == (len(rows), 3)
    assert all(np.isnan(table.totals[row]) for row in np.flatnonzero(table.faults | table.unjudged))


@given(ROWS, WEIGHTS, SETTINGS, st.randoms(use_true_random=False))
def test_a_batch_is_its_rows_in_any_order(rows, weights, settings, random):
    """Law: scoring together is scoring one by one, and shuffling rows shuffles totals."""
    rubric = Rubric(map(Given, NAMES), weights=weights, max_unscored=1.0, **settings)
    together = rubric.score(batch_of(rows)).totals.tolist()
    assert repr(together) == repr([total for row in rows for total in rubric.score(batch_of([row])).totals.tolist()])
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = rubric.score(batch_of([rows[i] for i in order])).totals.tolist()
    assert repr(shuffled) == repr([together[i] for i in order])


@given(ROWS, st.permutations(range(3)))
def test_the_order_of_rewards_does_not_matter_for_a_sum(rows, order):
    """Law: a sum does not depend on the order of its terms."""
    one = Rubric(map(Given, NAMES), max_unscored=1.0).score(batch_of(rows))
    two = Rubric([Given(NAMES[i]) for i in order], max_unscored=1.0).score(batch_of(rows))
    np.testing.assert_allclose(one.totals, two.totals, atol=1e-12)
    for name in NAMES:
        np.testing.assert_array_equal(one[name].values, two[name].values)


CASES = [
    # the gate's cell, the other's, then the totals for: sum, gated on right, gated on answered, gate of weight 0
    (Outcome(1.0), Outcome(1.0), (1.5, 1.5, 1.5, 0.5)),
    (Outcome(0.0), Outcome(1.0), (0.5, 0.0, 0.5, 0.0)),
    (Outcome(0.0, Status.NO_ANSWER), Outcome(1.0), (0.5, 0.0, 0.0, 0.0)),
    (Outcome(1.0), Outcome(0.0, Status.MALFORMED), (1.0, 1.0, 1.0, 0.0)),
    (Outcome.unscored(Status.INFRA, "x"), Outcome(1.0), (None, None, None, None)),
    (Outcome.unscored(Status.BAD_REFERENCE, "x"), Outcome(1.0), (None, None, None, None)),
    (Outcome(1.0), Outcome.unscored(Status.INFRA, "x"), (None, None, None, None)),
    (Outcome(0.0), Outcome.unscored(Status.INFRA, "x"), (None, None, None, None)),
    (ABSENT, Outcome(1.0), (0.5, None, None, None)),
    (Outcome(1.0), ABSENT, (1.0, 1.0, 1.0, 0.0)),
    (ABSENT, ABSENT, (None, None, None, None)),
]


@pytest.mark.parametrize(("gate", "other", "totals"), CASES)
def test_no_row_is_paid_for_style_alone(gate, other, totals):
    """Law: the cases that the design names, by hand."""
    rows = [(gate, other, ABSENT)]
    found = []
    for options in ({}, {"combine": "gated"}, {"combine": "gated", "gate_on": "answered"}):
        found += (
            Rubric([Given("a"), Term("b", Given("b"), 0.5)], max_unscored=1.0, **options)
            .score(batch_of(rows))
            .totals.tolist()
        )
    unweighted = Rubric([Given("a"), Given("b")], weights=[0, 0.5], combine="gated", max_unscored=1.0)
    expected = list(totals)
    if gate.status in FAULTS:
        expected[3] = None  # a gate decides what the others count, whatever its own weight
    found += unweighted.score(batch_of(rows)).totals.tolist()
    assert [None if math.isnan(total) else total for total in found] == expected


def test_a_fault_without_weight_is_watched_only():
    """Law: a reward of weight 0 is shown and its faults leave the total alone (unless it is the gate)."""
    rubric = Rubric([Given("a"), Given("b")], weights=[1, 0], max_unscored=1.0)
    table = rubric.score(batch_of([(Outcome(1.0), Outcome.unscored(Status.INFRA, "x"), ABSENT)]))
    assert table.totals.tolist() == [1.0]
    assert table.faults.tolist() == [False]


# --- routes --------------------------------------------------------------------------------------------


def test_routes():
    """Law: each row is judged by the rewards of its route and by those for all; other cells are NOT_APPLICABLE."""
    rubric = Rubric.route(by="task", routes={"math": ["math"], 7: ["seven=format@2"]}, always=["format@0.5"])
    assert rubric.names == ("math", "seven", "format")
    assert rubric.requires == ("ground_truth", "task")
    good = r"<think>r</think>\boxed{4}"
    with rubric:
        table = rubric.score(completion=[good] * 4, ground_truth=["4"] * 4, task=["math", 7, "7", None])
    assert table.totals.tolist() == [1.5, 2.5, 2.5, 0.5]
    assert table["math"].statuses.tolist() == [Status.OK] + [Status.NOT_APPLICABLE] * 3
    assert table["math"].details[3]["why"] == "routed elsewhere: task is not 'math'"
    batch = Batch.of(completion=[good, good], ground_truth=["4", "4"], task=["math", "7"])
    said = rubric.explain(batch, 1)
    assert [said[name]["status"] for name in rubric.names] == ["NOT_APPLICABLE", "OK", "OK"]


def test_a_row_that_no_route_takes():
    """Law: nothing applies, so there is no total, and the table says so; no route at all is needed for that."""
    rubric = Rubric.route(by="task", routes={"a": ["format"]})
    table = rubric.score(completion=["x", "x"], task=["a", "b"])
    assert table.unjudged.tolist() == [False, True]
    assert math.isnan(table.totals[1])
    assert rubric.score(completion=["x"], task=["b"]).unjudged.tolist() == [True]


def test_a_route_needs_its_column():
    """Law: a column to route by that no row has is an error that lists those there are."""
    rubric = Rubric.route(by="task", routes={"a": ["format"]})
    with pytest.raises(MissingColumn, match=r"route of 'format'.*completion"):
        rubric.score(completion=["x"])
    assert len(rubric.score(completion=[])) == 0


def test_a_routed_reward_does_not_read_other_rows():
    """Law: a row of another route need not have what this route's reward needs; its column may even be null."""
    rubric = Rubric.route(by="task", routes={"math": ["math"], "chat": ["format"]})
    table = rubric.score(completion=[r"\boxed{4}", "x"], ground_truth=["4", None], task=["math", "chat"])
    assert table.totals.tolist() == [1.0, 0.0]


# --- the border ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "returned NoneType; expected Scores"),
        ([1.0], "returned list"),
        (Scores.of([Outcome(1.0)] * 2), "2 cells for 1 rows"),
        (Scores.of([]), "0 cells for 1 rows"),
        (Scores.of([Outcome(1.5)]), r"1.5 on row 0, outside its bounds \[0.0, 1.0\]"),
        (Scores.of([Outcome(-0.5)]), "outside"),
    ],
)
def test_a_custom_reward_that_breaks_its_contract(answer, says):
    """Law: what is no column of the right length within the bounds is an error that names the reward."""
    with pytest.raises(RewardError, match=f"'custom'.*{says}"):
        Rubric([Custom(answer)]).score(completion=["x"])


def test_a_custom_reward_that_keeps_it():
    """Law: an honest custom reward, of lists and integers even, is a column like any other."""
    column = Scores([1, 0], [Status.OK, Status.MALFORMED], [{}, {}])
    table = Rubric([Custom(column, bounds=(0, 1))]).score(completion=["x", "y"])
    assert table.totals.tolist() == [1.0, 0.0]
    assert table.values.dtype == np.float64


@pytest.mark.parametrize(
    ("failed", "allowed", "fine"), [(0, 0.0, True), (1, 0.2, True), (2, 0.2, False), (1, 0.0, False), (5, 1.0, True)]
)
def test_a_machine_that_fails_too_often_raises(failed, allowed, fine):
    """Law: more INFRA in a column than allowed raises and says why; BAD_REFERENCE never does."""
    cells = [Outcome.unscored(Status.INFRA, "worker died")] * failed + [Outcome(1.0)] * (5 - failed)
    bad = [Outcome.unscored(Status.BAD_REFERENCE, "bad")] * 5
    rubric = Rubric([Given("a"), Given("b")], max_unscored=allowed)
    batch = Batch({"completion": ["x"] * 5, "a": cells, "b": bad})
    if fine:
        assert len(rubric.score(batch)) == 5
    else:
        with pytest.raises(TooManyUnscored, match=f"{failed} of 5 rows of 'a'.*worker died"):
            rubric.score(batch)


@pytest.mark.parametrize(("judged", "failed", "fine"), [(20, 4, True), (20, 5, False), (15, 15, True), (16, 16, False)])
def test_a_reward_of_few_rows_is_measured_by_those(judged, failed, fine):
    """Law: where a reward judges a part of a batch, its share of INFRA is that of this part, unless it is tiny."""
    cells = [Outcome.unscored(Status.INFRA, "no sandbox")] * failed + [Outcome(1.0)] * (judged - failed)
    elsewhere = [Outcome.unscored(Status.NOT_APPLICABLE, "another domain")] * (200 - judged)
    batch = Batch({"completion": ["x"] * 200, "a": cells + elsewhere, "b": [Outcome(1.0)] * 200})
    rubric = Rubric([Given("a"), Given("b")])
    if fine:
        assert len(rubric.score(batch)) == 200
    else:
        with pytest.raises(TooManyUnscored, match=f"{failed} of {judged} rows of 'a'.*no sandbox"):
            rubric.score(batch)


@pytest.mark.parametrize(
    ("rewards", "settings", "kind"),
    [
        ([], {}, UsageError),
        (["format", "format"], {}, UsageError),
        (["math", "math=format"], {}, UsageError),
        (["format"], {"weights": [1, 2]}, UsageError),
        (["format"], {"weights": [math.nan]}, UsageError),
        (["format@inf"], {}, UsageError),
        (["format"], {"gate": "math"}, UsageError),
        (["format"], {"combine": "product"}, OptionError),
        (["format"], {"gate_on": "lucky"}, OptionError),
        (["format"], {"transcript": "thonk"}, UsageError),
        ([FormatReward], {}, UsageError),
        ([5], {}, UsageError),
    ],
)
def test_what_is_no_rubric(rewards, settings, kind):
    """Law: a rubric that cannot be is refused when it is made."""
    with pytest.raises(kind):
        Rubric(rewards, **settings)


def test_names_and_weights():
    """Law: the same reward may stand twice under two names; weights given win over written ones."""
    rubric = Rubric(["format@0.5", "again=format@0.25"], weights=[2, 3])
    assert rubric.names == ("format", "again")
    assert rubric.score(completion=["<think>r</think>a"]).totals.tolist() == [5.0]


def test_ways_in():
    """Law: a batch, samples or columns; not two of these. The rubric's mode is that of the batches it makes."""
    rubric = Rubric(["format"], transcript="think_prefilled")
    assert rubric.score(completion=["r</think>a"]).totals.tolist() == [1.0]
    assert rubric.score([Sample("r</think>a")]).totals.tolist() == [1.0]
    assert rubric.score(Batch.of(completion=["r</think>a"])).totals.tolist() == [1.0]
    with pytest.raises(UsageError, match="declared"):
        rubric.score(Batch.of(completion=["r</think>a"], transcript="think"))
    with pytest.raises(UsageError, match="not both"):
        rubric.score([], completion=["a"])
    with pytest.raises(UsageError, match="must be a list"):
        rubric.score(completion="a")
    with pytest.raises(MissingColumn, match="completion"):
        rubric.score()


def test_no_rows():
    """Law: a table of no rows has its columns, whatever they would need."""
    for combine in ("sum", "gated"):
        table = Rubric(["math", "format"], combine=combine).score([])
        assert (len(table), table.values.shape, table.names) == (0, (0, 2), ("math", "format"))


def test_a_missing_column_lists_those_there_are():
    """Law: a reward that no row can serve is an error before anything is scored."""
    with pytest.raises(MissingColumn, match=r"reward 'math'.*ground_truth.*completion, gold"):
        Rubric(["format", "math"]).score(completion=["a"], gold=["4"])


@settings(max_examples=30)
@given(st.lists(st.sampled_from([r"<think>r</think>\boxed{4}", r"\boxed{4}", "<think>r</think>5", ""]), max_size=6))
def test_the_real_rewards_together(completions):
    """Law: math and format with weights give the totals that their columns say."""
    rubric = Rubric([MathReward(), "format@0.5"])
    table = rubric.score(completion=completions, ground_truth=["4"] * len(completions))
    np.testing.assert_allclose(table.totals, table.values @ [1.0, 0.5])


def test_pickling_and_closing():
    """Law: a rubric travels and stays usable after it was closed."""
    rubric = pickle.loads(pickle.dumps(Rubric(["math", "format@0.5"], combine="gated")))
    for _ in range(2):
        with rubric:
            table = rubric.score(completion=[r"<think>r</think>\boxed{b+a}"], ground_truth=["a+b"])
        assert table.totals.tolist() == [1.5]
