"""Cells and units that make a file unfit, and what a reader is warned of.

The names C01 … C53 are those of the project's list of bad data files.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.faults import (
    BEYOND_ODD,
    ODD_ROBUST_Z,
    far_away,
    few_people,
    height_warnings,
)
from stature.datafile.people import groups_of, read_people
from stature.datafile.request import Reading
from stature.datafile.units import OBSERVATIONS, Length
from stature.domain.population import Group

Write = Callable[..., Path]
Refusals = Callable[..., tuple[str, ...]]


def column(*cells: object, name: str = "height") -> str:
    return "\n".join([name, *map(str, cells)]) + "\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("tall", "value not a number"), ("NA", "value missing"), ("999", "value outside 50–260 cm")],
)
def test_C17_C18_C20_rows_are_dropped_and_counted(write: Write, text: str, reason: str) -> None:
    path = write(f"sex;height\nm;170\nf;{text}\nm;180\nf;160\n")
    people = read_people(path, Reading(unit="cm", bad_rows="drop"))
    assert people.rows.tolist() == [2, 4, 5]
    assert people.dropped == ((reason, 1),)


def test_C15_infants_of_64_to_70_cm_exist_and_are_believed_when_said(write: Write) -> None:
    reading = Reading(unit="cm", height_range=(Length(40.0), Length(120.0)))
    assert len(read_people(write(column(64, 68, 70)), reading).rows) == 3


def test_all_faults_are_told_at_once(write: Write, refusals: Refusals) -> None:
    text = "sex,height\nm,170\nf,tall\nf\nm,999\n" + "m,171\n" * 20
    messages = refusals(write(text), unit="cm", group="sex")
    assert len(messages) == 3
    for message, words in zip(messages, ("row 4", "row 3", "row 5"), strict=True):
        assert words in message


@pytest.mark.parametrize(
    ("unit", "values"),
    [("cm", (170, 165)), ("m", (1.7, 1.65)), ("mm", (1700, 1650)), ("in", (66.9, 65))],
)
def test_C13_units_are_known_whether_option_or_name_tells(
    write: Write, unit: str, values: tuple[float, float]
) -> None:
    factor = {"cm": 1.0, "m": 100.0, "mm": 0.1, "in": 2.54}[unit]
    expected = [value * factor for value in values]
    by_option = read_people(write(column(*values)), Reading(unit=unit))
    by_name = read_people(write(column(*values, name=f"height_{unit}")), Reading())
    assert by_option.in_cm().values.tolist() == by_name.in_cm().values.tolist() == expected
    assert by_name.values.tolist() == list(values)
    assert by_name.unit == unit


def test_C22_C23_an_outlier_is_a_warning_with_its_row(write: Write) -> None:
    people = read_people(write(column(*range(160, 180), 57)), Reading(unit="cm"))
    # Median 169, absolute deviations 0, 1, 1, …, 9, 9, 10, 112: their median is 5.
    distance = (169 - 57) / (1.4826 * 5)
    (warning,) = people.warnings
    assert f"row 22: 57 lies {distance:.1f} robust SDs below the median" in warning
    assert len(people.rows) == 21


@pytest.mark.parametrize(("odd", "sign"), [(2, 1), (3, 1), (3, -1)])
def test_F8_three_values_beyond_four_robust_sds_may_be_others(odd: int, sign: int) -> None:
    assert pytest.approx(0.5 * math.erfc(ODD_ROBUST_Z / 2**0.5), rel=1e-3) == BEYOND_ODD
    # The median of 0 … 100 is 50, and so is twice the median of the distances from it.
    values = sign * np.array([*range(101), *range(225, 225 + odd)], float)
    found = height_warnings(values, np.arange(len(values)), "h")
    ends = f"{sign * 225} to {sign * 227}" if sign > 0 else "-227 to -225"
    side = "above" if sign > 0 else "below"
    words = f"column 'h': 3 values (2.9 %), {ends}, lie more than 4 robust SDs {side} the median"
    assert [one.split(";")[0] for one in found] == ([words] if odd == 3 else [])


def test_distances_do_not_depend_on_the_unit() -> None:
    values = np.array([0.0, 1.0, 2.0, 4.0, 60.0])
    np.testing.assert_allclose(far_away(1e-4 * values), far_away(values), rtol=1e-9)
    # Six are far. The 52nd smallest of 103 distances from 50 is 26.
    for distance, far in ((5.95, False), (6.05, True)):
        ends = [50 + sign * distance * 1.4826 * 26 for sign in (-1, 1)]
        found = height_warnings(np.array([*range(101), *ends]), np.arange(103), "h")
        assert bool(found) == far


def test_two_values_are_few_where_more_rows_hold_them() -> None:
    assert height_warnings(np.array([160.0, 170.0]), np.arange(2), "h") == []
    (words,) = height_warnings(np.array([160.0, 170.0, 160.0]), np.arange(3), "h")
    assert "only 2 distinct values in 3 rows" in words


@pytest.mark.parametrize(
    ("columns", "group", "told"),
    [(1, None, False), (2, None, True), (2, "g", False), (3, "g", True)],
)
def test_rows_repeat_naturally_where_there_are_only_heights_and_groups(
    columns: int, group: str | None, told: bool, write: Write
) -> None:
    rows = (["height", "g", "age"], *(("170", "f", "9"), ("171", "f", "8"), ("170", "f", "9")))
    text = "".join(",".join(row[:columns]) + "\n" for row in rows)
    warned = read_people(write(text), Reading(unit="cm", group=group)).warnings
    assert any("1 row equal to an earlier row in every column" in one for one in warned) == told
    alone = read_people(write("family,height\na,170\nb,165\nc,168\n"), Reading(unit="cm"))
    assert not any("not independent" in one for one in alone.warnings)


def test_few_observations_are_warned_of_in_sds() -> None:
    # 63.9 cm / sqrt(10) are 20.2 cm, of which an SD of 6.5 cm makes 3.1.
    assert "about 3.1 SDs" in few_people(10, OBSERVATIONS)[0]


def test_C27_blank_labels_stay_and_a_third_label_is_a_third_group(write: Write) -> None:
    text = "g,height\nm,180\nf,160\n,170\nNA,171\n?,172\nm,181\nf,161\n?,175\n"
    people = read_people(write(text), Reading(unit="cm", group="g"))
    assert people.group_names == ("f", "?", "m")
    assert people.group_index.tolist() == [2, 0, -1, -1, 1, 2, 0, 1]
    assert any("3 groups, not two" in warning for warning in people.warnings)
    assert [group.share for group in groups_of(people)] == [1 / 3, 1 / 3, 1 / 3]


def test_C29_one_label_and_a_group_of_one_row_are_accepted(write: Write) -> None:
    one = read_people(write("g,height\nf,160\nf,163\n"), Reading(unit="cm", group="g"))
    assert one.group_names == ("f",)
    lonely = read_people(write("g,height\nf,160\nf,163\nm,180\n"), Reading(unit="cm", group="g"))
    assert lonely.group_names == ("f", "m")
    assert groups_of(lonely)[1] == Group("m", 1 / 3, 180.0, 0.0)
    assert any("“m” has 1 row" in warning for warning in lonely.warnings)


def test_C34_a_long_file_is_read_in_batches_without_loss(write: Write) -> None:
    rng = np.random.default_rng(20261122)
    heights = 170.0 + 9.0 * rng.standard_normal(150_000)
    text = "sex,height_cm\n" + "".join(
        f"{'fm'[i % 2]},{h}\n" for i, h in enumerate(heights.tolist())
    )
    people = read_people(write(text), Reading(group="sex"))
    np.testing.assert_array_equal(people.values, heights)
    np.testing.assert_array_equal(people.rows, np.arange(2, 150_002))
    assert np.bincount(people.group_index).tolist() == [75_000, 75_000]


@pytest.mark.parametrize("written", ["5'11\"", "5 ft 11", "5-11", "5’11”", "5 feet 11 inches"])
def test_heights_in_feet_and_inches_are_refused_with_an_example(
    written: str, write: Callable[..., Path], refusals: Callable[..., tuple[str, ...]]
) -> None:
    cell = written.replace('"', '""')
    (words,) = refusals(write("height\n" + f'"{cell}"\n' * 9))
    assert "such as 67 for 5'7\"" in words


def test_numbers_like_feet_are_told_what_to_become(
    write: Callable[..., Path], refusals: Callable[..., tuple[str, ...]]
) -> None:
    (words,) = refusals(write("height\n" + "".join(f"5.{i}\n" for i in range(12))))
    assert "feet, or feet.inches? convert them to inches, and say --unit in" in words


def test_what_follows_from_unclear_marks_is_not_told(
    write: Callable[..., Path], refusals: Callable[..., tuple[str, ...]]
) -> None:
    text = "height_mm;sex\n" + "".join(f"1.{600 + 7 * i};f\n" for i in range(20))
    (words,) = refusals(write(text))
    assert "may be 1600 or 1.6" in words
    assert "--decimal" in words
    # Four in ten do not follow.
    text = "height_mm;sex\n" + "tall;f\n" * 4 + "".join(f"1.{600 + 7 * i};f\n" for i in range(6))
    assert [words[:9] for words in refusals(write(text))] == ["column 'h", "“1.600” m"]
