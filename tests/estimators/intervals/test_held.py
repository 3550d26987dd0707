import numpy as np
import pytest

from stature.domain.model import Model, free_coordinates
from stature.estimators.intervals.held import (
    Coordinate,
    extrapolate,
    held_model,
    maximum_with,
    put,
    value_of,
)
from stature.estimators.plain.problem import CONVERGED, certify
from tests.estimators.laws import MODELS, START, problem_of, workspace_of

SHARE, LOWER, UPPER, LOWER_SD = (Coordinate(i, -1) for i in range(4))
GAP = Coordinate(1, 2)


def held(*positions: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Flags of held coordinates."""
    flags = np.zeros(5, np.bool_)
    flags[list(positions)] = True
    return flags


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_a_held_mean_leaves_the_other_columns(model: Model) -> None:
    free = np.ascontiguousarray(free_coordinates(model, 2))
    kept = [a for a in range(free.shape[1]) if free[1, a] == 0.0]
    np.testing.assert_array_equal(held_model(free, held(1), -1), free[:, kept])


def test_two_tied_means_move_together() -> None:
    got = held_model(np.eye(5), held(), 1)
    np.testing.assert_array_equal(got[:, 1], [0.0, 1.0, 1.0, 0.0, 0.0])
    assert got.shape == (5, 4)


@pytest.mark.parametrize("coordinate", [SHARE, LOWER, UPPER, LOWER_SD, GAP])
def test_what_is_put_is_read_back(coordinate: Coordinate) -> None:
    theta = START.copy()
    put(theta, coordinate, 0.25, tied_sds=False)
    assert value_of(theta, coordinate) == pytest.approx(0.25, abs=1e-15)
    assert theta[:2].sum() == pytest.approx(1.0, abs=1e-15)


def test_a_line_in_u_goes_through_both_points() -> None:
    other, out = np.array([0.7, 0.3, -0.5, 1.0, 0.4, 0.9]), np.empty(6)
    for fraction, expected in ((0.0, START), (1.0, other)):
        extrapolate(START, other, fraction, out)
        np.testing.assert_allclose(out, expected, rtol=1e-14)


@pytest.mark.parametrize("coordinate", [SHARE, LOWER, UPPER, LOWER_SD, GAP])
@pytest.mark.parametrize("model", [MODELS[0], MODELS[1]], ids=lambda model: model.slug)
def test_at_the_maximum_only_the_held_coordinate_has_a_score(
    model: Model, coordinate: Coordinate
) -> None:
    problem = problem_of(model)
    space = workspace_of(problem)
    theta = START.copy()
    put(theta, coordinate, value_of(START, coordinate) + 0.1, tied_sds=model.sds == "equal")
    point = maximum_with(problem, coordinate, 0.0, theta)
    assert point.status == CONVERGED
    assert value_of(theta, coordinate) == pytest.approx(value_of(START, coordinate) + 0.1)
    certify(problem, theta, space)
    g = space.g.copy()
    free = np.ascontiguousarray(problem.free)
    flags = held(coordinate.first) if coordinate.second < 0 else held()
    if model.sds == "equal" and coordinate.first == LOWER_SD.first:
        flags[3:] = True
    left = held_model(free, flags, coordinate.first if coordinate.second >= 0 else -1)
    np.testing.assert_allclose(left.T @ g, 0.0, atol=1e-6)
    assert abs(g[coordinate.first]) > 1e-3
