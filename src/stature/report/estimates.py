"""What a reader is told of anybody's table of estimates: sentences, tables, figures, and a page."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stature import writing
from stature.datafile.digits import rough
from stature.datafile.estimates import FileOfEstimates
from stature.datafile.texts import counted
from stature.measures.estimates import (
    Performance,
    TablePolicy,
    dominated,
    kinds,
    ranked,
)
from stature.plots.figures import OF_TABLES, draw_of_table
from stature.report.shared import Table
from stature.report.words import NOTHING, with_error

if TYPE_CHECKING:
    import pandas as pd

# What is shown of a table with factors, a measure at a time; all are in --csv and --json.
SHOWN = ("bias", "empirical_se", "model_se", "coverage")
POLICIES: dict[TablePolicy, str] = {
    "available": "Each measure takes the data sets in which its method has what it needs.",
    "joint": "Only data sets in which all methods have everything are taken.",
    "worst": "For coverage a missing interval is a miss; else what there is is taken.",
    "best": "For coverage a missing interval is a hit; else what there is is taken.",
}
# Robust errors that are so much larger are those of heavy tails.
HEAVY = 1.2
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Measured:
    """A file of estimates, and what was found of it."""

    path: str  # the file, as it was named
    found: FileOfEstimates
    performance: Performance
    level: float  # of the intervals


def opening(of: Measured) -> str:
    """What the table holds."""
    table, column = of.found.table, of.found.columns["estimate"]
    parts = [f"{of.path}: {counted(len(table.estimate), 'estimate')} in column '{column}'"]
    if len(table.methods) > 1:
        parts.append(counted(len(table.methods), "method"))
    if table.by:
        parts.append(f"{counted(len(table.levels), 'cell')} of {', '.join(table.by)}")
    low, high = float(table.truth.min()), float(table.truth.max())
    parts.append(f"truth {low:g}" if low == high else f"truths {low:g} to {high:g}")
    return f"{', '.join(parts)}."


def closing(of: Measured) -> Iterator[str]:
    """How to read the numbers, what was left out, and what to beware of."""
    asked, table, measures = of.performance.asked, of.found.table, of.performance.measures
    yield "In brackets: Monte-Carlo standard errors, by the formulas that other software uses."
    if any(row.reference for row in measures):
        yield f"precision_gain: variance of {asked.reference} over that of the method, minus 1."
    ratios = [row.robust_mcse / row.mcse for row in measures if row.mcse > 0.0]
    ratio = max((one for one in ratios if np.isfinite(one)), default=1.0)
    if ratio > HEAVY:
        yield (
            "Estimates have heavier tails than a normal distribution: robust Monte-Carlo standard "
            f"errors (robust_mcse of --csv and --json) are up to {rough(ratio)} times as large; "
            "quote those."
        )
    for levels, method in dominated(table)[:MOST_SHOWN]:
        place = f" ({', '.join(levels)})" if levels else ""
        yield (
            f"{method}{place}: one estimate makes up more than a tenth of the variance; report the "
            "median beside the mean, and look at that estimate."
        )
    yield POLICIES[asked.policy]
    if not any(loss.any for loss in of.performance.losses):
        yield "Nothing is missing."


def main_tables(of: Measured) -> list[Table]:
    """All measures of the one cell, or, with factors, the main ones one by one."""
    table, measures = of.found.table, of.performance.measures
    here = {(row.levels, row.measure, row.method): row for row in measures}
    order = list(dict.fromkeys(row.measure for row in measures))

    def cells(levels: tuple[str, ...], measure: str) -> tuple[str, ...]:
        rows = (here[levels, measure, method] for method in table.methods)
        return tuple(with_error(row.value, row.mcse) for row in rows)

    if not table.by:
        rows = ((measure, *cells((), measure)) for measure in order)
        known = tuple(row for row in rows if set(row[1:]) != {NOTHING})
        return [Table("Measures", ("measure", *table.methods), known)]
    head = (", ".join(table.by), *table.methods)
    shown = [
        Table(
            measure,
            head,
            tuple((", ".join(levels), *cells(levels, measure)) for levels in table.levels),
        )
        for measure in SHOWN
    ]
    return [one for one in shown if any(set(row[1:]) != {NOTHING} for row in one.rows)]


def missing_table(of: Measured) -> Table | None:
    """What is missing, a row for each cell and method that lacks anything; None: nothing is."""
    lacking = [loss for loss in of.performance.losses if loss.any]
    if not lacking:
        return None
    head = ("data sets", "no row", "no estimate", "infinite", "no SE", "no interval")
    rows = tuple(
        (", ".join((*loss.levels, loss.method)), *map(str, loss.counts))
        for loss in lacking[:MOST_SHOWN]
    )
    more = f" (the first {MOST_SHOWN} of {len(lacking)})" if len(lacking) > MOST_SHOWN else ""
    return Table(f"What is missing{more}", (", ".join((*of.found.table.by, "method")), *head), rows)


def frames(of: Performance) -> "dict[str, pd.DataFrame]":
    """The tables that figures are drawn from."""
    import pandas as pd

    parts = [
        pd.DataFrame(columns).assign(
            population=", ".join(levels), estimator=method, truth=of.table.truth[cell]
        )
        for cell, levels in enumerate(of.table.levels)
        for method, columns in ranked(of.table, cell).items()
    ]
    single = pd.concat(parts, ignore_index=True)
    covers = (single["lower"] <= single["truth"]) & (single["truth"] <= single["upper"])
    return {"measures": pd.DataFrame(of.rows), "intervals": single.assign(covers=covers)}


def fillable(of: Performance) -> list[str]:
    """Names of the figures that a table can fill."""
    lacks = {"nested-loop": not of.table.by, "zip": of.table.lower is None}
    return [name for name in OF_TABLES if not lacks.get(name, False)]


def write_figures(of: Measured, paths: Sequence[Path]) -> None:
    """Draw figures, each into the file whose name ends with its own."""
    from stature.plots.style import save

    tables = frames(of.performance)
    for path in paths:
        name = figure_of(path)
        save(draw_of_table(name or "", tables, of.level), [path])


def figure_of(path: Path) -> str | None:
    """Name of the figure that a file is named after; None: there is none."""
    return next((name for name in OF_TABLES if path.stem.endswith(name)), None)


def write_page(of: Measured, path: Path) -> None:
    """Write the page of a table, whole or not at all."""
    from stature.report.drawings import drawing, palette
    from stature.report.shared import environment

    names = fillable(of.performance)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.svg" for name in names]
        write_figures(of, paths)
        figures = [(OF_TABLES[one.stem], drawing(one)) for one in paths]
    colours = palette(drawn for _, drawn in figures)
    page = (
        environment()
        .get_template("estimates.html.j2")
        .render(
            of=of,
            opening=opening(of),
            closing=list(closing(of)),
            tables=main_tables(of),
            missing=missing_table(of),
            figures=figures,
            palette=colours,
            every=_every(of),
            definitions=[
                (one.name, one.definition.replace("95 %", f"{100.0 * of.level:g} %"), one.mcse)
                for one in kinds(of.performance.asked.null)
            ],
        )
    )
    writing.write_text(path, page)


def _every(of: Measured) -> Table:
    """All measures, with their robust errors and counts."""
    head = (*of.found.table.by, "measure", "method", "value", "robust error", "used", "left out")
    rows = tuple(
        (
            *row.levels,
            row.measure,
            row.method,
            with_error(row.value, row.mcse),
            with_error(row.value, row.robust_mcse).partition("(")[2].rstrip(")"),
            str(row.replicates_used),
            str(row.replicates_failed),
        )
        for row in of.performance.measures
    )
    return Table("All measures", head, rows)
