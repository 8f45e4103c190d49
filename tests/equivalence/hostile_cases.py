"""Texts made to hang, exhaust, crash or take over a verifier, each with what must not be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEEP = 5_000


@dataclass(frozen=True)
class Hostile:
    """One hostile pair, built only when asked for.

    ``equal`` is False where equality would be wrong, True where the two are the same by their text, and None
    where either may be said (undecided counts as not equal).
    """

    name: str
    build: Callable[[], tuple[str, str]]
    equal: bool | None = False


def _against_42(text: str) -> Callable[[], tuple[str, str]]:
    return lambda: ("42", text)


def _nested(opening: str, closing: str, inner: str = "1", depth: int = DEEP) -> str:
    return opening * depth + inner + closing * depth


def _determinant(n: int, symbolic: bool) -> str:
    rows = [
        " & ".join(f"a_{{{i},{j}}}" if symbolic else str((i * 7 + j * 3 + i * j) % 11) for j in range(n))
        for i in range(n)
    ]
    body = r" \\ ".join(rows)
    return rf"\det\begin{{pmatrix}} {body} \end{{pmatrix}}"


def _bars(n: int) -> str:
    return _determinant(n, symbolic=True).replace(r"\det", "").replace("pmatrix", "vmatrix")


def _set(values: list[str]) -> str:
    return r"\{" + ", ".join(values) + r"\}"


def _continued_fraction(depth: int, last: str) -> str:
    return r"1 + \frac{1}{" * depth + last + "}" * depth


def _nested_root(depth: int, last: str) -> str:
    return r"\sqrt{2 + " * depth + last + "}" * depth


_NUMBERS = [str(i) for i in range(5_000)]
_ROOTS = [rf"\sqrt{{{i}}}" for i in range(2, 1_500)]

_AGAINST_42 = {
    # towers and factorials
    "power tower": "9^{9^{9^{9^{9}}}}",
    "power tower in plain text": "9**9**9**9**9**9",
    "power tower of ten": "10^{10^{10^{10^{10^{10}}}}}",
    "negative tower": "2^{-2^{2^{2^{2^{2}}}}}",
    "tower of a variable": "x^{x^{x^{x^{x^{x^{x}}}}}}",
    "tower of 2,000 levels": "2^{" * 2_000 + "2" + "}" * 2_000,
    "modulus of a tower": r"7^{7^{7^{7}}} \bmod 10",
    "exponential of exponentials": "e^{e^{e^{e^{e^{e}}}}}",
    "factorial of factorials": "((9!)!)!",
    "factorial run": "9!!!!!!!!!!!!!!!!",
    "large factorial": "(10^9)!",
    "factorial as digits": "999999999999!",
    "quotient of factorials": r"\frac{(10^8)!}{(10^8 - 1)!}",
    "binomial": r"\binom{10^9}{5 \cdot 10^8}",
    "gamma of much": r"\Gamma(10^{12})",
    # digits
    "a million digits": "7" * 1_000_000,
    "a million decimals": "0." + "3" * 1_000_000,
    "grouped digits": "1" + ",234" * 100_000,
    "repeating decimals": r"0.\overline{" + "142857" * 17_000 + "}",
    "exponent of many digits": "1e" + "9" * 10_000,
    "scientific with a huge exponent": r"1.5 \times 10^{999999999999}",
    "tiny scientific": "3e-999999999",
    "root of huge degree": r"\sqrt[10^{9}]{2}",
    "base with many digits": "1" * 50_000 + "_{2}",
    "base of strange size": "zz_{36^{36}}",
    # nesting
    "parentheses": _nested("(", ")"),
    "brackets": _nested("[", "]"),
    "braces": _nested("{", "}"),
    "set braces": _nested(r"\{", r"\}"),
    "left and right": _nested(r"\left(", r"\right)"),
    "bars": _nested("|", "|", "x"),
    "left bars": _nested(r"\left|", r"\right|", "x"),
    "floors": _nested(r"\lfloor ", r"\rfloor "),
    "angles": _nested(r"\langle ", r"\rangle "),
    "roots": _nested(r"\sqrt{", "}", "2"),
    "fractions": _nested(r"\frac{1}{", "}", "2"),
    "fractions upwards": _nested(r"\frac{", "}{2}", "1"),
    "texts": _nested(r"\text{", "}", "a"),
    "exponents": _nested("2^{", "}"),
    "sines": _nested(r"\sin(", ")", "x"),
    "sines without brackets": r"\sin " * DEEP + "x",
    "boxes": _nested(r"\boxed{", "}"),
    "matrices": _nested(r"\begin{pmatrix}", r"\end{pmatrix}", "1", 2_000),
    "opened only": "(" * 100_000,
    "closed only": ")" * 100_000,
    "mixed brackets": "([{" * 20_000,
    "calls": "f(" * DEEP + "x" + ")" * DEEP,
    # large algebra
    "determinant of 60 by 60": _determinant(60, symbolic=False),
    "symbolic determinant": _determinant(12, symbolic=True),
    "symbolic determinant of 60 by 60": _determinant(60, symbolic=True),
    "symbolic determinant in bars": _bars(10),
    "power of a matrix": r"\begin{pmatrix} 1 & 1 \\ 1 & 0 \end{pmatrix}^{10^{9}}",
    "sum to a billion": r"\sum_{k=1}^{10^9} \frac{1}{k^2}",
    "sum to a tower": r"\sum_{k=1}^{10^{10^{10}}} k",
    "sums in sums": r"\sum_{i=1}^{1000}\sum_{j=1}^{1000}\sum_{k=1}^{1000}\sum_{l=1}^{1000} ijkl",
    "infinite sum": r"\sum_{n=1}^{\infty} \frac{\sin(n)}{n^3}",
    "product to a billion": r"\prod_{k=1}^{10^9} k",
    "product of powers": r"\prod_{k=1}^{500} k^{k^{k}}",
    "integral": r"\int_0^\infty \frac{\sin(x^{x^{x}})}{e^{x}} \, dx",
    "many integrals": r"\int_0^1 " * 500 + "x" + r"\,dx" * 500,
    "limit": r"\lim_{n \to \infty} \left(1 + \frac{1}{n}\right)^{n^{n}}",
    "derivatives": r"\frac{d}{dx} " * 500 + "x^x",
    "power of a sum": "(x + 1)^{10^9}",
    "power of many letters": "(a+b+c+d+f+g+h+k)^{200}",
    "huge exponents of variables": "x^{10^{100}} + y^{10^{100}}",
    "product of many sums": "".join(f"(x+{i})(y-{i})" for i in range(400)),
    "many letters": "+".join(f"x_{{{i}}}^{{{i}}}" for i in range(3_000)),
    "long sum": "+".join(_NUMBERS),
    "long product": r" \cdot ".join(_NUMBERS[1:]),
    "long product of letters": "x" * 50_000,
    "quotients": "1" + "/2" * 20_000,
    "nested radicals": _nested_root(500, "x"),
    "continued fraction": _continued_fraction(1_000, "x"),
    "pole": r"\tan\left(\frac{\pi}{2}\right) + \frac{1}{0} + 0^{0} + 0^{-1}",
    "great gcd": r"\gcd(" + ", ".join(str(10**200 + i) for i in range(300)) + ")",
    "huge lcm": r"\operatorname{lcm}(" + ", ".join(_NUMBERS[1:3_000]) + ")",
    # plus-minus
    "forty plus-minus": "1" + r" \pm 1" * 40,
    "set of plus-minus": _set([rf"\pm {i} \pm \sqrt{{{i}}} \pm {i + 1}" for i in range(1, 300)]),
    "tuple of plus-minus": "(" + ", ".join([r"\pm 1"] * 60) + ")",
    "plus-minus run": r"\pm" * 10_000 + "1",
    # scanners
    "boxes after an open display": r"\[ " + r"\boxed{}. " * 2_000,
    "boxes never closed": r"\boxed{" * 50_000,
    "dollars": "$" * 100_000,
    "text openings": r"\text{" * 50_000,
    "backslashes": "\\" * 100_001,
    "commas": "," * 100_000,
    "minus signs": "-" * 100_000 + "1",
    "plus and minus": "+-" * 50_000 + "1",
    "equals signs": "=" * 100_000,
    "chain of equals": "=".join(["1"] * 20_000),
    "chain of inequalities": "<".join(_NUMBERS),
    "carets": "2" + "^" * 100_000,
    "underscores": "x" + "_1" * 50_000,
    "primes": "f" + "'" * 100_000 + "(x)",
    "percent signs": "1" + "%" * 100_000,
    "degree signs": "1" + r"^\circ" * 20_000,
    "spaces": "4" + " " * 200_000 + "1",
    "spaced commands": r"\, \; \! \quad " * 20_000,
    "ors": " or ".join(f"x={i}" for i in range(5_000)),
    "ands": " and " * 30_000,
    "words": "the answer is not " * 20_000,
    "hidden answers": "the answer is " * 20_000 + "41",
    "units chain": "5 " + r"\text{ m}\cdot\text{s}^{-1}" * 2_000,
    "units to a power": r"5 \text{ m}^{999999999999}",
    "currencies": r"\$" * 20_000 + "5",
    "dots": "1, 2, " + r"\ldots, " * 10_000 + "3",
    "cases": r"\begin{cases}" + r"1 & x > 0 \\ " * 5_000 + r"\end{cases}",
    "unions": r" \cup ".join(f"({i}, {i}.5)" for i in range(3_000)),
    "intersections": r" \cap ".join(f"(-{i}, {i})" for i in range(1, 3_000)),
    "set differences": r"\mathbb{R}" + r" \setminus \{1\}" * 3_000,
    "ratio": ":".join(_NUMBERS),
    "ten megabytes": "ab1 " * 2_500_000,
    # alphabets and words
    "digits of another script": "\u0664\u0663" * 1,
    "fullwidth digits": "\uff14\uff13",
    "digits that are no numbers": "\u00b2\u00b3\u2460\u2074" * 5_000,
    "mathematical letters": "\U0001d7d9" * 50_000,
    "lone surrogates": "\ud800\udfff\ud801" * 1_000,
    "zeros of the alphabet": "\x00" * 10_000 + "43",
    "right to left": "\u202e42\u202c" + "\u200b" * 50_000 + "1",
    "combining": "4" + "\u0301" * 50_000 + "3",
    "unicode roots": "√" * 20_000 + "2",
    "vulgar fractions": "½" * 20_000,
    "superscripts": "2" + "⁹" * 20_000,
    "nan": "nan",
    "NaN in words": r"\text{NaN}",
    "infinity": "inf",
    "minus infinity": r"-\infty",
    "infinity less infinity": r"\infty - \infty",
    "none": "None",
    "true": "True",
    "undefined": r"\text{undefined}",
    "empty": "",
    "only spaces": " \t\n ",
    "only markup": r"\left(\right) \, \text{} {}",
    # code
    "import": "__import__('os').system('touch MARKER')",
    "eval": "eval(\"open('MARKER','w')\")",
    "lambda": "(lambda: open('MARKER', 'w'))()",
    "class walk": "().__class__.__bases__[0].__subclasses__()",
    "sympy call": 'sympify(\'__import__("os").system("touch MARKER")\')',
    "sympy names": "Symbol('x').subs(x, open('MARKER','w'))",
    "numexpr": "2*a[__import__('os').system('touch MARKER')]",
    "latex input": r"\input{/etc/passwd}",
    "latex write": r"\immediate\write18{touch MARKER}",
    "latex definition": r"\def\x{\x\x}\x",
    "shell": "$(touch MARKER); `touch MARKER`",
    "format": "{0.__class__.__init__.__globals__}",
    "percent format": "%s%s%s%n%n",
    "html": "<script>alert(1)</script>",
    "null and quote": "';DROP TABLE answers;--\x00",
}

_PAIRS: dict[str, tuple[Callable[[], tuple[str, str]], bool | None]] = {
    "two towers": (lambda: ("9^{9^{9^{9}}}", "9^{9^{9^{9}}} + 1"), False),
    "two factorials": (lambda: ("((5!)!)!", "((5!)!)! + 1"), False),
    "tiny factorials": (lambda: (r"\frac{1}{2004!}", r"\frac{1}{2006!}"), False),
    "equal tower": (lambda: ("9^{9^{9^{9}}}", "9^{9^{9^{9}}}"), True),
    "powers of a sum": (lambda: ("(x+1)^{10^9}", "(x+1)^{10^9} + 1"), False),
    "powers of two sums": (lambda: ("(x+1)^{10^9}", "(1+x)^{1000000000}"), None),
    "binomials": (lambda: (r"\binom{10^9}{5}", r"\binom{10^9}{6}"), False),
    "million digits": (lambda: ("7" * 1_000_000, "7" * 999_999 + "8"), False),
    "million equal digits": (lambda: ("7" * 1_000_000, "7" * 1_000_000), True),
    "million digits and a tower": (lambda: ("7" * 100_000, "7^{7^{7}}"), False),
    "large sets": (lambda: (_set(_NUMBERS), _set(_NUMBERS[::-1])), None),
    "large sets, one other": (lambda: (_set(_NUMBERS), _set([*_NUMBERS[:-1], "x"])), False),
    "sets of roots": (lambda: (_set(_ROOTS), _set([r[:-1] + "+0}" for r in _ROOTS[::-1]])), None),
    "sets of roots, one other": (lambda: (_set(_ROOTS), _set([*_ROOTS[:-1], r"\pi"])), False),
    "large tuples": (lambda: (f"({', '.join(_NUMBERS)})", f"({', '.join(_NUMBERS[::-1])})"), False),
    "lists of words": (lambda: (" or ".join(f"word{i}" for i in range(5_000)), "word"), False),
    "plus-minus both sides": (lambda: (r"1 \pm 2" * 20, r"\pm 1" * 30), False),
    "sets of plus-minus": (
        lambda: (_set([rf"\pm {i}" for i in range(1_000)]), _set([rf"\pm {i}" for i in range(1, 1_001)])),
        False),
    "determinants": (
        lambda: (_determinant(12, symbolic=True), _determinant(12, symbolic=True) + "+1"), False),
    "matrices of 60 by 60": (
        lambda: (_determinant(60, False)[4:], _determinant(60, False)[4:].replace(" 3 ", " 4 ", 1)), False),
    "nested radicals both sides": (lambda: (_nested_root(500, "x"), _nested_root(500, "y")), False),
    "continued fractions": (lambda: (_continued_fraction(500, "2"), _continued_fraction(500, "3")), False),
    "deep both sides": (lambda: (_nested("(", ")", "1"), _nested("(", ")", "2")), False),
    "repeating decimals both sides": (
        lambda: (r"0.\overline{" + "1" * 100_000 + "2}", r"0.\overline{" + "1" * 100_000 + "3}"), False),
    "sums": (lambda: (r"\sum_{k=1}^{10^9} k", r"\sum_{k=1}^{10^9} (k + 1)"), False),
    "unions both sides": (
        lambda: (r" \cup ".join(f"({i}, {i}.5)" for i in range(1_000)),
                 r" \cup ".join(f"({i}, {i}.5]" for i in range(1_000))),
        False),
    "hostile reference": (lambda: ("9^{9^{9^{9^{9}}}}", "42"), False),
    "deep reference": (lambda: (_nested("(", ")"), "42"), False),
    "long reference": (lambda: ("7" * 1_000_000, "42"), False),
    "code as reference": (lambda: ("__import__('os').system('touch MARKER')", "0"), False),
    "not a number twice": (lambda: (r"\frac{0}{0}", r"\frac{0}{0} + 1"), False),
    "polynomials of many letters": (
        lambda: ("(a+b+c+d+f+g)^{40}", "(a+b+c+d+f+g)^{39}(a+b+c+d+f-g)"), False),
    "equations of high degree": (lambda: ("x^{10^6} = y^{10^6} + 1", "x^{10^6} - y^{10^6} = 2"), False),
    "cosine of much": (lambda: (r"\cos(10^{10^6})", r"\cos(10^{10^6} + 1)"), False),
    "cancellation": (lambda: (r"\left(10^{40} + \frac{1}{x}\right) - 10^{40}", r"\frac{2}{x}"), False),
    "near one": (lambda: (r"1 + 10^{-300}", r"1 + 10^{-301}"), False),
    "near one by powers": (lambda: (r"\left(1 + 10^{-50}\right)^x", "1"), False),
    "almost an integer": (lambda: (r"e^{\pi\sqrt{163}}", "262537412640768744"), False),
}  # fmt: skip

CASES: list[Hostile] = [Hostile(name, _against_42(text)) for name, text in _AGAINST_42.items()] + [
    Hostile(name, build, equal) for name, (build, equal) in _PAIRS.items()
]
