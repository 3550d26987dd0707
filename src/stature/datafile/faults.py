"""Faults of a file with a row for each person, and what a reader should know of any file.

Each function returns sentences without the path: a place, then expected, got and advice.
"""

import re

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.datafile.columns import MOST_GROUPS, Labels, likely_unit, mixed_bands
from stature.datafile.counting import MOST
from stature.datafile.digits import rough
from stature.datafile.request import Cuts
from stature.datafile.sheets import Sheet
from stature.datafile.texts import FEW, Kind, counted, numbers, rows_where, shown
from stature.datafile.units import ASSUMED_UNIT, PEOPLE, UNITS, Nouns

# A height this many robust SDs (1.4826 MAD) from the median is an outlier to look at.
FAR_ROBUST_Z = 6.0
# Values this far off are a sign of a group of outliers where there are so many of them, and so many
# times as many as in a normal sample: beyond 4 SDs on one side lie 3.2 of 100,000.
ODD_ROBUST_Z, BEYOND_ODD = 4.0, 3.167e-5
FEWEST_ODD, ODD_TIMES = 3, 10.0
MAD_TO_SD = 1.4826
# A file of so few distinct heights was rounded beyond what a fit of exact heights can bear.
FEW_DISTINCT = 2
# ASSUME hidden groups like pupils': half girls of 163 +- 6.5 cm, half boys of 176 +- 7 cm. The
# smallest standard error of the girls' mean is then 63.9 cm / sqrt(n), by quadrature of the Fisher
# information (`stature.theory`); the tests derive it again.
BOUND_OF_MEAN_CM = 63.9
SD_OF_GIRLS_CM = 6.5
# Medians of heights in feet, and heights in feet and inches as people write them.
FEET_OF_PEOPLE = (4.5, 6.5)
FEET_AND_INCHES = re.compile(r"\s*[3-7]\s*(?:['’′:-]|ft\.?|feet|foot)\s*\d{1,2}\D*")
# Below this many people nothing can be said of hidden groups in general.
FEW_PEOPLE = 30


def structure_faults(sheet: Sheet, drop: bool) -> list[str]:
    """Faults of a sheet as such: no rows, or rows with too few or too many cells."""
    table = bool(sheet.choice.table)
    if not len(sheet.rows) and not sheet.ragged.count:
        things = "cells" if table else "rows"
        return [f"row 2: expected {things} below the header, got none"]
    if not sheet.ragged.count or (drop and not table):
        return []
    found = " or ".join(dict.fromkeys(text for _, text in sheet.ragged.first))
    advice = "" if table else ", or leave them out with --on-bad-rows drop"
    return [
        f"{sheet.ragged.where}: expected {counted(len(sheet.header), 'cell')} as in the header, "
        f"got {found} ({counted(sheet.ragged.count, 'such row')}; the delimiter is a "
        f"{sheet.delimiter}: does it also stand inside cells?); mend the rows{advice}"
    ]


def unit_name_faults(unit: str | None) -> list[str]:
    """Faults of the name of a unit."""
    if unit is None or unit in UNITS:
        return []
    words = f"{', '.join(UNITS[:-1])} or {UNITS[-1]}"
    return [f"unit: expected {words}, got {shown(unit)}; convert the values to one of them"]


def number_faults(sheet: Sheet, column: str, drop: bool) -> list[str]:
    """Faults in how the heights are written."""
    faults: list[str] = []
    # That hardly a cell can be read may follow from marks that are unclear.
    follow = sheet.unclear and 2 * sheet.unreadable.count > len(sheet.rows)
    are_feet = any(FEET_AND_INCHES.fullmatch(text) for _, text in sheet.unreadable.first)
    feet = ", such as 67 for 5'7\"" if are_feet else ""
    if sheet.unreadable.count and not (drop or follow):
        faults.append(
            f"column '{column}', {sheet.unreadable.where}: expected a number such as 170.5, got "
            f"{sheet.unreadable.texts} ({counted(sheet.unreadable.count, 'such cell')}); write "
            f"plain numbers in one unit{feet}, decimals with a point, or leave the rows out with "
            "--on-bad-rows drop"
        )
    comma = sheet.kinds == Kind.COMMA
    point = (sheet.kinds == Kind.NUMBER) & (sheet.values != np.rint(sheet.values))
    if comma.any() and point.any():
        rarer, name = (comma, "comma") if comma.sum() <= point.sum() else (point, "point")
        faults.append(
            f"column '{column}', {rows_where(sheet.rows, rarer)}: expected one decimal sign, got "
            f"both points ({counted(int(point.sum()), 'cell')}) and commas "
            f"({counted(int(comma.sum()), 'cell')}); the rows named have a decimal {name}: write "
            "all alike"
        )
    elif sheet.unclear:
        faults.append(sheet.unclear)
    return faults


def value_faults(sheet: Sheet, column: str, unit: str | None, range_given: bool) -> list[str]:
    """Faults in what the numbers mean: none there, or units not named, contradicted or mixed."""
    there = ~np.isnan(sheet.values)
    known = sheet.values[there]
    if not len(known):
        # Cells that are no numbers have their own fault; here all are blank.
        missing = counted(len(sheet.values), "blank cell")
        return (
            []
            if sheet.unreadable.count
            else [f"column '{column}': expected numbers, got {missing}"]
        )
    bands = () if unit == "none" or range_given else mixed_bands(known)
    if bands:
        at = sheet.rows[there]
        found = ", ".join(
            f"{counted(band.count, 'value')} {band.low:.15g}–{band.high:.15g} ({band.words}?, such "
            f"as row {at[band.first]}: {known[band.first]:.15g})"
            for band in bands
        )
        return [f"column '{column}': expected one unit, got {found}; convert them to one unit"]
    span = f"values {known.min():.15g}–{known.max():.15g}"
    return [f"column '{column}': {words}" for words in unit_faults(known, span, unit, range_given)]


def unit_faults(values: Floats, span: str, unit: str | None, range_given: bool) -> list[str]:
    """A unit that is not named, or that the numbers contradict."""
    if unit == "none" or (range_given and unit is not None) or not len(values):
        return []
    band = likely_unit(values)
    span += f", median {np.median(values):.15g}"
    if unit is None and band and band.unit == ASSUMED_UNIT:
        return []
    if unit is None:
        low, high = FEET_OF_PEOPLE
        if band:
            advice = f"{band.words}? say so with --unit {band.unit}"
        elif low <= np.median(values) <= high:
            advice = "feet, or feet.inches? convert them to inches, and say --unit in"
        else:
            advice = "name it with --unit cm, m, mm or in (none, if they are not heights)"
        return [f"the unit is not named, got {span}; {advice}"]
    if band and band.unit != unit:
        return [
            f"expected heights in {unit}, got {span}; {band.words}? say --unit {band.unit}, or, if "
            f"{unit} is right, which heights to believe: --range LOW HIGH"
        ]
    return []


def range_faults(sheet: Sheet, column: str, outside: Bools, believed: str) -> list[str]:
    """Heights that no person has."""
    if not outside.any():
        return []
    found = ", ".join(
        f"{value:.15g}" for value in dict.fromkeys(sheet.values[outside][:FEW].tolist())
    )
    return [
        f"column '{column}', {rows_where(sheet.rows, outside)}: expected heights from "
        f"{believed}, got {found} "
        f"({counted(int(outside.sum()), 'such value')}; codes for missing ones?); mend them, widen "
        "the range with --range LOW HIGH, say --unit none if they are not heights, or leave the "
        "rows out with --on-bad-rows drop"
    ]


def weight_faults(sheet: Sheet, drop: bool) -> list[str]:
    """Faults in a column of weights, beside heights that are there."""
    if sheet.weights is None or sheet.choice.weight is None or not len(sheet.rows):
        return []
    column, bad = sheet.header[sheet.choice.weight], sheet.bad_weights
    if bad.count and not drop:
        huge = any(numbers([text])[0][0] > MOST for _, text in bad.first)
        most = f" and at most {MOST:g}" if huge else ""
        return [
            f"column '{column}', {bad.where}: expected a weight of 0 or more{most}, got "
            f"{bad.texts} ({counted(bad.count, 'such cell')}); write how many the row stands for, "
            "or leave the rows out with --on-bad-rows drop"
        ]
    if not (sheet.weights > 0.0).any():
        empty = "0" if (sheet.weights == 0.0).any() else "blank"
        return [f"column '{column}': all weights are {empty}: nothing is left to be fitted"]
    return []


def cut_faults(sheet: Sheet, column: str, cuts: Cuts, unit: str) -> list[str]:
    """Heights of people who could not have been measured, by what a person says."""
    faults: list[str] = []
    for side, cut in zip(("below", "above"), cuts, strict=True):
        if cut is None:
            continue
        beyond = sheet.values < cut.to(unit) if side == "below" else sheet.values > cut.to(unit)
        if beyond.any():
            count = counted(int(beyond.sum()), "value")
            faults.append(
                f"column '{column}', {rows_where(sheet.rows, beyond)}: {count} {side} the cut that "
                f"you named, {cut.words(unit)}; take the rows out, or name the cut that was made"
            )
    return faults


def label_faults(texts: tuple[str, ...], labels: Labels | None, column: str) -> list[str]:
    """Faults of a group column: too many labels."""
    if not column or labels is not None:
        return []
    return [
        f"column '{column}' has {len(texts)} distinct values: expected the names of at most "
        f"{MOST_GROUPS} groups; name another column with --group"
    ]


def centre_and_spread(values: Floats, weights: Floats | None = None) -> tuple[float, float]:
    """Median, and robust SD ``1.4826 MAD``; 0 where more than half of the values are equal."""
    centre = _median(values, weights)
    return centre, MAD_TO_SD * _median(np.abs(values - centre), weights)


def _median(values: Floats, weights: Floats | None) -> float:
    """Median; with weights, the first value with half of them at or below it."""
    if weights is None:
        return float(np.median(values))
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, 0.5 * below[-1])])


def far_away(values: Floats) -> Floats:
    """Distance of each value from the median, in robust SDs, shape (n,).

    ``(x - median) / (1.4826 MAD)``; 0 where more than half of the values are equal.

    Examples
    --------
    >>> far_away(np.array([1.0, 2.0, 3.0, 4.0, 100.0])).round(1).tolist()
    [-1.3, -0.7, 0.0, 0.7, 65.4]
    """
    centre, spread = centre_and_spread(values)
    offsets = values - centre
    if not spread > 0.0:
        return np.zeros_like(values)
    # 1e308 is far away in whatever spread.
    with np.errstate(over="ignore"):
        return offsets / spread


def few_people(n: int, nouns: Nouns = PEOPLE) -> list[str]:
    """Warning about a file that is too small for hidden groups."""
    if not 0 < n < FEW_PEOPLE:
        return []
    if nouns is not PEOPLE:
        sds = BOUND_OF_MEAN_CM / SD_OF_GIRLS_CM / np.sqrt(n)
        return [
            f"{n} observations are few where groups are hidden: where two groups lie two SDs "
            f"apart, the standard error of a mean would be about {sds:.1f} SDs"
        ]
    return [
        f"{n} people are few where groups are hidden: for pupils, girls and boys, the standard "
        f"error of the girls' mean would be about {BOUND_OF_MEAN_CM / np.sqrt(n):.0f} cm"
    ]


def height_warnings(values: Floats, rows: Ints, column: str) -> list[str]:
    """Warnings about the heights that are kept: outliers, and hardly any distinct values."""
    warnings: list[str] = []
    distances = far_away(values)
    far = np.abs(distances) > FAR_ROBUST_Z
    if far.any():
        worst = int(np.argmax(np.abs(distances)))
        side = "below" if distances[worst] < 0.0 else "above"
        warnings.append(
            f"column '{column}', {rows_where(rows, far)}: {counted(int(far.sum()), 'value')} far "
            f"from the rest; row {rows[worst]}: {values[worst]:.15g} lies "
            f"{abs(distances[worst]):.1f} robust SDs {side} the median; look at the rows (are two "
            "columns swapped?), for one of them can become a group of its own"
        )
    else:
        warnings += _odd_values(values, distances, column)
    distinct = len(np.unique(values))
    if distinct <= FEW_DISTINCT and distinct < len(values):
        warnings.append(
            f"column '{column}': only {counted(distinct, 'distinct value')} in {len(values)} rows; "
            "a fit takes values as exact, and these are rounded: expect it to fail"
        )
    return warnings


def _odd_values(values: Floats, distances: Floats, column: str) -> list[str]:
    """Several values some way off on one side, more than a normal sample has."""
    warnings: list[str] = []
    for side, odd in (("below", distances < -ODD_ROBUST_Z), ("above", distances > ODD_ROBUST_Z)):
        count = int(odd.sum())
        if count >= max(FEWEST_ODD, ODD_TIMES * BEYOND_ODD * len(values)):
            span = f"{values[odd].min():.15g} to {values[odd].max():.15g}"
            share = f"{rough(100.0 * count / len(values))} %"
            warnings.append(
                f"column '{column}': {count} values ({share}), {span}, lie more than "
                f"{ODD_ROBUST_Z:g} robust SDs {side} the median; a fit can make a small group of "
                "them: look at the rows, and leave out those that do not belong, with --range LOW "
                "HIGH --on-bad-rows drop"
            )
    return warnings


def sheet_warnings(sheet: Sheet) -> list[str]:
    """Warnings about rows that repeat each other or belong together."""
    choice, header, warnings = sheet.choice, sheet.header, list[str]()
    if choice.identity is not None and sheet.repeated_identities:
        warnings.append(
            f"column '{header[choice.identity]}': {counted(sheet.repeated_identities, 'row')} with "
            "the identity of an earlier row; what was measured twice counts twice"
        )
    # With nothing but heights and groups in a file, rows repeat naturally.
    usual_columns = 1 if choice.group is None else 2
    if sheet.repeated_rows and len(header) > usual_columns:
        warnings.append(
            f"{counted(sheet.repeated_rows, 'row')} equal to an earlier row in every column; kept"
        )
    if choice.cluster is not None and sheet.clusters < len(sheet.rows):
        warnings.append(
            f"column '{header[choice.cluster]}': {sheet.clusters} distinct values in "
            f"{len(sheet.rows)} rows; the rows of one family or cluster are not independent, so "
            "the standard errors are too small"
        )
    return warnings


def label_warnings(
    names: tuple[str, ...], counts: Ints, alike: tuple[tuple[str, ...], ...], column: str
) -> list[str]:
    """Warnings about groups: alike names, not two of them, few people in one, or none."""
    if column and not names:
        return [
            f"column '{column}': no row has a label, all cells are blank; fitted without groups"
        ]
    warnings = [
        f"column '{column}': {' and '.join(shown(name) for name in family)} differ only by case or "
        "spaces and are kept apart; make them one with --merge-labels"
        for family in alike
    ]
    sizes = list(zip(names, counts.tolist(), strict=True))
    if len(names) > 2:
        listed = ", ".join(f"{shown(name)} {count}" for name, count in sizes)
        warnings.append(
            f"column '{column}': {len(names)} groups, not two ({listed}); each is fitted as a group"
        )
    if len(names) == 1:
        warnings.append(f"column '{column}': one group only, {shown(names[0])}")
    warnings += [
        f"column '{column}': group {shown(name)} has 1 row, which tells nothing about its SD"
        for name, count in sizes
        if count == 1
    ]
    return warnings
