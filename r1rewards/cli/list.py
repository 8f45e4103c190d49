"""`r1rewards list`: the rewards that can be asked for by name, what each needs, gives and can be told."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.text import Text

from r1rewards.cli.tables import console_for, harmless_text, table_of
from r1rewards.errors import R1RewardsError
from r1rewards.options import REQUIRED, options_of
from r1rewards.registry import Registered, load_factory, registered_rewards
from r1rewards.rollouts.jsonl import json_bytes


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def command(as_json: bool) -> None:
    """List the rewards that can be asked for by name.

    They are our own and those that installed packages offer under the entry-point group r1rewards.rewards.
    A reward of your own needs no name: -r package.module:attr or -r file.py:function.
    """
    rewards = [_facts(known) for _, known in sorted(registered_rewards().items())]
    if as_json:
        for facts in rewards:
            click.echo(json_bytes(facts).decode())
        return
    table = table_of("reward", "what it measures", "needs", "values", "options", "from")
    for facts in rewards:
        if "error" in facts:
            table.add_row(harmless_text(facts["name"]), Text("does not load", style="red"), "", "", "", facts["from"])
            continue
        low, high = facts["bounds"]
        options = ", ".join(f"{option}={default!r}" for option, default in facts["options"].items())
        cells = [facts["name"], facts["summary"], ", ".join(facts["requires"]), f"{low:g} to {high:g}", options]
        table.add_row(*map(harmless_text, cells), harmless_text(facts["from"]))
    console = console_for(sys.stdout)
    console.print(table)
    for facts in rewards:
        if "error" in facts:
            console.print(harmless_text(f"{facts['name']}: {facts['error']}"))


def _facts(known: Registered) -> dict[str, Any]:
    """Return what is known of a reward; of one that does not load, why: the others are listed all the same."""
    try:
        factory = load_factory(known.name)
        found = options_of(factory)
    except (R1RewardsError, TypeError, ValueError) as error:
        return {"name": known.name, "from": known.origin, "error": str(error)}
    source = getattr(factory, "function", None) or factory
    return {
        "name": known.name,
        "summary": ((source.__doc__ or "").strip().splitlines() or [""])[0],
        "requires": tuple(getattr(factory, "requires", ())),
        "bounds": tuple(getattr(factory, "bounds", (0.0, 1.0))),
        "options": {option: "required" if default is REQUIRED else default for option, default in found.items()},
        "from": known.origin,
    }
