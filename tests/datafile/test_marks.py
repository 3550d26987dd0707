"""Decimal and thousands marks: what single numbers tell, and what a file makes of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stature.datafile.doctor import diagnose
from stature.datafile.examinations import cautions, examine
from stature.datafile.people import people_of
from stature.datafile.request import Reading
from stature.datafile.texts import Kind, Marks, form_of, numbers
from tests.datafile.conftest import cells_of

Write = Callable[..., Path]
LOWER = np.arange(140.0, 200.0, 5)
COUNTS = np.rint(1900 * np.exp(-(((LOWER - 168) / 12) ** 2))).astype(int)
POINT, COMMA = Marks(".", decided=True), Marks(",", decided=True)


def written(value: float, thousands: str, decimal: str, decimals: int) -> str:
    """A number as people write it."""
    text = f"{value:,.{decimals}f}"
    return text.replace(",", "T").replace(".", decimal).replace("T", thousands)


def table(delimiter: str, *columns: list[str], head: str = "lower_cm,upper_cm,count") -> str:
    quoted = [[f'"{cell}"' for cell in column] for column in columns]
    rows = [delimiter.join(row) for row in zip(*quoted, strict=True)]
    return "\n".join([head.replace(",", delimiter), *rows]) + "\n"


@given(
    st.floats(-1e7, 1e7),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u202f", ","), ("’", ",")]),
    st.integers(0, 5),
)
@settings(derandomize=True, deadline=None)
def test_numbers_are_read_back_with_the_marks_that_they_have(
    value: float, marks: tuple[str, str], decimals: int
) -> None:
    thousands, decimal = marks
    (found,), _ = numbers(
        [written(value, thousands, decimal, decimals)], POINT if decimal == "." else COMMA
    )
    assert found == float(f"{value:.{decimals}f}")


@pytest.mark.parametrize("text", ["1,1,1", "1,2345", "12,34", "1.2.3", "5'4", "5' 110", "1,,145"])
def test_marks_in_other_places_make_no_numbers(text: str) -> None:
    assert numbers([text], POINT)[1].tolist() == [Kind.UNREADABLE]


@pytest.mark.parametrize(
    ("cells", "expected", "told"),
    [
        (["1,697e+02", "1,5e-05", "-2,25E3"], [169.7, 1.5e-5, -2250.0], False),  # write.csv2 of R
        (["\u22121\u2007234,5", "2\u2007345,25"], [-1234.5, 2345.25], True),
        (["1.234,5", "2,25"], [1234.5, 2.25], True),
        (["1.234.567", "2"], [1234567, 2], True),
        (["12,34,567", "2"], [1234567, 2], True),
    ],
)
def test_powers_of_ten_and_signs_have_the_marks_of_the_file(
    cells: list[str], expected: list[float], told: bool, write: Write
) -> None:
    path = write("x;y\n" + "".join(f"{cell};1\n" for cell in cells))
    found = people_of(examine(path, Reading("x", "none")))
    assert found.values.tolist() == expected
    assert any("thousands are separated by" in words for words in found.warnings) == told


def test_thousands_of_india_are_read() -> None:
    assert numbers(["12,34,567.5"], POINT)[0].tolist() == [1234567.5]
    assert form_of("12,34,567") == "point"


@pytest.mark.parametrize(("text", "form"), [("1.", "whole"), ("1234.", "long"), ("1.e3", "point")])
def test_a_point_at_the_end_is_no_sign_of_decimals(text: str, form: str) -> None:
    assert form_of(text) == form
    assert numbers([text])[0].tolist() == [float(text)]


@pytest.mark.parametrize(
    ("delimiter", "thousands", "decimal", "ends"),
    [
        (",", ",", ".", 0),
        (",", ",", ".", 1),
        (";", ".", ",", 0),
        (";", ".", ",", 2),
        (";", ",", ".", 0),
        ("\t", " ", ",", 1),
        ("\t", "'", ".", 0),
        (";", "\u202f", ",", 1),
    ],
)
def test_F1_thousands_of_counts_are_read_and_told(
    delimiter: str, thousands: str, decimal: str, ends: int, write: Write
) -> None:
    lower, upper = (
        [written(end, thousands, decimal, ends) for end in LOWER + shift] for shift in (0, 5)
    )
    counts = [written(count, thousands, decimal, 0) for count in COUNTS]
    path = write(table(delimiter, lower, upper, counts))
    found = people_of(examine(path, Reading()))
    assert cells_of(found).count.tolist() == COUNTS.tolist()
    assert cells_of(found).lower.tolist() == LOWER.tolist()
    assert [words for words in found.warnings if "thousands are separated by" in words]
    assert [one for one in diagnose(path, Reading()).verdicts if "thousands are" in one.sentence]


@pytest.mark.parametrize("thousands", [",", "."])
def test_F1_thousands_of_counts_in_groups_are_read(thousands: str, write: Write) -> None:
    counts = [written(count, thousands, "!", 0) for count in COUNTS]
    ends = [[f"{end:g}" for end in LOWER + shift] for shift in (0, 5)]
    path = write(table(";", *ends, ["f"] * len(LOWER), counts, head="lower_cm,upper_cm,sex,count"))
    people = people_of(examine(path, Reading(group="sex")))
    assert people.weights is not None
    assert people.weights.sum() == COUNTS.sum()


def test_F1_lengths_in_mm_are_read_where_another_column_has_decimals(write: Write) -> None:
    text = table(";", ["1.702", "1.655"], ["70,5", "61,0"], head="height,kg")
    for kilograms, unit in ((text, "mm"), (text.replace(",", "."), "m")):
        found = people_of(examine(write(kilograms), Reading(unit=unit)))
        assert found.in_cm().values.tolist() == pytest.approx([170.2, 165.5])


UNCLEAR = [
    (table(";", ["1,702", "1,655", "1,720"], head="height"), "m", (170.2, 165.5, 172.0)),
    (table(",", ["1,702", "1,655", "1,720"], head="height"), "m", (170.2, 165.5, 172.0)),
]


@pytest.mark.parametrize(("text", "unit", "decimal"), UNCLEAR)
def test_F1_numbers_that_may_be_two_are_asked_for(
    text: str, unit: str, decimal: tuple[float, ...], write: Write
) -> None:
    path = write(text)
    said = [words for _, words in examine(path, Reading(unit=unit)).faults]
    # That the cells are unreadable follows from it.
    assert len(said) == 1
    assert said[0].startswith("“1,702” may be 1702 or 1.702")
    found = people_of(examine(path, Reading(unit=unit, decimal=",")))
    assert found.in_cm().values.tolist() == pytest.approx(decimal)
    found = people_of(examine(path, Reading(unit="mm", decimal=".")))
    assert found.in_cm().values.tolist() == pytest.approx(decimal)


IN_THOUSANDS = ["1.702", "1.655", "1.720"]


@pytest.mark.parametrize(
    ("delimiter", "lengths", "name", "asked"),
    [
        (";", IN_THOUSANDS, "length_mm", True),
        ("\t", [*IN_THOUSANDS, "990"], "length_mm", True),
        ("|", [*IN_THOUSANDS, "990"], "x", True),
        ("\t", IN_THOUSANDS, "length_mm", False),
        ("", [*IN_THOUSANDS, "990"], "length_mm", True),
        ("parquet", [*IN_THOUSANDS, "990"], "length_mm", True),
    ],
)
def test_values_of_any_size_that_may_be_thousands_are_asked_for_or_told(
    delimiter: str, lengths: list[str], name: str, asked: bool, write: Write
) -> None:
    columns, head = ([lengths], name) if not delimiter else ([lengths, lengths], f"{name},site")
    path = write(table(delimiter, *columns, head=head))
    if delimiter == "parquet":
        path = path.with_suffix(".parquet")
        pq.write_table(pa.table({name: lengths}), path)
    reading = Reading(name, "none" if name == "x" else None)
    found = examine(path, reading)
    said = [words for _, words in found.faults or cautions(found)]
    assert bool(found.faults) == asked
    assert any(("may be 1702" if asked else "is read as 1.702") in words for words in said)
    assert all("--decimal ," in words for words in said)
    for decimal, first in ((".", 1.702), (",", 1702.0)):
        found = examine(path, replace(reading, decimal=decimal))
        assert found.faults == ()
        assert found.sheet.values[0] == first


@pytest.mark.parametrize(
    ("lengths", "unit"), [([*IN_THOUSANDS, "1.5"], "none"), (["1.702", "1690"], "mm")]
)
def test_three_decimals_that_another_number_explains_are_not_asked_for(
    lengths: list[str], unit: str, write: Write
) -> None:
    path = write(table(";", lengths, ["a", "b", "c", "d"][: len(lengths)], head="length,site"))
    found = examine(path, Reading("length", unit))
    assert (found.faults, found.sheet.values[0]) == ((), 1.702)


def test_a_number_among_texts_tells_nothing_of_the_marks(write: Write) -> None:
    notes = ["1,5", "12:30", "a", ""]
    path = write(table("|", [*IN_THOUSANDS, "990"], notes, head="x,note"))
    assert "may be 1702" in examine(path, Reading("x", "none")).faults[0][1]


def test_heights_in_metres_are_not_asked_for_since_their_size_tells(write: Write) -> None:
    path = write(table(";", IN_THOUSANDS, ["a", "b", "c"], head="height_m,site"))
    found = examine(path, Reading())
    assert people_of(found).values.tolist() == [1.702, 1.655, 1.72]


@pytest.mark.parametrize(
    ("ends", "counts"),
    [
        (["150,5", "155,5", "160,5"], ["1,145", "900", "20"]),
        (["150.5", "155.5", "160.5"], ["1.145", "900", "20"]),
        (["150", "155", "160"], ["1,145", "1693", "20"]),
        (["150", "155", "160"], ["1,145", "1.693", "20"]),
    ],
)
def test_F1_counts_that_contradict_the_file_are_a_fault(
    ends: list[str], counts: list[str], write: Write
) -> None:
    path = write(table(";", ends, counts, head="length_cm,count"))
    assert any("--decimal" in words for _, words in examine(path, Reading()).faults)


@pytest.mark.parametrize(
    ("delimiter", "counts", "expected"),
    [
        (",", ["4.125", "10.5", "6"], [4.125, 10.5, 6.0]),
        ("\t", ["1.145", "900", "20"], [1145, 900, 20]),
        (";", ["1.145", "2.300", "1.002"], [1145, 2300, 1002]),
        ("\t", ["1.145", "2.300", "1.002"], [1.145, 2.3, 1.002]),
    ],
)
def test_F1_a_point_in_counts_is_that_of_decimals_or_thousands(
    delimiter: str, counts: list[str], expected: list[float], write: Write
) -> None:
    path = write(table(delimiter, ["150", "155", "160"], counts, head="length_cm,count"))
    found = people_of(examine(path, Reading()))
    assert cells_of(found).count.tolist() == expected
    assert any("is read as 1.145" in words for words in found.warnings) == (expected[0] == 1.145)


def test_F19_a_column_alone_may_have_decimal_commas(write: Write) -> None:
    text = "height\n" + "".join(f"{cell}\n" for cell in ("167,7", "169", "175,1", "", "NA"))
    found = people_of(examine(write(text), Reading(unit="cm")))
    assert found.values.tolist() == [167.7, 169.0, 175.1]


def test_F19_weights_with_three_decimals_have_those_of_the_file(write: Write) -> None:
    text = "height_cm;w\n169,1;0,289\n160,8;1,150\n163,1;2,000\n"
    found = people_of(examine(write(text), Reading(weights="w")))
    assert found.weights is not None
    assert found.weights.tolist() == [0.289, 1.15, 2.0]


@pytest.mark.parametrize("marks", [(",", "."), (".", ",")])
def test_texts_of_parquet_are_read_as_those_of_csv(marks: tuple[str, str], tmp_path: Path) -> None:
    thousands, decimal = marks
    lower = [f"{end:.1f}".replace(".", decimal) for end in LOWER]
    counts = [written(count, thousands, decimal, 0) for count in COUNTS]
    columns = {"lower_cm": lower, "upper_cm": LOWER + 5, "count": counts}
    pq.write_table(pa.table(columns), tmp_path / "counts.parquet")
    found = people_of(examine(tmp_path / "counts.parquet", Reading()))
    assert cells_of(found).count.tolist() == COUNTS.tolist()
    assert cells_of(found).lower.tolist() == LOWER.tolist()


def test_numbers_of_parquet_have_no_marks(tmp_path: Path) -> None:
    columns = {"length_cm": [150.0, 155.0, 160.0], "count": [1.234, 5.0, 3.0]}
    pq.write_table(pa.table(columns), tmp_path / "counts.parquet")
    found = people_of(examine(tmp_path / "counts.parquet", Reading()))
    assert cells_of(found).count.tolist() == [1.234, 5.0, 3.0]


def test_F20_a_row_with_a_blank_weight_is_missing_and_counted(write: Write) -> None:
    text = "height_cm,w\n170,1\n,\nNA,x\n160,2\n165,\n166,NA\n"
    people = people_of(examine(write(text), Reading(weights="w")))
    assert people.values.tolist() == [170.0, 160.0]
    assert people.dropped == (("value missing", 2), ("weight missing", 2))
    path = write(text + "167,some\n")
    (fault,) = examine(path, Reading(weights="w")).faults
    assert "row 8: expected a weight of 0 or more, got “some”" in fault[1]
    assert fault[1].endswith("leave the rows out with --on-bad-rows drop")
    dropped = people_of(examine(path, Reading(weights="w", bad_rows="drop"))).dropped
    assert dropped[2:] == (("weight not a number of 0 or more", 1),)
