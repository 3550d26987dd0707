import numpy as np
import pytest

from stature.domain.labelling import (
    NO_LABEL,
    MissingLabels,
    SwappedLabels,
    chance_of_a_label,
    chances_of_labels,
    labels_after,
)
from stature.domain.population import Group, Population

GROUPS = (Group("a", 0.25, 160.0, 5.0), Group("b", 0.25, 170.0, 5.0), Group("c", 0.5, 180.0, 5.0))
THREE = Population("three", GROUPS)  # of mean 172.5
UNIFORM = (np.arange(10_000) + 0.5) / 10_000
ALL_B = np.full(10_000, 1, np.int8)


def test_odds_of_having_no_label_grow_with_height():
    # At the mean .2 / .8 = 1/4; 10 cm higher e times that; 5 cm lower e^-0.5 times.
    chance = chance_of_a_label(MissingLabels(0.2, 0.1), np.array([172.5, 182.5, 167.5]), "a", THREE)
    np.testing.assert_allclose(1 / chance - 1, 0.25 * np.exp([0.0, 1.0, -0.5]))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_labels_missing_at_random_are_a_share(share: float):
    labels = labels_after(MissingLabels(share), ALL_B, np.zeros(10_000), "b", THREE, UNIFORM)
    assert (labels == NO_LABEL).mean() == share
    other = labels_after(MissingLabels(share, group="a"), ALL_B, np.zeros(1), "b", THREE, UNIFORM)
    assert (other == ALL_B).all()


def test_a_wrong_label_is_that_of_any_other_group():
    step = SwappedLabels(0.3)
    labels = labels_after(step, ALL_B, np.zeros(10_000), "b", THREE, UNIFORM)
    np.testing.assert_allclose(np.bincount(labels) / 10_000, [0.15, 0.7, 0.15], atol=1e-3)
    np.testing.assert_allclose(chances_of_labels(step, THREE)[1], [0.15, 0.7, 0.15])
    of_one = chances_of_labels(SwappedLabels(0.3, "c"), THREE)
    np.testing.assert_allclose(of_one, [[1, 0, 0], [0, 1, 0], [0.15, 0.15, 0.7]])


def test_nobody_without_a_label_gets_a_wrong_one():
    nobody = np.full(10_000, NO_LABEL, np.int8)
    labels = labels_after(SwappedLabels(1.0), nobody, np.zeros(10_000), "b", THREE, UNIFORM)
    assert (labels == NO_LABEL).all()
    one = Population("one", (Group("a", 1.0, 160.0, 5.0),))
    assert (labels_after(SwappedLabels(0.5), ALL_B, UNIFORM, "a", one, UNIFORM) == ALL_B).all()
    assert chances_of_labels(SwappedLabels(0.5), one).tolist() == [[1.0]]
