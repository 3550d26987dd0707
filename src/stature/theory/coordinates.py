"""Coordinates: from unconstrained parameters to shares, means, SDs and gaps, and back.

The unconstrained coordinates are those of `stature.domain.model`:
``u = (eta_1..eta_{K-1}, mu_1..mu_K, lambda_1..lambda_K)``.
"""

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.domain.population import Population


def true_mixture(population: Population) -> Mixture:
    """The truth of a population as a mixture, in the order of its means."""
    return Mixture(population.shares, population.means_cm, population.sds_cm)


def coordinates(mixture: Mixture) -> Floats:
    """Unconstrained coordinates of a mixture with positive shares and SDs.

    ``log(pi_k / pi_K)`` for k < K, means in cm, logs of SDs in cm; shape (3 K - 1,).
    """
    eta = np.log(mixture.shares[:-1] / mixture.shares[-1])
    return np.concatenate([eta, mixture.means_cm, np.log(mixture.sds_cm)])


def mixture_at(u: Floats) -> Mixture:
    """Mixture at given unconstrained coordinates."""
    groups = (len(u) + 1) // 3
    eta = np.append(u[: groups - 1], 0.0)
    odds = np.exp(eta - eta.max())
    return Mixture(odds / odds.sum(), u[groups - 1 : 2 * groups - 1], np.exp(u[2 * groups - 1 :]))


def parameters(mixture: Mixture) -> Floats:
    """Parameters of a mixture, in the order of tables, shape (4 K - 1,)."""
    of_groups = np.column_stack([mixture.shares, mixture.means_cm, mixture.sds_cm]).ravel()
    return np.concatenate([of_groups, np.diff(mixture.means_cm)])


def parameter_jacobian(mixture: Mixture) -> Floats:
    """Derivatives of `parameters` with respect to the unconstrained coordinates.

    ``d pi_k / d eta_j = pi_k (1{k = j} - pi_j)``, ``d sd_k / d lambda_k = sd_k``; a gap is the
    difference of two means. Shape (4 K - 1, 3 K - 1); the delta method is ``G covariance G'``.
    """
    groups = len(mixture.shares)
    of_groups = np.zeros((groups, 3, 3 * groups - 1))
    share_cov = np.diag(mixture.shares) - np.outer(mixture.shares, mixture.shares)
    of_groups[:, 0, : groups - 1] = share_cov[:, :-1]
    for k in range(groups):
        of_groups[k, 1, groups - 1 + k] = 1.0
        of_groups[k, 2, 2 * groups - 1 + k] = mixture.sds_cm[k]
    gaps = np.diff(of_groups[:, 1], axis=0)
    return np.concatenate([of_groups.reshape(3 * groups, -1), gaps])
