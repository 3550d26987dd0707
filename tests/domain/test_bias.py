import numpy as np
import pytest

from stature.domain.bias import (
    Bias,
    NoBias,
    Rounding,
    Selection,
    Truncation,
    keep_probability,
    keeps_everybody,
    recorded_cm,
)

HEIGHTS_CM = np.linspace(140.0, 200.0, 121)
BIASES: list[Bias] = [
    NoBias(),
    Selection(0.05),
    Selection(-50.0),
    Selection(0.2, group="boys"),
    Truncation(below_cm=160.0),
    Truncation(above_cm=180.0),
    Truncation(below_cm=160.0, above_cm=180.0),
    Rounding(5.0),
]


@pytest.mark.parametrize("bias", BIASES)
def test_every_bias_keeps_people_with_a_probability(bias: Bias):
    probability = keep_probability(bias, HEIGHTS_CM, "boys", 170.0)
    assert probability.shape == HEIGHTS_CM.shape
    assert ((probability >= 0) & (probability <= 1)).all()
    assert keeps_everybody(bias) == bool((probability == 1).all())


def test_selection_multiplies_the_odds_by_a_factor_a_cm():
    # At the centre the odds are 1; ten cm above, exp(10 * 0.05) = exp(0.5).
    probability = keep_probability(Selection(0.05), np.array([170.0, 180.0]), "girls", 170.0)
    odds = probability / (1 - probability)
    np.testing.assert_allclose(odds, [1.0, np.exp(0.5)], rtol=1e-14)


def test_selection_of_one_group_treats_the_others_alike():
    bias = Selection(0.05, group="boys")
    assert (keep_probability(bias, HEIGHTS_CM, "girls", 170.0) == 0.5).all()
    assert np.ptp(keep_probability(bias, HEIGHTS_CM, "boys", 170.0)) > 0.5


def test_no_slope_selects_nobody_more_than_others():
    assert np.ptp(keep_probability(Selection(0.0), HEIGHTS_CM, "boys", 170.0)) == 0


def test_truncation_keeps_the_interval_and_its_ends():
    kept = keep_probability(Truncation(160.0, 180.0), np.array([159.9, 160, 180, 180.1]), "", 170.0)
    assert kept.tolist() == [0, 1, 1, 0]


def test_rounding_goes_to_the_nearest_multiple_and_to_the_even_one_of_two():
    # 162.5 lies between 160 = 32 * 5 and 165 = 33 * 5; 167.5 between 165 and 170 = 34 * 5.
    recorded = recorded_cm(Rounding(5.0), np.array([161.0, 162.5, 164.0, 167.5]))
    assert recorded.tolist() == [160, 160, 165, 170]


@pytest.mark.parametrize("bias", [bias for bias in BIASES if not isinstance(bias, Rounding)])
def test_other_biases_write_heights_down_as_they_are(bias: Bias):
    assert (recorded_cm(bias, HEIGHTS_CM) == HEIGHTS_CM).all()
