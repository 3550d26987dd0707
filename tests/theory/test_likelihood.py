"""The likelihood of rows: derivatives by differences, laws, and the maximum that is found."""

from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from stature.domain.mixture import Mixture, log_density, log_joint
from stature.domain.model import Model, SdsRule, SharesRule, coordinates, free_coordinates, theta_at
from stature.domain.observation import (
    Conditional,
    Grid,
    Heaped,
    MiddleSelected,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
)
from stature.kernels.newton import DEGENERATE
from stature.theory.likelihood import (
    HIDDEN,
    Rows,
    heaps_of,
    likelihood,
    rows_of,
    summed,
)
from stature.theory.newton import CONVERGED, Rules, maximise_rows
from tests.theory.schools import (
    MIXTURES,
    NODES,
    WEIGHTS,
    complete_scores,
    five_points,
    labelled_rows,
    scores,
    unlabelled,
)

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
    """Heights, some labels, labels of a design, cells of all widths and open ends; tails, heaps."""
    points = rows_of(X, X, np.linspace(0.5, 2.0, 30), condition)
    index = np.arange(30)
    some = replace(points, group=np.where(index < 15, index % groups, HIDDEN))
    cells = replace(points, lower=np.floor(2 * X) / 2, upper=np.floor(2 * X) / 2 + 0.5)
    mixed = replace(cells, lower=np.where(index < 9, cells.upper, cells.lower))
    mixed = replace(mixed, lower=np.where(index > 27, -np.inf, mixed.lower))
    design = replace(some, informs=some.group == HIDDEN)
    found = [points, some, design, cells, mixed]
    if condition is not None:
        return found
    heaped = np.where(index < 15, np.rint(2 * X) / 2, X)
    heaps = heaps_of(Heaped((Grid(1.0, 0.3), Grid(0.5, 0.4))), heaped, 1.0)
    assert (heaps.here == (index < 15)).all()
    found += [replace(one, freedom=4.0) for one in (points, some, design)]
    found += [replace(cells, upper=cells.lower + width) for width in (1e-3, 6.0)]
    return [*found, replace(points, lower=heaped, upper=heaped, heaps=heaps)]


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_score_and_information_are_derivatives(groups: int, condition: Conditional | None):
    u, h = POINTS[groups], 2e-3
    for rows in kinds(groups, condition):
        at = summed(u, rows)
        assert_allclose(rows.weight @ at.values, at.value, rtol=1e-12)
        assert_allclose(rows.weight @ at.scores, at.score, rtol=1e-10, atol=1e-11)
        assert_allclose(at.outer, (rows.square * at.scores.T) @ at.scores, rtol=1e-11, atol=1e-11)
        assert_allclose(at.posterior.sum(axis=1), 1.0, rtol=1e-14)
        for i, direction in enumerate(np.eye(len(u))):
            near = {step: summed(u + step * h * direction, rows) for step in (-2, -1, 1, 2)}
            weight = {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12}
            slope = sum(weight[step] * near[step].value for step in near) / h
            bend = sum(weight[step] * near[step].score for step in near) / h
            assert_allclose(at.score[i], slope, rtol=1e-8, atol=1e-8)
            scale = np.abs(at.information).max()
            assert_allclose(at.information[i], -bend, atol=1e-8 * scale)


def test_people_whom_no_group_explains_have_no_likelihood():
    rows = rows_of(np.array([1e200]), np.array([1e200]), np.ones(1))
    assert not np.isfinite(summed(POINTS[2], rows).value)


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_exact_heights_give_the_ordinary_likelihood_with_the_compiler_and_without(mixture: Mixture):
    u, square = coordinates(mixture.theta), WEIGHTS**1.5
    rows = replace(rows_of(NODES, NODES, WEIGHTS), square=square)
    at, compiled = likelihood(u, rows), summed(u, rows)
    for field in fields(at):
        got, expected = getattr(at, field.name), getattr(compiled, field.name)
        assert_allclose(got, expected, rtol=0, atol=1e-13 * np.abs(expected).max())
    slopes = five_points(lambda u: log_density(Mixture.of(theta_at(u)), NODES), u, 1e-3)
    assert_allclose(at.scores, slopes, rtol=1e-8, atol=1e-9)
    assert_allclose(at.value, WEIGHTS @ log_density(mixture, NODES), rtol=1e-13)
    assert_allclose(at.score, WEIGHTS @ at.scores, rtol=1e-11, atol=1e-12)
    assert_allclose(at.outer, (square * at.scores.T) @ at.scores, rtol=1e-11, atol=1e-12)
    # Scale 100: 1e-10 of it is what five points of this step leave.
    bends = five_points(lambda u: WEIGHTS @ scores(Mixture.of(theta_at(u)), NODES), u, 1e-3)
    assert_allclose(at.information, -bends, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_labelled_heights_give_the_joint_likelihood(mixture: Mixture):
    u, groups = coordinates(mixture.theta), len(mixture.shares)
    slopes = five_points(lambda u: log_joint(Mixture.of(theta_at(u)), NODES).T, u, 1e-3)
    assert_allclose(complete_scores(mixture, NODES), slopes, rtol=1e-8, atol=1e-9)
    people = labelled_rows(NODES, np.outer(np.arange(1.0, groups + 1), WEIGHTS))
    bends = five_points(lambda u: likelihood(u, people).score, u, 1e-3)
    at = likelihood(u, people)
    assert_allclose(at.information, -bends, rtol=1e-8, atol=1e-8)
    assert_allclose(at.completed, at.information, rtol=1e-13, atol=1e-11)


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_scores_at_the_truth_have_mean_zero_and_the_information_as_variance(mixture: Mixture):
    x, step = np.linspace(-30.0, 30.0, 6001, retstep=True)
    mass = step * np.exp(log_density(mixture, x))
    score, at = scores(mixture, x), unlabelled(mixture, x, np.maximum(mass, 1e-300))
    assert_allclose(mass @ score, 0.0, rtol=0, atol=1e-12)
    assert_allclose(score.T @ (mass[:, None] * score), at.information, atol=1e-11)


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
        assert_allclose(getattr(once, name), getattr(twice, name), rtol=1e-11)


# Two groups of 1,000 people, at the quantiles of each.
PEOPLE = norm.ppf((np.arange(1000) + 0.5) / 1000)
BOTH = np.concatenate([0.8 * PEOPLE - 1.0, 0.7 * PEOPLE + 1.0])
TWO = rows_of(BOTH, BOTH, np.full(2000, 5e-4))
START = Mixture(np.array([0.4, 0.6]), np.array([-1.3, 0.7]), np.array([0.6, 0.9]))


@pytest.mark.parametrize("shares", ["free", "known"])
@pytest.mark.parametrize("sds", ["free", "equal", "known"])
def test_the_score_of_the_model_is_zero_at_the_maximum(shares: SharesRule, sds: SdsRule) -> None:
    free = free_coordinates(Model("none", shares, sds), 2)
    sizes = np.array([0.8, 0.8]) if sds == "equal" else START.sds_cm
    start = coordinates(replace(START, sds_cm=sizes).theta)[None]
    (end,) = maximise_rows(start, TWO, free)
    assert end.status == CONVERGED
    assert_allclose(likelihood(end.u, TWO).score @ free, 0.0, rtol=0, atol=1e-12)
    path = [maximise_rows(start, TWO, free, Rules(most=step))[0].value for step in range(30)]
    assert (np.diff(path) > -1e-13).all()
    mixture = Mixture.of(theta_at(end.u))
    if shares == "known":
        assert_allclose(mixture.shares, START.shares, rtol=1e-13)
    if sds == "known":
        assert_allclose(mixture.sds_cm, START.sds_cm, rtol=1e-13)
    if sds == "equal":
        assert_allclose(np.ptp(mixture.sds_cm), 0.0, rtol=0, atol=1e-12)


def test_the_maximum_of_one_group_is_mean_and_sd() -> None:
    x, weight = np.array([-1.0, 0.0, 2.0]), np.array([0.5, 0.25, 0.25])
    (end,) = maximise_rows(np.array([[-2.0, -1.0]]), rows_of(x, x, weight), np.eye(2))
    # Mean -1/2 + 2/4 = 0; variance 1/2 + 4/4.
    assert_allclose(Mixture.of(theta_at(end.u)).means_cm, [0.0], atol=1e-12)
    assert_allclose(Mixture.of(theta_at(end.u)).sds_cm, [np.sqrt(1.5)], rtol=1e-12)


def test_a_group_on_one_height_is_degenerate() -> None:
    # Three atoms for two groups: the likelihood grows without bound on one of them.
    x, weight = np.array([-1.0, -0.2, 1.4]), np.array([0.4, 0.3, 0.3])
    start = Mixture(np.array([0.7, 0.3]), np.array([-0.6, 1.4]), np.array([0.4, 0.08]))
    (end,) = maximise_rows(coordinates(start.theta)[None], rows_of(x, x, weight), np.eye(5))
    assert end.status == DEGENERATE


def test_two_groups_in_one_place_are_not_a_maximum() -> None:
    x = np.linspace(-12.0, 12.0, 241)
    one = rows_of(x, x, 0.1 * norm.pdf(x))
    start = Mixture(np.array([0.5, 0.5]), np.array([-0.2, 0.2]), np.array([1.0, 1.0]))
    free = free_coordinates(Model("none", sds="equal"), 2)
    assert maximise_rows(coordinates(start.theta)[None], one, free)[0].status != CONVERGED
