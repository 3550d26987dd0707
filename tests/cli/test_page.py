"""The page: tables and sentences as a person sees them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stature.cli.findings import finding
from stature.cli.page import print_page
from stature.cli.request import FitRequest
from stature.cli.runs import plan_runs
from stature.datafile.people import read_people
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits

MadeUp = Callable[..., Fits]


def test_tables_sentences_and_warnings_go_where_they_belong(
    tmp_path: Path, made_up: MadeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("g,height\n" + "[f],160\nm,180\n[f],162\nm,184\n" * 5)
    people = read_people(path, unit="cm", group="g")
    runs = plan_runs(FitRequest(str(path), group="g", hide_group=True), people)
    fits = made_up({"[f]": (0.5, 161.0, 1.0), "m": (0.5, 182.25, 2.0)}, std_error=0.28)
    told = made_up({"[f]": (0.5, 161.0, 1.0), "m": (0.5, 182.0, 2.0)}, std_error=float("nan"))
    print_page(
        people,
        runs,
        (
            finding(CATALOGUE["em"], fits, runs),
            finding(CATALOGUE["em-known-shares"], told, runs),
        ),
    )
    printed = capsys.readouterr()
    assert "182.25 ± 0.28" in printed.out
    assert "0.500 (known)" in printed.out
    # A name from a file is never taken for markup.
    assert printed.out.count("[f]") >= 4
    assert "20 of 20 (100.0 %)" in printed.out
    assert "+0.25" in printed.out
    assert "note: 20 people are few" in printed.err
    assert "note" not in printed.out


def test_measurements_without_a_unit_are_not_called_cm(
    tmp_path: Path, made_up: MadeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "penguins.csv"
    path.write_text("mass_g\n" + "4500\n5500\n4600\n5600\n" * 10)
    people = read_people(path, "mass_g", "none")
    runs = plan_runs(FitRequest(str(path)), people)
    fits = made_up({"lower": (0.5, 4550.0, 50.0), "upper": (0.5, 5550.0, 50.0)})
    print_page(people, runs, (finding(CATALOGUE["em"], fits, runs),))
    assert "cm" not in capsys.readouterr().out.replace("people.csv", "")
