"""Tables of cells: order and gaps. Their sentences are in `tests/inputs`."""

import numpy as np

from stature.datafile.cell_tables import CellTable, parsed, touching
from stature.datafile.columns import CountColumns
from stature.datafile.sheets import Records

COLUMNS = CountColumns(0, 1, 2)


def table(*cells: tuple[float, float, float]) -> CellTable:
    lower, upper, count = np.array(cells).T
    return CellTable(np.arange(2, 2 + len(cells)), lower, upper, count)


def test_cells_are_put_in_order_with_their_rows() -> None:
    found, faults, notes = touching(table((170, 180, 3), (160, 170, 5)), COLUMNS, False)
    assert (faults, notes) == ([], [])
    assert found.rows.tolist() == [3, 2]
    assert found.count.tolist() == [5, 3]


def test_an_empty_gap_becomes_a_cell_of_nobody() -> None:
    found, faults, notes = touching(table((150, 160, 5), (170, 180, 3)), COLUMNS, True)
    assert faults == []
    assert found.lower.tolist() == [150, 160, 170]
    assert found.count.tolist() == [5, 0, 3]
    assert len(notes) == 1


def test_ends_written_with_few_decimals_still_touch() -> None:
    found, faults, _ = touching(table((150, 150 + 1 / 3, 5), (150.3333333, 151, 3)), COLUMNS, False)
    assert faults == []
    assert len(found.count) == 2


def test_blank_rows_count_in_row_numbers() -> None:
    records = Records(
        ("lower", "upper", "count"), "comma", "", (("1", "2", "3"), (), ("2", "3", "x"))
    )
    _, faults = parsed(records, COLUMNS)
    assert faults[0][1].startswith("column 'count', row 4: expected a number of people")
