"""Bounds: what theory says of each model of a scenario at each size, before any data are drawn."""

from dataclasses import dataclass, fields, replace
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from stature.arrays import Floats, Int32s
from stature.domain.bias import Bias, NoBias, has_classes, writes_labels
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling, parameter_rows
from stature.domain.population import Pool, Population
from stature.domain.sampling import stratified_groups
from stature.theory.coordinates import parameters
from stature.theory.distributions import (
    Distribution,
    LabelledDistribution,
    label_std_errors,
    labelled_distribution,
    recorded_distribution,
)
from stature.theory.equations import Equations, bias_times_size, covariance_times_size
from stature.theory.infinite import Infinite, infinite_sample
from stature.theory.information import bound_covariance, em_rate, limit_covariance
from stature.theory.labelled_moments import labelled_std_errors
from stature.theory.limits import limit
from stature.theory.pearson_limits import pearson_limit
from stature.theory.rivals import rival_chance
from stature.theory.seen_bounds import seen_bound
from stature.theory.seen_limits import SeenLimit, at_limit, equations_of, seen_em_rate, seen_limit
from stature.theory.truth import contains_truth, true_mixture


def _is_empty(models: tuple[Model, ...]) -> bool:
    """Whether there are none."""
    return not models


@dataclass(frozen=True, slots=True)
class BoundsSpec:
    """All that the bounds of a scenario depend on."""

    population: Population  # where people come from
    bias: Bias  # how the sample departs from it
    sampling: Sampling  # whether the number of people of each group is fixed
    sizes: tuple[int, ...]  # sizes
    models: tuple[Model, ...]  # models of the estimators; equal ones count once
    # models that are fitted by the method of moments; left out of the JSON where there are none
    moments: Annotated[tuple[Model, ...], Field(exclude_if=_is_empty)] = ()


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
    """Derive limits, bounds and rates of a scenario.

    Parameters
    ----------
    spec : BoundsSpec
        Scenario, sizes and models.
    pool : Pool, optional
        The people of an empirical population; needed if and only if the population is one.

    Returns
    -------
    Bounds
        Models in the order of their slugs, sizes ascending, parameters as `parameter_rows`.

    Raises
    ------
    ValueError
        If the pool is missing, or given for a population of normal groups.

    Notes
    -----
    Labelled models use the counts of the design at each size, unlabelled ones the shares: their
    standard errors fall exactly as ``n^-1/2``. With known shares and stratified samples the
    ordinary likelihood does not use the fixed counts, so that `limit_se` stays above `bound`, by
    .1 % for the means of the default school, and by 2.5 % if the SDs are known too. A penalty that
    is divided by the root of n moves no limit. Hard EM, and EM that stops early, end elsewhere than
    at the maximum, and have no limit here. Costs some 60 ms a model.
    """
    scenario = spec.population, spec.bias, spec.sampling, pool
    law = recorded_distribution(*scenario)
    labels = labelled_distribution(*scenario) if writes_labels(spec.bias) else None
    sizes = np.array(sorted(set(spec.sizes)), dtype=np.int32)
    scene = _Scene(spec, law, labels, sizes, pool)
    ways = {model.slug: (_of_model, model) for model in spec.models}
    ways |= {moments_name(model): (_of_moments, model) for model in spec.moments}
    rows = parameter_rows(spec.population.group_names)
    names = sorted(ways)
    theory = [of(scene, model) for of, model in (ways[name] for name in names)]
    per_size = [row for _ in sizes for row in rows]
    truth = np.tile(parameters(true_mixture(spec.population)), len(sizes) * len(names))
    columns = {
        field.name: np.concatenate([getattr(one, field.name).ravel() for one in theory])
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
    law: Distribution
    labels: LabelledDistribution | None
    sizes: Int32s
    pool: Pool | None

    @property
    def shape(self) -> tuple[int, int]:
        """Sizes and parameters."""
        return len(self.sizes), 4 * len(self.spec.population.groups) - 1

    def sample(self, model: Model) -> Infinite | None:
        """Return all people as a model sees them."""
        spec = self.spec
        return infinite_sample(spec.population, spec.bias, model, spec.sampling, self.pool)


@dataclass(frozen=True, slots=True)
class _Theory:
    """Theory of one model, each of shape (sizes, parameters)."""

    limit: Floats
    bound: Floats
    limit_se: Floats
    small_sample_bias: Floats
    em_rate: Floats
    rival_chance: Floats


def _of_model(scene: _Scene, model: Model) -> _Theory:
    """Theory of a model that is fitted by maximum likelihood."""
    spec, law, labels, sizes = scene.spec, scene.law, scene.labels, scene.sizes
    nothing = np.full(scene.shape, np.nan)
    if labels is None and model.labels == "recorded":
        # Everybody has a label, and it is right.
        model = replace(model, labels="all", unlabelled="used")
    if not model.is_plain:
        return _of_seen(scene, model)
    if labels is not None and model.labels == "all":
        law = labels.of_labels
    whole = limit(model, law, spec.population)
    found = whole.mixture
    if found is None:
        limits, limit_ses, first, rates, rival = (nothing,) * 5
    else:
        limits = np.broadcast_to(parameters(found), scene.shape)
        rate = 0.0 if model.labels == "all" else em_rate(found, model, law)
        rates = np.full(scene.shape, rate)
        limit_ses, first, rival = nothing, nothing, nothing
        # People of one class are no independent people: there are limits, but no such errors.
        if not has_classes(spec.bias):
            limit_ses = _limit_ses(scene, model, law, found)
            if labels is None or model.labels == "none":
                first, rival = _of_sample(scene, model, whole.maxima)
    bounds = nothing
    unbiased = isinstance(spec.bias, NoBias) and spec.population.data is None
    if unbiased and contains_truth(model, spec.population):
        if model.labels == "all":
            # At the truth of a labelled normal model the sandwich is the inverse information.
            bounds = limit_ses
        else:
            truth = true_mixture(spec.population)
            bounds = _over_sizes(bound_covariance(truth, model, spec.sampling), sizes)
    return _Theory(limits, bounds, limit_ses, first, rates, rival)


def _of_seen(scene: _Scene, model: Model) -> _Theory:
    """The same of a model that knows of cuts, cells, weights, a part of the labels or tails."""
    spec, sizes = scene.spec, scene.sizes
    nothing = np.full(scene.shape, np.nan)
    sample = scene.sample(model)
    if sample is None:
        return _Theory(*(nothing,) * 6)
    limits, limit_ses, first, rates, rival = (nothing,) * 5
    found = seen_limit(model, sample, scene.law, spec.population, spec.sampling)
    if found.mixture is not None:
        limits = np.broadcast_to(parameters(found.mixture), scene.shape)
        rates = np.full(scene.shape, seen_em_rate(model, found))
        if not has_classes(spec.bias):
            limit_ses, first = _errors(equations_of(found), sizes)
            rival = _rival(scene, found)
    return _Theory(limits, _seen_bounds(scene, model), limit_ses, first, rates, rival)


def _of_moments(scene: _Scene, model: Model) -> _Theory:
    """The same of a model of exact heights without labels that is fitted by moments."""
    nothing = np.full(scene.shape, np.nan)
    sample = scene.sample(model)
    found = None if sample is None else pearson_limit(model, sample)
    bounds = _seen_bounds(scene, model)
    if found is None:
        return _Theory(nothing, bounds, *(nothing,) * 4)
    limits = np.broadcast_to(parameters(found.mixture_cm(found.root)), scene.shape)
    limit_ses, first = nothing, nothing
    if not has_classes(scene.spec.bias):
        limit_ses, first = _errors(found, scene.sizes)
    # Moments have one solution: nothing rivals it.
    rival = np.where(np.isnan(limit_ses), np.nan, 0.0)
    return _Theory(limits, bounds, limit_ses, first, nothing, rival)


def _seen_bounds(scene: _Scene, model: Model) -> Floats:
    """Bounds of a model whose observation may be right about the bias."""
    spec = scene.spec
    if contains_truth(model, spec.population):
        covariance = seen_bound(spec.population, spec.bias, model, spec.sampling)
        if covariance is not None:
            return _over_sizes(covariance, scene.sizes)
    return np.full(scene.shape, np.nan)


def _errors(equations: Equations, sizes: Int32s) -> tuple[Floats, Floats]:
    """Standard errors around a limit and the first term of the bias about it, at each size."""
    first = bias_times_size(equations) / sizes[:, None]
    return _over_sizes(covariance_times_size(equations), sizes), first


def _of_sample(scene: _Scene, model: Model, maxima: tuple[Mixture, ...]) -> tuple[Floats, Floats]:
    """First term of the bias of a plain model about its limit, and the chance of rivals."""
    sample = scene.sample(model)
    if sample is None or not maxima[0].sds_cm.min() > 0.0:
        return np.full(scene.shape, np.nan), np.full(scene.shape, np.nan)
    found = at_limit(maxima, model, sample, scene.spec.sampling)
    return bias_times_size(equations_of(found)) / scene.sizes[:, None], _rival(scene, found)


def _rival(scene: _Scene, found: SeenLimit) -> Floats:
    """Chance of rivals at each size, the same for all parameters."""
    chance = rival_chance(found.u, found.rivals, found.sample, scene.sizes)
    return np.broadcast_to(chance[:, None], scene.shape)


def _limit_ses(scene: _Scene, model: Model, law: Distribution, found: Mixture) -> Floats:
    """Standard errors around the limit at each size, shape (sizes, parameters)."""
    spec, labels = scene.spec, scene.labels
    if model.labels == "none":
        return _over_sizes(limit_covariance(found, model, law, spec.sampling), scene.sizes)
    groups = len(spec.population.groups)
    ses: list[Floats] = []
    for size in scene.sizes.tolist():
        counts = size * (law.shares if labels is None else labels.shares)
        if spec.sampling == "stratified":
            design = stratified_groups(spec.population.shares, size)
            counts = np.bincount(design, minlength=groups).astype(np.float64)
        if labels is None:
            ses.append(labelled_std_errors(model, law, counts, spec.sampling))
        else:
            ses.append(label_std_errors(model, labels, counts, spec.sampling))
    return np.array(ses)


def _over_sizes(covariance: Floats, sizes: Int32s) -> Floats:
    """Standard errors at each size from the covariance of one person."""
    # Rounding may leave a variance that is zero a little below it.
    variances = np.clip(np.diag(covariance), 0.0, None)
    return np.sqrt(variances / sizes[:, None])
