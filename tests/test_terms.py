"""Written terms: every part of `[ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]`, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards import FormatReward, MathReward
from r1rewards.errors import R1RewardsError, UnknownReward, UsageError
from r1rewards.terms import Term, TermSpec, term_of

WORDS = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "spec", "key"),
    [
        ("math", TermSpec("math"), "math"),
        (" math ", TermSpec("math"), "math"),
        ("math@0.5", TermSpec("math", weight=0.5), "math"),
        ("math@-1e-1", TermSpec("math", weight=-0.1), "math"),
        ("strict=math", TermSpec("math", "strict"), "strict"),
        ("math?task=math", TermSpec("math", when=("task", "math")), "math"),
        ("math@2?task=", TermSpec("math", weight=2.0, when=("task", "")), "math"),
        ("math@1?a=b=c?d@e", TermSpec("math", when=("a", "b=c?d@e")), "math"),
        ("p.m:attr@0", TermSpec("p.m:attr", weight=0.0), "attr"),
        ("p.m:Class.method", TermSpec("p.m:Class.method"), "method"),
        ("a=/x y/mine.py:f@3", TermSpec("/x y/mine.py:f", "a", 3.0), "a"),
    ],
)
def test_parts(text, spec, key):
    """Law: alias, spec, weight and route are read as they are written."""
    assert TermSpec.parse(text) == spec
    assert TermSpec.parse(text).key == key


@given(
    st.none() | WORDS,
    WORDS,
    st.none() | st.floats(allow_nan=False),
    st.none() | st.tuples(WORDS, st.text(max_size=8).filter(lambda text: text == text.strip())),
)
def test_round_trip(alias, spec, weight, when):
    """Law: what is written from parts reads back as those parts."""
    text = f"{alias}=" if alias else ""
    text += spec
    text += f"@{weight!r}" if weight is not None else ""
    text += f"?{when[0]}={when[1]}" if when else ""
    assert TermSpec.parse(text) == TermSpec(spec, alias, 1.0 if weight is None else weight, when)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    """Law: parsing is total."""
    try:
        spec = TermSpec.parse(text)
    except UsageError:
        return
    assert spec.spec
    assert spec.spec in text


@pytest.mark.parametrize("text", ["", "=math", "@1", "math@", "math@x", "math?task", "?a=b", "a=b=math"])
def test_what_is_no_term(text):
    """Law: the error shows the form that is expected."""
    with pytest.raises(UsageError, match=r"expected|not a number"):
        TermSpec.parse(text)


def test_entries():
    """Law: a reward, a written term and a term all become terms; an alias or weight given is kept."""
    own = MathReward()
    assert term_of(own) == Term("math", own)
    assert term_of("f=format@0.5") == Term("f", FormatReward(), 0.5)
    term = Term("x", own, 2.0, ("a", "b"))
    assert term_of(term) is term


@pytest.mark.parametrize("entry", [None, 5, MathReward, object(), ["math"], lambda completion: 1.0])
def test_what_is_no_entry(entry):
    """Law: anything else is refused at once, a class that was not called among it."""
    with pytest.raises(UsageError, match="expected a reward"):
        term_of(entry)


def test_unknown_names():
    """Law: the error lists the rewards there are."""
    with pytest.raises(UnknownReward, match=r"format.*math") as caught:
        term_of("mth@1")
    assert isinstance(caught.value, R1RewardsError)
