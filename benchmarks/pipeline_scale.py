"""How `score`, `evaluate`, `select` and `report` do on large files: rows a second, and memory for each further row.

    python benchmarks/pipeline_scale.py                   # 10,000 and 200,000 rows
    python benchmarks/pipeline_scale.py --rows 1000000    # the figures of the bar

Rows are real ones, repeated and perturbed (a word changed in each), eight to a prompt. Memory is the peak of the
command's own process; its slope is what each row beyond the small file's adds. Throughput is by the clock and by CPU
seconds, which a busy machine does not change.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from real_data import EIGHT_SAMPLES

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples/rollouts.jsonl"
SMALL_ROWS = 10_000
REPORT_ROWS = 100_000
PER_PROMPT = 8


def write_rows(path: Path, rows: int, seed: int) -> int:
    """Write rows and return the file's bytes."""
    source = EIGHT_SAMPLES if EIGHT_SAMPLES.exists() else EXAMPLES
    real = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    real = [row for row in real if not str(row["id"]).startswith("hostile")]
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            row = real[number % len(real)]
            words = row["completion"].split(" ")
            words[draw.randrange(len(words))] += f" word{draw.randrange(10_000)}"
            new = {**row, "id": number, "group": number // PER_PROMPT, "completion": " ".join(words)}
            file.write(json.dumps(new) + "\n")
    return path.stat().st_size


def measured(*words: str) -> dict[str, float]:
    """Run a command; return its seconds, its CPU seconds and its peak in bytes."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "r1rewards", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"r1rewards {' '.join(words)} ended with {process.returncode}:\n{said}")
    return {
        "seconds": time.monotonic() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def run_all(folder: Path, rows: int, *, near: bool, report: bool) -> dict[str, dict[str, float]]:
    """Run the commands on a file of a size."""
    source, scored = folder / f"{rows}.jsonl", folder / f"{rows}.scored.jsonl"
    size = write_rows(source, rows, seed=rows)
    found = {
        "score": measured("score", str(source), "-r", "math", "--details", "-o", str(scored), "--overwrite", "--quiet"),
        "evaluate": measured("evaluate", str(scored), "--pass-at", "1,8", "--cons-at", "8", "--json"),
    }
    conditions = ["--require", "math=1", "--per-prompt", "4", "--choose", "shortest", "--quiet", "--overwrite"]
    kept = str(folder / "kept.jsonl")
    found["select"] = measured("select", str(scored), *conditions, "-o", kept)
    if near:
        found["select, near-duplicates"] = measured(
            "select", str(scored), *conditions, "--duplicates", "near", "-o", kept
        )
    if report:
        found["report"] = measured("report", str(scored), "-o", str(folder / "page.html"), "--overwrite")
        found["report"]["page_bytes"] = (folder / "page.html").stat().st_size
    for figures in found.values():
        figures |= {"rows": rows, "file_bytes": size, "rows_per_s": rows / figures["seconds"]}
        figures["rows_per_cpu_s"] = rows / figures["cpu_s"]
    source.unlink()
    scored.unlink()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the large file")
    parser.add_argument("--near", action="store_true", help="near-duplicates too (extra `select`)")
    parser.add_argument(
        "--report", action="store_true", help=f"the report of {REPORT_ROWS:,} rows too (extra `report`)"
    )
    parser.add_argument("--folder", help="where the files lie meanwhile")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        small = run_all(folder, SMALL_ROWS, near=asked.near, report=False)
        large = run_all(folder, asked.rows, near=asked.near, report=False)
        page = run_all(folder, REPORT_ROWS, near=False, report=True)["report"] if asked.report else None
    print(f"{'command':<26}{'rows/s':>10}{'ratio':>8}{'per CPU s':>11}{'ratio':>8}{'peak MB':>9}{'bytes/row':>11}")
    for command, figures in large.items():
        before = small[command]
        ratio = figures["rows_per_s"] / before["rows_per_s"]
        cpu_ratio = figures["rows_per_cpu_s"] / before["rows_per_cpu_s"]
        slope = (figures["peak_bytes"] - before["peak_bytes"]) / (asked.rows - SMALL_ROWS)
        figures |= {"ratio": ratio, "cpu_ratio": cpu_ratio, "bytes_per_row": slope}
        print(
            f"{command:<26}{figures['rows_per_s']:>10,.0f}{ratio:>8.2f}{figures['rows_per_cpu_s']:>11,.0f}"
            f"{cpu_ratio:>8.2f}{figures['peak_bytes'] / 1e6:>9.0f}{slope:>11.1f}"
        )
    print(f"ratio: against {SMALL_ROWS:,} rows; bytes/row: what each row beyond those adds to the peak")
    if page is not None:
        print(
            f"report of {REPORT_ROWS:,} rows: {page['seconds']:.1f} s ({page['cpu_s']:.1f} CPU s), "
            f"{page['page_bytes'] / 1e6:.1f} MB, peak {page['peak_bytes'] / 1e6:.0f} MB"
        )
    print(json.dumps({"small": small, "large": large, "report": page}))


if __name__ == "__main__":
    main()
