"""The worker's side: jsonschema on one schema and one value; nothing is ever fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_KNOWN_SCHEMAS = 512


def serve(_setup: object) -> Callable[[dict[str, str]], dict[str, str]]:
    """Load jsonschema in this worker; see `r1rewards.workers`.

    Args:
        _setup: Nothing.

    Returns:
        What judges one ``{"schema": JSON, "value": JSON}`` and answers ``{"kind": "valid" | "invalid" |
        "bad_schema", "why": ...}``.
    """
    import jsonschema
    from jsonschema.validators import validator_for

    known: dict[str, Any] = {}

    def validator(text: str) -> Any:
        """Return the validator of a schema, or why there is none."""
        schema = json.loads(text)
        kind = validator_for(schema, default=jsonschema.Draft202012Validator)
        try:
            kind.check_schema(schema)
        except (jsonschema.SchemaError, RecursionError, TypeError, ValueError, KeyError) as error:
            return f"{type(error).__name__}: {getattr(error, 'message', error)}"
        # A registry of our own: the default one would fetch what a $ref names from the network.
        return kind(schema, registry=_empty_registry())

    def answer(item: dict[str, str]) -> dict[str, str]:
        text = item["schema"]
        if text not in known:
            if len(known) >= _KNOWN_SCHEMAS:
                known.clear()
            known[text] = validator(text)
        judge = known[text]
        if isinstance(judge, str):
            return {"kind": "bad_schema", "why": judge[:300]}
        try:
            first = next(iter(judge.iter_errors(json.loads(item["value"]))), None)
        except RecursionError:
            return {"kind": "invalid", "why": "it is nested too deep for the schema"}
        except Exception as error:  # noqa: BLE001 - a $ref that leads nowhere, a pattern that is none
            return {"kind": "bad_schema", "why": f"{type(error).__name__}: {error}"[:300]}
        if first is None:
            return {"kind": "valid", "why": ""}
        return {"kind": "invalid", "why": f"{first.json_path[:100]}: {first.message[:200]}"}

    return answer


def _empty_registry() -> Any:
    """Return a registry that holds the published meta-schemas and fetches nothing."""
    from jsonschema.validators import SPECIFICATIONS  # type: ignore[attr-defined, unused-ignore]  # untyped

    return SPECIFICATIONS
