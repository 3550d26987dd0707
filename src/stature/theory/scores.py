"""Scores and information of normal mixtures at nodes, in unconstrained coordinates, any K.

Everything follows from the *complete* score, that of a person whose group is known: it is the
score of labelled people, and its mean given the height is the score of unlabelled ones [1]_. The
arrays hold every node, so this is for a few thousand nodes, and is written without the sums of
powers that the compiled kernels use: the two check each other.

References
----------
.. [1] Louis (1982), Finding the observed information matrix when using the EM algorithm, JRSS-B 44.
"""

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture, responsibilities


def complete_scores(mixture: Mixture, nodes_cm: Floats) -> Floats:
    """Score of a person of each group at each node.

    Parameters
    ----------
    mixture : Mixture
        Where the score is taken.
    nodes_cm : array, shape (m,)
        Heights in cm.

    Returns
    -------
    array, shape (k, m, 3 K - 1)
        Derivatives of ``log(pi_k f_k(x))``: ``1{k = j} - pi_j`` in eta_j, ``d/v`` in mu_k and
        ``d^2/v - 1`` in lambda_k, with ``d = x - mu_k``.
    """
    groups = len(mixture.shares)
    scores = np.zeros((groups, len(nodes_cm), 3 * groups - 1))
    scores[:, :, : groups - 1] = -mixture.shares[:-1]
    for k in range(groups):
        standard = (nodes_cm - mixture.means_cm[k]) / mixture.sds_cm[k]
        if k < groups - 1:
            scores[k, :, k] += 1.0
        scores[k, :, groups - 1 + k] = standard / mixture.sds_cm[k]
        scores[k, :, 2 * groups - 1 + k] = standard**2 - 1.0
    return scores


def scores(mixture: Mixture, nodes_cm: Floats) -> Floats:
    """Score of a person whose group is hidden, at each node.

    Parameters
    ----------
    mixture : Mixture
        Where the score is taken.
    nodes_cm : array, shape (m,)
        Heights in cm.

    Returns
    -------
    array, shape (m, 3 K - 1)
        Derivatives of ``log f(x)``.

    Notes
    -----
    Fisher's identity: the mean of the complete score given the height.
    """
    posterior = responsibilities(mixture, nodes_cm)
    return np.einsum("mk,kmp->mp", posterior, complete_scores(mixture, nodes_cm))


def complete_information(mixture: Mixture, nodes_cm: Floats, masses: Floats) -> Floats:
    """Information in heights whose groups are known.

    Parameters
    ----------
    mixture : Mixture
        Where it is taken.
    nodes_cm : array, shape (m,)
        Heights in cm.
    masses : array, shape (k, m)
        How many people of each group are at each node.

    Returns
    -------
    array, shape (3 K - 1, 3 K - 1)
        Minus the second derivatives: ``N (diag(pi) - pi pi')`` in eta, and for each group
        ``1/v``, ``2 d/v`` and ``2 d^2/v`` summed in (mu, mu), (mu, lambda) and (lambda, lambda).
    """
    groups = len(mixture.shares)
    information = np.zeros((3 * groups - 1, 3 * groups - 1))
    pi = mixture.shares[:-1]
    information[: groups - 1, : groups - 1] = masses.sum() * (np.diag(pi) - np.outer(pi, pi))
    for k in range(groups):
        mu, lam = groups - 1 + k, 2 * groups - 1 + k
        standard = (nodes_cm - mixture.means_cm[k]) / mixture.sds_cm[k]
        information[mu, mu] = masses[k].sum() / mixture.sds_cm[k] ** 2
        information[mu, lam] = 2 * (masses[k] @ standard) / mixture.sds_cm[k]
        information[lam, mu] = information[mu, lam]
        information[lam, lam] = 2 * (masses[k] @ standard**2)
    return information


def observed_information(
    mixture: Mixture, nodes_cm: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Information in heights whose groups are hidden, beside that of the completed heights.

    Shape (3 K - 1, 3 K - 1).

    Louis' identity [1]_: observed = completed - sum of weights times the covariance of the
    complete score given the height. Exact at every mixture, not only at the maximum.
    """
    posterior = responsibilities(mixture, nodes_cm)
    masses = (posterior * weights[:, None]).T
    of_groups = complete_scores(mixture, nodes_cm)
    mean = np.einsum("mk,kmp->mp", posterior, of_groups)
    deviation = of_groups - mean
    weighted = (np.sqrt(masses)[:, :, None] * deviation).reshape(-1, deviation.shape[2])
    missing = weighted.T @ weighted  # [1]
    completed = complete_information(mixture, nodes_cm, masses)
    return completed - missing, completed
