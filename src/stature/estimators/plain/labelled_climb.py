"""Labels seen: the maximum of the labelled likelihood found by climbing it.

The reverse way of the lesson: no derivative is solved for zero; the climb knows the log-likelihood
and its derivatives only, through the sums of each group, starts where all groups are alike, and
must meet the closed form. Compiled; units of the sample.
"""

import numpy as np

from stature.arrays import Floats, Int8s, Int32s, Ints
from stature.estimators.plain.methods import SHORTEST_STEP, SUFFICIENT_GAIN
from stature.estimators.plain.problem import (
    CONVERGED,
    SDS_KNOWN,
    STEP_LIMIT,
    Constraints,
    Problem,
    Workspace,
    make_workspace,
    move,
    newton_direction,
    newton_step,
)
from stature.kernels.compile import jit
from stature.kernels.information import information, reduce_information, reduce_score, score
from stature.kernels.linear import factor


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
def derivatives(problem: Problem, theta: Floats, sums: Floats, room: Workspace) -> float:
    """Score and information of the labelled likelihood, into `room`; returns the decrement.

    The squared Newton decrement, or NaN where the information is not positive definite.
    """
    room.cross[:] = 0.0  # with all labels seen, no information is missing
    score(theta, sums, room.g)
    information(theta, sums, room.cross, room.h)
    if problem.free.shape[1] < problem.free.shape[0]:
        reduce_score(problem.free, room.g, room.g_model)
        reduce_information(problem.free, room.h, room.h_model)
    if not factor(room.h_model, room.lower):
        return np.nan
    return newton_step(room.g_model, room.lower, room.step)


@jit
def climb_labelled(
    problem: Problem,
    sums: Floats,
    theta: Floats,
    tolerance: float,
    step_limit: int,
    room: Workspace,
) -> tuple[int, int, int, float]:
    """Climb by safeguarded Newton, in place; one last step is taken beyond the certificate."""
    passes = 0
    decrement = np.nan
    for step in range(step_limit):
        value = log_likelihood(theta, sums)
        decrement = derivatives(problem, theta, sums, room)
        passes += 1
        promised = newton_direction(problem, decrement, room)
        length = 1.0
        while not decrement < tolerance:
            move(theta, room.direction, length, room.trial)
            passes += 1
            if log_likelihood(room.trial, sums) >= value + SUFFICIENT_GAIN * length * promised:
                break
            length *= 0.5
            if length < SHORTEST_STEP:
                return STEP_LIMIT, passes, step, decrement
        move(theta, room.direction, length, room.trial)
        theta[:] = room.trial
        if decrement < tolerance:
            return CONVERGED, passes, step + 1, decrement
    return STEP_LIMIT, passes, step_limit, decrement


@jit
def begin_alike(
    mean_cm: Floats, powers: Floats, told: Constraints, shares: Floats, theta: Floats, sums: Floats
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
    theta[:groups] = shares if told.shares_known else np.ones(groups) / groups
    theta[groups : 2 * groups] = 0.0
    theta[2 * groups :] = (
        told.known_sds_cm / scale if told.sds_rule == SDS_KNOWN else np.ones(groups)
    )
    return centre, scale


@jit
def climb_batch(
    mean_cm: Floats,
    powers: Floats,
    told: Constraints,
    tolerance: float,
    step_limit: int,
    theta_cm: Floats,
    status: Int8s,
    decrement: Floats,
    counts: Int32s,
) -> None:
    """Climb for every size of every replicate whose status allows it."""
    groups = theta_cm.shape[2] // 3
    room = make_workspace(groups, told.free.shape[1])
    nobody = np.empty(0)
    problem = Problem(nobody, nobody, told.free, told.shares_known, told.sds_rule)
    theta, sums = np.empty(3 * groups), np.empty((groups, 3))
    for r in range(status.shape[0]):
        for j in range(status.shape[1]):
            if status[r, j] != CONVERGED:
                continue
            here = theta_cm[r, j]
            centre, scale = begin_alike(
                mean_cm[r, j], powers[r, j], told, here[:groups], theta, sums
            )
            ended = climb_labelled(problem, sums, theta, tolerance, step_limit, room)
            status[r, j] = ended[0]
            counts[r, j, 0], counts[r, j, 1] = ended[1], ended[2]
            decrement[r, j] = ended[3]
            here[:groups] = theta[:groups]
            here[groups : 2 * groups] = centre + scale * theta[groups : 2 * groups]
            if told.sds_rule != SDS_KNOWN:
                here[2 * groups :] = scale * theta[2 * groups :]


@jit
def trace_labelled(
    problem: Problem,
    sums: Floats,
    start: Floats,
    kept: Ints,
    room: Workspace,
    path: Floats,
    values: Floats,
) -> None:
    """Walk a labelled climb again, once for every step that is kept."""
    for row in range(kept.shape[0]):
        path[row] = start
        values[row, 2] = climb_labelled(problem, sums, path[row], 0.0, kept[row], room)[1] + 1
        values[row, 0] = log_likelihood(path[row], sums)
        values[row, 1] = derivatives(problem, path[row], sums, room)
