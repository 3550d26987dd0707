"""The truth of a population, and whether a model can hold it."""

import numpy as np

from stature.domain.mixture import Mixture
from stature.domain.model import Model
from stature.domain.population import Population


def true_mixture(population: Population) -> Mixture:
    """The truth of a population as a mixture.

    Its shares, means and SDs, in the order of its means.
    """
    return Mixture(population.shares, population.means_cm, population.sds_cm)


def contains_truth(model: Model, population: Population) -> bool:
    """Whether a model allows the population's own shares and SDs.

    False if it holds unequal SDs for equal, or groups for other than normal, or is told other
    numbers than the truth.
    """
    if model.freedom:
        return False
    if model.sds == "equal" and np.ptp(population.sds_cm) > 0.0:
        return False
    told = (
        (model.shares, model.assumed_shares, population.shares),
        (model.sds, model.assumed_sds_cm, population.sds_cm),
    )
    return all(
        rule != "known" or assumed is None or np.array_equal(assumed, truth)
        for rule, assumed, truth in told
    )
