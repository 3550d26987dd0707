import numpy as np
import pytest
from scipy import stats

from stature.domain.population import Group, Population
from stature.domain.selecting import (
    Nonresponse,
    ProbitSelection,
    Selection,
    SizeBias,
    Tilt,
    Truncation,
    cap_cm,
    chance_of_being_kept,
    normal_cdf,
)

# The mean of all is (165 + 175) / 2 = 170 cm.
PUPILS = Population("pupils", (Group("girls", 0.5, 165.0, 6.0), Group("boys", 0.5, 175.0, 7.0)))
HEIGHTS_CM = np.linspace(140.0, 200.0, 121)


def test_selection_multiplies_the_odds_by_a_factor_a_cm():
    # At the centre the odds are 1; ten cm above, exp(10 * 0.05) = exp(0.5).
    heights_cm = np.array([170.0, 180.0])
    probability = chance_of_being_kept(Selection(0.05), heights_cm, "girls", PUPILS)
    odds = probability / (1 - probability)
    np.testing.assert_allclose(odds, [1.0, np.exp(0.5)], rtol=1e-14)


def test_selection_of_one_group_treats_the_others_alike():
    bias = Selection(0.05, group="boys")
    assert (chance_of_being_kept(bias, HEIGHTS_CM, "girls", PUPILS) == 0.5).all()
    assert np.ptp(chance_of_being_kept(bias, HEIGHTS_CM, "boys", PUPILS)) > 0.5


@pytest.mark.parametrize("bias", [ProbitSelection(172.0, 5.0, "boys"), Tilt(0.1, "boys")], ids=str)
def test_others_are_kept_as_a_person_of_the_mean_height(bias: ProbitSelection | Tilt):
    (mean,) = chance_of_being_kept(bias, np.array([170.0]), "boys", PUPILS)
    assert (chance_of_being_kept(bias, HEIGHTS_CM, "girls", PUPILS) == mean).all()


@pytest.mark.parametrize("bias", [Selection(0.0), Tilt(0.0)], ids=str)
def test_no_slope_selects_nobody_more_than_others(bias: Selection | Tilt):
    assert np.ptp(chance_of_being_kept(bias, HEIGHTS_CM, "boys", PUPILS)) == 0


def test_a_steep_selection_overflows_nowhere():
    kept = chance_of_being_kept(Selection(-50.0), np.array([100.0, 250.0]), "boys", PUPILS)
    np.testing.assert_allclose(kept, [1.0, 0.0], atol=1e-300)


def test_a_hurdle_is_passed_with_the_probability_of_a_normal():
    kept = chance_of_being_kept(ProbitSelection(172.0, 5.0), HEIGHTS_CM, "boys", PUPILS)
    np.testing.assert_allclose(kept, stats.norm.cdf(HEIGHTS_CM, 172.0, 5.0), rtol=1e-13)


def test_the_lower_tail_of_a_normal_has_all_its_digits():
    z = np.linspace(-30.0, 8.0, 500)
    np.testing.assert_allclose(normal_cdf(z), stats.norm.cdf(z), rtol=1e-12)


def test_a_tilt_multiplies_the_chance_by_a_factor_a_cm_up_to_its_cap():
    # Boys reach farthest: 175 + 5 x 7 = 210 cm above; girls below, 165 - 5 x 6 = 135 cm.
    assert cap_cm(Tilt(0.1), PUPILS) == 210.0
    assert cap_cm(Tilt(-0.1), PUPILS) == 135.0
    heights_cm = np.array([200.0, 210.0, 211.0])
    kept = chance_of_being_kept(Tilt(0.1), heights_cm, "boys", PUPILS)
    np.testing.assert_allclose(kept, [np.exp(-1.0), 1.0, 1.0], rtol=1e-14)


def test_size_bias_is_in_proportion_to_height():
    kept = chance_of_being_kept(SizeBias(), np.array([-1.0, 105.0, 210.0, 300.0]), "boys", PUPILS)
    assert kept.tolist() == [0.0, 0.5, 1.0, 1.0]


def test_truncation_keeps_the_interval_and_its_ends():
    heights_cm = np.array([159.9, 160, 180, 180.1])
    kept = chance_of_being_kept(Truncation(160.0, 180.0), heights_cm, "boys", PUPILS)
    assert kept.tolist() == [0, 1, 1, 0]


def test_one_group_answers_less_often():
    bias = Nonresponse("boys", 0.25)
    assert (chance_of_being_kept(bias, HEIGHTS_CM, "boys", PUPILS) == 0.25).all()
    assert (chance_of_being_kept(bias, HEIGHTS_CM, "girls", PUPILS) == 1.0).all()
