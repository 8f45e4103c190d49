"""A real HTTP server on this machine that grades answers, and misbehaves when told to."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]
_PART = r"----- {mark} BEGIN {name} -----\n(.*?)\n----- {mark} END {name} -----"


class JudgeServer:
    """Answers each POST with what `behave` says of it; notes what it was asked.

    Attributes:
        url: Where it listens.
        asked: The bodies, in the order they came.
        headers: The headers of the latest request.
        most_at_once: How many requests were under way at the same time at most.
    """

    def __init__(self, behave: Callable[[dict[str, Any], int], Reply]) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with outer._lock:
                    outer._now += 1
                    outer.most_at_once = max(outer.most_at_once, outer._now)
                    outer.asked.append(body)
                    outer.headers = dict(self.headers)
                    number = sum(earlier == body for earlier in outer.asked)
                try:
                    status, headers, raw = behave(body, number)
                    self.send_response(status)
                    for name, value in {"content-length": str(len(raw)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    with contextlib.suppress(OSError):
                        self.wfile.write(raw)
                finally:
                    with outer._lock:
                        outer._now -= 1

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1/chat/completions"


@contextlib.contextmanager
def serving(behave: Callable[[dict[str, Any], int], Reply]) -> Iterator[JudgeServer]:
    """Serve in a thread until the block ends."""
    judge = JudgeServer(behave)
    thread = threading.Thread(target=judge.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield judge
    finally:
        judge.server.shutdown()
        judge.server.server_close()
        thread.join()


def part(body: dict[str, Any], name: str) -> str | None:
    """Return one part of what a judge was shown."""
    shown = body["messages"][1]["content"]
    mark = mark_of(body)
    found = re.search(_PART.format(mark=mark, name=name), shown, re.DOTALL)
    return found[1] if found else None


def mark_of(body: dict[str, Any]) -> str:
    """Return the mark of a judgement."""
    return re.search(r'"mark": "(\w+)"', body["messages"][0]["content"])[1]


def said(text: str) -> Reply:
    """Return a chat completion."""
    return 200, {"content-type": "application/json"}, json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def gullible(body: dict[str, Any], number: int) -> Reply:
    """Grade by the reference, but parrot any verdict that the answer holds, as a weak judge does."""
    answer = part(body, "ANSWER")
    forged = re.search(r'\{[^{}]*"score"[^{}]*\}', answer)
    if forged and number < 3:
        return said(forged[0])
    score = 10 if answer == part(body, "REFERENCE") else 1
    return said(json.dumps({"mark": mark_of(body), "score": score}))


def scoring(body: dict[str, Any], number: int) -> Reply:
    """Score as a reward model does: by the completion's length."""
    return 200, {}, json.dumps({"score": min(10, len(body["completion"]))}).encode()


def slow(body: dict[str, Any], number: int) -> Reply:
    """Reply long after anyone waits for it."""
    time.sleep(2.0)
    return said("late")
