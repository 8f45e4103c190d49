"""Error and speed of the language ratio beside plainer ways to get one, on texts whose true ratio is known.

The input is JSONL with ``text``, ``target``, ``ratio_by_words`` and ``kind``. Rows of the kinds ``empty`` and
``adv_*`` are left out of the error. Methods whose package is absent are left out of the table.

- ``ours``: `language_ratio` as it is, and with each of its optional backends;
- ``langdetect, whole text``: the probability that `langdetect` gives the target (seeded);
- ``langdetect, sentences``: each sentence's words get its language, formulas and code left out (the backend
  ``langdetect``), and the same without leaving anything out;
- ``lingua, sentences``: the same with `lingua`, formulas and code left out;
- ``whole-text vote``: 1 where an identifier's first choice for the stripped text is the target, else 0, as
  classifiers in the manner of fastText are used (here `py3langid`).

Speed is of CPU time on one core, warm, over the texts in Latin script and over all others, short as they are.

Run: ``python benchmarks/language_error.py [language_mixed.jsonl] [--json OUT.json] [--heldout | --development]``
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from real_data import DATA

from r1rewards.errors import MissingExtra
from r1rewards.language import language_ratio
from r1rewards.language.neutral import neutral_spans

Method = Callable[[str, str], float]
Row = dict[str, Any]
SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]*")
WORD = re.compile(r"[^\W\d_]+")
UNSPACED = re.compile(r"[぀-ヿ㐀-鿿]")
NO_LATIN = frozenset(["ar", "fa", "hi", "ja", "ko", "ru", "th", "uk", "zh"])
RUNS = 3


def main() -> None:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="?", default=DATA / "language_mixed.jsonl")
    parser.add_argument("--json", type=Path)
    half = parser.add_mutually_exclusive_group()
    half.add_argument("--heldout", action="store_true", help="only the third of the rows that nothing was tuned on")
    half.add_argument("--development", action="store_true", help="only the other two thirds")
    asked = parser.parse_args()
    rows = [json.loads(line) for line in asked.texts.read_text(encoding="utf-8").splitlines()]
    if asked.heldout or asked.development:
        rows = [row for row in rows if held_out(row) == asked.heldout]
    table = [line for name, make in METHODS.items() if (line := measured(name, make, rows)) is not None]
    plain = next((line for line in table if line["method"] == "langdetect, sentences"), None)
    heads = ("error", "mono", "sent", "phrase", "word", "mono>=.95", "wrong<=.01", "Latin MB/s", "other MB/s", "ratio")
    print(f"{'method':<28}" + "".join(f"{head:>11}" for head in heads))
    for line in table:
        if plain is not None:
            line["ratio"] = min(line[key] / plain[key] for key in ("Latin MB/s", "other MB/s"))
        cells = (line.get(head) for head in heads)
        print(f"{line['method']:<28}" + "".join(f"{'-' if cell is None else f'{cell:.3f}':>11}" for cell in cells))
    if asked.json:
        asked.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def held_out(row: Row) -> bool:
    """Return whether a row belongs to the third on which nothing was tuned."""
    return int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 3 == 0


def measured(name: str, make: Callable[[], Method], rows: Sequence[Row]) -> dict[str, Any] | None:
    """Return a method's line of the table, None where its package is absent."""
    try:
        method = make()
        method("Das ist nur ein Versuch.", "de")
    except (MissingExtra, ImportError):
        return None
    errors: dict[str, list[float]] = {}
    ratios: dict[str, list[float]] = {}
    for row in rows:
        if row["kind"] == "empty" or row["kind"].startswith("adv"):
            continue
        ratio = method(row["text"], row["target"])
        ratios.setdefault(row["kind"], []).append(ratio)
        errors.setdefault(row["kind"], []).append(abs(ratio - row["ratio_by_words"]))
    line: dict[str, Any] = {
        "method": name,
        "error": statistics.fmean(error for kind in errors.values() for error in kind),
    }
    line |= {kind: statistics.fmean(of_kind) for kind, of_kind in errors.items()}
    line["mono>=.95"] = statistics.fmean(ratio >= 0.95 for ratio in ratios["mono"])
    line["wrong<=.01"] = statistics.fmean(ratio <= 0.01 for ratio in ratios["wrong"])
    for head, latin in (("Latin MB/s", True), ("other MB/s", False)):
        line[head] = speed(method, [row for row in rows if is_latin(row) == latin and row["text"]])
    return line


def is_latin(row: Row) -> bool:
    """Return whether a row's text is in Latin script."""
    return not NO_LATIN.intersection(row["pair"].split("/"))


def speed(method: Method, rows: Sequence[Row]) -> float:
    """Return megabytes of UTF-8 a second, the best of some runs."""
    size = sum(len(row["text"].encode()) for row in rows)
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        for row in rows:
            method(row["text"], row["target"])
        taken.append(time.process_time() - start)
        if taken[0] > 10:  # slow enough to be sure of it
            break
    return size / min(taken) / 1e6


def ours(backend: str) -> Callable[[], Method]:
    """Return what makes our ratio with a backend."""
    return lambda: lambda text, target: no_nan(language_ratio(text, target, backend=backend).ratio)


def no_nan(ratio: float) -> float:
    """Return 0 for a text without words."""
    return ratio if ratio == ratio else 0.0


def stripped(text: str) -> str:
    """Return a text without its neutral spans."""
    pieces, position = [], 0
    for start, end in neutral_spans(text):
        pieces.append(text[position:start])
        position = end
    return " ".join([*pieces, text[position:]])


def same(found: str, target: str) -> bool:
    """Return whether two codes are one language, Chinese in either form."""
    return found.partition("-")[0] == target.partition("-")[0]


def langdetect_whole() -> Method:
    """Return the probability of the target on the whole text."""
    from langdetect import DetectorFactory, LangDetectException, detect_langs

    DetectorFactory.seed = 0

    def method(text: str, target: str) -> float:
        try:
            return sum(found.prob for found in detect_langs(text) if same(found.lang, target))
        except LangDetectException:
            return 0.0

    return method


def langdetect_raw() -> Method:
    """Return the ratio by sentences with nothing left out."""
    from langdetect import DetectorFactory, LangDetectException, detect

    DetectorFactory.seed = 0

    def of_sentence(sentence: str) -> str:
        try:
            return str(detect(sentence))
        except LangDetectException:
            return ""

    return lambda text, target: by_sentences(text, target, of_sentence)


def lingua_sentences() -> Method:
    """Return the ratio by sentences of the stripped text."""
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()

    def of_sentence(sentence: str) -> str:
        found = detector.detect_language_of(sentence)
        return "" if found is None else found.iso_code_639_1.name.lower()

    return lambda text, target: by_sentences(stripped(text), target, of_sentence)


def by_sentences(text: str, target: str, of_sentence: Callable[[str], str]) -> float:
    """Return the share of words in sentences of the target language."""
    counted = [(words_in(sentence), same(of_sentence(sentence), target)) for sentence in sentences(text)]
    words = sum(count for count, _ in counted)
    return sum(count for count, wanted in counted if wanted) / words if words else 0.0


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences that have letters."""
    return (sentence for sentence in SENTENCE.findall(text) if WORD.search(sentence))


def words_in(sentence: str) -> int:
    """Return how many words a sentence has, one for each Chinese or Japanese character."""
    return len(UNSPACED.findall(sentence)) + len(WORD.findall(UNSPACED.sub(" ", sentence)))


def whole_text_vote() -> Method:
    """Return 1 or 0: whether the first choice is the target."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    return lambda text, target: float(same(identifier.classify(stripped(text))[0], target))


METHODS: dict[str, Callable[[], Method]] = {
    "ours": ours("profiles"),
    "ours, py3langid": ours("py3langid"),
    "ours, lingua": ours("lingua"),
    "langdetect, whole text": langdetect_whole,
    "langdetect, sentences": ours("langdetect"),
    "langdetect, raw sentences": langdetect_raw,
    "lingua, sentences": lingua_sentences,
    "whole-text vote": whole_text_vote,
}


if __name__ == "__main__":
    main()
