"""Pages of `stature fit`: tables and sentences on a terminal, warnings on standard error."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.terminal import PLAIN_WIDTH, open_console, warn
from stature.datafile.choice import Fitted, models_of
from stature.datafile.digits import amount
from stature.datafile.fits import Finding
from stature.datafile.people import Counts, People
from stature.datafile.units import after, in_unit
from stature.report.findings import (
    MORE,
    PLUS_MINUS,
    Span,
    choice_sentences,
    closing_sentences,
    criteria_table,
    estimates_table,
    expected_table,
    fit_sentences,
    goodness_sentence,
    opening_sentences,
    scoreboard,
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
        _print_rows(console, scoreboard(fitted))
    _print_choice(console, fitted)
    _print_last(console, closing_sentences(runs, findings, f" {unit}".rstrip()))
    console.print(f"\n{MORE}")


def print_cell_page(table: Counts, fitted: Fitted) -> None:
    """Print the fits of a table of counts."""
    console, cells = begin(table.warnings, table.notes, FIT_WIDTH), table.cells
    unit = after(table.unit).strip()
    things = f"{amount(cells.count.sum())} {table.nouns.many} in {len(cells.count)} cells"
    columns = f"columns {', '.join(table.columns)} {in_unit(table.unit)}"
    console.print(f"{table.path}: {things}, {columns}.")
    for one in fitted.of_cells:
        span = (cells.lower[1], cells.upper[-2])
        _print_finding(console, one.finding, float(cells.count.sum()), span, unit)
        console.print(goodness_sentence(one))
    console.print(PLUS_MINUS)
    _print_choice(console, fitted)
    console.print()
    _print_rows(console, expected_table(fitted, cells))
    console.print(f"\n{MORE}")


def begin(warnings: Iterable[str], notes: Iterable[str], most: int = PLAIN_WIDTH) -> Console:
    """Print warnings and notes; what the rest is printed with."""
    warn(warnings, "warning")
    warn(notes, "note")
    return open_console(most=most)


def _print_last(console: Console, sentences: list[str]) -> None:
    """Print what the findings show together, below them."""
    for position, sentence in enumerate(sentences):
        console.print(sentence if position else f"\n{sentence}")


def _print_choice(console: Console, fitted: Fitted) -> None:
    """Print which models there are, and what is said of them."""
    if len(models_of(fitted.findings)) > 1:
        console.print()
        _print_rows(console, criteria_table(fitted))
    for sentence in choice_sentences(fitted):
        console.print(sentence)


def _print_rows(console: Console, rows: Rows) -> None:
    """Print a table of texts."""
    console.print(rows.title, style="bold")
    drawn = ruled(*rows.head)
    for row in rows.rows:
        drawn.add_row(*row)
    # Numbers of many digits are not cut into lines to spare the width of sentences.
    open_console().print(drawn)


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
