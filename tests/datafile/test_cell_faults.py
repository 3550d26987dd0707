"""Faults of tables of cells. Their sentences are in `tests/inputs`."""

import numpy as np

from stature.datafile.cell_faults import cell_warnings, cut_faults, unit_faults_of_cells
from stature.datafile.cell_tables import CellTable


def table(*cells: tuple[float, float, float]) -> CellTable:
    lower, upper, count = np.array(cells).T
    return CellTable(np.arange(2, 2 + len(cells)), lower, upper, count)


def test_a_cut_at_the_edge_of_a_cell_is_no_fault() -> None:
    inches = table((62.5625, 63.5625, 9), (63.5625, 64.5625, 9))
    assert cut_faults(inches, "in", 62.5625 * 2.54, 64.5625 * 2.54) == []
    assert len(cut_faults(inches, "in", 160.0, 162.0)) == 2


def test_a_unit_is_guessed_by_where_the_people_are() -> None:
    # Cells of nobody from 120 cm on would speak for cm.
    inches = table((60, 65, 40), (65, 70, 40), (70, 200, 0), (200, 250, 0))
    assert unit_faults_of_cells(inches, "in", range_given=False) == []
    assert "inches?" in unit_faults_of_cells(inches, None, range_given=False)[0][1]


def test_narrow_cells_need_no_warning() -> None:
    # Half the people are 5 cm below or above the middle: an SD of 3.5 cm.
    narrow = [(160 + 2.5 * k, 162.5 + 2.5 * k, count) for k, count in enumerate((9, 0, 18, 0, 9))]
    assert cell_warnings(table(*narrow)) == []
    assert cell_warnings(table((160, 180, 9), (180, 182, 20), (182, 184, 9))) != []
