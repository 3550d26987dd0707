"""Limits: where an estimator goes as n grows, under the bias of a scenario.

Labelled estimators go to moments of each group's law; unlabelled ones to the mixture of their
model nearest to the law of all heights, which is searched from several starts.
"""

from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.domain.model import Model, free_coordinates
from stature.domain.population import Population
from stature.theory.distributions import Distribution
from stature.theory.labelled_moments import group_moments, labelled_limit
from stature.theory.projection import Outcome, project

FIRST_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the lower part in the split starts
NARROW, WIDE = 0.6, 1.3  # SDs of a start whose groups differ in spread, in SDs of the law
FEW, FAR = 0.02, 3.0  # share and SD of a group of strangers, in SDs of the law
NODES_PER_SD = 2.0  # a trapezoid rule with fewer nodes to an SD shows no more than chance
SURE = 1e-10  # a probability that is so near to 1 is 1
SAME_MAXIMUM = 1e-4  # two climbs that end closer, in SDs, have found one maximum


@dataclass(frozen=True, slots=True)
class Limit:
    """Where an estimator goes as n grows."""

    mixture: Mixture | None  # the limit, in the order of the groups; None if there is none
    # why there is none: every climb ended at the edge of the parameter space, or nowhere
    outcome: Outcome
    # mean log-density at the limit, per person and cm; NaN if there is none or with labels
    log_likelihood: float
    # all maxima inside the parameter space that were found and are admissible, best first; in the
    # order of their means, but for labels
    maxima: tuple[Mixture, ...]


def limit(model: Model, law: Distribution, population: Population) -> Limit:
    """Limit of the maximum likelihood estimator of a model.

    The limit, if there is one inside the parameter space.

    Unlabelled components are matched to groups in the order of their means. What is known stays
    with its group: a maximum that holds the known shares or SDs in the other order is not
    admissible, even if its likelihood is higher.
    """
    known_shares, known_sds_cm = known_in(model, population)
    if model.labels == "all":
        mixture = labelled_limit(model, law, known_shares, known_sds_cm)
        return Limit(mixture, "found", np.nan, (mixture,))
    if not law.weights.sum() > 1 - SURE:
        # Nobody of some group is ever kept, so that a stratified sample is never full.
        return Limit(None, "not-found", np.nan, ())
    free = free_coordinates(model, len(population.groups))
    ends = [
        project(law.nodes_cm, law.weights, start, free, NODES_PER_SD * law.resolution_cm)
        for start in starts(model, law, known_shares, known_sds_cm)
    ]
    interior = sorted(
        (end for end in ends if end.outcome == "found" and admissible(model, end.mixture)),
        key=lambda end: -end.log_likelihood,
    )
    if not interior:
        outcomes = {end.outcome for end in ends}
        return Limit(None, "degenerate" if "degenerate" in outcomes else "not-found", np.nan, ())
    maxima = distinct([end.mixture.ordered() for end in interior], named=False)
    return Limit(maxima[0], "found", interior[0].log_likelihood, maxima)


def distinct(maxima: list[Mixture], named: bool) -> tuple[Mixture, ...]:
    """Each maximum once.

    The first of those that are alike, in the given order.
    """
    kept: list[Mixture] = []
    for end in maxima:
        groups = range(len(end.shares))
        orders = map(list, [groups] if named else permutations(groups))
        ways = [Mixture(end.shares[i], end.means_cm[i], end.sds_cm[i]) for i in orders]
        if all(_apart(way, other) > SAME_MAXIMUM for way in ways for other in kept):
            kept.append(end)
    return tuple(kept)


def _apart(one: Mixture, other: Mixture) -> float:
    """Largest difference of two mixtures: of shares, and of means and SDs in SDs."""
    unit = max(float(one.sds_cm.max()), float(other.sds_cm.max()))
    return max(
        float(np.abs(one.shares - other.shares).max()),
        float(np.abs(one.means_cm - other.means_cm).max()) / unit,
        float(np.abs(one.sds_cm - other.sds_cm).max()) / unit,
    )


def known_in(model: Model, population: Population) -> tuple[Floats, Floats]:
    """What a model is told where it is told something: its own numbers, or else the truth.

    Shape (k,).
    """
    shares, sds_cm = model.assumed_shares, model.assumed_sds_cm
    return (
        population.shares if shares is None else np.array(shares),
        population.sds_cm if sds_cm is None else np.array(sds_cm),
    )


def admissible(model: Model, mixture: Mixture) -> bool:
    """Whether the groups that something is known of are in the order of their means."""
    told = model.shares == "known" or model.sds == "known"
    return not told or bool(np.all(np.diff(mixture.means_cm) > 0))


def starts(
    model: Model, law: Distribution, known_shares: Floats, known_sds_cm: Floats
) -> list[Mixture]:
    """Starts: the groups as they are, splits of the distribution, unequal SDs, outliers."""
    groups = len(known_shares)
    means_cm, variances, _ = group_moments(law)
    centre = float(law.weights @ law.nodes_cm)
    scale = float(np.sqrt(law.weights @ (law.nodes_cm - centre) ** 2))
    of_groups = Mixture(law.shares, means_cm, np.sqrt(variances)).ordered()
    candidates: list[Mixture] = []
    # Groups of which nobody is left, or all of one height, are no start.
    if np.all(law.shares > 0) and np.all(variances > 0):
        candidates.append(of_groups)
    candidates += [_split(law, np.array(cuts)) for cuts in _cumulated_shares(groups)]
    if groups > 1:
        near = centre + scale * np.linspace(-0.5, 0.5, groups)
        spreads = scale * np.linspace(NARROW, WIDE, groups)
        even = np.full(groups, 1 / groups)
        candidates += [Mixture(even, near, spreads), Mixture(even, near, spreads[::-1])]
        # The last group far outside, or the first; the others amidst everybody.
        shares = np.append(np.full(groups - 1, (1.0 - FEW) / (groups - 1)), FEW)
        outside = np.append(np.full(groups - 1, scale), FAR * scale)
        amidst = centre + scale * np.linspace(-FEW, FEW, groups)
        candidates.append(Mixture(shares, amidst, outside))
        candidates.append(Mixture(shares[::-1], amidst, outside[::-1]))
    return [told(candidate, model, known_shares, known_sds_cm) for candidate in candidates]


def told(mixture: Mixture, model: Model, known_shares: Floats, known_sds_cm: Floats) -> Mixture:
    """A start with what a model is told in its place."""
    shares = known_shares if model.shares == "known" else mixture.shares
    if model.sds == "known":
        sds_cm = known_sds_cm
    elif model.sds == "equal":
        sds_cm = np.full(len(shares), np.sqrt(shares @ mixture.sds_cm**2))
    else:
        sds_cm = mixture.sds_cm
    return Mixture(shares, mixture.means_cm, sds_cm)


def _cumulated_shares(groups: int) -> list[list[float]]:
    """Where the split starts cut the law: the lowest group first, the rest in equal parts."""
    if groups == 1:
        return [[]]
    rest = np.arange(groups - 1) / (groups - 1)
    return [(first + (1 - first) * rest).tolist() for first in FIRST_SHARES]


def _split(law: Distribution, cumulated: Floats) -> Mixture:
    """Groups cut from the law at given cumulated shares, with the moments of each part."""
    order_mass = np.cumsum(law.weights)
    edges = np.concatenate([[0.0], cumulated, [1.0]])
    below = np.concatenate([[0.0], order_mass])
    scale_floor = 0.1 * float(
        np.sqrt(law.weights @ (law.nodes_cm - law.weights @ law.nodes_cm) ** 2)
    )
    means_cm, sds_cm = [], []
    for low, high in pairwise(edges.tolist()):
        # The mass of each node that lies between two quantiles; a node may be shared by two parts.
        mass = np.clip(np.minimum(below[1:], high) - np.maximum(below[:-1], low), 0.0, None)
        mass = mass / mass.sum()
        mean = float(mass @ law.nodes_cm)
        means_cm.append(mean)
        sds_cm.append(max(float(np.sqrt(mass @ (law.nodes_cm - mean) ** 2)), scale_floor))
    return Mixture(np.diff(edges), np.array(means_cm), np.array(sds_cm))
