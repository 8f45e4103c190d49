"""Things that look like a tag and are none: other letters, other brackets, spaces in it, or a piece cut off."""

from __future__ import annotations

import re
from functools import lru_cache

from r1rewards.text.parts import Problem

# Letters of other scripts that are drawn alike, lower and upper case, and digits for letters.
_ALIKE = {
    "a": "аɑαàáâäåАΑ4@", "b": "ЬВΒƅ", "c": "сϲСϹ", "d": "ԁɗ", "e": "еєèéêëЕΕ3", "f": "ƒғ", "g": "ɡǥԍ", "h": "һհНΗ",
    "i": "іıιìíîïІΙ1l!", "j": "јЈ", "k": "кκқКΚ", "l": "ӏІ1ι", "m": "мМΜ", "n": "пոηñńΝ", "o": "оοօòóôöОΟ0",
    "p": "рρРΡ", "q": "ԛ", "r": "гᴦ", "s": "ѕšЅ5$", "t": "тτТΤ7", "u": "υսùúûü", "v": "ѵν", "w": "ԝωѡ",
    "x": "хχХΧ", "y": "уγýУΥ", "z": "ᴢžΖ",
}  # fmt: skip
_MATHEMATICAL = range(0x1D400, 0x1D6A4, 52)  # bold, italic, script ... alphabets, upper and lower case each
_UNSEEN_SIGNS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_UNSEEN = f"[{_UNSEEN_SIGNS}]{{0,2}}"
_BRACKETS = {"<": "<＜〈⟨‹˂ᐸ❮", "[": "[［【〔"}
_CLOSING = {">": ">＞〉⟩›˃ᐳ❯", "]": "]］】〕"}
_MARKS = "|｜¦ǀ│/\\／∕⁄" + _UNSEEN_SIGNS
_ATTRIBUTES = r"(?:\s\w{1,20}\s?=[^<>\n]{0,64})?"
_SHORTEST_NAME = 3  # <T> and <r> are code
# More brackets than this are no prose and no honest program: looking behind each would cost a hostile megabyte
# a fifth of a second, so that nothing is then taken for a look-alike. True tags are counted all the same.
_MOST_BRACKETS = 10_000


def traces(masked: str, end: int, tags: tuple[str, ...]) -> set[Problem]:
    """Return what there is of things that look like tags and are none.

    Args:
        masked: The text with quoted code blanked out.
        end: Where it ends.
        tags: The true tags.

    Returns:
        Of ``tag_look_alike`` and ``tag_truncated`` those that apply.

    Example:
        >>> sorted(traces("<thinking>a</think", 18, ("<think>", "</think>")))
        ['tag_look_alike', 'tag_truncated']
    """
    found: set[Problem] = set()
    if masked.isascii() and all(masked.find(first, 0, end) < 0 for first in {tag[0] for tag in tags}):
        return found  # nothing that could begin a tag
    look_alike, broken = _patterns(tags, masked.isascii())
    if look_alike is not None and _few_brackets(masked, tags) and look_alike.search(masked, 0, end):
        found.add("tag_look_alike")
    if (broken is not None and _broken_off(masked, end, tags) and broken.search(masked, 0, end)) or _cut_off(
        masked, end, tags
    ):
        found.add("tag_truncated")
    return found


def _few_brackets(masked: str, tags: tuple[str, ...]) -> bool:
    """Return whether there are opening brackets, and few enough to look behind each."""
    brackets = _openers(tags, masked.isascii())
    if len(masked) <= _MOST_BRACKETS:  # too short for more of them
        return any(bracket in masked for bracket in brackets)
    return 0 < sum(masked.count(bracket) for bracket in brackets) <= _MOST_BRACKETS


def _broken_off(masked: str, end: int, tags: tuple[str, ...]) -> bool:
    """Return whether some tag stands there without its last character; counting is faster than looking."""
    if all(masked.find(name, 0, end) < 0 for name in dict.fromkeys(map(_name, tags))):
        return False
    return any(masked.count(tag[:-1], 0, end) != masked.count(tag, 0, end) for tag in tags)


def _cut_off(masked: str, end: int, tags: tuple[str, ...]) -> bool:
    """Return whether the text ends in the midst of a tag (``<thi``, ``</``)."""
    return masked.endswith(_beginnings(tags), 0, end)


@lru_cache(maxsize=64)
def _openers(tags: tuple[str, ...], in_ascii: bool) -> str:
    """Return what the tags, and what looks like them, begin with."""
    firsts = dict.fromkeys(tag[0] for tag in tags if tag[0] in _BRACKETS)
    return "".join(firsts if in_ascii else map(_BRACKETS.__getitem__, firsts))


@lru_cache(maxsize=64)
def _beginnings(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return what each tag begins with, as far as that says which tag it is."""
    return tuple(tag[:size] for tag in tags for size in range(2 if tag[1:2] == "/" else 3, len(tag)))


@lru_cache(maxsize=64)
def _patterns(tags: tuple[str, ...], in_ascii: bool) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Return what finds look-alikes, and what finds tags without their last bracket; small ones for ASCII."""
    bracketed = [
        tag for tag in tags if tag[0] in _BRACKETS and tag[-1] in _CLOSING and len(_name(tag)) >= _SHORTEST_NAME
    ]
    if not bracketed:
        return None, None
    names: dict[tuple[str, str], dict[str, None]] = {}
    for tag in bracketed:
        names.setdefault((tag[0], tag[-1]), {})[_name(tag)] = None
    # Led by one set of characters, so that the regex engine looks at nothing else.
    leading = _any_of("".join(_BRACKETS[first] for first in dict.fromkeys(first for first, _ in names)), in_ascii)
    marks = _any_of(_MARKS, in_ascii).replace("[", r"[\s", 1) + "{0,6}"
    unseen = "" if in_ascii else _UNSEEN
    exact = "|".join(f"(?<={re.escape(tag[0])}){re.escape(tag[1:])}" for tag in bracketed)
    kinds = [
        f"(?<={_any_of(_BRACKETS[first], in_ascii)}){marks}"
        f"(?:{'|'.join(unseen.join(_letter(letter, in_ascii) for letter in name) for name in found)})(?:ing|ING|s|S)?"
        f"{_ATTRIBUTES}{marks}{_any_of(_CLOSING[last], in_ascii)}"
        for (first, last), found in names.items()
    ]
    broken = "|".join(rf"{re.escape(tag[:-1])}(?![\w{re.escape(tag[-1])}-])" for tag in bracketed)
    return re.compile(f"{leading}(?!{exact})(?:{'|'.join(kinds)})"), re.compile(broken)


def _name(tag: str) -> str:
    """Return a tag's name, without brackets, bars and slashes."""
    return tag.strip("<>[]|/ ")


def _any_of(signs: str, in_ascii: bool) -> str:
    """Return a pattern for one of some characters, or of those among them that ASCII has."""
    return f"[{re.escape(''.join(filter(str.isascii, signs)) if in_ascii else signs)}]"


def _letter(letter: str, in_ascii: bool) -> str:
    """Return a pattern for one letter and those drawn alike."""
    if letter in "_- ":
        return r"[\s_-]?"
    small = letter.lower()
    if not ("a" <= small <= "z"):
        return re.escape(letter)
    place = ord(small) - ord("a")
    wide = chr(0xFF41 + place) + chr(0xFF21 + place)
    drawn = "".join(chr(base + place) + chr(base + 26 + place) for base in _MATHEMATICAL)
    return _any_of(small + small.upper() + wide + _ALIKE[small] + drawn, in_ascii)
