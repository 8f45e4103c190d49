"""One reward in a rubric, as an object and as it is written: ``[ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from r1rewards.errors import UsageError
from r1rewards.registry import load_reward
from r1rewards.reward import Reward

# [ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]; the spec itself may hold anything but these marks.
_TERM = re.compile(
    r"(?:(?P<alias>[A-Za-z_]\w*)=)?(?P<spec>[^@?=]+)(?:@(?P<weight>[^?]*))?(?:\?(?P<column>[^=]+)=(?P<value>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Term:
    """One reward in a rubric.

    Attributes:
        name: The column's name.
        reward: The reward.
        weight: Its weight in the total.
        when: Column and value (as text) of the rows that it judges; None for all.
    """

    name: str
    reward: Reward
    weight: float = 1.0
    when: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TermSpec:
    """A term as it is written: ``[ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]``."""

    spec: str
    alias: str | None = None
    weight: float = 1.0
    when: tuple[str, str] | None = None

    @classmethod
    def parse(cls, text: str) -> TermSpec:
        """Read a written term.

        Raises:
            UsageError: It is not of that form.

        Example:
            >>> TermSpec.parse("strict=math@0.5?task=math")
            TermSpec(spec='math', alias='strict', weight=0.5, when=('task', 'math'))
        """
        match = _TERM.fullmatch(text.strip())
        if match is None:
            raise UsageError(f"cannot read reward {text!r}; expected [ALIAS=]SPEC[@WEIGHT][?COLUMN=VALUE]")
        weight = 1.0
        if match["weight"] is not None:
            try:
                weight = float(match["weight"])
            except ValueError:
                raise UsageError(f"the weight in {text!r} is not a number: {match['weight']!r}") from None
        when = (match["column"], match["value"]) if match["column"] is not None else None
        return cls(match["spec"], match["alias"], weight, when)

    @property
    def key(self) -> str:
        """What options are addressed to: the alias, else the reward's name (of a spec, its attribute)."""
        return self.alias or self.spec.rpartition(":")[2].rpartition(".")[2]

    def made(self, reward: Reward) -> Term:
        """Return the term of the reward that was loaded for it."""
        return Term(self.alias or reward.name, reward, self.weight, self.when)


def term_of(entry: Reward | str | Term) -> Term:
    """Return a rubric's entry, a reward, a written term or a term, as a term.

    Raises:
        UsageError: It is none of these.
    """
    if isinstance(entry, Term):
        return entry
    if isinstance(entry, str):
        written = TermSpec.parse(entry)
        return written.made(load_reward(written.spec))
    if isinstance(entry, Reward) and not isinstance(entry, type):
        return Term(entry.name, entry)
    raise UsageError(f"expected a reward, a written reward such as 'math@1' or a Term, found {entry!r}")
