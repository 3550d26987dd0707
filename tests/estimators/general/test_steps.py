from dataclasses import replace

import numpy as np
import pytest

from stature.domain.model import Model, free_coordinates
from stature.estimators.estimator import Estimator, Status, Stop
from stature.estimators.general.climb import Goal, climb, evaluate
from stature.estimators.general.search import Facts, theta_at
from stature.estimators.general.steps import m_step, walk
from stature.theory.likelihood import HIDDEN, rows_of

RNG = np.random.default_rng(4)
X = np.concatenate([RNG.normal(-0.9, 0.5, 200), RNG.normal(0.9, 0.6, 200)])
START = np.array([0.0, -0.8, 0.8, -0.5, -0.5])
MODELS = [
    Model("none", shares, sds) for shares in ("free", "known") for sds in ("free", "equal", "known")
]


def goal(model: Model, penalty: float = 0.0, labels: bool = False) -> Goal:
    rows = rows_of(X, X, np.ones(400))
    if labels:
        rows = replace(
            rows, group=np.where(np.arange(400) % 10 == 0, np.arange(400) // 200, HIDDEN)
        )
    return Goal(rows, free_coordinates(model, 2), penalty)


@pytest.mark.parametrize("penalty", [0.0, 2.0])
@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_a_step_never_lowers_the_likelihood_and_rests_at_a_maximum(
    model: Model, labels: bool, penalty: float
):
    aim, u = goal(model, penalty, labels), START
    for _ in range(20):
        at = evaluate(u, aim)
        u = m_step(at.posterior, u, aim, model)
        assert evaluate(u, aim).value >= at.value - 1e-10 * abs(at.value)
    end = climb(START, aim, 5, 100, 1e-12)
    assert end.status == Status.CONVERGED
    np.testing.assert_allclose(m_step(end.at.posterior, end.u, aim, model), end.u, atol=1e-9)


def test_a_loose_rule_stops_early_and_says_how_far_away():
    model, aim = Model("none"), goal(Model("none"))
    begun, facts = theta_at(START)[None], Facts(Model("none"), None, None)
    found = [
        walk(aim, begun, facts, Estimator("em", model, "em", 1, stop=stop), 0.0)
        for stop in (Stop("mean", 1e-3), Stop("total", 1e-2), Stop("total", 1e-10))
    ]
    assert [one.status for one in found] == [Status.CONVERGED] * 3
    steps = [one.end.steps for one in found]
    assert steps == sorted(steps)
    decrements = [one.end.decrement for one in found]
    assert decrements == sorted(decrements, reverse=True)
    assert decrements[0] > 1e-3
    assert decrements[2] < 1e-6


def test_hard_em_pushes_means_apart_and_shrinks_sds():
    model, aim = Model("none"), goal(Model("none"))
    begun, facts = theta_at(START)[None], Facts(Model("none"), None, None)
    hard = walk(aim, begun, facts, Estimator("hard", model, "hard-em", 1), 0.0)
    soft = climb(START, aim, 5, 100, 1e-12)
    assert hard.status == Status.CONVERGED
    assert hard.end.u[2] - hard.end.u[1] > soft.u[2] - soft.u[1]
    assert (hard.end.u[3:] < soft.u[3:]).all()


def test_hard_em_with_equal_sds_and_shares_is_two_means():
    model = Model("none", "known", "equal")
    facts = Facts(model, np.array([0.5, 0.5]), None)
    found = walk(
        goal(model), theta_at(START)[None], facts, Estimator("h", model, "hard-em", 1), 0.0
    )
    means = found.end.u[1:3]
    below = means.mean() > X
    np.testing.assert_allclose(means, [X[below].mean(), X[~below].mean()], rtol=1e-12)
