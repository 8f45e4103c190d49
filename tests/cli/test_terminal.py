"""Hostile text is harmless, shares and counts read right, errors of the library speak in options."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards.cli.figures import share
from r1rewards.cli.said import in_words
from r1rewards.cli.tables import harmless_text
from r1rewards.cli.terminal import harmless
from r1rewards.errors import RewardError, RewardLoadError, UnknownReward

TEXT = st.text(st.characters()) | st.text(st.sampled_from("a[/]\x1b\x00\t\n\ud800\u202e\u2028"))


@given(text=TEXT)
def test_whatever_the_text_it_is_printable(text):
    """No text leaves a character that a terminal obeys; printable ones stay, in their order."""
    shown = harmless(text)
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert harmless(shown) == shown
    if text.isprintable():
        assert shown == text


@given(text=TEXT)
def test_markup_is_text(text):
    """Square brackets mean nothing."""
    assert harmless_text(text).plain == harmless(text)
    assert harmless_text(text).spans == []


@given(text=st.text(min_size=0, max_size=60), limit=st.integers(2, 20))
def test_the_middle_is_left_out(text, limit):
    """A cut text begins and ends as the whole one; a short one is whole."""
    shown = harmless_text(text, limit).plain
    if len(text) <= limit:
        assert shown == harmless(text)
    else:
        assert shown.startswith(harmless(text[: limit // 2]))
        assert shown.endswith(harmless(text[-(limit // 2) :]))


@given(part=st.floats(0, 1))
def test_a_share_never_rounds_to_none_or_all(part):
    """0% and 100% are said of exactly none and all."""
    assert (share(part) == "0%") == (part == 0)
    assert (share(part) == "100%") == (part == 1)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            RewardLoadError(
                "a.py:f: the worker for r1rewards.isolated_child:serve failed in its set-up: "
                "RewardLoadError: a.py:f: a.py failed: ValueError: no"
            ),
            "a.py:f: a.py failed: ValueError: no",
        ),
        (
            RewardError("reward 'f' raised X: y on row 5; mend it, or set on_error='unscored' to leave such rows"),
            "reward 'f' raised X: y on row 5; mend it, or give --on-error unscored to leave such rows",
        ),
        (RewardError("plain [words]\nof two lines"), "plain [words]\nof two lines"),
    ],
)
def test_errors_are_said_for_the_command_line(error, words):
    """What the library says to Python is said in options, without places inside this package."""
    assert in_words(error) == words


@given(name=st.text(max_size=30))
def test_any_unknown_name_is_answered(name):
    """Suggesting never fails."""
    assert "no reward is named" in in_words(UnknownReward(name, ["math"]))
