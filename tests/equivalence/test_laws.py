"""Generated laws: an expression equals its own rewriting and differs from a perturbed one."""

from __future__ import annotations

import random

import pytest
import sympy as sp
from generated_rewritings import REWRITINGS, expression
from laws import Tally, tally
from notation import random_style, written
from oracle import same_value
from perturbed import PERTURBATIONS

SAMPLE_EACH = 10
FULL_EACH = 500


def shown(tallies: list[Tally], most: int = 10) -> str:
    """Return the first failures for people."""
    wrong = [(t.kind, case, decision) for t in tallies for case, decision in t.wrong]
    lines = [f"{kind}: {c.ground_truth!r} | {c.answer!r} -> {d.value}" for kind, c, d in wrong[:most]]
    return f"{len(wrong)} of {sum(t.rows for t in tallies)}\n" + "\n".join(lines)


def missed_share(tallies: list[Tally]) -> float:
    """Return the share of rewritings that were not found equal."""
    return sum(len(t.wrong) for t in tallies) / sum(t.rows for t in tallies)


def test_an_expression_equals_its_rewriting():
    """At most one in a hundred rewritings is missed or undecided (a small seeded sample of every kind)."""
    tallies = tally(equal=True, each=SAMPLE_EACH, seed=1)
    assert all(t.rows == SAMPLE_EACH for t in tallies)
    assert missed_share(tallies) <= 0.01, shown(tallies)


def test_an_expression_differs_from_its_perturbation():
    """No perturbation is found equal (a small seeded sample of every kind)."""
    tallies = tally(equal=False, each=SAMPLE_EACH, seed=1)
    assert all(t.rows == SAMPLE_EACH for t in tallies)
    assert not any(t.wrong for t in tallies), shown(tallies)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(REWRITINGS))
def test_all_rewritings(kind):
    """At most one in a hundred rewritings of every kind is missed, 500 of each."""
    tallies = tally(equal=True, each=FULL_EACH, seed=2, kinds=[kind])
    assert tallies[0].rows == FULL_EACH
    assert missed_share(tallies) <= 0.01, shown(tallies)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(PERTURBATIONS))
def test_all_perturbations(kind):
    """No perturbation of any kind is found equal, 500 of each."""
    tallies = tally(equal=False, each=FULL_EACH, seed=2, kinds=[kind])
    assert tallies[0].rows == FULL_EACH
    assert not any(t.wrong for t in tallies), shown(tallies)


def test_no_kind_is_lost():
    """The makers of all modules are registered: a kind that is not there would hold every law."""
    assert len(REWRITINGS) >= 40
    assert len(PERTURBATIONS) >= 27


def test_the_writer_writes_what_is_meant():
    """Plain text from our writer, read by sympy, has the value of the expression it was written from."""
    rng = random.Random(5)
    for number in range(60):
        e = expression(rng, "drtea")
        text = written(e, random_style(rng, "ascii")).replace("arc", "a").replace("^", "**")
        names = {s.name: s for s in e.free_symbols}
        again = sp.sympify(text, locals={**names, "e": sp.E, "ln": sp.log, "abs": sp.Abs})
        assert same_value(e, again, f"writer/{number}"), (e, text)


def test_the_oracle_tells_close_values_apart():
    """Twelve equal digits are not enough for the oracle to speak of equality, nor for a difference."""
    x = sp.Symbol("x")
    assert same_value(sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.Integer(1), "a") is True
    assert same_value(x + sp.Rational(1, 10**20), x, "a") is None
    assert same_value(x + sp.Rational(1, 10**6), x, "a") is False
    assert same_value(sp.sqrt(x**2), x, "a") is None
    assert same_value(sp.sqrt(x**2), x, "a", positive_only=True) is True
