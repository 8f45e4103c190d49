r"""Which option of a multiple-choice question a completion's answer part names: one letter, or none.

Every place that marks an answer is read: boxes, ``<answer>`` tags, "the answer is …", and an answer part that is
nothing but the option. All of them must name the same letter: whoever names two has not chosen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from r1rewards.text.boxed import find_boxes
from r1rewards.text.phrases import last_answer_phrase

_MAX_CHARS = 600
# A choice is looked for this far from the end.
_READ_CHARS = 200_000
_MOST_PHRASES = 64
# Markup around a letter: \text{B}, \textbf{(B)}, $B$, **B**.
_COMMAND = re.compile(r"\\(?:text(?:bf|rm|it|sf)?|mathrm|mathbf|mathsf|mathit|boldsymbol|bf|rm|,|;|!|\s)")
_MARKUP = str.maketrans("", "", "{}$*_`\\\u200b\u200c\u200d\u2060\ufeff\u00ad")
_OPTION = re.compile(
    r"\s*(?:(?:the\s+)?(?:correct\s+)?(?:option|choice|answer|letter|选项|選項|选|選|選択肢|보기|opción|opção|respuesta)\s*[:：]?\s*)?"
    r"(?P<open>[(\[（【]?)\s*(?P<letter>[A-Za-z])\s*(?P<close>[)\]）】]?)(?![\w'’])(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)
_REST = re.compile(r"\s*(?:[.:：。,，;)\]-]|–|—|$)|\s+(?:is|because|since|as|which)\b", re.DOTALL)
# Another letter behind the first, joined so that both are offered.
_ANOTHER = re.compile(
    r"(?:\b(?:or|and|und|oder|et|ou|y|o|e|и|или|both)\b|[/,，、&|;+]|或|和|또는|または|と|\bthen\b)"
    r"[\s(\[（【]*(?:option\s+|choice\s+)?(?P<letter>[A-Z])(?![\w'’])(?!\s+[a-z])"
)
_BRACKETED = re.compile(r"[(\[（【]\s*(?P<letter>[A-Z])\s*[)\]）】]")
_SENTENCE_END = re.compile(r"\n|[。！？]|[.!?](?=\s|$)|</answer>|<\|")
_EDGES = " \t\r\n.:：。,，;*"


@dataclass(frozen=True, slots=True)
class Choice:
    """What an answer part names.

    Attributes:
        letter: The option's letter in upper case; empty where there is none.
        problem: Why there is none; empty where there is one.
    """

    letter: str
    problem: str = ""


def find_choice(text: str, start: int, end: int, options: Sequence[str] | int) -> Choice:
    r"""Return the one option that an answer part names.

    Args:
        text: The completion.
        start: Offset where the answer part begins.
        end: Offset where it ends.
        options: The options' texts, or how many there are (from A on).

    Returns:
        The letter, or why there is none.

    Example:
        >>> said = (r"So \boxed{\text{B}}.", "The answer is (C).", "D")
        >>> [find_choice(text, 0, len(text), 4).letter for text in said]
        ['B', 'C', 'D']
        >>> find_choice("The answer is A or B.", 0, 21, 4).problem
        'several options are named (A, B)'
    """
    start = max(start, end - _READ_CHARS)
    named: set[str] = set()
    marked = False
    for place in _slots(text, start, end):
        if not place.strip():
            continue
        marked = True
        letters = letters_of(place, options)
        named |= letters
    if not marked:
        whole = text[start : min(end, start + _MAX_CHARS + 1)].strip()
        if whole and len(whole) <= _MAX_CHARS:
            named |= letters_of(whole, options)
    if len(named) == 1:
        return Choice(named.pop())
    if named:
        return Choice("", f"several options are named ({', '.join(sorted(named))})")
    return Choice("", "the marked answer names no option" if marked else "the answer part names no option")


def letters_of(place: str, options: Sequence[str] | int) -> set[str]:
    r"""Return the letters of the options that a short text offers.

    Args:
        place: What stands in a box, in a tag, or behind "the answer is".
        options: The options' texts, or how many there are.

    Example:
        >>> [sorted(letters_of(*said)) for said in (("(B) 42", 4), ("A, C", 4), ("Paris", ["Rome", "Paris"]))]
        [['B'], ['A', 'C'], ['B']]
    """
    if len(place) > _MAX_CHARS:
        return set()
    bare = unicodedata.normalize("NFKC", _COMMAND.sub(" ", place)).translate(_MARKUP).strip()
    texts = [] if isinstance(options, int) else [plain(option) for option in options]
    count = options if isinstance(options, int) else len(options)
    same = {chr(65 + number) for number, option in enumerate(texts) if option and option == plain(bare)}
    if same:
        return same
    match = _OPTION.fullmatch(bare)
    if match is None or not _within(match["letter"], count):
        return set()
    rest = match["rest"]
    if match["letter"].islower() and rest.strip(_EDGES) and not match["close"]:
        return set()  # "a cat": an article, not an option
    if rest.strip() and not match["close"] and not _REST.match(rest) and not _ANOTHER.match(rest.lstrip()):
        return set()
    letters = {match["letter"].upper()}
    behind = plain(rest)
    if behind and behind in texts:
        return letters | {chr(65 + number) for number, option in enumerate(texts) if option == behind}
    others = [other["letter"] for finder in (_ANOTHER, _BRACKETED) for other in finder.finditer(rest)]
    return letters | {other for other in others if _within(other, count)}


def plain(option: str) -> str:
    """Return an option's text as two are compared: case, spaces, markup and outer punctuation left out.

    Example:
        >>> plain(" **Paris**. ")
        'paris'
    """
    bare = unicodedata.normalize("NFKC", _COMMAND.sub(" ", option)).translate(_MARKUP)
    return " ".join(bare.casefold().split()).strip(_EDGES)


def _within(letter: str, count: int) -> bool:
    """Return whether a letter is that of an option."""
    return letter.isascii() and ord(letter.upper()) - 65 < count


def _slots(text: str, start: int, end: int) -> Iterator[str]:
    """Yield what stands where an answer is marked."""
    for box in find_boxes(text, start, end):
        if box.outer:
            yield text[box.content_start : min(box.content_end, box.content_start + _MAX_CHARS + 1)]
            # "\boxed{A} or B": what follows the box offers a second one.
            tail = text[box.end : min(end, box.end + 40)]
            joined = _ANOTHER.match(tail.lstrip(" \t$*"))
            if joined:
                yield joined["letter"]
    opened = text.find("<answer>", start, end)
    while opened >= 0:
        close = text.find("</answer>", opened, end)
        if close < 0:
            break
        begin = opened + len("<answer>")
        inside = text[begin : min(close, begin + _MAX_CHARS + 1)]
        if "\\boxed" not in inside:
            yield inside
        opened = text.find("<answer>", close, end)
    before = end
    for _ in range(_MOST_PHRASES):
        phrase = last_answer_phrase(text, start, before)
        if phrase is None:
            break
        before = phrase.start()
        begin = phrase.end()
        window = text[begin : min(end, begin + _MAX_CHARS)]
        lead = len(window) - len(window.lstrip(_EDGES))
        stop = _SENTENCE_END.search(window, lead + 2)
        said = window[lead : stop.start() if stop else None]
        if "\\boxed" not in said and "<answer>" not in said:
            yield said
