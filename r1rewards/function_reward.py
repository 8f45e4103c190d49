"""A plain function as a reward: which columns it wants, what it may return, where it runs."""

from __future__ import annotations

import dataclasses
import inspect
import math
import numbers
import operator
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.errors import OptionError, RewardError, RewardLoadError, UsageError
from r1rewards.isolation import IsolatedFunction
from r1rewards.samples import COLUMNS, Batch
from r1rewards.scores import Outcome, Status
from r1rewards.specs import load_object

_KNOWN = frozenset({*COLUMNS, "reasoning", "answer"})
# What a function over whole columns may call them, as trainers do.
_PLURALS = {"completions": "completion", "prompts": "prompt", "reasonings": "reasoning", "answers": "answer"}
ON_ERROR = ("raise", "unscored")
SCRIPTS = ("__main__", "__mp_main__")
"""What the script itself is called, and in a process that `multiprocessing` has spawned."""


@dataclass(frozen=True)
class Signature:
    """What a function's parameters ask for.

    Attributes:
        columns: Parameter name to column name, for those without which it cannot be called.
        optional: The same for those with a default.
        options: Option name to its default.
        rest: Whether it takes all other columns by keyword.
    """

    columns: Mapping[str, str]
    optional: Mapping[str, str]
    options: Mapping[str, Any]
    rest: bool

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Signature:
        """Read a function's parameters.

        Raises:
            RewardLoadError: It takes positional-only or starred parameters, or cannot be inspected.
        """
        columns: dict[str, str] = {}
        optional: dict[str, str] = {}
        options: dict[str, Any] = {}
        rest = False
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise RewardLoadError(
                f"{_name_of(function)} cannot be a reward: it is `async`; a reward that waits on a network runs "
                "its own event loop inside"
            )
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError) as error:
            raise RewardLoadError(f"{function!r} cannot be a reward: {error}") from error
        for parameter in parameters:
            column = _PLURALS.get(parameter.name, parameter.name)
            if parameter.kind is parameter.VAR_KEYWORD:
                rest = True
            elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise RewardLoadError(
                    f"{_name_of(function)} cannot be a reward: its parameter {parameter.name!r} cannot be given by name"
                )
            elif parameter.default is parameter.empty:
                columns[parameter.name] = column
            elif column in _KNOWN and parameter.kind is not parameter.KEYWORD_ONLY:
                optional[parameter.name] = column
            else:
                options[parameter.name] = parameter.default
        return cls(columns, optional, options, rest)


@dataclass(frozen=True, eq=False)
class FunctionReward(BaseReward):
    """A reward made from a plain function; see `r1rewards.reward` for its rules.

    Attributes:
        name: The column's name.
        spec: Where the function can be imported from again; None for one made on the spot.
        function: The function; None when only a worker has loaded it.
        signature: What its parameters ask for.
        requires: Columns a row must have.
        bounds: Lowest and highest value.
        batched: Whether it takes whole columns.
        on_error: ``"raise"`` or ``"unscored"``.
        options: Values set for its options.
        isolated: The worker side, when it runs in a killable process.
    """

    name: str
    spec: str | None
    function: Callable[..., Any] | None
    signature: Signature
    requires: tuple[str, ...] = ()
    bounds: tuple[float, float] = (0.0, 1.0)
    batched: bool = False
    on_error: str = "raise"
    options: Mapping[str, Any] = field(default_factory=dict)
    isolated: IsolatedFunction | None = None

    @classmethod
    def of(
        cls,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        requires: tuple[str, ...] | None = None,
        bounds: tuple[float, float] = (0.0, 1.0),
        batched: bool = False,
        isolated: bool = False,
        on_error: str = "raise",
        cpu_s: float = 10.0,
        workers: int | None = None,
    ) -> FunctionReward:
        """Make a reward from a function; the arguments are those of `r1rewards.reward`."""
        if isinstance(function, FunctionReward):
            function = function.__wrapped__
        if on_error not in ON_ERROR:
            raise OptionError(f"on_error must be one of {', '.join(ON_ERROR)}, not {on_error!r}")
        if not (len(bounds) == 2 and all(map(math.isfinite, bounds)) and bounds[0] <= bounds[1]):
            raise OptionError(f"bounds must be two finite numbers, the lowest first, not {bounds!r}")
        signature = Signature.of(function)
        spec = _spec_of(function)
        if isolated and spec is None:
            raise UsageError(
                f"{_name_of(function)} cannot run isolated: a worker process can import a function "
                "only from a module or a file's top level, not from inside another function"
            )
        return cls(
            name=name or _name_of(function),
            spec=spec,
            function=function,
            signature=signature,
            requires=tuple(signature.columns.values()) if requires is None else requires,
            bounds=(float(bounds[0]), float(bounds[1])),
            batched=batched,
            on_error=on_error,
            options={},
            isolated=IsolatedFunction(str(spec), cpu_s=cpu_s, workers=workers) if isolated else None,
        )

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """The function itself."""
        if self.function is None:
            raise UsageError(f"{self.name} is loaded in a worker process only and cannot be called here")
        return self.function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as it was written."""
        return self.__wrapped__(*args, **{**self.options, **kwargs})

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by where the function stands, as functions are; workers are dropped."""
        if self.spec is None:
            raise RewardError(f"{self.name} cannot be pickled: it was made inside another function, or in no file")
        own = {
            entry.name: getattr(self, entry.name)
            for entry in dataclasses.fields(self)
            if entry.name not in ("function", "signature")
        }
        return _restore, (self.function is not None, None if self.function else self.signature, own)

    def with_options(self, **options: Any) -> FunctionReward:
        """Return the reward with some of its options set.

        Raises:
            OptionError: It has no such option.
        """
        for option in options:
            if option not in self.signature.options:
                known = ", ".join(self.signature.options) or "none"
                raise OptionError(f"reward {self.name!r} has no option {option!r}; it has: {known}")
        return dataclasses.replace(self, options={**self.options, **options})

    def with_on_error(self, on_error: str) -> FunctionReward:
        """Return the reward with another answer to its own exceptions: ``"raise"`` or ``"unscored"``."""
        if on_error not in ON_ERROR:
            raise OptionError(f"on_error must be one of {', '.join(ON_ERROR)}, not {on_error!r}")
        return dataclasses.replace(self, on_error=on_error)

    @classmethod
    def isolated_from(cls, spec: str) -> FunctionReward:
        """Make a reward of a function that only worker processes import.

        Args:
            spec: `package.module:attr` or `file.py:function`, decorated or plain.

        Raises:
            RewardLoadError: The function cannot be loaded.
        """
        probe = IsolatedFunction(spec)
        try:
            said = probe.describe()
        finally:
            probe.close()
        return cls(
            name=said["name"],
            spec=spec,
            function=None,
            signature=Signature(**said["signature"]),
            requires=tuple(said["requires"]),
            bounds=(said["bounds"][0], said["bounds"][1]),
            batched=said["batched"],
            on_error=said["on_error"],
            options={},
            isolated=IsolatedFunction(spec, cpu_s=said["cpu_s"] or probe.cpu_s, workers=said["workers"]),
        )

    def isolate(self, *, cpu_s: float = 10.0, workers: int | None = None) -> FunctionReward:
        """Return the reward run in killable worker processes."""
        if self.spec is None:
            raise UsageError(f"{self.name} cannot run isolated: it was made inside another function, or in no file")
        return dataclasses.replace(self, isolated=IsolatedFunction(self.spec, cpu_s=cpu_s, workers=workers))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Call the function on each row, or once on the columns."""
        columns = self._columns(batch)
        if self.isolated is not None:
            answers = self.isolated.call(columns, len(batch), self.options, batched=self.batched, lowest=self.bounds[0])
        elif self.batched:
            answers = self._call_batched(columns, len(batch))
        else:
            answers = [self._call({name: cells[row] for name, cells in columns.items()}) for row in range(len(batch))]
        return [self._outcome(answer, row) for row, answer in zip(batch.row_numbers, answers, strict=True)]

    @property
    def slow_path_s(self) -> Sequence[float]:
        """Wall-clock seconds of the latest calls, when they run isolated."""
        return () if self.isolated is None else self.isolated.slow_path_s

    def close(self) -> None:
        """End the worker processes, if there are any."""
        if self.isolated is not None:
            self.isolated.close()

    def _columns(self, batch: Batch) -> dict[str, Sequence[Any]]:
        """Return the cells for each parameter."""
        columns = {p: batch.column(c, f"reward {self.name!r}") for p, c in self.signature.columns.items()}
        columns.update({p: batch.column(c) for p, c in self.signature.optional.items() if batch.has(c)})
        if self.signature.rest:
            taken = {*self.signature.columns.values(), *self.signature.optional.values()}
            columns.update({c: batch.column(c) for c in batch.columns if c not in taken and c not in columns})
        return columns

    def _call(self, arguments: Mapping[str, Any]) -> Any:
        """Call the function on one row; its exception is the answer."""
        try:
            return self.__wrapped__(**arguments, **self.options)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's function may raise anything
            return error

    def _call_batched(self, columns: Mapping[str, Sequence[Any]], size: int) -> Sequence[Any]:
        """Call the function on the columns; its exception is every row's answer."""
        answers = self._call({name: list(cells) for name, cells in columns.items()})
        return spread_answers(answers, size)

    def _outcome(self, answer: Any, row: int) -> Outcome:
        """Check an answer at the border and make it a cell."""
        low, high = self.bounds
        cell = answer if isinstance(answer, Outcome) else None
        value = answer.value if isinstance(answer, Outcome) else answer
        status: Any = answer.status if isinstance(answer, Outcome) else Status.OK
        if hasattr(value, "item") and getattr(value, "ndim", None) == 0 and not isinstance(value, numbers.Real):
            value = value.item()  # a torch scalar or a NumPy bool
        problem, where = "", ""
        if answer is None:
            return Outcome.unscored(Status.NOT_APPLICABLE, "the reward returned None")
        if isinstance(answer, RewardError):  # a worker says what was raised there
            problem, _, where = f"raised {answer}".partition("\n")
        elif isinstance(answer, BaseException):
            problem = f"raised {type(answer).__name__}: {answer}"
        elif not isinstance(value, numbers.Real):
            problem = f"returned {type(value).__name__}; expected a number, True, False, None or an Outcome"
        elif cell is not None and not isinstance(status, Status):
            problem = f"returned an Outcome with status {status!r}; expected a Status"
        elif cell is not None and cell.status.scored != math.isfinite(as_float(value)):
            problem = f"returned value {as_float(value)} with status {cell.status.name}"
        elif cell is not None and not cell.status.scored:
            return cell
        elif low <= (number := as_float(value)) <= high:
            return Outcome(number) if cell is None else dataclasses.replace(cell, value=number)
        else:
            problem = f"returned {number}, outside its bounds {list(self.bounds)}"
        if self.on_error == "raise":
            cause = answer if isinstance(answer, BaseException) else None
            raise RewardError(
                f"reward {self.name!r} {problem} on row {row} of the batch; mend it, or set "
                "on_error='unscored' to leave such rows unscored" + (where and f"\n{where}")
            ) from cause
        return Outcome.unscored(Status.INFRA, f"the reward {problem}")


def spread_answers(answers: Any, size: int) -> Sequence[Any]:
    """Check that a function over columns gave one answer a row; otherwise every row's answer is the fault."""
    if isinstance(answers, BaseException):
        return [answers] * size
    if not isinstance(answers, Iterable) or isinstance(answers, (str, Mapping)):
        return [TypeError(f"expected a list of {size} values, got {type(answers).__name__}")] * size
    try:
        found = list(answers)
    except Exception as error:  # noqa: BLE001 - a generator runs the user's code only now
        return [error] * size
    if len(found) != size:
        return [ValueError(f"expected {size} values, got {len(found)}")] * size
    return found


def as_float(value: numbers.Real) -> float:
    """Return a number as a float, one too large for that as infinity."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _restore(importable: bool, signature: Signature | None, own: dict[str, Any]) -> FunctionReward:
    """Rebuild a pickled reward by importing its function again."""
    function: Callable[..., Any] | None = None
    if importable:
        found = load_object(own["spec"])
        function = found.__wrapped__ if isinstance(found, FunctionReward) else found
        assert function is not None
        signature = Signature.of(function)
    assert signature is not None
    return FunctionReward(function=function, signature=signature, **own)


def _name_of(function: Callable[..., Any]) -> str:
    """Return what a function is called."""
    return str(getattr(function, "__name__", type(function).__name__))


def _spec_of(function: Callable[..., Any]) -> str | None:
    """Return where another process can load a function from, or None where it cannot.

    Decided when the reward is made: its module is then still being imported, or loaded by a trainer, and the file's
    relative path still leads to it.
    """
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not module or not name or "<" in name or inspect.ismethod(function):
        return None
    file = _file_of(function)
    if module not in SCRIPTS and _holds(module, name, function) and (file is None or _finds(module)):
        return f"{module}:{name}"
    return f"{file}:{name}" if file else None


def _file_of(function: Callable[..., Any]) -> Path | None:
    """Return the Python file in which a function is written, if there is one."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    file = Path(code.co_filename).resolve() if code is not None else None
    return file if file is not None and file.suffix == ".py" and file.is_file() else None


def _holds(module: str, name: str, function: Callable[..., Any]) -> bool:
    """Return whether this process has a module of that name, and the function is the module's."""
    there = sys.modules.get(module)
    if there is None:
        return False
    if getattr(inspect.unwrap(function), "__globals__", None) is vars(there):
        return True  # while a module is being imported, it does not have its function yet
    try:
        found = operator.attrgetter(name)(there)
    except AttributeError:
        return False
    return found is function or getattr(found, "__wrapped__", None) is function


def _finds(module: str) -> bool:
    """Return whether another process would find a module by its name.

    Not so where somebody loaded a file and registered it under a name of their own: ``custom_module`` (verl).
    """
    there, parent = sys.modules[module], module.rpartition(".")[0]
    path = getattr(sys.modules.get(parent), "__path__", None)
    if parent and path is None:
        return False
    finders = (finder.find_spec for finder in sys.meta_path if hasattr(finder, "find_spec"))
    spec = next(filter(None, (find(module, path) for find in finders)), None)
    return spec is not None and spec.origin == getattr(there, "__file__", None)
