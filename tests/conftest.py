"""What all tests share: where the real data lie, and that CI never skips the tests that need them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
# Functions that child processes import too; they take over this process's module path.
IMPORTABLE = str(Path(__file__).parent / "importable")
if IMPORTABLE not in sys.path:
    sys.path.append(IMPORTABLE)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the repository; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data")
    return SHARED_DATA


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to start without the data where they are required: the run would prove less than it says."""
    if os.environ.get("R1REWARDS_REQUIRE_DATA") and not SHARED_DATA.is_dir():
        raise pytest.UsageError(f"R1REWARDS_REQUIRE_DATA is set and there is no {SHARED_DATA}")
