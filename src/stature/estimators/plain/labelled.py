"""Labelled groups: the maximum in closed form, its errors, and Newton's way to the same maximum.

The likelihood is a product of normal densities; its logarithm has its derivative zero where each
mean is the average of its group and each variance the mean square about it. Newton's method is the
reverse way of the lesson: it solves no derivative for zero, but knows the log-likelihood and its
derivatives only, starts where all groups are alike, and must meet the closed form.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int8s, Int32s
from stature.domain.model import Model
from stature.estimators.estimator import FitSpec, SeStatus
from stature.estimators.plain.batch import SDS_RULES, Outcome, constraints_of, empty_outcome
from stature.estimators.plain.methods import SHORTEST_STEP, SUFFICIENT_GAIN
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_EQUAL,
    SDS_KNOWN,
    STEP_LIMIT,
    TOO_FEW,
    Constraints,
    Problem,
    Result,
    Workspace,
    make_workspace,
    move,
    newton_direction,
    newton_step,
)
from stature.kernels.compile import jit
from stature.kernels.information import information, reduce_information, reduce_score, score
from stature.kernels.linear import factor
from stature.kernels.sums import HALF_LOG_2_PI

FEWEST = 2  # people that a mean and an SD need
POWERS = 5  # sums of d^m, m = 0..4, about the group's mean


class LabelledSums(NamedTuple):
    """Sums of each group in each sample, r replicates by s sizes by k groups.

    `mean_cm` is the mean in cm, `powers` holds ``sum (x - mean)^m`` in cm^m, m = 0..4.
    """

    mean_cm: Floats  # (r, s, k)
    powers: Floats  # (r, s, k, POWERS)


@jit
def labelled_sums(
    heights_cm: Floats, groups: Int8s, sizes: Int32s, mean_cm: Floats, powers: Floats
) -> None:
    """Fill in means and central power sums of each group, in two passes a sample."""
    number = mean_cm.shape[2]
    shift, count = np.empty(number), np.empty(number)
    for r in range(heights_cm.shape[0]):
        for j in range(sizes.shape[0]):
            count[:] = 0.0
            total = mean_cm[r, j]
            total[:] = 0.0
            for i in range(sizes[j]):
                k = groups[r, i]
                if k < 0:
                    continue
                if count[k] == 0.0:
                    shift[k] = heights_cm[r, i]  # sums about a height of the group lose nothing
                count[k] += 1.0
                total[k] += heights_cm[r, i] - shift[k]
            for k in range(number):
                mean_cm[r, j, k] = shift[k] + total[k] / count[k] if count[k] > 0.0 else np.nan
            powers[r, j] = 0.0
            for i in range(sizes[j]):
                k = groups[r, i]
                if k < 0:
                    continue
                d = heights_cm[r, i] - mean_cm[r, j, k]
                square = d * d
                powers[r, j, k, 0] += 1.0
                powers[r, j, k, 1] += d
                powers[r, j, k, 2] += square
                powers[r, j, k, 3] += square * d
                powers[r, j, k, 4] += square * square
            for k in range(number):
                if count[k] > 0.0:
                    # The remainder of a rounded mean [Chan, Golub & LeVeque 1983, eq. 1.7].
                    remainder = powers[r, j, k, 1]
                    powers[r, j, k, 2] -= remainder * remainder / count[k]


def closed_form(
    sums: LabelledSums,
    known_shares: Floats | None,
    sds_rule: int,
    known_sds_cm: Floats | None,
    unbiased: bool = False,
) -> Floats:
    """Maximum of the labelled likelihood, where the derivative is zero, shape (r, s, 3 k).

    Shares, then means and SDs in cm; SDs with the divisor n_k (equal SDs: n), or if unbiased n_k -
    1 (equal SDs: n - K).
    """
    people, squares = sums.powers[..., 0], sums.powers[..., 2]
    total = people.sum(axis=-1, keepdims=True)
    lost = 1.0 if unbiased else 0.0  # one of each group for its mean
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = people / total
        variances = squares / (people - lost)
        if sds_rule == SDS_EQUAL:
            freedom = total - lost * people.shape[-1]
            variances = squares.sum(axis=-1, keepdims=True) / freedom
            variances = np.broadcast_to(variances, people.shape)
    if known_shares is not None:
        shares = np.broadcast_to(known_shares, people.shape)
    sds_cm = np.sqrt(variances)
    if sds_rule == SDS_KNOWN and known_sds_cm is not None:
        sds_cm = np.broadcast_to(known_sds_cm, people.shape)
    return np.concatenate([shares, sums.mean_cm, sds_cm], axis=-1)


def statuses(sums: LabelledSums, theta: Floats) -> Int8s:
    """Status of labelled fits: every group needs two people who differ, shape (r, s)."""
    groups = sums.mean_cm.shape[-1]
    few = (sums.powers[..., 0] < FEWEST).any(axis=-1)
    flat = (theta[..., 2 * groups :] <= 0.0).any(axis=-1)
    return np.where(few, TOO_FEW, np.where(flat, DEGENERATE, CONVERGED)).astype(np.int8)


def labelled_log_likelihood(sums: LabelledSums, theta: Floats, shares_count: bool) -> Floats:
    """Labelled log-likelihood in cm, shape (r, s)."""
    groups = sums.mean_cm.shape[-1]
    people, squares = sums.powers[..., 0], sums.powers[..., 2]
    shares, sds_cm = theta[..., :groups], theta[..., 2 * groups :]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = -people * (np.log(sds_cm) + HALF_LOG_2_PI) - 0.5 * squares / sds_cm**2
        if shares_count:
            terms = terms + people * np.log(shares)
    return terms.sum(axis=-1)


def labelled_decrement(sums: LabelledSums, theta: Floats, sds_rule: int) -> Floats:
    """Squared Newton decrement of SDs that are not the maximum, shape (r, s).

    ``sum (Q_k/v_k - n_k)^2 / (2 Q_k/v_k)`` over the SDs, Q_k the sum of squares.
    """
    groups = sums.mean_cm.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = sums.powers[..., 2] / theta[..., 2 * groups :] ** 2
        score = squares - sums.powers[..., 0]
        if sds_rule == SDS_EQUAL:
            return score.sum(axis=-1) ** 2 / (2.0 * squares.sum(axis=-1))
        return (score**2 / (2.0 * squares)).sum(axis=-1)


def labelled_covariances(sums: LabelledSums, theta: Floats, free: Floats) -> tuple[Floats, Floats]:
    """Covariances of labelled estimates by information and by sandwich.

    Shape (r, s, 3 k - 1, 3 k - 1).

    ``J I^-1 J'`` and ``J I^-1 B I^-1 J'`` in (eta, mu in cm, log sd); NaN where I is singular.
    """
    groups = sums.mean_cm.shape[-1]
    q = 3 * groups - 1
    shape = sums.mean_cm.shape[:-1]
    information, outer = np.zeros((*shape, q, q)), np.zeros((*shape, q, q))
    people = sums.powers[..., 0]
    total = people.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(groups):
            mu, lam = groups - 1 + k, 2 * groups - 1 + k
            v = theta[..., 2 * groups + k] ** 2
            n_k, square, cube, fourth = (sums.powers[..., k, m] for m in (0, 2, 3, 4))
            information[..., mu, mu] = n_k / v
            information[..., lam, lam] = 2.0 * square / v
            outer[..., mu, mu] = square / v**2
            outer[..., mu, lam] = outer[..., lam, mu] = cube / v**2
            outer[..., lam, lam] = fourth / v**2 - 2.0 * square / v + n_k
            for j in range(groups - 1):
                share = theta[..., j]
                outer[..., j, lam] = (float(j == k) - share) * (square / v - n_k)
                outer[..., lam, j] = outer[..., j, lam]
                if k < groups - 1:
                    block = total * theta[..., k] * (float(j == k) - share)
                    information[..., k, j] = outer[..., k, j] = block
        information = free.T @ information @ free
        outer = free.T @ outer @ free
    good = np.isfinite(information).all(axis=(-2, -1)) & np.isfinite(outer).all(axis=(-2, -1))
    good &= (np.diagonal(information, axis1=-2, axis2=-1) > 0.0).all(axis=-1)
    p = free.shape[1]
    inverse = np.full((*shape, p, p), np.nan)
    inverse[good] = np.linalg.inv(information[good])
    return free @ inverse @ free.T, free @ (inverse @ outer @ inverse) @ free.T


@jit
def log_likelihood(theta: Floats, sums: Floats) -> float:
    """Labelled log-likelihood, up to the constant of the normal density.

    ``sum n_k log(pi_k / sd_k) - sum (x - mu_k)^2 / (2 sd_k^2)``.
    """
    groups = sums.shape[0]
    total = 0.0
    for k in range(groups):
        mu, sd = theta[groups + k], theta[2 * groups + k]
        squares = sums[k, 2] - 2.0 * mu * sums[k, 1] + mu * mu * sums[k, 0]
        total += sums[k, 0] * (np.log(theta[k]) - np.log(sd)) - 0.5 * squares / (sd * sd)
    return total


@jit
def derivatives(problem: Problem, theta: Floats, sums: Floats, space: Workspace) -> float:
    """Score and information into `space`; returns the squared Newton decrement.

    NaN where the information is not positive definite.
    """
    space.cross[:] = 0.0  # with all labels no information is missing
    score(theta, sums, space.g)
    information(theta, sums, space.cross, space.h)
    if problem.free.shape[1] < problem.free.shape[0]:
        reduce_score(problem.free, space.g, space.g_model)
        reduce_information(problem.free, space.h, space.h_model)
    if not factor(space.h_model, space.lower):
        return np.nan
    return newton_step(space.g_model, space.lower, space.step)


@jit
def iterate_labelled(
    problem: Problem,
    sums: Floats,
    theta: Floats,
    tolerance: float,
    step_limit: int,
    space: Workspace,
) -> Result:
    """Safeguarded Newton, in place; one last step is taken beyond the certificate."""
    passes = 0
    value = decrement = np.nan
    for step in range(step_limit):
        value = log_likelihood(theta, sums)
        decrement = derivatives(problem, theta, sums, space)
        passes += 1
        promised = newton_direction(problem, decrement, space)
        length = 1.0
        while not decrement < tolerance:
            move(theta, space.direction, length, space.trial)
            passes += 1
            if log_likelihood(space.trial, sums) >= value + SUFFICIENT_GAIN * length * promised:
                break
            length *= 0.5
            if length < SHORTEST_STEP:
                return Result(STEP_LIMIT, value, decrement, passes, step)
        move(theta, space.direction, length, space.trial)
        theta[:] = space.trial
        if decrement < tolerance:
            return Result(CONVERGED, value, decrement, passes, step + 1)
    return Result(STEP_LIMIT, value, decrement, passes, step_limit)


@jit
def begin_alike(
    mean_cm: Floats,
    powers: Floats,
    constraints: Constraints,
    shares: Floats,
    theta: Floats,
    sums: Floats,
) -> tuple[float, float]:
    """Start with all groups alike, and the sums of a sample; returns its mean and SD in cm."""
    groups = sums.shape[0]
    people = total = squares = 0.0
    for k in range(groups):
        people += powers[k, 0]
        total += powers[k, 0] * (mean_cm[k] - mean_cm[0])
    centre = mean_cm[0] + total / people
    for k in range(groups):
        squares += powers[k, 2] + powers[k, 0] * (mean_cm[k] - centre) ** 2
    scale = np.sqrt(squares / people)
    for k in range(groups):
        d = (mean_cm[k] - centre) / scale
        sums[k, 0] = powers[k, 0]
        sums[k, 1] = powers[k, 0] * d
        sums[k, 2] = powers[k, 2] / (scale * scale) + powers[k, 0] * d * d
    theta[:groups] = shares if constraints.shares_known else np.ones(groups) / groups
    theta[groups : 2 * groups] = 0.0
    known = constraints.sds_rule == SDS_KNOWN
    theta[2 * groups :] = constraints.known_sds_cm / scale if known else np.ones(groups)
    return centre, scale


@jit
def maximise_labelled(
    sums: LabelledSums,
    constraints: Constraints,
    tolerance: float,
    step_limit: int,
    outcome: Outcome,
) -> None:
    """Newton for every size of every replicate that has a closed form, into `outcome`."""
    groups = outcome.theta.shape[2] // 3
    space = make_workspace(groups, constraints.free.shape[1])
    nothing = np.empty(0)
    free, shares_known, sds_rule, _, prior = constraints
    problem = Problem(nothing, nothing, free, shares_known, sds_rule, prior)
    theta, powers = np.empty(3 * groups), np.empty((groups, 3))
    for r in range(outcome.status.shape[0]):
        for j in range(outcome.status.shape[1]):
            if outcome.status[r, j] != CONVERGED:
                continue
            here = outcome.theta[r, j]
            known = sums.mean_cm[r, j], sums.powers[r, j]
            centre, scale = begin_alike(*known, constraints, here[:groups], theta, powers)
            result = iterate_labelled(problem, powers, theta, tolerance, step_limit, space)
            outcome.status[r, j], outcome.decrement[r, j] = result.status, result.decrement
            outcome.passes[r, j], outcome.steps[r, j] = result.passes, result.steps
            here[:groups] = theta[:groups]
            here[groups : 2 * groups] = centre + scale * theta[groups : 2 * groups]
            if constraints.sds_rule != SDS_KNOWN:
                here[2 * groups :] = scale * theta[2 * groups :]


def outcome_of(spec: FitSpec, sums: LabelledSums) -> tuple[Outcome, Constraints]:
    """Fits of labelled samples from their sums, and the constraints that they keep."""
    estimator, groups = spec.estimator, len(spec.group_names)
    sds_rule = SDS_RULES[estimator.model.sds]
    shares = None if spec.known_shares is None else np.array(spec.known_shares)
    sds_cm = None if spec.known_sds_cm is None else np.array(spec.known_sds_cm)
    # A stratified sample says nothing of the shares: they are the design's, without an error.
    shares_count = spec.sampling == "random" and estimator.model.shares == "free"
    model = Model("all", "free" if shares_count else "known", estimator.model.sds)
    constraints = constraints_of(model, groups, spec.known_sds_cm)
    outcome = empty_outcome(*sums.mean_cm.shape)
    unbiased = estimator.variances == "unbiased"
    outcome.theta[:] = closed_form(sums, shares, sds_rule, sds_cm, unbiased)
    outcome.status[:] = statuses(sums, outcome.theta)
    outcome.decrement[:] = labelled_decrement(sums, outcome.theta, sds_rule) if unbiased else 0.0
    for count in (outcome.passes, outcome.steps, outcome.starts):
        count[:] = 1
    if estimator.method == "newton":
        maximise_labelled(sums, constraints, estimator.tolerance, estimator.step_limit, outcome)
    observed, sandwich = labelled_covariances(sums, outcome.theta, constraints.free)
    good = (outcome.status == CONVERGED) & np.isfinite(observed).all(axis=(-2, -1))
    outcome.observed[good], outcome.sandwich[good] = observed[good], sandwich[good]
    outcome.se_status[:] = np.where(good, SeStatus.OK, SeStatus.SINGULAR)
    outcome.log_likelihood[:] = labelled_log_likelihood(sums, outcome.theta, shares_count)
    outcome.agreeing[:] = outcome.status == CONVERGED
    return outcome, constraints
