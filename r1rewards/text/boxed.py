r"""Where the balanced ``\boxed{}`` and ``\fbox{}`` of a text are, in one linear pass.

Only what closes is a box: an opener whose brace never closes is not one, and hides nothing that
follows it. Escaped braces (``\{``) do not count, and neither does a backslash that is itself escaped.
"""

from __future__ import annotations

import re
from collections import deque
from typing import NamedTuple

# What matters begins with one of three characters, and the regex engine skips all others at C speed. A
# command's letters are taken whole, so that \boxedfoo is no box; white space is bounded, so that
# ten megabytes of spaces behind an opener cost one look each and not a scan each. A short box that holds
# nothing of all this is one token.
_TOKEN = re.compile(
    r"[\\{}](?:(?<=\\)(?:(?:boxed|fbox)\{(?P<inside>[^\\{}]{0,100})\}|(?P<box>(?:boxed|fbox)(?![A-Za-z]))|.))?",
    re.DOTALL,
)
_BRACE = re.compile(r"[\\{}](?:(?<=\\).)?", re.DOTALL)
# A box with braces in it at most two deep. What may follow a run of plain characters never begins with one, so that
# nothing is tried twice.
_FLAT = r"[^\\{}]*(?:\\.[^\\{}]*)*"
_ONE_DEEP = rf"[^\\{{}}]*(?:(?:\\.|\{{{_FLAT}\}})[^\\{{}}]*)*"
_USUAL_BOX = re.compile(
    rf"\\boxed\{{(?P<content>[^\\{{}}]*(?:(?:\\.|\{{{_ONE_DEEP}\}})[^\\{{}}]*)*)\}}"
    r"(?P<percent>[\s$]{0,3}(?:\\?%|percent\b))?",
    re.DOTALL,
)
_USUAL_CHARS = 500
_PERCENT_CHARS = 16
# A box without braces at its longest: the name, white space, and two numbers of forty digits with sign and point.
_BARE_BOX_CHARS = 6 + 16 + 82
_NAMES = ("\\boxed", "\\fbox")
_GAP = re.compile(r"[ \t\r\n]{0,16}")
# A box without braces, as people write it: \boxed 5, \boxed -2.5, \boxed A. Longer ones need braces.
_BARE = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?(?!\.?\d)|[A-Za-z](?![A-Za-z])")


class Box(NamedTuple):
    """One balanced box; offsets into the scanned text.

    Attributes:
        start: Offset of the backslash.
        content_start: Offset of the first character inside.
        content_end: Offset after the last character inside.
        end: Offset after the closing brace.
        outer: Whether it stands in no other box.
    """

    start: int
    content_start: int
    content_end: int
    end: int
    outer: bool


def find_boxes(text: str, start: int = 0, end: int | None = None) -> list[Box]:
    r"""Return all balanced boxes of a text, ordered by where they close.

    Args:
        text: Any string.
        start: Offset to begin at.
        end: Offset to stop at; None is the end of the text.

    Returns:
        The boxes; an inner box comes before the one around it.

    Example:
        >>> text = r"x \boxed{\frac{1}{2}}"
        >>> [text[box.content_start:box.content_end] for box in find_boxes(text)]
        ['\\frac{1}{2}']
    """
    stop = len(text) if end is None else end
    # What stands open before the first box cannot touch it, so that the scan begins there: at the first
    # of its backslashes, since one of an even number is itself escaped.
    first = [place for name in _NAMES if (place := text.find(name, start, stop)) >= 0]
    if not first:
        return []
    begin = min(first)
    while begin > start and text[begin - 1] == "\\":
        begin -= 1
    return _balanced(text, begin, stop)


def last_box(text: str, start: int = 0, end: int | None = None) -> Box | None:
    r"""Return the last balanced outermost box, or None where there is none.

    Args:
        text: Any string.
        start: Offset to begin at.
        end: Offset to stop at; None is the end of the text.

    Returns:
        The box that closes last among those in no other box.

    Example:
        >>> box = last_box(r"\boxed{1} and \boxed{2}")
        >>> r"\boxed{1} and \boxed{2}"[box.content_start:box.content_end]
        '2'
        >>> last_box(r"\boxed{1") is None
        True
    """
    for box in reversed(find_boxes(text, start, end)):
        if box.outer:
            return box
    return None


def only_box(text: str, start: int, end: int) -> re.Match[str] | None:
    r"""Return the box of a text in which one stands and nothing else that has to do with boxes, nearly always so.

    Args:
        text: Any string.
        start: Offset to begin at.
        end: Offset to stop at.

    Returns:
        The match of the box, with the groups ``content`` and, where a per cent sign stands behind it, ``percent``;
        None where `find_boxes` has to look more closely.

    Example:
        >>> text = r"so \boxed{\frac12}."
        >>> only_box(text, 0, len(text))["content"]
        '\\frac12'
        >>> only_box(r"\boxed{1} or \boxed{2}", 0, 22) is None
        True
    """
    place = text.rfind("box", start, end) - 1
    if place < start or not text.startswith("\\boxed{", place, end):
        return None
    # Looked for from behind, which is faster; nearly no text has even the word.
    if text.rfind("box", start, place) >= 0 and any(text.rfind(name, start, place) >= 0 for name in _NAMES):
        return None
    if place > start and text[place - 1] == "\\":  # it escapes the next one, or is JSON's
        return None
    stop = place + _USUAL_CHARS
    box = _USUAL_BOX.match(text, place, stop if stop < end else end)
    # Near the stop there may be a per cent sign that is not seen.
    return None if box is None or stop - _PERCENT_CHARS < box.end() else box


def settled_boxes(text: str, start: int, end: int, apart_chars: int) -> list[Box] | None:
    r"""Return the last box by a look at the end alone, where that settles which boxes matter.

    It does where there is at most one opener, where those before the last cannot have closed near or behind it, or
    where there are two of which the first closes far before the second.

    Args:
        text: Any string.
        start: Offset to begin at.
        end: Offset to stop at.
        apart_chars: Boxes further apart than this have nothing to do with each other.

    Returns:
        At most one box; None where `find_boxes` has to look at the whole text.

    Example:
        >>> text = r"so \boxed{5}."
        >>> [text[box.content_start:box.content_end] for box in settled_boxes(text, 0, len(text), 40)]
        ['5']
        >>> settled_boxes(r"\boxed{1} or \boxed{2}", 0, 22, 40) is None
        True
    """
    if text.rfind("\\fbox", start, end) >= 0:
        return None
    last = text.rfind("\\boxed", start, end)
    if last < 0:
        return []
    before = text.rfind("\\boxed", start, last)
    # A backslash before a backslash escapes it, or is JSON's.
    if (last > start and text[last - 1] == "\\") or (before > start and text[before - 1] == "\\"):
        return None
    box = _box_at(text, last, end)
    if before < 0:
        return [] if box is None else [box]
    if box is None:
        return None
    near = max(last - apart_chars, start)
    # What no brace closes behind the last box does not hold it, and what none closes near it is far away.
    alone = text.find("}", box.end, end) < 0 and text.find("}", max(near - 1, start), last) < 0
    if not (alone and before < near - _BARE_BOX_CHARS):
        first = _box_at(text, before, last)
        if first is None or last - first.end <= apart_chars or text.rfind("\\boxed", start, before) >= 0:
            return None
    return [box]


def _box_at(text: str, place: int, stop: int) -> Box | None:
    r"""Return the box that ``\boxed`` at this offset opens, if it closes and no other begins in it."""
    after = place + len("\\boxed")
    if after < stop and text[after] != "{":
        if text[after].isascii() and text[after].isalpha():
            return None
        gap = _GAP.match(text, after, stop)
        after = gap.end() if gap else after
    if after < stop and text[after] == "{":
        depth = 0
        for token in _BRACE.finditer(text, after + 1, stop):
            sign = token[0]
            if sign == "{":
                depth += 1
            elif sign == "}":
                if not depth:
                    return Box(place, after + 1, token.start(), token.end(), True)
                depth -= 1
    elif bare := _BARE.match(text, after, stop):
        return Box(place, after, bare.end(), bare.end(), True)
    return None


def _balanced(text: str, start: int, stop: int) -> list[Box]:
    """Return each box that closes.

    A stack holds every open brace: the offsets of its box, or None for a plain one. A box is outer when no box
    that *closes* surrounds it, which is known only at the end, so outer boxes are marked afterwards.
    """
    found: list[tuple[int, int, int, int]] = []
    # No more openers than there are closers can ever close: the bounded stack drops the oldest, so
    # ten megabytes of openers cost no memory.
    stack: deque[tuple[int, int] | None] = deque(maxlen=text.count("}", start, stop))
    position = start
    search = _TOKEN.search
    while match := search(text, position, stop):
        position = match.end()
        kind = match.lastgroup
        if kind == "inside":
            found.append((match.start(), match.start(kind), position - 1, position))
        elif kind == "box":
            gap = _GAP.match(text, position, stop)
            after = gap.end() if gap else position
            if after < stop and text[after] == "{":
                stack.append((match.start(), after + 1))
                position = after + 1
            elif bare := _BARE.match(text, after, stop):
                position = bare.end()
                found.append((match.start(), after, position, position))
        elif (token := match[0]) == "{":
            stack.append(None)
        elif token == "}" and stack and (opened := stack.pop()):
            found.append((*opened, match.start(), position))
    # From the right: a box is outer when it begins before all boxes that close after it.
    boxes: list[Box] = []
    leftmost = stop + 1
    for opener, content, content_end, end in reversed(found):
        boxes.append(Box(opener, content, content_end, end, opener < leftmost))
        leftmost = min(leftmost, opener)
    boxes.reverse()
    return boxes
