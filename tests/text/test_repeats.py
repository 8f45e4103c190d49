"""The share of repeated n-grams, against a plain reading of its definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from r1rewards.text.repeats import repeated_share


def plainly(units, ngram, window, long_ngram):
    """Compute the share as its docstring says it, without hashing."""
    starts = range(len(units) - ngram + 1)
    repeated = {i for i in starts for j in range(max(0, i - window), i) if units[j : j + ngram] == units[i : i + ngram]}
    if len(units) > long_ngram:
        for i in range(len(units) - long_ngram + 1):
            if any(units[j : j + long_ngram] == units[i : i + long_ngram] for j in range(i)):
                repeated |= set(range(i, i + long_ngram - ngram + 1))
    return len(repeated) / len(starts) if len(starts) > 1 else 0.0


@given(
    st.lists(st.sampled_from("abc"), max_size=40),
    st.integers(1, 4),
    st.integers(1, 12),
    st.integers(1, 5),
)
def test_as_defined(units, ngram, window, more):
    """Law: hashing and sorting give what the definition gives."""
    long_ngram = ngram + more
    share = repeated_share(units, ngram=ngram, window=window, long_ngram=long_ngram)
    assert share == plainly(units, ngram, window, long_ngram)
    assert 0.0 <= share <= 1.0


def test_distance_and_length_decide():
    """Law: a short repeat counts near by only, a long one at any distance."""
    filler = [f"w{n}" for n in range(500)]
    short, long = ["a", "b", "c", "d"], [f"x{n}" for n in range(30)]
    assert repeated_share(short + filler + short, ngram=4, window=50, long_ngram=24) == 0.0
    assert repeated_share(short + filler[:20] + short, ngram=4, window=50, long_ngram=24) > 0.0
    assert repeated_share(long + filler + long, ngram=4, window=50, long_ngram=24) > 0.04
