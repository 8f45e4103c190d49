"""The ground truths of short answers: one text or several alternatives, in a form that can be looked up."""

from __future__ import annotations

import json
import math
import numbers
from typing import Any


def reference_texts(cell: Any) -> tuple[str, ...] | None:
    """Return the alternatives of a ground truth as texts.

    Args:
        cell: A text, a number, or a list of these; or SQuAD's ``{"text": [...]}``.

    Returns:
        The texts; None where there is none that says anything.

    Example:
        >>> reference_texts(["Paris", "City of Paris"]), reference_texts(42.0), reference_texts([])
        (('Paris', 'City of Paris'), ('42',), None)
    """
    if isinstance(cell, dict):
        cell = cell.get("text")
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    texts = [_text(one) for one in (cell if isinstance(cell, (list, tuple)) else [cell])]
    known = tuple(text for text in texts if text is not None and text.strip())
    return known if known and len(known) == len(texts) else None


def _text(value: Any) -> str | None:
    """Return one reference as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 10_000 else None
    if isinstance(value, numbers.Real) and math.isfinite(value):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
    return None


def json_key(cell: Any) -> str | None:
    """Return a cell of JSON as one text, the same for equal cells; None where it is no JSON."""
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    try:
        return json.dumps(cell, sort_keys=True, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    """Return an array's or a NumPy number's plain form."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(type(value).__name__)
