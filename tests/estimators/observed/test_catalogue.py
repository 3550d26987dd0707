"""Laws of every estimator of the catalogue: a new one is tested by being listed."""

from dataclasses import replace

import numpy as np
import pytest

from stature.domain.observation import standardised
from stature.estimators.estimator import Estimator, SeStatus, Status
from stature.estimators.observed.catalogue import CATALOGUE
from tests.estimators.laws import fit, moved, samples

PEOPLE = samples(2, 1000)
ALL = sorted(CATALOGUE)


def in_other_units(estimator: Estimator, scale: float, shift_cm: float) -> Estimator:
    """What it would be told if heights were ``scale x + shift``."""
    model = estimator.model
    seen = standardised(model.observation, -shift_cm / scale, 1.0 / scale)
    return replace(estimator, model=replace(model, observation=seen))


@pytest.mark.parametrize("name", ALL)
def test_every_fit_is_a_row_with_a_status(name: str):
    fits = fit(CATALOGUE[name], PEOPLE, 2, 3, 20, 1000)
    assert fits.estimate.shape == (2, 4, 7)
    assert set(np.unique(fits.status)) <= set(map(int, Status))
    assert (fits.status[:, -1] == Status.CONVERGED).all()
    assert np.isfinite(fits.estimate[:, -1]).all()
    if CATALOGUE[name].method == "newton":
        assert (fits.se_status[:, -1] == SeStatus.OK).all()
        assert (fits.decrement[:, -1] < 1e-12).all()


def keeps_its_unit(estimator: Estimator) -> bool:
    """Whether it is told SDs in cm, or stops where a log-likelihood per cm says so."""
    relative = estimator.stop is not None and estimator.stop.gain == "relative"
    return relative or estimator.model.sds == "known"


@pytest.mark.parametrize("name", [n for n in ALL if not keeps_its_unit(CATALOGUE[n])])
def test_shifting_and_scaling_people_shifts_and_scales_estimates(name: str):
    fits = fit(CATALOGUE[name], PEOPLE)
    told = in_other_units(CATALOGUE[name], 2.0, -100.0)
    other = fit(told, moved(PEOPLE, 2.0, -100.0))
    np.testing.assert_allclose(other.estimate[..., [0, 3]], fits.estimate[..., [0, 3]], rtol=1e-8)
    means = 2 * fits.estimate[..., [1, 4]] - 100
    np.testing.assert_allclose(other.estimate[..., [1, 4]], means, rtol=1e-8)
    rows = [2, 5, 6]
    np.testing.assert_allclose(other.estimate[..., rows], 2 * fits.estimate[..., rows], rtol=1e-8)
    np.testing.assert_allclose(other.std_error[..., rows], 2 * fits.std_error[..., rows], rtol=1e-6)
    # Densities are per cm; cells have probabilities.
    unit = 0.0 if "rounded" in name else np.log(2)
    people = 1000 if "truncated" not in name and "restricted" not in name else None
    if CATALOGUE[name].model.unlabelled == "ignored":
        people = 100
    if people is not None:
        expected = fits.log_likelihood - people * unit
        np.testing.assert_allclose(other.log_likelihood, expected, rtol=1e-10)


@pytest.mark.parametrize("name", [n for n in ALL if CATALOGUE[n].model.labels != "some"])
def test_the_order_of_people_does_not_matter(name: str):
    backwards = replace(
        PEOPLE, heights_cm=PEOPLE.heights_cm[:, ::-1], group_index=PEOPLE.group_index[:, ::-1]
    )
    fits, other = fit(CATALOGUE[name], PEOPLE), fit(CATALOGUE[name], backwards)
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-8)


@pytest.mark.parametrize("name", [n for n in ALL if CATALOGUE[n].model.labels != "some"])
def test_a_sketch_gives_what_its_people_give(name: str):
    # A group of up to 400 distinct heights is fitted as it is, a larger one through its nodes.
    few = replace(PEOPLE, heights_cm=np.round(PEOPLE.heights_cm, 1))
    shaken = replace(few, heights_cm=few.heights_cm + 1e-9 * np.arange(1000) / 1000)
    fits, other = fit(CATALOGUE[name], few), fit(CATALOGUE[name], shaken)
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-7)
