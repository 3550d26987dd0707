"""Labelled samples in the small: exact facts about the mean and SD of n people of a normal group.

They say what a correct labelled maximum likelihood estimator does at every n, and so are what its
results are checked against. Nothing here is approximate.
"""

from math import exp, lgamma, sqrt
from statistics import NormalDist

import numpy as np


def expected_sd_ratio(people: int) -> float:
    """Mean of the estimated SD (divisor n) of a normal group, over the true one.

    Parameters
    ----------
    people : int
        People in the group, n >= 2.

    Returns
    -------
    float
        ``E[s] / SD``.

    Notes
    -----
    ``sqrt(2/n) Gamma(n/2) / Gamma((n-1)/2)``: the mean of a chi variable with n - 1 degrees of
    freedom, over ``sqrt(n)`` [1]_.

    References
    ----------
    .. [1] Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, 18.3.

    Examples
    --------
    >>> round(expected_sd_ratio(4), 12)  # sqrt(2 / pi)
    0.797884560803
    """
    return sqrt(2 / people) * exp(lgamma(people / 2) - lgamma((people - 1) / 2))  # [1]


def sd_rmse_ratio(people: int) -> float:
    """RMSE of the estimated SD (divisor n) of a normal group, over the true SD.

    Parameters
    ----------
    people : int
        People in the group, n >= 2.

    Returns
    -------
    float
        Root of ``E[(s - SD)^2]``, over SD.

    Notes
    -----
    ``E[(s/SD - 1)^2] = (n - 1)/n - 2 E[s]/SD + 1``.
    """
    return sqrt((people - 1) / people - 2 * expected_sd_ratio(people) + 1)


def sd_empirical_se_ratio(people: int) -> float:
    """Standard deviation of the estimated SD (divisor n) of a normal group, over the true SD.

    Parameters
    ----------
    people : int
        People in the group, n >= 2.

    Returns
    -------
    float
        Root of ``E[s^2] - E[s]^2``, over SD.
    """
    return sqrt((people - 1) / people - expected_sd_ratio(people) ** 2)


def expected_variance_ratio(people: int) -> float:
    """Mean of the estimated variance (divisor n) of a normal group, over the true one.

    Parameters
    ----------
    people : int
        People in the group, n >= 2.

    Returns
    -------
    float
        ``(n - 1) / n``.
    """
    return (people - 1) / people


def variance_of_variance_ratio(people: int) -> float:
    """Variance of the estimated variance (divisor n) of a normal group, over v^2.

    Parameters
    ----------
    people : int
        People in the group, n >= 2.

    Returns
    -------
    float
        ``Var(v_hat) / v^2``.

    Notes
    -----
    ``n v_hat / v`` is chi-squared with n - 1 degrees of freedom, of variance ``2 (n - 1)``.
    """
    return 2 * (people - 1) / people**2


def mean_coverage(people: int, level: float = 0.95) -> float:
    """Chance that ``mean ± z s / sqrt(n)`` covers the mean of a normal group, s with divisor n.

    Parameters
    ----------
    people : int
        People in the group, n >= 2.
    level : float
        The level that the interval claims.

    Returns
    -------
    float
        ``P(|T_{n-1}| <= z sqrt((n-1)/n))``, exactly, with T of Student's law [1]_.

    References
    ----------
    .. [1] Student (1908), The probable error of a mean, Biometrika 6.

    Examples
    --------
    >>> round(mean_coverage(20), 8)
    0.92869858
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    return student_t_within(z * sqrt((people - 1) / people), people - 1)  # [1]


def student_t_within(t: float, freedom: int) -> float:
    """Chance that a variable of Student's law lies between -t and t.

    Parameters
    ----------
    t : float
        Limit, t >= 0.
    freedom : int
        Degrees of freedom, a whole number.

    Returns
    -------
    float
        ``P(|T| <= t)``.

    Notes
    -----
    A finite sum of positive terms for whole degrees of freedom [1]_; cost O(freedom).

    References
    ----------
    .. [1] Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    theta = np.arctan(t / sqrt(freedom))
    square = np.cos(theta) ** 2
    odd = freedom % 2
    # [1] The j-th term is the one before times cos^2 (2j - 1)/(2j), or (2j)/(2j + 1) if odd.
    j = np.arange(1, (freedom - 2 + odd) // 2 + (0 if odd else 1))
    total = 1.0 + np.sum(np.cumprod(square * (2 * j - 1 + odd) / (2 * j + odd)))
    if not odd:
        return float(np.sin(theta) * total)
    tail = np.sin(theta) * np.cos(theta) * total if freedom > 1 else 0.0
    return float((theta + tail) * 2 / np.pi)


def student_t_quantile(level: float, freedom: int) -> float:
    """Limit t within which a variable of Student's law lies with a given chance.

    Parameters
    ----------
    level : float
        ``P(|T| <= t)``, in [0, 1).
    freedom : int
        Degrees of freedom, a whole number.

    Returns
    -------
    float
        t, by halving an interval in the angle ``arctan(t / sqrt(freedom))``.

    Examples
    --------
    >>> round(student_t_quantile(0.95, 3), 9)
    3.182446305
    """
    low, high = 0.0, np.pi / 2
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return float(sqrt(freedom) * np.tan(middle))
        if student_t_within(sqrt(freedom) * float(np.tan(middle)), freedom) < level:
            low = middle
        else:
            high = middle
