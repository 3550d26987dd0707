"""Score and observed information of a mixture, from the sums S and V of one pass.

Legend: u = (eta_1..eta_{K-1}, mu_1..mu_K, lam_1..lam_K), eta_k = log(pi_k / pi_K), lam = log sd;
g the score, h the information, both in u; theta, S and V as in `sums`.
"""

import numpy as np
from numpy.typing import NDArray

from stature.kernels.compile import jit


@jit
def score_and_information(
    theta: NDArray[np.float64],
    sums: NDArray[np.float64],
    cross: NDArray[np.float64],
    g: NDArray[np.float64],
    h: NDArray[np.float64],
) -> None:
    """Score and information (negative Hessian) of the free model.

    Parameters
    ----------
    theta : array, shape (3 k,)
        Parameters.
    sums, cross : array, shape (k, 3) and (k, k, 5)
        What `full_pass` made at `theta`; `cross` all 0 gives the labelled likelihood.
    g, h : array, shape (3 k - 1,) and (3 k - 1, 3 k - 1)
        Receive score and information.

    Notes
    -----
    Score by Fisher's identity; information after Louis [1]_: the complete-data part less the
    covariance of the complete score given the heights. Exact at every u.

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
        g[at_mu] = a1 / v
        g[at_lam] = a2 / v - a0
        h[at_mu, at_mu] = a0 / v  # [1] the complete part
        h[at_mu, at_lam] = h[at_lam, at_mu] = 2.0 * a1 / v
        h[at_lam, at_lam] = 2.0 * a2 / v
        if k < free_shares:
            g[k] = a0 - total * theta[k]
            for j in range(free_shares):
                h[k, j] -= total * theta[k] * theta[j]
            h[k, k] += total * theta[k]
    left, right = np.empty((3, 3)), np.empty((3, 3))
    block = np.empty((3, 3))
    for k in range(groups):
        _polynomials(float(theta[groups + k]), float(theta[2 * groups + k]), left)
        for other in range(groups):
            if other == k:
                continue
            # [1] the missing part: - V(k, l) between blocks, + V(k, l) within block k.
            _outer_sums(left, left, cross[k, other], block)
            _add_block(h, block, k, k, -1.0, groups)
            _polynomials(float(theta[groups + other]), float(theta[2 * groups + other]), right)
            _outer_sums(left, right, cross[k, other], block)
            _add_block(h, block, k, other, 1.0, groups)


@jit
def _outer_sums(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    moments: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """``sum v p_k p_l'`` with p = (1, d/v, d^2/v - 1), from the powers ``sum v x^m``."""
    for i in range(3):
        for j in range(3):
            total = 0.0
            for a in range(i + 1):
                for b in range(j + 1):
                    total += left[i, a] * right[j, b] * moments[a + b]
            out[i, j] = total


@jit
def _polynomials(mu: float, sd: float, out: NDArray[np.float64]) -> None:
    """Coefficients of (1, d/v, d^2/v - 1) in powers of x, d = x - mu; lower triangular rows."""
    v = sd * sd
    out[0, 0] = 1.0
    out[1, 0], out[1, 1] = -mu / v, 1.0 / v
    out[2, 0], out[2, 1], out[2, 2] = mu * mu / v - 1.0, -2.0 * mu / v, 1.0 / v


@jit
def _add_block(
    h: NDArray[np.float64], block: NDArray[np.float64], k: int, other: int, sign: float, groups: int
) -> None:
    """Add a block of the coordinates (eta_k, mu_k, lam_k) by (eta_l, mu_l, lam_l)."""
    free_shares = groups - 1
    for i in range(3):
        row = k if i == 0 else free_shares + (i - 1) * groups + k
        if i == 0 and k == free_shares:
            continue  # eta_K does not exist
        for j in range(3):
            column = other if j == 0 else free_shares + (j - 1) * groups + other
            if j == 0 and other == free_shares:
                continue
            h[row, column] += sign * block[i, j]


@jit
def reduce_to_model(
    free: NDArray[np.float64],
    g: NDArray[np.float64],
    h: NDArray[np.float64],
    g_model: NDArray[np.float64],
    h_model: NDArray[np.float64],
) -> None:
    """Score ``J' g`` and information ``J' h J`` of a restricted model.

    Parameters
    ----------
    free : array, shape (q, p)
        J, as `stature.domain.model.free_coordinates` makes it.
    g, h : array, shape (q,) and (q, q)
        Score and information of the free model.
    g_model, h_model : array, shape (p,) and (p, p)
        Receive those of the restricted model.
    """
    q, p = free.shape
    half = np.zeros((q, p))
    for i in range(q):
        for j in range(q):
            for b in range(p):
                half[i, b] += h[i, j] * free[j, b]
    for a in range(p):
        g_model[a] = 0.0
        for i in range(q):
            g_model[a] += free[i, a] * g[i]
        for b in range(p):
            total = 0.0
            for i in range(q):
                total += free[i, a] * half[i, b]
            h_model[a, b] = total
