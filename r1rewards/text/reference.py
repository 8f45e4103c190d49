r"""The final answer inside a reference solution: its last box, or what follows its last ``####``."""

from __future__ import annotations

from r1rewards.text.boxed import last_box

_HASHES = "####"


def answer_of_solution(text: str) -> str | None:
    r"""Return the answer that a worked solution ends in, or None where the text marks none.

    Args:
        text: A reference: a bare answer or a full solution.

    Returns:
        The content of the last ``\boxed{}``, else the line behind the last ``####``, else None.

    Example:
        >>> answer_of_solution(r"So $x = \boxed{\frac{3}{4}}$.")
        '\\frac{3}{4}'
        >>> answer_of_solution("48 + 24 = 72 clips\n#### 72")
        '72'
        >>> answer_of_solution("72") is None
        True
    """
    box = last_box(text)
    if box is not None:
        return text[box.content_start : box.content_end].strip()
    place = text.rfind(_HASHES)
    if place >= 0:
        tail = text[place + len(_HASHES) :].strip()
        if tail:
            return tail.splitlines()[0].strip()
    return None


def reference_text(reference: object) -> str | None:
    r"""Return a single reference as the text to compare with, or None where it is no text or number.

    Args:
        reference: A string (a bare answer or a full solution) or a number.

    Returns:
        The answer's text; whole floats are written without their ``.0``.

    Example:
        >>> reference_text(72.0), reference_text(r"so \boxed{5}"), reference_text({"a": 1})
        ('72', '5', None)
    """
    if isinstance(reference, bool):
        return str(reference)
    if isinstance(reference, int):
        # Python refuses to print very long integers; they come as text from our own reader.
        return str(reference) if reference.bit_length() < 10_000 else None
    if isinstance(reference, float):
        return str(int(reference)) if reference.is_integer() and abs(reference) < 1e16 else repr(reference)
    if isinstance(reference, str):
        inner = answer_of_solution(reference)
        return (reference if inner is None else inner).strip()
    return None
