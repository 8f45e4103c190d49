"""The paper's sums as presets, and columns that rewards of a rubric give each other."""

from __future__ import annotations

import pytest

from r1rewards import Batch, Rubric
from r1rewards.errors import UnknownReward, UsageError
from r1rewards.registry import BUILT_IN


def test_r1_zero_is_accuracy_and_format():
    """Law: accuracy + format, each of weight 1."""
    with Rubric.r1_zero() as rubric:
        assert [(term.name, term.weight) for term in rubric.terms] == [("math", 1.0), ("format", 1.0)]
        table = rubric.score(
            completion=[r"<think>r</think> \boxed{4}", r"\boxed{4}", "<think>r</think> 4", ""], ground_truth=["4"] * 4
        )
    assert table.totals.tolist() == [2.0, 1.0, 1.0, 0.0]
    gated = Rubric.r1_zero(accuracy="exact", combine="gated")
    assert (gated.names, gated.gates) == (("exact", "format"), ("exact",))


def test_r1_adds_language_consistency():
    """Law: accuracy + format + language, and the general reward of the last stage; all of weight 1."""
    if "language" not in BUILT_IN:
        with pytest.raises(UnknownReward, match="language"):
            Rubric.r1()
        return
    assert Rubric.r1().names == ("math", "format", "language")
    assert Rubric.r1(general="judge").names == ("math", "format", "language", "judge")
    assert {term.weight for term in Rubric.r1(general="judge").terms} == {1.0}


def test_with_column():
    """Law: a batch with one more column has the same rows and the same derived columns, and is another batch."""
    batch = Batch.of(completion=["<think>a</think> b"], other=[1])
    wider = batch.with_column("correct", [True])
    assert wider.columns == ("completion", "other", "correct")
    assert batch.columns == ("completion", "other")
    assert wider.transcripts is batch.transcripts
    assert wider.take([0]).column("correct") == [True]
    with pytest.raises(UsageError, match="replaced"):
        batch.with_column("prompt", ["x"])


def test_words_are_counted_once():
    """Law: each distinct completion is cut into words once for all rewards, and `take` keeps them."""
    batch = Batch.of(completion=["a b", "a b", "c"])
    assert batch.words == [["a", "b"], ["a", "b"], ["c"]]
    assert batch.words[0] is batch.words[1]
    assert batch.take([2, 0]).words == [["c"], ["a", "b"]]
