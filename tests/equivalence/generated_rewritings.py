"""A seeded generator of expressions and of their rewritings, each pair with what both sides mean."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import sympy as sp
from notation import PLAIN, random_style, written
from oracle import Meaning, judge

NAMES = ("x", "y", "a", "b", "t", "n")
LEAST_DEPTH = 4


@dataclass(frozen=True)
class Case:
    """Two texts and what each of them means, before the oracle has judged them."""

    kind: str
    ground_truth: str
    answer: str
    meant: Meaning
    meant_by_answer: Meaning
    positive_only: bool = False


Maker = Callable[[random.Random], "Case | None"]
REWRITINGS: dict[str, Maker] = {}


def rewriting(make: Maker) -> Maker:
    """Register a maker of rewritings under its name."""
    REWRITINGS[make.__name__] = make
    return make


def value(expression: sp.Basic) -> Meaning:
    """Return the meaning of a plain expression."""
    return Meaning("value", (expression,))


# -- random expressions --------------------------------------------------------------------------------------
def depth(expression: sp.Basic) -> int:
    """Return the number of levels, a leaf counting one."""
    return 1 + max((depth(a) for a in expression.args), default=0) if not expression.is_Rational else 1


def letters(rng: random.Random, count: int | None = None) -> list[sp.Symbol]:
    """Draw the variables of one case."""
    return [sp.Symbol(n) for n in rng.sample(NAMES, count or rng.choice([1, 1, 2, 2, 3]))]


def leaf(rng: random.Random, names: list[sp.Symbol], constants: bool = False) -> sp.Basic:
    """Return a variable or a small number."""
    draw = rng.random()
    if names and draw < 0.55:
        return rng.choice(names)
    if constants and draw < 0.7:
        return rng.choice([sp.pi, sp.E, sp.sqrt(2), sp.sqrt(3), sp.sqrt(5)])
    return small_number(rng) if draw < 0.9 else sp.Rational(rng.randint(1, 9), rng.randint(2, 9))


def small_number(rng: random.Random) -> sp.Integer:
    """Return an integer from -9 to 9, never zero."""
    return sp.Integer(rng.choice([-1, 1, 1]) * rng.randint(1, 9))


def polynomial(rng: random.Random, names: list[sp.Symbol], degree: int = 2) -> sp.Basic:
    """Return a small polynomial, at least two terms."""
    terms = [small_number(rng)] if rng.random() < 0.7 else []
    while len(terms) < rng.choice([2, 2, 3]):
        power = sp.Mul(*[rng.choice(names) for _ in range(rng.randint(1, degree))])
        terms.append(small_number(rng) * power)
    total = sp.Add(*terms)
    return total if total.is_Add else polynomial(rng, names, degree)


def tree(rng: random.Random, names: list[sp.Symbol], levels: int, allowed: str) -> sp.Basic:
    """Return a random tree.

    ``allowed`` holds letters: d(ivision), r(oots), t(rig), e(xp, log), a(bs), f(actorial), c(onstants).
    """
    if levels <= 1 or (levels <= 2 and rng.random() < 0.3):
        return leaf(rng, names, "c" in allowed)

    def below() -> sp.Basic:
        return tree(rng, names, levels - 1, allowed)

    choice = rng.choice("++**^^" + allowed)
    if choice == "*":
        return below() * below()
    if choice == "^":
        return below() ** rng.choice([2, 2, 3])
    if choice == "d":
        return below() / (below() + rng.randint(1, 5))
    if choice == "r":
        return sp.Pow(below() ** 2 + rng.randint(1, 7), sp.Rational(1, rng.choice([2, 2, 3])))
    if choice == "t":
        return rng.choice([sp.sin, sp.cos, sp.sin, sp.cos, sp.tan])(below())
    if choice == "e":
        inner = below()
        return rng.choice([sp.exp(inner / 3), sp.log(inner**2 + rng.randint(1, 6))])
    if choice == "a":
        return sp.Abs(below() - rng.randint(1, 3))
    if choice == "f":
        return sp.factorial(rng.randint(3, 7), evaluate=False) * leaf(rng, names)
    return below() + rng.choice([1, -1]) * below()


def expression(rng: random.Random, allowed: str = "drteacf", least: int = LEAST_DEPTH) -> sp.Basic:
    """Return a random expression of at least the given depth and of a size that people write."""
    while True:
        e = tree(rng, letters(rng), rng.choice([4, 4, 5]), allowed)
        if depth(e) >= least and sp.count_ops(e) <= 28 and not e.has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I):
            numbers = [n for n in e.atoms(sp.Rational) if abs(n.p) > 10**7 or n.q > 10**7]
            if not numbers:
                return e


def constant(rng: random.Random, least: int = 3) -> sp.Basic:
    """Return an expression without variables, of moderate size."""
    while True:
        e = tree(rng, [], 4, "drc")
        if depth(e) >= least and sp.count_ops(e) <= 14 and e.is_finite and not e.has(sp.I, sp.zoo, sp.nan):
            return e


def pair(
    kind: str,
    rng: random.Random,
    left: sp.Basic,
    right: sp.Basic,
    positive_only: bool = False,
    turn: bool = True,
) -> Case | None:
    """Write both sides in styles of their own and, half of the time, exchange them."""
    if left.has(sp.nan, sp.zoo) or right.has(sp.nan, sp.zoo):
        return None
    if max(depth(left), depth(right)) < LEAST_DEPTH or sp.count_ops(left) > 60 or sp.count_ops(right) > 60:
        return None
    if turn and rng.random() < 0.5:
        left, right = right, left
    texts = (written(left, random_style(rng, reorder=False)), written(right, random_style(rng)))
    return Case(kind, *texts, value(left), value(right), positive_only)


def one_meaning(kind: str, left: str, right: str, e: sp.Basic) -> Case:
    """Return two writings of one expression."""
    return Case(kind, left, right, value(e), value(e))


# -- algebra -------------------------------------------------------------------------------------------------
@rewriting
def expand(rng: random.Random) -> Case | None:
    names = letters(rng)
    e = polynomial(rng, names) ** rng.choice([1, 2, 3]) * polynomial(rng, names) + leaf(rng, names)
    return pair("expand", rng, e, sp.expand(e))


@rewriting
def factor(rng: random.Random) -> Case | None:
    names = letters(rng, rng.choice([1, 2]))
    e = sp.expand(polynomial(rng, names) ** rng.choice([1, 2]) * polynomial(rng, names))
    return pair("factor", rng, e, sp.factor(e))


def _rational(rng: random.Random, names: list[sp.Symbol]) -> sp.Basic:
    bottoms = [
        names[0] * rng.randint(1, 3) + rng.randint(1, 7),
        names[-1] + rng.randint(1, 9),
        names[0] ** 2 + 1,
    ]
    return sp.Add(*[polynomial(rng, names, 1) / b for b in rng.sample(bottoms, 2)])


@rewriting
def together(rng: random.Random) -> Case | None:
    e = _rational(rng, letters(rng))
    return pair("together", rng, e, sp.together(e))


@rewriting
def apart(rng: random.Random) -> Case | None:
    (x,) = letters(rng, 1)
    a, b = rng.sample(range(1, 8), 2)
    e = polynomial(rng, [x]) / ((x + a) * (x + b))
    return pair("apart", rng, e, sp.apart(e, x))


@rewriting
def cancel(rng: random.Random) -> Case | None:
    names = letters(rng, rng.choice([1, 2]))
    shared, top = polynomial(rng, names, 1), polynomial(rng, names)
    bottom = names[0] + rng.randint(1, 9)
    return pair("cancel", rng, sp.expand(top * shared) / sp.expand(bottom * shared), top / bottom)


@rewriting
def reorder(rng: random.Random) -> Case | None:
    e = expression(rng)
    return one_meaning("reorder", written(e), written(e, replace(PLAIN, seed=str(rng.random()))), e)


@rewriting
def rationalise(rng: random.Random) -> Case | None:
    a, b = (sp.sqrt(n) for n in rng.sample([2, 3, 5, 6, 7, 10, 11], 2))
    e = (rng.randint(1, 9) + rng.randint(1, 4) * a) / (rng.randint(1, 7) + rng.choice([b, a, -b]) * rng.randint(1, 3))
    return pair("rationalise", rng, e, sp.radsimp(e))


@rewriting
def roots(rng: random.Random) -> Case | None:
    e = sp.Add(*[rng.randint(2, 7) * sp.sqrt(n) for n in rng.sample([2, 3, 5, 6, 7], 2)]) / rng.randint(2, 9)
    if rng.random() < 0.5:
        e = e * rng.choice(letters(rng)) ** rng.choice([1, 2]) + rng.randint(1, 9)
    style = random_style(rng)
    return one_meaning("roots", written(e, replace(style, inner_squares=True, root="sqrt")), written(e, style), e)


@rewriting
def powers(rng: random.Random) -> Case | None:
    e = expression(rng, "drrde")
    one = random_style(rng)
    two = replace(
        one,
        negative_powers=not one.negative_powers,
        root="slash" if one.root == "sqrt" else "sqrt",
        exp_word=not one.exp_word,
    )
    return one_meaning("powers", written(e, one), written(e, two), e)


@rewriting
def power_laws(rng: random.Random) -> Case | None:
    names = letters(rng, 2)
    u, v, base = (
        polynomial(rng, names, 1),
        polynomial(rng, names, 1),
        rng.choice([sp.Integer(2), sp.E, sp.Integer(3)]),
    )
    if u == v or not (u.is_Add and v.is_Add):
        return None
    count, x = rng.randint(2, 9), names[0]
    split = rf"{_raised(base, u)} \cdot {_raised(base, v)} + {count}{x}"
    joined = f"{_raised(base, u + v)} + {count}{x}"
    return one_meaning("power_laws", split, joined, base ** (u + v) + count * x)


# -- trigonometry and logarithms ---------------------------------------------------------------------------
def _angle(rng: random.Random) -> sp.Basic:
    x = letters(rng, 1)[0]
    return rng.choice([x, 2 * x, x / 2, x**2, x + 1, x - sp.pi / 6, 3 * x])


def _host(rng: random.Random, part: sp.Basic) -> Callable[[sp.Basic], sp.Basic]:
    """Return a function that sets a part into one surrounding, so that both sides share it."""
    k, m = rng.randint(2, 9), small_number(rng)
    x = next(iter(sorted(part.free_symbols, key=str)), sp.Symbol("x"))
    return rng.choice(
        [
            lambda p: k * p + m,
            lambda p: (p + k) ** 2,
            lambda p: x * p - k,
            lambda p: p / (x**2 + k),
            lambda p: sp.sqrt(p + k + 9),
            lambda p: k * p / 7 + x * m,
        ]
    )


@rewriting
def trig_squares(rng: random.Random) -> Case | None:
    u = _angle(rng)
    old, new = rng.choice(
        [
            (sp.cos(u) ** 2, 1 - sp.sin(u) ** 2),
            (sp.sin(u) ** 2, 1 - sp.cos(u) ** 2),
            (3 + sp.sin(u), 2 + sp.sin(u) + sp.sin(u) ** 2 + sp.cos(u) ** 2),
            (sp.tan(u) ** 2, sp.sec(u) ** 2 - 1),
        ]
    )
    host = _host(rng, u)
    return pair("trig_squares", rng, host(old), host(new))


@rewriting
def trig_double(rng: random.Random) -> Case | None:
    u = _angle(rng)
    old, new = rng.choice(
        [
            (sp.sin(2 * u), 2 * sp.sin(u) * sp.cos(u)),
            (sp.cos(2 * u), 2 * sp.cos(u) ** 2 - 1),
            (sp.cos(2 * u), 1 - 2 * sp.sin(u) ** 2),
            (sp.cos(2 * u), sp.cos(u) ** 2 - sp.sin(u) ** 2),
            (sp.tan(2 * u), 2 * sp.tan(u) / (1 - sp.tan(u) ** 2)),
            (sp.sin(3 * u), 3 * sp.sin(u) - 4 * sp.sin(u) ** 3),
        ]
    )
    host = _host(rng, u)
    return pair("trig_double", rng, host(old), host(new))


@rewriting
def trig_quotients(rng: random.Random) -> Case | None:
    u = _angle(rng)
    old, new = rng.choice(
        [
            (sp.tan(u), sp.sin(u) / sp.cos(u)),
            (sp.cot(u), sp.cos(u) / sp.sin(u)),
            (sp.sec(u), 1 / sp.cos(u)),
            (sp.csc(u), 1 / sp.sin(u)),
        ]
    )
    host = _host(rng, u)
    return pair("trig_quotients", rng, host(old), host(new))


@rewriting
def trig_sums(rng: random.Random) -> Case | None:
    u, v = (sp.Symbol(n) for n in rng.sample(NAMES, 2))
    old, new = rng.choice(
        [
            (sp.sin(u + v), sp.sin(u) * sp.cos(v) + sp.cos(u) * sp.sin(v)),
            (sp.cos(u - v), sp.cos(u) * sp.cos(v) + sp.sin(u) * sp.sin(v)),
            (sp.sin(u) + sp.sin(v), 2 * sp.sin((u + v) / 2) * sp.cos((u - v) / 2)),
        ]
    )
    host = _host(rng, u)
    return pair("trig_sums", rng, host(old), host(new))


@rewriting
def log_rules(rng: random.Random) -> Case | None:
    x, y = (sp.Symbol(n) for n in rng.sample(NAMES, 2))
    k, m = rng.randint(2, 5), rng.randint(2, 9)
    old, new = rng.choice(
        [
            (sp.log(x * (y + m)), sp.log(x) + sp.log(y + m)),
            (sp.log(x / (y + m)), sp.log(x) - sp.log(y + m)),
            (sp.log(x**k * (y + 1)), k * sp.log(x) + sp.log(y + 1)),
            (sp.log(sp.sqrt(x) * (y + m)), sp.log(x) / 2 + sp.log(y + m)),
            (sp.log(m * x + m * y), sp.log(m) + sp.log(x + y)),
        ]
    )
    host = _host(rng, x)
    return pair("log_rules", rng, host(old), host(new), positive_only=True)


@rewriting
def log_bases(rng: random.Random) -> Case | None:
    x, b, k = letters(rng, 1)[0], rng.randint(2, 9), rng.randint(1, 9)
    inner = polynomial(rng, [x]) ** 2 + k
    coefficient = rng.randint(2, 9)
    e = coefficient * sp.log(inner) / sp.log(b) + x
    based = rf"{coefficient}\log_{{{b}}}({written(inner, random_style(rng))}) + {x}"
    return one_meaning("log_bases", based, written(e, random_style(rng)), e)


# -- notation ------------------------------------------------------------------------------------------------
@rewriting
def latex_notation(rng: random.Random) -> Case | None:
    e = expression(rng)
    one, two = (written(e, random_style(rng, reorder=False)) for _ in range(2))
    if rng.random() < 0.3:
        two = rng.choice(["${}$", "\\({}\\)", r"\displaystyle {}", "{}.", "${}$."]).replace("{}", two)
    return one_meaning("latex_notation", one, two, e)


@rewriting
def ascii_notation(rng: random.Random) -> Case | None:
    e = expression(rng)
    return one_meaning("ascii_notation", written(e, random_style(rng)), written(e, random_style(rng, "ascii")), e)


@rewriting
def unicode_notation(rng: random.Random) -> Case | None:
    e = expression(rng, "drtac")
    return one_meaning("unicode_notation", written(e, random_style(rng)), written(e, random_style(rng, "unicode")), e)


@rewriting
def exact_decimals(rng: random.Random) -> Case | None:
    names = letters(rng)
    numbers = [sp.Rational(rng.randint(1, 999), rng.choice([2, 4, 5, 8, 10, 20, 25, 50, 100])) for _ in range(2)]
    e = (numbers[0] * polynomial(rng, names) + leaf(rng, names)) ** rng.choice([1, 2]) + numbers[1]
    if depth(e) < LEAST_DEPTH:
        return None
    style = random_style(rng)
    texts = [written(e, replace(style, decimals=True, coefficient_apart=False)), written(e, style)]
    rng.shuffle(texts)
    return one_meaning("exact_decimals", *texts, e)


@rewriting
def labelled(rng: random.Random) -> Case | None:
    e = expression(rng, "drte")
    names = sorted(s.name for s in e.free_symbols)
    free = rng.choice([n for n in "wzkhPAVS" if n not in names])
    call = f"f({names[0]}) = " if len(names) == 1 else f"{free} = "
    label = rng.choice([f"{free} = ", f"{free}=", call])
    return one_meaning("labelled", written(e, random_style(rng)), label + written(e, random_style(rng)), e)


def _raised(base: sp.Basic, exponent: sp.Basic) -> str:
    return f"{written(base)}^{{{written(exponent)}}}"


def judged(makers: dict[str, Maker], kind: str, seed: int, wanted: bool, limit: int) -> Iterator[Case]:
    """Yield distinct cases of a kind that the oracle judges as wanted (True: equal, False: different)."""
    rng = random.Random(f"{kind}/{seed}")
    seen: set[tuple[str, str]] = set()
    for attempt in range(limit * 40):
        if len(seen) >= limit:
            return
        case = makers[kind](rng)
        if case is None or case.ground_truth == case.answer or (case.ground_truth, case.answer) in seen:
            continue
        if judge(case.meant, case.meant_by_answer, f"{kind}/{seed}/{attempt}", case.positive_only) is wanted:
            seen.add((case.ground_truth, case.answer))
            yield case
