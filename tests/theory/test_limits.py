"""Limits: the truth without bias, printed numbers, and a search by other means under each bias."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, special, stats

from stature.domain.bias import (
    Bias,
    Contamination,
    NoBias,
    Rounding,
    Selection,
    Truncation,
    keep_probability,
    recorded_cm,
)
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling, free_coordinates
from stature.domain.population import DataFile, Group, Pool, Population
from stature.theory.bounds import BoundsSpec, derive
from stature.theory.distributions import recorded_distribution
from stature.theory.information import em_rate, limit_covariance
from stature.theory.limits import distinct, limit
from stature.theory.scores import observed_information, scores

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
THREE = Population(
    "three",
    (Group("a", 0.3, 150.0, 5.0), Group("b", 0.3, 168.0, 6.0), Group("c", 0.4, 185.0, 6.0)),
)
FREE, EQUAL = Model("none"), Model("none", sds="equal")
KNOWN_SHARES, KNOWN_SDS = Model("none", shares="known"), Model("none", sds="known")
MODELS = [FREE, EQUAL, KNOWN_SHARES, KNOWN_SDS, Model("none", shares="known", sds="known")]
BIASES: list[Bias] = [NoBias(), Selection(0.05), Truncation(below_cm=160.0), Rounding(5.0)]


def galton() -> tuple[Population, Pool]:
    path = Path(__file__).parents[2] / "data" / "galton_1886_children.csv"
    people = pd.read_csv(path)
    heights_cm = tuple(
        people.loc[people["sex"] == sex, "height_in"].to_numpy(dtype=np.float64) * 2.54
        for sex in ("female", "male")
    )
    groups = tuple(
        Group(sex, len(of_sex) / len(people), float(of_sex.mean()), float(of_sex.std()))
        for sex, of_sex in zip(("female", "male"), heights_cm, strict=True)
    )
    return Population("galton", groups, DataFile(str(path), "h", "in", "sex", "0")), Pool(
        heights_cm
    )


@pytest.mark.parametrize("population", [SCHOOL, THREE], ids=lambda population: population.name)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("bias", [NoBias(), Selection(0.0), Truncation(below_cm=1.0)], ids=str)
def test_without_bias_the_limit_is_the_truth(
    population: Population, sampling: Sampling, bias: Bias
) -> None:
    law = recorded_distribution(population, bias, sampling)
    for model in [FREE, KNOWN_SHARES, KNOWN_SDS, Model("all"), Model("all", sds="known")]:
        got = limit(model, law, population).mixture
        assert got is not None
        np.testing.assert_allclose(got.shares, population.shares, rtol=0, atol=1e-9)
        np.testing.assert_allclose(got.means_cm, population.means_cm, rtol=0, atol=1e-8)
        np.testing.assert_allclose(got.sds_cm, population.sds_cm, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("girls_sd_cm", "share", "means_cm", "sd_cm"),
    [
        (6.5, 0.552255, (163.622675, 176.749174), 6.728243),
        (6.0, 0.594239, (164.049302, 177.482573), 6.421792),
    ],
)
def test_equal_sds_go_to_the_printed_limit(
    girls_sd_cm: float, share: float, means_cm: tuple[float, float], sd_cm: float
) -> None:
    population = Population(
        "unequal", (Group("girls", 0.5, 163.0, girls_sd_cm), Group("boys", 0.5, 176.0, 7.0))
    )
    found = limit(EQUAL, recorded_distribution(population, NoBias(), "stratified"), population)
    assert found.mixture is not None
    assert len(found.maxima) == 1
    np.testing.assert_allclose(found.mixture.shares[0], share, rtol=0, atol=6e-7)
    np.testing.assert_allclose(found.mixture.means_cm, means_cm, rtol=0, atol=6e-7)
    np.testing.assert_allclose(found.mixture.sds_cm, sd_cm, rtol=0, atol=6e-7)


def test_equal_sds_have_the_printed_errors_around_their_limit() -> None:
    expected: tuple[tuple[Sampling, float], ...] = (("random", 1.24235), ("stratified", 1.14341))
    for sampling, share in expected:
        law = recorded_distribution(SCHOOL, NoBias(), sampling)
        mixture = limit(EQUAL, law, SCHOOL).mixture
        assert mixture is not None
        ses = np.sqrt(np.diag(limit_covariance(mixture, EQUAL, law, sampling)))
        np.testing.assert_allclose(ses[0], share, rtol=0, atol=6e-6)
        if sampling == "random":
            np.testing.assert_allclose(
                ses[[1, 4, 2]], [18.92202, 20.24118, 9.35504], rtol=0, atol=6e-6
            )


@pytest.mark.parametrize(
    ("model", "log_likelihood", "share", "means_cm", "sds_cm"),
    [
        (FREE, -3369.79063148, 0.539882994, (163.238869402, 176.921903212),
         (5.967576754, 6.047652725)),
        (EQUAL, -3369.79411090, 0.546065742, (163.315558498, 177.016016980),
         (6.002989433, 6.002989433)),
        (KNOWN_SHARES, -3370.00848170, 453 / 934, (162.606451322, 176.113107812),
         (5.721668836, 6.404740662)),
        (Model("none", "known", "equal"), -3371.91252525, 453 / 934,
         (162.804032364, 176.347968629), (6.058495213, 6.058495213)),
        (Model("none", "known", assumed_shares=(0.5, 0.5)), -3369.90816977, 0.5,
         (162.775194429, 176.335731931), (5.783886265, 6.304693768)),
        (Model("all"), None, 0.485010707, (162.824092715, 175.854602911),
         (5.976749834, 6.657786767)),
    ],
    ids=lambda value: value.slug if isinstance(value, Model) else "",
)  # fmt: skip
def test_galtons_children_as_a_population_give_their_own_fits(
    model: Model,
    log_likelihood: float | None,
    share: float,
    means_cm: tuple[float, float],
    sds_cm: tuple[float, float],
) -> None:
    # The limit for a file taken as the truth is the maximum of the file's own likelihood. Known
    # shares have a higher maximum with the shares swapped: it must not be taken.
    population, pool = galton()
    found = limit(
        model, recorded_distribution(population, NoBias(), "stratified", pool), population
    )
    assert found.mixture is not None
    np.testing.assert_allclose(found.mixture.shares[0], share, rtol=1e-7)
    np.testing.assert_allclose(found.mixture.means_cm, means_cm, rtol=1e-7)
    np.testing.assert_allclose(found.mixture.sds_cm, sds_cm, rtol=1e-7)
    if log_likelihood is not None:
        np.testing.assert_allclose(934 * found.log_likelihood, log_likelihood, rtol=1e-11)


def independent_law(bias: Bias) -> tuple[np.ndarray, np.ndarray]:
    """Heights and weights of a stratified school under a bias, from scipy's densities alone."""
    if isinstance(bias, Rounding):
        heights_cm = np.arange(80.0, 270.0, bias.step_cm)
        half = bias.step_cm / 2
        density = sum(
            g.share * (stats.norm.cdf(heights_cm + half, g.mean_cm, g.sd_cm)
                       - stats.norm.cdf(heights_cm - half, g.mean_cm, g.sd_cm))
            for g in SCHOOL.groups
        )  # fmt: skip
        return heights_cm, np.asarray(density)
    low = bias.below_cm if isinstance(bias, Truncation) and bias.below_cm else 100.0
    heights_cm = np.linspace(low, 240.0, 4001)
    slope = bias.log_odds_per_cm if isinstance(bias, Selection) else 0.0
    total = np.zeros_like(heights_cm)
    for g in SCHOOL.groups:
        biased = stats.norm.pdf(heights_cm, g.mean_cm, g.sd_cm)
        biased = biased * special.expit(slope * (heights_cm - SCHOOL.mean_cm))
        total += g.share * biased / integrate.simpson(biased, x=heights_cm)
    simpson = np.where(np.arange(len(heights_cm)) % 2 == 1, 4.0, 2.0)
    simpson[[0, -1]] = 1.0
    weights = total * simpson * (heights_cm[1] - heights_cm[0]) / 3
    return heights_cm, weights


@pytest.mark.parametrize("bias", BIASES, ids=str)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_another_search_on_another_law_finds_nothing_higher(model: Model, bias: Bias) -> None:
    heights_cm, weights = independent_law(bias)
    found = limit(model, recorded_distribution(SCHOOL, bias, "stratified"), SCHOOL)
    assert found.mixture is not None
    eta = 0.0 if model.shares == "known" else np.nan
    free = free_coordinates(model, 2)

    def full(own: np.ndarray) -> np.ndarray:
        # logit of the share, means from 170 in units of 10, log SDs from 6.75
        fixed = np.log([6.5 / 6.75, 7.0 / 6.75]) if model.sds == "known" else np.zeros(2)
        return free @ own + np.concatenate([[np.nan_to_num(eta), 0.0, 0.0], fixed])

    def loss(own: np.ndarray) -> float:
        u = full(own)
        pi, sds = special.expit(u[0]), 6.75 * np.exp(np.clip(u[3:], -3.0, 3.0))
        means = 170.0 + 10.0 * u[1:3]
        density = pi * stats.norm.pdf(heights_cm, means[0], sds[0])
        density = density + (1 - pi) * stats.norm.pdf(heights_cm, means[1], sds[1])
        return -float(weights @ np.log(density + 1e-300))

    generator = np.random.default_rng(7)
    best, best_value = None, np.inf
    for _ in range(6):
        start = generator.normal(0.0, 0.3, free.shape[1])
        mu = free.shape[1] - free[3:].any(axis=0).sum() - 2
        start[mu : mu + 2] += [-0.7, 0.7]
        end = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
        u = full(end.x)
        inside = np.abs(u[0]) < 8 and np.abs(u[3:]).max() < 2 and u[1] < u[2]
        if inside and end.fun < best_value:
            best, best_value = u, float(end.fun)
    assert best is not None
    # An optimiser of values finds the value to 1e-9 and the place to its square root.
    np.testing.assert_allclose(-found.log_likelihood, best_value, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.mixture.means_cm, 170.0 + 10.0 * best[1:3], rtol=0, atol=0.05)
    np.testing.assert_allclose(found.mixture.sds_cm, 6.75 * np.exp(best[3:]), rtol=0, atol=0.05)


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_a_large_biased_sample_lies_near_the_limit(bias: Bias) -> None:
    # One Newton step from the limit on a million people: within 4 sandwich SEs in each parameter.
    # The people are drawn at random and kept as the bias says.
    generator = np.random.default_rng(18)
    met = 2_500_000
    groups = (generator.random(met) >= SCHOOL.shares[0]).astype(np.int64)
    heights_cm = generator.normal(SCHOOL.means_cm[groups], SCHOOL.sds_cm[groups])
    chance = keep_probability(bias, heights_cm, "everybody", SCHOOL)
    kept = np.flatnonzero(generator.random(met) < chance)[:1_000_000]
    recorded = recorded_cm(bias, heights_cm[kept])
    law = recorded_distribution(SCHOOL, bias, "random")
    for model in MODELS:
        mixture = limit(model, law, SCHOOL).mixture
        assert mixture is not None
        free = free_coordinates(model, 2)
        mean_score = free.T @ np.mean(
            [scores(mixture, part).mean(axis=0) for part in np.split(recorded, 10)], axis=0
        )
        observed, _ = observed_information(mixture, law.nodes_cm, law.weights)
        score = scores(mixture, law.nodes_cm) @ free
        inverse = np.linalg.inv(free.T @ observed @ free)
        covariance = inverse @ (score.T @ (law.weights[:, None] * score)) @ inverse / len(recorded)
        assert len(recorded) == 1_000_000
        z = inverse @ mean_score / np.sqrt(np.diag(covariance))
        assert np.abs(z).max() < 4


def test_rounding_adds_a_twelfth_to_the_variances_of_free_groups() -> None:
    found = limit(FREE, recorded_distribution(SCHOOL, Rounding(1.0), "stratified"), SCHOOL).mixture
    assert found is not None
    # Sheppard's correction holds for each normal, not exactly for the limit of the mixture: what
    # is left is of the fourth order in the step over the SD.
    np.testing.assert_allclose(found.sds_cm**2 - SCHOOL.sds_cm**2, 1 / 12, rtol=0.01)
    np.testing.assert_allclose(found.means_cm, SCHOOL.means_cm, rtol=0, atol=1e-4)


def test_known_shares_stay_those_of_the_population_under_selection() -> None:
    law = recorded_distribution(SCHOOL, Selection(0.2), "random")
    assert law.shares[0] < 0.3
    found = limit(KNOWN_SHARES, law, SCHOOL).mixture
    assert found is not None
    np.testing.assert_allclose(found.shares, [0.5, 0.5], rtol=1e-13)
    labelled = limit(Model("all", shares="known"), law, SCHOOL).mixture
    assert labelled is not None
    np.testing.assert_array_equal(labelled.shares, [0.5, 0.5])


def test_two_groups_that_are_one_have_no_limit() -> None:
    same = Population("same", (Group("a", 0.5, 170.0, 6.0), Group("b", 0.5, 170.0, 6.0)))
    law = recorded_distribution(same, NoBias(), "random")
    for model in (FREE, EQUAL):
        found = limit(model, law, same)
        assert found.mixture is None
        assert found.outcome == "not-found"


def test_a_group_that_is_never_kept_leaves_no_limit() -> None:
    law = recorded_distribution(SCHOOL, Truncation(below_cm=900.0), "stratified")
    assert limit(FREE, law, SCHOOL).mixture is None
    labelled = limit(Model("all"), law, SCHOOL).mixture
    assert labelled is not None
    assert np.isnan(labelled.means_cm).all()


def test_em_of_a_wrong_model_shrinks_its_error_by_the_rate_at_its_limit() -> None:
    # EM of equal SDs on unequal groups, written out: after 150 steps only the slowest part is left.
    law = recorded_distribution(SCHOOL, NoBias(), "random")
    found = limit(EQUAL, law, SCHOOL).mixture
    assert found is not None
    x, w = law.nodes_cm, law.weights
    share, low, high, sd = 0.5, 163.0, 176.0, 6.75
    errors: list[float] = []
    for _ in range(150):
        one = share * np.exp(-(((x - low) / sd) ** 2) / 2)
        two = (1 - share) * np.exp(-(((x - high) / sd) ** 2) / 2)
        r = w * one / (one + two)
        rest = w - r
        share = r.sum()
        low, high = r @ x / share, rest @ x / (1 - share)
        sd = np.sqrt(r @ (x - low) ** 2 + rest @ (x - high) ** 2)
        errors.append(low - found.means_cm[0])
    np.testing.assert_allclose(errors[-1] / errors[-2], em_rate(found, EQUAL, law), rtol=1e-6)


@pytest.mark.parametrize(("share", "chance"), [(0.01, 0.01), (0.02, 0.3)])
def test_a_group_of_strangers_is_among_the_maxima(share: float, chance: float) -> None:
    # Whichever maximum is the highest, one group takes the strangers, who are rare and far apart.
    bias = Contamination(share, mean_cm=172.0, sd_cm=20.0)
    found = limit(Model("none"), recorded_distribution(SCHOOL, bias, "random"), SCHOOL)
    wide = [end for end in found.maxima if end.sds_cm.max() > 20.0]
    assert len(wide) == 1
    assert wide[0].shares[wide[0].sds_cm.argmax()] < share
    table = derive(BoundsSpec(SCHOOL, bias, "random", (10_000,), (Model("none"),)))
    assert table.rival_chance[0] > chance


def test_a_maximum_is_one_in_whatever_order_its_groups_are_unless_they_have_names() -> None:
    one = Mixture(np.array([0.4, 0.6]), np.array([168.0, 168.0]), np.array([6.0, 9.0]))
    other = Mixture(one.shares[::-1], one.means_cm, one.sds_cm[::-1])
    near = Mixture(one.shares, one.means_cm + 1e-6, one.sds_cm)
    apart = Mixture(one.shares, one.means_cm + 0.1, one.sds_cm)
    assert distinct([one, other, near, apart], named=False) == (one, apart)
    assert distinct([one, other, near, apart], named=True) == (one, other, apart)
