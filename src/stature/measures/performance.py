"""Measures of performance of one estimator, each with its Monte-Carlo standard error.

Replicates are the last axis of every array; NaN means that a replicate is not used. With no
replicate a value is NaN, with one its MCSE is. The MCSEs are the robust ones, which assume no
normal law of the estimates: estimates with hidden labels have heavy tails, where the formulas of
normal theory come out half too small.

References
----------
.. [1] Morris, White & Crowther (2019), Statistics in Medicine 38, table 6.
.. [2] White (2010), The Stata Journal 10, on the errors of the error of the model SE.
"""

import numpy as np

from stature.arrays import Floats, Ints
from stature.measures.influence import NORMAL_975, Measured, centred, from_influence, mean_square


def average(values: Floats) -> Measured:
    """Mean of a quantity over replicates, such as passes or the width of an interval.

    Parameters
    ----------
    values : array, shape (..., R)
        One value a replicate.

    Returns
    -------
    Measured
        ``mean x``, MCSE ``SD(x) / sqrt(n)``.
    """
    mean, deviation, used = centred(values)
    return from_influence(mean, deviation, used)


def bias(error: Floats) -> Measured:
    """Mean error.

    Parameters
    ----------
    error : array, shape (..., R)
        Estimate minus truth.

    Returns
    -------
    Measured
        ``E t - theta``, estimated by the mean of the errors, MCSE ``S / sqrt(n)`` [1]_.

    References
    ----------
    .. [1] Morris, White & Crowther (2019), table 6, bias.

    Examples
    --------
    Errors 1, 2 and 3 have mean 2, SD 1, and so MCSE ``1 / sqrt(3)``.

    >>> measured = bias(np.array([1.0, 2.0, 3.0]))
    >>> float(measured.value), round(float(measured.mcse), 6)
    (2.0, 0.57735)
    """
    return average(error)  # [1]


def relative_bias(error: Floats, truth: Floats) -> Measured:
    """Mean error over the truth: ``E t / theta - 1``.

    Parameters
    ----------
    error : array, shape (..., R)
        Estimate minus truth.
    truth : array, shape (...)
        The truth theta; where it is 0 there is no relative bias.

    Returns
    -------
    Measured
        ``mean error / theta``, MCSE ``S / (sqrt(n) |theta|)``.
    """
    mean, deviation, used = centred(error)
    divisor = np.where(truth == 0.0, np.nan, truth)
    return from_influence(mean / divisor, deviation / divisor[..., None], used)


def empirical_se(error: Floats) -> Measured:
    """Standard deviation of the estimates over replicates (divisor n - 1).

    Parameters
    ----------
    error : array, shape (..., R)
        Estimates, or errors.

    Returns
    -------
    Measured
        S, with robust MCSE ``(S / 2) SD(a) / sqrt(n)``, ``a_i = (t_i - tbar)^2 / S^2 - 1``.
    """
    spread, relative, used = _spread(error)
    return from_influence(spread, 0.5 * spread[..., None] * relative, used)


def mse(error: Floats) -> Measured:
    """Mean squared error (divisor n).

    Parameters
    ----------
    error : array, shape (..., R)
        Estimate minus truth.

    Returns
    -------
    Measured
        ``mean e^2``, MCSE ``SD(e^2) / sqrt(n)`` [1]_.

    References
    ----------
    .. [1] Morris, White & Crowther (2019), table 6, mean squared error.
    """
    return average(error**2)  # [1]


def rmse(error: Floats) -> Measured:
    """Root mean squared error.

    Parameters
    ----------
    error : array, shape (..., R)
        Estimate minus truth.

    Returns
    -------
    Measured
        ``sqrt MSE``, MCSE ``MCSE(MSE) / (2 RMSE)`` (delta method).
    """
    return _root(error**2)


def model_se(std_error: Floats) -> Measured:
    """Root mean square of the standard errors that the estimator itself gives.

    Parameters
    ----------
    std_error : array, shape (..., R)
        Standard errors.

    Returns
    -------
    Measured
        ``M = sqrt(mean v)``, v the squared standard errors, MCSE ``SD(v) / (2 M sqrt(n))`` [1]_.

    References
    ----------
    .. [1] Morris, White & Crowther (2019), table 6, average model SE.
    """
    return _root(std_error**2)  # [1]


def relative_error_model_se(error: Floats, std_error: Floats) -> Measured:
    """How far the estimator's own standard error is off: ``ModSE / EmpSE - 1``.

    Parameters
    ----------
    error, std_error : array, shape (..., R)
        Estimate minus truth, and standard errors; only replicates with both are used.

    Returns
    -------
    Measured
        ``M / S - 1``, robust MCSE ``(M / S) SD(v / (2 M^2) - a / 2) / sqrt(n)`` [1]_, with no
        assumption that estimates and standard errors are independent.

    References
    ----------
    .. [1] Derived by the delta method; White (2010) for the normal-theory form.
    """
    both = np.isfinite(error) & np.isfinite(std_error)
    spread, relative, used = _spread(np.where(both, error, np.nan))
    model = model_se(np.where(both, std_error, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(spread > 0.0, model.value / spread, np.nan)
        square = (std_error / model.value[..., None]) ** 2
    influence = ratio[..., None] * (0.5 * square - 0.5 * relative)  # [1]
    return from_influence(ratio - 1.0, influence, used)


def efficiency(error: Floats, bound: Floats) -> Measured:
    """Smallest possible variance over the variance reached: ``(bound / EmpSE)^2``.

    Parameters
    ----------
    error : array, shape (..., R)
        Estimates, or errors.
    bound : array, shape (...)
        Bound on the standard error; where it is 0 or unknown there is no efficiency.

    Returns
    -------
    Measured
        The efficiency, MCSE ``2 efficiency MCSE(S) / S``.
    """
    spread, relative, used = _spread(error)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = (bound > 0.0) & (spread > 0.0)
        value = np.where(known, (bound / spread) ** 2, np.nan)
    return from_influence(value, -value[..., None] * relative, used)


def quantile(values: Floats, probability: float) -> Measured:
    """Quantile of a quantity over replicates, such as the median of the passes.

    Parameters
    ----------
    values : array, shape (..., R)
        One value a replicate.
    probability : float
        Which quantile, q in (0, 1).

    Returns
    -------
    Measured
        The order statistic of rank ``n q``; its MCSE is half the distance between the order
        statistics of rank ``n q ± sqrt(n q (1 - q))`` [1]_, its interval that of ± 1.96 times.

    References
    ----------
    .. [1] The binomial law of the number of values below the quantile.
    """
    ordered = np.sort(np.where(np.isfinite(values), values, np.nan), axis=-1)  # NaN goes last
    used = np.isfinite(ordered).sum(axis=-1)
    if values.shape[-1] == 0:
        return average(values)  # nothing, in the same shapes
    centre = used * probability
    spread = np.sqrt(used * probability * (1.0 - probability))

    def of_rank(rank: Floats) -> Floats:
        # The smallest value that has at least a share rank / n of the values at or below it.
        index = np.clip(np.ceil(rank).astype(np.int64), 1, np.maximum(used, 1)) - 1
        return np.take_along_axis(ordered, index[..., None], axis=-1)[..., 0]

    known = used > 1
    low, high = of_rank(centre - spread), of_rank(centre + spread)  # [1]
    return Measured(
        value=of_rank(centre),
        mcse=np.where(known, 0.5 * (high - low), np.nan),
        lower=np.where(known, of_rank(centre - NORMAL_975 * spread), np.nan),
        upper=np.where(known, of_rank(centre + NORMAL_975 * spread), np.nan),
        used=used,
    )


def _root(squares: Floats) -> Measured:
    """Root of a mean, with the influence ``(x_i - mean) / (2 root)``."""
    mean, deviation, used = centred(squares)
    root = np.sqrt(mean)
    # A root of 0 means that every square is 0: nothing varies, so nothing has influence.
    divisor = np.where(root > 0.0, 2.0 * root, 1.0)[..., None]
    return from_influence(root, deviation / divisor, used)


def _spread(error: Floats) -> tuple[Floats, Floats, Ints]:
    """Standard deviation S, ``a_i = (t_i - tbar)^2 / S^2 - 1``, number of replicates used."""
    _, deviation, used = centred(error)
    variance = mean_square(deviation, used - 1)
    divisor = np.where(variance > 0.0, variance, 1.0)[..., None]
    relative = np.where(variance[..., None] > 0.0, deviation**2 / divisor - 1.0, 0.0 * deviation)
    return np.sqrt(variance), relative, used
