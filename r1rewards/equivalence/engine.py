"""The public face: decide whether an answer means the same as the ground truth, alone or in batches."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Union

from r1rewards.equivalence import plaintext
from r1rewards.equivalence.budget import Budget
from r1rewards.equivalence.compare import Comparer
from r1rewards.equivalence.decision import Decision, Equivalence
from r1rewards.equivalence.lexer import MAX_CHARS
from r1rewards.equivalence.reading import Reading, read, without_dollars
from r1rewards.equivalence.semantics import DEFAULT, Semantics
from r1rewards.equivalence.syntax import Node, OverBudget, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GroundTruth = Union[str, int, float, "Sequence[str | int | float]"]

EQUAL, DIFFERENT, UNDECIDED = Decision.EQUAL, Decision.DIFFERENT, Decision.UNDECIDED
_CACHED_CHARS = 1_000
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_SHOWN_CHARS = 200


def equivalent(ground_truth: GroundTruth, answer: str | float, semantics: Semantics = DEFAULT) -> Equivalence:
    r"""Decide whether an extracted answer means the same as the ground truth.

    Args:
        ground_truth: The reference: text, a number, or a list of alternatives, any of which counts.
        answer: The answer as extracted, without the reasoning around it.
        semantics: The decisions on which users differ.

    Returns:
        The verdict, truthy when equal; ``BAD_REFERENCE`` for an empty ground truth.

    Example:
        >>> bool(equivalent(r"\\frac{1}{2}", "0.5"))
        True
        >>> bool(equivalent("12 m", "12 cm"))
        False
    """
    if isinstance(ground_truth, (str, int, float)):
        return _pair(_text(ground_truth), _text(answer), semantics)
    best: Equivalence | None = None
    for alternative in ground_truth:
        result = _pair(_text(alternative), _text(answer), semantics)
        if result:
            return result
        if best is None or result.decision is UNDECIDED:
            best = result
    return best or Equivalence(Decision.BAD_REFERENCE, "text", "The ground truth has no alternative.")


def equivalent_batch(
    ground_truths: Iterable[GroundTruth], answers: Iterable[str | int | float], semantics: Semantics = DEFAULT
) -> list[Equivalence]:
    """Decide many pairs; equal pairs are decided once.

    Args:
        ground_truths: One reference a row.
        answers: One extracted answer a row, as many as there are references.
        semantics: The decisions on which users differ.

    Returns:
        One verdict a row, in order.

    Example:
        >>> [bool(e) for e in equivalent_batch(["1/2", "3"], ["0.5", "4"])]
        [True, False]
    """
    seen: dict[tuple[object, object], Equivalence] = {}
    out: list[Equivalence] = []
    for truth, answer in zip(ground_truths, answers, strict=True):
        # 1, True and 1.0 are one key of a dictionary, but three texts
        key = (
            (truth.__class__, truth) if isinstance(truth, (str, int, float)) else tuple(map(str, truth)),
            (answer.__class__, answer),
        )
        found = seen.get(key)
        if found is None:
            found = seen[key] = equivalent(truth, answer, semantics)
        out.append(found)
    return out


def validate_reference(text: str | float) -> str | None:
    """Return what is wrong with a reference, or None.

    Example:
        >>> validate_reference("  ")
        'empty'
    """
    written = _text(text)
    if not written.strip():
        return "empty"
    reading = read(written)
    if reading.node is None:
        if not plaintext.plain(reading.text):
            return "nothing but markup"
        if reading.problem.endswith("limit"):
            return reading.problem
    if not equivalent(written, written):
        return "not equal to itself"
    return None


def is_plain_text(text: str) -> bool:
    """Return whether a text is words to the engine, compared as text, rather than mathematics."""
    return read(text).node is None


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # str() of an integer beyond 4,300 digits raises
        return str(value) if value.bit_length() < 10_000 else hex(value)
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _pair(truth: str, answer: str, semantics: Semantics) -> Equivalence:
    truth, answer = truth.strip(), answer.strip()
    if truth == answer and truth:
        return _SAME_TEXT
    bare, given = without_dollars(truth), without_dollars(answer)
    if bare == given and bare:
        return _SAME_MARKED_TEXT
    if _WHOLE.fullmatch(bare) and _WHOLE.fullmatch(given):
        return _SAME_NUMBER if int(bare) == int(given) else _OTHER_NUMBER
    if len(truth) + len(answer) <= _CACHED_CHARS:
        return _pair_cached(truth, answer, semantics)
    return _decide(truth, answer, semantics)


@lru_cache(maxsize=32_768)
def _pair_cached(truth: str, answer: str, semantics: Semantics) -> Equivalence:
    return _decide(truth, answer, semantics)


# Forms of several values, in which a comma is not a decimal point after all.
_SEVERAL = frozenset({"seq", "set", "bracket", "matrix"})
_SAME_TEXT = Equivalence(EQUAL, "text", "The two are the same text.")
_SAME_MARKED_TEXT = Equivalence(EQUAL, "text", "The two are the same text up to markup.")
_SAME_NUMBER = Equivalence(EQUAL, "exact", "The same whole number.")
_OTHER_NUMBER = Equivalence(DIFFERENT, "exact", "Two different whole numbers.")


def _decide(truth: str, answer: str, semantics: Semantics) -> Equivalence:
    """Decide a pair of texts that are not the same, without white space around them."""
    if not truth:
        return Equivalence(Decision.BAD_REFERENCE, "text", "The ground truth is empty.")
    if not answer:
        return Equivalence(DIFFERENT, "text", "The answer is empty.")
    if len(truth) > MAX_CHARS or len(answer) > MAX_CHARS:
        side = "ground truth" if len(truth) > MAX_CHARS else "answer"
        return Equivalence(UNDECIDED, "text", f"The {side} is longer than {MAX_CHARS} characters.")
    a, b = read(truth), read(answer)
    if a.text == b.text and a.text:
        return _SAME_MARKED_TEXT
    if not a.text:
        return Equivalence(Decision.BAD_REFERENCE, "text", "The ground truth is nothing but markup.")
    if a.node is None or b.node is None:
        return _as_text(a, b)
    return _as_mathematics(a, b, semantics)


def _as_text(a: Reading, b: Reading) -> Equivalence:
    ta, tb = plaintext.plain(a.text), plaintext.plain(b.text)
    detail = {"truth": ta[:_SHOWN_CHARS], "answer": tb[:_SHOWN_CHARS], "problem": a.problem or b.problem}
    if ta and ta == tb:
        return Equivalence(EQUAL, "text", "The same words.", detail)
    if a.node is None and b.node is None:
        pa, pb = plaintext.parts(a.text), plaintext.parts(b.text)
        if len(pa) > 1 and sorted(pa) == sorted(pb):
            return Equivalence(EQUAL, "text", "The same items in words.", detail)
        return Equivalence(DIFFERENT, "text", "Two different texts.", detail)
    side = "ground truth" if a.node is None else "answer"
    return Equivalence(DIFFERENT, "text", f"The {side} is words and the other is mathematics.", detail)


def _as_mathematics(a: Reading, b: Reading, semantics: Semantics) -> Equivalence:
    assert a.node is not None
    assert b.node is not None
    budget = Budget()
    pairs: list[tuple[Node, Node]] = [(a.node, b.node)]
    if semantics.locale == "either":
        # Both directions by the same rule, so that the verdict does not depend on who is asked first.
        if b.other is not None and (a.node.op not in _SEVERAL or b.other.op == "seq"):
            pairs.append((a.node, b.other))
        if a.other is not None and (b.node.op not in _SEVERAL or a.other.op == "seq"):
            pairs.append((a.other, b.node))
    verdict = DIFFERENT
    detail: dict[str, object] = {"truth": a.node.op, "answer": b.node.op}
    for left, right in pairs:
        try:
            verdict = Comparer(semantics, budget, a.params | b.params).same(left, right)
        except (OverBudget, RecursionError):
            verdict = UNDECIDED
            detail["budget"] = "spent"
        if verdict is EQUAL:
            break
    tier = "exact" if not _needs_identity(a.node, b.node) else "identity"
    reason = {
        EQUAL: "The two have the same value.",
        DIFFERENT: "The two have different values.",
        UNDECIDED: "The budget or the methods do not reach a decision.",
    }[verdict]
    return Equivalence(verdict, tier, reason, detail)


# What exact arithmetic alone compares.
_EXACT = frozenset(("num", "dec", "qty", "pct", "neg", "bracket", "set", "seq", "div", "matrix", "special"))


def _needs_identity(a: Node, b: Node) -> bool:
    """Return whether the pair needs identity testing: variables or irrational values on either side."""
    return any(n.op not in _EXACT for n in walk(a)[:50]) or any(n.op not in _EXACT for n in walk(b)[:50])
