"""Proportions of replicates: coverage, hits, rates of a status or a flag.

The usual error of a proportion is 0 when it is 0 or 1, which is wrong, so counts are kept and
intervals are Wilson's.
"""

from dataclasses import replace

import numpy as np

from stature.arrays import Floats, Ints
from stature.measures.influence import NORMAL_975, Measured, centred


def wilson(count: Floats, used: Ints) -> tuple[Floats, Floats]:
    """Wilson's 95 % interval of a proportion.

    Parameters
    ----------
    count : array, shape (...)
        How often it happened.
    used : array of int, shape (...)
        Out of how many replicates, n.

    Returns
    -------
    lower, upper : array, shape (...)
        The ends; NaN where n is 0.

    Notes
    -----
    Centre ``(p + z^2/(2n)) / (1 + z^2/n)``, half-width
    ``z / (1 + z^2/n) sqrt(p (1-p)/n + z^2/(4 n^2))`` [1]_.

    References
    ----------
    .. [1] Wilson (1927), J. Am. Stat. Assoc. 22:209.

    Examples
    --------
    No hit in 10: the interval is ``[0, z^2 / (10 + z^2)]``, and so ends at 0.2775.

    >>> lower, upper = wilson(np.array(0.0), np.array(10))
    >>> float(lower), round(float(upper), 4)
    (0.0, 0.2775)
    """
    n = np.where(used > 0, used, np.nan)
    p = count / n
    square = NORMAL_975**2 / n
    centre = (p + 0.5 * square) / (1.0 + square)  # [1]
    half = np.sqrt(square * (p * (1.0 - p) + 0.25 * square)) / (1.0 + square)  # [1]
    # At 0 and 1 an end of the interval is exactly there; rounding must not push it outside.
    lower = np.where(count == 0, 0.0 * centre, centre - half)
    upper = np.where(count == used, 1.0 + 0.0 * centre, centre + half)
    return lower, upper


def proportion(happened: Floats) -> Measured:
    """Share of the replicates in which something happened.

    Parameters
    ----------
    happened : array, shape (..., R)
        1 or 0; NaN: the replicate is not used.

    Returns
    -------
    Measured
        ``p = count / n``, MCSE ``sqrt(p (1-p) / n)`` [1]_, and where p is 0 or 1 the half-width
        of Wilson's interval over 1.96; the interval is Wilson's.

    References
    ----------
    .. [1] Morris, White & Crowther (2019), table 6, coverage.
    """
    _, _, used = centred(happened)
    count = np.where(np.isfinite(happened), happened, 0.0).sum(axis=-1)
    n = np.where(used > 0, used, np.nan)
    p = count / n
    lower, upper = wilson(count, used)
    usual = np.sqrt(p * (1.0 - p) / n)  # [1]
    certain = (count == 0) | (count == used)
    return Measured(
        value=p,
        mcse=np.where(certain, (upper - lower) / (2.0 * NORMAL_975), usual),
        lower=lower,
        upper=upper,
        used=used,
        influence=happened - p[..., None],
        count=count,
    )


def coverage(lower: Floats, upper: Floats, target: Floats) -> Measured:
    """Share of closed intervals that hold a target.

    Parameters
    ----------
    lower, upper : array, shape (..., R)
        Ends of the intervals, infinite where nothing bounds them; NaN: there is none.
    target : array, shape (...)
        The truth, or the limit; NaN: unknown.

    Returns
    -------
    Measured
        ``P(lower <= target <= upper)``.
    """
    there = ~(np.isnan(lower) | np.isnan(upper))
    inside = (lower <= target[..., None]) & (target[..., None] <= upper)
    measured = proportion(np.where(there, inside, np.nan))
    # Intervals were there and count as used, but of an unknown target nothing can be said.
    unknown = np.where(np.isfinite(target), 0.0, np.nan)
    return replace(
        measured,
        value=measured.value + unknown,
        mcse=measured.mcse + unknown,
        lower=measured.lower + unknown,
        upper=measured.upper + unknown,
        influence=np.where(there, inside - measured.value[..., None], np.nan) + unknown[..., None],
        count=np.where(there, inside, 0.0).sum(axis=-1) + unknown,
    )


def bias_eliminated_coverage(lower: Floats, upper: Floats, estimate: Floats) -> Measured:
    """Share of closed intervals that hold the mean of the estimates.

    Parameters
    ----------
    lower, upper : array, shape (..., R)
        Ends of the intervals.
    estimate : array, shape (..., R)
        Estimates.

    Returns
    -------
    Measured
        ``P(lower <= E t <= upper)``; the error of the mean estimate is not counted in its MCSE.
    """
    mean, _, _ = centred(estimate)
    return coverage(lower, upper, mean)


def within(error: Floats, tolerance: float) -> Floats:
    """Whether all errors of a fit are within a tolerance, shape (..., R)."""
    hit = (np.abs(error) <= tolerance).all(axis=-2)
    return np.asarray(hit, dtype=np.float64)
