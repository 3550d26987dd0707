"""Scouts: Newton's climbs from the best starts, which tell where each leads. Compiled."""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Ints
from stature.estimators.plain.climb import (
    NEWTON,
    NO_EM_STEPS,
    Settings,
    climb_finely,
    climb_validly,
)
from stature.estimators.plain.newton import NEWTON_EM_STEPS, climb_by_newton
from stature.estimators.plain.order import distance, is_better, order_by_mean
from stature.estimators.plain.problem import CONVERGED, DEGENERATE, Problem, Room
from stature.estimators.plain.sample import Sample, rough_width_cm
from stature.kernels.compile import jit

SAME_START = 1e-3  # starts closer than this, in units of the sample, are one
MOST_SCOUT_STEPS = 200  # Newton needs a dozen; what needs more is no maximum worth climbing
ROUGH_TOLERANCE = 1e-4  # a hundredth of a standard error, and then one more step
SCOUT_TOLERANCE = 1e-8  # `finish` does the rest


class Scouts(NamedTuple):
    """Newton's climbs from the best starts: where each ended, and which is the best."""

    theta: Floats
    value: Floats
    status: Ints
    steps: Ints
    start: Ints
    run: int
    best: int
    passes: int


@jit
def scout(
    sample: Sample,
    problem: Problem,
    rough: Problem,
    screened: Floats,
    rank: Ints,
    height: Floats,
    settings: Settings,
    room: Room,
) -> Scouts:
    """Climb by Newton from the best starts, in their order.

    Newton makes ten passes where EM makes thousands: it tells which start leads to the highest
    maximum, and EM or SQUAREM then climb from that one. It climbs on rough nodes, and then a step
    or two on all of them; where two climbs meet on the rough ones, they are one.
    """
    theta, rough_end = np.empty_like(screened), np.empty_like(screened)
    value = np.full(height.shape[0], -np.inf)
    status = np.full(height.shape[0], DEGENERATE)
    steps, start = np.zeros_like(rank), np.zeros_like(rank)
    limit = settings.step_limit if settings.method == NEWTON else MOST_SCOUT_STEPS
    newton = Settings(
        NEWTON,
        settings.screening_steps,
        settings.kept_starts,
        limit,
        SCOUT_TOLERANCE,
        settings.sketch_from,
    )
    run, best, passes = 0, 0, 0
    groups = screened.shape[1] // 3
    narrowest = rough_width_cm(sample) / sample.scale
    for position in range(height.shape[0]):
        s = rank[position]
        if run == settings.kept_starts or height[s] == -np.inf:
            break
        if _is_repeated(screened, rank, position):
            continue
        end = rough_end[run]
        end[:] = screened[s]
        ended = climb_by_newton(rough, end, NEWTON_EM_STEPS, ROUGH_TOLERANCE, limit, room)
        passes += ended.passes
        taken, start[run] = ended.steps, s
        is_end = ended.status == CONVERGED and end[2 * groups :].min() >= narrowest
        if not is_end:
            end[0] = np.nan  # which is no other's end
        earlier = _earlier(rough_end[: run + 1])
        if earlier < run:
            theta[run], status[run], value[run] = theta[earlier], status[earlier], value[earlier]
            steps[run] = taken
            run += 1
            continue
        theta[run] = end if is_end else screened[s]
        if is_end:
            ended = climb_validly(sample, problem, theta[run], newton, NO_EM_STEPS, room)
        else:
            ended = climb_finely(sample, problem, theta[run], newton, NEWTON_EM_STEPS, room)
        passes += ended.passes
        status[run] = admissible(ended.status, theta[run], problem)
        value[run] = ended.log_likelihood if np.isfinite(ended.log_likelihood) else -np.inf
        steps[run] = ended.steps + (taken if is_end else 0)
        if is_better(status[run], value[run], status[best], value[best]):
            best = run
        if status[run] != CONVERGED:
            value[run] = -np.inf
        run += 1
    return Scouts(theta, value, status, steps, start, run, best, passes)


@jit
def _earlier(ends: Floats) -> int:
    """The first climb that ended where the last one did; the last one if there is no other."""
    last = ends.shape[0] - 1
    for earlier in range(last):
        if distance(ends[earlier], ends[last]) < SAME_START:
            return earlier
    return last


@jit
def admissible(status: int, theta: Floats, problem: Problem) -> int:
    """Status after the groups were put in order, in place: a swapped maximum has not converged."""
    ordered = order_by_mean(theta, problem)
    return ordered if status == CONVERGED else status


@jit
def _is_repeated(screened: Floats, rank: Ints, position: int) -> bool:
    """Whether a start that ranks higher has come to the same place."""
    nearest = np.inf
    for before in range(position):
        nearest = min(nearest, distance(screened[rank[before]], screened[rank[position]]))
    return nearest < SAME_START
