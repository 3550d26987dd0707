"""Limits of models that know how heights were seen: cuts, cells, weights, a part of the labels.

The limit is the maximum of the model's own likelihood over an infinite sample, and the errors
around it follow from the scores of its people.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling, free_coordinates
from stature.domain.population import Population
from stature.theory.coordinates import coordinates, mixture_at
from stature.theory.distributions import Distribution
from stature.theory.equations import Equations
from stature.theory.infinite import Infinite, in_cm, in_units
from stature.theory.likelihood import HIDDEN, likelihood, person_scores
from stature.theory.limits import admissible, distinct, known_in, starts, told
from stature.theory.projection import SMALLEST_SD, Outcome, Slopes, climb
from stature.theory.truth import true_mixture

NODES_PER_SD = 2.0  # a quadrature rule with fewer nodes to an SD shows no more than chance
SCOUTING, KEPT = 5, 3  # steps like those of EM from every start, and starts that go on


@dataclass(frozen=True, slots=True)
class SeenLimit:
    """Where an estimator goes as n grows, and what its errors follow from."""

    # the limit in cm, in the order of the groups; None if there is none. Of groups with Student's
    # law the SDs, not the scales.
    mixture: Mixture | None
    outcome: Outcome  # why there is none
    u: Floats  # shape (3 K - 1,): its coordinates in the units of the sample
    # shape (3 K - 1,): coordinates of the other maxima that were found
    rivals: tuple[Floats, ...]
    sample: Infinite  # the infinite sample
    # shape (3 K - 1, p): the matrix J of the coordinates that have an error
    free: Floats
    # whether the shares are those of the labels that were seen, as a design fixed them
    counted: bool
    widen: float  # SD of a group over its scale: not 1 with Student's law


def seen_limit(
    model: Model, sample: Infinite, law: Distribution, population: Population, sampling: Sampling
) -> SeenLimit:
    """Limit of the maximum likelihood estimator of a model.

    The limit, if there is one inside the parameter space.

    With all labels seen in a stratified design the shares are counted. A penalty on SDs that is
    divided by the root of n moves no limit: the likelihood grows with n.
    """
    groups, rows = len(population.groups), sample.rows
    known_shares, known_sds_cm = known_in(model, population)
    counted = _is_counted(model, sample, sampling)
    climbing = model
    if counted:
        known_shares = np.bincount(rows.group, rows.weight, groups).astype(np.float64)
        climbing = replace(model, shares="known")
    named = model.labels != "none"
    free = free_coordinates(climbing, groups)
    smallest = max(SMALLEST_SD, NODES_PER_SD * sample.resolution)
    widen = rows.sd_over_scale

    def objective(u: Floats) -> tuple[float, Callable[[], Slopes]]:
        at = likelihood(u, rows)
        # An infinite cell or a chance of nobody has no logarithm: such a step is too long.
        value = at.value if np.isfinite(at.value) else -np.inf
        return value, lambda: Slopes(at.score, at.information, at.completed)

    given = climbing, known_shares, known_sds_cm
    truth = told(true_mixture(population), *given)
    begun = [truth, *starts(climbing, law, known_shares, known_sds_cm)]
    at_once = [coordinates(in_units(start, sample, widen)) for start in begun]
    scouts = [climb(objective, u, free, smallest, SCOUTING, SCOUTING)[0] for u in at_once]
    scouts.sort(key=lambda u: -objective(u)[0])
    ends: list[tuple[float, Mixture]] = []
    outcomes = set[Outcome]()
    for scout in [at_once[0], *scouts[:KEPT]]:
        u, outcome = climb(objective, scout, free, smallest, 0)
        outcomes.add(outcome)
        if outcome == "found" and (named or admissible(model, mixture_at(u))):
            ends.append((objective(u)[0], mixture_at(u) if named else mixture_at(u).ordered()))
    counted_free = free_coordinates(model, groups)
    if not ends:
        outcome = "degenerate" if "degenerate" in outcomes else "not-found"
        nowhere = np.full(len(free), np.nan)
        return SeenLimit(None, outcome, nowhere, (), sample, counted_free, counted, widen)
    best, *others = distinct([end for _, end in sorted(ends, key=lambda end: -end[0])], named)
    rivals = tuple(map(coordinates, others))
    mixture = in_cm(best, sample, widen)
    u = coordinates(best)
    return SeenLimit(mixture, "found", u, rivals, sample, counted_free, counted, widen)


def at_limit(
    maxima: tuple[Mixture, ...], model: Model, sample: Infinite, sampling: Sampling
) -> SeenLimit:
    """A limit that is known already, of a plain model."""
    u, *rivals = (coordinates(in_units(mixture, sample)) for mixture in maxima)
    free = free_coordinates(model, len(maxima[0].shares))
    counted = _is_counted(model, sample, sampling)
    return SeenLimit(maxima[0], "found", u, tuple(rivals), sample, free, counted, widen=1.0)


def equations_of(found: SeenLimit) -> Equations:
    """The likelihood equations at a limit.

    Parameters
    ----------
    found : SeenLimit
        A limit that was found.

    Returns
    -------
    Equations
        The equations; shares that are counted solve ``sum w (1{k} - pi_k) = 0`` instead, apart
        from all others.
    """
    sample, free = found.sample, found.free
    rows, each = sample.rows, sample.each[:, None]

    def scores(u: Floats) -> Floats:
        own = each * person_scores(u, rows)
        if found.counted:
            shares = mixture_at(u).shares
            member = (rows.group[:, None] == np.arange(len(shares))) - shares
            own[:, : len(shares) - 1] = each * member[:, :-1]
        return own @ free

    def information(u: Floats) -> Floats:
        mean = likelihood(u, rows).information
        if found.counted:
            shares = mixture_at(u).shares
            rest = len(shares) - 1
            mean[:rest, :rest] = (np.diag(shares) - np.outer(shares, shares))[:rest, :rest]
        return free.T @ mean @ free

    return Equations(
        found.u,
        free,
        sample.strata,
        sample.people,
        scores,
        information,
        lambda u: in_cm(mixture_at(u), sample, found.widen),
        sample.scale_cm,
    )


def seen_em_rate(model: Model, found: SeenLimit) -> float:
    """Factor by which an EM step shrinks the error near the limit.

    Parameters
    ----------
    model : Model
        The model.
    found : SeenLimit
        A limit that was found.

    Returns
    -------
    float
        The largest fraction of missing information [1]_, in [0, 1); NaN under a cut or a
        selection, where EM would have to invent people, and for Student's law, whose EM has
        weights too.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), JRSS-B 39, section 3.
    """
    if found.sample.rows.condition is not None or model.freedom:
        return np.nan
    at = likelihood(found.u, found.sample.rows)
    groups = (len(found.u) + 1) // 3
    free = found.free
    if found.counted:
        free = free_coordinates(replace(model, shares="known"), groups)
    root = np.linalg.cholesky(free.T @ at.completed @ free)
    half = np.linalg.solve(root, free.T @ at.information @ free)
    return max(float(1.0 - np.linalg.eigvalsh(np.linalg.solve(root, half.T)).min()), 0.0)


def _is_counted(model: Model, sample: Infinite, sampling: Sampling) -> bool:
    """Whether shares are those of the labels that were seen, as a design fixed them."""
    everybody = not (sample.rows.group == HIDDEN).any()
    return everybody and sampling == "stratified" and model.shares == "free"
