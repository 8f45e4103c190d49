"""AReaL's own reward wrapper calls our reward in its pool of processes; the rest of its package is not loaded."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from r1rewards import MathReward
from r1rewards.trainers import areal as door

found = importlib.util.find_spec("areal")
assert found is not None
assert found.origin is not None
# The package's face loads its engines, with dependencies that want a GPU.
sys.modules["areal"] = ModuleType("areal")
sys.modules["areal"].__path__ = [str(Path(found.origin).parent)]

from areal.api.reward_api import AsyncRewardWrapper  # noqa: E402 - only now can it be imported

POWER_TOWER = r"<think>so</think> \boxed{" + "10^{" * 40 + "10" + "}" * 40 + r"+\sum_{n=1}^{10^{10}}\sin(n^n)}"
ROWS = [
    (r"<think>so</think> \boxed{4}<|im_end|>", "4", 1.5),
    (r"\boxed{4}<|im_end|>", "4", 1.0),
    (r"<think>so</think> \boxed{5}<|im_end|>", "4", 0.5),
    ("nothing<|im_end|>", "4", 0.0),
    (POWER_TOWER, "4", 0.5),
    (r"<think>so</think> \boxed{4}", "", -1.0),
]


async def scored(wrapper, rows):
    """Call the wrapper as AReaL's workflow does: all rows at once, the row's columns as keywords."""
    calls = [
        wrapper("2+2?", text, [1, 2], [3], answer=answer, messages=[{"role": "user", "content": "2+2?"}])
        for text, answer, _ in rows
    ]
    return await asyncio.gather(*calls)


def test_the_wrapper_scores_in_its_processes():
    """Law: its pool gives right numbers, and a row that hangs math-verify costs its own budget, not a retry.

    One without a readable reference gets `unscored`.
    """
    reward = door.AReaLReward([MathReward(cpu_s=1.0, workers=1), "format@0.5"], unscored=-1.0)
    rows = ROWS * 4
    values = asyncio.run(scored(AsyncRewardWrapper(reward, max_workers=2, max_retries=0), rows))
    assert values == [value for _, _, value in rows]


def test_ready_made(monkeypatch):
    """Law: a ready-made reward goes through the pool too."""
    monkeypatch.setenv("R1REWARDS_UNSCORED", "0")
    values = asyncio.run(scored(AsyncRewardWrapper(door.math_reward, max_workers=1), ROWS[:4]))
    assert values == [1.0, 1.0, 0.0, 0.0]
