"""Measures over sizes: the rate at which errors fall, and sizes worth the same error.

Sizes are nested, the sample of size n being the first n people of its replicate, so the errors at
two sizes are correlated. Formulas for independent cells would be wrong; influence values add the
cells up replicate by replicate, and so carry the correlation.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int32s, Ints
from stature.measures.influence import (
    NORMAL_975,
    Measured,
    shares_of_influence,
    standard_error_of_shares,
)
from stature.measures.performance import empirical_se, rmse

# The exponent of the error of a labelled mean, exactly: RMSE = sd / sqrt(n_k).
ROOT_N = -0.5


class Curve(NamedTuple):
    """Log RMSE against log size."""

    log_sizes: Floats  # shape (S,): logs of the sizes, ascending
    # shape (..., S): logs of the RMSE; NaN where there is none, or no chance in it
    log_rmse: Floats
    # shape (..., S, R): influence of each replicate on the log RMSE, over the number of replicates
    # used
    shares: Floats
    used: Ints  # shape (..., S): number of replicates used


def curve(sizes: Int32s, error: Floats) -> Curve:
    """Log RMSE against log size, with influence values.

    Parameters
    ----------
    sizes : array, shape (S,)
        Sizes, ascending.
    error : array, shape (..., S, R)
        Errors; NaN: not used.

    Returns
    -------
    Curve
        The curve; influence of the log ``(e_i^2 / MSE - 1) / 2``.
    """
    root = rmse(error)
    # Errors without spread are a constant, such as the share of a stratified sample.
    value = np.where(empirical_se(error).value > 0.0, root.value, np.nan)
    influence = np.full_like(error, np.nan) if root.influence is None else root.influence
    shares = shares_of_influence(influence / np.where(value > 0.0, value, 1.0)[..., None])
    return Curve(np.log(sizes), np.log(value), shares, root.used)


def slope(sizes: Int32s, error: Floats) -> Measured:
    """Fitted rate: least-squares slope of log RMSE on log size.

    Parameters
    ----------
    sizes : array, shape (S,)
        Sizes, ascending.
    error : array, shape (..., S, R)
        Errors; NaN: not used.

    Returns
    -------
    Measured
        ``sum c_k log RMSE_k``, ``c_k = (x_k - xbar) / sum (x - xbar)^2``, ``x = log n``; influence
        ``sum c_k g_ik``. A replicate counts as used if it is used at any size. NaN with fewer
        than two sizes.
    """
    line = curve(sizes, error)
    known = np.isfinite(line.log_rmse)
    x = np.where(known, line.log_sizes, 0.0)
    number = known.sum(axis=-1, keepdims=True)
    centred = np.where(known, x - x.sum(axis=-1, keepdims=True) / np.maximum(number, 1), 0.0)
    spread = (centred**2).sum(axis=-1, keepdims=True)
    weights = centred / np.where(spread > 0.0, spread, np.nan)
    value = (weights * np.where(known, line.log_rmse, 0.0)).sum(axis=-1)
    mcse = standard_error_of_shares((weights[..., None] * line.shares).sum(axis=-2))
    used = np.isfinite(error).any(axis=-2).sum(axis=-1)
    return Measured(value, mcse, value - NORMAL_975 * mcse, value + NORMAL_975 * mcse, used)


def equivalent_size(target: Curve, other: Curve) -> Measured:
    """Number of people with whom another estimator has the same RMSE.

    Parameters
    ----------
    target : Curve
        Curve of an estimator, arrays of shape (..., S).
    other : Curve
        Curve of the other estimator, on the same sizes and replicates.

    Returns
    -------
    Measured
        For each cell of `target` the size at which `other` reaches the same RMSE, shape (..., S).
        NaN where it never does on the sizes studied.

    Notes
    -----
    Between two neighbouring sizes the other's log RMSE is taken as linear in log n; the first
    crossing counts. With w the place of the crossing between sizes k and k + 1 and
    ``D = (x_{k+1} - x_k) / (y_{k+1} - y_k)``, ``log n* = x_k + D (y - y_k)`` has the influence
    ``D (g - (1 - w) g_k - w g_{k+1})``; the MCSE of n* is n* times that of its log, and the
    interval is computed on the log.

    A target above the other's RMSE at its smallest size is met by fewer people than were studied:
    ``log n* = x_1 + 2 (y_1 - y)``.
    """
    shape = target.log_rmse.shape
    log_size = np.full(shape, np.nan)
    log_mcse = np.full(shape, np.nan)
    for cell in np.ndindex(*shape):
        row = cell[:-1]
        crossing = _crossing(float(target.log_rmse[cell]), other.log_sizes, other.log_rmse[row])
        if crossing is None:
            continue
        log_size[cell], gradient, weights = crossing
        shares = gradient * (target.shares[cell] - weights @ other.shares[row])
        log_mcse[cell] = standard_error_of_shares(shares)
    value = np.exp(log_size)
    factor = np.exp(NORMAL_975 * log_mcse)
    return Measured(value, value * log_mcse, value / factor, value * factor, target.used)


def _crossing(
    target: float, log_sizes: Floats, log_rmse: Floats
) -> tuple[float, float, Floats] | None:
    """Log size where a curve first falls to a target, its gradient there, weights of the sizes."""
    x, y = log_sizes.tolist(), log_rmse.tolist()
    known = np.flatnonzero(np.isfinite(log_rmse)).tolist()
    if not known or not np.isfinite(target):
        return None
    weights = np.zeros(len(y))
    first = known[0]
    if target >= y[first]:
        # ASSUME below the smallest size the error falls like n^-1/2, as that of a mean does.
        weights[first] = 1.0
        return x[first] + (target - y[first]) / ROOT_N, 1.0 / ROOT_N, weights
    for left, right in pairwise(known):
        if y[right] <= target:
            gradient = (x[right] - x[left]) / (y[right] - y[left])
            place = (target - y[left]) / (y[right] - y[left])
            weights[left], weights[right] = 1.0 - place, place
            return x[left] + gradient * (target - y[left]), gradient, weights
    return None
