"""The end of a fit: the certificate on all people, Newton's last correction, covariances.

A search ends within its tolerance of a maximum of the nodes. Here Newton takes it to the maximum
itself, which is then certified by one pass over all people, so that no answer depends on how the
people were summed up. Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.estimators.newton import NEWTON_TOLERANCE, move, newton_direction
from stature.estimators.problem import Problem, Room, certify
from stature.estimators.search import Sample
from stature.kernels.compile import jit
from stature.kernels.information import reduce_to_model
from stature.kernels.linear import factor, solve
from stature.kernels.sums import BLOCK, coefficients, responsibilities

MOST_CORRECTIONS = 5
SAFE_DECREMENT = 1e-2  # a tenth of a standard error: Newton's quadratic zone


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
        Receives score, information and its Cholesky factor at the end.

    Returns
    -------
    Certificate
        Log-likelihood and decrement over all people, and passes over nodes and people.
    """
    passes = polish(problem, theta, room) if converged else 0
    everybody = Problem(
        sample.people, sample.weights, problem.free, problem.shares_known, problem.sds_rule
    )
    log_likelihood, decrement = np.nan, np.nan
    for correction in range(MOST_CORRECTIONS):
        log_likelihood, decrement = certify(everybody, theta, room)
        passes += 1
        last = not converged or correction == MOST_CORRECTIONS - 1
        if last or not is_correction_needed(decrement):
            break
        correct(everybody, theta, decrement, room)
    return Certificate(log_likelihood, decrement, passes)


@jit
def polish(problem: Problem, theta: NDArray[np.float64], room: Room) -> int:
    """Take a converged fit to the maximum of its nodes, in place.

    Parameters
    ----------
    problem : Problem
        Nodes and model.
    theta : array, shape (3 k,)
        Where the search ended.
    room : Room
        Room to work in.

    Returns
    -------
    int
        Passes over the nodes.
    """
    for step in range(MOST_CORRECTIONS):
        _, decrement = certify(problem, theta, room)
        if not decrement < SAFE_DECREMENT or decrement < NEWTON_TOLERANCE * NEWTON_TOLERANCE:
            return step + 1
        correct(problem, theta, decrement, room)
    return MOST_CORRECTIONS


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
    return NEWTON_TOLERANCE <= decrement < SAFE_DECREMENT


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
def outer_scores(
    x: NDArray[np.float64],
    w: NDArray[np.float64],
    theta: NDArray[np.float64],
    room: Room,
    out: NDArray[np.float64],
) -> None:
    """Sum of the outer products of the scores of all people, ``sum w s s'``.

    Parameters
    ----------
    x, w : array, shape (n,)
        Heights or nodes, and how many people each stands for.
    theta : array, shape (3 k,)
        Parameters.
    room : Room
        Room to work in.
    out : array, shape (3 k - 1, 3 k - 1)
        Receives the sum, in the unconstrained coordinates.
    """
    groups = theta.shape[0] // 3
    q = 3 * groups - 1
    quadratics, score = np.empty((groups, 3)), np.empty(q)
    coefficients(theta, quadratics)
    out[:] = 0.0
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        responsibilities(x[first:last], quadratics, room.work)
        for i in range(last - first):
            for k in range(groups):
                r = room.work[k, i]
                d = x[first + i] - theta[groups + k]
                v = theta[2 * groups + k] ** 2
                if k < groups - 1:
                    score[k] = r - theta[k]
                score[groups - 1 + k] = r * d / v
                score[2 * groups - 1 + k] = r * (d * d / v - 1.0)
            for a in range(q):
                for b in range(a + 1):
                    out[a, b] += w[first + i] * score[a] * score[b]
    for a in range(q):
        for b in range(a):
            out[b, a] = out[a, b]


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
        Nodes and model.
    theta : array, shape (3 k,)
        The estimate, at which `room` holds the information.
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
    q, p = problem.free.shape
    if not factor(room.h_model, room.lower):
        return False
    inverse = np.eye(p)
    for a in range(p):
        solve(room.lower, inverse[a], inverse[a])
    outer, outer_model, unused = np.empty((q, q)), np.empty((p, p)), np.empty(p)
    outer_scores(problem.x, problem.w, theta, room, outer)
    reduce_to_model(problem.free, room.g, outer, unused, outer_model)
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
    for i in range(q):
        for j in range(q):
            total = 0.0
            for a in range(p):
                for b in range(p):
                    total += free[i, a] * covariance[a, b] * free[j, b]
            out[i, j] = total
