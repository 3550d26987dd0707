"""A choice among models for each sample, or their average: fits of several, and one answer of them.

It pays where a simpler model is often right, and costs where it seems so by chance. An average
has no jump where the choice turns, and its standard errors count that the model is uncertain.
"""

from dataclasses import fields, replace

import numpy as np

from stature.arrays import Floats
from stature.design.samples import Samples
from stature.domain.mixture import Mixture, log_joint
from stature.domain.model import free_coordinates
from stature.estimators.estimator import (
    Alternative,
    Criterion,
    Estimator,
    Fits,
    IntervalStatus,
    SeStatus,
    Status,
)
from stature.estimators.intervals.wald import wald_interval
from stature.estimators.plain.problem import weighted_observations

SHARED = (
    *("replicates", "sizes", "group_names", "at_constraint", "search"),
    *("quantities", "of_quantities"),
)
"""Fields of fits that are the same for all models, or that none of them has."""


def members_of(estimator: Estimator) -> tuple[Estimator, ...]:
    """The estimators among which one chooses, each with a model."""

    def member(other: Alternative) -> Estimator:
        model = replace(estimator.model, sds=other.sds)
        return replace(estimator, choose=None, model=model, prior=other.prior)

    among = () if estimator.choose is None else estimator.choose.among
    return tuple(member(one) for one in among)


def groups_of(estimator: Estimator, group_names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Names of the groups of each model: those of the samples, or numbers where it has others."""
    counts = [one.groups for one in estimator.choose.among] if estimator.choose else []
    return tuple(
        group_names if k in (0, len(group_names)) else tuple(map(str, range(k))) for k in counts
    )


def chosen(estimator: Estimator, members: list[Fits], samples: Samples) -> Fits:
    """What an estimator makes of the fits of the models that it chooses among.

    References
    ----------
    .. [1] Buckland, Burnham & Augustin (1997), Model selection: an integral part of inference,
       Biometrics 53:603.
    """
    choose = estimator.choose
    if choose is None:
        raise ValueError(f"estimator {estimator.name!r} chooses among no models")
    criteria = np.stack(
        [
            criterion_of(fits, one, choose.by, samples)
            for fits, one in zip(members, members_of(estimator), strict=True)
        ]
    )
    best = criteria.argmin(axis=0)
    own = next(one for one in members if one.group_names == samples.group_names)
    fits = _one_of([_in_rows_of(own, one) for one in members], best)
    if not choose.average:
        return fits
    there = np.isfinite(criteria)
    away = np.where(there, criteria, np.inf) - np.where(there.any(0), criteria.min(0), 0.0)
    weight = np.exp(-0.5 * away)
    # Where no model has a maximum there is no average either, but the fit that says why.
    found = there.any(axis=0)
    weight = np.expand_dims(weight / np.where(found, weight.sum(axis=0), 1.0), -1)

    def mean(values: list[Floats]) -> Floats:
        # A model without weight may have no numbers.
        return np.where(weight > 0.0, weight * np.stack(values), 0.0).sum(axis=0)

    estimate = mean([one.estimate for one in members])
    errors = [
        mean([np.hypot(getattr(one, name), one.estimate - estimate) for one in members])  # [1]
        for name in ("std_error", "robust_std_error")
    ]
    estimate, std_error, robust = (
        np.where(np.expand_dims(found, -1), new, old)
        for new, old in zip(
            (estimate, *errors), (fits.estimate, fits.std_error, fits.robust_std_error), strict=True
        )
    )
    ends = robust if estimator.interval == "sandwich" else std_error
    lower, upper = wald_interval(estimate, ends)
    return replace(
        fits,
        estimate=estimate,
        std_error=std_error,
        robust_std_error=robust,
        lower=lower,
        upper=upper,
    )


def _in_rows_of(own: Fits, fits: Fits) -> Fits:
    """Fits of another number of groups than the samples have: a status in place of estimates."""
    if len(fits.group_names) == len(own.group_names):
        return fits
    fewer = len(fits.group_names) < len(own.group_names)
    status = Status.FEWER_GROUPS if fewer else Status.MORE_GROUPS
    nothing = np.full_like(own.estimate, np.nan)
    return replace(
        fits,
        group_names=own.group_names,
        **dict.fromkeys(("estimate", "std_error", "robust_std_error", "lower", "upper"), nothing),
        interval_status=np.full_like(own.interval_status, IntervalStatus.NONE),
        status=np.where(fits.status == Status.CONVERGED, status, fits.status),
        se_status=np.full_like(own.se_status, SeStatus.NONE),
        covariance=None if own.covariance is None else np.full_like(own.covariance, np.nan),
    )


def _one_of(members: list[Fits], best: np.ndarray) -> Fits:
    """In each place the fit of the model that is best there; likelihood evaluations add up."""
    picked = {}
    for field in fields(Fits):
        values = [getattr(one, field.name) for one in members]
        if field.name == "passes":
            picked[field.name] = np.sum(values, axis=0, dtype=np.int32)
        elif field.name in SHARED:
            picked[field.name] = values[0]
        else:
            index = best.reshape(best.shape + (1,) * (values[0].ndim - best.ndim))
            picked[field.name] = np.take_along_axis(np.stack(values), index[None], axis=0)[0]
    return Fits(**picked)


def criterion_of(fits: Fits, estimator: Estimator, by: Criterion, samples: Samples) -> Floats:
    """A criterion of each fit, lower is better, shape (r, s); infinite where there is no maximum.

    ``AIC = -2 l + 2 q``, ``BIC = -2 l + q log n``, and ICL is BIC plus twice the entropy of the
    probabilities of the groups [1]_. With a prior the likelihood is that at the maximum of both.

    References
    ----------
    .. [1] Biernacki, Celeux & Govaert (2000), Assessing a mixture model for clustering with the
       integrated completed likelihood, IEEE Trans. PAMI 22:719.
    """
    free = free_coordinates(estimator.model, len(fits.group_names)).shape[1]
    cost = 2.0 if by == "aic" else np.log(fits.sizes)
    value = -2.0 * fits.log_likelihood + free * cost
    usable = (fits.status == Status.CONVERGED) & (fits.se_status == SeStatus.OK)
    for row, column in np.argwhere(usable).tolist() if by == "icl" else []:
        people = weighted_observations(samples, row, int(fits.sizes[column]))
        value[row, column] += 2.0 * entropy(fits.estimate[row, column], *people)
    return np.where(usable, value, np.inf)


def entropy(estimate: Floats, heights_cm: Floats, weights: Floats) -> float:
    """Entropy of the probabilities of the groups, ``-sum_i w_i sum_k r_ik log r_ik``."""
    groups = (len(estimate) + 1) // 4
    joint = log_joint(Mixture(*estimate[: 3 * groups].reshape(groups, 3).T), heights_cm)
    log_r = joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)
    return -float(weights @ np.einsum("ik,ik->i", np.exp(log_r), log_r))
