"""Options: which there are, and that written values are read by their declared types or refused."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards import FormatReward, reward
from r1rewards.errors import OptionError
from r1rewards.options import REQUIRED, check_option_name, options_of, read_option

TABLE = np.zeros(2)


def make(
    *,
    whole: int = 3,
    number: float = 0.5,
    flag: bool = False,
    text: str = "a",
    maybe: int | None = None,
    words: str | None = None,
    several: list | None = None,
    anything=None,
    bare=2,
    needed: int,
    odd: no_such_type = 1,  # noqa: F821 - an annotation that cannot be resolved
):
    """A factory with an option of every kind."""


@dataclass
class Configured:
    """A reward's configuration as a dataclass."""

    limit: int
    words: list = field(default_factory=lambda: ["a"])
    name: str = "configured"
    secret: int = field(default=1, init=False)


def typed(*, whole: int = 3, number: float = 0.5, flag: bool = False, text: str = "a", maybe: int | None = None):
    """As above, with annotations that all can be resolved."""


@reward
def decorated(completion, *, limit: int = 3, words: str | None = None):
    """A reward with options."""
    return 1


@pytest.mark.parametrize(
    ("factory", "options"),
    [
        (decorated, {"limit": 3, "words": None}),
        (FormatReward, {"mode": None, "allow_empty": False, "graded": False}),
        (Configured, {"limit": REQUIRED, "words": ["a"]}),
        (lambda **rest: None, {}),
        (lambda *rest, a=1: None, {"a": 1}),
    ],
)
def test_the_options_there_are(factory, options):
    """Law: an option is what can be given when the reward is made, but its name."""
    assert options_of(factory) == options


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        ("whole", "5", 5),
        ("whole", "-1", -1),
        ("number", "2", 2.0),
        ("number", "1e-3", 0.001),
        ("flag", "true", True),
        ("flag", "False", False),
        ("text", "5", "5"),
        ("text", "null", "null"),
        ("text", "", ""),
        ("maybe", "null", None),
        ("maybe", "None", None),
        ("maybe", "7", 7),
    ],
)
def test_values_are_read_by_type(option, text, value):
    """Law: text stays text where text is declared; else it is read as JSON of the declared type."""
    got = read_option("mine", option, text, typed)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("whole", "5.5"), ("whole", "true"), ("whole", "x"), ("whole", "null"), ("whole", ""), ("whole", "9" * 5000),
        ("number", "x"), ("number", "false"), ("flag", "1"), ("flag", "yes"), ("maybe", "1.5"), ("maybe", "[" * 50_000),
    ],
)  # fmt: skip
def test_other_values_are_refused(option, text):
    """Law: what is not of the declared type is refused, with reward, option and type in the message."""
    with pytest.raises(OptionError, match=f"mine.*{option} takes"):
        read_option("mine", option, text, typed)


def test_undeclared_types():
    """Law: an unreadable annotation falls back to the default's type; without either, any JSON goes."""
    assert read_option("m", "bare", "7", make) == 7
    assert read_option("m", "anything", "[1]", make) == [1]
    assert read_option("m", "anything", "word", make) == "word"
    assert read_option("m", "needed", "4", make) == 4
    with pytest.raises(OptionError):
        read_option("m", "bare", "x", make)


def test_a_default_that_cannot_be_compared():
    """Law: a default such as an array, whose comparison is no truth value, does no harm."""
    with pytest.raises(OptionError, match="takes ndarray"):
        read_option("m", "table", "5", lambda *, table=TABLE: None)


def test_decorated_rewards():
    """Law: a decorated function's annotations count."""
    assert read_option("d", "words", "null", decorated) is None
    assert read_option("d", "words", "nul", decorated) == "nul"
    assert read_option("d", "limit", "4", decorated) == 4


def test_unknown_options_list_the_known():
    """Law: the error lists what there is."""
    with pytest.raises(OptionError, match=r"no option 'x'; it has: limit, words"):
        check_option_name("d", "x", decorated)
    with pytest.raises(OptionError, match="it has: none"):
        read_option("n", "x", "1", lambda: None)


@given(st.sampled_from(["whole", "number", "flag", "text", "maybe"]), st.text())
def test_any_text_is_read_or_refused(option, text):
    """Law: reading is total: a value of the declared type, or our error."""
    kinds = {"whole": int, "number": float, "flag": bool, "text": str, "maybe": (int, type(None))}
    try:
        value = read_option("mine", option, text, typed)
    except OptionError:
        return
    assert isinstance(value, kinds[option])
