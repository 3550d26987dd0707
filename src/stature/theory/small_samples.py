"""Small samples: by how much the mean of an estimator differs from its limit at a finite size.

The difference falls like 1/n, faster than any standard error, but it is there: an SD of a few
people is too small on average, and so forth. Its first term is known from the scores alone.
"""

import numpy as np
from numpy.typing import NDArray

from stature.theory.coordinates import parameter_jacobian
from stature.theory.seen_limits import (
    SeenLimit,
    limit_in_cm,
    mean_information,
    units,
    weighted_scores,
)

STEP = 1e-3  # of central differences; what they miss is 1e-6 of the bias


def bias_times_size(found: SeenLimit) -> NDArray[np.float64]:
    """First term of the bias of an estimator about its limit, times n.

    Parameters
    ----------
    found : SeenLimit
        A limit that was found.

    Returns
    -------
    array, shape (4 K - 1,)
        In the order of `parameter_rows`.

    Notes
    -----
    With s the score of a person, A the mean information, Q = A^-1 and C the covariance of Q s,

    ``n bias(u) = Q (E[(D s) Q s] + sum_jk C_jk E[D_jk s] / 2)``,

    and ``n bias(g) = g' n bias(u) + sum_jk C_jk g''_jk / 2`` for a parameter g(u) [1]_. Means of
    products are covariances within strata, whose numbers of people are fixed (derived).

    References
    ----------
    .. [1] Rilstone, Srivastava & Ullah (1996), The second-order bias and mean squared error of
       nonlinear estimators, J. Econometrics 75:369, proposition 3.2; Cox & Snell (1968).
    """
    sample, free = found.sample, found.free

    def covariance(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        weighted = sample.strata.sum(axis=0)[:, None] * a
        means_a, means_b = sample.strata @ a, sample.strata @ b
        return weighted.T @ b - means_a.T @ (means_b / sample.people[:, None])

    inverse = np.linalg.inv(free.T @ mean_information(found, found.u) @ free)
    influence = weighted_scores(found, found.u) @ free @ inverse
    spread = covariance(influence, influence)
    pull = np.zeros(free.shape[1])
    for j, direction in enumerate(free.T):
        ends = [found.u + sign * STEP * direction for sign in (1.0, -1.0)]
        up, down = (weighted_scores(found, end) @ free for end in ends)
        slope = (up - down) / (2.0 * STEP)
        pull += covariance(slope, influence[:, [j]])[:, 0]
        up, down = (free.T @ mean_information(found, end) @ free for end in ends)
        pull -= 0.5 * (up - down) @ spread[j] / (2.0 * STEP)
    own = free @ inverse @ pull
    whole = free @ spread @ free.T
    unit = units(found)
    bias = (parameter_jacobian(limit_in_cm(found, found.u)) * unit) @ own
    for j, direction in enumerate(np.eye(len(found.u))):
        up, down = (
            parameter_jacobian(limit_in_cm(found, found.u + sign * STEP * direction)) * unit
            for sign in (1.0, -1.0)
        )
        bias += 0.5 * (up - down) @ whole[j] / (2.0 * STEP)
    return bias
