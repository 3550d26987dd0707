"""Climbing a likelihood: the EM map, EM run to a certificate, and safeguarded Newton.

All methods stop by the same certificate, the squared Newton decrement ``g' H^-1 g`` with a
positive definite information H: the squared distance to the maximum in standard errors. Compiled;
legend as in `stature.kernels.sums`, heights centred and scaled by the caller.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.kernels.compile import jit
from stature.kernels.information import reduce_to_model, score_and_information
from stature.kernels.linear import eigen, factor, solve
from stature.kernels.sums import BLOCK, em_pass, full_pass

CONVERGED, STEP_LIMIT, DEGENERATE, NONFINITE = 0, 1, 2, 3  # as in `estimator.Status`
SDS_FREE, SDS_EQUAL, SDS_KNOWN = 0, 1, 2

# EM moves so slowly that a certificate, which costs two steps, is sought only now and then.
STEPS_BETWEEN_CERTIFICATES = 16
FEWEST_PEOPLE = 1.0  # a group of less than one person is degenerate
SMALLEST_SD = 1e-3  # in SDs of the sample
NEWTON_EM_STEPS = 3
NEWTON_TOLERANCE = 1e-12
SUFFICIENT_GAIN = 1e-4  # of the gain that the quadratic promises (Armijo)
SHORTEST_STEP = 1e-8
SMALLEST_CURVATURE = 1e-6  # relative to the largest, where the information is not definite
LONGEST_ETA, LONGEST_MU, LONGEST_LAM = (
    2.0,
    1.0,
    1.4,
)  # trust box of one step, mu in SDs of the sample
ROUNDING = 1e-14  # relative error of a log-likelihood


class Problem(NamedTuple):
    """What is fitted: heights and weights, and which parameters are free."""

    x: NDArray[np.float64]
    w: NDArray[np.float64]
    free: NDArray[np.float64]
    shares_known: bool
    sds_rule: int


class Room(NamedTuple):
    """Arrays to work in, and the score and information of the last full pass."""

    work: NDArray[np.float64]
    sums: NDArray[np.float64]
    cross: NDArray[np.float64]
    g: NDArray[np.float64]
    h: NDArray[np.float64]
    g_model: NDArray[np.float64]
    h_model: NDArray[np.float64]
    lower: NDArray[np.float64]
    step: NDArray[np.float64]
    direction: NDArray[np.float64]
    trial: NDArray[np.float64]


class Climb(NamedTuple):
    """How a climb ended."""

    status: int
    log_likelihood: float
    decrement: float
    passes: int
    steps: int


@jit
def make_room(groups: int, parameters: int) -> Room:
    """Room for mixtures of so many groups and models of so many free parameters.

    Parameters
    ----------
    groups, parameters : int
        Numbers of groups and of free parameters.

    Returns
    -------
    Room
        Arrays that are not filled in.
    """
    q = 3 * groups - 1
    p = parameters
    return Room(
        np.empty((groups + 2, BLOCK)),
        np.empty((groups, 3)),
        np.empty((groups, groups, 5)),
        np.empty(q),
        np.empty((q, q)),
        np.empty(p),
        np.empty((p, p)),
        np.empty((p, p)),
        np.empty(p),
        np.empty(q),
        np.empty(3 * groups),
    )


@jit
def m_step(
    sums: NDArray[np.float64], shares_known: bool, sds_rule: int, theta: NDArray[np.float64]
) -> None:
    """The M-step: parameters that maximise the expected complete log-likelihood, in place [1]_.

    Parameters
    ----------
    sums : array, shape (k, 3)
        ``S^k_m`` at the old parameters.
    shares_known : bool
        Whether shares stay as they are.
    sds_rule : int
        `SDS_FREE`, `SDS_EQUAL` or `SDS_KNOWN`.
    theta : array, shape (3 k,)
        Old parameters; receives the new ones.

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
def is_degenerate(theta: NDArray[np.float64], people: float) -> bool:
    """Whether a group has lost its people or its spread, or is not a number.

    Parameters
    ----------
    theta : array, shape (3 k,)
        Parameters in units of the sample.
    people : float
        Number of people, the sum of the weights.

    Returns
    -------
    bool
        True for a group of less than one person or an SD under a thousandth of the sample's.
    """
    groups = theta.shape[0] // 3
    for k in range(groups):
        if not people * theta[k] >= FEWEST_PEOPLE:
            return True
        if not theta[2 * groups + k] >= SMALLEST_SD:
            return True
    return False


@jit
def certify(problem: Problem, theta: NDArray[np.float64], room: Room) -> tuple[float, float]:
    """Log-likelihood, and the squared Newton decrement or NaN where it means nothing.

    Leaves score and information of the free model in `room.g` and `room.h`, the Cholesky factor
    of the model's own information in `room.lower`, and the Newton step in `room.step`.

    Parameters
    ----------
    problem : Problem
        Heights and model.
    theta : array, shape (3 k,)
        Parameters.
    room : Room
        Receives what is said above. Cost: one pass.

    Returns
    -------
    tuple of (float, float)
        Log-likelihood and decrement.
    """
    log_likelihood = full_pass(problem.x, problem.w, theta, room.work, room.sums, room.cross)
    score_and_information(theta, room.sums, room.cross, room.g, room.h)
    reduce_to_model(problem.free, room.g, room.h, room.g_model, room.h_model)
    if not factor(room.h_model, room.lower):
        return log_likelihood, np.nan
    solve(room.lower, room.g_model, room.step)
    decrement = 0.0
    for i in range(room.step.shape[0]):
        decrement += room.g_model[i] * room.step[i]
    return log_likelihood, decrement


@jit
def climb_by_em(
    problem: Problem, theta: NDArray[np.float64], tolerance: float, step_limit: int, room: Room
) -> Climb:
    """Run EM from `theta`, in place, until the decrement is below the tolerance.

    Steps cost one pass each; the pass of a certificate serves the next step too.

    Parameters
    ----------
    problem : Problem
        Heights and model.
    theta : array, shape (3 k,)
        Start; receives the end.
    tolerance : float
        Squared Newton decrement below which EM has converged.
    step_limit : int
        Most steps.
    room : Room
        Room to work in.

    Returns
    -------
    Climb
        How it ended.
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


@jit
def run_em(problem: Problem, theta: NDArray[np.float64], steps: int, room: Room) -> bool:
    """Run so many EM steps, in place.

    Parameters
    ----------
    problem : Problem
        Heights and model.
    theta : array, shape (3 k,)
        Start; receives the end.
    steps : int
        Number of steps.
    room : Room
        Room to work in.

    Returns
    -------
    bool
        False as soon as the parameters are degenerate.
    """
    people = problem.w.sum()
    for _ in range(steps):
        em_pass(problem.x, problem.w, theta, room.work, room.sums)
        m_step(room.sums, problem.shares_known, problem.sds_rule, theta)
        if is_degenerate(theta, people):
            return False
    return True


@jit
def move(
    theta: NDArray[np.float64],
    direction: NDArray[np.float64],
    length: float,
    out: NDArray[np.float64],
) -> None:
    """Parameters a step away in the unconstrained coordinates u, into `out`.

    Parameters
    ----------
    theta : array, shape (3 k,)
        Where the step begins.
    direction : array, shape (3 k - 1,)
        The step in u.
    length : float
        How much of it is taken.
    out : array, shape (3 k,)
        Receives where it ends.
    """
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

    Parameters
    ----------
    problem : Problem
        The model.
    decrement : float
        What `certify` returned; NaN where the information is not positive definite.
    room : Room
        What `certify` left.

    Returns
    -------
    float
        The gain that the quadratic promises, ``g' step``.
    """
    promised = decrement
    if np.isnan(decrement):
        # Not at a maximum: reverse the negative curvatures and lift the small ones.
        p = room.g_model.shape[0]
        matrix, values, vectors = room.h_model.copy(), np.empty(p), np.empty((p, p))
        eigen(matrix, values, vectors)
        floor = SMALLEST_CURVATURE * np.max(np.abs(values))
        room.step[:] = 0.0
        promised = 0.0
        for j in range(p):
            along = 0.0
            for i in range(p):
                along += vectors[i, j] * room.g_model[i]
            along /= max(abs(values[j]), floor)
            for i in range(p):
                room.step[i] += vectors[i, j] * along
        for i in range(p):
            promised += room.g_model[i] * room.step[i]
    for i in range(problem.free.shape[0]):
        room.direction[i] = 0.0
        for j in range(room.step.shape[0]):
            room.direction[i] += problem.free[i, j] * room.step[j]
    return promised


@jit
def _first_length(direction: NDArray[np.float64], groups: int) -> float:
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
    problem: Problem, theta: NDArray[np.float64], tolerance: float, step_limit: int, room: Room
) -> Climb:
    """Run a few EM steps, then safeguarded Newton, from `theta`, in place.

    Every accepted step raises the likelihood; where the information is not positive definite its
    eigenvalues are made so. Ends one Newton step beyond the certificate.

    Parameters
    ----------
    problem : Problem
        Heights and model.
    theta : array, shape (3 k,)
        Start; receives the end.
    tolerance : float
        Squared Newton decrement below which one last step is taken.
    step_limit : int
        Most steps, those of EM counted.
    room : Room
        Room to work in.

    Returns
    -------
    Climb
        How it ended.
    """
    people = problem.w.sum()
    groups = theta.shape[0] // 3
    if not run_em(problem, theta, NEWTON_EM_STEPS, room):
        return Climb(DEGENERATE, np.nan, np.nan, NEWTON_EM_STEPS, NEWTON_EM_STEPS)
    passes = NEWTON_EM_STEPS + 1
    log_likelihood, decrement = certify(problem, theta, room)
    for step in range(NEWTON_EM_STEPS, step_limit):
        if not np.isfinite(log_likelihood):
            return Climb(NONFINITE, log_likelihood, decrement, passes, step)
        promised = newton_direction(problem, decrement, room)
        if decrement < tolerance:
            move(theta, room.direction, 1.0, room.trial)
            theta[:] = room.trial
            return Climb(CONVERGED, log_likelihood, decrement, passes, step + 1)
        length = _first_length(room.direction, groups)
        direction = room.direction.copy()
        while True:
            move(theta, direction, length, room.trial)
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
