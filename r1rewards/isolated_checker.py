"""A checker of the user's own in killable workers: both sides.

What a program gave may make an honest checker take for ever, so one that is named (``file.py:function``) runs here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from r1rewards.errors import UsageError, WorkerStartError
from r1rewards.isolated_child import load_in_worker
from r1rewards.isolation import loading
from r1rewards.programs.cases import Comparison
from r1rewards.programs.custom import CustomChecker
from r1rewards.programs.tests import BadTests
from r1rewards.sandbox.plain import NotPlain, decode, encode
from r1rewards.sandbox.verdicts import Verdict
from r1rewards.workers.budget import Budget, ResultKind, WorkResult
from r1rewards.workers.pool import WorkerPool

_SPENT = (ResultKind.OVER_BUDGET, ResultKind.OUT_OF_MEMORY, ResultKind.CRASHED)


@dataclass(frozen=True, eq=False)
class IsolatedChecker:
    """Has the user's function called in a killable worker.

    Attributes:
        spec: `package.module:attr` or `file.py:function`.
        cpu_s: CPU seconds that one comparison may take.
    """

    spec: str
    cpu_s: float
    _pool: WorkerPool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        target, setup = "r1rewards.isolated_checker:serve", {"spec": self.spec}
        object.__setattr__(self, "_pool", WorkerPool(target, setup=setup, budget=Budget(cpu_s=self.cpu_s)))

    def __reduce__(self) -> tuple[type[IsolatedChecker], tuple[str, float]]:
        """Pickle the configuration; processes are dropped."""
        return IsolatedChecker, (self.spec, self.cpu_s)

    def __call__(self, asked: Any, expected: Any, given: Any) -> Comparison:
        """Compare; see `CustomChecker`.

        Raises:
            BadTests: The function is at fault, or spends its budget even where the program gives just what is expected.
        """
        result = self._ask(asked, expected, given)
        if result.kind in _SPENT:
            alone = self._ask(asked, expected, expected)
            if alone.kind in _SPENT:
                raise BadTests(f"the checker ends as {alone.kind.name} even on what is expected")
            # No measured seconds here: the same rows give the same output, byte for byte.
            return Comparison(Verdict.TIME_LIMIT, f"the checker ended as {result.kind.name} on what the program gave")
        if result.kind is not ResultKind.DONE:
            return Comparison(Verdict.SANDBOX_ERROR, f"the checker's worker: {result.kind.name}: {result.error}"[:300])
        said = result.value
        if "bad_tests" in said:
            raise BadTests(said["bad_tests"])
        return Comparison(Verdict[said["verdict"]], said["why"])

    def close(self) -> None:
        """End the workers; they start again when they are needed."""
        self._pool.close()

    def _ask(self, asked: Any, expected: Any, given: Any) -> WorkResult:
        """Have one comparison made."""
        if loading:
            raise UsageError(
                f"{self.spec} is called while its file is being loaded; a script that scores with a checker of its "
                "own must do so under `if __name__ == '__main__':`"
            )
        try:
            item = {"asked": encode(asked), "expected": encode(expected), "given": encode(given)}
        except NotPlain as error:
            raise BadTests(f"the checker's worker cannot be sent the test: {error}"[:300]) from error
        try:
            return self._pool.run([item])[0]
        except WorkerStartError as error:
            return WorkResult(ResultKind.DIED, None, str(error), 0.0, 0.0)


def serve(setup: dict[str, Any]) -> Callable[[dict[str, str]], dict[str, str]]:
    """Load the checker in this worker; see `r1rewards.workers`.

    Args:
        setup: ``{"spec": ...}``.

    Returns:
        What compares one ``{"asked": ..., "expected": ..., "given": ...}`` of tagged JSON, and answers
        ``{"verdict": ..., "why": ...}``, or ``{"bad_tests": ...}`` where the checker itself is at fault.
    """
    checker = CustomChecker(load_in_worker(setup["spec"]))

    def answer(item: dict[str, str]) -> dict[str, str]:
        try:
            verdict, why = checker(decode(item["asked"]), decode(item["expected"]), decode(item["given"]))
        except BadTests as error:
            return {"bad_tests": str(error)}
        return {"verdict": verdict.name, "why": why}

    return answer
