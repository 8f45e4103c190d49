"""Samples and batches: columns from rows, chat messages as text, derived columns computed once and right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards.errors import MissingColumn, RowError, UsageError
from r1rewards.messages import may_open, none_may_open, plain_texts, read_completion
from r1rewards.samples import Batch, Sample
from r1rewards.text.transcript import DIALECTS

THINK = DIALECTS["think"]


def assistant(content, **more):
    """One assistant turn."""
    return {"role": "assistant", "content": content, **more}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ([assistant("a")], "a"),
        ((assistant("a"),), "a"),
        (assistant("a"), "a"),
        ([{"content": "no role"}], "no role"),
        ([assistant("first"), {"role": "user", "content": "u"}, assistant("last")], "last"),
        ([assistant("a"), {"role": "tool", "content": "t"}], "a"),
        ([assistant(None)], ""),
        ([{"role": "assistant"}], ""),
        ([assistant(None, tool_calls=[{"function": {"name": "f"}}])], ""),
        ([assistant(None, tool_calls=[{}]), {"role": "tool", "content": "4"}, assistant("so 4")], "so 4"),
        ([assistant([{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}])], "ab"),
        ([assistant(["a", "b"])], "ab"),
        ([assistant([])], ""),
        ([assistant([{"type": "text", "text": None}, 5])], ""),
        ([assistant("a", reasoning_content=None)], "a"),
        ([assistant("a", reasoning_content="")], "a"),
        ([assistant("\ud800\x00")], "\ud800\x00"),
    ],
)
def test_completions_read_as_text(cell, text):
    """Law: a string is itself; of chat messages the last assistant turn's text counts."""
    assert read_completion(cell, THINK)[0] == text
    assert Batch.of(completion=[cell]).completions == [text]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (None, "null"),
        (5, "a number"),
        (True, "true or false"),
        ([], "an empty list"),
        (["a"], "a list of a string"),
        ([None], "a list of null"),
        (b"bytes", "bytes"),
        ([assistant("a"), "b"], "a list of an object"),
        ([{"role": "user", "content": "u"}], "no turn of role 'assistant'"),
        ([assistant(5)], "a number"),
        ([assistant({"text": "a"})], "an object"),
        ([assistant(b"a")], "bytes"),
    ],
)
def test_what_is_no_completion_names_its_row(cell, says):
    """Law: the error is the row's: 1-based row, column, what was found; also after the batch was cut."""
    batch = Batch.of(completion=["fine", "fine", cell])
    for broken in (batch, batch.take([2]), batch.take([1, 2]).take([1])):
        with pytest.raises(RowError, match=says) as caught:
            _ = broken.completions
        assert (caught.value.line, caught.value.column) == (3, "completion")


CHAT_CELLS = st.sampled_from(
    [
        "plain", "", [], None, 5, [assistant("a")], [assistant("b")], [assistant("")], [assistant(None)],
        assistant("c"), (assistant("d"),), [{"content": "e"}], [{"role": "user", "content": "u"}],
        [{"content": "f", "thinking": "r"}],
        [assistant("g", reasoning_content="r")], [assistant("h"), {"role": "user", "content": "u"}], [assistant(["i"])],
        [{"role": "user", "content": "u"}, assistant("j")], ["k"], [{"role": "assistant", "thinking": "r"}],
    ]
)  # fmt: skip


@given(st.lists(CHAT_CELLS | st.just([assistant("a")]), max_size=4))
def test_a_column_of_plain_replies_is_read_as_its_cells(cells):
    """Law: where a column is read at once, each cell is the text, without a reasoning, that it is by itself."""
    texts = plain_texts(cells)
    if texts is not None:
        assert [(text, None) for text in texts] == [read_completion(cell, THINK) for cell in cells]


def test_the_columns_of_trainers_are_read_at_once():
    """Law: texts, and single assistant turns, need no look at each cell; one cell that is more does."""
    assert plain_texts(["a", "b"]) == plain_texts([[assistant("a")], [assistant("b")]]) == ["a", "b"]
    assert plain_texts([[assistant("a")], "b"]) is None
    assert plain_texts([[assistant("a")], [assistant("b", reasoning_content="r")]]) is None


@given(st.lists(CHAT_CELLS, max_size=4))
def test_a_column_of_prompts_by_others_is_one_of_such_cells(prompts):
    """Law: where a column is told at once to open nothing, none of its prompts could."""
    if none_may_open(prompts):
        assert prompts
        assert not any(map(may_open, prompts))


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning", "thinking"])
def test_a_reasoning_of_its_own_is_the_reasoning(key):
    """Law: what the chat template split off is the reasoning and the content is the answer."""
    for mode in ("think", "think_prefilled"):
        batch = Batch.of(completion=[[assistant("4", **{key: "2+2"})]], transcript=mode)
        assert (batch.reasonings, batch.answers) == (["2+2"], ["4"])
        assert batch.transcripts[0].well_formed


@pytest.mark.parametrize(
    ("turn", "problem"),
    [
        (assistant("<think>r</think>4", reasoning_content="r"), "reasoning_opened_twice"),
        (assistant("4</think>", reasoning_content="r"), "reasoning_closed_twice"),
        (assistant("4", reasoning_content="r</think>"), "reasoning_closed_twice"),
        (assistant("4", reasoning_content="\u200b "), "reasoning_empty"),
        (assistant(None, reasoning_content="r"), "answer_empty"),
    ],
)
def test_a_split_turn_can_be_malformed(turn, problem):
    """Law: tags inside split parts, an unseen reasoning and an empty answer are noted."""
    assert problem in Batch.of(completion=[[turn]]).transcripts[0].problems


def test_a_split_turn_in_the_answer_dialect():
    """Law: the answer's tags are looked for in the content only."""
    good = assistant("<answer>4</answer>", reasoning_content="r")
    batch = Batch.of(completion=[[good], [assistant("4", reasoning_content="r")]], transcript="think_answer")
    assert batch.answers == ["4", "4"]
    assert [parts.problems for parts in batch.transcripts] == [(), ("answer_not_tagged",)]


@pytest.mark.parametrize(
    ("prompt", "opens"),
    [
        ("1+1? <think>\n", True),
        ("1+1?", False),
        (None, False),
        ([{"role": "user", "content": "q"}, assistant("<think>\n")], True),
        ([{"role": "user", "content": "q"}, {"content": "<think>"}], True),
        ([{"role": "user", "content": "q"}, assistant([{"type": "text", "text": "<think>"}])], True),
        ([{"role": "user", "content": "Reason after <think>"}], False),
        ({"role": "user", "content": "Reason after <think>"}, False),
        ([assistant("<think>"), {"role": "user", "content": "q"}], False),
        ([assistant(None)], False),
        ([], False),
        (5, False),
    ],
)
def test_a_prompt_that_opens_the_tag(prompt, opens):
    """Law: the model's own last words open the tag; a user who names it does not."""
    batch = Batch.of(completion=["r</think>4", "<think>r</think>4"], prompt=[prompt, prompt])
    assert [parts.well_formed for parts in batch.transcripts] == [opens, not opens]
    assert batch.answers == ["4", "4"]


def test_a_bad_prompt_names_its_own_column():
    """Law: the error blames the prompt, not the completion."""
    with pytest.raises(RowError) as caught:
        _ = Batch.of(completion=["a", "b"], prompt=["p", [{"role": "user", "content": 5}]]).prompts
    assert (caught.value.line, caught.value.column) == (2, "prompt")


def test_prompts_as_text():
    """Law: a prompt column gives text or None."""
    prompts = [None, "p", [{"role": "user", "content": "q"}], {"role": "user", "content": "r"}, [{"role": "user"}]]
    batch = Batch.of(completion=["c"] * 5, prompt=prompts)
    assert batch.column("prompt") == [None, "p", "q", "r", ""]


def test_the_parts_are_never_an_input_column():
    """Law: who asks for `answer` gets the model's answer, even where the input has such a column (the gold)."""
    batch = Batch.of(completion=["<think>r</think>5"], answer=["gold"], reasoning=["theirs"])
    assert batch.column("answer") == ["5"]
    assert batch.column("reasoning") == ["r"]
    assert batch.sample(0).meta == {"answer": "gold", "reasoning": "theirs"}


def test_columns_and_missing_ones():
    """Law: a column that no row has is an error which lists those there are."""
    batch = Batch.of(completion=["a"], truth=["b"])
    assert batch.columns == ("completion", "truth")
    assert batch.has("answer")
    assert not batch.has("tests")
    assert "think" in repr(batch)
    with pytest.raises(MissingColumn, match="completion, truth"):
        batch.column("tests")
    with pytest.raises(MissingColumn, match="completion"):
        Batch.of(prompt=["a"])


@pytest.mark.parametrize("cells", ["text", b"bytes", {"a": 1}, 5, None])
def test_a_column_that_is_no_list(cells):
    """Law: a single text is not a column of letters."""
    with pytest.raises(UsageError, match="'completion' must be a list"):
        Batch.of(completion=cells)


def test_columns_of_any_iterable():
    """Law: arrays, tuples and generators are columns; their cells become plain values."""
    batch = Batch.of(completion=("a", "b"), x=np.array([1, 2]), y=(i for i in range(2)), z=np.array(["p", "q"]))
    assert [batch.column(name) for name in "xyz"] == [[1, 2], [0, 1], ["p", "q"]]
    assert type(batch.column("x")[0]) is int
    with pytest.raises(UsageError, match="differ in length"):
        Batch.of(completion=["a"], x=[1, 2])


def test_unknown_mode():
    """Law: the error lists the modes."""
    with pytest.raises(UsageError, match="think_prefilled"):
        Batch.of(completion=["a"], transcript="thonk")


def test_rows_with():
    """Law: None is no value; the parts of a completion are never lacking; an absent column raises."""
    batch = Batch.of(completion=["a", "<think>", "c"], x=[1, None, 0], y=[None, None, ""])
    assert batch.rows_with(["completion", "answer", "reasoning"], "t") == ([0, 1, 2], [])
    assert batch.rows_with(["x"], "t") == ([0, 2], ["x"])
    assert batch.rows_with(["x", "y"], "t") == ([2], ["x", "y"])
    with pytest.raises(MissingColumn, match="who"):
        batch.rows_with(["z"], "who")


CELLS = st.fixed_dictionaries(
    {"completion": st.text(max_size=5) | st.just("<think>a</think>b")},
    optional={
        "prompt": st.text(max_size=5) | st.just("<think>"),
        "ground_truth": st.integers() | st.text(max_size=3),
        "truncated": st.booleans(),
        "group": st.integers(),
        "meta": st.dictionaries(st.sampled_from(["level", "source"]), st.integers()),
    },
)


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_samples_to_columns_and_back(rows):
    """Law: rows survive the way through columns; a column that no row has is not there."""
    samples = [Sample(**row) for row in rows]
    batch = Batch.from_samples(samples)
    for row, sample in enumerate(samples):
        again = batch.sample(row)
        assert {k: v for k, v in again.meta.items() if v is not None} == sample.meta
        assert (again.completion, again.prompt, again.ground_truth) == (
            sample.completion,
            sample.prompt,
            sample.ground_truth,
        )
    assert batch.has("truncated") is any("truncated" in row for row in rows)


@given(st.lists(CELLS, min_size=1, max_size=6), st.data(), st.booleans())
def test_taking_rows_commutes_with_deriving(rows, data, first):
    """Law: a part's derived columns are the part of the derived columns, whichever came first."""
    batch = Batch.from_samples(Sample(**row) for row in rows)
    if first:
        _ = batch.transcripts
    numbers = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8))
    part = batch.take(numbers)
    assert len(part) == len(numbers)
    assert list(part.row_numbers) == numbers
    for derived in ("completions", "prompts", "transcripts", "reasonings", "answers"):
        assert getattr(part, derived) == [getattr(batch, derived)[row] for row in numbers]


def test_nothing():
    """Law: a batch of no rows is a batch."""
    batch = Batch.from_samples([])
    assert len(batch) == 0
    assert batch.transcripts == batch.answers == []
    assert len(batch.take([])) == 0


def test_only_samples_are_samples():
    """Law: a list of texts is told from a list of samples."""
    with pytest.raises(UsageError, match="Sample"):
        Batch.from_samples(["text"])
