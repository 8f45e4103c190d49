"""`r1rewards score`: what goes in, what comes out, and what the options do."""

from __future__ import annotations

import gzip
import json
import sys

import pytest


def test_rows_come_out_as_they_went_in_with_three_columns_more(cli, rollouts):
    """Output order is input order; each row keeps its columns and gets reward, rewards and status."""
    ran = cli("score", rollouts, "-r", "math", "-r", "format@0.5")
    before = [json.loads(line) for line in rollouts.read_text().splitlines()]
    assert ran.code == 0
    assert [{key: row[key] for key in old} for row, old in zip(ran.rows, before, strict=True)] == before
    assert [list(row)[5:] for row in ran.rows] == [["reward", "rewards", "status"]] * 12
    assert [row["reward"] for row in ran.rows] == [1.5 if i % 3 == 0 else 0.5 for i in range(12)]
    assert ran.rows[1]["rewards"] == {"math": 0.0, "format": 1.0}
    assert ran.rows[1]["status"] == {"math": "OK", "format": "OK"}


def test_rows_go_to_standard_output_and_all_else_to_standard_error(cli, rollouts):
    """Standard output holds rows only; the table is on standard error, and --quiet leaves that empty."""
    ran = cli("score", rollouts, "-r", "math")
    assert len(ran.rows) == 12
    assert "mean" in ran.err
    quiet = cli("score", rollouts, "-r", "math", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, ran.out, "")


def test_the_table_has_the_figures(cli, rollouts):
    """The summary shows mean, statuses, groups, zero spread, slow path and throughput."""
    ran = cli("score", rollouts, "-r", "math", "-r", "format@0.5", "--group-by", "group")
    for shown in ("0.3333", "OK 100%", "3 groups of 4: mean@4 0.8333", "0 with zero spread", "12 rows in", "rows/s"):
        assert shown in ran.err


def test_the_slow_path_is_measured(cli, lines_in, tmp_path):
    """Pairs that went to workers are counted, with median and 99th percentile."""
    file = lines_in("slow.jsonl", {"completion": r"\boxed{\int_0^1 x^2\,dx}", "ground_truth": "1/3"})
    ran = cli("score", file, "-r", "math", "--summary", "figures.json")
    assert "slow path of math: 1 item in workers, p50" in ran.err
    slow = json.loads((tmp_path / "figures.json").read_text())["slow_path"]["math"]
    assert slow["items"] == 1
    assert slow["p50_s"] == slow["p99_s"] > 0


def test_the_summary_file_holds_the_same_figures(cli, rollouts, tmp_path):
    """--summary writes them as JSON that every parser reads."""
    cli("score", rollouts, "-r", "math", "--summary", "figures.json", "--quiet")
    figures = json.loads((tmp_path / "figures.json").read_text(), parse_constant=pytest.fail)
    assert figures["rows"] == 12
    assert figures["total"]["mean"] == pytest.approx(1 / 3)
    assert figures["rewards"]["math"]["statuses"] == {"OK": {"rows": 12, "share": 1.0}}
    assert figures["groups"]["mean_at_k"] == pytest.approx(1 / 3)
    assert figures["bad_rows"] == figures["resumed_rows"] == 0
    assert figures["rows_per_s"] > 0


def test_groups_of_one_colour_are_counted(cli, lines_in, make_row):
    """A group whose rows all earn the same teaches nothing, and the table says how many there are."""
    rows = [{**make_row(i), "completion": r"\boxed{2}" if i < 4 else make_row(i)["completion"]} for i in range(8)]
    assert "1 with zero spread (no learning signal)" in cli("score", lines_in("a.jsonl", *rows), "-r", "math").err


@pytest.mark.parametrize("kind", [".jsonl", ".jsonl.gz", ".jsonl.zst", ".json", ".parquet", "-"])
def test_every_kind_of_input_scores_alike(cli, rollouts, tmp_path, kind):
    """The same rows give the same output rows, whatever they are packed in."""
    expected = cli("score", rollouts, "-r", "math").rows
    data, rows = rollouts.read_bytes(), [json.loads(line) for line in rollouts.read_text().splitlines()]
    path = tmp_path / f"other{kind}"
    stdin = b""
    if kind == "-":
        path, stdin = "-", data
    elif kind == ".jsonl.gz":
        path.write_bytes(gzip.compress(data))
    elif kind == ".jsonl.zst":
        path.write_bytes(pytest.importorskip("zstandard").ZstdCompressor().compress(data))
    elif kind == ".json":
        path.write_text(json.dumps(rows))
    elif kind == ".parquet":
        pytest.importorskip("pyarrow.parquet").write_table(sys.modules["pyarrow"].Table.from_pylist(rows), path)
    else:
        path.write_bytes(data)
    assert cli("score", path, "-r", "math", stdin=stdin).rows == expected


def test_several_files_are_one_input(cli, rollouts, lines_in, make_row):
    """Files are read in the order in which they are named, standard input among them."""
    last = lines_in("last.jsonl", {**make_row(3), "id": "last"})
    stdin = json.dumps({**make_row(3), "id": "middle"}).encode()
    ran = cli("score", rollouts, "-", last, "-r", "math", stdin=stdin)
    assert [row["id"] for row in ran.rows] == [*(f"r{i}" for i in range(12)), "middle", "last"]


def test_one_reward_twice_under_two_aliases(cli, rollouts):
    """An alias names the column and is what -S addresses; options reach only the reward they name."""
    ran = cli("score", rollouts, "-r", "strict=math@2", "-r", "math", "-S", "strict.cpu_s=1", "-S", "math.workers=1")
    assert ran.rows[0]["rewards"] == {"strict": 1.0, "math": 1.0}
    assert ran.rows[0]["reward"] == 3.0


def test_routes_judge_their_own_rows_and_the_rest_is_reported(cli, rollouts):
    """A routed reward leaves other rows alone, and rows to which nothing applies are counted."""
    ran = cli("score", rollouts, "-r", "math@1?task=math", "-r", "format@0.5?task=code")
    assert ran.rows[0]["status"] == {"math": "OK", "format": "NOT_APPLICABLE"}
    assert [row["reward"] for row in ran.rows[:3]] == [1.0, 0.5, 0.0]
    alone = cli("score", rollouts, "-r", "math?task=math")
    assert alone.code == 0
    assert alone.rows[1]["reward"] is None
    assert alone.rows[1]["rewards"] == {"math": None}
    assert "rows to which no reward applies: 6" in alone.err


def test_gated_rewards_count_only_behind_the_gate(cli, rollouts):
    """--combine gated pays style only where the gate passes."""
    ran = cli("score", rollouts, "-r", "math", "-r", "format@0.5", "--combine", "gated", "--gate", "math")
    assert [row["reward"] for row in ran.rows[:3]] == [1.5, 0.0, 0.0]


def test_columns_are_mapped(cli, lines_in):
    """--map says which column is what, also by a path into an object."""
    file = lines_in("a.jsonl", {"response": r"\boxed{4}", "meta": {"gold": 4}})
    assert (
        cli("score", file, "-r", "math", "--map", "completion=response,ground_truth=meta.gold").rows[0]["reward"] == 1
    )
    twice = cli("score", file, "-r", "math", "--map", "completion=response", "--map", "ground_truth=meta.gold")
    assert twice.rows[0]["reward"] == 1


def test_completions_may_be_chat_messages(cli, lines_in):
    """The last assistant turn counts: text, blocks, None, and reasoning in a field of its own."""
    said = [
        [{"role": "user", "content": r"\boxed{5}"}, {"role": "assistant", "content": r"\boxed{4}"}],
        [{"role": "assistant", "content": [{"type": "text", "text": r"\boxed{4}"}], "reasoning_content": "2+2"}],
        [{"role": "assistant", "content": None}],
    ]
    file = lines_in("chat.jsonl", *({"completion": turns, "ground_truth": 4} for turns in said))
    ran = cli("score", file, "-r", "math", "-r", "format")
    assert [row["rewards"] for row in ran.rows] == [
        {"math": 1.0, "format": 0.0},
        {"math": 1.0, "format": 1.0},
        {"math": 0.0, "format": 0.0},
    ]
    assert [row["completion"] for row in ran.rows] == said


def test_the_transcript_mode_is_the_files(cli, lines_in):
    """--transcript says how reasoning and answer are marked."""
    file = lines_in("a.jsonl", {"completion": "it is so</think> yes"})
    modes = {"think": 0.0, "think_prefilled": 1.0}
    assert {mode: cli("score", file, "-r", "format", "--transcript", mode).rows[0]["reward"] for mode in modes} == modes


def test_details_and_prefix(cli, rollouts):
    """--details adds the facts, and --output-prefix renames all new columns."""
    row = cli("score", rollouts, "-r", "math", "--details", "--output-prefix", "r1_").rows[0]
    assert list(row)[5:] == ["r1_reward", "r1_rewards", "r1_status", "r1_details"]
    assert row["r1_details"]["math"]["extracted"] == "2"


def test_what_is_unscored_is_null_and_every_line_is_json(cli, lines_in, own):
    """NaN, infinity and foreign values in scores and details never reach the file as such."""
    file = lines_in("a.jsonl", {"completion": r"\boxed{4}", "ground_truth": {"no": "text"}})
    ran = cli("score", file, "-r", "math", "-r", f"{own}:strange", "--in-process", "--details", "--max-unscored", "1")
    row = json.loads(ran.out, parse_constant=pytest.fail)
    assert row["reward"] is None
    assert row["rewards"] == {"math": None, "strange": 1.0}
    assert row["status"]["math"] == "BAD_REFERENCE"
    assert row["details"]["strange"]["[red]"] is None


def test_hostile_text_passes_through(cli, lines_in):
    """NUL, lone surrogates, terminal escapes and markup come out as they went in, and harm nothing."""
    texts = ["\x00 \\boxed{1}", "\ud800 \\boxed{1}", "\x1b[2J[red]\\boxed{1}[/nope]", "\\boxed{" * 2000, "\u202e"]
    file = lines_in("a.jsonl", *({"completion": text, "ground_truth": "1"} for text in texts))
    ran = cli("score", file, "-r", "math", "-r", "format")
    assert ran.code == 0
    assert [row["completion"] for row in ran.rows] == texts
    assert [row["rewards"]["math"] for row in ran.rows] == [1.0, 1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--fail-under", "0.3"], 0, ""),
        (["--fail-under", "0.34"], 1, "mean total 0.333333 is below --fail-under 0.34"),
        (["--fail-under", "0.34", "--quiet"], 1, "mean total 0.333333 is below --fail-under 0.34"),
    ],
)
def test_a_low_mean_is_exit_code_1(cli, rollouts, options, code, said):
    """--fail-under compares the mean total, writes all rows all the same, and says why even when quiet."""
    ran = cli("score", rollouts, "-r", "math", *options)
    assert (ran.code, len(ran.rows)) == (code, 12)
    assert said in ran.err


@pytest.mark.parametrize(("share", "code"), [(None, 3), ("0.24", 3), ("0.25", 0), ("1", 0)])
def test_too_many_unscored_is_exit_code_3(cli, lines_in, make_row, share, code):
    """--max-unscored is the largest share of faults that is fine; a quarter of these rows is at fault."""
    rows = [{**make_row(i), "ground_truth": "" if i % 4 == 0 else "2"} for i in range(12)]
    ran = cli("score", lines_in("a.jsonl", *rows), "-r", "math", *(["--max-unscored", share] if share else []))
    assert ran.code == code
    assert len(ran.rows) == 12
    assert ("3 of 12 rows have no total" in ran.err) == (code == 3)
    assert "rows without a total by a fault (BAD_REFERENCE, INFRA): 3" in ran.err


def test_faults_count_more_than_a_low_mean(cli, lines_in, make_row):
    """Where both are amiss the exit code is 3: a mean over broken data says nothing."""
    rows = [{**make_row(1), "ground_truth": ""}, make_row(1)]
    assert cli("score", lines_in("a.jsonl", *rows), "-r", "math", "--fail-under", "0.5").code == 3


def test_bad_rows_stop_or_are_skipped(cli, lines_in, make_row):
    """By default the first bad row ends the run; skipped ones are named, counted and exit code 3."""
    file = lines_in("a.jsonl", make_row(0), b"{oops", make_row(1), {"completion": 5, "ground_truth": "1"}, make_row(2))
    stopped = cli("score", file, "-r", "math")
    assert (stopped.code, stopped.out) == (3, "")
    stopped.said("a.jsonl:2: not valid JSON", "--bad-rows skip")
    skipped = cli("score", file, "-r", "math", "--bad-rows", "skip")
    assert skipped.code == 3
    assert [row["id"] for row in skipped.rows] == ["r0", "r1", "r2"]
    skipped.said("skipped: ", "a.jsonl:2", "a.jsonl:4, column 'completion'", "2 bad rows skipped")


def test_only_the_first_bad_rows_are_named(cli, lines_in, make_row):
    """A file of bad rows does not flood the terminal."""
    ran = cli("score", lines_in("a.jsonl", make_row(0), *[b"{"] * 50), "-r", "math", "--bad-rows", "skip")
    assert ran.err.count("r1rewards: skipped: ") == 11
    assert "50 bad rows skipped" in ran.err


def test_an_empty_input_is_told(cli, lines_in):
    """No row is no error, but it is said, even when quiet; a mean that is asked for is then missing."""
    for content in ([], [b""]):
        ran = cli("score", lines_in("empty.jsonl", *content), "-r", "math", "--quiet")
        assert (ran.code, ran.out) == (0, "")
        ran.said("there is no row to score in", "empty.jsonl")
    assert cli("score", "empty.jsonl", "-r", "math", "--fail-under", "0").code == 1


def test_the_number_of_workers_changes_nothing(cli, lines_in):
    """The same rows give the same bytes with one worker and with three."""
    rows = [{"completion": rf"\boxed{{(x+{i})^2}}", "ground_truth": f"x^2+{2 * i}x+{i * i}"} for i in range(6)]
    file = lines_in("a.jsonl", *rows)
    outs = [cli("score", file, "-r", "math", "--details", "--workers", workers).out for workers in (1, 3)]
    assert outs[0] == outs[1]


KIMI = ("-r", "length", "-S", "length.mode=kimi", "-S", "length.unit=characters", "--quiet")


def kimi_rows(count, prompts_of):
    """So many right rows of several lengths, each with its prompt's number."""
    return [{"completion": "x" * (i * i % 211), "correct": True, "prompt_id": prompts_of(i)} for i in range(count)]


def test_rows_that_are_compared_are_scored_together(cli, lines_in, tmp_path):
    """A group that lies across the end of a chunk of 2048 rows has the scores that it has alone; resumed as well."""
    rows = kimi_rows(2600, lambda i: i // 100)
    file, alone = lines_in("rows.jsonl", *rows), lines_in("alone.jsonl", *rows[2000:2100])
    asked = (*KIMI, "--map", "group=prompt_id")
    assert cli("score", file, *asked, "-o", "out.jsonl").code == 0
    whole = (tmp_path / "out.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    assert [json.loads(line) for line in lines[2000:2100]] == cli("score", alone, *asked).rows
    for kept in (2040, 2060, 2300):
        (tmp_path / "out.jsonl").write_bytes(b"".join(lines[:kept]) + lines[kept][:9])
        assert cli("score", file, *asked, "-o", "out.jsonl", "--resume").code == 0
        assert (tmp_path / "out.jsonl").read_bytes() == whole


def test_rows_that_are_compared_and_stand_apart_are_refused(cli, lines_in):
    """A group that comes again in another chunk is an error that says how to mend it, also where bad rows are left."""
    file = lines_in("rows.jsonl", *kimi_rows(2100, lambda i: i % 2050 // 2))
    for more in ((), ("--bad-rows", "skip")):
        ran = cli("score", file, *KIMI, "-S", "length.group=prompt_id", *more)
        assert ran.code == 3
        ran.said("rows.jsonl:2051, column 'prompt_id'", "the rows of group 0 stand apart", "sort the file")
    assert cli("score", file, "-r", "format", "--quiet", "--group-by", "prompt_id").code == 0


def test_real_rollouts_are_scored_whole(cli, shared_data):
    """Every row of a real file gets a total and a status, in order."""
    file = shared_data / "rollouts_qwen25math_math500_8x100.jsonl"
    ran = cli("score", file, "-r", "math", "-r", "format", "--group-by", "group")
    assert ran.code == 0
    rows = file.read_text("utf-8").splitlines()
    assert len(ran.rows) == len(rows) == 800
    assert [row["id"] for row in ran.rows] == [json.loads(line)["id"] for line in rows]
    assert all(row["reward"] is not None for row in ran.rows)
    assert "100 groups of 8" in ran.err
