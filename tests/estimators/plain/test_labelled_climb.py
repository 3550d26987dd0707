from dataclasses import replace

import numpy as np
import pytest

from stature.domain.model import Model, Sampling, SdsRule, SharesRule
from stature.estimators.estimator import Estimator
from stature.estimators.fit import fit_block
from tests.estimators.laws import SDS_CM, SHARES, fit, samples, spec_of

PEOPLE = samples(50, 500, gap_cm=13.0)


@pytest.mark.parametrize("shares", ["free", "known"])
@pytest.mark.parametrize("sds", ["free", "equal", "known"])
@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_the_climb_meets_the_closed_form(shares: SharesRule, sds: SdsRule, sampling: Sampling):
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
    averaged, climbed = fits
    assert (climbed.status == 0).all()
    np.testing.assert_allclose(climbed.estimate, averaged.estimate, rtol=1e-10)
    np.testing.assert_allclose(climbed.std_error, averaged.std_error, rtol=1e-9)
    np.testing.assert_allclose(climbed.log_likelihood, averaged.log_likelihood, rtol=1e-13)


def test_the_climb_takes_steps_and_counts_what_they_cost():
    fits = fit("mle-numeric", PEOPLE)
    assert (fits.steps >= 4).all()
    assert (fits.passes > fits.steps).all()
