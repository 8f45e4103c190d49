"""`r1rewards list`: the rewards that can be asked for by name, what each needs, gives and can be told."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from r1rewards.options import REQUIRED, options_of
from r1rewards.registry import load_factory, registered_rewards


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def command(as_json: bool) -> None:
    """List the rewards that can be asked for by name."""
    table = Table("reward", "what it measures", "needs", "values", "options", "from")
    for name, known in sorted(registered_rewards().items()):
        factory = load_factory(name)
        options = {
            option: "required" if default is REQUIRED else default for option, default in options_of(factory).items()
        }
        needs = tuple(getattr(factory, "requires", ()))
        low, high = getattr(factory, "bounds", (0.0, 1.0))
        source = getattr(factory, "function", None) or factory
        summary = ((source.__doc__ or "").strip().splitlines() or [""])[0]
        if as_json:
            row = {
                "name": name,
                "summary": summary,
                "requires": needs,
                "bounds": [low, high],
                "options": options,
                "from": known.origin,
            }
            click.echo(json.dumps(row, default=repr))
            continue
        shown = ", ".join(f"{option}={default!r}" for option, default in options.items())
        cells = [name, summary, ", ".join(needs), f"{low:g} to {high:g}", shown, known.origin]
        table.add_row(*(Text(cell) for cell in cells))
    if not as_json:
        Console().print(table)
