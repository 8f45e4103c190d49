"""Runs the service in this process until it is told to stop; bounds each connection in time."""

from __future__ import annotations

import asyncio
import functools
import socket
from collections.abc import Callable, Mapping
from typing import ClassVar

import uvicorn

from r1rewards.errors import UsageError
from r1rewards.rubric import Rubric
from r1rewards.sandbox.base import Sandbox
from r1rewards.service.app import Service
from r1rewards.service.gate import Application, Message, Receive, Send
from r1rewards.service.settings import ServiceSettings

_BACKLOG = 2048


def run_service(
    rubric: Rubric | None,
    settings: ServiceSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    mapping: Mapping[str, str] | None = None,
    sandbox: Sandbox | None = None,
    on_listening: Callable[[str], None] | None = None,
    stop_asked: Callable[[], bool] = lambda: False,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered first.

    Args:
        rubric: What scores; None offers the sandbox only.
        settings: The bounds.
        host: Where to listen.
        port: Which port; 0 takes a free one.
        mapping: Column to the input column that plays it.
        sandbox: What runs programs for remote clients; None offers none.
        on_listening: Told the address once clients may connect, and a signal ends the service in peace.
        stop_asked: Says whether a signal came before that; then the service ends at once.

    Raises:
        UsageError: The address cannot be listened at.
    """
    service = Service(rubric, settings, mapping, sandbox)
    listener = _listening(host, port)
    address, family_port = listener.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address

    def listening() -> None:
        if on_listening is not None:
            on_listening(f"http://{shown}:{family_port}")

    try:
        server_of(service, listening, stop_asked).run(sockets=[listener])
    finally:
        listener.close()
        service.close(wait=not service.pending_rows)


def server_of(
    service: Service, on_listening: Callable[[], None] = lambda: None, stop_asked: Callable[[], bool] = lambda: False
) -> uvicorn.Server:
    """Return a server for a service, with the bounds of its settings; its `run` takes the sockets.

    Args:
        service: What answers.
        on_listening: Called once connections are taken, and signals are the server's.
        stop_asked: Asked before that whether to end at once.
    """
    config = uvicorn.Config(
        service,
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        ws="none",  # an upgrade would pass the gate
    )
    config.timeout_graceful_shutdown = service.settings.stop_wall_s  # type: ignore[assignment]  # fractions do as well
    config.load()
    bounds = {"head_wall_s": service.settings.head_wall_s, "answer_wall_s": service.settings.answer_wall_s}
    config.http_protocol_class = type("BoundedConnection", (_Bounded, config.http_protocol_class), bounds)
    return _Server(config, on_listening, stop_asked)


class _Server(uvicorn.Server):
    """A server that says when it has started; by then its handlers of signals stand."""

    def __init__(
        self, config: uvicorn.Config, on_listening: Callable[[], None], stop_asked: Callable[[], bool]
    ) -> None:
        super().__init__(config)
        self._on_listening, self._stop_asked = on_listening, stop_asked

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets=sockets)
        if self._stop_asked():
            self.should_exit = True
        if not self.should_exit:
            self._on_listening()


class _Bounded(asyncio.Protocol):
    """What a connection of uvicorn's, of whichever kind, is made of as well: its bounds in time.

    Uvicorn itself bounds only how long a connection may be idle between requests. Here it has so long to bring the
    head of a request, and to take an answer of which more is left than the network's buffers hold.
    """

    head_wall_s: ClassVar[float]
    answer_wall_s: ClassVar[float]
    app: Application  # uvicorn's: what each request of the connection is handed to

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with a first request due."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._line = transport
        self._under_way = 0
        self._inner, self.app = self.app, self._answered
        self._head = _Timer(self.head_wall_s, transport.abort)
        self._answer = _Timer(self.answer_wall_s, self._cut_off)
        self._head.start()

    def data_received(self, data: bytes) -> None:
        """Take in what came: between requests, it is the beginning of a head."""
        if not self._under_way:
            self._head.start()
        super().data_received(data)

    def pause_writing(self) -> None:
        """Begin to wait for the client to read."""
        self._answer.start()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on: it has read."""
        self._answer.stop()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._head.end()
        self._answer.end()
        super().connection_lost(exc)

    async def _answered(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand on a request whose head is there."""
        self._head.stop()
        if not self._line.get_write_buffer_size():
            self._answer.stop()
        self._under_way += 1
        try:
            await self._inner(scope, receive, send)
        finally:
            self._under_way -= 1
            # Little of an answer stops no writing, but a connection is not closed before it is read.
            if self._line.get_write_buffer_size():
                self._answer.start()

    def _cut_off(self) -> None:
        """End a connection whose client has not read."""
        if self._line.get_write_buffer_size():
            self._line.abort()


class _Timer:
    """Calls a function after a time, unless it is stopped before.

    Starting and stopping, which each request does, only set a time: what the event loop holds is looked at when it is
    due, and begun again if that was too early.
    """

    def __init__(self, wall_s: float, then: Callable[[], None]) -> None:
        self._wall_s, self._then = wall_s, then
        self._loop = asyncio.get_running_loop()
        self._due_s: float | None = None
        self._handle: asyncio.Handle | None = None

    def start(self) -> None:
        """Let the time begin, if it does not run already."""
        if self._due_s is None:
            self._due_s = self._loop.time() + self._wall_s
            if self._handle is None:
                self._handle = self._loop.call_at(self._due_s, self._look)

    def stop(self) -> None:
        """Let it not run."""
        self._due_s = None

    def end(self) -> None:
        """Stop it for good."""
        self.stop()
        if self._handle is not None:
            self._handle.cancel()

    def _look(self, *, twice: bool = False) -> None:
        self._handle = None
        if self._due_s is None:
            return
        if self._loop.time() < self._due_s:
            self._handle = self._loop.call_at(self._due_s, self._look)
        elif not twice:
            # After what else is ready: where the loop was held up, a head that came in time may not be told of yet.
            self._handle = self._loop.call_soon(functools.partial(self._look, twice=True))
        else:
            self._due_s = None
            self._then()


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens: clients that connect from now on wait in its queue."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise UsageError(f"cannot listen at {host}:{port}: {error.strerror or error}") from None
    except UnicodeError:  # a label of more than 63 characters, or an empty one
        raise UsageError(f"cannot listen at {host}:{port}: that is no host name") from None
    return listener
