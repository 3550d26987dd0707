"""Moments: the mean and SD of a column, to all digits that it has."""

import numpy as np

from stature.arrays import Floats


def mean_and_sd(values: Floats) -> tuple[float, float]:
    """Mean and standard deviation, with the divisor n.

    Two passes over values shifted by the first one, with the correction of the second sum for the
    rounding of the mean [1]_: ``sd^2 = (sum d^2 - (sum d)^2 / n) / n``. Never ``E[x^2] - E[x]^2``,
    which loses all digits when the mean is large.

    References
    ----------
    .. [1] Chan, Golub & LeVeque (1983), The American Statistician 37, 242-247, eq. (1.7).

    Examples
    --------
    >>> mean_and_sd(np.array([10000001.0, 10000003.0, 10000002.0]))
    (10000002.0, 0.816496580927726)
    """
    shifted = values - values[0]
    offset = float(shifted.mean())
    deviations = shifted - offset
    n = len(values)
    square = (float(deviations @ deviations) - float(deviations.sum()) ** 2 / n) / n  # [1] (1.7)
    return float(values[0]) + offset, float(np.sqrt(max(square, 0.0)))
