"""Two names of Math-Verify for code written for it: ``parse`` a text, ``verify`` a gold answer against it."""

from __future__ import annotations

from collections.abc import Sequence

from r1rewards.equivalence.engine import equivalent
from r1rewards.equivalence.semantics import DEFAULT, Semantics
from r1rewards.equivalence.verifier import RESPONSE_POLICIES, answer_in


def parse(text: str, extraction_config: object = None, **_options: object) -> list[str]:
    r"""Return the answer of a text as a list of one, or an empty list.

    From a response the last box, the final sentence or the last value is taken; any other text is its own
    answer. Math-Verify's configuration objects and options are accepted and have no effect.

    Args:
        text: A response or a bare answer.
        extraction_config: Accepted for compatibility.
        **_options: Likewise.

    Returns:
        At most one answer, as text.

    Example:
        >>> parse(r"So it is $\boxed{\frac12}$.")
        ['\\frac12']
    """
    del extraction_config
    found = answer_in(text, RESPONSE_POLICIES)
    answer = text.strip() if found is None else found.joined or found.answer
    return [answer] if answer else []


def verify(
    gold: str | Sequence[str], target: str | Sequence[str], semantics: Semantics = DEFAULT, **_options: object
) -> bool:
    """Return whether any parsed gold answer equals any parsed target; never raises on hostile text.

    Args:
        gold: What `parse` returned for the reference, or a text.
        target: What `parse` returned for the response, or a text.
        semantics: The decisions on which users differ.
        **_options: Accepted for compatibility.

    Returns:
        True for an equal pair.

    Example:
        >>> verify(parse("1/2"), parse("0.5"))
        True
    """
    golds = [gold] if isinstance(gold, str) else list(gold)
    targets = [target] if isinstance(target, str) else list(target)
    return any(bool(equivalent(str(g), str(t), semantics)) for g in golds for t in targets)
