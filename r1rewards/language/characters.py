"""A character model of the languages of one script: how likely each would write a word, letter after letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from r1rewards.language.stop_words import STOP_WORDS

Scores = npt.NDArray[np.float32]
Table = npt.NDArray[np.float64]

# Tuned on two thirds of a public set of mixed texts; see benchmarks/language_error.py.
_TRIGRAM_WEIGHT = 20.0
_BIGRAM_WEIGHT = 300.0
_STOP_SHARE = 0.65
_SHARPNESS = 0.9
_LETTERS = 5e6  # all profiles are scaled to as many letters

# The profiles count these as one letter.
_FOLDED = {"ș": "ş", "ț": "ţ", "ی": "ي", "’": "'", "ʼ": "'"} | {chr(code): "ể" for code in range(0x1EA0, 0x1F00)}
_FOLD = str.maketrans(_FOLDED)

# Letters that the folding hides and that a language does not write.
_NOT_WRITTEN = {"ar": "یکگپچژڈڑٹےھں", "fa": "يكةىڈڑٹےھں", "ur": "يكةى"}
_FOREIGN_LETTER = 4.0


class CharacterModel:
    """Scores of words in the languages of one script, from counts of their n-grams and from their stop words.

    Args:
        profiles: L languages, each to how often it writes n-grams of one to three characters; a space is
            the edge of a word.
    """

    def __init__(self, profiles: Mapping[str, Mapping[str, int]]) -> None:
        self.languages: tuple[str, ...] = tuple(profiles)
        self.sharpness = _SHARPNESS
        counts = [_lowered(profile) for profile in profiles.values()]
        grams = [sorted({gram for count in counts for gram in count if len(gram) == size}) for size in (1, 2, 3)]
        letters_used = sorted({letter for size in grams for gram in size for letter in gram} - {" "})
        self._singles = {letter: place for place, letter in enumerate(letters_used)}
        self._pairs = {gram: place for place, gram in enumerate(grams[1])}
        self._triples = {gram: place for place, gram in enumerate(grams[2])}
        one = _table(counts, self._singles)
        scale = _LETTERS / np.maximum(one.sum(axis=0), 1.0)
        one *= scale
        two = _table(counts, self._pairs) * scale
        three = _table(counts, self._triples) * scale
        edges = np.zeros(len(counts))
        for gram, place in self._pairs.items():
            if gram[0] == " ":
                edges += two[place]

        alone = (one + 1.0) / (one.sum(axis=0) + len(one) + 200.0)
        unknown = 1.0 / (one.sum(axis=0) + len(one) + 200.0)
        edge_alone = edges / (edges + _LETTERS)  # a word's end, as likely as its start

        def of_letter(letter: str) -> Table:
            place = self._singles.get(letter)
            if letter == " ":
                return edge_alone
            row: Table = unknown if place is None else alone[place]
            return row

        # The profiles drop rare n-grams: what sums lack is shared out among the unseen, by the shorter n-gram.
        letters = np.vstack([one, edges])
        firsts = [self._place_of(gram[0]) for gram in self._pairs]
        shorter = np.array([of_letter(gram[1]) for gram in self._pairs])
        pair_given, single_back_off = _conditional(two, firsts, letters, shorter, _BIGRAM_WEIGHT)
        # A triple's pairs may themselves be missing: such a context stands in the row behind the last.
        contexts = [self._pairs.get(gram[:2], len(two)) for gram in self._triples]
        shorter = np.empty_like(three)
        for gram, place in self._triples.items():
            second = self._pairs.get(gram[1:])
            context = self._place_of(gram[1])
            shorter[place] = pair_given[second] if second is not None else single_back_off[context] * of_letter(gram[2])
        pairs = np.vstack([two, np.zeros(len(counts))])
        triple_given, pair_back_off = _conditional(three, contexts, pairs, shorter, _TRIGRAM_WEIGHT)
        parts = [triple_given, pair_given, pair_back_off, np.vstack([alone, edge_alone, unknown]), single_back_off]
        self._table: Scores = np.log(np.vstack([*parts, np.ones(len(counts))])).astype(np.float32)
        offsets = np.cumsum([0, *(len(part) for part in parts)]).tolist()
        self._at_pairs, self._at_pair_back, self._at_singles, self._at_single_back, self._nothing = offsets[1:]
        self._stop_words = _stop_scores(self.languages)

    def _place_of(self, letter: str) -> int:
        """Return a letter's row among the letters; the word's edge stands behind the last."""
        return len(self._singles) if letter == " " else self._singles[letter]

    def scores(self, words: Sequence[str]) -> Scores:
        """Return float32[len(words), L]: the log-likelihood of each word in each language.

        Args:
            words: Words as they stand in the text.
        """
        rows: list[int] = []
        starts: list[int] = []
        folded = []
        triples = self._triples
        for word in words:
            starts.append(len(rows))
            plain = folded_word(word)
            folded.append(plain)
            padded = f" {plain.translate(_FOLD).replace(chr(39), ' ')} "
            for place in range(len(padded) - 1):
                gram = padded[max(place - 1, 0) : place + 2]
                row = triples.get(gram)
                if row is None:
                    rows += self._backed_off(gram)
                else:
                    rows.append(row)
        if not words:
            return np.empty((0, len(self.languages)), dtype=np.float32)
        found: Scores = np.add.reduceat(self._table[rows], starts, axis=0)
        known = self._stop_words
        for place, plain in enumerate(folded):
            common = known.get(plain)
            if common is not None:
                found[place] = np.logaddexp(found[place], common)
        for column, language in enumerate(self.languages):
            strange = _NOT_WRITTEN.get(language)
            if strange:
                letters = frozenset(strange)
                found[[not letters.isdisjoint(word) for word in words], column] -= _FOREIGN_LETTER
        return found

    def _backed_off(self, gram: str) -> list[int]:
        """Return the rows of an n-gram that is no known triple; of two characters at a word's start."""
        rows = []
        if len(gram) == 3:
            context = self._pairs.get(gram[:2])
            if context is not None:
                rows.append(self._at_pair_back + context)
            gram = gram[1:]
        pair = self._pairs.get(gram)
        if pair is not None:
            return [*rows, self._at_pairs + pair]
        size = len(self._singles)
        context = size if gram[0] == " " else self._singles.get(gram[0])
        if context is not None:
            rows.append(self._at_single_back + context)
        letter = size if gram[1] == " " else self._singles.get(gram[1], size + 1)
        return [*rows, self._at_singles + letter]


def folded_word(word: str) -> str:
    """Return a word in lower case and in composed form, without invisible characters."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFC", word)
    if any("\u1d00" <= letter <= "\u1d7f" or letter >= "\ufb00" for letter in plain):
        plain = unicodedata.normalize("NFKC", plain)  # mathematical, full-width and joined letters
    return plain.lower().replace("’", "'").replace("ʼ", "'").replace("\xad", "").replace("i̇", "i")


def _lowered(profile: Mapping[str, int]) -> dict[str, int]:
    """Return counts in lower case."""
    counts: dict[str, int] = {}
    for gram, count in profile.items():
        lower = gram.lower()
        if len(lower) == len(gram):
            counts[lower] = counts.get(lower, 0) + count
    return counts


def _table(counts: Sequence[Mapping[str, int]], places: Mapping[str, int]) -> npt.NDArray[np.float64]:
    """Return float64[n-grams, languages]: the counts of some n-grams."""
    table = np.zeros((len(places), len(counts)))
    for column, count in enumerate(counts):
        for gram, number in count.items():
            place = places.get(gram)
            if place is not None:
                table[place, column] = number
    return table


def _conditional(
    counts: Table, contexts: Sequence[int], of_context: Table, shorter: Table, weight: float
) -> tuple[Table, Table]:
    """Return each n-gram's probability given all but its last letter, and what an unseen one's costs.

    Args:
        counts: float64[n, L]: how often the n-grams stand.
        contexts: The row of each n-gram's context.
        of_context: float64[c, L]: how often the contexts stand.
        shorter: float64[n, L]: the probability that the shorter n-gram gives the last letter.
        weight: Unseen n-grams that every context is granted.

    Returns:
        float64[n, L], and float64[c, L]: the factor before the shorter n-gram's probability.
    """
    seen = np.zeros_like(of_context)
    covered = np.zeros_like(of_context)
    np.add.at(seen, contexts, counts)
    np.add.at(covered, contexts, shorter * (counts > 0))
    total = np.maximum(of_context, seen) + weight
    back_off = (total - seen) / total / np.maximum(1.0 - covered, 0.05)
    back_off = np.minimum(back_off, 1.0)
    given = np.where(counts > 0, counts / total[contexts], back_off[contexts] * shorter)
    return given, back_off


def _stop_scores(languages: Sequence[str]) -> dict[str, Scores]:
    """Return each stop word's log-likelihood in each language, -30 where it is none."""
    scores: dict[str, Scores] = {}
    for column, language in enumerate(languages):
        words = STOP_WORDS.get(language, frozenset())
        for word in words:
            row = scores.setdefault(word, np.full(len(languages), -30.0, dtype=np.float32))
            row[column] = np.log(_STOP_SHARE / max(len(words), 60))
    return scores
