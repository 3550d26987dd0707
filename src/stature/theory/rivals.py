"""Rivals: other maxima of the likelihood, one of which may be the highest in a sample.

An infinite sample has one highest maximum, the limit. A sample of n people decides between the
limit and a rival by the sum of n differences of log-densities, which may fall either way.
"""

from collections.abc import Sequence

import numpy as np

from stature.arrays import Floats, Int32s
from stature.theory.infinite import Infinite
from stature.theory.likelihood import person_values
from stature.theory.terms import log_normal_cdf


def rival_chance(
    limit: Floats, rivals: Sequence[Floats], sample: Infinite, sizes: Int32s
) -> Floats:
    """Probability that a sample has its highest maximum near a rival of the limit.

    Parameters
    ----------
    limit : array, shape (3 K - 1,)
        Coordinates of the limit in the units of the sample.
    rivals : sequence of array, shape (3 K - 1,)
        Those of the other maxima.
    sample : Infinite
        The infinite sample.
    sizes : array of int, shape (S,)
        Numbers of people, n.

    Returns
    -------
    array, shape (S,)
        Bonferroni's bound over the rivals; 0 if there are none.

    Notes
    -----
    The sum of the differences of n people is normal with the mean ``n g`` and the variance ``n v``,
    g and v the mean and variance of one of them, within strata [1]_. So a rival is the higher with
    probability ``Phi(-g sqrt(n / v))``. That each sample has the rival as a maximum is not
    looked at.

    References
    ----------
    .. [1] Vuong (1989), Likelihood ratio tests for model selection and non-nested hypotheses,
       Econometrica 57:307, theorem 3.3.
    """
    chance = np.zeros(len(sizes))
    if not rivals:
        return chance
    probability = sample.strata.sum(axis=0)
    at_limit = person_values(limit, sample.rows)
    for rival in rivals:
        lead = sample.each * (at_limit - person_values(rival, sample.rows))
        within = (sample.strata @ lead) ** 2 / sample.people
        spread = np.sqrt(max(float(probability @ lead**2 - within.sum()), 0.0))
        if spread > 0.0:
            chance += np.exp(log_normal_cdf(-float(probability @ lead) * np.sqrt(sizes) / spread))
    return np.minimum(chance, 1.0)
