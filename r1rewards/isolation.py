"""The parent's side of a user's function in killable workers: what is sent, and who is to blame."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.errors import RewardError, RewardLoadError, UsageError, WorkerStartError
from r1rewards.scores import Outcome, Status
from r1rewards.workers.budget import Budget, ResultKind, WorkResult
from r1rewards.workers.pool import WorkerPool

loading: list[str] = []
"""In a worker: the specs that are being loaded just now."""


@dataclass(frozen=True, eq=False)
class IsolatedFunction:
    """The parent's side: calls a function that only worker processes import.

    Attributes:
        spec: `package.module:attr` or `file.py:function`.
        cpu_s: CPU seconds for a row; a whole batch has this for each of its rows.
        workers: Processes; None is one a core.
    """

    spec: str
    cpu_s: float = 10.0
    workers: int | None = None
    pool: WorkerPool = field(init=False, repr=False)
    slow_path_s: deque[float] = field(init=False, repr=False)
    """Wall-clock seconds of the latest calls."""

    def __post_init__(self) -> None:
        pool = WorkerPool(
            "r1rewards.isolated_child:serve",
            setup={"spec": self.spec},
            workers=self.workers,
            budget=Budget(cpu_s=self.cpu_s),
        )
        object.__setattr__(self, "pool", pool)
        object.__setattr__(self, "slow_path_s", deque(maxlen=65_536))

    def __reduce__(self) -> tuple[type[IsolatedFunction], tuple[str, float, int | None]]:
        """Pickle the configuration; processes and measurements are dropped."""
        return IsolatedFunction, (self.spec, self.cpu_s, self.workers)

    def describe(self) -> dict[str, Any]:
        """Return what the function is, as the worker read it.

        Raises:
            RewardLoadError: The function cannot be loaded.
        """
        result = self._run([{"describe": True}])[0]
        if result.kind is not ResultKind.DONE:
            raise RewardLoadError(f"{self.spec}: {result.error}")
        return dict(result.value)

    def call(
        self,
        columns: Mapping[str, Sequence[Any]],
        size: int,
        options: Mapping[str, Any],
        *,
        batched: bool,
        lowest: float,
    ) -> Sequence[Any]:
        """Call the function on every row.

        Args:
            columns: Parameter name to B cells.
            size: B.
            options: Values of its options.
            batched: Whether it takes whole columns.
            lowest: The value of a row that spends its budget.

        Returns:
            B answers: a number, None, an `Outcome`, or the exception that it raised.
        """
        if batched:
            arguments = {name: list(cells) for name, cells in columns.items()}
            item = {"arguments": arguments, "options": dict(options), "size": size}
            result = self._run([item], Budget(cpu_s=self.cpu_s * max(size, 1)))[0]
            if result.kind is ResultKind.DONE:
                return [_unpack(answer) for answer in result.value]
            if result.kind is ResultKind.RAISED:
                return [RewardError(result.error)] * size
            # Which row is to blame cannot be told, so no row is.
            why = f"the call on the whole batch ended as {result.kind.name}: {result.error}"
            return [Outcome.unscored(Status.INFRA, why)] * size
        items = [
            {"arguments": {name: cells[row] for name, cells in columns.items()}, "options": dict(options)}
            for row in range(size)
        ]
        return [_answer(result, lowest) for result in self._run(items)]

    def close(self) -> None:
        """End the worker processes."""
        self.pool.close()

    def _run(self, items: Sequence[Any], budget: Budget | None = None) -> list[WorkResult]:
        """Run items, naming the spec when the function cannot be loaded."""
        if loading:
            # The worker loads the caller's own script: were this to start workers, each would start more.
            raise UsageError(
                f"{self.spec} is called while its file is being loaded; a script that scores with an "
                "isolated reward of its own must do so under `if __name__ == '__main__':`"
            )
        try:
            results = self.pool.run(items, budget=budget)
        except WorkerStartError as error:
            raise RewardLoadError(f"{self.spec}: {error}") from error
        except (TypeError, ValueError, RecursionError) as error:
            raise RewardError(f"{self.spec}: a cell cannot be sent to a worker, as it is no JSON: {error}") from error
        self.slow_path_s.extend(result.wall_s for result in results)
        return results


def _answer(result: WorkResult, lowest: float) -> Any:
    """Turn a worker's result into the function's answer or a verdict on the row."""
    if result.kind is ResultKind.DONE:
        return _unpack(result.value)
    if result.kind is ResultKind.RAISED:
        return RewardError(result.error)
    if result.kind in (ResultKind.OVER_BUDGET, ResultKind.OUT_OF_MEMORY, ResultKind.CRASHED):
        # No measured seconds here: the same rows give the same output, byte for byte.
        return Outcome(lowest, Status.TOO_COSTLY, {"why": f"the call on this row ended as {result.kind.name}"})
    return Outcome.unscored(Status.INFRA, f"{result.kind.name}: {result.error}")


def _unpack(answer: Any) -> Any:
    """Read an answer back."""
    if isinstance(answer, dict):
        return Outcome(float(answer["value"]), Status[answer["status"]], answer["detail"])
    return answer
