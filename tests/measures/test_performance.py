from collections.abc import Callable

import numpy as np
import pytest

from stature.arrays import Floats
from stature.measures import performance
from stature.measures.performance import Measured
from tests.measures.conftest import influences


def test_mean_and_deviations_leave_out_what_is_not_used() -> None:
    mean, deviation, used = performance.centred(np.array([[1.0, np.nan, 5.0], [2.0, 2.0, np.inf]]))
    # (1 + 5) / 2 = 3, and (2 + 2) / 2 = 2.
    assert mean.tolist() == [3.0, 2.0]
    assert used.tolist() == [2, 2]
    np.testing.assert_array_equal(deviation, [[-2.0, np.nan, 2.0], [0.0, 0.0, np.nan]])


def test_equal_values_have_no_spread_at_all() -> None:
    # Three times 0.1 divided by 3 is not 0.1 in doubles; about the first value nothing is lost.
    mean, deviation, _ = performance.centred(np.full(3, 0.1))
    assert mean == 0.1
    assert deviation.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("replicates", [0, 1])
def test_no_spread_is_claimed_for_fewer_than_two_replicates(replicates: int) -> None:
    values = np.where(np.arange(3) < replicates, 7.0, np.nan)
    mean, deviation, used = performance.centred(values)
    assert used == replicates
    assert np.isnan(mean) == (replicates == 0)
    assert np.isnan(performance.mean_square(deviation, used - 1))
    assert np.isnan(performance.standard_error(values))


def test_a_number_does_not_depend_on_its_neighbours_to_the_bit() -> None:
    random = np.random.default_rng(1)
    values = random.standard_normal((9, 7, 1000)) * 1e3 + 170.0
    everything, _, _ = performance.centred(values)
    spread = performance.standard_error(values)
    for row in np.ndindex(9, 7):
        alone, _, _ = performance.centred(values[row])
        assert alone == everything[row]
        assert performance.standard_error(values[row]) == spread[row]
    # Also when the replicates are not contiguous in memory.
    turned = np.moveaxis(np.ascontiguousarray(np.moveaxis(values, -1, 0)), 0, -1)
    np.testing.assert_array_equal(performance.centred(turned)[0], everything)


def test_interval_is_value_plus_and_minus_196_errors() -> None:
    measured = performance.from_influence(np.array(10.0), np.array([-1.0, 1.0]), np.array(2))
    # SD of -1, 1 with divisor 1 is sqrt 2, over sqrt 2 replicates: 1.
    assert measured.mcse == pytest.approx(1.0, rel=1e-15)
    assert measured.lower == pytest.approx(10.0 - 1.959963984540054, rel=1e-15)
    assert measured.upper == pytest.approx(10.0 + 1.959963984540054, rel=1e-15)


STUDIES, REPLICATES = 2000, 200


@pytest.fixture(scope="module")
def studies() -> tuple[Floats, Floats]:
    """Errors and standard errors of 2000 studies of 200 replicates: means of 10 people, skewed."""
    random = np.random.default_rng(20)
    people = random.gamma(4.0, 0.5, (STUDIES, REPLICATES, 10)) - 1.9
    return people.mean(axis=-1), people.std(axis=-1) / np.sqrt(10)


OF_STUDIES = {
    "bias": lambda error, _: performance.bias(error),
    "relative_bias": lambda error, _: performance.relative_bias(error, np.array(-3.0)),
    "empirical_se": lambda error, _: performance.empirical_se(error),
    "mse": lambda error, _: performance.mse(error),
    "rmse": lambda error, _: performance.rmse(error),
    "model_se": lambda _, std_error: performance.model_se(std_error),
    "relative_error_model_se": performance.relative_error_model_se,
    "efficiency": lambda error, _: performance.efficiency(error, np.array(0.3)),
    "median": lambda error, _: performance.quantile(error, 0.5),
    "90 % quantile": lambda error, _: performance.quantile(error, 0.9),
    "coverage": lambda error, _: performance.coverage(error - 0.5, error + 0.5, np.array(0.0)),
}


@pytest.mark.parametrize("measure", OF_STUDIES.values(), ids=OF_STUDIES)
def test_mcse_agrees_with_the_spread_over_repeated_studies(
    measure: Callable[[Floats, Floats], Measured], studies: tuple[Floats, Floats]
) -> None:
    measured = measure(*studies)
    # The spread over 2000 studies has a relative error of 1/sqrt(4000) = 1.6 % itself.
    assert measured.mcse.mean() == pytest.approx(measured.value.std(ddof=1), rel=0.1)


# What each measure is of weighted replicates: errors e, standard errors s, weights w of sum 1.
def mean(w: Floats, x: Floats) -> float:
    return float(w @ x)


def spread(w: Floats, e: Floats) -> float:
    return float(np.sqrt(w @ (e - w @ e) ** 2))


WEIGHTED: dict[str, Callable[[Floats, Floats, Floats], float]] = {
    "bias": lambda w, e, s: mean(w, e),
    "relative_bias": lambda w, e, s: mean(w, e) / -3.0,
    "empirical_se": lambda w, e, s: spread(w, e),
    "mse": lambda w, e, s: mean(w, e**2),
    "rmse": lambda w, e, s: np.sqrt(mean(w, e**2)),
    "model_se": lambda w, e, s: np.sqrt(mean(w, s**2)),
    "relative_error_model_se": lambda w, e, s: np.sqrt(mean(w, s**2)) / spread(w, e) - 1.0,
    "efficiency": lambda w, e, s: (0.3 / spread(w, e)) ** 2,
    "coverage": lambda w, e, s: mean(w, (abs(e) <= 0.5).astype(float)),
}


@pytest.mark.parametrize("name", WEIGHTED)
def test_mcse_is_that_of_the_derivative_by_the_weight_of_a_replicate(
    name: str, studies: tuple[Floats, Floats]
) -> None:
    # Forty different replicates, each 1000 times, so that n and n - 1 are as good as equal.
    error, std_error = (part[0, :40] for part in studies)
    measured = OF_STUDIES[name](np.tile(error, 1000), np.tile(std_error, 1000))
    even, statistic = np.full(40, 1 / 40), WEIGHTED[name]
    influence = influences(lambda weights: statistic(weights, error, std_error), 40)
    value, mcse = float(measured.value), float(measured.mcse)
    assert value == pytest.approx(statistic(even, error, std_error), rel=1e-4, abs=1e-4)
    assert mcse == pytest.approx(np.std(influence) / np.sqrt(40_000), rel=1e-4)
    # Influence counts up to a constant, which no standard error sees.
    between = np.diff(np.ravel(np.asarray(measured.influence))[:2])
    # A difference quotient of numbers near 1 rounds to some 1e-11.
    assert between == pytest.approx(np.diff(influence[:2]), rel=1e-3, abs=1e-10)
    if name not in ("relative_bias", "coverage", "efficiency"):
        # In another unit everything is as many times as small, but for what has none.
        power = {"mse": 2, "relative_error_model_se": 0}.get(name, 1)
        scale = 1e-4
        small = OF_STUDIES[name](scale * np.tile(error, 1000), scale * np.tile(std_error, 1000))
        assert small.mcse == pytest.approx(scale**power * mcse, rel=1e-9)


def test_robust_error_of_empirical_se_stands_heavy_tails_and_the_normal_one_does_not() -> None:
    random = np.random.default_rng(21)
    error = np.exp(0.6 * random.standard_normal((STUDIES, 400)))
    measured = performance.empirical_se(error)
    truth = measured.value.std(ddof=1)
    # S / sqrt(2 (n - 1)), what other software prints.
    normal_theory = (measured.value / np.sqrt(2 * 399)).mean()
    assert measured.mcse.mean() == pytest.approx(truth, rel=0.2)
    assert normal_theory < 0.7 * truth


def test_five_errors_have_the_measures_worked_out_by_hand() -> None:
    error = np.array([-2.0, -1.0, 0.0, 1.0, 7.0])
    # Mean 1; deviations -3, -2, -1, 0, 6: squares sum to 50; S^2 = 50/4 = 12.5.
    # Squared errors 4, 1, 0, 1, 49 sum to 55: MSE = 11 = 1 + 12.5 * 4/5.
    assert performance.bias(error).value == 1.0
    assert performance.bias(error).mcse == pytest.approx(np.sqrt(12.5 / 5), rel=1e-15)
    assert performance.empirical_se(error).value == pytest.approx(np.sqrt(12.5), rel=1e-15)
    assert performance.mse(error).value == pytest.approx(11.0, rel=1e-15)
    assert performance.rmse(error).value == pytest.approx(np.sqrt(11.0), rel=1e-15)
    # Squared errors about 11: -7, -10, -11, -10, 38; squares 49 + 100 + 121 + 100 + 1444 = 1814.
    mcse_of_mse = np.sqrt(1814 / 4 / 5)
    assert performance.mse(error).mcse == pytest.approx(mcse_of_mse, rel=1e-14)
    assert performance.rmse(error).mcse == pytest.approx(mcse_of_mse / 2 / np.sqrt(11), rel=1e-14)
    # a = (9, 4, 1, 0, 36)/12.5 - 1, of mean -0.2; squares about it sum to (1394 - 500)/156.25.
    spread_of_a = np.sqrt((1394 - 500) / 156.25 / 4)
    expected = np.sqrt(12.5) / 2 * spread_of_a / np.sqrt(5)
    assert performance.empirical_se(error).mcse == pytest.approx(expected, rel=1e-14)
    # Half the variance is reached by a bound of S/sqrt 2.
    efficiency = performance.efficiency(error, np.array(np.sqrt(6.25)))
    assert efficiency.value == pytest.approx(0.5, rel=1e-14)
    assert efficiency.mcse == pytest.approx(2 * 0.5 * expected / np.sqrt(12.5), rel=1e-14)


def test_model_se_is_the_root_of_the_mean_square() -> None:
    measured = performance.model_se(np.array([1.0, 7.0]))
    # sqrt((1 + 49) / 2) = 5; SD of 1, 49 is 24 sqrt 2; MCSE = 24 sqrt 2 / (2 * 5 * sqrt 2) = 2.4.
    assert measured.value == pytest.approx(5.0, rel=1e-15)
    assert measured.mcse == pytest.approx(2.4, rel=1e-15)


def test_error_of_the_model_se_uses_replicates_with_both() -> None:
    error = np.array([-1.0, 1.0, 100.0, np.nan])
    std_error = np.array([2.0, 2.0, np.nan, 2.0])
    measured = performance.relative_error_model_se(error, std_error)
    # S = sqrt(1 + 1) with divisor 1, ModSE = 2: ratio sqrt 2.
    assert measured.used == 2
    assert measured.value == pytest.approx(np.sqrt(2) - 1, rel=1e-14)


def test_relative_bias_of_a_negative_truth_has_a_positive_error_and_of_zero_none() -> None:
    error = np.array([1.0, 3.0])
    measured = performance.relative_bias(error, np.array(-4.0))
    assert measured.value == -0.5
    assert measured.mcse == pytest.approx(0.25, rel=1e-15)  # 1 / 4
    of_zero = performance.relative_bias(error, np.array(0.0))
    assert np.isnan([of_zero.value, of_zero.mcse]).all()


def test_mse_is_squared_bias_plus_variance_to_rounding() -> None:
    error = 3.0 + np.random.default_rng(5).standard_t(3, (40, 1000))
    error[3, 10:] = np.nan
    bias, spread = performance.bias(error), performance.empirical_se(error)
    n = bias.used
    expected = bias.value**2 + spread.value**2 * (n - 1) / n
    np.testing.assert_allclose(performance.mse(error).value, expected, rtol=1e-13)
    np.testing.assert_allclose(performance.rmse(error).value ** 2, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("probability", "expected"), [(0.5, 3.0), (0.9, 5.0), (0.2, 1.0), (0.21, 2.0)]
)
def test_a_quantile_is_an_order_statistic(probability: float, expected: float) -> None:
    # Of 1..5 the smallest value with at least a share q at or below it; NaN is not one of them.
    values = np.array([4.0, np.nan, 1.0, 5.0, 3.0, 2.0])
    assert performance.quantile(values, probability).value == expected


@pytest.mark.parametrize(
    ("probability", "mcse", "ends"),
    # Rank 50 of 1..100, spread sqrt(100 / 4) = 5: half of 55 - 45, and ranks 50 -+ 9.8 rounded up.
    # Rank 90, spread sqrt(9) = 3: half of 93 - 87, and ranks 84.1 and 95.9 rounded up.
    [(0.5, 5.0, (41.0, 60.0)), (0.9, 3.0, (85.0, 96.0))],
)
def test_a_quantile_has_the_error_of_the_number_below_it(
    probability: float, mcse: float, ends: tuple[float, float]
) -> None:
    measured = performance.quantile(np.arange(100.0, 0.0, -1.0), probability)
    assert measured.mcse == mcse
    assert (measured.lower, measured.upper) == ends


ALL = {
    "bias": performance.bias,
    "empirical_se": performance.empirical_se,
    "mse": performance.mse,
    "rmse": performance.rmse,
    "model_se": performance.model_se,
    "average": performance.average,
    "relative_bias": lambda error: performance.relative_bias(error, np.array(2.0)),
    "efficiency": lambda error: performance.efficiency(error, np.array(1.0)),
    "relative_error": lambda error: performance.relative_error_model_se(error, np.abs(error)),
    "quantile": lambda error: performance.quantile(error, 0.5),
}


@pytest.mark.parametrize("name", ALL)
def test_too_few_replicates_give_no_error_and_no_exception(name: str) -> None:
    nobody = ALL[name](np.full(4, np.nan))
    assert np.isnan(nobody.value)
    assert nobody.used == 0
    one = ALL[name](np.array([np.nan, 2.0, np.nan]))
    assert one.used == 1
    for measured in (nobody, one):
        assert np.isnan(measured.mcse)
        assert np.isnan(measured.lower)
        assert np.isnan(measured.upper)
    two = ALL[name](np.array([np.nan, 2.0, 3.0]))
    assert np.isfinite(two.value)
    assert np.isfinite(two.mcse)
    assert ALL[name](np.empty(0)).used == 0


@pytest.mark.parametrize("name", ALL)
def test_estimates_without_spread_raise_no_warning(name: str) -> None:
    assert not np.isinf(ALL[name](np.full(5, 2.0)).value)
    assert not np.isinf(ALL[name](np.zeros(5)).value)


def test_seven_of_ten_has_the_error_of_a_proportion() -> None:
    measured = performance.proportion(np.array([1.0] * 7 + [0.0] * 3))
    assert measured.value == pytest.approx(0.7, rel=1e-15)
    assert measured.mcse == pytest.approx(np.sqrt(0.7 * 0.3 / 10), rel=1e-15)
    assert measured.count == 7


def test_wilson_interval_is_where_the_score_test_rejects() -> None:
    lower, upper = performance.wilson(np.array(7.0), np.array(10))
    for end in (float(lower), float(upper)):
        # (p - end)^2 = z^2 end (1 - end) / n at either end [Wilson 1927].
        assert (0.7 - end) ** 2 == pytest.approx(1.959963984540054**2 * end * (1 - end) / 10)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_always_or_never_has_an_error_and_a_bar(certain: float) -> None:
    measured = performance.proportion(np.full(10, certain))
    square = 1.959963984540054**2
    assert measured.value == certain
    # Wilson at p = 0 is [0, z^2/(n + z^2)]: half of it over z.
    width = square / (10 + square)
    assert measured.upper - measured.lower == pytest.approx(width, rel=1e-13)
    assert measured.mcse == pytest.approx(width / 2 / np.sqrt(square), rel=1e-13)
    assert 0.0 <= measured.lower < measured.upper <= 1.0


def test_nobody_has_no_proportion() -> None:
    for nobody in (np.full(3, np.nan), np.empty(0)):
        measured = performance.proportion(nobody)
        assert (measured.used, measured.count) == (0, 0)
        assert np.isnan([measured.value, measured.mcse, measured.lower, measured.upper]).all()


def test_intervals_are_closed_and_missing_ones_are_not_used() -> None:
    lower = np.array([1.0, 1.5, np.nan, 0.0])
    upper = np.array([2.0, 2.0, 2.0, 1.0])
    measured = performance.coverage(lower, upper, np.array(1.0))
    assert (measured.used, measured.count) == (3, 2)  # [1, 2] and [0, 1] hold their ends
    # An infinite end covers whatever lies there.
    lower, upper = np.array([-np.inf, 1.0, np.nan, -np.inf]), np.array([1.0, np.inf, 1.0, np.inf])
    measured = performance.coverage(lower, upper, np.array(0.0))
    assert (measured.used, measured.count) == (3, 2)


def test_of_an_unknown_target_nothing_is_said() -> None:
    measured = performance.coverage(np.zeros(3), np.ones(3), np.array(np.nan))
    assert measured.used == 3
    numbers = [measured.value, measured.mcse, measured.lower, measured.upper, measured.count]
    assert np.isnan(np.array(numbers, dtype=float)).all()


def test_bias_eliminated_coverage_asks_for_the_mean_estimate() -> None:
    estimate = np.array([4.0, 5.0, 6.0])  # mean 5
    measured = performance.bias_eliminated_coverage(
        estimate - np.array([0.5, 0.5, 1.0]), estimate + 0.5, estimate
    )
    # [3.5, 4.5] misses 5, [4.5, 5.5] and [5, 6.5] hold it.
    assert measured.count == 2


def test_a_hit_needs_every_mean_within_the_tolerance() -> None:
    error = np.array([[0.0, 2.0, 2.1, np.nan], [-2.0, 1.0, 0.0, 0.0]])
    assert performance.within(error, 2.0).tolist() == [1.0, 1.0, 0.0, 0.0]
