"""Errors of one estimator, laid out for measuring: this is where the truth comes in.

Fits are stored with replicates first; measures sum over replicates, so here they are the last
axis, in ascending order of their numbers. Arrays are (sizes, parameters, replicates).
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Bools, Floats
from stature.domain.model import parameter_rows
from stature.domain.population import Population
from stature.estimators.estimator import Fits, Status
from stature.measures.influence import NORMAL_975

# Estimates of one parameter that differ by less than this, relative to their size, are one number
# found twice: the share of a stratified sample, or an SD that was told. A hundred times the
# rounding of a double; chance moves an estimate a thousand million times as much.
ROUNDING = 2.0**-46


@dataclass(frozen=True, slots=True)
class Cells:
    """The fits of one estimator in one scenario, against the truth.

    S sizes, Q parameters (`parameter_rows`), R replicates in ascending order.
    """

    truth: Floats  # shape (Q,): true parameters
    estimate: Floats  # shape (S, Q, R): estimates, whatever the status; NaN: none
    converged: Bools  # shape (S, R): whether the fit converged
    # shape (S, Q, R): errors of the converged fits, and of all finite estimates
    available: Floats
    finite: Floats
    # shape (S, Q, R): standard errors, 95 % intervals as stored, and those with sandwich standard
    # errors, of the converged fits
    std_error: Floats
    lower: Floats
    upper: Floats
    robust_lower: Floats
    robust_upper: Floats


def true_parameters(population: Population) -> Floats:
    """True values in the order of `parameter_rows`, shape (Q,).

    Examples
    --------
    >>> from stature.domain.population import Group
    >>> groups = (Group("girls", 0.25, 163.0, 6.5), Group("boys", 0.75, 176.0, 7.0))
    >>> true_parameters(Population("school", groups)).tolist()
    [0.25, 163.0, 6.5, 0.75, 176.0, 7.0, 13.0]
    """
    groups = np.stack([population.shares, population.means_cm, population.sds_cm], axis=1)
    return np.concatenate([groups.ravel(), np.diff(population.means_cm)])


def cells(fits: Fits, population: Population) -> Cells:
    """Lay out the fits of one estimator against the truth."""
    if fits.group_names != population.group_names:
        raise ValueError(
            f"fits have the groups {fits.group_names}, expected those of population "
            f"{population.name!r}, {population.group_names}; fit its samples again"
        )
    if np.unique(fits.replicates).size != fits.replicates.size:
        raise ValueError(
            f"fits of population {population.name!r} hold a replicate twice, expected each once; "
            "pass blocks that do not overlap"
        )
    order = np.argsort(fits.replicates)

    def laid_out(values: Floats) -> Floats:
        return np.ascontiguousarray(np.moveaxis(values[order], 0, -1))

    truth = true_parameters(population)
    estimate = laid_out(fits.estimate)
    converged = np.ascontiguousarray((fits.status[order] == Status.CONVERGED).T)
    finite = _without_rounding(estimate) - truth[:, None]
    kept = np.where(converged[:, None, :], 0.0, np.nan)
    robust_lower, robust_upper = wald_interval(
        estimate, laid_out(fits.robust_std_error), fits.group_names
    )
    return Cells(
        truth=truth,
        estimate=estimate,
        converged=converged,
        available=finite + kept,
        finite=finite,
        std_error=laid_out(fits.std_error) + kept,
        lower=laid_out(fits.lower) + kept,
        upper=laid_out(fits.upper) + kept,
        robust_lower=robust_lower + kept,
        robust_upper=robust_upper + kept,
    )


def wald_interval(
    estimate: Floats, std_error: Floats, group_names: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """95 % Wald intervals in unconstrained coordinates, mapped back, shape (S, Q, R).

    The ends: shares by logit, SDs by log, means and gaps as they are; NaN where the coordinate or
    the standard error is not finite.

    The same coordinates as the estimators' own intervals, which are stored and never made anew;
    this is for the sandwich standard errors, for which no interval is stored.
    """
    lower, upper = np.full_like(estimate, np.nan), np.full_like(estimate, np.nan)
    for index, (_, parameter) in enumerate(parameter_rows(group_names)):
        value, half = estimate[:, index], NORMAL_975 * std_error[:, index]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if parameter == "share":
                odds = value / (1.0 - value)
                factor = np.exp(half / (value * (1.0 - value)))
                low, high = 1.0 / (1.0 + factor / odds), 1.0 / (1.0 + 1.0 / (odds * factor))
            elif parameter == "sd_cm":
                factor = np.exp(half / value)
                low, high = value / factor, value * factor
            else:
                low, high = value - half, value + half
        known = np.isfinite(low) & np.isfinite(high)
        lower[:, index] = np.where(known, low, np.nan)
        upper[:, index] = np.where(known, high, np.nan)
    return lower, upper


def _without_rounding(estimate: Floats) -> Floats:
    """The estimates, those of a cell that differ by rounding alone set to their middle."""
    here = np.isfinite(estimate)
    lowest = np.where(here, estimate, np.inf).min(axis=-1, keepdims=True, initial=np.inf)
    highest = np.where(here, estimate, -np.inf).max(axis=-1, keepdims=True, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        fixed = highest - lowest <= ROUNDING * np.abs(highest)
        middle = lowest + 0.5 * (highest - lowest)
    return np.where(here, np.where(fixed, middle, estimate), np.nan)
