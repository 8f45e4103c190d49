"""Identity of rational functions, decided at fixed pseudo-random points modulo a large prime."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from r1rewards.equivalence.rational import NotRational, rational
from r1rewards.equivalence.syntax import Node, OverBudget

if TYPE_CHECKING:
    from r1rewards.equivalence.budget import Budget


class NotModular(Exception):
    """The expression is no rational function, or has no value at this point."""


def _probable_prime(n: int) -> bool:
    if any(n % p == 0 for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for a in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def _find() -> tuple[int, int]:
    p = (1 << 89) - 3
    while p % 4 != 1 or not _probable_prime(p):
        p -= 2
    for g in range(2, 100):
        root = pow(g, (p - 1) // 4, p)
        if root * root % p == p - 1:
            return p, root
    raise AssertionError


PRIME, I_ROOT = _find()


def residue(name: str, index: int) -> int:
    """Return the value that stands for a variable at the index-th point, the same in every process."""
    digest = hashlib.blake2b(f"{index}:{name}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return int.from_bytes(digest, "big") % PRIME


def evaluate(node: Node, index: int, cache: dict[str, int], budget: Budget) -> int:
    """Return the value modulo the prime at the index-th point.

    Raises:
        NotModular: It is no rational function, or a denominator vanishes.
    """
    budget.spend(1)
    op, args = node.op, node.args
    if op == "num":
        value = node.value
        if value.__class__ is int:
            return int(value) % PRIME
        return _divide(value.numerator, value.denominator)
    if op == "sym":
        found = cache.get(node.value)
        if found is None:
            found = cache[node.value] = residue(node.value, index)
        return found
    if op == "add":
        total = 0
        for arg in args:
            total += evaluate(arg, index, cache, budget)
        return total % PRIME
    if op == "mul":
        product = 1
        for arg in args:
            product = product * evaluate(arg, index, cache, budget) % PRIME
        return product
    if op == "neg":
        return -evaluate(args[0], index, cache, budget) % PRIME
    if op == "div":
        return _divide(evaluate(args[0], index, cache, budget), evaluate(args[1], index, cache, budget))
    if op == "pow":
        return _power(node, index, cache, budget)
    if op == "dec":
        return _divide(node.value.value.numerator, node.value.value.denominator)
    if op == "const" and node.value == "i":
        return I_ROOT
    if op == "const" and node.value in ("pi", "e"):
        # transcendental, so a rational function of it vanishes only where it is zero as a polynomial
        return residue("\x00" + node.value, index)
    if op == "pct":
        return _divide(evaluate(args[0], index, cache, budget), 100)
    if op == "based":
        return evaluate(args[0], index, cache, budget)
    raise NotModular(op)


def _divide(top: int, bottom: int) -> int:
    bottom %= PRIME
    if bottom == 0:
        raise NotModular("a vanishing denominator")
    if bottom == 1:
        return top % PRIME
    return top * pow(bottom, -1, PRIME) % PRIME


def _power(node: Node, index: int, cache: dict[str, int], budget: Budget) -> int:
    exponent = node.args[1]
    sign = 1
    if exponent.op == "neg":
        sign, exponent = -1, exponent.args[0]
    try:
        whole = exponent.value if exponent.op == "num" else rational(exponent, budget)
    except (NotRational, OverBudget):
        raise NotModular("a power that is no whole number") from None
    if whole.__class__ is not int or abs(whole) >> 8_000:
        raise NotModular("a power that is no whole number")
    n = sign * int(whole)
    base = evaluate(node.args[0], index, cache, budget)
    budget.spend(20)
    if base == 0 and n <= 0:
        raise NotModular("a power of zero")
    return pow(base, n, PRIME)
