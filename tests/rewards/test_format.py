"""The format reward judges exactly what the batch's dialect asks for, and is binary."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards import Batch, FormatReward, Reward, Status
from r1rewards.rewards.format import _SENTENCES
from r1rewards.text import transcript
from r1rewards.text.transcript import DIALECTS

PIECES = st.lists(st.sampled_from(["<think>", "</think>", "<answer>", "</answer>", "a", " ", "\n"]), max_size=8)


def judged(completions, mode="think", **columns):
    """Score and return values and statuses."""
    column = FormatReward().score(Batch.of(completion=completions, transcript=mode, **columns))
    return column.values.tolist(), [status.name for status in column.statuses]


@given(st.lists(PIECES.map("".join), max_size=6), st.sampled_from(list(DIALECTS)))
def test_one_exactly_where_well_formed(completions, mode):
    """Law: 1.0 and OK where the transcript has no problem, else 0.0 and MALFORMED; details are JSON."""
    batch = Batch.of(completion=completions, transcript=mode)
    column = FormatReward().score(batch)
    assert column.values.tolist() == [float(parts.well_formed) for parts in batch.transcripts]
    for cell, parts in zip(column, batch.transcripts, strict=True):
        assert cell.status is (Status.OK if parts.well_formed else Status.MALFORMED)
        assert cell.detail.get("problems", []) == list(parts.problems)
        assert json.loads(json.dumps(cell.detail)) == cell.detail


def test_every_problem_has_a_sentence():
    """Law: no problem is without words."""
    assert set(_SENTENCES) == set(transcript.Problem.__args__)


@pytest.mark.parametrize(
    ("completion", "mode", "status"),
    [
        ("<think>r", "think", "TRUNCATED"),
        ("<think>r</think>", "think", "TRUNCATED"),
        ("<think>r</think> 4", "think", "OK"),
        ("r", "think", "MALFORMED"),
        ("r", "think_prefilled", "TRUNCATED"),
        ("<think>r</think>", "think_answer", "TRUNCATED"),
        ("<think>r</think><answer>4", "think_answer", "TRUNCATED"),
        ("<think>r</think><answer>4</answer>", "think_answer", "OK"),
        ("x<think>r</think>4", "think", "MALFORMED"),
        ([{"role": "assistant", "content": None, "reasoning_content": "r"}], "think", "TRUNCATED"),
    ],
)
def test_truncated(completion, mode, status):
    """Law: cut off before there was an answer is TRUNCATED, still 0.0; what was whole is judged as ever."""
    assert judged([completion], mode, truncated=[True]) == ([float(status == "OK")], [status])
    assert judged([completion], mode, truncated=[False])[1] != ["TRUNCATED"]
    assert judged([completion], mode, truncated=[None])[1] != ["TRUNCATED"]


HACKS = [
    "<think></think>4",
    "<think>\u200b</think>4",
    "<think>r</think>",
    "<think>r</think>\u200b\n",
    "<think>r</think><think>r</think>4",
    "<think>r</think>4</think>",
    "4<think>r</think>4",
    "</think><think>4",
    "<think>4",
    "4",
    "",
    "<Think>r</Think>4",
    "< think>r</think>4",
    "<think>r<think>s</think>4",
]


@pytest.mark.parametrize("completion", HACKS)
def test_hacks_get_nothing(completion):
    """Law: the known ways to game a format reward score 0.0, in every dialect."""
    for mode in ("think", "think_answer"):
        assert judged([completion], mode)[0] == [0.0]


def test_the_opened_tag_is_told_from_the_prompt():
    """Law: where the prompt opened the tag, its lack is right and a second one is wrong; row by row."""
    completions = ["r</think>4", "<think>r</think>4"]
    assert judged(completions * 2, prompt=["q<think>\n"] * 2 + ["q"] * 2)[0] == [1.0, 0.0, 0.0, 1.0]


def test_a_reward_like_any_other():
    """Law: it keeps the protocol, pickles, and explains itself."""
    made = FormatReward()
    assert isinstance(made, Reward)
    assert pickle.loads(pickle.dumps(made)) == made
    assert (made.name, made.requires, made.bounds, made.__name__) == ("format", (), (0.0, 1.0), "format")
    assert judged([]) == ([], [])
    batch = Batch.of(completion=["x", "<think>r</think>4"])
    assert made.explain(batch, 1)["value"] == 1.0
    assert "no reasoning" in made.explain(batch, 0)["why"]
