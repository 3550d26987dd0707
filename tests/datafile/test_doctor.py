"""Verdicts: what a doctor says, in the words of a fit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stature.datafile.doctor import ORDER, diagnose
from stature.datafile.examinations import FileError
from stature.datafile.people import read_people
from stature.datafile.request import Reading

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


def test_a_doctor_says_what_a_fit_says(write: Write) -> None:
    path = write(BAD)
    with pytest.raises(FileError) as caught:
        read_people(path, Reading(unit="cm"))
    found = diagnose(path, Reading(unit="cm"))
    errors = [f"{path}: {one.sentence}" for one in found.verdicts if one.level == "error"]
    assert sorted(errors) == sorted(caught.value.messages)
    assert found.count("error") == 3
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
    assert "3000 observations in 22 cells" in found.verdicts[0].sentence
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
