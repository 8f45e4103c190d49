"""Where the real data lie beside the repository, as benchmarks find them when nothing else is said."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
EIGHT_SAMPLES = DATA / "rollouts_qwen25math_math500_8x100.jsonl"
"""A hundred problems with eight samples each."""
