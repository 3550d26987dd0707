"""Bounds under cuts, cells and selection: who is right, and the information of those who are."""

import numpy as np
import pytest
from scipy.stats import norm, truncnorm

from stature.domain.bias import (
    Bias,
    Coding,
    NoBias,
    Rounding,
    Selection,
    Sequence,
    SizeBias,
    Tilt,
    Truncation,
)
from stature.domain.model import Model, Sampling
from stature.domain.observation import (
    EXACT,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.population import Group, Population
from stature.theory.information import bound_covariance
from stature.theory.seen_bounds import is_right, right_observation, seen_bound
from stature.theory.truth import true_mixture

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))


@pytest.mark.parametrize(
    ("bias", "observation"),
    [
        (NoBias(), EXACT),
        (Rounding(2.54), Rounded(2.54)),
        (Truncation(150.0, 190.0), Truncated(150.0, 190.0)),
        (Selection(0.05), Selected(0.05, 169.5)),
        (Tilt(0.03), Tilted(0.03)),
        (SizeBias(), SizeBiased()),
        (Selection(0.05, "boys"), None),
        (Coding(above_cm=185.0), None),
        (Sequence((Truncation(150.0), Rounding(1.0))), None),
    ],
    ids=str,
)
def test_a_bias_has_the_observation_that_says_it(bias: Bias, observation: Observation | None):
    assert right_observation(bias, SCHOOL) == observation
    assert observation is None or is_right(observation, observation)


def test_a_cut_inside_the_cut_and_weights_are_right_too():
    assert is_right(Truncated(160.0), EXACT)
    assert is_right(Truncated(160.0, 190.0), Truncated(155.0))
    assert is_right(Weighted(0.05, 169.5), Selected(0.05, 169.5))
    assert not is_right(Truncated(150.0), Truncated(155.0))
    assert not is_right(Truncated(160.0), Truncated(155.0, 190.0))
    assert not is_right(Selected(0.06, 169.5), Selected(0.05, 169.5))
    assert not is_right(Weighted(0.05, 170.0), Selected(0.05, 169.5))
    assert not is_right(Rounded(5.0), EXACT)


@pytest.mark.parametrize("sampling", ["random", "stratified"])
def test_exact_heights_have_the_bound_of_the_plain_model(sampling: Sampling):
    for model in (Model("none"), Model("none", shares="known"), Model("none", sds="known")):
        plain = bound_covariance(true_mixture(SCHOOL), model, sampling)
        got = seen_bound(SCHOOL, NoBias(), model, sampling)
        assert got is not None
        np.testing.assert_allclose(got, plain, rtol=1e-8, atol=1e-8)


def test_a_known_sd_under_a_cut_has_its_information_in_closed_form():
    # Section 10: information Var x / v^2 a person, of each group among those who were kept.
    cut_cm = 160.0
    got = seen_bound(
        SCHOOL,
        Truncation(cut_cm),
        Model("all", sds="known", observation=Truncated(cut_cm)),
        "stratified",
    )
    assert got is not None
    for k, group in enumerate(SCHOOL.groups):
        low = (cut_cm - group.mean_cm) / group.sd_cm
        spread = group.sd_cm**2 * np.ravel(truncnorm.stats(low, np.inf, moments="v"))[0]
        information = 0.5 * spread / group.sd_cm**4
        np.testing.assert_allclose(got[3 * k + 1, 3 * k + 1], 1.0 / information, rtol=1e-8)
        assert got[3 * k, 3 * k] == got[3 * k + 2, 3 * k + 2] == 0.0


def test_cells_have_the_information_of_their_probabilities():
    # One normal in cells: sum (dP)^2 / P, by differences of scipy's probabilities.
    one = Population("one", (Group("all", 1.0, 170.0, 7.0),))
    got = seen_bound(one, Rounding(5.0), Model("none", observation=Rounded(5.0)), "random")
    assert got is not None
    edges = np.arange(97.5, 245.0, 5.0)

    def cells(mean: float, sd: float) -> np.ndarray:
        return np.diff(norm.cdf(edges, mean, sd))

    h = 1e-4
    slopes = np.stack([
        (cells(170 + h, 7) - cells(170 - h, 7)) / (2 * h),
        (cells(170, 7 + h) - cells(170, 7 - h)) / (2 * h),
    ])  # fmt: skip
    there = cells(170, 7) > 1e-12
    information = (slopes[:, there] / cells(170, 7)[there]) @ slopes[:, there].T
    np.testing.assert_allclose(got[1:, 1:], np.linalg.inv(information), rtol=1e-5, atol=1e-5)


def test_labels_add_up_and_a_design_says_more_of_who_is_hidden():
    some = Model("some", labelled_share=0.25)
    random, design = (seen_bound(SCHOOL, NoBias(), some, way) for way in ("random", "stratified"))
    assert random is not None
    assert design is not None
    np.testing.assert_allclose(np.sqrt(random[4, 4] / 200), 0.98, rtol=0, atol=0.005)
    known = Model("some", shares="known", labelled_share=0.25)
    for way, free in (("random", random), ("stratified", design)):
        told = seen_bound(SCHOOL, NoBias(), known, way)  # type: ignore[arg-type]
        assert told is not None
        assert (np.diag(told)[[1, 2, 4, 5]] < np.diag(free)[[1, 2, 4, 5]]).all()


def test_where_a_design_fixes_the_shares_of_the_kept_there_is_no_bound():
    hidden = Model("none", observation=Truncated(160.0))
    assert seen_bound(SCHOOL, Truncation(160.0), hidden, "stratified") is None
    assert seen_bound(SCHOOL, Truncation(160.0), hidden, "random") is not None
    wrong = Model("none", observation=Truncated(150.0))
    assert seen_bound(SCHOOL, Truncation(160.0), wrong, "random") is None
    assert seen_bound(SCHOOL, Coding(above_cm=185.0), hidden, "random") is None


@pytest.mark.parametrize("sampling", ["random", "stratified"])
@pytest.mark.parametrize("share", [0.05, 0.5])
def test_who_ignores_the_unlabelled_has_so_many_people_fewer(
    share: float, sampling: Sampling
) -> None:
    alone = Model("some", labelled_share=share, unlabelled="ignored")
    few = seen_bound(SCHOOL, NoBias(), alone, sampling)
    everybody = seen_bound(SCHOOL, NoBias(), Model("all"), sampling)
    assert few is not None
    assert everybody is not None
    np.testing.assert_allclose(few[1::3, 1::3], everybody[1::3, 1::3] / share, rtol=1e-6, atol=1e-9)
