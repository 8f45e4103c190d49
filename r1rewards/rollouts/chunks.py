"""Cuts a stream of rows into chunks that are bounded in rows and in bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from r1rewards.rollouts.rows import Row

MAX_ROWS = 2048
MAX_BYTES = 8 << 20


def chunked(rows: Iterable[Row], *, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES) -> Iterator[list[Row]]:
    """Cut rows into chunks, in order, none lost; where they are cut depends on the rows alone.

    Args:
        rows: The rows.
        max_rows: Rows of a chunk at most.
        max_bytes: Bytes of a chunk at most; a larger row is a chunk by itself.

    Yields:
        Chunks of at least one row.

    Example:
        >>> rows = [Row({}, "a.jsonl", line, b"{}") for line in range(1, 6)]
        >>> [[row.line for row in chunk] for chunk in chunked(rows, max_rows=2)]
        [[1, 2], [3, 4], [5]]
    """
    chunk: list[Row] = []
    size = 0
    for row in rows:
        row_bytes = max(row.size_bytes, len(row.raw or b""))
        if chunk and (len(chunk) >= max_rows or size + row_bytes > max_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += row_bytes
        if len(chunk) >= max_rows or size >= max_bytes:
            # At once, so that a slow pipe's rows do not wait for the row behind them.
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
