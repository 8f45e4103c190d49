"""What the tests with real trainers share: they run where the trainer is installed, and must where that is required."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

FOLDER = str(Path(__file__).parent)
if FOLDER not in sys.path:
    sys.path.append(FOLDER)

# `make test-trl` and `make test-trainers` name the package that must be there: a skipped file proves nothing.
REQUIRED = os.environ.get("R1REWARDS_REQUIRE_TRAINER", "")
_FILE_OF = {
    "trl": "test_trl.py",
    "verl": "test_verl.py",
    "openrlhf": "test_openrlhf.py",
    "ray": "test_ray.py",
    "verifiers": "test_verifiers.py",
    "areal": "test_areal.py",
}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the files of trainers that are not installed, unless one of them is required."""
    for package, file in _FILE_OF.items():
        if collection_path.name == file and package != REQUIRED and importlib.util.find_spec(package) is None:
            return True
    return None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to start where the required trainer is absent."""
    if REQUIRED and importlib.util.find_spec(REQUIRED) is None:
        raise pytest.UsageError(f"R1REWARDS_REQUIRE_TRAINER is {REQUIRED}, and that package is not installed")
