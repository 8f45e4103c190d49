"""Words and single characters: the units that lengths and repeats are counted in."""

from __future__ import annotations

import pytest
from hostile_text import ANY_TEXT, GIANTS
from hypothesis import given
from hypothesis import strategies as st

from r1rewards.text.words import count_units, units_of


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", []),
        ("... --- !!!", []),
        ("Don't stop", ["don't", "stop"]),
        ("don’t", ["don’t"]),
        ("'quoted'", ["quoted"]),
        ("snake_case x2", ["snake", "case", "x2"]),
        ("3.5 kg", ["3", "5", "kg"]),
        ("我们是", ["我", "们", "是"]),
        ("カタカナとひらがな", list("カタカナとひらがな")),
        ("한국어 단어", ["한국어", "단어"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("re\u200bpeat re\u00adpeat", ["repeat", "repeat"]),
        ("Straße", ["straße"]),
        ("\ud800a\x00b", ["a", "b"]),
    ],
)
def test_units(text, units):
    """Law: words by spaces and punctuation, single characters where no spaces are written."""
    assert units_of(text) == units
    assert count_units(text) == len(units)


@given(ANY_TEXT)
def test_total(text):
    """Law: any text has units, none of them empty or with white space in it."""
    units = units_of(text)
    assert all(unit and unit.split() == [unit] for unit in units)


@given(st.lists(st.sampled_from(["one", "two", "我", "3"]), max_size=20))
def test_words_joined_by_spaces_come_back(words):
    """Law: what is joined by spaces is cut there again."""
    assert units_of(" ".join(words)) == words


@pytest.mark.parametrize("giant", GIANTS)
def test_giants(giant):
    """Law: ten megabytes are cut in one pass."""
    assert count_units(GIANTS[giant]) >= 0
