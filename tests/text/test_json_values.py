"""Strict JSON from hostile text."""

from __future__ import annotations

import json

import pytest
from hostile_text import ANY_TEXT
from hypothesis import given
from hypothesis import strategies as st

from r1rewards.text.json_values import json_part, read_json
from r1rewards.text.transcript import Span

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_what_json_writes_is_read(value):
    """Law: every JSON value is read as itself."""
    found = read_json(json.dumps(value))
    assert (found.value, found.problem) == (value, "")


@given(ANY_TEXT)
def test_total(text):
    """Law: any text is read or has a problem, and what is read can be written."""
    found = read_json(text)
    assert found.problem or json.dumps(found.value, allow_nan=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "NaN",
        "-Infinity",
        "1e999",
        "[1,]",
        "{'a': 1}",
        '{"a":1,"a":2}',
        "1 2",
        "[" * 200 + "]" * 200,
        "9" * 5000,
        '"' + "x" * 1_000_001 + '"',
        "[" * 100_000,
        '{"a":' * 100_000,
        "\ufeff1",
    ],
    ids=lambda text: text[:12],
)
def test_refused(text):
    """Law: what is no JSON, or too large or deep for any reader, is refused with a reason."""
    assert read_json(text).problem


def test_brackets_inside_strings_are_no_depth():
    """Law: only real nesting counts."""
    assert read_json(json.dumps("[" * 500)).value == "[" * 500
    assert read_json(json.dumps('\\"' + "[" * 500)).problem == ""


@pytest.mark.parametrize(
    ("text", "part", "problem"),
    [
        ("[1]", "[1]", ""),
        ("```json\n[1]\n```", "[1]\n", ""),
        ("```\n[1]\n```\n", "[1]\n", ""),
        ("Here: [1]", "Here: [1]", ""),
        ("Here:\n```json\n[1]\n```", "", "text around"),
        ("```json\n[1]\n```\n```json\n[2]\n```", "", "several"),
        ("```json\n[1]", "", "never closed"),
        ('{"a": "\n```\nx\n```\n"}', '{"a": "\n```\nx\n```\n"}', ""),
    ],
)
def test_the_part_that_is_meant(text, part, problem):
    """Law: the answer is the JSON, or one fenced block that is all of it."""
    found, why = json_part(text, Span(0, len(text)))
    assert found == part
    assert problem in why
