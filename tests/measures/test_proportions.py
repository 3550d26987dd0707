import numpy as np
import pytest

from stature.measures import proportions


def test_seven_of_ten_has_the_error_of_a_proportion() -> None:
    measured = proportions.proportion(np.array([1.0] * 7 + [0.0] * 3))
    assert measured.value == pytest.approx(0.7, rel=1e-15)
    assert measured.mcse == pytest.approx(np.sqrt(0.7 * 0.3 / 10), rel=1e-15)
    assert measured.count == 7


def test_wilson_interval_is_where_the_score_test_rejects() -> None:
    lower, upper = proportions.wilson(np.array(7.0), np.array(10))
    for end in (float(lower), float(upper)):
        # (p - end)^2 = z^2 end (1 - end) / n at either end [Wilson 1927].
        assert (0.7 - end) ** 2 == pytest.approx(1.959963984540054**2 * end * (1 - end) / 10)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_always_or_never_has_an_error_and_a_bar(certain: float) -> None:
    measured = proportions.proportion(np.full(10, certain))
    square = 1.959963984540054**2
    assert measured.value == certain
    # Wilson at p = 0 is [0, z^2/(n + z^2)]: half of it over z.
    width = square / (10 + square)
    assert measured.upper - measured.lower == pytest.approx(width, rel=1e-13)
    assert measured.mcse == pytest.approx(width / 2 / np.sqrt(square), rel=1e-13)
    assert 0.0 <= measured.lower < measured.upper <= 1.0


def test_nobody_has_no_proportion() -> None:
    for nobody in (np.full(3, np.nan), np.empty(0)):
        measured = proportions.proportion(nobody)
        assert measured.used == 0
        assert measured.count == 0
        assert np.isnan([measured.value, measured.mcse, measured.lower, measured.upper]).all()


def test_mcse_of_coverage_agrees_with_repeated_studies() -> None:
    random = np.random.default_rng(30)
    middle = random.standard_normal((2000, 200))
    measured = proportions.coverage(middle - 1.7, middle + 1.7, np.zeros(2000))
    truth = measured.value.std(ddof=1)
    assert measured.mcse.mean() == pytest.approx(truth, rel=0.1)


def test_wilson_interval_covers_a_rare_rate_about_as_often_as_it_says() -> None:
    happened = (np.random.default_rng(31).random((4000, 200)) < 0.02).astype(float)
    measured = proportions.proportion(happened)
    inside = ((measured.lower <= 0.02) & (measured.upper >= 0.02)).mean()
    # Exactly: P(0..8) - P(none inside) for Binomial(200, .02); Wilson's is .94 to .98 there.
    # 4 MCSE of a share of .95 in 4000 are .014.
    assert 0.93 < inside < 0.99


def test_intervals_are_closed_and_missing_ones_are_not_used() -> None:
    lower = np.array([1.0, 1.5, np.nan, 0.0])
    upper = np.array([2.0, 2.0, 2.0, 1.0])
    measured = proportions.coverage(lower, upper, np.array(1.0))
    assert measured.used == 3
    assert measured.count == 2  # [1, 2] and [0, 1] hold their ends


def test_of_an_unknown_target_nothing_is_said() -> None:
    measured = proportions.coverage(np.zeros(3), np.ones(3), np.array(np.nan))
    assert measured.used == 3
    assert np.isnan([measured.value, measured.mcse, measured.lower, measured.upper]).all()
    assert measured.count is not None
    assert np.isnan(measured.count)


def test_bias_eliminated_coverage_asks_for_the_mean_estimate() -> None:
    estimate = np.array([4.0, 5.0, 6.0])  # mean 5
    measured = proportions.bias_eliminated_coverage(
        estimate - np.array([0.5, 0.5, 1.0]), estimate + 0.5, estimate
    )
    # [3.5, 4.5] misses 5, [4.5, 5.5] and [5, 6.5] hold it.
    assert measured.count == 2


def test_a_hit_needs_every_mean_within_the_tolerance() -> None:
    error = np.array([[0.0, 2.0, 2.1, np.nan], [-2.0, 1.0, 0.0, 0.0]])
    assert proportions.within(error, 2.0).tolist() == [1.0, 1.0, 0.0, 0.0]


def test_an_infinite_end_covers_whatever_lies_there() -> None:
    lower = np.array([-np.inf, 1.0, np.nan, -np.inf])
    upper = np.array([1.0, np.inf, 1.0, np.inf])
    measured = proportions.coverage(lower, upper, np.array(0.0))
    assert measured.used == 3
    assert measured.count == 2
