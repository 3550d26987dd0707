"""What is taken from a file that has no faults: people, one by one or as a table counts them.

No row is dropped in silence: what was dropped is counted, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from stature.arrays import Bools, Floats, Int8s, Ints
from stature.datafile.cells import CellTable
from stature.datafile.examinations import (
    Examination,
    FileError,
    cautions,
    dropped,
    examine,
    mean_and_sd,
    ordered_groups,
    refusal,
)
from stature.datafile.request import Cuts, Reading
from stature.datafile.units import CM_PER_UNIT, PEOPLE, Nouns, after
from stature.domain.population import Group, Pool, Population

# Name of the only group of people who have no group column.
EVERYBODY = "everybody"
# Rows that stand for more people than this on average are those of a survey.
MOST_PEOPLE_IN_A_ROW = 1000.0


@dataclass(frozen=True, slots=True)
class People:
    """Measured people; of a table of counts without groups, its cells as rows."""

    path: str  # the file, as it was named
    values: Floats  # shape (n,): their heights, or other measurements, in the unit of the file
    # names of the groups in the order of their means; empty without a group column
    group_names: tuple[str, ...]
    # shape (n,): group of each person; -1 where the label is blank, or without a group column
    group_index: Int8s
    rows: Ints  # shape (n,): row number in the file, the header being row 1
    # reasons for which rows are not here, and how many rows each
    dropped: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]  # what a reader should know about the file
    sha256: str  # digest of the bytes that were read, hexadecimal
    columns: tuple[str, ...]  # columns that tell the values, and that of groups; empty without one
    group: str
    unit: str  # unit of the column: cm, m, mm, in, or none
    # shape (n,): how many people each row stands for; None: one each
    weights: Floats | None = None
    sampling: bool = False  # whether those are weights of a survey
    nouns: Nouns = PEOPLE  # what to call rows and values
    cell: float = 0.0  # width of the cells whose middles the values are; 0: they are exact
    # cells of a table of counts without groups, ascending, each of which touches the next
    cells: CellTable | None = None
    notes: tuple[str, ...] = ()  # what was made of such a table, and is taken for granted beyond it

    @property
    def height(self) -> str:
        """Name of the column of values, or of all that tell them."""
        return ", ".join(self.columns)

    def in_cm(self) -> "People":
        """Return them with their heights in cm, as studies have them."""
        return replace(self, values=CM_PER_UNIT[self.unit] * self.values, unit="cm")


def read_people(path: str | Path, reading: Reading) -> People:
    """Read people from a file with a row for each."""
    found = examine(path, reading)
    if found.kind != "people":
        words = f"header: expected a row for each {found.nouns.one}, got a table of counts"
        words += f" ({found.height})"
        raise refusal(path, [("columns", f"{words}; name the column of values if it is none")])
    return people_of(found)


def people_of(found: Examination, cuts: Cuts = (None, None)) -> People:
    """People of a file, or of a table of counts."""
    if found.faults:
        raise refusal(found.path, found.faults)
    names, index = ordered_groups(found)
    kept, table = found.kept, found.table
    cells = table if found.kind == "cells" else None
    return People(
        path=found.path,
        values=found.values[kept],
        group_names=names,
        group_index=index,
        rows=found.sheet.rows[kept] if cells is None else cells.rows,
        dropped=() if table else dropped(found),
        warnings=tuple(f"{found.path}: {words}" for _, words in cautions(found)),
        sha256=found.sheet.sha256,
        columns=found.columns,
        group=found.group,
        unit=found.unit,
        weights=None if found.weights is None else found.weights[kept],
        sampling=are_sampling(found),
        nouns=found.nouns,
        cell=float(table.width[0]) if table and not cells else 0.0,
        cells=cells,
        notes=(*found.notes, *_closed_ends(cells, found.unit, cuts)) if cells else (),
    )


def are_sampling(found: Examination) -> bool:
    """Whether the weights of a file are those of a survey."""
    weights, kind = found.weights, found.weight_kind
    if weights is None or kind == "counts":
        return False
    own = weights[found.kept]
    decimals = (own != np.rint(own)).any()
    return kind == "sampling" or bool(decimals or own.mean() > MOST_PEOPLE_IN_A_ROW)


def _closed_ends(cells: CellTable, unit: str, cuts: Cuts) -> list[str]:
    """What is taken for granted beyond the cells of a table."""
    ends = cells.lower[0], cells.upper[-1]
    beyond = [
        f"{side} {end:.15g}{after(unit)}"
        for side, end, cut in zip(("below", "above"), ends, cuts, strict=True)
        if np.isfinite(end) and cut is None
    ]
    closed = "the end cells are closed: a fit takes it that nothing was counted"
    return [f"{closed} {' or '.join(beyond)}"] if beyond else []


def groups_of(people: People) -> tuple[Group, ...]:
    """Share, mean and SD (divisor n) of each group, in the order of the means, in their unit.

    One group named ``everybody`` when there is no group column.
    """
    weights = people.weights
    index = people.group_index if people.group_names else np.zeros(len(people.rows), np.int8)
    groups: list[Group] = []
    labelled = _people_in(index >= 0, weights)
    for k, name in enumerate(people.group_names or (EVERYBODY,)):
        own = index == k
        moments = mean_and_sd(people.values[own], None if weights is None else weights[own])
        groups.append(Group(name, _people_in(own, weights) / labelled, *moments))
    return tuple(groups)


def _people_in(rows: Bools, weights: Floats | None) -> float:
    """How many people some rows stand for."""
    return float(rows.sum() if weights is None else weights[rows].sum())


def read_pool(population: Population, files: Sequence[str | Path] = ()) -> Pool | None:
    """Heights of each group of a population that is a data file; None for normal groups."""
    data = population.data
    if data is None:
        return None
    path = files[0] if files else data.path
    people = read_people(path, Reading(data.height, data.unit, data.group or None)).in_cm()
    if people.sha256 != data.sha256:
        raise FileError(
            f"{path}: expected the file that population '{population.name}' was made from "
            f"(sha256 {data.sha256[:12]}…), got another one ({people.sha256[:12]}…); the file "
            "changed after the run began: start the run again"
        )
    return pool_of(people, population)


def pool_of(people: People, population: Population) -> Pool:
    """People, in cm, by group, in the order of the population's groups."""
    if not people.group_names:
        return Pool((people.values,))
    position = {name: k for k, name in enumerate(people.group_names)}
    return Pool(
        tuple(
            people.values[people.group_index == position[name]] for name in population.group_names
        )
    )
