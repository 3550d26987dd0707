"""Intervals of a block of fits, where they are not Wald's from the observed information.

A parametric bootstrap draws samples from the fit and fits them through the compiled search, many
in one call; each search starts at the estimate and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import log, pi
from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats
from stature.design.samples import Samples
from stature.design.streams import Purpose, Streams
from stature.domain.model import Model, Sampling, estimates_of, free_coordinates
from stature.domain.sampling import stratified_groups
from stature.estimators.estimator import (
    Estimator,
    Fits,
    FitSpec,
    IntervalStatus,
    SeStatus,
    Status,
    why_no_interval,
)
from stature.estimators.intervals import posterior
from stature.estimators.intervals.profile import Data, profile_fit
from stature.estimators.intervals.wald import wald_interval
from stature.estimators.plain.batch import (
    SKETCH_FROM,
    batch_of,
    constraints_of,
    empty_outcome,
    fit_batch,
    settings_of,
)
from stature.estimators.plain.block import fit_unlabelled, starts_of
from stature.estimators.plain.problem import (
    CONVERGED,
    Constraints,
    weighted_observations,
    weighted_sample,
)
from stature.estimators.plain.search import Settings
from stature.estimators.plain.traces import in_cm
from stature.kernels.observations import Observations, weighted_mean_and_sd

MOST_NUMBERS = 1 << 20  # drawn at a time, so that memory does not grow with size and samples
TAILS = (0.025, 0.975)
FIXED_STARTS = 7
FEWEST_DRAWS = 50.0  # of a posterior, in draws of its own; with fewer an interval is marked
FEWEST_CONVERGED = 0.5  # of the samples; from fewer fits no interval is made


class Design(NamedTuple):
    """The fitted mixture that samples are drawn from, and how."""

    theta_cm: Floats  # (3 k,): shares, means and SDs
    size: int  # people in a sample
    sampling: Sampling


def draws(design: Design, count: int, generator: np.random.Generator) -> Iterator[Floats]:
    """So many samples, some at a time, shape (c, size)."""
    shares, means_cm, sds_cm = np.split(design.theta_cm, 3)
    size, is_fixed = design.size, design.sampling == "stratified"
    fixed = stratified_groups(shares, size).astype(np.intp) if is_fixed else None
    at_once = max(1, MOST_NUMBERS // size)
    for first in range(0, count, at_once):
        heights_cm = np.empty((min(at_once, count - first), size))
        for row in heights_cm:
            generator.standard_normal(out=row)
            groups = fixed
            if groups is None:
                groups = np.searchsorted(np.cumsum(shares)[:-1], generator.random(size), "right")
            row *= sds_cm[groups]
            row += means_cm[groups]
        yield heights_cm


def resampled(
    design: Design,
    count: int,
    constraints: Constraints,
    settings: Settings,
    generator: np.random.Generator,
) -> Floats:
    """Estimates from samples of the fitted mixture, in the order of a fit's rows, (count, 4 k - 1).

    NaN where a fit has not converged.
    """
    theta_cm, groups = design.theta_cm, len(design.theta_cm) // 3
    estimates: list[Floats] = []
    for heights_cm in draws(design, count, generator):
        centre, scale = heights_cm.mean(axis=1), heights_cm.std(axis=1)
        # ASSUME [bootstrap] the maximum that the estimate leads to is the one: what is resampled is
        # the chance of the data, not that of the search.
        start = np.tile(theta_cm, (len(heights_cm), 1, 1))
        start[:, 0, groups : 2 * groups] -= centre[:, None]
        start[:, 0, groups:] /= scale[:, None]
        outcome = empty_outcome(len(heights_cm), 1, groups)
        sizes = np.array([design.size], dtype=np.int32)
        how = settings._replace(kept_starts=1)
        fit_batch(batch_of(heights_cm), sizes, start, constraints, how, outcome)
        converged = outcome.status[:, 0, None] == CONVERGED
        estimates.append(np.where(converged, estimates_of(outcome.theta[:, 0]), np.nan))
    return np.concatenate(estimates)


def percentile_interval(estimates: Floats) -> tuple[Floats, Floats]:
    """Percentile intervals [1]_, lower and upper ends, shape (q,).

    The order statistics of ranks .025 (b + 1) and .975 (b + 1), interpolated; NaN where fewer than
    half of the fits converged. Basic and bias-corrected intervals cover less where the estimate is
    far from normal: see `tests/estimators/intervals/test_bootstrap.py`.

    References
    ----------
    .. [1] Davison & Hinkley (1997), Bootstrap Methods and their Application, section 5.3.1.
    """
    there = estimates[np.isfinite(estimates).all(axis=1)]
    if len(there) < max(2, FEWEST_CONVERGED * len(estimates)):
        nothing = np.full(estimates.shape[1], np.nan)
        return nothing, nothing.copy()
    lower, upper = np.quantile(there, TAILS, axis=0, method="weibull")
    return lower, upper


def with_intervals(spec: FitSpec, samples: Samples, fits: Fits) -> Fits:
    """The same fits with the intervals of their estimator."""
    refusal = why_no_interval(spec.estimator, len(spec.group_names))
    if refusal:
        raise ValueError(f"estimator {spec.estimator.name!r}: {refusal}")
    match spec.estimator.interval:
        case "wald":
            return fits
        case "sandwich":
            lower, upper = wald_interval(fits.estimate, fits.robust_std_error)
            status = np.where(np.isnan(lower), IntervalStatus.NONE, IntervalStatus.OK)
            return replace(fits, lower=lower, upper=upper, interval_status=status.astype(np.int8))
        case "profile":
            return _profiled(spec, samples, fits)
        case "bootstrap":
            return _bootstrapped(spec, fits)
        case "posterior":
            return _posterior(spec, samples, fits)


def _profiled(spec: FitSpec, samples: Samples, fits: Fits) -> Fits:
    """The fits with profile intervals, where they have standard errors too."""
    groups = len(spec.group_names)
    constraints = constraints_of(
        spec.estimator.model, groups, spec.known_sds_cm, spec.estimator.prior
    )
    ends = np.full((*fits.estimate.shape, 2), np.nan)
    how = np.full(ends.shape, IntervalStatus.NONE, np.int8)
    sketches = samples.sketches
    for row, column in np.argwhere(
        (fits.status == Status.CONVERGED) & (fits.se_status == SeStatus.OK)
    ).tolist():
        size = int(fits.sizes[column])
        kept = sketches is None or size <= samples.heights_cm.shape[1]
        width_cm = 0.0 if kept or sketches is None else sketches.width_cm
        data = Data(*weighted_observations(samples, row, size), width_cm, SKETCH_FROM)
        theta_cm = _theta_cm(fits.estimate[row, column])
        profile_fit(data, constraints, theta_cm, ends[row, column], how[row, column])
    # The codes of the compiled search are those of the status; the worse end is the interval's.
    return replace(fits, lower=ends[..., 0], upper=ends[..., 1], interval_status=how.max(axis=-1))


def _bootstrapped(spec: FitSpec, fits: Fits) -> Fits:
    """The fits with bootstrap intervals, where they have converged."""
    groups, estimator = len(spec.group_names), spec.estimator
    constraints = constraints_of(estimator.model, groups, spec.known_sds_cm, estimator.prior)
    streams = Streams(spec.stream_key)
    lower, upper = np.full_like(fits.lower, np.nan), np.full_like(fits.upper, np.nan)
    status = np.full(lower.shape, IntervalStatus.NONE, np.int8)
    failed = np.zeros_like(fits.resamples_failed)
    estimated = _estimated(estimator.model, groups)
    for row, column in np.argwhere(fits.status == Status.CONVERGED).tolist():
        # From the beginning of the stream at each size, so that other sizes change nothing.
        generator = streams.at(Purpose.BOOTSTRAP, int(fits.replicates[row]))
        theta_cm, size = _theta_cm(fits.estimate[row, column]), int(fits.sizes[column])
        design = Design(theta_cm, size, spec.sampling)
        count = estimator.bootstrap_samples
        estimates = resampled(design, count, constraints, settings_of(estimator), generator)
        failed[row, column] = np.isnan(estimates[:, 0]).sum()
        here = percentile_interval(estimates[:, estimated])
        lower[row, column, estimated], upper[row, column, estimated] = here
        reached = IntervalStatus.TOO_FEW if np.isnan(here[0]).any() else IntervalStatus.OK
        status[row, column, estimated] = reached
    return replace(fits, lower=lower, upper=upper, interval_status=status, resamples_failed=failed)


def _posterior(spec: FitSpec, samples: Samples, fits: Fits) -> Fits:
    """The fits with posterior intervals, where any of several priors has a maximum."""
    groups, streams, model = len(spec.group_names), Streams(spec.stream_key), spec.estimator.model
    free = free_coordinates(model, groups)
    # Those starts that are the same for all samples.
    begin_at = starts_of(spec, np.full((len(fits.replicates), FIXED_STARTS, 3 * groups), 0.5))
    around = [
        fit_unlabelled(replace(spec, estimator=estimator, traced=0), samples, begin_at)[0]
        for estimator in (
            Estimator("mode", model, "newton", FIXED_STARTS, kept_starts=3, prior=prior)
            for prior in posterior.MODES
        )
    ]
    lower, upper = np.full_like(fits.lower, np.nan), np.full_like(fits.upper, np.nan)
    status = np.full(lower.shape, IntervalStatus.NONE, np.int8)
    estimated = _estimated(model, groups)
    is_mean = spec.estimator.estimate == "posterior"
    # Known numbers say which group is which.
    turns = groups > 1 and model.shares != "known" and not model.takes_sds
    if is_mean:
        changed = ("estimate", "std_error", "status", "se_status")
        fits = replace(fits, **{name: getattr(fits, name).copy() for name in changed})
    for row, column in np.ndindex(fits.status.shape):
        usable = [one for one in around if one.status[row, column] == CONVERGED]
        usable = [one for one in usable if one.se_status[row, column] == SeStatus.OK]
        if not usable:
            continue
        values_cm, w = weighted_observations(samples, row, int(fits.sizes[column]))
        centre, scale = weighted_mean_and_sd(values_cm, w)
        unit = np.concatenate([np.ones(groups - 1), np.full(groups, scale), np.ones(groups)])
        modes = [
            (
                in_cm(one.theta[row, column, None], -centre / scale, 1.0 / scale)[0],
                one.observed[row, column] / unit / unit[:, None],
            )
            for one in usable
        ]
        random = streams.at(Purpose.POSTERIOR, int(fits.replicates[row]))
        x, nodes_w = (values_cm - centre) / scale, w
        if w.sum() >= SKETCH_FROM:
            # To within rounding: groups narrower than its cells have next to no likelihood.
            sample = weighted_sample(Observations(values_cm, w, centre, scale), 0.0)
            x, nodes_w = sample.x, sample.w
        draws = posterior.drawn(x, nodes_w, free, modes, random)
        if draws is None:
            continue
        rows = estimates_of(in_cm(draws.theta, centre, scale))[:, estimated]
        weights = [posterior.weights_under(draws, one) for one in posterior.OF_INTERVALS]
        ends = posterior.widest_interval(rows, weights, TAILS)
        best = max(float(one.log_likelihood[row, column]) for one in usable)
        one_group = -0.5 * float(w.sum()) * (log(2.0 * pi * scale**2) + 1.0)
        if turns and best - one_group < posterior.ABOVE_ONE_GROUP:
            image = estimates_of(in_cm(posterior.mirrored(draws.theta), centre, scale))
            other = posterior.widest_interval(image[:, estimated], weights, TAILS)
            ends = np.minimum(ends[0], other[0]), np.maximum(ends[1], other[1])
        lower[row, column, estimated], upper[row, column, estimated] = ends
        if is_mean:
            weight = posterior.weights_under(draws, posterior.OF_MEANS)
            middle = weight @ rows
            fits.estimate[row, column, estimated] = middle
            fits.std_error[row, column, estimated] = np.sqrt(weight @ (rows - middle) ** 2)
            fits.status[row, column], fits.se_status[row, column] = Status.CONVERGED, SeStatus.OK
        is_enough = min(map(posterior.effective, weights)) >= FEWEST_DRAWS
        status[row, column, estimated] = IntervalStatus.OK if is_enough else IntervalStatus.TOO_FEW
    return replace(fits, lower=lower, upper=upper, interval_status=status)


def _theta_cm(estimate: Floats) -> Floats:
    """Shares, means and SDs from the rows of a fit."""
    groups = (len(estimate) + 1) // 4
    return np.ascontiguousarray(estimate[: 3 * groups].reshape(groups, 3).T.ravel())


def _estimated(model: Model, groups: int) -> Bools:
    """Which rows of a fit its model estimates; the others it knows."""
    of_group = [model.shares != "known" and groups > 1, True, model.sds != "known"]
    return np.array(of_group * groups + [True] * (groups - 1))
