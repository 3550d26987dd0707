"""Faults of a file of people: what makes it unfit, and what a reader should be warned of.

Each function returns sentences without the path: a place, then expected, got and advice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stature.tables.cells import Kind, shown
from stature.tables.labels import MOST_GROUPS, Labels
from stature.tables.sheets import FEW, Choice, Rows, Sheet
from stature.tables.units import ASSUMED_UNIT, likely_unit, mixed_bands

# A height this many robust SDs (1.4826 MAD) from the median is an outlier to look at.
FAR_ROBUST_Z = 6.0
MAD_TO_SD = 1.4826
# A file of so few distinct heights was rounded beyond what a fit of exact heights can bear.
FEW_DISTINCT = 2


def row_list(rows: Sequence[int], count: int) -> str:
    """Rows in words: the first few, and that there are more.

    Parameters
    ----------
    rows : sequence of int
        Row numbers, at least the first few.
    count : int
        How many there are in all.

    Returns
    -------
    str
        Such as ``rows 5, 9, 12, 13, 20, …``.

    Examples
    --------
    >>> row_list([5], 1), row_list([5, 9, 12, 13, 20], 7)
    ('row 5', 'rows 5, 9, 12, 13, 20, …')
    """
    first = ", ".join(str(row) for row in rows[:FEW])
    more = ", …" if count > FEW else ""
    return f"row{'s' if count > 1 else ''} {first}{more}"


def structure_faults(sheet: Sheet, drop: bool) -> list[str]:
    """Faults of a sheet as such: no rows, or rows with too few or too many cells.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    drop : bool
        Whether bad rows are dropped instead of refused.

    Returns
    -------
    list of str
        The faults.
    """
    if not len(sheet.rows) and not sheet.ragged.count:
        return ["row 2: expected rows of people below the header, got none"]
    if not sheet.ragged.count or drop:
        return []
    rows = _rows_of(sheet.ragged)
    found = ", ".join(dict.fromkeys(text for _, text in sheet.ragged.first))
    return [
        f"{rows}: expected {len(sheet.header)} cells as in the header, got {found} "
        f"({_counted(sheet.ragged.count, 'such row')}); mend the rows (is a {sheet.delimiter} also "
        "used inside cells?), or leave them out with --on-bad-rows drop"
    ]


def number_faults(sheet: Sheet, column: str, drop: bool) -> list[str]:
    """Faults in how the heights are written.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    column : str
        Name of the column of heights.
    drop : bool
        Whether cells that are no numbers are dropped instead of refused.

    Returns
    -------
    list of str
        The faults.
    """
    faults: list[str] = []
    if sheet.unreadable.count and not drop:
        texts = ", ".join(dict.fromkeys(shown(text) for _, text in sheet.unreadable.first))
        count = sheet.unreadable.count
        faults.append(
            f"column '{column}', {_rows_of(sheet.unreadable)}: expected a number such as 170.5, "
            f"got {texts} ({_counted(count, 'such cell')}); write plain numbers in one unit, "
            "decimals with a point, or leave the rows out with --on-bad-rows drop"
        )
    comma = sheet.kinds == Kind.COMMA
    if not comma.any():
        return faults
    point = (sheet.kinds == Kind.NUMBER) & (sheet.values != np.rint(sheet.values))
    if point.any():
        rarer, name = (comma, "comma") if comma.sum() <= point.sum() else (point, "point")
        faults.append(
            f"column '{column}', {_where(sheet.rows, rarer)}: expected one decimal sign, got both "
            f"points ({point.sum()} cells) and commas ({comma.sum()} cells); the rows with a "
            f"decimal {name} are named: write all alike"
        )
    return faults


def value_faults(sheet: Sheet, column: str, unit: str | None, range_given: bool) -> list[str]:
    """Faults in what the numbers mean: units not named, contradicted or mixed.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    column : str
        Name of the column of heights.
    unit : str or None
        Unit of the column, where the person or the name of the column says it.
    range_given : bool
        Whether the person said which heights to believe: then their numbers are not doubted.

    Returns
    -------
    list of str
        The faults.
    """
    known = sheet.values[~np.isnan(sheet.values)]
    if not len(known):
        return [f"column '{column}': expected heights, got {len(sheet.values)} cells without one"]
    if unit == "none" or (range_given and unit is not None):
        return []
    bands = mixed_bands(known)
    if bands and not range_given:
        at = sheet.rows[~np.isnan(sheet.values)]
        found = ", ".join(
            f"{_counted(band.count, 'value')} {band.low:g}–{band.high:g} ({band.words}?, such as "
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


def far_away(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each value from the median, in robust SDs.

    Parameters
    ----------
    values : array, shape (n,)
        Values; not empty.

    Returns
    -------
    array, shape (n,)
        ``(x - median) / (1.4826 MAD)``; 0 where more than half of the values are equal.

    Examples
    --------
    >>> far_away(np.array([1.0, 2.0, 3.0, 4.0, 100.0])).round(1).tolist()
    [-1.3, -0.7, 0.0, 0.7, 65.4]
    """
    offsets = values - np.median(values)
    spread = MAD_TO_SD * float(np.median(np.abs(offsets)))
    return offsets / spread if spread > 0.0 else np.zeros_like(values)


def height_warnings(values: NDArray[np.float64], rows: NDArray[np.int64], column: str) -> list[str]:
    """Warnings about the heights that are kept: outliers, and hardly any distinct values.

    Parameters
    ----------
    values : array, shape (n,)
        Kept numbers, as they stand in the file.
    rows : array of int64, shape (n,)
        Their row numbers.
    column : str
        Name of the column of heights.

    Returns
    -------
    list of str
        The warnings.
    """
    warnings: list[str] = []
    distances = far_away(values)
    far = np.abs(distances) > FAR_ROBUST_Z
    if far.any():
        worst = int(np.argmax(np.abs(distances)))
        side = "below" if distances[worst] < 0.0 else "above"
        warnings.append(
            f"column '{column}', {_where(rows, far)}: {_counted(int(far.sum()), 'value')} far from "
            f"the rest; row {rows[worst]}: {values[worst]:g} lies {abs(distances[worst]):.1f} "
            f"robust SDs {side} the median; look at the rows (height and weight swapped?), for "
            "one of them can become a group of its own"
        )
    distinct = len(np.unique(values))
    if distinct <= FEW_DISTINCT:
        warnings.append(
            f"column '{column}': only {_counted(distinct, 'distinct value')}; heights so rounded "
            "cannot be fitted as exact ones"
        )
    return warnings


def range_faults(
    sheet: Sheet, column: str, outside: NDArray[np.bool_], limits: tuple[float, float]
) -> list[str]:
    """Heights that no person has.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    column : str
        Name of the column of heights.
    outside : array of bool, shape (n,)
        Rows whose height is out of range.
    limits : (float, float)
        The range, in cm.

    Returns
    -------
    list of str
        The faults.
    """
    if not outside.any():
        return []
    found = ", ".join(f"{value:g}" for value in dict.fromkeys(sheet.values[outside][:FEW].tolist()))
    return [
        f"column '{column}', {_where(sheet.rows, outside)}: expected heights from {limits[0]:g} to "
        f"{limits[1]:g} cm, got {found} ({_counted(int(outside.sum()), 'such value')}; codes for "
        "missing ones?); mend them, widen the range with --range LOW HIGH, or leave the rows out "
        "with --on-bad-rows drop"
    ]


def label_faults(sheet: Sheet, labels: Labels | None, column: str) -> list[str]:
    """Faults of a group column: too many labels, or none.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    labels : Labels or None
        The groups; None when there are too many.
    column : str
        Name of the group column; empty without one.

    Returns
    -------
    list of str
        The faults.
    """
    if not column:
        return []
    if labels is None:
        return [
            f"column '{column}': expected names of at most {MOST_GROUPS} groups, got "
            f"{len(sheet.label_texts)} distinct values; name the column of groups with --group"
        ]
    if len(sheet.rows) and not labels.names:
        return [f"column '{column}': expected names of groups, got blank cells only"]
    return []


def sheet_warnings(sheet: Sheet, choice: Choice) -> list[str]:
    """Warnings about rows that repeat each other or belong together.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    choice : Choice
        The columns that were read.

    Returns
    -------
    list of str
        The warnings.
    """
    warnings: list[str] = []
    if choice.identity is not None and sheet.repeated_identities:
        warnings.append(
            f"column '{sheet.header[choice.identity]}': "
            f"{_counted(sheet.repeated_identities, 'row')} with an identity that stood there "
            "before; somebody measured twice counts as two people"
        )
    # With nothing but heights and groups in a file, rows repeat naturally.
    told_columns = 1 if choice.group is None else 2
    if sheet.repeated_rows and len(sheet.header) > told_columns:
        warnings.append(
            f"{_counted(sheet.repeated_rows, 'row')} equal to an earlier row in every column; kept"
        )
    if choice.cluster is not None and sheet.clusters < len(sheet.rows):
        warnings.append(
            f"column '{sheet.header[choice.cluster]}': {sheet.clusters} distinct values in "
            f"{len(sheet.rows)} rows; the rows of one family or cluster are not independent, so "
            "the standard errors are too small"
        )
    return warnings


def label_warnings(
    names: tuple[str, ...],
    counts: NDArray[np.int64],
    alike: tuple[tuple[str, ...], ...],
    column: str,
) -> list[str]:
    """Warnings about groups: alike names, more or fewer than two, hardly anybody in one.

    Parameters
    ----------
    names : tuple of str
        The groups.
    counts : array, shape (k,)
        People of each group.
    alike : tuple of tuple of str
        Names that differ only by case or spaces.
    column : str
        Name of the group column.

    Returns
    -------
    list of str
        The warnings.
    """
    warnings = [
        f"column '{column}': {' and '.join(shown(name) for name in family)} differ only by case or "
        "spaces and are kept apart; make them one with --merge-labels"
        for family in alike
    ]
    sizes = list(zip(names, counts.tolist(), strict=True))
    if len(names) > 2:
        listed = ", ".join(f"{name} {count}" for name, count in sizes)
        warnings.append(
            f"column '{column}': {len(names)} groups, not two ({listed}); each is fitted as a group"
        )
    if len(names) == 1:
        warnings.append(f"column '{column}': one group only, '{names[0]}'")
    warnings += [
        f"column '{column}': group '{name}' has 1 row, which tells nothing about its SD"
        for name, count in sizes
        if count == 1
    ]
    return warnings


def _rows_of(rows: Rows) -> str:
    """Rows of a fault, in words."""
    return row_list([row for row, _ in rows.first], rows.count)


def _where(rows: NDArray[np.int64], mask: NDArray[np.bool_]) -> str:
    """Rows of a mask, in words."""
    return row_list(rows[mask][:FEW].tolist(), int(mask.sum()))


def _counted(count: int, noun: str) -> str:
    """A count and its noun, such as ``1 row`` or ``3 rows``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
