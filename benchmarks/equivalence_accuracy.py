"""Recall and false positives of our engine and of public graders on labelled pairs, in one table.

The pairs (JSONL: ``ground_truth``, ``answer``, ``equivalent``, ``kind``, ``source``, and ``policy`` where
suites disagree on purpose) are split as ``tests/equivalence/frozen_split.py`` says: the develop part by
default; the frozen third, meant for one last look, only with ``--frozen``. Each grader gets the answer as
given where it takes one, or in a box where it wants a box; prose of more than 250 characters stays as it
is.

Run: ``python benchmarks/equivalence_accuracy.py [math_pairs.jsonl] [--peer-python
PEERS/bin/python] [--json OUT]``
(see `peer_graders.py` for what to install there; graders whose package is missing are reported as skipped).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "equivalence"), str(ROOT / "benchmarks")]

from peer_graders import GRADERS, bare, boxed  # noqa: E402 - after the path
from real_data import DATA  # noqa: E402 - likewise

Row = dict[str, Any]
_WORD = re.compile(r"[A-Za-z]{2,}")
IN_ORDER = ("minerva", "boxed", "final_answer", "last_value")


def main() -> None:
    """Grade all rows with all graders and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, nargs="?", default=DATA / "math_pairs.jsonl")
    parser.add_argument("--frozen", action="store_true", help="the frozen third instead: the last look")
    parser.add_argument("--peer-python", default=sys.executable, help="an interpreter with the peers' packages")
    parser.add_argument("--only", nargs="*", help="only these peers; none for ours alone")
    parser.add_argument("--wrong", action="store_true", help="list our own wrong rows")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = split(asked.pairs, asked.frozen)

    tables: dict[str, list[Row]] = {"r1rewards": ours(rows, False), "r1rewards, boxed": ours(rows, True)}
    skipped = {}
    for name in GRADERS if asked.only is None else asked.only:
        results = peer(name, rows, asked.peer_python)
        if isinstance(results, str):
            skipped[name] = results
        else:
            tables[name] = results
    print(f"{'frozen' if asked.frozen else 'develop'} part, {len(rows)} rows; accepted / rows")
    summary = {name: summarise(rows, results) for name, results in tables.items()}
    show(summary)
    for name, why in skipped.items():
        print(f"skipped: {name}: {why}")
    if asked.wrong:
        list_wrong(rows, tables["r1rewards"])
    if asked.json:
        asked.json.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


def split(path: Path, frozen: bool) -> list[Row]:
    """Return one part of the file's rows."""
    import frozen_split

    frozen_split.DATA = path.resolve().parent
    return frozen_split.load_pairs(frozen)


def ours(rows: Sequence[Row], in_box: bool) -> list[Row]:
    """Grade with the engine: the last box, or the whole answer, or what its prose ends in."""
    from r1rewards.equivalence.verifier import equivalent

    out = []
    for row in rows:
        truth, answer = str(row["ground_truth"]), str(row["answer"])
        start = time.process_time()
        if in_box:
            truth, answer = bare(truth), boxed(answer)
        result = equivalent(truth, answer)
        out.append(
            {
                "equal": bool(result),
                "note": result.decision.value,
                "cpu_ms": 1000 * (time.process_time() - start),
            }
        )
    return out


def peer(name: str, rows: Sequence[Row], python: str) -> list[Row] | str:
    """Grade with another project's grader in a process of its own; a text says why it could not run."""
    pairs = json.dumps([[row["ground_truth"], row["answer"]] for row in rows])
    program = [python, str(Path(__file__).with_name("peer_graders.py")), name]
    done = subprocess.run(program, input=pairs, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return (done.stderr.strip().splitlines() or ["no output"])[-1]
    results = json.loads(lines[-1])
    return results if isinstance(results, list) else str(results["skipped"])


def family(row: Row) -> str:
    """Return the family of kinds a row belongs to; rows on which suites disagree are one of their own."""
    if row.get("policy"):
        return "policy"
    if str(row["kind"]).startswith("parse:"):
        return "parse"
    return "HardVerify" if "HardVerify" in str(row["source"]) else "other"


def summarise(rows: Sequence[Row], results: Sequence[Row]) -> Row:
    """Count accepted rows by family and label."""
    counts: Row = {}
    for row, result in zip(rows, results, strict=True):
        for group in (family(row), "clean" if family(row) != "policy" else ""):
            if group:
                cell = counts.setdefault(f"{group}/{'recall' if row['equivalent'] else 'false'}", [0, 0])
                cell[0] += bool(result["equal"])
                cell[1] += 1
    failures = [r["note"] for r in results if r["note"] and r["note"] not in ("equal", "different", "undecided")]
    return {
        "counts": counts,
        "undecided": sum(r["note"] == "undecided" for r in results),
        "timeouts": failures.count("timeout"),
        "errors": len(failures) - failures.count("timeout"),
        "cpu_ms_per_pair": sum(float(r["cpu_ms"]) for r in results) / len(results),
    }


COLUMNS = (
    "parse/recall",
    "HardVerify/recall",
    "HardVerify/false",
    "other/recall",
    "other/false",
    "clean/recall",
    "clean/false",
    "policy/recall",
    "policy/false",
)


def show(summary: dict[str, Row]) -> None:
    """Print one line a grader."""
    print(
        f"{'grader':<21}"
        + "".join(f"{c.replace('HardVerify', 'HardV.'):>16}" for c in COLUMNS)
        + f"{'undec.':>8}{'late':>6}{'errors':>8}{'ms/pair':>9}"
    )
    for name, figures in summary.items():
        line = f"{name:<21}"
        for column in COLUMNS:
            accepted, total = figures["counts"].get(column, (0, 0))
            cell = f"{accepted}/{total}" + (f" {accepted / total:.1%}" if column.endswith("recall") and total else "")
            line += f"{cell:>16}"
        print(
            line + f"{figures['undecided']:>8}{figures['timeouts']:>6}{figures['errors']:>8}"
            f"{figures['cpu_ms_per_pair']:>9.2f}"
        )


def list_wrong(rows: Sequence[Row], results: Sequence[Row]) -> None:
    """Print our wrong rows, for the develop part."""
    for row, result in zip(rows, results, strict=True):
        if bool(result["equal"]) != row["equivalent"] and not row.get("policy"):
            print(
                f"{row['id']}\t{row['kind']}\tlabelled {row['equivalent']}\t{result['note']}\t"
                f"{row['ground_truth']!r}\t{str(row['answer'])[-200:]!r}"
            )


if __name__ == "__main__":
    main()
