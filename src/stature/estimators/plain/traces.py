"""Traces: the steps of iterations, kept for the first replicates of a scenario.

The path is walked again from the start that won; every step of EM is taken, and some are kept:
all of the first twenty, then fewer and fewer, so that a path of any length is a few dozen rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int32s, Ints
from stature.design.samples import Samples
from stature.domain.model import coordinates
from stature.estimators.plain.batch import Outcome
from stature.estimators.plain.labelled import (
    LabelledSums,
    begin_alike,
    derivatives,
    iterate_labelled,
    log_likelihood,
)
from stature.estimators.plain.methods import (
    NEWTON_EM_STEPS,
    iterate_newton,
    iterate_squarem,
    run_em,
)
from stature.estimators.plain.problem import (
    CONVERGED,
    Constraints,
    Problem,
    certify,
    make_workspace,
    weighted_observations,
)
from stature.estimators.plain.search import NO_START, begin
from stature.kernels.observations import weighted_mean_and_sd
from stature.kernels.prior import log_prior

EVERY_STEP_TO = 20
GROWTH = 1.15  # ratio of neighbouring kept steps after that


@dataclass(frozen=True, slots=True)
class Traces:
    """Kept steps of the traced fits of one estimator, a row each; t rows."""

    # shape (t,): which fit, from which start; steps and likelihood evaluations made until then
    replicate: Int32s
    size: Int32s
    start: Int32s
    step: Int32s
    passes: Int32s
    log_likelihood: Floats  # shape (t,)
    gap: Floats  # shape (t,): twice what is still to gain
    decrement: Floats  # shape (t,): squared Newton decrement
    distance: Floats  # shape (t,): to the maximum, in standard errors
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


def distances(path: Floats, estimate: Floats, covariance: Floats) -> Floats:
    """Distances of steps from an estimate, in standard errors, shape (t,).

    NaN where an SD is 0, which has no logarithm.

    Examples
    --------
    >>> at = np.array([1.0, 170.0, 7.0])
    >>> path = np.array([[1.0, 171.0, 7.0], [1.0, 170.0, 0.0]])
    >>> distances(path, at, np.diag([0.25, 1.0])).tolist()
    [2.0, nan]
    """
    # In the coordinates that are free the pseudo-inverse of the covariance is the information.
    information = np.linalg.pinv(covariance, hermitian=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = coordinates(path) - coordinates(estimate)
        return np.sqrt(np.maximum(np.einsum("ti,ij,tj->t", away, information, away), 0.0))


class Block(NamedTuple):
    """A block that was fitted by one estimator."""

    samples: Samples
    sizes: Int32s
    constraints: Constraints
    outcome: Outcome


class Path(NamedTuple):
    """Kept steps of one fit, t of them."""

    theta: Floats  # shape (t, 3 k): shares, then means and SDs in cm
    values: Floats  # shape (t, 3): log-likelihood, decrement, likelihood evaluations


Walk = Callable[[int, int, Ints], Path]
"""Walks the path of the fit in a row and a column again, and keeps some of its steps."""


def traces_of(block: Block, traced: int, walk: Walk) -> Traces:
    """Kept steps of all fits of the first replicates that began at a start and converged."""
    outcome, samples = block.outcome, block.samples
    traces: list[Traces] = []
    for row in range(min(traced, len(samples.replicates))):
        for column in range(len(block.sizes)):
            start = int(outcome.start[row, column])
            if outcome.status[row, column] == CONVERGED and start != NO_START:
                kept = kept_steps(int(outcome.steps[row, column]))
                traces.append(_record(block, row, column, kept, walk(row, column, kept)))
    return joined(traces, samples.group_names)


def walk_unlabelled(block: Block, method: str, starts: Floats) -> Walk:
    """How paths without labels are walked, on all observations."""
    free, shares_known, sds_rule, known_sds_cm, prior = block.constraints
    space = make_workspace(len(known_sds_cm), free.shape[1])

    def walk(row: int, column: int, kept: Ints) -> Path:
        size, index = int(block.sizes[column]), int(block.outcome.start[row, column])
        values_cm, weights = weighted_observations(block.samples, row, size)
        centre, scale = weighted_mean_and_sd(values_cm, weights)
        x = (values_cm - centre) / scale
        problem = Problem(x, weights, free, shares_known, sds_rule, prior)
        start = np.empty(3 * len(known_sds_cm))
        begin(problem, starts[row, index], index, known_sds_cm / scale, start)
        path, values = np.empty((len(kept), len(start))), np.empty((len(kept), 3))
        theta, before = start.copy(), 0
        for t, step in enumerate(kept.tolist()):
            evaluations = step
            if method == "em":
                run_em(problem, theta, step - before, space)
                before = step
            elif step > 0:
                # These paths are short: each kept step is walked to from the start.
                theta[:] = start
                if method == "newton":
                    end = iterate_newton(problem, theta, NEWTON_EM_STEPS, 0.0, step, space)
                    evaluations = end.passes
                else:
                    evaluations = iterate_squarem(problem, theta, 0.0, step, space).passes - 1
            path[t] = theta
            # An evaluation that certifies serves the next step too.
            values[t] = *certify(problem, theta, space), evaluations + 1
        # Of what is maximised, which at the estimate is the log-likelihood of the table.
        shares, means_cm, sds_cm = np.split(block.outcome.theta[row, column], 3)
        estimate = np.concatenate([shares, (means_cm - centre) / scale, sds_cm / scale])
        values[:, 0] -= size * np.log(scale) + log_prior(estimate, prior)
        return Path(in_cm(path, centre, scale), values)

    return walk


def walk_labelled(block: Block, sums: LabelledSums) -> Walk:
    """How paths with labels are walked, on the sums of the groups."""
    free, shares_known, sds_rule, known_sds_cm, prior = block.constraints
    groups = len(known_sds_cm)
    space, nothing = make_workspace(groups, free.shape[1]), np.empty(0)
    problem = Problem(nothing, nothing, free, shares_known, sds_rule, prior)

    def walk(row: int, column: int, kept: Ints) -> Path:
        start, powers = np.empty(3 * groups), np.empty((groups, 3))
        known = sums.mean_cm[row, column], sums.powers[row, column]
        shares = block.outcome.theta[row, column, :groups]
        centre, scale = begin_alike(*known, block.constraints, shares, start, powers)
        path, values = np.empty((len(kept), 3 * groups)), np.empty((len(kept), 3))
        for t, step in enumerate(kept.tolist()):
            path[t] = start
            result = iterate_labelled(problem, powers, path[t], 0.0, step, space)
            here = path[t], powers
            values[t] = log_likelihood(*here), derivatives(problem, *here, space), result.passes + 1
        values[:, 0] += block.outcome.log_likelihood[row, column] - values[-1, 0]
        return Path(in_cm(path, centre, scale), values)

    return walk


def _record(block: Block, row: int, column: int, kept: Ints, path: Path) -> Traces:
    """The record of one path."""
    outcome, groups = block.outcome, len(block.samples.group_names)
    order = np.argsort(path.theta[-1, groups : 2 * groups])
    theta = np.concatenate([part[:, order] for part in np.split(path.theta, 3, axis=1)], axis=1)
    distance = distances(theta, outcome.theta[row, column], outcome.observed[row, column])
    log_likelihood, decrement, passes = path.values.T
    return Traces(
        np.full(len(kept), block.samples.replicates[row], np.int32),
        np.full(len(kept), block.sizes[column], np.int32),
        np.full(len(kept), outcome.start[row, column], np.int32),
        kept.astype(np.int32),
        passes.astype(np.int32),
        log_likelihood,
        np.maximum(2.0 * (outcome.log_likelihood[row, column] - log_likelihood), 0.0),
        decrement,
        distance,
        theta,
        block.samples.group_names,
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
