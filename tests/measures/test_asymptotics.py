"""Every estimator is held to its limit where the limit is in reach, and to nothing elsewhere."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias
from stature.domain.model import Model
from stature.domain.population import Population
from stature.estimators.estimator import Estimator, Fits, Stop
from stature.measures.asymptotics import at_the_largest_size
from stature.measures.check import Check, ChecksSpec, index_of
from stature.measures.measure import Measure, measure_spec
from stature.measures.summarise import measure
from stature.theory.bounds import BoundsSpec, derive
from tests.measures.conftest import FitsMaker

SIZES = (100, 4000)
ESTIMATOR = Estimator("mle", Model("all"), "closed-form")


@pytest.fixture(scope="module")
def found(school: Population, labelled_fits: FitsMaker) -> tuple[ChecksSpec, tuple[Measure, ...]]:
    scenario = Scenario(school, NamedBias("none", NoBias()), "stratified")
    fits: dict[str, Fits] = {"mle": labelled_fits(school, SIZES, 200, 3)}
    bounds = derive(BoundsSpec(school, NoBias(), "stratified", SIZES, (Model("all"),)))
    measures = measure(measure_spec(scenario, (ESTIMATOR,)), fits, bounds)
    return ChecksSpec((scenario,), SIZES, 200, (ESTIMATOR,)), measures


def _moved(measures: Iterable[Measure], name: str, by: float) -> tuple[Measure, ...]:
    return tuple(
        replace(row, value=row.value + by)
        if (row.measure, row.parameter, row.size) == (name, "sd_cm", 4000) and row.value is not None
        else row
        for row in measures
    )


def _failed(checks: Iterable[Check]) -> set[tuple[str, str]]:
    return {(check.check, check.parameter) for check in checks if not check.passed}


def test_true_results_pass_at_the_largest_size(
    found: tuple[ChecksSpec, tuple[Measure, ...]],
) -> None:
    spec, measures = found
    checks = list(at_the_largest_size(spec, index_of(measures)))
    # Two means, two SDs and the gap, with their means and spreads; shares are of the design.
    assert len(checks) == 2 * 5
    assert {check.size for check in checks} == {4000}
    assert _failed(checks) == set()
    assert max(abs(check.z or 0.0) for check in checks) > 0.5


@pytest.mark.parametrize(
    ("name", "by", "check"),
    # An SD of 2000 people has the error 7 / sqrt(4000) = 0.11; 200 replicates leave 0.008 of it,
    # and of itself 5 %.
    [("bias_to_limit", 0.06, "plateau"), ("empirical_se", -0.05, "spread")],
)
def test_a_wrong_result_fails(
    name: str, by: float, check: str, found: tuple[ChecksSpec, tuple[Measure, ...]]
) -> None:
    spec, measures = found
    checks = at_the_largest_size(spec, index_of(_moved(measures, name, by)))
    assert _failed(checks) == {(check, "sd_cm")}


def test_where_the_limit_is_out_of_reach_nothing_is_asked(
    found: tuple[ChecksSpec, tuple[Measure, ...]],
) -> None:
    spec, measures = found
    # With 50 people in a group the bias of an SD is 0.15 of its error.
    small = replace(spec, sizes=(100,))
    assert list(at_the_largest_size(small, index_of(measures))) == []
    loose = replace(ESTIMATOR, method="em", stop=Stop("total", 0.1))
    assert list(at_the_largest_size(replace(spec, estimators=(loose,)), index_of(measures))) == []
    failing = [
        replace(row, replicates_failed=1) if row.measure == "bias_to_limit" else row
        for row in measures
    ]
    assert list(at_the_largest_size(spec, index_of(failing))) == []


def test_where_samples_differ_in_which_maximum_is_the_highest_nothing_is_asked(
    found: tuple[ChecksSpec, tuple[Measure, ...]],
) -> None:
    spec, measures = found
    for chance, asked in ((0.0, True), (1e-6, True), (1e-3, False), (0.5, False)):
        told = [
            replace(row, value=chance) if row.measure == "rival_chance" else row for row in measures
        ]
        assert bool(list(at_the_largest_size(spec, index_of(told)))) == asked
