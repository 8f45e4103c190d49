"""Expressions with rewritings that keep their value and perturbations that change it, made with sympy."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import sympy as sp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

X, Y, N = sp.symbols("x y n")
REWRITINGS: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "expand": sp.expand,
    "factor": lambda e: sp.factor(e) if not e.has(sp.sin, sp.cos, sp.log, sp.exp) else sp.expand(e),
    "together": sp.together,
    "radsimp": lambda e: sp.radsimp(e) if not e.free_symbols else sp.together(e),
    "trig": lambda e: (
        sp.expand_trig(e.subs(X, 2 * X)).subs(X, X / 2) if e.has(sp.sin, sp.cos) else sp.expand(e)
    ),
    "reorder": lambda e: e,
    "notation": lambda e: e,
    "shift": lambda e: sp.Add(e, sp.Integer(7), evaluate=False) - 7,
}


def atom(rng: random.Random, constant: bool) -> sp.Expr:
    """Return a leaf."""
    roll = rng.random()
    if constant or roll < 0.45:
        kind = rng.randrange(6)
        if kind < 3:
            return sp.Integer(rng.randint(1, 12))
        if kind == 3:
            return sp.Rational(rng.randint(1, 9), rng.randint(2, 9))
        return sp.sqrt(rng.choice([2, 3, 5, 6, 7])) if kind == 4 else sp.pi
    return rng.choice([X, X, Y])


def tree(rng: random.Random, depth: int, constant: bool) -> sp.Expr:
    """Return an expression of about this depth."""
    if depth == 0:
        return atom(rng, constant)
    kind = rng.randrange(9)
    a = tree(rng, depth - 1, constant)
    b = tree(rng, rng.randrange(depth), constant)
    if kind < 2:
        return a + b
    if kind == 2:
        return a - b
    if kind < 5:
        return a * b
    if kind == 5:
        return a / b if b != 0 else a
    if kind == 6:
        return a ** rng.choice([2, 3, -1]) if a != 0 else a
    if kind == 7:
        return sp.sqrt(a**2 + rng.randint(1, 5))
    function = rng.choice([sp.sin, sp.cos, sp.exp, lambda z: sp.log(z**2 + 2), sp.atan])
    return function(a)


def spelled(e: sp.Expr, rng: random.Random, how: str) -> str:
    """Return the expression as LaTeX or plain text."""
    if how == "plain":
        return str(e).replace("E", "e") if "E" in str(e) else str(e)
    order = rng.choice(["lex", "grlex", "rev-lex"])
    text = sp.latex(e, order=order, ln_notation=rng.random() < 0.5)
    if rng.random() < 0.2:
        text = text.replace("\\frac", "\\dfrac")
    return text


def value(e: sp.Expr, point: dict[sp.Symbol, sp.Rational]) -> complex | None:
    """Return fifty digits at a point, or None where there is no finite value."""
    try:
        v = sp.N(e.subs(point), 50)
        return v if v.is_finite and v.is_number else None
    except Exception:
        return None


POINTS = [
    {X: sp.Rational(7, 5), Y: sp.Rational(11, 3)},
    {X: sp.Rational(29, 11), Y: sp.Rational(3, 7)},
    {X: sp.Rational(-13, 9), Y: sp.Rational(-5, 4)},
]


def compare(a: sp.Expr, b: sp.Expr) -> bool | None:
    """Judge by fifty digits: the same, different, or no judgement."""
    judged = 0
    for point in POINTS:
        va, vb = value(a, point), value(b, point)
        if va is None or vb is None:
            continue
        if abs(va) > 10**30:
            continue
        judged += 1
        if abs(va - vb) > sp.Float(10) ** -30 * (1 + abs(va)):
            return False if abs(va - vb) > sp.Float(10) ** -12 * abs(va) else None
    return True if judged else None


def perturbed(e: sp.Expr, rng: random.Random) -> sp.Expr:
    """Change one number, sign, function or variable somewhere in the expression."""
    nodes = [
        n for n in sp.preorder_traversal(e) if n.is_Integer or n.is_Rational or n in (X, Y) or n.is_Function
    ]
    if not nodes:
        return e + 1
    target = rng.choice(nodes)
    if target.is_Number:
        new = rng.choice([-target, target + 1, target + 10, target * 2])
    elif target.is_Symbol:
        new = rng.choice([Y if target == X else X, -target, target + 1])
    else:
        new = rng.choice([-target, target + 1, sp.cos(target.args[0]), sp.sin(target.args[0])])
    return e.xreplace({target: new})


def samples(seed: int, count: int) -> Iterator[tuple[str, str, str, bool]]:
    """Yield kind, ground truth, answer and label: half rewritings, half perturbations."""
    rng = random.Random(seed)
    kinds = list(REWRITINGS)
    made = 0
    while made < count:
        constant = rng.random() < 0.3
        e = tree(rng, rng.choice([3, 4, 4, 5]), constant)
        if sp.count_ops(e) > 60 or e.has(sp.zoo, sp.nan, sp.oo) or sp.count_ops(e) < 3:
            continue
        truth = spelled(e, rng, "latex")
        kind = kinds[made % len(kinds)]
        try:
            other = REWRITINGS[kind](e)
        except Exception:
            continue
        if sp.count_ops(other) > 250 or compare(e, other) is not True:
            continue
        yield kind, truth, spelled(other, rng, "plain" if kind == "notation" else "latex"), True
        wrong = perturbed(e if rng.random() < 0.5 else other, rng)
        if sp.count_ops(wrong) < 250 and not wrong.has(sp.zoo, sp.nan) and compare(e, wrong) is False:
            yield "perturbed", truth, spelled(wrong, rng, rng.choice(["plain", "latex"])), False
        made += 1
