import numpy as np
import pytest

from stature.arrays import Floats
from stature.measures import performance
from stature.measures.influence import Measured

STUDIES, REPLICATES = 2000, 200


@pytest.fixture(scope="module")
def studies() -> tuple[Floats, Floats]:
    """Errors and standard errors of 2000 studies of 200 replicates: means of 10 people, skewed."""
    random = np.random.default_rng(20)
    people = random.gamma(4.0, 0.5, (STUDIES, REPLICATES, 10)) - 1.9
    return people.mean(axis=-1), people.std(axis=-1) / np.sqrt(10)


def _agrees(measured: Measured, within: float) -> None:
    """Mean MCSE of the studies equals the true spread over studies."""
    truth = measured.value.std(ddof=1)
    # The spread over 2000 studies has a relative error of 1/sqrt(4000) = 1.6 % itself.
    assert measured.mcse.mean() == pytest.approx(truth, rel=within)


@pytest.mark.parametrize(
    "name", ["bias", "empirical_se", "mse", "rmse", "model_se", "relative_error_model_se"]
)
def test_mcse_agrees_with_the_spread_over_repeated_studies(
    name: str, studies: tuple[Floats, Floats]
) -> None:
    error, std_error = studies
    arguments = {
        "model_se": (std_error,),
        "relative_error_model_se": (error, std_error),
    }.get(name, (error,))
    _agrees(getattr(performance, name)(*arguments), within=0.1)


def test_mcse_of_ratios_to_constants_agrees_with_repeated_studies(
    studies: tuple[Floats, Floats],
) -> None:
    error, _ = studies
    _agrees(performance.relative_bias(error, np.full(STUDIES, -3.0)), within=0.1)
    _agrees(performance.efficiency(error, np.full(STUDIES, 0.3)), within=0.1)


@pytest.mark.parametrize("probability", [0.5, 0.9])
def test_mcse_of_a_quantile_agrees_with_repeated_studies(
    probability: float, studies: tuple[Floats, Floats]
) -> None:
    error, _ = studies
    _agrees(performance.quantile(error, probability), within=0.1)


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


def test_relative_bias_of_a_negative_truth_has_a_positive_error() -> None:
    error = np.array([1.0, 3.0])
    measured = performance.relative_bias(error, np.array(-4.0))
    assert measured.value == -0.5
    assert measured.mcse == pytest.approx(0.25, rel=1e-15)  # 1 / 4


def test_a_truth_of_zero_has_no_relative_bias() -> None:
    measured = performance.relative_bias(np.array([1.0, 3.0]), np.array(0.0))
    assert np.isnan(measured.value)
    assert np.isnan(measured.mcse)


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
