"""The climb from one start to a maximum: Newton, held to the uphill side, with its certificate."""

from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.estimators.estimator import Status
from stature.estimators.general.likelihoods import likelihood
from stature.estimators.general.walls import brought_inside, face, room, wall_to_leave, walls_of
from stature.kernels.uphill import extremes, uphill
from stature.theory.likelihood import Likelihood, Rows

SINGULAR = 1e-9  # of the largest eigenvalue: below it there is a ridge, not a maximum
EIGENVALUE_FLOOR = 1e-6  # of the largest: what an indefinite information is bent to
LARGEST_ETA, LARGEST_MU, LARGEST_LAM = 1.0, 0.5, 0.7  # a step is at most twice as long
ARMIJO = 1e-4
ROUNDING = 1e-14  # what a log-likelihood may lose to rounding, relative
SHORTEST_STEP = 1e-8
MOST_STEPS = 200  # Newton has arrived in twenty, or follows a ridge that has no end
FEWEST_PEOPLE = 1.0  # a group of fewer is gone
SMALLEST_SD, LARGEST_SD = 1e-3, 30.0  # in SDs of the sample
# ASSUME a mean a hundred SDs from the people stands for one at infinity: a truncated normal is
# then an exponential law, and its likelihood has no maximum inside the parameter space.
FARTHEST_MEAN = 100.0


@dataclass(frozen=True, slots=True)
class Goal:
    """What is maximised."""

    rows: Rows  # what was seen, in standard units
    free: Floats  # shape (3 K - 1, p): the matrix J of the model's own coordinates
    penalty: float = 0.0  # weight of the penalty on SDs; 0: none
    share_penalty: float = 0.0  # weight of the penalty on shares; 0: none
    sd_ratio: float = 0.0  # the smallest SD is at least so many times the largest; 0: any


@dataclass(frozen=True, slots=True)
class End:
    """Where a climb ended."""

    u: Floats  # shape (3 K - 1,): the last coordinates
    status: Status  # whether it is a certified maximum inside the parameter space
    at: Likelihood  # value, score and information there, with the penalty
    # the squared Newton decrement: the squared distance to the maximum, in standard errors
    decrement: float
    passes: int  # evaluations of the likelihood
    steps: int  # accepted steps
    # shape (3 K - 1, q): directions left to it along the walls that it touches; None: those of the
    # model
    free: Floats | None = None


def evaluate(u: Floats, goal: Goal, with_outer: bool = True) -> Likelihood:
    """The likelihood with its penalties.

    ``l - a sum_k (s^2/v_k + log(v_k/s^2) - 1) + b sum_k log pi_k``, s the SD of the sample, here
    1 [1]_.

    References
    ----------
    .. [1] Chen, Tan & Zhang (2008), Inference for normal mixtures in mean and variance, Statistica
       Sinica 18.
    """
    at = likelihood(u, goal.rows, with_outer)
    if not goal.penalty and not goal.share_penalty:
        return at
    groups = (len(u) + 1) // 3
    lam = np.arange(2 * groups - 1, 3 * groups - 1)
    ratio = np.exp(-2.0 * u[lam])
    score, information = at.score.copy(), at.information.copy()
    score[lam] += 2.0 * goal.penalty * (ratio - 1.0)
    information[lam, lam] += 4.0 * goal.penalty * ratio
    log_shares = log_shares_at(u)
    eta, shares = slice(0, groups - 1), np.exp(log_shares[:-1])
    score[eta] += goal.share_penalty * (1.0 - groups * shares)
    bend = np.diag(shares) - np.outer(shares, shares)
    information[eta, eta] += goal.share_penalty * groups * bend
    value = at.value - penalties(u, goal)
    return replace(at, value=value, score=score, information=information)


def penalties(u: Floats, goal: Goal) -> float:
    """What the penalties take from the log-likelihood.

    ``a sum_k (1/v_k + log v_k - 1) - b sum_k log pi_k`` [1]_, see `evaluate`.
    """
    lam = u[2 * ((len(u) + 1) // 3) - 1 :]
    taken = goal.penalty * float(np.sum(np.exp(-2.0 * lam) + 2.0 * lam - 1.0))  # [1]
    return taken - goal.share_penalty * float(log_shares_at(u).sum())


def log_shares_at(u: Floats) -> Floats:
    """Logarithms of the shares at some coordinates, shape (k,).

    ``eta_k - log sum exp(eta)``.
    """
    eta = np.append(u[: (len(u) + 1) // 3 - 1], 0.0)
    return eta - np.logaddexp.reduce(eta)


def climb(u: Floats, goal: Goal, early: int, step_limit: int, tolerance: float) -> End:
    """Climb from a start to a maximum.

    References
    ----------
    .. [2] Lange (1995), A gradient algorithm locally equivalent to the EM algorithm, JRSS-B 57.
    """
    groups = (len(u) + 1) // 3
    longest = np.repeat([LARGEST_ETA, LARGEST_MU, LARGEST_LAM], [groups - 1, groups, groups])
    walls, touched = walls_of(groups, goal.sd_ratio), list[int]()
    u = brought_inside(u, goal.sd_ratio)
    at, passes, decrement = evaluate(u, goal), 1, np.nan
    free = goal.free
    for steps in range(min(step_limit, MOST_STEPS)):
        if not np.isfinite(at.value) or not np.isfinite(at.information).all():
            return End(u, Status.NONFINITE, at, np.nan, passes, steps, free)
        if is_endless(u):
            return End(u, Status.NO_MAXIMUM, at, np.nan, passes, steps, free)
        if is_degenerate(u, goal):
            return End(u, Status.DEGENERATE, at, np.nan, passes, steps, free)
        free = face(goal.free, walls, touched)
        matrix = at.completed if steps < early else at.information
        step, own = np.empty_like(u), np.ascontiguousarray(free)
        gain, smallest, largest = uphill(own, at.score, matrix, EIGENVALUE_FLOOR, step)
        certified = steps >= early and smallest > SINGULAR * largest
        decrement = gain if certified else np.nan
        open_for, wall = room(u, step, walls, touched)
        if certified and gain < tolerance and open_for > 1.0:
            loose = wall_to_leave(at.score, goal.free, walls, touched)
            if loose is not None:
                touched.remove(loose)
                continue
            # One more step, which Newton's convergence makes exact to rounding.
            last = evaluate(u + step, goal)
            decrement = decrement_at(last, free)
            if not decrement < tolerance:
                u, at, passes = u + step, last, passes + 1
                continue
            return End(u + step, Status.CONVERGED, last, decrement, passes + 1, steps + 1, free)
        if open_for < SHORTEST_STEP:
            touched.append(wall)
            continue
        length = min(1.0, 2.0 / max(float(np.max(np.abs(step) / longest)), 1e-300))
        meets = open_for <= length
        length = min(length, open_for)
        while True:
            trial = evaluate(u + length * step, goal, with_outer=False)
            passes += 1
            if trial.value >= at.value + ARMIJO * length * gain - ROUNDING * abs(at.value):
                break
            length, meets = length / 2, False
            if length < SHORTEST_STEP:
                return End(u, Status.STEP_LIMIT, at, decrement, passes, steps, free)
        u, at = u + length * step, trial
        if meets:
            touched.append(wall)
    limit = min(step_limit, MOST_STEPS)
    return End(u, Status.STEP_LIMIT, at, decrement, passes, limit, free)


def is_endless(u: Floats) -> bool:
    """Whether a group has left for infinity, as a normal does that stands for an exponential law.

    True if a mean or an SD is farther than any that people show.
    """
    _, _, widest, farthest = extremes(u)
    return widest > LARGEST_SD or farthest > FARTHEST_MEAN


def is_degenerate(u: Floats, goal: Goal) -> bool:
    """Whether a point lies at the edge of the parameter space.

    True if a group is gone, or has shrunk to a height.
    """
    share, narrowest, _, _ = extremes(u)
    return bool(goal.rows.weight.sum() * share < FEWEST_PEOPLE) or narrowest < SMALLEST_SD


def decrement_at(at: Likelihood, free: Floats) -> float:
    """Squared Newton decrement of a model.

    The decrement; infinite where the information is not positive definite.
    """
    e, q = np.linalg.eigh(free.T @ at.information @ free)
    if not e.min() > SINGULAR * e.max():
        return np.inf
    return float(np.sum((q.T @ (free.T @ at.score)) ** 2 / e))
