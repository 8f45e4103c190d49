"""A service on a real socket: its server in a thread of this process, or the command in a process of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from served import Served

from r1rewards import Rubric
from r1rewards.service.app import Service
from r1rewards.service.settings import ServiceSettings


@contextlib.contextmanager
def running(rubric: Rubric, settings: ServiceSettings | None = None, **more: Any) -> Iterator[tuple[str, Service]]:
    """Yield the address of a service that answers, and the service."""
    bounds = dataclasses.replace(settings or ServiceSettings(), stop_wall_s=5.0)
    service = Service(rubric, bounds, **more)
    served = Served(service)
    try:
        yield served.url, service
    finally:
        served.stop()
        service.close()


@contextlib.contextmanager
def command(*words: str, env: dict[str, str] | None = None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the address and the process of `r1rewards serve`, started and killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "r1rewards", "serve", "--port", "0", *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "listening on " in line:
                yield line.partition("listening on ")[2].split()[0], process
                break
        else:
            raise AssertionError(f"the service ended with {process.wait()}")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
