"""Verdicts: all that can be said of a file before it is fitted, a sentence each.

Faults and warnings are those of a fit, in the same words; beside them stand the facts that a
person needs to judge them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from stature.datafile.cautions import few_people
from stature.datafile.cells import Kind
from stature.datafile.columns import count_columns, group_column
from stature.datafile.examinations import (
    About,
    Examination,
    PeopleError,
    Reading,
    Remark,
    cautions,
    dropped,
    examine,
    ordered_groups,
    told,
)
from stature.datafile.frequencies import closed_ends, header_of, read_frequencies
from stature.datafile.grouped_cells import read_grouped_cells
from stature.datafile.signs import code_signs, digit_signs, end_signs, tie_signs
from stature.datafile.units import CM_PER_UNIT, likely_unit
from stature.datafile.wording import counted, shown

Level = Literal["error", "warning", "note"]

ORDER: tuple[About, ...] = ("file", "columns", "unit", "cells", "heights", "rows", "groups")
ALWAYS_LEFT_OUT = ("blank row", "height missing", "weight 0")
UNIT_WORDS = {"cm": "cm", "m": "metres", "mm": "mm", "in": "inches", "none": "no unit"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is so in a file."""

    level: Level  # whether a fit stops at it, warns of it, or it is only good to know
    about: About  # what it is about
    sentence: str  # the sentence, without the path


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All verdicts on a file."""

    path: str  # the file, as it was named
    sha256: str  # digest of the bytes that were read; empty if they were not
    # in the order of the aspects of a file, errors before warnings before notes
    verdicts: tuple[Verdict, ...]
    # arguments of `stature` that fit the file; empty if it cannot be fitted
    command: tuple[str, ...] = ()

    def count(self, level: Level) -> int:
        """Return how many verdicts have a level."""
        return sum(verdict.level == level for verdict in self.verdicts)

    @property
    def conclusion(self) -> str:
        """The verdict that everything ends with."""
        errors, warnings = self.count("error"), self.count("warning")
        read = f"; {counted(warnings, 'warning')} to read first" if warnings else ""
        if errors:
            return f"cannot be fitted as it is: {counted(errors, 'error')}{read}"
        return f"can be fitted{read or '; nothing stands against it'}"


def diagnose(path: str | Path, reading: Reading) -> Diagnosis:
    """Say all that can be said of a file of people."""
    columns = count_columns(header := header_of(path))
    if reading.height is None and columns:
        group = reading.group or group_column(header)
        if group is None or columns.are_points:
            return _diagnose_table(path, reading)
        return _diagnose_grouped_table(path, replace(reading, group=group))
    try:
        found = examine(path, reading)
        group = group_column(found.sheet.header) if reading.group is None else None
        if group is not None and group not in (reading.weights, found.height):
            reading = replace(reading, group=group)
            found = examine(path, reading)
    except PeopleError as error:
        return Diagnosis(str(path), "", _verdicts("error", error.remarks))
    verdicts = [
        *_verdicts("error", found.faults),
        *_verdicts("warning", cautions(found) + _few(found) + _signs(found)),
        *_verdicts("note", _facts(found, reading)),
    ]
    ordered = sorted(verdicts, key=lambda verdict: ORDER.index(verdict.about))
    command = () if found.faults else _command(found, reading)
    return Diagnosis(str(path), found.sheet.sha256, tuple(ordered), command)


def _diagnose_table(path: str | Path, reading: Reading) -> Diagnosis:
    """Verdicts on a table of counts."""
    try:
        table = read_frequencies(path, reading.unit, height_range=reading.height_range)
    except PeopleError as error:
        return Diagnosis(str(path), "", _verdicts("error", error.remarks))
    people = f"{table.count.sum():g} people in {counted(len(table.count), 'cell')}"
    facts: list[Remark] = [
        ("file", f"a table of counts: {people}"),
        ("columns", f"cells and counts are in {', '.join(table.columns)}"),
        ("unit", f"taken as {UNIT_WORDS[table.unit]}"),
        *told("cells", (*table.notes, *closed_ends(table))),
    ]
    cautions_of_cells = told("cells", table.warnings)
    verdicts = [*_verdicts("warning", cautions_of_cells), *_verdicts("note", facts)]
    ordered = sorted(verdicts, key=lambda verdict: ORDER.index(verdict.about))
    command = ("fit", str(path), "--unit", table.unit)
    return Diagnosis(str(path), table.sha256, tuple(ordered), command)


def _diagnose_grouped_table(path: str | Path, reading: Reading) -> Diagnosis:
    """Verdicts on a table of counts with groups."""
    try:
        people = read_grouped_cells(path, reading)
    except PeopleError as error:
        return Diagnosis(str(path), "", _verdicts("error", error.remarks))
    weights = np.ones(len(people.rows)) if people.weights is None else people.weights
    index = people.group_index
    sizes = [
        f"{shown(name)} {weights[index == k].sum():g}" for k, name in enumerate(people.group_names)
    ]
    sizes += [f"no label {weights[index < 0].sum():g}"] if (index < 0).any() else []
    cells = f"{weights.sum():g} people in {counted(len(people.rows), 'cell')}"
    facts: list[Remark] = [
        ("file", f"a table of counts with groups: {cells} of {people.cell_cm:g} cm"),
        ("columns", f"cells and counts are in {people.height}, groups in '{people.group}'"),
        ("unit", f"taken as {UNIT_WORDS[people.unit]}"),
        ("groups", f"column '{people.group}': {', '.join(sizes)}"),
    ]
    warned = told("groups", (words.removeprefix(f"{path}: ") for words in people.warnings))
    verdicts = [*_verdicts("warning", warned), *_verdicts("note", facts)]
    ordered = sorted(verdicts, key=lambda verdict: ORDER.index(verdict.about))
    command = ("fit", str(path), "--unit", people.unit, "--group", people.group)
    return Diagnosis(str(path), people.sha256, tuple(ordered), command)


def _verdicts(level: Level, remarks: Sequence[Remark]) -> tuple[Verdict, ...]:
    return tuple(Verdict(level, about, sentence) for about, sentence in remarks)


def _few(found: Examination) -> list[Remark]:
    """A warning where hidden groups cannot be learned from so few."""
    return told("rows", few_people(int(found.kept.sum())))


def _signs(found: Examination) -> list[Remark]:
    """Signs of codes for missing heights, and of coded ends."""
    sheet = found.sheet
    known = ~np.isnan(sheet.values)
    signs: list[str] = []
    if known.any() and not found.doubted:
        signs += code_signs(sheet.values[known], found.outside[known], found.height)
    believed = sheet.values[found.kept]
    if len(believed) and not found.doubted:
        signs += end_signs(believed, found.height)
    return told("heights", signs)


def _facts(found: Examination, reading: Reading) -> list[Remark]:
    """What is good to know."""
    sheet = found.sheet
    rows = counted(len(sheet.rows), "row")
    facts: list[Remark] = [
        ("file", f"{rows} of {counted(len(sheet.header), 'column')}; {_separated(sheet.delimiter)}")
    ]
    if (sheet.kinds == Kind.COMMA).any():
        facts.append(("cells", f"column '{found.height}': decimals are written with a comma"))
    facts.append(("columns", _columns(found, reading)))
    facts += told("unit", _unit(found))
    lost = [
        f"{counted(count, 'row')} left out: {reason}"
        for reason, count in dropped(found)
        # Other rows are at fault, and told as such, unless a person lets them go.
        if reading.bad_rows == "drop" or reason in ALWAYS_LEFT_OUT
    ]
    facts += told("cells", lost)
    believed = sheet.values[found.kept]
    if len(believed) and not found.doubted:
        facts.append(("heights", _span(found)))
        signs = tie_signs(believed, found.height)
        signs += digit_signs(believed, found.unit, found.height)
        facts += told("heights", signs)
    if found.group and found.labels is not None:
        facts.append(("groups", _groups(found)))
    return facts


def _separated(delimiter: str) -> str:
    """What stands between cells, in words."""
    if delimiter == "parquet":
        return "a Parquet file"
    plural = delimiter if delimiter == "spaces" else f"{delimiter}s"
    return f"cells are separated by {plural}"


def _columns(found: Examination, reading: Reading) -> str:
    """Which columns are read, and which are not."""
    how = "" if reading.height else " (known by its name)"
    words = f"heights are in '{found.height}'{how}"
    if found.group:
        words += f", groups in '{found.group}'"
    used = (found.choice.height, found.choice.group)
    header = enumerate(found.sheet.header)
    others = [name or "(blank)" for position, name in header if position not in used]
    return words + (f"; not fitted: {', '.join(others)}" if others else "")


def _unit(found: Examination) -> list[str]:
    """The unit, and what the numbers say of it."""
    known = found.sheet.values[~np.isnan(found.sheet.values)]
    if not len(known):
        return []
    span = f"{known.min():g}–{known.max():g}, median {np.median(known):g}"
    band = likely_unit(known)
    looks = f"the numbers ({span}) look like {band.words}" if band else f"the numbers are {span}"
    if found.unit == "none":
        return [f"column '{found.height}': taken as they are, in no unit; {looks}"]
    if found.doubted:
        return [f"column '{found.height}': {looks}"]
    said = f"taken as {UNIT_WORDS[found.unit]}"
    return [f"column '{found.height}': {said}; {looks}"]


def _span(found: Examination) -> str:
    """Middle and spread of the heights that are believed."""
    factor = CM_PER_UNIT[found.unit]
    heights = found.sheet.values[found.kept]
    unit = "" if found.unit == "none" else f" {found.unit}"
    low, middle, high = np.quantile(heights, (0.0, 0.5, 1.0)).tolist()
    words = (
        f"column '{found.height}': {len(heights)} heights of {low:g} to {high:g}{unit}, median "
        f"{middle:g}, mean {heights.mean():.2f}, SD {heights.std():.2f}"
    )
    in_cm = f" (mean {factor * heights.mean():.2f}, SD {factor * heights.std():.2f} cm)"
    return words + (in_cm if found.unit not in ("cm", "none") else "")


def _groups(found: Examination) -> str:
    """Codes of the groups, as names, and how many people each has."""
    names, index = ordered_groups(found)
    counts = np.bincount(index[index >= 0], minlength=len(names)).tolist()
    sizes = [f"{shown(name)} {count}" for name, count in zip(names, counts, strict=True)]
    blank = int((index < 0).sum())
    sizes += [f"no label {blank}"] if blank else []
    order = ", shortest first on average" if len(names) > 1 else ""
    return f"column '{found.group}': {', '.join(sizes)}{order}; labels are names, never numbers"


def _command(found: Examination, reading: Reading) -> tuple[str, ...]:
    """Arguments that fit the file."""
    command = ["fit", found.path, "--height", found.height, "--unit", found.unit]
    command += ["--group", found.group] if found.group else []
    command += ["--on-bad-rows", "drop"] if reading.bad_rows == "drop" else []
    if reading.height_range is not None:
        command += ["--range", *(f"{end:g}" for end in reading.height_range)]
    command += ["--merge-labels"] if reading.merge_labels else []
    return tuple(command)
