"""Rows of a fault: all are counted, the first few are kept."""

from stature.datafile.sheets import Rows
from stature.datafile.wording import FEW


def test_all_rows_are_counted_and_the_first_few_kept_in_the_order_of_the_file() -> None:
    rows = Rows().and_also([8, 9], ["a", "b"], 2).and_also([3, 20, 21, 22], ["c"] * 4, 40)
    assert rows.count == 42
    assert [row for row, _ in rows.first] == [3, 8, 9, 20, 21][:FEW]
