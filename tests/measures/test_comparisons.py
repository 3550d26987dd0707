from collections.abc import Callable

import numpy as np
import pytest

from stature.arrays import Floats
from stature.measures import comparisons
from stature.measures.performance import Measured, bias, proportion, quantile, rmse, standard_error
from tests.measures.conftest import Z, influences

SIZES = np.array([20, 40, 80, 160], dtype=np.int32)
PEOPLE = SIZES.astype(np.float64)


@pytest.fixture(scope="module")
def pairs() -> tuple[Floats, Floats]:
    """Errors of two estimators in 2000 studies of 200 replicates, of correlation .8."""
    random = np.random.default_rng(40)
    shared, own = random.standard_normal((2, 2000, 200))
    return 3.0 * (0.8 * shared + 0.6 * own) + 0.5, shared


@pytest.mark.parametrize("compare", [comparisons.price, comparisons.gain_in_precision])
def test_mcse_of_a_comparison_agrees_with_repeated_studies(
    compare: Callable[[Floats, Floats], Measured], pairs: tuple[Floats, Floats]
) -> None:
    measured = compare(*pairs)
    assert measured.mcse.mean() == pytest.approx(measured.value.std(ddof=1), rel=0.1)


def _rms(w: Floats, e: Floats) -> Floats:
    return np.sqrt(e**2 @ w)


def _variance(w: Floats, e: Floats) -> float:
    return float(w @ (e - w @ e) ** 2)


def _worth_in_people(w: Floats, errors: Floats, others: Floats, at: int) -> float:
    """People at whom the others' log RMSE, linear in log n, is that of the errors at a size."""
    log_rmse, x, y = np.log(_rms(w, errors[at])), np.log(PEOPLE), np.log(_rms(w, others))
    inside = np.interp(-log_rmse, -y, x)
    return float(np.exp(inside if log_rmse < y[0] else x[0] + 2 * (y[0] - log_rmse)))


# What each comparison is of replicates of weights w (sum 1): errors (sizes, replicates) of both.
WEIGHTED: dict[
    str,
    tuple[Callable[[Floats, Floats], Measured], Callable[[Floats, Floats, Floats], float]],
] = {
    "price": (
        lambda e, o: comparisons.price(e[0], o[0]),
        lambda w, e, o: float(_rms(w, e[0]) / _rms(w, o[0])),
    ),
    "gain": (
        lambda e, o: comparisons.gain_in_precision(e[0], o[0]),
        lambda w, e, o: _variance(w, o[0]) / _variance(w, e[0]) - 1.0,
    ),
    "difference": (
        lambda e, o: comparisons.difference(rmse(e[0]), rmse(o[0])),
        lambda w, e, o: float(_rms(w, e[0]) - _rms(w, o[0])),
    ),
    "slope": (
        lambda e, _: comparisons.slope(SIZES, e),
        lambda w, e, _: float(np.polyfit(np.log(PEOPLE), np.log(_rms(w, e)), 1)[0]),
    ),
    "below the sizes": (lambda e, o: _at(e, o, 0), lambda w, e, o: _worth_in_people(w, e, o, 0)),
    "between sizes": (lambda e, o: _at(e, o, 3), lambda w, e, o: _worth_in_people(w, e, o, 3)),
}


def _at(error: Floats, other: Floats, place: int) -> Measured:
    worth = _worth(error, other)
    assert worth.used[place] == error.shape[-1]
    columns = worth.value, worth.mcse, worth.lower, worth.upper
    value, mcse, lower, upper = (column[place] for column in columns)
    return Measured(value, mcse, lower, upper, worth.used[place])


@pytest.mark.parametrize("name", WEIGHTED)
def test_mcse_is_that_of_the_derivative_by_the_weight_of_a_replicate(name: str) -> None:
    # Forty different replicates, each 1000 times, so that n and n - 1 are as good as equal.
    compute, statistic = WEIGHTED[name]
    other = _nested_errors(1, 40, 58)[0]
    error = 1.5 * (0.6 * other + 0.8 * _nested_errors(1, 40, 59)[0]) + 0.01
    measured = compute(np.tile(error, 1000), np.tile(other, 1000))
    value, mcse = statistic(np.full(40, 1 / 40), error, other), float(measured.mcse)
    influence = influences(lambda weights: statistic(weights, error, other), 40)
    assert measured.value == pytest.approx(value, rel=1e-9)
    assert mcse == pytest.approx(np.std(influence) / np.sqrt(40_000), rel=1e-4)
    assert measured.used == 40_000
    ends = value + Z * mcse * np.array([-1, 1])
    if "size" in name:  # the interval is that of the log
        ends = value * np.exp(Z * mcse / value * np.array([-1, 1]))
    assert [measured.lower, measured.upper] == pytest.approx(ends, rel=1e-9)
    # With few replicates the divisor is n - 1, that of the variances too.
    few, variances = compute(error, other), 39 / 40 if name == "gain" else 1.0
    expected = variances * np.std(influence, ddof=1) / np.sqrt(40)
    assert few.mcse == pytest.approx(expected, rel=1e-4)
    if name == "gain":
        # Of normal theory 2 ratio sqrt((1 - r^2) / (n - 1)).
        r = np.corrcoef(error[0], other[0])[0, 1]
        normal = 2 * (value + 1) * np.sqrt((1 - r**2) / 39)
        assert few.normal_mcse == pytest.approx(normal, rel=1e-9)


def test_two_separate_errors_overstate_the_error_of_a_paired_difference(
    pairs: tuple[Floats, Floats],
) -> None:
    measured = comparisons.difference(rmse(pairs[0]), rmse(pairs[1]))
    truth = measured.value.std(ddof=1)
    separate = np.hypot(rmse(pairs[0]).mcse, rmse(pairs[1]).mcse).mean()
    assert measured.mcse.mean() == pytest.approx(truth, rel=0.1)
    assert separate > 1.1 * truth


def test_difference_of_coverages_is_mcnemars() -> None:
    # Both hit 5 times, only the first 3 times (b), only the second once (c), neither once: n = 10.
    first = np.array([1.0] * 8 + [0.0] * 2)
    second = np.array([1.0] * 5 + [0.0] * 3 + [1.0, 0.0])
    measured = comparisons.difference(proportion(first), proportion(second))
    assert measured.value == pytest.approx(0.2, rel=1e-14)
    # sqrt(b + c - (b - c)^2/n)/n, with sqrt(n/(n - 1)) for the divisor of the SD.
    mcnemar = np.sqrt(3 + 1 - (3 - 1) ** 2 / 10) / 10
    assert measured.mcse == pytest.approx(mcnemar * np.sqrt(10 / 9), rel=1e-14)


def test_difference_of_biases_is_the_bias_of_the_differences() -> None:
    random = np.random.default_rng(41)
    first, second = random.standard_normal((2, 30))
    measured = comparisons.difference(bias(first), bias(second))
    straight = bias(first - second)
    assert measured.value == pytest.approx(float(straight.value), abs=1e-15)
    assert measured.mcse == pytest.approx(float(straight.mcse), rel=1e-13)


def test_quantiles_are_refused_in_differences() -> None:
    with pytest.raises(ValueError, match="expected two measures with influence values"):
        comparisons.difference(quantile(np.arange(5.0), 0.5), bias(np.arange(5.0)))


def test_price_is_the_ratio_on_the_replicates_of_both() -> None:
    error = np.array([3.0, -4.0, 100.0, np.nan])
    reference = np.array([1.0, -1.0, np.nan, 50.0])
    measured = comparisons.price(error, reference)
    assert measured.used == 2
    assert measured.value == pytest.approx(np.sqrt(12.5), rel=1e-15)  # sqrt(25/2) over 1


def test_nothing_is_compared_without_chance_or_with_too_few_pairs() -> None:
    assert np.isnan(comparisons.price(np.array([1.0, 2.0, 3.0]), np.zeros(3)).value)
    assert np.isnan(comparisons.gain_in_precision(np.zeros(3), np.ones(3)).value)
    for used in (0, 1):
        error = np.where(np.arange(3) < used, 1.0, np.nan)
        for compare in (comparisons.price, comparisons.gain_in_precision):
            measured = compare(error, np.ones(3))
            assert np.isnan([measured.value, measured.mcse]).all()


def test_equal_estimators_have_price_one_without_error() -> None:
    error = np.array([1.0, -2.0, 4.0])
    measured = comparisons.price(error, error)
    assert (measured.value, measured.mcse) == (1.0, 0.0)


def test_gain_is_the_ratio_of_variances() -> None:
    # S^2 is 2 for -1, 1 and 8 for -2, 2: the second is a quarter as precise.
    measured = comparisons.gain_in_precision(np.array([-2.0, 2.0]), np.array([-1.0, 1.0]))
    assert measured.value == pytest.approx(0.25 - 1.0, rel=1e-15)


def test_largest_difference_is_relative_and_of_the_worst_replicate() -> None:
    reference = np.array([1.0, 100.0, -10.0, np.nan])
    estimate = np.array([1.0, 101.0, -10.5, 3.0])
    measured = comparisons.largest_relative_difference(estimate, reference)
    assert measured.value == pytest.approx(0.05, rel=1e-14)
    assert measured.used == 3
    nobody = comparisons.largest_relative_difference(np.full(2, np.nan), np.ones(2))
    assert np.isnan(nobody.value)
    assert comparisons.largest_relative_difference(np.empty(0), np.empty(0)).used == 0


def test_nearer_to_nominal_is_the_difference_of_the_distances_with_mcnemars_error() -> None:
    # Truth 0; the reference covers in 5 of 10 replicates, the other in those and in 3 more.
    half = np.array([1.0] * 5 + [-1.0] * 5)
    more = np.array([1.0] * 8 + [-1.0] * 2)
    truth = np.array(0.0)
    measured = comparisons.closer_to_nominal((-more, more), (-half, half), truth)
    assert measured.value == pytest.approx((0.95 - 0.5) - (0.95 - 0.8), rel=1e-14)
    mcnemar = np.sqrt(3.0 - 3.0**2 / 10) / 10
    assert measured.mcse == pytest.approx(mcnemar * np.sqrt(10 / 9), rel=1e-14)
    # The other way round it is as much farther.
    turned = comparisons.closer_to_nominal((-half, half), (-more, more), truth)
    assert turned.value == pytest.approx(-float(measured.value), rel=1e-14)


def test_too_much_coverage_is_as_far_as_too_little() -> None:
    always = np.full(10, 1.0)
    most = np.array([1.0] * 9 + [-1.0])  # both .05 away
    measured = comparisons.closer_to_nominal((-always, always), (-most, most), np.array(0.0))
    assert measured.value == pytest.approx(0.0, abs=1e-15)


def test_only_replicates_with_both_intervals_are_compared_and_infinite_ends_count() -> None:
    one = np.array([np.inf, 1.0, np.nan, 1.0])
    other = np.array([-1.0, 1.0, 1.0, np.nan])
    measured = comparisons.closer_to_nominal((-one, one), (-other, other), np.array(0.0))
    assert measured.used == 2
    assert measured.value == pytest.approx((0.95 - 0.5) - (1.0 - 0.95), rel=1e-14)


def test_one_cell_of_shares_has_the_error_of_its_influence() -> None:
    influence = np.random.default_rng(2).standard_normal(50)
    influence -= influence.mean()
    combined = comparisons.standard_error_of_shares(comparisons.shares_of_influence(influence))
    # sqrt(R/(R-1) sum (g/R)^2) = sqrt(sum g^2/(R-1)) / sqrt(R).
    assert combined == pytest.approx(float(standard_error(influence)), rel=1e-13)


def test_cells_on_disjoint_replicates_add_their_variances() -> None:
    influence = np.random.default_rng(3).standard_normal((2, 4000))
    influence[0, 2000:] = np.nan
    influence[1, :2000] = np.nan
    shares = comparisons.shares_of_influence(influence)
    separate = standard_error(influence)
    together = comparisons.standard_error_of_shares(shares[0] + shares[1])
    # R/(R-1) over 4000 differs from n/(n-1) over 2000 by 1e-4; centring by 1/n.
    assert together == pytest.approx(float(np.hypot(*separate)), rel=1e-3)


def _nested_errors(studies: int, replicates: int, seed: int) -> Floats:
    """Errors of the mean of the first n of a sequence of people, (studies, sizes, replicates)."""
    random = np.random.default_rng(seed)
    steps = np.diff(SIZES, prepend=0)
    sums = np.sqrt(steps)[:, None] * random.standard_normal((studies, len(SIZES), replicates))
    return np.cumsum(sums, axis=1) / SIZES[:, None]


def _worth(error: Floats, other: Floats) -> Measured:
    """Number of people with whom another estimator has the same errors."""
    curves = (comparisons.curve(SIZES, errors) for errors in (error, other))
    return comparisons.equivalent_size(*curves)


def test_slope_of_a_mean_is_minus_a_half_and_its_error_is_that_of_nested_sizes() -> None:
    measured = comparisons.slope(SIZES, _nested_errors(1000, 200, 50))
    truth = measured.value.std(ddof=1)
    # The distribution of log RMSE about its own log is the same at every size, so -1/2 is exact.
    assert abs(measured.value.mean() + 0.5) < 4 * truth / np.sqrt(1000)
    assert measured.mcse.mean() == pytest.approx(truth, rel=0.1)


def test_error_of_the_slope_agrees_with_the_bootstrap_of_whole_replicates() -> None:
    error = _nested_errors(1, 400, 51)[0]
    draws = np.random.default_rng(52).integers(0, 400, (1000, 400))
    again = comparisons.slope(SIZES, np.moveaxis(error[:, draws], 1, 0))
    measured = comparisons.slope(SIZES, error)
    assert measured.mcse == pytest.approx(again.value.std(ddof=1), rel=0.1)


def test_slope_of_an_exact_power_is_its_exponent_also_where_sizes_have_no_error() -> None:
    error = PEOPLE[:, None] ** -0.7 * np.array([0.5, 1.5, 1.0])
    assert comparisons.slope(SIZES, error).value == pytest.approx(-0.7, rel=1e-13)
    error[0] = np.nan
    error[3] = 0.0
    assert comparisons.slope(SIZES, error).value == pytest.approx(-0.7, rel=1e-13)
    error[2] = np.nan
    assert np.isnan(comparisons.slope(SIZES, error).value)


def test_a_constant_has_no_rate() -> None:
    assert np.isnan(comparisons.slope(SIZES, np.full((4, 5), 0.1)).value)
    assert np.isnan(comparisons.slope(SIZES, np.empty((4, 0))).value)


def test_equivalent_of_a_curve_to_itself_is_the_size_itself_without_error() -> None:
    error = _nested_errors(1, 100, 53)[0]
    measured = _worth(error, error)
    np.testing.assert_allclose(measured.value, SIZES, rtol=1e-13)
    np.testing.assert_allclose(measured.mcse, 0.0, atol=1e-11)


def test_twice_the_error_of_a_mean_is_worth_a_quarter_of_the_people() -> None:
    scale = np.where(np.arange(10) % 2 == 0, 0.5, 1.5)
    labelled = PEOPLE[:, None] ** -0.5 * scale
    measured = _worth(2.0 * labelled, labelled)
    # 20/4 and 40/4 lie below the smallest size, where n^-1/2 is assumed; 80/4 and 160/4 do not.
    np.testing.assert_allclose(measured.value, SIZES / 4, rtol=1e-12)
    # And four times the people with hidden labels are worth the labelled ones, if there are.
    back = _worth(labelled, 2.0 * labelled)
    np.testing.assert_allclose(back.value, [80.0, 160.0, np.nan, np.nan], rtol=1e-12)


@pytest.mark.parametrize("cell", [0, 3])
def test_error_of_an_equivalent_size_agrees_with_repeated_studies(cell: int) -> None:
    labelled = _nested_errors(600, 400, 54)
    random = np.random.default_rng(55)
    hidden = 1.5 * (0.6 * labelled + 0.8 * _nested_errors(600, 400, 56))
    hidden *= 1.0 + 0.1 * random.standard_normal((600, 1, 400))
    measured = _worth(hidden, labelled)
    # Compared on the log, where it is nearly normal; cell 0 extrapolates, cell 3 interpolates.
    truth = np.log(measured.value[:, cell]).std(ddof=1)
    error_of_log = measured.mcse[:, cell] / measured.value[:, cell]
    assert np.sqrt(np.mean(error_of_log**2)) == pytest.approx(truth, rel=0.1)


def test_a_target_without_an_error_has_no_equivalent() -> None:
    error = _nested_errors(1, 20, 57)[0]
    nothing = np.full_like(error, np.nan)
    assert np.isnan(_worth(nothing, error).value).all()
    assert np.isnan(_worth(error, nothing).value).all()
