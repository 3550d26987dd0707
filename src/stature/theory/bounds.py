"""Bounds: what theory says of each model of a scenario at each size, before any data are drawn.

A bound is the smallest standard error of an unbiased estimator. There is one where the model is
right about the scenario: it allows the truth, and its observation says of the heights what the bias
did to them, and no more; or it cuts off still more people itself.

References
----------
.. [1] Cramér (1946), Mathematical Methods of Statistics, ch. 32.
"""

from dataclasses import dataclass, fields, replace
from math import isclose
from typing import Annotated, NamedTuple

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.brought import functions_of
from stature.domain.bias import (
    Bias,
    Heaping,
    NoBias,
    Rounding,
    Selection,
    SizeBias,
    Tilt,
    Truncation,
    has_classes,
    writes_labels,
)
from stature.domain.model import (
    Model,
    Sampling,
    coordinates,
    estimates_of,
    free_coordinates,
    gradients,
    parameter_rows,
)
from stature.domain.observation import (
    EXACT,
    Exact,
    Heaped,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.population import Pool, Population
from stature.domain.sampling import stratified_groups
from stature.domain.settings import LeftOut
from stature.theory.distributions import Distribution, recorded_distribution
from stature.theory.infinite import InfiniteSample, infinite_sample
from stature.theory.labelled import (
    LabelledDistribution,
    known_parameters,
    labelled_distribution,
    labelled_limit,
    labelled_std_errors,
)
from stature.theory.likelihood import (
    HIDDEN,
    likelihood,
    true_mixture,
)
from stature.theory.limits import (
    SINGULAR,
    Equations,
    bias_times_size,
    chance_of_another,
    covariance_times_size,
    em_rate,
    is_regular,
    likelihood_equations,
    limit,
    limit_at,
    moment_equations,
)
from stature.theory.newton import by_coordinate


@dataclass(frozen=True, slots=True)
class BoundsSpec:
    """All that the bounds of a scenario depend on."""

    population: Population  # where people come from
    bias: Bias  # how the sample departs from it
    sampling: Sampling  # whether the number of people of each group is fixed
    sizes: tuple[int, ...]  # sizes
    models: tuple[Model, ...]  # models of the estimators; equal ones count once
    # models that are fitted by the method of moments; left out of the JSON where there are none
    moments: Annotated[tuple[Model, ...], LeftOut(())] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Theory of a scenario: one row for each model, size and parameter, in this order."""

    model: tuple[str, ...]  # slugs of the models; `moments_name` where they are fitted by moments
    size: Int32s  # shape (b,): number of people, n
    group: tuple[str, ...]  # the parameter, as `parameter_rows`
    parameter: tuple[str, ...]
    truth: Floats  # shape (b,): the population's parameter
    # shape (b,): where the estimator goes as n grows; NaN if nowhere inside the parameter space
    limit: Floats
    # shape (b,): smallest standard error of an unbiased estimator under the sampling design used;
    # zero for what is known or fixed by the design; NaN under a bias that the model's observation
    # does not describe, for a population that is not normal, and for a model that does not contain
    # the truth
    bound: Floats
    # shape (b,): large-sample standard error of this estimator around its limit (sandwich); NaN if
    # people depend on each other, as in classes
    limit_se: Floats
    # shape (b,): mean of this estimator minus its limit, to the first order in 1/n; NaN where
    # `limit_se` is, and with labels that are missing or wrong
    small_sample_bias: Floats
    # shape (b,): factor by which an EM step shrinks the error near the limit; zero with labels. NaN
    # under a cut or a selection, where EM would have to invent people, and where nothing is
    # iterated.
    em_rate: Floats
    # shape (b,): probability that a sample has another maximum of its likelihood above the one near
    # the limit; NaN where `limit_se` is
    rival_chance: Floats
    sampling: tuple[str, ...]  # sampling design


def derive(spec: BoundsSpec, pool: Pool | None = None) -> Bounds:
    """Derive limits, bounds and rates: models by slug, sizes ascending, `parameter_rows`.

    A pool of people is needed if and only if the population is empirical. Labelled models use the
    counts of the design at each size, unlabelled ones the shares: their standard errors fall
    exactly as ``n^-1/2``. With known shares and stratified samples the ordinary likelihood does not
    use the fixed counts, so that `limit_se` stays above `bound`, by .1 % for the means of the
    default school, and by 2.5 % if the SDs are known too. A penalty that is divided by the root of
    n moves no limit. Hard EM, and EM that stops early, end elsewhere than at the maximum, and have
    no limit here. Costs some 60 ms a model.
    """
    scenario = spec.population, spec.bias, spec.sampling, pool
    sizes, rows = (
        np.array(sorted(set(spec.sizes)), np.int32),
        parameter_rows(spec.population.group_names),
    )
    ways = {model.slug: (_of_likelihood, model) for model in spec.models}
    ways |= {moments_name(model): (_of_moments, model) for model in spec.moments}
    names = sorted(ways)
    theory = [_Theory()] * len(names)
    # Nothing is known of what a function does to people.
    if not functions_of(spec.population, spec.bias):
        distributions = recorded_distribution(*scenario), labelled_distribution(*scenario)
        scene = _Scene(spec, pool, *distributions, sizes)
        theory = [of(scene, model) for of, model in (ways[name] for name in names)]
    per_size = [row for _ in sizes for row in rows]
    truth = np.tile(estimates_of(true_mixture(spec.population).theta), len(sizes) * len(names))
    shape = len(sizes), len(rows)
    columns = {
        field.name: np.concatenate(
            [np.empty(0)]
            + [np.broadcast_to(getattr(one, field.name), shape).ravel() for one in theory]
        )
        for field in fields(_Theory)
    }
    return Bounds(
        model=tuple(name for name in names for _ in per_size),
        size=np.tile(np.repeat(sizes, len(rows)), len(names)),
        group=tuple(group for _ in names for group, _ in per_size),
        parameter=tuple(parameter for _ in names for _, parameter in per_size),
        truth=truth,
        sampling=(spec.sampling,) * len(truth),
        **columns,
    )


def moments_name(model: Model) -> str:
    """Name of the theory of a model that is fitted by moments.

    Examples
    --------
    >>> moments_name(Model("none"))
    'moments-hidden'
    """
    return f"moments-{model.slug}"


class _Scene(NamedTuple):
    """What the theory of each model of a scenario starts from."""

    spec: BoundsSpec
    pool: Pool | None
    distribution: Distribution
    labels: LabelledDistribution
    sizes: Int32s

    def sample(self, model: Model) -> InfiniteSample | None:
        """Return all people as a model sees them."""
        spec = self.spec
        return infinite_sample(spec.population, spec.bias, model, spec.sampling, self.pool)

    def bound(self, model: Model) -> "Floats | float":
        """Return the bounds of a model at each size; NaN if it is not right."""
        spec = self.spec
        covariance = bound_covariance(spec.population, spec.bias, model, spec.sampling)
        return np.nan if covariance is None else _over_sizes(covariance, self.sizes)


@dataclass(frozen=True, slots=True)
class _Theory:
    """Theory of one model, each of a shape that stretches to (sizes, parameters)."""

    limit: Floats | float = np.nan
    bound: Floats | float = np.nan
    limit_se: Floats | float = np.nan
    small_sample_bias: Floats | float = np.nan
    em_rate: Floats | float = np.nan
    rival_chance: Floats | float = np.nan


def _of_likelihood(scene: _Scene, model: Model) -> _Theory:
    """Theory of a model that is fitted by maximum likelihood."""
    spec, sizes = scene.spec, scene.sizes
    if model.labels == "recorded" and not writes_labels(spec.bias):
        # Everyone has a label, and it is right.
        model = replace(model, labels="all", unlabelled="used")
    if model.is_plain and model.labels == "all":
        return _of_labels(scene, model)
    sample, bound = scene.sample(model), scene.bound(model)
    end = None
    if sample is not None:
        end = limit(model, sample, scene.distribution, spec.population, spec.sampling)
    if end is None:
        return _Theory(bound=bound)
    theory = _Theory(estimates_of(end.mixture.theta), bound, em_rate=em_rate(end, model))
    # People of one class are no independent people: there are limits, but no such errors.
    if has_classes(spec.bias):
        return theory
    errors, first = _errors(likelihood_equations(end), sizes)
    chance = chance_of_another(end, sizes)[:, None]
    return replace(theory, limit_se=errors, small_sample_bias=first, rival_chance=chance)


def _of_labels(scene: _Scene, model: Model) -> _Theory:
    """Theory of a model of exact heights with labels, by closed forms, for the design's counts."""
    spec, sizes, population = scene.spec, scene.sizes, scene.spec.population
    written = writes_labels(spec.bias)
    recorded = scene.labels.of_labels if written else scene.distribution
    mixture = labelled_limit(model, recorded, *known_parameters(model, population))
    theory = _Theory(estimates_of(mixture.theta), em_rate=0.0)
    if has_classes(spec.bias):
        return theory
    counts = sizes[:, None] * scene.labels.shares
    if spec.sampling == "stratified":
        designs = [stratified_groups(population.shares, size) for size in sizes.tolist()]
        counts = np.array([np.bincount(one, minlength=counts.shape[1]) for one in designs])
    counts = counts.astype(np.float64)
    errors = np.array(
        [labelled_std_errors(model, scene.labels, each, spec.sampling) for each in counts]
    )
    theory = replace(theory, limit_se=errors)
    if isinstance(spec.bias, NoBias) and population.data is None and allows(model, population):
        # At the truth of a labelled normal model the sandwich is the inverse information.
        theory = replace(theory, bound=errors)
    sample = None if written else scene.sample(model)
    if sample is None or not mixture.sds_cm.min() > 0.0:
        return theory
    at = limit_at((sample.in_units(mixture),), model, sample, spec.sampling)
    _, first = _errors(likelihood_equations(at), sizes)
    return replace(theory, small_sample_bias=first, rival_chance=0.0)


def _of_moments(scene: _Scene, model: Model) -> _Theory:
    """Theory of a model of exact heights without labels that is fitted by moments."""
    sample = scene.sample(model)
    equations = None if sample is None else moment_equations(model, sample)
    theory = _Theory(bound=scene.bound(model))
    if equations is None:
        return theory
    theory = replace(theory, limit=estimates_of(equations.mixture_cm(equations.root).theta))
    if has_classes(scene.spec.bias):
        return theory
    errors, first = _errors(equations, scene.sizes)
    # Moments have one solution: nothing competes with it.
    other = np.where(np.isnan(errors), np.nan, 0.0)
    return replace(theory, limit_se=errors, small_sample_bias=first, rival_chance=other)


def _errors(equations: Equations, sizes: Int32s) -> tuple[Floats, Floats]:
    """Standard errors around a limit and the first term of the bias about it, at each size."""
    try:
        covariance, first = covariance_times_size(equations), bias_times_size(equations)
    except np.linalg.LinAlgError:  # the information at the limit is singular: they have none
        return np.full((len(sizes), 1), np.nan), np.full((len(sizes), 1), np.nan)
    return _over_sizes(covariance, sizes), first / sizes[:, None]


def _over_sizes(covariance: Floats, sizes: Int32s) -> Floats:
    """Standard errors at each size from the covariance of one person."""
    # Rounding may leave a variance that is zero a little below it.
    variances = np.clip(np.diag(covariance), 0.0, None)
    return np.sqrt(variances / sizes[:, None])


def bound_covariance(
    population: Population, bias: Bias, model: Model, sampling: Sampling
) -> Floats | None:
    """Smallest covariance of an unbiased estimator, times n, shape (4 K - 1, 4 K - 1).

    In the order of `parameter_rows`; zero for what is known or counted. None where there is no
    bound, see `why_no_bound`, or if the information is singular: infinitely many people would not
    tell the groups.

    The inverse information in those of the people kept whom the model uses [1]_, ``J (J' I J)^-1
    J'``: without the others if it ignores who has no label. A stratified design tells something
    more of those whose group is hidden, ``I + D V^-1 D'`` with ``D = E[s r']`` and ``V = E[diag(r)
    - r r']`` over the first K - 1 groups: the counts given the heights are normal around ``sum r``
    with variance ``n V`` (derived). Where shares are free this takes ``diag(pi) - pi pi'`` from
    their covariance and changes nothing else.
    """
    right = right_observation(bias, population)
    if right is None or why_no_bound(population, bias, model, sampling):
        return None
    stratified = sampling == "stratified"
    sample = infinite_sample(population, bias, replace(model, observation=right), sampling)
    if sample is None:
        return None
    groups = len(population.groups)
    truth = true_mixture(population)
    u = coordinates(sample.in_units(truth).theta)
    at = likelihood(u, sample.rows)
    # The rows have the weight 1, the people in them this share of those who were measured.
    used = float(sample.strata.sum())
    hidden = sample.rows.group == HIDDEN
    counted = stratified and not hidden.any()
    free = free_coordinates(replace(model, shares="known") if counted else model, groups)
    unit = by_coordinate(groups, 1.0, sample.scale_cm, 1.0)
    turn = (gradients(truth.theta) * unit) @ free
    information = free.T @ at.information @ free
    if not is_regular(information):
        return None
    inverse = np.linalg.solve(information, turn.T)
    covariance = turn @ inverse
    if stratified and hidden.any():
        weight = sample.rows.weight[hidden]
        posterior = at.posterior[hidden][:, :-1]
        weighted = weight[:, None] * posterior
        coupling = free.T @ (at.scores[hidden].T @ weighted)
        spread = np.diag(weighted.sum(axis=0)) - posterior.T @ weighted
        # The same by Woodbury's identity, so that V may be zero: then everybody's group is seen.
        known = coupling.T @ inverse
        seen = spread + coupling.T @ np.linalg.solve(information, coupling)
        e, q = np.linalg.eigh(seen)
        q = q[:, e > SINGULAR]  # what is left out is as small as the chance to take a group wrong
        e = e[e > SINGULAR]
        covariance -= known.T @ q / e @ (q.T @ known)
    return covariance / used


def why_no_bound(population: Population, bias: Bias, model: Model, sampling: Sampling) -> str:
    """Why a model has no bound in a scenario; empty where only its information may be singular."""
    if functions_of(population, bias):
        return "nothing is derived where a function of the study draws people or says who is kept"
    right = right_observation(bias, population)
    if right is None:
        return "no likelihood here says of heights or labels what this bias does to them"
    if not is_right(model.observation, right):
        return "its likelihood takes the heights for another sample than this bias makes of them"
    if population.data is not None:
        return "the groups of a data file are not normal"
    if not allows(model, population):
        return "its model does not contain the truth"
    fixed = sampling == "stratified" and model.labels != "all"
    if fixed and not isinstance(right, Exact | Rounded):
        return "the design fixes the shares of those who were kept, which its likelihood ignores"
    return ""


def right_observation(bias: Bias, population: Population) -> Observation | None:
    """The observation that says of heights what a bias did to them; None if there is none."""
    match bias:
        case NoBias():
            return EXACT
        case Rounding(step_cm=step):
            return Rounded(step)
        case Heaping(grids=grids):
            return Heaped(grids)
        case Truncation(below_cm=below, above_cm=above):
            return Truncated(below, above)
        case Selection(log_odds_per_cm=slope, group=""):
            return Selected(slope, population.mean_cm)
        # ASSUME [weights] the cap of these weights, 5 SDs beyond the farthest mean, caps no one: it
        # moves a bound by less than 1e-5 of itself.
        case Tilt(log_weight_per_cm=slope, group=""):
            return Tilted(slope)
        case SizeBias(group=""):
            return SizeBiased()
        case _:
            return None


def is_right(observation: Observation, right: Observation) -> bool:
    """Whether an estimator that assumes an observation goes to the truth.

    True if they say the same; if weights mend the selection; or if the estimator itself cuts off
    more people.
    """
    match observation, right:
        case Weighted(slope, centre), Selected(of_bias, middle):
            return isclose(slope, of_bias) and isclose(centre, middle)
        case Selected(slope, centre), Selected(of_bias, middle):
            return isclose(slope, of_bias) and isclose(centre, middle)
        case Truncated(below, above), Exact() | Truncated():
            low, high = (
                (None, None) if isinstance(right, Exact) else (right.below_cm, right.above_cm)
            )
            return (low is None or (below is not None and below >= low)) and (
                high is None or (above is not None and above <= high)
            )
        case _:
            return observation == right


def allows(model: Model, population: Population) -> bool:
    """Whether a model allows the population's own shares and SDs.

    False if it holds unequal SDs for equal, or groups for other than normal, or other numbers for
    known than the truth.
    """
    if model.freedom:
        return False
    if model.sds == "equal" and np.ptp(population.sds_cm) > 0.0:
        return False
    known = (
        (model.shares, model.assumed_shares, population.shares),
        (model.sds, model.assumed_sds_cm, population.sds_cm),
    )
    return all(
        rule != "known" or assumed is None or np.array_equal(assumed, truth)
        for rule, assumed, truth in known
    )
