"""Comparisons of two estimators on the same replicates, and of one estimator at several sizes.

Two separate Monte-Carlo errors say little about a difference, because both estimators met the same
people. The influence of the difference is the difference of the influences, whatever the
correlation is; only replicates where both have an answer are used. Sizes are nested likewise, the
sample of size n being the first n people of its replicate, so the errors at two sizes are
correlated, and formulas for independent cells would be wrong. Influence values add the cells up
replicate by replicate, and so carry the correlation.

References
----------
.. [1] Morris, White & Crowther (2019), Statistics in Medicine 38, table 6, relative precision.
.. [2] White (2010), The Stata Journal 10:369.
.. [3] McNemar (1947), Psychometrika 12:153.
"""

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int32s, Ints
from stature.estimators.intervals.wald import Z_95
from stature.measures.performance import (
    Measured,
    centred,
    coverage,
    empirical_se,
    from_influence,
    rmse,
    without_chance,
)

NOMINAL = 0.95  # what all intervals claim
# The exponent of the error of a labelled mean, exactly: RMSE = sd / sqrt(n_k).
ROOT_N = -0.5

Ends = tuple[Floats, Floats]


def both(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Two quantities, each only where both are there, shape (..., R)."""
    here = np.isfinite(first) & np.isfinite(second)
    return np.where(here, first, np.nan), np.where(here, second, np.nan)


def difference(first: Measured, second: Measured) -> Measured:
    """A measure of one estimator minus that of another, from replicates that `both` kept.

    MCSE ``SD(g_first - g_second) / sqrt(n)``. For coverage this is McNemar's ``sqrt(b + c -
    (b - c)^2 / n) / n``, b and c the discordant counts [3]_, with n - 1 for one n. Measures without
    influence values, as quantiles are, raise `ValueError`.
    """
    if first.influence is None or second.influence is None:
        raise ValueError(
            "difference: expected two measures with influence values, got one without; "
            "quantiles have none, so compare their means or use a bootstrap"
        )
    influence = first.influence - second.influence
    used = np.isfinite(influence).sum(axis=-1)
    return from_influence(first.value - second.value, influence, used)


def price(error: Floats, reference: Floats) -> Measured:
    """RMSE of an estimator over that of a reference on the same replicates.

    ``ratio = RMSE_B / RMSE_A``; MCSE
    ``ratio SD(e_B^2 / (2 MSE_B) - e_A^2 / (2 MSE_A)) / sqrt(n)``: the influence of a ratio is the
    ratio times the difference of the influences of the logs. There is no price where the reference
    has no chance in it.
    """
    kept, kept_reference = both(error, reference)
    above, below = rmse(kept), rmse(kept_reference)
    # NaN > 0 is false, so with fewer than two replicates there is no price either.
    chance = empirical_se(kept_reference).value > 0.0
    divisor = np.where(chance, below.value, np.nan)
    ratio = above.value / divisor
    log_influence = _log_influence(above) - _log_influence(below)
    return from_influence(ratio, ratio[..., None] * log_influence, above.used)


def gain_in_precision(error: Floats, reference: Floats) -> Measured:
    """How much smaller the variance of an estimator B is than that of a reference A [1]_.

    ``(S_A / S_B)^2 - 1``; robust MCSE ``(S_A / S_B)^2 SD(a_A - a_B) / sqrt(n)`` (delta method); of
    normal theory ``2 (S_A / S_B)^2 sqrt((1 - r^2) / (n - 1))``, r the correlation of the pairs
    [2]_.
    """
    kept, kept_reference = both(error, reference)
    above, below = empirical_se(kept_reference), empirical_se(kept)
    divisor = np.where(below.value > 0.0, below.value, np.nan)
    ratio = (above.value / divisor) ** 2
    log_influence = _log_influence(above) - _log_influence(below)
    influence = 2.0 * ratio[..., None] * log_influence
    own, other = (np.nan_to_num(centred(values)[1]) for values in (kept, kept_reference))
    squares = (own**2).sum(axis=-1) * (other**2).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        apart = 1.0 - (own * other).sum(axis=-1) ** 2 / squares
        normal = 2.0 * ratio * np.sqrt(apart / np.where(above.used > 1, above.used - 1, np.nan))
    measured = from_influence(ratio - 1.0, influence, above.used)
    return replace(measured, normal_mcse=normal)  # [2]


def closer_to_nominal(ends: Ends, reference: Ends, truth: Floats) -> Measured:
    """By how much the coverage of intervals is nearer to what they claim than that of others.

    ``|C_A - .95| - |C_B - .95|``, A the reference, of the same fits: positive is nearer. The
    influence of a distance is that of the coverage with its sign; where both cover too little the
    MCSE is McNemar's, see `difference`.
    """
    here = ~np.isnan(np.stack([*ends, *reference])).any(axis=0)

    def distance(lower: Floats, upper: Floats) -> Measured:
        covered = coverage(np.where(here, lower, np.nan), np.where(here, upper, np.nan), truth)
        error = covered.value - NOMINAL
        influence = np.sign(error)[..., None] * _influence_of(covered)
        return from_influence(np.abs(error), influence, covered.used)

    return difference(distance(*reference), distance(*ends))


def largest_relative_difference(estimate: Floats, reference: Floats) -> Measured:
    """Largest distance of estimates from those of a reference that should agree with them.

    ``max |t_B - t_A| / |t_A|`` over the replicates; no chance is in it, so it has no MCSE.
    """
    kept, kept_reference = both(estimate, reference)
    here = np.isfinite(kept)
    distance = np.abs(kept - kept_reference)
    scale = np.abs(kept_reference)
    relative = np.where(distance > 0.0, distance / np.where(scale > 0.0, scale, 1.0), 0.0)
    used = here.sum(axis=-1)
    largest = np.where(here, relative, 0.0).max(axis=-1, initial=0.0)
    return without_chance(np.where(used > 0, largest, np.nan), used)


class Curve(NamedTuple):
    """Log RMSE against log size."""

    log_sizes: Floats  # shape (S,): logs of the sizes, ascending
    # shape (..., S): logs of the RMSE; NaN where there is none, or no chance in it
    log_rmse: Floats
    # shape (..., S, R): influence of each replicate on the log RMSE, over the number of replicates
    # used there; 0 where it is not used
    shares: Floats
    used: Ints  # shape (..., S): number of replicates used


def curve(sizes: Int32s, error: Floats) -> Curve:
    """Log RMSE against log size of errors (..., S, R); influence ``(e_i^2 / MSE - 1) / 2``."""
    root = rmse(error)
    # Errors without spread are a constant, such as the share of a stratified sample.
    value = np.where(empirical_se(error).value > 0.0, root.value, np.nan)
    influence = _influence_of(root) / np.where(value > 0.0, value, 1.0)[..., None]
    return Curve(np.log(sizes), np.log(value), shares_of_influence(influence), root.used)


def slope(sizes: Int32s, error: Floats) -> Measured:
    """Fitted rate: least-squares slope of log RMSE on log size, of errors (..., S, R).

    ``sum c_k log RMSE_k``, ``c_k = (x_k - xbar) / sum (x - xbar)^2``, ``x = log n``; influence
    ``sum c_k g_ik``. A replicate counts as used if it is used at any size. NaN with fewer than two
    sizes.
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
    return Measured(value, mcse, value - Z_95 * mcse, value + Z_95 * mcse, used)


def equivalent_size(target: Curve, other: Curve) -> Measured:
    """Number of people with whom another estimator has the RMSE of a target, shape (..., S).

    NaN where it never reaches that on the sizes studied. Between two neighbouring sizes the other's
    log RMSE is taken as linear in log n; the first crossing counts. With w the place of the
    crossing between sizes k and k + 1 and ``D = (x_{k+1} - x_k) / (y_{k+1} - y_k)``, ``log n* = x_k
    + D (y - y_k)`` has the influence ``D (g - (1 - w) g_k - w g_{k+1})``; the MCSE of n* is n*
    times that of its log, and the interval is computed on the log.

    A target above the other's RMSE at its smallest size is met by fewer people than were studied:
    ``log n* = x_1 + 2 (y_1 - y)``.
    """
    log_size = np.full(target.log_rmse.shape, np.nan)
    log_mcse = np.full(target.log_rmse.shape, np.nan)
    for cell in np.ndindex(*target.log_rmse.shape):
        row = cell[:-1]
        crossing = _crossing(float(target.log_rmse[cell]), other.log_sizes, other.log_rmse[row])
        if crossing is None:
            continue
        log_size[cell], gradient, weights = crossing
        shares = gradient * (target.shares[cell] - weights @ other.shares[row])
        log_mcse[cell] = standard_error_of_shares(shares)
    value = np.exp(log_size)
    factor = np.exp(Z_95 * log_mcse)
    return Measured(value, value * log_mcse, value / factor, value * factor, target.used)


def shares_of_influence(influence: Floats) -> Floats:
    """Influence of each replicate on a cell as a share, ``g_i / n``; 0 where it is not used.

    Linear combinations of cells with unequal availability add these up.
    """
    here = np.isfinite(influence)
    used = np.maximum(here.sum(axis=-1), 1)
    return np.where(here, influence, 0.0) / used[..., None]


def standard_error_of_shares(shares: Floats) -> Floats:
    """Monte-Carlo standard error of a combination of cells that use different replicates.

    With ``h_i = sum_k c_k g_ik / n_k`` over the cells k that use replicate i, shape (..., R), it is
    ``sqrt(R / (R - 1) sum h_i^2)`` over all R replicates; NaN for R < 2.
    """
    replicates = shares.shape[-1]
    if replicates < 2:
        return np.full(shares.shape[:-1], np.nan)
    squares = np.ascontiguousarray(shares) ** 2
    return np.sqrt(squares.sum(axis=-1) * (replicates / (replicates - 1)))


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
        # ASSUME [equivalents] below the smallest size the error falls like n^-1/2, as that of a
        # mean does.
        weights[first] = 1.0
        return x[first] + (target - y[first]) / ROOT_N, 1.0 / ROOT_N, weights
    for left, right in pairwise(known):
        if y[right] <= target:
            gradient = (x[right] - x[left]) / (y[right] - y[left])
            place = (target - y[left]) / (y[right] - y[left])
            weights[left], weights[right] = 1.0 - place, place
            return x[left] + gradient * (target - y[left]), gradient, weights
    return None


def _influence_of(measured: Measured) -> Floats:
    """Influence values; NaN where there are none."""
    if measured.influence is None:
        return np.full_like(measured.value, np.nan)[..., None]
    return measured.influence


def _log_influence(measured: Measured) -> Floats:
    """Influence on the log of a positive measure; 0 where the measure is 0 without chance."""
    value = np.where(measured.value > 0.0, measured.value, 1.0)
    return _influence_of(measured) / value[..., None]
