"""Limits of models that know how heights were seen: the truth, closed forms, and large samples."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from stature.arrays import Floats
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import (
    Bias,
    Coding,
    Contamination,
    Heaping,
    NoBias,
    Rounding,
    Selection,
    SelfReport,
    Sequence,
    SizeBias,
    Tilt,
    Truncation,
)
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling
from stature.domain.observation import (
    Grid,
    MiddleSelected,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.population import Group, Population
from stature.estimators.estimator import Estimator, Status
from stature.estimators.fit import spec_of_one
from stature.estimators.general.solve import people_of, solve
from stature.estimators.plain.starts import starts
from stature.theory.distributions import recorded_distribution
from stature.theory.equations import covariance_times_size
from stature.theory.infinite import infinite_sample
from stature.theory.limits import limit
from stature.theory.seen_limits import (
    SeenLimit,
    at_limit,
    equations_of,
    seen_em_rate,
    seen_limit,
)

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
THREE = Population(
    "three",
    (Group("a", 0.3, 150.0, 5.0), Group("b", 0.3, 168.0, 6.0), Group("c", 0.4, 185.0, 6.0)),
)
CUT = Truncated(160.0)
CENTRE_CM = SCHOOL.mean_cm
TWO = starts(np.random.default_rng(3).random((1, 6, 6)), None, 2)[0]


def found(
    model: Model, bias: Bias, sampling: Sampling = "random", population: Population = SCHOOL
) -> SeenLimit:
    sample = infinite_sample(population, bias, model, sampling)
    assert sample is not None
    law = recorded_distribution(population, bias, sampling)
    return seen_limit(model, sample, law, population, sampling)


def found_mixture(
    model: Model, bias: Bias, sampling: Sampling = "random", population: Population = SCHOOL
) -> Mixture:
    mixture = found(model, bias, sampling, population).mixture
    assert mixture is not None
    return mixture


def covariance_of(at: SeenLimit) -> Floats:
    return covariance_times_size(equations_of(at))


def assert_same(got: Mixture, expected: Mixture, digits: float = 1e-7) -> None:
    np.testing.assert_allclose(got.shares, expected.shares, rtol=0, atol=digits)
    np.testing.assert_allclose(got.means_cm, expected.means_cm, rtol=0, atol=20 * digits)
    np.testing.assert_allclose(got.sds_cm, expected.sds_cm, rtol=0, atol=20 * digits)


def truth(population: Population) -> Mixture:
    return Mixture(population.shares, population.means_cm, population.sds_cm)


# What was done to the people, and the observation that says so.
RIGHT: list[tuple[Bias, Observation]] = [
    (NoBias(), Truncated(155.0, 190.0)),
    (Truncation(160.0), CUT),
    (Truncation(155.0, 190.0), Truncated(157.0, 185.0)),
    (Rounding(5.0), Rounded(5.0)),
    (Selection(0.05), Selected(0.05, CENTRE_CM)),
    (Selection(0.05), Weighted(0.05, CENTRE_CM)),
    (NoBias(), Selected(0.0, CENTRE_CM)),
    (NoBias(), Weighted(0.0, CENTRE_CM)),
    (NoBias(), MiddleSelected(170.0, 1e6)),
    (NoBias(), Tilted(0.0)),
]


@pytest.mark.parametrize(("bias", "observation"), RIGHT, ids=str)
def test_a_model_that_is_right_goes_to_the_truth(bias: Bias, observation: Observation):
    for model in (
        Model("none", observation=observation),
        Model("none", shares="known", observation=observation),
        Model("all", sds="known", observation=observation),
        Model("some", observation=observation, labelled_share=0.2),
    ):
        assert_same(found_mixture(model, bias), truth(SCHOOL))


@pytest.mark.parametrize("sampling", ["random", "stratified"])
def test_labels_of_a_few_and_three_groups_go_to_the_truth(sampling: Sampling):
    model = Model("some", labelled_share=0.1)
    assert_same(found_mixture(model, NoBias(), sampling, THREE), truth(THREE))
    rounded = replace(model, observation=Rounded(2.54))
    assert_same(found_mixture(rounded, Rounding(2.54), sampling, THREE), truth(THREE))


def test_no_label_and_all_labels_are_the_plain_limits():
    for bias in (Selection(0.05), Coding(below_cm=155.0), SelfReport(1.0, 2.0)):
        law = recorded_distribution(SCHOOL, bias, "random")
        for labels in ("none", "all"):
            plain = limit(Model(labels), law, SCHOOL).mixture
            assert plain is not None
            assert_same(found_mixture(Model(labels), bias), plain, 1e-8)


def test_tilt_and_bell_curve_give_the_naive_limit_mapped_back():
    # A normal that is tilted or selected by a bell curve is normal: mathematics of section 10.
    law = recorded_distribution(SCHOOL, NoBias(), "random")
    naive = limit(Model("none"), law, SCHOOL).mixture
    assert naive is not None
    v = naive.sds_cm**2
    slope = 0.03
    tilted = naive.means_cm - slope * v
    odds = naive.shares / np.exp(slope * tilted + slope**2 * v / 2 - 5.0)
    expected = Mixture(odds / odds.sum(), tilted, naive.sds_cm)
    assert_same(found_mixture(Model("none", observation=Tilted(slope)), NoBias()), expected)
    middle, width = 170.0, 15.0
    before = 1.0 / (1.0 / v - 1.0 / width**2)
    means = before * (naive.means_cm / v - middle / width**2)
    total = width**2 + before
    odds = naive.shares / (np.sqrt(1.0 / total) * np.exp(-((means - middle) ** 2) / (2 * total)))
    expected = Mixture(odds / odds.sum(), means, np.sqrt(before))
    model = Model("none", observation=MiddleSelected(middle, width))
    assert_same(found_mixture(model, NoBias()), expected)


def test_the_cap_of_a_tilt_and_of_size_bias_moves_a_limit_by_a_thousandth():
    pairs: list[tuple[Bias, Observation]] = [
        (Tilt(0.03), Tilted(0.03)), (SizeBias(), SizeBiased()),
    ]  # fmt: skip
    for bias, observation in pairs:
        got = found_mixture(Model("none", observation=observation), bias)
        assert_same(got, truth(SCHOOL), 1e-4)


def test_a_wrong_cut_of_one_normal_is_where_the_likelihood_equations_end():
    # All labels seen; the estimator believes in a cut at 155 cm, but nobody was cut off.
    got = found_mixture(Model("all", observation=Truncated(155.0)), NoBias())
    assert_same(got, replace(truth(SCHOOL)), 1e-7)
    # The scenario cut at 160, and the estimator believes in 155: E x and E x^2 must agree.
    got = found_mixture(Model("all", observation=Truncated(155.0)), Truncation(160.0))
    x = np.linspace(155.0, 240.0, 85001)
    h = x[1] - x[0]
    for k, group in enumerate(SCHOOL.groups):
        believed = norm.pdf(x, got.means_cm[k], got.sds_cm[k])
        true = np.where(x >= 160.0, norm.pdf(x, group.mean_cm, group.sd_cm), 0.0)
        for power in (1, 2):
            moments = [
                np.trapezoid(f * (x - 165) ** power, dx=h) / np.trapezoid(f, dx=h)
                for f in (believed, true)
            ]
            np.testing.assert_allclose(moments[0], moments[1], rtol=0, atol=0.02)


def test_counted_shares_scatter_only_with_their_weights():
    plain = found(Model("all", observation=Rounded(1.0)), Rounding(1.0), "stratified")
    np.testing.assert_allclose(np.diag(covariance_of(plain))[[0, 3]], 0.0, atol=1e-15)
    weighted = Model("all", observation=Weighted(0.05, CENTRE_CM))
    mended = found(weighted, Selection(0.05), "stratified")
    assert mended.mixture is not None
    # Girls and boys, as many of each, come with the weights 1/w of those who were kept.
    law = recorded_distribution(SCHOOL, Selection(0.05), "stratified")
    w = 1.0 + np.exp(-0.05 * (law.nodes_cm - CENTRE_CM))
    mean, square = law.masses @ w, law.masses @ w**2
    share = mean[0] / mean.sum()
    np.testing.assert_allclose(mended.mixture.shares[0], share, rtol=1e-10)
    variance = square - mean**2
    slope = np.array([1 - share, -share]) / mean.sum()
    # Each group is half of the people: their mean weight has variance v / (n / 2).
    expected = slope**2 @ (2 * variance)
    np.testing.assert_allclose(covariance_of(mended)[0, 0], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("share", "se", "rate"),
    [(0.05, 1.68, 0.946), (0.10, 1.31, 0.896), (0.25, 0.98, 0.747), (0.50, 0.81, 0.498)],
)
def test_a_share_of_labels_has_the_printed_errors_and_rates(share: float, se: float, rate: float):
    model = Model("some", labelled_share=share)
    at = found(model, NoBias())
    got = np.sqrt(np.diag(covariance_of(at))[4] / 200)
    np.testing.assert_allclose(got, se, rtol=0, atol=0.005)
    np.testing.assert_allclose(seen_em_rate(model, at), rate, rtol=0, atol=6e-4)


@pytest.mark.parametrize(
    ("step_cm", "inflation"), [(0.5, 1.001), (1.0, 1.004), (2.54, 1.025), (5.0, 1.10)]
)
def test_modelled_rounding_costs_what_is_printed(step_cm: float, inflation: float):
    law = recorded_distribution(SCHOOL, NoBias(), "random")
    exact = limit(Model("none"), law, SCHOOL).mixture
    sample = infinite_sample(SCHOOL, NoBias(), Model("none"), "random")
    assert exact is not None
    assert sample is not None
    plain = covariance_of(at_limit((exact,), Model("none"), sample, "random"))
    np.testing.assert_allclose(np.sqrt(plain[[1, 4], [1, 4]]), [63.92766, 76.75335], rtol=1e-6)
    rounded = found(Model("none", observation=Rounded(step_cm)), Rounding(step_cm))
    ratio = np.sqrt(np.diag(covariance_of(rounded)) / np.diag(plain))
    np.testing.assert_allclose(
        ratio[4], inflation, rtol=0, atol=0.0006 if inflation < 1.05 else 0.005
    )


def test_rates_are_of_em_and_of_nothing_else():
    for model in (Model("none", observation=CUT), Model("none", freedom=4.0)):
        assert np.isnan(seen_em_rate(model, found(model, NoBias())))
    labelled = Model("all", observation=Weighted(0.05, CENTRE_CM))
    for sampling in ("random", "stratified"):
        at = found(labelled, Selection(0.05), sampling)
        assert seen_em_rate(labelled, at) == pytest.approx(0.0, abs=1e-10)


def test_a_tail_that_falls_slower_than_an_exponential_has_no_limit():
    # Beyond the cut the heights vary more than their mean excess: no normal has such a tail.
    one = Population("one", (Group("all", 1.0, 165.0, 3.0),))
    bias = Contamination(0.3, mean_cm=150.0, sd_cm=30.0)
    law = recorded_distribution(one, Sequence((bias, Truncation(below_cm=168.0))), "random")
    excess = law.nodes_cm - 168.0
    mean = law.weights @ excess
    assert law.weights @ (excess - mean) ** 2 > mean**2
    at = found(Model("none", observation=Truncated(168.0)), bias, population=one)
    assert at.mixture is None
    assert at.outcome == "not-found"


def test_people_of_one_height_have_no_limit():
    one = Population("one", (Group("all", 1.0, 165.0, 3.0),))
    model = Model("none", observation=Rounded(500.0))
    assert infinite_sample(one, Rounding(500.0), model, "random") is None


def large(bias: Bias, sampling: Sampling, model: Model) -> Floats:
    """Shares, means and SDs that a million people give, interleaved by group."""
    samples = draw(DrawSpec(SCHOOL, bias, sampling, 18, 0, 0, 1_000_000))
    people = people_of(samples, 0, 1_000_000, model)
    estimator = Estimator("one", model, "newton", 6, 5, 3, tolerance=1e-12)
    shares = (0.5, 0.5) if model.shares == "known" else None
    sds_cm = (6.5, 7.0) if model.sds == "known" else None
    spec = replace(spec_of_one(estimator, ("a", "b"), "0" * 32, shares, sds_cm), sampling=sampling)
    solution = solve(people, spec, TWO)
    assert solution.status == Status.CONVERGED
    return solution.theta.reshape(3, 2).T.ravel()


LARGE: list[tuple[Bias, Sampling, Model]] = [
    (Truncation(160.0), "random", Model("none", sds="known", observation=CUT)),
    (Truncation(160.0), "random", Model("all", observation=Truncated(157.0))),
    (Rounding(5.0), "stratified", Model("none", shares="known", observation=Rounded(5.0))),
    (Rounding(2.54), "random", Model("all", observation=Rounded(5.0))),
    (Selection(0.05), "random", Model("none", sds="equal", observation=Selected(0.1, CENTRE_CM))),
    (Selection(0.05), "stratified", Model("all", observation=Weighted(0.03, CENTRE_CM))),
    (SelfReport(1.2, 2.0, "boys"), "random", Model("some", labelled_share=0.1)),
    (Selection(0.1, "boys"), "stratified", Model("some", labelled_share=0.05)),
    (Contamination(0.05, mean_cm=172.0, sd_cm=12.0), "random", Model("none", freedom=4.0)),
    (Contamination(0.05, mean_cm=172.0, sd_cm=12.0), "random",
     Model("none", sds="known", freedom=4.0)),
    (NoBias(), "stratified", Model("some", sds="known", labelled_share=0.3, freedom=3.0)),
    (Heaping((Grid(5.0, 0.3),)), "random",
     Model("some", observation=Truncated(150.0, 190.0), labelled_share=0.3)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("bias", "sampling", "model"), LARGE, ids=str)
def test_a_million_people_end_within_four_errors_of_the_limit(
    bias: Bias, sampling: Sampling, model: Model
):
    at = found(model, bias, sampling)
    assert at.mixture is not None
    ses = np.sqrt(np.clip(np.diag(covariance_of(at)), 0.0, None) / 1e6)[:6]
    expected = np.column_stack([at.mixture.shares, at.mixture.means_cm, at.mixture.sds_cm]).ravel()
    away = large(bias, sampling, model) - expected
    assert (np.abs(away) <= 4.0 * ses + 1e-7).all()
