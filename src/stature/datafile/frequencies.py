"""Frequencies: tables of cells or points with how many people stand in each.

Old books print heights so, and people who catch fish. A table is told from a file of people by the
names of its columns; every fault is told at once, each in one line with its place.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stature.arrays import Floats
from stature.datafile.cell_faults import (
    cell_warnings,
    cut_faults,
    range_faults_of_cells,
    unit_faults_of_cells,
)
from stature.datafile.cell_tables import count_faults, parsed, touching
from stature.datafile.columns import HEIGHT_NAMES, count_columns, unit_in_name
from stature.datafile.examinations import NO_LIMITS, refusal, told
from stature.datafile.faults import unit_fault
from stature.datafile.sheet_files import read_records
from stature.datafile.sheets import SheetError
from stature.datafile.units import ASSUMED_UNIT, CM_PER_UNIT, HIGHEST_CM, LOWEST_CM

# A table of more rows is one of people.
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Frequencies:
    """A table of cells, ascending, each of which touches the next."""

    path: str  # the file, as it was named
    # shape (m,): ends of the cells in cm; in the numbers of the file when the unit is ``none``
    lower_cm: Floats
    upper_cm: Floats
    count: Floats  # shape (m,): people in each
    unit: str  # unit of the file
    columns: tuple[str, ...]  # names of the columns that were read
    sha256: str  # digest of the bytes that were read
    # what a reader should know, and what was made of the table, without the path
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def header_of(path: str | Path) -> tuple[str, ...]:
    """Names of the columns of a text file."""
    try:
        return read_records(Path(path), 0).header
    except SheetError:
        return ()


def read_frequencies(
    path: str | Path,
    unit: str | None = None,
    *,
    gaps_are_empty: bool = False,
    height_range: tuple[float, float] | None = None,
    below_cm: float | None = None,
    above_cm: float | None = None,
) -> Frequencies:
    """Read a table of counts."""
    try:
        records = read_records(Path(path), MOST_ROWS)
    except SheetError as error:
        place = f"{error.place}: " if error.place else ""
        raise refusal(path, (("file", place + error.problem),)) from error
    columns = count_columns(records.header)
    if columns is None:
        words = f"header: expected lower…, upper… and count, got {', '.join(records.header)}"
        raise refusal(path, (("columns", words),))
    heights = [name for name in records.header if name.lower() in HEIGHT_NAMES]
    if heights and not columns.are_points:
        ends = ", ".join(records.header[i] for i in (columns.lower, columns.upper, columns.count))
        words = f"header: cells with counts ({ends}) and heights ({', '.join(heights)}): choose"
        advice = "name --height COLUMN for a row a person, or take that column out"
        raise refusal(path, (("columns", f"{words}: {advice}"),))
    table, faults = parsed(records, columns)
    named = unit or unit_in_name(records.header[columns.lower])
    faults += told("unit", unit_fault(unit))
    notes: list[str] = []
    if table is not None and not faults:
        faults += count_faults(table)
        table, found, notes = touching(table, columns, gaps_are_empty)
        faults += found
        faults += unit_faults_of_cells(table, named, height_range is not None)
    if table is not None and not faults:
        usual = NO_LIMITS if named == "none" else (LOWEST_CM, HIGHEST_CM)
        faults += range_faults_of_cells(table, named or ASSUMED_UNIT, height_range or usual)
        faults += cut_faults(table, named or ASSUMED_UNIT, below_cm, above_cm)
    if faults or table is None:
        raise refusal(path, tuple(faults))
    factor = CM_PER_UNIT[named or ASSUMED_UNIT]
    warnings = cell_warnings(table)
    if not named:
        warnings.insert(0, "the unit is not named; taken as cm (say --unit cm to confirm)")
    return Frequencies(
        path=str(path),
        lower_cm=factor * table.lower,
        upper_cm=factor * table.upper,
        count=table.count,
        unit=named or ASSUMED_UNIT,
        columns=tuple(
            records.header[i] for i in dict.fromkeys((columns.lower, columns.upper, columns.count))
        ),
        sha256=records.sha256,
        warnings=tuple(warnings),
        notes=tuple(notes),
    )


def closed_ends(
    table: Frequencies, below_cm: float | None = None, above_cm: float | None = None
) -> list[str]:
    """Say what a fit takes of people beyond a table.

    One sentence; none where ends are open or cut.
    """
    low, high = float(table.lower_cm[0]), float(table.upper_cm[-1])
    unit = "" if table.unit == "none" else " cm"
    ends = [f"below {low:.6g}{unit}"] if np.isfinite(low) and below_cm is None else []
    ends += [f"above {high:.6g}{unit}"] if np.isfinite(high) and above_cm is None else []
    closed = "the end cells are closed: a fit takes it that nobody stood"
    return [f"{closed} {' or '.join(ends)}"] if ends else []
