"""Exact values of constant expressions that are rational; anything else is refused, never approximated."""

from __future__ import annotations

import math
from fractions import Fraction

from r1rewards.equivalence.budget import MAX_BITS, Budget
from r1rewards.equivalence.syntax import Node, OverBudget

Exact = int | Fraction
_MAX_FACTORIAL = 3_000
_MAX_TERMS = 2_000


class NotRational(Exception):
    """The value is not (visibly) a rational constant."""


def rational(node: Node, budget: Budget, env: dict[str, Exact] | None = None) -> Exact:
    """Return the exact value of a rational constant (with bound indices from ``env``).

    Raises:
        NotRational: It is irrational, undefined, or has free variables.
        OverBudget: It is too large.
    """
    budget.spend(2)
    op = node.op
    if op == "num":
        return node.value  # type: ignore[no-any-return]  # num holds an exact number
    if op == "dec":
        return node.value.value  # type: ignore[no-any-return]
    if op == "add":
        total: Exact = 0
        for arg in node.args:
            total = total + rational(arg, budget, env)
            _check(total, budget)
        return total
    if op == "mul":
        product: Exact = 1
        for arg in node.args:
            product = product * rational(arg, budget, env)
            _check(product, budget)
        return product
    if op == "neg":
        return -rational(node.args[0], budget, env)
    if op == "div":
        bottom = rational(node.args[1], budget, env)
        if bottom == 0:
            raise NotRational("division by zero")
        return _tidy(Fraction(rational(node.args[0], budget, env)) / bottom)
    if op == "pow":
        return _power(rational(node.args[0], budget, env), rational(node.args[1], budget, env), budget)
    if op == "root":
        degree = rational(node.args[1], budget, env)
        return _root(rational(node.args[0], budget, env), degree)
    if op == "pct":
        return _tidy(Fraction(rational(node.args[0], budget, env)) / 100)
    if op == "sym" and env is not None and node.value in env:
        return env[node.value]
    if op in ("based",):
        return rational(node.args[0], budget, env)
    if op == "fact" or op == "dfact":
        n = rational(node.args[0], budget, env)
        if n.__class__ is not int or n < 0:
            raise NotRational("a factorial of no natural number")
        if n > _MAX_FACTORIAL:
            raise OverBudget
        budget.spend(int(n) // 4)
        return math.factorial(int(n)) if op == "fact" else math.prod(range(int(n), 0, -2))
    if op == "binom":
        n, k = rational(node.args[0], budget, env), rational(node.args[1], budget, env)
        if n.__class__ is not int or k.__class__ is not int or n < 0 or k < 0:
            raise NotRational("a binomial outside the natural numbers")
        if n > 20_000 or min(k, n - k) > 2_000:
            raise OverBudget
        budget.spend(int(min(k, max(n - k, 0))) // 2)
        return math.comb(int(n), int(k))
    if op == "func":
        return _function(node, budget, env)
    if op == "sum" or op == "prod":
        low, high = rational(node.args[1], budget, env), rational(node.args[2], budget, env)
        if low.__class__ is not int or high.__class__ is not int:
            raise NotRational("bounds that are no whole numbers")
        if high - low > _MAX_TERMS:
            raise OverBudget
        scope = dict(env or {})
        result: Exact = 0 if op == "sum" else 1
        for k in range(int(low), int(high) + 1):
            scope[node.value] = k
            term = rational(node.args[0], budget, scope)
            result = result + term if op == "sum" else result * term
            _check(result, budget)
        return result
    raise NotRational(op)


def _size(value: Exact) -> Exact:
    return -value if value < 0 else value


def _tidy(value: Fraction) -> Exact:
    return value.numerator if value.denominator == 1 else value


def _check(value: Exact, budget: Budget) -> None:
    if value.__class__ is int:
        bits = value.bit_length()
    else:
        bits = value.numerator.bit_length() + value.denominator.bit_length()
    if bits > 512:
        budget.spend(bits >> 9)
        if bits > MAX_BITS:
            raise OverBudget


def _power(base: Exact, exponent: Exact, budget: Budget) -> Exact:
    if exponent.__class__ is not int and exponent.denominator != 1:
        if base < 0:
            raise NotRational("a fractional power of a negative number")
        if abs(exponent.numerator) > 1000 or exponent.denominator > 64:
            raise NotRational("a strange exponent")
        return _power(_root(base, exponent.denominator), exponent.numerator, budget)
    n = int(exponent)
    if base == 0 and n <= 0:
        raise NotRational("a power of zero")
    if base in (0, 1):
        return base
    if base == -1:
        return 1 if n % 2 == 0 else -1
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(n) > MAX_BITS:
        raise OverBudget
    budget.spend(1 + bits * abs(n) // 512)
    if n < 0:
        return _tidy(Fraction(1) / Fraction(base) ** -n)
    return base**n if base.__class__ is int else _tidy(Fraction(base) ** n)


def _root(value: Exact, degree: Exact) -> Exact:
    if degree.__class__ is not int or degree < 2 or degree > 64:
        raise NotRational("a strange root")
    n = int(degree)
    if value < 0:
        if n % 2 == 0:
            raise NotRational("an even root of a negative number")
        return -_root(-value, n)
    top = integer_root(value.numerator, n)
    bottom = integer_root(value.denominator, n)
    if top is None or bottom is None:
        raise NotRational("an irrational root")
    return top if bottom == 1 else Fraction(top, bottom)


def integer_root(value: int, n: int) -> int | None:
    """Return the exact n-th root of a natural number, or None."""
    if n == 2:
        root = math.isqrt(value)
        return root if root * root == value else None
    if value < 2:
        return value
    low, high = 1, 1 << (value.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**n <= value:
            low = middle
        else:
            high = middle - 1
    return low if low**n == value else None


def _function(node: Node, budget: Budget, env: dict[str, Exact] | None) -> Exact:
    name = node.value
    if name in ("abs", "floor", "ceil", "max", "min", "gcd", "lcm", "mod", "sgn"):
        values = [rational(a, budget, env) for a in node.args]
        if name == "abs":
            return _size(values[0])
        if name == "floor":
            return math.floor(values[0])
        if name == "ceil":
            return math.ceil(values[0])
        if name == "max":
            return max(values, key=Fraction)
        if name == "min":
            return min(values, key=Fraction)
        if name == "sgn":
            return (values[0] > 0) - (values[0] < 0)
        if name == "mod":
            if len(values) != 2 or values[1] == 0:
                raise NotRational("modulo nothing")
            return values[0] % values[1]
        return gcd(values) if name == "gcd" else lcm(values)
    if name in ("log", "ln", "lg") and len(node.args) <= 2:
        value = rational(node.args[0], budget, env)
        if value == 1:
            return 0
        if len(node.args) == 2:
            return _logarithm(value, rational(node.args[1], budget, env))
        if name == "lg":
            return _logarithm(value, 10)
        raise NotRational("a logarithm")
    if name in ("sin", "tan", "sinh", "tanh", "arcsin", "arctan", "arcsinh", "arctanh"):
        if rational(node.args[0], budget, env) == 0:
            return 0
        raise NotRational("a transcendental value")
    if name in ("cos", "sec", "cosh", "sech") and rational(node.args[0], budget, env) == 0:
        return 1
    raise NotRational(name)


def _logarithm(value: Exact, base: Exact) -> Exact:
    if value <= 0 or base <= 0 or base == 1:
        raise NotRational("a logarithm outside its domain")
    if value.numerator.bit_length() + value.denominator.bit_length() > 4_000:
        raise OverBudget
    if base < 1:
        base, value = Fraction(1) / Fraction(base), Fraction(1) / Fraction(value)
    guess = (math.log(value.numerator) - math.log(value.denominator)) / (
        math.log(base.numerator) - math.log(base.denominator)
    )
    for degree in (1, 2, 3, 4, 5, 6):
        top = round(guess * degree)
        if abs(top) < 4_000 and Fraction(base) ** top == Fraction(value) ** degree:
            return _tidy(Fraction(top, degree))
    raise NotRational("an irrational logarithm")


def gcd(values: list[Exact]) -> Exact:
    """Return the greatest common divisor, extended to rationals as the largest with whole quotients."""
    top, bottom = 0, 1
    for v in values:
        top = math.gcd(top * v.denominator, v.numerator * bottom)
        bottom *= v.denominator
        common = math.gcd(top, bottom) or 1
        top, bottom = top // common, bottom // common
    return top if bottom == 1 else Fraction(top, bottom)


def lcm(values: list[Exact]) -> Exact:
    """Return the least common multiple, extended to rationals."""
    result: Exact = _size(values[0])
    for v in values[1:]:
        if v == 0 or result == 0:
            return 0
        result = _size(_tidy(Fraction(result) * v / gcd([result, v])))
    return result
