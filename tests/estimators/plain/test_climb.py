import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.plain.climb import (
    EM,
    NEWTON,
    SQUAREM,
    Settings,
    climb,
    climb_finely,
    climb_validly,
)
from stature.estimators.plain.newton import NEWTON_EM_STEPS
from stature.estimators.plain.problem import CONVERGED
from stature.estimators.plain.sample import Sample, with_nodes
from stature.kernels.gauss import NODES_PER_CELL
from stature.kernels.sketch import add_people, empty_cells, is_valid, write_nodes
from tests.estimators.laws import START, problem_of, room_of

PROBLEM = problem_of(Model("none"), n=4000)
ROOM = room_of(PROBLEM)
NONE = np.empty(0)


def settings(method: int) -> Settings:
    tolerance = 1e-12 if method == NEWTON else 1e-10
    return Settings(method, 5, 10, 50_000, tolerance, 300)


def sketched(width: float) -> Sample:
    x, w = PROBLEM.x, PROBLEM.w
    cells = empty_cells(x.min(), x.max(), width)
    add_people(cells, x, NONE)
    room = len(cells.distinct) * NODES_PER_CELL
    nodes, weights = np.empty(room), np.empty(room)
    written = write_nodes(cells, nodes, weights)
    ends = float(x.min()), float(x.max())
    return Sample(x, w, 0.0, 1.0, nodes[:written], weights[:written], width, *ends)


@pytest.mark.parametrize("method", [EM, NEWTON, SQUAREM])
def test_all_methods_end_at_one_maximum(method: int):
    best, theta = START.copy(), START.copy()
    climb(PROBLEM, best, settings(NEWTON), NEWTON_EM_STEPS, ROOM)
    end = climb(PROBLEM, theta, settings(method), NEWTON_EM_STEPS, ROOM)
    assert end.status == CONVERGED
    np.testing.assert_allclose(theta, best, atol=1e-5)


def test_where_the_guard_fails_finer_nodes_or_the_people_decide():
    exact = START.copy()
    climb(PROBLEM, exact, settings(NEWTON), NEWTON_EM_STEPS, ROOM)
    for width in (0.0625, 0.5, 2.0):
        sample = sketched(width)
        nodes = with_nodes(PROBLEM, sample.x, sample.w)
        valid = is_valid(exact, width, sample.smallest, sample.largest)
        assert valid == (width < 0.2)
        for way in (climb_validly, climb_finely):
            theta = START.copy()
            end = way(sample, nodes, theta, settings(NEWTON), NEWTON_EM_STEPS, ROOM)
            assert end.status == CONVERGED
            np.testing.assert_allclose(theta, exact, atol=1e-8)
