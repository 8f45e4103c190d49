"""The tiers in a row: each distinct pair goes to the cheapest tier that can decide it."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from r1rewards.equivalence.decision import Decision, Equivalence
from r1rewards.equivalence.engine import equivalent
from r1rewards.equivalence.reading import read
from r1rewards.equivalence.semantics import DEFAULT, Semantics
from r1rewards.workers.budget import Budget, ResultKind, WorkResult
from r1rewards.workers.pool import WorkerPool

Pair = tuple[str, str]
"""A ground truth and an answer, both without their box."""

MAX_CHARS = 20_000
"""Longer answers are over the size budget; longer references cannot be used."""

_CACHE_SIZE = 65_536
# Longer pairs are not remembered: the cache is bounded in bytes as well.
_CACHED_CHARS = 1_000
# Decided once, decided for all rows of the process; verdicts that a failing machine gave are not kept.
_LASTING = frozenset({Decision.EQUAL, Decision.DIFFERENT, Decision.UNDECIDED, Decision.BAD_REFERENCE})


@dataclass(frozen=True, eq=False)
class Comparer:
    """Decides pairs: the cheap tiers in this process, the residue in killable workers.

    Attributes:
        cpu_s: CPU seconds that a pair may spend in the symbolic tier.
        workers: Processes of the symbolic tier; None is one a core.
        semantics: The decisions on which users differ.
        symbolic: Whether what the fast tiers leave undecided goes to the symbolic tier at all.
    """

    cpu_s: float = 5.0
    workers: int | None = None
    semantics: Semantics = DEFAULT
    symbolic: bool = True
    _pool: WorkerPool = field(init=False, repr=False)
    _cache: VerdictCache = field(init=False, repr=False)
    slow_path_s: deque[float] = field(init=False, repr=False)
    """Wall-clock seconds of the latest items that went to the workers."""

    def __post_init__(self) -> None:
        pool = WorkerPool("r1rewards.equivalence.symbolic:serve", workers=self.workers, budget=Budget(cpu_s=self.cpu_s))
        object.__setattr__(self, "_pool", pool)
        object.__setattr__(self, "_cache", VerdictCache(_CACHE_SIZE))
        object.__setattr__(self, "slow_path_s", deque(maxlen=_CACHE_SIZE))

    def __reduce__(self) -> tuple[type[Comparer], tuple[float, int | None, Semantics, bool]]:
        """Pickle the configuration; processes and cache are dropped."""
        return Comparer, (self.cpu_s, self.workers, self.semantics, self.symbolic)

    def decide(self, pairs: Iterable[Pair]) -> dict[Pair, Equivalence]:
        """Decide pairs.

        Args:
            pairs: Ground truth and answer; repeats cost nothing.

        Returns:
            The verdict of each distinct pair.
        """
        verdicts: dict[Pair, Equivalence] = {}
        residue: list[Pair] = []
        for pair in dict.fromkeys(pairs):
            verdict = self.decide_cheaply(pair)
            if verdict.decision is Decision.UNDECIDED and self.symbolic:
                known = self._cache.get(pair)
                if known is None:
                    residue.append(pair)
                else:
                    verdict = known
            verdicts[pair] = verdict
        if residue:
            symbolic = dict(zip(residue, self._decide_symbolically(residue), strict=True))
            verdicts.update(symbolic)
            self._cache.put((pair, verdict) for pair, verdict in symbolic.items() if verdict.decision in _LASTING)
        return verdicts

    def decide_cheaply(self, pair: Pair) -> Equivalence:
        """Return the verdict of the tiers that run in this process; the engine remembers its own."""
        ground_truth, answer = pair
        if not ground_truth or len(ground_truth) > MAX_CHARS:
            what = "empty" if not ground_truth else f"longer than {MAX_CHARS} characters"
            return Equivalence(Decision.BAD_REFERENCE, "size", f"the reference is {what}")
        if len(answer) > MAX_CHARS:
            return Equivalence(Decision.TOO_COSTLY, "size", f"the answer is longer than {MAX_CHARS} characters")
        return equivalent(ground_truth, answer, self.semantics)

    def close(self) -> None:
        """End the workers."""
        self._pool.close()

    def _decide_symbolically(self, pairs: Sequence[Pair]) -> list[Equivalence]:
        """Decide pairs in workers; where one spends its budget, find out whether its reference alone does."""
        results = self._pool.run([{"ground_truth": truth, "answer": answer} for truth, answer in pairs])
        self.slow_path_s.extend(result.wall_s for result in results)
        costly = [truth for (truth, _), result in zip(pairs, results, strict=True) if _spent(result)]
        references = list(dict.fromkeys(costly))
        # Against 0 and not against itself: two equal forms would be compared without a look inside.
        alone = self._pool.run([{"ground_truth": truth, "answer": "0"} for truth in references])
        bad = {truth for truth, result in zip(references, alone, strict=True) if _spent(result)}
        return [
            Equivalence(Decision.BAD_REFERENCE, "symbolic", "the reference alone spends the whole budget")
            if truth in bad
            else _verdict(result)
            for (truth, _), result in zip(pairs, results, strict=True)
        ]


def asks_for_a_list(ground_truth: str) -> bool:
    """Return whether a reference is a list or a set, of which several adjacent boxes may be the items.

    Example:
        >>> asks_for_a_list("1, 2"), asks_for_a_list("12")
        (True, False)
    """
    node = read(ground_truth).node
    return node is not None and node.op in ("seq", "set")


class VerdictCache:
    """The latest verdicts of the symbolic tier, bounded, safe to use from many threads.

    Without a lock, since each step is atomic by itself: one that another thread holds while the process
    forks would stay locked in the child for ever.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._verdicts: OrderedDict[Pair, Equivalence] = OrderedDict()

    def get(self, pair: Pair) -> Equivalence | None:
        """Return the verdict on a pair if it is still known."""
        return self._verdicts.get(pair)

    def put(self, verdicts: Iterable[tuple[Pair, Equivalence]]) -> None:
        """Remember verdicts, forgetting the oldest."""
        for pair, verdict in verdicts:
            if len(pair[0]) + len(pair[1]) <= _CACHED_CHARS:
                self._verdicts[pair] = verdict
        while len(self._verdicts) > self._size:
            self._verdicts.popitem(last=False)


def _spent(result: WorkResult) -> bool:
    """Return whether an item ended by its budget or by a crash of its own doing."""
    return result.kind in (ResultKind.OVER_BUDGET, ResultKind.OUT_OF_MEMORY, ResultKind.CRASHED)


def _verdict(result: WorkResult) -> Equivalence:
    """Read a worker's result as a verdict."""
    if result.kind is ResultKind.DONE:
        said = result.value
        return Equivalence(Decision(said["decision"]), "symbolic", said["reason"], said.get("detail", {}))
    if _spent(result):
        # No measured seconds here: the same rows give the same output, byte for byte.
        why = f"comparing it ended as {result.kind.name}"
        return Equivalence(Decision.TOO_COSTLY, "symbolic", why)
    if result.kind is ResultKind.RAISED:
        return Equivalence(Decision.UNDECIDED, "symbolic", result.error.partition("\n")[0][:300])
    return Equivalence(Decision.INFRA, "symbolic", f"{result.kind.name}: {result.error}")
