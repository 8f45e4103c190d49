"""JSON as the standard has it, from hostile text: no NaN, no doubled keys, no depth or number that breaks a reader."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from r1rewards.text.fences import find_fences
from r1rewards.text.transcript import Span

MAX_CHARS = 1_000_000
MAX_DEPTH = 100
MAX_DIGITS = 1_000

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class JsonValue:
    """What a text holds.

    Attributes:
        value: The value, where there is no problem.
        problem: Why it is no JSON; empty where it is.
    """

    value: Any = None
    problem: str = ""


def read_json(text: str) -> JsonValue:
    """Read a text that is one JSON value and nothing else.

    Args:
        text: Any string.

    Example:
        >>> read_json('{"a": [1, 2.5]}').value
        {'a': [1, 2.5]}
        >>> [read_json(text).problem for text in ('{"a": 1, "a": 2}', "NaN", "1 2")]
        ["the key 'a' stands twice in one object", 'NaN is no JSON', 'no JSON: Extra data']
    """
    if len(text) > MAX_CHARS:
        return JsonValue(problem=f"it is longer than {MAX_CHARS} characters")
    if not text.strip(" \t\r\n"):
        return JsonValue(problem="there is no JSON: it is empty")
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        sign = token[0][0]
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        return JsonValue(problem=f"it is nested deeper than {MAX_DEPTH}")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        return JsonValue(problem=f"no JSON: {error.msg}")
    except ValueError as error:
        return JsonValue(problem=str(error)[:200])
    except RecursionError:
        return JsonValue(problem="it is nested too deep")
    return JsonValue(value)


def json_part(text: str, part: Span) -> tuple[str, str]:
    """Return the one place of an answer part that is meant as its JSON, and what is wrong otherwise.

    The part is JSON by itself, or it is one fenced block with at most white space around it.

    Args:
        text: The completion.
        part: The answer part.

    Returns:
        The JSON's text and an empty string, or an empty string and a problem.

    Example:
        >>> said = "```json\\n[1]\\n```"
        >>> json_part(said, Span(0, len(said)))
        ('[1]\\n', '')
    """
    bare = part.of(text)
    fences = find_fences(bare)
    if not fences or bare.lstrip()[:1] in ("{", "["):
        return bare, ""
    if len(fences) > 1:
        return "", "there are several fenced blocks"
    only = fences[0]
    if bare[: only.start].strip() or bare[only.end :].strip():
        return "", "there is text around the fenced block"
    if not only.closed:
        return "", "the fenced block is never closed"
    return bare[only.content_start : only.content_end], ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object whose keys are all different."""
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # None
        raise ValueError(f"the key {twice[:50]!r} stands twice in one object")
    return made


def _no_constant(name: str) -> Any:
    """Refuse NaN and infinities, which only JavaScript has."""
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int:
    """Read an integer of bearable length."""
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _number(digits: str) -> float:
    """Read a number that a float can hold."""
    value = float(digits) if len(digits) <= MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise ValueError("a number is too large or too long")
    return value
