"""People: measured heights from a person's own file, or from a file taken as a population.

Every fault of a file is told at once, each in one line with its place. No row is dropped in
silence: what was dropped is counted, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stature.domain.population import Group, Pool, Population
from stature.tables.cautions import height_warnings, label_warnings, sheet_warnings
from stature.tables.cells import Kind
from stature.tables.columns import ColumnError, choose, unit_in_name
from stature.tables.faults import (
    label_faults,
    number_faults,
    range_faults,
    structure_faults,
    unit_fault,
    value_faults,
)
from stature.tables.labels import Labels, name_groups
from stature.tables.sheet_files import read_sheet
from stature.tables.sheets import Choice, Sheet, SheetError
from stature.tables.units import ASSUMED_UNIT, CM_PER_UNIT, HIGHEST_CM, LOWEST_CM

# Name of the only group of people who have no group column.
EVERYBODY = "everybody"

# From one height nothing can be learned about a spread.
FEWEST_PEOPLE = 2
# Numbers that are no heights may be anything whose squares and sums are still finite.
NO_LIMITS = (-1e100, 1e100)

BadRows = Literal["refuse", "drop"]


class PeopleError(Exception):
    """A file that cannot be read as people.

    Attributes
    ----------
    messages : tuple of str
        All problems, in the order of the file; each is one line with place, expected, got, advice.
    """

    def __init__(self, messages: tuple[str, ...]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class People:
    """Measured people.

    Attributes
    ----------
    path : str
        The file, as it was named.
    heights_cm : array, shape (n,)
        Heights in cm; as they stand in the file when the unit is ``none``.
    group_names : tuple of str
        Names of the groups in the order of their means; empty without a group column.
    group_index : array of int8, shape (n,)
        Group of each person; -1 where the label is blank, or without a group column.
    rows : array of int64, shape (n,)
        Row number in the file, the header being row 1.
    dropped : tuple of (str, int)
        Reasons for which rows are not here, and how many rows each.
    warnings : tuple of str
        What a reader should know about the file.
    sha256 : str
        Digest of the bytes that were read, hexadecimal.
    height, group : str
        Columns of heights and groups; `group` is empty without one.
    unit : str
        Unit of the column: cm, m, mm, in, or none.
    delimiter : str
        What stands between cells, in words.
    """

    path: str
    heights_cm: NDArray[np.float64]
    group_names: tuple[str, ...]
    group_index: NDArray[np.int8]
    rows: NDArray[np.int64]
    dropped: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]
    sha256: str
    height: str
    group: str
    unit: str
    delimiter: str


def read_people(
    path: str | Path,
    height: str | None = None,
    unit: str | None = None,
    group: str | None = None,
    *,
    bad_rows: BadRows = "refuse",
    height_range: tuple[float, float] | None = None,
    merge_labels: bool = False,
) -> People:
    """Read people from a CSV or Parquet file.

    Parameters
    ----------
    path : str or Path
        The file.
    height : str, optional
        Column of heights; without it, the one column of a known name.
    unit : {"cm", "m", "mm", "in", "none"}, optional
        Unit of that column; without it, the one that the column's name ends with.
    group : str, optional
        Column of group names.
    bad_rows : {"refuse", "drop"}
        What to do with rows that cannot be read, or whose height is out of range.
    height_range : (float, float), optional
        Smallest and largest height to believe, in cm (in the file's numbers when the unit is
        ``none``); by default 50 to 260 cm, and no limit when the unit is ``none``.
    merge_labels : bool
        Whether labels that differ only by case or spaces are one group.

    Returns
    -------
    People
        The people.

    Raises
    ------
    PeopleError
        If anything in the file is not as expected; holds all that was found.
    """
    sheet, choice = _sheet(path, height, group, unit)
    column = sheet.header[choice.height]
    group_column = "" if choice.group is None else sheet.header[choice.group]
    drop = bad_rows == "drop"
    named = unit or unit_in_name(column)
    used = named or ASSUMED_UNIT
    labels = name_groups(sheet.labels, sheet.label_texts, merge_labels)
    heights_cm = sheet.values * CM_PER_UNIT.get(used, 1.0)
    limits = height_range or (NO_LIMITS if used == "none" else (LOWEST_CM, HIGHEST_CM))
    outside = (heights_cm < limits[0]) | (heights_cm > limits[1])

    faults = structure_faults(sheet, drop) + unit_fault(unit)
    if len(sheet.rows):
        faults += number_faults(sheet, column, drop)
        doubted = unit_fault(unit) or value_faults(sheet, column, named, height_range is not None)
        faults += [fault for fault in doubted if fault not in faults]
        # In a doubtful unit nothing can be said about the range.
        if not doubted and not drop:
            faults += range_faults(sheet, column, outside, limits)
    faults += label_faults(sheet, labels, group_column)
    kept = np.isfinite(heights_cm) & ~outside
    if not faults and kept.sum() < FEWEST_PEOPLE:
        faults.append(f"expected at least {FEWEST_PEOPLE} people with a height, got {kept.sum()}")
    if faults or labels is None:
        raise PeopleError(tuple(f"{path}: {fault}" for fault in faults))
    heights_cm = heights_cm[kept]
    names, index = _ordered(labels, labels.index[kept], heights_cm, bool(group_column))
    counts = np.bincount(index[index >= 0], minlength=len(names))
    warnings = [
        *_unit_warning(column, named),
        *sheet_warnings(sheet, choice),
        *height_warnings(sheet.values[kept], sheet.rows[kept], column),
        *label_warnings(names, counts, labels.alike, group_column),
    ]
    return People(
        path=str(path),
        heights_cm=heights_cm,
        group_names=names,
        group_index=index,
        rows=sheet.rows[kept],
        dropped=_dropped(sheet, outside, limits),
        warnings=tuple(f"{path}: {warning}" for warning in warnings),
        sha256=sheet.sha256,
        height=column,
        group=group_column,
        unit=used,
        delimiter=sheet.delimiter,
    )


def mean_and_sd(values: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation, with the divisor n.

    Parameters
    ----------
    values : array, shape (n,)
        Values; n at least 1.

    Returns
    -------
    mean, sd : float
        In the unit of the values.

    Notes
    -----
    Two passes over values shifted by the first one, with the correction of the second sum for the
    rounding of the mean [1]_: ``sd^2 = (sum d^2 - (sum d)^2 / n) / n``. Never ``E[x^2] - E[x]^2``,
    which loses all digits when the mean is large.

    References
    ----------
    .. [1] Chan, Golub & LeVeque (1983), The American Statistician 37, 242-247, eq. (1.7).

    Examples
    --------
    >>> mean_and_sd(np.array([10000001.0, 10000003.0, 10000002.0]))
    (10000002.0, 0.816496580927726)
    """
    shifted = values - values[0]
    offset = float(shifted.mean())
    deviations = shifted - offset
    n = len(values)
    square = (float(deviations @ deviations) - float(deviations.sum()) ** 2 / n) / n  # [1] (1.7)
    return float(values[0]) + offset, float(np.sqrt(max(square, 0.0)))


def groups_of(people: People) -> tuple[Group, ...]:
    """The groups of measured people, taken as a population.

    Parameters
    ----------
    people : People
        The people; those with a blank label count in no group.

    Returns
    -------
    tuple of Group
        Share, mean and SD (divisor n) of each group in the order of the means; one group named
        ``everybody`` when there is no group column.
    """
    if not people.group_names:
        return (Group(EVERYBODY, 1.0, *mean_and_sd(people.heights_cm)),)
    labelled = int((people.group_index >= 0).sum())
    members = [people.heights_cm[people.group_index == k] for k in range(len(people.group_names))]
    return tuple(
        Group(name, len(heights) / labelled, *mean_and_sd(heights))
        for name, heights in zip(people.group_names, members, strict=True)
    )


def read_pool(population: Population, files: Sequence[str | Path] = ()) -> Pool | None:
    """The people of a population that is a data file.

    Parameters
    ----------
    population : Population
        The population.
    files : sequence of path, optional
        Where its file lies in this run, if not at the path of the population; at most one.

    Returns
    -------
    Pool or None
        Heights of each group, in the order of the population's groups; None for a population of
        normal groups.

    Raises
    ------
    PeopleError
        If the file is not what it was when the study was read, or cannot be read.
    """
    data = population.data
    if data is None:
        return None
    path = files[0] if files else data.path
    people = read_people(path, data.height, data.unit, data.group or None)
    if people.sha256 != data.sha256:
        raise PeopleError(
            (
                f"{path}: expected the file that population '{population.name}' was made from "
                f"(sha256 {data.sha256[:12]}…), got another one ({people.sha256[:12]}…); the file "
                "changed after the run began: start the run again",
            )
        )
    if not people.group_names:
        return Pool((people.heights_cm,))
    position = {name: k for k, name in enumerate(people.group_names)}
    return Pool(
        tuple(
            people.heights_cm[people.group_index == position[name]]
            for name in population.group_names
        )
    )


def _sheet(
    path: str | Path, height: str | None, group: str | None, unit: str | None
) -> tuple[Sheet, Choice]:
    """Sheet of a file and the columns in it, or all that is wrong with the columns."""
    chosen: list[Choice] = []

    def pick(header: tuple[str, ...]) -> Choice:
        chosen.append(choose(header, height, group))
        return chosen[-1]

    try:
        return read_sheet(Path(path), pick), chosen[0]
    except SheetError as error:
        place = f"{path}: {error.place}: " if error.place else f"{path}: "
        raise PeopleError((place + error.problem,)) from error
    except ColumnError as error:
        found = [f"{place}: {what}" for place, what in error.messages] + unit_fault(unit)
        raise PeopleError(tuple(f"{path}: {fault}" for fault in found)) from error


def _ordered(
    labels: Labels, index: NDArray[np.int8], heights_cm: NDArray[np.float64], grouped: bool
) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    """Names of the groups that have people, in the order of their means, and who is in which."""
    if not grouped:
        return (), np.full(len(heights_cm), -1, np.int8)
    means = {
        k: mean_and_sd(heights_cm[index == k])[0]
        for k in range(len(labels.names))
        if (index == k).any()
    }
    order = sorted(means, key=lambda k: (means[k], labels.names[k]))
    # One more place at the end, so that index -1, a blank label, stays -1.
    place = np.full(len(labels.names) + 1, -1, np.int8)
    place[order] = np.arange(len(order), dtype=np.int8)
    return tuple(labels.names[k] for k in order), place[index]


def _unit_warning(column: str, named: str | None) -> list[str]:
    """What to say when nobody named the unit."""
    if named:
        return []
    return [f"column '{column}': the unit is not named; taken as cm (say --unit cm to confirm)"]


def _dropped(
    sheet: Sheet, outside: NDArray[np.bool_], limits: tuple[float, float]
) -> tuple[tuple[str, int], ...]:
    """Reasons for which rows were dropped, with counts, where there are any."""
    reasons = (
        ("blank row", sheet.blank_rows),
        ("too few or too many cells", sheet.ragged.count),
        ("height missing", int((sheet.kinds == Kind.MISSING).sum())),
        ("height not a number", int((sheet.kinds == Kind.UNREADABLE).sum())),
        (f"height outside {limits[0]:g}–{limits[1]:g} cm", int(outside.sum())),
    )
    return tuple((reason, count) for reason, count in reasons if count)
