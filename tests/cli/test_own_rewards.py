"""A reward of one's own, from a file or a module, cannot hang, end or garble a run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


def statuses(ran, name):
    """The row numbers of each status but OK."""
    return {i: row["status"][name] for i, row in enumerate(ran.rows) if row["status"][name] != "OK"}


def test_a_file_function_scores(cli, rollouts, own):
    """`file.py:function` is a reward, with options, weight and alias like any other."""
    ran = cli("score", rollouts, "-r", f"mine={own}:longer@0.5", "-S", "mine.limit=1000", "-S", "mine.tag=a=b.c")
    assert ran.code == 0
    assert {row["reward"] for row in ran.rows} == {0.0}


@pytest.mark.parametrize(("name", "value"), [("loops", 0.0), ("leaves", 0.0)])
def test_a_row_that_loops_or_ends_the_process_costs_only_itself(cli, rollouts, own, name, value):
    """An endless loop and os._exit are charged to their row; all other rows keep their scores."""
    ran = cli("score", rollouts, "-r", f"{own}:{name}", "-S", f"{name}.cpu_s=0.3")
    assert ran.code == 0
    assert statuses(ran, name) == {5: "TOO_COSTLY"}
    assert [row["reward"] for row in ran.rows] == [value if i == 5 else 1.0 for i in range(12)]


@pytest.mark.slow
def test_a_row_that_sleeps_is_given_up(cli, rollouts, own):
    """A call that idles for ever is ended by the wall-clock backstop (ten seconds here, twice) and unscored."""
    ran = cli("score", rollouts, "-r", f"{own}:sleeps", "-S", "sleeps.cpu_s=0.3")
    assert ran.code == 0
    assert statuses(ran, "sleeps") == {5: "INFRA"}
    assert ran.rows[5]["reward"] is None


@pytest.mark.parametrize("where", ["--isolated", "--in-process"])
@pytest.mark.parametrize("name", ["raises", "exits"])
def test_an_exception_stops_the_run_or_leaves_the_row_unscored(cli, rollouts, own, name, where):
    """A reward that raises is named with what it raised; --on-error unscored goes on and counts the row."""
    ran = cli("score", rollouts, "-r", f"{own}:{name}", where)
    assert ran.code == 2
    ran.said(f"reward {name!r} raised", "--on-error unscored")
    assert "\x1b" not in ran.err
    ran = cli("score", rollouts, "-r", f"{own}:{name}", where, "--on-error", "unscored")
    assert ran.code == 0
    assert statuses(ran, name) == {5: "INFRA"}
    assert [row["reward"] for row in ran.rows].count(None) == 1


@pytest.mark.parametrize("where", ["--isolated", "--in-process"])
@pytest.mark.parametrize(
    ("name", "words"), [("two", "outside its bounds"), ("not_a_number", "nan"), ("text", "expected a number")]
)
def test_an_answer_that_is_no_score(cli, rollouts, own, name, words, where):
    """What a reward may not return is said; with --on-error unscored every row is INFRA and the code 3."""
    cli("score", rollouts, "-r", f"{own}:{name}", where).said(name, words)
    ran = cli("score", rollouts, "-r", f"{own}:{name}", where, "--on-error", "unscored")
    assert ran.code == 3
    assert set(statuses(ran, name).values()) == {"INFRA"}
    ran.said("12 of 12 rows have no total")


def test_none_is_not_applicable(cli, rollouts, own):
    """A reward that returns None for a row says that it does not apply."""
    ran = cli("score", rollouts, "-r", f"{own}:nothing")
    assert (ran.code, statuses(ran, "nothing")) == (0, {5: "NOT_APPLICABLE"})
    assert "rows to which no reward applies: 1" in ran.err


@pytest.mark.parametrize("name", ["noisy", "prints"])
def test_noise_never_mixes_with_rows(program, rollouts, own, name):
    """What a reward prints, while it is imported or called, is not on standard output."""
    own.write_text("print('NOISE')\n" + own.read_text())
    for where in ["--isolated"] if name == "noisy" else ["--isolated", "--in-process"]:
        ran = program("score", rollouts, "-r", f"{own}:{name}", where)
        assert ran.code == 0
        assert len(ran.rows) == 12
        assert "NOISE" not in ran.out
        assert ("NOISE" in ran.err) == (where == "--in-process")


def test_files_are_isolated_by_default_and_others_on_request(cli, rollouts):
    """file.py:function runs in workers unless --in-process; package.module:attr only with --isolated."""
    Path("where.py").write_text("import os\ndef inside(completion, parent): return os.getpid() == parent\n")
    rows = [{**json.loads(line), "parent": os.getpid()} for line in rollouts.read_text().splitlines()]
    Path("a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def inside(*options):
        ran = cli("score", "a.jsonl", *options)
        assert ran.code == 0, ran.err
        return {row["reward"] for row in ran.rows} == {1.0}

    assert not inside("-r", "where.py:inside")
    assert not inside("-r", "where.py:inside", "--isolated")
    assert inside("-r", "where.py:inside", "--in-process")
    assert inside("-r", "where:inside")
    assert not inside("-r", "where:inside", "--isolated")


def test_in_process_wins_over_the_decoration(cli, rollouts, own):
    """--in-process also takes a reward that is decorated as isolated into this process: no slow path."""
    assert "slow path of decorated" in cli("score", rollouts, "-r", f"{own}:decorated").err
    assert "slow path of" not in cli("score", rollouts, "-r", f"{own}:decorated", "--in-process").err


@pytest.mark.parametrize("where", ["--isolated", "--in-process"])
def test_what_stands_beside_the_file_can_be_imported(cli, rollouts, tmp_path, where):
    """A reward file may import its neighbours, from whatever folder the command is run."""
    folder = tmp_path / "rewards"
    folder.mkdir()
    (folder / f"neighbour_{where.strip('-').replace('-', '_')}.py").write_text("VALUE = 0.25\n")
    name = f"neighbour_{where.strip('-').replace('-', '_')}"
    (folder / "mine.py").write_text(f"import {name}\ndef score(completion): return {name}.VALUE\n")
    ran = cli("score", rollouts, "-r", f"{folder / 'mine.py'}:score", where)
    assert {row["reward"] for row in ran.rows} == {0.25}


def test_batched_functions_get_columns(cli, rollouts, own):
    """A decorated function over columns works from a file too."""
    assert {row["reward"] for row in cli("score", rollouts, "-r", f"{own}:columns").rows} == {0.5}


def test_the_bundled_example_runs(cli, repository):
    """The examples' own reward scores the examples, as their README says."""
    examples = repository / "examples"
    ran = cli(
        "score", examples / "rollouts.jsonl", "-r", f"{examples / 'my_reward.py'}:concise@0.2", "-S", "concise.limit=60"
    )
    assert ran.code == 0
    assert {row["status"]["concise"] for row in ran.rows} == {"OK"}
