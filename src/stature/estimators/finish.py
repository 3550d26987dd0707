"""The end of a fit: the certificate on all people, Newton's last correction, covariances.

A search ends within its tolerance of a maximum of the nodes. Here Newton takes it to the maximum
itself, which is then certified by one pass over all people, so that no answer depends on how the
people were summed up. Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.estimators.newton import move, newton_direction
from stature.estimators.problem import Problem, Room, certify, newton_step
from stature.estimators.sample import Sample
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
    sample: Sample, problem: Problem, theta: NDArray[np.float64], converged: bool, room: Room
) -> Certificate:
    """Take a converged fit to its maximum, in place, and certify it on all people.

    Where nodes stand for people, the people give the score and the nodes its information, of which
    a few digits would do. The nodes give the log-likelihood if it is exact, else the people do.

    Parameters
    ----------
    sample : Sample
        The sample.
    problem : Problem
        Its nodes and the model.
    theta : array, shape (3 k,)
        Where the search ended.
    converged : bool
        Whether it ended at a certified maximum; if not, nothing is moved.
    room : Room
        Receives sums and information of the nodes at the end.

    Returns
    -------
    Certificate
        Log-likelihood and decrement over all people, and passes over nodes and people.
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
def decrement_of_people(problem: Problem, theta: NDArray[np.float64], room: Room) -> float:
    """The squared Newton decrement of the people's score, with the information of the nodes.

    Parameters
    ----------
    problem : Problem
        The model.
    theta : array, shape (3 k,)
        Parameters.
    room : Room
        Holds the sums over people, and the factor that `polish` or `certify` left; receives the
        Newton step.

    Returns
    -------
    float
        The decrement.
    """
    score(theta, room.people_sums, room.g)
    if problem.free.shape[1] < problem.free.shape[0]:
        reduce_score(problem.free, room.g, room.g_model)
    return newton_step(room.g_model, room.lower, room.step)


@jit
def polish(
    problem: Problem, theta: NDArray[np.float64], converged: bool, room: Room
) -> Certificate:
    """Take a converged fit to the maximum of its nodes, in place.

    Parameters
    ----------
    problem : Problem
        Nodes and model.
    theta : array, shape (3 k,)
        Where the search ended.
    converged : bool
        Whether it is to be moved.
    room : Room
        Receives what `certify` leaves at the end.

    Returns
    -------
    Certificate
        Log-likelihood and decrement over the nodes, and passes.
    """
    for step in range(MOST_CORRECTIONS):
        log_likelihood, decrement = certify(problem, theta, room)
        if not converged or not SETTLED <= decrement < SAFE_DECREMENT:
            return Certificate(log_likelihood, decrement, step + 1)
        correct(problem, theta, decrement, room)
    log_likelihood, decrement = certify(problem, theta, room)
    return Certificate(log_likelihood, decrement, MOST_CORRECTIONS + 1)


@jit
def is_correction_needed(decrement: float) -> bool:
    """Whether a fit is off its maximum, but near enough for a Newton step to take it there.

    Parameters
    ----------
    decrement : float
        The squared Newton decrement on all people.

    Returns
    -------
    bool
        False also where the decrement is NaN.
    """
    return CORRECTED_FROM <= decrement < SAFE_DECREMENT


@jit
def correct(problem: Problem, theta: NDArray[np.float64], decrement: float, room: Room) -> None:
    """Take a full Newton step, in place.

    Parameters
    ----------
    problem : Problem
        The model; its heights are not looked at.
    theta : array, shape (3 k,)
        Where the step begins; receives its end.
    decrement : float
        The squared Newton decrement there.
    room : Room
        What `certify` or `judge` left.
    """
    newton_direction(problem, decrement, room)
    move(theta, room.direction, 1.0, room.trial)
    theta[:] = room.trial


@jit
def covariances(
    problem: Problem,
    theta: NDArray[np.float64],
    room: Room,
    observed: NDArray[np.float64],
    sandwich: NDArray[np.float64],
) -> bool:
    """Covariances of the estimates in the unconstrained coordinates.

    Parameters
    ----------
    problem : Problem
        The model; its nodes are not looked at.
    theta : array, shape (3 k,)
        The estimate, at which `room` holds sums and information.
    room : Room
        What `finish` left.
    observed, sandwich : array, shape (3 k - 1, 3 k - 1)
        Receive ``J I^-1 J'`` and ``J I^-1 (J' B J) I^-1 J'``, B the sum of outer scores [1]_.

    Returns
    -------
    bool
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
def _product(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Product of two small square matrices (NumPy's would need SciPy in compiled code)."""
    p = a.shape[0]
    out = np.zeros((p, p))
    for i in range(p):
        for j in range(p):
            for k in range(p):
                out[i, j] += a[i, k] * b[k, j]
    return out


@jit
def _spread(
    free: NDArray[np.float64], covariance: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
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
