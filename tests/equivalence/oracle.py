"""An independent judge of generated pairs: 50-digit evaluation of what was meant, not of its text."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from mpmath.ctx_mp import MPContext

CTX = MPContext()  # a context of our own: the global one belongs to whoever runs the tests
CTX.dps = 50
# Between the two thresholds the oracle does not speak, and the pair does not count.
EQUAL_BELOW = CTX.mpf(10) ** -36
DIFFERENT_ABOVE = CTX.mpf(10) ** -12
LARGEST = CTX.mpf(10) ** 40

_FUNCTIONS = {
    sp.sin: CTX.sin,
    sp.cos: CTX.cos,
    sp.tan: CTX.tan,
    sp.cot: CTX.cot,
    sp.sec: CTX.sec,
    sp.csc: CTX.csc,
    sp.asin: CTX.asin,
    sp.acos: CTX.acos,
    sp.atan: CTX.atan,
    sp.sinh: CTX.sinh,
    sp.cosh: CTX.cosh,
    sp.tanh: CTX.tanh,
    sp.log: CTX.ln,
    sp.exp: CTX.exp,
    sp.Abs: abs,
    sp.factorial: CTX.factorial,
    sp.binomial: CTX.binomial,
    sp.floor: CTX.floor,
    sp.ceiling: CTX.ceil,
}


@dataclass(frozen=True)
class Meaning:
    """What a written answer means.

    ``shape`` is ``value``, ``tuple``, ``set``, ``matrix`` (first part: columns), ``equation`` (parts: the
    difference of its sides), ``union`` (parts: intervals as (low, high, low closed, high closed)) or
    ``exact`` (one `Fraction`, for numbers that 50 digits cannot tell apart).
    """

    shape: str
    parts: tuple


def evaluate(expression: sp.Basic, point: dict[str, object]) -> object:
    """Return the value at a point; an arithmetic error says that the point is outside the domain."""
    if expression.is_Symbol:
        return point[expression.name]
    if expression.is_Rational:
        return CTX.mpf(int(expression.p)) / int(expression.q)
    if expression is sp.pi:
        return +CTX.pi
    if expression is sp.E:
        return +CTX.e
    if expression is sp.I:
        return CTX.mpc(0, 1)
    values = [evaluate(a, point) for a in expression.args]
    if expression.is_Add:
        return CTX.fsum(values)
    if expression.is_Mul:
        return CTX.fprod(values)
    if expression.is_Pow:
        if abs(values[1]) > 500:
            raise OverflowError
        return CTX.power(values[0], values[1])
    return _FUNCTIONS[expression.func](*values)


def _values(expression: sp.Basic, points: list[dict[str, object]]) -> list[object]:
    found = []
    for point in points:
        try:
            value = evaluate(expression, point)
        except (ArithmeticError, ValueError):
            value = None
        if value is not None and not (CTX.isfinite(value) and abs(value) < LARGEST):
            value = None
        found.append(value)
    return found


def sample_points(names: list[str], seed: str, positive: bool) -> list[dict[str, object]]:
    """Return some points of the domain, fixed by the seed."""
    rng = random.Random(f"{seed}/{positive}")
    low = 0.2 if positive else -2.5
    count = 6 if names else 1
    return [{n: CTX.mpf(rng.uniform(low, 2.7)) + CTX.mpf(rng.random()) / 10**17 for n in names} for _ in range(count)]


def _gap(a: object, b: object) -> object:
    size = max(abs(a), abs(b))
    return CTX.mpf(0) if size == 0 else abs(a - b) / max(size, CTX.mpf(10) ** -12)


def same_value(a: sp.Basic, b: sp.Basic, seed: str, positive_only: bool = False) -> bool | None:
    """Return whether two expressions agree: on positive points, and where both are real on real ones."""
    names = sorted({s.name for s in a.free_symbols | b.free_symbols})
    points = sample_points(names, seed, positive=True)
    gaps = [
        _gap(u, v)
        for u, v in zip(_values(a, points), _values(b, points), strict=True)
        if u is not None and v is not None
    ]
    if len(gaps) < min(3, len(points)):
        return None
    if max(gaps) > DIFFERENT_ABOVE:
        return False
    if max(gaps) > EQUAL_BELOW:
        return None
    if positive_only or not names:
        return True
    points = sample_points(names, seed, positive=False)
    for u, v in zip(_values(a, points), _values(b, points), strict=True):
        if u is None or v is None or CTX.im(u) != 0 or CTX.im(v) != 0:
            continue
        if _gap(u, v) > EQUAL_BELOW:
            return None  # equal on one branch only: neither a rewriting nor a perturbation
    return True


def _all(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def judge(a: Meaning, b: Meaning, seed: str, positive_only: bool = False) -> bool | None:
    """Return whether two meanings are the same; None where the oracle does not speak."""
    if a.shape != b.shape:
        return False
    if a.shape == "exact":
        return Fraction(a.parts[0]) == Fraction(b.parts[0])
    if a.shape == "equation":
        return _same_up_to_factor(a.parts[0], b.parts[0], seed)
    if a.shape == "union":
        return _same_union(a.parts, b.parts, seed)
    if a.shape == "set":
        return _same_set(a.parts, b.parts, seed, positive_only)
    if a.shape == "matrix" and a.parts[0] != b.parts[0]:
        return False
    if len(a.parts) != len(b.parts):
        return False
    start = 1 if a.shape == "matrix" else 0
    pairs = zip(a.parts[start:], b.parts[start:], strict=True)
    return _all([same_value(u, v, seed, positive_only) for u, v in pairs])


def _same_set(a: tuple, b: tuple, seed: str, positive_only: bool) -> bool | None:
    table = [[same_value(u, v, seed, positive_only) for v in b] for u in a]
    if any(None in row for row in table):
        return None
    return all(any(row) for row in table) and all(any(column) for column in zip(*table, strict=True))


def _same_up_to_factor(a: sp.Basic, b: sp.Basic, seed: str) -> bool | None:
    names = sorted({s.name for s in a.free_symbols | b.free_symbols})
    points = sample_points(names, seed, positive=True)
    ratios = [
        u / v
        for u, v in zip(_values(a, points), _values(b, points), strict=True)
        if u is not None and v is not None and abs(v) > 1e-9
    ]
    if len(ratios) < 3:
        return None
    gap = max(_gap(u, v) for u, v in itertools.pairwise(ratios))
    return False if gap > DIFFERENT_ABOVE else True if gap < EQUAL_BELOW else None


def _same_union(a: tuple, b: tuple, seed: str) -> bool | None:
    if len(a) != len(b):
        return False
    verdicts: list[bool | None] = []
    for (low_a, high_a, *closed_a), (low_b, high_b, *closed_b) in zip(a, b, strict=True):
        verdicts.append(closed_a == closed_b)
        for u, v in ((low_a, low_b), (high_a, high_b)):
            infinite = u in (sp.oo, -sp.oo) or v in (sp.oo, -sp.oo)
            verdicts.append(u == v if infinite else same_value(u, v, seed))
    return _all(verdicts)
