import numpy as np
import pytest

from stature.arrays import Floats
from stature.measures import rates

SIZES = np.array([20, 40, 80, 160], dtype=np.int32)
PEOPLE = SIZES.astype(np.float64)


def _nested_errors(studies: int, replicates: int, seed: int) -> Floats:
    """Errors of the mean of the first n of a sequence of people, (studies, sizes, replicates)."""
    random = np.random.default_rng(seed)
    steps = np.diff(SIZES, prepend=0)
    sums = np.sqrt(steps)[:, None] * random.standard_normal((studies, len(SIZES), replicates))
    return np.cumsum(sums, axis=1) / SIZES[:, None]


def test_slope_of_a_mean_is_minus_a_half_and_its_error_is_that_of_nested_sizes() -> None:
    measured = rates.slope(SIZES, _nested_errors(1000, 200, 50))
    truth = measured.value.std(ddof=1)
    # The law of log RMSE about its own log is the same at every size, so -1/2 is exact.
    assert abs(measured.value.mean() + 0.5) < 4 * truth / np.sqrt(1000)
    assert measured.mcse.mean() == pytest.approx(truth, rel=0.1)


def test_error_of_the_slope_agrees_with_the_bootstrap_of_whole_replicates() -> None:
    error = _nested_errors(1, 400, 51)[0]
    draws = np.random.default_rng(52).integers(0, 400, (1000, 400))
    again = rates.slope(SIZES, np.moveaxis(error[:, draws], 1, 0))
    measured = rates.slope(SIZES, error)
    assert measured.mcse == pytest.approx(again.value.std(ddof=1), rel=0.1)


def test_slope_of_an_exact_power_law_is_its_exponent() -> None:
    signs = np.where(np.arange(10) % 2 == 0, 0.5, 1.5)
    error = PEOPLE[:, None] ** -0.7 * signs
    assert rates.slope(SIZES, error).value == pytest.approx(-0.7, rel=1e-13)


def test_sizes_without_an_error_are_left_out_of_the_slope() -> None:
    error = PEOPLE[:, None] ** -0.7 * np.array([0.5, 1.5, 1.0])
    error[0] = np.nan
    error[3] = 0.0
    assert rates.slope(SIZES, error).value == pytest.approx(-0.7, rel=1e-13)
    error[2] = np.nan
    assert np.isnan(rates.slope(SIZES, error).value)


def test_a_constant_has_no_rate() -> None:
    assert np.isnan(rates.slope(SIZES, np.full((4, 5), 0.1)).value)
    assert np.isnan(rates.slope(SIZES, np.empty((4, 0))).value)


def test_equivalent_of_a_curve_to_itself_is_the_size_itself_without_error() -> None:
    line = rates.curve(SIZES, _nested_errors(1, 100, 53)[0])
    measured = rates.equivalent_size(line, line)
    np.testing.assert_allclose(measured.value, SIZES, rtol=1e-13)
    np.testing.assert_allclose(measured.mcse, 0.0, atol=1e-11)


def test_twice_the_error_of_a_mean_is_worth_a_quarter_of_the_people() -> None:
    scale = np.where(np.arange(10) % 2 == 0, 0.5, 1.5)
    labelled = PEOPLE[:, None] ** -0.5 * scale
    measured = rates.equivalent_size(
        rates.curve(SIZES, 2.0 * labelled), rates.curve(SIZES, labelled)
    )
    # 20/4 and 40/4 lie below the smallest size, where n^-1/2 is assumed; 80/4 and 160/4 do not.
    np.testing.assert_allclose(measured.value, SIZES / 4, rtol=1e-12)
    # And four times the people with hidden labels are worth the labelled ones, if there are.
    back = rates.equivalent_size(rates.curve(SIZES, labelled), rates.curve(SIZES, 2.0 * labelled))
    np.testing.assert_allclose(back.value, [80.0, 160.0, np.nan, np.nan], rtol=1e-12)


@pytest.mark.parametrize("cell", [0, 3])
def test_error_of_an_equivalent_size_agrees_with_repeated_studies(cell: int) -> None:
    labelled = _nested_errors(600, 400, 54)
    random = np.random.default_rng(55)
    hidden = 1.5 * (0.6 * labelled + 0.8 * _nested_errors(600, 400, 56))
    hidden *= 1.0 + 0.1 * random.standard_normal((600, 1, 400))
    measured = rates.equivalent_size(rates.curve(SIZES, hidden), rates.curve(SIZES, labelled))
    # Compared on the log, where it is nearly normal; cell 0 extrapolates, cell 3 interpolates.
    truth = np.log(measured.value[:, cell]).std(ddof=1)
    error_of_log = measured.mcse[:, cell] / measured.value[:, cell]
    assert np.sqrt(np.mean(error_of_log**2)) == pytest.approx(truth, rel=0.1)


def test_a_target_without_an_error_has_no_equivalent() -> None:
    error = _nested_errors(1, 20, 57)[0]
    nothing = rates.curve(SIZES, np.full_like(error, np.nan))
    line = rates.curve(SIZES, error)
    assert np.isnan(rates.equivalent_size(nothing, line).value).all()
    assert np.isnan(rates.equivalent_size(line, nothing).value).all()
