"""Chunks lose and reorder nothing, and are bounded in rows and bytes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.rollouts.chunks import chunked
from r1rewards.rollouts.rows import Row


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(0, 50), max_size=60),
    max_rows=st.integers(1, 10),
    max_bytes=st.integers(1, 100),
    raw=st.booleans(),
)
def test_chunks_hold_all_rows_in_order_within_bounds(sizes, max_rows, max_bytes, raw):
    """The chunks' rows are the input's; none is empty, none beyond its bounds unless it is one large row."""
    rows = [Row({}, "a", line, b"x" * size if raw else None, 0 if raw else size) for line, size in enumerate(sizes, 1)]
    chunks = list(chunked(rows, max_rows=max_rows, max_bytes=max_bytes))
    assert [row for chunk in chunks for row in chunk] == rows
    for chunk in chunks:
        assert 1 <= len(chunk) <= max_rows
        assert len(chunk) == 1 or sum(sizes[row.line - 1] for row in chunk) <= max_bytes


def test_a_full_chunk_is_handed_on_at_once():
    """A chunk that is full does not wait for the row behind it."""
    taken = []

    def rows():
        for line in range(1, 10):
            taken.append(line)
            yield Row({}, "a", line)

    assert [row.line for row in next(chunked(rows(), max_rows=2))] == [1, 2]
    assert taken == [1, 2]
