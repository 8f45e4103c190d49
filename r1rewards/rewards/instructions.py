"""The `instructions` reward: does the answer keep the verifiable constraints of IFEval?"""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, SupportsFloat

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import judge_answers
from r1rewards.errors import UsageError
from r1rewards.references import json_key
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.constraints import CONSTRAINTS
from r1rewards.text.json_values import read_json
from r1rewards.text.transcript import Span

COUNTED = ("all", "share")
LANGUAGE = "language:response_language"
# By written name: the language room is another floor's, and may be without its data.
LANGUAGE_RATIO = "r1rewards.language.ratio:language_ratio"
_SPOKEN = 0.8


@dataclass(frozen=True)
class InstructionsReward(BaseReward):
    """1.0 where the answer keeps all of its row's constraints, else 0.0; or the share that it keeps.

    The constraints are those of IFEval in its data's own columns: ``instruction_id_list`` (such as
    ``["punctuation:no_comma"]``) and ``kwargs`` (a list of as many objects; nulls in them are ignored). Only the
    answer part is looked at, and an empty one keeps nothing, though it holds no comma either.

    Attributes:
        count: ``all`` (IFEval's strict prompt-level accuracy) or ``share``.
        instructions: The column of constraints.
        arguments: The column of their arguments.

    Source:
        IFEval (arXiv 2311.07911), its 25 types; the columns of google/IFEval and of the RLVR sets made from it.

    Example:
        >>> texts = ["<think>…</think> No commas here at all.", "<think>…</think> Well, no."]
        >>> batch = Batch.of(completion=texts, instruction_id_list=[["punctuation:no_comma"]] * 2, kwargs=[[{}]] * 2)
        >>> InstructionsReward().score(batch).values.tolist()
        [1.0, 0.0]
    """

    count: str = "all"
    instructions: str = "instruction_id_list"
    arguments: str = "kwargs"
    name: str = "instructions"
    requires: tuple[str, ...] = field(default=("instruction_id_list", "kwargs"), init=False, repr=False)

    def __post_init__(self) -> None:
        if self.count not in COUNTED:
            raise ValueError(f"count must be one of {', '.join(COUNTED)}, not {self.count!r}")
        object.__setattr__(self, "requires", (self.instructions, self.arguments))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct row."""
        keys = [
            _key(names, arguments)
            for names, arguments in zip(batch.column(self.instructions), batch.column(self.arguments), strict=True)
        ]
        return judge_answers(batch, keys, self._outcome)

    def _outcome(self, text: str, answer: Span, key: str | None) -> Outcome:
        """Return the cell of one answer."""
        said = answer.of(text).strip()
        asked: list[tuple[str, dict[str, Any]]] = [] if key is None else json.loads(key)
        if not asked:
            why = f"{self.instructions} and {self.arguments} are not two lists of one length"
            return Outcome.unscored(Status.BAD_REFERENCE, why)
        kept: dict[str, bool] = {}
        for number, (name, arguments) in enumerate(asked):
            try:
                check = _check(name)
            except ImportError as error:
                return Outcome.unscored(Status.NOT_APPLICABLE, f"{name} needs the language estimator: {error}")
            if check is None:
                return Outcome.unscored(Status.BAD_REFERENCE, f"there is no constraint {name!r}")
            try:
                holds = check(said, arguments)
            except (KeyError, TypeError, ValueError, OverflowError, UsageError) as error:
                return Outcome.unscored(Status.BAD_REFERENCE, f"{name}: {type(error).__name__}: {error}")
            kept[name if name not in kept else f"{name}#{number}"] = holds
        if not said:
            return Outcome(0.0, Status.NO_ANSWER, {"why": "the answer part is empty"})
        value = float(all(kept.values())) if self.count == "all" else sum(kept.values()) / len(kept)
        return Outcome(value, Status.OK, {"kept": kept})


def _check(name: str) -> Callable[[str, Mapping[str, Any]], bool] | None:
    """Return the check of a constraint; None where there is none of that name.

    Raises:
        ImportError: It needs the language estimator, which is not there.
    """
    if name != LANGUAGE:
        return CONSTRAINTS.get(name)
    ratio = _language_ratio()

    def speaks(text: str, arguments: Mapping[str, Any]) -> bool:
        language = arguments["language"]
        if not isinstance(language, str) or not language:
            raise ValueError(f"language must be a code, not {language!r}")
        return float(ratio(text, language)) >= _SPOKEN  # NaN where there are no words

    return speaks


@functools.cache
def _language_ratio() -> Callable[[str, str], SupportsFloat]:
    """Return what tells the share of a text's words that are in a language."""
    module, _, attribute = LANGUAGE_RATIO.partition(":")
    found: Callable[[str, str], SupportsFloat] = getattr(importlib.import_module(module), attribute)
    return found


def _key(names: Any, arguments: Any) -> str | None:
    """Return a row's constraints as one text; None where they cannot be read."""
    names, arguments = _list(names), _list(arguments)
    if names is None or arguments is None or len(names) != len(arguments) or not names:
        return None
    asked = []
    for name, given in zip(names, arguments, strict=True):
        if not isinstance(name, str) or not isinstance(given, (Mapping, type(None))):
            return None
        asked.append((name, {key: value for key, value in (given or {}).items() if value is not None}))
    return json_key(asked)


def _list(cell: Any) -> list[Any] | None:
    """Return a cell as a list, from a list, an array or JSON."""
    if isinstance(cell, str):
        found = read_json(cell)
        cell = None if found.problem else found.value
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    return list(cell) if isinstance(cell, (list, tuple)) else None
