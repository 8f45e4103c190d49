"""The `json` reward: is the answer one JSON value, valid under its schema?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import judge_answers
from r1rewards.references import json_key
from r1rewards.samples import Batch
from r1rewards.schemas.validity import Validator, Validity
from r1rewards.scores import Outcome, Status
from r1rewards.text.json_values import JsonValue, json_part, read_json
from r1rewards.text.transcript import Span

_STATUS = {
    "valid": Status.OK,
    "invalid": Status.MALFORMED,
    "bad_schema": Status.BAD_REFERENCE,
    "too_costly": Status.TOO_COSTLY,
    "infra": Status.INFRA,
}


@dataclass(frozen=True)
class JsonReward(BaseReward):
    """1.0 where the answer is one JSON value that is valid under the row's schema, else 0.0.

    The answer part is the JSON by itself, or one fenced block and nothing else: prose around it, a second value,
    doubled keys and NaN are no JSON. What the schema lets pass is right: one that lets ``{}`` pass pays for it.

    Attributes:
        column: The column that holds the schema, as an object or as JSON.
        schema: One schema for all rows instead of a column.
        cpu_s: CPU seconds that one validation may spend.
        workers: Processes that validate; None is one a core.

    Source:
        JSON Schema, by the package jsonschema (``pip install 'r1rewards[json]'``); no $ref is fetched.

    Example:
        >>> with_number = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
        >>> texts = ['<think>…</think> {"n": 3}', '<think>…</think> {"n": "3"}', "<think>…</think> Here: {}"]
        >>> reward = JsonReward(schema=with_number)
        >>> reward.score(Batch.of(completion=texts)).values.tolist()
        [1.0, 0.0, 0.0]
        >>> reward.close()
    """

    column: str = "schema"
    schema: dict[str, Any] | None = None
    cpu_s: float = 2.0
    workers: int | None = 1
    name: str = "json"
    requires: tuple[str, ...] = field(default=("schema",), init=False, repr=False)
    _validator: Validator = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.schema is not None and (_schema_text(self.schema) is None):
            raise ValueError(f"schema must be a JSON schema, not {self.schema!r}")
        object.__setattr__(self, "requires", (self.column,) if self.schema is None else ())
        object.__setattr__(self, "_validator", Validator(self.cpu_s, self.workers))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct row; those that hold JSON together, in the workers."""
        if self.schema is None:
            schemas = [_schema_text(cell) for cell in batch.column(self.column)]
        else:
            schemas = [_schema_text(self.schema)] * len(batch)
        pairs: dict[tuple[str, Span, str], tuple[str, str]] = {}
        problems: dict[tuple[str, Span, str], str] = {}

        def look(text: str, answer: Span, schema: str | None) -> Outcome:
            """Note what is to be validated; where the answer is no JSON, its schema is looked at all the same."""
            if schema is not None:
                part, problem = json_part(text, answer)
                found = JsonValue(problem=problem) if problem else read_json(part)
                pairs[text, answer, schema] = (schema, "null" if found.problem else json.dumps(found.value))
                problems[text, answer, schema] = found.problem
            return Outcome(0.0)

        def decide(text: str, answer: Span, schema: str | None) -> Outcome:
            """Return the cell of one answer."""
            if schema is None:
                return Outcome.unscored(Status.BAD_REFERENCE, "the schema is neither an object, true, false nor JSON")
            problem = problems[text, answer, schema]
            verdict = verdicts[pairs[text, answer, schema]]
            if not problem or verdict.kind in ("bad_schema", "infra"):
                return _outcome(verdict)
            return Outcome(0.0, Status.NO_ANSWER if "empty" in problem else Status.MALFORMED, {"why": problem})

        judge_answers(batch, schemas, look)
        verdicts = self._validator.decide(pairs.values(), "reward 'json'")
        return judge_answers(batch, schemas, decide)

    def close(self) -> None:
        """End the workers; they start again when they are needed."""
        self._validator.close()


def _outcome(verdict: Validity) -> Outcome:
    """Return the cell of a verdict."""
    status = _STATUS[verdict.kind]
    if not status.scored:
        return Outcome.unscored(status, verdict.why)
    return Outcome(float(status is Status.OK), status, {"why": verdict.why} if verdict.why else {})


def _schema_text(cell: Any) -> str | None:
    """Return a schema as JSON, the same for equal ones; None where it is none."""
    if isinstance(cell, str):
        found = read_json(cell)
        cell = None if found.problem else found.value
    return json_key(cell) if isinstance(cell, (dict, bool)) else None
