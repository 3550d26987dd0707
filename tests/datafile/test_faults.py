"""Cells and units that make a file unfit: each with its sentence.

The names C01 … C53 are those of the project's list of bad data files.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from stature.datafile.people import read_people

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
    people = read_people(path, unit="cm", bad_rows="drop")
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
    people = read_people(write(f"sex,height\nm,170\nf,{text}\nm,180\n"), unit="cm")
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
    people = read_people(path, unit="cm", bad_rows="drop")
    assert people.dropped == (("height outside 50–260 cm", 1),)


def test_C20_the_range_may_be_widened_and_lifted(write: Write) -> None:
    path = write(column(30, 45, 60, 75, 90, 100, 110, 120))
    assert len(read_people(path, unit="cm", height_range=(20, 200)).rows) == 8
    masses = write(column(4500, 5500, 5000, name="mass_g"))
    assert read_people(masses, "mass_g", "none").heights_cm.tolist() == [4500, 5500, 5000]


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
    by_option = read_people(write(column(*values)), unit=unit)
    by_name = read_people(write(column(*values, name=f"height_{unit}")))
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
    people = read_people(write(column(170, 165, 180)))
    assert people.heights_cm.tolist() == [170.0, 165.0, 180.0]
    assert any("taken as cm" in warning for warning in people.warnings)


def test_C15_a_contradicted_unit_is_refused_with_the_guess(
    write: Write, refusals: Refusals
) -> None:
    (message,) = refusals(write(column(64, 68, 70)), unit="cm")
    assert "median 68; inches?" in message
    # Infants of 64 to 70 cm exist: whoever says so is believed.
    assert len(read_people(write(column(64, 68, 70)), unit="cm", height_range=(40, 120)).rows) == 3


def test_C16_mixed_units_are_counted_with_examples(write: Write, refusals: Refusals) -> None:
    path = write(column(*[65] * 112, *[165] * 31, 1.65, 1.7, 1.8))
    (message,) = refusals(path, unit="cm")
    assert "112 values 50–84 (inches?" in message
    assert "31 values 120–230 (cm?, such as row 114: 165)" in message
    assert "3 values 1.2–2.3 (metres?" in message
    assert len(refusals(write(column(165, 65, 1.65)), unit="cm")) == 1
