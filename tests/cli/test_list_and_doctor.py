"""`list`, `doctor` and the help texts: complete, readable anywhere, quick to come."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import pytest

from r1rewards.cli import doctor
from r1rewards.errors import WorkerStartError


def test_list_names_all_rewards(cli):
    """Each built-in is listed with what it needs, gives and can be told, in both forms."""
    shown = cli("list").out
    listed = {row["name"]: row for row in map(json.loads, cli("list", "--json").out.splitlines())}
    assert set(listed) >= {"math", "format"}
    assert listed["math"]["requires"] == ["ground_truth"]
    assert listed["math"]["bounds"] == [0.0, 1.0]
    assert listed["math"]["options"]["cpu_s"] == 5.0
    assert listed["math"]["from"] == "built-in"
    for name, row in listed.items():
        assert row["summary"]
        assert name in shown


def test_a_plugin_that_does_not_load_does_not_hide_the_others(cli, monkeypatch):
    """A broken package's reward is listed with its error."""
    known = importlib.metadata.entry_points

    def with_broken(**asked):
        broken = importlib.metadata.EntryPoint("broken", "no_such_package:reward", asked["group"])
        return [*known(**asked), broken]

    monkeypatch.setattr(importlib.metadata, "entry_points", with_broken)
    ran = cli("list")
    assert ran.code == 0
    for shown in ("math", "broken", "does not load", "no_such_package"):
        assert shown in ran.out
    rows = {row["name"]: row for row in map(json.loads, cli("list", "--json").out.splitlines())}
    assert "no_such_package" in rows["broken"]["error"]
    assert "options" in rows["math"]


def test_doctor_tries_what_it_says(cli):
    """On a machine where the suite runs, workers, budgets and memory limits work; the exit code is 0."""
    ran = cli("doctor", "--json")
    assert ran.code == 0
    found = {row["what"]: row for row in map(json.loads, ran.out.splitlines())}
    for what in ("r1rewards", "Python", "worker processes", "CPU budgets", "math-verify"):
        assert found[what]["state"] == "ok", found[what]
    for row in found.values():
        assert row["found"]
        assert bool(row["cure"]) == (row["state"] != "ok")


def test_doctor_works_without_docker(cli, monkeypatch):
    """What only some rewards need is told with its cure, and is no failure."""
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor, "_version_of", lambda name: None if name in ("pyarrow", "zstandard") else "1")
    ran = cli("doctor")
    assert ran.code == 0
    for shown in ("not here", "pip install", "r1rewards[parquet]", "docker.io"):
        assert shown in ran.out


def test_doctor_fails_where_no_worker_starts(cli, monkeypatch):
    """What every run needs and does not work is exit code 1, with what was said."""

    def refuse(*arguments, **options):
        raise WorkerStartError("no process for you")

    monkeypatch.setattr(doctor.WorkerPool, "run", refuse)
    ran = cli("doctor")
    assert ran.code == 1
    ran.said()
    assert "broken" in ran.out
    assert "no process for you" in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["score", "explain", "list", "doctor", "Examples:"]),
        (["-h"], ["Examples:"]),
        (["score", "--help"], ["Examples:", "--resume", "Exit codes:", "130", "?COLUMN=VALUE"]),
        (["explain", "-h"], ["Examples:", "--id", "--line", "--json"]),
        (["list", "--help"], ["--json", "package.module:attr"]),
        (["doctor", "--help"], ["--json", "exit code"]),
    ],
)
def test_help(cli, arguments, words):
    """Help names every option, shows examples that can be copied, and is exit code 0."""
    ran = cli(*arguments)
    assert (ran.code, ran.err) == (0, "")
    for word in words:
        assert word in ran.out


def test_the_examples_of_the_help_parse(cli, tmp_path):
    """Each line that the help offers is a command that the parser takes: what is missing are only the files."""
    import shlex

    for command in (["--help"], ["score", "--help"], ["explain", "--help"]):
        lines = [line.strip() for line in cli(*command).out.splitlines()]
        examples = [line for line in lines if line.startswith("r1rewards ")]
        assert len(examples) >= 2
        for example in examples:
            ran = cli(*shlex.split(example)[1:])
            assert ran.code == 0 or "there is no file" in ran.err, (example, ran.err)


def test_version(cli):
    """--version says which one this is."""
    assert cli("--version").out.strip() == f"r1rewards, version {importlib.metadata.version('r1rewards')}"


@pytest.mark.parametrize("columns", ["20", "80", None])
def test_tables_stay_readable_in_files(cli, rollouts, monkeypatch, columns):
    """Where no window limits it, a table leaves nothing out, whatever COLUMNS says."""
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    for shown in (cli("list").out, cli("score", rollouts, "-r", "math", "-r", "format").err):
        assert "…" not in shown
        assert "format" in shown
    assert "ground_truth" in cli("list").out
    assert max(map(len, cli("list").out.splitlines())) <= 100


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {}, {"TERM": "dumb"}])
def test_no_colours_where_none_are_wanted(cli, rollouts, monkeypatch, variables):
    """Neither a pipe nor NO_COLOR gets escape sequences."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for ran in (cli("list"), cli("doctor"), cli("score", rollouts, "-r", "math"), cli("explain", rollouts, "--line=1")):
        assert "\x1b" not in ran.out + ran.err


def test_a_terminal_without_utf_8(program, rollouts):
    """An encoding that lacks our signs gets escapes, not an exception."""
    import os

    for arguments in (["doctor"], ["list"], ["explain", rollouts, "--line", "1"], ["score", rollouts, "-r", "math"]):
        ran = program(*arguments, env={**os.environ, "PYTHONIOENCODING": "ascii"})
        assert ran.code == 0
        ran.said()


def test_on_a_real_terminal(rollouts):
    """On a terminal the table fits, NO_COLOR is obeyed, and rows on the same terminal leave out the bar."""
    import os
    import pty

    main, other = pty.openpty()
    words = [sys.executable, "-m", "r1rewards", "score", str(rollouts), "-r", "math", "-o", "out.jsonl"]
    env = {**os.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "40"}
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=other, stderr=other, env=env)
    os.close(other)
    shown = b""
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:  # the other end has closed
            break
        if not data:
            break
        shown += data
    os.close(main)
    assert process.wait(timeout=60) == 0
    assert b"0.3333" in shown
    assert b"\x1b[3" not in shown
    assert "…".encode() not in shown


@pytest.mark.parametrize("arguments", [["--help"], ["score", "--help"], ["list"], ["score", "nowhere.jsonl"]])
def test_commands_start_light(arguments):
    """Help, lists and mistakes import neither the symbolic engine nor a client of Docker."""
    code = (
        "import json, sys\nfrom r1rewards.cli.main import run\n"
        f"run({arguments!r})\nprint()\nprint(json.dumps([*sys.modules]))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(ended.stdout.splitlines()[-1])}
    assert "click" in loaded
    heavy = {"sympy", "math_verify", "latex2sympy2_extended", "docker", "langdetect", "torch", "pyarrow", "zstandard"}
    assert loaded.isdisjoint(heavy | ({"rich"} if arguments == ["--help"] else set()))
