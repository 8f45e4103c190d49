"""`r1rewards validate`: finds the references that no answer could be judged by, before a training run does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

import click

from r1rewards.cli.terminal import count_of, harmless, say
from r1rewards.errors import MissingColumn, RowError
from r1rewards.rollouts.columns import ColumnMap
from r1rewards.rollouts.rows import Row, read_rows
from r1rewards.rollouts.validation import reference_findings

_BAD = 3


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--map", "mapping", multiple=True, metavar="NAME=COLUMN,...", help="Which input column holds what.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option("--plain-text", is_flag=True, help="Show also the references that are compared as words.")
@click.pass_context
def command(
    context: click.Context, /, files: Sequence[str], mapping: Sequence[str], as_json: bool, plain_text: bool
) -> None:
    """Find references that no answer could be judged by: unreadable, missing, or two for one prompt.

    The exit code is 3 when there are any.
    """
    columns = ColumnMap.parse(*mapping)
    problems: Counter[str] = Counter()
    bad_rows: list[RowError] = []
    rows = _Counted(read_rows(files, on_bad=bad_rows.append))
    for found in reference_findings(rows, columns):
        problems[found.problem] += 1
        if not found.fault and not plain_text:
            continue
        if as_json:
            click.echo(json.dumps(asdict(found)))
        else:
            click.echo(harmless(f"{found.file}:{found.line}: {found.problem}: {found.reference}: {found.why}"))
    for error in bad_rows:
        problems["bad_row"] += 1
        say(str(error))
    if rows.count and problems["missing"] == rows.count:
        raise MissingColumn("ground_truth", "validate", rows.columns)
    said = ", ".join(f"{count} {problem}" for problem, count in sorted(problems.items())) or "nothing amiss"
    say(f"{count_of(rows.count, 'row')}: {said}")
    context.exit(_BAD if any(problem != "plain_text" for problem in problems) else 0)


class _Counted:
    """Rows, counted as they pass."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0
        self.columns: dict[str, None] = {}

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            self.columns.update(dict.fromkeys(row.values))
            yield row
