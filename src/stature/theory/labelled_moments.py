"""Moments: where labelled estimators go as n grows, and how far they scatter around it.

With the labels seen everything is a moment of a group's law.
"""

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling
from stature.theory.distributions import Distribution


def labelled_limit(
    model: Model, law: Distribution, known_shares: Floats, known_sds_cm: Floats
) -> Mixture:
    """Where the labelled maximum likelihood estimator goes as n grows.

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
    model: Model, law: Distribution, counts: Floats, sampling: Sampling
) -> Floats:
    """Standard errors of the labelled estimator around its limit.

    Parameters
    ----------
    model : Model
        Which parameters are free.
    law : Distribution
        Distribution of the heights that are recorded.
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
    mean_variances = variances / people  # [1]
    sd_variances = np.zeros_like(variances)
    if model.sds == "free":
        sd_variances = (fourth - variances**2) / (4 * variances * people)  # [1]
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


def group_moments(law: Distribution) -> tuple[Floats, Floats, Floats]:
    """Moments of the recorded heights of each group, shape (k,).

    Means in cm, variances in cm^2 and fourth central moments in cm^4; NaN for a group of whom
    nobody is kept.
    """
    somebody = np.where(law.masses.any(axis=1), 1.0, np.nan)
    means_cm = somebody * (law.masses @ law.nodes_cm)
    deviations = law.nodes_cm - np.nan_to_num(means_cm)[:, None]
    variances = somebody * np.sum(law.masses * deviations**2, axis=1)
    return means_cm, variances, somebody * np.sum(law.masses * deviations**4, axis=1)
