import numpy as np
import pytest

from stature.domain.model import Model, free_coordinates
from stature.estimators.estimator import Estimator, Status
from stature.estimators.general.climb import Goal, climb
from stature.estimators.general.search import (
    Facts,
    coordinates_of,
    in_order,
    search,
    theta_at,
)
from stature.theory.likelihood import likelihood, rows_of

RNG = np.random.default_rng(4)
X = np.concatenate([RNG.normal(-0.9, 0.3, 120), RNG.normal(0.9, 0.6, 280)])
ROWS = rows_of(X, X, np.ones(400))
START = np.array([0.5, 0.5, -0.8, 0.8, 0.5, 0.6])


def test_what_is_known_takes_its_place_in_a_start():
    model = Model("none", "known", "known")
    u = coordinates_of(START, Facts(model, np.array([0.3, 0.7]), np.array([0.4, 0.9])))
    np.testing.assert_allclose(theta_at(u), [0.3, 0.7, -0.8, 0.8, 0.4, 0.9])
    equal = coordinates_of(START, Facts(Model("none", sds="equal"), None, None))
    assert equal[3] == equal[4] == 0.5 * np.log((0.25 + 0.36) / 2)


@pytest.mark.parametrize("groups", [2, 3])
def test_putting_groups_in_order_moves_everything_along(groups: int):
    u = np.array([0.4, 0.9, -0.9, -0.5, -0.6])
    if groups == 3:
        u = np.array([0.4, -0.2, 0.9, 0.1, -0.9, -0.5, -0.4, -0.6])
    free = free_coordinates(Model("none"), groups)
    turned = in_order(climb(u, Goal(ROWS, free), 0, 0, 0.0))
    assert (np.diff(turned.u[groups - 1 : 2 * groups - 1]) > 0).all()
    again = likelihood(turned.u, ROWS)
    for name in ("value", "score", "information", "completed", "outer", "posterior"):
        expected = getattr(again, name)
        np.testing.assert_allclose(getattr(turned.at, name), expected, rtol=1e-9, atol=1e-9)


def test_a_maximum_that_gives_known_shares_to_the_wrong_groups_is_swapped():
    model, shares = Model("none", shares="known"), np.array([0.7, 0.3])
    goal, facts = Goal(ROWS, free_coordinates(model, 2)), Facts(model, shares, None)
    wrong = START[[0, 1, 3, 2, 5, 4]]
    settings = Estimator("one", model, "newton", 1, 5, 1, tolerance=1e-12)
    assert search(goal, wrong[None], facts, settings).status == Status.SWAPPED


def test_starts_that_find_one_maximum_agree():
    model = Model("none")
    goal, facts = Goal(ROWS, free_coordinates(model, 2)), Facts(model, None, None)
    settings = Estimator("one", model, "newton", 2, 5, 2, tolerance=1e-12)
    other = START[[0, 1, 3, 2, 5, 4]]
    found = search(goal, np.stack([START, other]), facts, settings)
    assert (found.status, found.starts, found.agreeing) == (Status.CONVERGED, 2, 2)
