"""Information and covariances: printed numbers of the project, quadrature, and closed forms."""

import numpy as np
import pytest

from stature.domain.bias import NoBias, Selection
from stature.domain.mixture import Mixture
from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.theory.distributions import recorded_distribution
from stature.theory.information import (
    bound_covariance,
    em_rate,
    fisher_information,
    limit_covariance,
)

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
TRUTH = Mixture(SCHOOL.shares, SCHOOL.means_cm, SCHOOL.sds_cm)
FREE, EQUAL = Model("none"), Model("none", sds="equal")
KNOWN_SHARES, KNOWN_SDS = Model("none", shares="known"), Model("none", sds="known")
KNOWN_BOTH = Model("none", shares="known", sds="known")
# Rows of a fit of two groups: share, mean, SD; share, mean, SD; gap.
SHARE, MEANS, SDS = 0, [1, 4], [2, 5]
# The printed numbers have five decimals and were computed by other code.
PRINTED = 6e-6


def root_n_se(covariance: np.ndarray) -> np.ndarray:
    return np.sqrt(np.diag(covariance))


def apart(gap: float) -> tuple[Population, Mixture]:
    """Two normals of SD 1 with equal shares, a gap apart."""
    population = Population("two", (Group("a", 0.5, 0.0, 1.0), Group("b", 0.5, gap, 1.0)))
    return population, Mixture(population.shares, population.means_cm, population.sds_cm)


def test_201_nodes_are_enough_at_the_height_problem() -> None:
    fine = fisher_information(TRUTH, 2001)
    np.testing.assert_allclose(fisher_information(TRUTH, 201), fine, rtol=0, atol=1e-11)
    np.testing.assert_allclose(fisher_information(TRUTH), fine, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sds_cm", [(6.5, 1.5), (1.5, 6.5), (7.0, 7.0)])
def test_the_step_follows_the_smallest_sd(sds_cm: tuple[float, float]) -> None:
    mixture = Mixture(np.array([0.3, 0.7]), np.array([163.0, 176.0]), np.array(sds_cm))
    np.testing.assert_allclose(
        fisher_information(mixture), fisher_information(mixture, 8001), rtol=1e-11, atol=1e-12
    )


@pytest.mark.parametrize(
    ("model", "share", "means", "sds"),
    [
        (FREE, 5.34380, (63.92766, 76.75335), (23.70927, 28.95674)),
        (KNOWN_SDS, 1.25858, (17.29411, 19.31640), (0.0, 0.0)),
        (KNOWN_SHARES, 0.0, (13.81766, 14.83596), (10.60296, 11.55260)),
        (KNOWN_BOTH, 0.0, (11.56947, 12.52625), (0.0, 0.0)),
    ],
    ids=lambda value: value.slug if isinstance(value, Model) else "",
)
def test_bounds_of_random_samples_are_the_printed_ones(
    model: Model, share: float, means: tuple[float, float], sds: tuple[float, float]
) -> None:
    se = root_n_se(bound_covariance(TRUTH, model, "random"))
    np.testing.assert_allclose(se[SHARE], share, rtol=0, atol=PRINTED)
    np.testing.assert_allclose(se[MEANS], means, rtol=0, atol=PRINTED)
    np.testing.assert_allclose(se[SDS], sds, rtol=0, atol=PRINTED)


@pytest.mark.parametrize(
    ("model", "share", "means", "sds"),
    [
        (FREE, 5.32035, (63.92766, 76.75335), (23.70927, 28.95674)),
        (KNOWN_SDS, 1.15500, (17.29411, 19.31640), (0.0, 0.0)),
        (KNOWN_SHARES, 0.0, (12.52282, 13.05597), (10.41565, 11.28230)),
        (KNOWN_BOTH, 0.0, (10.38146, 11.08073), (0.0, 0.0)),
    ],
    ids=lambda value: value.slug if isinstance(value, Model) else "",
)
def test_errors_of_stratified_samples_are_the_printed_ones(
    model: Model, share: float, means: tuple[float, float], sds: tuple[float, float]
) -> None:
    law = recorded_distribution(SCHOOL, NoBias(), "stratified")
    se = root_n_se(limit_covariance(TRUTH, model, law, "stratified"))
    np.testing.assert_allclose(se[SHARE], share, rtol=0, atol=PRINTED)
    np.testing.assert_allclose(se[MEANS], means, rtol=0, atol=PRINTED)
    np.testing.assert_allclose(se[SDS], sds, rtol=0, atol=PRINTED)


def test_random_samples_reach_the_bound_at_the_truth() -> None:
    law = recorded_distribution(SCHOOL, NoBias(), "random")
    for model in (FREE, KNOWN_SDS, KNOWN_SHARES, KNOWN_BOTH):
        np.testing.assert_allclose(
            limit_covariance(TRUTH, model, law, "random"),
            bound_covariance(TRUTH, model, "random"),
            rtol=1e-8,
            atol=1e-8,
        )


def test_stratified_samples_reach_the_bound_only_if_shares_are_free() -> None:
    law = recorded_distribution(SCHOOL, NoBias(), "stratified")
    for model in (FREE, KNOWN_SDS):
        np.testing.assert_allclose(
            limit_covariance(TRUTH, model, law, "stratified"),
            bound_covariance(TRUTH, model, "stratified"),
            rtol=1e-8,
            atol=1e-8,
        )
    for model in (KNOWN_SHARES, KNOWN_BOTH):
        bound = root_n_se(bound_covariance(TRUTH, model, "stratified"))
        reached = root_n_se(limit_covariance(TRUTH, model, law, "stratified"))
        at_random = root_n_se(bound_covariance(TRUTH, model, "random"))
        assert np.all(bound[MEANS] < reached[MEANS] * (1 - 1e-4))
        assert np.all(reached[MEANS] < at_random[MEANS] * (1 - 1e-2))


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.2, 0.8)])
def test_fixed_counts_take_only_the_shares_own_variance(shares: tuple[float, float]) -> None:
    mixture = Mixture(np.array(shares), TRUTH.means_cm, TRUTH.sds_cm)
    drop = bound_covariance(mixture, FREE, "random") - bound_covariance(mixture, FREE, "stratified")
    expected = np.zeros((7, 7))
    of_shares = shares[0] * shares[1]
    expected[np.ix_([0, 3], [0, 3])] = of_shares * np.array([[1, -1], [-1, 1]])
    np.testing.assert_allclose(drop, expected, rtol=0, atol=1e-7)


def test_three_groups_lose_the_multinomial_covariance() -> None:
    shares = np.array([0.2, 0.5, 0.3])
    mixture = Mixture(shares, np.array([140.0, 163.0, 180.0]), np.array([5.0, 6.5, 7.0]))
    drop = bound_covariance(mixture, FREE, "random") - bound_covariance(mixture, FREE, "stratified")
    rows = [0, 3, 6]
    np.testing.assert_allclose(
        drop[np.ix_(rows, rows)], np.diag(shares) - np.outer(shares, shares), rtol=0, atol=1e-7
    )
    np.testing.assert_allclose(np.delete(np.diag(drop), rows), 0.0, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("gap", "share", "stratified", "mean", "sd", "rate"),
    [
        (2.0, 1.16836, 1.05597, 2.78913, 1.34870, 0.899199),
        (3.0, 0.62239, 0.37063, 1.84201, 0.92332, 0.641038),
        (4.0, 0.52545, 0.16156, 1.56350, 0.77948, 0.342987),
    ],
)
def test_equal_sds_give_the_printed_errors_and_rates(
    gap: float, share: float, stratified: float, mean: float, sd: float, rate: float
) -> None:
    population, truth = apart(gap)
    se = root_n_se(bound_covariance(truth, EQUAL, "random"))
    np.testing.assert_allclose(se[:6], [share, mean, sd] * 2, rtol=0, atol=PRINTED)
    fixed = root_n_se(bound_covariance(truth, EQUAL, "stratified"))
    np.testing.assert_allclose(fixed[:6], [stratified, mean, sd] * 2, rtol=0, atol=PRINTED)
    law = recorded_distribution(population, NoBias(), "random")
    np.testing.assert_allclose(em_rate(truth, EQUAL, law), rate, rtol=0, atol=6e-7)


@pytest.mark.parametrize(
    ("gap", "share", "mean", "sd", "rate"),
    [
        (2.0, 4.67746, 9.47806, 3.68707, 0.994908),
        (3.0, 0.98302, 2.93320, 1.89234, 0.932147),
        (4.0, 0.55860, 1.73767, 1.34424, 0.724909),
    ],
)
def test_free_sds_give_the_printed_errors_and_rates(
    gap: float, share: float, mean: float, sd: float, rate: float
) -> None:
    population, truth = apart(gap)
    se = root_n_se(bound_covariance(truth, FREE, "random"))
    np.testing.assert_allclose(se[:6], [share, mean, sd] * 2, rtol=0, atol=PRINTED)
    law = recorded_distribution(population, NoBias(), "random")
    np.testing.assert_allclose(em_rate(truth, FREE, law), rate, rtol=0, atol=6e-7)


@pytest.mark.parametrize(("gap", "efficiency"), [(2.0, 0.1008), (3.0, 0.3590), (4.0, 0.6570)])
def test_the_cut_between_two_groups_loses_the_printed_efficiency(
    gap: float, efficiency: float
) -> None:
    # The cut is (mu1 + mu2)/2 + v log(pi1/pi2)/(mu2 - mu1): at equal shares its slope is 4 v/gap
    # in the share and 1/2 in each mean. With labels: (4/gap)^2 / 4 + (2 + 2)/4.
    _, truth = apart(gap)
    slope = np.zeros(7)
    slope[[0, 1, 4]] = 4 / gap, 0.5, 0.5
    hidden = slope @ bound_covariance(truth, EQUAL, "random") @ slope
    labelled = 4 / gap**2 + 1
    np.testing.assert_allclose(labelled / hidden, efficiency, rtol=0, atol=6e-5)


@pytest.mark.parametrize(
    ("model", "rate", "steps_per_digit"),
    [
        (FREE, 0.995908, 561.6),
        (KNOWN_SDS, 0.911330, 24.8),
        (KNOWN_SHARES, 0.818488, 11.5),
        (KNOWN_BOTH, 0.438188, 2.8),
    ],
    ids=lambda value: value.slug if isinstance(value, Model) else "",
)
def test_rates_of_em_are_the_printed_ones(
    model: Model, rate: float, steps_per_digit: float
) -> None:
    got = em_rate(TRUTH, model, recorded_distribution(SCHOOL, NoBias(), "stratified"))
    np.testing.assert_allclose(got, rate, rtol=0, atol=6e-7)
    np.testing.assert_allclose(np.log(10) / -np.log(got), steps_per_digit, rtol=0, atol=0.06)


def test_rates_are_those_of_em_steps_at_the_truth() -> None:
    # One EM step of the free model on the law, written out; its slope by central differences.
    law = recorded_distribution(SCHOOL, Selection(0.0), "random")
    x, w = law.nodes_cm - 170.0, law.weights

    def step(theta: np.ndarray) -> np.ndarray:
        pi, m1, m2, s1, s2 = theta
        one = pi * np.exp(-(((x - m1) / s1) ** 2) / 2) / s1
        two = (1 - pi) * np.exp(-(((x - m2) / s2) ** 2) / 2) / s2
        r = one / (one + two)
        n1, n2 = w @ r, w @ (1 - r)
        m1, m2 = (w * r) @ x / n1, (w * (1 - r)) @ x / n2
        s1 = np.sqrt((w * r) @ (x - m1) ** 2 / n1)
        s2 = np.sqrt((w * (1 - r)) @ (x - m2) ** 2 / n2)
        return np.array([n1, m1, m2, s1, s2])

    truth = np.array([0.5, -7.0, 6.0, 6.5, 7.0])
    h = 1e-4
    slope = np.column_stack(
        [(step(truth + h * e) - step(truth - h * e)) / (2 * h) for e in np.eye(5)]
    )
    largest = np.abs(np.linalg.eigvals(slope)).max()
    np.testing.assert_allclose(em_rate(TRUTH, FREE, law), largest, rtol=1e-6)


def test_known_labels_of_a_single_group_leave_nothing_to_em() -> None:
    one = Population("one", (Group("all", 1.0, 170.0, 6.0),))
    truth = Mixture(one.shares, one.means_cm, one.sds_cm)
    law = recorded_distribution(one, NoBias(), "stratified")
    assert abs(em_rate(truth, FREE, law)) < 1e-12
    covariance = bound_covariance(truth, FREE, "stratified")
    np.testing.assert_allclose(covariance, np.diag([0.0, 36.0, 18.0]), rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        limit_covariance(truth, FREE, law, "stratified"),
        np.diag([0.0, 36.0, 18.0]),
        rtol=0,
        atol=1e-9,
    )
