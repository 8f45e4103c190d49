"""From rows to columns: the mapping, the reference's pool, and which rows never reach a batch."""

from __future__ import annotations

import pytest

from r1rewards import samples
from r1rewards.errors import MissingColumn, RowError, UsageError
from r1rewards.rollouts.columns import DERIVED, MISSING, ColumnMap, check_row, find_column, good_rows, lookup
from r1rewards.rollouts.rows import Row
from r1rewards.samples import Batch, dialect_of
from r1rewards.text.reference_columns import POOL

THINK = dialect_of("think")


def row(line: int = 1, **values: object) -> Row:
    return Row(values, "a.jsonl", line)


def rows(*all_values: dict) -> list[Row]:
    return [Row(values, "a.jsonl", line) for line, values in enumerate(all_values, 1)]


def reference(mapping: str = "", **values: object) -> object:
    """Return the reference that a row is checked and scored with."""
    columns = ColumnMap.parse(mapping)
    one = row(completion="x", **values)
    check_row(one, columns, THINK)
    return columns.columns_of([one]).get("ground_truth", [MISSING])[0]


class TestMapping:
    def test_it_is_read_from_one_text_or_several(self):
        """Commas and several texts say the same; blanks are of no account."""
        one = ColumnMap.parse("completion=response, ground_truth = gold")
        assert one == ColumnMap.parse("completion=response", "ground_truth=gold") == ColumnMap(one.sources)
        assert one.mapping == {"completion": "response", "ground_truth": "gold"}
        assert ColumnMap.parse() == ColumnMap.parse("") == ColumnMap()

    @pytest.mark.parametrize("text", ["completion", "completion=", "=response", "a=b,c"])
    def test_what_is_no_mapping_says_what_was_expected(self, text):
        """A mapping of another form is an error with an example."""
        with pytest.raises(UsageError, match="expected COLUMN=INPUT_COLUMN"):
            ColumnMap.parse(text)

    def test_a_column_is_mapped_once(self):
        """Two sources for one column are an error; the same one twice is none."""
        with pytest.raises(UsageError, match="mapped twice"):
            ColumnMap.parse("completion=a", "completion=b")
        assert ColumnMap.parse("completion=a", "completion=a").mapping == {"completion": "a"}

    @pytest.mark.parametrize("name", DERIVED)
    def test_parts_of_the_completion_cannot_be_mapped(self, name):
        """`answer` and `reasoning` are parts of the completion: mapping them is refused with the cure."""
        with pytest.raises(UsageError, match="ground_truth=gold"):
            ColumnMap.parse(f"{name}=gold")

    def test_the_mapping_comes_first(self):
        """A mapped column wins over the input column of the same name, which stays reachable in no other way."""
        columns = ColumnMap.parse("completion=response,prompt=question")
        batch = columns.columns_of(rows({"completion": "old", "response": "new", "question": "q", "prompt": "p"}))
        assert batch == {"completion": ["new"], "prompt": ["q"], "response": ["new"], "question": ["q"]}

    def test_dotted_paths_descend_and_exact_keys_win(self):
        """A dotted source descends into objects at any dot; a key that holds the dot itself wins."""
        values = {"a": {"b": {"c": 1}, "b.c": 2}, "x.y": {"z": 3}, "n": None}
        assert lookup(values, "a.b.c") == 2
        assert lookup({"a": {"b": {"c": 1}}}, "a.b.c") == 1
        assert lookup({"a.b": 9, "a": {"b": 1}}, "a.b") == 9
        assert lookup(values, "x.y.z") == 3
        assert lookup(values, "n") is None
        for absent in ("a.q", "n.b", "", ".", "a..b", "x.y.z.w"):
            assert lookup(values, absent) is MISSING

    def test_a_mapped_column_that_a_row_lacks_is_null(self):
        """There is no falling back behind a mapping: the row's cell is None."""
        columns = ColumnMap.parse("prompt=question")
        batch = columns.columns_of(rows({"completion": "a", "question": "q"}, {"completion": "b", "prompt": "p"}))
        assert batch["prompt"] == ["q", None]


class TestColumns:
    def test_all_columns_go_through(self):
        """Columns of a batch are all keys of its rows; a row that lacks one has None."""
        batch = ColumnMap().columns_of(rows({"completion": "a", "task": "math"}, {"completion": "b", "id": 7}))
        assert batch == {"completion": ["a", "b"], "task": ["math", None], "id": [None, 7]}

    def test_a_column_that_no_row_has_is_absent_unless_asked_for(self):
        """`always` makes a column of None where the chunk has none, save the parts of the completion."""
        one = rows({"completion": "a"})
        assert "ground_truth" not in ColumnMap().columns_of(one)
        batch = ColumnMap().columns_of(one, always=["ground_truth", "task", "answer", "completion"])
        assert batch == {"completion": ["a"], "ground_truth": [None], "task": [None]}

    def test_input_columns_never_hide_the_parts_of_the_completion(self):
        """A reward that asks for the model's answer gets it, also where the input has a column `answer`."""
        columns = ColumnMap().columns_of(rows({"completion": "<think>r</think>4", "answer": "5", "reasoning": "x"}))
        batch = Batch(columns)
        assert (batch.column("answer"), batch.column("reasoning")) == (["4"], ["r"])
        assert batch.column("ground_truth") == ["5"]
        assert set(DERIVED) == set(samples._DERIVED)

    def test_no_completion_at_all_names_the_columns_there_are(self):
        """Where no row has a completion the error lists the columns and the likely one."""
        with pytest.raises(MissingColumn, match=r"columns there are: id, response.*--map completion=response"):
            ColumnMap().columns_of(rows({"id": 1, "response": "a"}))
        with pytest.raises(MissingColumn, match=r"the mapping completion=respones needs a column 'respones'"):
            ColumnMap.parse("completion=respones").columns_of(rows({"response": "a"}))
        assert ColumnMap().columns_of([]) == {}


class TestReference:
    @pytest.mark.parametrize("name", POOL)
    def test_every_column_of_the_pool_is_found(self, name):
        """A reference under any name of the pool is the ground truth, as it stands."""
        values: dict = {"reward_model": {"ground_truth": "42"}} if "." in name else {name: "42"}
        assert reference(**values) == "42"

    def test_the_first_there_is_wins_and_keeps_its_form(self):
        """Among agreeing candidates the first of the pool is taken, unreduced; null and blank ones are passed by."""
        assert reference(answer=r"so \boxed{4}", gold="4") == r"so \boxed{4}"
        assert reference(gold="4", ground_truth=None, label=4.0) == 4.0
        assert reference(ground_truth=" ", gold="4") == "4"
        assert reference(ground_truth="") == ""
        assert reference(ground_truth=None) is None
        assert reference() is MISSING

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("4", 4),
            ("4", 4.0),
            (" $4$. ", r"\boxed{4}"),
            ("72", "48+24\n#### 72"),
            (r"\dfrac{1}{2}", r"\tfrac{1}{2}"),
            (r"\left( 3, 4 \right)", "(3,4)"),
            ("1,000", 1000),
            ("0.50", 0.5),
            (["4", "four"], "four"),
            (["4", "four"], [r"\boxed{4}", "IV"]),
            (r"\$5", "5"),
        ],
    )
    def test_candidates_that_agree(self, one, two):
        """Candidates are compared after reduction and light normalisation, in either order."""
        assert reference(ground_truth=one, answer=two) == one
        assert reference(ground_truth=two, answer=one) == two

    @pytest.mark.parametrize(
        ("one", "two"), [("4", "5"), ("4", r"\boxed{5}"), ("1,00", "100"), (["4"], ["5", "6"]), ("x", "X"), (True, "4")]
    )
    def test_candidates_that_disagree_are_an_error(self, one, two):
        """Two different references are an error that names both columns and the cure."""
        with pytest.raises(RowError, match=r"'ground_truth' and 'gold'.*--map ground_truth=ground_truth") as caught:
            reference(ground_truth=one, gold=two)
        assert (caught.value.file, caught.value.line) == ("a.jsonl", 1)

    def test_the_cure_works(self):
        """Mapping the reference ends the disagreement."""
        assert reference("ground_truth=gold", ground_truth="4", gold="5") == "5"
        assert reference("ground_truth=ground_truth", ground_truth="4", gold="5") == "4"

    def test_a_solution_without_a_mark_says_nothing_beside_others(self):
        """A worked solution without box or #### neither wins nor disagrees where another candidate is."""
        assert reference(solution="By symmetry.", target="4") == "4"
        assert reference(answer="4", solution="By symmetry.") == "4"
        assert reference(solution="By symmetry.") == "By symmetry."
        assert reference(solution="Let n be odd.\nThen 4 divides it.", target="4") == "4"

    @pytest.mark.parametrize("bare", ["4", "$4$", " 4.0 ", "Paris", r"\frac{1}{2}", r"12 \text{ square metres}"])
    def test_a_solution_that_is_a_bare_answer_is_one(self, bare):
        """A bare answer in ``solution`` stands before those behind it and disagrees with another."""
        assert reference(solution=bare, target=bare) == bare
        for other in ("algebra", 1):
            with pytest.raises(RowError, match=r"solution.*label"):
                reference(solution=bare, label=other)

    def test_what_is_no_text_says_nothing_beside_others(self):
        """Objects under a name of the pool (a nested target) neither win nor disagree beside a real candidate."""
        assert reference(label={"score": 1}, target="4") == "4"
        assert reference(label={"score": 1}) == {"score": 1}

    def test_a_mapped_column_leaves_the_pool(self):
        """A column that plays another part is no reference."""
        assert reference("language=answer", answer="de", gold="4") == "4"
        columns = ColumnMap.parse("completion=answer")
        one = row(answer="the model's text", gold="4")
        check_row(one, columns, THINK)
        assert columns.columns_of([one])["ground_truth"] == ["4"]

    def test_alternatives_stay_a_list(self):
        """A list of alternatives is handed on as a list."""
        assert reference(answer=["4", "four"]) == ["4", "four"]

    def test_hostile_references_are_compared(self):
        """Huge, deep and strange candidates are told apart without a crash."""
        deep: list = []
        for _ in range(5000):
            deep = [deep]
        huge = int("7" * 3000)
        for cell in (r"\boxed{" * 100_000, "\ud800\x00", "#" * 1_000_000, ["4", deep], huge):
            with pytest.raises(RowError, match="different reference answers"):
                reference(ground_truth="5", gold=cell)
        assert reference(ground_truth="5", gold=1 << 100_000) == "5"  # too long to print: it says nothing


class TestGoodRows:
    def test_bad_completions_are_told_apart_row_by_row(self):
        """A row without a completion, or with one that is none, is left out with file, line and column."""
        stream = rows(
            {"completion": "a"},
            {"completion": None},
            {"other": 1},
            {"completion": 5},
            {"completion": []},
            {"completion": [{"role": "user", "content": "q"}]},
            {"completion": [{"role": "assistant", "content": "b"}]},
            {"completion": {"role": "assistant", "content": None}},
            {"completion": ""},
        )
        errors: list[RowError] = []
        good = list(good_rows(stream, ColumnMap(), THINK, errors.append))
        assert [one.line for one in good] == [1, 7, 8, 9]
        assert [(error.file, error.line, error.column) for error in errors] == [
            ("a.jsonl", line, "completion") for line in (2, 3, 4, 5, 6)
        ]
        assert all("--bad-rows skip" in str(error) for error in errors)
        Batch(ColumnMap().columns_of(good))
        with pytest.raises(RowError, match=r"a\.jsonl:2"):
            list(good_rows(stream, ColumnMap(), THINK))

    def test_the_mapped_column_is_named(self):
        """An error about a mapped completion names the input's column."""
        with pytest.raises(RowError) as caught:
            check_row(row(response=5), ColumnMap.parse("completion=response"), THINK)
        assert caught.value.column == "response"

    def test_a_prompt_that_cannot_be_read(self):
        """A prompt whose last message has no readable content never reaches a batch."""
        for prompt in ([{"content": 5}], [{"content": {"a": 1}}]):
            with pytest.raises(RowError) as caught:
                check_row(row(completion="a", prompt=prompt), ColumnMap(), THINK)
            assert caught.value.column == "prompt"
        for prompt in (None, "q", [], [{"content": None}], [{"role": "user", "content": "q"}], 5):
            check_row(row(completion="a", prompt=prompt), ColumnMap(), THINK)

    def test_leading_rows_without_a_completion_wait_for_one_that_has_it(self):
        """Rows lacking the column are bad rows once another row shows it, in order; else the column is missing."""
        lacking, having = {"response": "a"}, {"completion": "b"}
        errors: list[RowError] = []
        good = list(good_rows(rows(lacking, lacking, having, lacking), ColumnMap(), THINK, errors.append))
        assert [one.line for one in good] == [3]
        assert [error.line for error in errors] == [1, 2, 4]
        with pytest.raises(MissingColumn, match="completion=response"):
            list(good_rows(rows(lacking, lacking), ColumnMap(), THINK, errors.append))
        with pytest.raises(RowError, match=r"a.jsonl:1"):
            list(good_rows(rows(lacking, having), ColumnMap(), THINK))
        assert list(good_rows([], ColumnMap(), THINK)) == []

    def test_a_stream_without_completions_is_not_read_to_its_end(self):
        """A thousand rows without the column are enough to say that it is missing."""
        read = 0

        def endless():
            nonlocal read
            while True:
                read += 1
                yield row(read, text="a")

        with pytest.raises(MissingColumn, match="completion=text"):
            list(good_rows(endless(), ColumnMap(), THINK, lambda error: None))
        assert read <= 1000

    def test_a_null_completion_shows_that_the_column_is_there(self):
        """Rows that are all null are bad rows one by one; the column itself is not missing."""
        errors: list[RowError] = []
        stream = rows({"completion": None}, {"other": 1})
        assert list(good_rows(stream, ColumnMap(), THINK, errors.append)) == []
        assert [error.line for error in errors] == [1, 2]

    def test_disagreeing_references_are_bad_rows(self):
        """A row with two references is left out like any bad row."""
        errors: list[RowError] = []
        stream = rows({"completion": "a", "answer": "1", "gold": "2"}, {"completion": "b", "answer": "1", "gold": "1"})
        assert [one.line for one in good_rows(stream, ColumnMap(), THINK, errors.append)] == [2]
        assert "'answer' and 'gold'" in str(errors[0])


class TestFindColumn:
    def test_it_looks_through_all_rows_of_all_files(self, given):
        """A column is found in the last row of the last file, by the same rules as in scoring."""
        one = given([{"completion": "a"}], "1.jsonl")
        two = given(
            b'{"completion": "b"}\nnot json\n{"task": "t", "reward_model": {"ground_truth": null}}\n', "2.jsonl"
        )
        columns = ColumnMap.parse("language=task")
        for name in ("completion", "task", "language", "ground_truth", "answer"):
            assert find_column([one, two], columns, name), name
        for name in ("tests", "group", "language.x"):
            assert not find_column([one, two], columns, name), name
        assert not find_column([one], columns, "task")
        assert not find_column(["-"], columns, "task")

    def test_it_stops_at_the_first_row_that_has_it(self, given, monkeypatch):
        """No more rows are read than needed."""
        from r1rewards.rollouts import rows as reading

        decoded = []
        real = reading.decode_object
        monkeypatch.setattr(reading, "decode_object", lambda line, *place: decoded.append(line) or real(line, *place))
        assert find_column([given([{"a": 1}, {"task": 1}, {"task": 2}])], ColumnMap(), "task")
        assert len(decoded) == 2
