"""What the worker tests share: the targets' folder, scripts run as programs, and looking at processes."""

import os
import subprocess
import sys
import time
from pathlib import Path

TARGETS = str(Path(__file__).parent)
ROOT = str(Path(__file__).resolve().parents[2])
PATIENCE_S = 30.0


def script(folder, body, name="program.py"):
    """Write a program that can import the package and the targets."""
    path = folder / name
    path.write_text(f"import sys\nsys.path[:0] = [{ROOT!r}, {TARGETS!r}]\n{body}")
    return path


def start(path, **options):
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def run(path, **options):
    """Run a program to its end; its output."""
    with start(path, **options) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert err == ""
    return out.strip()


def gone(pid):
    """Whether a process has ended; a zombie that waits for a foreign parent has."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(b")")[2].split()[0] in (b"Z", b"X")


def until(condition):
    """Wait for a condition, with a bound that only a broken program meets."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never came true"
        time.sleep(0.005)


def pid_in(path):
    """The process id that a target wrote into a file."""
    until(lambda: path.exists() and path.read_text())
    return int(path.read_text())


def our_children():
    """Process ids of all children of this process, zombies too."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_bytes().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == os.getpid():
            found.append(int(stat.parent.name))
    return found
