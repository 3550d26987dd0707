"""Examinations: a file read once, with all that is wrong with it and all that is odd.

`people` takes from it what is fitted, or raises; `doctor` says it all. So both say the same
sentences. A table of counts with groups is examined as people who were rounded, each row for many
of them, and what fits those fits it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from stature.arrays import Bools, Floats, Int8s
from stature.datafile import cells, faults
from stature.datafile.cells import CellTable
from stature.datafile.columns import (
    HIGHEST_CM,
    LOWEST_CM,
    SPELLINGS,
    Choice,
    ColumnError,
    Labels,
    choose,
    likely_unit,
    name_groups,
    unit_in_name,
)
from stature.datafile.counting import NO_COLUMN, number_or_count, table_fault, unused_fault
from stature.datafile.request import FileKind, Reading, WeightKind
from stature.datafile.sheets import Choose, Sheet, SheetError, read_sheet
from stature.datafile.signs import code_signs, counted_code_signs, end_signs, stand_once
from stature.datafile.texts import Decimal, Kind, numbers
from stature.datafile.units import (
    ASSUMED_UNIT,
    CM_PER_UNIT,
    PEOPLE,
    Nouns,
    after,
    nouns_of,
    says_height,
)
from stature.writing import Refusal

# From one height nothing can be learned about a spread.
FEWEST_PEOPLE = 2
# Numbers that are no heights may be anything whose squares and sums are still finite.
NO_LIMITS = (-1e100, 1e100)

About = Literal["file", "columns", "unit", "cells", "heights", "rows", "groups", "options"]
ReadSheet = Callable[[Path, Choose, Decimal | None], Sheet]  # from a file, or from arrays
Remark = tuple[About, str]
"""What a sentence is about, and the sentence without the path."""


def about(aspect: About, sentences: Iterable[str]) -> list[Remark]:
    """Remarks about one aspect of a file."""
    return [(aspect, sentence) for sentence in sentences]


class FileError(Refusal):
    """A file that cannot be fitted; problems in its order, with place, expected, got, advice."""

    remarks: tuple[Remark, ...] = ()  # the same without the path, each with what it is about


def refusal(path: str | Path, remarks: Iterable[Remark]) -> FileError:
    """Make an error of what is wrong with a file."""
    said = tuple(remarks)
    error = FileError(*(f"{path}: {words}" for _, words in said))
    error.remarks = said
    return error


@dataclass(frozen=True, slots=True)
class Examination:
    """A file as it was found."""

    path: str  # the file, as it was named
    sheet: Sheet  # what stands in it
    named: str | None  # unit of the heights, where the person or the name of the column says it
    doubted: bool  # whether the heights contradict it, or mix units
    limits: tuple[float, float]  # values to believe
    # shape (n,): values of all rows in the unit of the file, of a cell its middle; NaN if missing
    values: Floats
    weights: Floats | None  # shape (n,): how many people each row stands for; None: one each
    labels: Labels | None  # the groups; None when there are too many
    # what a person says of the weights; a column of counts was counted
    weight_kind: WeightKind | None = None
    # cells of a table of counts, in order where there are no groups; None of a file of people
    table: CellTable | None = None
    notes: tuple[str, ...] = ()  # what was made of its columns or its table
    faults: tuple[Remark, ...] = ()  # why the file cannot be fitted; empty if it can

    @property
    def kind(self) -> FileKind:
        """What the file holds."""
        return self.sheet.choice.kind

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of heights, or of cells and counts."""
        choice = self.sheet.choice
        return tuple(self.sheet.header[i] for i in dict.fromkeys(choice.table or (choice.height,)))

    @property
    def height(self) -> str:
        """Name of the column of heights, or of all that tell them."""
        return ", ".join(self.columns)

    @property
    def nouns(self) -> Nouns:
        """What to call its rows and values."""
        return nouns_of(self.columns, self.unit)

    @property
    def group(self) -> str:
        """Name of the column of groups; empty without one."""
        choice = self.sheet.choice
        return "" if choice.group is None else self.sheet.header[choice.group]

    @property
    def unit(self) -> str:
        """Unit that the heights are taken to be in."""
        return self.named or ASSUMED_UNIT

    @property
    def believed(self) -> str:
        """Heights to believe, in the unit of the file, as a sentence names them."""
        low, high = self.limits
        return f"{low:.5g} to {high:.5g}{after(self.unit)}"

    @property
    def outside(self) -> Bools:
        """Rows whose height is out of range, shape (n,)."""
        low, high = self.limits
        return (self.values < low) | (self.values > high)

    @property
    def kept(self) -> Bools:
        """Rows with a height that is believed and with people in them, or all cells, shape (n,)."""
        if self.kind == "cells":
            return np.ones(len(self.values), np.bool_)
        believed = np.isfinite(self.values) & ~self.outside
        return believed if self.weights is None else believed & (self.weights > 0.0)


def examine(path: str | Path, reading: Reading, read: ReadSheet = read_sheet) -> Examination:
    """Read a file and find all that is wrong with it."""
    if reading.unit is not None:
        reading = replace(reading, unit=SPELLINGS.get(reading.unit.lower(), reading.unit))
    sheet = _read(path, reading, read)
    notes: tuple[str, ...] = ()
    if sheet.choice.may_number:
        height, number = (sheet.header[i] for i in sheet.choice.table[1:])
        counts, _ = numbers(sheet.table[2], sheet.marks[sheet.choice.table[2]])
        kind = number_or_count(sheet.values, counts, number)
        if kind == "unclear":
            words = (
                f"column '{number}' may number rows or count; say --count {number} if it counts "
                f"those of each '{height}', or --count {NO_COLUMN} if each row is one value"
            )
            raise refusal(path, [("columns", words)])
        if kind == "number":
            reading = replace(reading, height=height, count=NO_COLUMN)
            sheet = _read(path, reading, read)
            notes = (
                f"column '{number}' numbers the rows, so that each row is one value; say --count "
                f"{number} if it counts",
            )
    named = reading.unit or unit_in_name(sheet.header[sheet.choice.height])
    found = Examination(
        path=str(path),
        sheet=sheet,
        named=named,
        doubted=False,
        limits=NO_LIMITS,
        values=sheet.values,
        weights=sheet.weights,
        weight_kind=reading.weight_kind if reading.weights else "counts",
        labels=name_groups(sheet.labels, sheet.label_texts, reading.merge_labels),
        notes=notes,
    )
    found = replace(found, limits=_limits(reading, found))
    if sheet.choice.table:
        return _examined_table(found, reading)
    found = _examined(found, reading)
    said = (reading.count, reading.weights, sheet.weights)
    kept, asked = found.kept, any(one is not None for one in said)
    if not (asked or found.faults) and stand_once(sheet.values[kept], sheet.labels[kept]):
        words = table_fault(found.height, _other_numbers(path, reading, read))
        found = replace(found, faults=tuple(about("columns", filter(None, [words]))))
    return found


def _other_numbers(path: str | Path, reading: Reading, read: ReadSheet) -> dict[str, Floats]:
    """Numbers of the columns that are not fitted, by their names."""

    def all_columns(header: tuple[str, ...]) -> Choice:
        chosen = choose(header, reading)
        used = (chosen.height, chosen.group, chosen.identity, chosen.cluster)
        return replace(chosen, unused=tuple(i for i in range(len(header)) if i not in used))

    sheet = read(Path(path), all_columns, reading.decimal)
    names = (sheet.header[i] for i in sheet.choice.unused)
    return dict(zip(names, sheet.unused, strict=True))


def _limits(reading: Reading, found: "Examination") -> tuple[float, float]:
    """Values to believe, of heights those that people have."""
    if reading.height_range is not None:
        low, high = (end.to(found.unit) for end in reading.height_range)
        return low, high
    factor = CM_PER_UNIT.get(found.unit, 1.0)
    return (LOWEST_CM / factor, HIGHEST_CM / factor) if found.nouns is PEOPLE else NO_LIMITS


def _is_believed(reading: Reading, found: "Examination") -> bool:
    """Whether the unit is believed whatever the numbers look like.

    So where values to believe were named, and where the column is not called one of heights:
    lengths of animals look like those of people in another unit.
    """
    named = found.named is not None
    return reading.height_range is not None or (named and not says_height(found.columns))


def _read(path: str | Path, reading: Reading, read: ReadSheet) -> Sheet:
    """Read the columns of a file that a person asked for."""
    try:
        found = read(Path(path), lambda header: choose(header, reading), reading.decimal)
        return cells.with_ends_apart(found)
    except SheetError as error:
        raise refusal(path, [("file", str(error))]) from error
    except ColumnError as error:
        unit = about("unit", faults.unit_name_faults(reading.unit))
        raise refusal(path, about("columns", error.messages) + unit) from error


def _examined(found: Examination, reading: Reading) -> Examination:
    """A file of people with its faults."""
    sheet, column, drop = found.sheet, found.height, reading.bad_rows == "drop"
    wrong_unit = faults.unit_name_faults(reading.unit)
    given = _is_believed(reading, found)
    doubts = faults.value_faults(sheet, column, found.named, given) if len(sheet.rows) else []
    found = replace(found, doubted=bool(wrong_unit or doubts))
    remarks = about("rows", faults.structure_faults(sheet, drop)) + about("unit", wrong_unit)
    unused = zip(sheet.choice.unused, sheet.unused, strict=True)
    said = [unused_fault(sheet.header[i], column) for i, column in unused]
    remarks += about("columns", filter(None, said))
    if len(sheet.rows):
        remarks += about("cells", faults.number_faults(sheet, column, drop))
        remarks += about("unit", [] if wrong_unit or sheet.unclear else doubts)
        # In a doubtful unit nothing can be said about the range.
        if not found.doubted:
            if not drop:
                beyond = faults.range_faults(sheet, column, found.outside, found.believed)
                remarks += about("heights", beyond)
            cut = faults.cut_faults(sheet, column, reading.cuts, found.unit)
            remarks += about("heights", cut)
    remarks += about("cells", faults.weight_faults(sheet, drop))
    remarks += about("groups", faults.label_faults(sheet.label_texts, found.labels, found.group))
    people = int(found.kept.sum())
    if not remarks and people < FEWEST_PEOPLE:
        words = f"expected at least {FEWEST_PEOPLE} rows with a {found.nouns.value}, got {people}"
        remarks.append(("rows", words))
    return replace(found, faults=tuple(remarks))


def _examined_table(found: Examination, reading: Reading) -> Examination:
    """A table of counts with its faults: those of its cells only if all of them can be read."""
    sheet, labels = found.sheet, found.labels
    wrong_unit = faults.unit_name_faults(reading.unit)
    remarks = about("rows", faults.structure_faults(sheet, drop=False)) + about("unit", wrong_unit)
    remarks += about("groups", faults.label_faults(sheet.label_texts, labels, found.group))
    table, unreadable = cells.parsed(sheet)
    remarks += about("cells", filter(None, [sheet.unclear, *unreadable]))
    if remarks or labels is None:
        return replace(found, faults=tuple(remarks))
    notes = cells.end_notes(sheet.choice.layout)
    remarks = about("cells", cells.count_faults(table)) or about("rows", cells.spread_faults(table))
    if found.group:
        apart = cells.grouped_faults(table, labels, reading.gaps_are_empty)
        remarks += about("cells", apart)
    else:
        points, empty = sheet.choice.are_points, reading.gaps_are_empty
        table, apart, made = cells.touching(table, points, empty)
        notes += made
        remarks += about("cells", apart)
        if apart and points:
            # A code is no part of an even step.
            codes = counted_code_signs(table.middle, table.count, found.columns[0])
            remarks += about("cells", codes)
    values = cells.repeated_middles(table)
    span = f"cells {table.middle.min():g}–{table.middle.max():g}"
    given = _is_believed(reading, found)
    remarks += about("unit", faults.unit_faults(values, span, found.named, given))
    if not remarks:
        remarks += about("heights", cells.range_faults(table, found.limits, found.believed))
        remarks += about("heights", cells.cut_faults(table, found.unit, reading.cuts))
    return replace(
        found,
        values=table.middle,
        weights=table.count,
        table=table,
        notes=tuple(notes),
        faults=tuple(remarks),
    )


def cautions(found: Examination) -> list[Remark]:
    """What a reader should know of a file that can be fitted."""
    sheet, table = found.sheet, found.table
    remarks = about("file", sheet.notes) + about("cells", filter(None, [sheet.about_marks]))
    if not found.named and not found.doubted:
        where = "" if sheet.choice.table else f"column '{found.height}': "
        words = "the unit is not named; taken as cm (say --unit cm to confirm)"
        remarks.append(("unit", where + words))
    if not sheet.choice.table:
        remarks += about("columns", found.notes)
        remarks += about("rows", faults.sheet_warnings(sheet))
        # A unit in doubt says nothing of the range, and the range nothing of who stands out.
        judged = np.isfinite(found.values) if found.doubted else found.kept
        if judged.any():
            values, rows = sheet.values[judged], sheet.rows[judged]
            remarks += about("heights", faults.height_warnings(values, rows, found.height))
        remarks += about("heights", [] if found.doubted else _signs(found))
    names, index = ordered_groups(found)
    counts = np.bincount(index[index >= 0], minlength=len(names))
    # With too many labels, or no people, there is nothing to say of groups.
    if found.group and found.labels is not None and len(index):
        alike = found.labels.alike
        remarks += about("groups", faults.label_warnings(names, counts, alike, found.group))
    if table is not None and found.labels is not None:
        if found.group:
            widths = cells.grouped_width_warnings(table, found.labels)
            remarks += about("groups", widths)
        else:
            remarks += about("cells", cells.width_warnings(table))
            if sheet.choice.are_points:
                codes = counted_code_signs(table.middle, table.count, found.columns[0])
                remarks += about("cells", codes)
        band = likely_unit(cells.repeated_middles(table))
        if band and found.named not in (None, "none", band.unit) and found.nouns is not PEOPLE:
            words = (
                f"the cells look like heights of people in {band.words}; if they are, say --unit"
            )
            remarks.append(("unit", f"{words} {band.unit}"))
    return remarks


def _signs(found: Examination) -> list[str]:
    """Signs of codes for missing values, and of coded ends."""
    values, signs = found.sheet.values, list[str]()
    known = ~np.isnan(values)
    if known.any():
        signs += code_signs(values[known], found.outside[known], found.height)
    return signs + (end_signs(values[found.kept], found.height) if found.kept.any() else [])


def ordered_groups(found: Examination) -> tuple[tuple[str, ...], Int8s]:
    """Groups with people in the order of their means, and the group of each row that is kept.

    No names without a column of groups, or with too many; -1 for a blank label.
    """
    labels, kept = found.labels, found.kept
    values = found.values[kept]
    if labels is None or not found.group:
        return (), np.full(len(values), -1, np.int8)
    index = labels.index[kept]
    weights = None if found.weights is None else found.weights[kept]
    means = {
        k: mean_and_sd(values[index == k], None if weights is None else weights[index == k])[0]
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
    sheet = found.sheet
    reasons = (
        ("blank row", sheet.blank_rows),
        ("too few or too many cells", sheet.ragged.count),
        ("value missing", int((sheet.kinds == Kind.MISSING).sum())),
        ("value not a number", int((sheet.kinds == Kind.UNREADABLE).sum())),
        (f"value outside {found.believed.replace(' to ', '–')}", int(found.outside.sum())),
        ("weight missing", sheet.blank_weights),
        ("weight not a number of 0 or more", sheet.bad_weights.count),
        ("weight 0", 0 if sheet.weights is None else int((sheet.weights == 0.0).sum())),
    )
    return tuple((reason, count) for reason, count in reasons if count)


def mean_and_sd(values: Floats, weights: Floats | None = None) -> tuple[float, float]:
    """Mean and standard deviation, with the divisor n.

    Two passes over values shifted by the first one, with the correction of the second sum for the
    rounding of the mean [1]_: ``sd^2 = (sum d^2 - (sum d)^2 / n) / n``. Never ``E[x^2] - E[x]^2``,
    which loses all digits when the mean is large. With weights, plain weighted means.

    References
    ----------
    .. [1] Chan, Golub & LeVeque (1983), The American Statistician 37, 242-247, eq. (1.7).

    Examples
    --------
    >>> mean_and_sd(np.array([10000001.0, 10000003.0, 10000002.0]))
    (10000002.0, 0.816496580927726)
    """
    if weights is not None:
        share = weights / weights.sum()
        mean = float(share @ values)
        return mean, float(np.sqrt(share @ (values - mean) ** 2))
    shifted = values - values[0]
    offset = float(shifted.mean())
    deviations = shifted - offset
    n = len(values)
    square = (float(deviations @ deviations) - float(deviations.sum()) ** 2 / n) / n  # [1] (1.7)
    return float(values[0]) + offset, float(np.sqrt(max(square, 0.0)))
