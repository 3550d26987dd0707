from dataclasses import replace

import numpy as np
import pytest

from stature.domain.mixture import log_density
from stature.domain.observation import (
    Conditional,
    MiddleSelected,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
)
from stature.theory.coordinates import mixture_at
from stature.theory.likelihood import HIDDEN, Rows, likelihood, rows_of
from stature.theory.scores import observed_information, scores

POINTS = {
    1: np.array([0.1, 0.2]),
    2: np.array([0.3, -0.8, 0.9, -0.4, -0.5]),
    3: np.array([0.3, -0.2, -0.8, 0.1, 0.9, -0.4, -0.5, -0.1]),
}
CONDITIONS: list[Conditional | None] = [
    None, Truncated(-2.5), Truncated(-2.5, 2.6), Selected(0.7, 0.1), Tilted(0.5),
    SizeBiased(-20.0), MiddleSelected(0.3, 1.5),
]  # fmt: skip
X = np.random.default_rng(1).normal(size=30)


def kinds(groups: int, condition: Conditional | None) -> list[Rows]:
    """Heights, some labels, labels of a design, cells with open ends and both; Student's law."""
    points = rows_of(X, X, np.linspace(0.5, 2.0, 30), condition)
    index = np.arange(30)
    some = replace(points, group=np.where(index < 15, index % groups, HIDDEN))
    cells = replace(points, lower=np.floor(2 * X) / 2, upper=np.floor(2 * X) / 2 + 0.5)
    mixed = replace(cells, lower=np.where(index < 9, cells.upper, cells.lower))
    mixed = replace(mixed, lower=np.where(index > 27, -np.inf, mixed.lower))
    found = [points, some, replace(some, informs=some.group == HIDDEN), cells, mixed]
    return [*found, replace(points, freedom=4.0)] if condition is None else found


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_score_and_information_are_derivatives(groups: int, condition: Conditional | None):
    u, h = POINTS[groups], 2e-3
    for rows in kinds(groups, condition):
        at = likelihood(u, rows)
        for i, direction in enumerate(np.eye(len(u))):
            near = {step: likelihood(u + step * h * direction, rows) for step in (-2, -1, 1, 2)}
            weight = {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12}
            slope = sum(weight[step] * near[step].value for step in near) / h
            bend = sum(weight[step] * near[step].score for step in near) / h
            np.testing.assert_allclose(at.score[i], slope, rtol=1e-8, atol=1e-8)
            scale = np.abs(at.information).max()
            np.testing.assert_allclose(at.information[i], -bend, atol=1e-8 * scale)


def test_exact_heights_give_the_ordinary_likelihood():
    u = POINTS[3]
    at, mixture = likelihood(u, rows_of(X, X, np.ones(30))), mixture_at(u)
    np.testing.assert_allclose(at.value, log_density(mixture, X).sum(), rtol=1e-13)
    each = scores(mixture, X)
    np.testing.assert_allclose(at.score, each.sum(axis=0), rtol=1e-11, atol=1e-12)
    observed, completed = observed_information(mixture, X, np.ones(30))
    np.testing.assert_allclose(at.information, observed, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(at.completed, completed, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(at.outer, each.T @ each, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("condition", [Truncated(-1e3, 1e3), Selected(0.0, 0.0), Tilted(0.0)])
def test_a_chance_that_is_the_same_for_all_changes_nothing(condition: Conditional):
    u, rows = POINTS[2], rows_of(X, X, np.ones(30))
    plain, other = likelihood(u, rows), likelihood(u, replace(rows, condition=condition))
    for name in ("score", "information", "outer"):
        np.testing.assert_allclose(getattr(other, name), getattr(plain, name), atol=1e-11)


def test_labels_of_a_design_say_nothing_of_the_shares():
    group = np.arange(30) % 2
    rows = replace(rows_of(X, X, np.ones(30)), group=group, informs=np.zeros(30, dtype=np.bool_))
    at = likelihood(POINTS[2], rows)
    assert at.score[0] == 0.0
    assert not at.information[0].any()


def test_two_people_are_one_person_twice():
    u = POINTS[2]
    once = likelihood(u, rows_of(X, X, np.full(30, 2.0), Truncated(-3.0)))
    twice = likelihood(u, rows_of(np.tile(X, 2), np.tile(X, 2), np.ones(60), Truncated(-3.0)))
    for name in ("value", "score", "information", "outer"):
        np.testing.assert_allclose(getattr(once, name), getattr(twice, name), rtol=1e-11)
