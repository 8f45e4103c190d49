"""The command as a process: pipes, closed streams, Ctrl-C and SIGKILL leave no traceback and no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HANGS = """
import os
def waits(completion, id):
    if id == "r2500" and not os.path.exists("pid"):
        with open("pid.part", "w") as file:
            file.write(str(os.getpid()))
        os.rename("pid.part", "pid")
        while True: pass
    return float(id[1:]) % 2
"""


@pytest.fixture
def many(lines_in, make_row):
    """Three thousand rows, of which the 2,500th hangs the first time that `hangs.py:waits` sees it."""
    Path("hangs.py").write_text(HANGS)
    return lines_in("many.jsonl", *map(make_row, range(3000)))


WAITS = ("-r", "hangs.py:waits", "-S", "waits.cpu_s=600", "-o", "out.jsonl")


def test_a_reader_may_leave_early(many):
    """`| head -1` ends the run without a word and without a failure."""
    score = subprocess.Popen(
        [sys.executable, "-m", "r1rewards", "score", str(many), "-r", "format", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert score.stdout is not None
    score.stdout.readline()
    score.stdout.close()
    _, said = score.communicate(timeout=60)
    assert (score.returncode, said) == (0, b"")


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["score", "--help"], ["explain", "many.jsonl"]])
def test_nobody_reads_at_all(many, arguments):
    """A pipe that is closed before anything is written is no failure of any command."""
    reader, writer = os.pipe()
    os.close(reader)
    arguments = [*arguments, "--line", "1", "-r", "format"] if arguments[0] == "explain" else arguments
    ended = subprocess.run(
        [sys.executable, "-m", "r1rewards", *arguments], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_nobody_reads_what_is_said(rollouts):
    """A run whose standard error has no reader still writes all its rows."""
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "r1rewards", "score", str(rollouts), "-r", "math", "--fail-under", "1"]
    ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=writer, check=False)
    os.close(writer)
    assert ended.returncode == 1
    assert len(ended.stdout.splitlines()) == 12


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told(program, rollouts):
    """No space left is one line and exit code 2, on standard output and in a file alike."""
    with Path("/dev/full").open("w") as full:
        ran = program("score", rollouts, "-r", "math", "--quiet", stdout=full)
    assert (ran.code, ran.err) == (2, "r1rewards: error: No space left on device\n")
    ran = program("score", rollouts, "-r", "math", "--quiet", "-o", "/dev/full")
    assert ran.code == 2
    ran.said("/dev/full", "No space left on device")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(rollouts, closed):
    """A process started without standard streams writes its file all the same, whole and alone in it."""
    words = f"exec {sys.executable} -m r1rewards score rollouts.jsonl -r math -o out.jsonl {closed}"
    ended = subprocess.run(["sh", "-c", words], stderr=subprocess.PIPE, check=False)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert len(Path("out.jsonl").read_text().splitlines()) == 12


def test_an_input_may_be_a_pipe_of_the_shell(program, lines_in, make_row):
    """`score <(zcat ...)` works, even where a column is first seen far on: such an input is read only once."""
    rows = [make_row(i) for i in range(3000)]
    for early in rows[:2500]:
        del early["ground_truth"]
    file = lines_in("late.jsonl", *rows)
    words = f"{sys.executable} -m r1rewards score <(cat late.jsonl) -r math -r format --quiet"
    ended = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == program("score", file, "-r", "math", "-r", "format", "--quiet").out


@pytest.mark.parametrize("who", ["all", "parent"])
def test_ctrl_c(started, program, until, gone, many, who):
    """SIGINT, as a terminal sends it to all or a program to the parent: 130, no traceback, no orphan, resumable."""
    running = started("score", many, *WAITS)
    until(Path("pid").exists)
    worker = int(Path("pid").read_text())
    if who == "all":
        os.killpg(running.pid, signal.SIGINT)
    else:
        running.send_signal(signal.SIGINT)
    out, said = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in said
    assert "r1rewards: interrupted" in said
    assert "--resume" in said
    until(lambda: gone(worker))
    kept = Path("out.jsonl").read_bytes()
    assert kept.count(b"\n") == 2048
    assert program("score", many, *WAITS, "--resume").code == 0
    whole = Path("out.jsonl").read_bytes()
    assert whole.startswith(kept)
    assert program("score", many, *WAITS, "--overwrite").code == 0
    assert Path("out.jsonl").read_bytes() == whole


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_the_command(started, until, gone, many, number):
    """However the command is ended, its workers end too, even one that is in an endless loop."""
    running = started("score", many, *WAITS)
    until(Path("pid").exists)
    worker = int(Path("pid").read_text())
    running.send_signal(number)
    running.wait(timeout=60)
    until(lambda: gone(worker))


def test_python_dash_m_is_the_same_program(program, cli):
    """`python -m r1rewards` and the installed script are one program."""
    assert program("list", "--json").out == cli("list", "--json").out
    script = Path(sys.executable).with_name("r1rewards")
    if script.exists():
        ended = subprocess.run([script, "list", "--json"], capture_output=True, text=True, check=True)
        assert ended.stdout == cli("list", "--json").out
