"""Plain functions and rewards that the tests import, here and in child processes."""

from __future__ import annotations

import math
import os
import sys
import time

from r1rewards import Batch, Outcome, Scores, Status, reward
from r1rewards.base_reward import BaseReward


@reward
def half(completion):
    """The plainest reward."""
    return 0.5


def plain(completion, *, limit: int = 5):
    """Not decorated at all."""
    return len(completion) <= limit


@reward(bounds=(-1, 1), name="signed")
def _signed(completion):
    return -1.0 if "bad" in completion else 1


signed = _signed


@reward(isolated=True, workers=1, cpu_s=0.5)
def acts(completion):
    """Do in a worker what the completion says."""
    if completion == "loop":
        while True:
            pass
    if completion == "sleep":
        time.sleep(3600)
    if completion == "exit":
        os._exit(0)
    if completion == "sys.exit":
        sys.exit(3)
    if completion == "raise":
        raise ValueError("boom \ud800")
    if completion == "memory":
        return len(bytearray(8 * 2**30))
    special = {"nan": math.nan, "inf": math.inf, "none": None, "text": "1", "huge": 10**400, "high": 7}
    if completion in special:
        return special[completion]
    if completion == "outcome":
        return Outcome(0.25, Status.MALFORMED, {"why": "so"})
    if completion == "unscored":
        return Outcome.unscored(Status.BAD_REFERENCE, "bad")
    if completion == "numpy":
        import numpy as np

        return np.float32(0.5)
    print("noise on standard output")
    return 1.0


@reward(isolated=True, batched=True, workers=1, cpu_s=0.5)
def acts_on_all(completions):
    """Do in a worker what any of the completions says."""
    if "loop" in completions:
        while True:
            pass
    if "short" in completions:
        return [1.0]
    if "raise" in completions:
        raise KeyError("boom")
    return (float(len(text) % 2) for text in completions)


class Custom(BaseReward):
    """A reward written as a class, whose score is whatever it was told."""

    def __init__(self, answer, *, name="custom", bounds=(0.0, 1.0)):
        self.answer, self.name, self.bounds = answer, name, bounds

    def score(self, batch: Batch):
        return self.answer


class Length(BaseReward):
    """A reward written as a class, with options."""

    def __init__(self, limit: int = 5, *, name: str = "length"):
        if limit < 0:
            raise ValueError("limit must not be negative")
        self.limit, self.name = limit, name

    def judge(self, batch: Batch):
        return [Outcome(float(len(text) <= self.limit)) for text in batch.completions]


class Fussy(Length):
    """A reward that fails as it is made."""

    def __init__(self) -> None:
        raise KeyError("no luck")


def make_length(limit: int = 5) -> Length:
    """A factory that says what it makes."""
    return Length(limit)


ready_made = Length(3, name="ready")
not_callable = 5
scores = Scores.of([Outcome(1.0)])
