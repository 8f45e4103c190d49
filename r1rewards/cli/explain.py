"""`r1rewards explain`: for one row, what each reward saw and why it decided so."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from r1rewards.cli.asking import rubric_asked, rubric_options
from r1rewards.errors import UsageError
from r1rewards.rollouts.columns import ColumnMap
from r1rewards.rollouts.rows import Row, read_rows
from r1rewards.samples import Batch

_SHOWN_CHARS = 1200


@click.command("explain")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--id", "row_id", metavar="ID", help="The row whose column `id` has this value.")
@click.option("--line", type=click.IntRange(min=1), help="The row on this line (or of this number).")
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
    """
    if (row_id is None) == (line is None):
        raise UsageError("say which row: --id ID, or --line N")
    columns = ColumnMap.parse(*mapping)
    asked["rewards"] = asked["rewards"] or ("math", "format")
    with rubric_asked(**asked) as rubric:
        row = _find(files, columns, row_id, line)
        cells = columns.columns_of([row], always=rubric.requires)
        batch = Batch(cells, transcript=rubric.transcript)
        table = rubric.score(batch)
        why = rubric.explain(batch, 0)
    total = float(table.totals[0])
    if as_json:
        click.echo(json.dumps(_finite({"file": row.file, "line": row.line, "reward": total, "rewards": why})))
        return
    _show(Console(highlight=False), row, batch, total, why, None if full else _SHOWN_CHARS)


def _find(files: Sequence[str], columns: ColumnMap, row_id: str | None, line: int | None) -> Row:
    """Return the row that is asked for, reading no further than it."""
    id_column = columns.mapping.get("id", "id")
    for row in read_rows(files):
        if line is not None and row.line == line:
            return row
        if row_id is not None and id_column in row.values and str(row.values[id_column]) == row_id:
            return row
    what = f"on line {line}" if line is not None else f"whose {id_column!r} is {row_id!r}"
    raise UsageError(f"no row {what} in {', '.join(files)}")


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
    console.print(Text(f"{row.file}:{row.line}"), style="bold")
    if batch.prompts[0] is not None:
        console.print(Panel(visible(batch.prompts[0], limit), title="prompt", title_align="left"))
    if parts.reasoning is not None:
        reasoning = visible(batch.reasonings[0] or "", limit)
        console.print(Panel(reasoning, title=f"reasoning {list(parts.reasoning)}", title_align="left"))
    if parts.answer is not None:
        answer = visible(batch.answers[0] or "", limit)
        console.print(Panel(answer, title=f"answer {list(parts.answer)}", title_align="left"))
    else:
        console.print(
            Panel(visible(batch.completions[0], limit), title="completion, no answer part", title_align="left")
        )
    if parts.problems:
        console.print(Text(f"transcript ({batch.dialect.name}): {', '.join(parts.problems)}"), style="yellow")
    for name, facts in why.items():
        table = Table(title=Text(name, style="bold"), title_justify="left", show_header=False)
        for fact, value in facts.items():
            shown = value if isinstance(value, str) else json.dumps(_finite(value), ensure_ascii=False, default=repr)
            table.add_row(fact, visible(shown, limit))
        console.print(table)
    console.print(Text(f"total {total:g}" if math.isfinite(total) else "total: unscored"), style="bold")


def visible(text: str, limit: int | None) -> Text:
    """Return a hostile text as something a terminal only shows: no control characters, middle left out.

    Args:
        text: Any string.
        limit: Characters to keep; None for all.
    """
    if limit is not None and len(text) > limit:
        half = limit // 2
        text = f"{text[:half]}\n[… {len(text) - 2 * half} characters …]\n{text[-half:]}"
    return Text("".join(char if char.isprintable() or char == "\n" else "�" for char in text))


def _finite(value: Any) -> Any:
    """Return JSON without NaN: an unscored value is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(cell) for key, cell in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(cell) for cell in value]
    return value
