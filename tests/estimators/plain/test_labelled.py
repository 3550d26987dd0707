"""The closed form of labelled groups by hand, and Newton, which must meet it."""

from dataclasses import replace

import numpy as np
import pytest

from stature.design.samples import Samples
from stature.domain.model import Model, Sampling, SdsRule, SharesRule
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, SeStatus, Status
from stature.estimators.fit import fit_block
from tests.estimators.laws import SDS_CM, SHARES, fit, samples, spec_of

FOUR = Samples(
    np.zeros(1, np.int32),
    np.array([[160.0, 170.0, 164.0, 180.0]]),
    np.array([[0, 1, 0, 1]], np.int8),
    ("girls", "boys"),
)


def test_four_people_by_hand():
    # Girls 160, 164: mean 162, squares 4 + 4 = 8, SD sqrt(8/2) = 2. Boys 170, 180: 175, SD 5.
    fits = fit("mle", FOUR)
    assert fits.estimate[0, 0].tolist() == [0.5, 162.0, 2.0, 0.5, 175.0, 5.0, 13.0]
    # sd / sqrt(n_k), sd / sqrt(2 n_k), sqrt(pi (1 - pi) / n), and the two means together.
    expected = [0.25, 2 / np.sqrt(2), 1.0, 0.25, 5 / np.sqrt(2), 2.5, np.sqrt(29 / 2)]
    np.testing.assert_allclose(fits.std_error[0, 0], expected, rtol=1e-14)


def test_the_log_likelihood_of_four_people_by_hand():
    # Each group: -n/2 log(2 pi) - n log sd - n/2; labels: 4 log(1/2).
    expected = -2 * np.log(2 * np.pi) - 2 * np.log(2 * 5) - 2 + 4 * np.log(0.5)
    assert fit("mle", FOUR).log_likelihood[0, 0] == pytest.approx(expected, rel=1e-14)


def test_equal_sds_are_pooled_over_everybody():
    # (8 + 50) / 4 = 14.5
    pooled = Estimator("pooled", Model("all", sds="equal"), "closed-form")
    estimate = fit(pooled, FOUR).estimate[0, 0]
    np.testing.assert_allclose(estimate[[2, 5]], np.sqrt(14.5), rtol=1e-14)


def test_a_stratified_sample_tells_nothing_of_the_shares():
    spec = replace(spec_of("mle", (4,), 1), sampling="stratified")
    fits, _ = fit_block(spec, FOUR)
    assert fits.estimate[0, 0, 0] == 0.5
    assert np.isnan(fits.std_error[0, 0, [0, 3]]).all()
    assert np.isfinite(fits.std_error[0, 0, [1, 2, 4, 5, 6]]).all()
    # The labels were not random: their probability is no part of the likelihood.
    gap = fits.log_likelihood[0, 0] - fit("mle", FOUR).log_likelihood[0, 0]
    assert gap == pytest.approx(-4 * np.log(0.5))


def test_em_with_all_labels_is_the_closed_form():
    people = samples(3, 200)
    labelled = Estimator("em-labelled", Model("all"), "em")
    assert (fit(labelled, people).estimate == fit("mle", people).estimate).all()


@pytest.mark.parametrize("groups", [[0, 0, 0, 1], [0, 0, 0, 0]])
def test_a_group_of_one_or_none_is_too_few_and_the_other_keeps_its_estimate(groups: list[int]):
    people = replace(FOUR, group_index=np.array([groups], np.int8))
    fits = fit("mle", people)
    assert fits.status[0, 0] == Status.TOO_FEW
    assert fits.se_status[0, 0] == SeStatus.SINGULAR
    girls = FOUR.heights_cm[0][np.array(groups) == 0]
    assert fits.estimate[0, 0, 1] == pytest.approx(girls.mean())


def test_people_who_are_all_alike_are_degenerate():
    people = replace(FOUR, heights_cm=np.full((1, 4), 170.0))
    fits = fit("mle", people)
    assert fits.status[0, 0] == Status.DEGENERATE
    assert fits.estimate[0, 0, 2] == 0.0


@pytest.mark.parametrize("name", ["mle", "mle-numeric"])
def test_the_sandwich_of_the_sd_knows_the_kurtosis(name: str):
    # Var sd = sd^2 (m4/v^2 - 1) / (4 n): White's form for a normal fitted to any distribution.
    people = samples(1, 5000)
    fits = fit(CATALOGUE[name], people)
    girls = people.heights_cm[0][people.group_index[0] == 0]
    d = girls - girls.mean()
    v = (d**2).mean()
    expected = np.sqrt(v * ((d**4).mean() / v**2 - 1) / (4 * len(girls)))
    assert fits.robust_std_error[0, 0, 2] == pytest.approx(expected, rel=1e-8)


PEOPLE = samples(50, 500, gap_cm=13.0)


@pytest.mark.parametrize("shares", ["free", "known"])
@pytest.mark.parametrize("sds", ["free", "equal", "known"])
@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_newton_meets_the_closed_form(shares: SharesRule, sds: SdsRule, sampling: Sampling):
    # The two ways of the lesson, to ten digits, in every replicate at every size.
    model = Model("all", shares, sds)
    fits = []
    for method in ("closed-form", "newton"):
        spec = replace(
            spec_of("mle", (20, 100, 500), 50),
            estimator=Estimator("x", model, method, tolerance=1e-12),
            sampling=sampling,
            known_shares=SHARES if shares == "known" else None,
            known_sds_cm=SDS_CM if sds == "known" else None,
        )
        fits.append(fit_block(spec, PEOPLE)[0])
    averaged, iterated = fits
    assert (iterated.status == 0).all()
    np.testing.assert_allclose(iterated.estimate, averaged.estimate, rtol=1e-10)
    np.testing.assert_allclose(iterated.std_error, averaged.std_error, rtol=1e-9)
    np.testing.assert_allclose(iterated.log_likelihood, averaged.log_likelihood, rtol=1e-13)
