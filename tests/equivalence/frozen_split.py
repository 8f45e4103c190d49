"""Which rows of math_pairs.jsonl are frozen: decided before the engine was begun, read once at the end."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LARGE_SOURCE_ROWS = 90


def _third(text: str) -> bool:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % 3 == 0


def load_pairs(frozen: bool) -> list[dict[str, object]]:
    """Return the frozen third or the rest of the labelled pairs.

    A source with fewer than 90 rows is frozen whole, by the hash of its name. The few large ones are split by
    the hash of the ground truth, so that two answers to one question stay on one side.
    """
    lines = (DATA / "math_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    sizes = Counter(row["source"] for row in rows)

    def is_frozen(row: dict[str, object]) -> bool:
        source = str(row["source"])
        return _third(str(row["ground_truth"]) if sizes[row["source"]] >= LARGE_SOURCE_ROWS else source)

    return [row for row in rows if is_frozen(row) == frozen]
