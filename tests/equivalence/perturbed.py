"""Perturbations: a sign, digit, index, exponent, endpoint or bracket is changed, and the meaning."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import sympy as sp
from generated_rewritings import NAMES, Case, Maker, expression, letters, polynomial, value
from generated_structures import (
    as_any_interval,
    as_interval,
    as_matrix,
    as_union,
    distinct,
    element,
    listed,
    random_interval,
    random_rows,
    two_pieces,
)
from notation import Style, random_style, written
from oracle import Meaning

PERTURBATIONS: dict[str, Maker] = {}
Change = Callable[[random.Random, sp.Basic], "sp.Basic | None"]


def perturbation(make: Maker) -> Maker:
    """Register a maker of perturbations under its name."""
    PERTURBATIONS[make.__name__] = make
    return make


# -- one place of an expression ------------------------------------------------------------------------------
def places(e: sp.Basic, path: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], sp.Basic]]:
    """Return every node with its path from the root."""
    found = [(path, e)]
    if not e.is_Rational:
        for i, part in enumerate(e.args):
            found += places(part, (*path, i))
    return found


def put(e: sp.Basic, path: tuple[int, ...], new: sp.Basic) -> sp.Basic:
    """Return the expression with the node at the path replaced."""
    if not path:
        return new
    args = list(e.args)
    args[path[0]] = put(args[path[0]], path[1:], new)
    return e.func(*args)


def changed(rng: random.Random, e: sp.Basic, fits: Callable[[sp.Basic], bool], change: Change) -> sp.Basic | None:
    """Change one fitting node drawn at random."""
    candidates = [(p, n) for p, n in places(e) if fits(n)]
    if not candidates:
        return None
    path, node = rng.choice(candidates)
    new = change(rng, node)
    if new is None:
        return None
    result = put(e, path, new)
    return None if result.has(sp.zoo, sp.nan, sp.oo, -sp.oo) else result


def other_digit(rng: random.Random, number: int) -> int:
    """Change one digit of an integer; the first never becomes zero."""
    digits = list(str(abs(number)))
    at = rng.randrange(len(digits))
    digits[at] = rng.choice([d for d in "0123456789" if d != digits[at] and not (at == 0 and d == "0")])
    return int("".join(digits)) * (1 if number >= 0 else -1)


def _sign(rng: random.Random, node: sp.Basic) -> sp.Basic:
    terms = list(node.args)
    at = rng.randrange(len(terms))
    terms[at] = -terms[at]
    return sp.Add(*terms)


def _digit(rng: random.Random, node: sp.Basic) -> sp.Basic:
    if node.q != 1 and rng.random() < 0.5:
        return sp.Rational(node.p, other_digit(rng, int(node.q)))
    return sp.Rational(other_digit(rng, int(node.p)), node.q)


def _exponent(rng: random.Random, node: sp.Basic) -> sp.Basic:
    base, exponent = node.args
    if exponent.q != 1:
        return base ** rng.choice([exponent + 1, 1 / (1 / exponent + 1) if exponent != -1 else 2, sp.Rational(1, 5)])
    return base ** (exponent + rng.choice([1, -1, 2]))


_SWAPS = {
    sp.sin: [sp.cos, sp.tan, sp.sinh],
    sp.cos: [sp.sin, sp.sec, sp.cosh],
    sp.tan: [sp.sin, sp.cot],
    sp.log: [sp.exp, sp.sin],
    sp.Abs: [lambda u: u, sp.sqrt],
}


def _function(rng: random.Random, node: sp.Basic) -> sp.Basic:
    return rng.choice(_SWAPS[node.func])(*node.args)


def _drop(rng: random.Random, node: sp.Basic) -> sp.Basic:
    terms = list(node.args)
    del terms[rng.randrange(len(terms))]
    return node.func(*terms)


def _operator(rng: random.Random, node: sp.Basic) -> sp.Basic:
    if node.is_Pow:
        return sp.Pow(node.base, -node.exp) if rng.random() < 0.5 else node.base * node.exp
    parts = list(node.args)
    rng.shuffle(parts)
    joined = sp.Mul if node.is_Add else sp.Add
    return node.func(joined(*parts[:2]), *parts[2:])


def _constant(rng: random.Random, node: sp.Basic) -> sp.Basic:
    return {sp.pi: sp.E, sp.E: sp.pi}.get(node, sp.Integer(rng.randint(2, 4)))


def scalar(kind: str, rng: random.Random, e: sp.Basic, new: sp.Basic | None) -> Case | None:
    """Write an expression and its perturbation, each in a style of its own."""
    if (
        new is None
        or new.has(sp.re, sp.im, sp.arg, sp.sign)
        or sp.count_ops(new) > 60
        or any(abs(n.p) > 10**9 or n.q > 10**9 for n in new.atoms(sp.Rational))
    ):
        return None
    alphabet = rng.choice(["latex", "latex", "latex", "ascii", "unicode"])
    same = rng.random() < 0.4
    style = random_style(rng)
    texts = (written(e, style), written(new, style if same else random_style(rng, alphabet)))
    return Case(kind, *texts, value(e), value(new))


def _register(name: str, fits: Callable[[sp.Basic], bool], change: Change, allowed: str = "drteacf") -> None:
    def make(rng: random.Random) -> Case | None:
        e = expression(rng, allowed)
        return scalar(name, rng, e, changed(rng, e, fits, change))

    PERTURBATIONS[name] = make


_register("sign", lambda n: n.is_Add, _sign)
_register("digit", lambda n: n.is_Rational and n not in (0, -1), _digit)
_register("exponent", lambda n: n.is_Pow and n.exp.is_Rational, _exponent)
_register("function", lambda n: n.func in _SWAPS, _function, "tteead")
_register("term", lambda n: n.is_Add or (n.is_Mul and len(n.args) > 2), _drop)
_register("operator", lambda n: n.is_Add or n.is_Mul or (n.is_Pow and n.exp.is_Integer), _operator)
_register("constant", lambda n: n in (sp.pi, sp.E), _constant, "drtccc")


@perturbation
def variable(rng: random.Random) -> Case | None:
    e = expression(rng)
    names = sorted(e.free_symbols, key=str)
    if len(names) < 2:
        return None
    return scalar(
        "variable",
        rng,
        e,
        changed(rng, e, lambda n: n.is_Symbol, lambda r, n: r.choice([m for m in names if m != n])),
    )


@perturbation
def index(rng: random.Random) -> Case | None:
    base = rng.choice(NAMES[:4])
    names = [sp.Symbol(f"{base}_{i}") for i in rng.sample(range(1, 8), 2)]
    e = polynomial(rng, names) ** 2 + polynomial(rng, names) / (names[0] ** 2 + rng.randint(1, 5))
    new = changed(rng, e, lambda n: n.is_Symbol, lambda r, n: sp.Symbol(f"{base}_{r.choice('123456789')}"))
    if new is None or (new.free_symbols - e.free_symbols and len(e.free_symbols) == len(new.free_symbols) == 1):
        return None
    style = random_style(rng)
    return Case("index", written(e, style), written(new, random_style(rng)), value(e), value(new))


@perturbation
def log_base(rng: random.Random) -> Case | None:
    x = letters(rng, 1)[0]
    b, c = rng.sample(range(2, 12), 2)
    inner, k = polynomial(rng, [x]) ** 2 + rng.randint(1, 9), rng.randint(2, 9)
    texts = [rf"{k}\log_{{{base}}}({written(inner, random_style(rng))}) + {x}" for base in (b, c)]
    meanings = [value(k * sp.log(inner) / sp.log(base) + x) for base in (b, c)]
    return Case("log_base", *texts, *meanings)


@perturbation
def conjugate(rng: random.Random) -> Case | None:
    a, b, c = (rng.randint(1, 30) for _ in range(3))
    e = sp.Rational(a, c) + b * sp.sqrt(rng.choice([1, 2, 3])) * sp.I
    new = rng.choice([sp.conjugate(e), -e, e * sp.I, sp.Rational(other_digit(rng, a), c) + sp.im(e) * sp.I])
    return Case(
        "conjugate",
        written(e, random_style(rng)),
        written(sp.expand(new), random_style(rng)),
        value(e),
        value(new),
    )


# -- numbers -------------------------------------------------------------------------------------------------
def exact(kind: str, left: str, right: str, a: Fraction, b: Fraction) -> Case:
    """Return two numbers that are told apart exactly."""
    return Case(kind, left, right, Meaning("exact", (a,)), Meaning("exact", (b,)))


@perturbation
def decimal_digit(rng: random.Random) -> Case | None:
    places_ = rng.randint(1, 6)
    number = rng.randint(10 ** (places_ - 1), 10 ** (places_ + 3))
    other = other_digit(rng, number)
    texts = [f"{n // 10**places_}.{n % 10**places_:0{places_}d}" for n in (number, other)]
    if rng.random() < 0.3:
        texts = [f"{t}x + 1" for t in texts]
        return exact("decimal_digit", *texts, Fraction(number), Fraction(other))
    return exact("decimal_digit", *texts, Fraction(number, 10**places_), Fraction(other, 10**places_))


@perturbation
def integer_digit(rng: random.Random) -> Case | None:
    number = rng.randint(10, 10 ** rng.randint(2, 60))
    other = other_digit(rng, number)
    texts = [
        rng.choice([str(n), f"{n:,}", f"{n:,}".replace(",", "{,}"), f"{n:,}".replace(",", r"\,")])
        for n in (number, other)
    ]
    return exact("integer_digit", *texts, Fraction(number), Fraction(other))


@perturbation
def mixed_digit(rng: random.Random) -> Case | None:
    whole, q = rng.randint(1, 40), rng.randint(3, 30)
    p = rng.randint(1, q - 1)
    e = whole + Fraction(p, q)
    other = rng.choice([Fraction(whole * p, q), e + 1, e + Fraction(1, q), -e, Fraction(p, q)])
    return exact(
        "mixed_digit",
        rf"{whole}\frac{{{p}}}{{{q}}}",
        written(sp.Rational(other.numerator, other.denominator)),
        e,
        other,
    )


@perturbation
def tiny_numbers(rng: random.Random) -> Case | None:
    n = rng.randint(20, 120)
    m = rng.choice([n + 1, n - 1, n + 2])
    form, power = rng.choice(
        [(r"\frac{{1}}{{{}!}}", None), (r"10^{{-{}}}", 10), (r"2^{{-{}}}", 2), (r"\frac{{1}}{{3^{{{}}}}}", 3)]
    )
    a, b = (Fraction(1, power**k if power else int(sp.factorial(k))) for k in (n, m))
    return exact("tiny_numbers", form.format(n), form.format(m), a, b)


@perturbation
def large_numbers(rng: random.Random) -> Case | None:
    base, n, k = rng.randint(2, 12), rng.randint(20, 90), rng.randint(1, 99)
    number = base**n
    texts = rng.choice(
        [
            (f"{base}^{{{n}}}", f"{base}^{{{n}}} + {k}", number + k),
            (f"{base}^{{{n}}} - {k}", f"{base}^{{{n}}}", number - k),
            (f"{base}^{{{n}}}", str(number + k), number + k),
            (f"{n}!", f"{n}! + {k}", None),
        ]
    )
    if texts[2] is None:
        number = int(sp.factorial(n))
        return exact("large_numbers", texts[0], texts[1], Fraction(number), Fraction(number + k))
    return exact("large_numbers", texts[0], texts[1], Fraction(number), Fraction(texts[2]))


@perturbation
def percent_point(rng: random.Random) -> Case | None:
    n = rng.randint(11, 999)
    a, b = Fraction(n, 1000), Fraction(other_digit(rng, n), 1000)
    shown = rng.choice([r"{}\%", "{}%"])
    right = shown.format(written(sp.Rational(b.numerator * 100, b.denominator), Style(decimals=True)))
    left = shown.format(written(sp.Rational(a.numerator * 100, a.denominator), Style(decimals=True)))
    return exact("percent_point", left, right, a, b)


@perturbation
def units(rng: random.Random) -> Case | None:
    n = rng.randint(2, 999)
    pairs = [
        ("cm", "m"),
        ("m", "km"),
        ("kg", "g"),
        ("seconds", "minutes"),
        ("hours", "minutes"),
        ("dollars", "cents"),
        ("cm^2", "m^2"),
        ("m^2", "m"),
        ("feet", "inches"),
        ("miles", "km"),
        ("m/s", "km/h"),
    ]
    a, b = rng.choice(pairs)
    forms = rng.choices([r"{} \text{{ {}}}", r"{}\ \text{{{}}}", "{} {}", r"{}\,\mathrm{{{}}}"], k=2)
    return exact("units", forms[0].format(n, a), forms[1].format(n, b), Fraction(n), Fraction(-n))


# -- structures ----------------------------------------------------------------------------------------------
@perturbation
def endpoint(rng: random.Random) -> Case | None:
    one = random_interval(rng)
    at = rng.choice([i for i in (0, 1) if one[i] not in (sp.oo, -sp.oo)])
    two = list(one)
    two[at] = rng.choice([-one[at], one[at] + rng.choice([1, -1, 2]), sp.oo if at else -sp.oo])
    if two[at] in (sp.oo, -sp.oo):
        two[2 + at] = False
    infinite = [two[0] == -sp.oo, two[1] == sp.oo]
    if all(infinite) or not (any(infinite) or float(two[0]) < float(two[1])):
        return None
    meanings = [Meaning("union", (tuple(i),)) for i in (one, two)]
    return Case("endpoint", as_any_interval(rng, one), as_any_interval(rng, tuple(two)), *meanings)


@perturbation
def bracket(rng: random.Random) -> Case | None:
    one = random_interval(rng)
    at = rng.choice([i for i in (0, 1) if one[i] not in (sp.oo, -sp.oo)])
    two = list(one)
    two[2 + at] = not one[2 + at]
    meanings = [Meaning("union", (tuple(i),)) for i in (one, two)]
    return Case("bracket", as_any_interval(rng, one), as_any_interval(rng, tuple(two)), *meanings)


@perturbation
def union_piece(rng: random.Random) -> Case | None:
    pieces = two_pieces(rng)
    choice = rng.random()
    first, second = pieces
    if choice < 0.3:
        return Case(
            "union_piece",
            as_union(rng, pieces, False),
            as_interval(rng, *first),
            Meaning("union", pieces),
            Meaning("union", (first,)),
        )
    new = (
        (second[0], second[1], not second[2], second[3])
        if choice < 0.7
        else (second[0] - sp.Rational(1, 2), *second[1:])
    )
    return Case(
        "union_piece",
        as_union(rng, pieces, rng.random() < 0.5),
        as_union(rng, (first, new), rng.random() < 0.5),
        Meaning("union", pieces),
        Meaning("union", (first, new)),
    )


def _other_element(rng: random.Random, e: sp.Basic) -> sp.Basic | None:
    if e == 0:
        return sp.Integer(rng.randint(1, 5))
    return rng.choice(
        [-e, e + rng.randint(1, 3), changed(rng, e, lambda n: n.is_Rational and n not in (0, -1), _digit)]
    )


@perturbation
def member(rng: random.Random) -> Case | None:
    items = distinct(rng, rng.randint(2, 5))
    other = rng.sample(items, len(items))
    if rng.random() < 0.3:
        other = other[1:]
    else:
        new = _other_element(rng, other[0])
        if new is None:
            return None
        other[0] = new
    left, right = rng.choice([(r"\{", r"\}"), ("", ""), (r"\left\{", r"\right\}")])
    texts = [f"{left}{listed(rng, part)}{right}" for part in (items, other)]
    return Case("member", *texts, Meaning("set", tuple(items)), Meaning("set", tuple(other)))


@perturbation
def order(rng: random.Random) -> Case | None:
    items = distinct(rng, rng.randint(2, 4))
    other = rng.sample(items, len(items))
    texts = [f"({listed(rng, part)})" for part in (items, other)]
    return Case("order", *texts, Meaning("tuple", tuple(items)), Meaning("tuple", tuple(other)))


@perturbation
def coordinate(rng: random.Random) -> Case | None:
    items = [element(rng) for _ in range(rng.randint(2, 4))]
    other = list(items)
    at = rng.randrange(len(items))
    new = _other_element(rng, items[at])
    if new is None:
        return None
    other[at] = new
    if rng.random() < 0.2:
        other = items[:-1] if len(items) > 2 else [*items, items[0]]
    texts = [f"({listed(rng, part)})" for part in (items, other)]
    return Case("coordinate", *texts, Meaning("tuple", tuple(items)), Meaning("tuple", tuple(other)))


@perturbation
def matrix_entry(rng: random.Random) -> Case | None:
    rows = random_rows(rng)
    other = [list(row) for row in rows]
    if rng.random() < 0.25:
        other = [list(column) for column in zip(*rows, strict=True)]
    elif rng.random() < 0.3:
        other = other[::-1]
    else:
        i, j = rng.randrange(len(rows)), rng.randrange(len(rows[0]))
        new = _other_element(rng, other[i][j])
        if new is None:
            return None
        other[i][j] = new
    forms = rng.choices(["pmatrix", "bmatrix", "array", "lists"], k=2)
    meanings = [Meaning("matrix", (len(m[0]), *[e for row in m for e in row])) for m in (rows, other)]
    return Case("matrix_entry", as_matrix(rng, rows, forms[0]), as_matrix(rng, other, forms[1]), *meanings)


@perturbation
def equation(rng: random.Random) -> Case | None:
    y, x = sp.Symbol("y"), sp.Symbol("x")
    right = polynomial(rng, [x], 3) + rng.choice([0, 1 / (x + 7), sp.sin(x), sp.sqrt(x + 9)])
    new = (
        changed(rng, right, lambda n: n.is_Add, _sign)
        if rng.random() < 0.5
        else changed(rng, right, lambda n: n.is_Rational and n not in (0, -1), _digit)
    )
    if new is None:
        return None
    k = rng.choice([1, 1, -1, 2, 3])
    texts = _equation_texts(rng, right, new, k)
    return Case("equation", *texts, Meaning("equation", (y - right,)), Meaning("equation", (y - new,)))


def _equation_texts(rng: random.Random, right: sp.Basic, new: sp.Basic, k: int) -> tuple[str, str]:
    other = written(k * sp.Symbol("y"), random_style(rng)), written(sp.expand(k * new), random_style(rng))
    return f"y = {written(right, random_style(rng))}", f"{other[0]} = {other[1]}"


@perturbation
def plus_minus_one_side(rng: random.Random) -> Case | None:
    centre, arm = (
        sp.Rational(rng.randint(-9, 9), rng.randint(1, 4)),
        sp.sqrt(rng.choice([2, 3, 5, 7])) * rng.randint(1, 6),
    )
    shown = rf"{written(centre)} \pm {written(arm)}" if centre else rf"\pm {written(arm)}"
    other = rng.choice(
        [
            [centre + arm],
            [centre - arm],
            [centre + arm, centre - 2 * arm],
            [centre + 2 * arm, centre - 2 * arm],
        ]
    )
    return Case(
        "plus_minus_one_side",
        shown,
        listed(rng, other),
        Meaning("set", (centre + arm, centre - arm)),
        Meaning("set", tuple(other)),
    )
