"""The end of a fit: the certificate on all people, Newton's last correction, covariances.

A search ends within its tolerance of a maximum of the nodes. Here Newton takes it to the maximum
itself, which is then certified by one pass over all people, so that no answer depends on how the
people were summed up. Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.newton import move, newton_direction
from stature.estimators.plain.problem import Problem, Room, certify, newton_step
from stature.estimators.plain.sample import Sample
from stature.kernels.compile import jit
from stature.kernels.information import outer_scores, reduce_information, reduce_score, score
from stature.kernels.linear import factor, solve
from stature.kernels.people import people_pass
from stature.kernels.sketch import is_exact_to

MOST_CORRECTIONS = 5
SAFE_DECREMENT = 1e-2  # a tenth of a standard error: Newton's quadratic zone
CORRECTED_FROM = 1e-18  # a billionth of a standard error, on all people
SETTLED = 1e-20  # the same on nodes; a Newton step from here would be lost in rounding
EXACT = 1e-12  # relative error of a log-likelihood that nodes may have


class Certificate(NamedTuple):
    """What the last pass over all people says."""

    log_likelihood: float
    decrement: float
    passes: int


@jit
def finish(
    sample: Sample, problem: Problem, theta: Floats, converged: bool, room: Room
) -> Certificate:
    """Take a converged fit to its maximum, in place, and certify it on all people.

    Where nodes stand for people, the people give the score and the nodes its information, of which
    a few digits would do. The nodes give the log-likelihood if it is exact, else the people do.
    """
    settled = polish(problem, theta, converged, room)
    log_likelihood, decrement, passes = settled
    if sample.width == 0.0:
        return settled
    for correction in range(MOST_CORRECTIONS):
        is_exact = not np.isnan(decrement) and is_exact_to(
            EXACT, theta, sample.width, sample.smallest, sample.largest
        )
        of_people = people_pass(
            sample.heights,
            sample.counts,
            sample.centre,
            sample.scale,
            theta,
            not is_exact,
            room.work,
            room.people_sums,
        )
        passes += 1
        if not is_exact:
            log_likelihood = of_people
        if np.isnan(decrement):
            break
        decrement = decrement_of_people(problem, theta, room)
        last = not converged or correction == MOST_CORRECTIONS - 1
        if last or not is_correction_needed(decrement):
            break
        correct(problem, theta, decrement, room)
        log_likelihood, _ = certify(problem, theta, room)
        passes += 1
    return Certificate(log_likelihood, decrement, passes)


@jit
def decrement_of_people(problem: Problem, theta: Floats, room: Room) -> float:
    """The squared Newton decrement of the people's score, with the information of the nodes."""
    score(theta, room.people_sums, room.g)
    if problem.free.shape[1] < problem.free.shape[0]:
        reduce_score(problem.free, room.g, room.g_model)
    return newton_step(room.g_model, room.lower, room.step)


@jit
def polish(problem: Problem, theta: Floats, converged: bool, room: Room) -> Certificate:
    """Take a converged fit to the maximum of its nodes, in place."""
    for step in range(MOST_CORRECTIONS):
        log_likelihood, decrement = certify(problem, theta, room)
        if not converged or not SETTLED <= decrement < SAFE_DECREMENT:
            return Certificate(log_likelihood, decrement, step + 1)
        correct(problem, theta, decrement, room)
    log_likelihood, decrement = certify(problem, theta, room)
    return Certificate(log_likelihood, decrement, MOST_CORRECTIONS + 1)


@jit
def is_correction_needed(decrement: float) -> bool:
    """Whether a fit is off its maximum, but near enough for a Newton step to take it there."""
    return CORRECTED_FROM <= decrement < SAFE_DECREMENT


@jit
def correct(problem: Problem, theta: Floats, decrement: float, room: Room) -> None:
    """Take a full Newton step, in place."""
    newton_direction(problem, decrement, room)
    move(theta, room.direction, 1.0, room.trial)
    theta[:] = room.trial


@jit
def covariances(
    problem: Problem, theta: Floats, room: Room, observed: Floats, sandwich: Floats
) -> bool:
    """Covariances of the estimates in the unconstrained coordinates.

    Whether the information is positive definite; if not, nothing is filled in.

    References
    ----------
    .. [1] White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50:1.
    """
    p = problem.free.shape[1]
    if not factor(room.h_model, room.lower):
        return False
    inverse, outer_model = np.eye(p), np.empty((p, p))
    for a in range(p):
        solve(room.lower, inverse[a], inverse[a])
    outer_scores(theta, room.sums, room.cross, room.outer)
    reduce_information(problem.free, room.outer, outer_model)
    _spread(problem.free, inverse, observed)
    _spread(problem.free, _product(_product(inverse, outer_model), inverse), sandwich)
    return True


@jit
def _product(a: Floats, b: Floats) -> Floats:
    """Product of two small square matrices (NumPy's would need SciPy in compiled code)."""
    p = a.shape[0]
    out = np.zeros((p, p))
    for i in range(p):
        for j in range(p):
            for k in range(p):
                out[i, j] += a[i, k] * b[k, j]
    return out


@jit
def _spread(free: Floats, covariance: Floats, out: Floats) -> None:
    """``J covariance J'``: from the coordinates of the model to those of the free one."""
    q, p = free.shape
    if p == q:  # the free model is itself
        out[:] = covariance
        return
    for i in range(q):
        for j in range(q):
            total = 0.0
            for a in range(p):
                for b in range(p):
                    total += free[i, a] * covariance[a, b] * free[j, b]
            out[i, j] = total
