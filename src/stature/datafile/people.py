"""People: measured heights from a person's own file, or from a file taken as a population.

Every fault of a file is told at once, each in one line with its place. No row is dropped in
silence: what was dropped is counted, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stature.arrays import Floats, Int8s, Ints
from stature.datafile.examinations import (
    BadRows,
    PeopleError,
    Reading,
    cautions,
    dropped,
    examine,
    ordered_groups,
    refusal,
)
from stature.datafile.moments import mean_and_sd
from stature.domain.population import Group, Pool, Population

# Name of the only group of people who have no group column.
EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class People:
    """Measured people."""

    path: str  # the file, as it was named
    # shape (n,): heights in cm; as they stand in the file when the unit is ``none``
    heights_cm: Floats
    # names of the groups in the order of their means; empty without a group column
    group_names: tuple[str, ...]
    # shape (n,): group of each person; -1 where the label is blank, or without a group column
    group_index: Int8s
    rows: Ints  # shape (n,): row number in the file, the header being row 1
    # reasons for which rows are not here, and how many rows each
    dropped: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]  # what a reader should know about the file
    sha256: str  # digest of the bytes that were read, hexadecimal
    height: str  # columns of heights and groups; `group` is empty without one
    group: str
    unit: str  # unit of the column: cm, m, mm, in, or none
    delimiter: str  # what stands between cells, in words
    # shape (n,): how many people each row stands for; None: one each
    weights: Floats | None = None
    cell_cm: float = 0.0  # width of the cells whose middles the heights are; 0: they are heights


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
    """Read people from a CSV or Parquet file."""
    return take_people(path, Reading(height, unit, group, bad_rows, height_range, merge_labels))


def take_people(path: str | Path, reading: Reading) -> People:
    """Read people as `read_people` does, weighted and cut ones too."""
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


def _weighted_groups(people: People, weights: Floats) -> tuple[Group, ...]:
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

    Heights of each group, in the order of the population's groups; None for a population of normal
    groups.
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
