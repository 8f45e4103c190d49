"""A sandbox on another machine: `r1rewards serve --sandbox` runs the jobs, this side sends and waits."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import time
import urllib.parse
import uuid
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from r1rewards.errors import InfraError, OptionError, SandboxUnavailable, UsageError
from r1rewards.sandbox.base import Ending, Execution, Job, Settle
from r1rewards.sandbox.plain import NotPlain
from r1rewards.sandbox.wire import STOPPED, job_as_json, line_of

URL, TOKEN = "R1REWARDS_SANDBOX_URL", "R1REWARDS_TOKEN"
_PATH = "/v1/sandbox"
_LINES = "application/x-ndjson"
_GATEWAYS = (502, 503, 504)  # what stands before a service that is not there says so
_TRIES = 3
_PAUSE_S = 1.0
_RETURN_S = 120.0  # how long a service that went away in the middle may take to come back
_SILENCE_S = 60.0  # the service says every few seconds that it is still there
_MOST_JOBS = 2000
_MOST_BYTES = 8 << 20


class RemoteSandbox:
    """A sandbox behind HTTP, for pods that may not have walls of their own.

    Picklable, and any number of threads may call `run` at once. When the service is busy, it waits; when the
    connection breaks, it waits two minutes for the service to come back; jobs without an execution are sent again,
    three times in all, and are then `SANDBOX_ERROR`. `CANCELLED` is only what the caller's own `settle` has settled.

    Args:
        url: Where `r1rewards serve --sandbox` listens, with the path that an ingress puts before it; by default the
            environment variable R1REWARDS_SANDBOX_URL.
        token: What the service wants to be shown; by default the environment variable R1REWARDS_TOKEN, which is read
            when it is needed and never pickled.
        patience_s: Wall seconds to wait for a busy service.

    Raises:
        OptionError: No URL, or one that cannot be; a token that no header can hold.
    """

    name = "remote"

    def __init__(self, url: str | None = None, *, token: str | None = None, patience_s: float = 600.0) -> None:
        self.url = (url or os.environ.get(URL) or "").strip().rstrip("/")
        self._token = token
        self.patience_s = patience_s
        if not _is_address(self.url):
            raise OptionError(
                "the remote sandbox needs the address of `r1rewards serve --sandbox`: url='http://host:8000' or "
                f"{URL}; found {self.url!r}"
            )
        self._headers()  # a token that cannot be is told at once

    def open(self) -> None:
        """See that the service answers and has a sandbox.

        Raises:
            SandboxUnavailable: It has none, or does not answer.
        """
        self.describe()

    def describe(self) -> str:
        """Return in a few lines what the service's wall guarantees and what it does not."""
        try:
            status, body = self._ask("GET", _PATH, None)
        except (OSError, http.client.HTTPException) as error:
            raise SandboxUnavailable(f"nothing answers at {self.url}: {error}; {_CURE}") from None
        if status != 200:
            raise SandboxUnavailable(f"{self.url} offers no sandbox: {_message(status, body)}; {_CURE}")
        try:
            said = json.loads(body)
            return f"On {self.url}, {said['name']}: {said['describe']}"
        except (ValueError, KeyError, TypeError):
            raise SandboxUnavailable(f"what answers at {self.url} is another service; {_CURE}") from None

    def run(self, jobs: Sequence[Job], settle: Settle | None = None) -> list[Execution]:
        """Run all jobs there and give their executions in the order of the jobs.

        Args:
            jobs: What to run.
            settle: Asked after each execution whether its group is settled; see `r1rewards.sandbox.base.Settle`.

        Returns:
            One execution a job.

        Raises:
            SandboxUnavailable: The service does not answer, or has no wall that can stand.
            UsageError: A job is in a language that there is not, or asks of one what it cannot.
        """
        numbers: dict[Hashable, int] = {}
        packed = []
        for place, job in enumerate(jobs):
            group = None if job.group is None else numbers.setdefault(job.group, len(numbers))
            try:
                packed.append(job_as_json(job, group))
            except NotPlain as error:
                raise TypeError(f"job {place}: arguments must be plain data: {error}") from None
        sent = _Sent(packed, settle)
        for part in _parts(packed):
            self._run_part(part, sent)
        return [execution or _lost(sent.why) for execution in sent.found]

    def names(self) -> list[str]:
        """Return nothing: the walls are the service's."""
        return []

    def close(self) -> None:
        """Do nothing: the walls are the service's."""

    def _run_part(self, part: Sequence[int], sent: _Sent) -> None:
        """Run one request's jobs, again where the connection breaks."""
        broken = refused = 0
        until_s = 0.0
        while left := sent.wanted(part):
            try:
                self._run_once(left, sent)
            except _Broken as error:
                sent.why = str(error)
                if error.midway:
                    broken += 1
                    until_s = time.monotonic() + _RETURN_S
                    if broken >= _TRIES:
                        return
                else:
                    refused += 1
                    if not broken and not any(sent.found) and refused >= _TRIES:
                        raise SandboxUnavailable(f"{self.url} does not answer: {error}; {_CURE}") from None
                    if broken and time.monotonic() > until_s:
                        return  # it was there, and does not come back
                time.sleep(_PAUSE_S)

    def _run_once(self, left: Sequence[int], sent: _Sent) -> None:
        """Send jobs and take in executions as they come.

        Raises:
            _Broken: The connection broke.
        """
        run = uuid.uuid4().hex
        jobs = [sent.packed[place] for place in left]
        body = json.dumps({"run": run, "jobs": jobs, "settle": sent.settle is not None}).encode("ascii")
        until_s = time.monotonic() + self.patience_s
        while True:
            with contextlib.closing(self._connection()) as connection:
                with _breaking():
                    response = _answer(connection, "POST", f"{self._path}{_PATH}/run", body, self._headers())
                if response.status == 200 and (response.getheader("content-type") or "").partition(";")[0] != _LINES:
                    raise SandboxUnavailable(f"what answers at {self.url} is another service; {_CURE}")
                if response.status == 200:
                    self._take_in(response, run, left, sent)
                    return
                with _breaking():
                    said = _message(response.status, response.read(1 << 16))
            if response.status == 429 and time.monotonic() < until_s:
                time.sleep(_PAUSE_S)
                continue
            if response.status in (400, 413, 422):
                raise UsageError(said)
            if response.status in _GATEWAYS:
                raise _Broken(said, midway=False)
            raise SandboxUnavailable(f"{self.url}: {said}")

    def _take_in(self, response: http.client.HTTPResponse, run: str, left: Sequence[int], sent: _Sent) -> None:
        """Read the lines of an answer; one that ends early, or leaves jobs out, is a broken connection."""
        while True:
            with _breaking(midway=True):
                line = line_of(response.readline(), len(left))
            if line.error is not None:
                _raise(*line.error)
            if line.end:
                if missing := sent.wanted(left):
                    raise _Broken(f"{len(missing)} jobs were left without an execution", midway=True)
                return
            if line.execution is not None:
                # However long the caller takes to settle: the service waits as long as the connection is open.
                settled = sent.take(left[line.place], line.execution, asks=line.asks)
                if line.asks:
                    self._tell({"run": run, "place": line.place, "settled": settled})

    def _tell(self, word: dict[str, Any]) -> None:
        """Tell whether an execution settles its group: until that has arrived, the service waits.

        Raises:
            _Broken: It did not arrive, so what comes of it must not be believed.
        """
        until_s = time.monotonic() + self.patience_s
        while True:
            with _breaking(midway=True):
                status, body = self._ask("POST", f"{_PATH}/settled", word)
                said = json.loads(body) if status == 200 else None
            if isinstance(said, dict) and said.get("known") is True:
                return
            if status not in (429, 503) or time.monotonic() >= until_s:
                why = "it does not know the run" if status == 200 else _message(status, body)
                raise _Broken(f"whether a group is settled could not be told: {why}", midway=True)
            time.sleep(_PAUSE_S)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, bytes]:
        """Ask for something short; return the status and the body."""
        with contextlib.closing(self._connection()) as connection:
            data = None if body is None else json.dumps(body).encode()
            response = _answer(connection, method, self._path + path, data, self._headers())
            return response.status, response.read(1 << 20)

    def _connection(self) -> http.client.HTTPConnection:
        """Open a connection."""
        parts = urllib.parse.urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(str(parts.hostname), parts.port, timeout=_SILENCE_S)

    @property
    def _path(self) -> str:
        """What stands before the service's own paths."""
        return urllib.parse.urlsplit(self.url).path

    def _headers(self) -> dict[str, str]:
        """Return the headers of a request.

        Raises:
            OptionError: The token cannot be shown; the message does not show it either.
        """
        token = (self._token or os.environ.get(TOKEN) or "").strip()  # a secret that is a file often ends its line
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise OptionError(
                f"the token of the remote sandbox (token=, or {TOKEN}) must be plain ASCII without spaces"
            )
        shown = {"authorization": f"Bearer {token}"} if token else {}
        return {"content-type": "application/json", **shown}

    def __enter__(self) -> RemoteSandbox:  # noqa: PYI034 - `Self` needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"RemoteSandbox({self.url!r})"


class _Broken(Exception):
    """The connection broke, or what came is no answer.

    Attributes:
        midway: Whether the jobs had been taken in by then.
    """

    def __init__(self, message: str, *, midway: bool) -> None:
        super().__init__(message)
        self.midway = midway


@contextlib.contextmanager
def _breaking(*, midway: bool = False) -> Iterator[None]:
    """Tell what the network does from what anybody else raises."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _Broken(f"{type(error).__name__}: {error}", midway=midway) from error


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    """Send a request and return the answer, which may be there before all is sent: who refuses need not read on."""
    try:
        connection.request(method, path, data, headers)
    except TimeoutError:
        raise  # nobody reads, and nobody has said why
    except OSError as broken:
        if connection.sock is None:
            raise  # it was never open
        try:
            return connection.getresponse()
        except (OSError, http.client.HTTPException):
            raise broken from None
    return connection.getresponse()


class _Sent:
    """One call's jobs and what is known of them.

    Attributes:
        packed: The jobs as JSON.
        settle: The caller's, if any.
        found: Their executions so far.
        why: What broke last.
    """

    def __init__(self, packed: Sequence[dict[str, Any]], settle: Settle | None) -> None:
        self.packed, self.settle = packed, settle
        self.why = ""
        self.found: list[Execution | None] = [None] * len(packed)
        self._settled: set[int] = set()

    def wanted(self, part: Sequence[int]) -> list[int]:
        """Return which jobs are still to be run; those of settled groups are cancelled."""
        for place in part:
            if self.found[place] is None and self.packed[place]["group"] in self._settled:
                self.found[place] = Execution(Ending.CANCELLED)
        return [place for place in part if self.found[place] is None]

    def take(self, place: int, execution: Execution, *, asks: bool) -> bool:
        """Take in an execution; return whether the caller says that it settles its group."""
        group = self.packed[place]["group"]
        if execution.ending is Ending.CANCELLED and group not in self._settled:
            return False  # the service's own doing, whatever it was: this job has no execution yet
        self.found[place] = execution
        settled = bool(self.settle(place, execution)) if asks and self.settle is not None else False
        if settled and group is not None:
            self._settled.add(group)
        return settled


def _is_address(url: str) -> bool:
    """Return whether a URL is one of a service."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username) and url.isascii() and url.isprintable()
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and plain and " " not in url


_CURE = "start it there with `r1rewards serve --sandbox docker`, and see that this machine may reach it"


def _lost(why: str) -> Execution:
    """Return the execution of a job that never came to one."""
    message = "the connection to the remote sandbox broke, and sending it again did not help"
    return Execution(Ending.SANDBOX_ERROR, message=f"{message}: {why[:300]}" if why else message)


def _parts(packed: Sequence[dict[str, Any]]) -> Iterator[list[int]]:
    """Cut jobs into requests of bounded size; in their order."""
    part: list[int] = []
    size = 0
    for place, job in enumerate(packed):
        job_bytes = len(json.dumps(job))
        if part and (len(part) >= _MOST_JOBS or size + job_bytes > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(place)
        size += job_bytes
    if part:
        yield part


def _message(status: int, body: bytes) -> str:
    """Return what the service said in words."""
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"it answered with status {status}"


def _raise(kind: str, message: str) -> None:
    """Raise what was raised there; a service that stops is a connection that breaks."""
    if kind == STOPPED:
        raise _Broken(message, midway=True)
    kinds: dict[str, type[Exception]] = {"SandboxUnavailable": SandboxUnavailable, "UsageError": UsageError}
    raise kinds.get(kind, InfraError)(message)
