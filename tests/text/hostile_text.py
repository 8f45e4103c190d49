"""Strategies and giants that every scanner of text is tested with."""

from __future__ import annotations

from hypothesis import strategies as st

MEGABYTES_10 = 10_000_000

ANY_TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\ud800\udc00\udfff\x00\ufeff\u200b\u2028\r\n")))
"""Any string at all: lone surrogates, NUL and line separators among it."""

GIANTS = {
    "boxed": r"\boxed{" * (MEGABYTES_10 // 7),
    "fbox_bare": "\\fbox x" * 400_000,
    "boxed_and_gap": (r"\boxed" + " " * 100) * (MEGABYTES_10 // 106),
    "boxed_and_digits": r"\boxed " + "1" * MEGABYTES_10,
    "boxed_and_dots": r"\boxed 1" + "." * MEGABYTES_10,
    "boxed_closed": r"\boxed{" * 200_000 + "}" * 200_000,
    "braces": r"\boxed{" + "{" * (MEGABYTES_10 // 4),
    "braces_closed": r"\boxed" + "{" * 500_000 + "}" * 500_000,
    "backslashes": "\\" * MEGABYTES_10 + "boxed{1",
    "think": "<think>" * (MEGABYTES_10 // 7),
    "think_closed": "</think>" * (MEGABYTES_10 // 8),
    "think_both": "<think></think>" * (MEGABYTES_10 // 15),
    "think_torn": "<thin" * (MEGABYTES_10 // 5),
    "answer": "<think>a</think>" + "<answer>" * (MEGABYTES_10 // 8),
    "answer_closed": "<think>a</think>" + "</answer>" * (MEGABYTES_10 // 9),
    "backticks": "`" * MEGABYTES_10,
    "backticks_spaced": "``` " * (MEGABYTES_10 // 4),
    "fences": "```\n" * 250_000,
    "fences_growing": "\n".join("`" * n for n in range(3, 4_000)),
    "fences_open": "~~~\n" + "~~~ x\n" * 250_000,
    "spaces": " " * MEGABYTES_10,
    "newlines": "\n" * MEGABYTES_10,
    "hashes": "#" * MEGABYTES_10,
    "nul": "\x00" * MEGABYTES_10,
    "surrogates": "\ud800" * MEGABYTES_10,
}
"""About ten megabytes of what makes a naive scanner quadratic (fewer where every piece is a find)."""


def pieces(*tokens: str, most: int = 24) -> st.SearchStrategy[str]:
    """Texts strung together from tokens that mean something to the scanner under test."""
    return st.lists(st.sampled_from(tokens), max_size=most).map("".join)
