"""Lists every real rollout on which our engine and Math-Verify differ, with what each of them read.

Run: ``python benchmarks/rollout_agreement.py [../shared/data] [--out DIFFERENCES.jsonl]``
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

from real_data import DATA
from rollout_verdicts import distinct_rollouts, math_verify, ours, warm_up


def main() -> None:
    """Grade with both, print agreement by file, and list the differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DATA)
    parser.add_argument("--out", type=Path, help="write the differences as JSONL too")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warm_up()
    agreed: dict[str, list[int]] = {}
    differences = []
    for row in distinct_rollouts(asked.folder):
        mine, theirs = ours(row), math_verify(row)
        cell = agreed.setdefault(row["file"], [0, 0])
        cell[0] += mine.equal == theirs.equal
        cell[1] += 1
        if mine.equal != theirs.equal:
            differences.append(
                {
                    "file": row["file"],
                    "id": row["id"],
                    "ground_truth": row["ground_truth"],
                    "extracted": mine.answer,
                    "ours": f"{mine.decision}/{mine.tier}",
                    "math_verify": theirs.decision,
                    "math_verify_read": (theirs.answer or "")[:120],
                    "end": row["completion"][-160:],
                }
            )
    for name, (same, rows) in agreed.items():
        print(f"{name:<46}{same:>6} of {rows:<6}{same / rows:.2%}")
    accepted = sum(d["math_verify"] == "different" for d in differences)
    print(
        f"{len(differences)} differences: {accepted} accepted by ours alone, "
        f"{len(differences) - accepted} by Math-Verify alone"
    )
    for d in sorted(differences, key=lambda d: (d["math_verify"], d["file"], str(d["ground_truth"]))):
        print(
            f"{d['file'][9:-6]}:{d['id']}\tours {d['ours']}\tMath-Verify {d['math_verify']}\t"
            f"{d['ground_truth']!r}\t{d['extracted']!r}\tread {d['math_verify_read']!r}"
        )
    if asked.out:
        asked.out.write_text("".join(json.dumps(d) + "\n" for d in differences), encoding="utf-8")


if __name__ == "__main__":
    main()
