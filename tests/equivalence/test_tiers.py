"""The tiers in a row: each pair decided once, blame where it belongs, caches bounded, no state shared by pickling."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.equivalence.decision import Decision, Equivalence
from r1rewards.equivalence.tiers import MAX_CHARS, Comparer, VerdictCache

FACTORIAL = "((9!)!)!"
TOWER = "10^{10^{10}}"


@pytest.fixture(scope="module")
def comparer():
    """One comparer with a budget that is soon spent."""
    made = Comparer(cpu_s=0.5, workers=2)
    yield made
    made.close()


PAIRS = {
    ("5", "5"): ("equal", "text"),
    ("1/2", "0.5"): ("equal", "exact"),
    ("5", "6"): ("different", "exact"),
    ("1+x", "x+1"): ("equal", "identity"),
    ("x+1", "x+2"): ("different", "identity"),
    (r"\sqrt{8}", r"2\sqrt{2}"): ("equal", "identity"),
    (r"\frac13", r"\int_0^1 x^2\,dx"): ("equal", "symbolic"),
    ("5", TOWER): ("different", "identity"),
    ("5", "((9!)!)!"): ("too_costly", "symbolic"),
    ("5", "7" * (MAX_CHARS + 1)): ("too_costly", "size"),
    ("5", "7" * 1_000_000): ("too_costly", "size"),
    ("7" * (MAX_CHARS + 1), "5"): ("bad_reference", "size"),
    ("", "5"): ("bad_reference", "size"),
    ("$ $", "5"): ("bad_reference", "text"),
    ("5", "\ud800\x00"): ("different", "text"),
}


def test_each_pair_by_its_tier_whatever_its_neighbours(comparer):
    """Law: the cheapest tier that can decides; a pair that spends its budget harms no neighbour."""
    verdicts = comparer.decide([*PAIRS, *PAIRS])
    assert {pair: (v.decision.value, v.tier) for pair, v in verdicts.items()} == PAIRS
    assert all(verdict.reason for verdict in verdicts.values())


def test_a_reference_that_alone_spends_the_budget_is_the_datas_fault(comparer):
    """Law: the model is not blamed for a reference that cannot even be compared with itself."""
    verdicts = comparer.decide([(FACTORIAL, "x+5"), (FACTORIAL, "7"), ("y+1", "1+y")])
    assert [verdict.decision for verdict in verdicts.values()] == [Decision.BAD_REFERENCE] * 2 + [Decision.EQUAL]


def test_an_unreadable_reference_is_the_datas_fault(comparer):
    """Law: what cannot be parsed as a reference blames nobody but the data."""
    (verdict,) = comparer.decide([(r"\frac{", "x")]).values()
    assert verdict.decision in {Decision.BAD_REFERENCE, Decision.DIFFERENT}


def test_a_verdict_of_different_is_remembered(comparer):
    """Law: what the workers have decided once is not sent to them again, also when the answer was no."""
    pair = ("x^2+3", "x^2+4")
    first = comparer.decide([pair])[pair]
    sent = len(comparer.slow_path_s)
    assert comparer.decide([pair, pair])[pair] is first
    assert len(comparer.slow_path_s) == sent


def test_nothing_to_decide(comparer):
    """Law: no pairs, no verdicts."""
    assert comparer.decide([]) == {}


def test_cheap_pairs_start_no_worker():
    """Law: processes open only for what the cheap tiers leave."""
    made = Comparer()
    made.decide([("5", "5"), ("5", "6")])
    assert made._pool.pids() == []


def test_pickling_keeps_the_configuration_only(comparer):
    """Law: a copy has the budget and the worker count, and neither processes nor verdicts."""
    comparer.decide([("1+z", "z+1")])
    again = pickle.loads(pickle.dumps(comparer))
    assert (again.cpu_s, again.workers) == (0.5, 2)
    assert again._pool.pids() == []
    assert again._cache.get(("1+z", "z+1")) is None
    assert len(again.slow_path_s) == 0


def test_closing_is_not_the_end():
    """Law: a closed comparer opens again when it is needed."""
    made = Comparer(workers=1)
    try:
        for _ in range(2):
            assert made.decide([("1+w", "w+1")])[("1+w", "w+1")]
            made.close()
            assert made._pool.pids() == []
            made._cache._verdicts.clear()
    finally:
        made.close()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from(["1", "2", "x", "x+0", "x+x", "2x", "1/2", "0.5", "", "\\"])] * 2)))
def test_a_batch_is_its_pairs(comparer, pairs):
    """Law: deciding together is deciding one by one."""
    together = comparer.decide(pairs)
    assert set(together) == set(pairs)
    for pair in set(pairs):
        assert comparer.decide([pair])[pair] == together[pair]


def verdict(number: int) -> Equivalence:
    """Some verdict."""
    return Equivalence(Decision.EQUAL, "t", str(number))


def test_the_cache_is_bounded_in_number_and_size():
    """Law: only the latest are kept, and none that is long."""
    cache = VerdictCache(3)
    cache.put((("a", str(i)), verdict(i)) for i in range(5))
    assert [cache.get(("a", str(i))) is not None for i in range(5)] == [False, False, True, True, True]
    cache.put([(("a", "x" * 5000), verdict(9))])
    assert cache.get(("a", "x" * 5000)) is None


def test_the_cache_from_many_threads():
    """Law: threads that fill it at once leave it whole and within its bound."""
    cache = VerdictCache(50)

    def fill(thread: int) -> bool:
        for i in range(2000):
            cache.put([((str(thread), str(i)), verdict(i))])
            got = cache.get((str(thread), str(i)))
            assert got is None or got == verdict(i)
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(fill, range(8)))
    assert len(cache._verdicts) <= 50
