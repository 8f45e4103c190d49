"""The options of a reward: which there are, and values written as text checked against them."""

from __future__ import annotations

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Callable
from typing import Any

from r1rewards.errors import OptionError
from r1rewards.function_reward import FunctionReward

REQUIRED = inspect.Parameter.empty
"""Stands for the default of an option that has none."""


def options_of(factory: Callable[..., Any] | FunctionReward) -> dict[str, Any]:
    """Return a reward's options and their defaults, `REQUIRED` where there is none.

    Args:
        factory: What makes the reward: a class, a function, or a reward made from a function.

    Example:
        >>> def make(*, limit: int = 3): ...
        >>> options_of(make)
        {'limit': 3}
    """
    if isinstance(factory, FunctionReward):
        return dict(factory.signature.options)
    if isinstance(factory, type) and dataclasses.is_dataclass(factory):
        return {
            entry.name: _default_of(entry)
            for entry in dataclasses.fields(factory)
            if entry.init and entry.name != "name"
        }
    parameters = inspect.signature(factory).parameters.values()
    return {p.name: p.default for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def _default_of(entry: dataclasses.Field[Any]) -> Any:
    """Return the default of a dataclass's field, `REQUIRED` where there is none."""
    if entry.default_factory is not dataclasses.MISSING:
        return entry.default_factory()
    return REQUIRED if entry.default is dataclasses.MISSING else entry.default


def check_option_name(reward: str, option: str, factory: Callable[..., Any] | FunctionReward) -> None:
    """Raise unless a reward has an option.

    Raises:
        OptionError: It has not; the message lists those it has.
    """
    options = options_of(factory)
    if option not in options:
        known = ", ".join(options) or "none"
        raise OptionError(f"reward {reward!r} has no option {option!r}; it has: {known}")


def read_option(reward: str, option: str, text: str, factory: Callable[..., Any] | FunctionReward) -> Any:
    """Read an option's value from text, by the type that the reward declares for it.

    Args:
        reward: The reward's name, for the error.
        option: The option's name.
        text: The value as written.
        factory: What makes the reward.

    Returns:
        The value: text where a string is declared, else what the text says as JSON.

    Raises:
        OptionError: No such option, or not such a value.

    Example:
        >>> def make(*, limit: int = 3): ...
        >>> read_option("mine", "limit", "5", make)
        5
    """
    check_option_name(reward, option, factory)
    wanted = _declared(factory, option)
    if str in wanted and not _reads_as_other(text, wanted):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = {"True": True, "False": False, "None": None}.get(text, text)
    if not wanted or type(value) in wanted or (value is None and type(None) in wanted):
        return value
    if float in wanted and type(value) is int:
        return float(value)
    names = " or ".join(sorted("null" if kind is type(None) else kind.__name__ for kind in wanted))
    raise OptionError(f"reward {reward!r}: option {option} takes {names}, not {text!r}")


def _reads_as_other(text: str, wanted: frozenset[type]) -> bool:
    """Return whether a text is a value of another declared type than a string (such as null)."""
    try:
        return type(json.loads(text)) in wanted - {str}
    except (ValueError, RecursionError):
        return False


def _declared(factory: Callable[..., Any] | FunctionReward, option: str) -> frozenset[type]:
    """Return the plain types an option may have; empty where nothing plain is declared."""
    default = options_of(factory)[option]
    of_default = frozenset() if default is REQUIRED or default is None else frozenset({type(default)})
    source = factory.function if isinstance(factory, FunctionReward) else factory
    if source is None:
        return of_default
    try:
        hint = typing.get_type_hints(source).get(option)
    except Exception:  # noqa: BLE001 - a user's annotations may name anything
        return of_default
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    kinds = typing.get_args(hint) if union else (hint,)
    plain = {kind for kind in kinds if kind in (str, int, float, bool, list, dict, type(None))}
    return frozenset(plain) if hint is not None and len(plain) == len(kinds) else of_default
