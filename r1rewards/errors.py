"""Every exception that r1rewards raises on purpose.

::

    R1RewardsError
    ├── UsageError            the caller asked for something that cannot be      (exit 2)
    │   ├── UnknownReward       no reward of that name; the message lists the known ones
    │   ├── RewardLoadError     the reward's module, file or entry point failed to load
    │   ├── OptionError         an option the reward does not have, or a value it cannot take
    │   └── MissingExtra        an optional package is absent; the message has the pip line
    ├── DataError             the input cannot be used as it is                   (exit 3)
    │   ├── RowError            one row is at fault: file, line, column, expected, cure
    │   └── MissingColumn       a column that no row has; the message lists those there are
    ├── RewardError           a reward broke its contract (wrong length, infinite value, raised)
    └── InfraError            the machine's side failed
        ├── WorkerStartError    a worker process did not come up
        ├── SandboxUnavailable  the wall that untrusted code is to run behind cannot stand here
        └── TooManyUnscored     more of a batch is without a verdict than the caller allows (exit 3)

A wrong, malformed or costly *completion* is never an exception: it is a ``Status``.

What goes on but should be looked at is a warning, all of them ``R1RewardsWarning``::

    R1RewardsWarning
    └── EveryRowFails         all rows of a batch fail one reward, most often in the wrong mode
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class R1RewardsError(Exception):
    """The root: catch this to catch all of ours and nothing else."""

    exit_code: ClassVar[int] = 2


class R1RewardsWarning(UserWarning):
    """The root of what warns and goes on."""


class EveryRowFails(R1RewardsWarning):
    """Every row of a batch fails a reward, which then teaches nothing; the message says the likely cause."""


class UsageError(R1RewardsError):
    """The caller asked for something that cannot be."""


class UnknownReward(UsageError):
    """No reward is registered under that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"no reward is named {name!r}; known: {', '.join(sorted(known))}. "
            "A reward of your own is written as package.module:attribute or file.py:function."
        )
        self.name = name

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class RewardLoadError(UsageError):
    """The module, file or entry point that should hold a reward failed to load."""


class OptionError(UsageError):
    """A reward has no such option, or the option cannot take that value."""


class MissingExtra(UsageError, ImportError):
    """An optional package is not installed; the message names the pip line."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the package {package!r}, which is not installed: pip install 'r1rewards[{extra}]'"
        )
        self.extra = extra

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class DataError(R1RewardsError):
    """The input cannot be used as it is."""

    exit_code = 3


class RowError(DataError):
    """One row is at fault.

    Args:
        problem: What is wrong, what was expected and what to do, in that order.
        file: Name of the input, ``<stdin>`` or None for rows that came from Python.
        line: 1-based line (JSONL) or 1-based row number.
        column: Name of the input column.
    """

    def __init__(
        self, problem: str, *, file: str | None = None, line: int | None = None, column: str | None = None
    ) -> None:
        numbered = f"row {line}" if file is None and line is not None else line
        place = ":".join(str(part) for part in (file, numbered) if part is not None)
        where = ", ".join(filter(None, [place, f"column {column!r}" if column is not None else ""]))
        super().__init__(f"{where}: {problem}" if where else problem)
        self.problem, self.file, self.line, self.column = problem, file, line, column

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)

    def at(self, file: str | None, line: int | None) -> RowError:
        """Return the same error with its place filled in, for a reader that knows it."""
        return RowError(self.problem, file=self.file or file, line=self.line or line, column=self.column)


class MissingColumn(DataError):
    """A column that is needed and that no row has."""

    def __init__(self, column: str, needed_by: str, present: Iterable[str]) -> None:
        have = ", ".join(sorted(present)) or "none"
        super().__init__(
            f"{needed_by} needs a column {column!r} and no row has it; columns there are: {have}. "
            f"Name the right one with a mapping ({column}=your_column)."
        )
        self.column = column

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class RewardError(R1RewardsError):
    """A reward broke its contract: wrong length, a value that is infinite or out of bounds, or it raised."""


class InfraError(R1RewardsError):
    """The machine's side failed, not the model and not the data."""


class WorkerStartError(InfraError):
    """A worker process did not come up; the message says why and what to do."""


class SandboxUnavailable(InfraError):
    """The wall that untrusted code is to run behind cannot stand here; the message has the cure."""


class TooManyUnscored(InfraError):
    """More of a batch is without a verdict, by the machine's fault, than the caller allows."""

    exit_code = 3


def _rebuild(kind: type[R1RewardsError], args: tuple[object, ...], state: dict[str, object]) -> R1RewardsError:
    """Unpickle an error whose constructor takes more than its message."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error
