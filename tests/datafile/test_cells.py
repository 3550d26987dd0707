"""Tables of counts: order, gaps, points and groups. Their sentences are in `tests/inputs`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.datafile.cells import (
    SAME,
    CellTable,
    cut_faults,
    range_faults,
    repeated_middles,
    spread_faults,
    touching,
    width_warnings,
)
from stature.datafile.examinations import FileError, examine
from stature.datafile.people import People, groups_of, people_of, read_people
from stature.datafile.request import FitRequest, Reading
from stature.datafile.runs import plan_runs
from stature.datafile.units import Length
from tests.datafile.conftest import cells_of

Write = Callable[..., Path]
MACDONELL = Path("data/macdonell_1902_heights_binned.csv")
HEAD = "lower_in,upper_in,sex,count\n"
ROWS = "66,68,m,10\n68,70,m,30\n62,64,f,20\n64,66,f,20\n66,68,,3\n68,70,f,0\n"


def table(*cells: tuple[float, float, float]) -> CellTable:
    lower, upper, count = np.array(cells).T
    return CellTable(np.arange(2, 2 + len(cells)), lower, upper, count)


def counts(path: Path, reading: Reading | None = None) -> People:
    return people_of(examine(path, reading or Reading()))


def grouped(path: Path, gaps_are_empty: bool = False) -> People:
    return people_of(examine(path, Reading(group="sex", gaps_are_empty=gaps_are_empty)))


def test_cells_are_put_in_order_with_their_rows() -> None:
    found, faults, notes = touching(table((170, 180, 3), (160, 170, 5)), False, False)
    assert (faults, notes) == ([], [])
    assert found.rows.tolist() == [3, 2]
    assert found.count.tolist() == [5, 3]


def test_an_empty_gap_becomes_a_cell_of_nobody() -> None:
    found, faults, notes = touching(table((150, 160, 5), (170, 180, 3)), False, True)
    assert faults == []
    assert found.lower.tolist() == [150, 160, 170]
    assert found.count.tolist() == [5, 0, 3]
    assert len(notes) == 1


def test_ends_written_with_few_decimals_still_touch() -> None:
    # A third to seven decimals is off by a tenth of what is taken for the same.
    assert 0.1 * SAME > 1 / 3 - 0.3333333
    found, faults, _ = touching(table((150, 150 + 1 / 3, 5), (150.3333333, 151, 3)), False, False)
    assert faults == []
    assert len(found.count) == 2
    # Of ten steps each may be off by so much.
    ends = [k + 2e-6 * (k == 9) for k in range(10)]
    assert touching(table(*((end, end, 9) for end in ends)), True, False)[1] == []


@pytest.mark.parametrize(
    ("cells", "are_points", "words"),
    [
        (
            ((0, 9), (10, 19), (20, 29)),
            False,
            "no cell from 9 to 10 (and 1 more gap); are these cl",
        ),
        (((0, 9), (10, 19), (21, 29)), False, "no cell from 9 to 10 (and 1 more gap); if nothing"),
        (((0, 9e-4), (1e-3, 1.9e-3), (2.1e-3, 2.9e-3)), False, "(and 1 more gap); if nothing"),
        (((0, 9), (10, 19)), False, "rows 2, 3: there is no cell from 9 to 10; if nothing"),
        (
            ((0, 9), (9, 9)),
            False,
            "row 3: expected a lower end below the upper one, got 9 and 9 (1",
        ),
        (((0, 1), (1 - 1.01 * SAME, 2)), False, "rows 2, 3: the cells 0–1 and 0.99999899–2 over"),
        (((4, 4), (8, 8), (4, 4)), True, "rows 2, 4: expected each value once, got 4 twice"),
        (((1, 1), (2, 2), (4.5, 4.5)), True, "got steps of 1 and 2.5"),
    ],
)
def test_what_cells_or_points_leave_open_is_asked_for(
    cells: tuple[tuple[float, float], ...], are_points: bool, words: str
) -> None:
    _, (fault,), _ = touching(table(*((*ends, 9) for ends in cells)), are_points, False)
    assert words in fault


@pytest.mark.parametrize(("beside", "is_fault"), [(3, False), (4, True)])
def test_an_open_cell_with_half_of_all_may_hold_a_total(beside: int, is_fault: bool) -> None:
    cells = [(150 + k, 151 + k, 1) for k in range(beside)]
    assert bool(spread_faults(table(*cells, (160, np.inf, beside)))) == is_fault


def test_a_cut_at_the_edge_of_a_cell_is_no_fault() -> None:
    inches = table((62.5625, 63.5625, 9), (63.5625, 64.5625, 9))
    assert cut_faults(inches, "in", (Length(62.5625), Length(64.5625 * 2.54, "cm"))) == []
    assert len(cut_faults(inches, "in", (Length(160.0, "cm"), Length(64.0)))) == 2
    halves = table((62, 62.5, 9), (62.5, 63, 9))
    # A ten-thousandth of a cell is .00005.
    assert cut_faults(halves, "in", (Length(62.00004), None)) == []
    assert len(cut_faults(halves, "in", (Length(62.0001), None))) == 1


def test_cells_with_people_where_none_are_have_their_rows() -> None:
    cells = table((10, 20, 0), (30, 40, 2), (150, 160, 9), (300, 310, 1))
    (fault,) = range_faults(cells, (50.0, 260.0), "50 to 260 cm")
    assert fault.startswith("rows 3, 5: expected heights from 50 to 260 cm, got counts in 30–40;")


def test_narrow_cells_need_no_warning() -> None:
    # Half the people are 5 cm below or above the middle: an SD of 3.5 cm.
    narrow = [(160 + 2.5 * k, 162.5 + 2.5 * k, count) for k, count in enumerate((9, 0, 18, 0, 9))]
    assert width_warnings(table(*narrow)) == []
    assert width_warnings(table((160, 180, 9), (180, 182, 20), (182, 184, 9))) != []
    (words,) = width_warnings(table((160, 162, 5), (162, 164, 9), (164, 166, 0)))
    assert words.startswith("only 2 cells with a count above 0")


def test_a_unit_is_guessed_by_where_the_people_are(write: Write) -> None:
    many = repeated_middles(table((150, 160, 3), (160, 170, 3000), (170, 180, 0)))
    assert many.tolist() == [155, *([165] * 1000)]
    assert len(repeated_middles(table((150, 160, 0)))) == 0
    # Cells of nobody from 120 cm on would speak for cm.
    path = write("lower,upper,count\n60,65,40\n65,70,40\n70,200,0\n200,250,0\n")
    assert counts(path, Reading(unit="in")).unit == "in"
    with pytest.raises(FileError, match=r"inches\?"):
        counts(path)


def test_macdonells_table_stays_in_inches() -> None:
    found = counts(MACDONELL)
    assert (found.unit, cells_of(found).count.sum(), len(cells_of(found).count)) == ("in", 3000, 22)
    assert cells_of(found).lower[0] == 55.5625
    assert found.warnings == ()
    (note,) = found.notes
    assert note.endswith("nothing was counted below 55.5625 in or above 77.5625 in")


def test_points_become_the_cells_around_them(write: Write) -> None:
    found = counts(write("length_cm,count\n150,3\n154,5\n152,9\n160,2\n"))
    # The step is 2: nobody is at 156 and 158, which is one gap between 155 and 159.
    assert cells_of(found).lower.tolist() == [149, 151, 153, 155, 159]
    assert cells_of(found).count.tolist() == [3, 9, 5, 0, 2]


def test_blank_rows_count_in_row_numbers(write: Write) -> None:
    with pytest.raises(FileError, match="column 'count', row 4: expected a count of 0 or more"):
        counts(write("lower,upper,count\n160,170,1e15\n\n170,180,1.01e15\n"))


def test_parquet_reads_as_its_csv(write: Write, tmp_path: Path) -> None:
    columns = {"lower_cm": [150, 155], "upper_cm": [155.0, None], "count": [4, 16]}
    pq.write_table(pa.table(columns), tmp_path / "counts.parquet")
    one, other = (
        counts(path)
        for path in (
            write("lower_cm,upper_cm,count\n150,155,4\n155,,16\n"),
            tmp_path / "counts.parquet",
        )
    )
    assert one.notes[-1].endswith("nothing was counted below 150 cm")
    assert cells_of(one).lower.tolist() == cells_of(other).lower.tolist()
    assert cells_of(one).upper.tolist() == cells_of(other).upper.tolist() == [155.0, np.inf]
    assert cells_of(one).count.tolist() == cells_of(other).count.tolist()


@pytest.mark.parametrize("text", ["lower,upper,count\n150,160,5\n160,170,9\n", "height,n\n170,5\n"])
def test_a_table_of_counts_is_no_file_of_people(write: Write, text: str) -> None:
    with pytest.raises(
        FileError, match=r"expected a row for each (person|observation), got a table of counts"
    ):
        read_people(write(text), Reading(unit="cm"))


def test_cells_with_groups_are_rows_for_many_in_the_middle_of_each(write: Write) -> None:
    people = grouped(write(HEAD + ROWS))
    # Groups in the order of their means, and nobody in a cell of nobody.
    assert people.group_names == ("f", "m")
    assert people.group_index.tolist() == [1, 1, 0, 0, -1]
    assert people.rows.tolist() == [2, 3, 4, 5, 6]
    assert people.weights is not None
    assert people.weights.tolist() == [10, 30, 20, 20, 3]
    assert people.values.tolist() == [67, 69, 63, 65, 67]
    assert (people.cell, people.unit) == (2.0, "in")
    female, male = groups_of(people)
    assert (female.share, male.share) == (0.5, 0.5)
    assert male.mean_cm == 68.5
    # Squares of the SDs are 1 and 3/4 of a squared inch, less those within cells of 1.5 in.
    known = plan_runs(FitRequest("a", hide_group=True), replace(people, cell=1.5)).known_sds
    assert known == pytest.approx(((1 - 1.5**2 / 12) ** 0.5, (3 / 4 - 1.5**2 / 12) ** 0.5))
    in_cm = people.in_cm()
    assert (in_cm.values[0], in_cm.unit) == (67 * 2.54, "cm")


def test_a_cell_that_another_group_has_is_no_gap(write: Write) -> None:
    text = HEAD + "60,62,f,5\n64,66,f,9\n62,64,m,7\n64,66,m,9\n"
    assert len(grouped(write(text)).rows) == 4
    gap = write(text.replace("62,64,m", "66,68,m"))
    with pytest.raises(FileError, match="no cell from 62 to 64"):
        grouped(gap)
    assert len(grouped(gap, gaps_are_empty=True).rows) == 4


@pytest.mark.parametrize("group", ["sx", "count"])
def test_the_column_of_groups_must_be_another_one(write: Write, group: str) -> None:
    with pytest.raises(FileError, match=r"did you mean 'sex'|holds ends or counts"):
        examine(write(HEAD + ROWS), Reading(group=group))
