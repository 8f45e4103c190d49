"""The worker's side of a user's function: loads it once, then answers items."""

from __future__ import annotations

import dataclasses
import json
import numbers
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from r1rewards.errors import RewardLoadError
from r1rewards.function_reward import FunctionReward, as_float, spread_answers
from r1rewards.isolation import loading
from r1rewards.scores import Outcome
from r1rewards.specs import is_file_spec, load_object


def serve(setup: dict[str, Any]) -> Callable[[Any], Any]:
    """The worker's side: load the function once, then answer items.

    Args:
        setup: ``{"spec": ...}``.

    Returns:
        What answers one item.
    """
    found = load_in_worker(setup["spec"])
    made = found if isinstance(found, FunctionReward) else FunctionReward.of(found)
    function = made.__wrapped__

    def answer(item: dict[str, Any]) -> Any:
        if "describe" in item:
            return {
                "name": made.name,
                "requires": made.requires,
                "bounds": made.bounds,
                "batched": made.batched,
                "on_error": made.on_error,
                "cpu_s": made.isolated.cpu_s if made.isolated else None,
                "workers": made.isolated.workers if made.isolated else None,
                "signature": {
                    **dataclasses.asdict(made.signature),
                    "options": {name: _plain(value) for name, value in made.signature.options.items()},
                },
            }
        answers = function(**item["arguments"], **item["options"])
        if "size" in item:
            return [_pack(one) for one in spread_answers(answers, item["size"])]
        return _pack(answers)

    return answer


def load_in_worker(spec: str) -> Callable[..., Any]:
    """Load a user's function in a worker.

    Args:
        spec: `package.module:attr` or `file.py:function`.

    Raises:
        RewardLoadError: There is no such function.
    """
    if is_file_spec(spec):
        # As if the file were run as a script: what stands beside it can be imported.
        sys.path.insert(0, str(Path(spec.rpartition(":")[0]).expanduser().resolve().parent))
    loading.append(spec)
    try:
        found = load_object(spec)
    finally:
        loading.pop()
    if not callable(found):
        raise RewardLoadError(f"{spec} is {type(found).__name__}, not a function")
    return found  # type: ignore[no-any-return]  # any callable


def _plain(value: Any) -> Any:
    """Return an option's default as JSON; what is no JSON is shown as its text."""
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return repr(value)
    return value


def _pack(answer: Any) -> Any:
    """Write a function's answer as JSON."""
    if isinstance(answer, BaseException):
        raise answer
    if isinstance(answer, Outcome):
        return {"value": float(answer.value), "status": answer.status.name, "detail": dict(answer.detail)}
    if hasattr(answer, "item") and getattr(answer, "ndim", None) == 0 and not isinstance(answer, numbers.Real):
        answer = answer.item()
    if answer is None:
        return None
    if isinstance(answer, numbers.Real):
        return as_float(answer)
    raise TypeError(f"returned {type(answer).__name__}; expected a number, True, False, None or an Outcome")
