"""The `tool_call` reward: are the tool calls well formed, known, and valid under their tools' schemas?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import once_each
from r1rewards.references import json_key
from r1rewards.samples import Batch
from r1rewards.schemas.validity import Validator
from r1rewards.scores import Outcome, Status
from r1rewards.text.json_values import read_json
from r1rewards.text.tool_calls import MAX_CALLS, ToolCall, find_tool_calls, given_tool_calls
from r1rewards.truncation import cut_off


@dataclass(frozen=True)
class ToolCallReward(BaseReward):
    """1.0 where there is at least one tool call and all are well formed and valid, else 0.0.

    Calls stand behind the reasoning as ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``, or in the chat
    message's ``tool_calls``; those in the reasoning or quoted in code are text. With ``match``, they must also be the
    calls of the ground truth, in any order: without it the reward says that a call is valid, not that it is right.

    Attributes:
        tools: The column that holds the row's tools, in OpenAI's form or bare, as a list or as JSON.
        match: Whether the calls must be those of ``ground_truth`` (a call or a list of them).
        strict: Whether arguments that a tool does not name are wrong even where its schema is silent on them.
        cpu_s: CPU seconds that one validation may spend.
        workers: Processes that validate; None is one a core.

    Source:
        The Hermes form of tool calls (Qwen2.5, Qwen3) and OpenAI's; parameters as JSON Schema, by the package
        jsonschema (``pip install 'r1rewards[json]'``).

    Example:
        >>> tool = {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}
        >>> call = '<think>…</think> <tool_call>{"name": "add", "arguments": {"a": %s}}</tool_call>'
        >>> texts = [call % "1", call % '"one"', "add(1)"]
        >>> reward = ToolCallReward()
        >>> reward.score(Batch.of(completion=texts, tools=[[tool]] * 3)).values.tolist()
        [1.0, 0.0, 0.0]
        >>> reward.close()
    """

    tools: str = "tools"
    match: bool = False
    strict: bool = True
    cpu_s: float = 2.0
    workers: int | None = 1
    name: str = "tool_call"
    requires: tuple[str, ...] = field(default=("tools",), init=False, repr=False)
    _validator: Validator = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "requires", (self.tools, "ground_truth") if self.match else (self.tools,))
        object.__setattr__(self, "_validator", Validator(self.cpu_s, self.workers))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct row; all arguments together, in the workers."""
        schemas = once_each([_key(cell) for cell in batch.column(self.tools)], self._schemas_of)
        expected: Sequence[Any] = batch.column("ground_truth") if self.match else [None] * len(batch)
        found = [_calls(batch, row) for row in range(len(batch))]
        pairs = {
            (tools[call.name], json.dumps(call.arguments))
            for tools, calls in zip(schemas, found, strict=True)
            for call in calls[: MAX_CALLS + 1]
            if tools is not None and not call.problem and call.name in tools
        }
        # Every schema is looked at, whatever was called: a bad one is the data's fault in all rows that have it.
        pairs |= {(schema, "null") for tools in schemas for schema in (tools or {}).values()}
        verdicts = self._validator.decide(sorted(pairs), "reward 'tool_call'")

        def outcome(row: int) -> Outcome:
            """Return the cell of one row."""
            tools, calls = schemas[row], found[row]
            if tools is None:
                return Outcome.unscored(Status.BAD_REFERENCE, "the tools are no list of named tools with schemas")
            wanted = _wanted(expected[row]) if self.match else None
            if self.match and wanted is None:
                return Outcome.unscored(
                    Status.BAD_REFERENCE, "the ground truth is neither a tool call nor a list of them"
                )
            detail: dict[str, object] = {"calls": [call.name for call in calls[:8]]}
            for looked_at in (verdicts[schema, "null"] for schema in tools.values()):
                if looked_at.kind == "bad_schema":
                    return Outcome.unscored(Status.BAD_REFERENCE, looked_at.why)
            if not calls:
                return Outcome(0.0, Status.NO_ANSWER, {"why": "there is no tool call behind the reasoning"})
            if len(calls) > MAX_CALLS:
                return Outcome(0.0, Status.MALFORMED, {"why": f"there are more than {MAX_CALLS} calls"})
            for call in calls:
                if call.problem or call.name not in tools:
                    why = call.problem or f"there is no tool {call.name[:50]!r}"
                    return Outcome(0.0, Status.MALFORMED, {"why": why, **detail})
            validities = [verdicts[tools[call.name], json.dumps(call.arguments)] for call in calls]
            for kind, status in _WORST_FIRST:
                said = next((validity.why for validity in validities if validity.kind == kind), None)
                if said is not None and not status.scored:
                    return Outcome.unscored(status, said)
                if said is not None:
                    return Outcome(0.0, status, {"why": said, **detail})
            if wanted is not None and sorted(map(_canonical, calls)) != wanted:
                return Outcome(0.0, Status.OK, {"why": "the calls are not those of the ground truth", **detail})
            return Outcome(1.0, Status.OK, detail)

        cells = [outcome(row) for row in range(len(batch))]
        return [
            Outcome(0.0, Status.TRUNCATED, cell.detail) if cut and cell.status is Status.NO_ANSWER else cell
            for cell, cut in zip(cells, cut_off(batch), strict=True)
        ]

    def close(self) -> None:
        """End the workers; they start again when they are needed."""
        self._validator.close()

    def _schemas_of(self, key: str | None) -> dict[str, str] | None:
        """Return the schema of each tool's arguments as JSON; None where the tools cannot be read."""
        tools = None if key is None else json.loads(key)
        if isinstance(tools, dict):
            tools = [tools]
        if not isinstance(tools, list) or not tools:
            return None
        schemas: dict[str, str] = {}
        for tool in tools:
            inner = tool.get("function", tool) if isinstance(tool, dict) else None
            if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
                return None
            schema = inner.get("parameters", inner.get("input_schema"))
            schema = {"type": "object", "properties": {}} if schema in (None, {}) else schema
            if not isinstance(schema, dict):
                return None
            silent = not {"additionalProperties", "patternProperties", "unevaluatedProperties", "$ref", "allOf"} & set(
                schema
            )
            if self.strict and silent and isinstance(schema.get("properties"), dict):
                schema = {**schema, "additionalProperties": False}
            schemas[inner["name"]] = json.dumps(schema, sort_keys=True)
        return schemas


_WORST_FIRST = (
    ("bad_schema", Status.BAD_REFERENCE),
    ("infra", Status.INFRA),
    ("invalid", Status.MALFORMED),
    ("too_costly", Status.TOO_COSTLY),
)


def _calls(batch: Batch, row: int) -> list[ToolCall]:
    """Return a row's calls: those of the chat message and those of the text."""
    cell = batch.sample(row).completion
    turns = [cell] if isinstance(cell, Mapping) else [] if isinstance(cell, str) else list(cell)
    turn = next((turn for turn in reversed(turns) if turn.get("role", "assistant") == "assistant"), {})
    given = turn.get("tool_calls")
    calls = [] if given is None else given_tool_calls(given)
    answer = batch.transcripts[row].answer
    return calls if answer is None else calls + find_tool_calls(batch.completions[row], answer)


def _key(cell: Any) -> str | None:
    """Return a cell's JSON, the same for equal cells."""
    if isinstance(cell, str):
        found = read_json(cell)
        return None if found.problem else json_key(found.value)
    return json_key(cell)


def _wanted(cell: Any) -> list[str] | None:
    """Return the ground truth's calls in a form to compare."""
    key = _key(cell)
    value = None if key is None else json.loads(key)
    calls = given_tool_calls([value] if isinstance(value, dict) else value)
    return None if not calls or any(call.problem for call in calls) else sorted(map(_canonical, calls))


def _canonical(call: ToolCall) -> str:
    """Return a call as one text, the same for equal calls."""
    return json.dumps([call.name, call.arguments], sort_keys=True)
