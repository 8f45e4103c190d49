"""A service on a real socket, its server in a thread of this process, as the command runs it."""

from __future__ import annotations

import threading

from r1rewards.service.app import Service
from r1rewards.service.running import _listening, server_of


class Served:
    """The service's server; `url` and `port` are where it listens."""

    def __init__(self, service: Service) -> None:
        stands = threading.Event()
        self._listener = _listening("127.0.0.1", 0)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = server_of(service, stands.set)
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self._listener]})
        self._thread.start()
        assert stands.wait(60)

    def stop(self) -> None:
        """End it."""
        self.server.should_exit = True
        self._thread.join(60)
        self._listener.close()
        assert not self._thread.is_alive()
