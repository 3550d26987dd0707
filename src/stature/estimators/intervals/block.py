"""Intervals of a block of fits, where they are not Wald's from the observed information."""

from dataclasses import replace

import numpy as np

from stature.arrays import Bools, Floats
from stature.design.samples import Samples
from stature.design.streams import Purpose, Streams
from stature.domain.model import Model
from stature.estimators.estimator import (
    Fits,
    FitSpec,
    IntervalStatus,
    SeStatus,
    Status,
    why_no_interval,
)
from stature.estimators.intervals.bootstrap import Design, percentile_interval, resampled
from stature.estimators.intervals.profile import Data, profile_fit
from stature.estimators.intervals.wald import wald_interval
from stature.estimators.plain.batch import SKETCH_FROM, constraints_of, settings_of
from stature.estimators.plain.sample import weighted_observations


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


def _profiled(spec: FitSpec, samples: Samples, fits: Fits) -> Fits:
    """The fits with profile intervals, where they have standard errors too."""
    groups = len(spec.group_names)
    constraints = constraints_of(spec.estimator.model, groups, spec.known_sds_cm)
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
    constraints = constraints_of(estimator.model, groups, spec.known_sds_cm)
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


def _theta_cm(estimate: Floats) -> Floats:
    """Shares, means and SDs from the rows of a fit."""
    groups = (len(estimate) + 1) // 4
    return np.ascontiguousarray(estimate[: 3 * groups].reshape(groups, 3).T.ravel())


def _estimated(model: Model, groups: int) -> Bools:
    """Which rows of a fit its model estimates; the others it knows."""
    of_group = [model.shares != "known" and groups > 1, True, model.sds != "known"]
    return np.array(of_group * groups + [True] * (groups - 1))
