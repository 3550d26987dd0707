"""Expectation-maximisation: the EM map, and EM run until its certificate.

The map is cheap and never lowers the likelihood, but where groups overlap it needs thousands of
steps. Compiled; legend as in `stature.kernels.sums`.
"""

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    NONFINITE,
    SDS_EQUAL,
    SDS_FREE,
    STEP_LIMIT,
    Climb,
    Problem,
    Room,
    certify,
    is_degenerate,
)
from stature.kernels.compile import jit
from stature.kernels.sums import em_pass

# EM moves so slowly that a certificate, which costs two steps, is sought only now and then.
STEPS_BETWEEN_CERTIFICATES = 16


@jit
def m_step(sums: Floats, shares_known: bool, sds_rule: int, theta: Floats) -> None:
    """The M-step: parameters that maximise the expected complete log-likelihood, in place [1]_.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data via the EM
       algorithm, J. R. Stat. Soc. B 39:1.
    """
    groups = sums.shape[0]
    people = 0.0
    for k in range(groups):
        people += sums[k, 0]
    pooled = 0.0
    for k in range(groups):
        n_k = sums[k, 0]
        mean = sums[k, 1] / n_k
        # Squares about the new mean: with the old one the step could lower the likelihood.
        squares = max(sums[k, 2] - n_k * mean * mean, 0.0)
        pooled += squares
        theta[groups + k] = mean
        if not shares_known:
            theta[k] = n_k / people
        if sds_rule == SDS_FREE:
            theta[2 * groups + k] = np.sqrt(squares / n_k)
    if sds_rule == SDS_EQUAL:
        theta[2 * groups :] = np.sqrt(pooled / people)


@jit
def run_em(problem: Problem, theta: Floats, steps: int, room: Room) -> bool:
    """Run so many EM steps, in place."""
    people = problem.w.sum()
    for _ in range(steps):
        em_pass(problem.x, problem.w, theta, room.work, room.sums)
        m_step(room.sums, problem.shares_known, problem.sds_rule, theta)
        if is_degenerate(theta, people):
            return False
    return True


@jit
def climb_by_em(
    problem: Problem, theta: Floats, tolerance: float, step_limit: int, room: Room
) -> Climb:
    """Run EM from `theta`, in place, until the decrement is below the tolerance.

    Steps cost one pass each; the pass of a certificate serves the next step too.
    """
    people = problem.w.sum()
    log_likelihood, decrement = np.nan, np.nan
    for step in range(step_limit + 1):
        if step % STEPS_BETWEEN_CERTIFICATES == 0 or step == step_limit:
            log_likelihood, decrement = certify(problem, theta, room)
            if not np.isfinite(log_likelihood):
                return Climb(NONFINITE, log_likelihood, decrement, step + 1, step)
            if decrement < tolerance:
                return Climb(CONVERGED, log_likelihood, decrement, step + 1, step)
        else:
            em_pass(problem.x, problem.w, theta, room.work, room.sums)
        if step < step_limit:
            m_step(room.sums, problem.shares_known, problem.sds_rule, theta)
            if is_degenerate(theta, people):
                return Climb(DEGENERATE, log_likelihood, np.nan, step + 1, step + 1)
    return Climb(STEP_LIMIT, log_likelihood, decrement, step_limit + 1, step_limit)
