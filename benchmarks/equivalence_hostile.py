"""Prints the slowest hostile pairs of the test suite, in milliseconds of CPU and megabytes.

Bar: each under 250 ms and 200 MB by the fast tiers, caches cold, either side as the reference.

Run: ``python benchmarks/equivalence_hostile.py [--show 20] [--memory] [--json OUT.json]``
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tracemalloc
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "equivalence")]
BAR_MS = 250.0


def main() -> None:
    """Measure each pair in both directions and print the slowest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--memory", action="store_true", help="measure memory too, which makes the times longer")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()

    from hostile_cases import CASES

    from r1rewards.equivalence.engine import equivalent

    equivalent("x + 1", r"\frac{2x + 2}{2}")  # what is imported lazily is no part of a pair
    rows = []
    for case in CASES:
        truth, answer = case.build()
        for side, pair in (("answer", (truth, answer)), ("reference", (answer, truth))):
            if asked.memory:
                tracemalloc.start()
            start = time.process_time()
            result = equivalent(*pair)
            cpu_ms = 1000 * (time.process_time() - start)
            peak = tracemalloc.get_traced_memory()[1] if asked.memory else 0
            tracemalloc.stop()
            rows.append(
                {
                    "name": case.name,
                    "hostile": side,
                    "ms": round(cpu_ms, 2),
                    "peak_mb": round(peak / 1e6, 1),
                    "decision": result.decision.value,
                    "wrong": case.equal is not None and bool(result) is not case.equal,
                }
            )
    rows.sort(key=lambda r: -float(r["ms"]))
    print(f"{'ms CPU':>9}{'peak MB':>9}  {'decision':<14}{'hostile':<11}case")
    for r in rows[: asked.show]:
        print(f"{r['ms']:>9.1f}{r['peak_mb']:>9.1f}  {r['decision']:<14}{r['hostile']:<11}{r['name']}")
    over = sum(float(r["ms"]) > BAR_MS for r in rows)
    wrong = [r["name"] for r in rows if r["wrong"]]
    print(f"{len(CASES)} cases, {len(rows)} pairs: {over} over {BAR_MS:.0f} ms, {len(wrong)} wrong {wrong}")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
