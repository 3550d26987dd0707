import numpy as np
import pytest

from stature.domain.mixture import Mixture, log_density, log_joint, responsibilities

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
