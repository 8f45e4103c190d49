"""The figures of a run: exact, in bounded memory, the same however the rows were cut into chunks."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from r1rewards.errors import UsageError
from r1rewards.scores import ScoreTable, Status

_KEY_CHARS = 32


class Summary:
    """Figures of a run, gathered chunk by chunk.

    Sums are exact, so that neither the order of the rows nor the chunks nor a resumed run changes a digit.
    Memory is a constant and, with groups, about 200 bytes a group: a group's rows may stand anywhere in
    the file, so no group is ever closed before the end.

    Args:
        names: The rewards' columns.

    Example:
        >>> summary = Summary(["math"])
        >>> summary.add_written({"reward": 1.0, "rewards": {"math": 1.0}, "status": {"math": "OK"}})
        >>> summary.rows, summary.mean_total
        (1, 1.0)
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.rows = 0
        self.nothing_applies = 0
        """Rows to which no reward applies."""
        self.faults = 0
        """Rows without a total by a fault of the data (BAD_REFERENCE) or of the machine (INFRA)."""
        self.infra = 0
        """Rows without a total of which some cell is INFRA."""
        self.ungrouped = 0
        """Rows that name no group, where others do."""
        self._total = _Figures()
        self._columns = {name: _Figures() for name in self.names}
        self._statuses: dict[str, Counter[Status]] = {name: Counter() for name in self.names}
        self._groups: dict[bytes, _Group] = {}

    def add(self, table: ScoreTable, groups: Sequence[Any] | None = None) -> None:
        """Take in a chunk.

        Args:
            table: Its scores.
            groups: Each row's group, any JSON value; None where a row has none.
        """
        self.rows += len(table)
        self._total.add_all(table.totals)
        inapplicable = np.ones(len(table), dtype=bool)
        fault, infra = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
        for name, column in zip(table.names, table.columns, strict=True):
            self._columns[name].add_all(column.values)
            self._statuses[name].update(column.statuses.tolist())
            inapplicable &= column.statuses == Status.NOT_APPLICABLE
            infra |= column.statuses == Status.INFRA
            fault |= column.statuses == Status.BAD_REFERENCE
        unscored = np.isnan(table.totals)
        self.nothing_applies += int(inapplicable.sum())
        self.faults += int((unscored & (fault | infra)).sum())
        self.infra += int((unscored & infra).sum())
        if groups is not None:
            for group, total in zip(groups, table.totals.tolist(), strict=True):
                self._add_to_group(group, total)

    def add_written(
        self,
        row: Mapping[str, Any],
        group: Any = None,
        *,
        grouped: bool = False,
        names: tuple[str, str, str] = ("reward", "rewards", "status"),
    ) -> None:
        """Take in a row that an earlier run has written.

        Args:
            row: The output columns, among others perhaps.
            group: Its group.
            grouped: Whether there are groups.
            names: Names of the output columns.

        Raises:
            UsageError: The columns are not as a run with these rewards writes them.
        """
        try:
            total = _number(row[names[0]])
            values = {name: _number(row[names[1]][name]) for name in self.names}
            statuses = {name: Status[row[names[2]][name]] for name in self.names}
        except (KeyError, TypeError, ValueError):
            raise UsageError(
                f"a row of the output lacks the columns {', '.join(map(repr, names))} of a run with the "
                f"rewards {', '.join(self.names)}; write to another file, or replace this one with "
                "--overwrite"
            ) from None
        self.rows += 1
        self._total.add(total)
        for name in self.names:
            self._columns[name].add(values[name])
            self._statuses[name][statuses[name]] += 1
        kinds = set(statuses.values())
        self.nothing_applies += kinds == {Status.NOT_APPLICABLE}
        self.faults += math.isnan(total) and any(status.fault for status in kinds)
        self.infra += math.isnan(total) and Status.INFRA in kinds
        if grouped:
            self._add_to_group(group, total)

    @property
    def scored(self) -> int:
        """Rows that have a total."""
        return self._total.count

    @property
    def mean_total(self) -> float | None:
        """Mean of the totals that there are; None where there is none."""
        return self._total.mean

    @property
    def unscored_share(self) -> float:
        """Share of rows without a total by a fault, in [0, 1]; rows to which nothing applies are no fault."""
        return self.faults / self.rows if self.rows else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return all figures, JSON-able; None where there is nothing to compute from."""
        return {
            "rows": self.rows,
            "total": {
                **self._total.as_dict(),
                "faults": self.faults,
                "infra": self.infra,
                "nothing_applies": self.nothing_applies,
                "unscored": self.rows - self.scored,
            },
            "rewards": {name: self._reward_dict(name) for name in self.names},
            "groups": self._group_dict() if self._groups else None,
        }

    def _reward_dict(self, name: str) -> dict[str, Any]:
        """Return one reward's figures."""
        statuses = self._statuses[name]
        return {
            "rows": self.rows,
            **self._columns[name].as_dict(),
            "faults": sum(count for status, count in statuses.items() if status.fault),
            "not_applicable": statuses[Status.NOT_APPLICABLE],
            "statuses": {
                status.name: {"rows": statuses[status], "share": statuses[status] / self.rows}
                for status in Status
                if statuses[status]
            },
        }

    def _group_dict(self) -> dict[str, Any]:
        """Return the groups' figures."""
        groups = self._groups.values()
        means = [group.mean for group in groups if group.mean is not None]
        sizes = {group.rows for group in groups}
        return {
            "groups": len(groups),
            "k": sizes.pop() if len(sizes) == 1 else None,
            "k_min": min((group.rows for group in groups), default=None),
            "k_max": max((group.rows for group in groups), default=None),
            # fsum rounds once, so that the groups' order is of no account.
            "mean_at_k": math.fsum(means) / len(means) if means else None,
            "zero_spread": sum(group.rows > 1 and group.scored > 0 and not group.differ for group in groups),
            "single": sum(group.rows == 1 for group in groups),
            "unscored": sum(group.scored == 0 for group in groups),
            "ungrouped_rows": self.ungrouped,
        }

    def _add_to_group(self, group: Any, total: float) -> None:
        """Count one row into its group."""
        if group is None:
            self.ungrouped += 1
            return
        key = group_of(group)
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = _Group()
        found.add(total)


def group_of(value: Any) -> bytes:
    """Return a short key of a group, the same for equal JSON values; long ones are hashed.

    Args:
        value: Any JSON value; 1 and 1.0 are one group, 1 and "1" are two.

    Raises:
        UsageError: It is nested too deeply.

    Example:
        >>> group_of(1) == group_of(1.0), group_of(1) == group_of("1"), len(group_of("x" * 999))
        (True, False, 33)
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        text = json.dumps(value, sort_keys=True, default=str).encode("ascii")
    except (RecursionError, ValueError):
        raise UsageError("a group's value is nested too deeply to tell groups by; choose another column") from None
    return text if len(text) <= _KEY_CHARS else b"#" + hashlib.blake2b(text, digest_size=_KEY_CHARS).digest()


class _ExactSum:
    """A sum of floats without rounding: an integer times a power of two."""

    __slots__ = ("_scaled", "_shift")

    def __init__(self) -> None:
        self._scaled = 0
        self._shift = 0

    def add(self, value: float, times: int = 1) -> None:
        """Add a finite number, several times."""
        numerator, denominator = value.as_integer_ratio()
        shift = denominator.bit_length() - 1
        if shift > self._shift:
            self._scaled <<= shift - self._shift
            self._shift = shift
        self._scaled += times * (numerator << (self._shift - shift))

    def over(self, count: int) -> float:
        """Return the sum divided by a count, rounded once."""
        return float(Fraction(self._scaled, count << self._shift))


class _Figures:
    """Count, mean, lowest and highest of the values that are not NaN."""

    __slots__ = ("_sum", "count", "high", "low")

    def __init__(self) -> None:
        self._sum = _ExactSum()
        self.count = 0
        self.low = math.inf
        self.high = -math.inf

    def add(self, value: float, times: int = 1) -> None:
        """Take in a value, several times; NaN is none."""
        if math.isnan(value):
            return
        value += 0.0  # -0.0 and 0.0 are one value
        self._sum.add(value, times)
        self.count += times
        self.low = min(self.low, value)
        self.high = max(self.high, value)

    def add_all(self, values: npt.NDArray[np.float64]) -> None:
        """Take in many; rewards take few distinct values, so each distinct one is added once."""
        distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
        for value, times in zip(distinct.tolist(), counts.tolist(), strict=True):
            self.add(value, times)

    @property
    def mean(self) -> float | None:
        """The mean, rounded once; None without a value."""
        return self._sum.over(self.count) if self.count else None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures."""
        some = self.count > 0
        return {
            "scored": self.count,
            "mean": self.mean,
            "min": self.low if some else None,
            "max": self.high if some else None,
        }


class _Group:
    """One group's totals."""

    __slots__ = ("_sum", "differ", "first", "rows", "scored")

    def __init__(self) -> None:
        self._sum = _ExactSum()
        self.rows = 0
        self.scored = 0
        self.first = math.nan
        self.differ = False

    def add(self, total: float) -> None:
        """Take in a row's total."""
        self.rows += 1
        if math.isnan(total):
            return
        if not self.scored:
            self.first = total
        elif total != self.first:
            self.differ = True
        self.scored += 1
        self._sum.add(total)

    @property
    def mean(self) -> float | None:
        """The mean of the totals that there are."""
        return self._sum.over(self.scored) if self.scored else None


def _number(value: object) -> float:
    """Return a written number; null is NaN."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)
