"""Reads zstd data; the only file that imports the optional package zstandard."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from r1rewards.errors import MissingExtra

try:
    import zstandard
except ImportError:
    raise MissingExtra("reading .zst files", "zstandard", "zstd") from None

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Small, because one step hands back all that its input unfolds to, and zstd may unfold 4 bytes to 128 KiB.
_STEP_BYTES = 1 << 13
_LARGEST_WINDOW_BYTES = 1 << 31  # files written with `zstd --long=31`


class ZstdSource(io.RawIOBase):
    """The plain bytes of zstd data of one frame or several.

    The package's own stream ends in silence where the data is cut off; this one says so.

    Args:
        source: The packed bytes.
    """

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW_BYTES)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._packed = b""
        self._plain = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer; 0 is the end.

        Raises:
            EOFError: The data ends in the middle of a frame.
            OSError: The data is damaged.
        """
        view = memoryview(buffer).cast("B")
        while not self._plain:
            if not self._step():
                return 0
        count = min(len(view), len(self._plain))
        view[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count

    def close(self) -> None:
        """Close the packed stream too."""
        if not self.closed:
            self._source.close()
        super().close()

    def _step(self) -> bool:
        """Unpack the next few bytes; return False at the end."""
        packed = self._packed or self._source.read(_STEP_BYTES)
        self._packed = b""
        if not packed:
            if self._frame is not None:
                raise EOFError("the zstd data ends in the middle")
            return False
        if self._frame is None:
            self._frame = self._decompressor.decompressobj()
        try:
            self._plain = memoryview(self._frame.decompress(packed))
        except zstandard.ZstdError as error:
            raise OSError(f"damaged zstd data ({error})") from None
        if self._frame.eof:
            self._packed = self._frame.unused_data
            self._frame = None
        return True
