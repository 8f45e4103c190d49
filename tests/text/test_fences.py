"""The fence finder is total, linear, and agrees with a slow reader that goes line by line."""

from __future__ import annotations

import pytest
from hostile_text import ANY_TEXT, GIANTS, pieces
from hypothesis import example, given
from hypothesis import strategies as st

from r1rewards.text.fences import Fence, find_fences

MARKDOWN = pieces(
    "```", "````", "``", "`", "~~~", "~~~~", "~", "\n", "\n", "\n", " ", "    ", "\t", "\r\n", "python", "{.c}", "x",
    "\u3000", "\ud800",
)  # fmt: skip


def naive_fences(text: str) -> list[Fence]:
    """Read line by line, as the specification is worded."""
    fences: list[Fence] = []
    opening: tuple[int, int, str, str] | None = None
    place = 0
    for line in text.split("\n"):
        end_of_line = place + len(line)
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        kind = bare[:1]
        marker = bare[: len(bare) - len(bare.lstrip(kind))] if kind in ("`", "~") and kind else ""
        rest = bare[len(marker) :]
        if indent <= 3 and len(marker) >= 3:
            if opening is None:
                if not (kind == "`" and "`" in rest):
                    language = (rest.split() or [""])[0].strip("{}.").lower()
                    opening = (place, min(end_of_line + 1, len(text)), marker, language)
            elif marker.startswith(opening[2]) and not rest.strip(" \t\r"):
                start, content, _, language = opening
                end = place + indent + len(marker)
                fences.append(Fence(start, content, max(content, place), end, language, closed=True))
                opening = None
        place = end_of_line + 1
    if opening is not None:
        fences.append(Fence(opening[0], opening[1], len(text), len(text), opening[3], closed=False))
    return fences


@given(MARKDOWN)
@example("```" + " " * 2000 + "x\n```")
@example("```\ncode\n```" + " " * 2000 + "x\n```")
@example("```" + " " * 300 + "python\n1\n```")
def test_agrees_with_a_line_by_line_reader(text):
    """Law: the blocks are those that a reader of one line after another finds."""
    assert find_fences(text) == naive_fences(text)


@given(MARKDOWN, st.integers(0, 60), st.integers(0, 60))
def test_a_range_is_scanned_as_if_it_were_the_text(text, start, end):
    """Law: scanning a range is scanning the slice, moved."""
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    moved = [
        Fence(*(place + start for place in fence[:4]), fence.language, closed=fence.closed)
        for fence in find_fences(text[start:end])
    ]
    assert find_fences(text, start, end) == moved


@given(ANY_TEXT | MARKDOWN)
def test_total_ordered_and_within_the_text(text):
    """Law: any string is scanned; blocks lie within it, in order, never overlap, and only the last is open."""
    place = 0
    fences = find_fences(text)
    for fence in fences:
        assert place <= fence.start < fence.content_start <= fence.content_end <= fence.end <= len(text)
        place = fence.end
    assert all(fence.closed for fence in fences[:-1])


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("```python\nprint(1)\n```", [("python", "print(1)\n", True)]),
        ("```Python title\nx\n```\n", [("python", "x\n", True)]),
        ("``` {.py}\nx\n```", [("py", "x\n", True)]),
        ("````\n```\nx\n```\n````", [("", "```\nx\n```\n", True)]),
        ("~~~\n```\n~~~", [("", "```\n", True)]),
        ("```\nx", [("", "x", False)]),
        ("```", [("", "", False)]),
        ("```\n```", [("", "", True)]),
        ("```\n``` x\n```", [("", "``` x\n", True)]),
        ("```x```", []),
        ("```\nx\n```\u3000\n```", [("", "x\n```\u3000\n", True)]),
        ("    ```\nx", []),
        ("text ```\nx", []),
        ("```py\r\nx\r\n```\r\n", [("py", "x\r\n", True)]),
        ("```\n1\n```\n```\n2\n```", [("", "1\n", True), ("", "2\n", True)]),
    ],
)
def test_known_cases(text, blocks):
    """Law: CommonMark's rules for fences."""
    assert [(f.language, text[f.content_start : f.content_end], f.closed) for f in find_fences(text)] == blocks


@pytest.mark.parametrize("name", GIANTS)
def test_ten_megabytes_end(name):
    """Law: the scan is linear; each of these would take hours in a quadratic one."""
    expected = {"fences": 125_000, "fences_open": 1, "fences_growing": 1999, "backticks": 1}
    assert len(find_fences(GIANTS[name])) == expected.get(name, 0)
