"""Greatest common divisors and least common multiples of monomials, carried out while reading."""

from __future__ import annotations

from fractions import Fraction

from r1rewards.equivalence.budget import Budget
from r1rewards.equivalence.rational import NotRational, gcd, lcm, rational
from r1rewards.equivalence.syntax import Node, OverBudget, num

_Monomial = tuple[Fraction, dict[Node, int]]


def divisor_node(name: str, args: tuple[Node, ...]) -> Node | None:
    """Return gcd or lcm of monomials such as 50x and 2y as one expression; None for anything else.

    Whole coefficients have divisors; beside fractions every coefficient is a unit, as over the rationals.
    """
    if len(args) > 40:
        return None
    try:
        monomials = [_monomial(a) for a in args]
    except (NotRational, OverBudget):
        return None
    if not any(bases for _, bases in monomials):
        return None
    coefficients = [abs(c) for c, _ in monomials]
    if all(c.denominator == 1 for c in coefficients):
        coefficient = gcd(list(coefficients)) if name == "gcd" else lcm(list(coefficients))
    else:
        coefficient = Fraction(1)
    bases = {base for _, factors in monomials for base in factors}
    pick = min if name == "gcd" else max
    factors = [num(coefficient)]
    for base in sorted(bases, key=repr):
        exponent = pick(factors_of.get(base, 0) for _, factors_of in monomials)
        if exponent:
            factors.append(Node("pow", (base, num(exponent))))
    return Node("mul", tuple(factors)) if len(factors) > 1 else factors[0]


def _monomial(node: Node) -> _Monomial:
    try:
        return Fraction(rational(node, Budget(2_000))), {}
    except NotRational:
        pass
    if node.op == "neg":
        coefficient, bases = _monomial(node.args[0])
        return -coefficient, bases
    if node.op == "mul":
        coefficient, bases = Fraction(1), {}
        for arg in node.args:
            c, more = _monomial(arg)
            coefficient *= c
            for base, n in more.items():
                bases[base] = bases.get(base, 0) + n
        return coefficient, bases
    if node.op == "pow" and node.args[1].op == "num" and node.args[1].value.__class__ is int and node.args[1].value > 0:
        coefficient, bases = _monomial(node.args[0])
        n = min(node.args[1].value, 1_000)
        return coefficient**n, {base: k * n for base, k in bases.items()}
    if node.op in ("sym", "const", "root") and node.value != "inf":
        return Fraction(1), {node: 1}
    raise NotRational(node.op)
