"""The json reward: one valid JSON value and nothing else; a hostile pattern cannot hang it."""

from __future__ import annotations

import importlib.util

import pytest

from r1rewards import Batch, load_reward
from r1rewards.errors import MissingExtra, OptionError

NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 0}}}


@pytest.fixture(scope="module")
def made():
    """A reward whose workers run."""
    reward = load_reward("json", cpu_s=1.0)
    yield reward
    reward.close()


def judged(made, answers, schemas, **columns):
    """Score and return values and statuses."""
    batch = Batch.of(completion=[f"<think>r</think>{answer}" for answer in answers], schema=schemas, **columns)
    column = made.score(batch)
    return column.values.tolist(), [status.name for status in column.statuses]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ('{"n": 1}', 1.0),
        (' {"n": 1}\n', 1.0),
        ('```json\n{"n": 1}\n```', 1.0),
        ('{"n": 1, "more": true}', 1.0),
        ('{"n": -1}', 0.0),
        ('{"n": "1"}', 0.0),
        ("{}", 0.0),
        ("[]", 0.0),
        ('{"n": 1} {"n": 1}', 0.0),
        ('Sure: {"n": 1}', 0.0),
        ('{"n": 1}<|im_end|>x', 0.0),
        ("{'n': 1}", 0.0),
        ('{"n": 1', 0.0),
        ("", 0.0),
        ("[" * 500, 0.0),
        ('{"n": ' + "9" * 5000 + "}", 0.0),
    ],
)
def test_valid_or_not(made, answer, value):
    """Law: JSON Schema decides on the one value that the answer is."""
    assert judged(made, [answer], [NUMBER])[0] == [value]


def test_statuses(made):
    """Law: invalid is malformed, nothing is no answer, cut off is truncated, a bad schema is the data's fault."""
    answers = ['{"n": "x"}', "", "", '{"n": 1}', '{"n": 1}', '{"n": 1}', '{"n": 1}', '{"n": 1}']
    schemas = [NUMBER, NUMBER, NUMBER, {"type": "nonsense"}, "not json", {"$ref": "http://127.0.0.1:9/x"}, None, True]
    said = judged(made, answers, schemas, truncated=[False, False, True, *[False] * 5])[1]
    bad = ["BAD_REFERENCE"] * 3
    assert judged(made, ["no JSON"], [{"type": "nonsense"}])[1] == ["BAD_REFERENCE"]
    assert said == ["MALFORMED", "NO_ANSWER", "TRUNCATED", *bad, "NOT_APPLICABLE", "OK"]


def test_a_pattern_that_never_ends_costs_its_own_row(made):
    """Law: a schema's expression that backtracks for ever spends the row's budget, and its neighbours do not notice."""
    slow = {"type": "string", "pattern": "^(a+)+$"}
    said = judged(made, ['"' + "a" * 40 + '!"', '{"n": 1}', '"aa"'], [slow, NUMBER, slow])
    assert said == ([0.0, 1.0, 1.0], ["TOO_COSTLY", "OK", "OK"])


def test_schema_as_an_option_and_as_json():
    """Law: one schema for all rows needs no column; a column may hold JSON."""
    fixed = load_reward("json", schema=NUMBER)
    try:
        assert fixed.requires == ()
        assert fixed.score(Batch.of(completion=['{"n": 1}'])).values.tolist() == [1.0]
        assert judged(load_reward("json"), ['{"n": 1}'], ['{"type": "array"}'])[0] == [0.0]
    finally:
        fixed.close()
    with pytest.raises(OptionError, match="schema"):
        load_reward("json", schema=5)


def test_without_the_extra(monkeypatch):
    """Law: without jsonschema the error names the pip line."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"r1rewards\[json\]"):
        load_reward("json").score(Batch.of(completion=["{}"], schema=[NUMBER]))
