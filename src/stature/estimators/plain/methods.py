"""Three ways to a maximum: EM, EM accelerated by SQUAREM, and safeguarded Newton.

The EM map is cheap and never lowers the likelihood, but where groups overlap it needs thousands of
steps; SQUAREM extrapolates it along its own path and needs hundreds. Newton needs about ten
likelihood evaluations, and its last step squares the error. Compiled; legend as in
`stature.kernels.sums`.
"""

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    NONFINITE,
    SDS_EQUAL,
    SDS_FREE,
    SDS_RATIO,
    STEP_LIMIT,
    Problem,
    Result,
    Workspace,
    certify,
    decrement_of,
    evaluate,
    is_degenerate,
    move,
    newton_direction,
)
from stature.kernels.compile import integer, jit, jit_inside, jit_lent, plus
from stature.kernels.linear import copy, total
from stature.kernels.prior import MEAN, POWER, RATIO, SCALE, SHARES, draw_together, log_prior
from stature.kernels.sums import (
    BLOCK,
    SUMS_ALONE,
    WITH_LIKELIHOOD,
    em_pass,
    powers_of_one,
)

# EM moves so slowly that a certificate, which costs two steps, is sought only now and then.
STEPS_BETWEEN_CERTIFICATES = 16
VECTORS = 16  # numbers that a loop of sums takes at a time

CYCLES_BETWEEN_CERTIFICATES = 4
GROWTH = 4.0  # of SQUAREM's longest step, when it was taken and served

NEWTON_EM_STEPS, NO_EM_STEPS = integer(3), integer(0)
SUFFICIENT_GAIN = 1e-4  # of the gain that the quadratic promises (Armijo)
SHORTEST_STEP = 1e-8
LONGEST_ETA, LONGEST_MU, LONGEST_LAM = 2.0, 1.0, 1.4  # trust box of one step, mu in sample SDs
ROUNDING = 1e-14  # relative error of a log-likelihood


@jit_lent
def m_step(sums: Floats, shares_known: bool, sds_rule: int, prior: Floats, theta: Floats) -> None:
    """The M-step: parameters that maximise the expected complete log-likelihood, in place [1]_.

    With a prior, their sum: a share then counts b people more in each group.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data via the EM
       algorithm, J. R. Stat. Soc. B 39:1.
    """
    groups = sums.shape[0]
    weight = 0.0
    for k in range(groups):
        weight += sums[k, 0]
    pooled = 0.0
    for k in range(groups):
        n_k = sums[k, 0]
        weighing = n_k + prior[MEAN]
        mean = sums[k, 1] / weighing
        # Squares about the new mean: with the old one the step could lower the likelihood.
        squares = max(sums[k, 2] - weighing * mean * mean, 0.0)
        if sds_rule == SDS_RATIO:
            squares = (squares + prior[SCALE]) / theta[2 * groups + k] ** 2
        pooled += squares
        theta[groups + k] = mean
        if not shares_known:
            theta[k] = (n_k + prior[SHARES]) / (weight + groups * prior[SHARES])
        if sds_rule == SDS_FREE:
            squares += prior[SCALE]
            theta[2 * groups + k] = np.sqrt(squares / (n_k + prior[POWER]))
    if sds_rule == SDS_EQUAL:
        pooled += groups * prior[SCALE]
        theta[2 * groups :] = np.sqrt(pooled / (weight + groups * prior[POWER]))
    if sds_rule == SDS_RATIO:
        # All by as much: they keep the ratio in which they began.
        for k in range(groups):
            theta[2 * groups + k] *= np.sqrt(pooled / (weight + groups * prior[POWER]))
    if sds_rule == SDS_FREE and prior[RATIO] > 0.0:
        _draw_sds(sums, prior, theta[2 * groups :])


@jit
def _draw_sds(sums: Floats, prior: Floats, sds: Floats) -> None:
    """Bring the SDs of an M-step nearer to each other, in place."""
    draw_together(sums[:, 0] + prior[POWER], prior[RATIO], sds)


@jit_lent
def run_em(problem: Problem, theta: Floats, steps: int, space: Workspace) -> int:
    """Run so many EM steps, in place; the step at which a group is lost, 0 if none is."""
    weight = total(problem.w)
    for step in range(steps):
        em_pass(problem.x, problem.w, theta, SUMS_ALONE, space.work, space.sums)
        m_step(space.sums, problem.shares_known, problem.sds_rule, problem.prior, theta)
        if is_degenerate(theta, weight):
            return step + 1
    return 0


@jit_lent
def run_em_of_two(problem: Problem, theta: Floats, steps: int, space: Workspace) -> int:
    """Do as `run_em` for two groups, in a third of its time.

    With its sums in another order, so that starts near a saddle, which rounding leads away from it,
    may end elsewhere: it serves where the end is known.
    """
    x, w, _, shares_known, sds_rule, prior = problem
    work, sums = space.work, space.sums
    n = x.shape[0]
    if n <= BLOCK:
        # Whole vectors: the rest of a loop, one by one, takes as long as a few dozen of them.
        whole = (n + VECTORS - 1) // VECTORS * VECTORS
        xs, ws = work[0, :whole], work[1, :whole]
        for i in range(whole):
            xs[i], ws[i] = (x[i], w[i]) if i < n else (0.0, 0.0)
    else:
        xs, ws = x, w
    t0 = t1 = t2 = 0.0
    for i in range(xs.shape[0]):
        wx = ws[i] * xs[i]
        t0, t1, t2 = plus(t0, ws[i]), plus(t1, wx), plus(t2, wx * xs[i])
    for step in range(steps):
        p, q = 1.0 / (theta[4] * theta[4]), 1.0 / (theta[5] * theta[5])
        a = np.log(theta[0] * theta[5] / (theta[1] * theta[4]))
        a -= 0.5 * (theta[2] * theta[2] * p - theta[3] * theta[3] * q)
        b, c = theta[2] * p - theta[3] * q, 0.5 * (q - p)
        s0, s1, s2 = powers_of_one(xs, ws, a, b, c)
        sums[0, 0], sums[0, 1], sums[0, 2] = s0, s1, s2
        # Responsibilities add up to 1.
        sums[1, 0], sums[1, 1], sums[1, 2] = t0 - s0, t1 - s1, t2 - s2
        m_step(sums, shares_known, sds_rule, prior, theta)
        if is_degenerate(theta, t0):
            return step + 1
    return 0


@jit_lent
def iterate_em(
    problem: Problem, theta: Floats, tolerance: float, step_limit: int, space: Workspace
) -> Result:
    """Run EM from `theta`, in place, until the decrement is below the tolerance.

    Steps cost one likelihood evaluation each; that of a certificate serves the next step too.
    """
    weight, step = total(problem.w), 0
    while True:
        log_likelihood, decrement = certify(problem, theta, space)
        if not np.isfinite(log_likelihood):
            return Result(NONFINITE, log_likelihood, decrement, step + 1, step)
        if decrement < tolerance:
            return Result(CONVERGED, log_likelihood, decrement, step + 1, step)
        if step == step_limit:
            return Result(STEP_LIMIT, log_likelihood, decrement, step + 1, step)
        m_step(space.sums, problem.shares_known, problem.sds_rule, problem.prior, theta)
        more, lost = min(STEPS_BETWEEN_CERTIFICATES, step_limit - step) - 1, 0
        if not is_degenerate(theta, weight):
            if theta.shape[0] == 6:
                lost = run_em_of_two(problem, theta, more, space)
            else:
                lost = run_em(problem, theta, more, space)
            if lost == 0:
                step += 1 + more
                continue
        return Result(DEGENERATE, log_likelihood, np.nan, step + 1 + lost, step + 1 + lost)


@jit_lent
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
def iterate_squarem(
    problem: Problem, theta: Floats, tolerance: float, step_limit: int, space: Workspace
) -> Result:
    """Run SQUAREM, scheme S3 [1]_, from `theta`, in place, until the decrement is small enough.

    A cycle evaluates the likelihood at u, at the EM step F(u), and at the point u* extrapolated
    from F(F(u)) - F(u) and F(u) - u. An evaluation gives the next EM step too, so that looking
    before leaping costs nothing.

    References
    ----------
    .. [1] Varadhan & Roland (2008), Simple and globally convergent methods for accelerating the
       convergence of any EM algorithm, Scand. J. Stat. 35:335.
    """
    weight = total(problem.w)
    once, twice = theta.copy(), theta.copy()
    r, q = space.direction.copy(), space.direction.copy()
    longest = 1.0
    log_likelihood, decrement = np.nan, np.nan
    passes = 0
    for cycle in range(step_limit + 1):
        if cycle % CYCLES_BETWEEN_CERTIFICATES == 0 or cycle == step_limit:
            log_likelihood, decrement = certify(problem, theta, space)
            if decrement < tolerance:
                return Result(CONVERGED, log_likelihood, decrement, passes + 1, cycle)
        else:
            log_likelihood = em_pass(
                problem.x, problem.w, theta, WITH_LIKELIHOOD, space.work, space.sums
            )
            log_likelihood += log_prior(theta, problem.prior)
        passes += 1
        if not np.isfinite(log_likelihood):
            return Result(NONFINITE, log_likelihood, decrement, passes, cycle)
        if cycle == step_limit:
            break
        copy(theta, once)
        m_step(space.sums, problem.shares_known, problem.sds_rule, problem.prior, once)
        if is_degenerate(once, weight):
            copy(once, theta)
            return Result(DEGENERATE, log_likelihood, np.nan, passes, cycle + 1)
        value = em_pass(problem.x, problem.w, once, WITH_LIKELIHOOD, space.work, space.sums)
        value += log_prior(once, problem.prior)
        passes += 1
        copy(once, twice)
        m_step(space.sums, problem.shares_known, problem.sds_rule, problem.prior, twice)
        length = _step_length(theta, once, twice, r, q, longest)
        # [1] u* = u + 2 a r + a^2 q
        for i in range(r.shape[0]):
            space.direction[i] = 2.0 * length * r[i] + length * length * q[i]
        move(theta, space.direction, 1.0, space.trial)
        leapt = False
        if length > 1.0 and not is_degenerate(space.trial, weight):
            trial = em_pass(
                problem.x, problem.w, space.trial, WITH_LIKELIHOOD, space.work, space.sums
            )
            trial += log_prior(space.trial, problem.prior)
            passes += 1
            leapt = trial >= value - ROUNDING * abs(value)
        if leapt:
            copy(space.trial, theta)
            m_step(space.sums, problem.shares_known, problem.sds_rule, problem.prior, theta)
            longest = longest * GROWTH if length == longest else longest
        else:
            copy(twice, theta)  # two plain EM steps, which never lower the likelihood
            longest = longest * GROWTH if length == 1.0 else max(1.0, longest / GROWTH)
        if is_degenerate(theta, weight):
            return Result(DEGENERATE, log_likelihood, np.nan, passes, cycle + 1)
    return Result(STEP_LIMIT, log_likelihood, decrement, passes, step_limit)


@jit_lent
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


@jit_inside
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


@jit_lent
def iterate_newton(
    problem: Problem,
    theta: Floats,
    em_steps: int,
    tolerance: float,
    step_limit: int,
    space: Workspace,
) -> Result:
    """Run a few EM steps, then safeguarded Newton, from `theta`, in place.

    Every accepted step raises the likelihood; where the information is not positive definite
    its curvatures are made so. Ends one Newton step beyond the certificate, with the
    log-likelihood there.
    """
    weight = total(problem.w)
    groups = theta.shape[0] // 3
    if run_em(problem, theta, em_steps, space) > 0:
        return Result(DEGENERATE, np.nan, np.nan, em_steps, em_steps)
    passes = em_steps + 1
    log_likelihood, decrement = certify(problem, theta, space)
    for step in range(em_steps, step_limit):
        if not np.isfinite(log_likelihood):
            return Result(NONFINITE, log_likelihood, decrement, passes, step)
        promised = newton_direction(problem, decrement, space)
        if decrement < tolerance:
            move(theta, space.direction, 1.0, space.trial)
            copy(space.trial, theta)
            # What the last step gains, to the third order in its length.
            there = log_likelihood + 0.5 * decrement
            return Result(CONVERGED, there, decrement, passes, step + 1)
        length = _first_length(space.direction, groups)
        while True:
            move(theta, space.direction, length, space.trial)
            trial_likelihood = evaluate(problem, space.trial, space)
            passes += 1
            enough = log_likelihood + SUFFICIENT_GAIN * length * promised
            if trial_likelihood >= enough - ROUNDING * abs(log_likelihood):
                break
            length *= 0.5
            if length < SHORTEST_STEP:
                return Result(STEP_LIMIT, log_likelihood, decrement, passes, step)
        copy(space.trial, theta)
        log_likelihood, decrement = trial_likelihood, decrement_of(problem, theta, space)
        if is_degenerate(theta, weight):
            return Result(DEGENERATE, log_likelihood, decrement, passes, step + 1)
    return Result(STEP_LIMIT, log_likelihood, decrement, passes, step_limit)
