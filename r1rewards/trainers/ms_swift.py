"""Rewards for ms-swift: classes for its table of outcome rewards, named by ``--external_plugins``."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from r1rewards.samples import Batch
from r1rewards.trainers.totals import Asked, name_of, ready_made, ready_names, rubric_of, unscored_value, with_reference


def ms_swift_reward(rewards: Asked = "math", *, unscored: float | None = None, **settings: Any) -> type:
    """Make a reward class for ms-swift's ``orms``.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        unscored: Value of a row that cannot be scored by no fault of the model; None takes it from the environment
            variable ``R1REWARDS_UNSCORED``.
        **settings: Those of `Rubric`, for one that is made here.

    Returns:
        A class: ``Class(args)(completions, **columns)`` gives one float a completion.

    Raises:
        UsageError: Nobody has said `unscored`.

    Example:
        >>> Exact = ms_swift_reward("exact", unscored=0.0)
        >>> Exact(args=None)(["Paris", "Rome"], solution=["Paris", "Paris"])
        [1.0, 0.0]
    """
    rubric = rubric_of(rewards, **settings)
    value = unscored_value(unscored)

    class R1Reward:
        """A rubric behind ms-swift's call."""

        def __init__(self, args: Any = None, **_more: Any) -> None:
            self.args = args

        def __call__(self, /, completions: Sequence[Any], **columns: Any) -> list[float]:
            size = len(completions)
            cells = {
                name: column
                for name, column in columns.items()
                if isinstance(column, (list, tuple)) and len(column) == size
            }
            # ms-swift carries the conversation as `messages`, its last turn being the completion.
            conversations = cells.pop("messages", None)
            made = with_reference(cells, size)
            made["completion"] = completions
            if conversations is not None and "prompt" not in made:
                made["prompt"] = [_before_the_reply(turns) for turns in conversations]
            totals = rubric.score(Batch(made)).totals.tolist()
            return [value if total != total else total for total in totals]

    R1Reward.__name__ = R1Reward.__qualname__ = name_of(rubric)
    return R1Reward


def register(orms: MutableMapping[str, Any], *, unscored: float | None = None, **rewards: Asked) -> None:
    """Put rewards into ms-swift's table, in a file named by ``--external_plugins``.

    Args:
        orms: ``swift.rewards.orms``.
        unscored: Value of a row that cannot be scored by no fault of the model.
        **rewards: Name for ``--reward_funcs`` to what scores.

    Example:
        >>> orms = {}
        >>> register(orms, unscored=0.0, r1=["math", "format"])
        >>> list(orms)
        ['r1']
    """
    for name, asked in rewards.items():
        orms[name] = ms_swift_reward(asked, unscored=unscored)


def _before_the_reply(turns: Any) -> Any:
    """Return a conversation without the model's last turn."""
    last = turns[-1] if isinstance(turns, (list, tuple)) and turns else None
    return turns[:-1] if isinstance(last, dict) and last.get("role") == "assistant" else turns


def __getattr__(name: str) -> type:
    """Make a ready-made class when its name is first asked for; `unscored` comes from the environment."""
    made: type = ready_made(name, ms_swift_reward, globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
