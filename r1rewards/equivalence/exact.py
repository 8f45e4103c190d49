r"""The cheap exact tier: same text after harmless notation is dropped, or two plain numbers.

It only answers what it can be sure of: anything else is undecided and left to the next tier.
"""

from __future__ import annotations

import re
from fractions import Fraction

from r1rewards.equivalence.decision import Decision, Equivalence

_MAX_CHARS = 10_000
# A gap between two digits may mean anything: 10\,000, the mixed number 3 1/2, the list 1 2. It is kept.
_GAP_IN_DIGITS = re.compile(r"(?<=\d)(?:\\[,!;:> ]|\\q?quad(?![A-Za-z])|[~$\s])+(?=\d)")
# Notation that changes how an answer looks and never what it means; not behind a line break's backslash.
_DROPPED = re.compile(
    r"(?<!\\)\\(?:(?:left|right|displaystyle|textstyle|limits|bigl|bigr|Bigl|Bigr|big|Big|q?quad)(?![A-Za-z])"
    r"|[,!;:> ])|[~$]|\s+(?!\d)|(?<!\d)\s+"
)
_SPACED_COMMA = re.compile(r",\s")
_FRACTION_STYLES = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_SHORT_FRACTION = re.compile(r"\\frac(?:\{(-?\d{1,40})\}|(\d))(?:\{(\d{1,40})\}|(\d))")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:(?:,|\{,\})\d{3})+(?:\.\d{1,40})?")
_INTEGER = re.compile(r"-?\d{1,400}")
_DECIMAL = re.compile(r"-?(?:\d{1,40}\.\d{1,40}|\.\d{1,40})")
_RATIO = re.compile(r"(-?\d{1,40})/(\d{1,40})")
_MINUS = str.maketrans({"−": "-", "–": "-"})


def compare(ground_truth: str, answer: str) -> Equivalence | None:
    r"""Compare two answers by text and as plain exact numbers.

    Args:
        ground_truth: The reference, without its box.
        answer: The model's answer, without its box.

    Returns:
        The verdict, or None where this tier cannot tell.

    Example:
        >>> bool(compare(r"\frac{1}{2}", r"\dfrac12")), bool(compare("10", "11")), compare("x+1", "1+x")
        (True, False, None)
    """
    if len(ground_truth) > _MAX_CHARS or len(answer) > _MAX_CHARS:
        return None
    left, right = canonical(ground_truth), canonical(answer)
    if not left:
        return Equivalence(Decision.BAD_REFERENCE, "text", "the reference is empty")
    if not right:
        return Equivalence(Decision.DIFFERENT, "text", "the answer is empty")
    if left == right:
        return Equivalence(Decision.EQUAL, "text", "the same text", {"canonical": right[:200]})
    # With a space behind its comma it is a list, and no thousand.
    ours = None if _SPACED_COMMA.search(ground_truth) else plain_number(left)
    theirs = None if _SPACED_COMMA.search(answer) else plain_number(right)
    if ours is None or theirs is None:
        return None
    if ours == theirs:
        return Equivalence(Decision.EQUAL, "exact", "the same number", {"number": str(theirs)})
    if "." in left or "." in right:
        return None  # how precisely a decimal has to agree is for the next tier
    return Equivalence(Decision.DIFFERENT, "exact", "two different numbers", {"numbers": [str(ours), str(theirs)]})


def canonical(text: str) -> str:
    r"""Return an answer without the notation that never changes its meaning.

    Example:
        >>> canonical(r"$\left( \dfrac{1}{2},\ 3 \right).$")
        '(\\frac{1}{2},3)'
    """
    shown = _DROPPED.sub("", _GAP_IN_DIGITS.sub(" ", text.translate(_MINUS)))
    shown = _FRACTION_STYLES.sub(r"\\frac", shown)
    return shown[:-1] if shown.endswith(".") else shown


def plain_number(text: str) -> Fraction | None:
    """Return a canonical text as an exact number, or None where it is not one of the plain forms."""
    if _INTEGER.fullmatch(text):
        return Fraction(int(text))
    if _DECIMAL.fullmatch(text):
        return Fraction(text)
    if match := _RATIO.fullmatch(text):
        return Fraction(int(match[1]), int(match[2])) if int(match[2]) else None
    if _THOUSANDS.fullmatch(text):
        return Fraction(text.replace("{,}", "").replace(",", ""))
    sign = -1 if text.startswith("-\\") else 1
    if match := _SHORT_FRACTION.fullmatch(text[1:] if sign < 0 else text):
        top, bottom = int(match[1] or match[2]), int(match[3] or match[4])
        return sign * Fraction(top, bottom) if bottom else None
    return None
