"""A sandbox behind the HTTP service, on a real socket in a thread of this process."""

from __future__ import annotations

import dataclasses
from typing import Any

from served import Served

from r1rewards.sandbox.base import Sandbox
from r1rewards.service.app import Service
from r1rewards.service.settings import ServiceSettings


class _Kept:
    """A sandbox that does not close with the service: it is shared."""

    def __init__(self, sandbox: Any) -> None:
        self._sandbox = sandbox
        self.name = sandbox.name
        self.run = sandbox.run
        self.describe = sandbox.describe

    def close(self) -> None:
        """Leave it open."""


class ServedSandbox:
    """The service; `url` is where it listens."""

    def __init__(self, sandbox: Sandbox, settings: ServiceSettings | None = None) -> None:
        bounds = dataclasses.replace(settings or ServiceSettings(), stop_wall_s=5.0)
        self.service = Service(None, bounds, sandbox=_Kept(sandbox))
        self._served = Served(self.service)
        self.url = self._served.url

    def stop(self) -> None:
        """End it."""
        self._served.stop()
