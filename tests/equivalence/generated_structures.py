"""Rewritings of whole answers: numbers in every notation, sets, intervals, equations, matrices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp
from generated_rewritings import (
    Case,
    constant,
    expression,
    leaf,
    letters,
    one_meaning,
    pair,
    polynomial,
    rewriting,
    small_number,
)
from notation import Style, random_style, written
from oracle import Meaning

if TYPE_CHECKING:
    import random


def element(rng: random.Random) -> sp.Basic:
    """Return one member of a set or tuple: a number or an expression of some depth."""
    draw = rng.random()
    if draw < 0.4:
        return sp.Rational(rng.randint(-20, 20), rng.choice([1, 1, 2, 3, 7]))
    if draw < 0.8:
        return constant(rng)
    return expression(rng, "dr", 3)


def distinct(rng: random.Random, count: int) -> list[sp.Basic]:
    """Return elements of which no two are the same."""
    found: list[sp.Basic] = []
    while len(found) < count:
        e = element(rng)
        if e not in found:
            found.append(e)
    return found


def listed(rng: random.Random, items: list[sp.Basic], mark: str = ", ") -> str:
    """Write items in one random style, separated."""
    style = random_style(rng)
    return mark.join(written(e, style) for e in items)


# -- numbers -------------------------------------------------------------------------------------------------
@rewriting
def mixed_numbers(rng: random.Random) -> Case | None:
    whole, q = rng.randint(1, 40), rng.randint(2, 30)
    p = rng.randint(1, q - 1)
    e = sp.Integer(whole) + sp.Rational(p, q)
    if e.q != q:
        return None
    form = rng.choice(
        [r"{w}\frac{{{p}}}{{{q}}}", r"{w}\dfrac{{{p}}}{{{q}}}", r"{w} \tfrac{{{p}}}{{{q}}}", "{w} {p}/{q}"]
    )
    sign = rng.choice([1, 1, -1])
    mixed = ("-" if sign < 0 else "") + form.format(w=whole, p=p, q=q)
    texts = [mixed, written(sign * e, random_style(rng))]
    rng.shuffle(texts)
    return one_meaning("mixed_numbers", *texts, sign * e)


@rewriting
def thousands(rng: random.Random) -> Case | None:
    number = rng.randint(1000, 10 ** rng.randint(5, 12))
    mark = rng.choice([",", "{,}", r"\,", r"\;", "\u202f", ",\\!", " "])
    grouped = f"{number:,}".replace(",", mark)
    texts = [str(number), grouped]
    if rng.random() < 0.3:
        texts = [f"{number:,}", grouped]
    if rng.random() < 0.3:
        tail = rng.choice(["^2", r"\pi", r"\sqrt{2}"])
        factor = {"^2": sp.Integer(number), r"\pi": sp.pi, r"\sqrt{2}": sp.sqrt(2)}[tail]
        return one_meaning("thousands", texts[0] + tail, texts[1] + tail, number * factor)
    rng.shuffle(texts)
    return one_meaning("thousands", *texts, sp.Integer(number))


@rewriting
def scientific(rng: random.Random) -> Case | None:
    digits, power = rng.randint(11, 9999), rng.randint(-9, 12)
    places = len(str(digits)) - 1
    mantissa = f"{str(digits)[0]}.{str(digits)[1:]}"
    e = sp.Rational(digits) * sp.Rational(10) ** (power - places)
    mark = rng.choice(
        [r" \times 10^{{{}}}", r"\times10^{{{}}}", r" \cdot 10^{{{}}}", "e{}", "E{}", "*10^{}", " × 10^{}"]
    )
    shown = mantissa + mark.format(power if "^{" in mark or power >= 0 else f"({power})" if "^" in mark else power)
    plain = written(e, replace(random_style(rng), decimals=True, coefficient_apart=False))
    if "frac" in plain or "/" in plain:
        plain = shown.replace(mantissa, str(digits)).replace(str(power), str(power - places), 1)
        if str(power) in str(digits):
            return None
    texts = [shown, plain]
    rng.shuffle(texts)
    return one_meaning("scientific", *texts, e)


@rewriting
def repeating_decimals(rng: random.Random) -> Case | None:
    head, lead, cycle = (
        rng.randint(0, 30),
        rng.choice(["", "", str(rng.randint(0, 99))]),
        str(rng.randint(1, 999)),
    )
    if set(cycle) == {"9"}:
        return None
    scale = 10 ** len(lead)
    e = head + sp.Rational(int(lead or 0), scale) + sp.Rational(int(cycle), scale * (10 ** len(cycle) - 1))
    shown = rf"{head}.{lead}\overline{{{cycle}}}"
    return one_meaning("repeating_decimals", *rng.sample([shown, written(e, random_style(rng))], 2), e)


@rewriting
def percents(rng: random.Random) -> Case | None:
    number = sp.Rational(rng.randint(1, 999), rng.choice([1, 2, 4, 10]))
    style = Style(decimals=True)
    percent = written(number, style) + rng.choice([r"\%", "%", r" \%", " percent"])
    return one_meaning(
        "percents",
        *rng.sample([percent, written(number / 100, rng.choice([style, Style()]))], 2),
        number / 100,
    )


@rewriting
def factorials(rng: random.Random) -> Case | None:
    n = rng.randint(4, 15)
    k = rng.randint(1, n - 1)
    e, shown = rng.choice(
        [
            (sp.factorial(n), f"{n}!"),
            (sp.binomial(n, k), rf"\binom{{{n}}}{{{k}}}"),
            (sp.binomial(n, k), rf"\frac{{{n}!}}{{{k}!\left({n - k}\right)!}}"),
            (sp.factorial(n) / sp.factorial(k), rf"\dfrac{{{n}!}}{{{k}!}}"),
            (sp.Rational(1, sp.factorial(n)), f"1/{n}!"),
            (sp.factorial(n) - sp.factorial(k), f"{n}! - {k}!"),
        ]
    )
    if rng.random() < 0.7:
        x, c = letters(rng, 1)[0], rng.randint(2, 9)
        top = polynomial(rng, [x])
        return one_meaning(
            "factorials",
            rf"\left({shown}\right)\left({written(top)}\right)^{c}",
            written(e * top**c, random_style(rng)),
            e * top**c,
        )
    return one_meaning("factorials", shown, written(e, random_style(rng)), e)


@rewriting
def small_sums(rng: random.Random) -> Case | None:
    k, x = sp.Symbol("k"), rng.choice([sp.Symbol("x"), sp.Symbol("y"), sp.Integer(2)])
    low = rng.randint(0, 2)
    high = low + rng.randint(3, 5)
    term = rng.choice([k**2 + x, x**k, 1 / (k + x), (2 * k + 1) * x, k * x**k])
    if rng.random() < 0.7:
        shown = rf"\sum_{{k={low}}}^{{{high}}} {_grouped(term)}"
        e = sp.Add(*[term.subs(k, i) for i in range(low, high + 1)])
    else:
        shown = rf"\prod_{{k={low + 1}}}^{{{high - 1}}} {_grouped(term)}"
        e = sp.Mul(*[term.subs(k, i) for i in range(low + 1, high)])
    other = sp.together(e) if rng.random() < 0.3 else e
    return Case(
        "small_sums",
        shown,
        written(other, random_style(rng)),
        Meaning("value", (e,)),
        Meaning("value", (other,)),
    )


def _grouped(e: sp.Basic) -> str:
    return rf"\left({written(e)}\right)"


@rewriting
def degrees(rng: random.Random) -> Case | None:
    angle = rng.randint(1, 720)
    radians = sp.pi * sp.Rational(angle, 180)
    mark = rng.choice([r"^\circ", r"^{\circ}", "°", r"\degree", r" ^ \circ"])
    if rng.random() < 0.5:
        return one_meaning("degrees", *rng.sample([f"{angle}{mark}", written(radians, random_style(rng))], 2), radians)
    f = rng.choice([sp.sin, sp.cos])
    inner = f(sp.Mul(radians, 1, evaluate=False), evaluate=False)
    scale, root = rng.randint(2, 9), rng.choice([2, 3, 5])
    name = "sin" if f is sp.sin else "cos"
    shown = rf"{scale} + \sqrt{{{root}}} \{name}({angle}{mark})"
    plain = rf"\sqrt{root} \{name}\left({written(radians)}\right) + {scale}"
    return one_meaning("degrees", shown, plain, scale + sp.sqrt(root) * inner)


@rewriting
def units_on_one_side(rng: random.Random) -> Case | None:
    e = constant(rng, 2) if rng.random() < 0.5 else sp.Rational(rng.randint(1, 500), rng.choice([1, 2, 3]))
    if e.is_negative or e.free_symbols:
        return None
    unit = rng.choice(
        [
            r"\text{ cm}",
            r"\text{ m}",
            r"\ \mathrm{kg}",
            r"\text{ seconds}",
            r"\text{ square units}",
            r"\text{ units}",
            r"\text{ miles}",
            r"\text{ cm}^2",
            r"\text{ m/s}",
            r"\,\text{feet}",
            r"\text{ dollars}",
            r"\mbox{ inches}",
        ]
    )
    shown = written(e, random_style(rng))
    shown = rf"\left({shown}\right)" if e.is_Add else shown
    return one_meaning("units_on_one_side", *rng.sample([shown + unit, written(e, random_style(rng))], 2), e)


# -- complex numbers -----------------------------------------------------------------------------------------
@rewriting
def complex_products(rng: random.Random) -> Case | None:
    a, b = (small_number(rng) + small_number(rng) * sp.I for _ in range(2))
    e = rng.choice(
        [
            (a * b) ** 2 + rng.randint(1, 9),
            a / b + small_number(rng),
            a**3 - b,
            a * b * sp.sqrt(rng.choice([2, 3])),
        ]
    )
    return pair("complex_products", rng, e, sp.expand(sp.radsimp(sp.expand_complex(e))))


@rewriting
def complex_polar(rng: random.Random) -> Case | None:
    n = rng.choice([3, 4, 6, 12, 8, 5])
    k, r = (
        rng.randint(1, 2 * n - 1),
        sp.sympify(rng.choice([1, 2, 3, 4, 5, sp.sqrt(2), sp.sqrt(3), 7, sp.S.Half])),
    )
    angle = sp.pi * sp.Rational(k, n)
    if n in (8, 5) or k % n == 0:
        flat = r * sp.cos(angle, evaluate=False) + r * sp.I * sp.sin(angle, evaluate=False)
    else:
        flat = sp.expand(r * (sp.cos(angle) + sp.I * sp.sin(angle)))
    shown, scale = written(angle), "" if r == 1 else written(r)
    polar = rng.choice(
        [
            rf"{scale}e^{{{shown} i}}" if "frac" in shown else rf"{scale}e^{{i {shown}}}",
            rf"{scale}e^{{i\left({shown}\right)}}",
            rf"{scale}\left(\cos\left({shown}\right) + i\sin\left({shown}\right)\right)",
            rf"{scale}(\cos {sp.Rational(180 * k, n)}^\circ + i \sin {sp.Rational(180 * k, n)}^\circ)"
            if 180 * k % n == 0
            else rf"{scale}\exp\left({shown} i\right)",
        ]
    )
    return one_meaning("complex_polar", *rng.sample([written(flat, random_style(rng)), polar], 2), flat)


# -- equations -----------------------------------------------------------------------------------------------
@rewriting
def equations(rng: random.Random) -> Case | None:
    y, names = sp.Symbol("y"), [sp.Symbol("x")] if rng.random() < 0.6 else [sp.Symbol("x"), sp.Symbol("z")]
    right = polynomial(rng, names) + leaf(rng, names) / rng.randint(1, 9) + rng.choice([0, 0, 1 / (names[0] + 7)])
    if not right.free_symbols:
        return None  # y = 4 is a solution, and an equation still to be solved for it no answer
    left = y ** rng.choice([1, 1, 1, 2])
    scale = sp.Rational(rng.choice([-3, -2, -1, 1, 2, 4, 6]), rng.choice([1, 1, 3]))
    moved = rng.choice(list(sp.Add.make_args(right)))
    new_left, new_right = scale * (left - moved), sp.expand(scale * (right - moved))
    if rng.random() < 0.3:
        new_left, new_right = sp.expand(scale * (left - right)), sp.Integer(0)
    if rng.random() < 0.3:
        new_left, new_right = new_right, new_left
    first = f"{written(left)} = {written(right, random_style(rng))}"
    style = random_style(rng)
    second = f"{written(new_left, style)} {rng.choice(['=', ' = '])} {written(new_right, style)}"
    return Case(
        "equations",
        first,
        second,
        Meaning("equation", (left - right,)),
        Meaning("equation", (new_left - new_right,)),
    )


# -- intervals -----------------------------------------------------------------------------------------------
def bounds(rng: random.Random) -> tuple[sp.Basic, sp.Basic]:
    """Return two constants, the lesser first."""
    while True:
        low, high = (
            constant(rng, 2) if rng.random() < 0.5 else sp.Rational(rng.randint(-30, 30), rng.randint(1, 4)),
            None,
        )
        high = low + sp.Rational(rng.randint(1, 40), rng.randint(1, 4)) + rng.choice([0, 0, sp.sqrt(2)])
        if low.is_real and sp.count_ops(high) < 14:
            return low, high


def as_interval(rng: random.Random, low: sp.Basic, high: sp.Basic, left: bool, right: bool) -> str:
    """Write an interval in brackets."""
    style = random_style(rng)
    ends = [
        r"-\infty" if low == -sp.oo else written(low, style),
        r"\infty" if high == sp.oo else written(high, style),
    ]
    marks = "[" if left else "(", "]" if right else ")"
    if rng.random() < 0.5:
        marks = r"\left" + marks[0], r"\right" + marks[1]
    return f"{marks[0]}{ends[0]}, {ends[1]}{marks[1]}"


def as_inequality(rng: random.Random, low: sp.Basic, high: sp.Basic, left: bool, right: bool, name: str = "x") -> str:
    """Write an interval as a chain or a single inequality, either way round."""
    style = random_style(rng)
    less = {True: rng.choice([r"\le", r"\leq", "≤", "<="]), False: "<"}
    more = {True: rng.choice([r"\ge", r"\geq", "≥", ">="]), False: ">"}
    if high == sp.oo:
        end = written(low, style)
        return f"{name} {more[left]} {end}" if rng.random() < 0.6 else f"{end} {less[left]} {name}"
    if low == -sp.oo:
        end = written(high, style)
        return f"{name} {less[right]} {end}" if rng.random() < 0.6 else f"{end} {more[right]} {name}"
    a, b = written(low, style), written(high, style)
    if rng.random() < 0.8:
        return f"{a} {less[left]} {name} {less[right]} {b}"
    return f"{b} {more[right]} {name} {more[left]} {a}"


def as_any_interval(rng: random.Random, interval: tuple) -> str:
    """Write one interval in one of the forms for ranges."""
    form = rng.choice(["interval", "inequality", "in", "builder", "builder"])
    if form == "interval":
        return as_interval(rng, *interval)
    if form == "in":
        return rf"x \in {as_interval(rng, *interval)}"
    if form == "inequality":
        return as_inequality(rng, *interval)
    bar = rng.choice([r"\mid", "|", ":", r"\in \mathbb{R} \mid"])
    left, right = rng.choice([(r"\{", r"\}"), (r"\left\{", r"\right\}")])
    name = rng.choice(["x", "t"])
    return f"{left} {name} {bar} {as_inequality(rng, *interval, name)} {right}"


def random_interval(rng: random.Random) -> tuple:
    """Return (low, high, low closed, high closed)."""
    low, high = bounds(rng)
    left, right = rng.random() < 0.5, rng.random() < 0.5
    draw = rng.random()
    if draw < 0.2:
        return low, sp.oo, left, False
    if draw < 0.4:
        return -sp.oo, high, False, right
    return low, high, left, right


@rewriting
def intervals(rng: random.Random) -> Case | None:
    interval = random_interval(rng)
    meaning = Meaning("union", (interval,))
    return Case("intervals", as_any_interval(rng, interval), as_any_interval(rng, interval), meaning, meaning)


def two_pieces(rng: random.Random) -> tuple:
    """Return two intervals that do not meet."""
    low, high, left, right = random_interval(rng)
    if high == sp.oo:
        low, high, left, right = -sp.oo, low, False, right
    beyond = high + rng.randint(1, 9)
    end = sp.oo if rng.random() < 0.5 else beyond + rng.randint(1, 9)
    return (low, high, left, right), (beyond, end, rng.random() < 0.5, end != sp.oo and rng.random() < 0.5)


def as_union(rng: random.Random, pieces: tuple, word: bool) -> str:
    """Write a union with its sign, or as inequalities joined by "or"."""
    pieces = list(pieces)
    rng.shuffle(pieces)
    if word:
        mark = rng.choice([" or ", r" \text{ or } ", r"\ \text{or}\ "])
        return mark.join(as_inequality(rng, *p) for p in pieces)
    mark = rng.choice([r" \cup ", " ∪ ", r"\cup"])
    return rng.choice(["", r"x \in "]) + mark.join(as_interval(rng, *p) for p in pieces)


@rewriting
def unions(rng: random.Random) -> Case | None:
    pieces = two_pieces(rng)
    meaning = Meaning("union", pieces)
    forms = rng.choice([(False, True), (True, False), (False, False)])
    return Case("unions", as_union(rng, pieces, forms[0]), as_union(rng, pieces, forms[1]), meaning, meaning)


# -- collections ---------------------------------------------------------------------------------------------
@rewriting
def sets(rng: random.Random) -> Case | None:
    items = distinct(rng, rng.randint(2, 5))
    other = rng.sample(items, len(items))
    marks = [(r"\{", r"\}"), (r"\left\{", r"\right\}"), (r"\lbrace ", r" \rbrace")]
    texts = [f"{a}{listed(rng, part)}{b}" for part, (a, b) in zip((items, other), rng.choices(marks, k=2), strict=True)]
    return Case("sets", *texts, Meaning("set", tuple(items)), Meaning("set", tuple(other)))


@rewriting
def solution_lists(rng: random.Random) -> Case | None:
    items = distinct(rng, rng.randint(2, 4))
    if any(e.free_symbols for e in items):
        return None
    texts = []
    for _ in range(2):
        other = rng.sample(items, len(items))
        style = random_style(rng)
        shown = [written(e, style) for e in other]
        form = rng.choice(["plain", "named", "or", "and", "each"])
        if form == "plain":
            texts.append(", ".join(shown))
        elif form == "named":
            texts.append("x = " + ", ".join(shown))
        elif form == "each":
            texts.append(", ".join(f"x = {s}" for s in shown))
        elif form == "or":
            texts.append(rng.choice([" or ", r" \text{ or } "]).join(f"x={s}" for s in shown))
        else:
            texts.append(", ".join(shown[:-1]) + r" \text{ and } " + shown[-1])
    meaning = Meaning("set", tuple(items))
    return Case("solution_lists", *texts, meaning, meaning)


@rewriting
def plus_minus(rng: random.Random) -> Case | None:
    centre, arm = (
        rng.choice([sp.Integer(0), sp.Rational(rng.randint(-9, 9), rng.randint(1, 4))]),
        constant(rng, 2),
    )
    if arm.is_rational and arm <= 0:
        return None
    both = [centre + arm, centre - arm]
    style = random_style(rng, reorder=False)
    shown = written(arm, style)
    shown = f"({shown})" if arm.is_Add or shown.startswith("-") else shown
    sign = rng.choice([r"\pm", r"\pm ", "±"]) if style.alphabet == "latex" else "±"
    sign = sign if shown[0] not in "abcdefghijklmnopqrstuvwxyz" else sign.strip() + " "
    first = rng.choice(["", "x = "]) + (f"{sign}{shown}" if centre == 0 else f"{written(centre)} {sign} {shown}")
    rng.shuffle(both)
    second = rng.choice(["{}", r"\{{{}\}}", "x = {}"]).format(listed(rng, both))
    meaning = Meaning("set", tuple(both))
    return Case("plus_minus", first, second, meaning, meaning)


@rewriting
def tuples(rng: random.Random) -> Case | None:
    items = [element(rng) for _ in range(rng.randint(2, 4))]
    texts = []
    for left, right in rng.choices([("(", ")"), (r"\left(", r"\right)"), (r"\left( ", r" \right)")], k=2):
        comma = rng.choice([", ", ",", " , ", r",\ "])
        texts.append(f"{left}{listed(rng, items, comma)}{right}")
    meaning = Meaning("tuple", tuple(items))
    return Case("tuples", *texts, meaning, meaning)


def as_matrix(rng: random.Random, rows: list[list[sp.Basic]], form: str) -> str:
    """Write rows in one of the bracket forms."""
    style = random_style(rng)
    cells = [[written(e, style) for e in row] for row in rows]
    if form == "lists":
        return "[" + ", ".join("[" + ", ".join(row) + "]" for row in cells) + "]"
    body = rng.choice([r" \\ ", r"\\", r" \\ ", "\\\\\n"]).join(rng.choice([" & ", "&"]).join(row) for row in cells)
    if form == "array":
        return rf"\left[\begin{{array}}{{{'c' * len(rows[0])}}} {body} \end{{array}}\right]"
    return rf"\begin{{{form}}} {body} \end{{{form}}}"


def random_rows(rng: random.Random) -> list[list[sp.Basic]]:
    """Return the cells of a small matrix."""
    height, width = rng.choice([(2, 2), (2, 3), (3, 3), (3, 2), (2, 2)])
    return [
        [sp.Integer(rng.randint(-9, 9)) if rng.random() < 0.6 else element(rng) for _ in range(width)]
        for _ in range(height)
    ]


@rewriting
def matrices(rng: random.Random) -> Case | None:
    rows = random_rows(rng)
    forms = rng.choices(["pmatrix", "bmatrix", "array", "lists", "bmatrix"], k=2)
    meaning = Meaning("matrix", (len(rows[0]), *[e for row in rows for e in row]))
    return Case("matrices", as_matrix(rng, rows, forms[0]), as_matrix(rng, rows, forms[1]), meaning, meaning)
