"""The symbolic tier: math-verify and sympy, inside a killable worker only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any


def serve(_setup: object) -> Callable[[dict[str, str]], dict[str, Any]]:
    """Load math-verify in this worker; see `r1rewards.workers`.

    Args:
        _setup: Nothing.

    Returns:
        What compares one ``{"ground_truth": ..., "answer": ...}`` and answers
        ``{"decision": "equal" | "different" | "undecided" | "bad_reference", ...}``.
    """
    import math_verify

    # Its time-outs are signals; here the pool's budget ends what takes too long.
    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    logging.getLogger("latex2sympy2_extended").setLevel(logging.CRITICAL)
    parsed_references: dict[str, Any] = {}

    def parsed(text: str) -> list[Any]:
        """Parse an answer as the content of a box."""
        forms: list[Any] = math_verify.parse("\\boxed{" + text + "}", parsing_timeout=None)
        return forms

    # Building the parser's tables is start-up, which no comparison pays for.
    math_verify.verify(parsed("1"), parsed(r"\sqrt{2}"), timeout_seconds=None)

    def answer(item: dict[str, str]) -> dict[str, Any]:
        reference = item["ground_truth"]
        if reference not in parsed_references:
            if len(parsed_references) >= 512:
                parsed_references.clear()
            try:
                parsed_references[reference] = parsed(reference)
            except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
                parsed_references[reference] = []  # not the model's fault
        gold = parsed_references[reference]
        if not gold:
            return {"decision": "bad_reference", "reason": "the reference cannot be read as mathematics"}
        ours = parsed(item["answer"])
        if not ours:
            return {"decision": "different", "reason": "the answer cannot be read as mathematics"}
        equal = bool(math_verify.verify(gold, ours, timeout_seconds=None))
        forms = {"ground_truth_form": str(gold[0])[:200], "answer_form": str(ours[0])[:200]}
        return {
            "decision": "equal" if equal else "different",
            "reason": "symbolically equal" if equal else "not shown to be equal",
            "detail": forms,
        }

    return answer
