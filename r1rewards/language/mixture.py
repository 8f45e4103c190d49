"""Which language each of a sequence of words is in, where several languages share the script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from r1rewards.language.markov import posteriors
from r1rewards.language.word_scores import WordScores

Floats = npt.NDArray[np.float64]

# Tuned on two thirds of a public set of mixed texts; see benchmarks/language_error.py.
_STAY = 0.95
_PLAUSIBLE = 6
_WORST = 2e-3  # no single word speaks more strongly against a language
_ROUNDS = 10
_FEWEST_PRIOR = 0.02
_PSEUDO_WORDS = 0.5
_TARGET_WORDS = 1.0
_SAMPLED_WORDS = 4000


class Mixture(NamedTuple):
    """The languages of a sequence of words.

    Attributes:
        languages: k numbers of languages.
        posteriors: float64[n, k]; rows sum to 1.
    """

    languages: npt.NDArray[np.intp]
    posteriors: Floats


def languages_of_words(words: Sequence[str], scores: WordScores, targets: Sequence[int]) -> Mixture:
    """Return each word's language, judged by the word, its neighbours and the whole text.

    Args:
        words: The words in order.
        scores: Their scores.
        targets: Numbers of the languages that are asked for; always among the plausible ones.
    """
    places: dict[str, int] = {}
    numbers = np.array([places.setdefault(word, len(places)) for word in words], dtype=np.intp)
    found = scores.of(list(places))
    counts = np.bincount(numbers, minlength=len(places)).astype(np.float64)
    likelihoods = np.exp(found.astype(np.float64))
    np.maximum(likelihoods, _WORST, out=likelihoods)
    shares = _shares(likelihoods, counts, targets)
    order = np.argsort(-shares, kind="stable")[:_PLAUSIBLE]
    chosen = np.array(sorted({*order.tolist(), *targets}), dtype=np.intp)
    prior = shares[chosen] + _FEWEST_PRIOR
    prior /= prior.sum()
    evidence = likelihoods[:, chosen]
    evidence /= evidence.max(axis=1, keepdims=True)
    return Mixture(chosen, posteriors(evidence[numbers], prior, _STAY))


def _shares(likelihoods: Floats, counts: Floats, targets: Sequence[int]) -> Floats:
    """Return float64[L]: the languages' shares in a text, as far as its words tell without their order."""
    if len(counts) > _SAMPLED_WORDS:
        step = -(-len(counts) // _SAMPLED_WORDS)
        likelihoods, counts = likelihoods[::step], counts[::step]
    languages = likelihoods.shape[1]
    extra = np.full(languages, _PSEUDO_WORDS / languages)
    extra[list(targets)] += _TARGET_WORDS
    shares = np.full(languages, 1.0 / languages)
    for _ in range(_ROUNDS):
        shares = shares * (likelihoods.T @ (counts / (likelihoods @ shares))) + extra
        shares /= shares.sum()
    return shares
