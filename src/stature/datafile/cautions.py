"""Cautions about a file of people: what a reader should know though the file can be fitted.

Each function returns sentences without the path.
"""

import numpy as np

from stature.arrays import Floats, Ints
from stature.datafile.sheets import Choice, Sheet
from stature.datafile.wording import counted, rows_where, shown

# A height this many robust SDs (1.4826 MAD) from the median is an outlier to look at.
FAR_ROBUST_Z = 6.0
MAD_TO_SD = 1.4826
# A file of so few distinct heights was rounded beyond what a fit of exact heights can bear.
FEW_DISTINCT = 2
# ASSUME hidden groups like pupils': half girls of 163 +- 6.5 cm, half boys of 176 +- 7 cm. The
# smallest standard error of the girls' mean is then 63.9 cm / sqrt(n), by quadrature of the Fisher
# information (`stature.theory`); the tests derive it again.
BOUND_OF_MEAN_CM = 63.9
# Below this many people nothing can be said of hidden groups in general.
FEW_PEOPLE = 30


def far_away(values: Floats) -> Floats:
    """Distance of each value from the median, in robust SDs, shape (n,).

    ``(x - median) / (1.4826 MAD)``; 0 where more than half of the values are equal.

    Examples
    --------
    >>> far_away(np.array([1.0, 2.0, 3.0, 4.0, 100.0])).round(1).tolist()
    [-1.3, -0.7, 0.0, 0.7, 65.4]
    """
    offsets = values - np.median(values)
    spread = MAD_TO_SD * float(np.median(np.abs(offsets)))
    if not spread > 0.0:
        return np.zeros_like(values)
    # 1e308 is far away in whatever spread.
    with np.errstate(over="ignore"):
        return offsets / spread


def few_people(n: int) -> list[str]:
    """Warning about a file that is too small for hidden groups."""
    if not 0 < n < FEW_PEOPLE:
        return []
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
            f"from the rest; row {rows[worst]}: {values[worst]:g} lies {abs(distances[worst]):.1f} "
            f"robust SDs {side} the median; look at the rows (height and weight swapped?), for "
            "one of them can become a group of its own"
        )
    ordered = np.sort(values)
    distinct = 1 + int((ordered[1:] != ordered[:-1]).sum())
    if distinct <= FEW_DISTINCT and distinct < len(values):
        warnings.append(
            f"column '{column}': only {counted(distinct, 'distinct value')} in {len(values)} rows; "
            "a fit takes heights as exact, and these are rounded: expect it to fail"
        )
    return warnings


def sheet_warnings(sheet: Sheet, choice: Choice) -> list[str]:
    """Warnings about rows that repeat each other or belong together."""
    warnings: list[str] = []
    if choice.identity is not None and sheet.repeated_identities:
        warnings.append(
            f"column '{sheet.header[choice.identity]}': "
            f"{counted(sheet.repeated_identities, 'row')} with an identity that stood there "
            "before; somebody measured twice counts as two people"
        )
    # With nothing but heights and groups in a file, rows repeat naturally.
    told_columns = 1 if choice.group is None else 2
    if sheet.repeated_rows and len(sheet.header) > told_columns:
        warnings.append(
            f"{counted(sheet.repeated_rows, 'row')} equal to an earlier row in every column; kept"
        )
    if choice.cluster is not None and sheet.clusters < len(sheet.rows):
        warnings.append(
            f"column '{sheet.header[choice.cluster]}': {sheet.clusters} distinct values in "
            f"{len(sheet.rows)} rows; the rows of one family or cluster are not independent, so "
            "the standard errors are too small"
        )
    return warnings


def label_warnings(
    names: tuple[str, ...], counts: Ints, alike: tuple[tuple[str, ...], ...], column: str
) -> list[str]:
    """Warnings about groups: alike names, not two of them, few people in one, or none."""
    if column and not names:
        return [f"column '{column}': nobody has a label, only blank cells; fitted without groups"]
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
