"""`r1rewards serve`: the same scoring behind an HTTP API."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from r1rewards.cli.asking import rubric_asked, rubric_options
from r1rewards.cli.sandbox_choice import AUTO, choose_sandbox
from r1rewards.cli.terminal import say
from r1rewards.errors import MissingExtra, SandboxUnavailable, UsageError
from r1rewards.rollouts.columns import ColumnMap
from r1rewards.sandbox.base import Job, Program, Sandbox
from r1rewards.sandbox.by_language import SandboxByLanguage
from r1rewards.service.settings import ServiceSettings

TOKEN = "R1REWARDS_TOKEN"
_DEFAULTS = ServiceSettings()


@click.command("serve")
@rubric_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 for all interfaces.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False),
    help=f"A file with the token that clients must show. Default: the environment variable {TOKEN}, if it is set.",
)
@click.option(
    "--unscored",
    type=float,
    metavar="X",
    help="For the contracts of trainers, which can skip no row: value of one without a score by no fault of the model.",
)
@click.option("--max-rows", type=click.IntRange(1), default=_DEFAULTS.max_rows, show_default=True, help="Of a request.")
@click.option(
    "--max-body-bytes",
    type=click.IntRange(1),
    default=_DEFAULTS.max_body_bytes,
    show_default=True,
    help="Of a request.",
)
@click.option(
    "--max-pending-rows",
    type=click.IntRange(1),
    default=_DEFAULTS.max_pending_rows,
    show_default=True,
    help="Rows that may wait; more are refused with 429.",
)
@click.option(
    "--max-pending-bytes",
    type=click.IntRange(1),
    default=_DEFAULTS.max_pending_bytes,
    show_default=True,
    help="Bytes of all bodies in memory; more are refused with 429.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=_DEFAULTS.concurrency,
    show_default=True,
    help="Batches scored at the same time.",
)
@click.option(
    "--stop-wall-s",
    type=click.FloatRange(0, min_open=True),
    default=_DEFAULTS.stop_wall_s,
    show_default=True,
    help="Seconds that requests under way have when the service is told to stop.",
)
def command(
    mapping: Sequence[str],
    host: str,
    port: int,
    token_file: str | None,
    unscored: float | None,
    max_rows: int,
    max_body_bytes: int,
    max_pending_rows: int,
    max_pending_bytes: int,
    concurrency: int,
    stop_wall_s: float,
    **asked: Any,
) -> None:
    """Answer scoring requests over HTTP: POST /v1/score; GET /health, /metrics and /docs, which says all there is.

    The contracts of OpenRLHF, NeMo-Gym and slime are at /openrlhf, /verify and /slime.

    With --sandbox, programs of remote clients are run as well (POST /v1/sandbox/run, for the sandbox `remote`); rewards
    that run programs use it too, and without -r there is nothing else.

    It ends on SIGINT or SIGTERM, after the requests under way.

    \b
    Examples:
      r1rewards serve -r math -r format@0.5 --port 8000
      r1rewards serve --sandbox docker --host 0.0.0.0 --token-file /run/secrets/token
      r1rewards serve -r math --unscored 0 --host 0.0.0.0 --token-file /run/secrets/token
      curl -s localhost:8000/v1/score -H 'content-type: application/json' \\
        -d '{"rows": [{"completion": "\\\\boxed{4}", "ground_truth": "4"}]}'
    """
    settings = ServiceSettings(
        max_rows=max_rows,
        max_body_bytes=max_body_bytes,
        max_pending_rows=max_pending_rows,
        max_pending_bytes=max_pending_bytes,
        concurrency=concurrency,
        stop_wall_s=stop_wall_s,
        token=_token(token_file),
        unscored=unscored,
    )
    try:
        from r1rewards.service.running import run_service
    except ModuleNotFoundError as error:
        raise MissingExtra("`r1rewards serve`", str(error.name), "serve") from None
    columns = ColumnMap.parse(*mapping).mapping
    with contextlib.ExitStack() as open_until_done:
        wall = _wall(asked["sandbox"], asked["sandbox_workers"], open_until_done)
        rubric = None
        if wall is None or asked["rewards"]:
            rubric = open_until_done.enter_context(rubric_asked(**asked))
            rubric.max_unscored = 0.2  # of the latest rows, at the endpoints that can skip none
        offered = [*(rubric.names if rubric is not None else ()), *([f"sandbox {wall.name}"] if wall else ())]
        if settings.token is None and not _is_local(host):
            say(f"warning: everybody who reaches {host} may ask; --token-file or {TOKEN} lets in who has the token")
        with _signals_end_it_in_peace() as stop_asked:
            run_service(
                rubric,
                settings,
                host=host,
                port=port,
                mapping=columns,
                sandbox=wall,
                on_listening=lambda address: say(f"listening on {address} ({', '.join(offered)})"),
                stop_asked=stop_asked,
            )


def _wall(name: str | None, workers: int | None, stack: contextlib.ExitStack) -> Sandbox | None:
    """Open a sandbox and see that it stands, before anybody is told that there is one.

    Raises:
        SandboxUnavailable: It cannot stand here.
    """
    if name is None:
        return None
    if name == AUTO:
        name = choose_sandbox()
        if name is None:
            raise SandboxUnavailable("no sandbox works here; `r1rewards doctor` says what each of them lacks")
    wall = SandboxByLanguage(name, **({} if workers is None else {"workers": workers}))
    stack.callback(wall.close)
    wall.run([Job(Program("print(1)"))])
    return wall


@contextlib.contextmanager
def _signals_end_it_in_peace() -> Iterator[Callable[[], bool]]:
    """Let the signals by which the server ends mean no failure: it raises them again once it has stopped.

    Yields what says whether one has come: before the server's own handlers stand, nobody else keeps it in mind.
    """
    come: list[int] = []
    ends = (signal.SIGINT, signal.SIGTERM)
    usual = {number: signal.signal(number, lambda number, _frame: come.append(number)) for number in ends}
    try:
        yield lambda: bool(come)
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def _token(file: str | None) -> str | None:
    """Return the token that clients must show; never from the command line, which all users of a machine can read."""
    if file is None:
        return (os.environ.get(TOKEN) or "").strip() or None
    try:
        token = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the token from {file!r}: {error}") from None
    if not token:
        raise UsageError(f"the token file {file!r} is empty")
    return token


def _is_local(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
