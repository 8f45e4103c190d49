"""The ways to tell languages apart, by name; each is made once a process and shared by all threads."""

from __future__ import annotations

import functools
import threading
from typing import Protocol

from r1rewards.errors import OptionError
from r1rewards.language.characters import CharacterModel
from r1rewards.language.langdetect_package import read_profiles
from r1rewards.language.scripts import SCRIPTS
from r1rewards.language.word_scores import WordModel, WordScores

DEFAULT_BACKEND = "profiles"
PER_SENTENCE = "langdetect"
"""The plain baseline: `langdetect` asked about each sentence, without looking at words."""
_LOCK = threading.RLock()


class ModelOfScript(Protocol):
    """What makes the model of the words of one script."""

    def __call__(self, languages: tuple[str, ...]) -> WordModel:
        """Return a model of some of these languages."""
        ...


def profile_model(languages: tuple[str, ...]) -> WordModel:
    """Return the model of some languages that is made from `langdetect`'s profiles."""
    return CharacterModel(read_profiles(languages))


def _model_of(backend: str) -> ModelOfScript:
    """Return what makes a backend's models; an optional package is imported here."""
    if backend == "py3langid":
        from r1rewards.language.langid_package import langid_model

        return langid_model
    if backend == "lingua":
        from r1rewards.language.lingua_package import lingua_model

        return lingua_model
    return profile_model


BACKENDS: tuple[str, ...] = (DEFAULT_BACKEND, "py3langid", "lingua", PER_SENTENCE)
"""The names of all backends."""


def check_backend(backend: str) -> None:
    """Raise unless there is a backend of that name.

    Raises:
        OptionError: There is none; the message lists those there are.
    """
    if backend not in BACKENDS:
        raise OptionError(f"no language backend is named {backend!r}; known: {', '.join(BACKENDS)}")


def word_scores(backend: str, script: int) -> WordScores:
    """Return a backend's scores of the words of one script, by the script's number.

    Raises:
        MissingExtra: The backend's package is not installed.
    """
    with _LOCK:  # made by one thread, else each of them would load the profiles
        return _word_scores(backend, script)


@functools.cache
def _word_scores(backend: str, script: int) -> WordScores:
    """Return what `word_scores` promises."""
    return WordScores(_model_of(backend)(SCRIPTS[script - 1].languages))
