"""Neutral spans: what holds no words is found, and prose does not escape by standing in it."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.language.neutral import neutral_spans
from r1rewards.language.words import find_words


def words_of(text):
    """Return the words that are counted."""
    found = find_words(text, neutral_spans(text))
    return [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sei $x = 3$ und $$y = 4$$ dann", ["Sei", "und", "dann"]),
        (r"Sei \(x = abc\) und \[y = \sin z\] dann", ["Sei", "und", "dann"]),
        (r"Also \boxed{7} und \frac{a}{b}.", ["Also", "und"]),
        ("\\begin{align*}\nx + y &= 10 \\\\\nx - y &= 2\n\\end{align*}\nFertig", ["Fertig"]),
        (r"$\text{wenn } x > 0 \text{ und sonst}$", ["wenn", "und", "sonst"]),
        (r"$n^{\text{th}}$ und $5\text{ cm}$", ["und"]),
        (r"\begin{tabular}{cc} Wort & zwei \\ drei \end{tabular}", ["Wort", "zwei", "drei"]),
        ("Ruf `foo(x, y)` und `left_pointer` auf", ["Ruf", "und", "auf"]),
        ("Code:\n```python\nprint(1)\nfor x in xs: y += x\n```\nFertig", ["Code", "Fertig"]),
        ("```\nfor each edge (u, v):\n    relax(u, v)\n```", []),
        ("Siehe https://example.org/ein/pfad?mit=worten und /usr/lib/ja dort", ["Siehe", "und", "dort"]),
        ("np.array und file.py und snake_case und FastAPI und x1", ["und", "und", "und", "und"]),
        ("Die GPU rechnet", ["Die", "rechnet"]),
        ("DAS IST GESCHRIEN", ["DAS", "IST", "GESCHRIEN"]),
        (
            "sie zahlt $5 für das Brot und dann $8 für Milch",
            ["sie", "zahlt", "für", "das", "Brot", "und", "dann", "für", "Milch"],
        ),
        ("He has a dog and x is 3", ["He", "has", "a", "dog", "and", "is"]),
        ("l'eau n’est pas", ["l'eau", "n’est", "pas"]),
        ("<div class='x'>Wort</div> <|im_end|>", ["Wort"]),
        ("这是 $x$ 的例子 abc1", ["这是", "的例子"]),
        ("OAuth2는 좋은 방법", ["는", "좋은", "방법"]),
        ("می‌شود و", ["می‌شود"]),
        ("e\u0301tude", ["e\u0301tude"]),
        ("`das ist die ganze Antwort` ja", ["das", "ist", "die", "ganze", "Antwort", "ja"]),
        ("$la réponse est ici$ et `x`", ["la", "réponse", "est", "ici", "et"]),
    ],
)
def test_words_are_what_a_reader_would_count(text, words):
    """Law: formulas, code, addresses and names in code hold no words; their prose does."""
    assert words_of(text) == words


PIECES = [
    *("$", "$$", "`", "``", "```\n", "~~~\n", "\\[", "\\]", "\\(", "\\)", "\\text{", "}", "{", "\\begin{align}"),
    *("\\end{align}", "la réponse est ici ", "x=1", "\n\n", "\n", " ", "http://", "/", "<a ", ">", "_", "\ud800"),
    *("\x00", "汉字", "かな", "한국", "\u0301", "\u200d", "'", "A", "aB", "\\", "www."),
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=40,
    ).map("".join)
    | st.text(alphabet=st.characters(), max_size=60)
)
def test_spans_are_ordered_and_words_stand_outside(text):
    """Law: any text gives spans in order that never overlap, and words in order outside of them."""
    spans = neutral_spans(text)
    bounds = [bound for span in spans for bound in span]
    assert bounds == sorted(bounds)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    found = find_words(text, spans)
    places = [bound for pair in zip(found.starts.tolist(), found.ends.tolist(), strict=True) for bound in pair]
    assert places == sorted(places)
    hidden = {place for start, end in spans for place in range(start, end)}
    assert not any(
        place in hidden for start, end in zip(found.starts, found.ends, strict=True) for place in range(start, end)
    )


HOSTILE = [
    "$", "$ ", "`", "` ", "\\text{", "$\\text{", "\\[", "\\[ la réponse est ", "\\( la est un \\[ ", "\\begin{align}",
    "\\begin{align} la est un \\begin{cases} ", "<a ", "/", "a/", "www.", "http://", "```\n", "```\nla est un deux\n",
    "~~~\n~~~~\n", "{", "\\", "$$ la est un ", "$la est un deux", "\n\n`", "a_", "a.", "aB", "\\mathrm{", "`la` ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_scanning_is_linear(piece):
    """Law: four times the text takes at most some eight times the work, counted in calls and lines run."""
    small, large = (piece * (size // len(piece)) for size in (4_000, 16_000))
    assert work_of(large) <= 8 * work_of(small) + 2_000


def work_of(text):
    """Return how many lines of Python the scan of a text runs."""
    count = 0

    def tracer(frame, event, argument):
        nonlocal count
        count += 1
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        neutral_spans(text)
    finally:
        sys.settrace(before)
    return count
