"""The units that a text is counted in: words, and single characters where a language writes no spaces.

One linear pass. Han, kana, Thai, Lao, Khmer and Burmese letters are a unit each, since what stands between
two spaces there is a sentence; Korean and everything else is cut into words.
"""

from __future__ import annotations

import re

# Letters of scripts that are written without spaces.
_SINGLE = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u3005\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"  # kana
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6"  # Thai, Lao
    "\u1780-\u17b3\u1000-\u102a\u103f\u1050-\u1055"  # Khmer, Burmese
)
# Signs that belong to the letter before them (accents, vowel signs), and what is invisible inside a word.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u0711\u0730-\u074a\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
    "\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57"
    "\u0b82\u0bbe-\u0bd7\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d"
    "\u0dca-\u0df3\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
_LETTER = rf"[^\W_{_SINGLE}{_MARKS}]"
# Letters and what joins them are disjoint classes, so that no run of either is read twice.
UNIT = re.compile(rf"[{_SINGLE}]|{_LETTER}+(?:['’{_MARKS}{_INVISIBLE}]+{_LETTER}+)*[{_MARKS}]*")
_HIDDEN = re.compile(f"[{_INVISIBLE}]")


def units_of(text: str) -> list[str]:
    """Return a text's units in lower case, in order.

    Args:
        text: Any string.

    Returns:
        Words without what is invisible in them, and single letters of scripts without spaces.

    Example:
        >>> units_of("Don't repeat: 我们 re\\u200bpeat 3.5")
        ["don't", 'repeat', '我', '们', 'repeat', '3', '5']
    """
    folded = text.lower()
    if _HIDDEN.search(folded):
        folded = _HIDDEN.sub("", folded)
    return UNIT.findall(folded)


def count_units(text: str) -> int:
    """Return how many units a text has.

    Example:
        >>> count_units("two words"), count_units("四个汉字")
        (2, 4)
    """
    return sum(1 for _ in UNIT.finditer(text))
