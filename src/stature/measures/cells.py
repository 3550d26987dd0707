"""The fits of one estimator laid out for measuring: this is where truth and theory come in.

Fits are stored with replicates first; measures sum over replicates, so here they are the last
axis, in ascending order of their numbers. Arrays are (sizes, parameters, replicates).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.arrays import Bools, Floats, Positions
from stature.domain.model import estimates_of, parameter_rows
from stature.domain.population import Population
from stature.estimators.estimator import OUTSIDE, Estimator, Fits, Status
from stature.estimators.intervals.wald import wald_interval
from stature.theory.bounds import Bounds, moments_name
from stature.theory.likelihood import true_mixture

# Estimates of one parameter that differ by less than this, relative to their size, are one number
# computed twice: the share of a stratified sample, or a known SD. A hundred times the rounding of a
# double; chance moves an estimate a thousand million times as much.
ROUNDING = 2.0**-46


@dataclass(frozen=True, slots=True)
class Answers:
    """Estimates and what is claimed of them, against the truth; NaN: there is none, or it failed.

    All that most measures look at, whether the estimates are of a study or of a stranger's table.
    """

    truth: Floats  # shape (...): true values
    estimate: Floats  # shape (..., R): estimates, also of those that failed
    error: Floats  # shape (..., R): estimates minus truth
    std_error: Floats  # shape (..., R): standard errors, and ends of intervals
    lower: Floats
    upper: Floats

    @property
    def used(self) -> Floats:
        """Estimates that have an error, shape (..., R); else NaN."""
        return np.where(np.isfinite(self.error), self.estimate, np.nan)


@dataclass(frozen=True, slots=True)
class Cells:
    """The fits of one estimator in one scenario, against the truth.

    S sizes, Q parameters (`parameter_rows`), R replicates in ascending order.
    """

    fits: Fits
    order: Positions  # shape (R,): place of each replicate in the fits
    truth: Floats  # shape (S, Q): true parameters, the same at every size
    estimate: Floats  # shape (S, Q, R): estimates, whatever the status; NaN: none
    converged: Bools  # shape (S, R): whether the fit converged
    # shape (S, Q, R): errors of the converged fits, and of all finite estimates
    error: Floats
    finite: Floats
    # shape (S, Q, R): standard errors, 95 % intervals as stored, and Wald intervals with sandwich
    # standard errors, of the converged fits
    std_error: Floats
    lower: Floats
    upper: Floats
    robust_lower: Floats
    robust_upper: Floats

    @property
    def answers(self) -> Answers:
        """What measures of the parameters look at, shapes (S, Q) and (S, Q, R)."""
        estimates = self.estimate, self.error, self.std_error
        return Answers(self.truth, *estimates, self.lower, self.upper)

    def of_fits(self, values: NDArray[Any]) -> Floats:
        """Values that each fit has once, stored as (R, S), as numbers of shape (S, R)."""
        return np.ascontiguousarray(values[self.order].T, dtype=np.float64)

    def of_converged(self, values: NDArray[Any]) -> Floats:
        """The same, NaN where the fit did not converge."""
        return np.where(self.converged, self.of_fits(values), np.nan)


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

    truth = estimates_of(true_mixture(population).theta)
    estimate = laid_out(fits.estimate)
    converged = np.ascontiguousarray((fits.status[order] == Status.CONVERGED).T)
    finite = _without_rounding(estimate) - truth[:, None]
    kept = np.where(converged[:, None, :], 0.0, np.nan)
    # For sandwich standard errors no interval is stored.
    ends = np.stack(wald_interval(fits.estimate, fits.robust_std_error))
    robust_lower, robust_upper = np.where(np.isfinite(ends).all(axis=0), ends, np.nan)
    return Cells(
        fits=fits,
        order=order,
        truth=np.broadcast_to(truth, estimate.shape[:-1]),
        estimate=estimate,
        converged=converged,
        error=finite + kept,
        finite=finite,
        std_error=laid_out(fits.std_error) + kept,
        lower=laid_out(fits.lower) + kept,
        upper=laid_out(fits.upper) + kept,
        robust_lower=laid_out(robust_lower) + kept,
        robust_upper=laid_out(robust_upper) + kept,
    )


def of_quantity(own: Cells, name: str, truth: float | None) -> Answers:
    """A quantity that an estimator from outside returned, shapes (S, 1) and (S, 1, R).

    Without a truth errors are the estimates themselves: their spread is the same.
    """
    every, place = own.fits.of_quantities, own.fits.quantities.index(name)
    if every is None:
        raise ValueError(f"expected fits with quantity {name}, got none")
    kept = np.where(own.converged, 0.0, np.nan)
    claims = np.moveaxis(every[own.order, :, :, place], 0, -1) + kept[:, None]
    estimate, std_error, lower, upper = np.moveaxis(claims[:, :, None], 1, 0)
    error = estimate - (truth or 0.0)
    known = np.full(estimate.shape[:-1], np.nan if truth is None else truth)
    return Answers(known, estimate, error, std_error, lower, upper)


class TheoryCells(NamedTuple):
    """Theory of one estimator, as in `Bounds`, at S sizes; NaN where there is none."""

    limit: Floats  # shape (S, Q) for Q parameters
    bound: Floats
    limit_se: Floats
    small_sample_bias: Floats
    em_rate: Floats  # shape (S,)
    rival_chance: Floats


def theory_name(estimator: Estimator) -> str:
    """Name of the theory of an estimator, in the column `model` of the bounds.

    The slug of its model, marked if it is fitted by moments.
    """
    if estimator.method in OUTSIDE:
        return ""  # nothing is derived of what only people know
    return moments_name(estimator.model) if estimator.method == "moments" else estimator.model.slug


def ends_at_its_limit(estimator: Estimator) -> bool:
    """Whether the limit that was derived is that of an estimator.

    False for hard EM, and for EM that stops early: where they end depends on the start; and for an
    estimator that leaves out the least likely people, for which nothing is derived.
    """
    early = estimator.stop is not None or estimator.trimmed
    return estimator.method != "hard-em" and not early


def theory_cells(bounds: Bounds, estimator: Estimator, fits: Fits) -> TheoryCells:
    """Theory of an estimator, by size and parameter of its fits.

    NaN for a model or a size that the bounds do not hold. There is no limit where the estimator
    ends elsewhere, or where the SDs of the limit differ by more than the estimator allows.
    """
    keys = zip(bounds.model, bounds.size.tolist(), bounds.group, bounds.parameter, strict=True)
    place = {key: row for row, key in enumerate(keys)}
    rows, name = parameter_rows(fits.group_names), theory_name(estimator)
    # The last place of a padded column stands for what the bounds do not hold.
    index = np.array(
        [[place.get((name, size, *row), -1) for row in rows] for size in fits.sizes.tolist()],
        dtype=np.int64,
    ).reshape(len(fits.sizes), len(rows))

    names = TheoryCells._fields
    found = TheoryCells(*(np.append(getattr(bounds, name), np.nan)[index] for name in names))
    found = found._replace(em_rate=found.em_rate[:, 0], rival_chance=found.rival_chance[:, 0])
    sds_cm = found.limit[:, [parameter == "sd_cm" for _, parameter in rows]]
    outside = (sds_cm.min(axis=-1) < estimator.sd_ratio * sds_cm.max(axis=-1)).any()
    if not outside and ends_at_its_limit(estimator):
        return found
    of_limit = ("limit", "limit_se", "small_sample_bias", "rival_chance")
    return found._replace(**{name: np.full_like(getattr(found, name), np.nan) for name in of_limit})


def _without_rounding(estimate: Floats) -> Floats:
    """The estimates, those of a cell that differ by rounding alone set to their middle."""
    here = np.isfinite(estimate)
    lowest = np.where(here, estimate, np.inf).min(axis=-1, keepdims=True, initial=np.inf)
    highest = np.where(here, estimate, -np.inf).max(axis=-1, keepdims=True, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        fixed = highest - lowest <= ROUNDING * np.abs(highest)
        middle = lowest + 0.5 * (highest - lowest)
    return np.where(here, np.where(fixed, middle, estimate), np.nan)
