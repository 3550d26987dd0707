import pytest

from stature.measures.check import Check, FailedChecks, demand, exact, index_of, sentences
from stature.measures.measure import Measure

CELL = ("school.none", "mle", 20, "boys", "mean_cm")


def test_an_exact_check_allows_its_tolerance_and_no_more() -> None:
    assert exact("rows", CELL, 3.0, 3.0).passed
    assert exact("rows", CELL, 3.0, 3.5, tolerance=0.5).passed
    assert not exact("rows", CELL, 3.0, 3.6, tolerance=0.5).passed
    assert not exact("rows", CELL, 3.0, None).passed


def test_a_failed_check_names_its_cell() -> None:
    failed = exact("rows", CELL, 3.0, None)
    assert sentences([failed, exact("rows", CELL, 3.0, 3.0)]) == (
        "rows: mle in school.none, size 20, mean_cm of boys: expected 3, got nothing",
    )


def test_a_check_of_the_whole_study_says_so() -> None:
    failed = exact("strangers", ("", "", None, "", ""), 0.0, 2.0)
    assert sentences([failed]) == ("strangers: the study: expected 0, got 2",)


def test_failed_checks_raise_and_passed_ones_do_not() -> None:
    passed = Check("bias", *CELL, expected=0.0, got=0.1, mcse=0.1, z=1.0, passed=True)
    demand([passed])
    with pytest.raises(FailedChecks, match=r"1 of the checks .*\n.*mle in school.none, size 20"):
        demand([passed, exact("rows", CELL, 3.0, 4.0)])


def test_measures_are_found_by_cell(measures: tuple[Measure, ...]) -> None:
    index = index_of(measures)
    assert sum(len(rows) for rows in index.values()) == len(measures)
    row = index[CELL][("bias", "", "available")]
    assert (row.estimator, row.size, row.group, row.measure) == ("mle", 20, "boys", "bias")
