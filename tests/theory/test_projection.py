"""Projection: the climb ends where the score is zero, or says that it did not."""

import numpy as np
import pytest

from stature.domain.bias import NoBias, Selection
from stature.domain.mixture import Mixture
from stature.domain.model import Model, free_coordinates
from stature.domain.population import Group, Population
from stature.theory.distributions import recorded_distribution
from stature.theory.projection import project
from stature.theory.scores import scores

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
START = Mixture(np.array([0.4, 0.6]), np.array([160.0, 173.0]), np.array([5.0, 9.0]))
MODELS = [
    Model("none", shares, sds) for shares in ("free", "known") for sds in ("free", "equal", "known")
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_the_score_of_the_model_is_zero_at_the_end(model: Model) -> None:
    law = recorded_distribution(SCHOOL, Selection(0.05), "stratified")
    free = free_coordinates(model, 2)
    sds_cm = np.array([7.0, 7.0]) if model.sds == "equal" else START.sds_cm
    start = Mixture(START.shares, START.means_cm, sds_cm)
    end = project(law.nodes_cm, law.weights, start, free)
    assert end.outcome == "found"
    np.testing.assert_allclose(
        law.weights @ scores(end.mixture, law.nodes_cm) @ free, 0.0, rtol=0, atol=1e-12
    )
    if model.shares == "known":
        np.testing.assert_allclose(end.mixture.shares, START.shares, rtol=1e-13)
    if model.sds == "known":
        np.testing.assert_allclose(end.mixture.sds_cm, START.sds_cm, rtol=1e-13)
    if model.sds == "equal":
        np.testing.assert_allclose(np.ptp(end.mixture.sds_cm), 0.0, rtol=0, atol=1e-12)


def test_other_units_give_the_same_mixture() -> None:
    law = recorded_distribution(SCHOOL, Selection(0.05), "stratified")
    free = free_coordinates(Model("none"), 2)
    in_cm = project(law.nodes_cm, law.weights, START, free)
    inch = 2.54
    start = Mixture(START.shares, START.means_cm / inch, START.sds_cm / inch)
    in_inches = project(law.nodes_cm / inch, law.weights, start, free)
    np.testing.assert_allclose(in_inches.mixture.shares, in_cm.mixture.shares, rtol=1e-9)
    np.testing.assert_allclose(in_inches.mixture.means_cm * inch, in_cm.mixture.means_cm, rtol=1e-9)
    np.testing.assert_allclose(in_inches.log_likelihood - np.log(inch), in_cm.log_likelihood)


def test_one_group_is_mean_and_sd() -> None:
    nodes_cm, weights = np.array([160.0, 170.0, 190.0]), np.array([0.5, 0.25, 0.25])
    start = Mixture(np.array([1.0]), np.array([150.0]), np.array([3.0]))
    end = project(nodes_cm, weights, start, free_coordinates(Model("none"), 1))
    # Mean 80 + 42.5 + 47.5 = 170; variance 100/2 + 0 + 400/4 = 150.
    np.testing.assert_allclose(end.mixture.means_cm, [170.0], rtol=1e-12)
    np.testing.assert_allclose(end.mixture.sds_cm, [np.sqrt(150.0)], rtol=1e-12)


def test_a_group_on_one_height_is_degenerate() -> None:
    # Three atoms for two groups: the likelihood grows without bound on one of them.
    nodes_cm, weights = np.array([160.0, 170.0, 190.0]), np.array([0.4, 0.3, 0.3])
    start = Mixture(np.array([0.7, 0.3]), np.array([165.0, 190.0]), np.array([5.0, 1.0]))
    end = project(nodes_cm, weights, start, free_coordinates(Model("none"), 2))
    assert end.outcome == "degenerate"


def test_two_groups_in_one_place_are_not_a_maximum() -> None:
    one = Population("one", (Group("all", 1.0, 170.0, 6.0),))
    law = recorded_distribution(one, NoBias(), "random")
    start = Mixture(np.array([0.5, 0.5]), np.array([169.0, 171.0]), np.array([6.0, 6.0]))
    end = project(law.nodes_cm, law.weights, start, free_coordinates(Model("none", sds="equal"), 2))
    assert end.outcome == "not-found"
