"""The doctor: all that can be said of a file before it is fitted, a sentence each.

Faults and warnings are those of a fit, in the same words; beside them stands what a person needs to
judge them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from stature.datafile.columns import likely_unit
from stature.datafile.digits import SPREAD_DIGITS, amount, number
from stature.datafile.examinations import (
    About,
    Examination,
    FileError,
    Remark,
    about,
    cautions,
    dropped,
    examine,
    mean_and_sd,
    ordered_groups,
)
from stature.datafile.faults import few_people
from stature.datafile.people import people_of
from stature.datafile.request import FitRequest, Reading, UsageError, check_kind
from stature.datafile.runs import plans
from stature.datafile.signs import digit_signs, tie_signs
from stature.datafile.texts import COLUMNAR, Kind, counted, shown
from stature.datafile.units import UNIT_WORDS, after, in_unit

Level = Literal["error", "warning", "note"]

ORDER: tuple[About, ...] = (
    "file",
    "columns",
    "unit",
    "cells",
    "heights",
    "rows",
    "groups",
    "options",
)
ALWAYS_LEFT_OUT = ("blank row", "value missing", "weight missing", "weight 0")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence about a file, and how much it matters."""

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


def diagnose(path: str | Path, reading: Reading, request: FitRequest | None = None) -> Diagnosis:
    """Say all that can be said of a file, and of a fit of it.

    With the groups that its header names, unless options of the fit say something of groups.
    """
    asked = request or FitRequest(str(path), reading)
    try:
        found, remarks = _examined(path, reading, not _is_planned(asked))
    except FileError as error:
        return Diagnosis(str(path), "", _verdicts("error", error.remarks))
    verdicts = _verdicts("error", found.faults) + _verdicts("warning", remarks)
    if not found.sheet.choice.table:
        few = about("rows", few_people(int(found.kept.sum()), found.nouns))
        verdicts += _verdicts("warning", cautions(found) + few)
        verdicts += _verdicts("note", _notes(found, reading))
    elif not found.faults:
        verdicts += _verdicts("warning", cautions(found))
        verdicts += _verdicts("note", _notes_on_table(found))
    if not found.faults:
        verdicts += _verdicts("error", about("options", _option_faults(found, asked)))
    ordered = sorted(verdicts, key=lambda verdict: ORDER.index(verdict.about))
    unfit = any(verdict.level == "error" for verdict in verdicts)
    command = () if unfit else _command(found, asked)
    return Diagnosis(str(path), found.sheet.sha256, tuple(ordered), command)


def _examined(
    path: str | Path, reading: Reading, finds_group: bool
) -> tuple[Examination, list[Remark]]:
    """A file with the groups that its header names, or without them and why.

    A group that nobody asked for is no reason to refuse a file that a fit takes.
    """
    alone = replace(reading, finds_group=False)
    if reading.group is not None or not finds_group:
        return examine(path, alone), []
    try:
        found = examine(path, replace(reading, finds_group=True))
        wrong = found.faults
    except FileError as error:
        found, wrong = None, error.remarks
    if found is not None and not wrong:
        return found, []
    without = examine(path, alone)
    if without.faults or without.kind != "people":
        return found or without, []
    return without, [("groups", f"{words}; fitted without groups") for _, words in wrong]


def _is_planned(request: FitRequest) -> bool:
    """Whether options say what is to be fitted, which groups that nobody named may not fit."""
    known = request.shares or request.sds or request.rounded
    cut = request.reading.cuts != (None, None)
    return bool(known or cut or request.groups or request.estimators)


def _option_faults(found: Examination, request: FitRequest) -> list[str]:
    """Options that `fit` would not follow, in its words."""
    group = found.group or None
    as_fitted = replace(request, reading=replace(request.reading, group=group))
    try:
        check_kind(as_fitted, found.kind, found.unit)
        plans(as_fitted, people_of(found))
    except UsageError as error:
        return list(error.messages)
    return []


def _verdicts(level: Level, remarks: Iterable[Remark]) -> tuple[Verdict, ...]:
    return tuple(Verdict(level, aspect, sentence) for aspect, sentence in remarks)


def _notes_on_table(found: Examination) -> list[Remark]:
    """What is good to know of a table of counts."""
    weights = np.empty(0) if found.weights is None else found.weights
    remarks: list[Remark] = []
    with_groups, cells, widths = "", len(weights), ""
    if found.group and found.table is not None:
        width = f"{found.table.width[0]:.10g}{after(found.unit)}"
        with_groups, cells, widths = " with groups", int(found.kept.sum()), f" of {width}"
        remarks += about("groups", [_groups(found)])
    else:
        remarks += about("cells", people_of(found).notes)
    people = f"{amount(weights.sum())} {found.nouns.many} in {counted(cells, 'cell')}{widths}"
    groups = f", groups in '{found.group}'" if found.group else ""
    return [
        ("file", f"a table of counts{with_groups}: {people}"),
        ("columns", f"cells and counts are in {found.height}{groups}"),
        ("unit", f"taken to be {in_unit(found.unit)}"),
        *remarks,
    ]


def _notes(found: Examination, reading: Reading) -> list[Remark]:
    """What is good to know of a file of people."""
    sheet = found.sheet
    separated = COLUMNAR.get(sheet.delimiter, "no cells are separated")
    if sheet.delimiter and sheet.delimiter not in COLUMNAR:
        plural = sheet.delimiter if sheet.delimiter == "spaces" else f"{sheet.delimiter}s"
        separated = f"cells are separated by {plural}"
    size = f"{counted(len(sheet.rows), 'row')} of {counted(len(sheet.header), 'column')}"
    remarks: list[Remark] = [("file", f"{size}; {separated}")]
    if (sheet.kinds == Kind.COMMA).any():
        remarks.append(("cells", f"column '{found.height}': decimals are written with a comma"))
    remarks.append(("columns", _columns(found, reading)))
    remarks += about("unit", _unit(found))
    lost = [
        f"{counted(count, 'row')} left out: {reason}"
        for reason, count in dropped(found)
        # Other rows are at fault, and named as such, unless a person lets them go.
        if reading.bad_rows == "drop" or reason in ALWAYS_LEFT_OUT
    ]
    remarks += about("cells", lost)
    believed = sheet.values[found.kept]
    if len(believed) and not found.doubted:
        remarks.append(("heights", _span(found)))
        signs = tie_signs(believed, found.height)
        signs += digit_signs(believed, found.unit, found.height)
        remarks += about("heights", signs)
    if found.group and found.labels is not None:
        remarks.append(("groups", _groups(found)))
    return remarks


def _columns(found: Examination, reading: Reading) -> str:
    """Which columns are read, and which are not."""
    choice, header = found.sheet.choice, found.sheet.header
    how = "" if reading.height else " (known by its name)"
    words = f"{found.nouns.value}s are in '{found.height}'{how}"
    words += f", groups in '{found.group}'" if found.group else ""
    words += "" if choice.weight is None else f", weights in '{header[choice.weight]}'"
    used = (choice.height, choice.group, choice.weight)
    others = [name or "(blank)" for i, name in enumerate(header) if i not in used]
    return words + (f"; not fitted: {', '.join(others)}" if others else "")


def _unit(found: Examination) -> list[str]:
    """The unit, and what the numbers say of it."""
    known = found.sheet.values[~np.isnan(found.sheet.values)]
    if not len(known):
        return []
    span = f"{known.min():.15g}–{known.max():.15g}, median {np.median(known):.15g}"
    band = likely_unit(known)
    looks = f"the numbers ({span}) look like {band.words}" if band else f"the numbers are {span}"
    if found.unit == "none":
        return [f"column '{found.height}': taken as they are, without a unit; {looks}"]
    if found.doubted:
        return [f"column '{found.height}': {looks}"]
    return [f"column '{found.height}': taken as {UNIT_WORDS[found.unit]}; {looks}"]


def _span(found: Examination) -> str:
    """Middle and spread of the heights that are believed."""
    heights, weights = found.sheet.values[found.kept], found.weights
    low, middle, high = np.quantile(heights, (0.0, 0.5, 1.0)).tolist()
    mean, sd, weighted = float(heights.mean()), float(heights.std()), ""
    if weights is not None:
        mean, sd = mean_and_sd(heights, weights[found.kept])
        weighted = f"; by weights, which sum to {amount(weights[found.kept].sum())},"
    return (
        f"column '{found.height}': {len(heights)} {found.nouns.value}s of {low:.15g} to {high:.15g}"
        f"{after(found.unit)}, median {middle:.15g}{weighted or ','} mean "
        f"{number(mean, sd, SPREAD_DIGITS)}, SD {number(sd, sd, SPREAD_DIGITS)}"
    )


def _groups(found: Examination) -> str:
    """Codes of the groups, as names, and how many people each has."""
    names, index = ordered_groups(found)
    people = np.ones(len(index))
    if found.table is not None and found.weights is not None:
        people = found.weights[found.kept]
    sizes = [f"{shown(name)} {amount(people[index == k].sum())}" for k, name in enumerate(names)]
    sizes += [f"no label {amount(people[index < 0].sum())}"] if (index < 0).any() else []
    order = ", smallest mean first" if len(names) > 1 else ""
    return f"column '{found.group}': {', '.join(sizes)}{order}; labels are names, never numbers"


def _command(found: Examination, request: FitRequest) -> tuple[str, ...]:
    """Arguments that fit the file, with all options that were given."""
    reading = request.reading
    by_name = reading.height is not None or not found.sheet.choice.table
    given: dict[str, object] = {
        "--column": found.columns[0] if by_name else "",
        "--unit": found.unit,
        "--group": found.group,
        "--count": reading.count,
        "--weights": reading.weights,
        "--decimal": reading.decimal,
        "--weight-kind": reading.weight_kind,
        "--on-bad-rows": "drop" if reading.bad_rows == "drop" else "",
        "--range": reading.height_range,
        "--merge-labels": reading.merge_labels,
        "--points": reading.points,
        "--gaps": "empty" if reading.gaps_are_empty else "",
        "--hide-group": request.hide_group,
        "--estimator": request.estimators,
        "--shares": request.shares,
        "--sds": request.sds,
        "--groups": request.groups,
        "--below": reading.cuts[0],
        "--above": reading.cuts[1],
        "--rounded": request.rounded,
        "--seed": "" if request.seed == 1 else str(request.seed),
    }
    command = ["fit", found.path]
    for option, value in given.items():
        values: tuple[object, ...] = value if isinstance(value, tuple) else (value,)
        command += [option, *map(str, () if value is True else values)] if value else []
    return tuple(command)
