"""Faults of a file of people: what makes it unfit to be fitted.

Each function returns sentences without the path: a place, then expected, got and advice.
"""

import numpy as np

from stature.arrays import Bools, Floats
from stature.datafile.cells import Kind
from stature.datafile.labels import MOST_GROUPS, Labels
from stature.datafile.sheets import Rows, Sheet
from stature.datafile.units import ASSUMED_UNIT, UNITS, likely_unit, mixed_bands
from stature.datafile.wording import FEW, counted, row_list, rows_where, shown


def structure_faults(sheet: Sheet, drop: bool) -> list[str]:
    """Faults of a sheet as such: no rows, or rows with too few or too many cells."""
    if not len(sheet.rows) and not sheet.ragged.count:
        return ["row 2: expected rows of people below the header, got none"]
    if not sheet.ragged.count or drop:
        return []
    rows = _rows_of(sheet.ragged)
    found = " or ".join(dict.fromkeys(text for _, text in sheet.ragged.first))
    return [
        f"{rows}: expected {counted(len(sheet.header), 'cell')} as in the header, got {found} "
        f"({counted(sheet.ragged.count, 'such row')}; the delimiter is a {sheet.delimiter}: does "
        "it also stand inside cells?); mend the rows, or leave them out with --on-bad-rows drop"
    ]


def unit_fault(unit: str | None) -> list[str]:
    """Faults of the name of a unit.

    Examples
    --------
    >>> unit_fault("ft")
    ['unit: expected cm, m, mm, in or none, got “ft”; convert the heights to one of them']
    """
    if unit is None or unit in UNITS:
        return []
    words = f"{', '.join(UNITS[:-1])} or {UNITS[-1]}"
    return [f"unit: expected {words}, got {shown(unit)}; convert the heights to one of them"]


def number_faults(sheet: Sheet, column: str, drop: bool) -> list[str]:
    """Faults in how the heights are written."""
    faults: list[str] = []
    if sheet.unreadable.count and not drop:
        texts = ", ".join(dict.fromkeys(shown(text) for _, text in sheet.unreadable.first))
        count = sheet.unreadable.count
        faults.append(
            f"column '{column}', {_rows_of(sheet.unreadable)}: expected a number such as 170.5, "
            f"got {texts} ({counted(count, 'such cell')}); write plain numbers in one unit, "
            "decimals with a point, or leave the rows out with --on-bad-rows drop"
        )
    comma = sheet.kinds == Kind.COMMA
    if not comma.any():
        return faults
    point = (sheet.kinds == Kind.NUMBER) & (sheet.values != np.rint(sheet.values))
    if point.any():
        rarer, name = (comma, "comma") if comma.sum() <= point.sum() else (point, "point")
        faults.append(
            f"column '{column}', {rows_where(sheet.rows, rarer)}: expected one decimal sign, got "
            f"both points ({counted(int(point.sum()), 'cell')}) and commas "
            f"({counted(int(comma.sum()), 'cell')}); the rows named have a decimal {name}: write "
            "all alike"
        )
    return faults


def value_faults(sheet: Sheet, column: str, unit: str | None, range_given: bool) -> list[str]:
    """Faults in what the numbers mean: units not named, contradicted or mixed."""
    known = sheet.values[~np.isnan(sheet.values)]
    if not len(known):
        # Cells that are no numbers have their own fault; here all are blank.
        missing = counted(len(sheet.values), "blank cell")
        return (
            []
            if sheet.unreadable.count
            else [f"column '{column}': expected heights, got {missing}"]
        )
    if unit == "none" or (range_given and unit is not None):
        return []
    bands = mixed_bands(known)
    if bands and not range_given:
        at = sheet.rows[~np.isnan(sheet.values)]
        found = ", ".join(
            f"{counted(band.count, 'value')} {band.low:g}–{band.high:g} ({band.words}?, such as "
            f"row {at[band.first]}: {known[band.first]:g})"
            for band in bands
        )
        return [f"column '{column}': expected one unit, got {found}; convert them to one unit"]
    band = likely_unit(known)
    span = f"values {known.min():g}–{known.max():g}, median {np.median(known):g}"
    if unit is None and band and band.unit == ASSUMED_UNIT:
        return []
    if unit is None:
        advice = (
            f"{band.words}? say so with --unit {band.unit}"
            if band
            else "name it with --unit cm, m, mm or in (none, if they are not heights)"
        )
        return [f"column '{column}': the unit is not named, got {span}; {advice}"]
    if band and band.unit != unit:
        return [
            f"column '{column}': expected heights in {unit}, got {span}; {band.words}? say --unit "
            f"{band.unit}, or, if {unit} is right, which heights to believe: --range LOW HIGH"
        ]
    return []


def range_faults(
    sheet: Sheet, column: str, outside: Bools, limits: tuple[float, float]
) -> list[str]:
    """Heights that no person has."""
    if not outside.any():
        return []
    where = rows_where(sheet.rows, outside)
    found = ", ".join(f"{value:g}" for value in dict.fromkeys(sheet.values[outside][:FEW].tolist()))
    count = counted(int(outside.sum()), "such value")
    return [
        f"column '{column}', {where}: expected heights from {limits[0]:g} to {limits[1]:g} cm, got "
        f"{found} ({count}; codes for missing ones?); mend them, widen the range with --range LOW "
        "HIGH, or leave the rows out with --on-bad-rows drop"
    ]


def weight_faults(sheet: Sheet, column: str) -> list[str]:
    """Faults in a column of weights."""
    if sheet.weights is None or not len(sheet.rows):
        return []
    if sheet.bad_weights.count:
        texts = ", ".join(dict.fromkeys(shown(text) for _, text in sheet.bad_weights.first))
        count = counted(sheet.bad_weights.count, "such cell")
        return [
            f"column '{column}', {_rows_of(sheet.bad_weights)}: expected a weight of 0 or more, "
            f"got {texts} ({count}); write how many people the row stands for"
        ]
    if not sheet.weights.sum() > 0.0:
        return [f"column '{column}': all weights are 0: nobody is left to be fitted"]
    return []


def cut_faults_of_people(
    sheet: Sheet, column: str, heights_cm: Floats, cuts_cm: tuple[float | None, float | None]
) -> list[str]:
    """Heights of people who could not have been measured, by what a person says."""
    faults: list[str] = []
    below, above = cuts_cm
    for beyond, side, cut in (
        (heights_cm < (-np.inf if below is None else below), "below", below),
        (heights_cm > (np.inf if above is None else above), "above", above),
    ):
        if beyond.any():
            count = counted(int(beyond.sum()), "height")
            faults.append(
                f"column '{column}', {rows_where(sheet.rows, beyond)}: {count} {side} the cut that "
                f"you named, {cut:g} cm; take the rows out, or name the cut that was made"
            )
    return faults


def label_faults(texts: tuple[str, ...], labels: Labels | None, column: str) -> list[str]:
    """Faults of a group column: too many labels."""
    if not column:
        return []
    if labels is None:
        return [
            f"column '{column}' has {len(texts)} distinct values: expected the names "
            f"of at most {MOST_GROUPS} groups; name another column with --group"
        ]
    return []


def _rows_of(rows: Rows) -> str:
    """Rows of a fault, in words."""
    return row_list([row for row, _ in rows.first], rows.count)
