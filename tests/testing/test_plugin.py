"""The pytest plugin, proved on a package that offers a reward, really installed; and its fixtures."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from r1rewards import reward
from r1rewards.testing.expecting import Scorer, assert_equivalent, batch_of

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests/example_plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder into which pip has installed the example package and r1rewards' own metadata."""
    folder = tmp_path_factory.mktemp("installed")
    sources = tmp_path_factory.mktemp("sources")
    shutil.copytree(EXAMPLE, sources / "example")
    packages = sources / "r1rewards"
    packages.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, packages / name)
    for name in ("r1rewards", "sandboxes"):
        shutil.copytree(ROOT / name, packages / name, ignore=shutil.ignore_patterns("__pycache__"))
    for source in (packages, sources / "example"):
        command = [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--disable-pip-version-check", "--target", str(folder), str(source)),
        ]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
    return folder


def run_pytest(folder: Path, tests: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process that finds the installed packages as if they were in site-packages."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more, str(tests)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tests)


def test_an_installed_plugin_tests_its_reward(installed, tmp_path):
    """Law: a package with the entry point, installed, tests its reward with our fixtures and the contract suite."""
    tests = tmp_path / "tests"
    shutil.copytree(EXAMPLE / "tests", tests)
    ran = run_pytest(installed, tests)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "4 passed" in ran.stdout


def test_an_installed_plugin_is_listed_and_scores(installed, tmp_path):
    """Law: the command line knows the installed reward by its name and takes its options."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"completion": "one two"}\n')
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "r1rewards", "score", str(rows), "-r", "brevity", "-S", "brevity.most_words=4"]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert '"reward": 0.5' in ran.stdout


def test_the_contract_fails_in_pytest_as_an_assertion(installed, tmp_path):
    """Law: a reward that breaks a law fails its test, and the output says which law."""
    (tmp_path / "test_mine.py").write_text(
        "import random\n"
        "from r1rewards import reward\n"
        "@reward\n"
        "def dice(completion):\n"
        "    return random.random()\n"
        "def test_dice(r1_check):\n"
        "    r1_check(dice, hostile_count=20)\n"
    )
    ran = run_pytest(installed, tmp_path)
    assert ran.returncode == 1
    assert "BROKEN  deterministic" in ran.stdout


def test_the_sandbox_works_or_is_skipped(installed, tmp_path):
    """Law: what the fixture gives runs a program; where no wall stands the test is skipped, and says why."""
    (tmp_path / "test_mine.py").write_text(
        "def test_it_runs(r1_sandbox):\n"
        "    from r1rewards.sandbox.base import Job, Program\n"
        "    (found,) = r1_sandbox.run([Job(Program('print(6 * 7)'))])\n"
        "    assert found.stdout == '42\\n'\n"
    )
    ran = run_pytest(installed, tmp_path, "-rs")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout or "no sandbox works here: docker:" in ran.stdout


def test_loading_the_plugin_is_light(installed, tmp_path):
    """Law: what loads in every pytest run of every project imports nothing heavy, and nothing of ours but itself."""
    (tmp_path / "test_light.py").write_text(
        "import sys\n"
        "def test_light():\n"
        "    heavy = {'numpy', 'sympy', 'math_verify', 'fastapi', 'httpx', 'torch', 'click', 'rich'}\n"
        "    assert 'r1rewards.testing.plugin' in sys.modules\n"
        "    assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "    ours = {name for name in sys.modules if name.startswith('r1rewards')}\n"
        "    assert ours <= {'r1rewards', 'r1rewards._version', 'r1rewards.reward', 'r1rewards.testing',\n"
        "                    'r1rewards.testing.plugin'}, ours\n"
    )
    ran = run_pytest(installed, tmp_path, "-p", "no:hypothesispytest")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_names_of_the_package():
    """Law: what tests import stands in the package's face, each name the one of its home, and nothing else does."""
    import r1rewards.testing

    assert dir(r1rewards.testing) == sorted(r1rewards.testing._HOMES)
    for name, home in r1rewards.testing._HOMES.items():
        assert getattr(r1rewards.testing, name) is getattr(importlib.import_module(f"r1rewards.testing.{home}"), name)
    with pytest.raises(AttributeError, match="has no attribute 'check'"):
        _ = r1rewards.testing.check


def test_all_fixtures_have_our_prefix():
    """Law: no fixture of the plugin can take the name of somebody else's."""
    text = (ROOT / "r1rewards/testing/plugin.py").read_text(encoding="utf-8")
    names = re.findall(r"@pytest\.fixture.*\ndef (\w+)\(", text)
    assert len(names) >= 6
    assert all(name.startswith("r1_") for name in names)


def test_batches_from_few_words():
    """Law: what is no list goes to every row."""
    batch = batch_of(["4", "5"], ground_truth="4", level=[1, 2])
    assert batch.column("ground_truth") == ["4", "4"]
    assert batch.column("level") == [1, 2]
    assert len(batch_of("4")) == 1


def test_one_row_and_several():
    """Law: one row gives its cell with status and detail, several give plain values."""
    scorer = Scorer()
    cell = scorer.one("exact", "Paris", ground_truth=["Paris", "Lutetia"])
    assert (cell.value, cell.status.name) == (1.0, "OK")
    assert scorer.several("exact", ["Paris", "Rome"], ground_truth=["Paris", None]) == [1.0, None]
    scorer.close()


def test_equivalence_is_asserted_row_by_row():
    """Law: rewards that differ are shown with the rows in which they do."""

    @reward
    def has_four(completion):
        return "4" in completion

    @reward
    def has_digit(completion):
        return any(char.isdigit() for char in completion)

    batch = batch_of(["4", "5", "x"])
    assert_equivalent(has_four, has_four, batch)
    with pytest.raises(AssertionError, match=r"differ in 1 of 3 rows:\nrow 1: 1 \(OK\) instead of 0 \(OK\); '5'"):
        assert_equivalent(has_digit, has_four, batch)
