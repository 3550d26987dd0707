"""Bounds: what theory says of each model of a scenario at each size, before any data are drawn."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stature.domain.bias import Bias, NoBias, has_classes, writes_labels
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling, parameter_rows
from stature.domain.population import Pool, Population
from stature.domain.sampling import stratified_groups
from stature.theory.coordinates import parameters
from stature.theory.infinite import infinite_sample
from stature.theory.information import bound_covariance, em_rate, limit_covariance
from stature.theory.label_laws import LabelLaw, label_law, label_std_errors
from stature.theory.laws import Law, biased_law
from stature.theory.limits import limit
from stature.theory.moments import labelled_std_errors
from stature.theory.seen_bounds import seen_bound
from stature.theory.seen_limits import seen_covariance, seen_em_rate, seen_limit


@dataclass(frozen=True, slots=True)
class BoundsSpec:
    """All that the bounds of a scenario depend on.

    Attributes
    ----------
    population : Population
        Where people come from.
    bias : Bias
        How the sample departs from it.
    sampling : {"stratified", "random"}
        Whether the number of people of each group is fixed.
    sizes : tuple of int
        Sizes.
    models : tuple of Model
        Models of the estimators; equal ones count once.
    """

    population: Population
    bias: Bias
    sampling: Sampling
    sizes: tuple[int, ...]
    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Theory of a scenario: one row for each model, size and parameter, in this order.

    Attributes
    ----------
    model : tuple of str
        Slugs of the models.
    size : array of int32, shape (b,)
        Number of people, n.
    group, parameter : tuple of str
        The parameter, as `parameter_rows`.
    truth : array, shape (b,)
        The population's parameter.
    limit : array, shape (b,)
        Where the estimator goes as n grows; NaN if nowhere inside the parameter space.
    bound : array, shape (b,)
        Smallest standard error of an unbiased estimator under the sampling design used; zero for
        what is known or fixed by the design; NaN under a bias that the model's observation does
        not describe, for a population that is not normal, and for a model that does not contain
        the truth.
    limit_se : array, shape (b,)
        Large-sample standard error of this estimator around its limit (sandwich); NaN if people
        depend on each other, as in classes.
    em_rate : array, shape (b,)
        Factor by which an EM step shrinks the error near the limit; zero with labels.
    sampling : tuple of str
        Sampling design.
    """

    model: tuple[str, ...]
    size: NDArray[np.int32]
    group: tuple[str, ...]
    parameter: tuple[str, ...]
    truth: NDArray[np.float64]
    limit: NDArray[np.float64]
    bound: NDArray[np.float64]
    limit_se: NDArray[np.float64]
    em_rate: NDArray[np.float64]
    sampling: tuple[str, ...]


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
    .1 % for the means of the default school, and by 2.5 % if the SDs are known too. Costs some
    60 ms a model.
    """
    scenario = spec.population, spec.bias, spec.sampling, pool
    law = biased_law(*scenario)
    labels = label_law(*scenario) if writes_labels(spec.bias) else None
    sizes = np.array(sorted(set(spec.sizes)), dtype=np.int32)
    models = sorted({model.slug: model for model in spec.models}.items())
    rows = parameter_rows(spec.population.group_names)
    theory = [_of_model(spec, model, law, labels, sizes, pool) for _, model in models]
    per_size = [row for _ in sizes for row in rows]
    truth = np.tile(parameters(true_mixture(spec.population)), len(sizes) * len(models))
    limits, bounds, limit_ses, rates = (
        np.concatenate([columns[index].ravel() for columns in theory]) for index in range(4)
    )
    return Bounds(
        model=tuple(slug for slug, _ in models for _ in per_size),
        size=np.tile(np.repeat(sizes, len(rows)), len(models)),
        group=tuple(group for _ in models for group, _ in per_size),
        parameter=tuple(parameter for _ in models for _, parameter in per_size),
        truth=truth,
        limit=limits,
        bound=bounds,
        limit_se=limit_ses,
        em_rate=rates,
        sampling=(spec.sampling,) * len(truth),
    )


def true_mixture(population: Population) -> Mixture:
    """The truth of a population as a mixture.

    Parameters
    ----------
    population : Population
        A population.

    Returns
    -------
    Mixture
        Its shares, means and SDs, in the order of its means.
    """
    return Mixture(population.shares, population.means_cm, population.sds_cm)


def contains_truth(model: Model, population: Population) -> bool:
    """Whether a model allows the population's own shares and SDs.

    Parameters
    ----------
    model : Model
        The model.
    population : Population
        The truth.

    Returns
    -------
    bool
        False if it holds unequal SDs for equal, or groups for other than normal, or is told other
        numbers than the truth.
    """
    if model.freedom:
        return False
    if model.sds == "equal" and np.ptp(population.sds_cm) > 0.0:
        return False
    told = (
        (model.shares, model.assumed_shares, population.shares),
        (model.sds, model.assumed_sds_cm, population.sds_cm),
    )
    return all(
        rule != "known" or assumed is None or np.array_equal(assumed, truth)
        for rule, assumed, truth in told
    )


def _of_model(
    spec: BoundsSpec,
    model: Model,
    law: Law,
    labels: LabelLaw | None,
    sizes: NDArray[np.int32],
    pool: Pool | None,
) -> tuple[NDArray[np.float64], ...]:
    """Limit, bound, limit SE and rate of one model, each of shape (sizes, parameters)."""
    shape = (len(sizes), 4 * len(spec.population.groups) - 1)
    nothing = np.full(shape, np.nan)
    if labels is None and model.labels == "recorded":
        # Everybody has a label, and it is right.
        model = replace(model, labels="all", unlabelled="used")
    if not model.is_plain:
        if model.unlabelled == "ignored" or (labels is not None and model.labels != "none"):
            # Nothing is derived of likelihoods that take labels as they are recorded.
            return nothing, nothing, nothing, nothing
        return _of_seen(spec, model, law, sizes, pool)
    if labels is not None and model.labels == "all":
        law = labels.of_labels
    found = limit(model, law, spec.population).mixture
    if found is None:
        limits, limit_ses, rates = nothing, nothing, nothing
    else:
        limits = np.broadcast_to(parameters(found), shape)
        # People of one class are no independent people: there are limits, but no such errors.
        dependent = has_classes(spec.bias)
        limit_ses = nothing if dependent else _limit_ses(spec, model, law, labels, found, sizes)
        rate = 0.0 if model.labels == "all" else em_rate(found, model, law)
        rates = np.full(shape, rate)
    bounds = nothing
    unbiased = isinstance(spec.bias, NoBias) and spec.population.data is None
    if unbiased and contains_truth(model, spec.population):
        if model.labels == "all":
            # At the truth of a labelled normal model the sandwich is the inverse information.
            bounds = limit_ses
        else:
            truth = true_mixture(spec.population)
            bounds = _over_sizes(bound_covariance(truth, model, spec.sampling), sizes)
    return limits, bounds, limit_ses, rates


def _of_seen(
    spec: BoundsSpec, model: Model, law: Law, sizes: NDArray[np.int32], pool: Pool | None
) -> tuple[NDArray[np.float64], ...]:
    """The same of a model that knows of cuts, cells, weights, a part of the labels or tails."""
    shape = (len(sizes), 4 * len(spec.population.groups) - 1)
    nothing = np.full(shape, np.nan)
    limits, bounds, limit_ses, rates = nothing, nothing, nothing, nothing
    sample = infinite_sample(spec.population, spec.bias, model, spec.sampling, pool)
    if sample is None:
        return limits, bounds, limit_ses, rates
    found = seen_limit(model, sample, law, spec.population, spec.sampling)
    if found.mixture is not None:
        limits = np.broadcast_to(parameters(found.mixture), shape)
        rates = np.full(shape, seen_em_rate(model, found))
        if not has_classes(spec.bias):
            limit_ses = _over_sizes(seen_covariance(found), sizes)
    if contains_truth(model, spec.population):
        covariance = seen_bound(spec.population, spec.bias, model, spec.sampling)
        if covariance is not None:
            bounds = _over_sizes(covariance, sizes)
    return limits, bounds, limit_ses, rates


def _limit_ses(
    spec: BoundsSpec,
    model: Model,
    law: Law,
    labels: LabelLaw | None,
    found: Mixture,
    sizes: NDArray[np.int32],
) -> NDArray[np.float64]:
    """Standard errors around the limit at each size, shape (sizes, parameters)."""
    if model.labels == "none":
        return _over_sizes(limit_covariance(found, model, law, spec.sampling), sizes)
    groups = len(spec.population.groups)
    ses: list[NDArray[np.float64]] = []
    for size in sizes.tolist():
        counts = size * (law.shares if labels is None else labels.shares)
        if spec.sampling == "stratified":
            design = stratified_groups(spec.population.shares, size)
            counts = np.bincount(design, minlength=groups).astype(np.float64)
        if labels is None:
            ses.append(labelled_std_errors(model, law, counts, spec.sampling))
        else:
            ses.append(label_std_errors(model, labels, counts, spec.sampling))
    return np.array(ses)


def _over_sizes(covariance: NDArray[np.float64], sizes: NDArray[np.int32]) -> NDArray[np.float64]:
    """Standard errors at each size from the covariance of one person."""
    # Rounding may leave a variance that is zero a little below it.
    variances = np.clip(np.diag(covariance), 0.0, None)
    return np.sqrt(variances / sizes[:, None])
