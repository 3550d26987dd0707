"""EM against scikit-learn's, step by step from the same start."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from stature.domain.model import Model
from stature.estimators.plain.batch import constraints_of
from stature.estimators.plain.methods import run_em
from stature.estimators.plain.problem import Problem, make_workspace


@pytest.mark.parametrize("groups", [2, 3])
@pytest.mark.parametrize("steps", [1, 10, 200])
def test_em_takes_the_steps_of_scikit_learn(groups: int, steps: int):
    rng = np.random.default_rng(groups)
    x = np.concatenate([rng.normal(2.0 * k, 0.7 + 0.2 * k, 300) for k in range(groups)])
    means = np.linspace(x.min() + 1, x.max() - 1, groups)
    peer = GaussianMixture(
        groups,
        max_iter=steps,
        tol=0.0,
        reg_covar=0.0,
        weights_init=np.full(groups, 1 / groups),
        means_init=means[:, None],
        precisions_init=np.ones((groups, 1, 1)),
    )
    with pytest.warns(ConvergenceWarning):
        peer.fit(x[:, None])
    free = constraints_of(Model("none"), groups, None).free
    problem = Problem(x, np.ones(len(x)), free, False, 0)
    theta = np.concatenate([np.full(groups, 1 / groups), means, np.ones(groups)])
    assert run_em(problem, theta, steps, make_workspace(groups, free.shape[1])) == 0
    found = [peer.weights_, peer.means_, np.sqrt(np.asarray(peer.covariances_))]
    expected = np.concatenate([np.ravel(np.asarray(part)) for part in found])
    assert_allclose(theta, expected, rtol=1e-8)
