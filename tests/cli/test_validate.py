"""`r1rewards validate` finds the references by which no answer could be judged, each by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from r1rewards.cli.main import run

ROWS = [
    {"prompt": "a", "ground_truth": "1/2"},
    {"prompt": "a", "ground_truth": "0.5"},
    {"prompt": "b", "ground_truth": "3"},
    {"prompt": "b", "ground_truth": "4"},
    {"prompt": "c", "ground_truth": ""},
    {"prompt": "d", "ground_truth": None},
    {"prompt": "e", "ground_truth": {"a": 1}},
    {"prompt": "f", "ground_truth": "Paris in spring"},
    {"prompt": "g", "ground_truth": r"so \boxed{7}"},
    {"prompt": "h", "ground_truth": ["1", "2"]},
]
FAULTS = {4: "two_answers", 5: "unreadable", 6: "missing", 7: "unreadable"}


def written(path: Path, rows: list[dict[str, object]]) -> str:
    """Write rows as JSONL."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_every_fault_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unreadable, missing and doubly answered references are told; equal ones in two notations are not."""
    assert run(["validate", written(tmp_path / "d.jsonl", ROWS), "--json"]) == 3
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["line"]: row["problem"] for row in said} == FAULTS


def test_words_are_shown_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A reference that is compared as words is no fault; it is listed when asked for."""
    path = written(tmp_path / "d.jsonl", [ROWS[7]])
    assert run(["validate", path, "--plain-text"]) == 0
    assert "Paris in spring" in capsys.readouterr().out


def test_good_references_say_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A clean file prints no row and exits 0."""
    assert run(["validate", written(tmp_path / "d.jsonl", ROWS[:3])]) == 0
    assert capsys.readouterr().out == ""


def test_a_file_without_references_says_which_columns_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No reference at all is a missing column, and the message lists those there are."""
    assert run(["validate", written(tmp_path / "d.jsonl", [{"prompt": "a", "gold_value": "1"}])]) == 3
    assert "gold_value" in capsys.readouterr().err
    assert run(["validate", str(tmp_path / "d.jsonl"), "--map", "ground_truth=gold_value"]) == 0
