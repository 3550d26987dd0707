"""Pages of `stature fit`: tables and sentences on a terminal, warnings on standard error."""

from collections.abc import Iterable

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.sentences import (
    Span,
    closing_sentences,
    criterion_sentences,
    error_of_means,
    fit_sentences,
    goodness_sentence,
    model_words,
    opening_sentences,
)
from stature.cli.terminal import open_console, warn
from stature.datafile.cells import CellTable
from stature.datafile.digits import SPREAD_DIGITS, amount, number, with_error
from stature.datafile.fits import CellFit, Estimate, Finding
from stature.datafile.people import Counts, People
from stature.datafile.runs import Runs
from stature.datafile.units import after, in_unit

# Shares without a standard error have three decimals.
SPREAD_OF_SHARES = 0.1


def print_page(people: People, runs: Runs, findings: tuple[Finding, ...]) -> None:
    """Print what was found of people."""
    console = begin(people.warnings, runs.notes)
    unit = after(people.unit).strip()
    for sentence in opening_sentences(people, runs):
        console.print(sentence)
    span = (float(runs.values.min()), float(runs.values.max()))
    for one in findings:
        _print_finding(console, one, span, unit)
    if runs.labels == "hidden":
        console.print()
        title = f"Scored against the labels (error of each mean{_after_comma(unit)})"
        console.print(title, style="bold")
        console.print(_scoreboard(findings, runs))
    closing = closing_sentences(runs, findings, f" {unit}".rstrip())
    _print_last(console, [*criterion_sentences(findings), *closing])


def print_cell_page(table: Counts, fits: tuple[CellFit, ...]) -> None:
    """Print the fits of a table of counts."""
    console, cells = begin(table.warnings, table.notes), table.cells
    unit = after(table.unit).strip()
    things = f"{amount(cells.count.sum())} {table.nouns.many} in {len(cells.count)} cells"
    columns = f"columns {', '.join(table.columns)} {in_unit(table.unit)}"
    console.print(f"{table.path}: {things}, {columns}.")
    for one in fits:
        _print_finding(console, one.finding, (cells.lower[1], cells.upper[-2]), unit)
        console.print(goodness_sentence(one))
    _print_last(console, criterion_sentences(one.finding for one in fits))
    console.print()
    console.print(f"Counts of each cell{_after_comma(unit)}, and expected counts", style="bold")
    console.print(_expected_table(cells, fits))


def begin(warnings: Iterable[str], notes: Iterable[str]) -> Console:
    """Print warnings and notes; what the rest is printed with."""
    warn(warnings, "warning")
    warn(notes, "note")
    return open_console()


def _print_last(console: Console, sentences: list[str]) -> None:
    """Print what the findings show together, below them."""
    for position, sentence in enumerate(sentences):
        console.print(sentence if position else f"\n{sentence}")


def _after_comma(unit: str) -> str:
    """A unit at the end of a title."""
    return f", {unit}" if unit else ""


def _print_finding(console: Console, one: Finding, span: Span, unit: str) -> None:
    """Print a title, a row for each group, and sentences."""
    model, words = one.estimator.model, model_words(one.estimator.model, unit)
    if len(one.group_names) == 1:
        words = words.replace("groups hidden", "one group", 1)
    console.print()
    console.print(f"{one.estimator.name}: {words}", style="bold")
    table = ruled("group", "share", f"mean{_after_comma(unit)}", f"SD{_after_comma(unit)}")
    spread = min(one.estimates[group, "sd"].value for group in one.group_names)
    for group in one.group_names:
        share, mean, sd = (one.estimates[group, name] for name in ("share", "mean", "sd"))
        table.add_row(
            group,
            _cell(share, SPREAD_OF_SHARES, known=model.shares == "known"),
            _cell(mean, spread, known=False),
            _cell(sd, spread, known=model.sds == "known"),
        )
    console.print(table)
    for sentence in fit_sentences(one, span, f" {unit}".rstrip()):
        console.print(sentence)


def ruled(first: str, *others: str) -> Table:
    """A table with a column of names and columns of numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for title in others:
        table.add_column(title, justify="right")
    return table


def _cell(estimate: Estimate, spread: float, known: bool) -> str:
    """One estimate as a table shows it."""
    text = with_error(estimate.value, estimate.std_error, spread)
    return f"{text} (known)" if known else text


def _scoreboard(findings: tuple[Finding, ...], runs: Runs) -> Table:
    """Errors of the means and people put in the right group, a row for each estimator."""
    table = ruled("estimator", *runs.group_names, "put in the right group")
    table.add_column("ended")
    for one in findings:
        errors, right = ["–"] * len(runs.group_names), "–"
        if one.score is not None:
            errors = [
                number(error, error_of_means(one), sign="+") for error in one.score.mean_errors
            ]
            share = 100.0 * one.score.right / one.score.people
            right = f"{one.score.right} of {one.score.people} ({share:.1f} %)"
        table.add_row(one.estimator.name, *errors, right, one.status.name.lower().replace("_", " "))
    if runs.group_index is not None and any(one.score is not None for one in findings):
        sizes = np.bincount(runs.group_index[runs.has_label])
        largest = f"{sizes.max()} of {sizes.sum()} ({100.0 * sizes.max() / sizes.sum():.1f} %)"
        no_errors = ["–"] * len(runs.group_names)
        table.add_row("(all put in the larger group)", *no_errors, largest, "")
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
