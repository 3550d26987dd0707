"""Verdicts: what a doctor says, in the words of a fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stature.datafile.doctor import ORDER, diagnose
from stature.datafile.examinations import FileError
from stature.datafile.people import read_people
from stature.datafile.request import FitRequest, Reading
from stature.datafile.units import Length

Write = Callable[..., Path]
GALTON = Path("data/galton_1886_children.csv")
BAD = "sex,height\nm,170\nf,tall\nf\nm,999\n" + "m,171\n" * 20


def test_galton_can_be_fitted_and_has_siblings() -> None:
    found = diagnose(GALTON, Reading())
    assert found.conclusion == "can be fitted; 1 warning to read first"
    assert found.command[:2] == ("fit", str(GALTON))
    assert found.command[2:] == ("--column", "height_in", "--unit", "in", "--group", "sex")
    said = "\n".join(verdict.sentence for verdict in found.verdicts)
    for words in ("67 distinct values", "66.3 % of 1 in", "“female” 453", "separated by commas"):
        assert words in said
    assert "with a comma" not in said


@pytest.mark.parametrize("options", [{"shares": (0.5, 0.5)}, {"rounded": Length(1.0)}])
def test_groups_that_nobody_named_are_none_where_options_say_what_is_fitted(
    options: dict[str, Any],
) -> None:
    request = FitRequest(str(GALTON), Reading(), **options)
    assert "--group" not in diagnose(GALTON, Reading(), request).command


def test_all_that_is_good_to_know_of_people_is_told(write: Write) -> None:
    text = "sex;;height_cm;w\nf;a;160,5;1\nm;b;170,5;2\nf;c;;1\nm;d;180,5;0\n;e;150,5;3\n"
    found = diagnose(write(text), Reading(weights="w"))
    column, mean = "column 'height_cm': ", (160.5 + 2 * 170.5 + 3 * 150.5) / 6
    squares = (160.5 - mean) ** 2 + 2 * (170.5 - mean) ** 2 + 3 * (150.5 - mean) ** 2
    notes = [one.sentence for one in found.verdicts if one.level == "note"]
    assert [*notes[:7], notes[-1]] == [
        "5 rows of 4 columns; cells are separated by semicolons",
        "heights are in 'height_cm' (known by its name), groups in 'sex', weights in 'w'; "
        "not fitted: (blank)",
        f"{column}taken as cm; the numbers (150.5–180.5, median 165.5) look like cm",
        f"{column}decimals are written with a comma",
        "1 row left out: value missing",
        "1 row left out: weight 0",
        f"{column}3 heights of 150.5 to 170.5 cm, median 160.5; by weights, which sum to 6, mean "
        f"{mean:.2f}, SD {(squares / 6) ** 0.5:.2f}",
        "column 'sex': “f” 1, “m” 1, no label 1, smallest mean first; labels are names, never "
        "numbers",
    ]
    one_group = diagnose(write("sex,height_cm\nf,160\nf,165\n"), Reading()).verdicts[-1].sentence
    assert one_group == "column 'sex': “f” 2; labels are names, never numbers"
    without = diagnose(write("height_cm\n170\n165\ntall\n"), Reading(bad_rows="drop"))
    assert not [one for one in without.verdicts if one.about == "groups"]
    assert "1 row left out: value not a number" in [one.sentence for one in without.verdicts]


@pytest.mark.parametrize(("last", "errors"), [("170", 0), ("tall", 2)])
def test_labels_that_nobody_asked_for_are_no_reason_to_refuse(
    last: str, errors: int, write: Write
) -> None:
    rows = "".join(f"{k},{150 + k}\n" for k in range(30)) + f"30,{last}\n"
    found = diagnose(write("sex,height_cm\n" + rows), Reading())
    said = [one.sentence for one in found.verdicts if one.about == "groups"]
    assert [one.endswith("fitted without groups") for one in said] == [errors == 0]
    assert found.count("error") == errors


def test_a_doctor_says_what_a_fit_says(write: Write) -> None:
    path = write(BAD)
    with pytest.raises(FileError) as caught:
        read_people(path, Reading(unit="cm"))
    found = diagnose(path, Reading(unit="cm"))
    errors = [f"{path}: {one.sentence}" for one in found.verdicts if one.level == "error"]
    assert sorted(errors) == sorted(caught.value.messages)
    assert found.count("error") == 3
    assert not any("left out: " in one.sentence for one in found.verdicts)
    assert found.conclusion.startswith("cannot be fitted as it is: 3 errors")
    assert found.command == ()


def test_warnings_are_those_of_a_fit() -> None:
    people = read_people(GALTON, Reading(group="sex"))
    found = diagnose(GALTON, Reading(group="sex"))
    warned = [f"{GALTON}: {one.sentence}" for one in found.verdicts if one.level == "warning"]
    assert warned == list(people.warnings)


def test_verdicts_come_in_the_order_of_the_aspects(write: Write) -> None:
    found = diagnose(write(BAD), Reading(unit="cm"))
    places = [ORDER.index(verdict.about) for verdict in found.verdicts]
    assert places == sorted(places)


def test_a_file_that_is_not_there_has_a_verdict_too(tmp_path: Path) -> None:
    found = diagnose(tmp_path / "none.csv", Reading())
    assert [(one.level, one.about) for one in found.verdicts] == [("error", "file")]


def test_a_table_of_counts_is_told_from_people() -> None:
    found = diagnose("data/macdonell_1902_heights_binned.csv", Reading())
    assert found.verdicts[0].sentence == "a table of counts: 3000 observations in 22 cells"
    assert found.count("error") == 0


def test_a_table_with_groups_is_told_with_its_command(write: Callable[..., Path]) -> None:
    path = write("lower_cm,upper_cm,sex,count\n150,160,f,9\n160,170,f,9\n160,170,m,7\n170,180,,4\n")
    found = diagnose(path, Reading())
    sentences = [verdict.sentence for verdict in found.verdicts]
    assert "a table of counts with groups: 29 observations in 4 cells of 10 cm" in sentences
    assert (
        "column 'sex': “f” 18, “m” 7, no label 4, smallest mean first; labels are names, "
        "never numbers"
    ) in sentences
    assert found.command == ("fit", str(path), "--unit", "cm", "--group", "sex")
