"""Whether two scalar expressions are one function: exactly, modulo primes, or to sixty digits at points."""

from __future__ import annotations

import zlib
from fractions import Fraction
from typing import TYPE_CHECKING

from r1rewards.equivalence import floating, modular, precise
from r1rewards.equivalence.decision import Decision
from r1rewards.equivalence.floating import Opaque, Undefined
from r1rewards.equivalence.modular import NotModular
from r1rewards.equivalence.rational import NotRational, rational
from r1rewards.equivalence.syntax import Node, OverBudget, symbols, walk

if TYPE_CHECKING:
    from r1rewards.equivalence.budget import Budget
    from r1rewards.equivalence.precise import Number

EQUAL, DIFFERENT, UNDECIDED = Decision.EQUAL, Decision.DIFFERENT, Decision.UNDECIDED

_RATIONAL_OPS = frozenset(("num", "dec", "sym", "add", "mul", "neg", "div", "pow", "pct", "based", "const"))
_OPAQUE_OPS = frozenset(("integral", "limit", "deriv"))
# real points first among the positive, then negative ones, then far ones
_RANGES = ((1, 3), (0, 1), (3, 9), (-3, -1), (-1, 0), (1, 2), (9, 30), (0, 1), (-12, -4))
_COMPLEX_POINTS = ((Fraction(7, 5), Fraction(3, 7)), (Fraction(-2, 3), Fraction(5, 4)))
_DIGITS_AGREED = 150  # bits of 220


def scalar_identity(a: Node, b: Node, budget: Budget) -> Decision:
    """Decide whether ``a`` and ``b`` are equal wherever both are defined over the reals."""
    if a == b:
        return EQUAL
    kinds = {n.op for n in walk(a)} | {n.op for n in walk(b)}
    if "dots" in kinds:
        return UNDECIDED
    names = sorted(symbols(a) | symbols(b))
    if not names:
        exact = _constants(a, b, budget)
        if exact is not None:
            return exact
    if kinds <= _RATIONAL_OPS:
        answer = _rational_functions(a, b, budget)
        if answer is not None:
            return answer
    endless = any(n.op in ("sum", "prod") and n.args[2].op == "const" for e in (a, b) for n in walk(e))
    opaque = bool(kinds & _OPAQUE_OPS) or endless
    try:
        verdict = _sampled(a, b, names, budget)
    except Opaque:
        return UNDECIDED
    return UNDECIDED if opaque and verdict is DIFFERENT else verdict


def _constants(a: Node, b: Node, budget: Budget) -> Decision | None:
    """Compare exactly where both are rational constants."""
    try:
        return EQUAL if rational(a, budget) == rational(b, budget) else DIFFERENT
    except (NotRational, OverBudget, ValueError, OverflowError):
        return None


def _rational_functions(a: Node, b: Node, budget: Budget) -> Decision | None:
    for index in range(2):
        cache: dict[str, int] = {}
        try:
            if modular.evaluate(a, index, cache, budget) != modular.evaluate(b, index, cache, budget):
                return DIFFERENT
        except NotModular:
            return None
    return EQUAL


def whole_variables(*nodes: Node) -> set[str]:
    """Return variables that stand for whole numbers: under factorials, in bounds, in powers of -1."""
    found: set[str] = set()
    for node in nodes:
        for n in walk(node):
            if n.op in ("fact", "dfact", "binom"):
                for arg in n.args:
                    found |= symbols(arg)
            elif n.op in ("sum", "prod"):
                found |= symbols(n.args[1]) | symbols(n.args[2])
            elif n.op == "func" and n.value in ("gcd", "lcm", "mod"):
                for arg in n.args:
                    found |= symbols(arg)
            elif (
                n.op == "pow"
                and n.args[0].op in ("num", "neg")
                and (n.args[0].op == "neg" or n.args[0].value < 0)
            ):
                found |= symbols(n.args[1])
    return found


def point(names: list[str], k: int, whole: set[str]) -> dict[str, Fraction]:
    """Return the k-th sample point, the same in every process."""
    low, high = _RANGES[k % len(_RANGES)]
    out: dict[str, Fraction] = {}
    for name in names:
        seed = zlib.crc32(f"{k}|{name}".encode("utf-8", "surrogatepass"))
        if name in whole:
            out[name] = Fraction(2 + (seed >> 8) % (4 + 2 * k))
        else:
            out[name] = low + Fraction((high - low) * (1 + seed % 1007), 1009)
    return out


def _sampled(a: Node, b: Node, names: list[str], budget: Budget) -> Decision:
    whole = whole_variables(a, b) if names else set()
    wanted = 3 if names else 1
    tries = (len(_RANGES) if not whole else 16) if names else 1
    real: list[dict[str, Fraction]] = []
    complex_agree: list[dict[str, Fraction]] = []
    complex_differ = 0
    unheld: list[dict[str, Fraction]] = []
    for k in range(tries):
        where = point(names, k, whole)
        env = {n: complex(v) for n, v in where.items()}
        try:
            va = floating.evaluate(a, env, budget)
            vb = floating.evaluate(b, env, budget)
        except Undefined:
            unheld.append(where)
            continue
        scale = max(abs(va), abs(vb))
        if not scale < 1e300:
            unheld.append(where)
            continue
        gap = abs(va - vb)
        real_a, real_b = _looks_real(va), _looks_real(vb)
        same = gap <= 1e-7 * scale or gap < 1e-280
        if scale < 1e-7 and not same and scale > 0:
            same = _precisely(a, b, where, budget)  # cancellation may leave only noise
        if real_a and real_b:
            if not same:
                if gap > 1e-3 * scale and scale > 1e-3:
                    return DIFFERENT
                if not _precisely(a, b, where, budget):
                    return DIFFERENT
            real.append(where)
        elif real_a == real_b:
            if same or (gap < 1e-5 * scale and _precisely(a, b, where, budget)):
                complex_agree.append(where)
            else:
                complex_differ += 1
        if len(real) >= wanted + 1 and k >= 3:
            break
    confirmed = real if len(real) >= (2 if names else 1) else []
    if not confirmed and not real and complex_agree and not complex_differ:
        confirmed = complex_agree
    if confirmed:
        # the first and the last agreeing point, to sixty digits
        for where in (confirmed[0], confirmed[-1]) if names else confirmed[:1]:
            if not _precisely(a, b, where, budget):
                return DIFFERENT
        return EQUAL
    if complex_differ:
        return DIFFERENT
    return _beyond_doubles(a, b, unheld, budget)


def _beyond_doubles(a: Node, b: Node, points: list[dict[str, Fraction]], budget: Budget) -> Decision:
    """Compare where doubles overflow: huge and tiny constants."""
    agreed = 0
    for where in points[:4]:
        try:
            if not _precisely(a, b, where, budget, strict=True):
                return DIFFERENT
            agreed += 1
        except Undefined:  # noqa: PERF203 - four points at most
            continue
    return EQUAL if agreed >= (2 if points and points[0] else 1) else UNDECIDED


def _looks_real(z: complex) -> bool:
    return abs(z.imag) <= 1e-9 * max(abs(z), 1e-30)


def _precisely(a: Node, b: Node, where: dict[str, Fraction], budget: Budget, *, strict: bool = False) -> bool:
    """Return whether the two agree to sixty digits at this point."""
    try:
        va, vb = precise.evaluate(a, where, budget), precise.evaluate(b, where, budget)
        if _agree(va, vb):
            return _agree_at_scale(a, b, where, max(abs(va), abs(vb)), budget)
        # one of them zero up to rounding: look again with twice the digits
        wide = precise.context(precise.WIDE_BITS)
        scale = max(abs(va), abs(vb))
        if scale == 0:
            return True
        if scale < wide.mpf(2) ** -100:
            wa = precise.evaluate(a, where, budget, precise.WIDE_BITS)
            wb = precise.evaluate(b, where, budget, precise.WIDE_BITS)
            return bool(max(abs(wa), abs(wb)) < scale * wide.mpf(2) ** -150)
    except Undefined:
        if strict:
            raise
    return False


def _agree_at_scale(a: Node, b: Node, where: dict[str, Fraction], scale: Number, budget: Budget) -> bool:
    """Return whether they agree down to the units digit of a huge value: e^500 is not e^500 + 1."""
    if scale < 2**60:
        return True
    size = int(precise.context().log(scale, 2))
    bits = next((b for b in (440, 1024, 2048, 4096, 8192) if b > size + 200), 0)
    if not bits:
        raise OverBudget
    budget.spend(bits)
    va, vb = (precise.evaluate(n, where, budget, bits) for n in (a, b))
    if not scale / 2 < abs(va) < scale * 2:
        raise Undefined("a pole: the value grows with the precision")
    return bool(abs(va - vb) <= max(abs(va), abs(vb)) * precise.context(bits).mpf(2) ** (30 - bits))


def _agree(va: Number, vb: Number) -> bool:
    scale = max(abs(va), abs(vb))
    gap = abs(va - vb)
    return bool(gap == 0 or gap * 2**_DIGITS_AGREED <= scale)


def approximate(node: Node, budget: Budget) -> complex | None:
    """Return the rough value of a constant, or None."""
    try:
        return floating.evaluate(node, {}, budget)
    except (Undefined, Opaque):
        return None
