"""What every trainer's door needs: a rubric from what was asked for, rows with a reference, totals as floats."""

from __future__ import annotations

import copy
import inspect
import math
import os
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from r1rewards.errors import RowError, TooManyUnscored, UsageError
from r1rewards.messages import kind_of
from r1rewards.registry import BUILT_IN, registered_rewards
from r1rewards.reward import Reward
from r1rewards.rubric import Rubric
from r1rewards.scores import Outcome, ScoreTable, Status
from r1rewards.terms import Term
from r1rewards.text.reference_columns import POOL, contributing, first_disagreement
from r1rewards.text.special_tokens import content_end

Asked = Rubric | Reward | str | Term | Sequence[Reward | str | Term]
"""What a door takes: a rubric, a reward, a written term such as ``"math@1"``, or several of these."""

UNSCORED = "R1REWARDS_UNSCORED"
"""The environment variable that says `unscored` for ready-made rewards, which take no arguments."""

_NOWHERE = object()
_WINDOW_ROWS = 1000
_FEWEST_ROWS = 50
_READY_RUBRICS: Mapping[str, Callable[[], Rubric]] = {"r1": Rubric.r1, "r1_zero": Rubric.r1_zero}


def rubric_of(asked: Asked, **settings: Any) -> Rubric:
    """Return the rubric that was asked for.

    Args:
        asked: A rubric, a reward, a written term or several.
        **settings: Those of `Rubric`, for one that is made here.

    Raises:
        UsageError: Settings are given for a rubric that is made already, or one is unknown.

    Example:
        >>> rubric_of(["math", "format@0.5"]).names
        ('math', 'format')
    """
    known = list(inspect.signature(Rubric).parameters)[1:]
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise UsageError(f"there is no setting {unknown[0]!r}; there are {', '.join(known)}")
    settings = {name: value for name, value in settings.items() if value is not None}
    if isinstance(asked, Rubric):
        if settings:
            raise UsageError(f"the rubric is made already: give it {', '.join(settings)} where it is made")
        return asked
    if isinstance(asked, (str, Term)) or (isinstance(asked, Reward) and not isinstance(asked, (list, tuple))):
        return Rubric([asked], **settings)
    return Rubric(list(asked), **settings)


def name_of(rubric: Rubric) -> str:
    """Return what trainers call a rubric.

    Example:
        >>> name_of(rubric_of(["math", "format"]))
        'math+format'
    """
    return "+".join(rubric.names)


def unscored_value(unscored: float | None) -> float:
    """Return the value that rows without a score get, which somebody must have chosen.

    Args:
        unscored: The value; None looks for the environment variable ``R1REWARDS_UNSCORED``.

    Raises:
        UsageError: Nobody has said it, or it is not a finite number.
    """
    said: Any = os.environ.get(UNSCORED) if unscored is None else unscored
    if said is None:
        raise UsageError(
            "this trainer cannot skip a row: say what a row gets that cannot be scored by no fault of the model "
            f"(an unreadable reference, a failing machine), with unscored=0.0 or the environment variable {UNSCORED}=0"
        )
    try:
        value = float(said)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"unscored must be a finite number, not {said!r}")
    return value


def ready_made(name: str, make: Callable[[Rubric], Any], module: dict[str, Any]) -> Any:
    """Make the object behind a ready-made name such as ``math_reward`` or ``r1_reward``, and keep it in the module.

    Args:
        name: The attribute that was asked of a trainer's module.
        make: From a rubric to the trainer's kind of reward.
        module: The module's globals.

    Raises:
        AttributeError: It is no such name.
    """
    base = name.removesuffix("_reward")
    is_name = base != name and not base.startswith("_")
    if not is_name or not (base in _READY_RUBRICS or base in BUILT_IN or base in registered_rewards()):
        raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")
    made = make(_READY_RUBRICS[base]() if base in _READY_RUBRICS else Rubric([base]))
    module[name] = made
    return made


def ready_names() -> list[str]:
    """Return the ready-made names, for completion in a shell."""
    return [f"{name}_reward" for name in (*_READY_RUBRICS, *BUILT_IN)]


def without_special_tokens(text: Any) -> str:
    """Return a completion without the special tokens that a trainer leaves at its end.

    Raises:
        RowError: It is no text.

    Example:
        >>> without_special_tokens("4<|im_end|>")
        '4'
    """
    if not isinstance(text, str):
        raise RowError(f"expected a text, found {kind_of(text)}", column="completion")
    return text[: content_end(text)]


def with_reference(
    columns: Mapping[str, Sequence[Any]], size: int, mapping: Mapping[str, str] | None = None
) -> dict[str, Sequence[Any]]:
    """Return columns with ``ground_truth`` among them, where some column holds it.

    The rule is that of files of rollouts: a mapping first, then the first of ``ground_truth``, ``answer``,
    ``solution``, ``label``, ``target``, ``gold``, ``reference`` and ``reward_model.ground_truth``.

    Args:
        columns: Column name to B cells.
        size: B.
        mapping: Column to the input column that plays it.

    Raises:
        UsageError: A mapped column is not there.
        RowError: Two columns of a row give different references.

    Example:
        >>> with_reference({"solution": ["so 4"]}, 1)["ground_truth"]
        ['so 4']
    """
    made = dict(columns)
    for name, source in (mapping or {}).items():
        cells = _cells_at(columns, source, size)
        if cells is None:
            raise UsageError(
                f"{name} is mapped to {source!r}, and there is no such column; there are {sorted(columns)}"
            )
        made[name] = cells
    if mapping and "ground_truth" in mapping:
        return made
    taken = set((mapping or {}).values())
    found = [
        (path, cells) for path in POOL if path not in taken and (cells := _cells_at(columns, path, size)) is not None
    ]
    if len(found) == 1:
        made["ground_truth"] = found[0][1]
    elif found:
        known: dict[tuple[Any, ...], Any] = {}
        made["ground_truth"] = [
            _reference([(path, cells[row]) for path, cells in found], row, known) for row in range(size)
        ]
    return made


def _reference(candidates: list[tuple[str, Any]], row: int, known: dict[tuple[Any, ...], Any]) -> Any:
    """Return a row's reference among several columns; equal rows are looked at once."""
    key = tuple(cell for _, cell in candidates)
    hashable = all(isinstance(cell, (str, int, float, type(None))) for cell in key)
    if hashable and key in known:
        return known[key]
    telling = contributing([(path, cell) for path, cell in candidates if cell is not None])
    differ = first_disagreement(telling)
    if differ is not None:
        raise RowError(
            f"the columns {differ[0]!r} and {differ[1]!r} give different reference answers; say which one is right "
            f"with columns={{'ground_truth': {differ[0]!r}}}",
            line=row + 1,
        )
    cell = telling[0][1] if telling else None
    if hashable:
        known[key] = cell
    return cell


def _cells_at(columns: Mapping[str, Sequence[Any]], path: str, size: int) -> Sequence[Any] | None:
    """Return the cells at a dotted path; None where no row has it, be it with a null."""
    if path in columns:
        return columns[path]
    head, dot, rest = path.partition(".")
    if not dot or head not in columns:
        return None
    there = [_inside(cell, rest) for cell in columns[head]]
    if len(there) != size or all(cell is _NOWHERE for cell in there):
        return None
    return [None if cell is _NOWHERE else cell for cell in there]


def _inside(cell: Any, path: str) -> Any:
    """Return what stands at a dotted path inside a cell, null too, or `_NOWHERE`."""
    for key in path.split("."):
        if not isinstance(cell, Mapping) or key not in cell:
            return _NOWHERE
        cell = cell[key]
    return cell


def figures(table: ScoreTable, rubric: Rubric, prefix: str, unscored: str | None = None) -> dict[str, float]:
    """Return a batch's figures as flat numbers: each reward's mean, shares of statuses and of tiers.

    Every status and every tier that a reward names is there, zeros too: a trainer takes the mean over all calls and
    ranks that logged a name.

    Args:
        table: The scores of B rows.
        rubric: What gave them.
        prefix: Put before each name.
        unscored: Name for the share of rows without a total; by default the prefix and ``unscored``.
    """
    if not len(table):
        return {}
    made: dict[str, float] = {}
    for name, term, column in zip(table.names, rubric.terms, table.columns, strict=True):
        values = [value for value in column.values.tolist() if value == value]
        if values:
            made[f"{prefix}{name}/mean"] = math.fsum(values) / len(values)
        counts = table.status_counts(name)
        for status in Status:
            made[f"{prefix}{name}/status/{status.name}"] = counts.get(status, 0) / len(column)
        tiers = Counter([tier for detail in column.details if isinstance(tier := detail.get("tier"), str)])
        for tier in dict.fromkeys([*getattr(term.reward, "tiers", ()), *sorted(tiers)]):
            made[f"{prefix}{name}/tier/{tier}"] = tiers[tier] / len(column)
    made[unscored or f"{prefix}unscored"] = float(np.isnan(table.totals).mean())
    return made


class UnscoredGuard:
    """Raises when a run that is scored row by row gets no verdict on too many of its latest rows.

    A rubric guards a batch; where rows come alone, the latest thousand are looked at instead (once there are 50), and
    of each reward the latest thousand that it judged.

    Args:
        max_unscored: Share of them that may be ``INFRA``.
    """

    def __init__(self, max_unscored: float) -> None:
        self.max_unscored = max_unscored
        self._failed: deque[bool] = deque(maxlen=_WINDOW_ROWS)
        self._failed_of: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=_WINDOW_ROWS))
        self._empty: deque[bool] = deque(maxlen=_WINDOW_ROWS)

    def take(self, table: ScoreTable) -> None:
        """Count a batch's rows.

        Raises:
            TooManyUnscored: Too many failed by the machine's fault, or not one of them could be judged at all.
        """
        self.take_rows([table.cells(row) for row in range(len(table))])

    def take_rows(self, rows: Sequence[Mapping[str, Outcome]]) -> None:
        """Count rows by their cells.

        Raises:
            TooManyUnscored: Too many failed by the machine's fault, or not one of them could be judged at all.
        """
        self._failed.extend(any(cell.status is Status.INFRA for cell in cells.values()) for cells in rows)
        self._empty.extend(all(cell.status is Status.NOT_APPLICABLE for cell in cells.values()) for cells in rows)
        names = list(rows[0]) if rows else []
        self._check(self._failed, "rows")
        for name in names:
            judged = (cells[name].status for cells in rows if cells[name].status is not Status.NOT_APPLICABLE)
            self._failed_of[name].extend(status is Status.INFRA for status in judged)
            self._check(self._failed_of[name], f"rows of {name!r}")
        empty = list(self._empty)
        if len(empty) >= _FEWEST_ROWS and all(empty):
            raise TooManyUnscored(
                f"none of the latest {len(empty)} rows has what the rewards {', '.join(names)} need; "
                "is the reference in another column?"
            )

    def _check(self, failures: deque[bool], what: str) -> None:
        """Raise when too many of the latest rows failed."""
        latest = list(failures)  # one step: other threads count their rows meanwhile
        failed, seen = sum(latest), len(latest)
        if seen >= _FEWEST_ROWS and failed > self.max_unscored * seen:
            raise TooManyUnscored(
                f"{failed} of the latest {seen} {what} are INFRA, more than max_unscored={self.max_unscored:g} allows; "
                "`r1rewards doctor` says what works on this machine"
            )

    def __getstate__(self) -> dict[str, object]:
        return {"max_unscored": self.max_unscored}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # counts begin anew in another process


def unguarded(rubric: Rubric) -> Rubric:
    """Return a rubric that scores whatever share of a batch is ``INFRA``: a batch of one row has only 0 or 1."""
    free = copy.copy(rubric)
    free.max_unscored = 1.0
    return free
