"""Output lines: the input's bytes with new columns behind them, whatever the input and the details hold."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.errors import RowError
from r1rewards.rollouts.jsonl import OutputNames, check_names, input_part, json_bytes, output_line, written_part
from r1rewards.rollouts.rows import Row

TEXT = st.text(st.characters(), max_size=8)  # lone surrogates and NUL among them
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=4)
SPACE = st.sampled_from(["", " ", "\t", "\r"])


@settings(deadline=None, max_examples=200)
@given(values=OBJECT, added=OBJECT, space=SPACE, raw=st.booleans())
def test_a_line_reads_as_the_row_and_the_new_columns(values, added, space, raw):
    """For any object a line parses to the input's columns plus the new ones, in order, and is one line."""
    added = {f"+{name}": value for name, value in added.items() if f"+{name}" not in values}
    own = (json.dumps(values)[:-1] + space + "}").encode()
    row = Row(values, "a", 1, own if raw else None)
    line = output_line(row, added)
    assert json.loads(line) == {**values, **added}
    assert list(json.loads(line)) == [*values, *added]
    assert b"\n" not in line
    assert not raw or line.startswith(own[:-1])


@settings(deadline=None)
@given(values=OBJECT, other=OBJECT, raw=st.booleans())
def test_new_columns_are_read_back_for_their_own_row_only(values, other, raw):
    """What was added is read back from the line of the same row, and from no other row's."""
    for one in (values, other):
        one.pop("reward", None)
    added = {"reward": 0.5, "rewards": {"math": None}}
    rows = [Row(each, "a", 1, json.dumps(each).encode() if raw else None) for each in (values, other)]
    line = output_line(rows[0], added)
    assert written_part(rows[0], line, "reward") == added
    if json.dumps(values) != json.dumps(other):
        assert written_part(rows[1], line, "reward") is None


def test_a_line_is_not_taken_for_that_of_a_row_it_begins_like():
    """A row whose bytes are a mere beginning of another's is another row."""
    line = output_line(Row({"a": 12}, "a", 1, b'{"a": 12}'), {"reward": 1.0})
    assert written_part(Row({"a": 1}, "a", 1, b'{"a": 1}'), line, "reward") is None
    assert written_part(Row({}, "a", 1, b"{}"), line, "reward") is None
    assert written_part(Row({"a": 12}, "a", 1, b'{"a": 12}'), line[:-3], "reward") is None


def test_the_users_bytes_stay_as_they_are():
    """Spacing, number forms, escapes and doubled keys of the input come out untouched."""
    raw = '{"a" : 1.50,  "a":1e5, "ü":"\\u00fc", "big":'.encode() + b"9" * 9999 + b" }"
    line = output_line(Row({"a": 1}, "a", 1, raw), {"reward": 1.0})
    assert line == raw[:-1] + b', "reward": 1.0}'
    assert output_line(Row({}, "a", 1, b"{ }"), {"reward": 1.0}) == b'{ "reward": 1.0}'
    assert output_line(Row({}, "a", 1), {"reward": 1.0}) == b'{"reward": 1.0}'
    assert output_line(Row({"a": 1}, "a", 1, b'{"a":1}'), {}) == b'{"a":1}'
    assert output_line(Row({"a": 1}, "a", 1), {}) == b'{"a": 1}'


def test_output_never_overwrites_input():
    """A new column of a name that the row has is an error with place and cure; a prefix is the cure."""
    row = Row({"completion": "a", "reward": 3}, "b.jsonl", 7, b'{"completion":"a","reward":3}')
    for attempt in (
        lambda: output_line(row, {"reward": 1.0}),
        lambda: check_names(row, OutputNames().used(details=False)),
    ):
        with pytest.raises(RowError, match="--output-prefix") as caught:
            attempt()
        assert (caught.value.file, caught.value.line, caught.value.column) == ("b.jsonl", 7, "reward")
    check_names(row, OutputNames.prefixed("r1_").used(details=True))


def test_names():
    """Names are written in one order, details only when asked for."""
    assert OutputNames().used(details=True) == ("reward", "rewards", "status", "details")
    assert OutputNames.prefixed("x_").used(details=False) == ("x_reward", "x_rewards", "x_status")


def test_text_keeps_its_characters():
    """Text is written as UTF-8; only lone surrogates force escapes."""
    assert json_bytes({"a": "é∪"}) == '{"a": "é∪"}'.encode()
    assert json_bytes({"a": "é\ud800"}) == b'{"a": "\\u00e9\\ud800"}'
    assert json_bytes({"a": "\ud800", "b": math.nan}) == b'{"a": "\\ud800", "b": null}'


def test_details_may_hold_anything():
    """Whatever a reward puts into its details is written as valid JSON."""

    class Colour(enum.Enum):
        RED = 1

    @dataclasses.dataclass
    class Thing:
        size: int

    endless: list = []
    endless += [endless, endless]
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    details = {
        "nan": math.nan,
        "inf": [-math.inf],
        "numpy": np.float32(0.5),
        "array": np.array([1, 2]),
        "flag": np.bool_(True),
        "set": {"b", "a"},
        "fraction": Fraction(1, 3),
        "bytes": b"\xff",
        "enum": Colour.RED,
        "thing": Thing(3),
        "endless": endless,
        "huge": 10**5000,
        3: "int key",
        (1, 2): "tuple key",
        None: "no key",
    }
    read = json.loads(json_bytes(details), parse_constant=pytest.fail)
    assert (read["nan"], read["inf"], read["numpy"], read["array"], read["flag"]) == (None, [None], 0.5, [1, 2], True)
    assert (read["set"], read["fraction"], read["huge"]) == (["a", "b"], "1/3", hex(10**5000))
    assert read["endless"] == ["a list", "a list"]
    assert (read["3"], read["(1, 2)"], read["null"]) == ("int key", "tuple key", "no key")
    json.loads(json_bytes({"deep": deep}))
    while deep:  # unnest by hand: freeing it in one go would be as deep
        deep = deep[0]


def test_rows_that_came_without_bytes():
    """A Parquet or array row is written anew: null for NaN, an error where it cannot be written at all."""
    assert (
        output_line(Row({"a": [math.nan, {"b": math.inf}]}, "a", 1), {"r": 1}) == b'{"a": [null, {"b": null}], "r": 1}'
    )
    assert input_part(Row({"a": "\ud800"}, "a", 1)) == b'{"a": "\\ud800", '
    deep: list = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(RowError, match="cannot be written"):
        output_line(Row({"a": deep}, "a", 1), {"r": 1})
