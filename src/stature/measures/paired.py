"""Comparisons of two estimators on the same replicates, with the error of the comparison itself.

Two separate Monte-Carlo errors say little about a difference, because both estimators met the
same people. The influence of the difference is the difference of the influences, whatever the
correlation is. Only replicates where both have an answer are used.
"""

import numpy as np

from stature.arrays import Floats
from stature.measures.influence import Measured, from_influence
from stature.measures.performance import empirical_se, rmse
from stature.measures.proportions import coverage

NOMINAL = 0.95
"""What all intervals claim."""

Ends = tuple[Floats, Floats]


def both(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Two quantities, each only where both are there, shape (..., R)."""
    here = np.isfinite(first) & np.isfinite(second)
    return np.where(here, first, np.nan), np.where(here, second, np.nan)


def difference(first: Measured, second: Measured) -> Measured:
    """A measure of one estimator minus that of another, on the same replicates.

    Parameters
    ----------
    first, second : Measured
        The same measure of both, with influence values, from replicates that `both` kept.

    Returns
    -------
    Measured
        The difference, MCSE ``SD(g_first - g_second) / sqrt(n)``. For coverage this is
        McNemar's ``sqrt(b + c - (b - c)^2 / n) / n``, b and c the discordant counts [1]_,
        with n - 1 for one n.

    Raises
    ------
    ValueError
        If a measure has no influence values.

    References
    ----------
    .. [1] McNemar (1947), Psychometrika 12:153.
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
    """RMSE of an estimator over that of a reference.

    Parameters
    ----------
    error, reference : array, shape (..., R)
        Errors of the estimator and of the reference on the same replicates.

    Returns
    -------
    Measured
        ``RMSE_B / RMSE_A``; MCSE
        ``ratio SD(e_B^2 / (2 MSE_B) - e_A^2 / (2 MSE_A)) / sqrt(n)``: the influence of a ratio is
        the ratio times the difference of the influences of the logs. There is no price where
        the reference has no chance in it.
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
    """How much smaller the variance of an estimator is than that of a reference.

    Parameters
    ----------
    error, reference : array, shape (..., R)
        Errors of the estimator B and of the reference A on the same replicates.

    Returns
    -------
    Measured
        ``(S_A / S_B)^2 - 1``; robust MCSE ``(S_A / S_B)^2 SD(a_A - a_B) / sqrt(n)`` [1]_.

    References
    ----------
    .. [1] Morris, White & Crowther (2019), table 6, relative precision; the robust error by the
       delta method.
    """
    kept, kept_reference = both(error, reference)
    above, below = empirical_se(kept_reference), empirical_se(kept)
    divisor = np.where(below.value > 0.0, below.value, np.nan)
    ratio = (above.value / divisor) ** 2
    log_influence = _log_influence(above) - _log_influence(below)
    influence = 2.0 * ratio[..., None] * log_influence  # [1]
    return from_influence(ratio - 1.0, influence, above.used)


def closer_to_nominal(ends: Ends, reference: Ends, truth: Floats) -> Measured:
    """By how much the coverage of intervals is nearer to what they claim than that of others.

    Parameters
    ----------
    ends, reference : tuple of two arrays, shape (..., R)
        Lower and upper ends of the intervals, and of those that they are compared with, from the
        same fits; NaN: there is none.
    truth : array, shape (...)
        The true values.

    Returns
    -------
    Measured
        ``|C_A - .95| - |C_B - .95|``, A the reference: positive is nearer. The influence of a
        distance is that of the coverage with its sign; where both cover too little the MCSE is
        McNemar's, see `difference`.
    """
    here = ~np.isnan(np.stack([*ends, *reference])).any(axis=0)
    covered, expected = (
        coverage(np.where(here, lower, np.nan), np.where(here, upper, np.nan), truth)
        for lower, upper in (ends, reference)
    )
    return difference(_distance(expected), _distance(covered))


def _distance(covered: Measured) -> Measured:
    """Distance of a coverage from the nominal one, with its influence."""
    error = covered.value - NOMINAL
    influence = np.sign(error)[..., None] * _influence_of(covered)
    return from_influence(np.abs(error), influence, covered.used)


def largest_relative_difference(estimate: Floats, reference: Floats) -> Measured:
    """Largest distance between two estimators that should agree, relative to the reference.

    Parameters
    ----------
    estimate, reference : array, shape (..., R)
        Estimates on the same replicates.

    Returns
    -------
    Measured
        ``max |t_B - t_A| / |t_A|``; no chance is in it, so it has no MCSE.
    """
    kept, kept_reference = both(estimate, reference)
    here = np.isfinite(kept)
    distance = np.abs(kept - kept_reference)
    scale = np.abs(kept_reference)
    relative = np.where(distance > 0.0, distance / np.where(scale > 0.0, scale, 1.0), 0.0)
    used = here.sum(axis=-1)
    largest = np.where(here, relative, 0.0).max(axis=-1, initial=0.0)
    value = np.where(used > 0, largest, np.nan)
    nothing = np.full_like(value, np.nan)
    return Measured(value, nothing, nothing, nothing, used)


def _influence_of(measured: Measured) -> Floats:
    """Influence values; NaN where there are none."""
    if measured.influence is None:
        return np.full_like(measured.value, np.nan)[..., None]
    return measured.influence


def _log_influence(measured: Measured) -> Floats:
    """Influence on the log of a positive measure; 0 where the measure is 0 without chance."""
    value = np.where(measured.value > 0.0, measured.value, 1.0)
    return _influence_of(measured) / value[..., None]
