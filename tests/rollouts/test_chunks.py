"""Chunks lose and reorder nothing, are bounded in rows and bytes, and keep whole what is compared."""

from __future__ import annotations

from collections.abc import Hashable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards import Rubric
from r1rewards.errors import RowError, UsageError
from r1rewards.rewards.length import LengthReward
from r1rewards.rollouts.chunks import GROUP_BYTES, GROUP_ROWS, GroupKeys, chunked
from r1rewards.rollouts.columns import ColumnMap
from r1rewards.rollouts.rows import Row

CELLS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([-1.0, 0.5, 2.0, 1e300, float("inf")])
    # What is a list's text is one group with the list, as the reward has it.
    | st.sampled_from(["", "1", "[1]", "\ud800", "True"]),
    lambda inner: st.lists(inner, max_size=1) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=2,
)


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(0, 50), max_size=60),
    max_rows=st.integers(1, 10),
    max_bytes=st.integers(1, 100),
    raw=st.booleans(),
)
def test_chunks_hold_all_rows_in_order_within_bounds(sizes, max_rows, max_bytes, raw):
    """The chunks' rows are the input's; none is empty, none beyond its bounds unless it is one large row."""
    rows = [Row({}, "a", line, b"x" * size if raw else None, 0 if raw else size) for line, size in enumerate(sizes, 1)]
    chunks = list(chunked(rows, max_rows=max_rows, max_bytes=max_bytes))
    assert [row for chunk in chunks for row in chunk] == rows
    for chunk in chunks:
        assert 1 <= len(chunk) <= max_rows
        assert len(chunk) == 1 or sum(sizes[row.line - 1] for row in chunk) <= max_bytes


def test_a_full_chunk_is_handed_on_at_once():
    """A chunk that is full does not wait for the row behind it."""
    taken = []

    def rows():
        for line in range(1, 10):
            taken.append(line)
            yield Row({}, "a", line)

    assert [row.line for row in next(chunked(rows(), max_rows=2))] == [1, 2]
    assert taken == [1, 2]


def rows_of(cells: list[object], **columns: list[object]) -> list[Row]:
    """Return rows with these cells in `group`, of 10 bytes each."""
    return [
        Row({"group": cell, **{name: other[place] for name, other in columns.items()}}, "a.jsonl", place + 1, None, 10)
        for place, cell in enumerate(cells)
    ]


def lines_of(chunks) -> list[list[int]]:
    return [[row.line for row in chunk] for chunk in chunks]


BY_GROUP = GroupKeys(["group"], ColumnMap())


@settings(deadline=None)
@given(sizes=st.lists(st.integers(0, 12), max_size=20), max_rows=st.integers(1, 6), max_bytes=st.integers(5, 70))
def test_no_cut_goes_through_a_group(sizes, max_rows, max_bytes):
    """The chunks' rows are the input's; a chunk ends at the first end of a group where it is full, and only there."""
    cells = [group for group, size in enumerate(sizes) for _ in range(size)]
    rows = rows_of(cells)
    chunks = list(chunked(rows, groups=BY_GROUP, max_rows=max_rows, max_bytes=max_bytes))
    assert [row for chunk in chunks for row in chunk] == rows
    whole = max(1, min(max_rows, max_bytes // 10))
    for number, chunk in enumerate(chunks):
        groups = [row.values["group"] for row in chunk]
        assert groups.index(groups[-1]) < whole, "it was full before its last group began"
        if number + 1 < len(chunks):
            assert len(chunk) >= whole
            assert chunks[number + 1][0].values["group"] != groups[-1]


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(0, 50), max_size=60),
    max_rows=st.integers(1, 10),
    max_bytes=st.integers(1, 100),
    null=st.booleans(),
)
def test_rows_of_groups_of_one_are_cut_as_without_groups(sizes, max_rows, max_bytes, null):
    """Where no two rows share a group, or none has one, the cuts are those of rows that stand for themselves."""
    rows = [Row({"group": None if null else line}, "a", line, None, size) for line, size in enumerate(sizes, 1)]
    bounds = {"max_rows": max_rows, "max_bytes": max_bytes}
    assert lines_of(chunked(rows, groups=BY_GROUP, **bounds)) == lines_of(chunked(rows, **bounds))


def test_two_compared_columns_are_each_kept_whole():
    """No cut goes through a group of either column; groups that are mixed within a chunk stay in it."""
    groups = GroupKeys(["group", "other"], ColumnMap())
    chained = rows_of([1, 1, 2, 2, 3, 4], other=[5, 6, 6, 7, None, None])
    assert lines_of(chunked(chained, groups=groups, max_rows=1)) == [[1, 2, 3, 4], [5], [6]]
    mixed = rows_of([1, 2, 1, 2, 3, 3])
    assert lines_of(chunked(mixed, groups=BY_GROUP, max_rows=2)) == [[1, 2, 3, 4], [5, 6]]


@settings(deadline=None)
@given(cells=st.lists(st.integers(0, 4), max_size=30), max_rows=st.integers(1, 6))
def test_rows_that_stand_apart_are_an_error_or_in_one_chunk(cells, max_rows):
    """Whatever the order of the rows: all of a group come in one chunk, or the first that would not is named."""
    chunks: list[list[Row]] = []
    apart = None
    try:
        chunks.extend(chunked(rows_of(cells), groups=BY_GROUP, max_rows=max_rows))
    except RowError as error:
        apart = error.line
    closed = {row.values["group"] for chunk in chunks for row in chunk}
    behind = list(enumerate(cells, 1))[sum(map(len, chunks)) :]
    assert apart == next((line for line, cell in behind if cell in closed), None)
    homes = {(row.values["group"], place) for place, chunk in enumerate(chunks) for row in chunk}
    assert len(homes) == len({group for group, _ in homes})


def test_the_error_names_file_line_column_and_group():
    """A group that comes again is named as the input has it: the mapped column, and its cell cut short."""
    rows = [Row({"prompt_id": cell}, "a.jsonl", line) for line, cell in enumerate("aab" + "a", 7)]
    groups = GroupKeys(["group"], ColumnMap.parse("group=prompt_id"))
    said = r"a\.jsonl:10, column 'prompt_id': the rows of group 'a' stand apart.*sort the file by that column"
    with pytest.raises(RowError, match=said):
        list(chunked(rows, groups=groups, max_rows=1))
    rows = rows_of(["x" * 999, 1, "x" * 999])
    with pytest.raises(RowError, match=r"group 'x+\.\.\.x+' stand apart") as caught:
        list(chunked(rows, groups=BY_GROUP, max_rows=1))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("before", [0, 1])
def test_a_group_may_be_many_times_a_chunk_but_not_without_end(before):
    """A group of so many times a chunk's rows or bytes is whole wherever it begins; a file of one group is refused."""
    for bounds, most in (({"max_rows": 2}, 2 * GROUP_ROWS), ({"max_bytes": 20}, 2 * GROUP_BYTES)):
        rows = rows_of([*range(-before, 0), *[5] * most, 6])
        assert most in [sum(row.values["group"] == 5 for row in c) for c in chunked(rows, groups=BY_GROUP, **bounds)]
        with pytest.raises(RowError, match=r"column 'group': the rows of group 5.* more than can be compared"):
            list(chunked(rows_of([5] * (2 * most)), groups=BY_GROUP, **bounds))
    huge = [Row({"group": line}, "a", line, None, 10**12) for line in (1, 2)]
    assert lines_of(chunked(huge, groups=BY_GROUP)) == [[1], [2]]


@settings(deadline=None)
@given(one=CELLS, other=CELLS)
def test_keys_are_those_of_the_reward(one, other):
    """Two cells have one key just where they are one to `length`: equal, or a list and its own text; null has none."""
    keys = GroupKeys(["group"], ColumnMap())
    of_one, of_other = (keys(row) for row in rows_of([one, other]))
    assert (of_one == ()) == (one is None)
    told = [cell if isinstance(cell, Hashable) else repr(cell) for cell in (one, other)]
    assert (of_one == of_other) == (told[0] == told[1])


def test_numbers_whose_hashes_collide_are_two_groups():
    """-1 and -2 have one hash in Python, and so have numbers that lie 2**61 - 1 apart: their groups are not mixed."""
    cells = [-1, -2, 3, 3 + 2**61 - 1, 10**400, float(2**70), float("nan")]
    assert lines_of(chunked(rows_of(cells), groups=BY_GROUP, max_rows=1)) == [[n] for n in range(1, 8)]
    assert lines_of(chunked(rows_of([2**70, float(2**70)]), groups=BY_GROUP, max_rows=1)) == [[1, 2]]
    assert lines_of(chunked(rows_of([float("nan"), float("nan")]), groups=BY_GROUP, max_rows=1)) == [[1, 2]]


def test_cells_are_those_that_the_reward_sees():
    """Chat prompts are compared as their text, parts of the completion as they are read, all else as it is mapped."""
    chat = [{"role": "user", "content": "1+1?"}]
    rows = [
        Row({"completion": f"<r>{line}</r>4", "prompt": prompt, "answer": line, "gold": line % 2}, "a", line)
        for line, prompt in enumerate([chat, "1+1?", [{"role": "system", "content": "s"}, *chat], "2"], 1)
    ]
    for column, mapping, cut in (
        ("prompt", "", [[1, 2, 3], [4]]),
        ("answer", "", [[1, 2, 3, 4]]),
        ("reasoning", "", [[1], [2], [3], [4]]),
        ("ground_truth", "ground_truth=gold", None),
        ("completion", "", [[1], [2], [3], [4]]),
    ):
        groups = GroupKeys([column], ColumnMap.parse(mapping), "custom:<r>,</r>")
        if cut is None:
            with pytest.raises(RowError, match="a:3, column 'gold'"):
                list(chunked(rows, groups=groups, max_rows=1))
        else:
            assert lines_of(chunked(rows, groups=groups, max_rows=1)) == cut


def test_who_compares_nothing_has_no_groups():
    """Only a rubric that compares rows has keys, as it is or as that of a scorer; a score's column cannot be one."""
    column_map = ColumnMap()
    kimi = LengthReward(mode="kimi", group="prompt_id")
    for rubric in (Rubric(["format", "length"]), object()):
        assert GroupKeys.of(rubric, column_map) is None
    rubric = Rubric(["format", kimi])
    for scorer in (rubric, type("Pool", (), {"rubric": rubric})()):
        keys = GroupKeys.of(scorer, column_map)
        assert keys is not None
        assert len(keys(Row({"prompt_id": 1, "group": 2}, "a", 1))) == 1
    with pytest.raises(UsageError, match="'score:format'"):
        GroupKeys.of(Rubric(["format", LengthReward(mode="kimi", group="score:format")]), column_map)
