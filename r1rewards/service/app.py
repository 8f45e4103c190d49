"""The application: its endpoints, what each error is answered with, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.exceptions import HTTPException

from r1rewards._version import __version__
from r1rewards.errors import DataError, InfraError, R1RewardsError, TooManyUnscored, UsageError
from r1rewards.rubric import Rubric
from r1rewards.sandbox.base import LANGUAGES, Sandbox
from r1rewards.sandbox.wire import job_of_json
from r1rewards.service.desk import Job, ScoredRow, ScoringDesk, TooManyRows, job_of
from r1rewards.service.gate import Gate, Message, Receive, Send
from r1rewards.service.metrics import CONTENT_TYPE, ServiceMetrics
from r1rewards.service.sandbox_runs import SandboxRuns
from r1rewards.service.settings import ServiceSettings
from r1rewards.service.shapes import (
    FaultAnswer,
    Health,
    OpenRLHFAnswer,
    OpenRLHFRequest,
    SandboxAnswer,
    SandboxRunRequest,
    SandboxSettledAnswer,
    SandboxSettledRequest,
    ScoreAnswer,
    ScoreRequest,
    SlimeAnswer,
    SlimeRequest,
    VerifyAnswer,
    VerifyRequest,
)
from r1rewards.trainers.coalesce import QueueFull
from r1rewards.trainers.nemo_gym import as_nemo_gym
from r1rewards.trainers.nemo_gym import row_of as nemo_gym_row
from r1rewards.trainers.one_by_one import RowScore, refuse_comparing, row_score
from r1rewards.trainers.openrlhf import as_openrlhf, rows_of
from r1rewards.trainers.slime import as_slime
from r1rewards.trainers.slime import row_of as slime_row
from r1rewards.trainers.totals import UnscoredGuard

_LOG = logging.getLogger(__name__)
_LAST_WORDS_S = 1.0
_DESCRIPTION = "Rule-based rewards for reasoning models: rows of rollouts in, scores out."
_FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": FaultAnswer, "description": "The body is no JSON."},
    401: {"model": FaultAnswer, "description": "The token is missing or wrong."},
    408: {"model": FaultAnswer, "description": "The body did not arrive in time."},
    413: {"model": FaultAnswer, "description": "The body is too large or has too many rows."},
    415: {"model": FaultAnswer, "description": "The content type is not JSON's."},
    422: {"model": FaultAnswer, "description": "A row or a column is at fault; the message says which."},
    429: {"model": FaultAnswer, "description": "Too much is waiting; try again after `Retry-After` seconds."},
    500: {"model": FaultAnswer, "description": "A reward broke its contract."},
    503: {"model": FaultAnswer, "description": "The machine failed, or the service is stopping."},
}
# By name, as FastAPI gives every answer of an endpoint that answers text the type of text.
_FAULT_BESIDE_TEXT: dict[str, Any] = {
    "description": _FAULTS[401]["description"],
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FaultAnswer"}}},
}
_LINES: dict[str, Any] = {
    "description": "A line of JSON for each execution: place, execution, and whether the service waits to be told "
    "if it settles its group; blank lines between; the last line has `end` or `error`.",
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
}


class Service:
    """One rubric's service: an ASGI application, its desk and its figures.

    Args:
        rubric: What scores.
        settings: The bounds.
        mapping: Column to the input column that plays it.
        sandbox: What runs programs for remote clients; None offers none.
    """

    def __init__(
        self,
        rubric: Rubric | None,
        settings: ServiceSettings | None = None,
        mapping: Mapping[str, str] | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.settings = settings or ServiceSettings()
        self.mapping = dict(mapping or {})
        self.metrics = ServiceMetrics(lambda: self.pending_rows, lambda: self.gate.held_bytes)
        self.api = FastAPI(title="r1rewards", version=__version__, description=_DESCRIPTION, lifespan=self._lifespan)
        self.desk: ScoringDesk | None = None
        self.runs: SandboxRuns | None = None
        if rubric is not None:
            self.desk = ScoringDesk(
                rubric,
                max_pending_rows=self.settings.max_pending_rows,
                max_batch_rows=self.settings.max_batch_rows,
                concurrency=self.settings.concurrency,
                on_batch=self.metrics.batch,
            )
            self.guard = UnscoredGuard(rubric.max_unscored)
            self._add_scoring()
        if sandbox is not None:
            self.runs = SandboxRuns(sandbox, max_jobs=self.settings.max_jobs)
            self._add_sandbox(self.runs)
        self._add_watching(rubric)
        self._add_errors()
        self.gate = Gate(self._timed, self.settings, self.metrics.request)
        self.metrics.know({route.path for route in self.api.routes if hasattr(route, "path")})

    @property
    def pending_rows(self) -> int:
        """Rows that wait or are being scored."""
        return self.desk.pending_rows if self.desk is not None else 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.gate(scope, receive, send)

    def job(self, rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str] | None = None) -> Job:
        """Return a request's rows as a job; see `job_of`."""
        return job_of(rows, mapping, max_rows=self.settings.max_rows)

    async def score(self, job: Job) -> list[ScoredRow]:
        """Score a request's rows.

        Raises:
            R1RewardsError: What its rows alone would raise too.
        """
        if self.desk is None:
            raise UsageError("this service has a sandbox only: start it with rewards (-r) to score rows")
        return await asyncio.wrap_future(self.desk.submit(job)) if job.size else []

    async def numbers(self, job: Job) -> list[RowScore]:
        """Score rows for a trainer that can skip none.

        Raises:
            UsageError: Nobody has said what a row without a score gets, or a reward compares rows.
            TooManyUnscored: Too many of the latest rows failed by the machine's fault.
        """
        unscored = self.settings.unscored
        if unscored is None:
            raise UsageError(
                "this trainer can skip no row: start the service with --unscored VALUE, what a row gets that cannot "
                "be scored by no fault of the model"
            )
        if self.desk is not None:
            refuse_comparing(self.desk.rubric)
        rows = await self.score(job)
        self.guard.take_rows([row.cells for row in rows])
        return [row_score(row.total, row.cells, unscored) for row in rows]

    @contextlib.asynccontextmanager
    async def _lifespan(self, _api: FastAPI) -> AsyncIterator[None]:
        """Close the desk when the server ends."""
        yield
        # The server has waited, and has cut off what is still under way: its clients are told, and nobody waits more.
        cut_off = self.gate.requests > 0 or self.pending_rows > 0
        told_by_s = time.monotonic() + _LAST_WORDS_S
        while self.gate.requests and time.monotonic() < told_by_s:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(self.close, wait=not cut_off)

    def close(self, *, wait: bool = True) -> None:
        """Finish what was taken in and end workers and containers.

        Args:
            wait: Whether to wait for a batch at work; else it goes on behind, and ends with this process.
        """
        if self.desk is not None and wait:
            self.desk.close()
        elif self.desk is not None:
            threading.Thread(target=self.desk.close, name="r1rewards-service-close", daemon=True).start()
        if self.runs is not None:
            self.runs.close()

    async def _timed(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand a request to the endpoints and count it."""
        if scope["type"] != "http":
            await self.api(scope, receive, send)
            return
        started_s = time.perf_counter()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.api(scope, receive, noted)
        except asyncio.CancelledError:
            # Only the server cancels: the service stops, and the wall for requests under way has passed.
            if status:
                return  # in the middle of an answer: the server says so in its log, and closes the connection
            stopping = self.gate.stopping()
            status = stopping.status
            raise stopping from None
        except Exception:
            if status != 500:
                raise
            # It is answered already; raised further, it would cost the client its connection.
            _LOG.exception("a bug in the service, at %s", scope["path"])
        finally:
            self.metrics.request(scope["path"], status or 500, time.perf_counter() - started_s)

    def _add_scoring(self) -> None:
        """Put the endpoints that score into the application."""
        api, service = self.api, self

        @api.post("/v1/score", response_model=ScoreAnswer, responses=_FAULTS, summary="Score rows")
        async def score(asked: ScoreRequest) -> Response:
            """Score rows; each gets its total, each reward's value and status."""
            rows = await service.score(service.job(asked.rows, service.mapping))
            return _json({"rows": [_row_answer(row, details=asked.details) for row in rows]})

        @api.post("/openrlhf", response_model=OpenRLHFAnswer, responses=_FAULTS, summary="OpenRLHF's contract")
        async def openrlhf(asked: OpenRLHFRequest) -> Response:
            """Score what OpenRLHF posts to `--reward.remote_url`; needs `--unscored`."""
            rows = rows_of(asked.query, asked.prompts, asked.labels)
            return _json(as_openrlhf(await service.numbers(service.job(rows))))

        @api.post("/verify", response_model=VerifyAnswer, responses=_FAULTS, summary="NeMo-Gym's contract")
        async def verify(asked: VerifyRequest) -> Response:
            """Score what NeMo-Gym posts to a resources server; needs `--unscored`."""
            given = asked.model_dump()
            (scored,) = await service.numbers(service.job([nemo_gym_row(given)]))
            return _json(as_nemo_gym(given, scored))

        @api.post("/slime", response_model=SlimeAnswer, responses=_FAULTS, summary="slime's contract")
        async def slime(asked: SlimeRequest, reward_key: str | None = None) -> Response:
            """Score what slime posts to `--rm-url`; needs `--unscored`."""
            row = slime_row(asked.response, asked.prompt, asked.label, asked.model_extra)
            (scored,) = await service.numbers(service.job([row]))
            return _json(as_slime(scored, reward_key))

    def _add_sandbox(self, runs: SandboxRuns) -> None:
        """Put the endpoints that run programs into the application."""

        @self.api.get("/v1/sandbox", response_model=SandboxAnswer, responses=_FAULTS, summary="What the wall is")
        async def sandbox() -> Response:
            """Say which sandbox runs programs here, and what it guarantees."""
            words = getattr(runs.sandbox, "describe", lambda: "")
            said = await asyncio.to_thread(words)
            return _json({"name": runs.sandbox.name, "describe": said, "languages": list(LANGUAGES)})

        @self.api.post(
            "/v1/sandbox/run",
            response_class=StreamingResponse,
            responses={**_FAULTS, 200: _LINES},
            summary="Run programs",
        )
        async def run(asked: SandboxRunRequest) -> StreamingResponse:
            """Run jobs; each execution comes as a line of JSON as soon as it is there (see RemoteSandbox)."""
            jobs = [job_of_json(job) for job in asked.jobs]
            begun = runs.begin(asked.run, jobs, settle=asked.settle)
            return StreamingResponse(begun.lines(), media_type="application/x-ndjson")

        @self.api.post(
            "/v1/sandbox/settled",
            response_model=SandboxSettledAnswer,
            responses=_FAULTS,
            summary="Whether an execution settles its group",
        )
        async def settled(asked: SandboxSettledRequest) -> Response:
            """Say of an execution whether the other jobs of its group are wanted."""
            known = runs.settled(asked.run, asked.place, settled=asked.settled)
            return _json({"known": known})

    def _add_watching(self, rubric: Rubric | None) -> None:
        """Put the endpoints that say how the service is into the application."""
        service = self
        terms = rubric.terms if rubric is not None else ()

        @self.api.get("/health", response_model=Health, summary="Whether it answers, and what it scores")
        async def health() -> Response:
            """Say that the service answers; needs no token."""
            return _json(
                {
                    "status": "ok",
                    "version": __version__,
                    "rewards": [term.name for term in terms],
                    "weights": {term.name: term.weight for term in terms},
                    "requires": list(rubric.requires) if rubric is not None else [],
                    "pending_rows": service.pending_rows,
                    "sandbox": service.runs.sandbox.name if service.runs is not None else None,
                }
            )

        @self.api.get(
            "/metrics",
            response_class=PlainTextResponse,
            responses={401: _FAULT_BESIDE_TEXT},
            summary="Figures for Prometheus",
        )
        async def metrics() -> Response:
            """Return counters, histograms and gauges in Prometheus' text format."""
            return Response(service.metrics.page(), media_type=CONTENT_TYPE)

    def _add_errors(self) -> None:
        """Say what each error is answered with."""
        retry = {"retry-after": str(self.settings.retry_after_s)}

        @self.api.exception_handler(R1RewardsError)
        async def ours(_request: Request, error: R1RewardsError) -> Response:
            return _fault(_status_of(error), type(error).__name__, str(error), retry)

        @self.api.exception_handler(Exception)
        async def bug(_request: Request, error: Exception) -> Response:
            # The framework raises it again behind the answer, and it is logged there.
            return _fault(500, "Bug", f"{type(error).__name__} in the service itself; its log has the details", retry)

        @self.api.exception_handler(RequestValidationError)
        async def invalid(request: Request, error: RequestValidationError) -> Response:
            shown = request.headers.get("content-type")
            if not _is_json(shown):
                found = f"this one has {shown!r}" if shown else "this one has none"
                message = f"send a body of JSON with `content-type: application/json`; {found}"
                return _fault(415, "MediaType", message, retry)
            first = error.errors()[0]
            place = ".".join(str(part) for part in first.get("loc", ()))
            status = 400 if first.get("type") == "json_invalid" else 422
            return _fault(status, "Invalid", f"{place}: {first.get('msg', 'cannot be read')}", retry)

        @self.api.exception_handler(HTTPException)
        async def http(_request: Request, error: HTTPException) -> Response:
            return _fault(error.status_code, "HTTP", str(error.detail), retry, error.headers)


def _is_json(content_type: str | None) -> bool:
    """Return whether a content type says JSON."""
    name = (content_type or "").partition(";")[0].strip().lower()
    return name == "application/json" or (name.startswith("application/") and name.endswith("+json"))


def _status_of(error: R1RewardsError) -> int:
    """Return the status that an error is answered with."""
    if isinstance(error, QueueFull):
        return 429
    if isinstance(error, TooManyRows):
        return 413
    if isinstance(error, (InfraError, TooManyUnscored)):
        return 503
    return 422 if isinstance(error, (DataError, UsageError)) else 500


def _fault(
    status: int, kind: str, message: str, retry: Mapping[str, str], more: Mapping[str, str] | None = None
) -> Response:
    """Return the answer to a request that failed."""
    body = json.dumps({"error": {"kind": kind, "message": message}})
    headers = {**(retry if status in (429, 503) else {}), **(more or {})}
    return Response(body, status, headers, "application/json")


def _row_answer(row: ScoredRow, *, details: bool) -> dict[str, Any]:
    """Return a row's scores as JSON has them: null for NaN."""
    made: dict[str, Any] = {
        "reward": _or_null(row.total),
        "rewards": {name: _or_null(cell.value) for name, cell in row.cells.items()},
        "status": {name: cell.status.name for name, cell in row.cells.items()},
    }
    if details:
        made["details"] = {name: dict(cell.detail) for name, cell in row.cells.items()}
    return made


def _or_null(value: float) -> float | None:
    """Return a value, None for NaN."""
    return None if value != value else value


def _json(value: Any) -> Response:
    """Return an answer; escapes keep lone surrogates harmless, and what is no JSON in a detail becomes text."""
    try:
        body = json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        body = json.dumps(_plain(value, 0), allow_nan=False)
    return Response(body, media_type="application/json")


def _plain(value: Any, depth: int) -> Any:
    """Return a value as JSON can hold it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else hex(value)
    if depth > 20:
        return f"a {type(value).__name__}"
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(item, depth + 1) for item in value]
    return str(value)
