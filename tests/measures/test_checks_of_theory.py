"""Theory is met by true results, and each comparison fails for doctored ones."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias, Selection
from stature.domain.model import Model
from stature.estimators.estimator import Estimator, Stop
from stature.measures.checks.check import Check, ChecksSpec, index_of
from stature.measures.checks.theory import (
    against_exact_theory,
    against_limits,
    at_the_largest_size,
    group_counts,
    sd_shift,
)
from stature.measures.measure import Measure, measure, measure_spec
from stature.theory.bounds import BoundsSpec, derive
from tests.measures.conftest import SCHOOL, Rows, Study, doctored, labelled_fits, without

MLE = Estimator("mle", Model("all"), "closed-form")
BOYS = {"estimator": "mle", "group": "boys"}

Results = tuple[ChecksSpec, Rows]


def _failed(checks: Iterable[Check]) -> list[tuple[str, int | None, str]]:
    return sorted(
        (check.check, check.size, check.parameter) for check in checks if check.passed is False
    )


def _moved(measures: Rows, by: float, **key: object) -> Rows:
    """The measures, those with these columns moved by so much, and their counts with them."""

    def moved(row: Measure) -> Measure:
        count = None if row.count is None else row.count + round(by * row.replicates_used)
        return replace(row, value=None if row.value is None else row.value + by, count=count)

    return doctored(measures, moved, **key)


def test_labelled_estimates_meet_exact_theory_in_every_cell(study: Study) -> None:
    found = [
        *against_exact_theory(study.checks, index_of(study.measures)),
        *against_limits(study.checks, index_of(study.measures)),
    ]
    assert _failed(found) == []
    # Two labelled estimators, two groups, three sizes with six measures and two limits; two slopes.
    assert len(found) == 2 * 2 * (3 * (6 + 2) + 1)
    scores = [check.z for check in found if check.z is not None]
    # Were the errors of theory far too large, nothing could ever fail.
    assert max(map(abs, scores)) > 1.0


def test_scores_are_result_minus_theory_over_the_error_of_theory(study: Study) -> None:
    found = {
        (check.check, check.size): check
        for check in against_exact_theory(study.checks, index_of(study.measures))
        if (check.estimator, check.group, check.parameter) == ("mle", "boys", "mean_cm")
    }
    # At size 50 there are 25 boys with SD 7: RMSE 7/5, and with 200 normal errors its own SE is
    # 7/5 / sqrt(2 * 200).
    rmse = found["theory_rmse", 50]
    assert rmse.expected == pytest.approx(1.4, rel=1e-14)
    assert rmse.mcse == pytest.approx(1.4 / 20, rel=1e-14)
    assert found["theory_bias", 50].mcse == pytest.approx(1.4 / np.sqrt(200), rel=1e-14)
    # n_k is half the size at each size, so the slope is -1/2.
    assert found["theory_rate", None].expected == pytest.approx(-0.5, rel=1e-13)
    coverage = found["theory_coverage", 50]
    bound = 1.959963984540054 * np.sqrt(24 / 25)
    assert coverage.expected == pytest.approx(1 - 2 * stats.t.sf(bound, 24), rel=1e-10)
    # E se^2 = v (n - 1)/n^2.
    assert found["theory_model_se", 50].expected == pytest.approx(7 * np.sqrt(24) / 25, rel=1e-14)


def test_errors_of_theory_are_the_spread_over_repeated_studies(scenario: Scenario) -> None:
    """RMSE, model SE, mean SD and slope of 3000 studies of 50 replicates, sizes 20 and 40."""
    random = np.random.default_rng(60)
    people = 7.0 * random.standard_normal((3000, 50, 20))
    spec = ChecksSpec((scenario,), (20, 40), 50, (MLE,))
    rmse = np.stack([np.sqrt((people[..., :n].mean(-1) ** 2).mean(-1)) for n in (10, 20)])
    variances = people[..., :10].var(axis=-1)
    slope = np.log(rmse[1] / rmse[0]) / np.log(2)
    got = {
        "theory_rmse": rmse[0],
        "theory_model_se": np.sqrt((variances / 10).mean(-1)),
        "theory_bias sd": np.sqrt(variances).mean(-1) - 7.0,
        "theory_rate": slope,
    }
    found = _theory_of_boys(spec)
    for name, values in got.items():
        expected, mcse = found[name]
        # 5 % are 4 standard errors of a spread over 3000 studies: 4/sqrt(6000).
        assert values.std() == pytest.approx(mcse, rel=0.06)
        # A root of a mean of 50 has a bias of 1/(4 x 50) of its expectation, 0.07 of its error.
        assert abs(values.mean() - expected) < (4 / np.sqrt(3000) + 0.1) * mcse


def _theory_of_boys(spec: ChecksSpec) -> dict[str, tuple[float, float]]:
    """Expected value and error of each measure at size 20, from made-up results."""
    names = ("bias", "empirical_se", "rmse", "model_se", "coverage", "rate")
    rows = [
        Measure(
            "school", "none", "school.none", "mle", None if name == "rate" else size, "boys",
            parameter, name, "", "available", 0.0, 0.0, None, None, 25, 50, 0, 50,
        )
        for name in names
        for size in spec.sizes
        for parameter in ("mean_cm", "sd_cm")
    ]  # fmt: skip
    found: dict[str, tuple[float, float]] = {}
    for check in against_exact_theory(spec, index_of(rows)):
        if check.group == "boys" and check.size in (20, None) and check.mcse is not None:
            suffix = " sd" if check.parameter == "sd_cm" else ""
            found[check.check + suffix] = (check.expected or 0.0, check.mcse)
    return found


@pytest.mark.parametrize(
    ("measure", "by", "parameter", "check"),
    [
        # Size 50, 25 boys, 200 replicates: errors of theory .099, .07, .07; 5 of them are .5, .35.
        ("bias", 1.0, "mean_cm", "theory_bias"),
        ("empirical_se", -0.7, "mean_cm", "theory_empirical_se"),
        ("rmse", 0.7, "mean_cm", "theory_rmse"),
        ("model_se", 0.2, "mean_cm", "theory_model_se"),
        ("coverage", -0.2, "mean_cm", "theory_coverage"),
        ("bias", 1.0, "sd_cm", "theory_bias"),
        ("bias_to_limit", -1.0, "mean_cm", "limit"),
        ("bias_to_limit", 1.0, "sd_cm", "limit"),
        ("rate", 0.3, "mean_cm", "theory_rate"),
    ],
)
def test_a_wrong_result_fails_in_its_own_cell(
    measure: str, by: float, parameter: str, check: str, study: Study
) -> None:
    size = None if measure == "rate" else 50
    wrong = _moved(study.measures, by, measure=measure, parameter=parameter, size=size, **BOYS)
    index = index_of(wrong)
    found = [*against_exact_theory(study.checks, index), *against_limits(study.checks, index)]
    assert _failed(found) == [(check, size, parameter)]


@pytest.mark.parametrize("measure", ["coverage", "rmse"])
def test_a_row_that_is_missing_fails_and_a_value_that_is_missing_does_not(
    measure: str, study: Study
) -> None:
    key = BOYS | {"measure": measure, "size": 20}
    kept = without(study.measures, **key)
    failed = _failed(against_exact_theory(study.checks, index_of(kept)))
    assert failed == [("rows", 20, "mean_cm")]
    empty = doctored(study.measures, lambda row: replace(row, value=None), **key)
    found = [*against_exact_theory(study.checks, index_of(empty))]
    assert _failed(found) == []
    absent = [(check.check, check.parameter) for check in found if check.passed is None]
    assert {(f"theory_{measure}", "mean_cm")} == {*absent}


def test_exact_theory_is_not_asked_of_biased_samples(study: Study) -> None:
    biased = Scenario(SCHOOL, NamedBias("none", Selection(0.05)), "stratified")
    spec = replace(study.checks, scenarios=(biased,))
    assert list(against_exact_theory(spec, index_of(study.measures))) == []
    assert list(against_limits(spec, index_of(study.measures))) != []


def test_small_samples_without_an_estimate_are_not_asked_for(study: Study) -> None:
    # Two people are one girl and one boy: no SD, so no fit and nothing to compare.
    spec = replace(study.checks, sizes=(2, *study.checks.sizes))
    found = list(against_exact_theory(spec, index_of(study.measures)))
    assert {check.size for check in found} == {20, 50, 100, None}


def test_counts_of_a_random_sample_are_binomial_with_two_people_in_each_group(
    scenario: Scenario,
) -> None:
    counts = group_counts(replace(scenario, sampling="random"), 20, 0)
    assert counts.people.tolist() == list(range(2, 19))
    chances = stats.binom.pmf(counts.people, 20, 0.5)
    np.testing.assert_allclose(counts.weights, chances / chances.sum(), rtol=1e-14)


@pytest.mark.parametrize("shape", ["normal", "gamma", "uniform"])
def test_bounds_on_the_mean_sd_hold_for_any_distribution(shape: str) -> None:
    random = np.random.default_rng(61)
    draw, kurtosis = {
        "normal": (random.standard_normal, 3.0),
        "gamma": (lambda size: random.gamma(4.0, 0.5, size), 3.0 + 6.0 / 4.0),
        "uniform": (lambda size: random.uniform(-np.sqrt(3), np.sqrt(3), size), 1.8),
    }[shape]  # each of SD 1
    for people in (2, 5, 20):
        sds = draw((40000, people)).std(axis=1)
        low, high = sd_shift(people, 1.0, np.sqrt((kurtosis - 1.0) / (4.0 * people)))
        slack = 4 * sds.std() / np.sqrt(40000)
        assert low - slack <= sds.mean() - 1.0 <= high + slack
        # The bound is of order 1/n: it would not let a bias of a tenth pass at size 100.
        assert -2.0 * kurtosis / people < low < high < 0.0


SIZES_OF_LIMITS = (100, 4000)


@pytest.fixture(scope="module")
def found() -> Results:
    scenario = Scenario(SCHOOL, NamedBias("none", NoBias()), "stratified")
    fits = {"mle": labelled_fits(SIZES_OF_LIMITS, 200, 3)}
    bounds = derive(BoundsSpec(SCHOOL, NoBias(), "stratified", SIZES_OF_LIMITS, (Model("all"),)))
    measures = measure(measure_spec(scenario, (MLE,)), fits, bounds)
    return ChecksSpec((scenario,), SIZES_OF_LIMITS, 200, (MLE,)), measures


def test_true_results_pass_at_the_largest_size(found: Results) -> None:
    spec, measures = found
    checks = list(at_the_largest_size(spec, index_of(measures)))
    # Two means, two SDs and the gap, with their means and spreads; shares are of the design.
    assert len(checks) == 2 * 5
    assert {check.size for check in checks} == {4000}
    assert _failed(checks) == []
    assert max(abs(check.z or 0.0) for check in checks) > 0.5


@pytest.mark.parametrize(
    ("name", "by", "check"),
    # An SD of 2000 people has the error 7 / sqrt(4000) = 0.11; 200 replicates leave 0.008 of it,
    # and of itself 5 %.
    [("bias_to_limit", 0.06, "plateau"), ("empirical_se", -0.05, "spread")],
)
def test_a_wrong_result_fails(name: str, by: float, check: str, found: Results) -> None:
    spec, measures = found
    checks = at_the_largest_size(
        spec, index_of(_moved(measures, by, measure=name, parameter="sd_cm", size=4000))
    )
    assert _failed(checks) == [(check, 4000, "sd_cm")] * 2


def test_where_the_limit_is_out_of_reach_nothing_is_asked(found: Results) -> None:
    spec, measures = found
    # With 50 people in a group the bias of an SD is 0.15 of its error.
    small = replace(spec, sizes=(100,))
    assert list(at_the_largest_size(small, index_of(measures))) == []
    loose = replace(MLE, method="em", stop=Stop("total", 0.1))
    assert list(at_the_largest_size(replace(spec, estimators=(loose,)), index_of(measures))) == []
    failing = doctored(
        measures, lambda row: replace(row, replicates_failed=1), measure="bias_to_limit"
    )
    assert list(at_the_largest_size(spec, index_of(failing))) == []


def test_where_samples_differ_in_which_maximum_is_the_highest_nothing_is_asked(
    found: Results,
) -> None:
    spec, measures = found
    for chance, asked in ((0.0, True), (1e-6, True), (1e-3, False), (0.5, False)):
        rows = doctored(
            measures, lambda row, chance=chance: replace(row, value=chance), measure="rival_chance"
        )
        assert bool(list(at_the_largest_size(spec, index_of(rows)))) == asked


@pytest.mark.parametrize("factor", [0.0, 1.0, 10.0])
def test_errors_are_the_larger_of_those_of_theory_and_the_measured_ones(
    factor: float, found: Results
) -> None:
    spec, measures = found
    measures = doctored(measures, lambda row: replace(row, mcse=factor * (row.mcse or 0.0)))
    rows = {
        (row.measure, row.estimator, row.size, row.group, row.parameter): row
        for row in measures
        if row.policy in ("", "available")
    }
    checks = [
        *against_limits(spec, index_of(measures)),
        *at_the_largest_size(spec, index_of(measures)),
    ]
    for check in checks:
        cell = check.estimator, check.size, check.group, check.parameter
        away, spread = rows["bias_to_limit", *cell], rows["limit_se", *cell].value or 0.0
        # A mean of R estimates, or the standard deviation of R normal ones.
        used = away.replicates_used
        own, of_theory = away.mcse, spread / np.sqrt(used)
        if check.check == "spread":
            own, of_theory = rows["empirical_se", *cell].mcse, spread / np.sqrt(2.0 * used)
        assert check.mcse == pytest.approx(max(of_theory, own or 0.0), rel=1e-14)
    assert {"plateau", "spread"} <= {check.check for check in checks}
