import numpy as np
import pytest

from stature.arrays import Floats
from stature.theory.moments import central_moments, equal_sds, free_sds


def moments_of(theta: list[float]) -> Floats:
    """Central moments of a mixture of normals, by Gauss' rule, which is exact for powers."""
    shares, means, sds = np.split(np.array(theta), 3)
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    x = means[:, None] + sds[:, None] * nodes
    return central_moments(x.ravel(), (shares[:, None] * weights).ravel())


def about_its_mean(theta: list[float]) -> Floats:
    shares, means, sds = np.split(np.array(theta), 3)
    return np.concatenate([shares, means - shares @ means, sds])


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("gap", [5.0, 13.0, 30.0])
def test_moments_of_a_population_give_it_back(share: float, gap: float):
    equal = [share, 1 - share, 163.0, 163.0 + gap, 6.5, 6.5]
    found = equal_sds(moments_of(equal))
    assert found is not None
    np.testing.assert_allclose(found, about_its_mean(equal), rtol=1e-6)
    theta = [share, 1 - share, 163.0, 163.0 + gap, 6.5, 7.0]
    found = free_sds(moments_of(theta))
    assert found is not None
    np.testing.assert_allclose(found, about_its_mean(theta), rtol=1e-5)


def test_a_sample_with_heavy_tails_has_no_root():
    x = np.array([-9.0, -1, -1, 0, 0, 0, 0, 1, 1, 9])
    assert equal_sds(central_moments(x, np.ones(10))) is None
