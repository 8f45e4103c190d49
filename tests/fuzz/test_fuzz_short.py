"""A few thousand mutated pairs, the same on every run, hold the laws of the fuzz harness without atheris."""

from __future__ import annotations

import random
import sys

import pytest
from equivalence_fuzz import SEPARATOR, one_input, write_corpus
from fuzz_inputs import MOST_CALLS, SEEDS, TOKENS, check, pair_of

PAIRS_A_CHUNK = 250


@pytest.mark.parametrize("chunk", range(12))
def test_mutated_pairs_keep_the_laws(chunk):
    """No exception, one verdict, symmetric where the semantics say so, each text equal to itself."""
    rng = random.Random(f"short fuzz {chunk}")
    for _ in range(PAIRS_A_CHUNK):
        check(*pair_of(rng))


def test_no_mutated_pair_is_costly():
    """Every pair ends within a fixed number of calls: a hang is seen as work, never as time."""
    rng = random.Random("costly")
    for _ in range(200):
        truth, answer = pair_of(rng)
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            calls += event in ("call", "c_call")
            if calls > MOST_CALLS:
                sys.setprofile(None)
                raise TimeoutError((truth, answer))  # noqa: B023 - called within this round

        sys.setprofile(count)
        try:
            check(truth, answer)
        finally:
            sys.setprofile(None)


def test_the_harness_takes_any_bytes(tmp_path):
    """The fuzz target itself is total: random bytes, no separator, and its own corpus."""
    rng = random.Random("bytes")
    for _ in range(200):
        one_input(rng.randbytes(rng.randint(0, 60)))
    dictionary = write_corpus(tmp_path)
    assert dictionary.read_text().count("\n") == len(TOKENS)
    files = sorted((tmp_path / "corpus").iterdir())
    assert len(files) == 2 * len(SEEDS)
    for file in files:
        assert SEPARATOR in file.read_bytes()
        one_input(file.read_bytes())
