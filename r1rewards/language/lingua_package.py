"""All that touches the package `lingua`: its detector, asked about single words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from r1rewards.errors import MissingExtra
from r1rewards.language.characters import CharacterModel
from r1rewards.language.langdetect_package import read_profiles

Scores = npt.NDArray[np.float32]

_WEIGHT = 0.5
_NO_CONFIDENCE = 1e-4
_CODES = {"no": "nb"}


class LinguaModel:
    """Scores of words by `lingua`'s confidence, added to those of the character model, which knows stop words.

    Args:
        languages: The L languages.

    Raises:
        MissingExtra: The package is not installed.
    """

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.languages = languages
        self.sharpness = 1.0
        self._detector = _detector(languages)
        self._places = {_CODES.get(language, language): place for place, language in enumerate(languages)}
        self._characters = CharacterModel(read_profiles(languages))

    def scores(self, words: Sequence[str]) -> Scores:
        """Return float32[len(words), L]: the log-likelihood of each word in each language, up to a constant."""
        # A lone surrogate is no text to the package.
        texts = [word.encode("utf-8", "ignore").decode("utf-8") for word in words]
        confidences = np.full((len(words), len(self.languages)), _NO_CONFIDENCE, dtype=np.float32)
        for row, found in enumerate(self._detector.compute_language_confidence_values_in_parallel(texts)):
            for confidence in found:
                place = self._places.get(confidence.language.iso_code_639_1.name.lower())
                if place is not None:
                    confidences[row, place] += confidence.value
        added: Scores = self._characters.scores(words) + np.float32(_WEIGHT) * np.log(confidences)
        return added


def _detector(languages: Sequence[str]) -> Any:
    """Return the package's detector of those of some languages that it knows."""
    try:
        from lingua import Language, LanguageDetectorBuilder
    except ImportError as error:
        raise MissingExtra("the backend 'lingua'", "lingua-language-detector", "lingua") from error
    codes = {_CODES.get(language, language) for language in languages}
    known = sorted(Language.all(), key=lambda language: language.name)
    wanted = [language.iso_code_639_1 for language in known if language.iso_code_639_1.name.lower() in codes]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*wanted).build()


def lingua_model(languages: tuple[str, ...]) -> LinguaModel:
    """Return the model of some languages, made from `lingua`'s and from the profiles.

    Raises:
        MissingExtra: The package is not installed.
    """
    return LinguaModel(languages)
