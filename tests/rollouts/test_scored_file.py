"""The output file: begun, locked, continued and refused; never a torn line kept, never a whole one lost."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from r1rewards.errors import UsageError
from r1rewards.rollouts.jsonl import ScoredWriter, StreamWriter

CONFIGURATION = {"rewards": ["math", "format@0.5"], "options": {"math": {"limit": 3}}, "version": "1"}


def opened(path: object, **settings) -> ScoredWriter:
    return ScoredWriter.open(str(path), **{"configuration": CONFIGURATION, **settings})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scored.jsonl"


@pytest.fixture
def record(path: Path) -> Path:
    return Path(f"{path}.run.json")


class TestBeginning:
    def test_the_record_stands_before_the_first_row(self, path, record):
        """Opening writes the configuration beside the output, whole, and leaves no draft."""
        with opened(path):
            assert json.loads(record.read_text())["configuration"] == CONFIGURATION
            assert sorted(each.name for each in path.parent.iterdir()) == [path.name, record.name]

    def test_rows_are_in_the_file_once_written(self, path):
        """Each chunk is with the system when `write` returns."""
        with opened(path) as writer:
            writer.write([b"{}", b'{"a":1}'])
            assert path.read_bytes() == b'{}\n{"a":1}\n'
            writer.write([])
            writer.write([b"[]"])
            assert path.read_bytes() == b'{}\n{"a":1}\n[]\n'
            assert writer.done_rows == 0

    def test_a_file_that_holds_rows_is_not_touched_unasked(self, path):
        """Without a word about it, an output that is there is an error that names both ways on."""
        path.write_bytes(b"precious\n")
        with pytest.raises(UsageError, match=r"--resume.*--overwrite"):
            opened(path)
        assert path.read_bytes() == b"precious\n"

    def test_an_empty_file_is_as_good_as_none(self, path, record):
        """An empty output starts anew, whatever record stands beside it, resumed or not."""
        for resume in (False, True):
            path.write_bytes(b"")
            record.write_text("garbage")
            with opened(path, resume=resume) as writer:
                assert writer.done_rows == 0
            assert json.loads(record.read_text())["configuration"] == CONFIGURATION

    def test_overwriting_starts_anew(self, path, record):
        """--overwrite drops rows and record, whatever they were."""
        path.write_bytes(b"old\n")
        record.write_text("garbage")
        with opened(path, overwrite=True) as writer:
            writer.write([b"{}"])
        assert path.read_bytes() == b"{}\n"
        assert json.loads(record.read_text())["configuration"] == CONFIGURATION

    def test_mistakes_are_plain_sentences(self, path, tmp_path):
        """A folder, a missing folder, a packed name, both flags, an input as output: each a UsageError."""
        path.write_bytes(b"rows\n")
        for target, settings, words in (
            (tmp_path, {}, "is a folder"),
            (tmp_path / "none" / "a.jsonl", {}, "no folder"),
            (tmp_path / "a.jsonl.gz", {}, "plain JSONL"),
            (path, {"resume": True, "overwrite": True}, "one of them"),
            (path, {"overwrite": True, "inputs": ["-", str(path)]}, "is an input"),
            ("a\x00b", {}, "cannot write"),
        ):
            with pytest.raises(UsageError, match=words):
                opened(target, **settings)
        assert path.read_bytes() == b"rows\n"

    def test_a_device_takes_rows_and_has_no_record(self):
        """/dev/null can be written to, cannot be resumed, and gets no record beside it."""
        with opened("/dev/null") as writer:
            writer.write([b"{}"])
            assert list(writer.written_lines()) == []
        assert not Path("/dev/null.run.json").exists()
        with pytest.raises(UsageError, match="cannot be resumed"):
            opened("/dev/null", resume=True)
        with pytest.raises(UsageError, match="No space left"), opened("/dev/full") as writer:
            writer.write([b"{}"])


class TestResuming:
    def test_whole_lines_are_kept_and_a_torn_one_is_cut(self, path):
        """What counts is lines with their end; the rest of a torn one is cut off."""
        for torn in (b"", b"{", b'{"a": 1}', b"x" * 3_000_000):
            with opened(path, overwrite=True) as writer:
                writer.write([b'{"a": 1}', b'{"a": 2}'])
            with path.open("ab") as file:
                file.write(torn)
            with opened(path, resume=True) as writer:
                assert writer.done_rows == 2
                assert list(writer.written_rows()) == [{"a": 1}, {"a": 2}]
                writer.write([b'{"a": 3}'])
                assert list(writer.written_lines()) == [b'{"a": 1}', b'{"a": 2}']
            assert path.read_bytes() == b'{"a": 1}\n{"a": 2}\n{"a": 3}\n'

    def test_lines_are_read_back_while_rows_are_written(self, path):
        """Reading what was written and writing behind it do not disturb each other, long lines included."""
        lines = [b"%d" % number + b"x" * 700_000 for number in range(5)]
        with opened(path) as writer:
            writer.write(lines)
        with opened(path, resume=True) as writer:
            read = []
            for line in writer.written_lines():
                read.append(line)
                writer.write([b"new"])
        assert read == lines
        assert path.read_bytes() == b"\n".join([*lines, *[b"new"] * 5]) + b"\n"

    def test_only_a_torn_line(self, path):
        """A run killed within its first row resumes from none."""
        opened(path).close()
        path.write_bytes(b'{"a"')
        with opened(path, resume=True) as writer:
            assert writer.done_rows == 0
        assert path.read_bytes() == b""

    def test_a_file_without_its_record_is_refused(self, path, record):
        """Rows of which nobody knows how they were scored are not continued."""
        path.write_bytes(b"{}\n")
        with pytest.raises(UsageError, match=r"no 'scored.jsonl.run.json' beside it"):
            opened(path, resume=True)
        for broken in ("", "{", "[]", "{}", "3"):
            record.write_text(broken)
            with pytest.raises(UsageError, match="unknown how"):
                opened(path, resume=True)
        assert path.read_bytes() == b"{}\n"

    def test_another_configuration_is_refused_with_both_values(self, path):
        """What differs is named by key with its old and its new value; nothing is written."""
        with opened(path) as writer:
            writer.write([b"{}"])
        other = {"rewards": ["math"], "options": {"math": {"limit": 4}}, "version": "1", "details": True}
        with pytest.raises(UsageError) as caught:
            opened(path, resume=True, configuration=other)
        text = str(caught.value)
        assert 'rewards was ["math", "format@0.5"] and is now ["math"]' in text
        assert "options.math.limit was 3 and is now 4" in text
        assert "details was absent and is now true" in text
        assert "version" not in text
        assert path.read_bytes() == b"{}\n"

    def test_the_same_configuration_is_the_same_after_json(self, path):
        """Tuples, paths and key order are of no account."""
        with opened(path, configuration={"a": (1, 2), "b": Path("x")}) as writer:
            writer.write([b"{}"])
        opened(path, resume=True, configuration={"b": "x", "a": [1, 2]}).close()

    def test_garbage_lines_are_told(self, path):
        """A line that no run has written is an error with its place."""
        with opened(path) as writer:
            writer.write([b"{}", b"garbage"])
        with opened(path, resume=True) as writer, pytest.raises(UsageError, match=r"scored.jsonl:2"):
            list(writer.written_rows())


class TestLock:
    @pytest.mark.skipif(sys.platform == "win32", reason="there is no lock")
    def test_two_runs_do_not_write_one_file(self, path):
        """A second run is turned away while the first writes, in this process and in another; then it may."""
        writer = opened(path)
        writer.write([b"{}"])
        for settings in ({}, {"resume": True}, {"overwrite": True}):
            with pytest.raises(UsageError, match="another run is writing"):
                opened(path, **settings)
        script = textwrap.dedent(f"""
            from r1rewards.errors import UsageError
            from r1rewards.rollouts.jsonl import ScoredWriter
            try:
                ScoredWriter.open({str(path)!r}, configuration={{}}, overwrite=True)
            except UsageError as error:
                print(error)
        """)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert "another run is writing" in done.stdout
        writer.close()
        assert path.read_bytes() == b"{}\n"
        opened(path, resume=True).close()

    def test_a_refused_run_lets_go_of_the_file(self, path):
        """An error on opening leaves no lock behind."""
        path.write_bytes(b"{}\n")
        with pytest.raises(UsageError):
            opened(path)
        opened(path, overwrite=True).close()


class TestFailure:
    @pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
    def test_a_full_disk_keeps_whole_chunks_only(self, path):
        """When the system takes no more, the chunk is withdrawn as a whole and the sentence names --resume."""
        script = textwrap.dedent(f"""
            import resource, signal
            from r1rewards.errors import UsageError
            from r1rewards.rollouts.jsonl import ScoredWriter
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
            writer = ScoredWriter.open({str(path)!r}, configuration={CONFIGURATION!r})
            try:
                while True:
                    writer.write([b"x" * 99, b"y" * 99])
            except UsageError as error:
                print(error)
        """)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert "--resume continues" in done.stdout
        assert path.read_bytes() == (b"x" * 99 + b"\n" + b"y" * 99 + b"\n") * 5
        with opened(path, resume=True) as writer:
            assert writer.done_rows == 10

    def test_an_interrupt_amid_a_write_withdraws_the_chunk(self, path):
        """Ctrl-C between two parts of a write leaves the chunks before it."""

        class Interrupted(io.FileIO):
            writes = 0

            def write(self, data) -> int:
                self.writes += 1
                if self.writes == 3:
                    raise KeyboardInterrupt
                return super().write(bytes(data)[:5])

        path.write_bytes(b"before\n")
        writer = ScoredWriter(str(path), Interrupted(str(path), "r+b"), 0)
        with pytest.raises(KeyboardInterrupt):
            writer.write([b"0123456789abcdef"])
        writer.close()
        assert path.read_bytes() == b"before\n"

    def test_partial_writes_are_completed(self, path):
        """A system that takes a few bytes at a time gets all of them."""

        class Small(io.FileIO):
            def write(self, data) -> int:
                return super().write(bytes(data)[:3])

        writer = ScoredWriter(str(path), Small(str(path), "w+b"), 0)
        writer.write([b"0123456789", b"abc"])
        writer.close()
        assert path.read_bytes() == b"0123456789\nabc\n"

    @pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
    def test_sigkill_leaves_output_and_record_usable(self, path, tmp_path):
        """Killed at any point, the file can be resumed and holds a beginning of the rows, each whole."""
        script = textwrap.dedent(f"""
            from r1rewards.rollouts.jsonl import ScoredWriter
            print("begun", flush=True)
            writer = ScoredWriter.open({str(path)!r}, configuration={CONFIGURATION!r}, overwrite=True)
            number = 0
            while True:
                writer.write([b'{{"n": %d, "pad": "%s"}}' % (n, b"x" * 5000) for n in range(number, number + 50)])
                number += 50
        """)
        for enough_bytes in (0, 1, 300_000, 3_000_000):
            child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
            child.stdout.readline()
            while enough_bytes and (not path.exists() or path.stat().st_size < enough_bytes):
                assert child.poll() is None
            child.send_signal(signal.SIGKILL)
            child.wait()
            child.stdout.close()
            with opened(path, resume=True) as writer:
                assert [row["n"] for row in writer.written_rows()] == list(range(writer.done_rows))
            path.unlink()


def test_a_stream_takes_lines_and_stays_open():
    """Standard output gets each chunk flushed, and is not closed."""
    flushed = []

    class Stream(io.BytesIO):
        def flush(self) -> None:
            flushed.append(self.getvalue())

    stream = Stream()
    writer = StreamWriter(stream)
    writer.write([b"a", b"b"])
    writer.write([])
    writer.write([b"c"])
    writer.close()
    assert (stream.getvalue(), flushed[-1], stream.closed) == (b"a\nb\nc\n", b"a\nb\nc\n", False)
    assert (writer.done_rows, list(writer.written_lines())) == (0, [])


def test_a_stream_whose_reader_has_gone():
    """A broken pipe is handed on as such, and closing does not raise it again."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "wb", buffering=0)
    writer = StreamWriter(stream)
    with pytest.raises(BrokenPipeError):
        writer.write([b"a"])
    writer.close()
    stream.close()
