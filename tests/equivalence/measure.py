"""Measure the engine on the develop split: `python tests/equivalence/measure.py [wrong] [frozen]`."""

from __future__ import annotations

import re
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from frozen_split import load_pairs

from r1rewards.equivalence.engine import equivalent, is_plain_text
from r1rewards.equivalence.extraction import extract

_WORD = re.compile(r"[a-zA-Z]{2,}")


def answer_of(text: str) -> str:
    """Extract from prose; what the engine can read as a whole is the answer itself."""
    if "\\boxed" in text:
        return extract(text, ["boxed", "final_answer", "last_value"]).answer or text
    if len(text) > 250 or (
        is_plain_text(text) and len(_WORD.findall(text)) > 2 and re.search(r"\d|\$|\\\(", text)
    ):
        return extract(text, ["final_answer", "last_value"]).answer or text
    return text


def family(row: dict[str, object]) -> str:
    if str(row["kind"]).startswith("parse:"):
        return "parse"
    return "hardverify" if "HardVerify" in str(row["source"]) else "other"


def main() -> None:
    rows = [r for r in load_pairs("frozen" in sys.argv) if "policy" not in r]
    counts: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])
    start = time.perf_counter()
    for row in rows:
        truth, answer = str(row["ground_truth"]), str(row["answer"])
        try:
            result = equivalent(answer_of(truth), answer_of(answer))
            accepted, note = bool(result), f"{result.decision.value}/{result.tier} {result.detail}"
        except Exception as error:
            accepted, note = False, f"RAISED {error!r}"
        key = (family(row), bool(row["equivalent"]))
        counts[key][0] += accepted
        counts[key][1] += 1
        if "wrong" in sys.argv and accepted != row["equivalent"]:
            print(
                row["id"],
                row["equivalent"],
                "|",
                answer_of(truth)[:110],
                "|",
                answer_of(answer)[:110],
                "|",
                note[:160],
            )
    took = time.perf_counter() - start
    for (name, label), (accepted, total) in sorted(counts.items()):
        print(f"{name:10} labelled {label!s:5}: accepted {accepted}/{total} = {accepted / total:.1%}")
    print(f"{took / len(rows) * 1e6:.0f} us a pair")


if __name__ == "__main__":
    main()
