"""Scores of words in the languages of one script, remembered from text to text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]

_REMEMBERED_WORDS = 60_000
_LONGEST_WORD = 40


class WordModel(Protocol):
    """What scores words in the languages of one script."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The L languages."""
        ...

    @property
    def sharpness(self) -> float:
        """By what to multiply the scores, for they are surer of themselves than they ought to be."""
        ...

    def scores(self, words: Sequence[str]) -> Scores:
        """Return float32[len(words), L]: the log-likelihood of each word in each language, up to a constant."""
        ...


class WordScores:
    """A model's scores, each distinct word scored once.

    Threads may share it: a word's score never depends on what was asked before, and the memory is a plain
    dictionary whose entries are never changed.

    Args:
        model: What scores the words.
    """

    def __init__(self, model: WordModel) -> None:
        self.languages = model.languages
        self._model = model
        self._known: dict[str, bytes] = {}

    def of(self, words: Sequence[str]) -> Scores:
        """Return float32[len(words), L]: scores of distinct words, the best language's at 0.

        Args:
            words: Words as they stand in the text.
        """
        known = self._known
        rows = [known.get(word) for word in words]
        missing = [place for place, row in enumerate(rows) if row is None]
        if missing:
            found = self._model.scores([words[place][:_LONGEST_WORD] for place in missing])
            found = (found - found.max(axis=1, keepdims=True)) * np.float32(self._model.sharpness)
            if len(known) + len(missing) > _REMEMBERED_WORDS:
                known = self._known = {}
            remember = len(missing) <= _REMEMBERED_WORDS
            for place, score in zip(missing, found, strict=True):
                row = score.tobytes()
                rows[place] = row
                if remember:
                    known[words[place]] = row
        return np.frombuffer(b"".join(rows), dtype=np.float32).reshape(len(words), -1)  # type: ignore[arg-type]  # all filled
