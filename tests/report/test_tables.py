from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stature.config.study import Study, load
from stature.measures.checks.check import Check, absent
from stature.measures.measure import Judged, Precision
from stature.report import tables
from stature.report.notes import Conditions, empty_cells
from stature.report.page import render
from stature.report.tables import lookup


def test_failures_are_counted_also_when_there_are_none(ran: Any):
    table = tables.failures(ran.study, ran.study.scenarios[0], lookup(ran.measures))
    assert table.rows[0] == ("mle", "0", "0")
    assert len(table.rows) == len(ran.study.estimators)


def test_statuses_of_failures_are_named(ran: Any):
    counts = {"degenerate": 3, "step_limit": 1}
    rows = [
        replace(row, count=counts[row.measure])
        if row.measure in counts and row.estimator == "em"
        else row
        for row in ran.measures
    ]
    table = tables.failures(ran.study, ran.study.scenarios[0], lookup(rows))
    assert table.rows[1][1] == "4: 1 step limit, 3 degenerate"


def test_what_the_design_fixes_has_no_row(ran: Any):
    found = tables.results(ran.study, ran.study.scenarios[0], lookup(ran.measures))
    shares = next(table for table in found if table.title == "share, of girls")
    assert {row[0] for row in shares.rows} == {"em"}


def test_empty_cells_have_their_reasons(ran: Any):
    none, minimum = ran.study.scenarios
    assert empty_cells(Conditions(ran.study, lookup(ran.measures)), none) == []
    (said,) = empty_cells(Conditions(ran.study, lookup(ran.measures)), minimum)
    assert said.startswith(
        "mle; em; em-known-shares: no efficiency, because there is no bound: its"
    )
    for fits, gone, reason in (
        (1, {"empirical_se", "efficiency"}, "one fit converged, and a spread (EmpSE"),
        (0, set(tables.SHOWN), "no fit converged."),
        (12, {"model_se", "coverage"}, "no standard errors, and so no ModSE and no coverage."),
    ):
        rows = [
            row
            if (row.estimator, row.size) != ("em", 50)
            else replace(row, value=None)
            if row.measure in gone
            else replace(row, count=fits)
            if row.measure == "converged"
            else row
            for row in ran.measures
        ]
        (said,) = empty_cells(Conditions(ran.study, lookup(rows)), none)
        assert said.startswith(f"em at n = 50: {reason}")
        (means, *_) = tables.results(ran.study, none, lookup(rows))
        assert [row[:2] for row in means.rows].count(("em", "50")) == 1


def test_means_come_first(ran: Any):
    found = tables.results(ran.study, ran.study.scenarios[0], lookup(ran.measures))
    assert [table.title for table in found][:2] == ["mean, cm, of girls", "mean, cm, of boys"]


def test_a_second_policy_is_shown_where_more_than_one_per_cent_failed(ran: Any):
    failing = [
        replace(row, replicates_failed=1) if row.estimator == "em" else row for row in ran.measures
    ]
    other = [replace(row, policy="finite") for row in failing]
    table = tables.second_policy(lookup([*failing, *other]))
    assert {row[1] for row in table.rows} == {"em"}


def test_the_worst_check_is_named():
    cell = ("school.none", "mle", 50, "girls", "mean_cm")
    checks = [
        Check("theory_bias", *cell, expected=0.0, got=z, mcse=1.0, z=z, passed=abs(z) < 4)
        for z in (1.0, -5.0, 2.0)
    ]
    checks.append(absent("theory_bias", cell, 0.0))
    (row,) = tables.check_summary(checks).rows
    where = "school.none, mle, n = 50, mean, cm, of girls"
    assert row == ("theory bias", "4", "2", "1", "−5.0", where)


def test_a_measure_is_found_by_what_it_is_about(ran: Any):
    found = lookup(ran.measures).get("rmse", "school.none", "mle", 200, "girls", "mean_cm")
    assert found is not None
    assert (found.measure, found.size, found.group) == ("rmse", 200, "girls")


def test_a_measure_without_a_value_is_not_found(ran: Any):
    empty = [replace(row, value=None) for row in ran.measures]
    assert lookup(empty).get("rmse", "school.none", "mle", 200, "girls", "mean_cm") is None


def test_policies_are_kept_apart(ran: Any):
    other = [replace(row, policy="finite", value=-1.0) for row in ran.measures]
    found = lookup([*ran.measures, *other])
    usual = found.get("rmse", "school.none", "mle", 200, "girls", "mean_cm")
    assert usual is not None
    assert usual.policy == "available"
    assert len(found.finite) == len(found.usual)


ROOT = Path(__file__).parents[2]
FAR = Judged(200, "school.none", "em", 50, "girls", "mean_cm", "rmse", 0.05, 0.02, False)


@pytest.fixture
def study() -> Study:
    fixed = load([ROOT / "config/config.yaml"], ROOT)
    aim = Precision(0.02, "rmse", "mean_cm", 200, 400)
    return replace(fixed, replicates=400, precision=aim)


def test_a_fixed_number_of_replicates_has_no_rounds(study: Study) -> None:
    assert tables.precision(replace(study, precision=None), []) is None


def test_target_and_what_was_reached_are_told_of_every_capped_cell(study: Study) -> None:
    met = replace(FAR, estimator="mle", mcse=0.01, met=True)
    later = [replace(one, replicates=400) for one in (replace(FAR, mcse=0.03), met)]
    found = tables.precision(study, [FAR, met, *later])
    assert found is not None
    assert "at most 0.02 cm for every" in found.sentences[0]
    assert found.sentences[-1] == ("With 400 replicates 1 of 2 cells met the target; 1 was capped.")
    assert found.rounds.rows == (("200", "1", "1", "0.05"), ("400", "1", "1", "0.03"))
    assert found.capped.rows == (("school.none", "em", "50", "girls", "0.02", "0.03"),)


def test_a_cell_without_an_error_is_capped_and_no_error_is_the_largest(study: Study) -> None:
    found = tables.precision(study, [replace(FAR, replicates=400, mcse=None)])
    assert found is not None
    assert found.rounds.rows[0][-1] == found.capped.rows[0][-1] == "–"


def test_a_coverage_has_no_unit(study: Study) -> None:
    aim = Precision(0.01, "coverage", "mean_cm", 200, 400)
    found = tables.precision(replace(study, precision=aim), [])
    assert found is not None
    assert "at most 0.01 for every" in found.sentences[0]


def test_the_page_tells_it_and_a_page_of_a_fixed_number_does_not(study: Study) -> None:
    cells = [FAR, replace(FAR, replicates=400, mcse=0.03)]
    told = render(study, [], [], {}, {}, cells)
    assert '<details id="precision">' in told
    assert "Cells that were capped before they met the target" in told
    assert "0 of 1 cells met the target; 1 was capped." in told
    assert '<details id="precision">' not in render(replace(study, precision=None), [], [], {}, {})
