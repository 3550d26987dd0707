"""People: measured heights from a person's own file, or from a file taken as a population.

Every fault of a file is told at once, each in one line with its place. No row is dropped in
silence: what was dropped is counted, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stature.domain.population import Group, Pool, Population
from stature.tables.examinations import (
    BadRows,
    PeopleError,
    Reading,
    cautions,
    dropped,
    examine,
    ordered_groups,
    refusal,
)
from stature.tables.moments import mean_and_sd

# Name of the only group of people who have no group column.
EVERYBODY = "everybody"


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
    weights : array, shape (n,), or None
        How many people each row stands for; None: one each.
    cell_cm : float
        Width of the cells whose middles the heights are; 0: they are heights.
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
    weights: NDArray[np.float64] | None = None
    cell_cm: float = 0.0


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
    return take_people(path, Reading(height, unit, group, bad_rows, height_range, merge_labels))


def take_people(path: str | Path, reading: Reading) -> People:
    """Read people as `read_people` does, weighted and cut ones too.

    Parameters
    ----------
    path : str or Path
        The file.
    reading : Reading
        How to read it.

    Returns
    -------
    People
        The people.

    Raises
    ------
    PeopleError
        If anything in the file is not as expected; holds all that was found.
    """
    found = examine(path, reading)
    if found.faults:
        raise refusal(path, found.faults)
    names, index = ordered_groups(found)
    kept = found.kept
    return People(
        path=str(path),
        heights_cm=found.heights_cm[kept],
        group_names=names,
        group_index=index,
        rows=found.sheet.rows[kept],
        dropped=dropped(found),
        warnings=tuple(f"{path}: {words}" for _, words in cautions(found)),
        sha256=found.sheet.sha256,
        height=found.height,
        group=found.group,
        unit=found.unit,
        delimiter=found.sheet.delimiter,
        weights=None if found.sheet.weights is None else found.sheet.weights[kept],
    )


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
    if people.weights is not None:
        return _weighted_groups(people, people.weights)
    if not people.group_names:
        return (Group(EVERYBODY, 1.0, *mean_and_sd(people.heights_cm)),)
    labelled = int((people.group_index >= 0).sum())
    members = [people.heights_cm[people.group_index == k] for k in range(len(people.group_names))]
    return tuple(
        Group(name, len(heights) / labelled, *mean_and_sd(heights))
        for name, heights in zip(people.group_names, members, strict=True)
    )


def _weighted_groups(people: People, weights: NDArray[np.float64]) -> tuple[Group, ...]:
    """Groups of rows that stand for many people each."""
    index = people.group_index if people.group_names else np.zeros(len(weights), np.int8)
    labelled = float(weights[index >= 0].sum())
    groups: list[Group] = []
    for k, name in enumerate(people.group_names or (EVERYBODY,)):
        heights_cm, weight = people.heights_cm[index == k], weights[index == k]
        share = weight / weight.sum()
        mean_cm = float(share @ heights_cm)
        sd_cm = float(np.sqrt(share @ (heights_cm - mean_cm) ** 2))
        groups.append(Group(name, float(weight.sum()) / labelled, mean_cm, sd_cm))
    return tuple(groups)


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
