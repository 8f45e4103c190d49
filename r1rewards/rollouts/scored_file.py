"""Writers of scored rows: a file that an interrupted run can continue, and a plain stream."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from r1rewards.errors import UsageError
from r1rewards.rollouts.run_record import RunRecord

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK_BYTES = 1 << 20
_FOREIGN_SUFFIXES = (".gz", ".zst", ".zstd", ".parquet", ".xz", ".bz2", ".csv")


class Writer(Protocol):
    """Where scored rows go, in order."""

    @property
    def done_rows(self) -> int:
        """Rows that an earlier run had written."""
        ...

    def written_lines(self) -> Iterator[bytes]:
        """Yield the lines that an earlier run had written, without their ends."""
        ...

    def write(self, lines: Sequence[bytes]) -> None:
        """Append lines and hand them to the system before returning."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class StreamWriter:
    """Writes rows to a stream, such as standard output, which cannot be resumed.

    Args:
        stream: A binary stream; it stays open.
    """

    done_rows = 0

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def written_lines(self) -> Iterator[bytes]:
        """Yield nothing."""
        return iter(())

    def write(self, lines: Sequence[bytes]) -> None:
        """Write lines and flush.

        Raises:
            BrokenPipeError: The reader has gone.
        """
        if lines:
            self._stream.write(b"\n".join(lines) + b"\n")
            self._stream.flush()

    def close(self) -> None:
        """Do nothing: every chunk was flushed and the stream is the caller's."""


class ScoredWriter:
    """Appends rows to a file that can be continued after any interruption, SIGKILL included.

    Rows go straight into the file, a chunk at a time; beside it stands a record of the configuration
    (`RunRecord`), written before the first row. A torn last line is cut off on resuming. A lock keeps a
    second run away. Open it with `ScoredWriter.open`.
    """

    def __init__(self, path: str, file: io.FileIO, done_rows: int) -> None:
        self.path = path
        self.done_rows = done_rows
        self._file = file
        self._on_disk = stat.S_ISREG(os.fstat(file.fileno()).st_mode)  # else a pipe or a device
        self._end = file.seek(0, os.SEEK_END) if self._on_disk else 0
        self._done_end = self._end

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        configuration: Mapping[str, Any],
        resume: bool = False,
        overwrite: bool = False,
        inputs: Sequence[str] = (),
    ) -> ScoredWriter:
        """Open an output file, new or to be continued.

        Args:
            path: The file; ``PATH.run.json`` stands beside it. A device such as /dev/null has no record.
            configuration: What the scores depend on, JSON-able.
            resume: Continue a file that holds rows.
            overwrite: Replace a file that holds rows.
            inputs: The input files, none of which may be the output.

        Raises:
            UsageError: The file holds rows and neither was said, was begun under another configuration or
                has no record, is in use by another run, is an input, or cannot be opened.
        """
        path = os.fspath(path)
        if resume and overwrite:
            raise UsageError("--resume continues the output file and --overwrite replaces it: say one of them")
        if path.lower().endswith(_FOREIGN_SUFFIXES):
            raise UsageError(f"cannot write {path!r}: output is plain JSONL; name it .jsonl")
        for name in inputs:
            if name != "-" and Path(name).exists() and Path(path).exists() and Path(name).samefile(path):
                raise UsageError(f"{path!r} is an input; write to another file")
        file = _opened(path)
        try:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                if resume:
                    raise UsageError(f"{path!r} is not a file on disk, so a run into it cannot be resumed")
                return cls(path, file, 0)
            _lock(file, path)
            return cls(path, file, _prepare(path, file, configuration, resume=resume, overwrite=overwrite))
        except BaseException:
            file.close()
            raise

    def __enter__(self) -> ScoredWriter:  # noqa: PYI034 - `Self` needs Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def written_lines(self) -> Iterator[bytes]:
        """Yield the lines that an earlier run had written, without their ends, even while it writes."""
        if not self.done_rows:
            return  # a pipe or a device cannot even be asked
        for line in io.BufferedReader(_Part(self._file, self._done_end), _BLOCK_BYTES):
            yield line[:-1]

    def written_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows that an earlier run had written.

        Raises:
            UsageError: A line is not one that a run writes.
        """
        for number, line in enumerate(self.written_lines(), 1):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise UsageError(
                    f"{self.path}:{number} is not a row that a run has written; "
                    "write to another file, or replace this one with --overwrite"
                )
            yield row

    def write(self, lines: Sequence[bytes]) -> None:
        """Append lines; on an error none of them stays in the file.

        Raises:
            UsageError: The system refuses (a full disk).
        """
        if not lines:
            return
        data = memoryview(b"\n".join(lines) + b"\n")
        try:
            if self._on_disk:
                self._file.seek(self._end)
            while data:
                data = data[self._file.write(data) or 0 :]
        except BaseException as error:
            if self._on_disk:
                self._file.truncate(self._end)
            if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                raise UsageError(
                    f"cannot write {self.path!r}: {error.strerror}; the rows before are kept and "
                    "--resume continues behind them"
                ) from None
            raise
        self._end = self._file.tell() if self._on_disk else 0

    def close(self) -> None:
        """Close the file and with it the lock."""
        self._file.close()


class _Part(io.RawIOBase):
    """The first bytes of a file that is being written behind them."""

    def __init__(self, file: io.FileIO, size: int) -> None:
        self._file, self._size, self._place = file, size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")[: self._size - self._place]
        self._file.seek(self._place)
        count = self._file.readinto(view) or 0
        self._place += count
        return count


def _opened(path: str) -> io.FileIO:
    """Open a file for reading and writing as it is, or create it."""
    try:
        if Path(path).exists() and not Path(path).is_file() and not Path(path).is_dir():
            return Path(path).open("wb", buffering=0)  # a pipe or a device
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        return io.FileIO(handle, "r+b")
    except IsADirectoryError:
        raise UsageError(f"cannot write {path!r}: it is a folder") from None
    except FileNotFoundError:
        raise UsageError(f"cannot write {path!r}: there is no folder {str(Path(path).parent)!r}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot write {path!r}: {why}") from None


def _lock(file: io.FileIO, path: str) -> None:
    """Take the file's lock, where the platform and the file system have one."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"another run is writing {path!r}; wait until it ends, or write to another file") from None
    except OSError:
        pass  # a file system without locks: the file is still whole, only the guard is missing


def _prepare(path: str, file: io.FileIO, configuration: Mapping[str, Any], *, resume: bool, overwrite: bool) -> int:
    """Bring output and record into step; return how many rows the file holds."""
    record = RunRecord(path)
    size = file.seek(0, os.SEEK_END)
    if size and not resume:
        if not overwrite:
            raise UsageError(f"{path!r} exists and holds rows; --resume continues it, --overwrite replaces it")
        file.truncate(0)
        size = 0
    if size:
        record.check(configuration)
        return _cut_torn_line(file, size)
    # An empty file and whatever record stands beside it (a run killed before its first row): start anew.
    record.write(configuration)
    return 0


def _cut_torn_line(file: io.FileIO, size: int) -> int:
    """Cut off a last line without its end; return how many lines there are."""
    lines = end = place = 0
    file.seek(0)
    while block := file.read(_BLOCK_BYTES):
        lines += block.count(b"\n")
        last = block.rfind(b"\n")
        if last >= 0:
            end = place + last + 1
        place += len(block)
    if end < size:
        file.truncate(end)
    return lines
