"""Tables of cells as they stand in a file: numbers in order, each cell touching the next.

What is wrong is told in sentences without the path, with what they are about.
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats, Ints
from stature.datafile.cells import is_missing, is_number
from stature.datafile.columns import CountColumns
from stature.datafile.examinations import Remark
from stature.datafile.sheets import Records
from stature.datafile.wording import FEW, counted, row_list, shown

# Ends that differ by less than this part of a cell are the same, written with few decimals.
SAME = 1e-6
INFINITIES = {"-inf": -np.inf, "inf": np.inf, "+inf": np.inf}


@dataclass(frozen=True, slots=True)
class CellTable:
    """Numbers of a table, with their rows in the file."""

    rows: Ints  # shape (m,): row numbers
    lower: Floats  # shape (m,): ends of the cells, in the unit of the file
    upper: Floats
    count: Floats  # shape (m,): people in each

    def at(self, order: Ints) -> "CellTable":
        """Return the rows at some positions."""
        return CellTable(self.rows[order], self.lower[order], self.upper[order], self.count[order])

    @property
    def middle(self) -> Floats:
        """Middles of the cells, shape (m,); of an open one, its end."""
        lower = np.where(np.isfinite(self.lower), self.lower, self.upper)
        upper = np.where(np.isfinite(self.upper), self.upper, self.lower)
        return 0.5 * (lower + upper)


def parsed(records: Records, columns: CountColumns) -> tuple[CellTable | None, list[Remark]]:
    """Numbers of a table, or which cells are none.

    Returns table: the numbers, NaN where there is none; None where rows are not whole; faults: what
    is wrong.
    """
    width = len(records.header)
    rows = [(row, cells) for row, cells in enumerate(records.cells, start=2) if cells]
    ragged = [row for row, cells in rows if len(cells) != width]
    if not rows:
        return None, [("rows", "row 2: expected cells below the header, got none")]
    if ragged:
        such = counted(len(ragged), "such row")
        words = f"expected {counted(width, 'cell')} as in the header, got another number ({such})"
        return None, [("rows", f"{row_list(ragged, len(ragged))}: {words}; mend the rows")]
    faults: list[Remark] = []

    def numbers(position: int, blank: float, expected: str) -> Floats:
        texts = [cells[position].strip() for _, cells in rows]
        values = np.array([_value(text, blank) for text in texts])
        bad = np.flatnonzero(np.isnan(values))
        if len(bad):
            found = ", ".join(dict.fromkeys(shown(texts[i]) for i in bad[:FEW]))
            where = row_list([rows[i][0] for i in bad], len(bad))
            words = f"column '{records.header[position]}', {where}: expected {expected}, got"
            faults.append(("cells", f"{words} {found} ({counted(len(bad), 'such cell')})"))
        return values

    if columns.are_points:
        lower = upper = numbers(columns.lower, np.nan, "a number")
    else:
        open_end = "a number, or a blank cell or {} for an open end"
        lower = numbers(columns.lower, -np.inf, open_end.format("-inf"))
        upper = numbers(columns.upper, np.inf, open_end.format("inf"))
    count = numbers(columns.count, np.nan, "a number of people, 0 or more")
    return CellTable(np.array([row for row, _ in rows]), lower, upper, count), faults


def _value(text: str, blank: float) -> float:
    """Number of a cell; NaN for what is none."""
    if is_number(text):
        number = float(text.replace(",", "."))
        return number if np.isfinite(number) else np.nan
    if text.lower() in INFINITIES:
        # An infinite count is none, and an end is infinite on its own side only.
        return INFINITIES[text.lower()] if INFINITIES[text.lower()] == blank else np.nan
    return blank if is_missing(text) and text.lower() != "nan" else np.nan


def count_faults(table: CellTable) -> list[Remark]:
    """Counts below zero, and too few cells with people in them."""
    negative = table.count < 0.0
    if negative.any():
        rows = table.rows[negative].tolist()
        found = ", ".join(f"{count:g}" for count in table.count[negative][:5].tolist())
        words = f"{row_list(rows, len(rows))}: expected counts of 0 or more, got {found}"
        return [("cells", words)]
    filled = int((table.count > 0.0).sum())
    if filled == 0:
        return [("rows", "all counts are 0: expected people in at least two cells")]
    if filled == 1:
        words = "all people are in one cell, which tells nothing about the SD; give narrower cells"
        return [("rows", words)]
    return []


def touching(
    table: CellTable, columns: CountColumns, gaps_are_empty: bool
) -> tuple[CellTable, list[Remark], list[str]]:
    """The table in order, each cell touching the next, or why it cannot be so.

    Returns table: the table; in order where there are no faults; faults: what is wrong; notes: what
    was made of it.
    """
    if columns.are_points:
        table, faults, notes = _cells_of_points(table)
        gaps_are_empty = True
    else:
        wrong = table.lower >= table.upper
        rows = table.rows[wrong].tolist()
        faults: list[Remark] = []
        notes: list[str] = []
        if rows:
            pair = f"{table.lower[wrong][0]:g} and {table.upper[wrong][0]:g}"
            words = f"expected a lower end below the upper one, got {pair}"
            such = counted(len(rows), "such row")
            faults = [("cells", f"{row_list(rows, len(rows))}: {words} ({such}); swap them")]
    if faults:
        return table, faults, notes
    table = table.at(np.argsort(table.lower, kind="stable"))
    distance = table.lower[1:] - table.upper[:-1]
    width = np.minimum(*(np.abs(part) for part in (widths(table)[1:], widths(table)[:-1])))
    tolerance = SAME * np.where(np.isfinite(width), width, 1.0)
    for i in np.flatnonzero(distance < -tolerance).tolist():
        cells = f"{cell_words(table, i)} and {cell_words(table, i + 1)}"
        where = row_list(sorted(table.rows[i : i + 2].tolist()), 2)
        faults.append(("cells", f"{where}: the cells {cells} overlap; everybody must be in one"))
    gaps = np.flatnonzero(distance > tolerance)
    if len(gaps) and not gaps_are_empty:
        i = int(gaps[0])
        where = row_list(sorted(table.rows[i : i + 2].tolist()), 2)
        more = f" (and {len(gaps) - 1} more gaps)" if len(gaps) > 1 else ""
        faults.append(
            (
                "cells",
                f"{where}: there is no cell from {table.upper[i]:g} to {table.lower[i + 1]:g}{more}"
                "; if nobody stood there, say so with --gaps empty; people who were left out of "
                "the table cannot be made up for",
            )
        )
    elif len(gaps):
        table = CellTable(
            np.concatenate([table.rows, table.rows[gaps]]),
            np.concatenate([table.lower, table.upper[gaps]]),
            np.concatenate([table.upper, table.lower[gaps + 1]]),
            np.concatenate([table.count, np.zeros(len(gaps))]),
        )
        table = table.at(np.argsort(table.lower, kind="stable"))
        if not columns.are_points:
            notes.append(f"{counted(len(gaps), 'gap')} between cells taken as cells of nobody")
    return table, faults, notes


def _cells_of_points(table: CellTable) -> tuple[CellTable, list[Remark], list[str]]:
    """Cells around points that have an even step."""
    table = table.at(np.argsort(table.lower, kind="stable"))
    points = table.lower
    twice = np.flatnonzero(np.diff(points) == 0.0)
    if len(twice):
        where = row_list(sorted(table.rows[twice[0] : twice[0] + 2].tolist()), 2)
        words = f"{where}: expected each value once, got {points[twice[0]]:g} twice; add them up"
        return table, [("cells", words)], []
    if len(points) < 2:
        return table, [], []
    steps = np.diff(points)
    step = float(steps.min())
    wholes = steps / step
    if np.abs(wholes - np.rint(wholes)).max() > SAME * len(points):
        i = int(np.argmax(np.abs(wholes - np.rint(wholes))))
        words = (
            f"expected values at an even step, got steps of {step:g} and {steps[i]:g}: a value "
            "then stands for no cell; take the values as exact with --points"
        )
        return table, [("cells", words)], []
    note = f"each value stands for the cell of {step:g} around it; --points takes it as exact"
    half = 0.5 * step
    return CellTable(table.rows, points - half, points + half, table.count), [], [note]


def widths(table: CellTable) -> Floats:
    """Widths of the cells, shape (m,)."""
    return table.upper - table.lower


def cell_words(table: CellTable, i: int) -> str:
    """A cell as a message names it.

    Such as ``160–165``.
    """
    return f"{table.lower[i]:g}–{table.upper[i]:g}"
