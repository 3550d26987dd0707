"""Tables of counts: cells, or points, with how many people stand in each.

Old books print heights in this way, and fisheries lengths. What is wrong is said in sentences
without the path.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.datafile.columns import Labels
from stature.datafile.counting import MOST, NO_COLUMN, Layout
from stature.datafile.digits import number
from stature.datafile.request import Cuts
from stature.datafile.sheets import Sheet
from stature.datafile.texts import FEW, Kind, Rows, counted, numbers, row_list, rows_where, shown

# Ends that differ by less than this part of a cell are the same, written with few decimals.
SAME = 1e-6
# A cut that is this part of a cell off its end is at it.
CUT_SLACK = 1e-4
# Rows by which a unit is guessed, whatever the counts are.
GUESSING_ROWS = 1000.0
# Of fewer cells one may hold half of all by chance.
FEWEST_BESIDE_TOTAL = 4
# So many counts hardly rise from each cell to the next unless they are cumulative.
FEWEST_RISING = 6
INFINITIES = {"-inf": -np.inf, "inf": np.inf, "+inf": np.inf}
# Both ends of a cell in one column: 140-145, (140, 145] of pandas and R, 140 to 145; and open ones.
END = r"\s*([-+]?\d[\d.,]*(?<![.,])|[-+]?inf)\s*"
ENDS = re.compile(rf"[\[(]?{END}(?:-|–|—|to|bis|[,;]|\.\.\.?){END}[\])]?", re.IGNORECASE)
BELOW_END = re.compile(rf"(?:<=?|≤|under|below|less than|up to|bis){END}", re.IGNORECASE)
ABOVE_END = re.compile(
    rf"(?:>=?|≥|over|above|more than){END}|{END}(?:\+|(?:and|or) (?:over|above|more))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CellTable:
    """Cells of a table, with their rows in the file."""

    rows: Ints  # shape (m,): row numbers
    lower: Floats  # shape (m,): ends of the cells, in the unit of the file
    upper: Floats
    count: Floats  # shape (m,): people in each

    def at(self, order: Ints | Bools) -> "CellTable":
        """Return some of the rows."""
        return CellTable(self.rows[order], self.lower[order], self.upper[order], self.count[order])

    @property
    def middle(self) -> Floats:
        """Middles of the cells, shape (m,); of an open one, its end."""
        lower = np.where(np.isfinite(self.lower), self.lower, self.upper)
        upper = np.where(np.isfinite(self.upper), self.upper, self.lower)
        return 0.5 * (lower + upper)

    @property
    def width(self) -> Floats:
        """Widths of the cells, shape (m,)."""
        return self.upper - self.lower

    def words(self, i: int) -> str:
        """Return a cell as a message names it, such as ``160–165``."""
        return f"{self.lower[i]:.15g}–{self.upper[i]:.15g}"


def with_ends_apart(sheet: Sheet) -> Sheet:
    """A table whose first column names both ends of each cell, with the ends in two columns."""
    if sheet.choice.layout != "values":
        return sheet
    pairs: list[tuple[str, str]] = []
    for text in map(str.strip, sheet.table[0]):
        if found := ENDS.fullmatch(text):
            pairs.append((found[1], found[2]))
        elif found := BELOW_END.fullmatch(text):
            pairs.append(("-inf", found[1]))
        elif found := ABOVE_END.fullmatch(text):
            pairs.append((found[1] or found[2], "inf"))
        else:
            return sheet
    lower, upper = ([pair[i] for pair in pairs] for i in (0, 1))
    choice = replace(sheet.choice, layout="cells", may_number=False)
    return replace(sheet, choice=choice, table=(lower, upper, sheet.table[2]))


def parsed(sheet: Sheet) -> tuple[CellTable, list[str]]:
    """Numbers of a table, NaN where there is none, and which cells those are."""
    faults: list[str] = []

    def column(place: int, blank: float, expected: str) -> Floats:
        texts = sheet.table[place]
        values, kinds = numbers(texts, sheet.marks[sheet.choice.table[place]])
        for i in np.flatnonzero(kinds >= Kind.MISSING).tolist():
            word = texts[i].strip().lower()
            # An end is infinite on its own side only, and an infinite count is none.
            infinite = INFINITIES.get(word, np.nan) == blank
            if infinite or (kinds[i] == Kind.MISSING and word != "nan"):
                values[i] = blank
        if place == 2:
            values = np.where(values <= MOST, values, np.nan)
        bad = np.flatnonzero(np.isnan(values))
        rows = Rows().and_also(sheet.rows, [text.strip() for text in texts], bad)
        if len(bad):
            faults.append(
                f"column '{sheet.header[sheet.choice.table[place]]}', {rows.where}: expected "
                f"{expected}, got {rows.texts} ({counted(len(bad), 'such cell')}); mend the rows, "
                "or take out those of totals and of what was not measured"
            )
        return values

    layout, open_end = sheet.choice.layout, "a number, or a blank cell or {} for an open end"
    if layout == "values":
        lower = upper = column(0, np.nan, "a number")
    elif layout == "lower ends":
        lower = column(0, -np.inf, open_end.format("-inf"))
        upper = _next_ends(lower, np.inf)
    elif layout == "upper ends":
        upper = column(1, np.inf, open_end.format("inf"))
        lower = -_next_ends(-upper, np.inf)
    else:
        lower = column(0, -np.inf, open_end.format("-inf"))
        upper = column(1, np.inf, open_end.format("inf"))
    count = column(2, np.nan, "a count of 0 or more")
    return CellTable(sheet.rows, lower, upper, count), faults


def end_notes(layout: Layout) -> list[str]:
    """What is taken of the ends of cells that a table does not name."""
    if layout not in ("upper ends", "lower ends"):
        return []
    begins, first = ("begins", "lowest") if layout == "upper ends" else ("ends", "highest")
    beside = "the one below it ends" if layout == "upper ends" else "the one above it begins"
    return [f"only {layout} are named: each cell {begins} where {beside}, the {first} one is open"]


def _next_ends(ends: Floats, last: float) -> Floats:
    """The next larger end of each, shape (m,); of the largest, `last`."""
    distinct = np.unique(ends)
    return np.append(distinct, last)[np.searchsorted(distinct, ends, side="right")]


def count_faults(table: CellTable) -> list[str]:
    """Counts below zero."""
    negative = table.count < 0.0
    if not negative.any():
        return []
    found = ", ".join(f"{count:.10g}" for count in table.count[negative][:FEW].tolist())
    return [f"{rows_where(table.rows, negative)}: expected counts of 0 or more, got {found}"]


def spread_faults(table: CellTable) -> list[str]:
    """Too few cells with counts in them, or one that holds the total."""
    filled = int((table.count > 0.0).sum())
    is_open = ~(np.isfinite(table.lower) & np.isfinite(table.upper))
    total = is_open & (2.0 * table.count == table.count.sum()) & (filled > FEWEST_BESIDE_TOTAL)
    if total.any():
        return [
            f"{rows_where(table.rows, total)}: a cell without an end has as many as all others "
            "together: a total? take the row out, or write the end of the cell"
        ]
    if filled == 0:
        return ["all counts are 0: expected counts above 0 in at least two cells"]
    if filled == 1:
        return ["all counts are in one cell, which tells nothing about the SD; give narrower cells"]
    return []


def touching(
    table: CellTable, are_points: bool, gaps_are_empty: bool
) -> tuple[CellTable, list[str], list[str]]:
    """The table in order, each cell touching the next; what is wrong; and what was made of it."""
    faults: list[str] = []
    notes: list[str] = []
    if are_points:
        table, faults, notes = _cells_of_points(table)
    elif (wrong := table.lower >= table.upper).any():
        pair = f"{table.lower[wrong][0]:.15g} and {table.upper[wrong][0]:.15g}"
        such = counted(int(wrong.sum()), "such row")
        words = f"expected a lower end below the upper one, got {pair} ({such}); swap them"
        faults = [f"{rows_where(table.rows, wrong)}: {words}"]
    if faults:
        return table, faults, notes
    table = table.at(np.argsort(table.lower, kind="stable"))
    distance = table.lower[1:] - table.upper[:-1]
    width = np.minimum(np.abs(table.width[1:]), np.abs(table.width[:-1]))
    tolerance = SAME * np.where(np.isfinite(width), width, 1.0)
    for i in np.flatnonzero(distance < -tolerance).tolist():
        cells = f"{table.words(i)} and {table.words(i + 1)}"
        faults.append(
            f"{_pair(table, i)}: the cells {cells} overlap; each value must be in one only"
        )
    gaps = np.flatnonzero(distance > tolerance)
    if len(gaps) and not (gaps_are_empty or are_points):
        faults.append(_gap_fault(table, gaps, distance))
    elif len(gaps):
        table = CellTable(
            np.concatenate([table.rows, table.rows[gaps]]),
            np.concatenate([table.lower, table.upper[gaps]]),
            np.concatenate([table.upper, table.lower[gaps + 1]]),
            np.concatenate([table.count, np.zeros(len(gaps))]),
        )
        table = table.at(np.argsort(table.lower, kind="stable"))
        if not are_points:
            notes.append(f"{counted(len(gaps), 'gap')} between cells taken for empty cells")
    return table, faults, notes


def _gap_fault(table: CellTable, gaps: Ints, distance: Floats) -> str:
    """The fault of cells with gaps between them, which may be those of rounded values."""
    i = int(gaps[0])
    more = f" (and {counted(len(gaps) - 1, 'more gap')})" if len(gaps) > 1 else ""
    where, step = f"{_pair(table, i)}: there is no cell from ", float(distance[i])
    lower, upper = table.lower[i + 1], table.upper[i + 1]
    where += f"{table.upper[i]:.15g} to {lower:.15g}{more}; "
    if len(gaps) > 1 and np.ptp(distance[gaps]) <= SAME * step:
        half = 0.5 * step
        return (
            f"{where}are these classes of values in steps of {step:.10g}? write the ends between "
            f"which each was measured: {lower - half:.15g} to {upper + half:.15g} if values were "
            f"rounded to the nearest, {lower:.15g} to {upper + step:.15g} if downwards"
        )
    return (
        f"{where}if nothing was counted there, say --gaps empty; what was left out of the table "
        "cannot be made up for"
    )


def _cells_of_points(table: CellTable) -> tuple[CellTable, list[str], list[str]]:
    """Cells around points that have an even step."""
    table = table.at(np.argsort(table.lower, kind="stable"))
    points = table.lower
    steps = np.diff(points)
    twice = np.flatnonzero(steps == 0.0)
    if len(twice):
        words = (
            f"expected each value once, got {points[twice[0]]:.15g} twice; add them up, or, if "
            f"each row is one value, say --count {NO_COLUMN}"
        )
        return table, [f"{_pair(table, int(twice[0]))}: {words}"], []
    if not len(steps):
        return table, [], []
    step = float(steps.min())
    uneven = np.abs(steps / step - np.rint(steps / step))
    if uneven.max() > SAME * len(points):
        i = int(np.argmax(uneven))
        words = (
            f"expected values at an even step, got steps of {step:.10g} and {steps[i]:.10g}: a "
            "value then stands for no cell; take the values as exact with --points"
        )
        return table, [words], []
    note = f"each value stands for the cell of {step:.10g} around it; --points takes it as exact"
    half = 0.5 * step
    return CellTable(table.rows, points - half, points + half, table.count), [], [note]


def _pair(table: CellTable, i: int) -> str:
    """Rows of a cell and of the next one, in words."""
    return row_list(sorted(table.rows[i : i + 2].tolist()), 2)


def grouped_faults(table: CellTable, labels: Labels, gaps_are_empty: bool) -> list[str]:
    """Cells that overlap, leave gaps between those of all groups, or that no rounding makes."""
    faults: list[str] = []
    for k in np.unique(labels.index).tolist():
        # A cell that another group has is one where nobody of this group stood.
        faults += touching(table.at(labels.index == k), False, gaps_are_empty=True)[1]
    if not faults:
        ends = np.stack([table.lower, table.upper])
        _, first = np.unique(ends, axis=1, return_index=True)
        faults += touching(table.at(first), False, gaps_are_empty)[1]
    if faults:
        return faults
    width = table.width
    if not np.isfinite(width).all():
        words = "an open cell has no place beside a column of groups, whose cells have one width"
        return [f"{words}; close it, or give each group a table of its own"]
    if np.ptp(width) > SAME * width.min():
        words = f"expected cells of one width beside a column of groups, got {width.min():.10g} to "
        return [f"{words}{width.max():.10g}; give each group a table of its own"]
    return []


def repeated_middles(table: CellTable) -> Floats:
    """Middles of the cells, as often as a thousandth of the fullest one has people."""
    most = table.count.max(initial=0.0)
    if not most > 0.0:
        return np.empty(0)
    repeats = np.ceil(GUESSING_ROWS * np.maximum(table.count, 0.0) / most)
    return np.repeat(table.middle, repeats.astype(np.int64))


def range_faults(table: CellTable, limits: tuple[float, float], believed: str) -> list[str]:
    """Cells with people where no person is."""
    middle = table.middle
    outside = (table.count > 0.0) & ((middle < limits[0]) | (middle > limits[1]))
    if not outside.any():
        return []
    return [
        f"{rows_where(table.rows, outside)}: expected heights from {believed}, "
        f"got counts in {table.words(int(np.argmax(outside)))}; mend them, widen "
        "the range with --range LOW HIGH, or say --unit none if they are not heights"
    ]


def cut_faults(table: CellTable, unit: str, cuts: Cuts) -> list[str]:
    """People who could not have been measured, by what a person says."""
    faults: list[str] = []
    slack = CUT_SLACK * float(table.width[np.isfinite(table.width)].min(initial=np.inf))
    for side, cut in zip(("below", "above"), cuts, strict=True):
        if cut is None:
            continue
        beyond = (
            table.lower < cut.to(unit) - slack
            if side == "below"
            else table.upper > cut.to(unit) + slack
        )
        wrong = beyond & (table.count > 0.0)
        if wrong.any():
            words = f"counts in {table.words(int(np.argmax(wrong)))} lie {side} the cut"
            faults.append(
                f"{rows_where(table.rows, wrong)}: {words} that you named, {cut.words(unit)}; take "
                "the cells out, or name the cut where a cell begins"
            )
    return faults


def width_warnings(table: CellTable) -> list[str]:
    """Cells too wide or too few for an SD, or counts that look cumulative."""
    people = table.count / table.count.sum()
    widest = float(table.width[np.isfinite(table.width)].max(initial=0.0))
    mean = float(people @ table.middle)
    sd = float(np.sqrt(people @ (table.middle - mean) ** 2))
    filled = int((table.count > 0.0).sum())
    if len(people) >= FEWEST_RISING and (np.diff(table.count) > 0.0).all():
        return [
            "each count is larger than the one before: if they are cumulative, write instead how "
            "often each was seen"
        ]
    words = "the SD rests on the normal shape, not on the data"
    if filled <= 2:
        return [f"only {counted(filled, 'cell')} with a count above 0: {words}"]
    if widest > sd:
        return [f"a cell of {widest:.10g} is wider than the SD of about {number(sd, sd)}: {words}"]
    return []


def grouped_width_warnings(table: CellTable, labels: Labels) -> list[str]:
    """Groups whose cells are too wide or too few for an SD."""
    warnings: list[str] = []
    for k, name in enumerate(labels.names):
        own = table.at(labels.index == k)
        if (own.count > 0.0).any():
            warnings += [f"group {shown(name)}: {words}" for words in width_warnings(own)]
    return warnings
