"""What stands before the application: token, body size, bytes in memory; it answers 401, 408, 413, 429 and 503."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from r1rewards.service.settings import ServiceSettings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

OPEN_PATHS = frozenset({"/health"})
"""Paths that need no token: what an orchestrator asks before it knows anything. They take no body."""

SMALL_PATHS = {"/v1/sandbox/settled": 64 * 2**10}
"""Paths whose bodies have a bound of their own and are never refused for want of room: a busy service waits for
what they bring."""

_LARGE_ANSWER = 64 * 2**10


class Refused(Exception):
    """A request is answered here and not by an endpoint."""

    def __init__(self, status: int, kind: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.headers = status, kind, message, headers or {}


class Gate:
    """An ASGI application around another: reads a request's body within bounds, then hands the request on.

    Args:
        application: What answers; it may raise `Refused` as long as it has sent nothing.
        settings: The bounds.
        on_refused: Told the status of each request that is turned away.
    """

    def __init__(
        self,
        application: Application,
        settings: ServiceSettings,
        on_refused: Callable[[str, int], None] | None = None,
    ) -> None:
        self._application = application
        self.settings = settings
        self._on_refused = on_refused or (lambda _path, _status: None)
        self.held_bytes = 0
        """Bytes of the bodies in memory."""
        self.requests = 0
        """Requests under way."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        coming = _Coming(self, scope, receive)
        self.requests += 1
        try:
            body = await self._admitted(scope["path"], coming)
            if body is not None:  # else the client has gone
                await self._application(scope, _replayed(body, receive), _until_taken(send))
        except Refused as refused:
            coming.release()  # before the answer: its client may take long to read it
            await _turn_away(refused, coming, send)
        finally:
            coming.release()
            self.requests -= 1

    def stopping(self) -> Refused:
        """Return the answer to a request that is cut off, as the service stops."""
        message = "the service stops, and this was not done within its wall for requests under way; ask again later"
        return Refused(503, "Stopping", message, {"retry-after": str(self.settings.retry_after_s)})

    def has_room_for(self, size: int, own: int = 0) -> bool:
        """Return whether a request that holds ``own`` bytes may hold ``size``; one body alone always may."""
        others = self.held_bytes - own
        return not others or others + size <= self.settings.max_pending_bytes

    async def _admitted(self, path: str, coming: _Coming) -> bytes | None:
        """Return a request's body, or None where the client left in the middle of it; refuse what may not pass."""
        try:
            self._check_token(path, coming.headers)
            if path in OPEN_PATHS:
                if coming.expected:
                    raise Refused(413, "TooLarge", f"{path} takes no body")
                return b""
            return await coming.read(SMALL_PATHS.get(path))
        except Refused as refused:
            self._on_refused(path, refused.status)
            raise

    def _check_token(self, path: str, headers: dict[bytes, bytes]) -> None:
        """Refuse who does not show the token."""
        if self.settings.token is None or path in OPEN_PATHS:
            return
        scheme, _, shown = headers.get(b"authorization", b"").partition(b" ")
        right = hmac.compare_digest(shown.strip(), self.settings.token.encode())
        if scheme.lower() != b"bearer" or not right:
            message = "show the token as `Authorization: Bearer TOKEN`"
            raise Refused(401, "Unauthorized", message, {"www-authenticate": "Bearer"})


class _Coming:
    """One request's body on its way in, and what it has in the gate's books.

    Attributes:
        headers: The request's headers, names in lower case.
        expected: Whether more of the body may come.
    """

    def __init__(self, gate: Gate, scope: Message, receive: Receive) -> None:
        self._gate, self._receive = gate, receive
        self.headers: dict[bytes, bytes] = {name.lower(): value for name, value in scope["headers"]}
        length = self.headers.get(b"content-length", b"")
        # A number of thousands of digits is none that Python reads, and as large as any.
        self._declared = int(length[:20]) if length.isdigit() else 0
        self.expected = self._declared > 0 or b"transfer-encoding" in self.headers
        self._pieces: list[bytes] = []
        self._held = 0

    async def read(self, own_limit: int | None) -> bytes | None:
        """Read the body; None where the client left in the middle of it.

        Args:
            own_limit: The bound of a path that has one of its own; such bodies are not in the books.
        """
        settings = self._gate.settings
        limit = settings.max_body_bytes if own_limit is None else min(own_limit, settings.max_body_bytes)
        counted = own_limit is None
        # What is declared is refused at once where there is no room, but only what has come is held: words are cheap.
        self._check(self._declared, limit, counted=counted)
        try:
            return await asyncio.wait_for(self._read(limit, counted=counted), settings.body_wall_s)
        except asyncio.TimeoutError:
            message = f"the body did not arrive within {settings.body_wall_s:g} s"
            raise Refused(408, "Timeout", message) from None
        except asyncio.CancelledError:
            raise self._gate.stopping() from None

    async def discard(self) -> None:
        """Let the rest of the body come, within bounds: many clients read no answer before they have sent it all."""
        settings = self._gate.settings

        async def rest() -> None:
            left = settings.discard_bytes
            while self.expected and left > 0:
                left -= len(await self._piece() or b"")

        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(rest(), settings.discard_wall_s)

    def release(self) -> None:
        """Hold nothing any more."""
        self._gate.held_bytes -= self._held
        self._held = 0
        self._pieces.clear()

    async def _read(self, limit: int, *, counted: bool) -> bytes | None:
        """Read the pieces of a body, counting."""
        size = 0
        while True:
            piece = await self._piece()
            if piece is None:
                return None
            size += len(piece)
            self._check(size, limit, counted=counted)
            if counted:
                self._gate.held_bytes += size - self._held
                self._held = size
            self._pieces.append(piece)
            if not self.expected:
                body = b"".join(self._pieces)
                self._pieces.clear()
                return body

    async def _piece(self) -> bytes | None:
        """Take what comes next of the body; None where the client has gone."""
        message = await self._receive()
        self.expected = message["type"] == "http.request" and message.get("more_body", False)
        return None if message["type"] == "http.disconnect" else message.get("body", b"")

    def _check(self, size: int, limit: int, *, counted: bool) -> None:
        """Refuse a body that is too large, or for which there is no room."""
        gate = self._gate
        if size > limit:
            raise Refused(413, "TooLarge", f"the body is larger than {limit:,} bytes; send fewer rows at a time")
        if counted and not gate.has_room_for(size, self._held):
            message = f"the bodies in memory have {gate.held_bytes:,} bytes already; try again later"
            raise Refused(429, "Busy", message, {"retry-after": str(gate.settings.retry_after_s)})


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a stream that gives a body that was read already, then what the client does."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


def _until_taken(send: Send) -> Send:
    """Return a way out whose last step waits until the client has taken a large answer.

    The server writes what it is given and returns; only what is sent after that waits. So the request is in the books
    as long as its answer is in memory.
    """

    async def sent(message: Message) -> None:
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if last and len(message.get("body", b"")) > _LARGE_ANSWER:
            await send({**message, "more_body": True})
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await send(message)

    return sent


async def _turn_away(refused: Refused, coming: _Coming, send: Send) -> None:
    """Answer a request that is refused; the answer ends when the body has, as what is unread would cut it off."""
    body = json.dumps({"error": {"kind": refused.kind, "message": refused.message}}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), **refused.headers}
    if coming.expected:
        headers["connection"] = "close"  # the rest may be longer than what is worth reading
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refused.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if coming.expected and refused.status != 503:  # which has no time left
        await coming.discard()
    await send({"type": "http.response.body", "body": b"", "more_body": False})
