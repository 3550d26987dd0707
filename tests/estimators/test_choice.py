"""A choice among models and their average, against the two fits worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import gammaln

from stature.domain.mixture import Mixture, responsibilities
from stature.estimators.catalogue import GENERAL
from stature.estimators.choice import log_marginal
from stature.estimators.estimator import Alternative, Choice, Criterion, Prior, Status
from stature.estimators.fit import fit_block
from tests.estimators.laws import fit, samples, spec_of

SIZES = (20, 60, 300)
PEOPLE = samples(40, 300)
ONE = GENERAL["em-bic"]
FREE = replace(ONE, name="free", choose=None)
EQUAL = replace(FREE, name="equal", model=replace(FREE.model, sds="equal"))
EACH = [fit(one, PEOPLE, *SIZES) for one in (EQUAL, FREE)]


def criterion(by: Criterion) -> np.ndarray:
    """Of equal and of free SDs, with 4 and 5 parameters, shape (2, r, s)."""
    found = np.empty((2, 40, 3))
    for m, (fits, q) in enumerate(zip(EACH, (4, 5), strict=True)):
        for r, s in np.ndindex(40, 3):
            cost = 2 if by == "aic" else np.log(SIZES[s])
            found[m, r, s] = q * cost - 2 * fits.log_likelihood[r, s]
            if by == "icl":
                share, mean, sd = fits.estimate[r, s, :6].reshape(2, 3).T
                p = responsibilities(Mixture(share, mean, sd), PEOPLE.heights_cm[r, : SIZES[s]])
                found[m, r, s] -= 2 * np.sum(p * np.log(np.maximum(p, 1e-300)))
    return np.where([one.status == Status.CONVERGED for one in EACH], found, np.inf)


@pytest.mark.parametrize("by", ["bic", "aic", "icl"])
def test_the_model_with_the_smallest_criterion_is_taken(by: Criterion):
    fits = fit(
        replace(ONE, choose=Choice(by, (Alternative("equal"), Alternative("free")))), PEOPLE, *SIZES
    )
    free = np.argmin(criterion(by), axis=0) == 1
    assert free.any()
    assert not free.all()
    for name in ("estimate", "std_error", "robust_std_error", "lower", "log_likelihood", "status"):
        equal, other = (getattr(one, name) for one in EACH)
        which = free[..., None] if equal.ndim == 3 else free
        assert_array_equal(getattr(fits, name), np.where(which, other, equal))
    assert_array_equal(fits.passes, EACH[0].passes + EACH[1].passes)


def test_an_average_weighs_the_models_and_counts_that_they_differ():
    fits = fit(GENERAL["em-average"], PEOPLE, 300)
    bic = criterion("bic")[:, :, 2:]
    weight = 1 / (1 + np.exp((bic - bic[::-1]) / 2))[..., None]
    equal, free = (np.array([one.estimate, one.std_error])[:, :, 2:] for one in EACH)
    middle = weight[0] * equal[0] + weight[1] * free[0]
    assert_allclose(fits.estimate, middle, rtol=1e-12)
    errors = np.stack([np.hypot(one[1], one[0] - middle) for one in (equal, free)])
    error = (weight * errors).sum(axis=0)
    assert_allclose(fits.std_error, error, rtol=1e-12)
    assert (error >= np.minimum(equal[1], free[1])).all()
    # A mean's interval is the estimate with 1.96 of these errors on either side.
    assert_allclose(fits.upper[..., 1], middle[..., 1] + 1.959963985 * error[..., 1], rtol=1e-9)


def test_a_choice_of_one_is_that_model_and_no_maximum_is_a_status():
    prior = Prior(shares=2, sd_ratio=0.3)
    alone = replace(ONE, choose=Choice("bic", (Alternative("free", prior),), average=True))
    assert_allclose(
        fit(alone, PEOPLE, 300).estimate,
        fit(replace(FREE, prior=prior), PEOPLE, 300).estimate,
        rtol=1e-14,
    )
    alike = replace(PEOPLE, heights_cm=np.full((40, 300), 170.0))
    for average in (False, True):
        fits = fit(
            replace(
                ONE, choose=replace(GENERAL["em-bic"].choose or Choice("bic", ()), average=average)
            ),
            alike,
            300,
        )
        assert (fits.status == Status.DEGENERATE).all()


@pytest.mark.parametrize(
    "settings",
    [{"prior": Prior()}, {"method": "hard-em"}, {"model": replace(ONE.model, labels="all")}],
)
def test_what_a_choice_does_not_go_with_is_refused(settings: dict[str, object]):
    with pytest.raises(ValueError, match="a choice"):
        fit_block(spec_of(replace(ONE, **settings), (300,), 40), PEOPLE)


def test_the_averaged_likelihood_of_one_group_is_its_closed_form():
    # Flat in the mean and log-SD: (2 pi)^(-(n-1)/2) n^(-1/2) Gamma((n-1)/2) (S/2)^(-(n-1)/2) / 2,
    # in units of the sample, where S = n. Laplace's method is off by about 1/n.
    n, one = 400, replace(FREE, prior=Prior())
    x = PEOPLE.heights_cm.ravel()[:n]
    half = (n - 1) / 2
    exact = gammaln(half) - half * np.log(np.pi * n) - 0.5 * np.log(n) - np.log(2)
    got = log_marginal(one, np.array([1.0, x.mean(), x.std()]), x, np.ones(n))
    assert got == pytest.approx(exact, abs=2 / n)


def test_the_prior_is_chosen_that_says_most_of_the_sample():
    priors = [Prior(shares=2, sd_ratio=tau) for tau in (0.1, 0.5)]
    models = tuple(Alternative("free", prior) for prior in priors)
    fits = fit(replace(ONE, choose=Choice("marginal", models)), PEOPLE, 300)
    each = [fit(replace(FREE, prior=prior), PEOPLE, 300) for prior in priors]
    for r in range(40):
        people = PEOPLE.heights_cm[r], np.ones(300)
        marginal = [
            log_marginal(replace(FREE, prior=prior), one.estimate[r, 0], *people)
            for prior, one in zip(priors, each, strict=True)
        ]
        assert_array_equal(fits.estimate[r], each[int(np.argmax(marginal))].estimate[r])
    with pytest.raises(ValueError, match="by: marginal takes"):
        fit(replace(ONE, choose=Choice("marginal", (Alternative("free"),))), PEOPLE, 300)
