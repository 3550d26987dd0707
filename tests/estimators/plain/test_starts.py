import numpy as np
import pytest
from scipy import stats

from stature.estimators.plain.starts import split_start, start_by_moments, starts

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.3, 0.7], [0.2, 0.5, 0.3], [1.0]])
def test_a_split_keeps_the_moments_of_the_whole(shares: list[float]):
    theta = split_start(np.array(shares))
    pi, mu, sd = np.split(theta, 3)
    assert pi @ mu == pytest.approx(0.0, abs=1e-12)
    assert pi @ (sd**2 + mu**2) == pytest.approx(1.0)


def test_a_split_has_the_moments_of_truncated_normals():
    theta = split_start(np.array([0.3, 0.7]))
    cut = stats.norm.ppf(0.3)
    lower = stats.truncnorm(-np.inf, cut)
    assert theta[2] == pytest.approx(lower.mean())
    assert theta[4] == pytest.approx(lower.std())


@pytest.mark.parametrize("groups", [1, 2, 3, 5])
def test_starts_are_proper_mixtures_with_means_in_order(groups: int):
    theta = starts(RNG.random((7, 12, 3 * groups)), None, groups)
    shares, means, sds = np.split(theta, 3, axis=-1)
    np.testing.assert_allclose(shares.sum(axis=-1), 1.0)
    assert (shares > 0).all()
    assert (np.diff(means, axis=-1) >= 0).all()
    assert (sds > 0.1).all()


def test_no_start_has_all_groups_alike():
    theta = starts(RNG.random((50, 10, 6)), None, 2)
    assert np.abs(theta[..., 2] - theta[..., 3]).min() > 1e-4


def test_known_shares_are_in_every_start():
    theta = starts(RNG.random((3, 10, 6)), np.array([0.2, 0.8]), 2)
    assert (theta[..., 0] == 0.2).all()


@pytest.mark.parametrize(("share", "gap"), [(0.5, 2.5), (0.3, 3.0), (0.8, 2.0)])
def test_moments_of_a_population_give_the_population_back(share: float, gap: float):
    # Nodes of a Gauss rule of each group hold its moments exactly.
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    weights = weights / weights.sum()
    x = np.concatenate([nodes, gap + nodes])
    w = np.concatenate([share * weights, (1 - share) * weights])
    mean = float(w @ x)
    scale = float(np.sqrt(w @ (x - mean) ** 2))
    theta = np.empty(6)
    assert start_by_moments((x - mean) / scale, w, theta)
    expected = [share, 1 - share, -mean / scale, (gap - mean) / scale, 1 / scale, 1 / scale]
    np.testing.assert_allclose(theta, np.array(expected, dtype=float), rtol=1e-6)


def test_moments_of_one_group_give_no_start():
    # A flat-topped law is no mixture of two normals with a gap of 0; a normal has no root.
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    assert not start_by_moments(nodes, weights / weights.sum(), np.empty(6))


def test_small_groups_at_the_ends_and_outliers_are_among_the_default_starts():
    theta = starts(RNG.random((2, 10, 6)), None, 2)
    # A tenth at either end; a few far outside, whose spread is thrice that of all.
    assert {round(float(share), 6) for share in theta[0, [4, 5], 0]} == {0.9, 0.1}
    widest = theta[0, :, 4:].max(axis=-1)
    assert (widest > 1.1).sum() == 1
    wide = theta[0, int(widest.argmax())]
    assert wide[:2] @ wide[2:4] == pytest.approx(0.0, abs=1e-12)
