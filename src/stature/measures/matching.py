"""Matching: which component that was found without labels is which group of the truth.

Fits without labels keep their components in the order of their means; a population says by what
they are matched to its groups. Where groups hardly differ in that, a measure of one group is of two
groups mixed: how often a component would be taken for the other group is known before a run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import erfc, sqrt
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from stature.arrays import Floats, Positions
from stature.domain.bias import NoBias
from stature.domain.model import Model, Sampling
from stature.domain.population import Match, Population
from stature.estimators.estimator import Fits, IntervalStatus
from stature.measures.cells import TheoryCells
from stature.theory.bounds import bound_covariance

PARAMETERS = ("share", "mean", "sd")  # of a group, in the order of `parameter_rows`


def matched(fits: Fits, population: Population, model: Model) -> Fits:
    """The same fits with their components matched to groups as their population says."""
    if population.match == "mean" or model.labels != "none":
        return fits
    order = components(fits.estimate, population, model)
    lower, upper = (of_errors(ends, order) for ends in (fits.lower, fits.upper))
    turned = np.zeros(lower.shape, dtype=np.bool_)  # gaps whose groups changed places
    turned[..., 3 * order.shape[-1] :] = np.diff(order) < 0
    status = of_errors(fits.interval_status.astype(np.float64), order)
    return replace(
        fits,
        estimate=of_values(fits.estimate, order),
        std_error=of_errors(fits.std_error, order),
        robust_std_error=of_errors(fits.robust_std_error, order),
        lower=np.where(turned, -upper, lower),
        upper=np.where(turned, -lower, upper),
        interval_status=np.nan_to_num(status, nan=IntervalStatus.NONE).astype(np.int8),
    )


def matched_theory(theory: TheoryCells, population: Population, model: Model) -> TheoryCells:
    """The same limits matched as fits are; a bound is of the truth, and stays."""
    if population.match == "mean" or model.labels != "none":
        return theory
    order = components(theory.limit, population, model)
    return theory._replace(
        limit=of_values(theory.limit, order),
        limit_se=of_errors(theory.limit_se, order),
        small_sample_bias=of_values(theory.small_sample_bias, order),
    )


def components(estimates: Floats, population: Population, model: Model) -> Positions:
    """Place of the component that is matched to each group, shape (..., K).

    Estimates are of shape (..., 4 K - 1), in the order of `parameter_rows`. What a model knows of a
    group stays with it: components whose known shares or SDs differ are not exchanged. Components
    that are alike stay in the order of their means.

    ``nearest`` minimises the distance to the truth in standard errors of labelled people, ``sum_k
    (p_k - pi_k)^2 / pi_k + pi_k (m_k - mu_k)^2 / sigma_k^2 + 2 pi_k log(s_k / sigma_k)^2`` (their
    information in shares, means and logarithms of SDs).
    """
    found, truth = _of_groups(estimates, len(population.groups)), _truth(population)
    if population.match == "nearest":
        order: Positions = _nearest(found, truth, _weights(population))
    else:
        by = PARAMETERS.index(population.match)
        order = np.empty(found.shape[:-1], dtype=np.intp)
        order[..., np.argsort(truth[:, by], kind="stable")] = np.argsort(
            found[..., by], axis=-1, kind="stable"
        )
    known = [PARAMETERS.index(name) for name in ("share", "sd") if _is_known(model, name)]
    kept = found[..., known]
    moved = np.take_along_axis(kept, order[..., None], axis=-2) != kept
    stays = moved.any(axis=(-1, -2)) | np.isnan(found).any(axis=(-1, -2))
    return np.where(stays[..., None], np.arange(order.shape[-1]), order)


def _is_known(model: Model, parameter: str) -> bool:
    return model.shares == "known" if parameter == "share" else model.takes_sds


def _of_groups(values: NDArray[Any], groups: int) -> NDArray[Any]:
    """Shares, means and SDs of groups, shape (..., K, 3), without the gaps."""
    return values[..., : 3 * groups].reshape(*values.shape[:-1], groups, 3)


def _truth(population: Population) -> Floats:
    """True shares, means and SDs of the groups, shape (K, 3)."""
    return np.stack([population.shares, population.means_cm, population.sds_cm], axis=1)


def _weights(population: Population) -> Floats:
    """Information of one labelled person in share, mean and log SD of each group, shape (K, 3)."""
    shares, variances = population.shares, population.sds_cm**2
    return np.stack([1.0 / shares, shares / variances, 2.0 * shares], axis=1)


def _with_log_sd(groups: Floats) -> Floats:
    """Shares, means and logarithms of SDs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.concatenate([groups[..., :2], np.log(groups[..., 2:])], axis=-1)


def _nearest(found: Floats, truth: Floats, weights: Floats) -> Positions:
    """The assignment of components to groups at the smallest distance."""
    from scipy.optimize import linear_sum_assignment  # takes as long as many a job

    away = _with_log_sd(found)[..., None, :, :] - _with_log_sd(truth)[:, None, :]
    cost = (weights[:, None, :] * away**2).sum(axis=-1)
    order = np.tile(np.arange(cost.shape[-1]), (*cost.shape[:-2], 1))
    for at in np.ndindex(cost.shape[:-2]):
        if np.isfinite(cost[at]).all():
            order[at] = linear_sum_assignment(cost[at])[1]
    return order


def of_values(values: Floats, order: Positions) -> Floats:
    """Estimates, limits or biases of components as those of the groups they are matched to."""
    own = _taken(values, order)
    return _joined(own, np.diff(own[..., 1]))


def of_errors(values: Floats, order: Positions) -> Floats:
    """The same of standard errors and ends of intervals.

    The gap of two groups whose components do not stand side by side has none: fits hold those of
    neighbours alone.
    """
    groups = order.shape[-1]
    low = np.minimum(order[..., :-1], order[..., 1:])
    gaps = np.take_along_axis(values[..., 3 * groups :], np.minimum(low, groups - 2), axis=-1)
    beside = np.abs(np.diff(order)) == 1
    return _joined(_taken(values, order), np.where(beside, gaps, np.nan))


def _taken(values: Floats, order: Positions) -> Floats:
    own = _of_groups(values, order.shape[-1])
    return np.take_along_axis(own, order[..., None], axis=-2)


def _joined(own: Floats, gaps: Floats) -> Floats:
    return np.concatenate([own.reshape(*own.shape[:-2], -1), gaps], axis=-1)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two groups, and how often a component of one would be matched to the other."""

    lower: str  # names of the groups
    upper: str
    match: Match  # what components are matched by
    chance: float  # the chance in one sample, where estimates are normal


def exchanges(
    population: Population, models: Iterable[Model], sampling: Sampling, sizes: Sequence[int]
) -> dict[Match, tuple[Exchange, ...]]:
    """The two groups that are exchanged most often, at each size, by what they are matched by.

    Estimates without labels are taken as normal around the truth, with the smallest standard errors
    that theory allows, or those with labels where it has none. Models that know what tells all
    groups apart exchange none.
    """
    free = [
        Model("none", one.shares, one.sds)
        for one in models
        if not any(_is_known(one, name) and _differ(population, name) for name in ("share", "sd"))
    ]
    covariances = [_covariance(population, one, sampling) for one in dict.fromkeys(free)]
    ways: tuple[Match, ...] = get_args(Match)
    return {
        way: tuple(
            max(
                (
                    _exchange(population, covariance / n, way, pair)
                    for covariance in covariances
                    for pair in _pairs(population, way)
                ),
                key=lambda one: one.chance,
            )
            for n in sizes
        )
        for way in ways
        if covariances and len(population.groups) > 1
    }


def _differ(population: Population, parameter: str) -> bool:
    """Whether no two groups have the same true value."""
    values = _truth(population)[:, PARAMETERS.index(parameter)]
    return len(np.unique(values)) == len(values)


def _pairs(population: Population, match: Match) -> list[tuple[int, int]]:
    """Groups that may be exchanged: neighbours in what they are matched by."""
    if match == "nearest":
        return list(combinations(range(len(population.groups)), 2))
    values = _truth(population)[:, PARAMETERS.index(match)]
    return list(pairwise(np.argsort(values, kind="stable").tolist()))


def _exchange(
    population: Population, covariance: Floats, match: Match, pair: tuple[int, int]
) -> Exchange:
    """How often two groups are exchanged.

    With weights w the exchange is nearer to the truth where ``t = sum_k w_k (x_other(k) -
    theta_k)^2 - w_k (x_k - theta_k)^2 < 0``, a quadratic form of normal estimates, which is taken
    as normal with its mean and variance; with equal weights it is linear, and normal indeed.
    """
    weights = _weights(population)
    if match != "nearest":
        weights = np.zeros_like(weights)
        weights[:, PARAMETERS.index(match)] = 1.0
    truth, (i, j) = _with_log_sd(_truth(population)), pair
    away = truth[j] - truth[i]
    slope, bend = np.zeros_like(truth), np.zeros_like(truth)
    slope[i], slope[j] = -2.0 * weights[j] * away, 2.0 * weights[i] * away
    bend[i], bend[j] = weights[j] - weights[i], weights[i] - weights[j]
    mean = float(((weights[i] + weights[j]) * away**2).sum() + bend.ravel() @ np.diag(covariance))
    g, bent = slope.ravel(), bend.ravel()[:, None] * covariance
    variance = float(g @ covariance @ g + 2.0 * (bent * bent.T).sum())
    chance = 0.5 if mean <= 0.0 else 0.0
    if variance > 0.0:
        chance = 0.5 * erfc(mean / sqrt(2.0 * variance))
    first, second = population.groups[min(pair)], population.groups[max(pair)]
    return Exchange(first.name, second.name, match, chance)


def _covariance(population: Population, model: Model, sampling: Sampling) -> Floats:
    """Smallest covariance, times n, of shares, means and logarithms of SDs, without labels."""
    rows = 3 * len(population.groups)
    try:
        with np.errstate(all="ignore"):
            found = bound_covariance(population, NoBias(), model, sampling)
    except np.linalg.LinAlgError:
        found = None
    if found is None or not np.isfinite(found).all():
        return np.diag(1.0 / _weights(population).ravel())
    unit = np.ones((rows // 3, 3))
    unit[:, 2] = 1.0 / population.sds_cm
    return found[:rows, :rows] * np.outer(unit, unit)
