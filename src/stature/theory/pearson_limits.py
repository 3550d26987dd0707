"""Limits of the method of moments: the two groups that have the moments of an infinite sample."""

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.domain.model import Model, free_coordinates
from stature.theory.coordinates import coordinates, mixture_at
from stature.theory.equations import Equations
from stature.theory.infinite import Infinite, in_cm
from stature.theory.moments import central_moments, equal_sds, free_sds
from stature.theory.scores import complete_scores

EXACT_NODES = 6  # of Gauss' rule, which is exact to the degree 11 > 5 + 2


def pearson_limit(model: Model, sample: Infinite) -> Equations | None:
    """Limit of the estimator by moments, and the equations that it solves.

    Parameters
    ----------
    model : Model
        Free or equal SDs, with hidden labels and exact heights.
    sample : Infinite
        All people as the estimator sees them.

    Returns
    -------
    Equations or None
        The mean of ``x^r`` is that of the mixture, r = 1, 2, …, as many as there are parameters.
        None if no two groups have the moments of the sample.

    Notes
    -----
    The sixth moment only chooses among roots, and moves none of them.
    """
    z, weight = sample.rows.lower, sample.rows.weight
    moments = central_moments(z, weight)
    theta = free_sds(moments) if model.sds == "free" else equal_sds(moments)
    if theta is None:
        return None
    free = free_coordinates(model, 2)
    powers = np.arange(1, free.shape[1] + 1)
    of_people = z[:, None] ** powers
    standard, masses = np.polynomial.hermite_e.hermegauss(EXACT_NODES)
    masses = masses / masses.sum()

    def expected(u: Floats) -> tuple[Floats, Floats]:
        """Moments of the mixture, and their derivatives: means of products with the score."""
        mixture = mixture_at(u)
        mean, slopes = np.zeros(len(powers)), np.zeros((len(powers), len(u)))
        for k in range(2):
            x = mixture.means_cm[k] + mixture.sds_cm[k] * standard
            weighted = (mixture.shares[k] * masses)[:, None] * x[:, None] ** powers
            mean += weighted.sum(axis=0)
            slopes += weighted.T @ complete_scores(mixture, x)[k]
        return mean, slopes

    return Equations(
        coordinates(Mixture(*np.split(theta, 3))),
        free,
        sample.strata,
        sample.people,
        lambda u: of_people - expected(u)[0],
        lambda u: expected(u)[1] @ free,
        lambda u: in_cm(mixture_at(u), sample),
        sample.scale_cm,
    )
