"""`stature measure`: anybody's table of estimates, measured and printed, for people or as JSON."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from stature.cli.terminal import begin, print_rows, refuse
from stature.datafile.columns import ColumnError
from stature.datafile.estimates import Columns, read_estimates, reference_of
from stature.datafile.examinations import FileError
from stature.datafile.texts import Decimal
from stature.measures.estimates import Asked, TablePolicy, performance_of
from stature.plots.figures import OF_TABLES
from stature.report.estimates import (
    Measured,
    closing,
    figure_of,
    fillable,
    main_tables,
    missing_table,
    opening,
    write_figures,
    write_page,
)
from stature.writing import WriteError, write_text

SUCCESS = 0
SUFFIXES = (".svg", ".png", ".pdf")


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
    page: str | None = None
    plot: tuple[str, ...] = ()
    decimal: Decimal | None = None


def run_measure(request: MeasureRequest) -> int:
    """Measure a table and print what was found."""
    try:
        of = _measured(request)
        if request.csv is not None:
            write_text(Path(request.csv), to_csv(of.performance.rows))
        if request.plot:
            write_figures(of, [Path(name) for name in request.plot])
        if request.page is not None:
            write_page(of, Path(request.page))
    except (FileError, ColumnError, WriteError) as error:
        return refuse("measure", error)
    if request.json:
        print(json.dumps(_document(of), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_measures(of)
    return SUCCESS


def _measured(request: MeasureRequest) -> Measured:
    """Read and measure a table, once all options have been checked."""
    level, names = request.columns.level, [Path(name) for name in request.plot]
    problems: list[str] = []
    if not 0.0 < level < 1.0:
        words = f"expected a number between 0 and 1, got {level:g}"
        problems.append(f"--level: {words}; 0.95 is usual")
    if not isfinite(request.null):
        problems.append(f"--null: expected a finite number, got {request.null:g}; 0 is usual")
    listed = ", ".join(OF_TABLES)
    problems += [
        f"--plot: expected a file named after a figure ({listed}) that ends in "
        f"{', '.join(SUFFIXES)}, got {path}; such as {next(iter(OF_TABLES))}.svg"
        for path in names
        if figure_of(path) is None or path.suffix not in SUFFIXES
    ]
    if problems:
        raise ColumnError(*problems)
    found = read_estimates(request.path, request.columns, request.decimal)
    asked = Asked(reference_of(found.table, request.reference), request.null, request.policy)
    performance = performance_of(found.table, asked)
    unfilled = [path for path in names if figure_of(path) not in fillable(performance)]
    if unfilled:
        needs = {"zip": "standard errors or intervals", "nested-loop": "factors (--by COLUMN)"}
        raise ColumnError(
            *(f"--plot: {path} needs {needs[figure_of(path) or '']}" for path in unfilled)
        )
    return Measured(request.path, found, performance, level)


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Measures as CSV: a header, and a line for each."""
    text, every = io.StringIO(), list(rows)
    writer = csv.DictWriter(text, list(every[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(every)
    return text.getvalue()


def _document(of: Measured) -> dict[str, Any]:
    """What was found as builtin types, by the names of the output."""
    table, asked = of.found.table, of.performance.asked
    losses = [asdict(loss) for loss in of.performance.losses]
    return {
        "file": of.path,
        "sha256": of.found.sha256,
        "rows": len(table.estimate),
        "columns": of.found.columns,
        "methods": list(table.methods),
        **asdict(asked),
        "level": of.level,
        "notes": list(of.found.notes),
        "missing": [dict(zip(table.by, loss.pop("levels"), strict=True)) | loss for loss in losses],
        "measures": of.performance.rows,
    }


def print_measures(of: Measured) -> None:
    """Print measures for a person: a table of all, or, with factors, of the main ones."""
    console = begin((), of.found.notes)
    console.print(opening(of))
    missing = missing_table(of)
    for one in (*main_tables(of), *([] if missing is None else [missing])):
        print_rows(console, one)
    for sentence in closing(of):
        console.print(sentence)
    if of.found.table.by:
        console.print("Other measures, Monte-Carlo intervals and counts: --csv, --page or --json.")
