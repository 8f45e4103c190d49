r"""The box finder is total, linear, and agrees with a slow and obvious one."""

from __future__ import annotations

import pytest
from hostile_text import ANY_TEXT, GIANTS, pieces
from hypothesis import example, given
from hypothesis import strategies as st

from r1rewards.text.boxed import Box, find_boxes, last_box

TEX = pieces(
    "\\boxed", "\\fbox", "\\boxed{", "\\fbox{", "\\boxed{", "\\boxedx", "boxed{", "{", "}", "}", "}", "\\{", "\\}",
    "\\", " ", "\n", "5", "-", ".", "1.5", "A", "AB", "é", "\ud800", "\x00",
)  # fmt: skip


def naive_boxes(text: str) -> list[Box]:
    """Find boxes the slow way: for every opener, walk to its closer."""
    found: list[tuple[int, int, int, int]] = []
    place = 0
    while place < len(text):
        if text[place] != "\\":
            place += 1
            continue
        name = next((n for n in ("boxed", "fbox") if text.startswith(n, place + 1)), None)
        after = place + 1 + len(name or "")
        if name is None or (after < len(text) and text[after].isascii() and text[after].isalpha()):
            place += 2
            continue
        inside = after
        while inside < len(text) and inside - after < 16 and text[inside] in " \t\r\n":
            inside += 1
        if inside < len(text) and text[inside] == "{":
            closer = naive_closer(text, inside + 1)
            if closer is not None:
                found.append((place, inside + 1, closer, closer + 1))
            place = inside + 1
        else:
            end = naive_bare_end(text, inside)
            if end > inside:
                found.append((place, inside, end, end))
            place = max(after, end)
    found.sort(key=lambda box: box[3])
    return [Box(*box, outer=not any(o[0] < box[0] and box[3] <= o[3] for o in found)) for box in found]


def naive_closer(text: str, place: int) -> int | None:
    """Walk to the brace that closes the one before a place."""
    depth = 1
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return place
        place += 1
    return None


def naive_bare_end(text: str, place: int) -> int:
    """Walk over a number or a single letter; return the place itself where there is neither."""

    def digits(at: int) -> int:
        end = at
        while end < len(text) and text[end].isdecimal():
            end += 1
        return end

    def latin(at: int) -> bool:
        return at < len(text) and text[at].isascii() and text[at].isalpha()

    if latin(place):
        return place if latin(place + 1) else place + 1
    begin = place + 1 if text[place : place + 1] == "-" else place
    end = digits(begin)
    if not 1 <= end - begin <= 40:
        return place
    if text[end : end + 1] == "." and digits(end + 1) > end + 1:
        if digits(end + 1) - end - 1 > 40:
            return place
        end = digits(end + 1)
        if text[end : end + 1] == "." and digits(end + 1) > end + 1:
            return place
    return end


@given(TEX)
@example(r"\\boxed{1}")
@example(r"\\\boxed{1}")
@example(r"\boxed{0} \\boxed{1}")
@example(r"{\boxed{1}}} \boxed{2}")
@example(r"\boxed{\fbox{1} \boxed 2} \boxed{\boxed{3}")
def test_agrees_with_a_walk_from_every_opener(text):
    """Law: the boxes are those that a quadratic walk from every opener finds, in the order they close."""
    assert find_boxes(text) == naive_boxes(text)


@given(TEX, st.integers(0, 60), st.integers(0, 60))
def test_a_range_is_scanned_as_if_it_were_the_text(text, start, end):
    """Law: scanning a range is scanning the slice, moved."""
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    moved = [Box(*(place + start for place in box[:4]), outer=box.outer) for box in find_boxes(text[start:end])]
    assert find_boxes(text, start, end) == moved


@given(ANY_TEXT | TEX)
def test_total_and_within_the_text(text):
    """Law: any string is scanned; spans lie within it, contents are balanced, and boxes nest or are apart."""
    boxes = find_boxes(text)
    for box in boxes:
        assert 0 <= box.start < box.content_start <= box.content_end <= box.end <= len(text)
        assert text[box.start : box.start + 5] in {"\\boxe", "\\fbox"}
    for left in boxes:
        for right in boxes:
            apart = left.end <= right.start or right.end <= left.start
            nested = left.start <= right.start and right.end <= left.end
            assert left is right or apart or nested or (right.start <= left.start and left.end <= right.end)


@given(TEX)
def test_last_box_is_the_last_outer_one(text):
    """Law: the last box is the one that closes last of those in no other, and it reaches furthest of all."""
    box = last_box(text)
    outer = [box for box in find_boxes(text) if box.outer]
    assert box == (outer[-1] if outer else None)
    assert all(box is not None and other.end <= box.end for other in find_boxes(text))


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (r"so \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{1} then \boxed{2}", "2"),
        (r"\fbox{3}", "3"),
        (r"\boxed {4}", "4"),
        ("\\boxed\n{4}", "4"),
        (r"\boxed{\boxed{5}}", r"\boxed{5}"),
        (r"\boxed{1} \boxed{2", "1"),
        (r"\boxed{ \boxed{2}", "2"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{a \} b}", r"a \} b"),
        (r"\boxed 5", "5"),
        (r"\boxed -2.5.", "-2.5"),
        (r"\boxed A, as said", "A"),
        (r"\boxed{}", ""),
        (r"\boxed AB", None),
        (r"\boxed 1.2.3", None),
        (r"\boxed" + " " * 17 + "{1}", None),
        (r"\boxed " + "1" * 41, None),
        (r"\boxedfoo{1}", None),
        (r"\boxed{1", None),
        (r"\boxed", None),
        ("boxed{1}", None),
        (r"\\boxed{1}", None),
        ("", None),
    ],
)
def test_known_cases(text, content):
    """Law: only what closes is a box, escaped braces do not count, and a bare number or letter is taken."""
    box = last_box(text)
    assert (None if box is None else text[box.content_start : box.content_end]) == content


@pytest.mark.parametrize("name", GIANTS)
def test_ten_megabytes_end(name):
    """Law: the scan is linear; each of these would take hours in a quadratic one."""
    boxes = find_boxes(GIANTS[name])
    assert len(boxes) == {"boxed_closed": 200_000, "braces_closed": 1, "fbox_bare": 400_000, "boxed_and_dots": 1}.get(
        name, 0
    )
