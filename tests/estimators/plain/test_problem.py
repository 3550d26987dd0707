import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.plain.problem import certify, is_degenerate, make_room
from stature.kernels.sums import POWERS
from tests.estimators.laws import START, problem_of, room_of


@pytest.mark.parametrize(
    ("theta", "degenerate"),
    [
        ([0.5, 0.5, 0, 1, 0.5, 0.5], False),
        ([0.009, 0.991, 0, 1, 0.5, 0.5], True),  # less than one of a hundred people
        ([0.5, 0.5, 0, 1, 0.0009, 0.5], True),
        ([0.5, 0.5, 0, 1, np.nan, 0.5], True),
        ([np.nan, 0.5, 0, 1, 0.5, 0.5], True),
    ],
)
def test_a_group_without_people_or_spread_is_degenerate(theta: list[float], degenerate: bool):
    assert is_degenerate(np.array(theta, dtype=float), 100.0) == degenerate


def test_the_decrement_is_the_gain_that_newton_promises():
    problem = problem_of(Model("none"))
    room = room_of(problem)
    _, decrement = certify(problem, START, room)
    expected = room.g @ np.linalg.solve(room.h, room.g)
    assert np.isnan(decrement) == (np.linalg.eigvalsh(room.h).min() <= 0)
    if not np.isnan(decrement):
        assert decrement == pytest.approx(expected, rel=1e-9)


def test_the_decrement_means_nothing_at_a_saddle():
    problem = problem_of(Model("none"))
    alike = np.array([0.5, 0.5, 0.0, 0.0, 1.0, 1.0])
    alike[2:4] = problem.x.mean()
    alike[4:] = problem.x.std()
    _, decrement = certify(problem, alike, room_of(problem))
    assert np.isnan(decrement)


def test_room_fits_its_model():
    room = make_room(3, 4)
    assert room.sums.shape == (3, POWERS)
    assert room.h.shape == (8, 8)
    assert room.h_model.shape == (4, 4)
