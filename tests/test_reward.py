"""The `@reward` decorator: what a function gets, what it may return, who is to blame, and where it can run."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import reward_functions
from hypothesis import given
from hypothesis import strategies as st

from r1rewards import Batch, Outcome, Reward, Status, reward
from r1rewards.errors import (
    MissingColumn,
    OptionError,
    RewardError,
    RewardLoadError,
    RowError,
    UnknownReward,
    UsageError,
)
from r1rewards.function_reward import FunctionReward
from r1rewards.registry import load_reward

ROOT = Path(__file__).parents[1]


def cells(made, completions, **columns):
    """Score and return values (None for NaN) and statuses."""
    column = made.score(Batch.of(completion=completions, **columns))
    return [(None if math.isnan(cell.value) else cell.value, cell.status.name) for cell in column]


# --- what it gets --------------------------------------------------------------------------------------


def test_parameters_name_columns():
    """Law: a parameter gets the column of its name: of the sample, a part of the completion, or any other."""
    seen = []

    @reward
    def look(completion, reasoning, answer, prompt, level, ground_truth=None, tests="unset", *, bonus=0.25):
        seen.append((completion, reasoning, answer, prompt, level, ground_truth, tests))
        return bonus

    batch = {"prompt": ["q", "q"], "level": [3, 4], "ground_truth": ["g", None], "answer": ["gold", "gold"]}
    assert cells(look, ["<think>r</think>a", "<think>r"], **batch) == [(0.25, "OK")] * 2
    assert seen[0] == ("<think>r</think>a", "r", "a", "q", 3, "g", "unset")
    assert seen[1] == ("<think>r", "r", None, "q", 4, None, "unset")
    assert look.requires == ("completion", "reasoning", "answer", "prompt", "level")
    assert (look.name, look.__name__, look.bounds) == ("look", "look", (0.0, 1.0))
    assert isinstance(look, Reward)


def test_the_rest_is_all_other_columns():
    """Law: `**rest` gets every column that has no parameter."""

    @reward
    def rest(completion, **others):
        return sorted(others) == ["ground_truth", "level"]

    assert cells(rest, ["a"], level=[1], ground_truth=["b"]) == [(1.0, "OK")]


def test_batched_functions_may_use_plurals():
    """Law: whole columns come as lists, under the names that trainers use, with options beside."""

    @reward(batched=True)
    def many(completions, prompts=None, *, scale=0.5, **others):
        assert type(completions) is list
        assert type(others["level"]) is list
        assert prompts is None
        return [scale * (text == "a") for text in completions]

    assert cells(many, ["a", "b"], level=[1, 2]) == [(0.5, "OK"), (0.0, "OK")]
    assert cells(many.with_options(scale=1), ["a"], level=[1]) == [(1.0, "OK")]
    assert cells(many, []) == []


def test_rows_that_lack_a_column():
    """Law: a null cell is not applicable, an absent column an error; `requires` can be set."""

    @reward
    def needs(completion, level):
        return 1.0

    assert cells(needs, ["a", "b"], level=[1, None]) == [(1.0, "OK"), (None, "NOT_APPLICABLE")]
    with pytest.raises(MissingColumn, match=r"needs.*level"):
        cells(needs, ["a"])

    @reward(requires=())
    def lenient(completion, level):
        return float(level is None)

    assert cells(lenient, ["a", "b"], level=[1, None]) == [(0.0, "OK"), (1.0, "OK")]


def test_options():
    """Law: options are keyword parameters with a default; setting them makes another reward; unknown ones raise."""

    def limited(completion, limit=3, *, prompt="p"):
        return len(completion) <= limit and prompt == "p"

    made = reward(limited)
    assert made.signature.options == {"limit": 3, "prompt": "p"}
    wider = made.with_options(limit=9)
    assert cells(made, ["abcd"], prompt=["x"]) == [(0.0, "OK")]
    assert cells(wider, ["abcd"]) == [(1.0, "OK")]
    assert (made("abc"), made("abcd"), wider("abcd"), wider("abcd", limit=1)) == (True, False, True, False)
    with pytest.raises(OptionError, match="limit, prompt"):
        made.with_options(limits=1)


@pytest.mark.parametrize(
    "function",
    [lambda *texts: 1, eval("lambda completion, /: 1"), max, 5],
)
def test_what_cannot_be_a_reward(function):
    """Law: parameters that cannot be given by name are refused when the reward is made."""
    with pytest.raises(RewardLoadError):
        FunctionReward.of(function)


def test_async_functions_are_refused():
    """Law: a coroutine would be no number, and never awaited."""

    async def later(completion):
        return 1.0

    with pytest.raises(RewardLoadError, match="async"):
        reward(later)


@pytest.mark.parametrize(
    "settings",
    [
        {"on_error": "ignore"},
        {"bounds": (1, 0)},
        {"bounds": (0, math.inf)},
        {"bounds": (math.nan, 1)},
        {"bounds": (1,)},
    ],
)
def test_settings_are_checked(settings):
    """Law: a setting that cannot be is refused when the reward is made."""
    with pytest.raises(OptionError):
        reward(**settings)(lambda completion: 1)


# --- what it may return --------------------------------------------------------------------------------

GOOD = [
    (1, 1.0), (0.5, 0.5), (True, 1.0), (False, 0.0), (-0.0, 0.0), (Fraction(1, 4), 0.25),
    (np.float64(0.5), 0.5), (np.float32(0.5), 0.5), (np.int8(1), 1.0), (np.bool_(True), 1.0), (np.array(0.5), 0.5),
    (np.longdouble(0.5), 0.5), (Outcome(0.5), 0.5), (Outcome(np.float32(1)), 1.0),
]  # fmt: skip
BAD = [
    (math.nan, "returned nan"), (math.inf, "returned inf"), (-math.inf, "outside"), (1.5, "outside"), (-0.1, "outside"),
    (10**400, "returned inf"), ("1", "returned str"), ([1], "returned list"), (1j, "returned complex"),
    (Decimal("0.5"), "returned Decimal"), (np.array([0.5]), "returned ndarray"), (np.str_("1"), "returned str"),
    (np.float64("nan"), "returned nan"), (object(), "returned object"), (Outcome(2.0), "outside"),
    (Outcome(math.nan), "status OK"), (Outcome(1.0, Status.INFRA), "status INFRA"), (Outcome("1"), "returned str"),
    (Outcome(1.0, "OK"), "status 'OK'"), (Outcome(10**400), "status OK"), (Outcome(None), "returned NoneType"),
]  # fmt: skip


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize(("answer", "value"), GOOD, ids=lambda value: repr(value)[:30])
def test_answers_that_are_numbers(answer, value, batched):
    """Law: any real number within the bounds is the value, a true float; so is a NumPy scalar."""
    made = reward(batched=batched)(lambda completion: [answer] if batched else answer)
    column = made.score(Batch.of(completion=["a"]))
    assert column.values.tolist() == [value]
    assert column.statuses.tolist() == [Status.OK]


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize(("answer", "says"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_answers_that_are_none(answer, says, batched):
    """Law: what is no finite number within the bounds raises, or is INFRA when asked to go on; the rest is kept."""

    def function(completion):
        if batched:
            return [0.5, answer]
        return answer if completion == "bad" else 0.5

    made = reward(batched=batched, name="mine")(function)
    with pytest.raises(RewardError, match=f"'mine'.*{says}.*row 1"):
        cells(made, ["good", "bad"])
    column = made.with_on_error("unscored").score(Batch.of(completion=["good", "bad"]))
    assert column.values.tolist()[0] == 0.5
    assert column.statuses.tolist() == [Status.OK, Status.INFRA]
    assert says in column.details[1]["why"]


def test_none_is_not_applicable_and_an_outcome_is_kept():
    """Law: None is no score and no fault; an Outcome's status and detail come through."""
    answers = {
        "n": None,
        "o": Outcome(0.5, Status.UNDECIDED, {"a": 1}),
        "u": Outcome.unscored(Status.BAD_REFERENCE, "x"),
    }
    made = reward(lambda completion: answers[completion])
    column = made.score(Batch.of(completion=list("nou")))
    assert [status.name for status in column.statuses] == ["NOT_APPLICABLE", "UNDECIDED", "BAD_REFERENCE"]
    assert column.details[1] == {"a": 1}


def test_wider_bounds():
    """Law: the bounds are those that were declared."""
    assert cells(reward_functions.signed, ["bad", "good"]) == [(-1.0, "OK"), (1.0, "OK")]
    assert reward_functions.signed.name == "signed"


@pytest.mark.parametrize(
    "raised", [ValueError("boom"), SystemExit(0), RecursionError(), MemoryError(), StopIteration()]
)
@pytest.mark.parametrize("batched", [False, True])
def test_raising(raised, batched):
    """Law: a function that raises (or exits) stops the run with the cause, or leaves its rows unscored."""

    @reward(batched=batched)
    def falls(completion):
        if batched or completion == "b":
            raise raised
        return 1.0

    with pytest.raises(RewardError, match=f"raised {type(raised).__name__}") as caught:
        cells(falls, ["a", "b"])
    assert caught.value.__cause__ is raised
    first = (None, "INFRA") if batched else (1.0, "OK")
    assert cells(falls.with_on_error("unscored"), ["a", "b"]) == [first, (None, "INFRA")]


def test_ctrl_c_is_no_error_of_the_function():
    """Law: an interrupt passes, whatever on_error says."""

    @reward(on_error="unscored")
    def interrupted(completion):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cells(interrupted, ["a"])


def test_the_row_in_the_message_is_the_callers():
    """Law: where rows were set aside first, the error still names the row of the caller's batch."""

    @reward
    def falls(completion, level):
        return 2.0 if completion == "b" else 1.0

    with pytest.raises(RewardError, match="row 2"):
        cells(falls, ["a", "x", "b"], level=[1, None, 1])


@pytest.mark.parametrize(
    ("answer", "says"),
    [([1.0], "expected 2 values, got 1"), ([1.0] * 3, "got 3"), (1.0, "got float"), (None, "got NoneType"),
     ("ab", "got str"), ({"a": 1, "b": 1}, "got dict"), ((1 / 0 for _ in "ab"), "ZeroDivisionError")],
)  # fmt: skip
def test_batched_answers_of_another_shape(answer, says):
    """Law: one answer a row, neither more nor fewer; a generator that fails has failed."""
    answers = iter([answer, answer])
    made = reward(batched=True, on_error="unscored")(lambda completion: next(answers))
    column = made.score(Batch.of(completion=["a", "b"]))
    assert [status.name for status in column.statuses] == ["INFRA", "INFRA"]
    assert says in column.details[0]["why"]


@pytest.mark.parametrize("answer", [(1.0, 0.0), np.array([1.0, 0.0]), iter([1, 0]), {1.0: "a", 0.0: "b"}.keys()])
def test_batched_answers_of_any_iterable(answer):
    """Law: a list, a tuple, an array or any other iterable will do."""
    assert cells(reward(batched=True)(lambda completion: answer), ["a", "b"]) == [(1.0, "OK"), (0.0, "OK")]


@given(st.lists(st.none() | st.floats() | st.integers() | st.text(max_size=2) | st.booleans(), max_size=6))
def test_a_column_is_its_rows(answers):
    """Law: with on_error="unscored" any answers make a column, each cell the one it makes alone."""
    made = reward(on_error="unscored")(lambda completion, given=None: answers[int(completion)])
    names = [str(number) for number in range(len(answers))]
    together = cells(made, names)
    assert together == [cell for name in names for cell in cells(made, [name])]
    assert together == cells(
        reward(batched=True, on_error="unscored")(lambda completion: [answers[int(text)] for text in completion]), names
    )


# --- where it can run ----------------------------------------------------------------------------------


def test_pickling_by_where_it_stands():
    """Law: a decorated function pickles as functions do, with its settings; one made on the spot cannot."""
    for made in (reward_functions.half, reward_functions.signed, reward(reward_functions.plain)):
        again = pickle.loads(pickle.dumps(made))
        assert (again.name, again.bounds, again.spec) == (made.name, made.bounds, made.spec)
        assert cells(again, ["abc"]) == cells(made, ["abc"])
    again = pickle.loads(pickle.dumps(reward(reward_functions.plain).with_options(limit=2).with_on_error("unscored")))
    assert (again.options, again.on_error) == ({"limit": 2}, "unscored")
    with pytest.raises(RewardError, match="inside another function"):
        pickle.dumps(reward(lambda completion: 1.0))


def test_a_bound_method_cannot_be_found_again():
    """Law: a method's name leads to the function without its object, so it is neither pickled nor isolated."""

    class Holder:
        def judge(self, completion):
            return 1.0

    made = reward(Holder().judge)
    assert made.spec is None
    assert cells(made, ["a"]) == [(1.0, "OK")]
    bound = reward(reward_functions.ready_made.explain.__self__.score)
    assert bound.spec is None


def test_in_a_spawned_child():
    """Law: a reward travels to a spawned process and scores the same there, an isolated one too."""
    context = multiprocessing.get_context("spawn")
    made = [reward_functions.half, reward(reward_functions.plain).with_options(limit=2), reward_functions.acts]
    with context.Pool(1) as pool:
        there = pool.starmap(cells, [(one, ["ab", "abc"]) for one in made])
    assert there == [[(0.5, "OK")] * 2, [(1.0, "OK"), (0.0, "OK")], [(1.0, "OK")] * 2]


@pytest.fixture(scope="module")
def acts():
    """An isolated reward that does what a completion says; faults are unscored."""
    made = reward_functions.acts.with_on_error("unscored")
    yield made
    made.close()


ACTS = {
    "fine": (1.0, "OK"),
    "loop": (0.0, "TOO_COSTLY"),
    "exit": (0.0, "TOO_COSTLY"),
    "memory": (0.0, "TOO_COSTLY"),
    "raise": (None, "INFRA"),
    "sys.exit": (None, "INFRA"),
    "nan": (None, "INFRA"),
    "inf": (None, "INFRA"),
    "huge": (None, "INFRA"),
    "high": (None, "INFRA"),
    "text": (None, "INFRA"),
    "none": (None, "NOT_APPLICABLE"),
    "outcome": (0.25, "MALFORMED"),
    "unscored": (None, "BAD_REFERENCE"),
    "numpy": (0.5, "OK"),
    "\ud800\x00": (1.0, "OK"),
}


def test_isolated_rows_cannot_harm_each_other(acts):
    """Law: what loops, exits, eats memory or raises is charged alone; every other row is scored as ever."""
    assert cells(acts, list(ACTS)) == list(ACTS.values())
    column = acts.score(Batch.of(completion=["raise"]))
    assert "raised ValueError: boom" in column.details[0]["why"]


@pytest.mark.slow
def test_an_isolated_row_that_sleeps(acts):
    """Law: a sleeper misses the wall-clock backstop twice and is the machine's fault, as its own cannot be shown."""
    assert cells(acts, ["fine", "sleep", "fine"]) == [(1.0, "OK"), (None, "INFRA"), (1.0, "OK")]


def test_isolated_and_raising():
    """Law: with on_error="raise" the worker's error stops the run and says what was raised there."""
    try:
        with pytest.raises(RewardError, match=r"'acts' raised ValueError: boom.*row 1"):
            cells(reward_functions.acts, ["fine", "raise"])
    finally:
        reward_functions.acts.close()


def test_isolated_on_whole_columns():
    """Law: a call on the whole batch that spends its budget is nobody's row's fault; a wrong length is the reward's."""
    made = reward_functions.acts_on_all.with_on_error("unscored")
    try:
        assert cells(made, ["a", "bb", "ccc"]) == [(1.0, "OK"), (0.0, "OK"), (1.0, "OK")]
        for what in ("loop", "short", "raise"):
            assert cells(made, [what, "b"]) == [(None, "INFRA")] * 2
        assert cells(made, []) == []
    finally:
        made.close()


def test_what_cannot_be_sent_to_a_worker():
    """Law: a cell that is no JSON is the caller's error, in words."""
    made = load_reward("reward_functions:plain", isolated=True)
    with pytest.raises(RewardError, match="no JSON"):
        made.with_options(limit=object()).score(Batch.of(completion=["a"]))


def test_a_local_function_cannot_be_isolated():
    """Law: what a worker cannot import is refused when the reward is made."""
    with pytest.raises(UsageError, match="cannot run isolated"):
        reward(isolated=True)(lambda completion: 1.0)
    with pytest.raises(UsageError, match="cannot run isolated"):
        reward(lambda completion: 1.0).isolate()


OWN = """
import sibling
from r1rewards import reward
print("loading")
@reward(name="mine", bounds=(-1, 1), cpu_s=0.5)
def decorated(completion, level=None, *, limit: int = sibling.LIMIT, odd={1, 2}):
    if completion == "loop":
        while True: pass
    return 1.0 if len(completion) <= limit else -1.0
def plain(completion, answer):
    import sibling
    return float(answer == str(sibling.LIMIT))
"""


@pytest.fixture
def own_file(tmp_path):
    """A user's file beside a module that it imports."""
    (tmp_path / "sibling.py").write_text("LIMIT = 3")
    path = tmp_path / "own rewards.py"
    path.write_text(OWN)
    return path


def test_a_file_that_only_workers_import(own_file):
    """Law: its function is described and run in a worker, beside its sibling modules, and never imported here."""
    before = set(sys.modules)
    made = load_reward(f"{own_file}:decorated", isolated=True, cpu_s=0.5)
    try:
        assert (made.name, made.bounds, made.requires) == ("mine", (-1.0, 1.0), ("completion",))
        assert made.signature.options["limit"] == 3
        assert cells(made, ["abc", "abcd", "loop"]) == [(1.0, "OK"), (-1.0, "OK"), (-1.0, "TOO_COSTLY")]
        wider = made.with_options(limit=4)
        assert cells(wider, ["abcd"]) == [(1.0, "OK")]
        again = pickle.loads(pickle.dumps(wider))
        assert cells(again, ["abcd", "abcde"]) == [(1.0, "OK"), (-1.0, "OK")]
        again.close()
        with pytest.raises(OptionError, match="limit"):
            made.with_options(limits=1)
        with pytest.raises(UsageError, match="worker process only"):
            made("abc")
    finally:
        made.close()
    assert not {name for name in set(sys.modules) - before if "own" in name or "sibling" in name}


def test_a_plain_function_of_a_file(own_file):
    """Law: an undecorated function is a reward with the usual settings, and knows its row's parts."""
    made = load_reward(f"{own_file}:plain", isolated=True)
    try:
        assert cells(made, ["<think>r</think>3", "3", "<think>"]) == [(1.0, "OK"), (1.0, "OK"), (0.0, "OK")]
    finally:
        made.close()


@pytest.mark.parametrize(
    ("source", "attribute", "says"),
    [
        ("1/0", "f", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "f", "SystemExit"),
        ("f = 5", "f", "not a function"),
        ("def g(): pass", "f", "has no 'f'"),
        ("import os; os._exit(0)", "f", "worker"),
        ("async def f(completion): pass", "f", "async"),
    ],
)
def test_a_file_that_cannot_be_loaded(tmp_path, source, attribute, says):
    """Law: whatever goes wrong while a worker loads it is our error and names the file."""
    path = tmp_path / "broken.py"
    path.write_text(source)
    with pytest.raises(RewardLoadError, match=says) as caught:
        load_reward(f"{path}:{attribute}", isolated=True)
    assert "broken.py" in str(caught.value)


GUARDED = """
from r1rewards import Batch, reward
@reward(isolated=True, cpu_s=0.5, workers=1)
def mine(completion):
    if completion == "loop":
        while True: pass
    return 1.0
{guard}
{indent}column = mine.score(Batch.of(completion=["a", "loop"]))
{indent}print(column.values.tolist(), [status.name for status in column.statuses])
"""


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script with this package on its path."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, str(path)], env=environment, capture_output=True, text=True, check=False)


def test_an_isolated_function_of_the_script_itself(tmp_path):
    """Law: a function of the running script is isolated by loading its file, as a module."""
    path = tmp_path / "script.py"
    path.write_text(GUARDED.format(guard='if __name__ == "__main__":', indent="    "))
    done = run(path)
    assert done.stdout == "[1.0, 0.0] ['OK', 'TOO_COSTLY']\n", done.stderr


def test_a_script_without_a_guard_starts_no_chain_of_processes(tmp_path):
    """Law: a worker that loads an unguarded script does not start workers of its own: the error says what to do."""
    path = tmp_path / "script.py"
    path.write_text(GUARDED.format(guard="", indent=""))
    done = run(path)
    assert done.returncode == 1
    assert "RewardLoadError" in done.stderr
    assert "if __name__ == '__main__'" in done.stderr


def test_no_row_error_is_swallowed():
    """Law: what is wrong with the input is no fault of the function and raises as it is."""
    with pytest.raises(RowError):
        cells(reward_functions.half.with_on_error("unscored"), ["a", None])
    with pytest.raises(UnknownReward):
        load_reward("reward_functions.half")
