"""Passages: the law of a group's heights, taken through the steps of a bias one after another.

A law is either a mixture of normals, known exactly, or nodes with masses. Steps that keep normals
normal (noise, a shift shared by a class, another unit, other people, a group that answers less
often) change the parameters alone. Before the first other step the normals are spread over
quadrature nodes, cut wherever a later step jumps; from then on steps move nodes and masses, as they
move people. Noise added to nodes makes normals again, one about each node.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import (
    Bias,
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
    # widest gap between quadrature nodes in cm; 0 where the law itself is discrete
    resolution_cm: float

    @property
    def weights(self) -> Floats:
        """Probability of each node in the whole sample, shape (m,)."""
        return self.shares @ self.masses


def recorded_distribution(
    population: Population, bias: Bias, sampling: Sampling, pool: Pool | None = None
) -> Distribution:
    """Distribution of the recorded heights of a scenario.

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
    Distribution
        Nodes, masses of each group, shares.

    Raises
    ------
    ValueError
        If the pool is missing, or given for a population of normal groups.

    Notes
    -----
    Heights go through the steps of the bias as they do when people are drawn. Shares of a random
    sample are ``pi_k E_k / sum pi_l E_l``, with E_k the chance of being kept. Where a bias shifts
    whole classes, this is the distribution of one person.
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
    laws: list[GroupDistribution] = start(population, pool)
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
            laws, resolution_cm = spread(population, laws, left)
        while left and not blurs(left[0]):
            step = left.pop(0)
            others = None
            if isinstance(step, Rounding):
                resolution_cm = 0.0
            if isinstance(step, Contamination) and step.others is not None:
                mean_cm, sd_cm = step.others
                one = Normals(np.ones(1), np.array([mean_cm]), np.array([sd_cm]))
                (others,), resolution_cm = spread(population, [one], left)
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


def start(population: Population, pool: Pool | None) -> list[GroupDistribution]:
    """Laws of the groups as they are met."""
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
    law: Points,
    group: str,
    population: Population,
    others: GroupDistribution | None = None,
) -> Points:
    """Points after a step that adds no noise."""
    x, masses = law.heights_cm, law.masses
    if isinstance(step, Selecting):
        return Points(x, masses * keep_probability(step, x, group, population))
    match step:
        case MissingLabels():
            return Points(x, masses * chance_of_a_label(step, x, group, population))
        case SwappedLabels():
            return law
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


def roughly_kept(population: Population, bias: Bias, pool: Pool | None = None) -> list[float]:
    """Chance that a person of each group, once met, is kept: to a few digits, at little cost.

    Noise is taken at five heights about each, and no longer where they are many.
    """
    standard, weights = np.polynomial.hermite_e.hermegauss(NODES_OF_NOISE)
    weights = weights / weights.sum()
    groups = [
        _roughly_spread(law) if isinstance(law, Normals) else law for law in start(population, pool)
    ]
    for step in steps_of(bias):
        if isinstance(step, Labelling):
            continue
        others = None
        if isinstance(step, Contamination) and step.others is not None:
            mean_cm, sd_cm = step.others
            others = Points(mean_cm + sd_cm * standard, weights)
        for k, name in enumerate(population.group_names):
            law = points_after(step, groups[k], name, population, others)
            noise_sd_cm = noise_cm(step, name)[1]
            if noise_sd_cm > 0.0 and len(law.heights_cm) < MOST_ROUGH:
                law = Points(
                    (law.heights_cm[:, None] + noise_sd_cm * standard).ravel(),
                    (law.masses[:, None] * weights).ravel(),
                )
            groups[k] = law
    return [float(law.masses.sum()) for law in groups]


def _roughly_spread(law: Normals) -> Points:
    """Points of one normal, 200 to an SD."""
    standard = np.linspace(-ROUGH_REACH_SDS, ROUGH_REACH_SDS, ROUGH_NODES)
    weights = np.exp(-0.5 * standard**2)
    return Points(law.means_cm[0] + law.sds_cm[0] * standard, weights / weights.sum())


def _keeps_normals(step: Step) -> bool:
    """Whether a mixture of normals is one after a step."""
    return isinstance(step, Nonresponse | SelfReport | Classes | Contamination)


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


def _blurred(step: Step, law: Points, group: str) -> GroupDistribution:
    """Normals about points: what noise makes of them."""
    shift_cm, sd_cm = noise_cm(step, group)
    if sd_cm == 0.0:
        return law
    likely = law.masses > 0.0
    heights_cm = law.heights_cm[likely]
    return Normals(law.masses[likely], heights_cm + shift_cm, np.full(len(heights_cm), sd_cm))


def _together(laws: Sequence[Points]) -> tuple[Floats, Floats]:
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


def _is_too_fine(step: Step, population: Population) -> bool:
    """Whether a step rounds so finely that no moment shows it."""
    finest_cm = FINEST_ROUNDING_SDS * float(population.sds_cm.min())
    if isinstance(step, Heaping):
        return all(grid.step_cm <= finest_cm for grid in step.grids)
    return isinstance(step, Rounding) and step.step_cm <= finest_cm
