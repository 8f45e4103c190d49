"""What `exact` and `f1` share: where the answer stands, SQuAD's normalisation, and its cures."""

from __future__ import annotations

import pytest
from family import ANY_TEXT
from hypothesis import given

from r1rewards import Batch, load_reward
from r1rewards.text.answers import answer_units, check_policies, normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Eiffel Tower", "eiffel tower"),
        ("the  “Eiffel”  tower.", "Eiffel Tower"),
        ("1,000", "1000"),
        ("3.50", "3.50"),
        ("３.５", "3.5"),
        ("−5", "-5"),
        ("$5", "5"),
        ("Straße", "STRASSE"),
        ("巴黎。", "巴黎"),
        ("U.S.A.", "USA"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_same_after_normalisation(one, other):
    """Law: case, articles, punctuation, width and double spaces make no difference."""
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("3.5", "35"), ("-5", "5"), ("50%", "50"), ("12:30", "1230"), ("1/2", "12"), ("!!!", "The"), (".", ",")],
)
def test_different_after_normalisation(one, other):
    """Law: a number stays that number, and what would become empty stays what it is."""
    assert normalised(one) != normalised(other)


@given(ANY_TEXT)
def test_normalisation_is_total(text):
    """Law: any text has a normal form, empty only for a text of white space, and tokens only where it has one."""
    form = normalised(text)
    assert bool(form) == bool(__import__("unicodedata").normalize("NFKC", text).casefold().split())
    assert bool(answer_units(text)) == bool(form)


@pytest.mark.parametrize("name", ["exact", "f1"])
@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("Paris", 1.0),
        (" Paris.\n", 1.0),
        ("<answer>Paris</answer>", 1.0),
        ("So it is \\boxed{Paris}.", 1.0),
        ("It is on the Seine. The answer is Paris.", 1.0),
        ("<answer></answer> Paris", 0.0),
        ("", 0.0),
        ("Rome", 0.0),
    ],
)
def test_where_the_answer_stands(name, answer, value):
    """Law: tag, box, "the answer is", or the whole answer part, in this order; an empty tag is an empty answer."""
    column = load_reward(name).score(Batch.of(completion=[f"<think>r</think>{answer}"], ground_truth=["Paris"]))
    assert column.values.tolist() == [value]


@pytest.mark.parametrize("name", ["exact", "f1"])
def test_references(name):
    """Law: the best of several references counts; an empty one is the data's fault."""
    truths = [["Rome", "Paris"], {"text": ["Paris"]}, "Paris", 5, True, [], "", None, ["Paris", ""], float("nan"), {}]
    column = load_reward(name).score(Batch.of(completion=["Paris"] * len(truths), ground_truth=truths))
    assert column.values[:4].tolist() == [1.0, 1.0, 1.0, 0.0]
    names = [status.name for status in column.statuses]
    assert names[4] == "OK"
    assert names[5:] == ["BAD_REFERENCE"] * 2 + ["NOT_APPLICABLE"] + ["BAD_REFERENCE"] * 3


def test_f1_by_hand():
    """Law: twice the shared words over all words; characters where there are no spaces."""
    truths = ["Denver Broncos", "Denver Broncos", "巴黎市", "yes", "in 1990", "no"]
    said = ["the Denver Broncos", "Broncos of Denver Colorado", "巴黎", "yes it is", "in 1991", "yes"]
    column = load_reward("f1").score(Batch.of(completion=said, ground_truth=truths))
    assert column.values.round(3).tolist() == [1.0, 0.667, 0.8, 0.5, 0.0, 0.0]


def test_options():
    """Law: policies are checked and may come as a list; without `whole` an unmarked answer is none."""
    made = load_reward("exact", policies=["boxed"], whole=False)
    column = made.score(Batch.of(completion=[r"\boxed{x}", "x"], ground_truth=["x", "x"]))
    assert column.values.tolist() == [1.0, 0.0]
    assert check_policies("boxed") == ("boxed",)
    for policies in (["nonsense"], 5, {"boxed"}):
        with pytest.raises(ValueError, match="policies"):
            check_policies(policies)
