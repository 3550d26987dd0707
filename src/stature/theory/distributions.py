"""Distributions: the heights of each group, propagated through the steps of a bias.

A group is either a mixture of normals, known exactly, or nodes with masses. Steps that keep normals
normal (noise, a shift shared by a class, another unit, outliers, a group that answers less often)
change the parameters alone. Before the first other step the normals are spread over quadrature
nodes, cut wherever a later step jumps; from then on steps move nodes and masses, as they move
people. Noise added to nodes makes normals again, one about each node.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import (
    Bias,
    ByFunction,
    Chance,
    Classes,
    Contamination,
    Heaping,
    Labelling,
    MissingLabels,
    Nonresponse,
    Rounding,
    Selecting,
    SelfReport,
    Step,
    SwappedLabels,
    chance_of_a_label,
    keep_probability,
    rounded_cm,
    steps_of,
    written_cm,
)
from stature.domain.model import Sampling
from stature.domain.population import Pool, Population
from stature.theory.quadrature import GroupDistribution, Normals, Points, blurs, noise_cm, spread

FINEST_ROUNDING_SDS = 1e-3  # finer steps change a variance by less than 1e-7 of itself
NODES_OF_NOISE = 5  # where three digits are enough
MOST_ROUGH = 1 << 17  # heights to go on with there
ROUGH_REACH_SDS, ROUGH_NODES = 10.0, 4001  # a normal has 1e-23 of its people farther off


@dataclass(frozen=True, slots=True)
class Distribution:
    """Distribution of recorded heights in a sample, group by group."""

    nodes_cm: Floats  # shape (m,): heights in cm
    # shape (k, m): probability of each node in each group; rows sum to 1, or to 0 where nobody is
    # kept
    masses: Floats
    shares: Floats  # shape (k,): shares of the groups in the sample
    # shape (k,): probability that a person of each group, once met, is kept
    kept: Floats
    # widest gap between quadrature nodes in cm; 0 where the distribution is discrete
    resolution_cm: float

    @property
    def weights(self) -> Floats:
        """Probability of each node in the whole sample, shape (m,)."""
        return self.shares @ self.masses


def recorded_distribution(
    population: Population, bias: Bias, sampling: Sampling, pool: Pool | None = None
) -> Distribution:
    """Distribution of the recorded heights of a scenario.

    Heights go through the steps of the bias as they do when people are drawn, from a pool if and
    only if the population is empirical. Stratified samples keep the population's shares; those of a
    random one are ``pi_k E_k / sum pi_l E_l``, with E_k the chance of being kept. Where a bias
    shifts whole classes, this is the distribution of one person.
    """
    steps = tuple(step for step in steps_of(bias) if not isinstance(step, Labelling))
    return distribution_after(population, steps, sampling, pool)


def distribution_after(
    population: Population, steps: tuple[Step, ...], sampling: Sampling, pool: Pool | None
) -> Distribution:
    """Distribution after some steps, where who has no label is turned away."""
    if (pool is None) != (population.data is None):
        raise ValueError(
            f"population {population.name!r}: a pool of people goes with a data file, "
            "and with nothing else"
        )
    nodes_cm, masses, resolution_cm = propagated(population, steps, pool)
    kept = masses.sum(axis=1)
    masses = masses / np.where(kept > 0.0, kept, 1.0)[:, None]
    shares = population.shares
    if sampling == "random" and kept.any():
        shares = shares * kept / (shares @ kept)
    return Distribution(nodes_cm, masses, shares, kept, resolution_cm)


def propagated(
    population: Population, steps: Sequence[Step], pool: Pool | None
) -> tuple[Floats, Floats, float]:
    """Recorded heights of each group after all steps of a bias.

    Returns heights_cm: heights in cm, ascending; masses: probability that a person of each group,
    once met, is kept and written down so; resolution_cm: widest gap between quadrature nodes in cm;
    0 where nothing is left but single heights.
    """
    names, left = population.group_names, list(steps)
    groups = start(population, pool)
    resolution_cm = 0.0
    while True:
        while left and _keeps_normals(left[0]) and all(isinstance(one, Normals) for one in groups):
            step = left.pop(0)
            groups = [
                _normals_after(step, one, name)
                for one, name in zip(groups, names, strict=True)
                if isinstance(one, Normals)
            ]
        if any(isinstance(one, Normals) for one in groups):
            left = [step for step in left if not _is_too_fine(step, population)]
            groups, resolution_cm = spread(population, groups, left)
        while left and not blurs(left[0]):
            step = left.pop(0)
            others = None
            if isinstance(step, Rounding):
                resolution_cm = 0.0
            if isinstance(step, Contamination) and step.others is not None:
                mean_cm, sd_cm = step.others
                one = Normals(np.ones(1), np.array([mean_cm]), np.array([sd_cm]))
                (others,), resolution_cm = spread(population, [one], left)
            groups = [
                points_after(step, one, name, population, others)
                for one, name in zip(groups, names, strict=True)
                if isinstance(one, Points)
            ]
        if not left:
            return *_together([one for one in groups if isinstance(one, Points)]), resolution_cm
        step = left.pop(0)
        groups = [
            _blurred(step, one, name) if isinstance(one, Points) else one
            for one, name in zip(groups, names, strict=True)
        ]


def start(population: Population, pool: Pool | None) -> list[GroupDistribution]:
    """Heights of each group, as people are met."""
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
    step: Step,
    points: Points,
    name: str,
    population: Population,
    others: GroupDistribution | None = None,
) -> Points:
    """Heights of the group of this name after a step that adds no noise."""
    x, masses = points.heights_cm, points.masses
    if isinstance(step, Selecting):
        return Points(x, masses * keep_probability(step, x, name, population))
    match step:
        case MissingLabels():
            return Points(x, masses * chance_of_a_label(step, x, name, population))
        case SwappedLabels():
            return points
        case Heaping(grids=grids):
            shares = [1.0 - sum(grid.share for grid in grids), *(grid.share for grid in grids)]
            parts = [x, *(rounded_cm(x, grid.step_cm) for grid in grids)]
            return Points(
                np.concatenate(parts), np.concatenate([max(s, 0.0) * masses for s in shares])
            )
        case Contamination(share=share, factor=factor):
            their_cm, theirs = x * (1.0 if factor is None else factor), masses
            if isinstance(others, Points):
                their_cm, theirs = others.heights_cm, others.masses * masses.sum()
            return Points(
                np.concatenate([x, their_cm]),
                np.concatenate([(1.0 - share) * masses, share * theirs]),
            )
        case ByFunction():
            raise ValueError(f"nothing is derived of what the function {step.function} does")
        case SelfReport() | Classes():
            silent = Chance(normal=np.zeros(1), of_class=np.zeros(1))
            return Points(written_cm(step, x, name, silent), masses)
        case _:
            return Points(written_cm(step, x, name, Chance()), masses)


def roughly_kept(population: Population, bias: Bias, pool: Pool | None = None) -> list[float]:
    """Chance that a person of each group, once met, is kept: to a few digits, at little cost.

    Noise is taken at five heights about each, and no longer where they are many.
    """
    standard, weights = np.polynomial.hermite_e.hermegauss(NODES_OF_NOISE)
    weights = weights / weights.sum()
    groups = [
        _roughly_spread(one) if isinstance(one, Normals) else one for one in start(population, pool)
    ]
    for step in steps_of(bias):
        if isinstance(step, Labelling):
            continue
        others = None
        if isinstance(step, Contamination) and step.others is not None:
            mean_cm, sd_cm = step.others
            others = Points(mean_cm + sd_cm * standard, weights)
        for k, name in enumerate(population.group_names):
            points = points_after(step, groups[k], name, population, others)
            noise_sd_cm = noise_cm(step, name)[1]
            if noise_sd_cm > 0.0 and len(points.heights_cm) < MOST_ROUGH:
                points = Points(
                    (points.heights_cm[:, None] + noise_sd_cm * standard).ravel(),
                    (points.masses[:, None] * weights).ravel(),
                )
            groups[k] = points
    return [float(points.masses.sum()) for points in groups]


def _roughly_spread(normals: Normals) -> Points:
    """Points of one normal, 200 to an SD."""
    standard = np.linspace(-ROUGH_REACH_SDS, ROUGH_REACH_SDS, ROUGH_NODES)
    weights = np.exp(-0.5 * standard**2)
    return Points(normals.means_cm[0] + normals.sds_cm[0] * standard, weights / weights.sum())


def _keeps_normals(step: Step) -> bool:
    """Whether a mixture of normals is one after a step."""
    return isinstance(step, Nonresponse | SelfReport | Classes | Contamination)


def _normals_after(step: Step, normals: Normals, name: str) -> Normals:
    """Normals after a step that keeps them normal."""
    if isinstance(step, Nonresponse) and step.group == name:
        return replace(normals, masses=normals.masses * step.answers)
    if isinstance(step, Contamination):
        factor = 1.0 if step.factor is None else step.factor
        theirs = normals.masses, normals.means_cm * factor, normals.sds_cm * factor
        if step.others is not None:
            theirs = (normals.masses.sum(), *step.others)
        weights = np.append((1.0 - step.share) * normals.masses, step.share * theirs[0])
        return Normals(
            weights, np.append(normals.means_cm, theirs[1]), np.append(normals.sds_cm, theirs[2])
        )
    shift_cm, sd_cm = noise_cm(step, name)
    return replace(
        normals, means_cm=normals.means_cm + shift_cm, sds_cm=np.hypot(normals.sds_cm, sd_cm)
    )


def _blurred(step: Step, points: Points, name: str) -> GroupDistribution:
    """Normals about points: what noise makes of them."""
    shift_cm, sd_cm = noise_cm(step, name)
    if sd_cm == 0.0:
        return points
    likely = points.masses > 0.0
    heights_cm = points.heights_cm[likely]
    return Normals(points.masses[likely], heights_cm + shift_cm, np.full(len(heights_cm), sd_cm))


def _together(groups: Sequence[Points]) -> tuple[Floats, Floats]:
    """Heights at which any group has somebody, and the masses of all groups there."""
    possible = [one.heights_cm[one.masses > 0.0] for one in groups]
    heights_cm = np.unique(np.concatenate(possible))
    if not len(heights_cm):
        return groups[0].heights_cm[:1], np.zeros((len(groups), 1))
    masses = np.zeros((len(groups), len(heights_cm)))
    for k, one in enumerate(groups):
        likely = one.masses > 0.0
        places = np.searchsorted(heights_cm, one.heights_cm[likely])
        masses[k] = np.bincount(places, one.masses[likely], len(heights_cm))
    return heights_cm, masses


def _is_too_fine(step: Step, population: Population) -> bool:
    """Whether a step rounds so finely that no moment shows it."""
    finest_cm = FINEST_ROUNDING_SDS * float(population.sds_cm.min())
    if isinstance(step, Heaping):
        return all(grid.step_cm <= finest_cm for grid in step.grids)
    return isinstance(step, Rounding) and step.step_cm <= finest_cm
