"""Limits: where an estimator goes as n grows, under the bias of a scenario.

The maximum likelihood estimator goes to the mixture of its model that is nearest to the
distribution of what is recorded, in the Kullback-Leibler sense [1]_: the maximum of the model's own
likelihood over an infinite sample, searched from several starts. The estimator by moments goes to
the mixture with the moments of that sample. How an estimator scatters about its limit follows from
the equations that it solves.

References
----------
.. [1] White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50.
.. [2] Dempster, Laird & Rubin (1977), JRSS-B 39, section 3.
.. [3] Vuong (1989), Likelihood ratio tests for model selection and non-nested hypotheses,
   Econometrica 57:307, theorem 3.3.
.. [4] Rilstone, Srivastava & Ullah (1996), The second-order bias and mean squared error of
   nonlinear estimators, J. Econometrics 75:369, proposition 3.2; Cox & Snell (1968).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, permutations
from math import erfc, sqrt

import numpy as np

from stature.arrays import Floats, Int32s
from stature.domain.mixture import Mixture
from stature.domain.model import (
    Model,
    Sampling,
    coordinates,
    free_coordinates,
    gradients,
    log_shares_at,
    theta_at,
    with_known,
)
from stature.domain.population import Population
from stature.theory.distributions import Distribution
from stature.theory.infinite import InfiniteSample
from stature.theory.labelled import group_moments, known_parameters
from stature.theory.likelihood import (
    HIDDEN,
    Rows,
    likelihood,
    true_mixture,
)
from stature.theory.moments import central_moments, equal_sds, free_sds
from stature.theory.newton import CONVERGED, SMALLEST_SD, Rules, by_coordinate, maximise_rows
from stature.theory.quadrature import gap_at

SINGULAR = 1e-12  # smallest singular value of a matrix in units of its rows that is not rounding
MERGED = 1e-3  # two groups nearer than this, in SDs, are one
STEP = 1e-3  # of central differences; what they miss is 1e-6 of a bias

AtCoordinates = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Equations:
    """Estimating equations at their root."""

    # shape (3 K - 1,): coordinates of the limit, in the units of the sample
    root: Floats
    # shape (3 K - 1, p): the matrix J of the coordinates that are estimated
    free: Floats
    # shape (s, m): probability that a person is of each stratum and row
    strata: Floats
    # shape (s,): probability of each stratum, with people whose function is zero
    people: Floats
    # the function of one person of each row, shape (m, p), at some coordinates
    scores: AtCoordinates
    # minus the derivatives of its mean in the free coordinates, shape (p, p)
    information: AtCoordinates
    mixture_cm: Callable[[Floats], Mixture]  # the mixture in cm at some coordinates
    scale_cm: float  # the unit of the sample in cm


def covariance_times_size(equations: Equations) -> Floats:
    """Covariance of an estimator around its limit, times n, shape (4 K - 1, 4 K - 1).

    In the order of `parameter_rows`; zero for known ones. The sandwich ``A^-1 B A^-1'`` [1]_, A the
    information and B the variance of the scores within strata, whose numbers of people are fixed:
    ``B = E[s s'] - sum m m' / P``, with m the sum of the scores of a stratum and P its probability
    (derived).
    """
    influence = _influence(equations)
    slopes = _parameter_slopes(equations, equations.root) @ equations.free
    return slopes @ _covariance(equations, influence, influence) @ slopes.T


def bias_times_size(equations: Equations) -> Floats:
    """First term of the bias of an estimator about its limit, times n, shape (4 K - 1,).

    In the order of `parameter_rows`. With s the score of a person, A the information, Q = A^-1, and
    C the covariance of Q s,

    ``n bias(u) = Q (E[(D s) Q s] + sum_jk C_jk E[D_jk s] / 2)``,

    and ``n bias(g) = g' n bias(u) + sum_jk C_jk g''_jk / 2`` for a parameter g(u) [4]_. Means of
    products are covariances within strata.
    """
    root, free = equations.root, equations.free
    influence = _influence(equations)
    spread = _covariance(equations, influence, influence)
    pull = np.zeros(free.shape[1])
    for j, direction in enumerate(free.T):
        slope = _difference(equations.scores, root, direction)
        pull += _covariance(equations, slope, influence[:, [j]])[:, 0]
        pull -= 0.5 * _difference(equations.information, root, direction) @ spread[j]
    own = free @ np.linalg.solve(equations.information(root), pull)
    bias = _parameter_slopes(equations, root) @ own
    full = free @ spread @ free.T
    for j, direction in enumerate(np.eye(len(root))):
        bend = _difference(lambda u: _parameter_slopes(equations, u), root, direction)
        bias += 0.5 * bend @ full[j]
    return bias


def _influence(equations: Equations) -> Floats:
    """By how much one person of each row moves the estimate, times n, shape (m, p)."""
    information = equations.information(equations.root)
    # The search ends near a point at which two groups are one, and not on it.
    merged = _nearest(equations.mixture_cm(equations.root)) < MERGED
    if not is_regular(information, MERGED**2 if merged else SINGULAR):
        raise np.linalg.LinAlgError("the information at the limit is singular")
    scores = equations.scores(equations.root)
    return scores @ np.linalg.inv(information).T


def _nearest(mixture: Mixture) -> float:
    """How far the two groups that are most alike are apart in mean and SD, in SDs."""
    means, sds = mixture.means_cm, mixture.sds_cm
    pairs = combinations(range(len(means)), 2)
    return min(
        (
            float(max(abs(means[a] - means[b]), abs(sds[a] - sds[b])) / max(sds[a], sds[b]))
            for a, b in pairs
        ),
        default=np.inf,
    )


def is_regular(information: Floats, smallest: float = SINGULAR) -> bool:
    """Whether a matrix of information has an inverse of which at least four digits are right."""
    across, down = (np.sqrt(np.linalg.norm(information, axis=axis)) for axis in (0, 1))
    unit = np.outer(down, across)
    if not np.all(np.isfinite(unit)) or not np.all(unit > 0.0):
        return False
    return bool(np.linalg.svd(information / unit, compute_uv=False).min(initial=1.0) > smallest)


def _covariance(equations: Equations, a: Floats, b: Floats) -> Floats:
    """Covariance within strata of two functions of a person, of shapes (m, p) and (m, q)."""
    means_a, means_b = equations.strata @ a, equations.strata @ b
    products = (equations.strata.sum(axis=0)[:, None] * a).T @ b
    return products - means_a.T @ (means_b / equations.people[:, None])


def _parameter_slopes(equations: Equations, u: Floats) -> Floats:
    """Derivatives of the parameters in cm with respect to the coordinates."""
    groups = (len(u) + 1) // 3
    unit = by_coordinate(groups, 1.0, equations.scale_cm, 1.0)
    return gradients(equations.mixture_cm(u).theta) * unit


def _difference(function: AtCoordinates, u: Floats, direction: Floats) -> Floats:
    """Derivative of a function along a direction, by central differences."""
    up, down = (function(u + sign * STEP * direction) for sign in (1.0, -1.0))
    return (up - down) / (2.0 * STEP)


FIRST_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the lower part in the split starts
NARROW, WIDE = 0.6, 1.3  # SDs of a start whose groups differ in spread, in SDs of the people
FEW, FAR = 0.02, 3.0  # share and SD of a group of outliers, in SDs of the people
NODES_PER_SD = 2.0  # a quadrature rule with fewer nodes to an SD shows no more than chance
SAME_MAXIMUM = 1e-4  # two searches that end closer, in SDs, are one maximum
SCOUTING, KEPT = 5, 3  # steps like those of EM from every start, and starts that go on
EXACT_NODES = 6  # of Gauss' rule, which is exact to the degree 11 > 5 + 2


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a maximum likelihood estimator goes as n grows."""

    mixture: Mixture  # in cm, in the order of the groups; SDs, not scales, with Student's t
    u: Floats  # shape (3 K - 1,): its coordinates in the units of the sample
    others: tuple[Floats, ...]  # the same of the other maxima that were found, best first
    sample: InfiniteSample
    free: Floats  # shape (3 K - 1, p): the matrix J of the coordinates that have an error
    # whether the shares are those of the recorded labels, as a design fixed them
    counted: bool


def limit(
    model: Model,
    sample: InfiniteSample,
    distribution: Distribution,
    population: Population,
    sampling: Sampling,
) -> Limit | None:
    """Limit of the maximum likelihood estimator of a model; None if none is inside the parameters.

    Unlabelled components are matched to groups in the order of their means. What is known stays
    with its group: a maximum that holds the known shares or SDs in the other order is not
    admissible, even if its likelihood is higher. With all labels recorded in a stratified design
    the shares are counted. A penalty on SDs that is divided by the root of n moves no limit: the
    likelihood grows with n.
    """
    groups, rows = len(population.groups), sample.rows
    shares, sds_cm = known_parameters(model, population)
    searched = model
    if _is_counted(model, rows, sampling):
        shares = np.bincount(rows.group, rows.weight, groups).astype(np.float64)
        searched = replace(model, shares="known")
        if not shares.all():  # a group of which nobody is recorded
            return None
    truth = Mixture.of(with_known(searched, true_mixture(population).theta, shares, sds_cm))
    first = starts(searched, distribution, shares, sds_cm)
    begin = np.array([coordinates(sample.in_units(one).theta) for one in first])
    free = free_coordinates(searched, groups)
    rules = Rules(smallest_sd=max(SMALLEST_SD, NODES_PER_SD * sample.resolution))
    if not model.is_plain:
        scout = replace(rules, early=SCOUTING, most=SCOUTING)
        scouts = [end.u for end in maximise_rows(begin, rows, free, scout)]
        scouts.sort(key=lambda u: -_value(u, rows))
        begin = np.array([coordinates(sample.in_units(truth).theta), *scouts[:KEPT]])
        rules = replace(rules, early=0)
    named = model.labels != "none"
    ends: list[Mixture] = []
    for end in maximise_rows(begin, rows, free, rules):
        mixture = Mixture.of(theta_at(end.u))
        allowed = named or is_admissible(model, mixture)
        if end.status == CONVERGED and allowed and _is_resolved(mixture, sample):
            ends.append(mixture if named else mixture.ordered())
    ends.sort(key=lambda one: -_value(coordinates(one.theta), rows))
    return limit_at(distinct(ends, named), model, sample, sampling) if ends else None


def _is_resolved(mixture: Mixture, sample: InfiniteSample) -> bool:
    """Whether each group has nodes enough, where they are wide apart here and close there."""
    if sample.resolution == 0.0:
        return True
    nodes = np.unique(sample.rows.lower)
    groups = zip(mixture.means_cm, mixture.sds_cm, strict=True)
    return all(NODES_PER_SD * gap_at(mean, sd, nodes) < sd for mean, sd in groups)


def limit_at(
    maxima: tuple[Mixture, ...], model: Model, sample: InfiniteSample, sampling: Sampling
) -> Limit:
    """A limit whose maxima are known, best first, in the units of the sample."""
    u, *others = (coordinates(one.theta) for one in maxima)
    free = free_coordinates(model, len(maxima[0].shares))
    counted = _is_counted(model, sample.rows, sampling)
    return Limit(sample.in_cm(maxima[0]), u, tuple(others), sample, free, counted)


def likelihood_equations(limit: Limit) -> Equations:
    """The equations that a maximum likelihood estimator solves, at its limit.

    Shares that are counted solve ``sum w (1{k} - pi_k) = 0`` instead of the score, apart from all
    other parameters.
    """
    sample, free = limit.sample, limit.free
    rows, each = sample.rows, sample.each[:, None]

    def scores(u: Floats) -> Floats:
        own = each * likelihood(u, rows).scores
        if limit.counted:
            shares = np.exp(log_shares_at(u))
            member = (rows.group[:, None] == np.arange(len(shares))) - shares
            own[:, : len(shares) - 1] = each * member[:, :-1]
        return own @ free

    def information(u: Floats) -> Floats:
        mean = likelihood(u, rows).information
        if limit.counted:
            shares = np.exp(log_shares_at(u))
            rest = len(shares) - 1
            mean[:rest, :rest] = (np.diag(shares) - np.outer(shares, shares))[:rest, :rest]
        return free.T @ mean @ free

    return Equations(
        limit.u,
        free,
        sample.strata,
        sample.people,
        scores,
        information,
        lambda u: sample.in_cm(Mixture.of(theta_at(u))),
        sample.scale_cm,
    )


def em_rate(limit: Limit, model: Model) -> float:
    """Factor by which an EM step shrinks the error near the limit.

    The largest fraction of missing information [2]_, in [0, 1), the largest eigenvalue of
    ``I - I_c^-1 I``; steps per decimal digit are ``ln 10 / -ln`` of it. NaN under a cut or a
    selection, where EM would have to invent people, and for Student's t, whose EM has weights too.
    """
    if limit.sample.rows.condition is not None or model.freedom:
        return np.nan
    at, free = likelihood(limit.u, limit.sample.rows), limit.free
    if limit.counted:
        free = free_coordinates(replace(model, shares="known"), (len(limit.u) + 1) // 3)
    try:
        root = np.linalg.cholesky(free.T @ at.completed @ free)
    except np.linalg.LinAlgError:  # a group without people: even labels would not tell it
        return np.nan
    half = np.linalg.solve(root, free.T @ at.information @ free)
    return max(float(1.0 - np.linalg.eigvalsh(np.linalg.solve(root, half.T)).min()), 0.0)


def chance_of_another(limit: Limit, sizes: Int32s) -> Floats:
    """Probability that a sample of each size has its highest maximum elsewhere, shape (sizes,).

    An infinite sample has one highest maximum, the limit. A sample of n people decides between it
    and another by the sum of n differences of log-densities, which is normal with the mean ``n g``
    and the variance ``n v``, g and v the mean and variance of one of them, within strata [3]_: the
    other is the higher with probability ``Phi(-g sqrt(n / v))``. Bonferroni's bound over the
    others; that each sample has them as maxima is not looked at.
    """
    sample, chance = limit.sample, np.zeros(len(sizes))
    if not limit.others:
        return chance
    probability = sample.strata.sum(axis=0)
    here = likelihood(limit.u, sample.rows).values
    for other in limit.others:
        lead = sample.each * (here - likelihood(other, sample.rows).values)
        within = (sample.strata @ lead) ** 2 / sample.people
        spread = np.sqrt(max(float(probability @ lead**2 - within.sum()), 0.0))
        if spread > 0.0:
            z = float(probability @ lead) / spread * np.sqrt(sizes)
            chance += [0.5 * erfc(one / sqrt(2.0)) for one in z.tolist()]
    return np.minimum(chance, 1.0)


def moment_equations(model: Model, sample: InfiniteSample) -> Equations | None:
    """The equations that the estimator by moments solves, at its limit.

    The mean of ``x^r`` is that of the mixture, r = 1, 2, …, as many as there are parameters, for
    two groups of free or equal SDs, with hidden labels and exact heights. None if no two groups
    have the moments of the sample. The sixth moment only chooses among roots, and moves none.
    """
    z, weight = sample.rows.lower, sample.rows.weight
    moments = central_moments(z, weight)
    theta = free_sds(moments) if model.sds == "free" else equal_sds(moments)
    if theta is None:
        return None
    free = free_coordinates(model, 2)
    powers = np.arange(1, free.shape[1] + 1)
    of_people = z[:, None] ** powers
    standard, masses = np.polynomial.hermite_e.hermegauss(EXACT_NODES)

    def expected(u: Floats) -> tuple[Floats, Floats]:
        """Moments of the mixture, and their derivatives: means of products with the score."""
        mixture = Mixture.of(theta_at(u))
        x = (mixture.means_cm[:, None] + mixture.sds_cm[:, None] * standard).ravel()
        probability = (mixture.shares[:, None] * masses / masses.sum()).ravel()
        group = np.repeat(np.arange(2), EXACT_NODES)
        informs = np.ones(len(x), dtype=np.bool_)
        people = Rows(x, x, probability, probability, group, informs)
        weighted = probability[:, None] * x[:, None] ** powers
        return weighted.sum(axis=0), weighted.T @ likelihood(u, people).scores

    return Equations(
        coordinates(theta),
        free,
        sample.strata,
        sample.people,
        lambda u: of_people - expected(u)[0],
        lambda u: expected(u)[1] @ free,
        lambda u: sample.in_cm(Mixture.of(theta_at(u))),
        sample.scale_cm,
    )


def starts(
    model: Model, distribution: Distribution, known_shares: Floats, known_sds_cm: Floats
) -> list[Mixture]:
    """Starts: the groups as they are, splits of the distribution, unequal SDs, outliers."""
    groups = len(known_shares)
    nodes_cm, weights = distribution.nodes_cm, distribution.weights
    means_cm, variances, _ = group_moments(distribution)
    centre = float(weights @ nodes_cm)
    scale = float(np.sqrt(weights @ (nodes_cm - centre) ** 2))
    candidates: list[Mixture] = []
    # Groups of which nobody is left, or all of one height, are no start.
    if np.all(distribution.shares > 0) and np.all(variances > 0):
        candidates.append(Mixture(distribution.shares, means_cm, np.sqrt(variances)).ordered())
    # The lowest group first, the rest in equal parts.
    rest = np.arange(groups - 1) / max(groups - 1, 1)
    firsts = FIRST_SHARES if groups > 1 else (0.0,)
    candidates += [_split(distribution, first + (1 - first) * rest, scale) for first in firsts]
    if groups > 1:
        near = centre + scale * np.linspace(-0.5, 0.5, groups)
        spreads = scale * np.linspace(NARROW, WIDE, groups)
        even = np.full(groups, 1 / groups)
        candidates += [Mixture(even, near, spreads), Mixture(even, near, spreads[::-1])]
        # The last group far outside, or the first; the others amid all people.
        shares = np.append(np.full(groups - 1, (1.0 - FEW) / (groups - 1)), FEW)
        outside = np.append(np.full(groups - 1, scale), FAR * scale)
        amidst = centre + scale * np.linspace(-FEW, FEW, groups)
        candidates.append(Mixture(shares, amidst, outside))
        candidates.append(Mixture(shares[::-1], amidst, outside[::-1]))
    known = known_shares, known_sds_cm
    return [Mixture.of(with_known(model, one.theta, *known)) for one in candidates]


def _split(distribution: Distribution, cumulated: Floats, scale_cm: float) -> Mixture:
    """Groups cut from the distribution at given cumulated shares, with the moments of each part."""
    nodes_cm = distribution.nodes_cm
    below = np.concatenate([[0.0], np.cumsum(distribution.weights)])
    edges = np.concatenate([[0.0], cumulated, [1.0]])
    means_cm, sds_cm = [], []
    for low, high in pairwise(edges.tolist()):
        # The mass of each node that lies between two quantiles; a node may be shared by two parts.
        mass = np.clip(np.minimum(below[1:], high) - np.maximum(below[:-1], low), 0.0, None)
        mass = mass / mass.sum()
        mean = float(mass @ nodes_cm)
        means_cm.append(mean)
        sds_cm.append(max(float(np.sqrt(mass @ (nodes_cm - mean) ** 2)), 0.1 * scale_cm))
    return Mixture(np.diff(edges), np.array(means_cm), np.array(sds_cm))


def is_admissible(model: Model, mixture: Mixture) -> bool:
    """Whether the groups that something is known of are in the order of their means."""
    knows = model.shares == "known" or model.takes_sds
    return not knows or bool(np.all(np.diff(mixture.means_cm) > 0))


def distinct(maxima: list[Mixture], named: bool) -> tuple[Mixture, ...]:
    """Each maximum once: the first of those that are alike, in the given order."""
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


def _value(u: Floats, rows: Rows) -> float:
    """Log-likelihood at some coordinates; minus infinity where it has none."""
    value = likelihood(u, rows).value
    return value if np.isfinite(value) else -np.inf


def _is_counted(model: Model, rows: Rows, sampling: Sampling) -> bool:
    """Whether shares are those of the recorded labels, as a design fixed them."""
    labelled = not (rows.group == HIDDEN).any()
    return labelled and sampling == "stratified" and model.shares == "free"
