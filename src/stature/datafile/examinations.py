"""Examinations: a file of people read once, with all that is wrong with it and all that is odd.

`people` takes the people from it, or raises; `verdicts` tells it all.
So both say the same sentences.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from stature.arrays import Bools, Floats, Int8s
from stature.datafile.cautions import height_warnings, label_warnings, sheet_warnings
from stature.datafile.cells import Kind
from stature.datafile.columns import ColumnError, choose, unit_in_name
from stature.datafile.faults import (
    cut_faults_of_people,
    label_faults,
    number_faults,
    range_faults,
    structure_faults,
    unit_fault,
    value_faults,
    weight_faults,
)
from stature.datafile.labels import Labels, name_groups
from stature.datafile.moments import mean_and_sd
from stature.datafile.sheet_files import read_sheet
from stature.datafile.sheets import Choice, Sheet, SheetError
from stature.datafile.units import ASSUMED_UNIT, CM_PER_UNIT, HIGHEST_CM, LOWEST_CM

# From one height nothing can be learned about a spread.
FEWEST_PEOPLE = 2
# Numbers that are no heights may be anything whose squares and sums are still finite.
NO_LIMITS = (-1e100, 1e100)

BadRows = Literal["refuse", "drop"]
About = Literal["file", "columns", "unit", "cells", "heights", "rows", "groups"]
Remark = tuple[About, str]
"""What a sentence is about, and the sentence without the path."""


def told(about: About, sentences: Iterable[str]) -> list[Remark]:
    """Remarks about one aspect of a file."""
    return [(about, sentence) for sentence in sentences]


class PeopleError(Exception):
    """A file that cannot be read as people.

    Attributes
    ----------
    messages : tuple of str
        All problems, in the order of the file; each is one line with place, expected, got, advice.
    remarks : tuple of (str, str)
        The same without the path, each with what it is about.
    """

    def __init__(self, messages: tuple[str, ...], remarks: tuple[Remark, ...] = ()) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages
        self.remarks = remarks


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file of people is to be read."""

    # columns of heights and of groups, and the unit of heights, where they were named
    height: str | None = None
    unit: str | None = None
    group: str | None = None
    # what to do with rows that cannot be read, or whose height is out of range
    bad_rows: BadRows = "refuse"
    # smallest and largest height to believe, in cm; in the file's numbers when the unit is ``none``
    height_range: tuple[float, float] | None = None
    merge_labels: bool = False  # whether labels that differ only by case or spaces are one group
    weights: str | None = None  # column of how many people a row stands for
    # nobody below the first, or above the second, could be measured
    cuts_cm: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Examination:
    """A file of people as it was found."""

    path: str  # the file, as it was named
    sheet: Sheet  # what stands in it
    choice: Choice  # the columns that were read
    named: str | None  # unit of the heights, where the person or the name of the column says it
    doubted: bool  # whether the heights contradict it, or mix units
    limits: tuple[float, float]  # heights to believe, in cm
    # shape (n,): heights of all rows, in cm by the unit that was named or is assumed; NaN where
    # missing
    heights_cm: Floats
    labels: Labels | None  # the groups; None when there are too many
    faults: tuple[Remark, ...]  # why the file cannot be fitted; empty if it can

    @property
    def height(self) -> str:
        """Name of the column of heights."""
        return self.sheet.header[self.choice.height]

    @property
    def group(self) -> str:
        """Name of the column of groups; empty without one."""
        return "" if self.choice.group is None else self.sheet.header[self.choice.group]

    @property
    def unit(self) -> str:
        """Unit that the heights are taken to be in."""
        return self.named or ASSUMED_UNIT

    @property
    def outside(self) -> Bools:
        """Rows whose height is out of range, shape (n,)."""
        low, high = self.limits
        return (self.heights_cm < low) | (self.heights_cm > high)

    @property
    def kept(self) -> Bools:
        """Rows with a height that is believed and with people in them, shape (n,)."""
        believed = np.isfinite(self.heights_cm) & ~self.outside
        weights = self.sheet.weights
        return believed if weights is None else believed & (weights > 0.0)


def examine(path: str | Path, reading: Reading) -> Examination:
    """Read a file of people and find all that is wrong with it."""
    sheet, choice = _sheet(path, reading)
    column = sheet.header[choice.height]
    drop = reading.bad_rows == "drop"
    named = reading.unit or unit_in_name(column)
    used = named or ASSUMED_UNIT
    labels = name_groups(sheet.labels, sheet.label_texts, reading.merge_labels)
    # 1e308 in inches is more than a double holds in cm, and no height in either.
    with np.errstate(over="ignore"):
        heights_cm = sheet.values * CM_PER_UNIT.get(used, 1.0)
    usual = NO_LIMITS if used == "none" else (LOWEST_CM, HIGHEST_CM)
    wrong_unit = unit_fault(reading.unit)
    given = reading.height_range is not None
    doubts = value_faults(sheet, column, named, given) if len(sheet.rows) else []
    found = Examination(
        path=str(path),
        sheet=sheet,
        choice=choice,
        named=named,
        doubted=bool(wrong_unit or doubts),
        limits=reading.height_range or usual,
        heights_cm=heights_cm,
        labels=labels,
        faults=(),
    )
    faults = told("rows", structure_faults(sheet, drop))
    faults += told("unit", wrong_unit)
    if len(sheet.rows):
        faults += told("cells", number_faults(sheet, column, drop))
        faults += told("unit", [] if wrong_unit else doubts)
        # In a doubtful unit nothing can be said about the range.
        if not found.doubted:
            beyond = [] if drop else range_faults(sheet, column, found.outside, found.limits)
            faults += told("heights", beyond)
            cut = cut_faults_of_people(sheet, column, heights_cm, reading.cuts_cm)
            faults += told("heights", cut)
    faults += told("cells", weight_faults(sheet, reading.weights or ""))
    faults += told("groups", label_faults(sheet.label_texts, labels, found.group))
    people = int(found.kept.sum())
    if not faults and people < FEWEST_PEOPLE:
        words = f"expected at least {FEWEST_PEOPLE} people with a height, got {people}"
        faults.append(("rows", words))
    return replace(found, faults=tuple(faults))


def cautions(found: Examination) -> list[Remark]:
    """What a reader should know of a file that can be fitted."""
    names, index = ordered_groups(found)
    counts = np.bincount(index[index >= 0], minlength=len(names))
    # A unit in doubt says nothing of the range, and the range nothing of who stands out.
    seen = np.isfinite(found.heights_cm) if found.doubted else found.kept
    values, rows = found.sheet.values[seen], found.sheet.rows[seen]
    remarks: list[Remark] = []
    if not found.named and not found.doubted:
        words = "the unit is not named; taken as cm (say --unit cm to confirm)"
        remarks.append(("unit", f"column '{found.height}': {words}"))
    remarks += told("rows", sheet_warnings(found.sheet, found.choice))
    if len(values):
        remarks += told("heights", height_warnings(values, rows, found.height))
    alike = () if found.labels is None else found.labels.alike
    # With too many labels, or no people, there is nothing to say of groups.
    column = found.group if found.labels is not None and len(index) else ""
    remarks += told("groups", label_warnings(names, counts, alike, column))
    return remarks


def ordered_groups(found: Examination) -> tuple[tuple[str, ...], Int8s]:
    """Groups of those who are kept, in the order of their means.

    Returns names: names of the groups that have people; empty without a column of groups, or with
    too many; index: group of each person who is kept; -1 for a blank label.
    """
    labels, heights_cm = found.labels, found.heights_cm[found.kept]
    if labels is None or not found.group:
        return (), np.full(len(heights_cm), -1, np.int8)
    index = labels.index[found.kept]
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


def dropped(found: Examination) -> tuple[tuple[str, int], ...]:
    """Reasons for which rows are left out, and how many rows each."""
    sheet, (low, high) = found.sheet, found.limits
    reasons = (
        ("blank row", sheet.blank_rows),
        ("too few or too many cells", sheet.ragged.count),
        ("height missing", int((sheet.kinds == Kind.MISSING).sum())),
        ("height not a number", int((sheet.kinds == Kind.UNREADABLE).sum())),
        (f"height outside {low:g}–{high:g} cm", int(found.outside.sum())),
        ("weight 0", 0 if sheet.weights is None else int((sheet.weights == 0.0).sum())),
    )
    return tuple((reason, count) for reason, count in reasons if count)


def refusal(path: str | Path, remarks: tuple[Remark, ...]) -> PeopleError:
    """Make an error of what is wrong with a file."""
    return PeopleError(tuple(f"{path}: {words}" for _, words in remarks), remarks)


def _sheet(path: str | Path, reading: Reading) -> tuple[Sheet, Choice]:
    """Sheet of a file and the columns in it, or all that is wrong with the columns."""
    chosen: list[Choice] = []

    def pick(header: tuple[str, ...]) -> Choice:
        chosen.append(choose(header, reading.height, reading.group, reading.weights))
        return chosen[-1]

    try:
        return read_sheet(Path(path), pick), chosen[0]
    except SheetError as error:
        place = f"{error.place}: " if error.place else ""
        raise refusal(path, (("file", place + error.problem),)) from error
    except ColumnError as error:
        found = told("columns", (f"{place}: {what}" for place, what in error.messages))
        found += told("unit", unit_fault(reading.unit))
        raise refusal(path, tuple(found)) from error
