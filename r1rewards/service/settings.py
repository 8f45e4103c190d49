"""The bounds of the service: how much it takes in, and how long it waits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

from r1rewards.errors import OptionError


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What the service allows.

    Attributes:
        max_rows: Rows of one request.
        max_body_bytes: Bytes of one request's body.
        max_pending_rows: Rows that wait or are being scored, of all requests; more are refused with 429.
        max_pending_bytes: Bytes of all bodies in memory at one time; more are refused with 429.
        max_batch_rows: Rows of one batch, made of the rows of requests that arrive close together.
        max_jobs: Jobs of the sandbox that are under way, of all requests; more are refused with 429.
        concurrency: Batches that are scored at the same time.
        body_wall_s: Wall seconds a client may take to send its body.
        head_wall_s: Wall seconds a connection may take to bring the head of a request.
        answer_wall_s: Wall seconds a client may leave an answer unread that is too large for the network's buffers.
        discard_bytes: Bytes of a refused body that are read, and let go, so that its client gets to the answer.
        discard_wall_s: Wall seconds for that.
        stop_wall_s: Wall seconds that requests under way have when the service stops.
        token: What clients must show as ``Authorization: Bearer TOKEN``; None lets everybody in.
        unscored: Value of rows without a score at the endpoints that cannot skip one; None closes those.
        retry_after_s: Seconds that refused clients are told to wait.

    Raises:
        OptionError: A bound is not a positive number.
    """

    max_rows: int = 4096
    max_body_bytes: int = 32 * 2**20
    max_pending_rows: int = 50_000
    max_pending_bytes: int = 512 * 2**20
    max_batch_rows: int = 2048
    max_jobs: int = 20_000
    concurrency: int = 4
    body_wall_s: float = 60.0
    head_wall_s: float = 30.0
    answer_wall_s: float = 120.0
    discard_bytes: int = 128 * 2**20
    discard_wall_s: float = 10.0
    stop_wall_s: float = 30.0
    token: str | None = field(default=None, repr=False)
    unscored: float | None = None
    retry_after_s: int = 1

    def __post_init__(self) -> None:
        for bound in fields(self):
            if bound.name not in ("token", "unscored"):
                _check_positive(bound.name, getattr(self, bound.name))
        if self.token is not None and (
            not self.token.isascii() or not self.token.isprintable() or not self.token or " " in self.token
        ):
            raise OptionError("the token must be plain ASCII without spaces, and not empty")
        if self.unscored is not None and not math.isfinite(self.unscored):
            raise OptionError(f"unscored must be a finite number, not {self.unscored!r}")


def _check_positive(name: str, value: Any) -> None:
    """Raise unless a bound is a positive number; an infinite one is none, and no clock takes it."""
    if not 0 < value < math.inf:
        raise OptionError(f"{name} must be positive and finite, not {value!r}")
