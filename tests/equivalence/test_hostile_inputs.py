"""Hostile answers end within their budget, raise nothing, run nothing, and leave the process as it was."""

from __future__ import annotations

import asyncio
import decimal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from hostile_inputs import hostile_inputs

from r1rewards.equivalence.engine import equivalent
from r1rewards.equivalence.extraction import POLICIES, extract

INPUTS = hostile_inputs()


@pytest.mark.parametrize("index", range(len(INPUTS)))
def test_a_hostile_answer_is_answered(index: int) -> None:
    """It equals no innocent reference, and every policy returns."""
    text = INPUTS[index]
    for truth in ("42", r"\sqrt{2} + x", "(1, 2)", r"\{1, 2, 3\}"):
        assert not equivalent(truth, text)
        equivalent(text, truth)
    for policy in POLICIES:
        extract(text, policy)


def test_nothing_is_executed() -> None:
    """No input has written the file that its code would write."""
    assert not Path("/tmp/owned").exists()


def test_the_process_stays_as_it_was() -> None:
    """No limit, precision or context of the process changes."""
    import mpmath

    before = (
        sys.getrecursionlimit(),
        sys.get_int_max_str_digits(),
        mpmath.mp.prec,
        decimal.getcontext().prec,
    )
    for text in INPUTS[:40]:
        equivalent(r"\sqrt{2}", text)
    after = (sys.getrecursionlimit(), sys.get_int_max_str_digits(), mpmath.mp.prec, decimal.getcontext().prec)
    assert before == after


def test_threads_and_event_loops_decide_alike() -> None:
    """Sixteen threads at once and an event loop give the verdicts of one idle thread."""
    from r1rewards.equivalence.engine import _decide
    from r1rewards.equivalence.semantics import DEFAULT

    texts = [
        r"\sqrt{2}+\sqrt{3}",
        r"\sqrt{5+2\sqrt{6}}",
        r"\sin^2 x+\cos^2 x",
        "1",
        r"\ln 8",
        r"3\ln 2",
        "e^{i\\pi}",
        "-1",
    ]
    pairs = [(a, b) for a in texts for b in texts] * 3
    alone = [_decide(a, b, DEFAULT).decision for a, b in pairs]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda p: _decide(*p, DEFAULT).decision, pairs)) == alone

    async def loop() -> list[object]:
        return [_decide(a, b, DEFAULT).decision for a, b in pairs]

    assert asyncio.run(loop()) == alone


PIECES = st.sampled_from(
    [
        r"\frac",
        r"\sqrt",
        r"{",
        r"}",
        r"(",
        r")",
        r"[",
        r"]",
        r"|",
        r"^",
        r"_",
        r"+",
        r"-",
        r"*",
        r"/",
        r"=",
        r"<",
        r"\le",
        r",",
        r";",
        r"1",
        r"2",
        r"12",
        r"0.5",
        r"x",
        r"y",
        r"k",
        r"\pi",
        r"e",
        r"i",
        r"\infty",
        r"\cup",
        r"\{",
        r"\}",
        r"\pm",
        r"!",
        r"%",
        r"^\circ",
        r"\text{cm}",
        r"and",
        r"or",
        r"\sin",
        r"\ln",
        r"\sum_{k=1}^{3}",
        r"\begin{pmatrix}",
        r"&",
        r"\\",
        r"\end{pmatrix}",
        r"$",
        r"'",
        r":",
        r"\in",
        r"\mathbb{R}",
        r"3m",
        r"\boxed{",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14), st.lists(PIECES, max_size=14))
def test_any_mixture_of_tokens_is_decided(a: list[str], b: list[str]) -> None:
    """Nothing raises, a text equals itself, and a verdict comes out the same twice."""
    left, right = " ".join(a), " ".join(b)
    first = equivalent(left, right)
    assert equivalent(left, right) == first
    if left.strip():
        assert equivalent(left, left)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_decided(a: str, b: str) -> None:
    """Nothing raises on any Unicode."""
    equivalent(a, b)
    for policy in POLICIES:
        extract(a, policy)


VALUES = st.sampled_from(
    [
        r"\frac12",
        "0.5",
        "x",
        "2x",
        r"\{1,2\}",
        "1,2",
        "2,1",
        "x>2",
        r"(2,\infty)",
        "[1,2]",
        r"1\le x\le 2",
        "x=3",
        "3",
        r"\pm 2",
        "2,-2",
        "3:4",
        "0.75",
        r"\sqrt2",
        r"\frac{2}{\sqrt2}",
        "12 cm",
        "0.12 m",
        "5",
        "-5",
        r"\emptyset",
        "odd",
    ]
)


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES)
def test_equality_is_symmetric(a: str, b: str) -> None:
    """Where the semantics say symmetric, the two sides may change places."""
    assert bool(equivalent(a, b)) == bool(equivalent(b, a))
