"""Budgets refuse nonsense and fill in their backstop."""

import math

import pytest

from r1rewards.workers import Budget


@pytest.mark.parametrize(
    "wrong",
    [
        {"cpu_s": 0},
        {"cpu_s": math.inf},
        {"cpu_s": math.nan},
        {"wall_s": 0},
        {"wall_s": math.inf},
        {"memory_bytes": 0},
    ],
)
def test_nonsense_is_refused(wrong):
    """A budget is finite and positive."""
    with pytest.raises(ValueError, match="must be"):
        Budget(**wrong)


def test_backstop_is_generous():
    """Without a wall limit it is ten times the CPU seconds, and never under ten seconds."""
    assert Budget(cpu_s=5).wall_limit_s == 50
    assert Budget(cpu_s=0.01).wall_limit_s == 10
    assert Budget(cpu_s=5, wall_s=1).wall_limit_s == 1
