import numpy as np
import pytest

from stature.arrays import Floats
from stature.measures import paired
from stature.measures.performance import bias, quantile, rmse
from stature.measures.proportions import proportion


@pytest.fixture(scope="module")
def pairs() -> tuple[Floats, Floats]:
    """Errors of two estimators in 2000 studies of 200 replicates, of correlation .8."""
    random = np.random.default_rng(40)
    shared, own = random.standard_normal((2, 2000, 200))
    return 3.0 * (0.8 * shared + 0.6 * own) + 0.5, shared


def test_mcse_of_a_price_agrees_with_repeated_studies(
    pairs: tuple[Floats, Floats],
) -> None:
    measured = paired.price(*pairs)
    assert measured.mcse.mean() == pytest.approx(measured.value.std(ddof=1), rel=0.1)


def test_mcse_of_a_gain_agrees_with_repeated_studies(
    pairs: tuple[Floats, Floats],
) -> None:
    measured = paired.gain_in_precision(*pairs)
    assert measured.mcse.mean() == pytest.approx(measured.value.std(ddof=1), rel=0.1)


def test_two_separate_errors_overstate_the_error_of_a_paired_difference(
    pairs: tuple[Floats, Floats],
) -> None:
    measured = paired.difference(rmse(pairs[0]), rmse(pairs[1]))
    truth = measured.value.std(ddof=1)
    separate = np.hypot(rmse(pairs[0]).mcse, rmse(pairs[1]).mcse).mean()
    assert measured.mcse.mean() == pytest.approx(truth, rel=0.1)
    assert separate > 1.1 * truth


def test_difference_of_coverages_is_mcnemars() -> None:
    # Both hit 5 times, only the first 3 times (b), only the second once (c), neither once: n = 10.
    first = np.array([1.0] * 8 + [0.0] * 2)
    second = np.array([1.0] * 5 + [0.0] * 3 + [1.0, 0.0])
    measured = paired.difference(proportion(first), proportion(second))
    assert measured.value == pytest.approx(0.2, rel=1e-14)
    # sqrt(b + c - (b - c)^2/n)/n, with sqrt(n/(n - 1)) for the divisor of the SD.
    mcnemar = np.sqrt(3 + 1 - (3 - 1) ** 2 / 10) / 10
    assert measured.mcse == pytest.approx(mcnemar * np.sqrt(10 / 9), rel=1e-14)


def test_difference_of_biases_is_the_bias_of_the_differences() -> None:
    random = np.random.default_rng(41)
    first, second = random.standard_normal((2, 30))
    measured = paired.difference(bias(first), bias(second))
    straight = bias(first - second)
    assert measured.value == pytest.approx(float(straight.value), abs=1e-15)
    assert measured.mcse == pytest.approx(float(straight.mcse), rel=1e-13)


def test_quantiles_are_refused_in_differences() -> None:
    with pytest.raises(ValueError, match="expected two measures with influence values"):
        paired.difference(quantile(np.arange(5.0), 0.5), bias(np.arange(5.0)))


def test_price_is_the_ratio_on_the_replicates_of_both() -> None:
    error = np.array([3.0, -4.0, 100.0, np.nan])
    reference = np.array([1.0, -1.0, np.nan, 50.0])
    measured = paired.price(error, reference)
    assert measured.used == 2
    assert measured.value == pytest.approx(np.sqrt(12.5), rel=1e-15)  # sqrt(25/2) over 1


def test_nothing_is_compared_with_a_reference_without_chance() -> None:
    measured = paired.price(np.array([1.0, 2.0, 3.0]), np.zeros(3))
    assert np.isnan(measured.value)
    assert np.isnan(paired.gain_in_precision(np.zeros(3), np.ones(3)).value)


def test_equal_estimators_have_price_one_without_error() -> None:
    error = np.array([1.0, -2.0, 4.0])
    measured = paired.price(error, error)
    assert measured.value == 1.0
    assert measured.mcse == 0.0


@pytest.mark.parametrize("used", [0, 1])
def test_too_few_pairs_give_nothing_and_no_exception(used: int) -> None:
    error = np.where(np.arange(3) < used, 1.0, np.nan)
    for measure in (paired.price, paired.gain_in_precision):
        measured = measure(error, np.ones(3))
        assert np.isnan([measured.value, measured.mcse]).all()


def test_gain_is_the_ratio_of_variances() -> None:
    # S^2 is 2 for -1, 1 and 8 for -2, 2: the second is a quarter as precise.
    measured = paired.gain_in_precision(np.array([-2.0, 2.0]), np.array([-1.0, 1.0]))
    assert measured.value == pytest.approx(0.25 - 1.0, rel=1e-15)


def test_largest_difference_is_relative_and_of_the_worst_replicate() -> None:
    reference = np.array([1.0, 100.0, -10.0, np.nan])
    estimate = np.array([1.0, 101.0, -10.5, 3.0])
    measured = paired.largest_relative_difference(estimate, reference)
    assert measured.value == pytest.approx(0.05, rel=1e-14)
    assert measured.used == 3
    nobody = paired.largest_relative_difference(np.full(2, np.nan), np.ones(2))
    assert np.isnan(nobody.value)
    assert paired.largest_relative_difference(np.empty(0), np.empty(0)).used == 0


def test_nearer_to_nominal_is_the_difference_of_the_distances_with_mcnemars_error() -> None:
    # Truth 0; the reference covers in 5 of 10 replicates, the other in those and in 3 more.
    half = np.array([1.0] * 5 + [-1.0] * 5)
    more = np.array([1.0] * 8 + [-1.0] * 2)
    truth = np.array(0.0)
    measured = paired.closer_to_nominal((-more, more), (-half, half), truth)
    assert measured.value == pytest.approx((0.95 - 0.5) - (0.95 - 0.8), rel=1e-14)
    mcnemar = np.sqrt(3.0 - 3.0**2 / 10) / 10
    assert measured.mcse == pytest.approx(mcnemar * np.sqrt(10 / 9), rel=1e-14)
    # The other way round it is as much farther.
    turned = paired.closer_to_nominal((-half, half), (-more, more), truth)
    assert turned.value == pytest.approx(-float(measured.value), rel=1e-14)


def test_too_much_coverage_is_as_far_as_too_little() -> None:
    always = np.full(10, 1.0)
    most = np.array([1.0] * 9 + [-1.0])  # both .05 away
    measured = paired.closer_to_nominal((-always, always), (-most, most), np.array(0.0))
    assert measured.value == pytest.approx(0.0, abs=1e-15)


def test_only_replicates_with_both_intervals_are_compared_and_infinite_ends_count() -> None:
    one = np.array([np.inf, 1.0, np.nan, 1.0])
    other = np.array([-1.0, 1.0, 1.0, np.nan])
    measured = paired.closer_to_nominal((-one, one), (-other, other), np.array(0.0))
    assert measured.used == 2
    assert measured.value == pytest.approx((0.95 - 0.5) - (1.0 - 0.95), rel=1e-14)
