"""`stature measure`: anybody's table of estimates, measured and printed, for people or as JSON."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from stature.cli.page import begin, ruled
from stature.datafile.columns import ColumnError
from stature.datafile.estimates import Columns, Found, read_estimates, reference_of
from stature.datafile.examinations import FileError
from stature.datafile.texts import counted
from stature.measures.estimates import (
    Asked,
    Loss,
    TableMeasure,
    TablePolicy,
    columns_of,
    dominated,
    losses,
    measure_table,
)
from stature.report.words import NOTHING, with_error
from stature.writing import WriteError, write_text

SUCCESS, WRONG_USE = 0, 2
# What is printed of a table with factors, a measure at a time; all are in --csv and --json.
POLICY_WORDS: dict[TablePolicy, str] = {
    "available": "Each measure takes the data sets in which its method has what it needs.",
    "joint": "Only data sets in which all methods have everything are taken.",
    "worst": "For coverage a missing interval is a miss; else what there is is taken.",
    "best": "For coverage a missing interval is a hit; else what there is is taken.",
}
SHOWN = ("bias", "empirical_se", "model_se", "coverage")
# Robust errors that are so much larger are those of heavy tails.
HEAVY = 1.2
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """Options of `stature measure`."""

    path: str
    columns: Columns
    reference: str | None = None
    null: float = 0.0
    policy: TablePolicy = "available"
    json: bool = False
    csv: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A table and what was found of it."""

    path: str
    found: Found
    asked: Asked
    measures: tuple[TableMeasure, ...]
    losses: tuple[Loss, ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The measures as rows of a table."""
        return list(columns_of(self.found.table, self.asked, self.measures))


def run_measure(request: MeasureRequest) -> int:
    """Measure a table and print what was found."""
    try:
        if not 0.0 < request.columns.level < 1.0:
            words = f"expected a number between 0 and 1, got {request.columns.level:g}"
            raise ColumnError(f"--level: {words}; 0.95 is usual")
        found = read_estimates(request.path, request.columns)
        reference = reference_of(found.table, request.reference)
        asked = Asked(reference, request.null, request.policy)
        table = found.table
        one = Measurement(request.path, found, asked, measure_table(table, asked), losses(table))
        if request.csv is not None:
            write_text(Path(request.csv), to_csv(one.rows))
    except (FileError, ColumnError, WriteError) as error:
        for message in getattr(error, "messages", (str(error),)):
            print(f"stature measure: {message}", file=sys.stderr)
        return WRONG_USE
    if request.json:
        print(json.dumps(_document(one), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_measures(one)
    return SUCCESS


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Measures as CSV: a header, and a line for each."""
    text, every = io.StringIO(), list(rows)
    writer = csv.DictWriter(text, list(every[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(every)
    return text.getvalue()


def _document(one: Measurement) -> dict[str, Any]:
    """What was found as builtin types, by the names of the output."""
    table, counts = one.found.table, ("rows_missing", "estimates_missing", "estimates_infinite")
    return {
        "file": one.path,
        "sha256": one.found.sha256,
        "rows": len(table.estimate),
        "columns": one.found.columns | ({"by": list(table.by)} if table.by else {}),
        "methods": list(table.methods),
        "reference": one.asked.reference,
        "policy": one.asked.policy,
        "null": one.asked.null,
        "notes": list(one.found.notes),
        "missing": [
            dict(zip(table.by, loss.levels, strict=True))
            | {"method": loss.method, "replicates_expected": loss.expected}
            | {name: getattr(loss, name) for name in counts}
            | {"std_errors_missing": loss.std_errors_missing}
            | {"intervals_missing": loss.intervals_missing}
            for loss in one.losses
        ],
        "measures": one.rows,
    }


def print_measures(one: Measurement) -> None:
    """Print measures for a person: a table of all, or, with factors, of the main ones."""
    table = one.found.table
    console = begin((), one.found.notes)
    console.print(_opening(one))
    here = {(row.levels, row.measure, row.method): row for row in one.measures}
    order = list(dict.fromkeys(row.measure for row in one.measures))
    titles = [", ".join(levels) for levels in table.levels]

    def cells(levels: tuple[str, ...], measure: str) -> list[str]:
        rows = (here[levels, measure, method] for method in table.methods)
        return [with_error(row.value, row.mcse) for row in rows]

    if not table.by:
        drawn = ruled("measure", *table.methods)
        for measure in order:
            if set(cells((), measure)) != {NOTHING}:
                drawn.add_row(measure, *cells((), measure))
        console.print(drawn)
    for measure in [name for name in SHOWN if table.by and name in order]:
        console.print()
        console.print(measure, style="bold")
        drawn = ruled(", ".join(table.by), *table.methods)
        for title, levels in zip(titles, table.levels, strict=True):
            drawn.add_row(title, *cells(levels, measure))
        console.print(drawn)
    for sentence in _closing(one):
        console.print(sentence)
    if any(loss.any for loss in one.losses):
        console.print(_missing(one))


def _opening(one: Measurement) -> str:
    """What the table holds."""
    table, columns = one.found.table, one.found.columns
    parts = [
        f"{one.path}: {counted(len(table.estimate), 'estimate')} in column '{columns['estimate']}'"
    ]
    if len(table.methods) > 1:
        parts.append(counted(len(table.methods), "method"))
    if table.by:
        parts.append(f"{counted(len(table.levels), 'cell')} of {', '.join(table.by)}")
    truths = sorted(set(table.truth.tolist()))
    parts.append(
        f"truth {truths[0]:g}" if len(truths) == 1 else f"truths {truths[0]:g} to {truths[-1]:g}"
    )
    return ", ".join(parts) + "."


def _closing(one: Measurement) -> Iterator[str]:
    """How to read the numbers, what was left out, and what to beware of."""
    asked, table = one.asked, one.found.table
    yield "In brackets: Monte-Carlo standard errors, by the formulas that other software uses."
    if table.by:
        yield "Other measures, Monte-Carlo intervals and counts: --csv FILE or --json."
    if any(row.reference for row in one.measures):
        yield f"precision_gain: variance of {asked.reference} over that of the method, minus 1."
    ratio = max((row.robust_mcse / row.mcse for row in one.measures if row.mcse > 0.0), default=1.0)
    if ratio > HEAVY:
        yield (
            "Estimates have heavier tails than a normal distribution: robust Monte-Carlo standard "
            f"errors (robust_mcse of --csv and --json) are up to {ratio:.2g} times as large; quote "
            "those."
        )
    for levels, method in dominated(table)[:MOST_SHOWN]:
        place = f" ({', '.join(levels)})" if levels else ""
        yield (
            f"{method}{place}: one estimate makes up more than a tenth of the variance; report the "
            "median beside the mean, and look at that estimate."
        )
    yield POLICY_WORDS[asked.policy]
    if not any(loss.any for loss in one.losses):
        yield "Nothing is missing."


def _missing(one: Measurement) -> Table:
    """What is missing, a row for each cell and method that lacks anything."""
    head = ("data sets", "no row", "no estimate", "infinite", "no SE", "no interval")
    drawn = ruled(", ".join((*one.found.table.by, "method")), *head)
    lacking = [loss for loss in one.losses if loss.any]
    for loss in lacking[:MOST_SHOWN]:
        counts = (loss.expected, loss.rows_missing, loss.estimates_missing)
        more = (loss.estimates_infinite, loss.std_errors_missing, loss.intervals_missing)
        drawn.add_row(", ".join((*loss.levels, loss.method)), *map(str, (*counts, *more)))
    if len(lacking) > MOST_SHOWN:
        drawn.caption = f"and {len(lacking) - MOST_SHOWN} more: --json"
    return drawn
