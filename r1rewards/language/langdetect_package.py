"""All that touches the package `langdetect`: its profiles, read as data, and its detector, seeded and locked."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from r1rewards.errors import UsageError

_LOCK = threading.Lock()
_SEED = 7
_detectors: list[Any] = []


def read_profiles(languages: Iterable[str]) -> dict[str, Mapping[str, int]]:
    """Return how often each n-gram of one to three characters stands in the text of some languages.

    Only the files are read; nothing of the package is run, and nothing of it is kept.

    Args:
        languages: Codes that name a profile: `en`, `zh-cn`.

    Raises:
        UsageError: The package is not installed.
    """
    found = importlib.util.find_spec("langdetect")
    if found is None or not found.submodule_search_locations:
        raise _absent()
    folder = Path(found.submodule_search_locations[0]) / "profiles"
    profiles = {}
    for language in languages:
        profile = json.loads((folder / language).read_text(encoding="utf-8"))
        profiles[language] = profile["freq"]
    return profiles


def _absent() -> UsageError:
    """Return the error of an installation without the package, which is no optional one."""
    return UsageError("language identification reads the data of the package 'langdetect': pip install langdetect")


def han_classes() -> dict[str, str]:
    """Return the characters that the profiles count as one: each Han character to what stands for its class."""
    from langdetect.utils.ngram import NGram

    return dict(NGram.CJK_MAP)


def sentence_detector() -> Callable[[str], str | None]:
    """Return a function from a sentence to `langdetect`'s language for it, or None where it finds none.

    The detector draws random numbers: it is seeded for every call and one call runs at a time.

    Raises:
        UsageError: The package is not installed.
    """
    try:
        from langdetect import DetectorFactory, LangDetectException, detector_factory
    except ImportError as error:
        raise _absent() from error
    with _LOCK:
        if not _detectors:
            factory = DetectorFactory()
            factory.set_seed(_SEED)
            factory.load_profile(detector_factory.PROFILES_DIRECTORY)
            _detectors.append(factory)
    factory = _detectors[0]

    def detect(sentence: str) -> str | None:
        with _LOCK:
            detector = factory.create()
            detector.seed = _SEED
            detector.append(sentence)
            try:
                language = detector.detect()
            except LangDetectException:
                return None
        return None if language == "unknown" else str(language)

    return detect
