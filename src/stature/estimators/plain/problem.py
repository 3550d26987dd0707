"""What is climbed: heights, weights and a model, and the certificate of a maximum.

All methods stop by the same certificate, the squared Newton decrement ``g' H^-1 g`` with a
positive definite information H: the squared distance to the maximum in standard errors. Compiled;
legend as in `stature.kernels.sums`, heights centred and scaled by the caller.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit
from stature.kernels.information import information, reduce_information, reduce_score, score
from stature.kernels.linear import factor, solve
from stature.kernels.sums import BLOCK, CROSS_POWERS, POWERS, ROWS, full_pass

CONVERGED, STEP_LIMIT, DEGENERATE, NONFINITE = 0, 1, 2, 3  # as in `estimator.Status`
SWAPPED = 5
SDS_FREE, SDS_EQUAL, SDS_KNOWN = 0, 1, 2

FEWEST_PEOPLE = 1.0  # a group of less than one person is degenerate
SMALLEST_SD = 1e-3  # in SDs of the sample


class Problem(NamedTuple):
    """What is fitted: heights and weights, and which parameters are free."""

    x: Floats
    w: Floats
    free: Floats
    shares_known: bool
    sds_rule: int


class Room(NamedTuple):
    """Arrays to work in, and what was found by the last full pass over nodes and over people.

    In the free model `g_model` and `h_model` are `g` and `h` themselves.
    """

    work: Floats
    sums: Floats
    people_sums: Floats
    cross: Floats
    g: Floats
    h: Floats
    g_model: Floats
    h_model: Floats
    lower: Floats
    outer: Floats
    step: Floats
    direction: Floats
    trial: Floats


class Climb(NamedTuple):
    """How a climb ended."""

    status: int
    log_likelihood: float
    decrement: float
    passes: int
    steps: int


@jit
def make_room(groups: int, parameters: int) -> Room:
    """Room for mixtures of so many groups and models of so many free parameters."""
    q = 3 * groups - 1
    p = parameters
    g, h = np.empty(q), np.empty((q, q))
    # The free model is itself: what is not copied need not be waited for.
    g_model = g if p == q else np.empty(p)
    h_model = h if p == q else np.empty((p, p))
    return Room(
        np.empty((groups + ROWS, BLOCK)),
        np.empty((groups, POWERS)),
        np.empty((groups, POWERS)),
        np.empty((groups, groups, CROSS_POWERS)),
        g,
        h,
        g_model,
        h_model,
        np.empty((p, p)),
        np.empty((q, q)),
        np.empty(p),
        np.empty(q),
        np.empty(3 * groups),
    )


@jit
def is_degenerate(theta: Floats, people: float) -> bool:
    """Whether a group has lost its people or its spread, or is not a number."""
    groups = theta.shape[0] // 3
    for k in range(groups):
        if not people * theta[k] >= FEWEST_PEOPLE:
            return True
        if not theta[2 * groups + k] >= SMALLEST_SD:
            return True
    return False


@jit
def certify(problem: Problem, theta: Floats, room: Room) -> tuple[float, float]:
    """Log-likelihood, and the squared Newton decrement or NaN where it means nothing.

    Leaves score and information of the free model in `room.g` and `room.h`, the Cholesky factor
    of the model's own information in `room.lower`, and the Newton step in `room.step`.
    """
    log_likelihood = full_pass(problem.x, problem.w, theta, room.work, room.sums, room.cross)
    score(theta, room.sums, room.g)
    information(theta, room.sums, room.cross, room.h)
    if problem.free.shape[1] < problem.free.shape[0]:
        reduce_score(problem.free, room.g, room.g_model)
        reduce_information(problem.free, room.h, room.h_model)
    if not factor(room.h_model, room.lower):
        return log_likelihood, np.nan
    return log_likelihood, newton_step(room.g_model, room.lower, room.step)


@jit
def newton_step(g: Floats, lower: Floats, step: Floats) -> float:
    """Newton's step, and its squared length in standard errors: the decrement."""
    # Handed arrays, not the records that hold them: to hand over a room takes longer than this.
    solve(lower, g, step)
    decrement = 0.0
    for i in range(step.shape[0]):
        decrement += g[i] * step[i]
    return decrement
