"""Labelled samples: exact facts about small ones, errors about the limit, labels that are wrong."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from stature.design.samples import DrawSpec, draw
from stature.domain.bias import (
    Bias,
    Coding,
    Heaping,
    MissingLabels,
    NoBias,
    Rounding,
    Selection,
    Sequence,
    SizeBias,
    Step,
    SwappedLabels,
    Tilt,
    Truncation,
    writes_labels,
)
from stature.domain.model import Model, Sampling, coordinates, free_coordinates, gradients
from stature.domain.observation import (
    Grid,
    Heaped,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.population import Group, Population
from stature.estimators.estimator import Estimator, FitSpec
from stature.estimators.fit import fit_block
from stature.theory.bounds import BoundsSpec, derive
from stature.theory.distributions import recorded_distribution
from stature.theory.labelled import (
    expected_sd_ratio,
    group_moments,
    labelled_distribution,
    labelled_limit,
    labelled_std_errors,
    mean_coverage,
    unlabelled_distribution,
)
from stature.theory.likelihood import likelihood
from tests.domain.test_bias import BIASES, SCHOOL
from tests.theory.schools import complete_scores, labelled_rows

LABEL_BIASES = [bias for bias in BIASES if writes_labels(bias)]
LABELLED = [
    Model("all"),
    Model("all", sds="equal"),
    Model("all", shares="known"),
    Model("all", sds="known"),
    Model("all", shares="known", sds="known"),
]
HEIGHT_BIASES = [NoBias(), Selection(0.1), Truncation(below_cm=160.0), Rounding(5.0)]


@pytest.mark.parametrize(
    ("people", "ratio", "coverage"),
    [
        (4, 0.797884560803, 0.81180869),
        (10, 0.922745608053, 0.90409272),
        (20, 0.961944533741, 0.92869858),
        (100, 0.992478054981, 0.94601219),
    ],
)
def test_small_samples_have_the_printed_facts(people: int, ratio: float, coverage: float) -> None:
    assert_allclose(expected_sd_ratio(people), ratio, rtol=0, atol=6e-13)
    assert_allclose(mean_coverage(people), coverage, rtol=0, atol=6e-9)


@pytest.mark.parametrize("people", [2, 3, 7, 50, 5000])
def test_the_expected_sd_is_that_of_chi(people: int) -> None:
    chi = stats.chi(people - 1, scale=1 / np.sqrt(people))
    # The gamma functions lose 1e-16 of their logarithm, 4e4 at 5000 people.
    assert_allclose(expected_sd_ratio(people), chi.mean(), rtol=1e-11)


@pytest.mark.parametrize("bias", HEIGHT_BIASES, ids=str)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("model", LABELLED, ids=lambda model: model.slug)
def test_errors_are_the_sandwich_of_the_complete_scores(
    bias: Bias, sampling: Sampling, model: Model
) -> None:
    # With counts in exact proportion, closed forms and A^-1 B A^-1 of the labelled scores agree.
    recorded = recorded_distribution(SCHOOL, bias, sampling)
    limit = labelled_limit(model, recorded, recorded.shares, SCHOOL.sds_cm)
    masses = recorded.shares[:, None] * recorded.masses
    score = complete_scores(limit, recorded.nodes_cm)
    spread = np.einsum("km,kmp,kmq->pq", masses, score, score)
    if sampling == "stratified":
        means = np.einsum("km,kmp->kp", recorded.masses, score)
        spread -= means.T @ (recorded.shares[:, None] * means)
    free = free_coordinates(model, 2)
    turn = gradients(limit.theta) @ free
    people = labelled_rows(recorded.nodes_cm, masses)
    information = free.T @ likelihood(coordinates(limit.theta), people).information @ free
    influence = np.linalg.solve(information, turn.T)
    expected = np.diag(influence.T @ free.T @ spread @ free @ influence) / 200
    got = labelled_std_errors(
        model, labelled_distribution(SCHOOL, bias, sampling), 200 * recorded.shares, sampling
    )
    assert_allclose(got**2, expected, rtol=1e-9, atol=1e-12)


def test_a_group_without_people_has_no_standard_error() -> None:
    labels = labelled_distribution(SCHOOL, NoBias(), "stratified")
    ses = labelled_std_errors(Model("all"), labels, np.array([0.0, 3.0]), "stratified")
    assert np.isnan(ses[[1, 2, 6]]).all()
    assert_allclose(ses[4], 7.0 / np.sqrt(3), rtol=1e-12)


@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_errors_of_right_labels_are_those_of_normal_groups_and_their_gaps(
    groups: int, sampling: Sampling
) -> None:
    sds_cm, shares = np.arange(5.0, 5.0 + groups), np.arange(2.0, 2.0 + groups)
    shares /= shares.sum()
    each = zip("abcd", shares, 160 + 9.0 * np.arange(groups), sds_cm, strict=False)
    population = Population("some", tuple(Group(*one) for one in each))
    labels = labelled_distribution(population, NoBias(), sampling)
    people = 300 * shares
    got = labelled_std_errors(Model("all"), labels, people, sampling)
    by_chance = np.sqrt(shares * (1 - shares) / 300) if sampling == "random" else 0.0 * shares
    means = sds_cm / np.sqrt(people)
    assert_allclose(got[: 3 * groups : 3], by_chance, rtol=1e-9, atol=1e-12)
    assert_allclose(got[1 : 3 * groups : 3], means, rtol=1e-9)
    assert_allclose(got[2 : 3 * groups : 3], means / np.sqrt(2), rtol=1e-9)
    assert_allclose(got[3 * groups :], np.hypot(means[1:], means[:-1]), rtol=1e-9)


def test_labels_missing_by_height_are_a_selection_of_those_who_have_one():
    # A normal of which x is kept with probability Phi-like logistic has no closed form; a share of
    # nearly all, by a small slope, is the exponential tilt, mean mu - b v.
    recorded = labelled_distribution(SCHOOL, MissingLabels(1 - 1e-9, 0.02), "random").of_labels
    means_cm, variances, _ = group_moments(recorded)
    assert_allclose(means_cm, [163 - 0.02 * 6.5**2, 176 - 0.02 * 49], rtol=1e-8)
    assert_allclose(variances, [6.5**2, 49.0], rtol=1e-6)


def test_a_wrong_label_makes_a_mixture_of_a_group():
    # Recorded girls: .4 (1 - .1) girls and .6 .1 boys, in all .42.
    recorded = labelled_distribution(SCHOOL, SwappedLabels(0.1), "stratified").of_labels
    assert_allclose(recorded.shares, [0.42, 0.58])
    means_cm, variances, _ = group_moments(recorded)
    boys = 0.06 / 0.42
    assert_allclose(means_cm[0], 163 + 13 * boys, rtol=1e-12)
    within = (1 - boys) * 6.5**2 + boys * 49
    assert_allclose(variances[0], within + boys * (1 - boys) * 13**2, rtol=1e-11)


@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("sds", ["free", "equal"])
@pytest.mark.parametrize(
    "bias",
    [
        MissingLabels(0.5, 0.08),
        SwappedLabels(0.15, "boys"),
        Sequence((SwappedLabels(0.1), MissingLabels(0.3, group="girls"))),
    ],
    ids=str,
)
def test_labelled_fits_scatter_about_their_limit_as_theory_says(
    bias: Bias, sds: str, sampling: Sampling
):
    model = Model("all", sds="equal" if sds == "equal" else "free")
    replicates, size = 600, 1500
    samples = draw(DrawSpec(SCHOOL, bias, sampling, 5, 0, replicates - 1, size))
    estimator = Estimator("mle", model, "closed-form")
    spec = FitSpec(
        estimator, SCHOOL.group_names, None, None, sampling, (size,), 0, replicates - 1, "0" * 32, 0
    )
    estimates = fit_block(spec, samples)[0].estimate[:, 0]
    recorded = labelled_distribution(SCHOOL, bias, sampling)
    expected = labelled_limit(model, recorded.of_labels, SCHOOL.shares, SCHOOL.sds_cm)
    limits = np.column_stack([expected.shares, expected.means_cm, expected.sds_cm]).ravel()
    errors = labelled_std_errors(model, recorded, size * SCHOOL.shares, sampling)
    assert (errors[:6] > 0).all()
    # 5 standard errors, and the bias of an SD, which is of the order of sd / (4 n_k).
    distance = np.abs(estimates.mean(axis=0)[:6] - limits)
    small = np.array([0, 0, 2 * 7.0 / (4 * 150)] * 2)
    assert (distance < 5 * errors[:6] / np.sqrt(replicates) + small).all()
    # The variance of 600 normals is chi-squared: two-sided 1e-6.
    ratio = estimates.var(axis=0, ddof=1) / errors**2
    low, high = stats.chi2.ppf([5e-7, 1 - 5e-7], replicates - 1) / (replicates - 1)
    assert ((ratio > 0.97 * low) & (ratio < 1.03 * high)).all()


@pytest.mark.parametrize("bias", LABEL_BIASES, ids=str)
def test_who_has_a_label_and_who_has_none_are_everybody(bias: Bias):
    recorded = labelled_distribution(SCHOOL, bias, "random")
    nodes_cm, masses = unlabelled_distribution(SCHOOL, bias, "random")
    assert_allclose(recorded.joint.sum(axis=(1, 2)) + masses.sum(axis=1), 1.0, rtol=1e-9)
    everybody = group_moments(recorded_distribution(SCHOOL, bias, "random"))[0]
    means_cm = recorded.joint.sum(axis=1) @ recorded.nodes_cm + masses @ nodes_cm
    assert_allclose(means_cm, everybody, rtol=1e-9)


@pytest.mark.parametrize("labels_first", [False, True])
@pytest.mark.parametrize(
    ("bias", "observation"),
    [
        (Truncation(160.0), Truncated(160.0)),
        (Truncation(158.0, 190.0), Truncated(160.0, 185.0)),
        (SizeBias(), SizeBiased()),
        (Selection(0.05), Selected(0.05, SCHOOL.mean_cm)),
        (Selection(0.05), Weighted(0.05, SCHOOL.mean_cm)),
        (Tilt(0.02), Tilted(0.02)),
    ],
    ids=str,
)
def test_labels_missing_at_random_move_no_limit_of_a_model_that_is_right(
    bias: Step, observation: Observation, labels_first: bool
):
    # Who is left out is told by the observation, and whose label is missing by the height.
    steps = (MissingLabels(0.5, 0.08), bias) if labels_first else (bias, MissingLabels(0.5, 0.08))
    models = Model("recorded", observation=observation), Model("all", observation=observation)
    found = derive(BoundsSpec(SCHOOL, Sequence(steps), "random", (1000,), models))
    away = np.abs(found.limit - found.truth)
    recorded = np.array(found.model) == models[0].slug
    assert (away[recorded] < 1e-4).all()
    # Those who have a label are the shorter ones.
    assert away[~recorded].max() > 1.0


@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize(
    ("model", "bias"),
    [
        (Model("recorded"), MissingLabels(0.5, 0.08)),
        (Model("recorded"), SwappedLabels(0.1)),
        (Model("recorded", unlabelled="ignored"), MissingLabels(0.5, 0.08)),
        (Model("some", labelled_share=0.4), MissingLabels(0.5, 0.08, "boys")),
        (Model("some", labelled_share=0.4, unlabelled="ignored"), NoBias()),
        (Model("all", observation=Weighted(0.02, 170.0)), MissingLabels(0.3, -0.05)),
        # Estimators that leave people out themselves, with a label or without.
        (Model("all", observation=Truncated(158.0)), MissingLabels(0.3, -0.05)),
        (Model("recorded", observation=Truncated(158.0, 190.0)), MissingLabels(0.5, 0.08)),
        (
            Model("recorded", observation=Truncated(160.0)),
            Sequence((MissingLabels(0.4, 0.08), Truncation(158.0))),
        ),
        (Model("recorded", observation=SizeBiased()), MissingLabels(0.5, 0.08)),
        (
            Model("some", labelled_share=0.7, observation=Truncated(158.0)),
            Sequence((SwappedLabels(0.05), MissingLabels(0.3))),
        ),
        (
            Model("recorded", observation=Rounded(5.0)),
            Sequence((Rounding(5.0), MissingLabels(0.5, 0.08))),
        ),
        (Model("recorded", observation=Selected(0.02, 170.0)), MissingLabels(0.5, 0.08)),
        # A design fixed all the labels that these see, so that they tell nothing of the shares.
        (Model("recorded", observation=Selected(0.1, 170.0)), SwappedLabels(0.1)),
        (
            Model("recorded", observation=Selected(0.1, 170.0), unlabelled="ignored"),
            MissingLabels(0.5, 0.08),
        ),
        (Model("recorded", observation=Weighted(0.02, 170.0)), MissingLabels(0.5, 0.08)),
        (
            Model("recorded", observation=Heaped((Grid(5.0, 0.3),))),
            Sequence((Heaping((Grid(5.0, 0.3),)), MissingLabels(0.5, 0.08))),
        ),
        (Model("recorded", freedom=4.0), MissingLabels(0.5, 0.08, "boys")),
        (Model("recorded", sds="known", freedom=4.0), MissingLabels(0.5, 0.08)),
    ],
    ids=str,
)
def test_fits_with_some_labels_scatter_about_their_limit(
    model: Model, bias: Bias, sampling: Sampling
):
    replicates, size = 80, 1500
    samples = draw(DrawSpec(SCHOOL, bias, sampling, 6, 0, replicates - 1, size))
    estimator = Estimator("one", model, "newton", 1, kept_starts=1, tolerance=1e-12)
    sds_cm = (6.5, 7.0) if model.sds == "known" else None
    spec = FitSpec(
        estimator, SCHOOL.group_names, None, sds_cm, sampling, (size,), 0, replicates - 1,
        "0" * 32, 0,
    )  # fmt: skip
    estimates = fit_block(spec, samples)[0].estimate[:, 0]
    theory = derive(BoundsSpec(SCHOOL, bias, sampling, (size,), (model,)))
    assert np.isfinite(theory.limit).all()
    errors = theory.limit_se
    there = errors > 1e-9
    away = np.abs(estimates.mean(axis=0) - theory.limit)
    # 5 standard errors, and the bias of order 1/n.
    slack = 2 * np.abs(np.nan_to_num(theory.small_sample_bias)) + 1e-9
    assert (away < 5 * errors / np.sqrt(replicates) + slack).all()
    ratio = estimates.var(axis=0, ddof=1)[there] / errors[there] ** 2
    low, high = stats.chi2.ppf([5e-7, 1 - 5e-7], replicates - 1) / (replicates - 1)
    assert ((ratio > 0.95 * low) & (ratio < 1.05 * high)).all()


def test_a_group_of_one_height_has_no_error_of_its_sd() -> None:
    # Everybody is written down with 300 cm: a mean without an error, and an SD of nothing.
    steps = BoundsSpec(SCHOOL, Coding(below_cm=300.0), "stratified", (100,), (Model("all"),))
    found = derive(steps)
    errors = dict(zip(zip(found.group, found.parameter, strict=True), found.limit_se, strict=True))
    assert errors["girls", "mean_cm"] == 0.0
    assert np.isnan(errors["girls", "sd_cm"])
