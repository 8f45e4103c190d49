"""Where the fenced code blocks of a text are, in one linear pass (CommonMark's rules for fences).

A fence is at least three backticks or tildes after at most three spaces; it is closed by a fence of
the same kind at least as long with nothing behind it, or by the end of the text (then it is open).
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Anchored at line starts. The info string of a backtick fence holds no backtick; it is read by slicing.
_FENCE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})", re.MULTILINE)


class Fence(NamedTuple):
    """One fenced block; offsets into the scanned text.

    Attributes:
        start: Offset of the first character of the opening line.
        content_start: Offset of the first character of the code.
        content_end: Offset after the last character of the code.
        end: Offset after the closing fence.
        language: First word behind the opening fence in lower case, or the empty string.
        closed: Whether a closing fence was there.
    """

    start: int
    content_start: int
    content_end: int
    end: int
    language: str
    closed: bool


def find_fences(text: str, start: int = 0, end: int | None = None) -> list[Fence]:
    """Return the fenced blocks of a text in order.

    Args:
        text: Any string.
        start: Offset to begin at; it counts as the start of a line.
        end: Offset to stop at; None is the end of the text.

    Returns:
        The blocks; they never overlap.

    Example:
        >>> text = "Run:\\n```python\\nprint(1)\\n```\\n"
        >>> [(f.language, text[f.content_start:f.content_end]) for f in find_fences(text)]
        [('python', 'print(1)\\n')]
    """
    stop = len(text) if end is None else end
    fences: list[Fence] = []
    opening: tuple[int, int, str, str] | None = None  # line start, content start, marker, language
    part = text if start == 0 and stop == len(text) else text[start:stop]
    for match in _FENCE.finditer(part):
        marker = match.group(1)
        line_end = part.find("\n", match.end())
        line_end = len(part) if line_end < 0 else line_end
        if opening is None:
            info = part[match.end() : line_end]
            if marker[0] == "`" and "`" in info:
                continue
            words = info.split(None, 1)
            language = words[0].strip("{}.").lower() if words else ""
            opening = (match.start(), min(line_end + 1, len(part)), marker, language)
        elif marker[0] == opening[2][0] and len(marker) >= len(opening[2]):
            if part[match.end() : line_end].strip(" \t\r"):
                continue
            fences.append(
                Fence(
                    start + opening[0],
                    start + opening[1],
                    start + max(opening[1], match.start()),
                    start + match.end(),
                    opening[3],
                    closed=True,
                )
            )
            opening = None
    if opening is not None:
        fences.append(Fence(start + opening[0], start + opening[1], stop, stop, opening[3], closed=False))
    return fences
