"""Every exception travels between processes whole and has the exit code that its family promises."""

from __future__ import annotations

import copy
import pickle

import pytest

from r1rewards import errors

EVERY = [
    errors.R1RewardsError("root"),
    errors.UsageError("usage"),
    errors.UnknownReward("mth", ["math", "format"]),
    errors.RewardLoadError("load"),
    errors.OptionError("option"),
    errors.MissingExtra("Parquet input", "pyarrow", "parquet"),
    errors.DataError("data"),
    errors.RowError("expected a string; found null", file="a.jsonl", line=7, column="completion"),
    errors.RowError("bare"),
    errors.MissingColumn("tests", "reward 'code'", ["completion", "prompt"]),
    errors.RewardError("contract"),
    errors.InfraError("machine"),
    errors.WorkerStartError("worker"),
    errors.SandboxUnavailable("wall"),
    errors.TooManyUnscored("unscored"),
]


def test_every_exception_is_tested():
    """Law: the list above holds every exception of the module."""
    kinds = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)}
    kinds -= {kind for kind in kinds if issubclass(kind, Warning)}
    assert kinds == {type(error) for error in EVERY}
    assert kinds == {kind for kind in kinds if kind.__name__ in (errors.__doc__ or "")}


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("travel", [*range(pickle.HIGHEST_PROTOCOL + 1), "copy", "deepcopy"])
def test_pickle_and_copy_keep_all(error, travel):
    """Law: pickled, copied, deep-copied: the same type, message and attributes."""
    again = pickle.loads(pickle.dumps(error, travel)) if isinstance(travel, int) else getattr(copy, travel)(error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.args == error.args
    assert vars(again) == vars(error)


def test_a_subclass_stays_itself():
    """Law: a subclass of an error with its own constructor is rebuilt as that subclass."""
    again = pickle.loads(pickle.dumps(OurRowError("bad", line=3)))
    assert type(again) is OurRowError
    assert (again.line, str(again)) == (3, "row 3: bad")


class OurRowError(errors.RowError):
    """As a reader of files might make one."""


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_exit_codes(error):
    """Law: 3 for bad data and for too many unscored rows, 2 for all else; a warning ends nothing."""
    if isinstance(error, errors.R1RewardsWarning):
        return
    bad_rows = isinstance(error, (errors.DataError, errors.TooManyUnscored))
    assert error.exit_code == (3 if bad_rows else 2)
    assert isinstance(error, errors.R1RewardsError)


def test_messages_name_place_and_cure():
    """Law: what went wrong, where, and what to do stand in the message."""
    assert str(EVERY[7]) == "a.jsonl:7, column 'completion': expected a string; found null"
    assert "format, math" in str(EVERY[2])
    assert "pip install 'r1rewards[parquet]'" in str(EVERY[5])
    assert isinstance(EVERY[5], ImportError)
    assert "completion, prompt" in str(EVERY[9])
    assert "none" in str(errors.MissingColumn("x", "y", []))


def test_a_row_error_is_placed_once():
    """Law: a reader fills in the place where it is unknown and leaves it where it is known."""
    placed = errors.RowError("bad", column="c").at("f.jsonl", 4)
    assert str(placed) == "f.jsonl:4, column 'c': bad"
    assert str(placed.at("other", 9)) == str(placed)
