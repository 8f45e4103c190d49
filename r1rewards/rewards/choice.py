"""The `choice` reward: does the answer name the right option of a multiple-choice question, and only that?"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import judge_answers
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.choices import find_choice, letters_of, plain
from r1rewards.text.transcript import Span

_Key = tuple[frozenset[str], tuple[str, ...]]


@dataclass(frozen=True)
class ChoiceReward(BaseReward):
    r"""1.0 where the answer names the right option and no other, else 0.0.

    The option is looked for in boxes, in ``<answer>`` tags, behind "the answer is", or in an answer part that is
    nothing else; naming two different ones anywhere there is hedging and earns nothing. The ground truth is a
    letter, an option's number (a number, not a text, when the options' texts are given) or an option's text.

    Attributes:
        letters: How many options there are where the column does not say (A on).
        first: The number of the first option, for ground truths that are numbers.
        choices: The column that holds the options' texts, or a mapping from letter to text; rows may lack it.

    Source:
        DeepSeek-R1 (arXiv 2501.12948), section 2.2.2 and its STEM questions with options: the answer is one letter.

    Example:
        >>> texts = [r"<think>…</think> \boxed{B}", "<think>…</think> The answer is B.", "<think>…</think> B or C"]
        >>> ChoiceReward().score(Batch.of(completion=texts, ground_truth=["B", 1, "B"])).values.tolist()
        [1.0, 1.0, 0.0]
    """

    letters: int = 10
    first: int = 0
    choices: str = "choices"
    name: str = "choice"
    requires: tuple[str, ...] = field(default=("ground_truth",), init=False, repr=False)
    extracts = True

    def __post_init__(self) -> None:
        if not 2 <= self.letters <= 26:
            raise ValueError(f"letters must be from 2 to 26, not {self.letters}")

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct row."""
        cells = batch.column(self.choices) if self.choices in batch.columns else [None] * len(batch)
        keys = []
        for truth, cell in zip(batch.column("ground_truth"), cells, strict=True):
            options = _options(cell)
            right = None if options is None else self._right(truth, options)
            keys.append(None if right is None or options is None else (right, options))
        return judge_answers(batch, keys, self._outcome)

    def _outcome(self, text: str, answer: Span, key: _Key | None) -> Outcome:
        """Return the cell of one answer."""
        if key is None:
            why = "the ground truth is neither a letter, a number nor the text of one of the options"
            return Outcome.unscored(Status.BAD_REFERENCE, why)
        right, options = key
        found = find_choice(text, *answer, options or self.letters)
        detail: dict[str, object] = {"ground_truth": ", ".join(sorted(right))}
        if not found.letter:
            status = Status.MALFORMED if found.problem.startswith("several") else Status.NO_ANSWER
            return Outcome(0.0, status, {"why": found.problem, **detail})
        return Outcome(float(found.letter in right), Status.OK, {"extracted": found.letter, **detail})

    def _right(self, truth: Any, options: tuple[str, ...]) -> frozenset[str] | None:
        """Return the letters that are right: several where the ground truth is a list of alternatives."""
        several = isinstance(truth, (list, tuple)) or getattr(truth, "ndim", 0) == 1
        letters = [self._letter(one, options) for one in (truth if several else [truth])]
        known = frozenset(letter for letter in letters if letter is not None)
        return known if known and len(letters) == len([letter for letter in letters if letter]) else None

    def _letter(self, truth: Any, options: tuple[str, ...]) -> str | None:
        """Return the letter of one ground truth."""
        count = len(options) or self.letters
        if isinstance(truth, bool):
            return None
        if isinstance(truth, numbers.Real):
            number = float(truth)
            return _lettered(int(number) - self.first, count) if number.is_integer() else None
        if not isinstance(truth, str) or not truth.strip():
            return None
        same = [number for number, option in enumerate(options) if plain(option) == plain(truth)]
        if len(same) == 1:
            return chr(65 + same[0])
        found = letters_of(truth, options or self.letters)
        if len(found) == 1:
            return found.pop()
        bare = truth.strip()
        return _lettered(int(bare) - self.first, count) if bare.isdecimal() and len(bare) < 4 else None


def _lettered(number: int, count: int) -> str | None:
    """Return the letter of an option's number, counted from 0."""
    return chr(65 + number) if 0 <= number < count else None


def _options(cell: Any) -> tuple[str, ...] | None:
    """Return the options' texts, empty where there are none; None where they cannot be read."""
    if cell is None:
        return ()
    if isinstance(cell, dict) and isinstance(cell.get("text"), (list, tuple)):  # {"text": [...], "label": [...]}
        cell = cell["text"]
    if isinstance(cell, dict):
        keys = sorted(cell, key=str)
        if keys != [chr(65 + number) for number in range(len(keys))]:
            return None
        cell = [cell[key] for key in keys]
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if not isinstance(cell, (list, tuple)) or not 2 <= len(cell) <= 26:
        return None
    return tuple(str(option) for option in cell)
