"""The written cases: every pair of the taxonomy is decided as its reason says, alone and in a batch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from r1rewards.equivalence.engine import equivalent, equivalent_batch, validate_reference

FOLDER = Path(__file__).parent / "cases"
ROWS = [
    (path.stem, json.loads(line))
    for path in sorted(FOLDER.glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(ROWS)])
def test_the_pair_is_decided_as_written(name: str, row: dict[str, object]) -> None:
    """An equivalent pair is accepted and any other is not."""
    result = equivalent(str(row["ground_truth"]), str(row["answer"]))
    assert bool(result) == row["equivalent"], f"{row} -> {result}"


def test_a_batch_decides_as_single_calls_do() -> None:
    """A batch of all cases gives the verdicts of single calls, in order."""
    truths = [str(r["ground_truth"]) for _, r in ROWS]
    answers = [str(r["answer"]) for _, r in ROWS]
    assert equivalent_batch(truths, answers) == [equivalent(t, a) for t, a in zip(truths, answers, strict=True)]


def test_every_reference_equals_itself() -> None:
    """No reference of the cases is unfit, and each equals itself with spaces around it."""
    for _, row in ROWS:
        truth = str(row["ground_truth"])
        assert validate_reference(truth) is None, truth
        assert equivalent(truth, f"  {truth} "), truth


def test_alternatives_numbers_and_empty_references() -> None:
    """Any alternative counts, numbers are texts, and an empty reference is the data's fault."""
    assert equivalent(["3", "4"], "4")
    assert equivalent(0.5, "1/2")
    assert equivalent(7, "7")
    assert equivalent("", "7").decision.value == "bad_reference"
    assert equivalent([], "7").decision.value == "bad_reference"
    assert validate_reference(" ") == "empty"
