"""AReaL's own reward wrapper calls our reward in its pool of processes; the rest of its package is not loaded."""

from __future__ import annotations

import asyncio
import importlib.util
import os
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


def workers_below(parent):
    """Return the worker processes that descend from a process."""
    parents, workers = {}, set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            if b"r1rewards.workers" in (place / "cmdline").read_bytes():
                workers.add(int(place.name))
        except OSError:
            continue

    def descends(pid):
        return pid == parent or (pid in parents and descends(parents[pid]))

    return {pid for pid in workers if descends(pid)}


def test_calls_share_what_a_process_of_the_pool_has():
    """Law: the function is sent with every call, and its worker is started once for all of them."""
    reward = door.AReaLReward([MathReward(cpu_s=2.0, workers=1), "format@0.5"], unscored=-1.0)
    wrapper = AsyncRewardWrapper(reward, max_workers=1, max_retries=0)
    tops = range(2, 14, 2)
    rows = [(rf"<think>so</think> \boxed{{\int_0^{{{top}}} x\,dx}}", str(top**2 // 2), 1.5) for top in tops]

    async def one_by_one():
        return [(await scored(wrapper, [row]))[0] for row in rows]

    before = workers_below(os.getpid())
    assert asyncio.run(one_by_one()) == [1.5] * len(rows)
    assert len(workers_below(os.getpid()) - before) == 1


def test_ready_made(monkeypatch):
    """Law: a ready-made reward goes through the pool too."""
    monkeypatch.setenv("R1REWARDS_UNSCORED", "0")
    values = asyncio.run(scored(AsyncRewardWrapper(door.math_reward, max_workers=1), ROWS[:4]))
    assert values == [1.0, 1.0, 0.0, 0.0]
