r"""The exact tier never says what it cannot be sure of, and is total on any text."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards.equivalence.decision import Decision, Equivalence
from r1rewards.equivalence.exact import canonical, compare, plain_number

TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\ud800\x00\\{}$,. 0123456789-/")))
TEX = st.lists(
    st.sampled_from(
        ["\\left", "\\right", "\\frac", "\\dfrac", "\\quad", "\\,", "\\ ", "\\\\", "\\", "{", "}", "$", "~", " ", ",",
         ".", "-", "−", "/", "1", "2", "12", "x", "("]
    ),
    max_size=12,
).map("".join)  # fmt: skip


def decision(ground_truth: str, answer: str) -> Decision | None:
    """What the tier says."""
    verdict = compare(ground_truth, answer)
    return None if verdict is None else verdict.decision


@pytest.mark.parametrize(
    ("ground_truth", "answer"),
    [
        ("5", "5"),
        ("5", " $5$. "),
        (r"\frac{1}{2}", r"\dfrac12"),
        (r"\frac{1}{2}", "0.5"),
        ("1/2", "2/4"),
        ("0.50", ".5"),
        ("-3", "−3"),
        (r"-\frac12", "-0.5"),
        (r"-\frac12", r"\frac{-1}{2}"),
        ("1234", "1,234"),
        ("1234567.5", r"1{,}234{,}567.5"),
        (r"10,\!000", "10000"),
        (r"\left( 1, 2 \right)", "(1,2)"),
        (r"\displaystyle x^2", "x ^ 2"),
        (r"a\quad b", "a b"),
        (r"\begin{pmatrix}1\\ 2\end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
        ("x=5", "x = 5"),
        ("007", "7"),
        ("-0", "0"),
        (r"10\,000", "10~000"),
    ],
)
def test_equal(ground_truth, answer):
    """Law: harmless notation and the way a number is written do not matter, either way round."""
    assert decision(ground_truth, answer) is Decision.EQUAL
    assert decision(answer, ground_truth) is Decision.EQUAL


@pytest.mark.parametrize(
    ("ground_truth", "answer"),
    [("10", "11"), ("1/2", "1/3"), ("1,234", "1235"), ("5", "-5"), ("12", ""), ("5", "$ $")],
)
def test_different(ground_truth, answer):
    """Law: two plain exact numbers that differ differ; an empty answer equals nothing."""
    assert decision(ground_truth, answer) is Decision.DIFFERENT


@pytest.mark.parametrize(
    ("ground_truth", "answer"),
    [
        ("x+1", "1+x"),
        ("0.333", "1/3"),
        ("3.14", "3.15"),
        ("12", "1 2"),
        ("3 1/2", "31/2"),
        (r"3\ 1/2", "31/2"),
        ("$1$ $2$", "12"),
        (r"1\quad 2", "12"),
        ("1234", "1, 234"),
        ("1, 234", "1234"),
        (r"1\\2", "12"),
        (r"1\\,2", "1\\2"),
        ("1/0", "1"),
        (r"\frac{1}{0}", "0"),
        ("12", "1,2"),
        ("1", "1.2.3"),
        (r"\leftarrow", "arrow"),
        (r"\bigcup", "cup"),
        ("50%", "0.5"),
        ("9" * 401, "8" * 401),
        ("x" * 10_001, "x" * 10_001),
    ],
)
def test_not_for_this_tier(ground_truth, answer):
    """Law: what may mean something else is left to the next tier, either way round."""
    assert decision(ground_truth, answer) is None
    assert decision(answer, ground_truth) is None


def test_an_empty_reference_is_the_datas_fault():
    """Law: a reference of nothing but notation cannot be used, whatever the answer."""
    assert decision(" $ ", "5") is Decision.BAD_REFERENCE
    assert decision("", "") is Decision.BAD_REFERENCE


@given(TEXT | TEX, TEXT | TEX)
def test_total_and_symmetric(left, right):
    """Law: any two texts are compared, and but for empty ones the order does not matter."""
    verdict = decision(left, right)
    if canonical(left) and canonical(right):
        assert verdict is decision(right, left)


@given(TEXT | TEX)
def test_every_text_equals_itself(text):
    """Law: a text that says anything equals itself, also with spaces around."""
    if canonical(text):
        assert decision(text, f"  {text}\n") is Decision.EQUAL


@given(TEX)
def test_a_gap_between_digits_is_never_closed(text):
    """Law: canonical form never makes a longer number out of two (a gap between digits stays one)."""
    digits = "".join(c if c.isdigit() else " " for c in text.replace("$", " ")).split()
    runs = "".join(c if c.isdigit() else " " for c in canonical(text)).split()
    assert all(run in digits for run in runs) or "\\left" in text or "\\right" in text


@given(st.fractions(max_denominator=10**6), st.fractions(max_denominator=10**6))
def test_fractions_compare_as_fractions(left, right):
    """Law: ratios are compared exactly."""
    verdict = compare(f"{left.numerator}/{left.denominator}", str(right))
    assert verdict is not None
    assert bool(verdict) is (left == right)


@given(st.integers(-(10**30), 10**30), st.integers(0, 6))
def test_numbers_in_all_their_spellings(number, places):
    """Law: every plain spelling of a number is read as that number."""
    shown = [str(number), f"{number:,}", f"{number:,}".replace(",", "{,}"), f"{number}/1"]
    if places:
        shown.append(f"{number}.{'0' * places}")
        shown.append(f"{number:,}.{'0' * places}")
    assert {plain_number(text) for text in shown} == {Fraction(number)}


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1e5", "1_000", "0x10", "∞", "½", "1,23", "--1", "1/-2", "٣x", "nan", "1,2345"]
)
def test_what_is_no_plain_number(text):
    """Law: only the plain forms are numbers; Python's own spellings are not."""
    assert plain_number(text) is None


def test_only_equal_is_true():
    """Law: a verdict is truthy exactly when it says equal."""
    assert [bool(Equivalence(decision, "t", "r")) for decision in Decision] == [
        decision is Decision.EQUAL for decision in Decision
    ]
