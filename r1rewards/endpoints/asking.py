"""POST many JSON bodies to one URL with bounded concurrency, retries and backoff; a failure is an answer too."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from r1rewards.errors import MissingExtra
from r1rewards.text.json_values import read_json

if TYPE_CHECKING:
    import httpx

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_MOST_BYTES = 4_000_000
_LONGEST_WAIT_S = 60.0

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to ask.

    Attributes:
        url: Where to POST.
        concurrency: Requests at a time.
        attempts: Tries for each request.
        timeout_s: Seconds for one try, from its start to the last byte.
        backoff_s: Seconds before the second try; doubled for each further one.
    """

    url: str
    concurrency: int = 16
    attempts: int = 4
    timeout_s: float = 60.0
    backoff_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request has no answer, after all tries."""

    why: str


def ask_all(
    endpoint: Endpoint,
    bodies: Sequence[Any],
    headers: Mapping[str, str],
    read: Callable[[int, Any], Answer | str],
    needed_by: str,
) -> list[Answer | Failure]:
    """Ask all and wait for all.

    The event loop runs in a thread of its own, so that it works inside a running loop too and no signal handler of
    the process is touched; the thread ends with the call.

    Args:
        endpoint: Where and how.
        bodies: JSON, one for each request.
        headers: Sent with each.
        read: From a request's number and its reply's JSON to the answer; a string says why the reply is none, and
            the request is tried again.
        needed_by: Who asks, for the error.

    Returns:
        An answer or a failure for each body, in order.

    Raises:
        MissingExtra: httpx is not installed.
    """
    if importlib.util.find_spec("httpx") is None:
        raise MissingExtra(needed_by, "httpx", "judge")
    return _in_a_thread(_ask_all(endpoint, bodies, headers, read)) if bodies else []


async def _ask_all(
    endpoint: Endpoint, bodies: Sequence[Any], headers: Mapping[str, str], read: Callable[[int, Any], Answer | str]
) -> list[Answer | Failure]:
    """Ask all at once, so many at a time."""
    import httpx

    limits = httpx.Limits(max_connections=endpoint.concurrency, max_keepalive_connections=endpoint.concurrency)
    free = asyncio.Semaphore(endpoint.concurrency)
    timeout_s = endpoint.timeout_s
    async with httpx.AsyncClient(limits=limits, timeout=timeout_s, headers=dict(headers)) as client:

        async def ask(number: int) -> Answer | Failure:
            """Ask one, again and again."""
            failure = Failure("never asked")
            for attempt in range(endpoint.attempts):
                async with free:
                    found, again_s = await once(number)
                if not isinstance(found, Failure):
                    return found
                failure = found
                if again_s is None or attempt + 1 == endpoint.attempts:
                    break
                await asyncio.sleep(min(max(endpoint.backoff_s * 2**attempt, again_s), _LONGEST_WAIT_S))
            return failure

        async def once(number: int) -> tuple[Answer | Failure, float | None]:
            """Try once: an answer or a failure, and how many seconds to wait before another try (None: never)."""
            try:
                # The client's own limit is for each read: a service that drips bytes would never meet it.
                status, again_s, raw = await asyncio.wait_for(_post(client, endpoint.url, bodies[number]), timeout_s)
            except (httpx.TimeoutException, asyncio.TimeoutError):
                return Failure(f"no reply within {timeout_s:g} s"), 0.0
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                return Failure(f"{endpoint.url!r}: {error}"), None
            except (httpx.HTTPError, OSError) as error:
                return Failure(f"{type(error).__name__}: {error}"), 0.0
            if status in _RETRIED:
                return Failure(f"HTTP {status}"), again_s
            if status != 200:
                return Failure(f"HTTP {status}: {(raw or b'')[:200].decode('utf-8', 'replace')}"), None
            if raw is None:
                return Failure(f"the reply has more than {_MOST_BYTES} bytes"), 0.0
            answer = _read_reply(raw, number, read)
            return (Failure(answer) if isinstance(answer, str) else answer), 0.0

        return list(await asyncio.gather(*(ask(number) for number in range(len(bodies)))))


async def _post(client: httpx.AsyncClient, url: str, body: Any) -> tuple[int, float, bytes | None]:
    """POST one body: the status, the seconds that the service asks to wait, and the reply unless it is too long."""
    async with client.stream("POST", url, json=body) as response:
        again_s = response.headers.get("retry-after", "")
        raw = bytearray()
        async for piece in response.aiter_bytes():
            raw += piece
            if len(raw) > _MOST_BYTES:
                return response.status_code, 0.0, None
        return response.status_code, float(again_s) if again_s.isascii() and again_s.isdigit() else 0.0, bytes(raw)


def _read_reply(raw: bytes, number: int, read: Callable[[int, Any], Answer | str]) -> Answer | str:
    """Read a reply, or say why it is none."""
    found = read_json(raw.decode("utf-8", "replace"))
    if found.problem:
        return f"the reply is no JSON: {found.problem}"
    try:
        return read(number, found.value)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        return f"the reply is not of the expected form: {type(error).__name__}: {error}"


def _in_a_thread(work: Coroutine[Any, Any, list[Answer | Failure]]) -> list[Answer | Failure]:
    """Run a coroutine in an event loop in a thread of its own, and wait for it."""
    done: list[list[Answer | Failure]] = []
    raised: list[BaseException] = []
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)

    def run() -> None:
        """Run the loop until the work is done."""
        try:
            done.append(loop.run_until_complete(task))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the caller's thread
            raised.append(error)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = threading.Thread(target=run, name="r1rewards-asking", daemon=True)
    thread.start()
    try:
        thread.join()
    except BaseException:  # Ctrl-C: leave no request running
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise
    if raised:
        raise raised[0]
    return done[0]
