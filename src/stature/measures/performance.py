"""Measures of performance of one estimator, each with its Monte-Carlo standard error.

Replicates are the last axis of every array; NaN means that a replicate is not used. With no
replicate a value is NaN, with one its MCSE is.

One rule gives every Monte-Carlo standard error (MCSE). A measure is a function of the empirical
distribution of the replicates; its influence value g_i says how much replicate i moves it. The
values count up to a constant, and the MCSE is ``SD(g) / sqrt(n)``. Paired and derived quantities
then need no algebra of their own: the influence of a difference is the difference of the
influences. These errors are robust: they assume no normal distribution of the estimates. Estimates
without labels have heavy tails, where the formulas of normal theory come out half too small.

Proportions are an exception, since their usual error is 0 when they are 0 or 1, which is wrong: so
counts are kept, and intervals are Wilson's.

References
----------
.. [1] Morris, White & Crowther (2019), Statistics in Medicine 38, table 6.
.. [2] White (2010), The Stata Journal 10:369, on errors of errors and of gains in precision.
.. [3] Wilson (1927), J. Am. Stat. Assoc. 22:209.
"""

from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats, Ints
from stature.estimators.intervals.wald import Z_95


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with its Monte-Carlo error, for many cells at once."""

    # shape (...): the measure and its Monte-Carlo standard error, in the same unit; NaN where there
    # is none
    value: Floats
    mcse: Floats
    lower: Floats  # shape (...): ends of its 95 % Monte-Carlo interval
    upper: Floats
    used: Ints  # shape (...): number of replicates used
    # shape (..., R): influence values g_i, NaN for a replicate that is not used; None where there
    # are none
    influence: Floats | None = None
    # shape (...): for a proportion, the number of replicates in which the thing happened
    count: Floats | None = None
    # shape (...): its error if estimates were normal, which other software prints; None where that
    # is the same
    normal_mcse: Floats | None = None


def without_chance(value: Floats, used: Ints | None = None) -> Measured:
    """A number with no Monte-Carlo error, of theory if no replicates are behind it."""
    nothing = np.full_like(value, np.nan)
    used = np.zeros(value.shape, dtype=np.int64) if used is None else used
    return Measured(value, nothing, nothing, nothing, used)


def centred(values: Floats) -> tuple[Floats, Floats, Ints]:
    """Mean of the used replicates, distances to it (NaN where not used), and their number.

    The sum is taken about the first used value, so equal values have deviations of exactly 0,
    whatever their size. It runs over the replicates alone, in their order, so a number does not
    depend on how many sizes or parameters stand beside it.
    """
    values = np.ascontiguousarray(values)
    here = np.isfinite(values)
    used = here.sum(axis=-1)
    if values.shape[-1] == 0:
        return np.full(used.shape, np.nan), values, used
    first = np.take_along_axis(values, here.argmax(axis=-1)[..., None], axis=-1)
    with np.errstate(invalid="ignore"):
        shifted = np.where(here, values - first, 0.0)
        mean = first + (shifted.sum(axis=-1) / used)[..., None]
        deviation = np.where(here, values - mean, np.nan)
    return np.where(used > 0, mean[..., 0], np.nan), deviation, used


def mean_square(deviation: Floats, divisor: Ints) -> Floats:
    """``sum d_i^2 / divisor`` over the used replicates; NaN where the divisor is not positive."""
    squares = np.ascontiguousarray(np.where(np.isfinite(deviation), deviation, 0.0)) ** 2
    return squares.sum(axis=-1) / np.where(divisor > 0, divisor, np.nan)


def standard_error(influence: Floats) -> Floats:
    """Monte-Carlo standard error from influence values: ``SD(g) / sqrt(n)``, shape (...).

    NaN with fewer than two replicates, where nothing is known of the spread.

    Examples
    --------
    >>> standard_error(np.array([-1.0, 0.0, 1.0, np.nan])).round(6)
    np.float64(0.57735)
    """
    _, deviation, used = centred(influence)
    return np.sqrt(mean_square(deviation, used - 1) / np.maximum(used, 1))


def from_influence(value: Floats, influence: Floats, used: Ints) -> Measured:
    """Measure of a value with its influence values, and the interval value ± 1.96 MCSE."""
    mcse = np.where(np.isfinite(value), standard_error(influence), np.nan)
    return Measured(value, mcse, value - Z_95 * mcse, value + Z_95 * mcse, used, influence)


def average(values: Floats) -> Measured:
    """Mean of a quantity over replicates, such as the width of an interval.

    ``mean x``, MCSE ``SD(x) / sqrt(n)``.
    """
    mean, deviation, used = centred(values)
    return from_influence(mean, deviation, used)


def bias(error: Floats) -> Measured:
    """Mean error: estimates ``E t - theta``, MCSE ``S / sqrt(n)`` [1]_.

    Examples
    --------
    Errors 1, 2 and 3 have mean 2, SD 1, and so MCSE ``1 / sqrt(3)``.

    >>> measured = bias(np.array([1.0, 2.0, 3.0]))
    >>> float(measured.value), round(float(measured.mcse), 6)
    (2.0, 0.57735)
    """
    return average(error)  # [1]


def relative_bias(error: Floats, truth: Floats) -> Measured:
    """Mean error over the truth, ``E t / theta - 1``; none where the truth is 0.

    MCSE ``S / (sqrt(n) |theta|)``.
    """
    mean, deviation, used = centred(error)
    divisor = np.where(truth == 0.0, np.nan, truth)
    return from_influence(mean / divisor, deviation / divisor[..., None], used)


def empirical_se(error: Floats) -> Measured:
    """Standard deviation S of the estimates over replicates (divisor n - 1).

    Robust MCSE ``(S / 2) SD(a) / sqrt(n)``, ``a_i = (t_i - tbar)^2 / S^2 - 1``; of normal theory
    ``S / sqrt(2 (n - 1))`` [1]_.
    """
    spread, relative, used = _spread(error)
    measured = from_influence(spread, 0.5 * spread[..., None] * relative, used)
    return replace(measured, normal_mcse=spread * np.sqrt(0.5 / _freedom(used)))  # [1]


def mse(error: Floats) -> Measured:
    """Mean squared error ``mean e^2`` (divisor n), MCSE ``SD(e^2) / sqrt(n)`` [1]_."""
    return average(error**2)  # [1]


def rmse(error: Floats) -> Measured:
    """Root mean squared error, MCSE ``MCSE(MSE) / (2 RMSE)`` (delta method)."""
    return _root(error**2)


def model_se(std_error: Floats) -> Measured:
    """Root mean square of the standard errors that the estimator itself gives.

    ``M = sqrt(mean v)``, v the squared standard errors, MCSE ``SD(v) / (2 M sqrt(n))`` [1]_.
    """
    return _root(std_error**2)  # [1]


def relative_error_model_se(error: Floats, std_error: Floats) -> Measured:
    """How far the estimator's own standard error is off: ``M / S - 1``, on replicates with both.

    Robust MCSE ``(M / S) SD(v / (2 M^2) - a / 2) / sqrt(n)`` (delta method), with no assumption
    that estimates and standard errors are independent; of normal theory ``(M / S) sqrt(Var(v) /
    (4 n M^4) + 1 / (2 (n - 1)))`` [2]_.
    """
    both = np.isfinite(error) & np.isfinite(std_error)
    spread, relative, used = _spread(np.where(both, error, np.nan))
    model = model_se(np.where(both, std_error, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(spread > 0.0, model.value / spread, np.nan)
        square = (std_error / model.value[..., None]) ** 2
    influence = ratio[..., None] * (0.5 * square - 0.5 * relative)
    # SD(v) / (2 M^2 sqrt(n)) is the error of the model SE over M.
    part = model.mcse / np.where(model.value > 0.0, model.value, np.nan)
    normal = ratio * np.sqrt(part**2 + 0.5 / _freedom(used))  # [2]
    return replace(from_influence(ratio - 1.0, influence, used), normal_mcse=normal)


def efficiency(error: Floats, bound: Floats) -> Measured:
    """Smallest possible variance over the variance reached: ``(bound / S)^2``.

    None where the bound is 0 or unknown. MCSE ``2 efficiency MCSE(S) / S``.
    """
    spread, relative, used = _spread(error)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = (bound > 0.0) & (spread > 0.0)
        value = np.where(known, (bound / spread) ** 2, np.nan)
    return from_influence(value, -value[..., None] * relative, used)


def quantile(values: Floats, probability: float, between: bool = False) -> Measured:
    """Quantile of a quantity over replicates, such as the median of the likelihood evaluations.

    The order statistic of rank ``n q``, q in (0, 1); with `between`, where ``n q`` is whole, the
    mean of that and the next, as everybody's median is. The number of values below is binomial: the
    MCSE is half the distance of the order statistics of rank ``n q ± sqrt(n q (1 - q))``, the
    interval that of ± 1.96 times.
    """
    ordered = np.sort(np.where(np.isfinite(values), values, np.nan), axis=-1)  # NaN goes last
    used = np.isfinite(ordered).sum(axis=-1)
    if values.shape[-1] == 0:
        return average(values)  # nothing, in the same shapes
    centre = used * probability
    spread = np.sqrt(used * probability * (1.0 - probability))

    def of_rank(rank: Floats) -> Floats:
        # The smallest value that has at least a share rank / n of the values at or below it.
        index = np.clip(np.ceil(rank).astype(np.int64), 1, np.maximum(used, 1)) - 1
        return np.take_along_axis(ordered, index[..., None], axis=-1)[..., 0]

    known = used > 1
    low, high = of_rank(centre - spread), of_rank(centre + spread)
    value = of_rank(centre)
    return Measured(
        value=0.5 * (value + of_rank(np.floor(centre) + 1.0)) if between else value,
        mcse=np.where(known, 0.5 * (high - low), np.nan),
        lower=np.where(known, of_rank(centre - Z_95 * spread), np.nan),
        upper=np.where(known, of_rank(centre + Z_95 * spread), np.nan),
        used=used,
    )


def wilson(count: Floats, used: Ints) -> tuple[Floats, Floats]:
    """Wilson's 95 % interval of a proportion ``p = count / n``; NaN where n is 0.

    Centre ``(p + z^2/(2n)) / (1 + z^2/n)``, half-width ``z / (1 + z^2/n) sqrt(p (1-p)/n +
    z^2/(4 n^2))`` [3]_. SciPy has the interval of one count at a time, which takes a thousand
    times as long.

    Examples
    --------
    No hit in 10: the interval is ``[0, z^2 / (10 + z^2)]``, and so ends at 0.2775.

    >>> lower, upper = wilson(np.array(0.0), np.array(10))
    >>> float(lower), round(float(upper), 4)
    (0.0, 0.2775)
    """
    n = np.where(used > 0, used, np.nan)
    p = count / n
    square = Z_95**2 / n
    centre = (p + 0.5 * square) / (1.0 + square)  # [3]
    half = np.sqrt(square * (p * (1.0 - p) + 0.25 * square)) / (1.0 + square)  # [3]
    # At 0 and 1 an end of the interval is exactly there; rounding must not push it outside.
    lower = np.where(count == 0, 0.0 * centre, centre - half)
    upper = np.where(count == used, 1.0 + 0.0 * centre, centre + half)
    return lower, upper


def proportion(happened: Floats) -> Measured:
    """Share of the replicates in which something happened (1, or 0), with Wilson's interval.

    ``p = count / n``, MCSE ``sqrt(p (1-p) / n)`` [1]_, and where p is 0 or 1 the half-width of the
    interval over 1.96.
    """
    _, _, used = centred(happened)
    count = np.where(np.isfinite(happened), happened, 0.0).sum(axis=-1)
    n = np.where(used > 0, used, np.nan)
    p = count / n
    lower, upper = wilson(count, used)
    usual = np.sqrt(p * (1.0 - p) / n)  # [1]
    certain = (count == 0) | (count == used)
    mcse = np.where(certain, (upper - lower) / (2.0 * Z_95), usual)
    return Measured(p, mcse, lower, upper, used, happened - p[..., None], count)


def coverage(lower: Floats, upper: Floats, target: Floats) -> Measured:
    """Share of closed intervals that hold a target: ``P(lower <= target <= upper)``.

    Ends are infinite where nothing bounds them, and NaN where there is no interval. Intervals with
    an unknown target (NaN) count as used, but nothing is said of their coverage.
    """
    hits = _held(lower, upper, target)
    there = np.isfinite(hits)
    unknown = np.where(np.isfinite(target), 0.0, np.nan)
    measured = proportion(hits + unknown[..., None])
    return replace(measured, used=there.sum(axis=-1), count=np.nansum(hits, axis=-1) + unknown)


def bias_eliminated_coverage(lower: Floats, upper: Floats, estimate: Floats) -> Measured:
    """Share of closed intervals that hold the mean of the estimates.

    ``P(lower <= E t <= upper)``; the error of the mean estimate is not counted in its MCSE.
    """
    mean, _, _ = centred(estimate)
    return coverage(lower, upper, mean)


def power(lower: Floats, upper: Floats, null: float) -> Measured:
    """Share of closed intervals that do not hold a value, mostly that of no effect.

    ``1 - P(lower <= null <= upper)``: how often a test at the level of the intervals rejects it.
    """
    return proportion(1.0 - _held(lower, upper, np.asarray(null)))


def _held(lower: Floats, upper: Floats, target: Floats) -> Floats:
    """Whether closed intervals hold a target, shape (..., R); NaN where there is no interval."""
    there = ~(np.isnan(lower) | np.isnan(upper))
    inside = (lower <= target[..., None]) & (target[..., None] <= upper)
    return np.where(there, inside, np.nan)


def within(error: Floats, tolerance: float) -> Floats:
    """Whether all errors of a fit are within a tolerance, shape (..., R)."""
    hit = (np.abs(error) <= tolerance).all(axis=-2)
    return np.asarray(hit, dtype=np.float64)


def _freedom(used: Ints) -> Floats:
    """``n - 1``, or NaN where there is no spread."""
    return np.where(used > 1, used - 1.0, np.nan)


def _root(squares: Floats) -> Measured:
    """Root of a mean, with the influence ``(x_i - mean) / (2 root)``."""
    mean, deviation, used = centred(squares)
    root = np.sqrt(mean)
    # A root of 0 means that every square is 0: nothing varies, so nothing has influence.
    divisor = np.where(root > 0.0, 2.0 * root, 1.0)[..., None]
    return from_influence(root, deviation / divisor, used)


def _spread(error: Floats) -> tuple[Floats, Floats, Ints]:
    """Standard deviation S, ``a_i = (t_i - tbar)^2 / S^2 - 1``, number of replicates used."""
    _, deviation, used = centred(error)
    variance = mean_square(deviation, used - 1)
    divisor = np.where(variance > 0.0, variance, 1.0)[..., None]
    relative = np.where(variance[..., None] > 0.0, deviation**2 / divisor - 1.0, deviation)
    return np.sqrt(variance), relative, used
