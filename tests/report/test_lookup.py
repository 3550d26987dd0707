from dataclasses import replace
from typing import Any

from stature.report.lookup import lookup


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
