"""Traces: the steps of a climb, kept for the first replicates of a scenario.

The path is walked again from the start that won; every step of EM is taken, and some are kept:
all of the first twenty, then fewer and fewer, so that a path of any length is a few dozen rows.
"""

from dataclasses import dataclass, fields

import numpy as np

from stature.arrays import Floats, Int32s, Ints
from stature.design.samples import Samples
from stature.estimators.plain.batch import Outcome
from stature.estimators.plain.climb import NEWTON
from stature.estimators.plain.em import m_step
from stature.estimators.plain.newton import NEWTON_EM_STEPS, climb_by_newton
from stature.estimators.plain.problem import Problem, Room, certify
from stature.estimators.plain.squarem import climb_by_squarem
from stature.kernels.compile import jit
from stature.kernels.sums import em_pass

EVERY_STEP_TO = 20
GROWTH = 1.15  # ratio of neighbouring kept steps after that


@dataclass(frozen=True, slots=True)
class Traces:
    """Kept steps of the traced fits of one estimator, a row each; t rows."""

    # shape (t,): which fit, from which start; steps made and passes over the data until then
    replicate: Int32s
    size: Int32s
    start: Int32s
    step: Int32s
    passes: Int32s
    # shape (t,): log-likelihood; twice what is still to gain; squared Newton decrement; distance to
    # the maximum in standard errors
    log_likelihood: Floats
    gap: Floats
    decrement: Floats
    distance: Floats
    theta: Floats  # shape (t, 3 k): shares, then means and SDs in cm
    group_names: tuple[str, ...]  # names of the groups, in the order of their means


def kept_steps(last: int) -> Ints:
    """Steps that are kept of a path: 0, 1, ... 20, then about every 15 %, and the last, shape (t,).

    Examples
    --------
    >>> kept_steps(3).tolist(), kept_steps(30).tolist()[-5:]
    ([0, 1, 2, 3], [20, 23, 26, 29, 30])
    """
    steps = list(range(min(last, EVERY_STEP_TO) + 1))
    while steps[-1] < last:
        steps.append(min(last, int(steps[-1] * GROWTH)))
    return np.array(steps)


def in_cm(path: Floats, centre: float, scale: float) -> Floats:
    """Parameters of a path, from units of the sample to cm, shape (t, 3 k)."""
    shares, means, sds = np.split(path, 3, axis=1)
    return np.concatenate([shares, centre + scale * means, scale * sds], axis=1)


def unconstrained(theta: Floats) -> Floats:
    """Coordinates u of parameters, shape (..., 3 k - 1)."""
    shares, means, sds = np.split(theta, 3, axis=-1)
    log_shares = np.log(shares)
    return np.concatenate(
        [log_shares[..., :-1] - log_shares[..., -1:], means, np.log(sds)], axis=-1
    )


def trace_of(
    samples: Samples,
    sizes: Int32s,
    outcome: Outcome,
    row: int,
    column: int,
    start: int,
    kept: Ints,
    path: Floats,
    values: Floats,
) -> Traces:
    """The record of one path."""
    order = np.argsort(path[-1, len(samples.group_names) : 2 * len(samples.group_names)])
    ordered = np.concatenate([part[:, order] for part in np.split(path, 3, axis=1)], axis=1)
    away = unconstrained(ordered) - unconstrained(outcome.theta[row, column])
    # In the coordinates that are free the pseudo-inverse of the covariance is the information.
    information = np.linalg.pinv(outcome.observed[row, column], hermitian=True)
    distance = np.sqrt(np.maximum(np.einsum("ti,ij,tj->t", away, information, away), 0.0))
    rows = len(kept)
    return Traces(
        np.full(rows, samples.replicates[row], np.int32),
        np.full(rows, sizes[column], np.int32),
        np.full(rows, start, np.int32),
        kept.astype(np.int32),
        values[:, 2].astype(np.int32),
        values[:, 0],
        np.maximum(2.0 * (outcome.log_likelihood[row, column] - values[:, 0]), 0.0),
        values[:, 1],
        distance,
        ordered,
        samples.group_names,
    )


def joined(traces: list[Traces], group_names: tuple[str, ...]) -> Traces:
    """Traces of several fits as one record."""
    arrays = {
        field.name: [getattr(trace, field.name) for trace in traces]
        for field in fields(Traces)
        if field.name != "group_names"
    }
    if traces:
        return Traces(**{k: np.concatenate(v) for k, v in arrays.items()}, group_names=group_names)
    none, nothing = np.empty(0, np.int32), np.empty(0)
    no_steps = np.empty((0, 3 * len(group_names)))
    return Traces(
        none, none, none, none, none, nothing, nothing, nothing, nothing, no_steps, group_names
    )


@jit
def trace_em(
    problem: Problem, theta: Floats, kept: Ints, room: Room, path: Floats, values: Floats
) -> None:
    """Walk an EM path again and keep some of its steps."""
    step = 0
    for row in range(kept.shape[0]):
        while step < kept[row]:
            em_pass(problem.x, problem.w, theta, room.work, room.sums)
            m_step(room.sums, problem.shares_known, problem.sds_rule, theta)
            step += 1
        path[row] = theta
        values[row, 0], values[row, 1] = certify(problem, theta, room)
        values[row, 2] = step + 1  # the pass of a certificate serves the next step


@jit
def trace_again(
    problem: Problem,
    theta: Floats,
    kept: Ints,
    method: int,
    room: Room,
    path: Floats,
    values: Floats,
) -> None:
    """Walk a path of Newton or SQUAREM again from its start, once for every step that is kept.

    Their paths are short, so that walking them again costs nothing.
    """
    start = theta.copy()
    for row in range(kept.shape[0]):
        theta[:] = start
        passes = 0
        if kept[row] > 0 and method == NEWTON:
            passes = climb_by_newton(problem, theta, NEWTON_EM_STEPS, 0.0, kept[row], room).passes
        elif kept[row] > 0:
            passes = climb_by_squarem(problem, theta, 0.0, kept[row], room).passes - 1
        path[row] = theta
        values[row, 0], values[row, 1] = certify(problem, theta, room)
        values[row, 2] = passes + 1
