"""One output line a row: the input row's own bytes with the new columns spliced in."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from r1rewards.errors import RowError
from r1rewards.rollouts.rows import Row
from r1rewards.rollouts.scored_file import ScoredWriter, StreamWriter, Writer

__all__ = [
    "OutputNames",
    "ScoredWriter",
    "StreamWriter",
    "Writer",
    "check_names",
    "input_part",
    "json_bytes",
    "output_line",
    "written_part",
]

# Made once: `json.dumps` makes an encoder for each call that asks for other than its defaults.
_AS_IT_IS = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_ESCAPED = json.JSONEncoder(ensure_ascii=True, allow_nan=False)
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class OutputNames:
    """Names of the columns that scoring adds.

    Example:
        >>> OutputNames.prefixed("r1_").rewards
        'r1_rewards'
    """

    reward: str = "reward"
    rewards: str = "rewards"
    status: str = "status"
    details: str = "details"

    @classmethod
    def prefixed(cls, prefix: str) -> OutputNames:
        """Return the usual names with a prefix each."""
        return cls(*(prefix + name for name in ("reward", "rewards", "status", "details")))

    def used(self, *, details: bool) -> tuple[str, ...]:
        """Return the names that are written, in order."""
        names = (self.reward, self.rewards, self.status)
        return (*names, self.details) if details else names


def output_line(row: Row, added: Mapping[str, Any]) -> bytes:
    """Return a row with new columns behind its own, as one line without its end.

    A row that came as bytes keeps them as they are. In the new values, NaN and infinity become null.

    Args:
        row: The input row.
        added: New columns; their names must not be the row's.

    Raises:
        RowError: The row has a column of such a name, or cannot be written as JSON.

    Example:
        >>> output_line(Row({"a": 1.0}, "x.jsonl", 1, b'{"a":1.00}'), {"reward": float("nan")})
        b'{"a":1.00, "reward": null}'
    """
    check_names(row, added)
    return input_part(row) + json_bytes(added)[1:] if added else _row_bytes(row)


def check_names(row: Row, names: Iterable[str]) -> None:
    """Check that new columns do not overwrite the row's.

    Raises:
        RowError: One would.
    """
    for name in names:
        if name in row.values:
            raise RowError(
                "the input already has a column of that name, and output never overwrites input; give the "
                "new columns other names with --output-prefix, for example --output-prefix r1_",
                file=row.file,
                line=row.line,
                column=name,
            )


def input_part(row: Row) -> bytes:
    """Return what a row's output line begins with, up to the first new column.

    Raises:
        RowError: The row cannot be written as JSON.
    """
    body = _row_bytes(row)[:-1]
    return body + b", " if row.values else body


def _row_bytes(row: Row) -> bytes:
    """Return an input row as one line: its own bytes, or written anew with null for NaN and infinity."""
    if row.raw is not None:
        return row.raw
    try:
        try:
            return _encoded(row.values)
        except ValueError:
            return _encoded(_finite(row.values))
    except (RecursionError, ValueError, TypeError) as error:
        raise RowError(
            f"the row cannot be written as JSON ({error}); leave it out of the input",
            file=row.file,
            line=row.line,
        ) from None


def written_part(row: Row, line: bytes, first_name: str) -> dict[str, Any] | None:
    """Return the columns that were added to a row, from the line written for it.

    Args:
        row: The input row.
        line: The output line.
        first_name: Name of the first new column.

    Returns:
        The new columns, or None where the line was not written for this row.
    """
    head = input_part(row)
    start = len(head)
    if not line.startswith(head) or not line.startswith(json.dumps(first_name).encode() + b": ", start):
        return None
    try:
        added = json.loads(b"{" + line[start:])
    except (ValueError, RecursionError):
        return None
    return added if isinstance(added, dict) else None


def json_bytes(value: Any) -> bytes:
    """Return a value as JSON on one line, total on whatever a reward may put into its details.

    NaN and infinity become null; text keeps its characters, save where lone surrogates force escapes; what
    JSON cannot hold is written as text.

    Example:
        >>> json_bytes({"é": [1.0, float("inf"), {"a"}]}).decode()
        '{"é": [1.0, null, ["a"]]}'
    """
    try:
        return _encoded(value)
    except (ValueError, TypeError, RecursionError):
        # NaN, a foreign type, something that holds itself, an integer too long to print
        return _encoded(_plain(value, ()))


def _encoded(value: Any) -> bytes:
    """Return a JSON value's bytes; raises where it is not one."""
    try:
        return _AS_IT_IS.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        return _ESCAPED.encode(value).encode("ascii")


def _finite(value: Any) -> Any:
    """Return a JSON value with null for NaN and infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any, above: tuple[int, ...]) -> Any:
    """Return a value as JSON can hold it; ``above`` are the ids of what it stands in."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        try:
            int.__repr__(value)
        except ValueError:  # Python refuses to print very long integers
            return hex(value)
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if len(above) >= _DEEPEST or id(value) in above:
        return f"a {type(value).__name__}"
    above = (*above, id(value))
    if isinstance(value, Mapping):
        return {_key(key): _plain(item, above) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, above) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item, above) for item in value), key=repr)
    if hasattr(value, "tolist"):  # numpy
        return _plain(value.tolist(), above)
    return str(value)


def _key(key: object) -> str:
    """Return a mapping's key as text."""
    if isinstance(key, str):
        return key
    return str(key) if isinstance(key, float | tuple | frozenset) else json_bytes(key).decode().strip('"')
