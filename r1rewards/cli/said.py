"""How an error of the library is said on the command line: in its words, and with the cure that it takes here."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from r1rewards.errors import UnknownReward
from r1rewards.registry import registered_rewards

# Places inside this package or Python's import machinery help nobody to mend a reward of their own.
_OUR_PLACES = re.compile(rf"\n  (?:{re.escape(str(Path(__file__).parents[1]))}/|<frozen )\S* ?\S*:\d+ in \w+")
_SET_UP = re.compile(r"\A(.*?): the worker for r1rewards\.\S+ failed in its set-up: (?:RewardLoadError: (?:\1: )?)?")
# The library speaks to people who write Python; these are the same cures as options.
_AS_OPTIONS = (
    (re.compile(r"with a mapping \((\S+=your_column)\)"), r"with --map \1"),
    (re.compile(r"set on_error='unscored' to leave"), "give --on-error unscored to leave"),
)


def in_words(error: BaseException) -> str:
    """Return what to say of an error.

    Args:
        error: One of ours.
    """
    text = _OUR_PLACES.sub("", str(error))
    match = _SET_UP.match(text)
    if match is not None:
        text = f"{match[1]}: {text[match.end() :]}"
    for pattern, option in _AS_OPTIONS:
        text = pattern.sub(option, text)
    return text + _suggestion(error)


def _suggestion(error: BaseException) -> str:
    """Return what an unknown name may have been meant to be."""
    if not isinstance(error, UnknownReward):
        return ""
    name = error.name
    if name.rstrip(":").endswith(".py"):
        return f" Which function of the file? {name.rstrip(':')}:FUNCTION"
    near = difflib.get_close_matches(name.lower(), registered_rewards(), n=1)
    if near:
        return f" Did you mean {near[0]!r}?"
    module, dot, attribute = name.rpartition(".")
    return f" Did you mean {module}:{attribute}?" if dot and module and attribute else ""
