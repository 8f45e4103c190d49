"""Prints, kind by kind, how the engine judges 10,000 generated rewritings and 10,000 perturbations.

The pairs and the oracle (50-digit evaluation) are those of ``tests/equivalence``. Bars: at least 500
pairs of every kind of rewriting, no perturbation found equal, at most 1% of the rewritings missed or
undecided.

Run: ``python benchmarks/equivalence_laws.py [--each 500] [--seed 2] [--failures OUT.txt]
[--json OUT.json] [KIND ...]``
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [
    str(Path(__file__).resolve().parents[1]),
    str(Path(__file__).resolve().parents[1] / "tests/equivalence"),
]

if TYPE_CHECKING:
    from laws import Tally


def main() -> None:
    """Judge, print the table, and write failures and figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", help="only these kinds")
    parser.add_argument("--each", type=int, default=500, help="pairs of every kind")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--failures", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()

    from laws import tally

    both = {
        "rewritings": tally(True, asked.each, asked.seed, asked.kinds),
        "perturbations": tally(False, asked.each, asked.seed, asked.kinds),
    }
    for name, tallies in both.items():
        table(name, tallies)
    if asked.failures:
        asked.failures.write_text("\n".join(failures(both)) + "\n", encoding="utf-8")
    if asked.json:
        asked.json.write_text(json.dumps(figures(both), indent=1) + "\n", encoding="utf-8")


def table(name: str, tallies: list[Tally]) -> None:
    """Print one line a kind and the total."""
    print(f"{name:<22}{'pairs':>7}{'equal':>8}{'different':>11}{'undecided':>11}{'wrong':>7}{'share':>9}{'ms/pair':>9}")
    for t in tallies:
        v = {d.value: n for d, n in t.verdicts.items()}
        print(
            f"  {t.kind:<20}{t.rows:>7}{v.get('equal', 0):>8}{v.get('different', 0):>11}"
            f"{v.get('undecided', 0):>11}"
            f"{len(t.wrong):>7}{len(t.wrong) / max(t.rows, 1):>9.2%}{1000 * t.cpu_s / max(t.rows, 1):>9.2f}"
        )
    rows, wrong = sum(t.rows for t in tallies), sum(len(t.wrong) for t in tallies)
    print(f"  {'all':<20}{rows:>7}{'':>30}{wrong:>7}{wrong / max(rows, 1):>9.2%}\n")


def failures(both: dict[str, list[Tally]]) -> list[str]:
    """Return one line a wrong verdict."""
    return [
        f"{t.kind}\texpected {'equal' if t.equal else 'different'}\tgot {d.value}\t{c.ground_truth}\t|\t{c.answer}"
        for tallies in both.values()
        for t in tallies
        for c, d in t.wrong
    ]


def figures(both: dict[str, list[Tally]]) -> dict[str, list[dict[str, object]]]:
    """Return the table as plain data."""
    return {
        name: [{"kind": t.kind, "pairs": t.rows, "wrong": len(t.wrong), "cpu_s": round(t.cpu_s, 3)} for t in tallies]
        for name, tallies in both.items()
    }


if __name__ == "__main__":
    main()
