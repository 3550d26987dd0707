"""Parametric bootstrap: what the estimator makes of samples drawn from its own fit.

Samples of a fit are drawn and fitted through the compiled search, many in one call. Each search
starts at the estimate and nowhere else.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.domain.model import Sampling
from stature.domain.sampling import stratified_groups
from stature.estimators.intervals.wald import estimates_of
from stature.estimators.plain.batch import batch_of, empty_outcome, fit_batch
from stature.estimators.plain.problem import CONVERGED, Constraints
from stature.estimators.plain.search import Settings

MOST_NUMBERS = 1 << 20  # drawn at a time, so that memory does not grow with size and samples
TAILS = (0.025, 0.975)
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
        # ASSUME the maximum that the estimate leads to is the one: what is resampled is the chance
        # of the data, not that of the search.
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
