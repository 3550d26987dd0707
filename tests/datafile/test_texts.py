"""Texts of cells: numbers, missing values, everything else, and how messages show them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stature.datafile.texts import (
    FEW,
    Kind,
    Rows,
    is_missing,
    is_number,
    nearest,
    numbers,
    rows_where,
    shown,
)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
@settings(derandomize=True, deadline=None)
def test_numbers_are_read_back_exactly_alone_and_among_other_cells(values: list[float]) -> None:
    texts = [repr(value) for value in values]
    alone, kinds = numbers(texts)
    among, _ = numbers([*texts, "NA"])
    assert alone.tolist() == values
    assert among[:-1].tolist() == values
    assert set(kinds.tolist()) == {Kind.NUMBER}


@given(st.lists(st.text(max_size=8), max_size=20))
@settings(derandomize=True, deadline=None)
def test_any_text_is_judged_without_a_failure(texts: list[str]) -> None:
    values, kinds = numbers(texts)
    with_value = (kinds == Kind.NUMBER) | (kinds == Kind.COMMA)
    np.testing.assert_array_equal(np.isfinite(values), with_value)


@pytest.mark.parametrize("text", ["1,70", "1,7", ",5", "170,25"])
def test_a_decimal_comma_is_a_number_of_its_own_kind(text: str) -> None:
    values, kinds = numbers([text])
    assert values[0] == float(text.replace(",", "."))
    assert kinds[0] == Kind.COMMA


def test_a_minus_may_be_the_sign_of_typesetters() -> None:
    values, kinds = numbers(["\u22123.5", "3.5", "\u22121,5"])
    assert values.tolist() == [-3.5, 3.5, -1.5]
    assert kinds.tolist() == [Kind.NUMBER, Kind.NUMBER, Kind.COMMA]


@pytest.mark.parametrize("text", ["1,700", "1_70", "٣", "0x10", "1e999", "infinity", "--5", "1-2"])
def test_what_python_or_a_spreadsheet_might_read_is_no_number(text: str) -> None:
    values, kinds = numbers([text])
    assert np.isnan(values[0])
    assert kinds[0] == Kind.UNREADABLE


def test_missing_words_are_no_numbers_and_no_faults() -> None:
    words = ["", "  ", "NA", "n/a", "NaN", "NULL", ".", "#N/A", "<NA>", "N.A."]
    assert all(is_missing(word) for word in words)
    assert not any(is_number(word) for word in words)
    assert set(numbers(words)[1].tolist()) == {Kind.MISSING}


def test_long_and_unprintable_texts_are_cut_and_cleaned() -> None:
    assert shown("x" * 60) == f"“{'x' * 60}”"
    assert shown("x" * 61) == f"“{'x' * 60}…”"
    assert shown("a\nb\x00") == "“a�b�”"


def test_words_that_share_six_tenths_are_alike() -> None:
    # Three of five letters each are shared: twice 3 of 10.
    assert nearest("mnabc", ["xxabc"]) == "xxabc"
    assert nearest("mnabc", ["xxxbc"]) == nearest("", ["_a"]) == nearest(3, ["3"]) == ""


def test_rows_of_a_mask_are_named_few_and_told_to_be_more() -> None:
    rows = np.arange(2, 22)
    assert rows_where(rows, rows == 7) == "row 7"
    assert rows_where(rows, rows > 10) == "rows 11, 12, 13, 14, 15, …"


def test_all_rows_are_counted_and_the_first_few_kept_in_the_order_of_the_file() -> None:
    numbers, every = np.arange(3, 45), np.arange(42)
    rows = Rows().and_also(numbers, ["a"] * 42, np.array([5, 6]))
    rows = rows.and_also(numbers, ["c"] * 42, np.delete(every, [1, 2, 3, 4, 5, 6]))
    assert rows.count == 2 + 36
    assert [row for row, _ in rows.first] == [3, 8, 9, 10, 11][:FEW]
