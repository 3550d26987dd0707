"""Cuts against golden numbers, the densities themselves, and a case known in closed form."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from stature.domain.mixture import (
    Mixture,
    crossings_cm,
    cut_cm,
    log_density,
    log_joint,
    modes_cm,
    responsibilities,
)

MIXTURE = Mixture(np.array([0.4, 0.6]), np.array([176.0, 163.0]), np.array([7.0, 6.5]))


def test_groups_are_put_in_the_order_of_their_means():
    ordered = MIXTURE.ordered()
    assert ordered.means_cm.tolist() == [163, 176]
    assert ordered.shares.tolist() == [0.6, 0.4]
    assert ordered.sds_cm.tolist() == [6.5, 7]


def test_parameters_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        MIXTURE.shares[0] = 1.0


def test_the_density_integrates_to_one():
    heights_cm = np.linspace(80.0, 260.0, 2001)
    assert np.trapezoid(np.exp(log_density(MIXTURE, heights_cm)), heights_cm) == pytest.approx(1.0)


def test_the_density_of_one_group_at_its_mean_is_known():
    one = Mixture(np.array([1.0]), np.array([170.0]), np.array([5.0]))
    # 1 / (5 sqrt(2 pi))
    assert np.exp(log_density(one, np.array([170.0])))[0] == pytest.approx(0.07978845608, rel=1e-9)


def test_responsibilities_sum_to_one_and_follow_bayes():
    heights_cm = np.array([60.0, 163.0, 170.0, 176.0, 300.0])
    r = responsibilities(MIXTURE, heights_cm)
    np.testing.assert_allclose(r.sum(axis=1), 1.0, rtol=1e-12)
    joint = np.exp(log_joint(MIXTURE, heights_cm[1:4]))
    np.testing.assert_allclose(r[1:4], joint / joint.sum(axis=1, keepdims=True), rtol=1e-12)


# Galton's children, hidden labels and seen ones: parameters and cuts as published with the project.
GALTON = {
    "labelled": ((0.485010707, 162.824092715, 175.854602911, 5.976749834, 6.657786767), 169.134362),
    "known shares": (
        (453 / 934, 162.606451322, 176.113107812, 5.721668836, 6.404740662),
        169.122461,
    ),
    "free": ((0.539882994, 163.238869402, 176.921903212, 5.967576754, 6.047652725), 170.491416),
    "equal SDs": (
        (0.546065742, 163.315558498, 177.016016980, 6.002989433, 6.002989433),
        170.651827,
    ),
}


@pytest.mark.parametrize("fit", GALTON)
def test_cuts_of_galtons_children_are_the_golden_ones(fit: str) -> None:
    (share, *rest), cut = GALTON[fit]
    mixture = Mixture(np.array([share, 1 - share]), np.array(rest[:2]), np.array(rest[2:]))
    assert cut_cm(mixture, 0) == pytest.approx(cut, abs=1e-6)


@given(
    st.floats(0.05, 0.95),
    st.floats(140.0, 180.0),
    st.floats(0.0, 30.0),
    st.floats(1.0, 15.0),
    st.floats(1.0, 15.0),
    st.floats(-3.0, 3.0),
)
@settings(derandomize=True, deadline=None)
def test_both_groups_stand_at_the_given_odds_at_every_crossing(
    share: float, mean: float, gap: float, sd: float, other_sd: float, log_odds: float
) -> None:
    mixture = Mixture(
        np.array([share, 1 - share]), np.array([mean, mean + gap]), np.array([sd, other_sd])
    )
    for root in crossings_cm(mixture, 0, 1, log_odds):
        joint = log_joint(mixture, np.array([root]))[0]
        # A root far away (nearly equal SDs) has terms as large as its squared distance in SDs.
        size = 1.0 + float(np.abs(joint).max())
        assert joint[0] - joint[1] == pytest.approx(log_odds, abs=1e-10 * size)


def test_unequal_sds_cross_twice_and_the_wider_group_wins_at_both_ends() -> None:
    mixture = Mixture(np.array([0.5, 0.5]), np.array([163.0, 176.0]), np.array([6.0, 9.0]))
    roots = crossings_cm(mixture, 0, 1)
    assert len(roots) == 2
    beyond = responsibilities(mixture, np.array([roots[0] - 1.0, roots[1] + 1.0]))
    assert (beyond[:, 1] > 0.5).all()


def test_a_group_that_is_nowhere_the_likelier_one_has_no_cut() -> None:
    mixture = Mixture(np.array([0.999, 0.001]), np.array([170.0, 171.0]), np.array([7.0, 7.0]))
    assert np.isnan(cut_cm(mixture, 0))


@pytest.mark.parametrize("sds", [(0.0, 7.0), (np.nan, 7.0)])
def test_a_degenerate_group_has_no_crossing(sds: tuple[float, float]) -> None:
    mixture = Mixture(np.array([0.5, 0.5]), np.array([163.0, 176.0]), np.array(sds))
    assert crossings_cm(mixture, 0, 1).size == 0


TWO_AND_TWO = Mixture(np.array([0.2, 0.3, 0.5]), np.array([150, 160, 180]), np.array([3, 9, 2]))


@pytest.mark.parametrize(
    "mixture",
    [
        MIXTURE,
        TWO_AND_TWO,
        Mixture(np.array([1.0]), np.array([170.0]), np.array([5.0])),
        Mixture(np.array([0.5, 0.5]), np.array([0.0, 20.01]), np.array([10.0, 10.0])),
        Mixture(np.array([0.5, 0.5]), np.array([0.0, 19.99]), np.array([10.0, 10.0])),
        Mixture(np.array([0.9, 0.1]), np.array([0.0, 900.0]), np.array([1.0, 300.0])),
    ],
    ids=str,
)
def test_modes_are_where_the_density_is_higher_than_on_either_side(mixture: Mixture) -> None:
    means, sds = mixture.means_cm, mixture.sds_cm
    x = np.linspace(means.min() - sds.min(), means.max() + sds.min(), 400_001)
    height = log_density(mixture, x)
    inner = height[1:-1]
    expected = x[1:-1][(inner > height[:-2]) & (inner > height[2:])]
    # To a hundredth of the smallest SD, or of a gap of the means.
    coarse = max(np.diff(np.sort(means)).max(initial=0.0), sds.min()) / 100
    found = modes_cm(mixture)
    assert found == pytest.approx(expected, abs=coarse + (x[1] - x[0]))


def test_modes_are_found_to_a_hundredth_of_the_smallest_sd() -> None:
    random = np.random.default_rng(8)
    for _ in range(300):
        share, gap = random.uniform(0.3, 0.7), random.uniform(4.0, 6.0)
        mixture = Mixture(np.array([share, 1 - share]), np.array([0, gap]), np.array([1.0, 1.2]))

        def slope(x: float, mixture: Mixture = mixture) -> float:
            joint = np.exp(log_joint(mixture, np.array([x])))[0]
            return float((joint * (mixture.means_cm - x) / mixture.sds_cm**2).sum())

        roots: Any = [brentq(slope, mean - 1.0, mean + 1.0) for mean in (0.0, gap)]
        off = modes_cm(mixture) - roots
        assert ((off >= -1e-12) & (off <= 0.01)).all()


def test_what_is_no_number_has_no_mode() -> None:
    assert modes_cm(Mixture(np.array([0.5, np.nan]), MIXTURE.means_cm, MIXTURE.sds_cm)).size == 0


@pytest.mark.parametrize("share", [0.0, -0.1])
def test_a_group_of_nobody_has_no_crossing(share: float) -> None:
    mixture = Mixture(np.array([share, 1.0 - share]), np.array([163.0, 176.0]), np.array([6, 7.0]))
    assert crossings_cm(mixture, 0, 1).size == 0


def test_a_cut_is_of_two_neighbours_and_may_be_at_a_mean() -> None:
    # With one SD the crossing is the middle plus s^2 / gap times the log of the ratio of shares:
    # 160 + 10 log(share_0 / share_1) for SDs of 10 and a gap of 10, 155 to 165 at log-odds ± 1/2.
    ratio = np.exp(0.5)
    for odds, cut in ((ratio, 165.0), (1 / ratio, 155.0)):
        shares = np.array([odds, 1.0, 1.0]) / (odds + 2.0)
        mixture = Mixture(shares, np.array([155.0, 165.0, 195.0]), np.full(3, 10.0))
        assert crossings_cm(mixture, 0, 1) == pytest.approx(cut, abs=1e-12)
        assert crossings_cm(mixture, 0, 1, 0.25) == pytest.approx(cut - 2.5, abs=1e-12)
        assert cut_cm(mixture, 1) == pytest.approx(180.0, abs=1e-12)
