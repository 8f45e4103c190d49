"""Rewards for TRL's GRPO, RLOO and asynchronous trainers, and for Unsloth and Axolotl, which call alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from r1rewards.errors import UsageError
from r1rewards.rubric import Rubric
from r1rewards.samples import Batch
from r1rewards.scores import ScoreTable
from r1rewards.text.transcript import split_transcripts
from r1rewards.trainers.totals import Asked, figures, name_of, ready_made, ready_names, rubric_of, with_reference

# What trainers hand over beside the columns of the data.
_NOT_COLUMNS = frozenset({"trainer_state", "environments", "completion_ids", "prompts", "completions"})
_logging: WeakKeyDictionary[Any, dict[int, _Names]] = WeakKeyDictionary()
"""For each trainer what its reward functions, by their identity, log under: no two log the same name."""


class TrlReward:
    """One reward function for TRL, made from a rubric: one call scores the whole batch.

    A row without a score (an unreadable reference, nothing that applies to it, a failing machine) is None, which TRL
    leaves out of its group. Give the whole rubric as one function: of two functions, TRL pays a row for the second
    alone where the first is None.

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        name: Under which TRL logs it; by default the rewards' names.
        columns: Which column of the data plays which part, such as ``{"ground_truth": "solution"}``. The reference is
            found by itself under its usual names.
        metrics: Whether each reward's mean, status shares and tiers go to TRL's metrics (``r1/math/mean`` ...), and
            values, statuses and extracted answers to its table of completions. Where an earlier reward function of
            the trainer has a reward of the same name, a later one puts its own name before these.
        **settings: Those of `Rubric` (``weights``, ``combine``, ``transcript`` ...), for one that is made here.

    Example:
        >>> reward = TrlReward(["exact", "format@0.5"])
        >>> texts = ["<think>so</think> Paris", "Paris", "<think>so</think> Rome"]
        >>> reward(prompts=["Capital?"] * 3, completions=texts, answer=["Paris"] * 3)
        [1.5, 1.0, 0.5]
    """

    def __init__(
        self,
        rewards: Asked = "math",
        *,
        name: str | None = None,
        columns: Mapping[str, str] | None = None,
        metrics: bool = True,
        **settings: Any,
    ) -> None:
        self.rubric: Rubric = rubric_of(rewards, **settings)
        self.__name__ = name or name_of(self.rubric)
        self.columns = dict(columns or {})
        self.metrics = metrics
        # What a transcript mode compiles when it first meets a tag is compiled here and not in the first step.
        split_transcripts(["<", "‹"], self.rubric.transcript)

    def __call__(
        self,
        /,
        prompts: Sequence[Any] | None = None,
        completions: Sequence[Any] | None = None,
        completion_ids: Sequence[Any] | None = None,
        log_extra: Callable[[str, list[Any]], None] | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """Score a batch as TRL calls a reward function.

        Args:
            prompts: B prompts, texts or chat messages.
            completions: B completions, texts or chat messages.
            completion_ids: B lists of tokens.
            log_extra: TRL's hook for columns of its table of completions.
            log_metric: TRL's hook for metrics.
            **columns: The columns of the data, and what else TRL hands over.

        Returns:
            B totals; None where a row has none.

        Raises:
            R1RewardsError: A reward lacks a column, broke its contract, or the machine failed on too many rows.
        """
        if completions is None:
            raise UsageError("a trainer's call has no completions; give them as completions=[...]")
        table = self.score(completions, prompts, completion_ids, columns)
        if self.metrics and log_metric is not None:
            names = self._names_for(log_metric)
            for name, value in figures(table, self.rubric, f"r1/{names.before}", f"r1/{names.unscored}").items():
                log_metric(name, value)
        if self.metrics and log_extra is not None:
            _log_cells(table, log_extra, self.rubric, self._names_for(log_extra).before)
        return [None if total != total else total for total in table.totals.tolist()]

    def score(
        self,
        completions: Sequence[Any],
        prompts: Sequence[Any] | None,
        completion_ids: Sequence[Any] | None,
        columns: Mapping[str, Any],
    ) -> ScoreTable:
        """Return the whole table for what a trainer's call brought."""
        size = len(completions)
        made: dict[str, Sequence[Any]] = {
            name: cells
            for name, cells in columns.items()
            if name not in _NOT_COLUMNS and isinstance(cells, (list, tuple)) and len(cells) == size
        }
        made = with_reference(made, size, self.columns)
        made["completion"] = completions
        if prompts is not None:
            made["prompt"] = prompts
        if completion_ids is not None and len(completion_ids) == size:
            made.setdefault("token_ids", completion_ids)
        return self.rubric.score(Batch(made))

    def _names_for(self, hook: Callable[..., None]) -> _Names:
        """Return what to log under, in the trainer that a hook belongs to."""
        try:
            known = _logging.setdefault(getattr(hook, "__self__", None), {})
        except TypeError:  # a hook of no trainer: there is nothing to tell apart
            known = {}
        if id(self) not in known:
            known[id(self)] = _free_names(self.__name__, self.rubric.names, list(known.values()))
        return known[id(self)]

    def close(self) -> None:
        """End worker processes and containers; the next call opens them again."""
        self.rubric.close()

    def __repr__(self) -> str:
        return f"TrlReward({', '.join(self.rubric.names)})"


class _Names(NamedTuple):
    """What a reward function logs under: before its rewards' names, for its share of unscored rows, and all of them."""

    before: str
    unscored: str
    taken: frozenset[str]


def _free_names(function: str, rewards: Sequence[str], others: Sequence[_Names]) -> _Names:
    """Return names that no other function of the trainer logs under: plain ones where they are free."""
    taken = {name for other in others for name in other.taken}

    def free(wanted: Sequence[str]) -> str:
        own = chain(["", f"{function}/"], (f"{function}_{number}/" for number in count(2)))
        return next(before for before in own if taken.isdisjoint(before + name for name in wanted))

    before = free(rewards)
    taken |= (names := {before + name for name in rewards})
    unscored = f"{free(['unscored'])}unscored"
    return _Names(before, unscored, frozenset(names | {unscored}))


def _log_cells(table: ScoreTable, log_extra: Callable[[str, list[Any]], None], rubric: Rubric, before: str) -> None:
    """Hand each row's values, statuses and extracted answers to the table of completions."""
    for name, term, column in zip(table.names, rubric.terms, table.columns, strict=True):
        log_extra(f"{before}{name}/value", [None if value != value else value for value in column.values.tolist()])
        log_extra(f"{before}{name}/status", column.status_names)
        # In every call, found or not: TRL makes one table of the columns, whose cells must come at the same pace.
        if getattr(term.reward, "extracts", False):
            extracted = [detail.get("extracted") for detail in column.details]
            log_extra(f"{before}{name}/extracted", ["" if text is None else str(text) for text in extracted])


def __getattr__(name: str) -> TrlReward:
    """Make a ready-made reward when its name is first asked for: ``math_reward``, ``r1_reward`` ..."""
    made: TrlReward = ready_made(name, lambda rubric: TrlReward(rubric, name=name.removesuffix("_reward")), globals())
    return made


def __dir__() -> list[str]:
    """Return the names there are, the ready-made ones among them."""
    return sorted({*globals(), *ready_names()})
