"""The search for the best interior maximum of one sample: screen, scout by Newton, climb.

The likelihood of a mixture is unbounded, so the estimate is the best certified and not degenerate
maximum among those that the starts reach, and is called so. Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.climb import NEWTON, NO_EM_STEPS, Settings, climb_validly
from stature.estimators.plain.em import run_em
from stature.estimators.plain.order import ranking
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_EQUAL,
    SDS_KNOWN,
    STEP_LIMIT,
    Problem,
    Room,
)
from stature.estimators.plain.sample import Sample, rough_nodes
from stature.estimators.plain.scout import admissible, scout
from stature.estimators.plain.starts import MOMENT_START, start_by_moments
from stature.kernels.compile import jit
from stature.kernels.sums import likelihood_pass

SAME_MAXIMUM = 1e-6  # log-likelihoods closer than this are of one maximum
MOST_TRIES = 3  # starts from which a slower method seeks the maximum that Newton found
NO_START = -1  # that of a climb that began at Newton's maximum


class Found(NamedTuple):
    """The outcome of a search; the parameters are in the array that was passed."""

    status: int
    log_likelihood: float
    passes: int
    steps: int
    starts: int
    agreeing: int
    start: int


@jit
def begin(problem: Problem, start: Floats, index: int, known_sds: Floats, theta: Floats) -> None:
    """Fill in the start of a given index, made to fit the model, into `theta`."""
    groups = theta.shape[0] // 3
    theta[:] = start
    if index == MOMENT_START and groups == 2:
        start_by_moments(problem.x, problem.w, theta)
    if problem.shares_known:
        theta[:groups] = start[:groups]
    if problem.sds_rule == SDS_EQUAL:
        variance = 0.0
        for k in range(groups):
            variance += theta[k] * theta[2 * groups + k] ** 2
        theta[2 * groups :] = np.sqrt(variance)
    elif problem.sds_rule == SDS_KNOWN:
        theta[2 * groups :] = known_sds


@jit
def search(
    sample: Sample,
    problem: Problem,
    starts: Floats,
    known_sds: Floats,
    settings: Settings,
    room: Room,
    best: Floats,
) -> Found:
    """Search from all starts; the parameters of the best maximum go into `best`."""
    count = starts.shape[0]
    screened = np.empty_like(starts)
    height = np.full(count, -np.inf)
    rough = rough_nodes(sample, problem)
    passes = 0
    for s in range(count):
        begin(rough, starts[s], s, known_sds, screened[s])
        if run_em(rough, screened[s], settings.screening_steps, room):
            value = likelihood_pass(rough.x, rough.w, screened[s], room.work, room.sums)
            height[s] = value if np.isfinite(value) else -np.inf
        passes += settings.screening_steps + 1
    rank = ranking(-height)
    scouts = scout(sample, problem, rough, screened, rank, height, settings, room)
    passes += scouts.passes
    best[:] = scouts.theta[scouts.best] if scouts.run > 0 else screened[rank[0]]
    if scouts.run == 0:
        return Found(DEGENERATE, -np.inf, passes, 0, 0, 0, rank[0])
    status, log_likelihood = scouts.status[scouts.best], scouts.value[scouts.best]
    steps, start = scouts.steps[scouts.best], scouts.start[scouts.best]
    agreeing, tries = 0, 0
    for i in range(scouts.run):
        if status == CONVERGED and abs(scouts.value[i] - log_likelihood) < SAME_MAXIMUM:
            agreeing += 1
    if settings.method == NEWTON:
        steps += settings.screening_steps
        return Found(status, log_likelihood, passes, steps, scouts.run, agreeing, start)
    theta = np.empty_like(best)
    for i in range(scouts.run):
        if tries == MOST_TRIES:
            break
        if status == CONVERGED and abs(scouts.value[i] - log_likelihood) >= SAME_MAXIMUM:
            continue
        tries += 1
        begin(problem, starts[scouts.start[i]], scouts.start[i], known_sds, theta)
        run_em(problem, theta, settings.screening_steps, room)
        end = climb_validly(sample, problem, theta, settings, NO_EM_STEPS, room)
        passes += settings.screening_steps + end.passes
        ended = admissible(end.status, theta, problem)
        steps, start = settings.screening_steps + end.steps, scouts.start[i]
        there = abs(end.log_likelihood - log_likelihood) < SAME_MAXIMUM
        if status != CONVERGED or there or ended == STEP_LIMIT:
            # Where Newton found no maximum, or the method runs out of steps on its way to it, the
            # method's own end is the answer.
            best[:] = theta
            return Found(ended, end.log_likelihood, passes, steps, scouts.run, agreeing, start)
    # The method climbs elsewhere from these starts; it stands still at the maximum that is known.
    end = climb_validly(sample, problem, best, settings, NO_EM_STEPS, room)
    ended = admissible(end.status, best, problem)
    passes += end.passes
    return Found(ended, end.log_likelihood, passes, end.steps, scouts.run, agreeing, NO_START)
