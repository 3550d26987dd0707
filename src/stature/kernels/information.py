"""Score and observed information of a mixture, from the sums S and V of one pass.

Legend: u = (eta_1..eta_{K-1}, mu_1..mu_K, lam_1..lam_K), eta_k = log(pi_k / pi_K), lam = log sd;
g the score, h the information, both in u; theta, S and V as in `sums`.
"""

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit, jit_inside, jit_lent
from stature.kernels.sums import CROSS_POWERS


@jit_inside
def score(theta: Floats, sums: Floats, g: Floats) -> None:
    """Score of the free model, by Fisher's identity."""
    groups = sums.shape[0]
    free_shares = groups - 1
    total = 0.0
    for k in range(groups):
        total += sums[k, 0]
    for k in range(groups):
        mu, v = theta[groups + k], theta[2 * groups + k] ** 2
        a0 = sums[k, 0]
        a1 = sums[k, 1] - mu * a0
        a2 = sums[k, 2] - 2.0 * mu * sums[k, 1] + mu * mu * a0
        g[free_shares + k] = a1 / v
        g[free_shares + groups + k] = a2 / v - a0
        if k < free_shares:
            g[k] = a0 - total * theta[k]


@jit_lent
def information(theta: Floats, sums: Floats, cross: Floats, h: Floats) -> None:
    """Information (negative Hessian) of the free model, exact at every u [1]_.

    Parameters
    ----------
    theta : array, shape (3 k,)
        Parameters.
    sums, cross : array, shape (k, POWERS) and (k, k, CROSS_POWERS)
        What `full_pass` made at `theta`; `cross` all 0 gives the labelled likelihood.
    h : array, shape (3 k - 1, 3 k - 1)
        Receives the information.

    Notes
    -----
    The complete-data part less the covariance of the complete score given the heights.

    References
    ----------
    .. [1] Louis (1982), Finding the observed information matrix, J. R. Stat. Soc. B 44:226.
    """
    groups = sums.shape[0]
    free_shares = groups - 1
    total = 0.0
    for k in range(groups):
        total += sums[k, 0]
    h[:] = 0.0
    for k in range(groups):
        mu, v = theta[groups + k], theta[2 * groups + k] ** 2
        a0 = sums[k, 0]
        a1 = sums[k, 1] - mu * a0
        a2 = sums[k, 2] - 2.0 * mu * sums[k, 1] + mu * mu * a0
        at_mu, at_lam = free_shares + k, free_shares + groups + k
        h[at_mu, at_mu] = a0 / v  # [1] the complete part
        h[at_mu, at_lam] = h[at_lam, at_mu] = 2.0 * a1 / v
        h[at_lam, at_lam] = 2.0 * a2 / v
        if k < free_shares:
            for j in range(free_shares):
                h[k, j] -= total * theta[k] * theta[j]
            h[k, k] += total * theta[k]
    for k in range(groups):
        for other in range(groups):
            if other != k:
                # [1] the missing part: - V(k, l) within block k, + V(k, l) between the blocks.
                _add_products(theta, cross[k, other], k, k, -1.0, h)
                _add_products(theta, cross[k, other], k, other, 1.0, h)


@jit
def outer_scores(theta: Floats, sums: Floats, cross: Floats, out: Floats) -> None:
    """Sum of the outer products of the scores of all observations, ``sum w s s'``.

    The score of an observation is r_k p_k(x) in the block of group k, less pi_k in its share.
    Products of responsibilities are V; squares are what S has left, as responsibilities add up
    to 1.
    """
    groups = sums.shape[0]
    free_shares = groups - 1
    total = 0.0
    squares = np.empty(CROSS_POWERS)
    out[:] = 0.0
    for k in range(groups):
        total += sums[k, 0]
        for m in range(CROSS_POWERS):
            squares[m] = sums[k, m]
        for other in range(groups):
            if other != k:
                for m in range(CROSS_POWERS):
                    squares[m] -= cross[k, other, m]
                _add_products(theta, cross[k, other], k, other, 1.0, out)
        _add_products(theta, squares, k, k, 1.0, out)
    for k in range(groups):
        mu, v = theta[groups + k], theta[2 * groups + k] ** 2
        a0 = sums[k, 0]
        a1 = sums[k, 1] - mu * a0
        a2 = sums[k, 2] - 2.0 * mu * sums[k, 1] + mu * mu * a0
        for j in range(free_shares):
            at_mu, at_lam = free_shares + k, free_shares + groups + k
            out[j, at_mu] -= theta[j] * a1 / v
            out[at_mu, j] = out[j, at_mu]
            out[j, at_lam] -= theta[j] * (a2 / v - a0)
            out[at_lam, j] = out[j, at_lam]
            if k < free_shares:
                out[j, k] += total * theta[j] * theta[k] - theta[j] * a0 - theta[k] * sums[j, 0]


@jit_inside
def _add_products(
    theta: Floats, moments: Floats, k: int, other: int, sign: float, h: Floats
) -> None:
    """Add ``sum v p_k p_l'``, p = (1, d/v, d^2/v - 1), to the rows of k and the columns of l.

    `moments` are ``sum v x^m``, m = 0..4. Scalars throughout: an array would cost more than the
    arithmetic.
    """
    groups = theta.shape[0] // 3
    mu = theta[groups + k]
    p, q = 1.0 / theta[2 * groups + k] ** 2, 1.0 / theta[2 * groups + other] ** 2
    # About mu_k, then (x - mu_l)^j = (d + shift)^j.
    m0, x1, x2, x3, x4 = moments[0], moments[1], moments[2], moments[3], moments[4]
    m1 = x1 - mu * m0
    m2 = x2 - 2.0 * mu * x1 + mu * mu * m0
    m3 = x3 - mu * (3.0 * x2 - mu * (3.0 * x1 - mu * m0))
    m4 = x4 - mu * (4.0 * x3 - mu * (6.0 * x2 - mu * (4.0 * x1 - mu * m0)))
    shift = mu - theta[groups + other]
    e01, e11, e21 = m1 + shift * m0, m2 + shift * m1, m3 + shift * m2
    e02 = m2 + shift * (2.0 * m1 + shift * m0)
    e12 = m3 + shift * (2.0 * m2 + shift * m1)
    e22 = m4 + shift * (2.0 * m3 + shift * m2)
    eta, at_mu, at_lam = k, groups - 1 + k, 2 * groups - 1 + k
    other_eta, other_mu, other_lam = other, groups - 1 + other, 2 * groups - 1 + other
    h[at_mu, other_mu] += sign * (e11 * p * q)
    h[at_mu, other_lam] += sign * (e12 * p * q - m1 * p)
    h[at_lam, other_mu] += sign * ((e21 * p - e01) * q)
    h[at_lam, other_lam] += sign * ((e22 * p - e02) * q - m2 * p + m0)
    if eta < groups - 1:  # eta_K does not exist
        h[eta, other_mu] += sign * e01 * q
        h[eta, other_lam] += sign * (e02 * q - m0)
    if other_eta < groups - 1:
        h[at_mu, other_eta] += sign * m1 * p
        h[at_lam, other_eta] += sign * (m2 * p - m0)
    if eta < groups - 1 and other_eta < groups - 1:
        h[eta, other_eta] += sign * m0


@jit_lent
def reduce_score(free: Floats, g: Floats, g_model: Floats) -> None:
    """Score ``J' g`` of a restricted model."""
    g_model[:] = 0.0
    # Every row of J has one 1 at most: each coordinate goes to the one that it is tied to.
    for i in range(free.shape[0]):
        a = _tied_to(free, i)
        if a >= 0:
            g_model[a] += g[i]


@jit_lent
def reduce_information(free: Floats, h: Floats, h_model: Floats) -> None:
    """Information ``J' h J`` of a restricted model."""
    q, p = free.shape
    if p == q:
        for i in range(q):
            for j in range(q):
                h_model[i, j] = h[i, j]
        return
    h_model[:] = 0.0
    for i in range(q):
        a = _tied_to(free, i)
        if a < 0:
            continue
        for j in range(q):
            b = _tied_to(free, j)
            if b >= 0:
                h_model[a, b] += h[i, j]


@jit_inside
def _tied_to(free: Floats, row: int) -> int:
    """The coordinate of the model that a coordinate of the free one moves with; -1: it is known."""
    for a in range(free.shape[1]):
        if free[row, a] != 0.0:
            return a
    return -1
