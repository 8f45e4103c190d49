"""The readability reward: its measurements, and that each of them lowers it."""

from __future__ import annotations

import pytest

from r1rewards import Batch, load_reward
from r1rewards.errors import OptionError

PROSE = "We add the numbers one by one and then look at what is left over. " * 3
SUMMARY = "The sum of all of them is ten."


def judged(reasoning, answer=SUMMARY, **options):
    """Return the cell of one completion."""
    return load_reward("readability", **options).score(Batch.of(completion=[f"<think>{reasoning}</think>{answer}"]))[0]


def test_measurements():
    """Law: paragraphs, their longest, code and summary are measured, in words and shares."""
    cell = judged(f"{PROSE}\n\n{PROSE}{PROSE}\n```python\nprint(1)\n```\nDone so far as we see.")
    assert cell.detail["paragraphs"] == 3
    assert cell.detail["longest_paragraph_words"] == 90
    assert cell.detail["code_blocks"] == 1
    assert 0 < cell.detail["code_share"] < 0.1
    assert cell.detail["summary_words"] == 8
    assert cell.value == pytest.approx(1 - cell.detail["code_share"])


def test_each_fault_lowers_it():
    """Law: one wall of text, code, no summary or scraps each lower the value; readable prose has 1."""
    assert judged(PROSE).value == 1.0
    assert judged(PROSE * 10).value == 0.0
    assert judged(f"{PROSE}\n```\n{PROSE}\n```\n").value < 0.6
    assert judged(PROSE, "10").value == 0.2
    assert judged(PROSE, "```\n" + SUMMARY + "\n```").value == 0.0
    assert judged("\n\n".join(PROSE.split())).value == 0.0
    assert judged("so").value == 0.0


def test_chinese():
    """Law: text without spaces is measured in characters, so a wall of it is a wall."""
    assert judged("我们把这些数一个一个加起来。" * 3, "所以总和是十。").value == 1.0
    assert judged("我们把这些数一个一个加起来。" * 30, "所以总和是十。").value == 0.0


def test_missing_parts():
    """Law: without reasoning or answer there is nothing to read, a 0 of the model's own."""
    column = load_reward("readability").score(Batch.of(completion=["just this", "<think>" + PROSE, ""]))
    assert column.values.tolist() == [0.0] * 3
    assert {status.name for status in column.statuses} == {"NO_ANSWER"}


def test_bad_options():
    """Law: what cannot be is refused when the reward is made."""
    for options in ({"paragraph_words": 0}, {"truncated": "x"}):
        with pytest.raises(OptionError):
            load_reward("readability", **options)
