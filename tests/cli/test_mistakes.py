"""A user's mistake is said in one plain sentence with its cure, and never as a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("reward", "words"),
    [
        ("mth", ["no reward is named 'mth'", "format", "math", "Did you mean 'math'?"]),
        ("Format", ["Did you mean 'format'?"]),
        ("own.py", ["own.py:FUNCTION"]),
        ("mypackage.rewards.mine", ["mypackage.rewards:mine"]),
        ("", ["[ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]"]),
        ("math@", ["weight"]),
        ("math@heavy", ["weight", "'heavy'"]),
        ("math@nan", ["weight", "finite"]),
        ("math@inf", ["weight", "finite"]),
        ("math?task", ["[ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]"]),
        ("a=b=math", ["[ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]"]),
        ("no_such_package.rewards:mine", ["no_such_package"]),
        ("os:no_such_thing", ["os has no 'no_such_thing'"]),
        ("os:sep", ["neither a reward nor a function"]),
        ("os.path:join", ["cannot be given by name"]),
        ("nowhere.py:f", ["there is no file nowhere.py"]),
        ("own.py:no_such_thing", ["own.py has no 'no_such_thing'", "longer"]),
        ("own.py:value", ["not a function"]),
        ("syntax.py:f", ["SyntaxError", "line 1"]),
        ("import.py:f", ["ModuleNotFoundError", "no_such_module"]),
        ("exit.py:f", ["SystemExit"]),
        ("folder.py:f", ["there is no file folder.py"]),
    ],
)
@pytest.mark.parametrize("where", ["--isolated", "--in-process"])
def test_a_reward_that_cannot_be(cli, rollouts, own, reward, words, where):
    """A reward that does not exist or does not load is a usage error, in or out of this process."""
    Path("syntax.py").write_text("def f(:\n")
    Path("import.py").write_text("import no_such_module\n")
    Path("exit.py").write_text("raise SystemExit(0)\n")
    Path("folder.py").mkdir()
    if (reward, where) == ("own.py:value", "--in-process"):
        words = ["neither a reward nor a function"]
    ran = cli("score", rollouts, "-r", reward, where)
    assert (ran.code, ran.out) == (2, "")
    ran.said("r1rewards: error: ", *words)
    assert "isolated_child" not in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], ["no reward asked for", "-r math"]),
        (["-r", "math", "-r", "math"], ["two rewards are named 'math'", "other=math"]),
        (["-r", "math", "-r", "math=format"], ["two rewards are named 'math'"]),
        (["-r", "math", "-S", "math"], ["ALIAS.OPTION=VALUE"]),
        (["-r", "math", "-S", "math.cpu_s"], ["ALIAS.OPTION=VALUE"]),
        (["-r", "math", "-S", "mth.cpu_s=1"], ["no reward here is named 'mth'", "math"]),
        (["-r", "strict=math", "-S", "math.cpu_s=1"], ["no reward here is named 'math'", "strict"]),
        (["-r", "math", "-S", "math.colour=1"], ["no option 'colour'", "cpu_s"]),
        (["-r", "math", "-S", "math.cpu_s=fast"], ["cpu_s takes", "'fast'"]),
        (["-r", "math", "-S", "math.cpu_s=-1"], ["cpu_s", "positive"]),
        (["-r", "math", "-S", "math.cpu_s=1", "-S", "math.cpu_s=2"], ["set twice"]),
        (["-r", "builtins:int", "-S", "int.x=1"], ["builtins:int"]),
        (["-r", "own.py:longer", "-S", "longer.limit=many"], ["limit takes int", "'many'"]),
        (["-r", "own.py:longer", "-S", "longer.strict=5"], ["strict takes bool"]),
        (["-r", "own.py:longer", "-S", "longer.cpu_s=0"], ["cpu_s", "positive"]),
        (["-r", "own.py:longer", "-S", "longer.on_error=maybe"], ["on_error", "unscored"]),
        (["-r", "own.py:longer", "--in-process", "-S", "longer.cpu_s=1"], ["isolated"]),
        (["-r", "math", "--transcript", "thinking"], ["'thinking'", "think_prefilled"]),
        (["-r", "math", "--combine", "gated", "--gate", "style"], ["the gate 'style'"]),
        (["-r", "math", "--map", "completion"], ["COLUMN=INPUT_COLUMN"]),
        (["-r", "math", "--map", "completion=a", "--map", "completion=b"], ["mapped twice"]),
        (["-r", "math", "--map", "answer=gold"], ["ground_truth=gold"]),
        (["-r", "math", "--workers", "0"], ["--workers"]),
        (["-r", "math", "--workers", "two"], ["--workers"]),
        (["-r", "math", "--fail-under", "nan"], ["--fail-under", "'nan'"]),
        (["-r", "math", "--fail-under", "x"], ["--fail-under", "'x'"]),
        (["-r", "math", "--max-unscored", "20"], ["--max-unscored", "0 to 1"]),
        (["-r", "math", "--bad-rows", "ignore"], ["'stop'", "'skip'"]),
        (["-r", "math", "--on-error", "ignore"], ["'unscored'"]),
        (["-r", "math", "--resum"], ["--resume"]),
        (["-r", "math", "--resume"], ["-o FILE"]),
        (["-r", "math", "--resume", "--overwrite", "-o", "x.jsonl"], ["--resume", "--overwrite"]),
        (["-r", "math", "-o", "rollouts.jsonl"], ["is an input"]),
        (["-r", "math", "-o", "./rollouts.jsonl"], ["is an input"]),
        (["-r", "math", "-o", "nowhere/x.jsonl"], ["no folder 'nowhere'"]),
        (["-r", "math", "-o", "."], ["it is a folder"]),
        (["-r", "math", "-o", "x.jsonl.gz"], ["plain JSONL"]),
        (["-r", "math", "--summary", "nowhere/x.json"], ["no folder 'nowhere'"]),
        (["-r", "math", "--summary", "."], ["folder"]),
        (["-r", "math", "--summary", "rollouts.jsonl"], ["input"]),
        (["-r", "math", "-o", "x.jsonl", "--summary", "x.jsonl"], ["output"]),
    ],
)
def test_options_that_cannot_be(cli, rollouts, own, options, words):
    """What is asked for and cannot be is exit code 2 before any row is written or any file is touched."""
    before = sorted(Path().iterdir())
    ran = cli("score", rollouts, *options)
    assert (ran.code, ran.out) == (2, "")
    ran.said(*words)
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["nowhere.jsonl"], ["there is no file 'nowhere.jsonl'"]),
        (["."], ["is a folder"]),
        (["a\x00b"], ["cannot read"]),
        (["-", "-"], ["named twice"]),
        (["table.csv"], ["convert it first"]),
        ([], ["FILE"]),
    ],
)
def test_inputs_that_cannot_be_read(cli, lines_in, files, words):
    """A missing file, a folder and the like are usage errors, also behind a file that is fine."""
    lines_in("table.csv", b"completion,ground_truth")
    ran = cli("score", *files, "-r", "math")
    assert (ran.code, ran.out) == (2, "")
    ran.said(*words)
    assert cli("explain", *files, "--line", "1").code == 2


def test_a_late_missing_file_is_found_early(cli, rollouts):
    """Nothing is scored or written when any of the inputs is missing."""
    ran = cli("score", rollouts, "nowhere.jsonl", "-r", "math", "-o", "out.jsonl")
    assert ran.code == 2
    assert not Path("out.jsonl").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(cli, rollouts):
    """A file that may not be read is a usage error."""
    rollouts.chmod(0)
    cli("score", rollouts, "-r", "math").said("permission denied")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([b'{"completion": "x", "ground_truth": "1"}', b'{"completion": oops}'], [":2: not valid JSON"]),
        ([b'{"completion": "\xff"}'], [":1: not valid UTF-8"]),
        ([b"\x00"], [":1: not valid JSON"]),
        ([b"[1, 2]", b""], ["expected a JSON object"]),
        ([b'"text"'], ["expected a JSON object, found a string"]),
        ([b"[" * 5000], [":1: "]),
        ([b'{"completion": 5, "ground_truth": "1"}'], [":1, column 'completion'", "--map completion=COLUMN"]),
        ([b'{"completion": [{"role": "assistant"', b""], [":1: not valid JSON"]),
        ([b'{"completion": "x", "gt": "1"}'], ["'ground_truth'", "completion, gt", "--map ground_truth="]),
        ([b'{"response": "x", "gold": "1"}'], ["'completion'", "gold, response", "--map completion=response"]),
        ([b'{"completion": "x", "gold": "1", "reward": 1}'], [":1, column 'reward'", "--output-prefix"]),
        ([b'{"completion": "x", "gold": "1", "status": 1}'], [":1, column 'status'", "--output-prefix"]),
        ([b'{"completion": "x", "answer": "3", "gold": "4"}'], ["'answer' and 'gold'", "--map ground_truth=answer"]),
    ],
)
def test_bad_data_is_placed_and_has_a_cure(cli, lines_in, lines, words):
    """Data that cannot be scored is exit code 3; the message says where, what was expected and what to do."""
    ran = cli("score", lines_in("a.jsonl", *lines), "-r", "math")
    assert (ran.code, ran.out) == (3, "")
    ran.said("r1rewards: error: ", *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-r", "math", "--group-by", "problem"], ["'problem'", "--group-by"]),
        (["-r", "math?kind=math"], ["'kind'"]),
        (["-r", "math", "--map", "ground_truth=gold"], ["ground_truth=gold"]),
        (["-r", "own.py:needs"], ["'needs'", "'colour'"]),
    ],
)
def test_a_column_that_no_row_has(cli, rollouts, own, options, words):
    """A missing column is exit code 3, and the message lists the columns that there are."""
    ran = cli("score", rollouts, *options)
    assert (ran.code, ran.out) == (3, "")
    ran.said(*words, "columns there are: completion, ground_truth, group, id, task")


def test_a_damaged_archive_is_told(cli, rollouts):
    """Packed data that is cut off is an error, not a shorter file."""
    import gzip

    Path("cut.jsonl.gz").write_bytes(gzip.compress(rollouts.read_bytes())[:-20])
    ran = cli("score", "cut.jsonl.gz", "-r", "math", "--bad-rows", "skip")
    assert ran.code == 3
    ran.said("cut.jsonl.gz", "cut off")


def test_an_existing_output_is_not_touched_without_a_word(cli, rollouts):
    """An output that holds rows is neither replaced nor continued unless that is asked for."""
    Path("out.jsonl").write_text('{"mine": 1}\n')
    ran = cli("score", rollouts, "-r", "math", "-o", "out.jsonl")
    assert ran.code == 2
    ran.said("--resume", "--overwrite")
    assert cli("score", rollouts, "-r", "math", "-o", "out.jsonl", "--resume").code == 2
    assert Path("out.jsonl").read_text() == '{"mine": 1}\n'
    assert cli("score", rollouts, "-r", "math", "-o", "out.jsonl", "--overwrite").code == 0
    assert len([json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]) == 12


def test_what_is_quoted_from_the_input_cannot_reach_the_terminal(cli, lines_in):
    """An error that quotes a column's name or a cell shows its control characters as code points."""
    ran = cli("score", lines_in("a.jsonl", {"completion": "x", "\x1b]0;pwned\x07": 1}), "-r", "math")
    assert ran.code == 3
    assert "\x1b" not in ran.err
    assert "<U+001B>]0;pwned" in ran.err


def test_an_unknown_command(cli):
    """A command that is none is a usage error."""
    assert cli("scroe").code == 2
    assert cli("score", "--nope").code == 2
