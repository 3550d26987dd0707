"""One rule for every Monte-Carlo standard error: influence values.

A measure is a function of the empirical law of the replicates. Its influence value g_i says how
much replicate i moves it; the values have mean 0, and the Monte-Carlo standard error (MCSE) is
``SD(g) / sqrt(n)``. Paired and derived quantities then need no algebra of their own: the
influence of a difference is the difference of the influences.

Replicates are the last axis, and a replicate that is not used is NaN. Sums run over that axis
alone, in its order, so a number does not depend on how many sizes or parameters stand beside it.
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats, Ints

# The 97.5 % quantile of the standard normal law, as the estimators use it for their intervals.
NORMAL_975 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with its Monte-Carlo error, for many cells at once."""

    # shape (...): the measure and its Monte-Carlo standard error, in the same unit; NaN where there
    # is none
    value: Floats
    mcse: Floats
    lower: Floats  # shape (...): ends of its 95 % Monte-Carlo interval
    upper: Floats
    used: Ints  # shape (...): number of replicates used
    # shape (..., R): influence values g_i, NaN for a replicate that is not used; None where there
    # are none
    influence: Floats | None = None
    # shape (...): for a proportion, the number of replicates in which the thing happened
    count: Floats | None = None


def centred(values: Floats) -> tuple[Floats, Floats, Ints]:
    """Mean of the used replicates, distances to it, and their number.

    Returns mean: the mean; NaN where no replicate is used; deviation: value minus mean; NaN where
    not used; used: number of used replicates.

    The sum is taken about the first used value, so equal values have deviations of exactly 0,
    whatever their size.
    """
    values = np.ascontiguousarray(values)
    here = np.isfinite(values)
    used = here.sum(axis=-1)
    if values.shape[-1] == 0:
        return np.full(used.shape, np.nan), values, used
    first = np.take_along_axis(values, here.argmax(axis=-1)[..., None], axis=-1)
    with np.errstate(invalid="ignore"):
        shifted = np.where(here, values - first, 0.0)
        mean = first + (shifted.sum(axis=-1) / used)[..., None]
        deviation = np.where(here, values - mean, np.nan)
    return np.where(used > 0, mean[..., 0], np.nan), deviation, used


def mean_square(deviation: Floats, divisor: Ints) -> Floats:
    """Sum of squares of the used replicates over a divisor; NaN where the divisor is not positive.

    Parameters
    ----------
    deviation : array, shape (..., R)
        Values, NaN where not used.
    divisor : array of int, shape (...)
        The divisor.

    Returns
    -------
    array, shape (...)
        ``sum d_i^2 / divisor``.
    """
    squares = np.ascontiguousarray(np.where(np.isfinite(deviation), deviation, 0.0)) ** 2
    return squares.sum(axis=-1) / np.where(divisor > 0, divisor, np.nan)


def standard_error(influence: Floats) -> Floats:
    """Monte-Carlo standard error from influence values: ``SD(g) / sqrt(n)``, shape (...).

    The MCSE; NaN with fewer than two replicates, where nothing is known of the spread.

    Examples
    --------
    >>> standard_error(np.array([-1.0, 0.0, 1.0, np.nan])).round(6)
    np.float64(0.57735)
    """
    _, deviation, used = centred(influence)
    return np.sqrt(mean_square(deviation, used - 1) / np.maximum(used, 1))


def from_influence(value: Floats, influence: Floats, used: Ints) -> Measured:
    """Measure of a value with its influence values, and the interval value ± 1.96 MCSE.

    The measure; its MCSE is NaN where the value is.
    """
    mcse = np.where(np.isfinite(value), standard_error(influence), np.nan)
    return Measured(
        value=value,
        mcse=mcse,
        lower=value - NORMAL_975 * mcse,
        upper=value + NORMAL_975 * mcse,
        used=used,
        influence=influence,
    )


def shares_of_influence(influence: Floats) -> Floats:
    """Influence of each replicate on a cell as a share: g_i / n, and 0 where it is not used.

    Parameters
    ----------
    influence : array, shape (..., R)
        Influence values, NaN where a replicate is not used.

    Returns
    -------
    array, shape (..., R)
        ``g_i / n``. Linear combinations of cells with unequal availability add these up.
    """
    here = np.isfinite(influence)
    used = np.maximum(here.sum(axis=-1), 1)
    return np.where(here, influence, 0.0) / used[..., None]


def standard_error_of_shares(shares: Floats) -> Floats:
    """Monte-Carlo standard error of a combination of cells that use different replicates.

    Parameters
    ----------
    shares : array, shape (..., R)
        ``h_i = sum_k c_k g_ik / n_k`` over the cells k that use replicate i.

    Returns
    -------
    array, shape (...)
        ``sqrt(R / (R - 1) sum h_i^2)`` over all R replicates; NaN for R < 2.
    """
    replicates = shares.shape[-1]
    if replicates < 2:
        return np.full(shares.shape[:-1], np.nan)
    squares = np.ascontiguousarray(shares) ** 2
    return np.sqrt(squares.sum(axis=-1) * (replicates / (replicates - 1)))
