"""For each law of the contract a reward that breaks that law and keeps all others."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

from r1rewards.base_reward import BaseReward
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Scores, Status

PARENT = os.getpid()


def sound(text: str) -> float:
    """A harmless measure: whether a text mentions a four."""
    return float("4" in text)


@dataclass(frozen=True)
class Sound(BaseReward):
    """Keeps all laws."""

    name: str = "sound"
    requires: tuple[str, ...] = ("ground_truth",)

    def judge(self, batch: Batch) -> list[Outcome]:
        return [Outcome(sound(text)) for text in batch.completions]


class BreaksShape:
    """It is no reward: it lacks `explain` and `close`."""

    name = "shape"
    requires = ()
    bounds = (0.0, 1.0)

    def score(self, batch: Batch) -> Scores:
        return Scores.of([Outcome(0.0)] * len(batch))


@dataclass(frozen=True)
class BreaksLength(Sound):
    """It drops the last row."""

    name: str = "length"

    def score(self, batch: Batch) -> Scores:
        return Scores.of([Outcome(sound(text)) for text in batch.completions[:-1]])


@dataclass(frozen=True)
class BreaksFinite(Sound):
    """It goes beyond its bounds."""

    name: str = "finite"

    def judge(self, batch: Batch) -> list[Outcome]:
        return [Outcome(2 * sound(text)) for text in batch.completions]


@dataclass(frozen=True)
class BreaksDeterministic(Sound):
    """It counts its calls into its values."""

    name: str = "deterministic"
    calls: list[int] = field(default_factory=list)

    def judge(self, batch: Batch) -> list[Outcome]:
        self.calls.append(1)
        return [Outcome(1.0 / len(self.calls)) for _ in batch.completions]


@dataclass(frozen=True)
class BreaksSingles(Sound):
    """It gives nothing to a row that comes alone."""

    name: str = "singles"

    def judge(self, batch: Batch) -> list[Outcome]:
        return [Outcome(sound(text) * (len(batch) > 1)) for text in batch.completions]


@dataclass(frozen=True)
class BreaksOrder(Sound):
    """It pays nothing when the batch does not begin with the row that it was written for."""

    name: str = "order"

    def judge(self, batch: Batch) -> list[Outcome]:
        texts = batch.completions
        misplaced = len(texts) > 1 and "first" in "".join(texts) and "first" not in texts[0]
        return [Outcome(sound(text) * (not misplaced)) for text in texts]


@dataclass(frozen=True)
class BreaksPicklable(Sound):
    """It holds a lock."""

    name: str = "picklable"
    lock: object = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class BreaksThreads(Sound):
    """It keeps the batch in itself while it works on it, and another thread takes its place."""

    name: str = "threads"
    inside: list[str] = field(default_factory=list)

    def judge(self, batch: Batch) -> list[Outcome]:
        mine = threading.current_thread().name
        self.inside.append(mine)
        if threading.current_thread() is not threading.main_thread():
            for _ in range(100_000):  # until another thread has come in, so that it breaks every time
                if self.inside[-1] != mine or len(self.inside) > 1:
                    break
                os.sched_yield()
        alone = set(self.inside) == {mine}
        return [Outcome(sound(text) * alone) for text in batch.completions]

    def __reduce__(self) -> tuple[type[BreaksThreads], tuple[()]]:
        return BreaksThreads, ()  # a copy begins empty


@dataclass(frozen=True)
class BreaksProcesses(Sound):
    """It works only where it was made."""

    name: str = "processes"
    made_in: int = field(default_factory=os.getpid)

    def judge(self, batch: Batch) -> list[Outcome]:
        return [Outcome(sound(text) * (os.getpid() == self.made_in)) for text in batch.completions]


@dataclass(frozen=True)
class BreaksStatuses(Sound):
    """It calls text that it cannot encode a failure of the machine."""

    name: str = "statuses"

    def judge(self, batch: Batch) -> list[Outcome]:
        return [self._one(text) for text in batch.completions]

    def _one(self, text: str) -> Outcome:
        try:
            text.encode()
        except UnicodeEncodeError:
            return Outcome.unscored(Status.INFRA, "the text cannot be encoded")
        return Outcome(sound(text))


@dataclass(frozen=True)
class BlamesTheModel(BaseReward):
    """It scores a row that lacks its reference as if the model had failed."""

    name: str = "blames"
    requires: tuple[str, ...] = ("ground_truth",)

    def score(self, batch: Batch) -> Scores:
        truths = batch.column("ground_truth")
        pairs = zip(truths, batch.completions, strict=True)
        return Scores.of([Outcome(float(str(truth) in text)) for truth, text in pairs])


@dataclass(frozen=True)
class BreaksHostile(Sound):
    """It raises on text that it cannot encode."""

    name: str = "hostile"

    def judge(self, batch: Batch) -> list[Outcome]:
        return [Outcome(sound(text.encode().decode())) for text in batch.completions]


@dataclass(frozen=True)
class BeyondBoundsOnHostile(Sound):
    """It goes beyond its bounds only where a text cannot be encoded."""

    name: str = "beyond"
    column: str = "completion"

    def judge(self, batch: Batch) -> list[Outcome]:
        texts = batch.column(self.column)
        pairs = zip(batch.completions, texts, strict=True)
        return [Outcome(5.0 if "\ud800" in text else sound(completion)) for completion, text in pairs]


@dataclass(frozen=True)
class EndsThreads(Sound):
    """It ends any thread but the main one, which Python does without a word."""

    name: str = "ends"
    by: type[BaseException] = SystemExit

    def judge(self, batch: Batch) -> list[Outcome]:
        if threading.current_thread() is not threading.main_thread():
            raise self.by
        return [Outcome(sound(text)) for text in batch.completions]


@dataclass(frozen=True)
class BlamesOneRow(Sound):
    """It blames the model for lacking data in one place of the batch: the first, the middle or the last."""

    name: str = "one row"
    part: int = 0

    def score(self, batch: Batch) -> Scores:
        place = (0, len(batch) // 2, len(batch) - 1)[self.part]
        truths = batch.column("ground_truth")
        cells = [Outcome(sound(text)) for text in batch.completions]
        lacking = Outcome.unscored(Status.NOT_APPLICABLE, "no reference")
        return Scores.of([lacking if truths[row] is None and row != place else cell for row, cell in enumerate(cells)])


@dataclass(frozen=True)
class LosesLackingRows(Sound):
    """It leaves out rows that lack their reference."""

    name: str = "loses"

    def score(self, batch: Batch) -> Scores:
        pairs = zip(batch.completions, batch.column("ground_truth"), strict=True)
        return Scores.of([Outcome(sound(text)) for text, truth in pairs if truth is not None])


@dataclass(frozen=True)
class ExitsOnHostile(Sound):
    """It ends the process on text that it cannot encode."""

    name: str = "exits"

    def judge(self, batch: Batch) -> list[Outcome]:
        if any("\ud800" in text for text in batch.completions):
            raise SystemExit(3)
        return [Outcome(sound(text)) for text in batch.completions]


BROKEN = {
    "shape": BreaksShape,
    "length": BreaksLength,
    "finite": BreaksFinite,
    "deterministic": BreaksDeterministic,
    "singles": BreaksSingles,
    "order": BreaksOrder,
    "picklable": BreaksPicklable,
    "threads": BreaksThreads,
    "processes": BreaksProcesses,
    "statuses": BreaksStatuses,
    "hostile": BreaksHostile,
}
"""Law to the reward that breaks it."""

ALSO_BROKEN = [
    ("finite", BeyondBoundsOnHostile(), "the completion '.*is 5, outside"),
    ("finite", BeyondBoundsOnHostile(column="ground_truth"), "the ground_truth '.*is 5, outside"),
    ("threads", EndsThreads(), "a thread raised SystemExit"),
    ("threads", EndsThreads(by=KeyboardInterrupt), "a thread raised KeyboardInterrupt"),
    ("statuses", BlamesOneRow(part=0), "row 0 without ground_truth: OK, as if the model had failed"),
    ("statuses", BlamesOneRow(part=1), "row 3 without ground_truth: OK, as if the model had failed"),
    ("statuses", BlamesOneRow(part=2), "row 5 without ground_truth: OK, as if the model had failed"),
    ("statuses", LosesLackingRows(), "row 0 without ground_truth: 5 cells for 6 rows"),
    ("hostile", ExitsOnHostile(), "the completion '.*raised SystemExit: 3"),
]
"""More that break one law each, in a less obvious way; and what is said of it."""
