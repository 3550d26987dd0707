"""SQUAREM: EM extrapolated along its own path, without ever lowering the likelihood.

A cycle makes three passes: at u, at the EM step F(u), and at the point u* extrapolated from
F(F(u)) - F(u) and F(u) - u. The pass at a point gives its log-likelihood and the next EM step, so
that looking before leaping costs nothing. Compiled; legend as in `stature.kernels.sums`.
"""

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.em import m_step
from stature.estimators.plain.newton import ROUNDING, move
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
from stature.kernels.compile import jit
from stature.kernels.sums import likelihood_pass

CYCLES_BETWEEN_CERTIFICATES = 4
PASSES_PER_CYCLE = 3
GROWTH = 4.0  # of the longest step, when it was taken and served


@jit
def difference(theta: Floats, other: Floats, out: Floats) -> None:
    """Difference of two parameters in the unconstrained coordinates, ``u(other) - u(theta)``."""
    groups = theta.shape[0] // 3
    last = groups - 1
    for k in range(last):
        odds, other_odds = theta[k] / theta[last], other[k] / other[last]
        out[k] = np.log(other_odds / odds)
    for k in range(groups):
        out[last + k] = other[groups + k] - theta[groups + k]
        out[last + groups + k] = np.log(other[2 * groups + k] / theta[2 * groups + k])


@jit
def climb_by_squarem(
    problem: Problem, theta: Floats, tolerance: float, step_limit: int, room: Room
) -> Climb:
    """Run SQUAREM, scheme S3 [1]_, from `theta`, in place, until the decrement is small enough.

    References
    ----------
    .. [1] Varadhan & Roland (2008), Simple and globally convergent methods for accelerating the
       convergence of any EM algorithm, Scand. J. Stat. 35:335.
    """
    people = problem.w.sum()
    once, twice = theta.copy(), theta.copy()
    r, q = room.direction.copy(), room.direction.copy()
    longest = 1.0
    log_likelihood, decrement = np.nan, np.nan
    passes = 0
    for cycle in range(step_limit + 1):
        if cycle % CYCLES_BETWEEN_CERTIFICATES == 0 or cycle == step_limit:
            log_likelihood, decrement = certify(problem, theta, room)
            if decrement < tolerance:
                return Climb(CONVERGED, log_likelihood, decrement, passes + 1, cycle)
        else:
            log_likelihood = likelihood_pass(problem.x, problem.w, theta, room.work, room.sums)
        passes += 1
        if not np.isfinite(log_likelihood):
            return Climb(NONFINITE, log_likelihood, decrement, passes, cycle)
        if cycle == step_limit:
            break
        once[:] = theta
        m_step(room.sums, problem.shares_known, problem.sds_rule, once)
        if is_degenerate(once, people):
            theta[:] = once
            return Climb(DEGENERATE, log_likelihood, np.nan, passes, cycle + 1)
        height = likelihood_pass(problem.x, problem.w, once, room.work, room.sums)
        passes += 1
        twice[:] = once
        m_step(room.sums, problem.shares_known, problem.sds_rule, twice)
        length = _step_length(theta, once, twice, r, q, longest)
        # [1] u* = u + 2 a r + a^2 q
        for i in range(r.shape[0]):
            room.direction[i] = 2.0 * length * r[i] + length * length * q[i]
        move(theta, room.direction, 1.0, room.trial)
        leapt = False
        if length > 1.0 and not is_degenerate(room.trial, people):
            trial = likelihood_pass(problem.x, problem.w, room.trial, room.work, room.sums)
            passes += 1
            leapt = trial >= height - ROUNDING * abs(height)
        if leapt:
            theta[:] = room.trial
            m_step(room.sums, problem.shares_known, problem.sds_rule, theta)
            longest = longest * GROWTH if length == longest else longest
        else:
            theta[:] = twice  # two plain EM steps, which never lower the likelihood
            longest = longest * GROWTH if length == 1.0 else max(1.0, longest / GROWTH)
        if is_degenerate(theta, people):
            return Climb(DEGENERATE, log_likelihood, np.nan, passes, cycle + 1)
    return Climb(STEP_LIMIT, log_likelihood, decrement, passes, step_limit)


@jit
def _step_length(
    theta: Floats, once: Floats, twice: Floats, r: Floats, q: Floats, longest: float
) -> float:
    """Length of the leap, ``|r| / |q|`` between 1 and the longest; fills in r and q."""
    difference(theta, once, r)
    difference(once, twice, q)
    size = change = 0.0
    for i in range(r.shape[0]):
        q[i] -= r[i]
        size += r[i] * r[i]
        change += q[i] * q[i]
    if not change > 0.0:
        return 1.0
    return min(max(np.sqrt(size / change), 1.0), longest)
