"""Scores the rows of requests: those that arrive close together share a batch, none sees another's."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from r1rewards.errors import UsageError
from r1rewards.rubric import Rubric
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, ScoreTable
from r1rewards.trainers.coalesce import Coalescer
from r1rewards.trainers.totals import unguarded, with_reference

_MOST_CELLS = 1_000_000
_USUAL_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Job:
    """The rows of one request as columns.

    Attributes:
        columns: Column name to cells.
        size: How many rows.
    """

    columns: Mapping[str, Sequence[Any]]
    size: int


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One row's scores.

    Attributes:
        total: The total; NaN where there is none.
        cells: Each reward's cell.
    """

    total: float
    cells: Mapping[str, Outcome]


class TooManyRows(UsageError):
    """A request has more rows, or rows of more columns, than one may."""


class ScoringDesk:
    """A rubric behind a bounded queue.

    A batch is made of requests with the same columns only, so that what a request gets, its errors too, does not
    depend on which others it met; where a reward compares rows, each request is a batch by itself.

    Args:
        rubric: What scores. A share of rows that fail by the machine's fault raises nothing: the client sees them.
        max_pending_rows: Rows that may wait or be at work.
        max_batch_rows: Rows of a batch.
        concurrency: Batches at work at the same time.
        on_batch: Told of each scored batch.
    """

    def __init__(
        self,
        rubric: Rubric,
        *,
        max_pending_rows: int = 50_000,
        max_batch_rows: int = 2048,
        concurrency: int = 4,
        on_batch: Callable[[ScoreTable], None] | None = None,
    ) -> None:
        self.rubric = unguarded(rubric)
        self._on_batch = on_batch
        self._coalescer: Coalescer[Job, list[ScoredRow]] = Coalescer(
            self._score,
            max_items=max_batch_rows,
            max_wait_s=0.0,  # what arrives while a batch is at work is company enough
            max_pending=max_pending_rows,
            runners=concurrency,
            key=id if rubric.compares_within else _columns_of,
            size=lambda job: max(job.size, 1),
        )

    def submit(self, job: Job) -> Future[list[ScoredRow]]:
        """Take in a request's rows.

        Args:
            job: The rows.

        Returns:
            A future of their scores.

        Raises:
            QueueFull: Too many rows are waiting.
        """
        return self._coalescer.submit(job)

    @property
    def pending_rows(self) -> int:
        """Rows that wait or are at work."""
        return self._coalescer.pending

    def close(self) -> None:
        """Finish what was taken in, then end runners, workers and containers."""
        self._coalescer.close()
        self.rubric.close()

    def _score(self, jobs: Sequence[Job]) -> list[list[ScoredRow]]:
        """Score the rows of several requests in one batch."""
        columns = {name: [cell for job in jobs for cell in job.columns[name]] for name in jobs[0].columns}
        table = self.rubric.score(Batch(columns))
        if self._on_batch is not None:
            self._on_batch(table)
        totals = table.totals.tolist()
        rows = [ScoredRow(total, table.cells(place)) for place, total in enumerate(totals)]
        answers, start = [], 0
        for job in jobs:
            answers.append(rows[start : start + job.size])
            start += job.size
        return answers


def job_of(rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str] | None = None, *, max_rows: int) -> Job:
    """Return rows as a job; the reference is found under its usual names, as in files of rollouts.

    Args:
        rows: The rows; a column that only some of them have is null in the others.
        mapping: Column to the input column that plays it.
        max_rows: Rows that one request may have.

    Raises:
        TooManyRows: There are more, or so many different columns that the table is out of all proportion.
        R1RewardsError: A mapped column is nowhere, or two columns of a row give different references.
    """
    if len(rows) > max_rows:
        raise TooManyRows(f"{len(rows)} rows in one request, {max_rows} may be; send them in parts")
    names = dict.fromkeys(name for row in rows for name in row)
    # Rows that share no column make a table of their number squared.
    if len(names) * len(rows) > max(_MOST_CELLS, _USUAL_COLUMNS * len(rows)):
        raise TooManyRows(
            f"{len(rows)} rows with {len(names)} different columns; send those of the same columns together"
        )
    columns = {name: [row.get(name) for row in rows] for name in names}
    return Job(with_reference(columns, len(rows), mapping), len(rows))


def _columns_of(job: Job) -> Hashable:
    """Return what requests must share to be scored together."""
    return frozenset(job.columns)
