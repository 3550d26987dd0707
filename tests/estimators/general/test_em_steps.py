"""Steps of EM never lower the likelihood and rest where Newton does; rules stop them early."""

from dataclasses import replace

import numpy as np
import pytest

from stature.domain.model import Model, theta_at
from stature.estimators.estimator import Status, Stop
from stature.estimators.general.objective import Objective, within_ratio
from stature.estimators.general.optimise import iterate_em, m_step, maximise, search
from stature.theory.likelihood import HIDDEN, rows_of
from tests.estimators.laws import MODELS, objective_of

RNG = np.random.default_rng(4)
X = np.concatenate([RNG.normal(-0.9, 0.5, 200), RNG.normal(0.9, 0.6, 200)])
ROWS = rows_of(X, X, np.ones(400))
START = np.array([0.0, -0.8, 0.8, -0.5, -0.5])
NARROW_RNG = np.random.default_rng(8)
NARROW = np.concatenate([NARROW_RNG.normal(-1.0, 0.2, 150), NARROW_RNG.normal(0.6, 0.8, 250)])
NONE = Model("none")


def assert_steps_rise_to_newtons_maximum(objective: Objective, u: np.ndarray, steps: int) -> None:
    """No step lowers the objective, and at the maximum a step stays."""
    begin = u
    for _ in range(steps):
        at = objective.evaluate(u)
        u = m_step(at.posterior, u, objective)
        assert objective.evaluate(u).value >= at.value - 1e-10 * abs(at.value)
    result = maximise(begin, objective, 5, 100, 1e-12)
    assert result.status == Status.CONVERGED
    stayed = m_step(result.at.posterior, result.u, objective)
    np.testing.assert_allclose(stayed, result.u, atol=1e-8 if steps > 20 else 1e-9)
    assert result.at.value >= objective.evaluate(u).value - 1e-9


@pytest.mark.parametrize("penalty", [0.0, 40.0])
@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_steps_never_lower_the_likelihood_and_rest_at_a_maximum(
    model: Model, labels: bool, penalty: float
):
    tenth = np.where(np.arange(400) % 10 == 0, np.arange(400) // 200, HIDDEN)
    rows = replace(ROWS, group=tenth) if labels else ROWS
    assert_steps_rise_to_newtons_maximum(objective_of(rows, model, penalty=penalty), START, 20)


@pytest.mark.parametrize("penalty", [0.0, 20.0])
@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.9])
def test_steps_within_constraints_rest_where_newton_does(ratio: float, penalty: float):
    rows = rows_of(NARROW, NARROW, np.ones(400))
    objective = objective_of(rows, NONE, sd_ratio=ratio, penalty=penalty)
    start = within_ratio(np.array([0.0, -0.9, 0.7, -0.6, -0.5]), ratio)
    assert_steps_rise_to_newtons_maximum(objective, start, 150)
    u = maximise(start, objective, 5, 100, 1e-12).u
    # The SDs are .2 and .8: only the loosest of these constraints is not active.
    assert (np.ptp(u[3:]) > -np.log(ratio) - 1e-9) == (ratio > 0.3)


def test_three_groups_meet_their_constraints():
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(m, s, 150) for m, s in ((-1.5, 0.1), (0.0, 0.4), (1.5, 0.2))])
    objective = objective_of(rows_of(x, x, np.ones(450)), NONE, 3, sd_ratio=0.7, kept_starts=1)
    result = search(objective, np.array([[0.3, 0.3, 0.4, -1.4, 0.1, 1.4, 0.3, 0.3, 0.3]]))
    assert result.status == Status.CONVERGED
    assert np.ptp(result.u[5:]) == pytest.approx(-np.log(0.7), abs=1e-9)
    u = result.u
    for _ in range(50):
        u = m_step(objective.evaluate(u).posterior, u, objective)
    np.testing.assert_allclose(u, result.u, atol=1e-8)
    assert result.free.shape[1] < objective.free.shape[1]


def by(method: str, model: Model = NONE, stop: Stop | None = None) -> Objective:
    """The two groups, for an estimator that goes by steps."""
    objective = objective_of(ROWS, model)
    how = replace(objective.estimator, method=method, stop=stop)
    return replace(objective, estimator=how)


def test_a_loose_rule_stops_early_and_says_how_far_away():
    results = [
        iterate_em(by("em", stop=stop), theta_at(START)[None], 0.0)
        for stop in (Stop("mean", 1e-3), Stop("total", 1e-2), Stop("total", 1e-10))
    ]
    assert [one.status for one in results] == [Status.CONVERGED] * 3
    steps = [one.steps for one in results]
    assert steps == sorted(steps)
    decrements = [one.decrement for one in results]
    assert decrements == sorted(decrements, reverse=True)
    assert decrements[0] > 1e-3
    assert decrements[2] < 1e-6


def test_hard_em_pushes_means_apart_and_shrinks_sds():
    hard = iterate_em(by("hard-em"), theta_at(START)[None], 0.0)
    soft = maximise(START, objective_of(ROWS, NONE), 5, 100, 1e-12)
    assert hard.status == Status.CONVERGED
    assert hard.u[2] - hard.u[1] > soft.u[2] - soft.u[1]
    assert (hard.u[3:] < soft.u[3:]).all()


def test_hard_em_with_equal_sds_and_shares_is_two_means():
    objective = replace(by("hard-em", Model("none", "known", "equal")), shares=np.array([0.5, 0.5]))
    means = iterate_em(objective, theta_at(START)[None], 0.0).u[1:3]
    below = means.mean() > X
    np.testing.assert_allclose(means, [X[below].mean(), X[~below].mean()], rtol=1e-12)
