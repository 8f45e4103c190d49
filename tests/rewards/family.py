"""Every built-in reward with options that suit generated rows, and the rows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from r1rewards.registry import BUILT_IN

ANY_TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\ud800\x00\u200b\n")), max_size=60)
_PIECES = (
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    r"\boxed{",
    "}",
    "{",
    '"n": 1',
    "```json\n",
    "\n```\n",
    "<tool_call>",
    "</tool_call>",
    '{"name": "add", "arguments": {"n": 1}}',
    "The answer is ",
    "A",
    "(B)",
    " or ",
    "Paris",
    "1/2",
    "3.5",
    "\n\n",
    "我们先数一数",
    "again and again ",
    "- ",
    "*a*",
    "Section 1",
    "<|im_end|>",
    "\ud800",
)
COMPLETION = st.one_of(ANY_TEXT, st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
_REFERENCE = st.one_of(
    st.sampled_from(
        ["B", "Paris", "1/2", 1, 3.5, True, ["Paris", "Rome"], [], "", {"name": "add", "arguments": {"n": 1}}]
    ),
    st.floats(),
    ANY_TEXT,
)
_TOOL = {"name": "add", "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}}}
_ASKED = [
    (["punctuation:no_comma"], [{}]),
    (["length_constraints:number_words"], [{"num_words": 2, "relation": "at least"}]),
    (["detectable_format:title", "keywords:existence"], [{}, {"keywords": ["Paris"]}]),
    (["nonsense"], [{}]),
    (["keywords:frequency"], [{"keyword": None}]),
]


@st.composite
def batches(draw: st.DrawFn, most: int = 6) -> dict[str, list[Any]]:
    """Columns that any built-in reward finds what it needs in."""
    size = draw(st.integers(1, most))

    def column(cells: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(cells, min_size=size, max_size=size))

    asked = column(st.sampled_from(_ASKED))
    return {
        "completion": column(COMPLETION),
        "prompt": column(st.sampled_from(["What?", "What? <think>\n"])),
        "ground_truth": column(_REFERENCE),
        "truncated": column(st.sampled_from([True, False, None])),
        "token_ids": column(st.lists(st.integers(0, 5), max_size=30)),
        "correct": column(st.sampled_from([True, False, 1.0, 0.5, "x", float("nan")])),
        "group": column(st.integers(0, 2)),
        "language": column(st.sampled_from(["en", "zh", "de"])),
        "schema": column(
            st.sampled_from([{"type": "object"}, {"required": ["n"]}, '{"type": "integer"}', {"type": 5}])
        ),
        "tools": column(st.sampled_from([[_TOOL], [{"type": "function", "function": _TOOL}], [], "x"])),
        "instruction_id_list": [names for names, _ in asked],
        "kwargs": [arguments for _, arguments in asked],
    }


# Each built-in in its forms: the default one, and those in which it computes something else.
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("choice", {}),
    ("choice", {"letters": 2, "first": 1}),
    ("exact", {}),
    ("exact", {"policies": ["boxed"], "whole": False}),
    ("f1", {}),
    ("format", {}),
    ("instructions", {}),
    ("instructions", {"count": "share"}),
    ("length", {"max_length": 20}),
    ("length", {"mode": "kimi", "unit": "words", "truncated": "soft"}),
    ("length", {"mode": "magistral", "max_length": 20, "cache_length": 5, "truncated": "zero"}),
    ("overlong", {"max_length": 20, "cache_length": 5}),
    ("overlong", {"max_length": 20, "cache_length": 20, "unit": "characters", "truncated": "soft"}),
    ("readability", {"least_words": 1}),
    ("repetition", {"ngram": 1, "long_ngram": 3, "free": 0.0}),
    ("repetition", {"unit": "tokens", "truncated": "zero"}),
    ("math", {"workers": 1}),
    ("json", {}),
    ("tool_call", {}),
    ("tool_call", {"match": True, "strict": False}),
]
GROUP_RELATIVE = [("length", "kimi")]
# Judged by their own suites: one needs a server, the others a sandbox or its own kinds of text.
ELSEWHERE = {"judge", "code", "language"}


def is_group_relative(name: str, options: dict[str, Any]) -> bool:
    """Return whether a row's value depends on the others."""
    return (name, options.get("mode")) in GROUP_RELATIVE


def left_out() -> set[str]:
    """Return the built-ins that no variant stands for."""
    return set(BUILT_IN) - {name for name, _ in VARIANTS} - ELSEWHERE
