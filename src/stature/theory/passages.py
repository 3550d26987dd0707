"""Passages: the law of a group's heights, taken through the steps of a bias one after another.

A law is either a mixture of normals, known exactly, or nodes with masses. Steps that keep normals
normal (noise, a shift shared by a class, another unit, other people, a group that answers less
often) change the parameters alone. Before the first other step the normals are spread over
quadrature nodes, cut wherever a later step jumps; from then on steps move nodes and masses, as they
move people. Noise added to nodes makes normals again, one about each node.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stature.domain.bias import Step, keep_probability, selects
from stature.domain.mixture import Mixture
from stature.domain.population import Pool, Population
from stature.domain.recording import (
    Chance,
    Classes,
    Coding,
    Contamination,
    Heaping,
    Rounding,
    SelfReport,
    rounded_cm,
    written_cm,
)
from stature.domain.selecting import (
    Nonresponse,
    ProbitSelection,
    Selection,
    SizeBias,
    Tilt,
    Truncation,
    cap_cm,
)
from stature.theory.quadrature import (
    PANELS_PER_SD,
    REACH_SDS,
    STEPS_PER_SD,
    STEPS_PER_STRIP,
    panels,
    strip_cm,
)

FINEST_ROUNDING_SDS = 1e-3  # finer steps change a variance by less than 1e-7 of itself
MOST_PAIRED = 6  # normals whose strip of analyticity is looked for; more come of noise on nodes
MOST_AT_ONCE = 1 << 22  # densities that are held in memory


@dataclass(frozen=True, slots=True)
class Normals:
    """A mixture of normals.

    Attributes
    ----------
    masses : array, shape (c,)
        Probability of each normal; their sum is the chance of being kept so far.
    means_cm, sds_cm : array, shape (c,)
        Means and SDs in cm.
    """

    masses: NDArray[np.float64]
    means_cm: NDArray[np.float64]
    sds_cm: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Points:
    """Heights with probabilities.

    Attributes
    ----------
    heights_cm : array, shape (m,)
        Heights in cm.
    masses : array, shape (m,)
        Their probabilities; the sum is the chance of being kept so far.
    """

    heights_cm: NDArray[np.float64]
    masses: NDArray[np.float64]


GroupLaw = Normals | Points


def passed(
    population: Population, steps: Sequence[Step], pool: Pool | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Recorded heights of each group after all steps of a bias.

    Parameters
    ----------
    population : Population
        Where people come from.
    steps : sequence of Step
        The steps, in their order.
    pool : Pool or None
        The people of an empirical population.

    Returns
    -------
    heights_cm : array, shape (m,)
        Heights in cm, ascending.
    masses : array, shape (k, m)
        Probability that a person of each group, once met, is kept and written down so.
    resolution_cm : float
        Widest gap between quadrature nodes in cm; 0 where nothing is left but single heights.
    """
    names, left = population.group_names, list(steps)
    laws: list[GroupLaw] = start(population, pool)
    resolution_cm = 0.0
    while True:
        while left and _keeps_normals(left[0]) and all(isinstance(law, Normals) for law in laws):
            step = left.pop(0)
            laws = [
                _normals_after(step, law, name)
                for law, name in zip(laws, names, strict=True)
                if isinstance(law, Normals)
            ]
        if any(isinstance(law, Normals) for law in laws):
            left = [step for step in left if not _is_too_fine(step, population)]
            laws, resolution_cm = _spread(population, laws, left)
        while left and not _blurs(left[0]):
            step = left.pop(0)
            others = None
            if isinstance(step, Rounding):
                resolution_cm = 0.0
            if isinstance(step, Contamination) and step.others is not None:
                mean_cm, sd_cm = step.others
                one = Normals(np.ones(1), np.array([mean_cm]), np.array([sd_cm]))
                (others,), resolution_cm = _spread(population, [one], left)
            laws = [
                points_after(step, law, name, population, others)
                for law, name in zip(laws, names, strict=True)
                if isinstance(law, Points)
            ]
        if not left:
            return *_together([law for law in laws if isinstance(law, Points)]), resolution_cm
        step = left.pop(0)
        laws = [
            _blurred(step, law, name) if isinstance(law, Points) else law
            for law, name in zip(laws, names, strict=True)
        ]


def start(population: Population, pool: Pool | None) -> list[GroupLaw]:
    """Laws of the groups as they are met.

    Parameters
    ----------
    population : Population
        Where people come from.
    pool : Pool or None
        The people of an empirical population.

    Returns
    -------
    list of GroupLaw
        A normal for each group, or its people.
    """
    if pool is None:
        return [
            Normals(np.ones(1), np.array([group.mean_cm]), np.array([group.sd_cm]))
            for group in population.groups
        ]
    return [
        Points(heights_cm, np.full(len(heights_cm), 1.0 / len(heights_cm)))
        for heights_cm in pool.heights_cm
    ]


def points_after(
    step: Step, law: Points, group: str, population: Population, others: GroupLaw | None = None
) -> Points:
    """Points after a step that adds no noise.

    Parameters
    ----------
    step : Step
        The step.
    law : Points
        The law before it.
    group : str
        Name of the group.
    population : Population
        The population.
    others : GroupLaw, optional
        Points of the other people of a contamination; needed if it has some.

    Returns
    -------
    Points
        The law after it.
    """
    x, masses = law.heights_cm, law.masses
    if selects(step):
        return Points(x, masses * keep_probability(step, x, group, population))
    match step:
        case Heaping(grids=grids):
            shares = [1.0 - sum(grid.share for grid in grids), *(grid.share for grid in grids)]
            parts = [x, *(rounded_cm(x, grid.step_cm) for grid in grids)]
            return Points(
                np.concatenate(parts), np.concatenate([max(s, 0.0) * masses for s in shares])
            )
        case Contamination(share=share, factor=factor):
            strange_cm, strange = x * (1.0 if factor is None else factor), masses
            if isinstance(others, Points):
                strange_cm, strange = others.heights_cm, others.masses * masses.sum()
            return Points(
                np.concatenate([x, strange_cm]),
                np.concatenate([(1.0 - share) * masses, share * strange]),
            )
        case SelfReport() | Classes():
            silent = Chance(normal=np.zeros(1), of_class=np.zeros(1))
            return Points(written_cm(step, x, group, silent), masses)
        case _:
            return Points(written_cm(step, x, group, Chance()), masses)


def noise_cm(step: Step, group: str) -> tuple[float, float]:
    """Mean and SD of the normal noise that a step adds to heights.

    Parameters
    ----------
    step : Step
        The step.
    group : str
        Name of the group.

    Returns
    -------
    tuple of (float, float)
        In cm; zero for a group that it does not concern.
    """
    match step:
        case SelfReport(shift_cm=shift, sd_cm=sd) if step.group in ("", group):
            return shift, sd
        case Classes(shift_sd_cm=sd):
            return 0.0, sd
        case _:
            return 0.0, 0.0


def _keeps_normals(step: Step) -> bool:
    """Whether a mixture of normals is one after a step."""
    return isinstance(step, Nonresponse | SelfReport | Classes | Contamination)


def _blurs(step: Step) -> bool:
    """Whether a step adds noise."""
    if isinstance(step, SelfReport):
        return step.sd_cm > 0.0
    return isinstance(step, Classes) and step.shift_sd_cm > 0.0


def _normals_after(step: Step, law: Normals, group: str) -> Normals:
    """Normals after a step that keeps them normal."""
    if isinstance(step, Nonresponse) and step.group == group:
        return replace(law, masses=law.masses * step.answers)
    if isinstance(step, Contamination):
        factor = 1.0 if step.factor is None else step.factor
        strange = law.masses, law.means_cm * factor, law.sds_cm * factor
        if step.others is not None:
            strange = (law.masses.sum(), *step.others)
        weights = np.append((1.0 - step.share) * law.masses, step.share * strange[0])
        return Normals(
            weights, np.append(law.means_cm, strange[1]), np.append(law.sds_cm, strange[2])
        )
    shift_cm, sd_cm = noise_cm(step, group)
    return replace(law, means_cm=law.means_cm + shift_cm, sds_cm=np.hypot(law.sds_cm, sd_cm))


def _blurred(step: Step, law: Points, group: str) -> GroupLaw:
    """Normals about points: what noise makes of them."""
    shift_cm, sd_cm = noise_cm(step, group)
    if sd_cm == 0.0:
        return law
    likely = law.masses > 0.0
    heights_cm = law.heights_cm[likely]
    return Normals(law.masses[likely], heights_cm + shift_cm, np.full(len(heights_cm), sd_cm))


def _is_too_fine(step: Step, population: Population) -> bool:
    """Whether a step rounds so finely that no moment shows it."""
    finest_cm = FINEST_ROUNDING_SDS * float(population.sds_cm.min())
    if isinstance(step, Heaping):
        return all(grid.step_cm <= finest_cm for grid in step.grids)
    return isinstance(step, Rounding) and step.step_cm <= finest_cm


def _spread(
    population: Population, laws: Sequence[GroupLaw], left: Sequence[Step]
) -> tuple[list[GroupLaw], float]:
    """Points of laws on one grid that serves the steps that are left, and its widest gap in cm."""
    normals = [law for law in laws if isinstance(law, Normals) and len(law.masses)]
    if not normals:
        return [Points(np.zeros(1), np.zeros(1)) for _ in laws], 0.0
    means_cm = np.concatenate([law.means_cm for law in normals])
    sds_cm = np.concatenate([law.sds_cm for law in normals])
    low = float(np.min(means_cm - REACH_SDS * sds_cm))
    high = float(np.max(means_cm + REACH_SDS * sds_cm))
    scale, strip = float(sds_cm.min()), np.inf
    if len(laws) == len(population.groups) and len(means_cm) <= MOST_PAIRED:
        shares = np.concatenate(
            [
                share * law.masses
                for share, law in zip(population.shares, laws, strict=True)
                if isinstance(law, Normals)
            ]
        )
        possible = shares > 0.0
        strip = strip_cm(Mixture(shares[possible], means_cm[possible], sds_cm[possible]))
    for step in left:
        shortest, poles = _lengths_cm(step)
        scale, strip = min(scale, shortest), min(strip, poles)
        if _blurs(step):
            break
    edges = [edge for edge in _jumps(list(left), population, low, high) if low < edge < high]
    if edges:
        nodes_cm, weights_cm = panels(low, high, min(scale, strip) / PANELS_PER_SD, edges)
    else:
        widest = min(scale / STEPS_PER_SD, strip / STEPS_PER_STRIP)
        nodes_cm = np.linspace(low, high, int(np.ceil((high - low) / widest)) + 1)
        weights_cm = np.full(len(nodes_cm), (high - low) / (len(nodes_cm) - 1))
    spread: list[GroupLaw] = [
        Points(nodes_cm, weights_cm * _density(law, nodes_cm)) if isinstance(law, Normals) else law
        for law in laws
    ]
    return spread, float(np.diff(nodes_cm).max(initial=0.0))


def _lengths_cm(step: Step) -> tuple[float, float]:
    """Lengths in cm to be resolved: of the SD of a bell, and of a distance to the nearest pole."""
    match step:
        case Selection(log_odds_per_cm=slope) if slope != 0.0:
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
    if _blurs(step) and everybody:
        return set()
    # Where heights move, later jumps are looked for in a range that moves along.
    move = step.shift_cm if isinstance(step, SelfReport) else 0.0
    factor = step.factor if isinstance(step, Contamination) and step.factor is not None else 1.0
    ends = [low_cm, high_cm, low_cm + move, high_cm + move, low_cm * factor, high_cm * factor]
    later = _jumps(rest, population, min(ends), max(ends))
    found = {edge for later_edge in later for edge in (later_edge, later_edge - move)}
    found |= {edge / factor for edge in later}
    return found | set(_own_jumps(step, population, low_cm, high_cm))


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


def _density(law: Normals, nodes_cm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density per cm of a mixture of normals at nodes, shape (m,)."""
    density = np.zeros(len(nodes_cm))
    height = law.masses / (np.sqrt(2 * np.pi) * law.sds_cm)
    at_once = max(MOST_AT_ONCE // len(nodes_cm), 1)
    for first in range(0, len(law.masses), at_once):
        some = slice(first, first + at_once)
        standard = (nodes_cm - law.means_cm[some, None]) / law.sds_cm[some, None]
        density += height[some] @ np.exp(-0.5 * standard**2)
    return density


def _together(laws: Sequence[Points]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Heights at which any group has somebody, and the masses of all groups there."""
    possible = [law.heights_cm[law.masses > 0.0] for law in laws]
    heights_cm = np.unique(np.concatenate(possible))
    if not len(heights_cm):
        return laws[0].heights_cm[:1], np.zeros((len(laws), 1))
    masses = np.zeros((len(laws), len(heights_cm)))
    for k, law in enumerate(laws):
        likely = law.masses > 0.0
        places = np.searchsorted(heights_cm, law.heights_cm[likely])
        masses[k] = np.bincount(places, law.masses[likely], len(heights_cm))
    return heights_cm, masses
