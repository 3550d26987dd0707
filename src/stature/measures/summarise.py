"""From the fits of a scenario to its measures.

Every cell (estimator, size, parameter) gets every measure, also where it has no value, so that
the rows to expect are known beforehand and their number can be checked. What a measure of one
estimator says depends on the fits of that estimator alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stature.arrays import Floats
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Estimator, Fits, IntervalStatus, SeStatus, Status
from stature.measures import paired, performance, proportions, rates
from stature.measures.cells import Cells, cells
from stature.measures.influence import Measured
from stature.measures.measure import (
    Measure,
    MeasureSpec,
    Subject,
    records,
    records_over_sizes,
    sort_key,
)
from stature.measures.theory import TheoryCells, ends_at_its_limit, theory_cells, theory_name
from stature.theory.bounds import Bounds

# "Within 2 cm" is near enough to tell a person by eye from the mean of the group.
HIT_CM = 2.0
# A tenth of a standard error: nobody would tell such an estimate from the maximum.
NEAR = 0.1
MEDIAN = 0.5
HIGH_QUANTILE = 0.9


def measure(spec: MeasureSpec, fits: Mapping[str, Fits], bounds: Bounds) -> tuple[Measure, ...]:
    """Measures of all estimators of a scenario."""
    _refuse_unequal(spec, fits)
    reference = reference_of(spec.estimators)
    laid_out = {
        estimator.name: cells(fits[estimator.name], spec.population)
        for estimator in spec.estimators
    }
    found: list[Measure] = []
    for estimator in spec.estimators:
        own, own_fits = laid_out[estimator.name], fits[estimator.name]
        subject = Subject(
            population=spec.population.name,
            bias=spec.bias_name,
            scenario=spec.scenario,
            estimator=estimator.name,
            sizes=tuple(own_fits.sizes.tolist()),
            group_names=own_fits.group_names,
            expected=own_fits.replicates.size,
        )
        name = theory_name(estimator)
        theory = theory_cells(bounds, name, own_fits.sizes, own_fits.group_names)
        inside = _within(theory, estimator, own_fits.group_names)
        if not ends_at_its_limit(estimator) or not inside:
            nowhere = np.full_like(theory.limit, np.nan)
            theory = theory._replace(
                limit=nowhere,
                limit_se=nowhere,
                small_sample_bias=nowhere,
                rival_chance=nowhere[:, 0],
            )
        found += _of_parameters(subject, own, theory)
        found += records(subject, "em_rate", _exactly(theory.em_rate), policy="")
        found += records(subject, "rival_chance", _exactly(theory.rival_chance), policy="")
        found += _of_fits(subject, own, own_fits)
        if estimator.interval != "wald":
            found += _of_intervals(subject, own, own_fits)
        if estimator.interval == "bootstrap":
            found += _of_resamples(subject, own, own_fits)
        wald = wald_sibling(estimator, spec.estimators)
        if wald is not None:
            found += _against_wald(subject, own, wald.name, laid_out[wald.name])
        if reference is not None and reference.name != estimator.name:
            other = laid_out[reference.name]
            if agrees(estimator, reference):
                found += _agreement(subject, own, reference.name, other)
            elif estimator.model.labels == "none":
                found += _price(subject, own, reference.name, other)
    return tuple(sorted(found, key=sort_key))


def agrees(estimator: Estimator, reference: Estimator) -> bool:
    """Whether an estimator seeks the very maximum that the reference has."""
    more = estimator.is_penalised or estimator.sd_ratio
    same = estimator.model == reference.model and not more
    return same and estimator.ends_at_maximum


def _within(theory: TheoryCells, estimator: Estimator, group_names: tuple[str, ...]) -> bool:
    """Whether the SDs of a limit are as much alike as an estimator has them."""
    rows = [name == "sd_cm" for _, name in parameter_rows(group_names)]
    sds_cm = theory.limit[:, rows]
    return not (sds_cm.min(axis=-1) < estimator.sd_ratio * sds_cm.max(axis=-1)).any()


def reference_of(estimators: tuple[Estimator, ...]) -> Estimator | None:
    """The estimator that others are compared with.

    Parameters
    ----------
    estimators : tuple of Estimator
        The estimators of a study.

    Returns
    -------
    Estimator or None
        The labelled closed form named ``mle``, else the first labelled closed form by name;
        None: there is none.
    """
    labelled = [
        estimator
        for estimator in estimators
        if estimator.model.labels == "all"
        and estimator.method == "closed-form"
        and estimator.variances == "likelihood"
    ]
    return min(
        labelled, key=lambda estimator: (estimator.name != "mle", estimator.name), default=None
    )


def wald_sibling(estimator: Estimator, estimators: tuple[Estimator, ...]) -> Estimator | None:
    """The estimator that makes the same fits and has Wald intervals.

    The first by name; None: there is none, or the estimator has Wald intervals itself.
    """
    if estimator.interval == "wald":
        return None
    alike = [
        one
        for one in estimators
        if one == replace(estimator, name=one.name, interval="wald", bootstrap_samples=0)
    ]
    return min(alike, key=lambda one: one.name, default=None)


def _of_parameters(subject: Subject, own: Cells, theory: TheoryCells) -> Iterator[Measure]:
    """Measures of each parameter at each size, and the rate over sizes."""
    error = own.available
    for name, measured in _errors(error).items():
        yield from records(subject, name, measured)
    truth = np.broadcast_to(own.truth, error.shape[:-1])
    shift = theory.limit - truth
    others = {
        "relative_bias": performance.relative_bias(error, truth),
        "mse": performance.mse(error),
        "absolute_error": performance.average(np.abs(error)),
        "median_error": performance.quantile(error, MEDIAN),
        "model_se": performance.model_se(own.std_error),
        "relative_error_model_se": performance.relative_error_model_se(error, own.std_error),
        "coverage": proportions.coverage(own.lower, own.upper, truth),
        "bias_eliminated_coverage": proportions.bias_eliminated_coverage(
            own.lower, own.upper, np.where(np.isfinite(error), own.estimate, np.nan)
        ),
        "interval_width": performance.average(own.upper - own.lower),
        "efficiency": performance.efficiency(error, theory.bound),
        "bias_to_limit": performance.bias(error - shift[..., None]),
        "limit_coverage": proportions.coverage(own.robust_lower, own.robust_upper, theory.limit),
    }
    for name, measured in others.items():
        yield from records(subject, name, measured)
    for name, values in (
        ("truth", truth),
        ("bound", theory.bound),
        ("limit_bias", shift),
        ("limit_se", theory.limit_se),
        ("small_sample_bias", theory.small_sample_bias),
    ):
        yield from records(subject, name, _exactly(values), policy="")
    if not own.converged.all():
        yield from _of_all_finite(subject, own)
    slope = rates.slope(np.array(subject.sizes), np.swapaxes(error, 0, 1))
    yield from records_over_sizes(subject, "rate", slope)


def _errors(error: Floats) -> dict[str, Measured]:
    """The three measures of error that are given under every policy."""
    return {
        "bias": performance.bias(error),
        "empirical_se": performance.empirical_se(error),
        "rmse": performance.rmse(error),
    }


def _of_all_finite(subject: Subject, own: Cells) -> Iterator[Measure]:
    """The same errors with what has not converged, at the sizes where anything has not."""
    failing = set(np.flatnonzero(~own.converged.all(axis=-1)).tolist())
    sizes = {size for cell, size in enumerate(subject.sizes) if cell in failing}
    for name, measured in _errors(own.finite).items():
        for record in records(subject, name, measured, policy="finite"):
            if record.size in sizes:
                yield record


def _of_fits(subject: Subject, own: Cells, fits: Fits) -> Iterator[Measure]:
    """Measures of whole fits: how they ended, what they cost, how often they are near enough."""
    order = np.argsort(fits.replicates)

    def laid_out(values: NDArray[np.generic]) -> Floats:
        return np.ascontiguousarray(values[order].T, dtype=np.float64)

    happened = {status.name.lower(): laid_out(fits.status == status) for status in Status}
    happened["se_singular"] = laid_out(fits.se_status == SeStatus.SINGULAR)
    happened["se_none"] = laid_out(fits.se_status == SeStatus.NONE)
    happened["suspect"] = laid_out(fits.suspect)
    happened["near_tie"] = laid_out(fits.near_tie)
    free = np.zeros_like(fits.near_tie)
    happened["at_constraint"] = laid_out(free if fits.at_constraint is None else fits.at_constraint)
    means = [
        index
        for index, (_, parameter) in enumerate(parameter_rows(fits.group_names))
        if parameter == "mean_cm"
    ]
    # ASSUME a fit that failed is a miss: a user would have got no answer.
    happened["within_2cm"] = proportions.within(own.available[:, means], HIT_CM)
    # The decrement is infinite where the information is not positive definite: far from a maximum.
    distance = np.sqrt(np.maximum(laid_out(fits.decrement), 0.0))
    happened["near_maximum"] = (own.converged & (distance < NEAR)).astype(np.float64)
    for name, indicator in happened.items():
        yield from records(subject, name, proportions.proportion(indicator))
    converged = np.where(own.converged, 1.0, np.nan)
    yield from records(subject, "distance", performance.quantile(distance * converged, MEDIAN))
    for name, cost in (("passes", fits.passes), ("steps", fits.steps)):
        spent = laid_out(cost) * converged
        yield from records(subject, name, performance.average(spent))
        yield from records(subject, f"{name}_median", performance.quantile(spent, MEDIAN))
        yield from records(subject, f"{name}_p90", performance.quantile(spent, HIGH_QUANTILE))
    agreeing = performance.average(laid_out(fits.starts_agreeing) * converged)
    yield from records(subject, "starts_agreeing", agreeing)


def _of_intervals(subject: Subject, own: Cells, fits: Fits) -> Iterator[Measure]:
    """How often an end of an interval is the boundary of its parameter."""
    status = np.moveaxis(fits.interval_status[np.argsort(fits.replicates)], 0, -1)
    happened = (status == IntervalStatus.BOUNDARY).astype(np.float64)
    happened[np.isnan(own.lower)] = np.nan
    yield from records(subject, "at_boundary", proportions.proportion(happened))


def _of_resamples(subject: Subject, own: Cells, fits: Fits) -> Iterator[Measure]:
    """How many bootstrap samples could not be fitted."""
    failed = fits.resamples_failed[np.argsort(fits.replicates)].T.astype(np.float64)
    counted = performance.average(np.where(own.converged, failed, np.nan))
    yield from records(subject, "resamples_failed", counted)


def _against_wald(subject: Subject, own: Cells, name: str, other: Cells) -> Iterator[Measure]:
    """Whether the coverage is nearer to what the intervals claim than that of Wald's."""
    truth = np.broadcast_to(own.truth, own.lower.shape[:-1])
    nearer = paired.closer_to_nominal((own.lower, own.upper), (other.lower, other.upper), truth)
    yield from records(subject, "closer_to_nominal", nearer, "joint", name)


def _agreement(subject: Subject, own: Cells, name: str, other: Cells) -> Iterator[Measure]:
    """How far an estimator is from the reference of the same likelihood."""
    apart = paired.largest_relative_difference(
        np.where(np.isfinite(own.available), own.estimate, np.nan),
        np.where(np.isfinite(other.available), other.estimate, np.nan),
    )
    yield from records(subject, "largest_relative_difference", apart, "joint", name)


def _price(subject: Subject, own: Cells, name: str, other: Cells) -> Iterator[Measure]:
    """What it costs not to see the labels, as a ratio of errors and in people."""
    price = paired.price(own.available, other.available)
    yield from records(subject, "price_of_hidden_labels", price, "joint", name)
    gain = paired.gain_in_precision(own.available, other.available)
    yield from records(subject, "gain_in_precision", gain, "joint", name)
    sizes = np.array(subject.sizes)
    hidden = rates.curve(sizes, np.swapaxes(own.available, 0, 1))
    labelled = rates.curve(sizes, np.swapaxes(other.available, 0, 1))
    for measure_name, target, curve in (
        ("labelled_equivalent", hidden, labelled),
        ("hidden_equivalent", labelled, hidden),
    ):
        people = _sizes_first(rates.equivalent_size(target, curve))
        yield from records(subject, measure_name, people, "available", name)


def _exactly(values: Floats) -> Measured:
    """A number of theory: no chance in it, and no replicates behind it."""
    nothing = np.full_like(values, np.nan)
    return Measured(values, nothing, nothing, nothing, np.zeros(values.shape, dtype=np.int64))


def _sizes_first(measured: Measured) -> Measured:
    """Measures of shape (parameters, sizes) as (sizes, parameters)."""
    return Measured(
        measured.value.T, measured.mcse.T, measured.lower.T, measured.upper.T, measured.used.T
    )


def _refuse_unequal(spec: MeasureSpec, fits: Mapping[str, Fits]) -> None:
    """Raise if the estimators did not meet the same samples."""
    problems: list[str] = []
    names = sorted(estimator.name for estimator in spec.estimators)
    missing = [name for name in names if name not in fits]
    if missing:
        problems.append(f"no fits of {', '.join(missing)}, got {', '.join(sorted(fits))}")
    present = [name for name in names if name in fits]
    for name in present[1:]:
        for what in ("replicates", "sizes"):
            expected = np.sort(getattr(fits[present[0]], what))
            if not np.array_equal(expected, np.sort(getattr(fits[name], what))):
                problems.append(f"{name} has other {what} than {present[0]}")
    if problems:
        raise ValueError(
            f"scenario {spec.scenario}: expected fits of every estimator on the same samples; "
            + "; ".join(problems)
            + "; run the missing fits, then measure again"
        )
