"""The choice reward: one option named, and the right one."""

from __future__ import annotations

import pytest

from r1rewards import Batch, load_reward
from r1rewards.errors import OptionError
from r1rewards.text.choices import find_choice

CITIES = ["Rome", "Paris", "Berlin", "A cat and B"]


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        ("B", "B"),
        ("(B)", "B"),
        ("b", "B"),
        ("(b)", "B"),
        ("**B**", "B"),
        ("B.", "B"),
        ("B. Paris", "B"),
        ("B) Paris", "B"),
        ("Option B", "B"),
        ("**Answer: (B) Paris**", "B"),
        ("Answer: B", "B"),
        ("The answer is B.", "B"),
        ("The correct answer is (B) because it is the capital.", "B"),
        ("The answer is **B**.", "B"),
        (r"The answer is $\boxed{B}$.", "B"),
        (r"\boxed{\text{B}}", "B"),
        (r"\boxed{\textbf{(B)}}", "B"),
        (r"\boxed{B. \text{Paris}}", "B"),
        (r"\boxed{\mathrm{B}}", "B"),
        ("<answer>B</answer>", "B"),
        ("<answer> (B) </answer>", "B"),
        ("答案是B。", "B"),
        ("答案：B", "B"),
        ("Paris", "B"),
        ("The answer is Paris.", "B"),
        ("Ｂ", "B"),
        (r"Rome would be A, but \boxed{B}", "B"),
        ("The answer is not A. The answer is B.", "B"),
        ("D. A cat and B", "D"),
    ],
)
def test_named(answer, letter):
    """Law: the usual ways to name an option are read, and only the marked place counts."""
    assert find_choice(answer, 0, len(answer), CITIES).letter == letter


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I do not know.",
        "A cat sat on the mat",
        "Because of B we see",
        "A or B",
        "A, B",
        "A/B",
        "B and C",
        "(A) (B)",
        "B (or C)",
        "either A or B",
        r"\boxed{A or B}",
        r"\boxed{A,B,C,D}",
        r"\boxed{AB}",
        r"\boxed{A} or \boxed{B}",
        r"\boxed{A} or B",
        r"\boxed{A}. The answer is B.",
        r"\boxed{E}",
        r"\boxed{}",
        "<answer>A or B or C</answer>",
        "<answer>A</answer><answer>B</answer>",
        "The answer is A. The answer is B.",
        "The answer is B or C.",
        "答案是A或B。",
        "The answer is B. Berlin",
        r"\boxed{B. \text{Rome}}",
        "The answer is a city.",
        "x" * 5000 + " B",
        "\ud800",
    ],
)
def test_nothing_is_named(answer):
    """Law: no option, several options, or an option with another's text is no choice."""
    assert find_choice(answer, 0, len(answer), CITIES).letter == ""


def judged(completions, truths, **columns):
    """Score and return values and statuses."""
    column = load_reward("choice").score(Batch.of(completion=completions, ground_truth=truths, **columns))
    return column.values.tolist(), [status.name for status in column.statuses]


@pytest.mark.parametrize("truth", ["B", "b", "(B)", "B. Paris", "Paris", " paris ", 1, 1.0, "1", ["B", "C"]])
def test_ground_truths(truth):
    """Law: a letter, an index from 0, an option's text or a list of alternatives says what is right."""
    assert judged([r"\boxed{B}", r"\boxed{A}"], [truth] * 2, choices=[CITIES] * 2)[0] == [1.0, 0.0]


@pytest.mark.parametrize("truth", ["", "Z", "AB", 7, -1, 1.5, True, float("nan"), "Madrid", {"a": 1}, []])
def test_bad_ground_truths(truth):
    """Law: a ground truth that is no option is the data's fault, whatever was answered."""
    assert judged([r"\boxed{B}", "<think>"], [truth] * 2, choices=[CITIES] * 2)[1] == ["BAD_REFERENCE"] * 2


def test_options_that_are_numbers():
    """Law: a text that is an option's is that option, and a number is an index."""
    options = ["1", "2", "0", "3"]
    assert judged([r"\boxed{C}"], ["0"], choices=[options])[0] == [1.0]
    assert judged([r"\boxed{A}"], [0], choices=[options])[0] == [1.0]
    assert judged([r"\boxed{2}"], ["B"], choices=[options])[0] == [1.0]


def test_shapes_of_the_choices():
    """Law: choices come as a list, as MMLU's and ARC's objects, or not at all."""
    for cell in (
        CITIES,
        tuple(CITIES),
        dict(zip("ABCD", CITIES, strict=True)),
        {"text": CITIES, "label": list("ABCD")},
        None,
    ):
        assert judged([r"\boxed{B}"], ["B"], choices=[cell])[0] == [1.0]
    assert judged([r"\boxed{B}"], ["B"], choices=["not a list"])[1] == ["BAD_REFERENCE"]


def test_statuses():
    """Law: hedging is malformed, nothing named is no answer, and cut off before it is truncated."""
    texts = ["A or B", "who knows", "<think>r", "who knows"]
    said = judged(texts, ["B"] * 4, truncated=[False, False, True, True])
    assert said == ([0.0] * 4, ["MALFORMED", "NO_ANSWER", "TRUNCATED", "TRUNCATED"])
    with pytest.raises(OptionError, match="letters"):
        load_reward("choice", letters=1)
