"""Writes docs/rewards.md from the code: ``python -m r1rewards.testing.catalogue > docs/rewards.md``."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator

from r1rewards.options import options_of
from r1rewards.registry import BUILT_IN, load_factory, load_reward
from r1rewards.testing.attacks.running import attacks_on

_HEAD = """# The rewards

This page is made from the code: `python -m r1rewards.testing.catalogue > docs/rewards.md`; a test holds it to that.

Ranges and needs are those of the default options. Weights, sums and gates are the rubric's: see the \
[README](../README.md). `r1rewards list` shows the same for what is installed, other packages' rewards included.

"""
_SECTION = re.compile(r"^\s{0,8}(\w[\w ]*):\s*$")


def catalogue() -> str:
    """Return the page: a table of all built-in rewards, then a part on each with its options and attacks."""
    lines = [
        "| reward | what it measures | range | needs | source | known attacks | guards |",
        "|---|---|---|---|---|---|---|",
    ]
    parts = []
    for name in sorted(BUILT_IN):
        factory = load_factory(name)
        made = load_reward(name)
        doc = inspect.cleandoc(factory.__doc__ or "")
        source = " ".join(_section(doc, "Source")) or "ours"
        cases = attacks_on(name)
        low, high = made.bounds
        cells = [
            f"[`{name}`](#{name})",
            doc.partition("\n")[0],
            f"{low:g} to {high:g}",
            ", ".join(f"`{column}`" for column in made.requires) or "-",
            source,
            "; ".join(dict.fromkeys(case.name for case in cases)) or "-",
            "; ".join(dict.fromkeys(case.guard for case in cases)) or "-",
        ]
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        parts.append("\n".join(_part(name, doc)))
    return _HEAD + "\n".join(lines) + "\n\n" + "\n".join(parts)


def _part(name: str, doc: str) -> Iterator[str]:
    """Yield the lines about one reward."""
    yield f"## {name}\n"
    yield f"{_prose(doc)}\n"
    defaults = options_of(load_factory(name))
    said = _attributes(doc)
    if defaults:
        yield "| option | default | meaning |"
        yield "|---|---|---|"
        for option, default in defaults.items():
            yield f"| `{option}` | `{_cell(repr(default))}` | {_cell(said.get(option, ''))} |"
        yield ""
    cases = attacks_on(name)
    if cases:
        yield "| attack | guard |"
        yield "|---|---|"
        for attack, guard in dict.fromkeys((case.name, case.guard) for case in cases):
            yield f"| {_cell(attack)} | {_cell(guard)} |"
        yield ""


def _prose(doc: str) -> str:
    """Return a docstring up to its first section, as Markdown."""
    kept = []
    for line in doc.splitlines():
        if _SECTION.match(line):
            break
        kept.append(line)
    return "\n".join(kept).strip().replace("``", "`")


def _section(doc: str, name: str) -> list[str]:
    """Return the lines of a docstring's section."""
    lines: list[str] = []
    inside = False
    for line in doc.splitlines():
        if line.strip() == f"{name}:" and not line.startswith(" "):
            inside = True
        elif inside and line and not line.startswith(" "):
            break
        elif inside and line.strip():
            lines.append(line.strip())
    return lines


def _attributes(doc: str) -> dict[str, str]:
    """Return what a docstring says of each attribute."""
    said: dict[str, str] = {}
    name = ""
    for line in _section(doc, "Attributes"):
        found = re.match(r"(\w+): (.*)", line)
        if found and (not name or not said[name].endswith((",", " or", " and"))):
            name = found[1]
            said[name] = found[2]
        elif name:
            said[name] += f" {line}"
    return said


def _cell(text: str) -> str:
    """Return a text as the cell of a table."""
    return text.replace("``", "`").replace("|", r"\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(catalogue())
