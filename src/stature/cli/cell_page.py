"""Page and JSON of a fitted table of counts."""

import json
import sys
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stature.cli.cell_fits import CellFit
from stature.cli.json_text import plain_finding, without_nan
from stature.cli.page import PLAIN_WIDTH, estimates_table
from stature.cli.request import FitRequest
from stature.cli.sentences import UNIT_WORDS, fit_sentences, model_words
from stature.datafile.frequencies import Frequencies, closed_ends

# A fit that leaves less than this to chance does not describe the table.
SMALL_P = 0.01


def print_cell_page(request: FitRequest, table: Frequencies, fits: tuple[CellFit, ...]) -> None:
    """Print the fits of a table for a person."""
    for warning in table.warnings:
        print(f"warning: {table.path}: {warning}", file=sys.stderr)
    for note in notes(request, table):
        print(f"note: {note}", file=sys.stderr)
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(markup=False, highlight=False, emoji=False, width=width)
    unit = "" if table.unit == "none" else "cm"
    column_unit, sentence_unit = (f", {unit}", f" {unit}") if unit else ("", "")
    console.print(
        f"{table.path}: {table.count.sum():g} people in {len(table.count)} cells, columns "
        f"{', '.join(table.columns)} in {UNIT_WORDS[table.unit]}."
    )
    ends = table.lower_cm[1], table.upper_cm[-2]
    for one in fits:
        console.print()
        model = one.finding.estimator.model
        words = model_words(model)
        if len(one.finding.group_names) == 1:
            words = words.replace("groups hidden", "one group", 1)
        title = f"{one.finding.estimator.name}: {words}"
        console.print(title, style="bold")
        console.print(estimates_table(one.finding, column_unit))
        for sentence in fit_sentences(one.finding, ends, sentence_unit):
            console.print(sentence)
        console.print(goodness_sentence(one))
    console.print()
    console.print(f"People in each cell{column_unit}, and expected", style="bold")
    console.print(_expected_table(table, fits))


def cell_json(request: FitRequest, table: Frequencies, fits: tuple[CellFit, ...]) -> str:
    """Write the fits of a table as one JSON object."""
    document: dict[str, Any] = {
        "file": table.path,
        "sha256": table.sha256,
        "columns": list(table.columns),
        "unit": table.unit,
        "people": float(table.count.sum()),
        "warnings": [
            *(f"{table.path}: {warning}" for warning in table.warnings),
            *notes(request, table),
        ],
        "seed": request.seed,
        "cells": {
            "lower_cm": table.lower_cm.tolist(),
            "upper_cm": table.upper_cm.tolist(),
            "count": table.count.tolist(),
        },
        "estimators": {
            one.finding.estimator.name: plain_finding(one.finding, with_people=False)
            | {
                "expected": list(one.expected),
                "chi_square": one.chi_square,
                "joined_cells": one.cells,
                "degrees_of_freedom": one.freedom,
                "p_value": one.p_value,
            }
            for one in fits
        },
    }
    return json.dumps(without_nan(document), indent=2, allow_nan=False)


def notes(request: FitRequest, table: Frequencies) -> list[str]:
    """Say what was made of a table, and what is taken of people beyond it."""
    return [*table.notes, *closed_ends(table, request.below_cm, request.above_cm)]


def goodness_sentence(one: CellFit) -> str:
    """Say how well a fit describes its table."""
    if not one.cells:
        return "No chi-square: there is no fit to compare with."
    if one.freedom < 1:
        return (
            f"No chi-square: {one.cells} cells that expect five people or more are too few for so "
            "many parameters."
        )
    verdict = "the table speaks against it" if one.p_value < SMALL_P else "it describes the table"
    return (
        f"Chi-square {one.chi_square:.2f} on {one.freedom} degrees of freedom ({one.cells} cells "
        f"once small ones are joined): p = {one.p_value:.2g}, {verdict}."
    )


def _expected_table(table: Frequencies, fits: tuple[CellFit, ...]) -> Table:
    """Counts beside what each fit expects, a row for each cell."""
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    drawn.add_column("cell", justify="right")
    drawn.add_column("people", justify="right")
    for one in fits:
        drawn.add_column(one.finding.estimator.name, justify="right", overflow="fold")
    for i, (low, high) in enumerate(zip(table.lower_cm, table.upper_cm, strict=True)):
        ends = " – ".join("" if np.isinf(end) else f"{end:.2f}" for end in (low, high))
        expected = ["–" if np.isnan(one.expected[i]) else f"{one.expected[i]:.1f}" for one in fits]
        drawn.add_row(ends, f"{table.count[i]:g}", *expected)
    return drawn
