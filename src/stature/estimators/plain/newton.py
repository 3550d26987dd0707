"""Newton's method, safeguarded, in the unconstrained coordinates of a mixture.

It needs about ten passes where EM needs thousands, and its last step squares the error. Compiled;
legend as in `stature.kernels.sums`.
"""

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.em import run_em
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    NONFINITE,
    STEP_LIMIT,
    Climb,
    Problem,
    Room,
    certify,
    is_degenerate,
)
from stature.kernels.compile import jit, whole
from stature.kernels.linear import solve_lifted

NEWTON_EM_STEPS = whole(3)
NEWTON_TOLERANCE = 1e-12
SUFFICIENT_GAIN = 1e-4  # of the gain that the quadratic promises (Armijo)
SHORTEST_STEP = 1e-8
LONGEST_ETA, LONGEST_MU, LONGEST_LAM = 2.0, 1.0, 1.4  # trust box of one step, mu in sample SDs
ROUNDING = 1e-14  # relative error of a log-likelihood


@jit
def move(theta: Floats, direction: Floats, length: float, out: Floats) -> None:
    """Parameters a step away in the unconstrained coordinates u, into `out`."""
    groups = theta.shape[0] // 3
    free_shares = groups - 1
    moved = False
    total = theta[free_shares]
    out[free_shares] = total
    for k in range(free_shares):
        out[k] = theta[k] * np.exp(length * direction[k])
        total += out[k]
        moved = moved or direction[k] != 0.0
    for k in range(groups):
        # Shares that are told stay as told, to the last bit.
        out[k] = out[k] / total if moved else theta[k]
        out[groups + k] = theta[groups + k] + length * direction[free_shares + k]
        change = length * direction[free_shares + groups + k]
        out[2 * groups + k] = theta[2 * groups + k] * np.exp(change)


@jit
def newton_direction(problem: Problem, decrement: float, room: Room) -> float:
    """Ascent direction in u, into `room.direction`.

    The gain that the quadratic promises, ``g' step``.
    """
    promised = decrement
    if np.isnan(decrement):
        # Not at a maximum: the quadratic has no top.
        solve_lifted(room.h_model, room.lower, room.g_model, room.step)
        promised = 0.0
        for i in range(room.step.shape[0]):
            promised += room.g_model[i] * room.step[i]
    q, p = problem.free.shape
    for i in range(q):
        if p == q:  # the free model is itself
            room.direction[i] = room.step[i]
            continue
        room.direction[i] = 0.0
        for j in range(p):
            room.direction[i] += problem.free[i, j] * room.step[j]
    return promised


@jit
def _first_length(direction: Floats, groups: int) -> float:
    """Fraction of the direction that stays in the trust box, at most 1."""
    length = 1.0
    for i in range(direction.shape[0]):
        longest = LONGEST_LAM
        if i < groups - 1:
            longest = LONGEST_ETA
        elif i < 2 * groups - 1:
            longest = LONGEST_MU
        if abs(direction[i]) * length > longest:
            length = longest / abs(direction[i])
    return length


@jit
def climb_by_newton(
    problem: Problem, theta: Floats, em_steps: int, tolerance: float, step_limit: int, room: Room
) -> Climb:
    """Run a few EM steps, then safeguarded Newton, from `theta`, in place.

    Every accepted step raises the likelihood; where the information is not positive definite
    its curvatures are made so. Ends one Newton step beyond the certificate, and tells
    the log-likelihood there.
    """
    people = problem.w.sum()
    groups = theta.shape[0] // 3
    if not run_em(problem, theta, em_steps, room):
        return Climb(DEGENERATE, np.nan, np.nan, em_steps, em_steps)
    passes = em_steps + 1
    log_likelihood, decrement = certify(problem, theta, room)
    for step in range(em_steps, step_limit):
        if not np.isfinite(log_likelihood):
            return Climb(NONFINITE, log_likelihood, decrement, passes, step)
        promised = newton_direction(problem, decrement, room)
        if decrement < tolerance:
            move(theta, room.direction, 1.0, room.trial)
            theta[:] = room.trial
            # What the last step gains, to the third order in its length.
            there = log_likelihood + 0.5 * decrement
            return Climb(CONVERGED, there, decrement, passes, step + 1)
        length = _first_length(room.direction, groups)
        while True:
            move(theta, room.direction, length, room.trial)
            trial_likelihood, trial_decrement = certify(problem, room.trial, room)
            passes += 1
            enough = log_likelihood + SUFFICIENT_GAIN * length * promised
            if trial_likelihood >= enough - ROUNDING * abs(log_likelihood):
                break
            length *= 0.5
            if length < SHORTEST_STEP:
                return Climb(STEP_LIMIT, log_likelihood, decrement, passes, step)
        theta[:] = room.trial
        log_likelihood, decrement = trial_likelihood, trial_decrement
        if is_degenerate(theta, people):
            return Climb(DEGENERATE, log_likelihood, decrement, passes, step + 1)
    return Climb(STEP_LIMIT, log_likelihood, decrement, passes, step_limit)
