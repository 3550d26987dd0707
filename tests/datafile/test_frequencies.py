"""Frequencies: tables of counts read from files. The bad ones are in `tests/inputs`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.frequencies import header_of, read_frequencies

Write = Callable[..., Path]
MACDONELL = Path("data/macdonell_1902_heights_binned.csv")


def test_macdonells_table_is_read_in_cm() -> None:
    table = read_frequencies(MACDONELL)
    assert (table.unit, table.count.sum(), len(table.count)) == ("in", 3000, 22)
    assert table.lower_cm[0] == pytest.approx(2.54 * 55.5625)
    assert (table.warnings, table.notes) == ((), ())


def test_points_become_the_cells_around_them(write: Write) -> None:
    table = read_frequencies(write("length_cm,count\n150,3\n154,5\n152,9\n160,2\n"))
    # The step is 2: nobody is at 156 and 158, which is one gap between 155 and 159.
    assert table.lower_cm.tolist() == [149, 151, 153, 155, 159]
    assert table.count.tolist() == [3, 9, 5, 0, 2]


def test_the_header_of_what_is_no_text_is_empty(write: Write, tmp_path: Path) -> None:
    assert header_of(write("a;b\n1;2\n")) == ("a", "b")
    assert header_of(tmp_path / "none.csv") == ()
    assert header_of(write(b"PK\x03\x04")) == ()


def test_an_open_end_is_infinite(write: Write) -> None:
    table = read_frequencies(write("lower_cm,upper_cm,count\n,160,5\n160,170,9\n170,inf,5\n"))
    assert np.isneginf(table.lower_cm[0])
    assert np.isposinf(table.upper_cm[-1])
