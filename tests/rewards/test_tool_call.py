"""The tool_call reward: calls in text and in chat messages, against their tools' schemas."""

from __future__ import annotations

import json

import pytest

from r1rewards import Batch, load_reward
from r1rewards.text.tool_calls import find_tool_calls, given_tool_calls
from r1rewards.text.transcript import Span

ADD = {
    "name": "add",
    "parameters": {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
    },
}
TOOLS = [{"type": "function", "function": ADD}, {"name": "now"}]


@pytest.fixture(scope="module")
def made():
    """A reward whose workers run."""
    reward = load_reward("tool_call")
    yield reward
    reward.close()


def call(name="add", **arguments):
    """Write a call."""
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


GOOD = call(a=1, b=2)
NOW = call("now")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (GOOD, "OK"),
        ("I will add them.\n" + GOOD, "OK"),
        (GOOD + GOOD + NOW, "OK"),
        (NOW, "OK"),
        (call(a=1), "MALFORMED"),
        (call(a=1, b="2"), "MALFORMED"),
        (call(a=1, b=2, c=3), "MALFORMED"),
        (call("now", city="Paris"), "MALFORMED"),
        (call("nonsense"), "MALFORMED"),
        (GOOD + "<tool_call>", "MALFORMED"),
        (GOOD + "</tool_call>", "MALFORMED"),
        ("<tool_call>add(1, 2)</tool_call>", "MALFORMED"),
        ("<tool_call>[]</tool_call>", "MALFORMED"),
        ('<tool_call>{"name": "now", "arguments": {}, "score": 1}</tool_call>', "MALFORMED"),
        ('<tool_call>{"name": "now"}</tool_call>', "MALFORMED"),
        ('<tool_call>{"name": "now", "arguments": "{}"}</tool_call>', "OK"),
        (NOW * 100, "MALFORMED"),
        ("add(1, 2)", "NO_ANSWER"),
        ("", "NO_ANSWER"),
        (f"```\n{GOOD}\n```", "NO_ANSWER"),
        (f"`{NOW}`", "NO_ANSWER"),
    ],
)
def test_calls_in_text(made, answer, status):
    """Law: at least one call, all well formed, known and valid."""
    cell = made.score(Batch.of(completion=[f"<think>r</think>{answer}"], tools=[TOOLS]))[0]
    assert (cell.status.name, cell.value) == (status, float(status == "OK"))


def test_calls_of_chat_messages(made):
    """Law: the list beside a chat message's content counts like calls in the text, with it."""

    def turn(arguments, content=None):
        """Write an assistant's turn with one call."""
        function = {"name": "add", "arguments": arguments}
        return [
            {
                "role": "assistant",
                "content": content,
                "tool_calls": [{"id": "1", "type": "function", "function": function}],
            }
        ]

    rows = [
        turn('{"a": 1, "b": 2}'),
        turn({"a": 1, "b": 2}),
        turn('{"a": 1}'),
        turn("{"),
        turn('{"a": 1, "b": 2}', "<tool_call>"),
    ]
    assert made.score(Batch.of(completion=rows, tools=[TOOLS] * 5)).values.tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_tools_in_other_shapes(made):
    """Law: tools come as JSON, bare or one alone; what cannot be read is the data's fault."""
    cells = [
        json.dumps(TOOLS),
        [ADD],
        ADD,
        [],
        "nonsense",
        [{"description": "no name"}],
        [{"name": "add", "parameters": 5}],
    ]
    column = made.score(Batch.of(completion=[GOOD] * len(cells), tools=cells))
    assert [status.name for status in column.statuses] == ["OK"] * 3 + ["BAD_REFERENCE"] * 4
    bad_schema = [{"name": "add", "parameters": {"type": "nonsense"}}]
    column = made.score(Batch.of(completion=[GOOD, "no call"], tools=[bad_schema] * 2))
    assert [status.name for status in column.statuses] == ["BAD_REFERENCE"] * 2


def test_strict_and_match():
    """Law: unknown arguments pass only where asked or allowed; with `match` the calls are those of the ground truth."""
    extra = call(a=1, b=2, c=3)
    loose = load_reward("tool_call", strict=False)
    matching = load_reward("tool_call", match=True)
    try:
        assert loose.score(Batch.of(completion=[extra], tools=[TOOLS])).values.tolist() == [1.0]
        wanted = [{"name": "now", "arguments": {}}, {"name": "add", "arguments": {"b": 2, "a": 1}}]
        column = matching.score(
            Batch.of(completion=[GOOD + NOW, NOW, GOOD], tools=[TOOLS] * 3, ground_truth=[wanted, wanted, "nonsense"])
        )
        assert column.values[:2].tolist() == [1.0, 0.0]
        assert column[2].status.name == "BAD_REFERENCE"
    finally:
        loose.close()
        matching.close()


def test_truncated(made):
    """Law: cut off before there was a call is TRUNCATED."""
    column = made.score(Batch.of(completion=["<think>r", "x"], tools=[TOOLS] * 2, truncated=[True, False]))
    assert [status.name for status in column.statuses] == ["TRUNCATED", "NO_ANSWER"]


def test_scanner():
    """Law: calls are found in order, in the part that is asked for."""
    text = NOW + GOOD
    assert [found.name for found in find_tool_calls(text, Span(0, len(text)))] == ["now", "add"]
    assert find_tool_calls(text, Span(len(NOW), len(text)))[0].name == "add"
    assert [bool(found.problem) for found in given_tool_calls("nonsense")] == [True]
    assert given_tool_calls([]) == []
