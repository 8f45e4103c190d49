r"""Seven rewards over one batch beside seven calls of one each: what sharing a batch's derived columns saves.

Each call of one makes its own batch, as a trainer with seven reward functions does; the rubric makes one. Both
are warm: workers run and verdicts are cached, so that what is left is reading the rows. A counter says how often the
scanner of transcripts ran, for how many distinct completions. The completions have no reasoning tags, so
`language` judges reasoning and answer, which is the whole text.

Run: ``python benchmarks/family_speed.py [ROLLOUTS.jsonl] [--json OUT.json]``
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from real_data import EIGHT_SAMPLES

from r1rewards import Batch, Rubric, load_reward, samples

RUNS = 9
SEVEN: dict[str, dict[str, Any]] = {
    "math": {},
    "format": {},
    "language": {"target": "en", "part": "both"},
    "repetition": {},
    "readability": {},
    "length": {"mode": "magistral", "unit": "words", "max_length": 1000, "cache_length": 200},
    "overlong": {"unit": "words", "max_length": 1000, "cache_length": 200},
}


def main() -> None:
    """Measure in turn, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rollouts", type=Path, nargs="?", default=EIGHT_SAMPLES)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = [json.loads(line) for line in asked.rollouts.read_text(encoding="utf-8").splitlines()]
    columns = {name: [row[name] for row in rows] for name in ("completion", "ground_truth", "prompt")}
    rewards = [load_reward(name, **options) for name, options in SEVEN.items()]
    rubric = Rubric(rewards)
    rubric.score(Batch(columns))
    scans, distinct = scans_of(rubric, columns), len(set(columns["completion"]))
    together, apart, each = [], [], {reward.name: [] for reward in rewards}
    for _ in range(RUNS):
        start = time.perf_counter()
        rubric.score(Batch(columns))
        together.append(time.perf_counter() - start)
        start = time.perf_counter()
        for reward in rewards:
            begun = time.perf_counter()
            reward.score(Batch(columns))
            each[reward.name].append(time.perf_counter() - begun)
        apart.append(time.perf_counter() - start)
    rubric.close()
    ratio = statistics.median(one / many for one, many in zip(together, apart, strict=True))
    for name, times in each.items():
        print(f"{name:<16}{statistics.median(times) * 1000:>10.1f} ms alone")
    print(f"{'sum of seven':<16}{statistics.median(apart) * 1000:>10.1f} ms")
    print(f"{'one rubric':<16}{statistics.median(together) * 1000:>10.1f} ms   ratio {ratio:.2f}")
    print(f"the scanner of transcripts ran {scans} times for {distinct} distinct completions of {len(rows)}")
    if asked.json:
        result = {"ratio": ratio, "scans": scans, "distinct": distinct, "rows": len(rows), "runs": RUNS}
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def scans_of(rubric: Rubric, columns: dict[str, list[Any]]) -> int:
    """Return how often the scanner of transcripts runs in one call."""
    count = 0
    original = samples.split_transcripts

    def counted(texts: Sequence[str], *args: Any, **kwargs: Any) -> Any:
        """Scan, and count."""
        nonlocal count
        count += len(texts)
        return original(texts, *args, **kwargs)

    samples.split_transcripts = counted
    try:
        rubric.score(Batch(columns))
    finally:
        samples.split_transcripts = original
    return count


if __name__ == "__main__":
    main()
