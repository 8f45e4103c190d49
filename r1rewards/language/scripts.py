"""Which script each character belongs to, as a table over all code points, and which languages use a script."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Script(NamedTuple):
    """One script.

    Attributes:
        name: Its Unicode name.
        ranges: Inclusive ranges of its letters and marks, hexadecimal, `a-b` or `a`.
        languages: Languages that the script decides outright when there is but one; the others are told apart.
        letters_per_word: 0 where spaces part words, else how many letters make up a word on average.
    """

    name: str
    ranges: str
    languages: tuple[str, ...]
    letters_per_word: float = 0.0


_IN_LATIN = "af ca cs cy da de en es et fi fr hr hu id it lt lv nl no pl pt ro sk sl so sq sv sw tl tr vi"

# The order gives the script its number, from 1.
SCRIPTS: tuple[Script, ...] = (
    Script(
        "Latin",
        "41-5a 61-7a c0-d6 d8-f6 f8-24f 250-2af 1d00-1d7f 1e00-1eff 2c60-2c7f a720-a7ff fb00-fb06 ff21-ff3a ff41-ff5a "
        "1d400-1d6a5",
        tuple(_IN_LATIN.split()),
    ),
    Script("Cyrillic", "400-481 48a-52f 1c80-1c8f 2de0-2dff a640-a69f", ("bg", "mk", "ru", "uk")),
    Script(
        "Arabic",
        "610-61a 620-63f 641-65f 66e-6d3 6d5-6dc 6df-6e8 6ea-6ef 6fa-6fc 6ff 750-77f 8a0-8ff fb50-fdff fe70-fefc",
        ("ar", "fa", "ur"),
    ),
    Script("Devanagari", "900-963 971-97f a8e0-a8ff", ("hi", "mr", "ne")),
    Script("Han", "3005 3007 3400-4dbf 4e00-9fff f900-faff 20000-323af", ("ja", "zh-cn", "zh-tw"), 1.7),
    Script("Kana", "3041-3096 309d-309f 30a1-30fa 30fc-30ff 31f0-31ff ff66-ff9f", ("ja",), 1.7),
    Script("Hangul", "1100-11ff 3131-318e a960-a97c ac00-d7a3 d7b0-d7fb", ("ko",)),
    Script("Greek", "370-373 376-377 37b-37d 386 388-3ff 1f00-1fff", ("el",)),
    Script("Hebrew", "591-5c7 5d0-5f2 fb1d-fb4f", ("he",)),
    Script("Bengali", "980-9e3 9f0-9f1", ("bn",)),
    Script("Gurmukhi", "a00-a65 a70-a75", ("pa",)),
    Script("Gujarati", "a80-ae5 af9-aff", ("gu",)),
    Script("Tamil", "b80-be5", ("ta",)),
    Script("Telugu", "c00-c65", ("te",)),
    Script("Kannada", "c80-ce5", ("kn",)),
    Script("Malayalam", "d00-d65 d7a-d7f", ("ml",)),
    Script("Thai", "e01-e3a e40-e4e", ("th",), 4.5),
    Script("Lao", "e81-ecd edc-edf", ("lo",), 4.5),
    Script("Khmer", "1780-17d3", ("km",), 4.5),
    Script("Myanmar", "1000-103f 1050-109f", ("my",), 4.5),
    Script("Tibetan", "f40-fbc", ("bo",)),
    Script("Sinhala", "d80-df3", ("si",)),
    Script("Oriya", "b00-b65 b71", ("or",)),
    Script("Georgian", "10a0-10ff 1c90-1cbf", ("ka",)),
    Script("Armenian", "531-556 561-587", ("hy",)),
    Script("Ethiopic", "1200-135a 1380-138f", ("am",)),
    # Letters of all other scripts: words of a language that we do not name.
    Script(
        "Other",
        "700-74f 780-7b1 7ca-7ea 800-82d 840-85b 13a0-16ea 16f1-1773 1820-18aa 1900-194f 1950-19c9 1a00-1c4f 1c5a-1c7d "
        "2c00-2c5f 2c80-2ce4 2d00-2dde 3105-312f 31a0-31bf a000-a4cf a4d0-a4fd a500-a62b a6a0-a6ef a800-a827 a840-a873 "
        "a880-a8c5 a90a-a953 a980-a9c0 aa00-aaf6 ab01-abea 10000-1bc9f 1e000-1e94b",
        ("und",),
    ),
)

NUMBER: dict[str, int] = {script.name: number for number, script in enumerate(SCRIPTS, 1)}
"""A script's name to its number in the table."""
LATIN, HAN, KANA = NUMBER["Latin"], NUMBER["Han"], NUMBER["Kana"]

# Characters that are no letters but matter to what a word is.
DIGIT, UNDERSCORE, APOSTROPHE, JOINER, MARK, HAN_SIGN = 101, 102, 103, 104, 105, 106
HAN_SIGNS = "，、。「」『』"
"""Punctuation that tells Chinese from Japanese; it counts for nothing itself."""
_MARKS = "300-36f 483-489 1ab0-1aff 1dc0-1dff 20d0-20f0 3099-309a fe20-fe2f"
_DIGITS = "30-39 660-669 6f0-6f9 966-96f 9e6-9ef ff10-ff19 2070-2089"


@functools.cache
def script_table() -> npt.NDArray[np.uint8]:
    """uint8[0x110000]: each code point's script number, a class from `DIGIT` on, or 0 for all else."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for number, script in enumerate(SCRIPTS, 1):
        _fill(table, script.ranges, number)
    _fill(table, _MARKS, MARK)
    _fill(table, _DIGITS, DIGIT)
    table[0x5F] = UNDERSCORE
    table[[ord(sign) for sign in HAN_SIGNS]] = HAN_SIGN
    _fill(table, "27 2bc 2019", APOSTROPHE)
    # Invisible characters and the Arabic filler: they stand inside words and part none.
    _fill(table, "ad 640 200b-200d 2060 feff", JOINER)
    table.flags.writeable = False
    return table


def _fill(table: npt.NDArray[np.uint8], ranges: str, value: int) -> None:
    """Set the cells of some ranges."""
    for entry in ranges.split():
        first, _, last = entry.partition("-")
        table[int(first, 16) : int(last or first, 16) + 1] = value


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """uint32[len(text)]: the text's code points, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
