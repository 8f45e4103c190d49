"""What is read without the parser is read as the parser reads it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.equivalence import engine
from r1rewards.equivalence.decision import Decision
from r1rewards.equivalence.plain_numbers import plain_number
from r1rewards.equivalence.reading import read, read_generally
from r1rewards.equivalence.semantics import DEFAULT

_PIECES = ["0", "1", "7", "12", "000", "345", ".", ",", "/", "-", "+", "\\frac{", "\\dfrac{", "}{", "}", " ", "٣"]
_WHOLE = st.integers(-(10**12), 10**12).map(str)
_DIGITS = st.text("0123456789", min_size=1, max_size=9)
_WRITTEN = st.one_of(
    _WHOLE,
    st.tuples(st.sampled_from(["", "-", "+"]), _DIGITS, _DIGITS).map(lambda t: f"{t[0]}{t[1]}.{t[2]}"),
    _DIGITS.map(lambda digits: "." + digits),
    st.integers(-(10**12), 10**12).map(lambda n: f"{n:,}"),
    st.tuples(st.integers(-(10**9), 10**9), _DIGITS).map(lambda t: f"{t[0]:,}.{t[1]}"),
    st.tuples(st.sampled_from(["", "-", "+"]), _DIGITS, _DIGITS).map(lambda t: f"{t[0]}{t[1]}/{t[2]}"),
    st.tuples(st.sampled_from(["\\frac", "-\\dfrac", "+\\tfrac"]), _WHOLE, _DIGITS).map(
        lambda t: f"{t[0]}{{{t[1]}}}{{{t[2]}}}"
    ),
    st.tuples(st.sampled_from(["", "-", "+"]), _DIGITS, st.sampled_from(["", " "]), _DIGITS, _DIGITS).map(
        lambda t: rf"{t[0]}{t[1]}{t[2]}\frac{{{t[3]}}}{{{t[4]}}}"
    ),
    st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 12)).map(
        lambda t: rf"{t[0]}\frac{{{t[1]}}}{{{t[2]}}}"
    ),
)


@settings(max_examples=1_000)
@given(st.one_of(_WRITTEN, st.lists(st.sampled_from(_PIECES), max_size=9).map("".join)))
def test_a_plain_number_is_what_the_parser_reads(text: str) -> None:
    """Whatever is taken for a plain number has the parser's reading: text, tree and second reading."""
    for written in (text, f"${text}$", f"$ {text}\n$", f"${text}"):
        assert read(written) == read_generally(written)


@pytest.mark.parametrize(
    "text", ["7", "-12", "+5", "2.50", ".5", "1,234", "-28,800.5", "3/4", "-3/4", r"\frac{3}{4}", r"1\frac{3}{4}"]
)
def test_plain_numbers_take_the_short_way(text: str) -> None:
    """The common forms are read without the parser."""
    assert plain_number(text) is not None


@pytest.mark.parametrize("text", ["", "x", "2x", "1,23", "0,123", "1.2.3", "12 m", "1e5", r"\frac12", "7.", "٣"])
def test_all_else_is_left_to_the_parser(text: str) -> None:
    """What is more than a plain number, or written otherwise, is none here."""
    assert plain_number(text) is None


@settings(max_examples=500)
@given(
    st.one_of(_WRITTEN, st.lists(st.sampled_from([*_PIECES, "$", "\\", "x", "\\text{a}"]), max_size=5).map("".join)),
    st.one_of(st.none(), _WRITTEN),
    st.sampled_from([("$", "$"), ("$ ", " $"), ("", "")]),
)
def test_dollars_are_taken_off_as_the_parser_does(text: str, other: str | None, around: tuple[str, str]) -> None:
    """What is decided of references in dollars without the parser is what it decides."""
    truth, answer = around[0] + text + around[1], (text if other is None else other).strip()
    long = engine._decide(truth.strip(), answer, DEFAULT).decision
    if long is not Decision.BAD_REFERENCE:
        assert engine.equivalent(truth, answer).decision is long
