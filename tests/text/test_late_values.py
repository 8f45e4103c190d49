"""What is found from the end of a text is what a reader of the whole text finds last."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.text.boxed import find_boxes, settled_boxes
from r1rewards.text.late_values import FORMULA, last_formula, last_number

# The numbers as one would write the expression without a thought for speed.
_NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|(?<![,(\[{])\d+,\d{1,2}(?![\d,)\]}])|\d+)"
    r"(?:\.\d+)?(?:\s?/\s?\d+)?(?:[eE][-+]?\d{1,4}(?!\w))?%?|(?<![\w.])[-+−]?\.\d+%?"
)
_PIECES = [
    "1",
    "234",
    ",",
    ".",
    "/",
    " ",
    "-",
    "+",
    "−",
    "e",
    "E5",
    "%",
    "x",
    "\n",
    "٣",
    "²",
    "y = ",
    "a b c d " * 12,
    "v2",
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), st.integers(0, 40), st.integers(0, 40))
def test_the_last_number_is_the_last_of_all(text: str, before: int, behind: int) -> None:
    """In any part of a text, the number found from the end is the last that a scan of that part finds."""
    start, end = min(before, len(text)), max(0, len(text) - behind)
    found = last_number(text, start, end)
    everywhere = list(_NUMBER.finditer(text, start, end)) if start < end else []
    assert (found.span() if found else None) == (everywhere[-1].span() if everywhere else None)


@pytest.mark.parametrize("number", ["1,234,567.5", "12 / 35", "-0.5e-7", "٣٤٥", "9" * 1_500])
@pytest.mark.parametrize("tail", ["", " end.", " x" * 30 + ".", "." * 500, " \n" * 700])
def test_no_number_is_cut_in_two(number: str, tail: str) -> None:
    """However far from the end it stands, a number is found whole."""
    text = "It is " + number + tail
    found = last_number(text, 0, len(text))
    assert found is not None
    assert found[0] == number


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(["$", "$$", "x", "\\(", "\\)", "\\[", "\\]", "1", "\n", " and "]), max_size=30).map(
        "".join
    )
)
def test_the_last_formula_is_the_last_of_all(text: str) -> None:
    """In a text of one window, the formula found is the last that a scan finds."""
    found = last_formula(text, 0, len(text))
    everywhere = list(FORMULA.finditer(text))
    assert (found.span() if found else None) == (everywhere[-1].span() if everywhere else None)


_BOX_PIECES = [
    "\\boxed{",
    "\\boxed",
    "\\fbox{2}",
    "\\boxed{3}",
    "\\boxed 5",
    "{",
    "}",
    "\\",
    "\\{",
    " ",
    "x",
    "foo",
    " apart" * 9,
    "~" * 37,
    "~~~",
    " " * 16,
    "4" * 40 + "." + "2" * 40,
    "\\boxed{6}" + "~" * 160,
]


@settings(max_examples=1_500)
@given(st.lists(st.sampled_from(_BOX_PIECES), max_size=16).map("".join))
def test_a_box_settled_by_the_end_is_the_last_of_all(text: str) -> None:
    """Where a look at the end settles it, the box is the last outer one, and none before it is near."""
    settled = settled_boxes(text, 0, len(text), 40)
    if settled is None:
        return
    outer = [box for box in find_boxes(text) if box.outer]
    assert settled == outer[-1:]
    assert all(settled[0].start - box.end > 40 for box in outer[:-1])


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("none", 0),
        (r"\boxed{1}", 1),
        (r"\boxed{\frac{1}{2}} so", 1),
        (r"\boxed{1}" + " far" * 20 + r"\boxed{2}", 1),
        (r"\boxed{1} \boxed{2}" + " far" * 40 + r"\boxed{3}", 1),
        (r"\boxed{1} \boxed{2}" + " far" * 40 + r"\boxed{3} }", None),
        (r"\boxed{1} or \boxed{2}", None),
        (r"\\boxed{1}", None),
        (r"\boxed{1}\fbox{2}", None),
        (r"\boxed{1", 0),
    ],
)
def test_what_a_look_at_the_end_settles(text: str, settled: int | None) -> None:
    """One box, and a last one far behind the other, are settled; neighbours and escapes are not."""
    boxes = settled_boxes(text, 0, len(text), 40)
    assert (None if boxes is None else len(boxes)) == settled
