"""Fits of blocks and of one sample: what they depend on, and what is asked of them."""

from dataclasses import fields, replace

import numpy as np
import pytest

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits
from stature.estimators.fit import fit_block, fit_heights, spec_of_one, start_uniforms
from tests.estimators.laws import KEY, NAMES, fit, samples, spec_of

PEOPLE = samples(4, 1500)
ALL = sorted(CATALOGUE)


def same(one: Fits, other: Fits) -> bool:
    """Whether two records are equal to the bit."""
    return all(
        np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")
        for a, b in (
            (getattr(one, field.name), getattr(other, field.name))
            for field in fields(Fits)
            if field.name != "group_names"
        )
    )


@pytest.mark.parametrize("name", ALL)
def test_a_fit_knows_nothing_of_its_block_or_of_other_sizes(name: str):
    whole = fit(name, PEOPLE, 20, 100, 700, 1500)
    spec = replace(spec_of(name, (100, 1500), 4), first=2, last=2)
    one = replace(
        PEOPLE,
        replicates=PEOPLE.replicates[2:3],
        heights_cm=PEOPLE.heights_cm[2:3],
        group_index=PEOPLE.group_index[2:3],
    )
    alone, _ = fit_block(spec, one)
    assert np.array_equal(alone.estimate[0], whole.estimate[2, [1, 3]], equal_nan=True)
    assert np.array_equal(alone.passes[0], whole.passes[2, [1, 3]])
    assert same(whole, fit(name, PEOPLE, 20, 100, 700, 1500))


@pytest.mark.parametrize("name", ALL)
def test_errors_agree_with_the_information_interval(name: str):
    fits = fit(name, PEOPLE)
    error = fits.std_error
    has = np.isfinite(error)
    # Nothing is said of the errors of what was told.
    assert (~has).sum() == {"em-known-shares": 8, "em-known-sds": 8}.get(name, 0)
    inside = (fits.lower < fits.estimate) & (fits.estimate < fits.upper)
    assert (inside == has).all()
    means = [1, 4, 6]
    width = fits.upper[..., means] - fits.lower[..., means]
    np.testing.assert_allclose(width, 2 * 1.959963984540054 * error[..., means], rtol=1e-9)


def test_a_labelled_estimator_asks_for_labels():
    with pytest.raises(ValueError, match="needs the group of every person"):
        fit_heights(spec_of_one(CATALOGUE["mle"], NAMES, KEY), np.array([170.0]), None)


def test_samples_of_another_block_are_refused():
    with pytest.raises(ValueError, match="expected samples of replicates 0 to 1"):
        fit_block(spec_of("mle", (20,), 2), PEOPLE)
    with pytest.raises(ValueError, match="at least 2000 people, got 1500"):
        fit_block(spec_of("mle", (2000,), 4), PEOPLE)


def test_numbers_of_a_start_do_not_depend_on_how_many_there_are():
    spec = spec_of("em", (20,), 3)
    fewer = replace(spec, estimator=replace(spec.estimator, starts=4))
    assert (start_uniforms(fewer) == start_uniforms(spec)[:, :4]).all()
