"""Reading rows: every container holds the same rows, and whatever is wrong has a file, a line and a cure."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st

from r1rewards.errors import MissingExtra, RowError, UsageError
from r1rewards.rollouts.rows import read_rows

ROWS = [{"completion": f"answer {number} é", "n": number} for number in range(5)]
LINES = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in ROWS)
ARRAY = json.dumps(ROWS, indent=2, ensure_ascii=False).encode()


def zstd(data: bytes) -> bytes:
    return pytest.importorskip("zstandard").ZstdCompressor().compress(data)


def values(*paths: str, **settings) -> list[dict]:
    return [row.values for row in read_rows(paths, **settings)]


def bad_rows(path: str) -> tuple[list[int], list[RowError]]:
    """Return the lines that were read and the errors of those that were left out."""
    errors: list[RowError] = []
    return [row.line for row in read_rows([path], on_bad=errors.append)], errors


class TestContainers:
    @pytest.mark.parametrize(
        "name", ["a.jsonl", "a.json", "a.ndjson", "a", "a.txt", "a.jsonl.gz", "a.jsonl.zst", "a.dat"]
    )
    @pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd], ids=["plain", "gzip", "zstd"])
    def test_lines_are_read_whatever_the_name(self, given, name, pack):
        """JSONL is read plain, gzipped and zstd, told by content and not by the name."""
        assert values(given(pack(LINES), name)) == ROWS

    @pytest.mark.parametrize("name", ["a.json", "a", "a.json.gz", "a.json.zst"])
    @pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd], ids=["plain", "gzip", "zstd"])
    def test_arrays_are_read(self, given, name, pack):
        """A JSON array gives its objects, and their places in it as lines."""
        rows = list(read_rows([given(pack(b" \n" + ARRAY + b"\n"), name)]))
        assert [row.values for row in rows] == ROWS
        assert [row.line for row in rows] == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd], ids=["plain", "gzip", "zstd"])
    @pytest.mark.parametrize("content", [LINES, ARRAY, b"\xef\xbb\xbf" + LINES], ids=["lines", "array", "bom"])
    def test_standard_input_is_told_by_content(self, pack, content):
        """Standard input may be lines or an array, packed or not, and is named <stdin>."""
        rows = list(read_rows(["-"], stdin=io.BytesIO(pack(content))))
        assert [row.values for row in rows] == ROWS
        assert {row.file for row in rows} == {"<stdin>"}

    def test_packed_data_of_several_members(self, given):
        """Packed files that were simply put one behind the other are read to the end."""
        half = LINES.index(b"\n", len(LINES) // 2) + 1
        for pack, name in ((gzip.compress, "a.gz"), (zstd, "a.zst")):
            assert values(given(pack(LINES[:half]) + pack(LINES[half:]), name)) == ROWS

    def test_a_packed_file_in_a_packed_file(self, given):
        """Packing twice changes nothing."""
        assert values(given(gzip.compress(zstd(LINES)), "a.zst.gz")) == ROWS

    def test_zstd_that_begins_with_a_skippable_frame(self, given):
        """A skippable frame at the start of zstd data is skipped."""
        skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"meta"
        assert values(given(skippable + zstd(LINES), "a.zst")) == ROWS

    def test_parquet(self, given, tmp_path):
        """Parquet rows come as JSON-able values, nested ones and odd types too."""
        pa = pytest.importorskip("pyarrow")
        import datetime as dt
        from decimal import Decimal

        import pyarrow.parquet as pq

        table = pa.table({
            "completion": ["a", "b", None],
            "reward_model": [{"ground_truth": "4", "style": "rule"}] * 3,
            "prompt": [[{"role": "user", "content": "q"}]] * 3,
            "day": [dt.date(2024, 5, 6)] * 3,
            "price": [Decimal("0.10")] * 3,
            "text": [b"plain", b"\xff\x00", None],
            "token_ids": [[1, 2], [], None],
        })  # fmt: skip
        path = str(tmp_path / "a.parquet")
        pq.write_table(table, path, row_group_size=2)
        rows = list(read_rows([path]))
        assert [row.line for row in rows] == [1, 2, 3]
        assert all(row.raw is None and row.size_bytes > 0 for row in rows)
        json.dumps([row.values for row in rows], allow_nan=False)
        first, second, third = (row.values for row in rows)
        assert first["reward_model"] == {"ground_truth": "4", "style": "rule"}
        assert (first["day"], first["price"]) == ("2024-05-06", "0.10")
        assert (first["text"], second["text"], third["text"]) == ("plain", "/wA=", None)
        assert (third["completion"], third["token_ids"]) == (None, None)

    def test_several_files_in_order(self, given):
        """Several inputs are read one after the other; each counts its own lines."""
        one, two = given(LINES, "1.jsonl"), given(ARRAY, "2.json")
        rows = list(read_rows([two, one, two]))
        assert [row.values for row in rows] == ROWS * 3
        assert [(row.file, row.line) for row in rows[4:7]] == [(two, 5), (one, 1), (one, 2)]

    def test_a_pipe_that_hands_out_byte_by_byte(self):
        """An input is told by its first bytes also where they come one at a time."""

        class Slow(io.RawIOBase):
            def __init__(self, data: bytes) -> None:
                self.data = io.BytesIO(data)

            def readable(self) -> bool:
                return True

            def readinto(self, buffer) -> int:
                return self.data.readinto(memoryview(buffer)[:1])

        for content in (LINES, ARRAY, gzip.compress(LINES), zstd(LINES), b"\xef\xbb\xbf" + LINES):
            assert [row.values for row in read_rows(["-"], stdin=Slow(content))] == ROWS

    def test_a_first_line_of_a_pipe_is_not_held_back(self):
        """A row is handed on before the row behind it has been written."""
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb", buffering=0) as sink:
            sink.write(b'{"completion": "first"}\n')
            rows = read_rows(["-"], stdin=source)
            assert next(rows).values == {"completion": "first"}
            sink.write(b'{"completion": "second"}\n')
            assert next(rows).values == {"completion": "second"}

    def test_bytes_are_counted(self, given):
        """A progress bar is told of exactly the bytes that lie on disk."""
        for content, name in ((LINES, "a.jsonl"), (gzip.compress(LINES), "a.gz"), (ARRAY, "a.json")):
            told: list[int] = []
            path = given(content, name)
            list(read_rows([path], on_bytes=told.append))
            assert sum(told) == len(content)

    def test_reading_leaves_no_file_open(self, given):
        """A reader that is left halfway closes its file (an open one would be a ResourceWarning)."""
        for content, name in ((LINES, "a.jsonl"), (gzip.compress(LINES), "a.gz"), (zstd(LINES), "a.zst")):
            rows = read_rows([given(content, name)])
            next(rows)
            rows.close()


class TestLines:
    def test_raw_is_the_objects_own_bytes(self, given):
        """A line's bytes are kept as they are, without the blank space around the object."""
        (row,) = read_rows([given(b'  {"a" : 1.50,"a":2, "b":"\\u00e9"}\t\r\n')])
        assert row.raw == b'{"a" : 1.50,"a":2, "b":"\\u00e9"}'
        assert row.values == {"a": 2, "b": "é"}

    @pytest.mark.parametrize("end", [b"\n", b"\r\n"])
    @pytest.mark.parametrize("last", [True, False])
    def test_line_ends(self, given, end, last):
        """Windows line ends and a missing last line end change nothing."""
        content = end.join([b'{"a":1}', b'{"a":2}']) + (end if last else b"")
        rows = list(read_rows([given(content)]))
        assert [(row.line, row.raw) for row in rows] == [(1, b'{"a":1}'), (2, b'{"a":2}')]

    def test_blank_lines_are_skipped_and_counted(self, given):
        """Blank lines give no row, and the numbers of the lines behind them are the file's."""
        for name in ("a.jsonl", "a"):
            path = given(b"\n \t\n" + b'{"a":1}\n\n\r\n{"a":2}\n\n', name)
            assert [row.line for row in read_rows([path])] == [3, 6]

    @pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", gzip.compress(b"")])
    @pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
    def test_nothing_gives_no_rows(self, given, content, name):
        """Empty and blank files hold no rows, which is no error."""
        assert values(given(content, name)) == []

    def test_an_empty_array(self, given):
        """An empty array holds no rows."""
        assert values(given(b" [ ] ", "a.json")) == []

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            (b'{"a": 1', "delimiter"),
            (b"not json", "not valid JSON"),
            (b'{"a": "\xff\xfe"}', "UTF-8"),
            (b"[1, 2]", "found a list"),
            (b'"text"', "found a string"),
            (b"12", "found a number"),
            (b"true", "found true or false"),
            (b"null", "found null"),
            (b"1" * 5000, "found a string"),
            (b"\x00" * 100, "not valid JSON"),
            (b"[" * 200_000, "nested too deeply"),
            (b'{"a":' * 200_000, "nested too deeply"),
            (b'{"a": 1} {"a": 2}', "Extra data"),
            (b"{", "several lines"),
        ],
        ids=lambda value: value[:16] if isinstance(value, bytes) else "",
    )
    def test_a_bad_line_names_its_place_and_cure(self, given, line, words):
        """A bad line raises an error with file, line, what was expected and the cure; or is told and left out."""
        path = given(b'{"a": 0}\n' + line + b'\n{"a": 2}\n')
        with pytest.raises(RowError, match=words) as caught:
            values(path)
        assert (caught.value.file, caught.value.line) == (path, 2)
        assert "--bad-rows skip" in str(caught.value)
        lines, errors = bad_rows(path)
        assert lines == [1, 3]
        assert [error.line for error in errors] == [2]

    def test_long_integers_come_as_text(self, given):
        """An integer of more than 4,300 digits is read as text, under any limit of the user's process."""
        digits = "7" * 1_000_000
        path = given(f'{{"a": {digits}, "b": -{digits}, "c": {"8" * 4300}, "d": -3}}\n'.encode())
        (row,) = values(path)
        assert (row["a"], row["b"], row["c"], row["d"]) == (digits, "-" + digits, int("8" * 4300), -3)
        (row,) = values(
            given(b"[" + json.dumps({"x": 1})[:-1].encode() + b', "a": ' + digits.encode() + b"}]", "a.json")
        )
        assert row == {"x": 1, "a": digits}

    @pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="Python before 3.10.7 has no limit")
    @pytest.mark.parametrize("limit", [0, 640])
    def test_integers_are_the_same_under_any_limit_of_the_process(self, given, limit):
        """What a row reads as does not hang on sys.set_int_max_str_digits."""
        path = given(f'{{"a": {"7" * 5000}, "b": {"7" * 600}}}\n'.encode())
        script = textwrap.dedent(f"""
            import sys
            from r1rewards.rollouts.rows import read_rows
            sys.set_int_max_str_digits({limit})
            (row,) = read_rows([{path!r}])
            print(type(row.values["a"]).__name__, type(row.values["b"]).__name__)
        """)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["str", "int"]

    def test_hostile_text_is_read(self, given):
        """Lone surrogates, NUL and a line of 10 MB are ordinary text."""
        long = "x" * 10_000_000
        path = given([{"completion": "\ud800 \x00 \udfff"}, {"completion": long}])
        assert values(path) == [{"completion": "\ud800 \x00 \udfff"}, {"completion": long}]

    def test_floats_beyond_all_bounds(self, given):
        """Numbers that no float holds, NaN among them, do not stop the reading."""
        (row,) = values(given(b'{"a": 1e999999, "b": NaN, "c": ' + b"1" * 100_000 + b".5}\n"))
        assert row["a"] == float("inf")
        assert row["b"] != row["b"]


class TestArrays:
    @settings(deadline=None, max_examples=60)
    @property_of(
        rows=st.lists(
            st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.lists(st.booleans()) | st.none())
        ),
        indent=st.sampled_from([None, 0, 3]),
        ascii_only=st.booleans(),
        chunk=st.integers(min_value=1, max_value=40),
    )
    def test_an_array_is_read_as_the_whole_would_be(self, rows, indent, ascii_only, chunk):
        """Streaming gives what json.loads gives, however the input is cut into reads."""
        from r1rewards.rollouts import json_rows

        text = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode("utf-8")
        before = json_rows._READ_BYTES
        json_rows._READ_BYTES = chunk
        try:
            read = [row for row, _, _ in json_rows.array_rows(io.BufferedReader(io.BytesIO(text)), "a.json", None)]
        finally:
            json_rows._READ_BYTES = before
        assert read == rows

    def test_a_number_cut_by_a_read_is_one_number(self, monkeypatch):
        """An element that is a number is read to its end, wherever a read cuts it."""
        from r1rewards.rollouts import json_rows

        for read_bytes in range(1, 40):
            monkeypatch.setattr(json_rows, "_READ_BYTES", read_bytes)
            errors: list[RowError] = []
            text = io.BytesIO(b"[" + b"1234567890" * 4 + b', -12.5e10, true, {"a": 1}]')
            rows = list(read_rows(["-"], stdin=text, on_bad=errors.append))
            assert ([row.line for row in rows], [error.line for error in errors]) == ([4], [1, 2, 3])

    def test_elements_that_are_no_rows_are_left_out(self, given):
        """An element that is no object, or no UTF-8, is told with its place; the others are read."""
        path = given(b'[{"a":1}, 12345, "\xff", {"a":"\xff"}, [1], null, {"a":2}]', "a.json")
        lines, errors = bad_rows(path)
        assert lines == [1, 7]
        assert [error.line for error in errors] == [2, 3, 4, 5, 6]
        assert all("--bad-rows skip" in str(error) for error in errors)
        with pytest.raises(RowError, match="found a number"):
            values(path)

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (b'[{"a":1}, {"a":', 2),
            (b'[{"a":1}, {"a": "open', 2),
            (b'[{"a":1}', 2),
            (b'[{"a":1},', 2),
            (b"[", 1),
            (b'[{"a":1} {"a":2}]', 1),
            (b'[{"a":1}, ]', 2),
            (b'[{"a":1}] {"a":2}', 1),
            (b'[{"a":1}]\xe2\x88', 1),
            (b'[{"a":1}, {"a" 1}, {"a":3}]', 2),
            (b"[" * 200_000, 1),
            (b'[{"a":' + b"[" * 200_000, 1),
        ],
    )
    def test_a_broken_array_raises_in_any_case(self, given, content, line):
        """Nothing behind a broken place can be read, so it raises even where bad rows are left out."""
        errors: list[RowError] = []
        with pytest.raises(RowError) as caught:
            list(read_rows([given(content, "a.json")], on_bad=errors.append))
        assert (caught.value.line, errors) == (line, [])

    def test_a_mistake_is_found_without_reading_to_the_end(self):
        """A broken element does not make the reader take in the rest of the file."""
        text = io.BytesIO(b'[{"a" 1}, ' + b'{"a": 1}, ' * 1_000_000)
        with pytest.raises(RowError):
            list(read_rows(["-"], stdin=text))
        assert text.tell() < 3_000_000

    def test_reading_is_linear_in_one_huge_element(self, monkeypatch):
        """One element of many reads is parsed anew only on doubled text: the sum stays below four times its size."""
        from r1rewards.rollouts import json_rows

        parsed = 0
        real = json_rows._raw_decode

        def counting(text: str, start: int):
            nonlocal parsed
            parsed += len(text) - start
            return real(text, start)

        monkeypatch.setattr(json_rows, "_raw_decode", counting)
        element = b'{"a": "' + b"x" * 8_000_000 + b'"}'
        assert len(list(read_rows(["-"], stdin=io.BytesIO(b"[" + element + b"]")))) == 1
        assert parsed < 4 * len(element)


class TestWhatCannotBeRead:
    def test_mistakes_are_found_before_the_first_row(self, given, tmp_path):
        """A missing file, a folder, a foreign kind or standard input twice is an error before any row is read."""
        good = given(LINES)
        for bad, words in (
            ([good, str(tmp_path / "absent.jsonl")], "there is no file"),
            ([good, str(tmp_path)], "is a folder"),
            ([good, given(b"a,b\n", "a.csv")], "convert"),
            (["-", good, "-"], "twice"),
            ([], "no input"),
            ([good, "a\x00b"], "cannot read"),
        ):
            with pytest.raises(UsageError, match=words):
                read_rows(bad)

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read all")
    def test_a_file_without_permission(self, given):
        """A file that must not be read is a plain sentence."""
        path = given(LINES)
        Path(path).chmod(0)
        with pytest.raises(UsageError, match="permission denied"):
            read_rows([path])

    @pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
    def test_packed_data_that_is_cut_off_or_damaged(self, given, pack):
        """Packed data that ends early is an error at every cut, also where bad rows are left out; so is damage."""
        whole = pack(LINES * 3)
        for cut in range(5, len(whole)):
            errors: list[RowError] = []
            with pytest.raises(RowError, match=r"cut off"):
                list(read_rows([given(whole[:cut], "a")], on_bad=errors.append))
        broken = bytearray(pack(os.urandom(2_000_000).hex().encode()))
        broken[1000:1100] = b"\x00" * 100
        with pytest.raises(RowError):
            values(given(bytes(broken), "b"))

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (bz2.compress(LINES), "bzip2"),
            (LINES.decode().encode("utf-16"), "UTF-16"),
            (b"PK\x03\x04" + b"x" * 50, "zip"),
            (b"\xfd7zXZ\x00" + b"x" * 50, "xz"),
        ],
    )
    def test_foreign_formats_are_named(self, given, content, words):
        """A file of a kind that we do not read is called by its name."""
        for name in ("a", "a.jsonl"):
            with pytest.raises(UsageError, match=words):
                values(given(content, name))

    def test_parquet_that_is_none(self, given, tmp_path):
        """A Parquet file that is none, is damaged, or comes through a pipe is a plain sentence."""
        pa = pytest.importorskip("pyarrow")
        import pyarrow.parquet as pq

        for content in (LINES, b"", b"PAR1" + b"\x00" * 100):
            with pytest.raises(UsageError):
                values(given(content, "a.parquet"))
        path = tmp_path / "b.parquet"
        pq.write_table(pa.table({"a": [os.urandom(50).hex() for _ in range(20_000)]}), path)
        whole = bytearray(path.read_bytes())
        whole[2000:200_000] = b"\xff" * 198_000
        with pytest.raises(RowError, match="damaged"):
            values(given(bytes(whole), "c.parquet"))
        with pytest.raises(UsageError, match="standard input"):
            list(read_rows(["-"], stdin=io.BytesIO(path.read_bytes())))

    @pytest.mark.parametrize(
        ("name", "package", "extra"), [("a.jsonl.zst", "zstandard", "zstd"), ("a.parquet", "pyarrow", "parquet")]
    )
    def test_an_absent_extra_is_named_with_its_pip_line(self, given, monkeypatch, name, package, extra):
        """Without the optional package, a file that needs it says which and how to get it, at once."""
        module = {"zstandard": "zstd_files", "pyarrow": "parquet_files"}[package]
        monkeypatch.delitem(sys.modules, f"r1rewards.rollouts.{module}", raising=False)
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(MissingExtra, match=rf"pip install 'r1rewards\[{extra}\]'"):
            read_rows([given(b"anything", name)])

    def test_reading_lines_imports_no_extra(self, given):
        """Plain and gzipped JSONL need neither pyarrow nor zstandard."""
        script = textwrap.dedent(f"""
            import sys
            from r1rewards.rollouts.rows import read_rows
            list(read_rows([{given(LINES)!r}, {given(gzip.compress(LINES), "a.gz")!r}]))
            print({{"pyarrow", "zstandard"}} & set(sys.modules))
        """)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "set()"
