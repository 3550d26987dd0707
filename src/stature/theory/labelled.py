"""Labelled samples: limits, standard errors, and exact facts about small ones.

With the labels seen everything is a moment of a group, so that nothing here is approximate but
the step from variances to SDs in `labelled_std_errors`.
"""

from math import exp, lgamma, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling
from stature.theory.laws import Law


def labelled_limit(
    model: Model,
    law: Law,
    known_shares: NDArray[np.float64],
    known_sds_cm: NDArray[np.float64],
) -> Mixture:
    """Where the labelled maximum likelihood estimator goes as n grows.

    Parameters
    ----------
    model : Model
        Which parameters are free.
    law : Law
        Law of the heights that are recorded.
    known_shares, known_sds_cm : array, shape (k,)
        What the model is told where it is told something; SDs in cm.

    Returns
    -------
    Mixture
        The groups in their own order; NaN for a group of whom nobody is kept.
    """
    means_cm, variances, _ = group_moments(law)
    shares = known_shares if model.shares == "known" else law.shares
    if model.sds == "known":
        sds_cm = known_sds_cm
    elif model.sds == "equal":
        sds_cm = np.full(len(shares), np.sqrt(law.shares @ variances))
    else:
        sds_cm = np.sqrt(variances)
    return Mixture(shares, means_cm, sds_cm)


def labelled_std_errors(
    model: Model, law: Law, counts: NDArray[np.float64], sampling: Sampling
) -> NDArray[np.float64]:
    """Standard errors of the labelled estimator around its limit.

    Parameters
    ----------
    model : Model
        Which parameters are free.
    law : Law
        Law of the heights that are recorded.
    counts : array, shape (k,)
        People of each group: of the design if stratified, expected if random.
    sampling : {"stratified", "random"}
        Whether these counts are fixed.

    Returns
    -------
    array, shape (4 K - 1,)
        In the order of `parameter_rows`; zero for what is known or fixed by the design, NaN for a
        group without people.

    Notes
    -----
    ``Var(mean_k) = v_k / n_k`` and ``Var(v_hat_k) = (m4_k - v_k^2) / n_k`` [1]_, to the first
    order in 1/n, and ``SE(sd) = SE(v) / (2 sd)``. For normal groups that is ``sd^2 / n_k`` and
    ``sd^2 / (2 n_k)``, the Cramér-Rao bound. Equal SDs pool the squares of all groups; random
    samples then add the chance of the counts, ``sum pi_k (v_k - v)^2 / n``.

    References
    ----------
    .. [1] Cramér (1946), Mathematical Methods of Statistics, 27.4.
    """
    size = float(counts.sum())
    _, variances, fourth = group_moments(law)
    people = np.where(counts > 0, counts, np.nan)
    share_variances = np.zeros_like(variances)
    if model.shares == "free" and sampling == "random":
        share_variances = law.shares * (1 - law.shares) / size
    mean_variances = variances / people
    sd_variances = np.zeros_like(variances)
    if model.sds == "free":
        sd_variances = (fourth - variances**2) / (4 * variances * people)
    elif model.sds == "equal":
        fractions = counts / size
        pooled = law.shares @ variances
        spread = fractions @ (fourth - variances**2)
        if sampling == "random":
            spread += fractions @ (variances - pooled) ** 2
        sd_variances = np.full_like(variances, spread / (4 * pooled * size))
    of_groups = np.column_stack([share_variances, mean_variances, sd_variances]).ravel()
    gap_variances = mean_variances[1:] + mean_variances[:-1]
    return np.sqrt(np.concatenate([of_groups, gap_variances]))


def group_moments(
    law: Law,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean in cm, variance in cm^2 and fourth central moment in cm^4 of each group, shape (k,)."""
    somebody = np.where(law.masses.any(axis=1), 1.0, np.nan)
    means_cm = somebody * (law.masses @ law.nodes_cm)
    deviations = law.nodes_cm - np.nan_to_num(means_cm)[:, None]
    variances = somebody * np.sum(law.masses * deviations**2, axis=1)
    return means_cm, variances, somebody * np.sum(law.masses * deviations**4, axis=1)


def expected_sd_ratio(people: int) -> float:
    """Mean of the estimated SD (divisor n) of a normal group, over the true one.

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
    return sqrt(2 / people) * exp(lgamma(people / 2) - lgamma((people - 1) / 2))


def sd_rmse_ratio(people: int) -> float:
    """RMSE of the estimated SD (divisor n) of a normal group, over the true SD.

    Notes
    -----
    ``E[(s/SD - 1)^2] = (n - 1)/n - 2 E[s]/SD + 1``.
    """
    return sqrt((people - 1) / people - 2 * expected_sd_ratio(people) + 1)


def sd_empirical_se_ratio(people: int) -> float:
    """Standard deviation of the estimated SD (divisor n) of a normal group, over the true SD."""
    return sqrt((people - 1) / people - expected_sd_ratio(people) ** 2)


def expected_variance_ratio(people: int) -> float:
    """Mean of the estimated variance (divisor n) of a normal group, over the true one."""
    return (people - 1) / people


def variance_of_variance_ratio(people: int) -> float:
    """Variance of the estimated variance (divisor n) of a normal group, over v^2.

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
    return student_t_within(z * sqrt((people - 1) / people), people - 1)


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
    # The j-th term is the one before times cos^2 (2j - 1)/(2j), or (2j)/(2j + 1) if odd.
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
