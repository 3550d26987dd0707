"""Goodness of fit on a table of cells: expected counts, and Pearson's chi-square.

The smallest cells are joined with their neighbours until each expects five people or more, which is
what the distribution of chi-square needs [1]_. The first and the last of the joined cells reach to
infinity, or to the cut beyond which nobody could be measured, so that their probabilities sum to 1.

References
----------
.. [1] Cochran (1954), Some methods for strengthening the common chi-square tests, Biometrics 10.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr

from stature.arrays import Floats
from stature.domain.observation import Truncated

FEWEST_EXPECTED = 5.0
OUTSIDE_ONE_CELL = 1e-6


@dataclass(frozen=True, slots=True)
class Goodness:
    """How well a mixture fits a table."""

    expected: Floats  # (m,): people that it expects in each cell of the table
    chi_square: float  # Pearson's statistic of the joined cells
    cells: int  # how many of these there are
    freedom: int  # cells less one, less the free parameters; below 1 there is no test
    p_value: float  # probability of a larger statistic; NaN where there is no test


def goodness(
    theta: Floats,
    lower_cm: Floats,
    upper_cm: Floats,
    count: Floats,
    free: int,
    cut: Truncated | None = None,
) -> Goodness:
    """Compare a table with what a mixture expects."""
    people = float(count.sum())
    ends = (-np.inf, np.inf)
    if cut is not None:
        below, above = cut.below_cm, cut.above_cm
        ends = (-np.inf if below is None else below, np.inf if above is None else above)
    chance = probabilities(theta, np.array([ends[0]]), np.array([ends[1]]))[0]
    expected = people * probabilities(theta, lower_cm, upper_cm) / chance
    edges = joined_edges(theta, np.append(lower_cm, upper_cm[-1]), ends, people / chance)
    wide = people * probabilities(theta, edges[:-1], edges[1:]) / chance
    place = np.searchsorted(edges[1:-1], lower_cm, side="right")
    observed = np.bincount(place, count, len(wide))
    chi_square = float(((observed - wide) ** 2 / wide).sum())
    freedom = len(wide) - 1 - free
    p_value = float(chdtrc(freedom, chi_square)) if freedom > 0 else math.nan
    return Goodness(expected, chi_square, len(wide), freedom, p_value)


def probabilities(theta: Floats, lower: Floats, upper: Floats) -> Floats:
    """Probability of each cell under a mixture, shape (m,).

    Examples
    --------
    >>> normal = np.array([1.0, 0.0, 1.0])
    >>> probabilities(normal, np.array([-np.inf]), np.array([0.0]))
    array([0.5])
    """
    shares, means, sds = np.split(theta, 3)
    return _masses(lower, upper, means, sds) @ shares


def _masses(lower: Floats, upper: Floats, means: Floats, sds: Floats) -> Floats:
    """Probability of each cell under each group, from the nearer tail, shape (m, k)."""
    a, b = (lower[:, None] - means) / sds, (upper[:, None] - means) / sds
    flip = a > 0.0
    return ndtr(np.where(flip, -a, b)) - ndtr(np.where(flip, -b, a))


def in_one_cell(theta: Floats, lower: Floats, upper: Floats) -> bool:
    """Whether all but 1e-6 of a group lie in one closed cell, so that nothing tells its SD."""
    _, means, sds = np.split(theta, 3)
    closed = np.isfinite(lower) & np.isfinite(upper)
    if not (closed.any() and np.isfinite(theta).all()):
        return False
    mass = _masses(lower[closed], upper[closed], means, sds)
    return bool((mass.max(axis=0) > 1.0 - OUTSIDE_ONE_CELL).any())


def joined_edges(theta: Floats, edges: Floats, ends: tuple[float, float], people: float) -> Floats:
    """Edges of cells joined, from the lowest on, until each expects five people, shape (c + 1,)."""
    kept, inner = [ends[0]], edges[1:-1].tolist()
    for edge in inner:
        so_far = probabilities(theta, np.array([kept[-1]]), np.array([edge]))[0]
        if people * so_far >= FEWEST_EXPECTED:
            kept.append(edge)
    last = probabilities(theta, np.array([kept[-1]]), np.array([ends[1]]))[0]
    while people * last < FEWEST_EXPECTED and len(kept) > 1:
        kept.pop()
        last = probabilities(theta, np.array([kept[-1]]), np.array([ends[1]]))[0]
    return np.array([*kept, ends[1]])
