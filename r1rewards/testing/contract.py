"""The laws that any reward must keep, and `check_reward`, which tries each of them on yours."""

from __future__ import annotations

import math
import pickle
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from r1rewards.errors import UsageError
from r1rewards.reward import Reward
from r1rewards.samples import Batch
from r1rewards.scores import Scores
from r1rewards.testing.elsewhere import is_reading, reading, scored_elsewhere
from r1rewards.testing.hostile import hostile_texts
from r1rewards.testing.specimens import TrialRows, specimens

LAWS = {
    "shape": "it has a name, requirements, bounds and the methods of a reward",
    "length": "as many cells come out as rows went in, none for none",
    "finite": "every value is finite and within the bounds, or NaN for a row without a score",
    "deterministic": "the same rows give the same cells, again",
    "singles": "a row alone gets what it gets in a batch",
    "order": "the order of the rows does not matter",
    "picklable": "a pickled copy gives the same cells",
    "threads": "eight threads at once get the same cells",
    "processes": "a fresh process, with other hash seeds, gives the same cells",
    "statuses": "the model is not blamed for lacking data, nor the data or the machine for a hostile completion",
    "hostile": "hostile texts are scored and nothing is raised",
}
"""Each law in a sentence, in the order in which they are tried."""

_ON_PLAIN_ROWS = ("deterministic", "singles", "order", "picklable", "threads", "processes")
_ON_HOSTILE_ROWS = frozenset({"finite", "statuses", "hostile"})
_RAISED = (Exception, SystemExit)  # a reward may raise anything; Ctrl-C is none of its own
_THREADS = 8
_TOLERANCE = 1e-9
Cells = list[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class LawFinding:
    """What was found of one law.

    Attributes:
        law: Its name, one of `LAWS`.
        held: Whether it holds; None where it could not be tried.
        why: What broke it, or why it was not tried.
    """

    law: str
    held: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ContractReport:
    """What was found of all laws.

    Where a reward's file is loaded only because the reward is being tried, as in a fresh process, the check that stands
    at that file's top level tries nothing again: its report has ``held=None`` for every law.

    Attributes:
        name: The reward's name.
        findings: One for each law that was to be tried.
    """

    name: str
    findings: tuple[LawFinding, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """The laws that do not hold."""
        return tuple(finding.law for finding in self.findings if finding.held is False)

    def __str__(self) -> str:
        """Say in one line a law how it went."""
        words = {True: "held", False: "BROKEN", None: "not tried"}
        lines = [f"{words[f.held]:>9}  {f.law}: {f.why or LAWS[f.law]}" for f in self.findings]
        return "\n".join([f"reward {self.name!r}", *lines])


def check_reward(
    reward: Reward, batch: Batch | None = None, *, skip: Sequence[str] = (), hostile_count: int = 500
) -> ContractReport:
    """Hold a reward to all laws.

    Args:
        reward: The reward.
        batch: Rows to try it on, at least three, with all columns that it requires; by default plain ones made for
            what it requires.
        skip: Laws that are not meant for it, such as ``("singles",)`` for one that compares the rows of a group.
        hostile_count: How many hostile texts it is given.

    Returns:
        What was found.

    Raises:
        AssertionError: A law is broken; the message says which, and what broke it.
        UsageError: There is no law of such a name, or rows are needed.

    Example:
        >>> from r1rewards import load_reward
        >>> check_reward(load_reward("exact"), hostile_count=20).broken
        ()
    """
    report = examine_reward(reward, batch, skip=skip, hostile_count=hostile_count)
    if report.broken:
        raise AssertionError(str(report))
    return report


def examine_reward(
    reward: Reward, batch: Batch | None = None, *, skip: Sequence[str] = (), hostile_count: int = 500
) -> ContractReport:
    """Try all laws on a reward and return what was found; the arguments are those of `check_reward`."""
    for law in skip:
        if law not in LAWS:
            raise UsageError(f"there is no law {law!r}; there are {', '.join(LAWS)}")
    name = str(getattr(reward, "name", type(reward).__name__))
    if is_reading():
        # Otherwise each trial in a fresh process would start the next one, without end.
        why = "its file is only being loaded for a trial"
        return ContractReport(name, tuple(LawFinding(law, None, why) for law in LAWS if law not in skip))
    findings = [finding for finding in _findings(reward, batch, hostile_count, skip) if finding.law not in skip]
    return ContractReport(name, tuple(findings))


def _findings(reward: Reward, batch: Batch | None, hostile_count: int, skip: Sequence[str]) -> Iterator[LawFinding]:
    """Try one law after the other."""
    problem = _shape(reward)
    yield _found("shape", problem)
    if problem:
        yield from (LawFinding(law, None, "it is no reward") for law in LAWS if law != "shape")
        return
    rows = TrialRows(specimens(reward) if batch is None else batch)
    if len(rows) < 3:
        raise UsageError(f"{len(rows)} rows are too few to try a reward on; bring at least three")
    try:
        plain = reward.score(rows.batch())
        empty = reward.score(rows.batch([]))
    except _RAISED as error:
        yield LawFinding("length", False, f"plain rows: {_said(error)}")
        yield from (LawFinding(law, None, "plain rows cannot be scored") for law in [*LAWS][2:])
        return
    problem = _length(plain, len(rows)) or _length(empty, 0)
    yield _found("length", problem)
    if problem:
        yield from (LawFinding(law, None, "cells and rows cannot be told together") for law in [*LAWS][2:])
        return
    trials = [] if set(skip) >= _ON_HOSTILE_ROWS else _hostile_trials(reward, rows, hostile_count)
    yield _found("finite", _within_bounds(plain, reward) or _hostile_within_bounds(trials, reward))
    yield from _on_plain_rows(reward, rows, cells_of(plain), skip)
    yield _found("statuses", _blame(reward, rows) or _hostile_blame(trials, rows, plain))
    yield _found("hostile", _hostility(reward, rows, trials))


def _on_plain_rows(reward: Reward, rows: TrialRows, cells: Cells, skip: Sequence[str]) -> Iterator[LawFinding]:
    """Try the laws that compare with what the plain rows got before."""
    trials: dict[str, Callable[[], str]] = {
        "deterministic": lambda: _differs(cells, cells_of(reward.score(rows.batch())), "the second time"),
        "singles": lambda: _singles(reward, rows, cells),
        "order": lambda: _order(reward, rows, cells),
        "picklable": lambda: _copied(reward, rows, cells),
        "threads": lambda: _threads(reward, rows, cells),
        "processes": lambda: _processes(reward, rows, cells),
    }
    held: dict[str, bool] = {}
    for law in _ON_PLAIN_ROWS:
        if law in skip:
            continue
        if held.get("deterministic") is False:
            yield LawFinding(law, None, "what is not the same twice cannot be compared")
        elif law == "processes" and held.get("picklable") is False:
            yield LawFinding(law, None, "it cannot be sent to another process")
        else:
            finding = _found(law, _tried(trials[law]))
            held[law] = finding.held is True
            yield finding


def _found(law: str, problem: str) -> LawFinding:
    """Return the finding of a law that was tried."""
    return LawFinding(law, not problem, problem)


def _tried(trial: Callable[[], str]) -> str:
    """Return what a trial found, what it raised among it."""
    try:
        return trial()
    except _RAISED as error:
        return _said(error)


def _said(error: BaseException) -> str:
    """Return an exception in one line."""
    return f"raised {type(error).__name__}: {str(error).partition(chr(10))[0][:300]}"


def cells_of(scores: Scores) -> Cells:
    """Return a column's values and statuses as plain pairs."""
    return [(float(value), status.name) for value, status in zip(scores.values.tolist(), scores.statuses, strict=True)]


def _differs(expected: Cells, found: Cells, when: str) -> str:
    """Return in what two columns of cells differ first; nothing where they are the same."""
    if len(expected) != len(found):
        return f"{when}: {len(found)} cells, expected {len(expected)}"
    differences = cell_differences(expected, found)
    return f"{when}: row {differences[0][0]} is {differences[0][2]} and was {differences[0][1]}" if differences else ""


def cell_differences(expected: Cells, found: Cells, *, statuses: bool = True) -> list[tuple[int, str, str]]:
    """Return the rows in which two columns differ, each with what was expected and what was found, in words.

    Args:
        expected: B cells.
        found: B cells.
        statuses: Whether statuses count too.
    """
    return [
        (row, _shown(before), _shown(now))
        for row, (before, now) in enumerate(zip(expected, found, strict=True))
        if (statuses and before[1] != now[1]) or not _same(before[0], now[0])
    ]


def _same(one: float, other: float) -> bool:
    """Return whether two values are the same; NaN is like NaN."""
    both_unscored = math.isnan(one) and math.isnan(other)
    return both_unscored or math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _shown(cell: tuple[float, str]) -> str:
    """Return a cell for people."""
    return f"{cell[0]:g} ({cell[1]})"


def _shape(reward: Any) -> str:
    """Return what keeps an object from being a reward."""
    if isinstance(reward, type) or not isinstance(reward, Reward):
        return f"{reward!r} is no reward (see r1rewards.Reward); a plain function becomes one under @reward"
    if not isinstance(reward.name, str) or not reward.name:
        return f"its name is {reward.name!r}; expected a text"
    requires: Any = reward.requires
    if not isinstance(requires, (list, tuple)) or not all(isinstance(column, str) for column in requires):
        return f"it requires {requires!r}; expected a tuple of column names"
    bounds = tuple(reward.bounds)
    if len(bounds) != 2 or not all(math.isfinite(bound) for bound in bounds) or bounds[0] > bounds[1]:
        return f"its bounds are {bounds!r}; expected two finite numbers, the lowest first"
    return ""


def _length(scores: Any, size: int) -> str:
    """Return what is wrong with the number of cells."""
    if not isinstance(scores, Scores):
        return f"score returned {type(scores).__name__}; expected Scores"
    return "" if len(scores) == size else f"{len(scores)} cells for {size} rows"


def _within_bounds(scores: Scores, reward: Reward, called: Callable[[int], str] = "row {}".format) -> str:
    """Return which value is out of bounds; that NaN and status agree is the column's own law."""
    low, high = reward.bounds
    for row, value in enumerate(scores.values.tolist()):
        if not math.isnan(value) and not low <= value <= high:
            return f"{called(row)} is {value:g}, outside the bounds [{low:g}, {high:g}]"
    return ""


def _singles(reward: Reward, rows: TrialRows, cells: Cells) -> str:
    """Score each row alone."""
    for row, cell in enumerate(cells):
        problem = _differs([cell], cells_of(reward.score(rows.batch([row]))), f"row {row} alone")
        if problem:
            return problem
    return ""


def _order(reward: Reward, rows: TrialRows, cells: Cells) -> str:
    """Score the rows backwards and shuffled."""
    size = len(cells)
    shuffled = list(range(size))
    random.Random(1).shuffle(shuffled)
    for when, places in (("backwards", list(reversed(range(size)))), ("shuffled", shuffled)):
        problem = _differs([cells[place] for place in places], cells_of(reward.score(rows.batch(places))), when)
        if problem:
            return problem
    return ""


def _copied(reward: Reward, rows: TrialRows, cells: Cells) -> str:
    """Score the rows with a pickled copy."""
    with reading():
        copy = pickle.loads(pickle.dumps(reward))
    try:
        return _differs(cells, cells_of(copy.score(rows.batch())), "a copy")
    finally:
        copy.close()


def _threads(reward: Reward, rows: TrialRows, cells: Cells) -> str:
    """Score the rows in several threads at the same time."""
    problems = ["a thread ended without cells"] * _THREADS  # until it has some: what ends a thread may be silent
    start = threading.Barrier(_THREADS)

    def run(place: int) -> None:
        start.wait()
        try:
            problems[place] = _differs(cells, cells_of(reward.score(rows.batch())), "beside other threads")
        except BaseException as error:  # noqa: BLE001 - nobody else hears of it here
            problems[place] = f"a thread {_said(error)}"

    threads = [threading.Thread(target=run, args=(place,)) for place in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next(filter(None, problems), "")


def _processes(reward: Reward, rows: TrialRows, cells: Cells) -> str:
    """Score the rows in fresh processes."""
    for seed in (1, 2):
        problem = _differs(cells, scored_elsewhere(reward, rows.batch(), hash_seed=seed), "in a fresh process")
        if problem:
            return problem
    return ""


@dataclass(frozen=True, slots=True)
class _HostileTrial:
    """What a reward made of hostile texts in one column; no scores where it raised or gave too few."""

    column: str
    batch: Batch
    scores: Scores | None
    problem: str

    def text(self, row: int) -> str:
        """Return a row's hostile text for people."""
        return f"the {self.column} {str(self.batch.column(self.column)[row])[:60]!r}"


def _hostile_trials(reward: Reward, rows: TrialRows, count: int) -> list[_HostileTrial]:
    """Score hostile completions, then hostile texts in each of the columns of text that the reward requires."""
    required = [name for name in reward.requires if name != "completion"]
    of_text = [name for name in required if all(isinstance(cell, str) for cell in rows.columns.get(name, [None]))]
    trials = []
    for column in ("completion", *of_text):
        texts = hostile_texts(count if column == "completion" else min(count, 60))
        batch = rows.batch([place % len(rows) for place in range(len(texts))], **{column: texts})
        scores, problem = None, ""
        try:
            scores = reward.score(batch)
        except _RAISED as error:
            problem = _said(error)
        else:
            problem = _length(scores, len(batch))
        trials.append(_HostileTrial(column, batch, None if problem else scores, problem))
    return trials


def _hostile_within_bounds(trials: Sequence[_HostileTrial], reward: Reward) -> str:
    """Return which hostile text gets a value out of bounds; that one raises is the business of another law."""
    for trial in trials:
        problem = _within_bounds(trial.scores, reward, trial.text) if trial.scores is not None else ""
        if problem:
            return problem
    return ""


def _blame(reward: Reward, rows: TrialRows) -> str:
    """Try that the model is not blamed for a row without its data, wherever that stands in the batch."""
    for name in reward.requires:
        if name not in rows.columns or name == "completion":
            continue
        for place in (0, len(rows) // 2, len(rows) - 1):
            problem = _tried(partial(_blame_for_lacking, reward, rows, name, place))
            if problem:
                return f"row {place} without {name}: {problem}"
    return ""


def _blame_for_lacking(reward: Reward, rows: TrialRows, name: str, place: int) -> str:
    """Score the rows when one of them lacks a cell."""
    cells = list(rows.columns[name])
    cells[place] = None
    scores = reward.score(rows.batch(**{name: cells}))
    problem = _length(scores, len(rows))
    if not problem and scores.statuses[place].scored:
        problem = f"{scores.statuses[place].name}, as if the model had failed; expected NOT_APPLICABLE"
    return problem


def _hostile_blame(trials: Sequence[_HostileTrial], rows: TrialRows, sound: Scores) -> str:
    """Return which hostile completion is called a fault of the data or the machine."""
    for trial in trials:
        if trial.column != "completion" or trial.scores is None:
            continue
        for row, status in enumerate(trial.scores.statuses):
            if status.fault and not sound.statuses[row % len(rows)].fault:
                why = str(trial.scores.details[row].get("why", ""))[:200]
                return f"{trial.text(row)} is {status.name} ({why}); the data are sound"
    return ""


def _hostility(reward: Reward, rows: TrialRows, trials: Sequence[_HostileTrial]) -> str:
    """Return what hostile texts the reward could not score."""
    for trial in trials:
        if trial.problem and trial.column == "completion":
            return _first_raising(reward, rows, trial.batch) or trial.problem
        if trial.problem:
            return f"hostile texts in {trial.column}: {trial.problem}"
    return ""


def _first_raising(reward: Reward, rows: TrialRows, hostile: Batch) -> str:
    """Return the first hostile completion that raises by itself."""
    for row, text in enumerate(hostile.completions):
        alone = rows.batch([row % len(rows)], completion=[text])
        problem = _tried(lambda alone=alone: _length(reward.score(alone), 1))  # type: ignore[misc]
        if problem:
            return f"the completion {text[:60]!r}: {problem}"
    return ""
