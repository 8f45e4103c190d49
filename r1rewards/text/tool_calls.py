"""The tool calls that a model wrote: ``<tool_call>{json}</tool_call>`` in its answer, or the list beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from r1rewards.text.fences import find_fences
from r1rewards.text.json_values import JsonValue, read_json
from r1rewards.text.transcript import Span

OPENER, CLOSER = "<tool_call>", "</tool_call>"
MAX_CALLS = 64
_KEYS = frozenset({"name", "arguments", "parameters", "id", "type"})


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call.

    Attributes:
        name: The tool's name.
        arguments: Its arguments.
        problem: Why it is no call; empty where it is one.
    """

    name: str = ""
    arguments: Mapping[str, Any] | None = None
    problem: str = ""


def find_tool_calls(text: str, part: Span) -> list[ToolCall]:
    """Return the calls of an answer part in order; those quoted in code are text.

    Args:
        text: The completion.
        part: The answer part.

    Returns:
        At most `MAX_CALLS` and one more; a tag without its other half is a call with a problem.

    Example:
        >>> said = '<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>'
        >>> find_tool_calls(said, Span(0, len(said)))
        [ToolCall(name='add', arguments={'a': 1}, problem='')]
    """
    fences = iter(find_fences(text, *part))
    fence = next(fences, None)
    calls: list[ToolCall] = []
    position = part.start
    while len(calls) <= MAX_CALLS:
        opened = text.find(OPENER, position, part.end)
        stray = text.find(CLOSER, position, opened if opened >= 0 else part.end)
        place = stray if stray >= 0 else opened
        if place < 0:
            break
        while fence is not None and fence.end <= place:
            fence = next(fences, None)
        if fence is not None and fence.start <= place:
            position = fence.end
            continue
        if text[place - 1 : place] == "`" and place > part.start:  # quoted in a line
            quote = text.find("`", place, part.end)
            position = place + 1 if quote < 0 else quote + 1
            continue
        if stray >= 0:
            calls.append(ToolCall(problem=f"there is a {CLOSER} without its opening tag"))
            position = stray + len(CLOSER)
            continue
        begin = opened + len(OPENER)
        closed = text.find(CLOSER, begin, part.end)
        if closed < 0:
            calls.append(ToolCall(problem=f"a {OPENER} is never closed"))
            break
        calls.append(_read(read_json(text[begin:closed])))
        position = closed + len(CLOSER)
    return calls


def given_tool_calls(cell: Any) -> list[ToolCall]:
    """Return the calls of a chat message's ``tool_calls``.

    Args:
        cell: OpenAI's list, whose arguments are JSON in a string, or objects.

    Example:
        >>> given_tool_calls([{"type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}])
        [ToolCall(name='add', arguments={'a': 1}, problem='')]
    """
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if isinstance(cell, Mapping) or not isinstance(cell, Sequence) or isinstance(cell, (str, bytes)):
        return [ToolCall(problem="tool_calls is not a list")]
    calls = []
    for entry in cell[: MAX_CALLS + 1]:
        inner = entry.get("function", entry) if isinstance(entry, Mapping) else entry
        calls.append(_read(JsonValue(dict(inner) if isinstance(inner, Mapping) else inner)))
    return calls


def _read(found: JsonValue) -> ToolCall:
    """Read one call."""
    if found.problem:
        return ToolCall(problem=f"a call is no JSON: {found.problem}")
    value = found.value
    if not isinstance(value, dict):
        return ToolCall(problem="a call is no JSON object")
    name = value.get("name")
    if not isinstance(name, str) or not name:
        return ToolCall(problem="a call has no name")
    if strange := [key for key in value if key not in _KEYS]:
        return ToolCall(name, problem=f"a call has a field {str(strange[0])[:50]!r}")
    if "arguments" in value and "parameters" in value:
        return ToolCall(name, problem="a call has arguments and parameters")
    arguments = value.get("arguments", value.get("parameters"))
    if isinstance(arguments, str):
        inner = read_json(arguments)
        if inner.problem:
            return ToolCall(name, problem=f"the arguments are no JSON: {inner.problem}")
        arguments = inner.value
    if not isinstance(arguments, dict):
        return ToolCall(name, problem="the arguments are no JSON object")
    return ToolCall(name, arguments)
