"""Climbs by any method, on nodes that are valid where they end. Compiled."""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.em import climb_by_em
from stature.estimators.plain.newton import climb_by_newton
from stature.estimators.plain.problem import Climb, Problem, Room
from stature.estimators.plain.sample import Sample, everybody, with_nodes
from stature.estimators.plain.squarem import climb_by_squarem
from stature.kernels.compile import jit, whole
from stature.kernels.sketch import NODES_PER_CELL, add_people, empty_cells, is_valid, write_nodes

EM, NEWTON, SQUAREM = whole(0), whole(1), whole(2)
NO_EM_STEPS = whole(0)
REFINEMENT = 16.0  # cells are so much narrower where the guard of a sketch fails or may fail


class Settings(NamedTuple):
    """How an estimator searches; see `stature.estimators.estimator.Estimator`.

    Samples of `sketch_from` people or more are fitted through a sketch.
    """

    method: int
    screening_steps: int
    kept_starts: int
    step_limit: int
    tolerance: float
    sketch_from: int


@jit
def climb(problem: Problem, theta: Floats, settings: Settings, em_steps: int, room: Room) -> Climb:
    """Climb by the method of the settings, in place."""
    tolerance, limit = settings.tolerance, settings.step_limit
    if settings.method == NEWTON:
        return climb_by_newton(problem, theta, em_steps, tolerance, limit, room)
    if settings.method == SQUAREM:
        return climb_by_squarem(problem, theta, tolerance, limit, room)
    return climb_by_em(problem, theta, tolerance, limit, room)


@jit
def climb_validly(
    sample: Sample, problem: Problem, theta: Floats, settings: Settings, em_steps: int, room: Room
) -> Climb:
    """Climb on the nodes, in place; where their guard fails, on finer ones or on the people."""
    if sample.width == 0.0:
        return climb(problem, theta, settings, em_steps, room)
    start = theta.copy()
    end = climb(problem, theta, settings, em_steps, room)
    if is_valid(theta, sample.width, sample.smallest, sample.largest):
        return end
    theta[:] = start
    return climb_finely(sample, problem, theta, settings, em_steps, room)


@jit
def climb_finely(
    sample: Sample, problem: Problem, theta: Floats, settings: Settings, em_steps: int, room: Room
) -> Climb:
    """Climb where groups are narrow or may become so: on many nodes, or on the people, in place."""
    if sample.width == 0.0:
        return climb(problem, theta, settings, em_steps, room)
    people = everybody(sample)
    width = 2.0 ** np.floor(np.log2(sample.width / REFINEMENT))
    nodes = int((sample.largest - sample.smallest) / width + 2.0) * NODES_PER_CELL
    if nodes < people.x.shape[0]:
        start = theta.copy()
        cells = empty_cells(people.x.min(), people.x.max(), width)
        add_people(cells, people.x, people.w)
        x, w = np.empty(nodes), np.empty(nodes)
        written = write_nodes(cells, x, w)
        finer = with_nodes(problem, x[:written], w[:written])
        end = climb(finer, theta, settings, em_steps, room)
        if is_valid(theta, width, sample.smallest, sample.largest):
            return end
        theta[:] = start
    return climb(with_nodes(problem, people.x, people.w), theta, settings, em_steps, room)
