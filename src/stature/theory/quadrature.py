"""Quadrature: nodes for expectations under normals, smooth or cut into pieces."""

from collections.abc import Iterable

import numpy as np

from stature.arrays import Floats, Ints
from stature.domain.mixture import Mixture

REACH_SDS = 12.0  # a normal holds 4e-33 of its mass farther out
STEPS_PER_SD = 5.0  # the trapezoid rule's error is exp(-2 pi^2 25): nothing
STEPS_PER_STRIP = 16.0  # its error for a strip of half-width R is exp(-2 pi 16): nothing
PANELS_PER_SD = 2.0
NODES_PER_PANEL = 12  # exact to 1e-16 on half an SD, and room for limits with smaller SDs
NARROW = 0.3  # panels below so much of the widest are as exact with
NODES_PER_NARROW_PANEL = 4


def trapezoid(mixture: Mixture, nodes: int | None = None) -> tuple[Floats, float]:
    """Nodes for expectations under a mixture of normals.

    Returns nodes_cm: equidistant heights in cm, 12 SDs beyond the means on both sides; step_cm:
    their distance in cm, the weight of each.
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


def panels(
    low_cm: float, high_cm: float, widest_cm: float, edges_cm: Iterable[float]
) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes on an interval that is cut at given heights, shape (m,)."""
    inside = [edge for edge in edges_cm if low_cm < edge < high_cm]
    ends = np.unique(np.array([low_cm, *inside, high_cm]))
    gaps = np.diff(ends)
    parts = np.maximum(np.ceil(gaps / widest_cm), 1.0).astype(np.int64)
    width = np.repeat(gaps / parts, parts)
    left = np.repeat(ends[:-1], parts) + width * _counted(parts)
    is_narrow = width < NARROW * widest_cm
    nodes_cm: list[Floats] = []
    weights_cm: list[Floats] = []
    for chosen, count in ((is_narrow, NODES_PER_NARROW_PANEL), (~is_narrow, NODES_PER_PANEL)):
        points, weights = np.polynomial.legendre.leggauss(count)
        half = width[chosen, None] / 2
        nodes_cm.append((left[chosen, None] + half * (1 + points)).ravel())
        weights_cm.append((half * weights).ravel())
    order = np.argsort(np.concatenate(nodes_cm), kind="stable")
    return np.concatenate(nodes_cm)[order], np.concatenate(weights_cm)[order]


def _counted(parts: Ints) -> Ints:
    """0, 1, …, n - 1 for each count n of a list, one after another."""
    return np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
