"""Laws: how the recorded heights of each group are distributed under a bias.

A law is a set of nodes with a probability mass for each group, so that an expectation is a
weighted sum: quadrature for normal groups, and the people themselves for a data file. It draws
nothing and knows the same rules as the sampling (`stature.domain.bias`).
"""

from dataclasses import dataclass
from math import erf, erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from stature.domain.bias import Bias, Rounding, Selection, Truncation, keep_probability, recorded_cm
from stature.domain.mixture import Mixture
from stature.domain.model import Sampling
from stature.domain.population import Pool, Population

REACH_SDS = 12.0  # a normal holds 4e-33 of its mass farther out
STEPS_PER_SD = 5.0  # the trapezoid rule's error is exp(-2 pi^2 25): nothing
STEPS_PER_STRIP = 16.0  # its error for a strip of half-width R is exp(-2 pi 16): nothing
PANELS_PER_SD = 2.0
NODES_PER_PANEL = 12  # exact to 1e-16 on half an SD, and room for limits with smaller SDs
FINEST_ROUNDING_SDS = 1e-3  # finer steps change a variance by less than 1e-7 of itself


@dataclass(frozen=True, slots=True)
class Law:
    """Distribution of recorded heights in a sample, group by group.

    Attributes
    ----------
    nodes_cm : array, shape (m,)
        Heights in cm.
    masses : array, shape (k, m)
        Probability of each node in each group; rows sum to 1, or to 0 where nobody is kept.
    shares : array, shape (k,)
        Shares of the groups in the sample.
    kept : array, shape (k,)
        Probability that a person of each group, once met, is kept.
    resolution_cm : float
        Widest gap between quadrature nodes in cm; 0 where the law itself is discrete.
    """

    nodes_cm: NDArray[np.float64]
    masses: NDArray[np.float64]
    shares: NDArray[np.float64]
    kept: NDArray[np.float64]
    resolution_cm: float

    @property
    def weights(self) -> NDArray[np.float64]:
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
    Smooth laws: trapezoid rule on ``[min(mu - 12 sd), max(mu + 12 sd)]``, exponentially accurate
    for integrands analytic in a strip [1]_. Cuts: Gauss-Legendre panels between them. Rounding:
    one node for each cell. Shares of a random sample are ``pi_k E_k / sum pi_l E_l``.

    References
    ----------
    .. [1] Trefethen & Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Rev. 56.
    """
    if (pool is None) != (population.data is None):
        raise ValueError(
            f"population {population.name!r}: a pool of people goes with a data file, "
            "and with nothing else"
        )
    if pool is not None:
        nodes_cm, masses = _people(population, bias, pool)
        resolution_cm = 0.0
    elif (
        isinstance(bias, Rounding) and bias.step_cm > FINEST_ROUNDING_SDS * population.sds_cm.min()
    ):
        nodes_cm, masses = _cells(population, bias)
        resolution_cm = 0.0
    else:
        nodes_cm, masses = _smooth(population, bias)
        resolution_cm = float(np.diff(nodes_cm).max(initial=0.0))
    kept = masses.sum(axis=1)
    masses = masses / np.where(kept > 0.0, kept, 1.0)[:, None]
    shares = population.shares
    if sampling == "random" and kept.any():
        shares = shares * kept / (shares @ kept)
    return Law(nodes_cm, masses, shares, kept, resolution_cm)


def trapezoid(mixture: Mixture, nodes: int | None = None) -> tuple[NDArray[np.float64], float]:
    """Nodes for expectations under a mixture of normals.

    Parameters
    ----------
    mixture : Mixture
        The mixture.
    nodes : int, optional
        Number of nodes; by default as many as its SDs and its strip of analyticity ask for.

    Returns
    -------
    nodes_cm : array, shape (m,)
        Equidistant heights in cm, 12 SDs beyond the means on both sides.
    step_cm : float
        Their distance in cm, the weight of each.
    """
    low = float(np.min(mixture.means_cm - REACH_SDS * mixture.sds_cm))
    high = float(np.max(mixture.means_cm + REACH_SDS * mixture.sds_cm))
    step = min(float(mixture.sds_cm.min()) / STEPS_PER_SD, strip_cm(mixture) / STEPS_PER_STRIP)
    count = int(np.ceil((high - low) / step)) + 1 if nodes is None else nodes
    return np.linspace(low, high, count), (high - low) / (count - 1)


def strip_cm(mixture: Mixture) -> float:
    """Half-width of the strip around the real line on which the log-density is analytic.

    Parameters
    ----------
    mixture : Mixture
        A mixture of normals.

    Returns
    -------
    float
        Half-width in cm; infinite if no two groups differ.

    Notes
    -----
    The density of two groups is zero where their log-odds ``a + b x + c x^2`` are ``i pi``; other
    odd multiples lie farther out. More groups: the smallest over pairs, an approximation.
    """
    v = mixture.sds_cm**2
    smallest = np.inf
    for j in range(len(v)):
        for k in range(j):
            gap = mixture.means_cm[j] - mixture.means_cm[k]
            log_odds = np.log(mixture.shares[j] / mixture.shares[k]) - 0.5 * np.log(v[j] / v[k])
            # Around the mean of group k, so that nothing large cancels.
            a, b, c = log_odds - gap**2 / (2 * v[j]), gap / v[j], (1 / v[k] - 1 / v[j]) / 2
            roots = np.roots([c, b, a - 1j * np.pi])
            smallest = min(smallest, float(np.abs(roots.imag).min(initial=np.inf)))
    return smallest


def _smooth(population: Population, bias: Bias) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and unnormalised masses, shapes (m,) and (k, m), of normal groups, kept or not."""
    mixture = Mixture(population.shares, population.means_cm, population.sds_cm)
    if isinstance(bias, Truncation):
        nodes_cm, weights = _panels(mixture, bias)
    else:
        nodes_cm, step = trapezoid(mixture)
        if isinstance(bias, Selection) and bias.log_odds_per_cm != 0.0:
            # The logistic curve has poles at a distance of pi / slope from the real line.
            widest = np.pi / abs(bias.log_odds_per_cm) / STEPS_PER_STRIP
            if widest < step:
                finer = int(np.ceil((nodes_cm[-1] - nodes_cm[0]) / widest)) + 1
                nodes_cm, step = trapezoid(mixture, finer)
        weights = np.full(len(nodes_cm), step)
    standard = (nodes_cm - mixture.means_cm[:, None]) / mixture.sds_cm[:, None]
    density = np.exp(-0.5 * standard**2) / (np.sqrt(2 * np.pi) * mixture.sds_cm[:, None])
    return nodes_cm, weights * density * _keep(population, bias, nodes_cm)


def _panels(mixture: Mixture, cut: Truncation) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes and weights between the cuts; a node nobody reaches if none is left."""
    low = float(np.min(mixture.means_cm - REACH_SDS * mixture.sds_cm))
    high = float(np.max(mixture.means_cm + REACH_SDS * mixture.sds_cm))
    low = low if cut.below_cm is None else max(low, cut.below_cm)
    high = high if cut.above_cm is None else min(high, cut.above_cm)
    if low >= high:
        return np.array([low]), np.zeros(1)
    width = min(float(mixture.sds_cm.min()), strip_cm(mixture)) / PANELS_PER_SD
    edges = np.linspace(low, high, int(np.ceil((high - low) / width)) + 1)
    points, weights = np.polynomial.legendre.leggauss(NODES_PER_PANEL)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + points)).ravel(), (half * weights).ravel()


def _cells(
    population: Population, bias: Rounding
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One node for each multiple of the step, with the normal probabilities of its cell."""
    reach = REACH_SDS * population.sds_cm
    low = np.floor(np.min(population.means_cm - reach) / bias.step_cm)
    high = np.ceil(np.max(population.means_cm + reach) / bias.step_cm)
    multiples = np.arange(low, high + 1)
    edges = (np.append(multiples, high + 1) - 0.5) * bias.step_cm
    masses = [
        interval_probability((edges[:-1] - group.mean_cm) / group.sd_cm,
                             (edges[1:] - group.mean_cm) / group.sd_cm)
        for group in population.groups
    ]  # fmt: skip
    return multiples * bias.step_cm, np.array(masses)


def interval_probability(
    lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability of a standard normal between two points.

    Parameters
    ----------
    lower, upper : array, shape (m,)
        Ends of the intervals, ``lower <= upper``.

    Returns
    -------
    array, shape (m,)
        ``Phi(upper) - Phi(lower)``, each tail measured from its own end, so that far out nothing
        is lost by subtracting numbers near 1.
    """
    flip = lower > 0.0
    a, b = np.where(flip, -upper, lower) / sqrt(2), np.where(flip, -lower, upper) / sqrt(2)
    tail = np.array([(erfc(-y) - erfc(-x)) / 2 for x, y in zip(a, b, strict=True)])
    middle = np.array([(erf(y) - erf(x)) / 2 for x, y in zip(a, b, strict=True)])
    return np.where(b > 0.0, middle, tail)


def _people(
    population: Population, bias: Bias, pool: Pool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recorded heights that occur, and the share of each group that is met there and kept."""
    recorded = [recorded_cm(bias, heights_cm) for heights_cm in pool.heights_cm]
    nodes_cm = np.unique(np.concatenate(recorded))
    masses = np.zeros((len(recorded), len(nodes_cm)))
    for k, (name, true_cm) in enumerate(zip(population.group_names, pool.heights_cm, strict=True)):
        chance = keep_probability(bias, true_cm, name, population.mean_cm) / len(true_cm)
        masses[k] = np.bincount(
            np.searchsorted(nodes_cm, recorded[k]), weights=chance, minlength=len(nodes_cm)
        )
    return nodes_cm, masses


def _keep(population: Population, bias: Bias, nodes_cm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance of being kept at each node in each group, shape (k, m)."""
    return np.array(
        [
            keep_probability(bias, nodes_cm, name, population.mean_cm)
            for name in population.group_names
        ]
    )
