"""The caller's side: pairs of a schema and a value, decided in killable workers, each distinct pair once."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from r1rewards.errors import MissingExtra
from r1rewards.workers.budget import Budget, ResultKind, WorkResult
from r1rewards.workers.pool import WorkerPool

Kind = Literal["valid", "invalid", "bad_schema", "too_costly", "infra"]
Pair = tuple[str, str]
"""A schema and a value, both as JSON."""

_CACHE_SIZE = 16_384
_CACHED_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether a value is valid, and why not."""

    kind: Kind
    why: str = ""


@dataclass(frozen=True, eq=False)
class Validator:
    """Decides pairs.

    Attributes:
        cpu_s: CPU seconds that one pair may spend.
        workers: Processes; None is one a core.
    """

    cpu_s: float = 2.0
    workers: int | None = 1
    _pool: WorkerPool = field(init=False, repr=False)
    _cache: dict[Pair, Validity] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        target = "r1rewards.schemas.validator_process:serve"
        object.__setattr__(self, "_pool", WorkerPool(target, workers=self.workers, budget=Budget(cpu_s=self.cpu_s)))

    def __reduce__(self) -> tuple[type[Validator], tuple[float, int | None]]:
        """Pickle the configuration; processes and cache are dropped."""
        return Validator, (self.cpu_s, self.workers)

    def decide(self, pairs: Iterable[Pair], needed_by: str) -> dict[Pair, Validity]:
        """Decide pairs.

        Args:
            pairs: Schema and value; repeats cost nothing.
            needed_by: Who asks, for the error.

        Returns:
            The verdict on each distinct pair.

        Raises:
            MissingExtra: jsonschema is not installed.
        """
        distinct = list(dict.fromkeys(pairs))
        verdicts = {pair: known for pair in distinct if (known := self._cache.get(pair)) is not None}
        residue = [pair for pair in distinct if pair not in verdicts]
        if residue:
            if importlib.util.find_spec("jsonschema") is None:
                raise MissingExtra(needed_by, "jsonschema", "json")
            results = self._pool.run([{"schema": schema, "value": value} for schema, value in residue])
            for pair, result in zip(residue, results, strict=True):
                verdict = verdicts[pair] = _verdict(result)
                if verdict.kind not in ("infra", "too_costly") and len(pair[0]) + len(pair[1]) < _CACHED_CHARS:
                    self._cache[pair] = verdict
            if len(self._cache) > _CACHE_SIZE:
                self._cache.clear()
        return verdicts

    def close(self) -> None:
        """End the workers."""
        self._pool.close()


def _verdict(result: WorkResult) -> Validity:
    """Read a worker's result."""
    if result.kind is ResultKind.DONE:
        return Validity(result.value["kind"], result.value["why"])
    if result.kind in (ResultKind.OVER_BUDGET, ResultKind.OUT_OF_MEMORY, ResultKind.CRASHED):
        return Validity("too_costly", f"validating it ended as {result.kind.name}")
    return Validity("infra", f"{result.kind.name}: {result.error}"[:300])
