"""The record beside an output file that says under which configuration its rows were scored."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from r1rewards.errors import UsageError

SUFFIX = ".run.json"
_SHOWN_CHARS = 120


class RunRecord:
    """The configuration of the run that wrote an output file, in ``OUTPUT.run.json``.

    Args:
        output: The output file.
    """

    def __init__(self, output: str) -> None:
        self.path = Path(output + SUFFIX)

    def write(self, configuration: Mapping[str, Any]) -> None:
        """Write the record at once or not at all.

        Raises:
            UsageError: It cannot be written.
        """
        # One fixed name: only the holder of the output's lock writes it, and a killed one leaves no litter.
        draft = self.path.with_name(self.path.name + ".part")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"configuration": configuration}, file, indent=1, default=str)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise UsageError(f"cannot write {str(self.path)!r}: {error.strerror}") from None

    def check(self, configuration: Mapping[str, Any]) -> None:
        """Check that the output was begun under this very configuration.

        Raises:
            UsageError: There is no record, it is unreadable, or it differs; names what differs.
        """
        output = self.path.name.removesuffix(SUFFIX)
        try:
            record = json.loads(self.path.read_bytes())
            before = record["configuration"]
        except FileNotFoundError:
            raise UsageError(
                f"{output!r} has no {self.path.name!r} beside it, so it is unknown how its rows were scored; "
                "write to another file, or replace it with --overwrite"
            ) from None
        except (OSError, ValueError, KeyError, TypeError):
            raise UsageError(
                f"{str(self.path)!r} cannot be read, so it is unknown how the rows of {output!r} were "
                "scored; write to another file, or replace it with --overwrite"
            ) from None
        now = json.loads(json.dumps(configuration, default=str))
        differing = [f"{key} was {_shown(old)} and is now {_shown(new)}" for key, old, new in _differences(before, now)]
        if differing:
            raise UsageError(
                f"{output!r} was begun under another configuration: {'; '.join(differing)}. Resume with the "
                "one it was begun with, write to another file, or replace it with --overwrite"
            )


def _differences(before: Any, now: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield where two configurations differ: dotted key, old and new value (absent: `_ABSENT`)."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*before, *now]):
            inner = f"{place}.{key}" if place else str(key)
            yield from _differences(before.get(key, _ABSENT), now.get(key, _ABSENT), inner)
    elif _text(before) != _text(now):
        yield place or "the configuration", before, now


_ABSENT = object()


def _text(value: object) -> str:
    """Return a value as text that tells 1 from 1.0 and NaN like NaN."""
    return "absent" if value is _ABSENT else json.dumps(value, sort_keys=True)


def _shown(value: object) -> str:
    """Return a value for an error, not too long."""
    text = _text(value)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 3] + "..."
