"""The format reward judges exactly what the batch's dialect asks for, and is binary."""

from __future__ import annotations

import json
import pickle
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards import Batch, FormatReward, Reward, Rubric, Status
from r1rewards.errors import EveryRowFails, OptionError, UsageError
from r1rewards.rewards.format import _BREAKS, _SENTENCES, GRADES
from r1rewards.text import transcript
from r1rewards.text.dialects import custom_dialect
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
    assert set(_BREAKS) == set(_SENTENCES)
    assert set(_BREAKS.values()) == set(GRADES)


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


# Rows 1 to 12 of the public hacks: what was done, in which mode. Their honest twin is the last.
HONEST = {
    "think": "<think>r</think>4",
    "think_answer": "<think>r</think><answer>4</answer>",
    "think_answer_strict": "<think>\nr\n</think>\n<answer>\n4\n</answer>",
    "think_prefilled": "r</think>4",
    "think_code": "<think>r</think>\n```python\nprint(4)\n```",
}
ATTACKS = [
    (1, "think_answer", "<think>r</think><answer>4</answer><think>r</think><answer>5</answer>"),
    (1, "think_answer_strict", (HONEST["think_answer_strict"] + "\n") * 2),
    (2, "think_answer", "<think>r</think><answer>4</answer>\nand I win"),
    (2, "think_answer_strict", HONEST["think_answer_strict"] + "\nand I win"),
    (2, "think_answer_strict", "I win\n" + HONEST["think_answer_strict"]),
    (3, "think", "<think></think>a"),
    (3, "think", "<think>\u200b</think>a"),
    (4, "think_answer", "<think>r</think><answer></answer>"),
    (4, "think_answer", "<think>r</think><answer>\u3164</answer>"),
    (5, "think_answer", "<think></think><answer></answer>"),
    (5, "think_answer_strict", "<think>\n\n</think>\n<answer>\n\n</answer>"),
    (7, "think_prefilled", "no reasoning at all"),
    (7, "think_prefilled", "</think>4"),
    (7, "think", "r</think>4"),
    (7, "think_prefilled", "r</think>a</think>4"),
    (9, "think", "<think>r `</think>` 4"),
    (9, "think_prefilled", "```\n</think>\n```\n4"),
    (10, "think", "\n-\n-\n-"),
    (10, "think", "1. 2. 3."),
    (11, "think_code", "<think>" * 2000 + "<answer>```python" * 2000),
    (12, "think", "<think>" + "<tool>" * 10_000),
]


@pytest.mark.parametrize(("row", "mode", "completion"), ATTACKS)
@pytest.mark.parametrize("graded", [False, True])
def test_no_attack_outscores_its_honest_twin(row, mode, completion, graded):
    """Law: the public hacks of format rewards earn nothing, and graded less than the honest form."""
    reward = FormatReward(mode=mode, graded=graded)
    paid, honest = reward.score(Batch.of(completion=[completion, HONEST[mode]])).values.tolist()
    assert honest == 1.0
    assert paid < honest if graded else paid == 0.0
    if row in {3, 4, 5, 10, 11, 12}:
        assert paid == 0.0


def test_row_6_a_prefilled_prompt_is_a_mode_and_said():
    """Law: a constant 0 because the prompt opened the tag is told once, with the right mode."""
    rows = [f"r{i}</think>{i}" for i in range(4)]
    reward = FormatReward()
    with pytest.warns(EveryRowFails, match="'think_prefilled'"):
        assert reward.score(Batch.of(completion=rows)).values.tolist() == [0.0] * 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reward.score(Batch.of(completion=rows))
    assert FormatReward(mode="think_prefilled").score(Batch.of(completion=rows)).values.tolist() == [1.0] * 4
    assert pickle.loads(pickle.dumps(reward)) == reward == FormatReward()


def test_row_8_a_special_token_at_the_end_is_no_fault():
    """Law: the end token that a trainer leaves in the completion costs nothing."""
    for mode, completion in HONEST.items():
        assert judged([completion + "<|im_end|>"], mode)[0] == [1.0]


def test_the_warning_names_the_commonest_problem_where_no_mode_fits():
    """Law: eight rows that fit no mode say what is wrong most often; fewer, or one that passes, say nothing."""
    with pytest.warns(EveryRowFails, match=r"no other mode.*8 rows.*no reasoning between tags"):
        FormatReward().score(Batch.of(completion=[str(i) for i in range(8)]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FormatReward().score(Batch.of(completion=["4"] * 7))
        FormatReward().score(Batch.of(completion=["r</think>4"] * 20 + ["<think>r</think>4"]))


@pytest.mark.parametrize(
    ("mode", "completion", "share"),
    [
        ("think_answer", "<think>r</think><answer>4</answer>", 1.0),
        ("think_answer", "<think>r</think><answer>4</answer>more", 0.8),
        ("think_answer", "<think>r</think>4", 0.7),
        ("think_answer", "x<think>r</think>4", 0.5),
        ("think_answer", "<answer>4</answer>", 0.0),
        ("think_answer", "<think></think><answer></answer>", 0.0),
        ("think_answer", "<think><think></think></think><answer></answer>", 0.0),
        ("think_answer_strict", "<think>r</think><answer>4</answer>", 0.9),
        ("think", "x<think>r</think>4", round(0.5 / 0.7, 6)),
        ("think", "r</think>4", round(0.3 / 0.7, 6)),
        ("think", "4", 0.0),
        ("nothink", "<think>r</think>4", 0.0),
        ("nothink", "4", 0.0),
    ],
)
def test_graded_shares(mode, completion, share):
    """Law: graded is the share of the conditions kept, and nothing where a part has no text."""
    assert FormatReward(mode=mode, graded=True).score(Batch.of(completion=[completion])).values.tolist() == [share]


@given(PIECES.map("".join), st.sampled_from(list(DIALECTS)))
def test_graded_keeps_order_with_binary(completion, mode):
    """Law: graded is 1.0 exactly where binary is, and else in [0, 1)."""
    batch = Batch.of(completion=[completion], transcript=mode)
    binary, graded = (FormatReward(graded=on).score(batch).values[0] for on in (False, True))
    assert graded == 1.0 if binary == 1.0 else 0.0 <= graded < 1.0


def test_allow_empty():
    """Law: empty parts pass where they may, and nothing else does."""
    rows = ["<think></think>4", "<think>r</think>", "<think></think>", "4", "<think>"]
    assert FormatReward(allow_empty=True).score(Batch.of(completion=rows)).values.tolist() == [1, 1, 1, 0, 0]


def test_a_mode_of_its_own():
    """Law: a lone reward's mode is that of the batches it judges; one declared otherwise is an error."""
    rows = ["<think>r</think><answer>4</answer>", "<think>r</think>4"]
    reward = FormatReward(mode="think_answer")
    assert reward.score(Batch.of(completion=rows)).values.tolist() == [1.0, 0.0]
    assert reward.score(Batch.of(completion=rows, transcript="think_answer")).values.tolist() == [1.0, 0.0]
    with pytest.raises(UsageError, match="think_answer"):
        reward.score(Batch.of(completion=rows, transcript="think"))
    with pytest.raises(UsageError, match="no transcript mode"):
        FormatReward(mode="thonk")


def test_a_mode_in_a_rubric():
    """Law: the rubric takes the mode that its reward declares; two that differ are an error when it is made."""
    rows = {"completion": ["<think>r</think><answer>4</answer>", "<think>r</think>4"]}
    rubric = Rubric([FormatReward(mode="think_answer")])
    assert rubric.transcript.name == "think_answer"
    assert rubric.score(**rows).totals.tolist() == [1.0, 0.0]
    assert rubric.score(Batch(rows)).totals.tolist() == [1.0, 0.0]
    assert Rubric(["format"], transcript="think_answer").score(Batch(rows)).totals.tolist() == [1.0, 0.0]
    assert Rubric(["format"]).score(Batch(rows, transcript="think_answer")).totals.tolist() == [1.0, 0.0]
    with pytest.raises(OptionError, match="declare one mode"):
        Rubric([FormatReward(mode="think_answer")], transcript="think")
    with pytest.raises(UsageError, match="declare one"):
        rubric.score(Batch(rows, transcript="think"))


def test_custom_tags_reach_every_way_in():
    """Law: your own tags are a mode like any other, as an object and as written."""
    rows = {"completion": ["<reason>r</reason>4", "<think>r</think>4"]}
    own = custom_dialect("<reason>", "</reason>")
    for mode in (own, own.name):
        assert Rubric(["format"], transcript=mode).score(**rows).totals.tolist() == [1.0, 0.0]
        assert FormatReward(mode=mode).score(Batch(rows)).values.tolist() == [1.0, 0.0]
        assert Batch(rows, transcript=mode).answers == ["4", rows["completion"][1]]


def test_auto_says_which_mode_and_why():
    """Law: row by row from the prompt, never from the completion; the detail says the mode and the reason."""
    batch = Batch.of(completion=["r</think>4", "r</think>4"], prompt=["q<think>\n", "q"], transcript="auto")
    column = FormatReward().score(batch)
    assert column.values.tolist() == [1.0, 0.0]
    assert [cell.detail["mode"] for cell in column] == ["think_prefilled", "think"]
    assert "the prompt ends with <think>" in column[0].detail["why"]
    assert "neither prompt nor chat template" in column[1].detail["why"]


def test_each_distinct_completion_is_scanned_once():
    """Law: whatever number of rewards reads the transcripts, each distinct completion is scanned once."""
    batch = Batch.of(completion=["<think>r</think>4", "4"] * 50)
    Rubric(["format", "other=format", "third=format"]).score(batch)
    assert batch.scans == 2
