"""Writes a sympy expression in the notations that people and models use, chosen by a style."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

ADD, MUL, POW, ATOM = 1, 2, 3, 4
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_NAMES = {
    sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.cot: "cot", sp.sec: "sec", sp.csc: "csc",
    sp.asin: "arcsin", sp.acos: "arccos", sp.atan: "arctan", sp.sinh: "sinh", sp.cosh: "cosh",
    sp.tanh: "tanh", sp.log: "ln",
}  # fmt: skip
_SAFE_PAIRS = frozenset(("xy", "ab", "ax", "ay", "bx", "by"))


@dataclass(frozen=True)
class Style:
    """One way of writing; ``seed`` orders terms and factors, None keeps sympy's order."""

    alphabet: str = "latex"  # latex, ascii or unicode
    fraction: str = r"\frac"  # \frac, \dfrac, \tfrac or /
    product: str = ""  # "" (implied), \cdot, \times, * ...
    brackets: str = "plain"  # plain or left (for \left and \right)
    root: str = "sqrt"  # sqrt, slash (^{1/2}) or frac (^{\frac{1}{2}})
    negative_powers: bool = False
    bare_functions: bool = False
    exp_word: bool = False
    coefficient_apart: bool = False
    decimals: bool = False
    inner_squares: bool = False  # 2 sqrt(3) as sqrt(12)
    power_mark: str = "^"  # ** in plain text
    seed: str | None = None


PLAIN = Style()


def random_style(rng: random.Random, alphabet: str = "latex", reorder: bool = True) -> Style:
    """Return a style drawn at random for one of the three alphabets."""
    products = {"latex": ["", "", r"\cdot", r"\times"], "ascii": ["*"], "unicode": ["·", "×"]}
    return Style(
        alphabet=alphabet,
        fraction=rng.choice([r"\frac", r"\dfrac", r"\tfrac", "/"]) if alphabet == "latex" else "/",
        product=rng.choice(products[alphabet]),
        brackets=rng.choice(["plain", "left"]) if alphabet == "latex" else "plain",
        root=rng.choice(["sqrt", "sqrt", "slash", "frac"]) if alphabet == "latex" else "sqrt",
        negative_powers=rng.random() < 0.2,
        bare_functions=alphabet == "latex" and rng.random() < 0.4,
        exp_word=rng.random() < 0.3,
        coefficient_apart=alphabet == "latex" and rng.random() < 0.3,
        power_mark=rng.choice(["^", "**"]) if alphabet == "ascii" else "^",
        seed=str(rng.random()) if reorder else None,
    )


def written(expression: sp.Basic, style: Style = PLAIN) -> str:
    """Return the expression as text."""
    return _Writer(style).show(expression)[0]


class _Writer:
    """Shows one expression; each part comes with how tightly it binds."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.latex = style.alphabet == "latex"
        self.rng = random.Random(style.seed) if style.seed is not None else None

    def ordered(self, parts: list[sp.Basic]) -> list[sp.Basic]:
        parts = sorted(parts, key=sp.default_sort_key)
        if self.rng is not None:
            self.rng.shuffle(parts)
        return parts

    def group(self, text: str) -> str:
        if self.latex and self.style.brackets == "left":
            return rf"\left({text}\right)"
        return f"({text})"

    def bound(self, expression: sp.Basic, least: int) -> str:
        text, tightness = self.show(expression)
        return text if tightness >= least else self.group(text)

    def show(self, e: sp.Basic) -> tuple[str, int]:
        if e.is_Symbol:
            return e.name, ATOM
        if e.is_Rational:
            return self.number(Fraction(int(e.p), int(e.q)))
        if e is sp.pi:
            return {"latex": r"\pi", "ascii": "pi", "unicode": "π"}[self.style.alphabet], ATOM
        if e is sp.E:
            return ("e", ATOM)
        if e is sp.I:
            return ("i", ATOM)
        if e.is_Add:
            return self.sum(e)
        if e.is_Mul:
            return self.mul(e)
        if e.is_Pow or isinstance(e, sp.exp):
            return self.power(*e.as_base_exp()) if e.is_Pow else self.power(sp.E, e.args[0])
        if isinstance(e, sp.Abs):
            inner = self.show(e.args[0])[0]
            if self.latex:
                return (rf"\left|{inner}\right|", ATOM)
            return (f"abs({inner})" if self.style.alphabet == "ascii" else f"|{inner}|"), ATOM
        if isinstance(e, sp.factorial):
            return f"{self.bound(e.args[0], ATOM)}!", POW
        if isinstance(e, sp.binomial) and self.latex:
            return rf"\binom{{{self.show(e.args[0])[0]}}}{{{self.show(e.args[1])[0]}}}", ATOM
        return self.function(e, None)

    def number(self, value: Fraction) -> tuple[str, int]:
        if value < 0:
            return "-" + self.number(-value)[0], ADD
        if value.denominator == 1:
            return str(value.numerator), ATOM
        if self.style.decimals and (exact := exact_decimal(value)):
            return exact, ATOM
        return self.over(str(value.numerator), str(value.denominator))

    def over(self, top: str, bottom: str) -> tuple[str, int]:
        """Write a quotient of two texts that are already grouped where a slash needs it."""
        if self.style.fraction == "/" or not self.latex:
            return f"{top}/{bottom}", MUL
        if len(top) == len(bottom) == 1 and self.rng is not None and self.rng.random() < 0.3:
            return f"{self.style.fraction}{top}{bottom}" if top.isdigit() else (
                f"{self.style.fraction} {top}{bottom}"), MUL  # fmt: skip
        return f"{self.style.fraction}{{{top}}}{{{bottom}}}", MUL

    def quotient(self, top: list[sp.Basic], bottom: list[sp.Basic]) -> tuple[str, int]:
        slash = self.style.fraction == "/" or not self.latex
        over, under = self.product(top), self.product(bottom)
        if slash:
            # "ln x/2" is two things to two readers
            bare = self.style.bare_functions and any(f.has(*_NAMES) for f in top)
            above = over[0] if over[1] >= MUL and not bare else self.group(over[0])
            below = under[0] if under[1] >= POW else self.group(under[0])
            return f"{above}/{below}", MUL
        return self.over(over[0], under[0])

    def sum(self, e: sp.Basic) -> tuple[str, int]:
        text = ""
        for term in self.ordered(list(e.args)):
            negative = term.as_coeff_Mul()[0].is_negative
            shown = self.bound(-term if negative else term, MUL)
            if not text:
                text = f"-{shown}" if negative else shown
            else:
                text += f" {'-' if negative else '+'} {shown}"
        return text, ADD

    def mul(self, e: sp.Basic) -> tuple[str, int]:
        coefficient, rest = e.as_coeff_Mul()
        if coefficient.is_negative:
            return f"-{self.bound(-e, MUL)}", ADD
        top: list[sp.Basic] = []
        bottom: list[sp.Basic] = []
        for factor in self.ordered(list(sp.Mul.make_args(rest))):
            base, exponent = factor.as_base_exp()
            if exponent.is_Rational and exponent.is_negative and not self.style.negative_powers:
                bottom.append(sp.Pow(base, -exponent))
            else:
                top.append(factor)
        if self.style.inner_squares and coefficient.is_Integer and coefficient > 1:
            for i, factor in enumerate(top):
                if factor.is_Pow and factor.exp == sp.S.Half and factor.base.is_Integer:
                    top[i] = sp.Pow(factor.base * coefficient**2, sp.S.Half, evaluate=False)
                    coefficient = sp.S.One
                    break
        if self.style.coefficient_apart and coefficient.q != 1 and not bottom:
            first = self.over(str(coefficient.p), str(coefficient.q))[0]
            if self.style.fraction == "/":
                first = self.group(first)
            return self.joined([first, *self.factors(top)]), MUL
        if self.style.decimals and (exact := exact_decimal(Fraction(int(coefficient.p), int(coefficient.q)))):
            if exact != "1":
                return (self.joined([exact, *self.factors(top)]), MUL) if not bottom else (
                    self.over_decimal(exact, top, bottom), MUL)  # fmt: skip
            coefficient = sp.S.One
        if coefficient.q != 1:
            bottom.insert(0, sp.Integer(coefficient.q))
        if coefficient.p != 1:
            top.insert(0, sp.Integer(coefficient.p))
        return self.quotient(top, bottom) if bottom else self.product(top)

    def over_decimal(self, exact: str, top: list[sp.Basic], bottom: list[sp.Basic]) -> str:
        return self.joined([exact, self.group(self.quotient(top, bottom)[0])])

    def product(self, factors: list[sp.Basic]) -> tuple[str, int]:
        if not factors:
            return "1", ATOM
        if len(factors) == 1:
            return self.show(factors[0])
        return self.joined(self.factors(factors)), MUL

    def factors(self, factors: list[sp.Basic]) -> list[str]:
        """Show factors, functions last: only the very last may go without brackets round its argument."""
        calls = [f for f in factors if f.func in _NAMES]
        shown = [self.bound(f, POW) for f in factors if f not in calls]
        for f in calls[:-1]:
            shown.append(self.function(f, None, bare=False)[0])
        return shown + [self.bound(f, POW) for f in calls[-1:]]

    def joined(self, texts: list[str]) -> str:
        mark = self.style.product
        out = texts[0]
        for text in texts[1:]:
            if mark:
                out += f"{mark}{text}" if mark == "*" else f" {mark} {text}"
            elif text[0].isdigit() or (out[-1].isdigit() and text.startswith(("\\frac", "\\dfrac", "\\tfrac"))):
                out += rf" \cdot {text}"
            elif (out[-1].isalpha() and text[0].isalpha() and out[-1] + text[0] not in _SAFE_PAIRS) or (
                out.endswith(r"\pi") and text[0].isalpha()
            ):
                out += f" {text}"
            else:
                out += text
        return out

    def power(self, base: sp.Basic, exponent: sp.Basic) -> tuple[str, int]:
        style = self.style
        if exponent.is_Rational and exponent.is_negative and not style.negative_powers:
            inner = sp.Pow(base, -exponent, evaluate=False) if exponent != -1 else base
            return self.quotient([], [inner])
        if exponent.is_Rational and exponent.q in (2, 3) and exponent.p > 0 and (
            style.root == "sqrt" or not self.latex
        ):  # fmt: skip
            if exponent.q == 3 and not self.latex:
                return f"{self.bound(base, ATOM)}{style.power_mark}({exponent.p}/3)", POW
            inside = base if exponent.p == 1 else sp.Pow(base, exponent.p)
            return self.root(inside, int(exponent.q)), POW
        if base is sp.E and style.exp_word:
            word = r"\exp" if self.latex else "exp"
            return f"{word}{self.group(self.show(exponent)[0])}", POW
        if base.func in _NAMES and exponent.is_Integer and exponent > 1 and self.latex:
            return self.function(base, f"^{{{exponent}}}" if exponent > 9 else f"^{exponent}")
        under = self.bound(base, ATOM)
        if self.latex:
            if exponent.is_Rational and exponent.q != 1:
                sign = "-" if exponent.p < 0 else ""
                p, q = abs(exponent.p), exponent.q
                inner = rf"{sign}\frac{{{p}}}{{{q}}}" if style.root == "frac" else f"{sign}{p}/{q}"
            else:
                inner = self.show(exponent)[0]
            return (f"{under}^{inner}" if len(inner) == 1 else f"{under}^{{{inner}}}"), POW
        if style.alphabet == "unicode" and exponent.is_Integer:
            return under + str(exponent).translate(_RAISED), POW
        inner, tightness = self.show(exponent)
        return f"{under}{style.power_mark}{inner if tightness == ATOM else f'({inner})'}", POW

    def root(self, inside: sp.Basic, degree: int) -> str:
        text = self.show(inside)[0]
        if self.latex:
            if degree == 2 and len(text) == 1 and text.isdigit() and self.rng is not None and self.rng.random() < 0.3:
                return rf"\sqrt{text}"
            return rf"\sqrt{'[3]' if degree == 3 else ''}{{{text}}}"
        if self.style.alphabet == "ascii":
            return f"sqrt({text})"
        return f"√{text}" if text.isdigit() else f"√({text})"

    def function(self, e: sp.Basic, raised: str | None, bare: bool = True) -> tuple[str, int]:
        name = _NAMES[e.func]
        argument = e.args[0]
        word = f"\\{name}" if self.latex else name
        simple = argument.is_Symbol or (
            argument.is_Mul
            and len(argument.args) == 2
            and argument.args[0].is_Integer
            and argument.args[1].is_Symbol
        )  # fmt: skip
        inner = _Writer(Style(alphabet="latex")).show(argument)[0] if simple and self.latex else self.show(argument)[0]
        if bare and simple and self.latex and self.style.bare_functions and not inner.startswith("-"):
            return f"{word}{raised or ''} {inner}", MUL
        return f"{word}{raised or ''}{self.group(inner)}", ATOM if raised is None else POW


def exact_decimal(value: Fraction) -> str | None:
    """Return a finite decimal, or None where the number has none of at most six places."""
    for places in range(7):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
            sign = "-" if value < 0 else ""
            return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
    return None
