"""A trial in a fresh process: a check works wherever it stands, no process starts the next, and what fails is told."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from broken_rewards import Sound

from r1rewards import Batch
from r1rewards.errors import RewardError
from r1rewards.testing.contract import LAWS, examine_reward
from r1rewards.testing.elsewhere import MARK, is_reading, reading, scored_elsewhere

ROOT = Path(__file__).resolve().parents[2]
ROWS = Batch.of(completion=["4", "four", "4 and 4"], ground_truth=["4", "4", "5"])

# Each load leaves a line behind. A tree of processes would end here, and the test would fail.
HEAD = """
from __future__ import annotations
import sys
from dataclasses import dataclass
from pathlib import Path
LOADS = Path(__file__).with_name("loads")
with LOADS.open("a") as file:
    print(__name__, file=file)
if len(LOADS.read_text().splitlines()) > 8:
    sys.exit("too many processes")
from r1rewards import Batch, Outcome, reward
from r1rewards.base_reward import BaseReward
from r1rewards.testing import check_reward, examine_reward
"""
CLASS = """
assert sys.argv[1:] == ["--rows", "3"]

@dataclass(frozen=True)
class Fine(BaseReward):
    name: str = "fine"

    def judge(self, batch):
        return [Outcome(float("4" in text)) for text in batch.completions]

made = Fine()
"""
FUNCTION = """
@reward
def made(completion):
    return "4" in completion
"""
ISOLATED = FUNCTION.replace("@reward", "@reward(isolated=True, workers=1)")
CHECK = """
report = check_reward(made, hostile_count=10)
"""
TOLD = """
if any(finding.held for finding in report.findings):
    print(*[finding.law for finding in report.findings if not finding.held])
"""
GUARDED = """
if __name__ == "__main__":
    report = check_reward(made, hostile_count=10)
    print(*report.broken)
"""
ASSERTED = "assert all(finding.held for finding in report.findings)\n"
EXITS = "sys.exit(not all(finding.held for finding in report.findings))\n"


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with this package on its path."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *command], env=environment, cwd=folder, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (CLASS + GUARDED, "my checks"),
        (CLASS + CHECK + TOLD, "my checks"),
        (CLASS + CHECK + TOLD + ASSERTED, "checks.py"),
        (CLASS + CHECK + TOLD + EXITS, "checks.py"),
        (CLASS + CHECK + TOLD, "-m checks"),
        (FUNCTION + CHECK + TOLD, "my checks.py"),
        (FUNCTION + CHECK + TOLD, "-m checks"),
        (ISOLATED + GUARDED, "checks.py"),
        (ISOLATED + CHECK + TOLD, "checks.py"),
    ],
)
def test_a_script_checks_its_own_reward(tmp_path, source, name):
    """Law: a script may check what it defines, with a guard or without, started by its file or by its name."""
    by_name = name.startswith("-m ")
    (tmp_path / ("checks.py" if by_name else name)).write_text(HEAD + source)
    ran = run(*(name.split() if by_name else [name]), "--rows", "3", folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "\n"), ran.stdout + ran.stderr


def test_a_module_checks_its_own_reward(tmp_path):
    """Law: a module may check its reward at its top level; it is loaded once a process, and those start none."""
    (tmp_path / "mine.py").write_text(HEAD + CLASS + CHECK + TOLD)
    ran = run("-c", "import mine", "--rows", "3", folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "\n"), ran.stdout + ran.stderr
    assert (tmp_path / "loads").read_text() == "mine\n" * 3  # here, and in two fresh processes


def test_a_script_that_is_not_needed_is_not_loaded(tmp_path):
    """Law: a fresh process loads the script only for what stands in it."""
    source = 'from r1rewards import load_reward\nmade = load_reward("exact")\n'
    path = tmp_path / "checks.py"
    path.write_text(HEAD + source + CHECK)
    ran = run(str(path), "--rows", "3", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "loads").read_text() == "__main__\n"


def test_what_no_file_holds_is_told(tmp_path):
    """Law: a class of a session without a file cannot be had elsewhere, and the finding says so."""
    source = HEAD.replace("Path(__file__)", f"Path({str(tmp_path / 'x')!r})") + CLASS
    source += "print(examine_reward(made, hostile_count=10))"
    ran = run("-c", source, "--rows", "3", folder=tmp_path)
    assert "BROKEN  processes: " in ran.stdout, ran.stderr
    assert "the script has no 'Fine' there: it has no file" in ran.stdout


def test_a_script_that_fails_too_early_is_told(tmp_path):
    """Law: where a script ends before it defines the reward, the finding says how it ended."""
    path = tmp_path / "checks.py"
    early = 'if __name__ != "__main__":\n    raise ValueError("not me")\n'
    path.write_text(HEAD + early + CLASS + "print(examine_reward(made, hostile_count=10))")
    ran = run(str(path), "--rows", "3", folder=tmp_path)
    assert "BROKEN  processes: " in ran.stdout, ran.stderr
    assert "the script has no 'Fine' there: it ended with ValueError: not me" in ran.stdout


def test_a_fresh_process_starts_no_other(monkeypatch):
    """Law: under the mark no process is started, and the message says where the check belongs."""
    monkeypatch.setenv(MARK, "1")
    with pytest.raises(RewardError, match="if __name__ == '__main__'"):
        scored_elsewhere(Sound(), ROWS)
    report = examine_reward(Sound(), ROWS, hostile_count=10)
    assert report.broken == ("processes",)
    assert "into a test function" in str(report)


def test_a_check_that_is_only_loaded_tries_nothing():
    """Law: while a reward is read back, a check finds nothing out, and says so of every law that it was to try."""
    with reading():
        report = examine_reward(Sound(), ROWS, skip=("singles",))
    assert [finding.law for finding in report.findings] == [law for law in LAWS if law != "singles"]
    assert {finding.held for finding in report.findings} == {None}
    assert "not tried  shape: its file is only being loaded" in str(report)
    assert not is_reading()


@dataclass(frozen=True)
class FailsElsewhere(Sound):
    """Works only here."""

    made_in: int = os.getpid()

    def judge(self, batch):
        if os.getpid() != self.made_in:
            raise ValueError("not here")
        return super().judge(batch)


def test_what_fails_there_is_told():
    """Law: the error says what was raised in the fresh process, and in which line."""
    with pytest.raises(RewardError, match=r'exit code 1: ValueError: not here \(File ".*", line \d+, in judge\)'):
        scored_elsewhere(FailsElsewhere(), ROWS)


def test_a_fresh_process_has_a_limit():
    """Law: a process that does not end is ended, and that is told."""
    with pytest.raises(RewardError, match=r"did not end within 0\.001 s"):
        scored_elsewhere(Sound(), ROWS, wall_s=0.001)
