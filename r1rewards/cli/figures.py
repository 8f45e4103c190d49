"""The table of a run's figures: per reward its mean and statuses, then the totals, groups and times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from r1rewards.cli.tables import harmless_text, table_of
from r1rewards.cli.terminal import count_of, harmless


def figures_table(figures: Mapping[str, Any]) -> RenderableType:
    """Return the figures of `Summary.as_dict`, with the run's times, as something to print.

    Args:
        figures: The figures.
    """
    table = table_of("reward", "mean", "lowest", "highest", "scored", "statuses")
    for column in (1, 2, 3, 4):
        table.columns[column].justify = "right"
    for name, column in figures["rewards"].items():
        statuses = ", ".join(f"{status} {share(s['share'])}" for status, s in column["statuses"].items())
        table.add_row(harmless_text(name), *_numbers(column), f"{column['scored']:,}", statuses)
    total = figures["total"]
    table.add_section()
    table.add_row(Text("total", style="bold"), *_numbers(total), f"{total['scored']:,}", "")
    return Group(table, *(Text(line) for line in _lines(figures)))


def share(part: float) -> str:
    """Return a share as percent, never rounding a few to none or most to all.

    Example:
        >>> share(0.5), share(0.00001), share(0.99999)
        ('50%', '<0.1%', '>99.9%')
    """
    if 0 < part < 0.001:
        return "<0.1%"
    if 0.999 < part < 1:
        return ">99.9%"
    return f"{100 * part:.1f}".removesuffix(".0") + "%"


def _numbers(column: Mapping[str, Any]) -> list[str]:
    """Return mean, lowest and highest as text."""
    cells = [column["mean"], column["min"], column["max"]]
    return ["–" if cell is None else f"{cell:.4f}" if place == 0 else f"{cell:g}" for place, cell in enumerate(cells)]


def _lines(figures: Mapping[str, Any]) -> list[str]:
    """Return what stands under the table."""
    total, groups = figures["total"], figures["groups"]
    lines = []
    if groups is not None:
        size = groups["k"] if groups["k"] is not None else f"{groups['k_min']} to {groups['k_max']}"
        k = "k" if groups["k"] is None else groups["k"]
        mean = "–" if groups["mean_at_k"] is None else f"{groups['mean_at_k']:.4f}"
        lines.append(
            f"{count_of(groups['groups'], 'group')} of {size}: mean@{k} {mean}; "
            f"{groups['zero_spread']:,} with zero spread (no learning signal)"
        )
        if groups["unscored"]:
            lines.append(f"groups without a scored row: {groups['unscored']:,}")
        if groups["single"]:
            lines.append(f"groups of a single row, which have no spread to speak of: {groups['single']:,}")
        if groups["ungrouped_rows"]:
            lines.append(f"rows that name no group: {groups['ungrouped_rows']:,}")
    if total["faults"]:
        lines.append(f"rows without a total by a fault (BAD_REFERENCE, INFRA): {total['faults']:,}")
    if total["nothing_applies"]:
        lines.append(f"rows to which no reward applies: {total['nothing_applies']:,}")
    if figures["bad_rows"]:
        lines.append(f"bad rows skipped: {figures['bad_rows']:,}")
    for name, slow in figures["slow_path"].items():
        lines.append(
            f"slow path of {harmless(name)}: {count_of(slow['items'], 'item')} in workers, "
            f"p50 {1000 * slow['p50_s']:.1f} ms, p99 {1000 * slow['p99_s']:.1f} ms"
        )
    resumed = f" ({figures['resumed_rows']:,} of them from before)" if figures["resumed_rows"] else ""
    lines.append(
        f"{count_of(figures['rows'], 'row')}{resumed} in {figures['seconds']:.1f} s, "
        f"{figures['rows_per_s']:,.0f} rows/s"
    )
    return lines
