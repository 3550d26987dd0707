"""Newton ends certified, the search finds what it should, and trimming leaves outliers out."""

from dataclasses import replace

import numpy as np
import pytest

from stature.domain.model import Model
from stature.domain.observation import Truncated
from stature.estimators.estimator import Estimator, Prior, SeStatus, Status
from stature.estimators.general.objective import Objective, within_ratio
from stature.estimators.general.optimise import (
    in_order,
    kept_rows,
    maximise,
    search,
    trimmed_at,
)
from stature.kernels.newton import to_release
from stature.theory.likelihood import HIDDEN, likelihood, rows_of
from tests.estimators.laws import fit, objective_of, samples

RNG = np.random.default_rng(4)
X = np.concatenate([RNG.normal(-0.9, 0.5, 200), RNG.normal(0.9, 0.6, 200)])
START = np.array([0.0, -0.8, 0.8, -0.5, -0.5])
NONE = Model("none")
CUT = objective_of(rows_of(X, X, np.ones(400), Truncated(-3.0)), NONE)
UNEQUAL = np.concatenate([RNG.normal(-0.9, 0.3, 120), RNG.normal(0.9, 0.6, 280)])
ROWS = rows_of(UNEQUAL, UNEQUAL, np.ones(400))
THETA = np.array([0.5, 0.5, -0.8, 0.8, 0.5, 0.6])
OTHER_WAY_ROUND = THETA[[0, 1, 3, 2, 5, 4]]


def test_a_limit_of_steps_is_a_status():
    assert maximise(START, CUT, 0, 1, 1e-12).status == Status.STEP_LIMIT


def test_a_group_at_infinity_is_no_maximum():
    for far in ([0, 0, 200.0, 0, 0], [0, 0, 0, 0, 5.0]):
        assert maximise(np.array(far), CUT, 0, 9, 1e-12).status == Status.NO_MAXIMUM


@pytest.mark.parametrize("groups", [2, 3])
def test_putting_groups_in_order_moves_everything_along(groups: int):
    u = np.array([0.4, 0.9, -0.9, -0.5, -0.6])
    if groups == 3:
        u = np.array([0.4, -0.2, 0.9, 0.1, -0.9, -0.5, -0.4, -0.6])
    turned = in_order(maximise(u, objective_of(ROWS, NONE, groups), 0, 0, 0.0))
    assert (np.diff(turned.u[groups - 1 : 2 * groups - 1]) > 0).all()
    again = likelihood(turned.u, ROWS)
    for name in ("value", "score", "information", "completed", "outer", "posterior"):
        expected = getattr(again, name)
        np.testing.assert_allclose(getattr(turned.at, name), expected, rtol=1e-9, atol=1e-9)


def test_a_maximum_that_gives_known_shares_to_the_wrong_groups_is_swapped():
    objective = objective_of(ROWS, Model("none", shares="known"), kept_starts=1)
    known = replace(objective, shares=np.array([0.7, 0.3]))
    assert search(known, OTHER_WAY_ROUND[None]).status == Status.SWAPPED


def test_starts_that_find_one_maximum_agree():
    result = search(objective_of(ROWS, NONE), np.stack([THETA, OTHER_WAY_ROUND]))
    assert (result.status, result.starts, result.agreeing) == (Status.CONVERGED, 2, 2)


# Two groups, the first narrow.
NARROW_RNG = np.random.default_rng(8)
NARROW = np.concatenate([NARROW_RNG.normal(-1.0, 0.2, 150), NARROW_RNG.normal(0.6, 0.8, 250)])
NARROW_START = np.array([0.0, -0.9, 0.7, -0.6, -0.5])


def constrained(ratio: float) -> Objective:
    """The narrow group and the other within a ratio of SDs."""
    return objective_of(rows_of(NARROW, NARROW, np.ones(400)), NONE, sd_ratio=ratio)


def test_a_loose_ratio_changes_nothing():
    free = maximise(NARROW_START, constrained(0.0), 5, 100, 1e-12)
    within = maximise(NARROW_START, constrained(1e-3), 5, 100, 1e-12)
    assert (free.u == within.u).all()
    assert (within.free == constrained(0.0).free).all()


def test_iterations_that_began_at_a_constraint_leave_it():
    # Both SDs lie at the constraint of a ratio of 1/2 the other way round.
    u = np.array([0.0, -0.9, 0.7, np.log(0.9), np.log(0.45)])
    result = maximise(u, constrained(0.2), 5, 100, 1e-12)
    free = maximise(NARROW_START, constrained(0.0), 5, 100, 1e-12)
    np.testing.assert_allclose(result.u, free.u, atol=1e-6)
    assert (within_ratio(u, 0.2) == u).all()


# Twenty outliers far above the others.
OUTLIER_RNG = np.random.default_rng(5)
WITH_OUTLIERS = np.concatenate(
    [
        OUTLIER_RNG.normal(-0.9, 0.5, 190),
        OUTLIER_RNG.normal(0.9, 0.6, 190),
        (6.0 + 0.01 * np.arange(20)).astype(np.float64),
    ]
)
OUTLIERS = rows_of(WITH_OUTLIERS, WITH_OUTLIERS, np.ones(400))
TRIMMED = Estimator("trimmed", NONE, "newton", 3, tolerance=1e-12, trimmed=0.05)


def test_the_least_likely_are_left_out_in_whole_people():
    kept = kept_rows(START, OUTLIERS, 0.05)
    assert kept.weight.sum() == 380
    assert kept.lower.max() < 5.0
    # 5 of a hundred and .9 people more: nobody is left out in part.
    assert kept_rows(START, OUTLIERS, 0.0522).weight.sum() == 380
    twice = replace(OUTLIERS, weight=2 * OUTLIERS.weight, square=2 * OUTLIERS.weight)
    assert kept_rows(START, twice, 0.05).weight.sum() == 760


def test_a_concentration_step_never_lowers_the_trimmed_likelihood():
    u, before = START, -np.inf
    for _ in range(40):
        kept = trimmed_at(u, Objective(OUTLIERS, TRIMMED, 2))
        value = kept.evaluate(u).value
        assert value >= before - 1e-10 * abs(value)
        before = value
        u = maximise(u, kept, 1, 1, 0.0).u


def test_outliers_are_found_and_left_out():
    objective = Objective(OUTLIERS, TRIMMED, 2)
    starts = np.array([[0.5, 0.5, -0.5, 0.5, 1.0, 1.0], [0.9, 0.1, 0.0, 5.0, 1.0, 0.5]])
    result = search(objective, starts)
    kept = trimmed_at(result.u, objective)
    assert result.status == Status.CONVERGED
    assert kept.rows.lower.max() < 5.0
    # It is the maximum of those who are left, who are the likeliest there.
    np.testing.assert_allclose(maximise(result.u, kept, 0, 50, 1e-12).u, result.u, atol=1e-6)
    plain = maximise(START, objective, 5, 100, 1e-12)
    assert plain.u[2] - plain.u[1] > 1.5 * (result.u[2] - result.u[1]) or plain.u[4] > 0


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_trimmed_fits_have_no_errors_and_sds_that_are_too_small(share: float):
    people = samples(3, 2000)
    plain = fit(replace(TRIMMED, trimmed=0.0), people)
    trimmed = fit(replace(TRIMMED, trimmed=share), people)
    assert (trimmed.se_status == SeStatus.NONE).all()
    assert np.isnan(trimmed.std_error).all()
    assert (trimmed.estimate[..., [2, 5]] < plain.estimate[..., [2, 5]]).all()
    assert (trimmed.log_likelihood > plain.log_likelihood).all()


TENTH = np.where(np.arange(400) < 40, (X > 0.0).astype(np.int64), HIDDEN)
TARGETS = {
    "a prior": objective_of(ROWS, NONE, prior=Prior()),
    "a penalty": objective_of(ROWS, NONE, penalty=1.0),
    "ratio": constrained(0.6),
    "three groups in a ratio": objective_of(ROWS, NONE, 3, sd_ratio=0.9),
    "cut": CUT,
    "some labels": objective_of(replace(rows_of(X, X, np.ones(400)), group=TENTH), NONE),
    "labels of a design, cut": objective_of(
        replace(rows_of(X, X, np.ones(400), Truncated(-3.0)), group=TENTH, informs=TENTH == HIDDEN),
        Model("none", sds="equal"),
    ),
    "cells": objective_of(rows_of(X - 0.1, X + 0.1, np.ones(400)), NONE),
    "tails": objective_of(replace(ROWS, freedom=4.0), NONE),
}


@pytest.mark.parametrize("name", TARGETS)
def test_iterations_rise_to_a_certified_maximum(name: str):
    objective = TARGETS[name]
    groups = objective.groups
    means = np.linspace(-0.8, 0.8, groups)
    start = np.concatenate([np.zeros(groups - 1), means, np.full(groups, -0.5)])
    path = [maximise(start, objective, 5, steps, 1e-12) for steps in range(40)]
    values = np.array([one.at.value for one in path])
    assert (np.diff(values) >= -1e-13 * abs(values[-1])).all()
    end = maximise(start, objective, 5, 100, 1e-12)
    assert end.status == Status.CONVERGED
    assert end.decrement < 1e-12
    # In standard errors along the constraints that are active; they hold, and none lets go.
    root = np.linalg.cholesky(end.free.T @ end.at.information @ end.free)
    assert np.abs(np.linalg.solve(root, end.free.T @ end.at.score)).max() < 1e-6
    target = objective.target
    assert (target.normals @ end.u >= target.bound - 1e-12).all()
    active = np.abs(target.normals @ end.u - target.bound) < 1e-9
    assert to_release(target, end.at.score, active) == -1
    assert (name in ("ratio", "three groups in a ratio")) == bool(active.any())
