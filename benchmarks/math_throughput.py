r"""Rows per second of our `math` reward beside `math-verify`, one by one in one process, in the same run.

Three inputs made from one file of rollouts (JSONL with ``completion``, boxed, and ``ground_truth``):

- ``groups``: the file × 50, as GRPO repeats its answers;
- ``distinct``: the file with every answer and id rewritten, so that no row, reference or pair repeats;
- ``file``: the file × 50 through the command line, reading and writing included.

`math-verify` is called as its users call it (`verify(parse(boxed reference), parse(completion))`, its
defaults, main thread). On ``groups`` it is measured on the file once and scaled, as it sees repeats there too.

Run: ``python benchmarks/math_throughput.py [ROLLOUTS.jsonl] [--json OUT.json]``
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from real_data import EIGHT_SAMPLES

from r1rewards import Batch, MathReward
from r1rewards.text.boxed import last_box

REPEATS = 50
RUNS = 3


def main() -> None:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rollouts", type=Path, nargs="?", default=EIGHT_SAMPLES)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = [json.loads(line) for line in asked.rollouts.read_text(encoding="utf-8").splitlines()]
    distinct = [rewritten(row, number) for number, row in enumerate(rows)]
    table = [
        groups(rows),
        compared("distinct", distinct, distinct, 1),
        through_command_line(rows),
    ]
    print(f"{'input':<10}{'rows':>8}{'ours, rows/s':>15}{'math-verify, rows/s':>22}{'ratio':>9}  agree")
    for line in table:
        print(
            f"{line['input']:<10}{line['rows']:>8}{line['ours_rows_per_s']:>15,.0f}"
            f"{line['math_verify_rows_per_s']:>22,.0f}{line['ratio']:>8.1f}x  {line['agree']}"
        )
    if asked.json:
        asked.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def groups(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Compare on the rows × 50, each copy a string of its own as a reader would make it."""
    copies = [json.loads(json.dumps(row)) for _ in range(REPEATS) for row in rows]
    return compared("groups", copies, rows, REPEATS)


def compared(name: str, ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]], scale: int) -> dict[str, Any]:
    """Time both sides in turn; ours begins each run with empty caches."""
    pairs = []
    for _ in range(RUNS):
        reward = warm_reward()
        our_values, our_s = timed(lambda reward=reward: our_scores(reward, ours))
        reward.close()
        their_values, their_s = timed(lambda: their_scores(theirs))
        pairs.append((our_s, their_s * scale))
    agree = sum(a == b for a, b in zip(our_values, their_values * scale, strict=True))
    return result(name, len(ours), pairs, f"{agree / len(ours):.2%}")


def through_command_line(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Time the command line on the file × 50, from start to exit."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "rollouts.jsonl", Path(folder) / "scored.jsonl"
        lines = "".join(
            json.dumps({**row, "id": f"{row.get('id')}-{n}"}) + "\n" for n in range(REPEATS) for row in rows
        )
        source.write_text(lines, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "r1rewards",
            "score",
            str(source),
            "-r",
            "math",
            "-o",
            str(target),
            "--overwrite",
        ]
        pairs = []
        for _ in range(RUNS):
            _, our_s = timed(lambda: subprocess.run(command, check=True, capture_output=True))
            _, their_s = timed(lambda: their_scores(rows))
            pairs.append((our_s, their_s * REPEATS))
    return result("file", len(rows) * REPEATS, pairs, "-")


def result(name: str, rows: int, pairs: Sequence[tuple[float, float]], agree: str) -> dict[str, Any]:
    """Make a line of the table from paired times; the ratio is the median of the pairs' ratios."""
    return {
        "input": name,
        "rows": rows,
        "ours_rows_per_s": rows / statistics.median(ours for ours, _ in pairs),
        "math_verify_rows_per_s": rows / statistics.median(theirs for _, theirs in pairs),
        "ratio": statistics.median(theirs / ours for ours, theirs in pairs),
        "agree": agree,
    }


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a piece of work returns and its wall-clock seconds."""
    start = time.perf_counter()
    value = work()
    return value, time.perf_counter() - start


def warm_reward() -> MathReward:
    """Return a reward whose workers run and whose caches hold nothing of the rows.

    The workers' start is the import of sympy and math-verify, which the other side has done as well.
    """
    reward = MathReward()
    for module in [module for name, module in sys.modules.items() if name.startswith("r1rewards.")]:
        for thing in vars(module).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()
    unlike = [f"\\boxed{{{n}w+v}}" for n in range(8)]
    reward.score(Batch.of(completion=unlike, ground_truth=[f"v+{n}w+0" for n in range(8)]))
    return reward


def our_scores(reward: MathReward, rows: Sequence[dict[str, Any]]) -> list[float]:
    """Score in one batch."""
    columns = {name: [row[name] for row in rows] for name in ("completion", "ground_truth")}
    values: list[float] = reward.score(Batch(columns)).values.tolist()
    return values


def their_scores(rows: Sequence[dict[str, Any]]) -> list[float]:
    """Score one by one with math-verify's defaults."""
    from math_verify import parse, verify

    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    return [float(verify(parse("\\boxed{" + str(row["ground_truth"]) + "}"), parse(row["completion"]))) for row in rows]


def rewritten(row: dict[str, Any], number: int) -> dict[str, Any]:
    r"""Return a row with another answer that no other row has, right where it was right.

    Every number in reference and box is made another by the same rule; where there is none, one is added.
    """
    text: str = row["completion"]
    box = last_box(text)
    if box is not None:
        inside = changed(text[box.content_start : box.content_end], number)
        text = text[: box.content_start] + inside + text[box.content_end :]
    truth = changed(str(row["ground_truth"]), number)
    return {**row, "id": f"distinct-{number}", "completion": f"{number}. {text}", "ground_truth": truth}


def changed(answer: str, number: int) -> str:
    """Return an answer with its whole numbers moved by an amount of the row's own."""
    if re.search(r"(?<![\d.])\d{1,6}(?![\d.])", answer) is None:
        return f"{answer}+{number + 1}"
    return re.sub(r"(?<![\d.])\d{1,6}(?![\d.])", lambda found: str(int(found[0]) + number + 1), answer, count=1)


if __name__ == "__main__":
    main()
