"""Scoring on Ray: a rubric on a pool of actors, and a callable class for `map_batches`."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from r1rewards.errors import InfraError, MissingExtra, R1RewardsWarning, RewardError, UsageError
from r1rewards.rubric import Rubric
from r1rewards.samples import Batch
from r1rewards.scores import ScoreTable
from r1rewards.trainers.totals import Asked, rubric_of, with_reference

_AHEAD_PER_ACTOR = 2
_RANKS = "LOCAL_WORLD_SIZE"
_RETRIES = 5
"""A batch whose actor died so often after the first time ends the run: it may be what kills them."""
_FIGURES_WALL_S = 10.0
"""An actor whose node is gone may never say how long its workers took."""
_FIRST_ACTOR_WALL_S = 600.0
"""A cluster may have to start a node first; one that has given no actor a CPU by then is full."""


class RayScorer:
    """A callable class for ``Dataset.map_batches``: batches of columns in, the same with their scores out.

    ::

        table.map_batches(
            RayScorer,
            fn_constructor_args=(["math", "format@0.5"],),
            compute=ray.data.ActorPoolStrategy(size=8),
            batch_size=2048,
        )

    Args:
        rewards: A rubric, a reward, a written term (``"math@1"``) or several of them.
        columns: Which column plays which part, such as ``{"completion": "response"}``.
        prefix: Put before the names of the new columns.
        **settings: Those of `Rubric`, for one that is made here.

    Example:
        >>> scorer = RayScorer(["exact"])
        >>> scored = scorer({"completion": ["Paris", "Rome"], "answer": ["Paris", "Paris"]})
        >>> scored["reward"].tolist(), scored["status_exact"]
        ([1.0, 0.0], ['OK', 'OK'])
    """

    def __init__(
        self,
        rewards: Asked = "math",
        *,
        columns: Mapping[str, str] | None = None,
        prefix: str = "",
        **settings: Any,
    ) -> None:
        _one_worker_here()
        self.rubric = rubric_of(rewards, **settings)
        self.columns = dict(columns or {})
        self.prefix = prefix

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """Score a batch.

        Args:
            batch: Column name to an array of B cells.

        Returns:
            The batch with ``reward`` (float64[B], NaN where a row has no score) and, for each reward,
            ``reward_NAME`` and ``status_NAME``.
        """
        columns = {name: _plain(cells) for name, cells in batch.items()}
        size = len(next(iter(columns.values()), []))
        table = self.rubric.score(Batch(with_reference(columns, size, self.columns)))
        made = {**batch, f"{self.prefix}reward": table.totals}
        for name, column in zip(table.names, table.columns, strict=True):
            made[f"{self.prefix}reward_{name}"] = column.values
            made[f"{self.prefix}status_{name}"] = column.status_names
        return made


class RayRubric:
    """A rubric on a pool of Ray actors, one CPU each; it scores batches as the rubric itself would.

    An actor that dies is started again and its batches are scored anew, by Ray's own means: scores do not depend on
    it. A batch that has cost six actors is an error.

    Args:
        rubric: What scores.
        address: The cluster: ``auto``, ``ray://host:port`` or None for RAY_ADDRESS, a running one or a local one.
        actors: How many; None is one for each CPU of the cluster. Those without a CPU yet take no batches.

    Raises:
        MissingExtra: Ray is not installed.
        UsageError: The cluster cannot be reached.
    """

    def __init__(self, rubric: Rubric, *, address: str | None = None, actors: int | None = None) -> None:
        if actors is not None and actors < 1:
            raise UsageError(f"actors must be at least 1, not {actors}")
        try:
            import ray
        except ImportError:
            raise MissingExtra("scoring on Ray", "ray", "ray") from None
        self.rubric = rubric
        self._ray = ray
        self._began = not ray.is_initialized()
        if self._began:
            try:
                ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise UsageError(f"cannot reach a Ray cluster at {address or 'the default address'}: {error}") from None
        count = actors or max(1, int(ray.cluster_resources().get("CPU", 1)))
        make = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=_RETRIES)(_RubricActor)
        here = (str(Path.cwd()), [str(entry) for entry in sys.path])
        packed = ray.cloudpickle.dumps(rubric)
        self._actors = [make.remote(packed, *here) for _ in range(count)]
        # Only an actor that has been given its CPU takes batches: there may be fewer CPUs than were asked for.
        self._starting = {actor.pid.remote(): place for place, actor in enumerate(self._actors)}
        self._busy: dict[int, int] = {}

    @property
    def ahead(self) -> int:
        """How many batches should be under way at the same time: it grows as actors get their CPUs."""
        return max(1, len(self._busy)) * _AHEAD_PER_ACTOR

    @property
    def requires(self) -> tuple[str, ...]:
        """Input columns that some reward needs, or that rows are routed by."""
        return self.rubric.requires

    def submit(self, batch: Batch) -> RayScores:
        """Send a batch to the actor that has the least to do of those that are there.

        Args:
            batch: The rows.

        Returns:
            What the table can be had from.

        Raises:
            InfraError: The cluster has no CPU for any actor.
        """
        self._welcome()
        place = min(self._busy, key=self._busy.__getitem__)
        self._busy[place] += 1
        return RayScores(self, place, self._actors[place].score.remote(batch))

    def score(self, batch: Batch, /) -> ScoreTable:
        """Score a batch and wait for it; the errors are those of `Rubric.score`."""
        return self.submit(batch).result()

    def _welcome(self) -> None:
        """See which actors have started since; the first one is waited for."""
        if not self._starting:
            return
        patience_s = 0.0 if self._busy else _FIRST_ACTOR_WALL_S
        wanted = len(self._starting) if self._busy else 1
        started, _ = self._ray.wait(list(self._starting), num_returns=wanted, timeout=patience_s)
        for reference in started:
            self._busy[self._starting.pop(reference)] = 0
        if not self._busy:
            raise InfraError(
                f"Ray gave none of {len(self._actors)} actors a CPU within {_FIRST_ACTOR_WALL_S:g} s: "
                "`ray status` says what takes them"
            )

    def actor_pids(self) -> list[int]:
        """Return the process ids of the actors there are: whoever wants to may see that killing one is harmless."""
        self._welcome()
        pids: list[int] = self._ray.get([self._actors[place].pid.remote() for place in self._busy])
        return pids

    @property
    def slow_path_s(self) -> dict[str, list[float]]:
        """For each reward the wall-clock seconds of its latest items in workers, of all actors that live."""
        asked = [self._actors[place].slow_path_s.remote() for place in self._busy]
        answered, _ = self._ray.wait(asked, num_returns=len(asked), timeout=_FIGURES_WALL_S) if asked else ([], [])
        merged: dict[str, list[float]] = {name: [] for name in self.rubric.names}
        for reference in answered:
            try:
                measured = self._ray.get(reference)
            except self._ray.exceptions.RayError:
                continue  # figures only: they are no reason to fail a run whose rows are all scored
            for name, seconds in measured.items():
                merged[name].extend(seconds)
        return merged

    def collect(self, place: int, reference: Any) -> _Answer:
        """Wait for an actor's answer.

        Raises:
            InfraError: Ray gave up on it.
        """
        try:
            answer: _Answer = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            raise InfraError(
                f"Ray gave up on a batch, which is tried {_RETRIES + 1} times (does a reward end its process, or is "
                f"there too little memory?): {type(error).__name__}: {error}"
            ) from error
        finally:
            self._busy[place] -= 1
        return answer

    def close(self) -> None:
        """End the actors, and the local cluster if it was started here."""
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors, self._starting = [], {}
        if self._began:
            self._ray.shutdown()
            self._began = False

    def __enter__(self) -> RayRubric:  # noqa: PYI034 - `Self` needs Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RayScores:
    """A batch that is being scored on an actor."""

    def __init__(self, pool: RayRubric, place: int, reference: Any) -> None:
        self._pool, self._place, self._reference = pool, place, reference

    def result(self) -> ScoreTable:
        """Wait for the table.

        Raises:
            R1RewardsError: What the rubric raised there, or Ray's failure.
        """
        answer = self._pool.collect(self._place, self._reference)
        for kind, message in answer.warnings:
            warnings.warn(message, kind, stacklevel=2)
        if answer.error is not None:
            raise answer.error
        if answer.table is None:
            raise RewardError("an actor answered neither a table nor an error")
        return answer.table


class _Answer(NamedTuple):
    """What an actor says of a batch: a table or an error, and what it warned of."""

    table: ScoreTable | None
    error: Exception | None
    warnings: list[tuple[type[R1RewardsWarning], str]]


class _RubricActor:
    """One actor: a rubric in a process of its own, with the driver's folder and module path."""

    def __init__(self, packed: bytes, folder: str, path: Sequence[str]) -> None:
        import ray

        _one_worker_here()
        if Path(folder).is_dir():
            os.chdir(folder)  # rewards that stand in files are named from there
        sys.path.extend(entry for entry in path if entry not in sys.path)
        self._rubric: Rubric = ray.cloudpickle.loads(packed)

    def score(self, batch: Batch) -> _Answer:
        """Score a batch; an error travels as it is, not wrapped."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", R1RewardsWarning)
            try:
                table, problem = self._rubric.score(batch), None
            except Exception as error:  # noqa: BLE001 - the driver raises it
                table, problem = None, error
        ours = [(w.category, str(w.message)) for w in caught if issubclass(w.category, R1RewardsWarning)]
        return _Answer(table, problem, ours)

    def slow_path_s(self) -> dict[str, list[float]]:
        """Return what the rubric's property of that name holds."""
        return {name: list(seconds) for name, seconds in self._rubric.slow_path_s.items()}

    def pid(self) -> int:
        """Return the process id."""
        return os.getpid()


def _one_worker_here() -> None:
    """Let rewards start one worker process in this actor: each CPU of the node has an actor of its own."""
    os.environ[_RANKS] = str(max(int(os.environ.get(_RANKS, "1") or 1), os.cpu_count() or 1))


def _plain(cells: Any) -> list[Any]:
    """Return a column's cells as plain data; Ray brings arrays, and arrays in arrays."""
    made = cells.tolist() if hasattr(cells, "tolist") else list(cells)
    return [cell.tolist() if hasattr(cell, "tolist") and hasattr(cell, "ndim") else cell for cell in made]
