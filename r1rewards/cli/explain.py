"""`r1rewards explain`: for one row, what each reward saw and why it decided so."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from r1rewards.cli.asking import rubric_asked, rubric_options
from r1rewards.cli.tables import console_for, harmless_text, table_of
from r1rewards.cli.terminal import count_of, harmless, say
from r1rewards.errors import RowError, UsageError
from r1rewards.rollouts.columns import MISSING, ColumnMap, check_row
from r1rewards.rollouts.jsonl import json_bytes
from r1rewards.rollouts.rows import Row, read_rows
from r1rewards.samples import Batch, dialect_of
from r1rewards.text.parts import Span

_SHOWN_CHARS = 1200
_SHOWN_OTHERS = 10


@click.command("explain")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--id", "row_id", metavar="ID", help="The row whose column `id` has this value; of several the first.")
@click.option(
    "--line", type=click.IntRange(min=1), help="The row on this line (in arrays and Parquet: of this number)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--full", is_flag=True, help="Show long texts whole.")
@rubric_options
def command(
    files: Sequence[str],
    row_id: str | None,
    line: int | None,
    as_json: bool,
    full: bool,
    mapping: Sequence[str],
    **asked: Any,
) -> None:
    """Show for one row what each reward saw and why it decided so.

    Without -r the rewards are math and format.

    \b
    Examples:
      r1rewards explain rollouts.jsonl --line 3
      r1rewards explain rollouts.jsonl --id wheel-5 -r math -r format@0.5 --json
    """
    if (row_id is None) == (line is None):
        raise UsageError("say which row: --id ID or --line N, one of them")
    columns = ColumnMap.parse(*mapping)
    asked["rewards"] = asked["rewards"] or ("math", "format")
    with rubric_asked(**asked) as rubric:
        row, others = _find(files, columns, row_id, line)
        check_row(row, columns, dialect_of(rubric.transcript))
        batch = Batch(columns.columns_of([row], always=rubric.requires), transcript=rubric.transcript)
        total = float(rubric.score(batch).totals[0])
        why = rubric.explain(batch, 0)
    if others:
        first = ", ".join(others[:_SHOWN_OTHERS]) + (", ..." if len(others) > _SHOWN_OTHERS else "")
        say(f"{row.file}:{row.line} is shown; {count_of(len(others), 'other row')} would answer too: {first}")
    if as_json:
        click.echo(json_bytes(_facts(row, batch, total, why, others)).decode())
    else:
        _show(console_for(sys.stdout), row, batch, total, why, None if full else _SHOWN_CHARS)


def _find(files: Sequence[str], columns: ColumnMap, row_id: str | None, line: int | None) -> tuple[Row, list[str]]:
    """Return the row that is asked for, and where others stand that are meant as well as it."""
    found: Row | None = None
    others: list[str] = []
    bad: list[RowError] = []

    def judge(error: RowError) -> None:
        if line is not None and error.line == line:
            raise error
        bad.append(error)

    for file in files:
        for row in read_rows([file], on_bad=judge):
            if line is not None and row.line > line:
                break
            if row.line != line if line is not None else _id_of(row, columns) != row_id:
                continue
            if found is None:
                found = row
            else:
                others.append(f"{row.file}:{row.line}")
    if found is None:
        what = f"on line {line}" if line is not None else f"whose {columns.mapping.get('id', 'id')!r} is {row_id!r}"
        passed = f" ({count_of(len(bad), 'bad row')} passed over, the first: {bad[0]})" if bad else ""
        raise UsageError(f"there is no row {what} in {', '.join(files)}{passed}")
    return found, others


def _id_of(row: Row, columns: ColumnMap) -> str | None:
    """Return a row's id as one writes it on the command line; None where it has none."""
    cell = columns.cell(row, "id")
    if cell is MISSING or cell is None:
        return None
    return cell if isinstance(cell, str) else json_bytes(cell).decode()


def _facts(
    row: Row, batch: Batch, total: float, why: dict[str, dict[str, object]], others: Sequence[str]
) -> dict[str, Any]:
    """Return the explanation as one object."""
    parts = batch.transcripts[0]
    return {
        "file": row.file,
        "line": row.line,
        "also": list(others),
        "transcript": {
            "mode": batch.told[0].dialect.name,
            "told": batch.told[0].why,
            "reasoning": _ends(parts.reasoning),
            "answer": _ends(parts.answer),
            "problems": list(parts.problems),
        },
        "reward": total,
        "rewards": why,
    }


def _ends(span: Span | None) -> list[int] | None:
    """Return where a part of the completion starts and ends."""
    return None if span is None else list(span)


def _show(
    console: Console,
    row: Row,
    batch: Batch,
    total: float,
    why: dict[str, dict[str, object]],
    limit: int | None,
) -> None:
    """Print the row, its parts and each reward's reasons."""
    parts = batch.transcripts[0]
    console.print(Text(harmless(f"{row.file}:{row.line}"), style="bold"))
    prompt, reasoning, answer = batch.prompts[0], batch.reasonings[0], batch.answers[0]
    if prompt is not None:
        _panel(console, "prompt", prompt, limit)
    if reasoning is not None:
        _panel(console, f"reasoning {_ends(parts.reasoning)}", reasoning, limit)
    if answer is not None:
        _panel(console, f"answer {_ends(parts.answer)}", answer, limit)
    else:
        _panel(console, "completion, which has no answer part", batch.completions[0], limit)
    if parts.problems:
        console.print(Text(f"transcript ({batch.told[0].dialect.name}): {', '.join(parts.problems)}", style="yellow"))
    for name, facts in why.items():
        table = table_of("fact", "value", title=Text(name, style="bold"), title_justify="left", show_header=False)
        for fact, value in facts.items():
            table.add_row(harmless_text(str(fact)), harmless_text(_written(value), limit))
        console.print(table)
    console.print(Text(f"total {total:g}" if math.isfinite(total) else "total: unscored", style="bold"))


def _panel(console: Console, title: str, text: str, limit: int | None) -> None:
    """Print a part of the row under its title."""
    console.print(Panel(harmless_text(text, limit), title=Text(title), title_align="left"))


def _written(value: object) -> str:
    """Return a fact as people read it."""
    if isinstance(value, str):
        return value
    return json_bytes(value).decode()
