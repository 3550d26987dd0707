from copy import deepcopy
from dataclasses import replace
from itertools import permutations
from math import erfc, sqrt
from typing import Any, get_args

import numpy as np
import pytest

from stature.arrays import Floats
from stature.config import specs
from stature.config.study import Study, check
from stature.design.samples import DrawSpec, draw
from stature.design.streams import decode
from stature.domain.bias import NoBias
from stature.domain.model import Model, parameter_rows
from stature.domain.population import Group, Match, Population
from stature.estimators.estimator import Fits, IntervalStatus
from stature.measures.cells import TheoryCells
from stature.measures.matching import components, exchanges, matched, matched_theory, of_values
from stature.measures.measure import Measure
from stature.theory.bounds import bound_covariance
from tests.report.conftest import ROOT, run

WAYS: tuple[Match, ...] = get_args(Match)
NONE = Model("none")
NARROW, WIDE = (
    {"name": "narrow", "share": 0.5, "mean_cm": 170.0, "sd_cm": 2.0},
    {"name": "wide", "share": 0.5, "mean_cm": 170.0, "sd_cm": 9.0},
)
CONFIG: dict[str, Any] = {
    "study": "same",
    "seed": 20261122,
    "replicates": 40,
    "block": 40,
    "sizes": [500],
    "traced": 0,
    "populations": [{"name": "p", "groups": [NARROW, WIDE], "match": "sd"}],
    "biases": [{"name": "none", "kind": "none"}],
    "estimators": [
        {"name": "mle", "labels": "all", "method": "closed-form"},
        {"name": "em", "labels": "none", "method": "em"},
    ],
}


def with_population(**changes: Any) -> dict[str, Any]:
    config = deepcopy(CONFIG)
    config["populations"][0] |= changes
    return config


def numpy_em(heights: Floats, steps: int = 300) -> Floats:
    """Two groups from the truth in each row: shares, means and SDs in the order of the start."""
    x = heights[:, :, None]
    share, mean, sd = (np.array([[one]]) for one in ([0.5, 0.5], [170.0, 170.0], [2.0, 9.0]))
    for _ in range(steps):
        density = share / sd * np.exp(-0.5 * ((x - mean) / sd) ** 2)
        member = density / density.sum(axis=2, keepdims=True)
        people = member.sum(axis=1, keepdims=True)
        share, mean = people / x.shape[1], (member * x).sum(axis=1, keepdims=True) / people
        sd = np.sqrt((member * (x - mean) ** 2).sum(axis=1, keepdims=True) / people)
    return np.concatenate([share, mean, sd], axis=1).transpose(0, 2, 1)


@pytest.fixture(scope="module")
def maxima() -> Floats:
    """What our own few lines make of the same 40 samples, shape (40, 2, 3)."""
    study = check(CONFIG, [], ROOT)
    samples = draw(decode(DrawSpec, specs.draw_spec(study, "p.none", study.blocks[0].name)), None)
    return numpy_em(samples.heights_cm[:, :500])


def biases_of(measures: tuple[Measure, ...], parameter: str) -> list[float | None]:
    return [
        row.value
        for row in measures
        if (row.estimator, row.measure, row.parameter) == ("em", "bias", parameter)
    ]


def test_groups_of_one_mean_are_matched_by_their_sds(maxima: Floats):
    by_sd = np.array([np.sort(one[:, 2]) for one in maxima]).mean(axis=0)
    assert by_sd[0] == pytest.approx(2.0, abs=0.1)
    assert biases_of(run(CONFIG).measures, "sd_cm") == pytest.approx(by_sd - [2.0, 9.0], abs=1e-5)


def test_in_the_order_of_means_their_sds_are_those_of_both(maxima: Floats):
    by_mean = np.array([one[np.argsort(one[:, 1]), 2] for one in maxima]).mean(axis=0)
    assert by_mean[0] > 4.0
    found = run(with_population(match="mean")).measures
    assert biases_of(found, "sd_cm") == pytest.approx(by_mean - [2.0, 9.0], abs=1e-5)


@pytest.mark.parametrize("way", WAYS)
def test_the_order_in_which_groups_are_written_changes_nothing(way: Match):
    # Equal means are told apart by their names; these are not equal.
    groups = [NARROW | {"mean_cm": 169.0}, WIDE, NARROW | {"name": "tall", "mean_cm": 185.0}]
    groups = [one | {"share": share} for one, share in zip(groups, (0.3, 0.5, 0.2), strict=True)]
    few = {"replicates": 3, "block": 3, "sizes": [200]}
    one, other = (
        run(with_population(groups=written, match=way) | few).measures
        for written in (groups, groups[::-1])
    )
    assert one == other
    assert len(biases_of(one, "mean_cm")) == 3


def truth(**changes: Any) -> Population:
    groups = (("a", 0.2, 160.0, 4.0), ("b", 0.5, 165.0, 9.0), ("c", 0.3, 171.0, 6.0))
    return replace(Population("p", tuple(Group(*one) for one in groups)), **changes)


def estimates_of(groups: Floats) -> Floats:
    """Shares, means and SDs in the order of the means, with the gaps, as fits have them."""
    ordered = np.take_along_axis(groups, np.argsort(groups[..., 1])[..., None], axis=-2)
    flat = ordered.reshape(*ordered.shape[:-2], -1)
    return np.concatenate([flat, np.diff(ordered[..., 1])], axis=-1)


def random_estimates(count: int) -> Floats:
    rng = np.random.default_rng(5)
    shares = rng.dirichlet([3.0, 3.0, 3.0], count)
    means, sds = 165.0 + 6.0 * rng.standard_normal((count, 3)), 6.0 * rng.lognormal(size=(count, 3))
    return estimates_of(np.stack([shares, means, sds], axis=-1))


def distance(found: Floats, population: Population) -> float:
    total = 0.0
    for (p, m, s), group in zip(found.tolist(), population.groups, strict=True):
        total += (p - group.share) ** 2 / group.share
        total += group.share * ((m - group.mean_cm) / group.sd_cm) ** 2
        total += 2.0 * group.share * np.log(s / group.sd_cm) ** 2
    return total


def test_the_nearest_assignment_is_the_best_of_all():
    population, rows = truth(match="nearest"), random_estimates(200)
    found = components(rows, population, NONE).tolist()
    best = [
        min(map(list, permutations(range(3))), key=lambda one: distance(groups[one], population))
        for groups in rows[:, :9].reshape(-1, 3, 3)
    ]
    assert found == best
    assert len(set(map(tuple, found))) > 3


@pytest.mark.parametrize(("way", "column"), [("share", 0), ("mean", 1), ("sd", 2)])
def test_matched_components_stand_in_the_order_of_the_truth(way: Match, column: int):
    population, rows = truth(match=way), random_estimates(50)
    order = components(rows, population, NONE)
    found = np.take_along_axis(rows[:, :9].reshape(-1, 3, 3), order[..., None], axis=1)[..., column]
    true = np.array([[one.share, one.mean_cm, one.sd_cm] for one in population.groups])[:, column]
    assert (np.argsort(found, axis=1) == np.argsort(true)).all()


def fits_of(estimate: Floats, names: tuple[str, ...]) -> Fits:
    """Fits whose standard error of row q is q + 1, and whose intervals are ± that."""
    count, width = estimate.shape
    error = np.broadcast_to(np.arange(1.0, width + 1.0), (count, 1, width)).copy()
    whole, none = np.zeros((count, 1), np.int8), np.zeros((count, 1))
    wide = estimate[:, None]
    return Fits(
        np.arange(count, dtype=np.int32), np.array([100], np.int32), names,
        wide, error, 2.0 * error, wide - error, wide + 2.0 * error,
        np.zeros((count, 1, width), np.int8), whole, whole, none, none,
        whole.astype(np.int32), whole.astype(np.int32), whole.astype(np.int16),
        whole.astype(np.int16), whole > 0, whole > 0, whole.astype(np.int32),
    )  # fmt: skip


def test_everything_that_a_fit_says_of_a_group_moves_with_it():
    # By SD the components stand as c, a, b: the gap of b and c is that of the last and the first,
    # which no fit has an error of; that of a and b is the second gap, in its own direction.
    groups = np.array([[[0.3, 160.0, 6.0], [0.2, 165.0, 4.0], [0.5, 171.0, 9.0]]])
    before = fits_of(estimates_of(groups), ("a", "b", "c"))
    after = matched(before, truth(match="sd"), NONE)
    rows = parameter_rows(("a", "b", "c"))
    said = dict(zip(rows, after.estimate[0, 0].tolist(), strict=True))
    assert [said[name, "share"] for name in "abc"] == [0.2, 0.5, 0.3]
    assert [said[name, "gap_cm"] for name in "ab"] == [6.0, -11.0]
    errors = after.std_error[0, 0].tolist()
    assert errors[:9] == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1.0, 2.0, 3.0]
    assert errors[9] == 11.0
    assert np.isnan(errors[10])
    assert after.interval_status[0, 0, 10] == IntervalStatus.NONE
    assert np.isnan([after.lower[0, 0, 10], after.robust_std_error[0, 0, 10]]).all()


def test_a_gap_that_is_turned_round_has_its_interval_turned_round():
    population = Population("p", (Group("a", 0.5, 160.0, 9.0), Group("b", 0.5, 170.0, 4.0)))
    rows = estimates_of(np.array([[[0.5, 160.0, 4.0], [0.5, 170.0, 9.0]]]))
    fits = fits_of(rows, ("a", "b"))
    after = matched(fits, replace(population, match="sd"), NONE)
    assert [one[0, 0, 6] for one in (after.lower, after.estimate, after.upper)] == [-24, -10, -3]
    assert fits.lower[0, 0, 6] == 3.0


def test_limits_are_matched_as_fits_are_and_bounds_stay():
    row = estimates_of(np.array([[[0.3, 160.0, 6.0], [0.2, 165.0, 4.0], [0.5, 171.0, 9.0]]]))
    rate, errors = np.zeros(1), np.arange(11.0)[None]
    theory = TheoryCells(row, errors, errors, row, rate, rate)
    found = matched_theory(theory, truth(match="sd"), NONE)
    order = components(row, truth(match="sd"), NONE)
    assert found.limit.tolist() == of_values(row, order).tolist()
    assert found.bound.tolist() == errors.tolist()
    assert found.limit_se[0, :3].tolist() == [3.0, 4.0, 5.0]


@pytest.mark.parametrize(
    "model",
    [Model("all"), Model("some", labelled_share=0.2), Model("none", shares="known")],
    ids=lambda model: model.slug,
)
def test_who_is_known_is_not_matched(model: Model):
    rows = estimates_of(np.array([[[0.2, 160.0, 6.0], [0.5, 165.0, 4.0], [0.3, 171.0, 9.0]]]))
    fits = fits_of(rows, ("a", "b", "c"))
    kept = matched(fits, truth(match="sd"), model)
    assert np.array_equal(kept.estimate, fits.estimate)
    assert not np.array_equal(matched(fits, truth(match="sd"), NONE).estimate, fits.estimate)


def test_fits_without_numbers_stay_as_they_are():
    rows = np.full((1, 11), np.nan)
    for way in WAYS:
        assert np.isnan(
            matched(fits_of(rows, ("a", "b", "c")), truth(match=way), NONE).estimate
        ).all()


def normal(z: float) -> float:
    return 0.5 * erfc(-z / sqrt(2.0))


def test_the_chance_of_an_exchange_is_that_of_the_bound():
    population = Population("p", (Group("a", 0.4, 168.0, 4.0), Group("b", 0.6, 172.0, 8.0)))
    covariance = bound_covariance(population, NoBias(), NONE, "random")
    assert covariance is not None
    found = exchanges(population, [NONE], "random", [60])
    means = covariance[1, 1] + covariance[4, 4] - 2.0 * covariance[1, 4]
    logs = covariance[2, 2] / 16.0 + covariance[5, 5] / 64.0 - covariance[2, 5] / 16.0
    shares = covariance[0, 0] + covariance[3, 3] - 2.0 * covariance[0, 3]
    expected: dict[Match, tuple[float, float]] = {
        "mean": (4.0, means),
        "sd": (np.log(2.0), logs),
        "share": (0.2, shares),
    }
    for way, (away, variance) in expected.items():
        assert found[way][0].chance == pytest.approx(normal(-away / sqrt(variance / 60)), rel=1e-9)


def test_the_chance_of_the_nearest_assignment_is_that_of_normal_estimates():
    population = truth()
    size, draws = 400, 4000
    covariance = bound_covariance(population, NoBias(), NONE, "random")
    assert covariance is not None
    rng = np.random.default_rng(3)
    groups = np.array([[one.share, one.mean_cm, np.log(one.sd_cm)] for one in population.groups])
    unit = np.tile([1.0, 1.0, 0.0], 3) + np.ravel(
        [[0.0, 0.0, 1 / one.sd_cm] for one in population.groups]
    )
    spread = covariance[:9, :9] * np.outer(unit, unit) / size
    drawn = rng.multivariate_normal(groups.ravel(), spread, draws, method="eigh").reshape(-1, 3, 3)
    drawn[..., 2] = np.exp(drawn[..., 2])
    exchanged = [
        np.mean([distance(one[order], population) < distance(one, population) for one in drawn])
        for order in ([1, 0, 2], [0, 2, 1], [2, 1, 0])
    ]
    (found,) = exchanges(population, [NONE], "random", [size])["nearest"]
    assert (found.lower, found.upper) == ("b", "c")
    # Four standard errors of the share, 0.026; that of a and b is 0.1.
    assert found.chance == pytest.approx(max(exchanged), abs=4.0 * sqrt(0.2 * 0.8 / draws))


def test_the_chance_of_an_exchange_is_that_of_the_first_two_moments_of_a_quadratic_form():
    population, size = truth(), 400
    covariance = bound_covariance(population, NoBias(), NONE, "random")
    assert covariance is not None
    unit = np.ravel([[1.0, 1.0, 1.0 / one.sd_cm] for one in population.groups])
    spread = covariance[:9, :9] * np.outer(unit, unit) / size
    true = np.array([[one.share, one.mean_cm, np.log(one.sd_cm)] for one in population.groups])

    def exchanged(x: Floats, order: list[int]) -> float:
        """By how much an order of the components is farther from the truth than their own."""
        groups = x.reshape(3, 3).copy()
        groups[:, 2] = np.exp(groups[:, 2])
        return distance(groups[order], population) - distance(groups, population)

    def chance(order: list[int]) -> float:
        """Of less than nothing, for a normal with the mean and the variance of the form."""
        at, steps = true.ravel(), np.eye(9)
        value = exchanged(at, order)
        up, down = (
            np.array([exchanged(at + sign * step, order) for step in steps]) for sign in (1, -1)
        )
        slope = (up - down) / 2.0
        bend = np.array(
            [
                [exchanged(at + one + other, order) for other in steps] - up[i] - up + value
                for i, one in enumerate(steps)
            ]
        )
        mean = value + np.trace(bend @ spread) / 2.0
        variance = slope @ spread @ slope + np.trace(bend @ spread @ bend @ spread) / 2.0
        return normal(-mean / sqrt(variance))

    (found,) = exchanges(population, [NONE], "random", [size])["nearest"]
    expected = max(map(chance, ([1, 0, 2], [0, 2, 1], [2, 1, 0])))
    assert found.chance == pytest.approx(expected, rel=1e-6)


def test_nothing_is_exchanged_where_there_is_one_group_or_where_all_are_known():
    alone = Population("p", (Group("a", 1.0, 168.0, 4.0),))
    assert exchanges(alone, [NONE], "random", [60]) == {}
    assert exchanges(truth(), [Model("none", shares="known")], "random", [60]) == {}
    assert exchanges(truth(), [], "random", [60]) == {}


def specs_of(study: Study) -> list[str]:
    block = study.blocks[0].name
    return [
        specs.draw_spec(study, "p.none", block),
        specs.fit_spec(study, "p.none", "em", block),
        specs.bounds_spec(study, "p.none"),
        specs.measure_spec(study, "p.none"),
        specs.gather_spec(study),
    ]


def test_another_match_measures_again_and_fits_nothing_again():
    by_mean, by_sd = (specs_of(check(with_population(match=way), [], ROOT)) for way in WAYS[:2])
    assert [one == other for one, other in zip(by_mean, by_sd, strict=True)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert "match" not in "".join(by_mean)
