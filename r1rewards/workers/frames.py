"""The frames that a pool and its workers speak: a fixed binary head and a JSON payload, never pickle.

Imported by every worker process, so it stays light: `json` and `struct` only.
"""

from __future__ import annotations

import json
import struct

# Parent to child: payload length, kind, sequence number of the item.
REQUEST_HEAD = struct.Struct("!IBI")
HELLO, BUDGET, ITEM = range(3)

# Child to parent: payload length, kind, sequence number, the process's CPU clock at the end of the item,
# then the CPU and wall-clock seconds of the item itself.
REPLY_HEAD = struct.Struct("!IBIddd")
READY, START_FAILED, DONE, RAISED, OUT_OF_MEMORY = range(5)
# Added to the kind by a worker that has grown and wants to be replaced.
TIRED = 0x80

MAX_ITEM_BYTES = 2**30
MAX_REPLY_BYTES = 64 * 2**20

# Not ensure_ascii: escaped, a high and a low surrogate side by side come back as one character.
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_decoder = json.JSONDecoder()


def encode(value: object) -> bytes:
    r"""Write a value as JSON in UTF-8; lone surrogates, NUL, inf and nan survive.

    Example:
        >>> encode(["\ud800", 1.5])
        b'["\xed\xa0\x80",1.5]'
    """
    return _encoder.encode(value).encode("utf-8", "surrogatepass")


def decode(payload: bytes) -> object:
    """Read back what `encode` wrote.

    Raises:
        ValueError: The payload is not JSON, or holds an integer too long for this process to read.
        RecursionError: It is nested too deeply for this thread's stack.
    """
    return _decoder.decode(str(payload, "utf-8", "surrogatepass"))


def request(kind: int, sequence: int, payload: bytes) -> bytes:
    """Build a frame from parent to child."""
    return REQUEST_HEAD.pack(len(payload), kind, sequence) + payload


class ReplyReader:
    """Cuts a stream of bytes into reply frames, in time linear in its length."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> list[tuple[int, int, float, float, float, bytes]]:
        """Take in bytes and return the frames that are now complete.

        Returns:
            Tuples of kind, sequence number, CPU clock at the end, CPU seconds, wall seconds, payload.

        Raises:
            ValueError: A frame announces more than `MAX_REPLY_BYTES`: the stream is not ours.
        """
        buffer = self._buffer
        buffer += chunk
        frames = []
        start, head_bytes, total = 0, REPLY_HEAD.size, len(buffer)
        while total - start >= head_bytes:
            length, kind, sequence, clock_s, cpu_s, wall_s = REPLY_HEAD.unpack_from(buffer, start)
            if length > MAX_REPLY_BYTES:
                raise ValueError(f"a reply frame announces {length} bytes")
            end = start + head_bytes + length
            if end > total:
                break
            frames.append((kind, sequence, clock_s, cpu_s, wall_s, bytes(buffer[start + head_bytes : end])))
            start = end
        if start:
            del buffer[:start]
        return frames
