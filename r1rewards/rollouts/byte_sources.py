"""Opens an input as a stream of plain bytes; gzip and zstd are told by their first bytes."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from r1rewards.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN = "-"
STDIN_NAME = "<stdin>"
_BUFFER_BYTES = 1 << 20
_MAGIC_BYTES = 8
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # behind one byte 0x50..0x5f
_PARQUET = b"PAR1"
_UNREADABLE = {
    b"\xfd7zXZ": "xz data; unpack it first: xz -d",
    b"BZh": "bzip2 data; unpack it first: bunzip2",
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"ARROW1": "an Arrow file; write it as Parquet or JSONL",
    b"\xff\xfe": "UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8",
    b"\xfe\xff": "UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8",
}
_UNREADABLE_SUFFIXES = (".csv", ".tsv", ".xlsx", ".pkl", ".pickle", ".npy", ".npz", ".safetensors")


def shown_name(path: str) -> str:
    """Return the name of an input as errors show it."""
    return STDIN_NAME if path == STDIN else path


def check_inputs(paths: Sequence[str]) -> None:
    """Check that all inputs can be read, before any work begins.

    Raises:
        UsageError: One is missing, a folder, not readable or of a kind that we do not read, or standard
            input is named twice.
    """
    if not paths:
        raise UsageError("no input is named; give files of rollouts, or - for standard input")
    if list(paths).count(STDIN) > 1:
        raise UsageError("standard input (-) is named twice; it can be read only once")
    for path in paths:
        if path == STDIN:
            continue
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116 - a path that holds NUL must fail here, as ours
        except FileNotFoundError:
            raise UsageError(f"there is no file {path!r}") from None
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read {path!r}: {reason(error)}") from None
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path!r} is a folder; name the files in it, for example {path}/*.jsonl")
        if not os.access(path, os.R_OK):
            raise UsageError(f"cannot read {path!r}: permission denied")
        if path.lower().endswith(_UNREADABLE_SUFFIXES):
            raise UsageError(f"cannot read {path!r}: expected JSONL, a JSON array or Parquet; convert it first")


def open_bytes(
    path: str, *, stdin: BinaryIO | None = None, on_bytes: Callable[[int], None] | None = None
) -> io.BufferedReader:
    """Open an input as it lies on disk.

    Args:
        path: A file, or ``-``.
        stdin: What ``-`` stands for; the process's own by default.
        on_bytes: Told how many bytes were read, each time.

    Returns:
        A stream whose first ``peek`` shows at least 8 bytes, where the input has them, even on a pipe.

    Raises:
        UsageError: The file cannot be opened.
    """
    if path == STDIN:
        source = sys.stdin.buffer if stdin is None else stdin
        return io.BufferedReader(_Counted(source, owned=False, on_bytes=on_bytes), _BUFFER_BYTES)
    try:
        file = Path(path).open("rb", buffering=0)  # noqa: SIM115 - closed by the stream around it
    except OSError as error:
        raise UsageError(f"cannot read {path!r}: {reason(error)}") from None
    return io.BufferedReader(_Counted(file, owned=True, on_bytes=on_bytes), _BUFFER_BYTES)


def unpacked(stream: io.BufferedReader, name: str) -> io.BufferedReader:
    """Return a stream's plain bytes, behind gzip or zstd and without a byte order mark.

    Args:
        stream: From `open_bytes`.
        name: For errors.

    Raises:
        UsageError: It is something that we do not read.
        MissingExtra: It is zstd and the package is not installed.
    """
    while True:
        head = stream.peek(_MAGIC_BYTES)[:_MAGIC_BYTES]
        if head.startswith(_GZIP):
            stream = io.BufferedReader(_Counted(gzip.GzipFile(fileobj=stream), owned=True), _BUFFER_BYTES)
        elif head.startswith(_ZSTD) or (head[1:4] == _ZSTD_SKIPPABLE and 0x50 <= head[0] <= 0x5F):
            from r1rewards.rollouts.zstd_files import ZstdSource

            stream = io.BufferedReader(_Counted(ZstdSource(stream), owned=True), _BUFFER_BYTES)
        else:
            break
    for magic, what in _UNREADABLE.items():
        if head.startswith(magic):
            raise UsageError(f"cannot read {name!r}: it is {what}")
    if head.startswith(_BOM):
        stream.read(len(_BOM))
    return stream


def holds_parquet(stream: io.BufferedReader) -> bool:
    """Return whether a stream begins as a Parquet file does."""
    return stream.peek(_MAGIC_BYTES)[: len(_PARQUET)] == _PARQUET


def skip_blank(stream: io.BufferedReader) -> tuple[int, bytes]:
    """Skip blank space at the start of a stream.

    Returns:
        How many line ends were skipped, and the byte that follows (empty at the end).
    """
    lines = 0
    while True:
        window = stream.peek(1)
        rest = window.lstrip(_BLANK)
        blank = window[: len(window) - len(rest)]
        lines += blank.count(b"\n")
        stream.read(len(blank))
        if rest or not window:
            return lines, rest[:1]


def reason(error: BaseException) -> str:
    """Return what the system said, as the end of a sentence."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


class _Counted(io.RawIOBase):
    """A stream read through, counted, whose first read brings enough bytes to know it by."""

    def __init__(
        self,
        source: io.RawIOBase | io.BufferedIOBase | BinaryIO,
        *,
        owned: bool,
        on_bytes: Callable[[int], None] | None = None,
    ) -> None:
        self._source = source
        self._owned = owned
        self._on_bytes = on_bytes
        self._begun = False
        # A pipe's `read` waits for all that was asked for; `read1` hands on what there is.
        self._read: Callable[[int], bytes | None] = getattr(source, "read1", source.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view):
            data = self._read(len(view) - filled)
            if not data:
                break
            view[filled : filled + len(data)] = data
            filled += len(data)
            if self._begun or filled >= _MAGIC_BYTES:
                break
        self._begun = True
        if self._on_bytes is not None and filled:
            self._on_bytes(filled)
        return filled

    def close(self) -> None:
        if self._owned and not self.closed:
            self._source.close()
        super().close()
