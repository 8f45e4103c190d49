"""`r1rewards score`: files of rollouts in, the same rows with their scores out, a table of figures beside."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from r1rewards.cli.asking import rubric_asked, rubric_options
from r1rewards.cli.bad_rows import BadRows
from r1rewards.cli.configuration import configuration_of
from r1rewards.cli.figures import figures_table
from r1rewards.cli.numbers import bounded_number
from r1rewards.cli.progress import is_on_disk, progress_shown
from r1rewards.cli.tables import console_for
from r1rewards.cli.terminal import count_of, listener_may_leave, say
from r1rewards.errors import UsageError
from r1rewards.rollouts.byte_sources import check_inputs
from r1rewards.rollouts.columns import ColumnMap, find_column
from r1rewards.rollouts.jsonl import OutputNames, ScoredWriter, StreamWriter, Writer
from r1rewards.rollouts.rows import read_rows
from r1rewards.rollouts.scoring import score_rollouts
from r1rewards.rollouts.summary import Summary
from r1rewards.rubric import Rubric

if TYPE_CHECKING:
    from r1rewards.distributed.ray import RayRubric

OK, BELOW, BAD = 0, 1, 3
_STREAM = "-"


@click.command("score")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@rubric_options
@click.option(
    "-o", "--output", default=_STREAM, metavar="FILE|-", help="Where the rows go. Default: -, standard output."
)
@click.option("--details", is_flag=True, help="Write the facts behind each verdict too.")
@click.option("--output-prefix", default="", metavar="TEXT", help="Put before the names of the new columns.")
@click.option(
    "--group-by", metavar="COLUMN", help="The rows of one prompt share its value. Default: `group`, if there is one."
)
@click.option(
    "--resume", is_flag=True, help="Continue an interrupted run into the same output file; starts it if there is none."
)
@click.option("--overwrite", is_flag=True, help="Replace an output file that holds rows.")
@click.option(
    "--bad-rows",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What to do at a row that cannot be scored at all; skipped ones are counted, and the exit code is 3.",
)
@click.option("--fail-under", type=bounded_number(), metavar="X", help="Exit with 1 when the mean total is below X.")
@click.option(
    "--max-unscored",
    type=bounded_number(0, 1),
    default=0.2,
    show_default=True,
    metavar="F",
    help="Exit with 3 when more than this share of rows has no total by a fault (BAD_REFERENCE, INFRA).",
)
@click.option("--summary", "summary_file", metavar="FILE", help="Write the figures as JSON as well.")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Score in this process, or on the actors of a Ray cluster (needs the extra `ray`); the output is the same.",
)
@click.option(
    "--address", metavar="ADDRESS", help="The Ray cluster: auto, ray://host:port. Default: RAY_ADDRESS, or a local one."
)
@click.option("--actors", type=click.IntRange(min=1), help="How many Ray actors. Default: one a CPU of the cluster.")
@click.option("--quiet", is_flag=True, help="No progress bar and no table; only what is amiss.")
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
    engine: str,
    address: str | None,
    actors: int | None,
    quiet: bool,
    **asked: Any,
) -> None:
    """Score files of rollouts: .jsonl, .jsonl.gz, .jsonl.zst, .json arrays, .parquet, or - for standard input.

    Each row is written with `reward` (the total), `rewards` and `status` (by reward), in the input's order.
    Rows go to standard output or -o; progress and the table of figures go to standard error.
    Where a reward compares the rows of a group (length with mode=kimi), they must stand together.

    \b
    Examples:
      r1rewards score rollouts.jsonl -r math -r format@0.5 -o scored.jsonl
      r1rewards score rollouts.jsonl -r math -S math.cpu_s=2 --map completion=response,ground_truth=gold
      r1rewards score rollouts.jsonl -r my_reward.py:concise@0.2 -S concise.limit=60
      r1rewards score mixed.jsonl -r 'math?task=math' -r 'format@0.5?task=code'
      zcat rollouts.jsonl.gz | r1rewards score - -r math --fail-under 0.4 > scored.jsonl

    \b
    Exit codes:
      0 fine; 1 mean total below --fail-under; 2 usage; 3 bad rows, or more
      unscored than --max-unscored allows; 130 interrupted
    """
    if engine != "ray" and (address is not None or actors is not None):
        raise UsageError("--address and --actors belong to --engine ray")
    columns = ColumnMap.parse(*mapping)
    bad = BadRows(skip=bad_rows == "skip")
    names = OutputNames.prefixed(output_prefix)
    console = console_for(sys.stderr)
    check_inputs(files)
    _check_summary_place(summary_file, [*files, output])
    summary: Summary
    started_s = time.monotonic()
    with contextlib.ExitStack() as open_until_done:
        rows_out = open_until_done.enter_context(_stdout_is_for_rows())
        rubric = open_until_done.enter_context(rubric_asked(**asked))
        scorer = _scorer(rubric, engine, address, actors, open_until_done)
        summary = Summary(rubric.names)
        if output == _STREAM:
            if resume:
                raise UsageError("--resume continues an output file; name it with -o FILE")
            writer: Writer = StreamWriter(rows_out.buffer)
        else:
            configuration = configuration_of(files, columns, asked, names, details=details)
            writer = ScoredWriter.open(
                output, configuration=configuration, resume=resume, overwrite=overwrite, inputs=files
            )
        done_rows = writer.done_rows
        shown = not quiet and not (output == _STREAM and rows_out.isatty())
        try:
            with progress_shown(console, files, shown=shown) as (on_bytes, on_rows):
                score_rollouts(
                    read_rows(files, on_bad=bad.judge, on_bytes=on_bytes),
                    columns,
                    scorer,
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
        except KeyboardInterrupt:
            if output != _STREAM:
                say(f"the rows so far are in {output}; the same command with --resume goes on")
            raise
        seconds = time.monotonic() - started_s
        figures = {
            **summary.as_dict(),
            "bad_rows": bad.count,
            "resumed_rows": done_rows,
            "seconds": seconds,
            "rows_per_s": (summary.rows - done_rows) / max(seconds, 1e-9),
            "slow_path": slow_path(scorer.slow_path_s),
        }
    if summary_file is not None:
        _write_summary(summary_file, figures)
    if not quiet:
        with listener_may_leave():
            console.print(figures_table(figures))
    context.exit(_exit_code(summary, bad, fail_under, max_unscored, files))


def _scorer(
    rubric: Rubric, engine: str, address: str | None, actors: int | None, stack: contextlib.ExitStack
) -> Rubric | RayRubric:
    """Return what scores: the rubric itself, or the same on Ray until the stack is closed."""
    if engine == "local":
        return rubric
    from r1rewards.distributed.ray import RayRubric

    return stack.enter_context(RayRubric(rubric, address=address, actors=actors))


def slow_path(seconds_of: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Return, for each reward that used workers, how long its latest items took there.

    Args:
        seconds_of: For each reward the seconds of its latest items in workers.

    Returns:
        For each reward the number of items measured (of very many the latest) and, in seconds of wall
        clock, their median and 99th percentile.
    """
    found = {}
    for name, unsorted in seconds_of.items():
        seconds = sorted(unsorted)
        if seconds:
            found[name] = {
                "items": len(seconds),
                "p50_s": seconds[(len(seconds) - 1) // 2],
                "p99_s": seconds[math.ceil(0.99 * len(seconds)) - 1],
            }
    return found


@contextlib.contextmanager
def _stdout_is_for_rows() -> Iterator[Any]:
    """Yield standard output, and send what a reward in this process prints to standard error meanwhile."""
    rows_out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        yield rows_out


def _check_summary_place(summary_file: str | None, taken: Sequence[str]) -> None:
    """See before the work that the figures can be written after it."""
    if summary_file is None:
        return
    path = Path(summary_file)
    if path.is_dir():
        raise UsageError(f"--summary: {summary_file!r} is a folder; name a file")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"--summary: there is no folder {str(path.parent)!r}")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(f"--summary: cannot write {summary_file!r}: permission denied")
    for name in taken:
        if name != _STREAM and path.resolve() == Path(name).resolve() and not path.is_char_device():
            raise UsageError(f"--summary: {summary_file!r} is an input or the output; name another file")


def _write_summary(summary_file: str, figures: Mapping[str, Any]) -> None:
    """Write the figures as JSON."""
    try:
        Path(summary_file).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--summary: cannot write {summary_file!r}: {error.strerror}; the rows are written") from None


def _stands_further_on(files: Sequence[str], columns: ColumnMap, name: str) -> bool:
    """Return whether a column that the first rows lack may stand in later ones; of a pipe nobody knows."""
    return not all(map(is_on_disk, files)) or find_column(files, columns, name)


def _exit_code(
    summary: Summary, bad: BadRows, fail_under: float | None, max_unscored: float, files: Sequence[str]
) -> int:
    """Say what is amiss and return the exit code; faults of the data come before a low mean."""
    code = OK
    mean = summary.mean_total
    if not summary.rows:
        say(f"there is no row to score in {', '.join(files)}")
    if fail_under is not None and (mean is None or mean < fail_under):
        shown = "unknown (no row is scored)" if mean is None else f"{mean:.6g}"
        say(f"mean total {shown} is below --fail-under {fail_under:g}")
        code = BELOW
    if bad.count:
        say(f"{count_of(bad.count, 'bad row')} skipped")
        code = BAD
    if summary.unscored_share > max_unscored:
        say(
            f"{summary.faults:,} of {count_of(summary.rows, 'row')} have no total by a fault of data or machine, "
            f"more than --max-unscored {max_unscored:g} allows; --details and `r1rewards explain` say why"
        )
        code = BAD
    return code
