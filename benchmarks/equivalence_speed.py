"""Responses per CPU second of our extraction and engine beside Math-Verify, in one process and one run.

CPU seconds are the process's own (``process_time``; neither side has children here: ours runs without its symbolic
tier). What a process does once, imports and mpmath's tables, is outside for both.

Row by row, over all distinct rollouts of a folder: ours with every cache of ours emptied before each row, as
``extract`` and ``equivalent`` with two sets of policies and as the one call `r1rewards.equivalent`; Math-Verify as
its users call it (``verify(parse(boxed reference), parse(completion))``, its defaults, main thread) with whatever it
and sympy keep from the rows before. Ratios are over the rows in which both find an answer (for the one call: the
same rows as for the richer policies).

Batches: the same rows in one call of `MathReward.score`, caches empty at its start, transcripts included. Then
groups as GRPO makes them: 8 to 64 samples a prompt, answers repeated, every completion a different text, by the
engine alone and by the reward.

Run: ``python benchmarks/equivalence_speed.py [../shared/data] [--every 1] [--json OUT.json]``
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from real_data import DATA
from rollout_verdicts import (
    POLICY,
    Graded,
    clear_caches,
    distinct_rollouts,
    math_verify,
    ours,
    ours_in_one_call,
    warm_up,
)

BATCH_ROWS = 8_192
RUNS = 3


def main() -> None:
    """Measure, print both tables, and write them as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DATA)
    parser.add_argument("--every", type=int, default=1, help="only every n-th rollout, for a quick look")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    rows = distinct_rollouts(asked.folder)[:: asked.every]
    warm_up()

    mine = cold(rows, ours)
    boxed = cold(rows, lambda row: ours(row, ("boxed",)))
    one_call = cold(rows, ours_in_one_call)
    theirs = [math_verify(row) for row in rows]
    answered = [g._replace(answer=m.answer) for g, m in zip(one_call, mine, strict=True)]
    figures = {
        ", ".join(POLICY): compared(rows, mine, theirs),
        "boxed": compared(rows, boxed, theirs),
        "r1rewards.equivalent": compared(rows, answered, theirs),
    }
    their_rate = figures[", ".join(POLICY)]["math_verify"]["per_cpu_s"]  # without the rows it finds nothing in
    batches = {policies: len(rows) / batch_s(rows, policies) for policies in ("boxed", ",".join(POLICY))}
    groups = [grouped(rows, size) for size in (8, 16, 32, 64)]
    for name, f in figures.items():
        print(f"== ours: {name}")
        show(f)
    for policies, rows_per_s in batches.items():
        print(
            f"one batch of all rows, MathReward({policies}): {rows_per_s:,.0f} rows/CPU s, "
            f"{rows_per_s / their_rate:.0f}x Math-Verify's rate above"
        )
    show_groups(groups)
    if asked.json:
        found = {"rows": figures, "batches": batches, "groups": groups}
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def cold(rows: list[dict[str, Any]], grade: Callable[[dict[str, Any]], Graded]) -> list[Graded]:
    """Grade each row with all caches of ours emptied before it."""
    graded = []
    for row in rows:
        clear_caches()
        graded.append(grade(row))
    return graded


def batch_s(rows: list[dict[str, Any]], policies: str) -> float:
    """Return the least CPU seconds of `MathReward.score` on all rows at once, caches empty at the start."""
    from r1rewards import Batch, MathReward

    best = float("inf")
    for _ in range(RUNS):
        reward = MathReward(extraction=policies, symbolic=False)
        clear_caches()
        start = time.process_time()
        columns = {name: [row[name] for row in rows] for name in ("completion", "ground_truth")}
        reward.score(Batch(columns))
        best = min(best, time.process_time() - start)
    return best


def percentile(values: list[float], share: float) -> float:
    """Return the value below which the given share of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: list[float]) -> dict[str, float]:
    """Return milliseconds at the usual percentiles."""
    out = {f"p{int(100 * q)}_ms": 1000 * percentile(values, q) for q in (0.5, 0.9, 0.99)}
    return {**out, "max_ms": 1000 * max(values), "per_cpu_s": len(values) / sum(values)}


def compared(rows: list[dict[str, Any]], mine: list[Graded], theirs: list[Graded]) -> dict[str, Any]:
    """Compare the two over the rows in which both find an answer, and say how ours got its verdicts."""
    both = [(m, t) for m, t in zip(mine, theirs, strict=True) if m.answer is not None and t.answer is not None]
    times = [m.cpu_s for m, _ in both], [t.cpu_s for _, t in both]
    answered = [m for m in mine if m.answer is not None]
    accepted = [m for m, t in zip(mine, theirs, strict=True) if t.equal]
    tiers: dict[str, int] = {}
    for m in answered:
        tiers[m.tier] = tiers.get(m.tier, 0) + 1
    slowest = max(zip(mine, rows, strict=True), key=lambda pair: pair[0].cpu_s)
    return {
        "rows": len(rows),
        "both_answer": len(both),
        "ours": spread(times[0]),
        "math_verify": spread(times[1]),
        "ours_all_rows": spread([m.cpu_s for m in mine]),
        "ratio_of_sums": sum(times[1]) / sum(times[0]),
        "ratio_of_medians": statistics.median(times[1]) / statistics.median(times[0]),
        "tiers": {name: n / len(answered) for name, n in sorted(tiers.items())},
        "symbolic_share": tiers.get("symbolic", 0) / len(rows),
        "undecided_share": sum(m.decision == "undecided" for m in mine) / len(rows),
        "recall_of_math_verify_without_symbolic": sum(m.equal for m in accepted) / max(len(accepted), 1),
        "equal": {"ours": sum(m.equal for m in mine), "math_verify": sum(t.equal for t in theirs)},
        "slowest": {"file": slowest[1]["file"], "id": slowest[1]["id"], "ms": 1000 * slowest[0].cpu_s},
    }


def grouped(rows: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """Return rows per second over batches of groups of one size: extraction and decisions, caches cold."""
    from r1rewards.equivalence.engine import equivalent_batch
    from r1rewards.text.extraction import extract

    rng = random.Random(size)
    prompts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        prompts.setdefault((row["file"], str(row["group"])), []).append(row)
    drawn: list[tuple[str, str]] = []
    keys = sorted(prompts)
    while len(drawn) < BATCH_ROWS:
        group = prompts[rng.choice(keys)]
        for _ in range(size):
            row = rng.choice(group)
            drawn.append((row["ground_truth"], f"Sample {len(drawn)}.\n{row['completion']}"))
    best = 0.0
    for _ in range(RUNS):
        clear_caches()
        start = time.process_time()
        answers = [extract(completion, 0, len(completion), POLICY).answer for _, completion in drawn]
        equivalent_batch([truth for truth, _ in drawn], answers)
        best = max(best, len(drawn) / (time.process_time() - start))
    pairs = len({(t, a) for (t, _), a in zip(drawn, answers, strict=True)})
    as_rows = [{"completion": completion, "ground_truth": truth} for truth, completion in drawn]
    rewarded = {policies: len(drawn) / batch_s(as_rows, policies) for policies in ("boxed", ",".join(POLICY))}
    return {
        "samples_a_prompt": size,
        "rows": len(drawn),
        "distinct_pairs": pairs,
        "rows_per_s": best,
        "reward_rows_per_s": rewarded,
    }


def show(figures: dict[str, Any]) -> None:
    """Print the table of one way to call ours."""
    print(f"{figures['rows']} distinct rollouts, both find an answer in {figures['both_answer']}")
    print(f"{'':<22}{'resp./CPU s':>13}{'p50 ms':>9}{'p90 ms':>9}{'p99 ms':>9}{'max ms':>10}")
    for name in ("ours", "math_verify", "ours_all_rows"):
        f = figures[name]
        print(
            f"{name:<22}{f['per_cpu_s']:>13,.0f}{f['p50_ms']:>9.3f}{f['p90_ms']:>9.3f}{f['p99_ms']:>9.2f}"
            f"{f['max_ms']:>10.1f}"
        )
    print(f"ratio of sums {figures['ratio_of_sums']:.0f}x, of medians {figures['ratio_of_medians']:.0f}x")
    print("tiers: " + ", ".join(f"{name} {share:.1%}" for name, share in figures["tiers"].items()))
    print(
        f"reach the symbolic tier {figures['symbolic_share']:.2%}, "
        f"undecided {figures['undecided_share']:.2%}, "
        f"of the rows Math-Verify accepts {figures['recall_of_math_verify_without_symbolic']:.2%} accepted "
        f"with that tier off; accepted in all: {figures['equal']}; slowest {figures['slowest']}"
    )


def show_groups(groups: list[dict[str, Any]]) -> None:
    """Print the groups' rows per second."""
    for g in groups:
        rewarded = ", ".join(f"{name} {value:,.0f}" for name, value in g["reward_rows_per_s"].items())
        print(
            f"groups of {g['samples_a_prompt']:>2}: {g['rows_per_s']:>9,.0f} rows/s "
            f"({g['rows']} rows, {g['distinct_pairs']} distinct pairs); MathReward: {rewarded}"
        )


if __name__ == "__main__":
    main()
