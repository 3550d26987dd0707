"""Traces: the steps of a climb, kept for the first replicates of a scenario.

The path is walked again from the start that won; every step of EM is taken, and some are kept:
all of the first twenty, then fewer and fewer, so that a path of any length is a few dozen rows.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from stature.design.samples import Samples
from stature.estimators.batch import Outcome
from stature.estimators.climb import NEWTON
from stature.estimators.em import m_step
from stature.estimators.newton import NEWTON_EM_STEPS, climb_by_newton
from stature.estimators.problem import Problem, Room, certify
from stature.estimators.squarem import climb_by_squarem
from stature.kernels.compile import jit
from stature.kernels.sums import em_pass

EVERY_STEP_TO = 20
GROWTH = 1.15  # ratio of neighbouring kept steps after that


@dataclass(frozen=True, slots=True)
class Traces:
    """Kept steps of the traced fits of one estimator, a row each; t rows.

    Attributes
    ----------
    replicate, size, start, step, passes : array of int32, shape (t,)
        Which fit, from which start; steps made and passes over the data until then.
    log_likelihood, gap, decrement, distance : array, shape (t,)
        Log-likelihood; twice what is still to gain; squared Newton decrement; distance to the
        maximum in standard errors.
    theta : array, shape (t, 3 k)
        Shares, then means and SDs in cm.
    group_names : tuple of str
        Names of the groups, in the order of their means.
    """

    replicate: NDArray[np.int32]
    size: NDArray[np.int32]
    start: NDArray[np.int32]
    step: NDArray[np.int32]
    passes: NDArray[np.int32]
    log_likelihood: NDArray[np.float64]
    gap: NDArray[np.float64]
    decrement: NDArray[np.float64]
    distance: NDArray[np.float64]
    theta: NDArray[np.float64]
    group_names: tuple[str, ...]


def kept_steps(last: int) -> NDArray[np.int64]:
    """Steps that are kept of a path: 0, 1, ... 20, then about every 15 %, and the last.

    Parameters
    ----------
    last : int
        Number of steps of the path.

    Returns
    -------
    array of int, shape (t,)
        Step numbers, ascending.

    Examples
    --------
    >>> kept_steps(3).tolist(), kept_steps(30).tolist()[-5:]
    ([0, 1, 2, 3], [20, 23, 26, 29, 30])
    """
    steps = list(range(min(last, EVERY_STEP_TO) + 1))
    while steps[-1] < last:
        steps.append(min(last, int(steps[-1] * GROWTH)))
    return np.array(steps)


def in_cm(path: NDArray[np.float64], centre: float, scale: float) -> NDArray[np.float64]:
    """Parameters of a path, from units of the sample to cm.

    Parameters
    ----------
    path : array, shape (t, 3 k)
        Shares, means and SDs in units of the sample.
    centre, scale : float
        Mean and SD of the sample in cm.

    Returns
    -------
    array, shape (t, 3 k)
        Shares, then means and SDs in cm.
    """
    shares, means, sds = np.split(path, 3, axis=1)
    return np.concatenate([shares, centre + scale * means, scale * sds], axis=1)


def unconstrained(theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates u of parameters.

    Parameters
    ----------
    theta : array, shape (..., 3 k)
        Shares, means and SDs.

    Returns
    -------
    array, shape (..., 3 k - 1)
        Log-odds of the shares, means and log SDs.
    """
    shares, means, sds = np.split(theta, 3, axis=-1)
    log_shares = np.log(shares)
    return np.concatenate(
        [log_shares[..., :-1] - log_shares[..., -1:], means, np.log(sds)], axis=-1
    )


def trace_of(
    samples: Samples,
    sizes: NDArray[np.int32],
    outcome: Outcome,
    row: int,
    column: int,
    start: int,
    kept: NDArray[np.int64],
    path: NDArray[np.float64],
    values: NDArray[np.float64],
) -> Traces:
    """The record of one path.

    Parameters
    ----------
    samples : Samples
        The block.
    sizes : array of int32, shape (s,)
        Sizes.
    outcome : Outcome
        Its fits.
    row, column : int
        Which replicate and size.
    start : int
        Index of the start.
    kept : array of int, shape (t,)
        Steps that were kept.
    path : array, shape (t, 3 k)
        Parameters at these steps, in cm, in the order in which the climb held its groups.
    values : array, shape (t, 3)
        Log-likelihood in cm, decrement, and passes until then.

    Returns
    -------
    Traces
        t rows; the gap is to the maximum's log-likelihood, the distance in its standard errors.
    """
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
    """Traces of several fits as one record.

    Parameters
    ----------
    traces : list of Traces
        The parts; there may be none.
    group_names : tuple of str
        Names of the groups.

    Returns
    -------
    Traces
        All rows in the order of the parts.
    """
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
    problem: Problem,
    theta: NDArray[np.float64],
    kept: NDArray[np.int64],
    room: Room,
    path: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    """Walk an EM path again and keep some of its steps.

    Parameters
    ----------
    problem : Problem
        Nodes and model.
    theta : array, shape (3 k,)
        Start; ends at the last kept step.
    kept : array of int, shape (t,)
        Steps to keep, ascending.
    room : Room
        Room to work in.
    path : array, shape (t, 3 k)
        Receives the parameters at the kept steps.
    values : array, shape (t, 3)
        Receives log-likelihood, decrement and passes until then.
    """
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
    theta: NDArray[np.float64],
    kept: NDArray[np.int64],
    method: int,
    room: Room,
    path: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    """Walk a path of Newton or SQUAREM again from its start, once for every step that is kept.

    Their paths are short, so that walking them again costs nothing.

    Parameters
    ----------
    problem, theta, kept
        As in `trace_em`.
    method : int
        `stature.estimators.search.NEWTON` or `SQUAREM`.
    room, path, values
        As in `trace_em`.
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
