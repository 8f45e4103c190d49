"""The plain baseline: `langdetect` asked about each sentence by itself, all words of which get its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from r1rewards.language.langdetect_package import sentence_detector
from r1rewards.language.words import Ints

_SENTENCE_END = re.compile(r"[.!?…]+(?=\s)|[。！？]+|\n+")
_LONGEST_CHARS = 9000  # langdetect ignores what follows 10,000


def languages_of_sentences(text: str, starts: Ints, ends: Ints, numbers: Mapping[str, int]) -> Ints:
    """Return the number of each word's language, -1 where `langdetect` finds none.

    Args:
        text: The text.
        starts: int[n], offsets of the words' first characters, in order.
        ends: int[n], offsets behind their last.
        numbers: Languages and their numbers.
    """
    detect = sentence_detector()
    bounds = np.array([found.end() for found in _SENTENCE_END.finditer(text)], dtype=np.intp)
    sentences = np.searchsorted(bounds, starts, side="right")
    result = np.full(len(starts), -1, dtype=np.intp)
    first = 0
    while first < len(starts):
        last = int(np.searchsorted(sentences, sentences[first], side="right"))
        last = max(first + 1, min(last, int(np.searchsorted(ends, starts[first] + _LONGEST_CHARS))))
        words = _joined(text, starts[first:last].tolist(), ends[first:last].tolist())
        result[first:last] = numbers.get(detect(words) or "", -1)
        first = last
    return result


def _joined(text: str, starts: Sequence[int], ends: Sequence[int]) -> str:
    """Return the words of a sentence without what stands between them; letters that touch still do."""
    pieces = [text[starts[0] : ends[0]]]
    for before, start, end in zip(ends, starts[1:], ends[1:], strict=False):
        pieces += [text[start:end]] if start == before else [" ", text[start:end]]
    return "".join(pieces)
