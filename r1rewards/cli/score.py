"""`r1rewards score`: a file of rollouts in, the same rows with their scores out, a table of figures beside."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from r1rewards._version import __version__
from r1rewards.cli.asking import rubric_asked, rubric_options
from r1rewards.cli.figures import figures_table
from r1rewards.errors import RowError
from r1rewards.rollouts.byte_sources import STDIN
from r1rewards.rollouts.columns import ColumnMap, find_column
from r1rewards.rollouts.jsonl import OutputNames, ScoredWriter, StreamWriter, Writer
from r1rewards.rollouts.rows import read_rows
from r1rewards.rollouts.scoring import score_rollouts
from r1rewards.rollouts.summary import Summary
from r1rewards.rubric import Rubric

OK, BELOW, BAD = 0, 1, 3
_SHOWN_BAD_ROWS = 10
_NO_FILE = "-"


@click.command("score")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@rubric_options
@click.option("-o", "--output", default=_NO_FILE, metavar="FILE|-", help="Where the rows go. Default: standard output.")
@click.option("--details", is_flag=True, help="Write the facts behind each verdict too.")
@click.option("--output-prefix", default="", metavar="TEXT", help="Put before the names of the new columns.")
@click.option("--group-by", metavar="COLUMN", help="Rows of one prompt share it. Default: `group`, where there is one.")
@click.option("--resume", is_flag=True, help="Continue an interrupted run into the same output file.")
@click.option("--overwrite", is_flag=True, help="Replace an output file that holds rows.")
@click.option(
    "--bad-rows",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What to do at a row that cannot be scored at all; skipped rows are counted, and the exit code is 3.",
)
@click.option("--fail-under", type=float, metavar="X", help="Exit with 1 when the mean total is below X.")
@click.option(
    "--max-unscored",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    metavar="F",
    help="Exit with 3 when more than this share of rows has no total by a fault (BAD_REFERENCE, INFRA).",
)
@click.option("--summary", "summary_file", metavar="FILE", help="Write the figures as JSON as well.")
@click.option("--quiet", is_flag=True, help="No progress bar and no table.")
@click.pass_context
def command(
    context: click.Context,
    /,
    files: Sequence[str],
    mapping: Sequence[str],
    output: str,
    details: bool,
    output_prefix: str,
    group_by: str | None,
    resume: bool,
    overwrite: bool,
    bad_rows: str,
    fail_under: float | None,
    max_unscored: float,
    summary_file: str | None,
    quiet: bool,
    **asked: Any,
) -> None:
    """Score files of rollouts: .jsonl, .jsonl.gz, .jsonl.zst, .json arrays, .parquet, or - for standard input.

    Each row is written with `reward` (the total), `rewards` and `status` (by reward), in the input's order.
    """
    columns = ColumnMap.parse(*mapping)
    bad = _BadRows(skip=bad_rows == "skip")
    names = OutputNames.prefixed(output_prefix)
    console = Console(stderr=True, quiet=quiet)
    started = time.monotonic()
    with rubric_asked(**asked) as rubric:
        summary = Summary(rubric.names)
        configuration = _configuration(files, columns, asked, details, names, group_by, bad_rows)
        writer = _writer(output, configuration, files, resume=resume, overwrite=overwrite)
        done_rows = writer.done_rows
        with _progress(console, files) as (on_bytes, on_rows):
            score_rollouts(
                read_rows(files, on_bad=bad.judge, on_bytes=on_bytes),
                columns,
                rubric,
                writer,
                summary,
                transcript=rubric.transcript,
                details=details,
                group_by=group_by,
                output_names=names,
                on_progress=on_rows,
                on_bad=bad.judge,
                has_column=lambda name: _stands_further_on(files, columns, name),
            )
        seconds = time.monotonic() - started
        figures = {
            **summary.as_dict(),
            "bad_rows": bad.count,
            "resumed_rows": done_rows,
            "seconds": seconds,
            "rows_per_s": (summary.rows - done_rows) / seconds,
            "slow_path": slow_path(rubric),
        }
    if summary_file is not None:
        Path(summary_file).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if not quiet:
        console.print(figures_table(figures))
    context.exit(_exit_code(console, summary, bad, fail_under, max_unscored))


class _BadRows:
    """Counts the rows that cannot be scored, and names the first of them."""

    def __init__(self, *, skip: bool) -> None:
        self.skip = skip
        self.count = 0

    def judge(self, error: RowError) -> None:
        """Raise, or report and count."""
        if not self.skip:
            raise error
        self.count += 1
        if self.count <= _SHOWN_BAD_ROWS:
            click.echo(f"r1rewards: skipped: {error}", err=True)
        elif self.count == _SHOWN_BAD_ROWS + 1:
            click.echo("r1rewards: skipped: further bad rows are only counted", err=True)


def slow_path(rubric: Rubric) -> dict[str, dict[str, float]]:
    """Return, for each reward that used workers, how many items it gave them and what those took in seconds."""
    found = {}
    for term in rubric.terms:
        seconds = sorted(getattr(term.reward, "slow_path_s", ()))
        if seconds:
            found[term.name] = {
                "items": len(seconds),
                "p50_s": seconds[len(seconds) // 2],
                "p99_s": seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)],
            }
    return found


def _configuration(
    files: Sequence[str],
    columns: ColumnMap,
    asked: dict[str, Any],
    details: bool,
    names: OutputNames,
    group_by: str | None,
    bad_rows: str,
) -> dict[str, Any]:
    """Return all that the output depends on; how many workers there are is of no account."""
    return {
        "r1rewards": __version__,
        "inputs": [str(file) for file in files],
        "rewards": list(asked["rewards"]),
        "options": sorted(text for text in asked["settings"] if not text.partition("=")[0].endswith(".workers")),
        "transcript": asked["transcript"],
        "combine": asked["combine"],
        "gate": list(asked["gate"]),
        "gate_on": asked["gate_on"],
        "isolated": asked["isolated"],
        "on_error": asked["on_error"],
        "map": columns.mapping,
        "details": details,
        "output_columns": list(names.used(details=details)),
        "group_by": group_by,
        "bad_rows": bad_rows,
    }


def _writer(
    output: str, configuration: dict[str, Any], files: Sequence[str], *, resume: bool, overwrite: bool
) -> Writer:
    """Open where the rows go."""
    if output != _NO_FILE:
        return ScoredWriter.open(output, configuration=configuration, resume=resume, overwrite=overwrite, inputs=files)
    if resume:
        raise click.UsageError("--resume continues an output file; name it with -o FILE")
    return StreamWriter(sys.stdout.buffer)


def _stands_further_on(files: Sequence[str], columns: ColumnMap, name: str) -> bool:
    """Return whether a column that the first rows lack may stand in later ones; of a stream nobody knows."""
    return STDIN in files or find_column(files, columns, name)


@contextmanager
def _progress(
    console: Console, files: Sequence[str]
) -> Iterator[tuple[Callable[[int], None] | None, Callable[[int], None] | None]]:
    """Show how far the reading is, where somebody looks."""
    if console.quiet or not console.is_terminal:
        yield None, None
        return
    known = STDIN not in files
    total = sum(Path(file).stat().st_size for file in files if Path(file).is_file()) if known else None
    parts = (
        TextColumn("scoring"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeElapsedColumn(),
    )
    bar = Progress(
        *(
            parts
            if not known
            else (
                parts[0],
                parts[1],
                TextColumn("{task.percentage:>3.0f}%"),
                TextColumn("{task.fields[rows]:,} rows"),
                parts[4],
            )
        ),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("scoring", total=total, rows=0)
        counted = 0

        def on_bytes(count: int) -> None:
            bar.update(task, advance=count)

        def on_rows(count: int) -> None:
            nonlocal counted
            counted += count
            if known:
                bar.update(task, rows=counted)
            else:
                bar.update(task, advance=count)

        yield (on_bytes if known else None), on_rows


def _exit_code(console: Console, summary: Summary, bad: _BadRows, fail_under: float | None, max_unscored: float) -> int:
    """Say what is amiss and return the exit code; faults of the data come before a low mean."""
    code = OK
    mean = summary.mean_total
    if fail_under is not None and (mean is None or mean < fail_under):
        shown = "unknown (no row is scored)" if mean is None else f"{mean:.6g}"
        console.print(f"r1rewards: mean total {shown} is below --fail-under {fail_under:g}", markup=False)
        code = BELOW
    if bad.count:
        console.print(f"r1rewards: {bad.count} bad rows were skipped", markup=False)
        code = BAD
    if summary.unscored_share > max_unscored:
        console.print(
            f"r1rewards: {summary.faults} of {summary.rows} rows have no total by a fault of data or machine, "
            f"more than --max-unscored {max_unscored:g} allows; `r1rewards explain` shows why",
            markup=False,
        )
        code = BAD
    return code
