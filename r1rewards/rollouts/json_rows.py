"""Turns JSON bytes into rows: one object a line, or the elements of an array that is never loaded whole."""

from __future__ import annotations

import codecs
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from r1rewards.errors import RowError

INTEGER_DIGITS = 4300
"""Longer integers are read as text: Python refuses them or takes quadratic time."""
CURE = "mend or remove the row, or leave such rows out with --bad-rows skip"

_SPACE = re.compile(r"[ \t\n\r]*")
_READ_BYTES = 1 << 16
# A decoder that fails this close to the end of what was read may only lack the rest (an escape or a literal).
_EDGE_CHARS = 16


def decode_object(line: bytes, file: str | None, number: int) -> dict[str, Any]:
    """Read a line that must hold one JSON object.

    Args:
        line: The line's bytes.
        file: For the error.
        number: 1-based line for the error.

    Raises:
        RowError: It is no UTF-8, no JSON, too deeply nested, or no object.
    """
    try:
        return as_object(decode(line.decode("utf-8")), file, number)
    except UnicodeDecodeError as error:
        raise RowError(
            f"not valid UTF-8 (byte {error.start + 1} of the line); expected UTF-8 text; {CURE}",
            file=file,
            line=number,
        ) from None
    except json.JSONDecodeError as error:
        what = "expected one JSON object a line"
        if line.strip() in (b"{", b"["):
            what += " (this looks like a document over several lines: write it as one array of objects)"
        raise RowError(
            f"not valid JSON ({error.msg} at character {error.pos + 1}); {what}; {CURE}",
            file=file,
            line=number,
        ) from None
    except RecursionError:
        raise _too_deep(file, number) from None


def decode(text: str) -> Any:
    """Read a JSON text; integers of more than 4,300 digits come as text.

    Raises:
        json.JSONDecodeError: It is not JSON.
        RecursionError: It is nested too deeply.

    Example:
        >>> decode('{"a": 1}'), len(decode("1" * 5000))
        ({'a': 1}, 5000)
    """
    try:
        return _decoder().decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _CAREFUL.decode(text)


def as_object(value: Any, file: str | None, number: int) -> dict[str, Any]:
    """Return a value that must be an object.

    Raises:
        RowError: It is none.
    """
    if isinstance(value, dict):
        return value
    kind = {list: "a list", str: "a string", type(None): "null", bool: "true or false"}.get(type(value), "a number")
    raise RowError(f"expected a JSON object, found {kind}; {CURE}", file=file, line=number)


def array_rows(
    stream: io.BufferedReader, file: str, on_bad: Callable[[RowError], None] | None
) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Yield the objects of one JSON array.

    Time is linear in the input, however large an element is, and memory holds one element and its
    surroundings.

    Args:
        stream: Stands before the opening bracket.
        file: For errors.
        on_bad: Told of an element that is no object or no UTF-8; by default that raises.

    Yields:
        The object, its 1-based place in the array and its size in characters.

    Raises:
        RowError: An element is bad; or the array itself is broken, which is raised in any case because
            nothing behind that place can be read.
    """
    text = _GrowingText(stream)
    number = 0
    if text.peek() != "[":
        raise RowError("expected a JSON array", file=file, line=1)
    text.place += 1
    while (mark := text.peek()) != "]" or number:
        if number:
            if mark == "]":
                break
            if mark == ",":
                text.place += 1
                mark = text.peek()
            elif mark:
                raise _broken(f"expected ',' or ']' behind element {number}, found {mark!r}", file, number)
        if not mark:
            raise _broken("the array is not closed; is the file cut off?", file, number + 1)
        number += 1
        start = text.place
        try:
            value, start = text.element()
        except json.JSONDecodeError as error:
            raise _broken(f"not valid JSON ({error.msg})", file, number) from None
        except RecursionError:
            raise _too_deep(file, number) from None
        try:
            size = _utf8_bytes(text.buffer[start : text.place], file, number)
            values = as_object(value, file, number)
        except RowError as error:
            if on_bad is None:
                raise
            on_bad(error)
            continue
        yield values, number, size
    text.place += 1
    if text.peek():
        raise _broken("there is text behind the array's end; expected one array", file, number)


class _GrowingText:
    """The text of a stream, of which only the part that is being read is held."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.buffer = ""
        self.place = 0
        self._stream = stream
        # Bytes that are no UTF-8 become lone surrogates here, which no valid UTF-8 yields: told per element.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._ended = False

    def peek(self) -> str:
        """Skip blank space and return the character that follows, empty at the end."""
        while True:
            space = _SPACE.match(self.buffer, self.place)
            self.place = space.end() if space else self.place
            if self.place < len(self.buffer):
                return self.buffer[self.place]
            if self._ended:
                return ""
            self._grow()

    def element(self) -> tuple[Any, int]:
        """Read the value that starts here; return it and where it starts in ``buffer``."""
        while True:
            start = self.place
            try:
                value, end = _raw_decode(self.buffer, start)
            except json.JSONDecodeError as error:
                whole = error.pos < len(self.buffer) - _EDGE_CHARS and not error.msg.startswith("Unterminated string")
                if self._ended or whole:
                    raise
            else:
                # A number at the edge may go on; brackets and quotes are definite.
                if self._ended or end < len(self.buffer) - _EDGE_CHARS or isinstance(value, dict | list | str):
                    self.place = end
                    return value, start
            self._grow()

    def _grow(self) -> None:
        """Drop what was read and take in as much again, so that reading anew stays linear in sum."""
        rest = self.buffer[self.place :]
        data = self._stream.read(max(_READ_BYTES, len(rest)))
        self._ended = not data
        self.buffer = rest + self._decoder.decode(data, final=self._ended)
        self.place = 0


def _utf8_bytes(text: str, file: str, number: int) -> int:
    """Return how many bytes an element took; raises where they were no UTF-8."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise RowError(f"not valid UTF-8; expected UTF-8 text; {CURE}", file=file, line=number) from None


def _integer(digits: str) -> int | str:
    """Read an integer, or leave it as text where it is too long."""
    if len(digits) - (digits[0] == "-") > INTEGER_DIGITS:
        return digits
    try:
        return int(digits)
    except ValueError:  # the user's process has a tighter limit
        return digits


_PLAIN = json.JSONDecoder()
_CAREFUL = json.JSONDecoder(parse_int=_integer)


def _decoder() -> json.JSONDecoder:
    """Return the fast decoder where Python's own limit is the usual one, else the careful one."""
    limit = getattr(sys, "get_int_max_str_digits", None)  # Python 3.10.7
    return _PLAIN if limit is not None and limit() == INTEGER_DIGITS else _CAREFUL


def _raw_decode(text: str, start: int) -> tuple[Any, int]:
    """Read the value at a place; return it and where it ends."""
    try:
        return _decoder().raw_decode(text, start)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _CAREFUL.raw_decode(text, start)


def _broken(what: str, file: str, number: int) -> RowError:
    """Return the error of an array of which nothing more can be read."""
    return RowError(
        f"{what}; nothing behind this element can be read; mend the file, or write it as JSONL "
        "(one object a line), where --bad-rows skip can go on",
        file=file,
        line=number,
    )


def _too_deep(file: str | None, number: int) -> RowError:
    """Return the error of a row that is nested deeper than Python reads."""
    return RowError(f"the JSON is nested too deeply (about a thousand levels are read); {CURE}", file=file, line=number)
