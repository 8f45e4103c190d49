"""`r1rewards explain`: the row that is meant, what each reward saw, shown safely."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_a_row_is_explained(cli, rollouts):
    """What was extracted, the verdict and the total are shown; without -r it is math and format."""
    ran = cli("explain", rollouts, "--id", "r4")
    assert (ran.code, ran.err) == (0, "")
    for shown in ("rollouts.jsonl:5", "row 4", r"\boxed{7}", "math", "format", "extracted", "total 1"):
        assert shown in ran.out


def test_by_line_and_as_json(cli, rollouts):
    """--line names the same row, and --json gives one object that every parser reads."""
    ran = cli("explain", rollouts, "--line", "5", "-r", "math@2", "--json")
    said = json.loads(ran.out, parse_constant=pytest.fail)
    assert (said["line"], said["reward"], said["also"]) == (5, 0.0, [])
    assert said["rewards"]["math"]["extracted"] == "7"
    assert said["transcript"]["reasoning"] == [7, 12]
    assert said == json.loads(cli("explain", rollouts, "--id", "r4", "-r", "math@2", "--json").out)


def test_it_says_what_score_says(cli, rollouts):
    """Total and verdicts are those that `score` writes for the row, routes included."""
    asked = ("-r", "math?task=math", "-r", "format@0.5")
    for line, scored in enumerate(cli("score", rollouts, *asked).rows, 1):
        said = json.loads(cli("explain", rollouts, "--line", line, *asked, "--json").out)
        assert said["reward"] == scored["reward"]
        assert {name: facts["status"] for name, facts in said["rewards"].items()} == scored["status"]


def test_an_unscored_total_is_null(cli, lines_in):
    """A fault of the data is explained too, its NaN as null."""
    file = lines_in("a.jsonl", {"completion": r"\boxed{1}", "ground_truth": ""})
    assert json.loads(cli("explain", file, "--line", "1", "-r", "math", "--json").out)["reward"] is None
    assert "total: unscored" in cli("explain", file, "--line", "1", "-r", "math").out


def test_ids_may_be_numbers(cli, lines_in, make_row):
    """An id is named as it is written in the file, whatever its type, and by the mapped column."""
    rows = [{**make_row(i), "id": key, "n": i} for i, key in enumerate([7, 7.5, True, "x", None])]
    file = lines_in("a.jsonl", *rows)
    for line, name in enumerate(["7", "7.5", "true", "x"], 1):
        assert json.loads(cli("explain", file, "--id", name, "--json").out)["line"] == line
    assert json.loads(cli("explain", file, "--id", "4", "--map", "id=n", "--json").out)["line"] == 5
    assert cli("explain", file, "--id", "None").code == 2


def test_several_rows_of_one_id_are_told(cli, lines_in, make_row):
    """The first is shown, and it is said where the others stand."""
    file = lines_in("a.jsonl", *({**make_row(i), "id": key} for i, key in enumerate(["a", "b", "a", "a"])))
    ran = cli("explain", file, "--id", "a", "--json")
    assert json.loads(ran.out)["line"] == 1
    assert json.loads(ran.out)["also"] == [f"{file}:3", f"{file}:4"]
    ran.said("2 other rows", f"{file}:3")
    assert "1 other row " in cli("explain", file, file, "--line", "2").err


def test_bad_rows_elsewhere_do_not_matter(cli, lines_in, make_row):
    """A row behind a bad one can be explained; the bad row itself is an error; a row that is none says so."""
    file = lines_in("a.jsonl", make_row(0), b"{bad", make_row(1))
    assert json.loads(cli("explain", file, "--line", "3", "--json").out)["line"] == 3
    bad = cli("explain", file, "--line", "2")
    assert bad.code == 3
    bad.said("a.jsonl:2: not valid JSON")
    for asked in (["--line", "9"], ["--id", "nobody"]):
        ran = cli("explain", file, *asked)
        assert ran.code == 2
        ran.said("there is no row", "1 bad row passed over")


@pytest.mark.parametrize("asked", [[], ["--id", "r1", "--line", "2"], ["--line", "0"], ["--line", "x"]])
def test_which_row_must_be_said(cli, rollouts, asked):
    """One of --id and --line is needed, and no more than one."""
    ran = cli("explain", rollouts, *asked)
    assert (ran.code, ran.out) == (2, "")
    ran.said("--line")


def test_a_row_that_score_refuses_is_refused(cli, lines_in):
    """References that disagree are the same error here."""
    ran = cli("explain", lines_in("a.jsonl", {"completion": "x", "answer": "3", "gold": "4"}), "--line", "1")
    assert ran.code == 3
    ran.said("'answer' and 'gold'")


def test_hostile_text_is_shown_and_never_obeyed(cli, lines_in, own):
    """Terminal escapes, markup, invisible and lone characters are visible text, in every place of the row."""
    bad = "\x1b]0;pwned\x07\x1b[2J[red]r[/red][/nope][link=http://e]l\u202e\u200b\ud800\x00\x9b"
    row = {"id": bad, "prompt": bad, "completion": f"<think>{bad}</think>\\boxed{{{bad}}}", "ground_truth": bad}
    file = lines_in("a.jsonl", row)
    for name in ("-r", "math"), ("-r", f"{own}:strange"):
        ran = cli("explain", file, "--line", "1", *name)
        assert ran.code == 0
        control = [char for char in ran.out if not char.isprintable() and char != "\n"]
        assert control == []
        for shown in ("<U+001B>]0;pwned<U+0007>", "[red]r[/red][/nope][link=http://e]l<U+202E>", "<U+D800>"):
            assert shown in ran.out.replace(" │\n│ ", "")
    assert "[red]" in ran.out
    odd = Path("a\x1b[2J.jsonl")
    odd.write_bytes(file.read_bytes())
    assert "\x1b" not in cli("explain", odd, "--line", "1", "-r", "format").out


def test_long_texts_are_cut_unless_asked_for(cli, lines_in):
    """A long completion is shown by its two ends, and whole with --full."""
    file = lines_in("a.jsonl", {"completion": "a" * 5000 + "middle" + "b" * 5000})
    assert "middle" not in cli("explain", file, "--line", "1", "-r", "format").out
    assert "characters" in cli("explain", file, "--line", "1", "-r", "format").out
    assert "middle" in cli("explain", file, "--line", "1", "-r", "format", "--full").out.replace(" │\n│ ", "")


def test_a_row_without_a_reference_is_explained(cli, lines_in, make_row):
    """What is lacking for a reward is its explanation, not an error."""
    file = lines_in("a.jsonl", {"completion": "x"})
    said = json.loads(cli("explain", file, "--line", "1", "--json").out)
    assert said["rewards"]["math"]["status"] == "NOT_APPLICABLE"
