"""Standard errors and Wald intervals, from covariances in the unconstrained coordinates.

Intervals are made on the scale where estimates are nearest to normal and mapped back: shares by
their logit, SDs by their logarithm, means and gaps as they are.
"""

import numpy as np

from stature.arrays import Floats

Z_95 = 1.959963984540054  # two-sided 95 % point of the standard normal


def wald_interval(estimate: Floats, std_error: Floats) -> tuple[Floats, Floats]:
    """Ends of 95 % Wald intervals, shape (..., Q).

    Lower and upper ends; NaN where there is no standard error.
    """
    groups = (estimate.shape[-1] + 1) // 4
    lower, upper = estimate - Z_95 * std_error, estimate + Z_95 * std_error
    with np.errstate(all="ignore"):
        for k in range(groups):
            share, sd = 3 * k, 3 * k + 2
            p = estimate[..., share]
            half = Z_95 * std_error[..., share] / (p * (1.0 - p))
            odds = p / (1.0 - p)
            lower[..., share] = 1.0 / (1.0 + np.exp(half) / odds)
            upper[..., share] = 1.0 / (1.0 + np.exp(-half) / odds)
            factor = np.exp(Z_95 * std_error[..., sd] / estimate[..., sd])
            lower[..., sd] = estimate[..., sd] / factor
            upper[..., sd] = estimate[..., sd] * factor
    return lower, upper


def standard_errors(slopes: Floats, covariance: Floats) -> Floats:
    """Square roots of ``slope' covariance slope``; NaN where it is not positive."""
    variance = np.einsum("...ij,...jk,...ik->...i", slopes, covariance, slopes)
    positive = variance > 0.0
    return np.sqrt(variance, where=positive, out=np.full(variance.shape, np.nan))
