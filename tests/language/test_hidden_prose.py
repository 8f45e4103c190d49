r"""Prose in the wrong language, hidden where words are not counted: it counts, in ten languages and twenty places."""

from __future__ import annotations

import itertools

import pytest
from sentences import SENTENCES

from r1rewards.language import language_ratio

LANGUAGES = ("en", "de", "fr", "es", "it", "ru", "zh", "ja", "ko", "ar")

HIDING_PLACES = {
    "fence": "```\n{}\n```",
    "fence, as text": "```text\n{}\nx = 1\n```",
    "fence, as a comment": "```python\n# {}\n```",
    "tildes, never closed": "~~~\n{}\n",
    "backticks": "`{}`",
    "double backticks": "``{}``",
    "dollars": "${}$",
    "double dollars": "$${}$$",
    "brackets": "\\[{}\\]",
    "parentheses": "\\({}\\)",
    "text in a formula": "$\\text{{{}}}$",
    "mathrm in a formula": "$\\mathrm{{{}}}$",
    "environment": "\\begin{{align}}{}\\end{{align}}",
    "verbatim": "\\begin{{verbatim}}\n{}\n\\end{{verbatim}}",
    "typewriter": "\\texttt{{{}}}",
    "tag": "<p {}>",
}
WORD_BY_WORD = {
    "backticks": "`{}`",
    "dollars": "${}$",
    "text": "\\text{{{}}}",
    "text in a formula": "$\\text{{{}}}$",
}


def items():
    """Yield the place, the honest text, the text with its second half hidden, and the first half's language."""
    for number, (first, second) in enumerate(itertools.permutations(LANGUAGES, 2)):
        open_text, hidden = SENTENCES[first], SENTENCES[second].partition(". ")[0]
        honest = f"{open_text}\n{hidden}\n"
        for place, form in list(HIDING_PLACES.items())[number % 4 :: 4]:
            yield place, honest, f"{open_text}\n{form.format(hidden)}\n", first
        if " " in hidden:
            for place, form in list(WORD_BY_WORD.items())[number % 2 :: 2]:
                cut = " ".join(form.format(word) for word in hidden.split())
                yield f"{place}, word by word", honest, f"{open_text}\n{cut}\n", first


def test_there_are_enough_items():
    """Law: at least a hundred items in ten languages."""
    assert len(list(items())) >= 400


@pytest.mark.parametrize("place", sorted({item[0] for item in items()}))
def test_hidden_prose_counts(place):
    """Law: hiding moves the ratio by at most .05 from what it is in the open, which is far from 1."""
    for _, honest, hiding, language in (item for item in items() if item[0] == place):
        in_the_open = language_ratio(honest, language).ratio
        assert in_the_open < 0.9
        assert language_ratio(hiding, language).ratio == pytest.approx(in_the_open, abs=0.05), hiding


def test_code_and_formulas_of_honest_traces_stay_neutral():
    """Law: the guard against hiding does not count real code."""
    code = (
        "```python\nfrom collections import deque\n\ndef bfs(graph, start):\n    # visit every node once\n"
        "    queue = deque([start])\n    while queue:\n        node = queue.popleft()\n    return node\n```"
    )
    formulas = r"$\sin x + \cos x$ \[ \int_0^1 x^2 \, dx \] `async for chunk in file` `git commit -m x` $f(x) = ax + b$"
    text = f"{SENTENCES['de']}\n{code}\n{formulas}"
    assert language_ratio(text, "de").words == language_ratio(SENTENCES["de"], "de").words
