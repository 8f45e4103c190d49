"""A short answer: where it stands in an answer part, and the form in which two of them are compared (SQuAD's)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from r1rewards.text.extraction import POLICIES, Extracted, extract
from r1rewards.text.transcript import Span
from r1rewards.text.words import units_of

MAX_ANSWER_CHARS = 2_000
"""Longer answers are no short answers."""

# A final answer is looked for this far from the end.
_READ_CHARS = 200_000
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
# Between or before digits these marks are part of a number, which must not become another number.
_NUMBER_MARKS = re.compile(r"(?<=\d)[.:/](?=\d)|(?<![\w.)])[-−](?=\.?\d)|(?<!\d)\.(?=\d)|(?<=\d)%")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def short_answer(text: str, answer: Span, policies: Sequence[str], *, whole: bool) -> Extracted:
    """Find the short answer in an answer part.

    Args:
        text: The completion.
        answer: The answer part.
        policies: Policies of `r1rewards.text.extraction`, in order.
        whole: Whether the whole answer part counts where none of them finds anything.

    Returns:
        The answer, or why there is none. What a policy has refused (a hedge) is not mended by the next.

    Example:
        >>> said = "It was long ago. The answer is Paris."
        >>> short_answer(said, Span(0, 37), ("boxed", "final_answer"), whole=True).answer
        'Paris'
        >>> short_answer(" Paris ", Span(0, 7), ("boxed",), whole=True).answer
        'Paris'
    """
    found = (
        extract(text, max(answer.start, answer.end - _READ_CHARS), answer.end, policies) if policies else Extracted("")
    )
    # A slot that is there and empty is an empty answer, whatever stands around it.
    slot = "is empty" in found.problem or "nothing follows" in found.problem
    if found.answer or found.start >= 0 or not whole or slot:
        return found
    bare = answer.of(text).strip()
    if not bare:
        return Extracted("", problem="the answer part is empty")
    if len(bare) > MAX_ANSWER_CHARS:
        return Extracted("", problem=f"the answer part has more than {MAX_ANSWER_CHARS} characters and marks no answer")
    return Extracted(bare, answer.start, "whole")


def check_policies(policies: object) -> tuple[str, ...]:
    """Return the names of policies as a tuple.

    Raises:
        ValueError: One is unknown.
    """
    names = (policies,) if isinstance(policies, str) else tuple(policies) if isinstance(policies, (list, tuple)) else ()
    if (unknown := [name for name in names if name not in POLICIES]) or (not names and policies not in ((), [])):
        said = unknown[0] if unknown else policies
        raise ValueError(f"policies must be some of {', '.join(POLICIES)}, not {said!r}")
    return names


def normalised(answer: str) -> str:
    """Return an answer as SQuAD compares it: lower case, without punctuation, articles and double spaces.

    Two cures: punctuation of any script goes, but a number keeps its sign, point and per cent ("3.5" is not
    "35"); and an answer of nothing but articles or punctuation stays what it is instead of becoming empty, so
    that "!!!" does not equal "The".

    Example:
        >>> normalised("The  Eiffel-Tower!"), normalised("-3.50"), normalised("1,000"), normalised("The")
        ('eiffeltower', '-3.50', '1000', 'the')
    """
    folded = unicodedata.normalize("NFKC", answer).casefold()
    folded = _THOUSANDS.sub("", folded)
    kept = {match.start(): "-" if match[0] in "-−" else match[0] for match in _NUMBER_MARKS.finditer(folded)}
    bare = "".join(kept.get(place, "" if _is_punctuation(sign) else sign) for place, sign in enumerate(folded))
    plain = " ".join(_ARTICLES.sub(" ", bare).split())
    return plain or " ".join(bare.split()) or " ".join(folded.split())


def answer_units(answer: str) -> list[str]:
    """Return a normalised answer's tokens: SQuAD's words, and single characters where there are no spaces."""
    tokens = []
    for word in normalised(answer).split():
        tokens += [word] if word.isascii() else units_of(word) or [word]
    return tokens


def _is_punctuation(sign: str) -> bool:
    """Return whether a character is punctuation, a symbol of ASCII, or invisible."""
    category = unicodedata.category(sign)
    return category[0] == "P" or category == "Cf" or (sign.isascii() and category[0] == "S")
