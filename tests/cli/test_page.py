"""The page: tables and sentences as a person sees them."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from stature.cli.fit import print_fit
from stature.datafile.digits import with_error
from stature.datafile.fits import Fitted, finding
from stature.datafile.people import read_people
from stature.datafile.request import FitRequest, Reading
from stature.datafile.runs import plan_runs
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits
from tests.cli.conftest import Fit

MadeUp = Callable[..., Fits]


def test_tables_sentences_and_warnings_go_where_they_belong(
    tmp_path: Path, made_up: MadeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("g,height\n" + "[f],160\nm,180\n[f],162\nm,184\n" * 5)
    people = read_people(path, Reading(unit="cm", group="g"))
    runs = plan_runs(FitRequest(str(path), Reading(group="g"), hide_group=True), people)
    fits = made_up({"[f]": (0.5, 161.0, 1.0), "m": (0.5, 182.25, 2.0)}, std_error=0.28)
    told = made_up({"[f]": (0.5, 161.0, 1.0), "m": (0.5, 182.0, 2.0)}, std_error=float("nan"))
    em, known = CATALOGUE["em"], CATALOGUE["em-known-shares"]
    findings = finding(em, fits, runs), finding(known, told, runs)
    print_fit(Fitted(people, runs, findings, notes=runs.notes))
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
    people = read_people(path, Reading("mass_g", "none"))
    runs = plan_runs(FitRequest(str(path)), people)
    fits = made_up({"lower": (0.5, 4550.0, 50.0), "upper": (0.5, 5550.0, 50.0)})
    print_fit(Fitted(people, runs, (finding(CATALOGUE["em"], fits, runs),)))
    assert "cm" not in capsys.readouterr().out.replace("people.csv", "")


def test_the_page_has_estimates_chi_square_and_expected_counts(fit: Fit) -> None:
    _, out, err = fit.says("data/macdonell_1902_heights_binned.csv", "--groups", "1")
    assert "65.536 ± 0.047   2.541 ± 0.033" in out
    assert "Chi-square 9.50 on 13 degrees of freedom" in out
    assert "64.56 – 65.56     462    460.0" in out
    assert "nothing was counted below 55.5625 in or above 77.5625 in" in err


def test_too_few_cells_for_a_test_are_told(fit: Fit) -> None:
    path = fit.file("lower_cm,upper_cm,count\n160,170,20\n170,180,30\n")
    _, out, err = fit.says(path, "--groups", "1")
    assert "only 2 cells with a count above 0: the SD rests on the normal shape" in err
    assert "No chi-square: " in out


@pytest.mark.parametrize(
    ("value", "std_error", "text"),
    [
        (162.824092715, 0.2808, "162.82 ± 0.28"),
        (162.824092715, 0.0996, "162.82 ± 0.10"),
        (162.824092715, 12.4, "163 ± 12"),
        (0.4850107, 0.0163531, "0.485 ± 0.016"),
        (0.00001234, 0.0000021, "0.0000123 ± 0.0000021"),
        (162.824, 0.0, "162.82"),
        (162.824, math.nan, "162.82"),
        (math.nan, 1.0, "–"),
        (math.inf, 1.0, "–"),
    ],
)
def test_two_digits_of_the_standard_error_decide(value: float, std_error: float, text: str) -> None:
    assert with_error(value, std_error, 6.5) == text
