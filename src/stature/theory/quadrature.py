"""Quadrature: nodes on which the steps that are left of a bias act without an error.

A set of nodes is as fine as the narrowest thing on it, and is cut wherever a step jumps or bends.

References
----------
.. [1] Trefethen & Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Rev. 56.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from stature.arrays import Bools, Floats
from stature.domain.bias import (
    Classes,
    Coding,
    Contamination,
    Heaping,
    MissingLabels,
    ProbitSelection,
    Rounding,
    Selection,
    SelfReport,
    SizeBias,
    Step,
    Tilt,
    Truncation,
    cap_cm,
)
from stature.domain.mixture import Mixture
from stature.domain.population import Population

REACH_SDS = 12.0  # a normal holds 4e-33 of its mass farther out
STEPS_PER_SD = 5.0  # the trapezoid rule's error is exp(-2 pi^2 25): nothing
STEPS_PER_STRIP = 16.0  # its error for a strip of half-width R is exp(-2 pi 16): nothing
PANELS_PER_SD = 2.0
NODES_PER_PANEL = 12  # exact to 1e-16 on half an SD, and room for limits with smaller SDs
NARROW = 0.3  # panels below so much of the widest are as exact with
NODES_PER_NARROW_PANEL = 4
MOST_EVEN = 4000  # nodes; where they would be more, something narrow is beside something wide
MOST_PAIRED = 6  # normals whose strip of analyticity is looked for; more come of noise on nodes
MOST_AT_ONCE = 1 << 22  # densities that are held in memory


@dataclass(frozen=True, slots=True)
class Normals:
    """A mixture of normals."""

    # shape (c,): probability of each normal; their sum is the chance of being kept so far
    masses: Floats
    means_cm: Floats  # shape (c,): means and SDs in cm
    sds_cm: Floats


@dataclass(frozen=True, slots=True)
class Points:
    """Heights with probabilities."""

    heights_cm: Floats  # shape (m,): heights in cm
    # shape (m,): their probabilities; the sum is the chance of being kept so far
    masses: Floats


GroupDistribution = Normals | Points


def noise_cm(step: Step, group: str) -> tuple[float, float]:
    """Mean and SD of the normal noise that a step adds to heights."""
    match step:
        case SelfReport(shift_cm=shift, sd_cm=sd) if step.group in ("", group):
            return shift, sd
        case Classes(shift_sd_cm=sd):
            return 0.0, sd
        case _:
            return 0.0, 0.0


def blurs(step: Step) -> bool:
    """Whether a step adds noise."""
    if isinstance(step, SelfReport):
        return step.sd_cm > 0.0
    return isinstance(step, Classes) and step.shift_sd_cm > 0.0


def spread(
    population: Population, groups: Sequence[GroupDistribution], left: Sequence[Step]
) -> tuple[list[GroupDistribution], float]:
    """Spread normals over one set of nodes that serves the steps that are left.

    There is a distribution for each group, or a single one of outliers; points stay as they are.
    Returned with the widest gap between nodes in cm, of those in the narrowest normal. Where
    nothing jumps: the trapezoid rule on ``[min(mu - 12 sd), max(mu + 12 sd)]``, exponentially
    accurate for integrands that are analytic in a strip [1]_. Else Gauss-Legendre panels between
    the jumps; and where either would take too many nodes, panels that are narrow only where they
    have to be.
    """
    normals = [one for one in groups if isinstance(one, Normals) and len(one.masses)]
    if not normals:
        nobody = Points(np.zeros(1), np.zeros(1))
        return [nobody if isinstance(one, Normals) else one for one in groups], 0.0
    means_cm = np.concatenate([one.means_cm for one in normals])
    sds_cm = np.concatenate([one.sds_cm for one in normals])
    low = float(np.min(means_cm - REACH_SDS * sds_cm))
    high = float(np.max(means_cm + REACH_SDS * sds_cm))
    scale, zeros_cm = float(sds_cm.min()), np.empty(0, np.complex128)
    if len(groups) == len(population.groups) and len(means_cm) <= MOST_PAIRED:
        weights = [
            share * one.masses
            for share, one in zip(population.shares, groups, strict=True)
            if isinstance(one, Normals)
        ]
        zeros_cm = zeros(Mixture(np.concatenate(weights), means_cm, sds_cm))
    strip, shortest = float(np.abs(zeros_cm.imag).min(initial=np.inf)), np.inf
    for step in left:
        lengths = _lengths_cm(step)
        scale, strip = min(scale, lengths[0]), min(strip, lengths[1])
        shortest = min(shortest, *lengths)
        if blurs(step):
            break
    edges = [edge for edge in _jumps(list(left), population, low, high) if low < edge < high]
    panel = min(scale, strip) / PANELS_PER_SD
    widest = min(scale / STEPS_PER_SD, strip / STEPS_PER_STRIP)
    if (high - low) / (panel / NODES_PER_PANEL if edges else widest) > MOST_EVEN:

        def room_cm(x: float) -> float:
            """Width of a panel from a height on that is exact to rounding."""
            of_normals = np.maximum(sds_cm, np.abs(x - means_cm) - REACH_SDS * sds_cm)
            of_zeros = np.abs(x - zeros_cm).min(initial=shortest) / PANELS_PER_SD
            return min(float(of_normals.min()), float(of_zeros))

        nodes_cm, weights_cm = _graded(low, [*sorted(edges), high], room_cm)
    elif edges:
        nodes_cm, weights_cm = panels(low, high, panel, edges)
    else:
        nodes_cm = np.linspace(low, high, int(np.ceil((high - low) / widest)) + 1)
        weights_cm = np.full(len(nodes_cm), (high - low) / (len(nodes_cm) - 1))
    points: list[GroupDistribution] = [
        Points(nodes_cm, weights_cm * _density(one, nodes_cm)) if isinstance(one, Normals) else one
        for one in groups
    ]
    return points, gap_at(float(means_cm[sds_cm.argmin()]), float(sds_cm.min()), nodes_cm)


def gap_at(mean: float, sd: float, nodes: Floats) -> float:
    """Widest gap between neighbours of sorted nodes within an SD of a mean."""
    first, last = np.searchsorted(nodes, [mean - sd, mean + sd])
    return float(np.diff(nodes[max(first - 1, 0) : last + 1]).max(initial=0.0))


def zeros(mixture: Mixture) -> NDArray[np.complex128]:
    """Complex heights in cm at which the density of two groups is zero, and its log not analytic.

    None if no two groups differ. The density of two groups is zero where their log-odds ``a + b x +
    c x^2`` are ``i pi``; other odd multiples lie farther out. More groups: those of all pairs, an
    approximation.
    """
    shares, means_cm, sds_cm, v = (
        mixture.shares,
        mixture.means_cm,
        mixture.sds_cm,
        mixture.sds_cm**2,
    )
    found = [np.empty(0, np.complex128)]
    for j, k in combinations(range(len(v))[::-1], 2):
        gap = means_cm[j] - means_cm[k]
        # Where two normals far apart are equally likely there is nobody.
        far = abs(gap) >= REACH_SDS * (sds_cm[j] + sds_cm[k])
        if far or not (shares[j] > 0.0 and shares[k] > 0.0):
            continue
        log_odds = np.log(shares[j] / shares[k]) - 0.5 * np.log(v[j] / v[k])
        # Around the mean of group k, so that nothing large cancels.
        a, b, c = log_odds - gap**2 / (2 * v[j]), gap / v[j], (1 / v[k] - 1 / v[j]) / 2
        found.append(means_cm[k] + np.roots([c, b, a - 1j * np.pi]))
    return np.concatenate(found)


def _lengths_cm(step: Step) -> tuple[float, float]:
    """Lengths in cm to be resolved: of the SD of a bell, and of a distance to the nearest pole."""
    match step:
        case Selection(log_odds_per_cm=slope) | MissingLabels(log_odds_per_cm=slope) if (
            slope != 0.0
        ):
            # The logistic curve has poles at a distance of pi / slope from the real line.
            return np.inf, np.pi / abs(slope)
        case Tilt(log_weight_per_cm=slope) if slope != 0.0:
            return np.inf, 2.0 / abs(slope)
        case ProbitSelection(spread_cm=spread):
            return spread, np.inf
        case SelfReport(sd_cm=sd) | Classes(shift_sd_cm=sd) if sd > 0.0:
            return sd, np.inf
        case _:
            return np.inf, np.inf


def _jumps(
    left: Sequence[Step], population: Population, low_cm: float, high_cm: float
) -> set[float]:
    """Heights in cm, now, at which something jumps or bends in the steps that are left."""
    if not left:
        return set()
    step, rest = left[0], left[1:]
    everybody = not isinstance(step, SelfReport) or not step.group
    if blurs(step) and everybody:
        return set()
    # Where heights move, later jumps are looked for in a range that moves along.
    move = step.shift_cm if isinstance(step, SelfReport) else 0.0
    factor = step.factor if isinstance(step, Contamination) and step.factor is not None else 1.0
    ends = [low_cm, high_cm, low_cm + move, high_cm + move, low_cm * factor, high_cm * factor]
    later = _jumps(rest, population, min(ends), max(ends))
    jumps = {edge for later_edge in later for edge in (later_edge, later_edge - move)}
    jumps |= {edge / factor for edge in later}
    return jumps | set(_own_jumps(step, population, low_cm, high_cm))


def _own_jumps(
    step: Step, population: Population, low_cm: float, high_cm: float
) -> Iterator[float]:
    """Heights in cm at which a step jumps or bends."""
    match step:
        case Truncation(below_cm=below, above_cm=above) | Coding(below_cm=below, above_cm=above):
            yield from (cut for cut in (below, above) if cut is not None)
        case Tilt():
            yield cap_cm(step, population)
        case SizeBias():
            yield from (0.0, cap_cm(step, population))
        case Rounding(step_cm=width):
            yield from _cell_edges(width, low_cm, high_cm)
        case Heaping(grids=grids):
            for grid in grids:
                yield from _cell_edges(grid.step_cm, low_cm, high_cm)
        case _:
            return


def _cell_edges(width_cm: float, low_cm: float, high_cm: float) -> list[float]:
    """Edges in cm of the cells that are rounded to one multiple of a step."""
    cells = np.arange(np.floor(low_cm / width_cm), np.ceil(high_cm / width_cm) + 1)
    return ((cells + 0.5) * width_cm).tolist()


def _density(normals: Normals, nodes_cm: Floats) -> Floats:
    """Density per cm of a mixture of normals at nodes, shape (m,)."""
    density = np.zeros(len(nodes_cm))
    height = normals.masses / (np.sqrt(2 * np.pi) * normals.sds_cm)
    at_once = max(MOST_AT_ONCE // len(nodes_cm), 1)
    for first in range(0, len(normals.masses), at_once):
        some = slice(first, first + at_once)
        standard = (nodes_cm - normals.means_cm[some, None]) / normals.sds_cm[some, None]
        density += height[some] @ np.exp(-0.5 * standard**2)
    return density


def _graded(
    low_cm: float, stops_cm: list[float], room_cm: Callable[[float], float]
) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes on panels as wide as there is room for, cut at given heights."""
    ends, room = [low_cm], list[float]()
    for stop in stops_cm:
        while ends[-1] < stop:
            room.append(room_cm(ends[-1]))
            ends.append(min(ends[-1] + room[-1], stop))
    width = np.diff(ends)
    return _gauss(np.array(ends[:-1]), width, width < NARROW * np.array(room))


def panels(
    low_cm: float, high_cm: float, widest_cm: float, edges_cm: Iterable[float]
) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes on an interval that is cut at given heights, shape (m,)."""
    inside = [edge for edge in edges_cm if low_cm < edge < high_cm]
    ends = np.unique(np.array([low_cm, *inside, high_cm]))
    gaps = np.diff(ends)
    parts = np.maximum(np.ceil(gaps / widest_cm), 1.0).astype(np.int64)
    width = np.repeat(gaps / parts, parts)
    # Places of the parts of each gap: 0, 1, …, n - 1, one gap after another.
    place = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    left = np.repeat(ends[:-1], parts) + width * place
    return _gauss(left, width, width < NARROW * widest_cm)


def _gauss(left_cm: Floats, width_cm: Floats, is_narrow: Bools) -> tuple[Floats, Floats]:
    """Nodes and weights of panels; fewer in those that are narrower than they need to be."""
    nodes_cm: list[Floats] = []
    weights_cm: list[Floats] = []
    for chosen, count in ((is_narrow, NODES_PER_NARROW_PANEL), (~is_narrow, NODES_PER_PANEL)):
        points, weights = np.polynomial.legendre.leggauss(count)
        half = width_cm[chosen, None] / 2
        nodes_cm.append((left_cm[chosen, None] + half * (1 + points)).ravel())
        weights_cm.append((half * weights).ravel())
    order = np.argsort(np.concatenate(nodes_cm), kind="stable")
    return np.concatenate(nodes_cm)[order], np.concatenate(weights_cm)[order]
