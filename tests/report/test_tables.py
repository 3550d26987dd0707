from dataclasses import replace
from typing import Any

from stature.measures.checks.check import Check
from stature.report import tables
from stature.report.lookup import lookup


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


def test_means_come_first(ran: Any):
    found = tables.results(ran.study, ran.study.scenarios[0], lookup(ran.measures))
    assert [table.title for table in found][:2] == ["mean, cm, of girls", "mean, cm, of boys"]


def test_a_second_policy_is_shown_where_more_than_one_per_cent_failed(ran: Any):
    failing = [
        replace(row, replicates_failed=1) if row.estimator == "em" else row for row in ran.measures
    ]
    other = [replace(row, policy="finite") for row in failing]
    table = tables.second_policy(ran.study, lookup([*failing, *other]))
    assert {row[1] for row in table.rows} == {"em"}


def test_the_worst_check_is_named():
    cell = ("school.none", "mle", 50, "girls", "mean_cm")
    checks = [
        Check("theory_bias", *cell, expected=0.0, got=z, mcse=1.0, z=z, passed=abs(z) < 4)
        for z in (1.0, -5.0, 2.0)
    ]
    (row,) = tables.check_summary(checks).rows
    assert row == ("theory bias", "3", "2", "−5.0", "school.none, mle, n = 50, mean, cm, of girls")
