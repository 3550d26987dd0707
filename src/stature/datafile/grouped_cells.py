"""Grouped cells: a table of counts with a column that names the group of each row.

Cells of one width are what a rounding makes of heights. So such a table is people who were rounded,
each row for many of them, and what fits those fits it.
"""

from pathlib import Path

import numpy as np

from stature.arrays import Floats, Int8s
from stature.datafile.cautions import label_warnings
from stature.datafile.cell_faults import cell_warnings, range_faults_of_cells, unit_faults_of_cells
from stature.datafile.cell_tables import SAME, CellTable, count_faults, parsed, touching, widths
from stature.datafile.columns import CountColumns, count_columns, named_column, unit_in_name
from stature.datafile.examinations import NO_LIMITS, Reading, Remark, refusal, told
from stature.datafile.faults import label_faults, unit_fault
from stature.datafile.frequencies import MOST_ROWS
from stature.datafile.labels import Labels, name_groups
from stature.datafile.people import People
from stature.datafile.sheet_files import read_records
from stature.datafile.sheets import Records, SheetError
from stature.datafile.units import ASSUMED_UNIT, CM_PER_UNIT, HIGHEST_CM, LOWEST_CM
from stature.datafile.wording import shown


def read_grouped_cells(
    path: str | Path, reading: Reading, *, gaps_are_empty: bool = False
) -> People:
    """Read a table of counts with groups as people."""
    try:
        records = read_records(Path(path), MOST_ROWS)
    except SheetError as error:
        place = f"{error.place}: " if error.place else ""
        raise refusal(path, (("file", place + error.problem),)) from error
    columns, group_at = _columns(path, records, reading.group)
    group = records.header[group_at]
    table, faults = parsed(records, columns)
    if table is None:
        raise refusal(path, tuple(faults))
    texts = tuple(cells[group_at].strip() for cells in records.cells if cells)
    distinct = tuple(dict.fromkeys(texts))
    codes = np.array([distinct.index(text) for text in texts], dtype=np.int32)
    labels = name_groups(codes, distinct, reading.merge_labels)
    named = reading.unit or unit_in_name(records.header[columns.lower])
    faults += told("unit", unit_fault(reading.unit)) + told(
        "groups", label_faults(distinct, labels, group)
    )
    if not faults and labels is not None:
        faults += _cell_faults(table, labels, columns, gaps_are_empty)
        faults += unit_faults_of_cells(table, named, reading.height_range is not None)
    if not faults:
        usual = NO_LIMITS if named == "none" else (LOWEST_CM, HIGHEST_CM)
        limits = reading.height_range or usual
        faults += range_faults_of_cells(table, named or ASSUMED_UNIT, limits)
    if faults or labels is None:
        raise refusal(path, tuple(faults))
    factor = CM_PER_UNIT[named or ASSUMED_UNIT]
    kept = table.count > 0.0
    heights_cm, weights = factor * table.middle[kept], table.count[kept]
    names, index = _in_order(labels, labels.index[kept], heights_cm, weights)
    warnings = [] if named else ["the unit is not named; taken as cm (say --unit cm to confirm)"]
    counts = np.bincount(index[index >= 0], minlength=len(names))
    warnings += label_warnings(names, counts, labels.alike, group)
    warnings += _width_warnings(table, labels)
    ends = (columns.lower, columns.upper, columns.count)
    return People(
        path=str(path),
        heights_cm=heights_cm,
        group_names=names,
        group_index=index,
        rows=table.rows[kept],
        dropped=(),
        warnings=tuple(f"{path}: {words}" for words in warnings),
        sha256=records.sha256,
        height=", ".join(records.header[i] for i in ends),
        group=group,
        unit=named or ASSUMED_UNIT,
        delimiter=records.delimiter,
        weights=weights,
        cell_cm=factor * float(widths(table)[0]),
    )


def _columns(path: str | Path, records: Records, group: str | None) -> tuple[CountColumns, int]:
    """Where ends, counts and groups stand."""
    columns = count_columns(records.header)
    group_at, problem = named_column(records.header, group, "group")
    if columns is None or columns.are_points:
        listed = ", ".join(records.header)
        problem = f"expected lower…, upper…, count and groups, got {listed}"
    elif group_at in (columns.lower, columns.upper, columns.count):
        problem = f"--group is '{group}', which holds ends or counts; name another column"
    if problem or columns is None or group_at is None:
        raise refusal(path, (("columns", f"header: {problem}"),))
    return columns, group_at


def _cell_faults(
    table: CellTable, labels: Labels, columns: CountColumns, gaps_are_empty: bool
) -> list[Remark]:
    """Cells that overlap, leave gaps between those of all groups, or that no rounding makes."""
    faults = count_faults(table)
    for k in np.unique(labels.index).tolist():
        # A cell that another group has is one where nobody of this group stood.
        own = table.at(np.flatnonzero(labels.index == k))
        faults += touching(own, columns, gaps_are_empty=True)[1]
    if not faults:
        ends = np.stack([table.lower, table.upper])
        _, first = np.unique(ends, axis=1, return_index=True)
        faults += touching(table.at(first), columns, gaps_are_empty)[1]
    width = widths(table)
    if faults:
        return faults
    if not np.isfinite(width).all():
        words = "an open cell has no place beside a column of groups, whose cells have one width"
        return [("cells", f"{words}; close it, or give each group a table of its own")]
    if np.ptp(width) > SAME * width.min():
        words = f"expected cells of one width beside a column of groups, got {width.min():g} to "
        return [("cells", f"{words}{width.max():g}; give each group a table of its own")]
    return []


def _in_order(
    labels: Labels, index: Int8s, heights_cm: Floats, weights: Floats
) -> tuple[tuple[str, ...], Int8s]:
    """Names of the groups with people in the order of their means, and the group of each row."""
    present = [k for k in range(len(labels.names)) if (index == k).any()]
    means = {k: np.average(heights_cm[index == k], weights=weights[index == k]) for k in present}
    order = sorted(present, key=lambda k: (means[k], labels.names[k]))
    # One more place at the end, so that index -1, a blank label, stays -1.
    place = np.full(len(labels.names) + 1, -1, np.int8)
    place[order] = np.arange(len(order), dtype=np.int8)
    return tuple(labels.names[k] for k in order), place[index]


def _width_warnings(table: CellTable, labels: Labels) -> list[str]:
    """Groups whose cells are too wide or too few for an SD."""
    warnings: list[str] = []
    for k, name in enumerate(labels.names):
        own = table.at(np.flatnonzero(labels.index == k))
        if (own.count > 0.0).any():
            warnings += [f"group {shown(name)}: {words}" for words in cell_warnings(own)]
    return warnings
