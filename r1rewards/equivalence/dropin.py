"""Two names of Math-Verify for code written for it: ``parse`` a text, ``verify`` a gold answer against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from r1rewards.equivalence.engine import equivalent
from r1rewards.equivalence.extraction import extract
from r1rewards.equivalence.reading import read
from r1rewards.equivalence.semantics import DEFAULT, Semantics

if TYPE_CHECKING:
    from collections.abc import Sequence

POLICY = ("boxed", "final_answer", "last_value")


def parse(text: str, extraction_config: object = None, **_options: object) -> list[str]:
    r"""Return the answer of a text as a list of one, or an empty list.

    A text that the engine reads as a whole is its own answer; from prose the last box, the final sentence or
    the last value is taken. Math-Verify's configuration objects and options are accepted and have no effect.

    Args:
        text: A response or a bare answer.
        extraction_config: Accepted for compatibility.

    Returns:
        At most one answer, as text.

    Example:
        >>> parse(r"So it is $\boxed{\frac12}$.")
        ['\\frac12']
    """
    del extraction_config
    if not text.strip():
        return []
    if "\\boxed" not in text and len(text) < 300 and read(text).node is not None:
        return [text.strip()]
    found = extract(text, POLICY).answer
    if found is None or not found.strip():
        return [text.strip()] if len(text) < 300 and read(text).text else []
    return [found]


def verify(
    gold: str | Sequence[str], target: str | Sequence[str], semantics: Semantics = DEFAULT, **_options: object
) -> bool:
    """Return whether any parsed gold answer equals any parsed target; never raises on hostile text.

    Args:
        gold: What `parse` returned for the reference, or a text.
        target: What `parse` returned for the response, or a text.
        semantics: The decisions on which users differ.

    Returns:
        True for an equal pair.

    Example:
        >>> verify(parse("1/2"), parse("0.5"))
        True
    """
    golds = [gold] if isinstance(gold, str) else list(gold)
    targets = [target] if isinstance(target, str) else list(target)
    return any(bool(equivalent(str(g), str(t), semantics)) for g in golds for t in targets)
