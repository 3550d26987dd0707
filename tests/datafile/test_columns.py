"""Columns, units and labels: what is read, and headers that do not say which column is which.

The names C01 … C53 are those of the project's list of bad data files.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.columns import (
    MOST_GROUPS,
    ColumnError,
    choose,
    is_height,
    likely_unit,
    mixed_bands,
    name_groups,
    occupied_bands,
    unit_in_name,
)
from stature.datafile.examinations import examine
from stature.datafile.people import read_people
from stature.datafile.request import Reading
from stature.datafile.units import CM_PER_UNIT, UNITS

Write = Callable[..., Path]
Refusals = Callable[..., tuple[str, ...]]


def column(*cells: object, name: str = "height") -> str:
    return "\n".join([name, *map(str, cells)]) + "\n"


@pytest.mark.parametrize("name", ["height", "Height", "stature", "hgt", "身高", "height_cm"])
def test_C03_known_names_are_found(write: Write, name: str) -> None:
    assert read_people(write(column(170, 171, 172, name=name)), Reading(unit="cm")).height == name


def test_C09_rows_of_another_width_are_dropped_and_counted(write: Write) -> None:
    text = "sex,height\n" + "m,170,x\n" * 7 + "f,160\nf\nm,175\n"
    people = read_people(write(text), Reading(unit="cm", bad_rows="drop"))
    assert people.rows.tolist() == [9, 11]
    assert people.dropped == (("too few or too many cells", 8),)


def test_C30_an_absent_group_column_is_named_with_a_suggestion(
    write: Write, refusals: Refusals
) -> None:
    (message,) = refusals(write("Sex,height\nm,170\n"), group="sex")
    assert "did you mean 'Sex'?" in message


def test_every_unit_has_its_length() -> None:
    assert set(CM_PER_UNIT) == set(UNITS)
    assert 12 * CM_PER_UNIT["in"] == pytest.approx(30.48)  # a foot, by definition
    assert CM_PER_UNIT["m"] == 100 * CM_PER_UNIT["cm"]


def test_numbers_like_no_height_speak_for_no_unit() -> None:
    assert likely_unit(np.array([5.5, 6.0, 5.8])) is None


def test_bands_are_counted_fullest_first_with_the_place_of_the_first() -> None:
    bands = occupied_bands(np.array([1.7, 66.0, 170.0, 171.0]))
    assert [(band.unit, band.count, band.first) for band in bands] == [
        ("cm", 2, 2),
        ("in", 1, 1),
        ("m", 1, 0),
    ]


@pytest.mark.parametrize(
    ("unit", "low", "high"),
    [("in", 50.0, 84.0), ("cm", 120.0, 230.0), ("m", 1.2, 2.3), ("mm", 1200.0, 2300.0)],
)
def test_heights_of_people_lie_in_one_band_of_each_unit_with_its_ends(
    unit: str, low: float, high: float
) -> None:
    (band,) = occupied_bands(np.array([low, high, 0.99 * low, 1.01 * high]))
    assert (band.unit, band.count, band.first) == (unit, 2, 0)
    for middle in (low, 0.5 * (low + high), high):
        likely = likely_unit(np.array([0.0, middle, 1e9]))
        assert likely is not None
        assert likely.unit == unit
    for beyond in (0.99 * low, 1.01 * high):
        assert likely_unit(np.array([0.0, beyond, 1e9])) is None


@pytest.mark.parametrize(
    ("cm", "inches", "between", "units"),
    [
        (10, 2, 0, 2),  # over a tenth
        (19, 1, 0, 0),  # under a tenth, and fewer than three
        (18, 2, 0, 2),  # a tenth
        (19, 2, 0, 0),
        (997, 3, 0, 2),  # three rows
        (998, 2, 0, 0),
        (198, 1, 0, 0),  # one outlier is no second unit
        (10, 5, 4, 2),
        (10, 5, 5, 0),  # as many in the gap as in the rarer band
    ],
)
def test_two_units_are_a_tenth_or_three_rows_of_either_and_a_gap(
    cm: int, inches: int, between: int, units: int
) -> None:
    values = np.repeat([170.0, 66.0, 100.0], [cm, inches, between])
    assert len(mixed_bands(values)) == units


def test_the_gap_is_filled_by_as_many_as_the_rarest_unit_has() -> None:
    # Ten in cm, six in inches and three in mm, and in the gap between inches and cm two or three.
    for between, units in ((2, 3), (3, 0)):
        values = np.repeat([170.0, 66.0, 1700.0, 100.0], [10, 6, 3, between])
        assert len(mixed_bands(values)) == units


@pytest.mark.parametrize(
    ("header", "height", "said"),
    [
        (("sex", "170"), None, "the first row looks like data (sex, 170)"),
        (("sex", "170"), "sex", ""),
        (("sex", "height", "sex"), None, "2 columns are named 'sex'"),
        (("sex", "height", "height"), None, "2 columns are named 'height'"),
        (("sex", "height", ""), None, ""),
        (("", ""), None, "got an empty row"),
    ],
)
def test_a_header_has_names_and_each_once(
    header: tuple[str, ...], height: str | None, said: str
) -> None:
    if not said:
        assert choose(header, Reading(height)).kind == "people"
        return
    with pytest.raises(ColumnError) as error:
        choose(header, Reading(height))
    assert said in str(error.value)


def test_growing_children_fill_the_gap_between_inches_and_cm() -> None:
    assert mixed_bands(np.linspace(55.0, 180.0, 100)) == ()
    assert (
        len(mixed_bands(np.concatenate([np.linspace(55, 75, 50), np.linspace(140, 190, 50)]))) == 2
    )


def test_spaces_around_a_label_go_when_nothing_else_is_spelt_so() -> None:
    found = name_groups(np.array([0, 1, 0], np.int32), (" f", " m"))
    assert found is not None
    assert found.names == ("f", "m")
    assert found.alike == ()


def test_alike_labels_stay_apart_with_their_spaces_and_merge_to_the_commonest() -> None:
    codes, texts = np.array([0, 1, 1, 2], np.int32), ("Male ", "male", "f")
    apart = name_groups(codes, texts)
    merged = name_groups(codes, texts, merge=True)
    assert apart is not None
    assert merged is not None
    assert apart.names == ("Male ", "male", "f")
    assert apart.alike == (("Male ", "male"),)
    assert merged.names == ("male", "f")
    assert merged.index.tolist() == [0, 0, 0, 1]


def test_more_labels_than_groups_can_be_are_no_groups() -> None:
    for count, accepted in ((MOST_GROUPS, True), (MOST_GROUPS + 1, False)):
        codes = np.arange(count, dtype=np.int32)
        assert (name_groups(codes, tuple(map(str, codes))) is not None) == accepted


def test_blank_labels_belong_to_no_group() -> None:
    found = name_groups(np.array([0, 1, 2], np.int32), ("NA", "", "f"))
    assert found is not None
    assert found.index.tolist() == [-1, -1, 0]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Height (cm)", "cm"),
        ("hgt [in]", "in"),
        ("STATURE.MM", "mm"),
        ("身高_m", "m"),
        ("hgt", None),
        ("Height (inches)", "in"),
        ("height in inches", "in"),
        ("Height.in.cm", "cm"),
        ("height_metres", "m"),
        ("HeightCM", "cm"),
    ],
)
def test_names_of_heights_have_a_unit_in_any_form(name: str, unit: str | None) -> None:
    assert choose(("id", name, "weight_kg"), Reading()).height == 1
    assert unit_in_name(name) == unit


@pytest.mark.parametrize(
    "name", ["father_height", "heights", "height_2", "height_ft", "heightened"]
)
def test_other_names_are_no_heights(name: str) -> None:
    assert not is_height(name)


def test_a_unit_may_be_spelt_as_people_do(write: Callable[..., Path]) -> None:
    path = write("height\n" + "".join(f"{60 + i % 9}\n" for i in range(20)))
    for spelt in ("in", "inch", "Inches"):
        assert examine(path, Reading(unit=spelt)).unit == "in"
    (fault,) = examine(path, Reading(unit="ft")).faults
    assert "unit: expected cm, m, mm, in or none, got “ft”" in fault[1]


def test_a_sentence_does_not_name_thousands_of_columns() -> None:
    header = tuple(f"c{i}" for i in range(2000))
    with pytest.raises(ColumnError) as caught:
        choose(header, Reading())
    assert "c29, … (2000 in all), the known names" in str(caught.value)
