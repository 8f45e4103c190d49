"""The bodies that the service takes and gives, as its OpenAPI page shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, StrictBool, StrictInt

from r1rewards.sandbox.wire import MOST

_ROW: Any = {
    "type": "object",
    "required": ["completion"],
    "properties": {
        "completion": {
            "description": "What the model wrote: a text, or chat messages of which the last assistant turn counts.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}, "minItems": 1}],
        },
        "prompt": {
            "description": "What it was asked, as it saw it.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}, {"type": "null"}],
        },
        "ground_truth": {
            "description": "The reference answer: a text, a number or a list of alternatives. Other usual names "
            "(answer, solution, label, target, gold, reference) are understood."
        },
    },
    "additionalProperties": True,
}
_TASKS: Any = [
    {"required": ["kind", "text"], "properties": {"kind": {"const": "stdin"}, "text": {"type": "string"}}},
    {
        "required": ["kind", "name", "arguments", "keywords", "receiver", "stdin"],
        "properties": {
            "kind": {"const": "call"},
            "name": {"type": "string"},
            "arguments": {"type": "string", "description": "A tuple, as `r1rewards.sandbox.plain` writes it."},
            "keywords": {"type": "string", "description": "A tuple of pairs of a name and a value, likewise."},
            "receiver": {"type": ["string", "null"]},
            "stdin": {"type": "string"},
        },
    },
    {
        "required": ["kind", "source", "names", "entry", "setup"],
        "properties": {
            "kind": {"const": "suite"},
            "source": {"type": "string"},
            "names": {"type": "array", "items": {"type": "string"}},
            "entry": {"type": ["string", "null"]},
            "setup": {"type": "string"},
        },
    },
]


def _limit(name: str, kind: str) -> dict[str, Any]:
    """Return what a limit may be."""
    return {"type": kind, "exclusiveMinimum": 0, "maximum": MOST[name]}


_LIMITS: Any = {
    "cpu_s": _limit("cpu_s", "number"),
    "wall_s": {"anyOf": [_limit("wall_s", "number"), {"type": "null"}]},
    "memory_bytes": _limit("memory_bytes", "integer"),
    "output_bytes": _limit("output_bytes", "integer"),
    "processes": _limit("processes", "integer"),
    "compile_cpu_s": _limit("compile_cpu_s", "number"),
}
_JOB: Any = {
    "type": "object",
    "required": ["source", "language", "task", "limits", "group", "files"],
    "properties": {
        "source": {"type": "string", "description": "The program."},
        "language": {"type": "string"},
        "task": {"type": "object", "anyOf": _TASKS},
        "limits": {"type": "object", "required": list(_LIMITS), "properties": _LIMITS},
        "group": {"type": ["integer", "null"], "description": "Jobs of a group are cancelled together."},
        "files": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_EXAMPLE: Any = {"rows": [{"completion": "<think>2 and 2</think> \\boxed{4}", "ground_truth": "4"}]}


class ScoreRequest(BaseModel):
    """Rows to score."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    # Any cell: pydantic's own texts refuse lone surrogates, which a completion may well hold.
    rows: list[dict[str, Any]] = Field(
        description="The rows. Every field is a column; a reward says which it needs.",
        json_schema_extra={"items": _ROW},
    )
    details: StrictBool = Field(False, description="Whether the facts behind each verdict are wanted.")


class RowAnswer(BaseModel):
    """One row's scores."""

    reward: float | None = Field(description="The total; null for a row without a score.")
    rewards: dict[str, float | None] = Field(description="Each reward's value; null where it has none.")
    status: dict[str, str] = Field(description="Each reward's status: why the value is what it is.")
    details: dict[str, dict[str, Any]] | None = Field(None, description="The facts behind each verdict, if asked for.")


class ScoreAnswer(BaseModel):
    """The scores of a request's rows, in their order."""

    rows: list[RowAnswer]


class OpenRLHFRequest(BaseModel):
    """What OpenRLHF posts to its `--reward.remote_url`."""

    model_config = ConfigDict(extra="allow")

    query: list[Any] = Field(
        description="Prompt and response in one text, special tokens and all.",
        json_schema_extra={"items": {"type": "string"}},
    )
    prompts: list[Any] = Field(
        description="The prompts, one for each query.", json_schema_extra={"items": {"type": ["string", "null"]}}
    )
    labels: list[Any] = Field(description="The references, one for each query.")


class OpenRLHFAnswer(BaseModel):
    """What OpenRLHF reads: numbers for one query, lists for several."""

    rewards: float | list[float]
    scores: float | list[float]
    extra_logs: dict[str, float | list[float]]


class VerifyRequest(BaseModel):
    """What NeMo-Gym posts to a resources server's `/verify`."""

    model_config = ConfigDict(extra="allow")

    response: dict[str, Any] = Field(description="An answer in the form of the Responses API.")


class VerifyAnswer(BaseModel):
    """The request's fields, the reward, and per reward its value and whether it has one."""

    model_config = ConfigDict(extra="allow")

    reward: float
    reward_components: dict[str, float] = Field(description="Each reward's value by its name.")


class SlimeRequest(BaseModel):
    """What slime posts to its `--rm-url`; other fields are columns."""

    model_config = ConfigDict(extra="allow")

    response: Any = Field(description="What the model wrote.", json_schema_extra={"type": "string"})
    prompt: Any = Field(None, description="What it was asked: a text or chat messages.")
    label: Any = Field(None, description="The reference.")


class SlimeAnswer(RootModel[float | dict[str, float]]):
    """The reward; asked with `?reward_key=NAME`, a dict that holds it under that name and each reward's value."""


class Health(BaseModel):
    """That the service answers, and what it scores."""

    status: str
    version: str
    rewards: list[str]
    weights: dict[str, float]
    requires: list[str]
    pending_rows: int
    sandbox: str | None = Field(description="Which sandbox runs programs here, if any.")


class SandboxAnswer(BaseModel):
    """The sandbox of this service."""

    name: str
    describe: str = Field(description="What its wall guarantees and what it does not.")
    languages: list[str]


class SandboxRunRequest(BaseModel):
    """Jobs to run, as `r1rewards.sandbox.wire` writes them."""

    model_config = ConfigDict(extra="forbid")

    run: str = Field(min_length=8, max_length=64, description="The client's own name for this run.")
    jobs: list[dict[str, Any]] = Field(description="The jobs.", json_schema_extra={"items": _JOB})
    settle: StrictBool = Field(False, description="Whether the client wants to be asked after each execution.")


class SandboxSettledRequest(BaseModel):
    """What a client says of an execution."""

    model_config = ConfigDict(extra="forbid")

    run: str
    place: StrictInt
    settled: StrictBool = Field(description="Whether the other jobs of its group are not wanted any more.")


class SandboxSettledAnswer(BaseModel):
    """Whether the run is under way."""

    known: bool


class Fault(BaseModel):
    """What went wrong."""

    kind: str = Field(description="Which kind of error, such as MissingColumn, Busy or TooLarge.")
    message: str = Field(description="What was wrong and what to do.")


class FaultAnswer(BaseModel):
    """The body of every answer that is no success."""

    error: Fault
