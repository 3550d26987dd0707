"""Theory is met by true results, and each comparison fails for doctored ones."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from stature.arrays import Floats
from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias, Selection
from stature.domain.model import Model, Sampling
from stature.domain.population import Population
from stature.estimators.estimator import Alternative, Choice, Estimator, Prior, Stop
from stature.measures.checks.check import LARGEST_Z, Check, ChecksSpec, index_of
from stature.measures.checks.theory import (
    SMALLEST_CHANCE,
    against_exact_theory,
    against_limits,
    at_the_largest_size,
    group_counts,
    sd_shift,
)
from stature.measures.measure import Measure, measure, measure_spec
from stature.theory.bounds import BoundsSpec, derive
from stature.theory.labelled import mean_coverage
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


def _made_up(spec: ChecksSpec, group: str, replicates: int, **columns: object) -> list[Measure]:
    """Rows of the labelled estimator, all of them 0 and alike but for some columns."""
    names = ("bias", "empirical_se", "rmse", "model_se", "coverage", "rate")
    (scenario,) = spec.scenarios
    row = Measure(
        "school", "none", scenario.slug, "mle", None, group, "", "", "", "available",
        0.0, 0.0, None, None, 0, replicates, 0, replicates,
    )  # fmt: skip
    return [
        replace(row, size=size, parameter=parameter, measure=name, **columns)
        for name in names
        for size in ((None,) if name == "rate" else spec.sizes)
        for parameter in ("mean_cm", "sd_cm")
    ]


def _theory_of_boys(spec: ChecksSpec) -> dict[str, tuple[float, float]]:
    """Expected value and error of each measure at the smallest size, from made-up results."""
    found: dict[str, tuple[float, float]] = {}
    for check in against_exact_theory(spec, index_of(_made_up(spec, "boys", 50))):
        if check.size in (min(spec.sizes), None) and check.mcse is not None:
            suffix = " sd" if check.parameter == "sd_cm" else ""
            found[check.check + suffix] = (check.expected or 0.0, check.mcse)
    return found


@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_theory_is_that_of_chi_and_t_over_the_counts_of_a_group(sampling: Sampling) -> None:
    girls, boys = SCHOOL.groups
    groups = (replace(girls, share=0.7), replace(boys, share=0.3))
    scenario = Scenario(Population("school", groups), NamedBias("none", NoBias()), sampling)
    sizes = (20, 50, 120)

    def counts(size: int) -> tuple[Floats, Floats]:
        """Numbers of boys and their chances: .3 of the people, or two or more of each group."""
        if sampling == "stratified":
            return np.array([0.3 * size]), np.ones(1)
        people = np.arange(2.0, size - 1)
        chances = stats.binom.pmf(people, size, 0.3)
        return people, chances / chances.sum()

    m, w = counts(20)
    chi, chi2 = stats.chi(m - 1), stats.chi2(m - 1)
    sd = 7.0 / np.sqrt(m)  # of a mean of m boys
    # A mean is normal, with fourth moment 3; its squared standard error is v chi2 / m^2.
    of_mean = w @ sd**2, w @ (3.0 * sd**4)
    squared, fourth = w @ (sd**2 * chi2.mean() / m), w @ (sd**4 * chi2.moment(2) / m**2)
    mean_sd, mean_variance = w @ (sd * chi.mean()), w @ (sd**2 * (m - 1))
    covered = w @ (1.0 - 2.0 * stats.t(m - 1).sf(1.959963984540054 * np.sqrt((m - 1) / m)))
    logs = [np.log(np.sqrt(chances @ (1.0 / people))) for people, chances in map(counts, sizes)]
    slope = np.linalg.pinv(np.stack([np.ones(3), np.log(sizes)], axis=1))[1]
    ratios = np.divide.outer(sizes, sizes)

    def of_root(mean: Floats, square: Floats) -> tuple[Floats, Floats]:
        """A root of a mean of squares with this mean and mean square, and its spread."""
        return np.sqrt(mean), np.sqrt(square - mean**2) / (2.0 * np.sqrt(mean))

    expected = {
        "theory_bias": (0.0, np.sqrt(of_mean[0])),
        "theory_empirical_se": of_root(*of_mean),
        "theory_rmse": of_root(*of_mean),
        "theory_model_se": of_root(squared, fourth),
        "theory_coverage": (covered, np.sqrt(covered * (1.0 - covered))),
        "theory_bias sd": (mean_sd - 7.0, np.sqrt(mean_variance - mean_sd**2)),
        "theory_rate": (slope @ logs, np.sqrt(slope @ np.minimum(ratios, ratios.T) @ slope / 2.0)),
    }
    found = _theory_of_boys(ChecksSpec((scenario,), sizes, 50, (MLE,)))
    assert found.keys() == expected.keys()
    for name, (value, spread_of_one) in expected.items():
        assert found[name] == pytest.approx((value, spread_of_one / np.sqrt(50)), rel=1e-9), name


def test_coverage_fails_where_the_binomial_tail_is_rarer_than_five_standard_errors(
    scenario: Scenario,
) -> None:
    assert pytest.approx(2.0 * stats.norm.sf(LARGEST_Z), rel=0.01) == SMALLEST_CHANCE
    spec = ChecksSpec((scenario,), (50,), 200, (MLE,))
    hits = stats.binom(200, mean_coverage(25))
    for count in range(201):
        rows = _made_up(spec, "boys", 200, count=count, value=count / 200)
        (found,) = (
            check
            for check in against_exact_theory(spec, index_of(rows))
            if check.check == "theory_coverage"
        )
        tail = min(hits.cdf(count), hits.sf(count - 1))
        assert found.passed == (2.0 * tail >= SMALLEST_CHANCE)


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
    (failed,) = (
        check
        for check in against_exact_theory(study.checks, index_of(kept))
        if check.passed is False
    )
    assert (failed.check, failed.size, failed.parameter) == ("rows", 20, "mean_cm")
    assert (failed.expected, failed.got) == (1.0, 0.0)
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
    # Two of each group are never met among three people drawn at random, and are among four; by
    # design three people are two of one group and one of the other.
    (scenario,) = study.checks.scenarios
    asked: dict[Sampling, set[int | None]] = {"random": {4}, "stratified": {3, 4, None}}
    for sampling, met in asked.items():
        few = replace(spec, scenarios=(replace(scenario, sampling=sampling),), sizes=(1, 2, 3, 4))
        found = list(against_exact_theory(few, {}))
        assert {(check.check, check.size) for check in found} == {("rows", size) for size in met}


def test_counts_of_a_random_sample_are_binomial_with_two_people_in_each_group(
    scenario: Scenario,
) -> None:
    counts = group_counts(replace(scenario, sampling="random"), 20, 0)
    assert counts.people.tolist() == list(range(2, 19))
    chances = stats.binom.pmf(counts.people, 20, 0.5)
    np.testing.assert_allclose(counts.weights, chances / chances.sum(), rtol=1e-14)


@pytest.mark.parametrize("people", [2, 3, 4])
def test_bounds_on_the_mean_sd_are_those_of_two_points_by_enumeration(people: int) -> None:
    # Heights 0 and 1 with chances .75 and .25: variance 3/16, kurtosis 7/3.
    ones = np.arange(people + 1)
    y = ones / people * (1 - ones / people) / (3 / 16) - 1
    chances = stats.binom.pmf(ones, people, 0.25)
    first, second = chances @ y, chances @ y**2
    limit_se = np.sqrt(3 / 16 * (7 / 3 - 1) / (4 * people))
    low, high = np.sqrt(3 / 16) * np.array([first / 2 - second / 2, np.sqrt(1 + first) - 1])
    found = sd_shift(people, np.sqrt(3 / 16), limit_se)
    assert found == pytest.approx((low, high), rel=1e-12)


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


def _asked(spec: ChecksSpec, rows: Iterable[Measure]) -> dict[str, float | None]:
    """Names of the checks at the largest size, with what they expect of the SD of boys."""
    return {
        check.check: check.expected
        for check in at_the_largest_size(spec, index_of(rows))
        if (check.group, check.parameter) == ("boys", "sd_cm")
    }


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_small_bias_is_one_of_a_tenth_of_an_error_and_its_square_is_in_the_spread(
    sign: int, found: Results
) -> None:
    spec, measures = found
    errors = {
        (row.size, row.group, row.parameter): row.value or 0.0
        for row in measures
        if row.measure == "limit_se"
    }
    # 20 r^2 is the error of a spread of 200 replicates, 1/sqrt(400), where r = .05.
    ranges = {0.0: {"plateau", "spread"}, 0.0499: {"plateau", "spread"}, 0.0501: {"plateau"},
              0.0999: {"plateau"}, 0.1001: set()}  # fmt: skip
    for ratio, names in ranges.items():

        def first(row: Measure, ratio: float = ratio) -> Measure:
            return replace(row, value=sign * ratio * errors[row.size, row.group, row.parameter])

        rows = doctored(measures, first, measure="small_sample_bias")
        assert _asked(spec, rows).keys() == names
        edge = 2.0 * sign * ratio * errors[4000, "boys", "sd_cm"]
        for away in (-0.05, 0.6 * edge, 0.05) if names else ():
            moved = doctored(
                rows, lambda row, away=away: replace(row, value=away), measure="bias_to_limit"
            )
            nearest = float(np.clip(away, min(0.0, edge), max(0.0, edge)))
            assert _asked(spec, moved)["plateau"] == pytest.approx(nearest, rel=1e-14)


@pytest.mark.parametrize(
    "other",
    [
        {"prior": Prior(shares=1.0)},
        {"choose": Choice("bic", (Alternative(sds="equal"), Alternative(sds="free")))},
        {"sd_ratio": 0.01},
    ],
    ids=lambda other: next(iter(other)),
)
def test_nothing_is_asked_of_estimators_that_something_else_moves(
    other: dict[str, Any], found: Results
) -> None:
    spec, measures = found
    assert _asked(spec, measures)
    moved = replace(spec, estimators=(replace(MLE, **other),))
    assert not _asked(moved, measures)


def test_limits_are_met_within_what_theory_allows_of_mean_and_sd(study: Study) -> None:
    key = {"estimator": "mle", "size": 50, "group": "boys"}
    se = next(
        row.value or 0.0
        for row in study.measures
        if row.measure == "limit_se"
        and (row.estimator, row.size, row.group, row.parameter) == ("mle", 50, "boys", "sd_cm")
    )
    # Were the limit of the SD 7.5: 25 boys, and a mean within the bounds around that.
    for away in (-3.0, -0.15, 3.0):
        rows = doctored(study.measures, lambda row: replace(row, value=0.5), measure="limit_bias")
        rows = doctored(
            rows, lambda row, away=away: replace(row, value=away), measure="bias_to_limit"
        )
        found = {
            check.parameter: check.expected
            for check in against_limits(study.checks, index_of(rows))
            if all(getattr(check, name) == value for name, value in key.items())
        }
        nearest = float(np.clip(away, *sd_shift(25, 7.5, se)))
        assert found == {"mean_cm": 0.0, "sd_cm": pytest.approx(nearest, rel=1e-13)}


@pytest.mark.parametrize("name", ["limit_bias", "limit_se", "bias_to_limit"])
def test_a_limit_that_is_not_there_is_not_asked_for(name: str, study: Study) -> None:
    every = {check.parameter for check in against_limits(study.checks, index_of(study.measures))}
    assert every == {"mean_cm", "sd_cm"}
    left = {"mean_cm"} if name == "limit_bias" else set()
    empty = doctored(study.measures, lambda row: replace(row, value=None), measure=name)
    for rows in (without(study.measures, measure=name), empty):
        found = against_limits(study.checks, index_of(rows))
        assert {check.parameter for check in found} == left
        if name != "limit_bias":
            assert list(at_the_largest_size(study.checks, index_of(rows))) == []


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
    for chance, asked in (
        (0.0, True),
        (1e-6, True),
        (0.99e-4, True),
        (1.01e-4, False),
        (0.5, False),
    ):
        rows = doctored(
            measures, lambda row, chance=chance: replace(row, value=chance), measure="rival_chance"
        )
        assert bool(list(at_the_largest_size(spec, index_of(rows)))) == asked


@pytest.mark.parametrize("used", [1, 200])
@pytest.mark.parametrize("factor", [0.0, 1.0, 10.0])
def test_errors_are_the_larger_of_those_of_theory_and_the_measured_ones(
    factor: float, used: int, found: Results
) -> None:
    spec, measures = found
    measures = doctored(
        measures,
        lambda row: replace(row, mcse=factor * (row.mcse or 0.0), replicates_used=used),
    )
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
        own, of_theory = away.mcse, spread / np.sqrt(used)
        if check.check == "spread":
            own, of_theory = rows["empirical_se", *cell].mcse, spread / np.sqrt(2.0 * used)
        assert check.mcse == pytest.approx(max(of_theory, own or 0.0), rel=1e-14)
    assert {"plateau", "spread"} <= {check.check for check in checks}
