"""Wording: what a message shows of cells and rows."""

import numpy as np

from stature.datafile.wording import SHOWN_CHARACTERS, rows_where, shown


def test_long_and_unprintable_texts_are_cut_and_cleaned() -> None:
    assert shown("x" * 1000) == "“" + "x" * SHOWN_CHARACTERS + "…”"
    assert shown("a\nb\x00") == "“a�b�”"


def test_rows_of_a_mask_are_named_few_and_told_to_be_more() -> None:
    rows = np.arange(2, 22)
    assert rows_where(rows, rows == 7) == "row 7"
    assert rows_where(rows, rows > 10) == "rows 11, 12, 13, 14, 15, …"
