"""Finds, before a training run does, the references that no answer could be judged by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from r1rewards.equivalence.engine import equivalent, is_plain_text, validate_reference
from r1rewards.rollouts.columns import MISSING, ColumnMap
from r1rewards.rollouts.rows import Row
from r1rewards.text.reference import reference_text

Problem = Literal["missing", "unreadable", "disagreeing_columns", "two_answers", "plain_text"]

_SHOWN_CHARS = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """One row whose reference is at fault.

    Attributes:
        file: Name of the input.
        line: 1-based line or row number.
        problem: ``missing``, ``unreadable`` (not equal to itself, empty or over the limits),
            ``disagreeing_columns``, ``two_answers`` (the same prompt has another answer elsewhere), or
            ``plain_text``, which is no fault: the reference is compared as words.
        reference: The reference, shortened.
        why: One sentence.
    """

    file: str
    line: int
    problem: Problem
    reference: str
    why: str

    @property
    def fault(self) -> bool:
        """Whether rows with such a reference cannot be judged, or not in one way."""
        return self.problem != "plain_text"


def reference_findings(rows: Iterable[Row], columns: ColumnMap) -> Iterator[Finding]:
    """Check the reference of every row.

    Each distinct reference is read once. One line of memory is kept for each distinct prompt and reference.

    Args:
        rows: The rows.
        columns: Which column plays which part.

    Yields:
        What is at fault, in the order of the rows; a bad reference once for each distinct value.
    """
    known: dict[str, Finding | None] = {}
    answers: dict[bytes, tuple[list[str], str]] = {}
    for row in rows:
        cell = columns.cell(row, "ground_truth")
        texts = [reference_text(one) for one in (cell if isinstance(cell, list) else [cell])]
        place = (row.file, row.line)
        if cell is MISSING or cell is None or cell == []:
            yield Finding(*place, "missing", "", "the row has no reference")
            continue
        if None in texts:
            why = "it is neither a text, a number nor a list of these"
            yield Finding(*place, "unreadable", _short(cell), why)
            continue
        references = [text for text in texts if text is not None]
        for text in references:
            if text not in known:
                known[text] = _judge(text, *place)
                found = known[text]
                if found is not None:
                    yield found
        prompt = columns.cell(row, "prompt")
        if prompt is MISSING or prompt is None:
            continue
        key = hashlib.sha256(repr(prompt).encode("utf-8", "surrogatepass")).digest()
        before, first = answers.setdefault(key, (references, f"{row.file}:{row.line}"))
        if before != references and not any(equivalent(a, b) or equivalent(b, a) for a in before for b in references):
            why = f"the same prompt has the reference {_short(before)} at {first}"
            yield Finding(*place, "two_answers", _short(references), why)


def _judge(text: str, file: str, line: int) -> Finding | None:
    """Check one distinct reference."""
    problem = validate_reference(text)
    if problem is not None:
        return Finding(file, line, "unreadable", _short(text), f"no answer could match it: {problem}")
    if is_plain_text(text):
        why = "it is not read as mathematics and compared as words"
        return Finding(file, line, "plain_text", _short(text), why)
    return None


def _short(value: Any) -> str:
    """Return a reference for a message."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
