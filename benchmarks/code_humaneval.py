"""How many right solutions of HumanEval (Python, C++, JavaScript) the `code` reward accepts, and how many spoilt ones.

``python benchmarks/code_humaneval.py [docker|namespace|...]`` reads ../shared/data/code_humaneval*.jsonl. A spoilt
solution is the right one with its first ``return`` replaced by a wrong value; those that are accepted all the same are
listed: they are equivalent, or the tests are too weak to tell.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

from real_data import DATA

from r1rewards import Batch, load_reward

FILES = {"python": "code_humaneval.jsonl", "cpp": "code_humaneval_cpp.jsonl", "javascript": "code_humaneval_js.jsonl"}
_FENCE = {"python": "python", "cpp": "cpp", "javascript": "js"}
# Replaces what is returned first; in C++ by another value of the same type, so that it compiles.
_WRONG = {
    "python": (re.compile(r"^(\s*)return\b[^\n]*", re.MULTILINE), r"\1return 'spoilt'"),
    "cpp": (re.compile(r"\breturn\b([^;]*);"), "return r1_spoilt(\\1);"),
    "javascript": (re.compile(r"\breturn\b[^\n;]*"), "return 'spoilt'"),
}


_SPOIL_CPP = """
template <class T> T r1_spoilt(const T &value, ...) { return T(); }
inline bool r1_spoilt(bool value) { return !value; }
inline int r1_spoilt(int value) { return value + 1; }
inline long long r1_spoilt(long long value) { return value + 1; }
inline double r1_spoilt(double value) { return value + 1; }
inline std::string r1_spoilt(const std::string &value) { return value + "spoilt"; }
inline std::string r1_spoilt(const char *value) { return std::string(value) + "spoilt"; }
template <class T> std::vector<T> r1_spoilt(const std::vector<T> &value) {
    auto more = value; more.push_back(T()); return more;
}
"""


def spoilt(solution: str, language: str) -> str:
    """Return a solution whose first ``return`` gives a wrong value."""
    pattern, wrong = _WRONG[language]
    return pattern.sub(wrong, solution, count=1)


def columns_of(rows: list[dict[str, Any]], language: str, *, spoil: bool) -> dict[str, list[Any]]:
    """Return a batch's columns: completions that hold the solutions, and the tests as the file has them."""
    solutions = [spoilt(row["canonical_solution"], language) if spoil else row["canonical_solution"] for row in rows]
    before = "#include <string>\n#include <vector>\n" + _SPOIL_CPP if spoil and language == "cpp" else ""
    heads = [before + row["prompt"] for row in rows]
    fence = _FENCE[language]
    completions = [
        f"<think>So.</think>\n```{fence}\n{head}{body}\n```\n" for head, body in zip(heads, solutions, strict=True)
    ]
    names = [name for name in rows[0] if name not in ("canonical_solution", "example_test")]
    return {"completion": completions, **{name: [row[name] for row in rows] for name in names}}


def main(sandbox: str = "docker") -> None:
    """Print the table."""
    reward = load_reward("code", sandbox=sandbox, cpu_s=10.0)
    print(f"{'file':28} {'solutions':>9} {'accepted':>8} {'spoilt rejected':>15} {'seconds':>8}")
    remarks = []
    for language, name in FILES.items():
        if not (DATA / name).is_file():
            print(f"{name:28} is not here")
            continue
        rows = [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]
        began = time.monotonic()
        right, wrong = (reward.score(Batch(columns_of(rows, language, spoil=spoil))) for spoil in (False, True))
        seconds = time.monotonic() - began
        accepted, rejected = int((right.values == 1).sum()), int((wrong.values == 0).sum())
        print(f"{name:28} {len(rows):9} {accepted:8} {rejected:15} {seconds:8.1f}")
        for row, good, bad in zip(rows, right, wrong, strict=True):
            if good.value != 1:
                remarks.append(f"{row['task_id']}: solution not accepted: {good.status.name}: {good.detail.get('why')}")
            if bad.value != 0:
                remarks.append(f"{row['task_id']}: spoilt solution {bad.status.name} {bad.value:g}")
    reward.close()
    print(*remarks, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
