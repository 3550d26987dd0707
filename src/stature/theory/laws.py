"""Laws: how the recorded heights of each group are distributed under a bias.

A law is a set of nodes with a probability mass for each group, so that an expectation is a
weighted sum: quadrature for normal groups, and the people themselves for a data file. It draws
nothing and knows the same rules as the sampling (`stature.domain.bias`).
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import Bias, Step, steps_of
from stature.domain.labelling import Labelling
from stature.domain.model import Sampling
from stature.domain.population import Pool, Population
from stature.theory.passages import passed


@dataclass(frozen=True, slots=True)
class Law:
    """Distribution of recorded heights in a sample, group by group."""

    nodes_cm: Floats  # shape (m,): heights in cm
    # shape (k, m): probability of each node in each group; rows sum to 1, or to 0 where nobody is
    # kept
    masses: Floats
    shares: Floats  # shape (k,): shares of the groups in the sample
    # shape (k,): probability that a person of each group, once met, is kept
    kept: Floats
    # widest gap between quadrature nodes in cm; 0 where the law itself is discrete
    resolution_cm: float

    @property
    def weights(self) -> Floats:
        """Probability of each node in the whole sample, shape (m,)."""
        return self.shares @ self.masses


def biased_law(
    population: Population, bias: Bias, sampling: Sampling, pool: Pool | None = None
) -> Law:
    """Law of the recorded heights of a scenario.

    Parameters
    ----------
    population : Population
        Where people come from.
    bias : Bias
        How the sample departs from it.
    sampling : {"stratified", "random"}
        Stratified samples keep the population's shares; in random ones they shift with the
        chance of being kept.
    pool : Pool, optional
        The people of an empirical population; needed if and only if the population is one.

    Returns
    -------
    Law
        Nodes, masses of each group, shares.

    Raises
    ------
    ValueError
        If the pool is missing, or given for a population of normal groups.

    Notes
    -----
    Heights go through the steps of the bias as they do when people are drawn; see
    `stature.theory.passages`. Shares of a random sample are ``pi_k E_k / sum pi_l E_l``, with E_k
    the chance of being kept. Where a bias shifts whole classes, this is the law of one person.
    """
    steps = tuple(step for step in steps_of(bias) if not isinstance(step, Labelling))
    return law_of_kept(population, steps, sampling, pool)


def law_of_kept(
    population: Population, steps: tuple[Step, ...], sampling: Sampling, pool: Pool | None
) -> Law:
    """Law after some steps, where who has no label is turned away."""
    if (pool is None) != (population.data is None):
        raise ValueError(
            f"population {population.name!r}: a pool of people goes with a data file, "
            "and with nothing else"
        )
    nodes_cm, masses, resolution_cm = passed(population, steps, pool)
    kept = masses.sum(axis=1)
    masses = masses / np.where(kept > 0.0, kept, 1.0)[:, None]
    shares = population.shares
    if sampling == "random" and kept.any():
        shares = shares * kept / (shares @ kept)
    return Law(nodes_cm, masses, shares, kept, resolution_cm)
