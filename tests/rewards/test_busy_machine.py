"""The same scores on an idle and on an overloaded machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from r1rewards import MathReward, Rubric, ScoreTable

ROLLOUTS = Path(__file__).parents[3] / "shared" / "data" / "rollouts_qwen25math_math500_8x100.jsonl"
MINERVA = ROLLOUTS.with_name("rollouts_qwen25math7b_minerva.jsonl")


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Keep processes spinning while the block runs."""
    spin = "import sys\nsys.stdout.write('x'); sys.stdout.flush()\nwhile True: pass"
    processes = [subprocess.Popen([sys.executable, "-S", "-c", spin], stdout=subprocess.PIPE) for _ in range(count)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.read(1) == b"x"
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def scored(path: Path) -> ScoreTable:
    """Score a file with new workers and empty caches."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with Rubric([MathReward(), "format"]) as rubric:
        return rubric.score(**{name: [row[name] for row in rows] for name in ("completion", "ground_truth")})


@pytest.mark.skipif(not ROLLOUTS.exists(), reason="the shared data is not here")
@pytest.mark.parametrize("path", [ROLLOUTS, MINERVA], ids=lambda path: path.stem)
def test_load_changes_no_score(path: Path) -> None:
    """Law: four busy loops beside a run change neither a value nor a status nor a detail."""
    idle = scored(path)
    with busy_loops(4):
        loaded = scored(path)
    np.testing.assert_array_equal(idle.values, loaded.values)
    assert idle.statuses.tolist() == loaded.statuses.tolist()
    assert [column.details for column in idle.columns] == [column.details for column in loaded.columns]
