"""Cells and units that make a file unfit, and what a reader is warned of.

The names C01 … C53 are those of the project's list of bad data files.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stature.datafile.people import groups_of, read_people
from stature.datafile.request import Reading
from stature.domain.population import Group

GALTON = Path("data/galton_1886_children.csv")
MACDONELL = Path("data/macdonell_1902_heights_binned.csv")

Write = Callable[..., Path]
Refusals = Callable[..., tuple[str, ...]]


def column(*cells: object, name: str = "height") -> str:
    return "\n".join([name, *map(str, cells)]) + "\n"


NO_NUMBERS = ["5' 4\"", "5'7", "165cm", "5 ft 9 inches", "Five foot eight inches", ">9000", "6*12",
              "2'33", "yyy"]  # fmt: skip


@pytest.mark.parametrize("text", [*NO_NUMBERS, "1,700", "=SUM(A1)", "١٧٠", "1\x0070", "1_70"])
def test_C12_C17_texts_are_no_numbers(write: Write, text: str, refusals: Refusals) -> None:
    path = write(f"sex;height\nm;170\nf;{text}\nm;180\nf;160\n")
    (message,) = refusals(path, unit="cm")
    assert message.startswith("column 'height', row 3: expected a number such as 170.5, got “")
    people = read_people(path, Reading(unit="cm", bad_rows="drop"))
    assert people.rows.tolist() == [2, 4, 5]
    assert people.dropped == (("height not a number", 1),)


def test_C17_feet_and_inches_with_a_comma_are_never_guessed(
    write: Write, refusals: Refusals
) -> None:
    (message,) = refusals(write('sex,height\nm,170\nf,"5,3"\nm,180\n'), unit="cm")
    assert "row 3" in message
    assert "“5,3”" in message


@pytest.mark.parametrize("text", ["", " ", "NA", "NaN", "nan", "null", "."])
def test_C18_missing_heights_are_dropped_and_counted(write: Write, text: str) -> None:
    people = read_people(write(f"sex,height\nm,170\nf,{text}\nm,180\n"), Reading(unit="cm"))
    assert people.rows.tolist() == [2, 4]
    assert people.dropped == (("height missing", 1),)


def test_C18_nothing_but_missing_heights_is_refused(write: Write, refusals: Refusals) -> None:
    (message,) = refusals(write("sex,height\nm,\nf,NA\n"), unit="cm")
    assert message == "column 'height': expected heights, got 2 blank cells"


@pytest.mark.parametrize("code", [-9, 0, 99999, 999, 7777, 9999])
def test_C19_C20_heights_that_nobody_has_are_refused_with_rows(
    write: Write, code: int, refusals: Refusals
) -> None:
    path = write(column(*range(160, 180), code))
    (message,) = refusals(path, unit="cm")
    assert f"row 22: expected heights from 50 to 260 cm, got {code}" in message
    people = read_people(path, Reading(unit="cm", bad_rows="drop"))
    assert people.dropped == (("height outside 50–260 cm", 1),)


def test_C20_the_range_may_be_widened_and_lifted(write: Write) -> None:
    path = write(column(30, 45, 60, 75, 90, 100, 110, 120))
    assert len(read_people(path, Reading(unit="cm", height_range=(20, 200))).rows) == 8
    masses = write(column(4500, 5500, 5000, name="mass_g"))
    assert read_people(masses, Reading("mass_g", "none")).heights_cm.tolist() == [4500, 5500, 5000]


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e308", "1e999", "1+2j"])
def test_C21_infinite_and_huge_heights_are_refused(
    write: Write, text: str, refusals: Refusals
) -> None:
    (message,) = refusals(write(column(170, 171, 172, 173, text)), unit="cm")
    assert "row 6" in message


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
def test_C13_units_are_converted_whether_option_or_name_tells(
    write: Write, unit: str, values: tuple[float, float]
) -> None:
    factor = {"cm": 1.0, "m": 100.0, "mm": 0.1, "in": 2.54}[unit]
    expected = [value * factor for value in values]
    by_option = read_people(write(column(*values)), Reading(unit=unit))
    by_name = read_people(write(column(*values, name=f"height_{unit}")), Reading())
    assert by_option.heights_cm.tolist() == by_name.heights_cm.tolist() == expected
    assert by_name.unit == unit


def test_C13_other_units_are_refused_with_the_list(write: Write, refusals: Refusals) -> None:
    (message,) = refusals(write(column(5.5, 6)), unit="ft")
    assert "expected cm, m, mm, in or none, got “ft”" in message


@pytest.mark.parametrize(
    ("values", "guess"),
    [((50, 66, 84), "inches?"), ((1.2, 1.7, 2.3), "metres?"), ((1200, 1700, 2300), "mm?")],
)
def test_C14_a_unit_that_is_not_named_is_asked_for(
    write: Write, values: tuple[float, ...], guess: str, refusals: Refusals
) -> None:
    (message,) = refusals(write(column(*values)))
    assert "the unit is not named" in message
    assert guess in message


def test_C14_heights_that_look_like_cm_are_taken_so_aloud(write: Write) -> None:
    people = read_people(write(column(170, 165, 180)), Reading())
    assert people.heights_cm.tolist() == [170.0, 165.0, 180.0]
    assert any("taken as cm" in warning for warning in people.warnings)


def test_C15_a_contradicted_unit_is_refused_with_the_guess(
    write: Write, refusals: Refusals
) -> None:
    (message,) = refusals(write(column(64, 68, 70)), unit="cm")
    assert "median 68; inches?" in message
    # Infants of 64 to 70 cm exist: whoever says so is believed.
    assert (
        len(read_people(write(column(64, 68, 70)), Reading(unit="cm", height_range=(40, 120))).rows)
        == 3
    )


def test_C16_mixed_units_are_counted_with_examples(write: Write, refusals: Refusals) -> None:
    path = write(column(*[65] * 112, *[165] * 31, 1.65, 1.7, 1.8))
    (message,) = refusals(path, unit="cm")
    assert "112 values 50–84 (inches?" in message
    assert "31 values 120–230 (cm?, such as row 114: 165)" in message
    assert "3 values 1.2–2.3 (metres?" in message
    assert len(refusals(write(column(165, 65, 1.65)), unit="cm")) == 1


def test_C22_C23_an_outlier_is_a_warning_with_its_row(write: Write) -> None:
    people = read_people(write(column(*range(160, 180), 57)), Reading(unit="cm"))
    # Median 169, absolute deviations 0, 1, 1, …, 9, 9, 10, 112: their median is 5.
    distance = (169 - 57) / (1.4826 * 5)
    (warning,) = people.warnings
    assert f"row 22: 57 lies {distance:.1f} robust SDs below the median" in warning
    assert len(people.rows) == 21


@pytest.mark.parametrize("values", [[170] * 5, [170, 180, 170, 180]])
def test_C24_hardly_any_distinct_heights_is_a_warning(write: Write, values: list[int]) -> None:
    people = read_people(write(column(*values)), Reading(unit="cm"))
    assert any("distinct value" in warning for warning in people.warnings)


@pytest.mark.parametrize(
    "codes", [("F", "M"), ("f", "m"), ("2", "1"), ("0", "1"), ("女", "男"), ("False", "True")]
)
def test_C26_labels_are_names_whatever_they_look_like(write: Write, codes: tuple[str, str]) -> None:
    short, tall = codes
    text = f"g,height\n{tall},180\n{short},160\n{tall},182\n{short},163\n"
    people = read_people(write(text), Reading(unit="cm", group="g"))
    assert people.group_names == codes
    assert people.group_index.tolist() == [1, 0, 1, 0]


def test_C27_blank_labels_stay_and_a_third_label_is_a_third_group(write: Write) -> None:
    text = "g,height\nm,180\nf,160\n,170\nNA,171\n?,172\nm,181\nf,161\n?,175\n"
    people = read_people(write(text), Reading(unit="cm", group="g"))
    assert people.group_names == ("f", "?", "m")
    assert people.group_index.tolist() == [2, 0, -1, -1, 1, 2, 0, 1]
    assert any("3 groups, not two" in warning for warning in people.warnings)
    assert [group.share for group in groups_of(people)] == [1 / 3, 1 / 3, 1 / 3]


def test_C28_labels_that_differ_by_case_are_merged_only_when_asked(write: Write) -> None:
    path = write("g,height\nmale,180\nMale ,182\nmale,184\nf,160\nf,163\n")
    apart = read_people(path, Reading(unit="cm", group="g"))
    assert apart.group_names == ("f", "male", "Male ") or apart.group_names[0] == "f"
    assert len(apart.group_names) == 3
    assert any("differ only by case or spaces" in warning for warning in apart.warnings)
    merged = read_people(path, Reading(unit="cm", group="g", merge_labels=True))
    assert merged.group_names == ("f", "male")


def test_C29_one_label_and_a_group_of_one_row_are_accepted(write: Write) -> None:
    one = read_people(write("g,height\nf,160\nf,163\n"), Reading(unit="cm", group="g"))
    assert one.group_names == ("f",)
    lonely = read_people(write("g,height\nf,160\nf,163\nm,180\n"), Reading(unit="cm", group="g"))
    assert lonely.group_names == ("f", "m")
    assert groups_of(lonely)[1] == Group("m", 1 / 3, 180.0, 0.0)
    assert any("“m” has 1 row" in warning for warning in lonely.warnings)


def test_C31_one_person_is_refused(write: Write, refusals: Refusals) -> None:
    (message,) = refusals(write(column(170)), unit="cm")
    assert "expected at least 2 people" in message


def test_C32_repeated_rows_and_identities_are_counted_and_kept(write: Write) -> None:
    people = read_people(write("id,age,height\n1,20,170\n1,20,170\n2,30,180\n"), Reading(unit="cm"))
    assert len(people.rows) == 3
    assert any("1 row with an identity that stood there before" in w for w in people.warnings)
    assert any("1 row equal to an earlier row" in w for w in people.warnings)


def test_C33_siblings_are_not_independent() -> None:
    (warning,) = read_people(GALTON, Reading(group="sex")).warnings
    assert "205 distinct values in 934 rows" in warning
    assert "not independent" in warning


def test_C34_a_long_file_is_read_in_batches_without_loss(write: Write) -> None:
    rng = np.random.default_rng(20261122)
    heights = 170.0 + 9.0 * rng.standard_normal(150_000)
    text = "sex,height_cm\n" + "".join(
        f"{'fm'[i % 2]},{h}\n" for i, h in enumerate(heights.tolist())
    )
    people = read_people(write(text), Reading(group="sex"))
    np.testing.assert_array_equal(people.heights_cm, heights)
    np.testing.assert_array_equal(people.rows, np.arange(2, 150_002))
    assert np.bincount(people.group_index).tolist() == [75_000, 75_000]
