"""The pipeline: rows in, scored rows out in order; resumed from anywhere it ends with the same bytes."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from r1rewards import Batch, Rubric, reward
from r1rewards.errors import MissingColumn, RewardError, RowError, UsageError
from r1rewards.rewards.length import LengthReward
from r1rewards.rollouts.columns import ColumnMap, find_column
from r1rewards.rollouts.jsonl import OutputNames, ScoredWriter, StreamWriter
from r1rewards.rollouts.rows import Row, read_rows
from r1rewards.rollouts.scoring import score_rollouts
from r1rewards.rollouts.summary import Summary

ROWS = [
    {"id": number, "completion": f"<think>r</think> {'é' * number}", "ground_truth": "4", "group": number % 3}
    for number in range(7)
]


@pytest.fixture
def out(tmp_path: Path) -> str:
    return str(tmp_path / "out.jsonl")


def lines_of(path: str) -> list[dict]:
    return [json.loads(line) for line in Path(path).read_bytes().splitlines()]


class TestOutput:
    def test_each_row_has_its_scores_behind_its_own_columns(self, given, scored, out):
        """Output is the input in order with reward, rewards and status; totals are the weighted sums."""
        path = given(ROWS)
        summary = scored([path], out, max_rows=3)
        lines = lines_of(out)
        assert [{key: line[key] for key in ROWS[0]} for line in lines] == ROWS
        for line in lines:
            assert list(line)[-3:] == ["reward", "rewards", "status"]
            size = len(line["completion"]) / 7
            well_formed = line["id"] > 0
            assert line["rewards"] == {"size": size, "format": float(well_formed)}
            assert line["reward"] == size + 0.5 * well_formed
            assert line["status"] == {"size": "OK", "format": "OK" if well_formed else "MALFORMED"}
        assert summary.rows == 7
        assert summary.as_dict()["groups"]["groups"] == 3

    def test_details_only_when_asked_for(self, given, scored, out):
        """--details adds the facts behind each verdict."""
        scored([given(ROWS)], out, details=True)
        assert all("why" in line["details"]["format"] for line in lines_of(out))

    def test_any_container_gives_the_same_scores(self, given, scored, tmp_path):
        """JSONL, an array and Parquet of the same rows are scored alike."""
        pa = pytest.importorskip("pyarrow")
        import pyarrow.parquet as pq

        parquet = str(tmp_path / "rows.parquet")
        pq.write_table(pa.Table.from_pylist(ROWS), parquet)
        outputs = []
        for number, path in enumerate((given(ROWS), given(json.dumps(ROWS).encode(), "rows.json"), parquet)):
            output = str(tmp_path / f"{number}.jsonl")
            scored([path], output, max_rows=2)
            outputs.append(lines_of(output))
        assert outputs[0] == outputs[1] == outputs[2]

    def test_unscored_cells_are_null(self, given, scored, out):
        """A row that no reward applies to has null for its reward, and is counted."""
        rows = [{"completion": "a", "ground_truth": "4"}, {"completion": "b", "ground_truth": None}]

        @reward
        def needs(completion: str, ground_truth: str) -> float:
            return 1.0

        summary = scored([given(rows)], out, rubric=Rubric([needs]))
        assert [line["reward"] for line in lines_of(out)] == [1.0, None]
        assert lines_of(out)[1]["status"] == {"needs": "NOT_APPLICABLE"}
        assert summary.nothing_applies == 1

    def test_output_columns_of_the_input_are_an_error_before_any_work(self, given, out):
        """A file that was scored before is refused before its rows are scored; a prefix is the cure."""
        scored_rows = 0

        @reward
        def counting(completion: str) -> float:
            nonlocal scored_rows
            scored_rows += 1
            return 1.0

        rubric, path = Rubric([counting]), given([{**row, "reward": 1} for row in ROWS])
        writer = ScoredWriter.open(out, configuration={})
        with pytest.raises(RowError, match="--output-prefix"):
            score_rollouts(read_rows([path]), ColumnMap(), rubric, writer, Summary(rubric.names))
        assert scored_rows == 0
        names = OutputNames.prefixed("new_")
        for resume in (False, True):
            writer = ScoredWriter.open(out, configuration={}, resume=resume)
            summary = Summary(rubric.names)
            score_rollouts(read_rows([path]), ColumnMap(), rubric, writer, summary, output_names=names)
            assert (summary.rows, summary.mean_total, scored_rows) == (7, 1.0, 7)
        assert lines_of(out)[0]["reward"] == 1
        assert lines_of(out)[0]["new_reward"] == 1.0

    def test_no_rows(self, given, scored, out):
        """An empty input gives an empty output and an empty summary."""
        assert scored([given(b"\n")], out).rows == 0
        assert Path(out).read_bytes() == b""

    def test_progress_adds_up_to_the_rows(self, given, scored, out):
        """on_progress is told of every row once, also of those that were written before."""
        told: list[int] = []
        path = given(ROWS)
        scored([path], out, max_rows=3, on_progress=told.append)
        assert told == [3, 3, 1]
        scored([path], out, max_rows=3, on_progress=told.append, resume=True)
        assert sum(told) == 14


class TestColumns:
    def test_a_needed_column_that_comes_later_or_ends_early(self, given, scored, out):
        """A column that some chunks lack is null there, as long as some row has it."""

        @reward(bounds=(0.0, 9.0))
        def needs(completion: str, task: str) -> float:
            return float(len(task))

        for order in (1, -1):
            rows = [{"completion": "a"}, {"completion": "b", "task": "xyz"}, {"completion": "c"}][::order]
            path = given(rows)
            summary = scored(
                [path],
                out,
                rubric=Rubric([needs]),
                max_rows=1,
                overwrite=True,
                has_column=lambda name, path=path: find_column([path], ColumnMap(), name),
            )
            assert [line["reward"] for line in lines_of(out)] == [None, 3.0, None]
            assert summary.nothing_applies == 2

    def test_a_needed_column_that_stands_nowhere(self, given, scored, out):
        """A column that no row has is an error that lists those there are, also where it was promised."""

        @reward
        def needs(completion: str, task: str) -> float:
            return 1.0

        path = given(ROWS)
        for has_column in (None, lambda name: False, lambda name: True):
            with pytest.raises(MissingColumn, match=r"'task'.*ground_truth"):
                scored([path], out, rubric=Rubric([needs]), overwrite=True, has_column=has_column)

    def test_a_mapping_to_nowhere(self, given, scored, out):
        """A mapped column that no row has is an error about the mapping, whether or not a reward needs it."""
        for has_column in (None, lambda name: False, lambda name: True):
            with pytest.raises(MissingColumn, match=r"the mapping prompt=qestion"):
                scored([given(ROWS)], out, columns="prompt=qestion", overwrite=True, has_column=has_column)

    def test_a_route_to_which_no_row_goes_needs_no_column(self, given, scored, out):
        """What a reward needs is needed by the rows that are routed to it only."""
        rows = [{"completion": "<think>r</think>a", "task": "style"}]
        summary = scored([given(rows)], out, rubric=Rubric(["math?task=math", "format?task=style"]))
        assert (summary.scored, summary.mean_total) == (1, 1.0)

    def test_group_by(self, given, scored, out):
        """Groups go by `group`, or by any column or path that is named; one that no row has is an error."""
        rows = [{**row, "answer": "4", "extra": {"index": row["id"]}} for row in ROWS]
        path = given(rows)
        for group_by, groups in ((None, 3), ("group", 3), ("id", 7), ("extra.index", 7), ("answer", 1)):
            figures = scored([path], out, group_by=group_by, overwrite=True).as_dict()
            assert figures["groups"]["groups"] == groups
        with pytest.raises(MissingColumn, match="'prompt_id'"):
            scored([path], out, group_by="prompt_id", overwrite=True)
        without = [{key: value for key, value in row.items() if key != "group"} for row in ROWS]
        assert scored([given(without, "b.jsonl")], out, overwrite=True).as_dict()["groups"] is None

    def test_bad_rows_are_left_out_of_everything(self, given, scored, out):
        """Bad rows are told and are in neither output nor summary; without `on_bad` the first one stops the run."""
        rows = [*ROWS[:2], {"completion": 5, "ground_truth": "4"}, *ROWS[2:]]
        path = given(rows)
        errors: list[RowError] = []
        assert scored([path], out, on_bad=errors.append, max_rows=2).rows == 7
        assert [error.line for error in errors] == [3]
        assert [line["id"] for line in lines_of(out)] == list(range(7))
        with pytest.raises(RowError, match=":3"):
            scored([path], out, overwrite=True, max_rows=1)
        assert [line["id"] for line in lines_of(out)] == [0, 1]


class TestResuming:
    @pytest.mark.parametrize("details", [False, True])
    def test_from_every_byte_the_same_file_and_figures(self, given, scored, out, details):
        """Cut at any byte and resumed, the output is byte for byte that of an undisturbed run, and so the figures."""
        rows: list[object] = [*ROWS, {"id": 9, "completion": 5}, {**ROWS[0], "completion": "\ud800\x00"}]
        path = given(rows)
        settings = {"max_rows": 3, "details": details, "on_bad": lambda error: None}
        figures = scored([path], out, **settings).as_dict()
        whole = Path(out).read_bytes()
        assert whole.count(b"\n") == 8
        for cut in range(len(whole) + 1):
            Path(out).write_bytes(whole[:cut])
            assert scored([path], out, resume=True, **settings).as_dict() == figures
            assert Path(out).read_bytes() == whole

    def test_a_resumed_run_scores_the_batches_of_an_undisturbed_one(self, given, scored, out):
        """A chunk that was written in part is scored as the whole chunk that it is; whole ones are not again."""
        batches: list[list[str]] = []

        @reward(batched=True, bounds=(0.0, 100.0))
        def neighbours(completion: list[str]) -> list[float]:
            batches.append(list(completion))
            return [float(len(completion))] * len(completion)

        path, rubric = given(ROWS), Rubric([neighbours])
        scored([path], out, rubric=rubric, max_rows=3)
        whole = Path(out).read_bytes()
        undisturbed = list(batches)
        lines = whole.splitlines(keepends=True)
        for kept, again in ((0, undisturbed), (3, undisturbed[1:]), (4, undisturbed[1:]), (7, [])):
            batches.clear()
            Path(out).write_bytes(b"".join(lines[:kept]))
            scored([path], out, rubric=rubric, max_rows=3, resume=True)
            assert (batches, Path(out).read_bytes()) == (again, whole)

    @pytest.mark.parametrize("change", ["edited", "reordered", "shortened", "inserted"])
    def test_a_changed_input_is_refused(self, given, scored, out, change):
        """Rows of another input are not mixed in: each row that was written is held against the input."""
        path = given(ROWS)
        scored([path], out, max_rows=2)
        before = Path(out).read_bytes()
        other = {
            "edited": [*ROWS[:3], {**ROWS[3], "completion": "x"}, *ROWS[4:]],
            "reordered": ROWS[::-1],
            "shortened": ROWS[:4],
            "inserted": [ROWS[0], *ROWS],
        }[change]
        given(other)
        with pytest.raises(UsageError, match="the input has changed"):
            scored([path], out, resume=True, max_rows=2)
        assert Path(out).read_bytes() == before

    def test_an_input_that_has_grown_is_continued(self, given, scored, out):
        """Rows that were added at the end are scored on resuming."""
        path = given(ROWS[:5])
        scored([path], out, max_rows=2)
        given(ROWS)
        assert scored([path], out, resume=True, max_rows=2).rows == 7
        assert [line["id"] for line in lines_of(out)] == list(range(7))

    def test_arrays_resume_too(self, given, scored, out):
        """Rows that came without bytes of their own are recognised as well, NaN in them too."""
        path = given(json.dumps([{**row, "x": math.nan} for row in ROWS]).encode(), "a.json")
        scored([path], out, max_rows=2)
        whole = Path(out).read_bytes()
        Path(out).write_bytes(whole[: len(whole) // 2])
        scored([path], out, max_rows=2, resume=True)
        assert Path(out).read_bytes() == whole

    @pytest.mark.parametrize("error", [KeyboardInterrupt, RewardError, SystemExit])
    def test_an_error_amid_a_run_leaves_whole_chunks_and_a_free_file(self, given, scored, out, error):
        """Whatever stops a run, the chunks before it stand in the file, which is unlocked and can be resumed."""
        stopping = True

        @reward(bounds=(0.0, 100.0), batched=True)
        def stops(id: list[int], completion: list[str]) -> list[float]:  # noqa: A002 - the column's name
            if stopping and 4 in id:
                raise error("stop")
            return [float(number) for number in id]

        path, rubric = given(ROWS), Rubric([stops])
        with pytest.raises((error, RewardError)):
            scored([path], out, rubric=rubric, max_rows=2)
        assert [line["id"] for line in lines_of(out)] == [0, 1, 2, 3]
        stopping = False
        assert scored([path], out, rubric=rubric, max_rows=2, resume=True).rows == 7
        assert [line["reward"] for line in lines_of(out)] == [0, 1, 2, 3, 4, 5, 6]

    @pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
    def test_sigkill_amid_a_run(self, given, scored, tmp_path):
        """A run killed with SIGKILL after any number of bytes resumes to the file of an undisturbed one."""
        rows = [
            {"id": number, "completion": f"<think>r</think> {number}", "ground_truth": "4"} for number in range(3000)
        ]
        path = given(rows)
        rubric = Rubric(["format"])
        whole_path, out = str(tmp_path / "whole.jsonl"), str(tmp_path / "killed.jsonl")
        scored([path], whole_path, rubric=rubric, max_rows=7)
        whole = Path(whole_path).read_bytes()
        script = textwrap.dedent(f"""
            from r1rewards import Rubric
            from r1rewards.rollouts.columns import ColumnMap
            from r1rewards.rollouts.jsonl import ScoredWriter
            from r1rewards.rollouts.rows import read_rows
            from r1rewards.rollouts.scoring import score_rollouts
            from r1rewards.rollouts.summary import Summary
            rubric = Rubric(["format"])
            writer = ScoredWriter.open({out!r}, configuration={{"rewards": ["format"]}}, resume=True)
            score_rollouts(read_rows([{path!r}]), ColumnMap(), rubric, writer, Summary(rubric.names), max_rows=7)
        """)
        for enough_bytes in (1, len(whole) // 3, len(whole) // 2):
            child = subprocess.Popen([sys.executable, "-c", script])
            while child.poll() is None and (not Path(out).exists() or Path(out).stat().st_size < enough_bytes):
                pass
            child.kill()
            child.wait()
        assert scored([path], out, rubric=rubric, max_rows=7, resume=True).rows == 3000
        assert Path(out).read_bytes() == whole


KIMI = LengthReward(mode="kimi", unit="characters", correct="score:good")


@reward
def good(completion: str) -> float:
    """Score a row as right where it is not of odd length."""
    return float(len(completion) % 2 == 0)


class Pool:
    """A rubric that works elsewhere, as that on Ray does: its batches are scored when they are asked for."""

    ahead = 3

    def __init__(self, rubric: Rubric) -> None:
        self.rubric, self.requires = rubric, rubric.requires

    def score(self, batch: Batch) -> object:
        return self.rubric.score(batch)

    def submit(self, batch: Batch) -> object:
        return type("Later", (), {"result": lambda _: self.rubric.score(batch)})()


def streamed(rows: list[dict], scorer, *, columns: str = "", **chunks: int) -> list[dict]:
    """Return rows as the pipeline writes them."""
    out = io.BytesIO()
    read = [Row(row, "rows.jsonl", line, None, 10) for line, row in enumerate(rows, 1)]
    summary = Summary(["good", "length"])
    score_rollouts(read, ColumnMap.parse(columns), scorer, StreamWriter(out), summary, **chunks)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def kimi_rows(groups: list[list[int]], column: str = "group") -> list[dict]:
    """Return rows of so many characters, group by group."""
    return [{"completion": "x" * size, column: number} for number, sizes in enumerate(groups) for size in sizes]


class TestComparedRows:
    @settings(deadline=None)
    @for_all(
        groups=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=9), max_size=9),
        max_rows=st.integers(1, 8),
        max_bytes=st.integers(5, 90),
        mapped=st.booleans(),
        elsewhere=st.booleans(),
    )
    def test_scores_are_those_of_each_group_by_itself(self, groups, max_rows, max_bytes, mapped, elsewhere):
        """Wherever chunks would be cut, in this process or elsewhere: no row is compared with a part of its group."""
        rubric = Rubric([good, KIMI])
        rows = kimi_rows(groups, "prompt_id" if mapped else "group")
        columns = "group=prompt_id" if mapped and rows else ""
        scorer = Pool(rubric) if elsewhere else rubric
        found = streamed(rows, scorer, columns=columns, max_rows=max_rows, max_bytes=max_bytes)
        expected = [
            value
            for number, sizes in enumerate(groups)
            for value in rubric.score(completion=["x" * size for size in sizes], group=[number] * len(sizes))["length"]
        ]
        assert [line["rewards"]["length"] for line in found] == [outcome.value for outcome in expected]

    def test_rows_without_a_group_may_stand_anywhere(self):
        """A null or absent group is compared with nothing, so it neither ties rows nor stands apart."""
        rows = [row for pair in kimi_rows([[2, 4], [2, 4]]) for row in (pair, {"completion": "x"})]
        rows = [rows[0], rows[2], {"completion": "x", "group": None}, rows[4], rows[6], rows[1]]
        found = streamed(rows, Rubric([good, KIMI]), max_rows=1)
        assert [line["rewards"]["length"] for line in found] == [0.5, -0.5, None, 0.5, -0.5, None]

    @pytest.mark.parametrize("elsewhere", [False, True])
    def test_a_group_that_stands_apart_stops_the_run(self, given, out, elsewhere):
        """No score of a part of a group is written in silence: the run stops there, with whole chunks in the file."""
        path = given(kimi_rows([[2, 4, 6], [2, 4], [2, 4, 6]]) + kimi_rows([[8]]))
        rubric = Rubric([good, KIMI])
        for on_bad in (None, lambda error: None):
            writer = ScoredWriter.open(out, configuration={}, overwrite=True)
            scorer = Pool(rubric) if elsewhere else rubric
            with pytest.raises(RowError, match=r"rows\.jsonl:9, column 'group': the rows of group 0 stand apart"):
                score_rollouts(
                    read_rows([path]), ColumnMap(), scorer, writer, Summary(rubric.names), max_rows=2, on_bad=on_bad
                )
            assert [line["group"] for line in lines_of(out)] == [0, 0, 0, 1, 1]

    def test_resumed_from_every_byte(self, given, scored, out):
        """Cut at any byte and resumed, a rubric that compares rows ends with the file of an undisturbed run."""
        path = given(kimi_rows([[2, 4, 6], [3, 5], [8, 2, 4, 6, 9], [2], [4, 2]]))
        figures = scored([path], out, rubric=Rubric([good, KIMI]), max_rows=2).as_dict()
        whole = Path(out).read_bytes()
        assert whole.count(b"\n") == 13
        for cut in range(len(whole) + 1):
            Path(out).write_bytes(whole[:cut])
            again = scored([path], out, rubric=Rubric([good, KIMI]), max_rows=2, resume=True)
            assert (again.as_dict(), Path(out).read_bytes()) == (figures, whole)

    def test_an_input_that_has_grown(self, given, scored, out):
        """New groups are continued with; a row that changes the scores of its group's written rows is refused."""
        before, rubric = kimi_rows([[2, 4, 6], [2, 6]]), Rubric([good, KIMI])
        path = given(before)
        scored([path], out, rubric=rubric, max_rows=4)
        written = Path(out).read_bytes()
        grown = [*before, {"completion": "x" * 8, "group": 1}]
        given(grown)
        with pytest.raises(UsageError, match=r"rows\.jsonl:5 would have other scores now.*has grown.*--overwrite"):
            scored([path], out, rubric=rubric, max_rows=4, resume=True)
        assert Path(out).read_bytes() == written
        for harmless in ({"completion": "x" * 4, "group": 1}, {"completion": "x" * 8, "group": 2}):
            Path(out).write_bytes(written)
            given([*before, harmless])
            scored([path], out, rubric=rubric, max_rows=4, resume=True)
            resumed = Path(out).read_bytes()
            scored([path], out, rubric=rubric, max_rows=4, overwrite=True)
            assert Path(out).read_bytes() == resumed

    def test_rows_that_stand_for_themselves_are_cut_as_ever(self, given, scored, out):
        """Where no reward compares rows, their groups are of no account: neither whole nor in order."""
        told: list[int] = []
        rows = kimi_rows([[2] * 5, [2], [2] * 3]) + kimi_rows([[2]])
        scored([given(rows)], out, rubric=Rubric([good]), max_rows=4, on_progress=told.append)
        assert told == [4, 4, 2]


def test_a_failure_leaves_no_gap(given, out):
    """Where batches are under way elsewhere and one fails, what stands behind it is not written, so it can resume."""
    failing = True

    @reward
    def fails(id: int, completion: str) -> float:  # noqa: A002 - the column's name
        if failing and id == 3:
            raise ValueError("stop")
        return 1.0

    path, pool = given(ROWS), Pool(Rubric([fails]))
    writer = ScoredWriter.open(out, configuration={})
    with pytest.raises(RewardError, match=r"rows\.jsonl:4"):
        score_rollouts(read_rows([path]), ColumnMap(), pool, writer, Summary(["fails"]), max_rows=1)
    assert [line["id"] for line in lines_of(out)] == [0, 1, 2]
    failing = False
    writer = ScoredWriter.open(out, configuration={}, resume=True)
    score_rollouts(read_rows([path]), ColumnMap(), pool, writer, Summary(["fails"]), max_rows=1)
    assert [line["id"] for line in lines_of(out)] == list(range(7))


def test_real_rollouts(shared_data, scored, tmp_path):
    """Every file of real rollouts is scored whole, with its groups."""
    for path in sorted(shared_data.glob("rollouts_*.jsonl")):
        output = str(tmp_path / path.name)
        summary = scored([str(path)], output, rubric=Rubric(["format"]), max_rows=100)
        lines = path.read_bytes().splitlines()
        assert summary.scored == len(lines)
        assert len({json.loads(line)["group"] for line in lines}) == summary.as_dict()["groups"]["groups"]
        for before, after in zip(lines, Path(output).read_bytes().splitlines(), strict=True):
            assert after.startswith(before[:-1])


def test_a_batch_of_the_pipeline_is_the_librarys(given, scored, tmp_path):
    """Scores of the pipeline are those of the rubric on the same rows in Python."""
    out = str(tmp_path / "o.jsonl")
    scored([given(ROWS)], out, rubric=Rubric(["format"]), max_rows=2)
    table = Rubric(["format"]).score(Batch.of(completion=[row["completion"] for row in ROWS]))
    assert [line["reward"] for line in lines_of(out)] == table.totals.tolist()
