"""A maximum with one coordinate held: what a profile of the likelihood is made of.

A model with a coordinate held is a model with a column less, so the climbs are those of the fits.
Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats
from stature.estimators.plain.methods import NO_EM_STEPS, iterate_newton
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    FEWEST_PEOPLE,
    SDS_EQUAL,
    SMALLEST_SD,
    Problem,
    make_workspace,
)
from stature.kernels.compile import integer, jit

STEP_LIMIT_OF_CLIMB = integer(200)
TOLERANCE = 1e-8  # of a climb, which goes one step beyond


class Coordinate(NamedTuple):
    """A coordinate to be held: position in u, or the gap above a mean, and whose it is."""

    first: int  # the only position, or that of the lower mean of a gap
    second: int  # that of the upper mean of a gap, else -1


class Point(NamedTuple):
    """A maximum with a coordinate held."""

    status: int
    root: float  # square root of twice the loss of log-likelihood; NaN: it is higher
    emptied: bool  # a group lost its people


@jit
def held_model(free: Floats, held: Bools, tied: int) -> Floats:
    """Columns of a model in which coordinates are held or two means move together, shape (q, m)."""
    q, p = free.shape
    kept = np.zeros((q, p))
    count = 0
    for a in range(p):
        there = False
        for i in range(q):
            if free[i, a] != 0.0 and not held[i]:
                there = True
        if not there:
            continue
        if tied >= 0 and free[tied + 1, a] != 0.0:
            continue  # it moves with the column before
        for i in range(q):
            kept[i, count] = free[i, a]
        if tied >= 0 and free[tied, a] != 0.0:
            kept[tied + 1, count] = 1.0
        count += 1
    out = np.empty((q, count))
    for i in range(q):
        for a in range(count):
            out[i, a] = kept[i, a]
    return out


@jit
def value_of(theta: Floats, coordinate: Coordinate) -> float:
    """A coordinate of u, or a gap."""
    groups = theta.shape[0] // 3
    i = coordinate.first
    if coordinate.second >= 0:
        return theta[coordinate.second + 1] - theta[i + 1]
    if i < groups - 1:
        return np.log(theta[i] / theta[groups - 1])
    if i < 2 * groups - 1:
        return theta[i + 1]
    return np.log(theta[i + 1])


@jit
def extrapolate(theta: Floats, other: Floats, fraction: float, out: Floats) -> None:
    """A point on the line in u through two others, into `out`."""
    groups = theta.shape[0] // 3
    total = 1.0
    for k in range(groups - 1):
        eta = np.log(theta[k] / theta[groups - 1])
        eta += fraction * (np.log(other[k] / other[groups - 1]) - eta)
        out[k] = np.exp(eta)
        total += out[k]
    out[groups - 1] = 1.0
    for k in range(groups):
        out[k] /= total
        i, j = groups + k, 2 * groups + k
        out[i] = theta[i] + fraction * (other[i] - theta[i])
        out[j] = theta[j] * (other[j] / theta[j]) ** fraction


@jit
def put(theta: Floats, coordinate: Coordinate, value: float, tied_sds: bool) -> None:
    """Set a coordinate, in place."""
    groups = theta.shape[0] // 3
    i = coordinate.first
    if coordinate.second >= 0:
        middle = 0.5 * (theta[i + 1] + theta[coordinate.second + 1])
        theta[i + 1], theta[coordinate.second + 1] = middle - 0.5 * value, middle + 0.5 * value
    elif i < groups - 1:
        theta[0] = 1.0 / (1.0 + np.exp(-value))
        theta[1] = 1.0 / (1.0 + np.exp(value))
    elif i < 2 * groups - 1:
        theta[i + 1] = value
    elif tied_sds:
        theta[2 * groups :] = np.exp(value)
    else:
        theta[i + 1] = np.exp(value)


@jit
def apart(theta: Floats, other: Floats) -> float:
    """How far two points are from each other."""
    groups = theta.shape[0] // 3
    farthest = 0.0
    for i in range(theta.shape[0]):
        difference = abs(theta[i] - other[i])
        if i >= 2 * groups:
            difference = abs(np.log(theta[i] / other[i]))
        if difference > farthest:
            farthest = difference
    return farthest


@jit
def is_emptied(theta: Floats, people: float) -> bool:
    """Whether a group has lost its people, and no SD has collapsed."""
    groups = theta.shape[0] // 3
    return theta[:groups].min() * people < FEWEST_PEOPLE and theta[2 * groups :].min() > SMALLEST_SD


@jit
def maximum_with(
    problem: Problem, coordinate: Coordinate, log_likelihood: float, theta: Floats
) -> Point:
    """Maximum with a coordinate held, from a warm start, in place.

    The groups keep the order of their means: where the maximum is beyond, the means are equal.
    """
    groups = theta.shape[0] // 3
    q = problem.free.shape[0]
    tied_sds = problem.sds_rule == SDS_EQUAL
    held = np.zeros(q, np.bool_)
    is_gap = coordinate.second >= 0
    if not is_gap:
        held[coordinate.first] = True
        if tied_sds and coordinate.first >= 2 * groups - 1:
            held[2 * groups - 1 :] = True
    tied = coordinate.first if is_gap else -1
    free = held_model(problem.free, held, tied)
    here = Problem(problem.x, problem.w, free, problem.shares_known, problem.sds_rule)
    start = theta.copy()
    space = make_workspace(groups, free.shape[1])
    end = iterate_newton(here, theta, NO_EM_STEPS, TOLERANCE, STEP_LIMIT_OF_CLIMB, space)
    if groups > 1 and not is_gap and end.status == CONVERGED and theta[groups] > theta[groups + 1]:
        theta[:] = start
        lower = groups - 1
        if coordinate.first == lower or coordinate.first == lower + 1:
            theta[groups : groups + 2] = theta[coordinate.first + 1]
            held[lower : lower + 2] = True
            tied = -1
        else:
            theta[groups : groups + 2] = theta[0] * theta[2] + theta[1] * theta[3]
            tied = lower
        free = held_model(problem.free, held, tied)
        here = Problem(problem.x, problem.w, free, problem.shares_known, problem.sds_rule)
        space = make_workspace(groups, free.shape[1])
        end = iterate_newton(here, theta, NO_EM_STEPS, TOLERANCE, STEP_LIMIT_OF_CLIMB, space)
    root = np.sqrt(2.0 * (log_likelihood - end.log_likelihood))
    emptied = end.status == DEGENERATE and is_emptied(theta, problem.w.sum())
    return Point(end.status, root, emptied)
