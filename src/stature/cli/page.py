"""Pages of `stature fit`: tables and sentences on a terminal, warnings on standard error."""

from collections.abc import Iterable, Sequence

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.terminal import PLAIN_WIDTH, open_console, warn
from stature.datafile.cells import CellTable
from stature.datafile.choice import Fitted, models_of, recommended
from stature.datafile.digits import SPREAD_DIGITS, amount, number
from stature.datafile.fits import CellFit, Finding
from stature.datafile.people import Counts, People
from stature.datafile.runs import Runs
from stature.datafile.units import after, in_unit
from stature.report.findings import (
    MORE,
    PLUS_MINUS,
    Span,
    choice_sentences,
    closing_sentences,
    criteria_table,
    error_of_means,
    estimates_table,
    fit_sentences,
    goodness_sentence,
    opening_sentences,
)
from stature.report.shared import Table as Rows

FIT_WIDTH = 80  # where nobody sees how wide it is


def print_page(people: People, fitted: Fitted) -> None:
    """Print what was found of people: of several numbers of groups, the fit that is recommended."""
    runs, findings = fitted.runs, fitted.findings
    console = begin(people.warnings, fitted.notes, FIT_WIDTH)
    unit = after(people.unit).strip()
    for sentence in opening_sentences(people, runs, findings):
        console.print(sentence)
    span = (float(runs.values.min()), float(runs.values.max()))
    best, several = fitted.recommended, len({one.group_names for one in findings}) > 1
    for one in findings:
        if one is best or best is None or not several:
            _print_finding(console, one, runs.total, span, unit)
    console.print(PLUS_MINUS)
    if runs.labels == "hidden":
        console.print()
        title = f"Scored against the labels (error of each mean{_after_comma(unit)})"
        console.print(title, style="bold")
        console.print(_scoreboard(findings, runs))
    _print_choice(console, findings, best, fitted.alone)
    _print_last(console, closing_sentences(runs, findings, f" {unit}".rstrip()))
    console.print(f"\n{MORE}")


def print_cell_page(table: Counts, fits: tuple[CellFit, ...]) -> None:
    """Print the fits of a table of counts."""
    console, cells = begin(table.warnings, table.notes, FIT_WIDTH), table.cells
    unit = after(table.unit).strip()
    things = f"{amount(cells.count.sum())} {table.nouns.many} in {len(cells.count)} cells"
    columns = f"columns {', '.join(table.columns)} {in_unit(table.unit)}"
    console.print(f"{table.path}: {things}, {columns}.")
    for one in fits:
        span = (cells.lower[1], cells.upper[-2])
        _print_finding(console, one.finding, float(cells.count.sum()), span, unit)
        console.print(goodness_sentence(one))
    console.print(PLUS_MINUS)
    findings = tuple(one.finding for one in fits)
    alone = [one for one in findings if len(one.group_names) == 1]
    _print_choice(console, findings, recommended(findings), alone)
    console.print(f"\n{MORE}\n")
    console.print(f"Counts of each cell{_after_comma(unit)}, and expected counts", style="bold")
    console.print(_expected_table(cells, fits))


def begin(warnings: Iterable[str], notes: Iterable[str], most: int = PLAIN_WIDTH) -> Console:
    """Print warnings and notes; what the rest is printed with."""
    warn(warnings, "warning")
    warn(notes, "note")
    return open_console(most=most)


def _print_last(console: Console, sentences: list[str]) -> None:
    """Print what the findings show together, below them."""
    for position, sentence in enumerate(sentences):
        console.print(sentence if position else f"\n{sentence}")


def _print_choice(
    console: Console,
    findings: tuple[Finding, ...],
    best: Finding | None,
    alone: Sequence[Finding],
) -> None:
    """Print which models there are, and what is said of them."""
    if len(models_of(findings)) > 1:
        console.print()
        _print_rows(console, criteria_table(findings, best))
    for sentence in choice_sentences(findings, best, alone):
        console.print(sentence)


def _print_rows(console: Console, rows: Rows) -> None:
    """Print a table of texts."""
    console.print(rows.title, style="bold")
    drawn = ruled(*rows.head)
    for row in rows.rows:
        drawn.add_row(*row)
    # Numbers of many digits are not cut into lines to spare the width of sentences.
    open_console().print(drawn)


def _after_comma(unit: str) -> str:
    """A unit at the end of a title."""
    return f", {unit}" if unit else ""


def _print_finding(console: Console, one: Finding, total: float, span: Span, unit: str) -> None:
    """Print a title, a row for each group, and sentences."""
    console.print()
    _print_rows(console, estimates_table(one, total, unit))
    for sentence in fit_sentences(one, span, f" {unit}".rstrip()):
        console.print(sentence)


def ruled(first: str, *others: str) -> Table:
    """A table with a column of names and columns of numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for title in others:
        table.add_column(title, justify="right")
    return table


def _scoreboard(findings: tuple[Finding, ...], runs: Runs) -> Table:
    """Errors of the means and people put in the right group, a row for each estimator."""
    statuses = [one.status.name.lower().replace("_", " ") for one in findings]
    ended = ["ended"] * (set(statuses) != {"converged"})
    table = ruled("estimator", *runs.group_names, "put in the right group", *ended)
    for one, status in zip(findings, statuses, strict=True):
        errors, right = ["–"] * len(runs.group_names), "–"
        if one.score is not None:
            errors = [
                number(error, error_of_means(one), sign="+") for error in one.score.mean_errors
            ]
            share = 100.0 * one.score.right / one.score.people
            right = f"{one.score.right} of {one.score.people} ({share:.1f} %)"
        table.add_row(one.estimator.name, *errors, right, *[status for _ in ended])
    if runs.group_index is not None and any(one.score is not None for one in findings):
        sizes = np.bincount(runs.group_index[runs.has_label])
        largest = f"{sizes.max()} of {sizes.sum()} ({100.0 * sizes.max() / sizes.sum():.1f} %)"
        no_errors = ["–"] * len(runs.group_names)
        table.add_row("(all in the larger one)", *no_errors, largest)
    return table


def _expected_table(cells: CellTable, fits: tuple[CellFit, ...]) -> Table:
    """Counts beside what each fit expects, a row for each cell."""
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("cell", "count", *(one.finding.estimator.name for one in fits)):
        drawn.add_column(title, justify="right", overflow="fold")
    width = float(cells.width.min())
    for i, (low, high) in enumerate(zip(cells.lower, cells.upper, strict=True)):
        ends = " – ".join(
            "" if np.isinf(end) else number(end, width, SPREAD_DIGITS) for end in (low, high)
        )
        expected = ["–" if np.isnan(one.expected[i]) else f"{one.expected[i]:.1f}" for one in fits]
        drawn.add_row(ends, amount(cells.count[i]), *expected)
    return drawn
