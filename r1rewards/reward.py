"""The Reward protocol, and ``@reward``, which turns a plain function into one.

Light on purpose: `import r1rewards` loads this file, so it imports nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload, runtime_checkable

if TYPE_CHECKING:
    from r1rewards.function_reward import FunctionReward
    from r1rewards.samples import Batch
    from r1rewards.scores import Scores

Function = TypeVar("Function", bound=Callable[..., Any])


@runtime_checkable
class Reward(Protocol):
    """One column of the table: anything that scores a batch.

    A reward is a frozen, picklable configuration. Processes and containers that it needs open lazily in
    each process and are dropped when it is pickled.
    """

    @property
    def name(self) -> str:
        """The column's name."""
        ...

    @property
    def requires(self) -> tuple[str, ...]:
        """Input columns without which no row can be judged."""
        ...

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        ...

    def score(self, batch: Batch) -> Scores:
        """Judge every row.

        Args:
            batch: B rows.

        Returns:
            A column of B cells within ``bounds``; NaN = unscored.
        """
        ...

    def explain(self, batch: Batch, i: int) -> dict[str, object]:
        """Return what the reward saw in row ``i`` and why it decided so, as JSON-able facts."""
        ...

    def close(self) -> None:
        """Let go of processes and containers; the reward stays usable and opens them again."""
        ...


@overload
def reward(function: Function, /) -> FunctionReward: ...


@overload
def reward(
    *,
    name: str | None = None,
    requires: tuple[str, ...] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    batched: bool = False,
    isolated: bool = False,
    on_error: str = "raise",
    cpu_s: float = 10.0,
    workers: int | None = None,
) -> Callable[[Function], FunctionReward]: ...


def reward(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    requires: tuple[str, ...] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    batched: bool = False,
    isolated: bool = False,
    on_error: str = "raise",
    cpu_s: float = 10.0,
    workers: int | None = None,
) -> FunctionReward | Callable[[Function], FunctionReward]:
    """Turn a plain function into a reward.

    The function's parameters name the columns it wants: those of `Sample`, ``reasoning`` and ``answer``
    (the two parts of the completion, whatever columns the input has), or any other column of the input. A
    keyword-only parameter with a default is an option, settable from the command line, and so is any other
    parameter with a default that is none of the columns named here. It returns a number, True or False, None
    (not applicable to this row) or an `Outcome`; with ``batched=True`` it gets lists and returns a list.

    Args:
        function: The function, when used without parentheses.
        name: The reward's name; the function's own by default.
        requires: Columns a row must have; by default all parameters without a default.
        bounds: The lowest and highest value it returns.
        batched: Whether the function takes whole columns.
        isolated: Whether it runs in a killable worker process; it must then stand in a module or a file.
        on_error: ``"raise"`` when the function raises or breaks its bounds, or ``"unscored"`` to make
            that row ``INFRA``.
        cpu_s: CPU seconds a row may take when isolated.
        workers: Processes when isolated; by default one a core.

    Returns:
        The reward; it can still be called like the function it was made from.

    Example:
        >>> @reward
        ... def concise(completion, *, limit: int = 20):
        ...     return len(completion) <= limit
        >>> from r1rewards import Batch
        >>> concise.score(Batch.of(completion=["short", "much too long for the limit"])).values.tolist()
        [1.0, 0.0]
    """
    from r1rewards.function_reward import FunctionReward

    def decorate(target: Callable[..., Any]) -> FunctionReward:
        return FunctionReward.of(
            target,
            name=name,
            requires=requires,
            bounds=bounds,
            batched=batched,
            isolated=isolated,
            on_error=on_error,
            cpu_s=cpu_s,
            workers=workers,
        )

    return decorate if function is None else decorate(function)
