"""An interrupted run that is resumed ends with the very file of an undisturbed one, or refuses."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

ASKED = ("-r", "math", "-r", "format@0.5", "--details", "--quiet")


@pytest.fixture
def undisturbed(request, cli, lines_in, make_row):
    """So many rows, and the output of a run over them that nothing disturbed."""
    rows = [make_row(i) for i in range(request.param)]
    for i in range(0, request.param, 900):
        rows[i].update(completion=rf"\boxed{{(x+{i})^2}}", ground_truth=f"x^2+{2 * i}x+{i * i}")
    file = lines_in("rows.jsonl", *rows)
    assert cli("score", file, *ASKED, "-o", "whole.jsonl").code == 0
    return Path("whole.jsonl").read_bytes()


def killed_and_resumed(started, program, until, whole, moment):
    """Kill a run once its output has a share of its bytes, resume it, and return the file."""
    Path("out.jsonl").unlink(missing_ok=True)
    running = started("score", "rows.jsonl", *ASKED, "-o", "out.jsonl")
    output = Path("out.jsonl")
    until(lambda: running.poll() is not None or (output.exists() and output.stat().st_size >= moment * len(whole)))
    running.kill()
    running.wait()
    kept = output.read_bytes()
    ran = program("score", "rows.jsonl", *ASKED, "-o", "out.jsonl", "--resume")
    assert ran.code == 0, ran.err
    assert output.read_bytes().startswith(kept[: kept.rfind(b"\n") + 1])
    return output.read_bytes()


@pytest.mark.parametrize("undisturbed", [8_000], indirect=True)
def test_sigkill_at_some_moments(started, program, until, undisturbed):
    """SIGKILL before the first rows, midway and near the end, then --resume: not a byte differs."""
    for moment in (0.0, 0.4, 0.8):
        assert killed_and_resumed(started, program, until, undisturbed, moment) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("undisturbed", [20_000], indirect=True)
def test_sigkill_at_ten_random_moments(started, program, until, undisturbed):
    """The same at ten random moments of a longer run."""
    for _ in range(10):
        assert killed_and_resumed(started, program, until, undisturbed, random.random()) == undisturbed


@pytest.mark.parametrize("cut", [1, 30, 200, 5000])
def test_a_torn_last_line(cli, lines_in, make_row, cut):
    """A file that ends in the middle of a row is continued at that row."""
    file = lines_in("rows.jsonl", *map(make_row, range(50)))
    cli("score", file, *ASKED, "-o", "out.jsonl")
    whole = Path("out.jsonl").read_bytes()
    os.truncate("out.jsonl", len(whole) - cut)
    assert cli("score", file, *ASKED, "-o", "out.jsonl", "--resume").code == 0
    assert Path("out.jsonl").read_bytes() == whole


def test_resuming_a_finished_run_changes_nothing(cli, rollouts):
    """--resume of a whole file writes nothing and gives the same figures, exit code included."""
    cli("score", rollouts, "-r", "math", "-o", "out.jsonl", "--summary", "a.json")
    whole = Path("out.jsonl").read_bytes()
    ran = cli(
        "score", rollouts, "-r", "math", "-o", "out.jsonl", "--summary", "b.json", "--resume", "--fail-under", "0.5"
    )
    assert ran.code == 1
    assert "12 rows (12 of them from before)" in ran.err
    assert Path("out.jsonl").read_bytes() == whole
    first, second = (json.loads(Path(name).read_text()) for name in ("a.json", "b.json"))
    assert first["total"] == second["total"]
    assert first["groups"] == second["groups"]


@pytest.mark.parametrize(
    ("then", "named"),
    [
        (["-r", "math@0.5"], "weight"),
        (["-r", "math", "-r", "format"], "rewards"),
        (["-r", "m=math"], "alias"),
        (["-r", "math?task=math"], "when"),
        (["-r", "math", "-S", "math.cpu_s=2"], "options"),
        (["-r", "math", "--transcript", "think_prefilled"], "transcript"),
        (["-r", "math", "--details"], "details"),
        (["-r", "math", "--output-prefix", "x_"], "output_columns"),
        (["-r", "math", "--map", "ground_truth=ground_truth"], "map"),
        (["-r", "math", "--combine", "gated"], "combine"),
    ],
)
def test_two_configurations_never_share_a_file(cli, rollouts, then, named):
    """--resume under another configuration is refused, says what differs, and leaves the file as it was."""
    cli("score", rollouts, "-r", "math", "-o", "out.jsonl")
    before = Path("out.jsonl").read_bytes()
    ran = cli("score", rollouts, *then, "-o", "out.jsonl", "--resume")
    assert (ran.code, ran.out) == (2, "")
    ran.said("another configuration", named)
    assert Path("out.jsonl").read_bytes() == before


def test_a_changed_reward_file_is_another_configuration(cli, rollouts, own):
    """Rows scored by an edited reward do not go behind rows scored by the old one."""
    assert cli("score", rollouts, "-r", "own.py:longer", "-o", "out.jsonl").code == 0
    own.write_text(own.read_text() + "\n# edited\n")
    ran = cli("score", rollouts, "-r", "own.py:longer", "-o", "out.jsonl", "--resume")
    assert ran.code == 2
    ran.said("another configuration", "sha256")


def test_a_changed_input_is_refused(cli, rollouts, make_row):
    """Rows of another input do not go behind rows of the first one."""
    cli("score", rollouts, "-r", "math", "-o", "out.jsonl")
    rollouts.write_text("".join(json.dumps({**make_row(i), "id": "other"}) + "\n" for i in range(12)))
    assert cli("score", rollouts, "-r", "math", "-o", "out.jsonl", "--resume").code == 2
    rollouts.write_text("".join(json.dumps(make_row(i)) + "\n" for i in range(6)))
    assert cli("score", rollouts, "-r", "math", "-o", "out.jsonl", "--resume").code == 2


@pytest.mark.parametrize(
    "harmless",
    [["--workers", "1"], ["--group-by", "task"], ["--bad-rows", "skip"], ["--fail-under", "0"], ["--quiet"]],
)
def test_what_the_rows_do_not_depend_on_may_change(cli, rollouts, harmless):
    """Workers, groups, exit codes and display are no part of the configuration."""
    cli("score", rollouts, "-r", "math", "-o", "out.jsonl")
    whole = Path("out.jsonl").read_bytes()
    os.truncate("out.jsonl", len(whole) // 2)
    assert cli("score", rollouts, "-r", "math", "-o", "out.jsonl", "--resume", *harmless).code == 0
    assert Path("out.jsonl").read_bytes() == whole


def test_a_run_that_a_bad_row_stopped_goes_on_without_it(cli, lines_in, make_row):
    """The cure that the error names, --bad-rows skip, works with --resume and gives the skipping run's file."""
    rows = [make_row(i) for i in range(3000)]
    file = lines_in("rows.jsonl", *rows[:2500], b"{bad", *rows[2500:])
    assert cli("score", file, "-r", "math", "-o", "out.jsonl").code == 3
    assert len(Path("out.jsonl").read_bytes().splitlines()) == 2048
    assert cli("score", file, "-r", "math", "-o", "out.jsonl", "--resume", "--bad-rows", "skip").code == 3
    cli("score", file, "-r", "math", "-o", "whole.jsonl", "--bad-rows", "skip")
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
