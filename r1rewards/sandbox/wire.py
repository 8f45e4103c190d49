"""Jobs and executions as JSON for the network, exact for hostile text and plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from r1rewards.errors import UsageError
from r1rewards.sandbox import plain
from r1rewards.sandbox.base import Call, Ending, Execution, Job, Limits, Program, Stdin, Suite

STOPPED = "Stopped"
"""The kind of a run's error line where the service ends the run by its own will: what is missing may be sent again."""

_FIELDS = ("stdout", "stderr", "exit_code", "signal", "message", "cpu_s", "wall_s", "memory_bytes")
# The most that a job from the network may ask for: a mistake or a stranger must not hold a wall for ever. The wall
# seconds are those that come of the CPU seconds by themselves (see `Limits`).
MOST: Mapping[str, float] = {
    "cpu_s": 300.0,
    "wall_s": 3000.0,
    "memory_bytes": 8 << 30,
    "output_bytes": 64 << 20,
    "processes": 512,
    "compile_cpu_s": 300.0,
}
_LIMITS: Mapping[str, tuple[type, ...]] = {
    "cpu_s": (int, float),
    "wall_s": (int, float, type(None)),
    "memory_bytes": (int,),
    "output_bytes": (int,),
    "processes": (int,),
    "compile_cpu_s": (int, float),
}


def job_as_json(job: Job, group: int | None) -> dict[str, Any]:
    """Return a job as JSON.

    Args:
        job: The job.
        group: A number for its group, as groups may be anything hashable.

    Raises:
        NotPlain: A call's arguments are no plain data.

    Example:
        >>> job = Job(Program("def f(x): return x"), Call("f", ({1, 2},)))
        >>> job_of_json(job_as_json(job, None)) == job
        True
    """
    task: dict[str, Any]
    if isinstance(job.task, Stdin):
        task = {"kind": "stdin", "text": job.task.text}
    elif isinstance(job.task, Call):
        task = {
            "kind": "call",
            "name": job.task.name,
            "arguments": plain.encode(tuple(job.task.arguments)),
            "keywords": plain.encode(tuple((name, value) for name, value in job.task.keywords)),
            "receiver": job.task.receiver,
            "stdin": job.task.stdin,
        }
    else:
        task = {"kind": "suite", **asdict(job.task)}
    return {
        "source": job.program.source,
        "language": job.program.language,
        "task": task,
        "limits": asdict(job.limits),
        "group": group,
        "files": dict(job.files),
    }


def job_of_json(given: Any) -> Job:
    """Return the job that was written as JSON.

    Raises:
        UsageError: It is none, or asks for more than a client may.
    """
    try:
        files = _checked(given["files"], dict)
        return Job(
            Program(_checked(given["source"], str), _checked(given["language"], str)),
            _task_of(given["task"]),
            _limits_of(given["limits"]),
            _checked(given["group"], int, type(None)),
            tuple((_checked(name, str), _checked(text, str)) for name, text in files.items()),
        )
    except KeyError as error:
        raise UsageError(f"this is no job for a sandbox: it has no {error}") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"this is no job for a sandbox: {error}") from None


def _task_of(given: Any) -> Stdin | Call | Suite:
    """Return a job's task."""
    kind = given["kind"]
    if kind == "stdin":
        return Stdin(_checked(given["text"], str))
    if kind == "call":
        arguments = _checked(plain.decode(_checked(given["arguments"], str)), tuple)
        keywords = _checked(plain.decode(_checked(given["keywords"], str)), tuple)
        for name, _ in keywords:
            _checked(name, str)
        receiver = _checked(given["receiver"], str, type(None))
        return Call(_checked(given["name"], str), arguments, keywords, receiver, _checked(given["stdin"], str))
    if kind == "suite":
        names = tuple(_checked(name, str) for name in _checked(given["names"], list))
        entry = _checked(given["entry"], str, type(None))
        return Suite(_checked(given["source"], str), names, entry, _checked(given["setup"], str))
    raise ValueError(f"no task is of kind {kind!r}")


def _limits_of(given: Any) -> Limits:
    """Return a job's limits."""
    found = {name: _checked(given[name], *kinds) for name, kinds in _LIMITS.items()}
    for name, value in found.items():
        if value is not None and not 0 < value < float("inf"):
            raise ValueError(f"{name} must be positive, not {value!r}")
        if value is not None and value > MOST[name]:
            raise ValueError(f"{name} may be at most {MOST[name]:,} in a remote sandbox, not {value:,}")
    return Limits(**found)


def _checked(value: Any, *kinds: type) -> Any:
    """Return a value of one of some types; bool is no number here."""
    if type(value) not in kinds:
        raise TypeError(f"found {type(value).__name__}, expected {' or '.join(kind.__name__ for kind in kinds)}")
    return value


def execution_as_json(execution: Execution) -> dict[str, Any]:
    """Return an execution as JSON; what a call returned is tagged, as the sandbox had it.

    Example:
        >>> found = Execution(Ending.FINISHED, returned={1, (2, 3)}, has_returned=True)
        >>> execution_of_json(execution_as_json(found)) == found
        True
    """
    made = {name: getattr(execution, name) for name in _FIELDS}
    made["ending"] = execution.ending.value
    made["returned"] = plain.encode(execution.returned) if execution.has_returned else None
    return made


def execution_of_json(given: Any) -> Execution:
    """Return the execution that was written as JSON.

    Raises:
        ValueError: It is none.
    """
    try:
        returned = given["returned"]
        return Execution(
            ending=Ending(given["ending"]),
            returned=None if returned is None else plain.decode(returned),
            has_returned=returned is not None,
            **{name: given[name] for name in _FIELDS},
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no execution: {type(error).__name__}: {error}") from None


@dataclass(frozen=True)
class Line:
    """One line of a run's answer; a blank one says nothing.

    Attributes:
        place: The job's place in the request.
        execution: What became of it.
        asks: Whether the service waits to be told if that settles its group.
        end: Whether this is the last line.
        error: Kind and message of what was raised there.
    """

    place: int = 0
    execution: Execution | None = None
    asks: bool = False
    end: bool = False
    error: tuple[str, str] | None = None


def line_of(text: bytes, jobs: int) -> Line:
    """Read a line of the answer to so many jobs.

    Raises:
        ValueError: It is no line of ours, or the answer has ended without one that says so.
    """
    if not text.endswith(b"\n"):
        raise ValueError("the answer has ended in the middle")
    if not text.strip():
        return Line()
    said = json.loads(text)
    try:
        if "error" in said:
            return Line(error=(str(said["error"]["kind"]), str(said["error"]["message"])))
        if "execution" not in said:
            return Line(end=bool(said.get("end")))
        place = said["place"]
        if type(place) is not int or not 0 <= place < jobs:
            raise ValueError(f"there is no job {place!r}")
        return Line(place, execution_of_json(said["execution"]), bool(said["asks"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no line of a sandbox: {type(error).__name__}: {error}") from None
