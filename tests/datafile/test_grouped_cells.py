"""Grouped cells: a table of counts with groups, read as people. Bad ones are in `tests/inputs`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.examinations import PeopleError, Reading
from stature.datafile.grouped_cells import read_grouped_cells
from stature.datafile.people import groups_of

Write = Callable[..., Path]
HEAD = "lower_in,upper_in,sex,count\n"
ROWS = "66,68,m,10\n68,70,m,30\n62,64,f,20\n64,66,f,20\n66,68,,3\n68,70,f,0\n"


def test_cells_are_rows_for_many_in_the_middle_of_each(write: Write) -> None:
    people = read_grouped_cells(write(HEAD + ROWS), Reading(group="sex"))
    # Groups in the order of their means, and nobody in a cell of nobody.
    assert people.group_names == ("f", "m")
    assert people.group_index.tolist() == [1, 1, 0, 0, -1]
    assert people.rows.tolist() == [2, 3, 4, 5, 6]
    assert people.weights is not None
    assert people.weights.tolist() == [10, 30, 20, 20, 3]
    np.testing.assert_allclose(people.heights_cm, 2.54 * np.array([67, 69, 63, 65, 67]))
    assert people.cell_cm == pytest.approx(2 * 2.54)
    female, male = groups_of(people)
    assert (female.share, male.share) == (0.5, 0.5)
    assert male.mean_cm == pytest.approx(2.54 * 68.5)


def test_a_cell_that_another_group_has_is_no_gap(write: Write) -> None:
    text = HEAD + "60,62,f,5\n64,66,f,9\n62,64,m,7\n64,66,m,9\n"
    assert len(read_grouped_cells(write(text), Reading(group="sex")).rows) == 4
    gap = write(text.replace("62,64,m", "66,68,m"))
    with pytest.raises(PeopleError, match="no cell from 62 to 64"):
        read_grouped_cells(gap, Reading(group="sex"))
    assert len(read_grouped_cells(gap, Reading(group="sex"), gaps_are_empty=True).rows) == 4


@pytest.mark.parametrize("group", ["sx", "count"])
def test_the_column_of_groups_must_be_another_one(write: Write, group: str) -> None:
    with pytest.raises(PeopleError, match=r"did you mean 'sex'|holds ends or counts"):
        read_grouped_cells(write(HEAD + ROWS), Reading(group=group))
