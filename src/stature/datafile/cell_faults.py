"""Faults of a table of cells that is in order: units, heights that nobody has, cuts, wide cells.

Each function returns sentences without the path; faults come with what they are about.
"""

import numpy as np

from stature.datafile.cell_tables import SAME, CellTable, cell_words, widths
from stature.datafile.examinations import Remark
from stature.datafile.units import ASSUMED_UNIT, CM_PER_UNIT, HIGHEST_CM, likely_unit
from stature.datafile.wording import counted, row_list

# Rows by which a unit is guessed, whatever the counts are.
GUESSING_ROWS = 1000.0


def unit_faults_of_cells(table: CellTable, unit: str | None, range_given: bool) -> list[Remark]:
    """A unit that is not named, or that the table contradicts."""
    if unit == "none" or (range_given and unit is not None) or not (table.count > 0.0).any():
        return []
    repeats = np.ceil(GUESSING_ROWS * np.maximum(table.count, 0.0) / table.count.max())
    values = np.repeat(table.middle, repeats.astype(np.int64))
    band = likely_unit(values)
    span = f"cells {table.middle.min():g}–{table.middle.max():g}, median {np.median(values):g}"
    if unit is None and band and band.unit == ASSUMED_UNIT:
        return []
    if unit is None:
        guess = (
            f"{band.words}? say so with --unit {band.unit}"
            if band
            else ("name it with --unit cm, m, mm or in (none, if they are not heights)")
        )
        return [("unit", f"the unit is not named, got {span}; {guess}")]
    if band and band.unit != unit:
        words = f"expected heights in {unit}, got {span}; {band.words}? say --unit {band.unit}"
        return [("unit", f"{words}, or, if {unit} is right, which to believe: --range LOW HIGH")]
    return []


def range_faults_of_cells(table: CellTable, unit: str, limits: tuple[float, float]) -> list[Remark]:
    """Cells with people where no person is."""
    filled = table.count > 0.0
    middle_cm = CM_PER_UNIT[unit] * table.middle
    outside = filled & ((middle_cm < limits[0]) | (middle_cm > limits[1]))
    if not outside.any():
        return []
    rows = table.rows[outside].tolist()
    i = int(np.argmax(outside))
    return [
        (
            "heights",
            f"{row_list(rows, len(rows))}: expected heights from {limits[0]:g} to {limits[1]:g} "
            f"cm, got people in {cell_words(table, i)}; mend them, widen the range with --range "
            "LOW HIGH, or say --unit none if they are not heights",
        )
    ]


def cell_warnings(table: CellTable) -> list[str]:
    """Cells too wide or too few for an SD."""
    people = table.count / table.count.sum()
    closed = widths(table)[np.isfinite(widths(table))]
    widest = float(closed.max(initial=0.0))
    mean = float(people @ table.middle)
    sd = float(np.sqrt(people @ (table.middle - mean) ** 2))
    filled = int((table.count > 0.0).sum())
    words = "the SD rests on the normal shape, not on the data"
    if filled <= 2:
        return [f"only {counted(filled, 'cell')} with people: {words}"]
    if widest > sd:
        return [f"a cell of {widest:g} is wider than the SD of about {sd:.3g}: {words}"]
    return []


def cut_faults(
    table: CellTable, unit: str, below_cm: float | None, above_cm: float | None
) -> list[Remark]:
    """People who could not have been measured, by what a person says."""
    faults: list[Remark] = []
    factor = CM_PER_UNIT[unit]
    slack = SAME * HIGHEST_CM
    low = -np.inf if below_cm is None else below_cm - slack
    high = np.inf if above_cm is None else above_cm + slack
    for beyond, side, cut in (
        (factor * table.lower < low, "below", below_cm),
        (factor * table.upper > high, "above", above_cm),
    ):
        wrong = beyond & (table.count > 0.0)
        if wrong.any():
            rows = table.rows[wrong].tolist()
            i = int(np.argmax(wrong))
            words = f"people in {cell_words(table, i)} stand {side} the cut that you named"
            advice = "take the cells out, or name the cut where a cell begins"
            faults.append(
                ("heights", f"{row_list(rows, len(rows))}: {words}, {cut:g} cm; {advice}")
            )
    return faults
