"""Fits of blocks and of one sample: what they depend on, and what is asked of them."""

from dataclasses import fields, replace

import numpy as np
import pytest

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Status
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


@pytest.mark.parametrize("name", [name for name in ALL if CATALOGUE[name].method != "closed-form"])
def test_no_kept_step_lowers_the_likelihood(name: str):
    _, traces = fit_block(spec_of(name, (300, 1500), 4, traced=4), PEOPLE)
    one = 10_000 * traces.replicate + traces.size
    assert len(np.unique(one)) == 8
    for fit_of in np.unique(one):
        path = traces.log_likelihood[one == fit_of]
        assert (np.diff(path) >= -1e-10 * abs(path[-1])).all()


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


def test_em_and_newton_reach_one_maximum():
    newton = replace(CATALOGUE["em"], method="newton", tolerance=1e-12)
    people = samples(40, 1000, gap_cm=16.0)
    one, other = fit("em", people, 300, 1000), fit(newton, people, 300, 1000)
    both = (one.status == Status.CONVERGED) & (other.status == Status.CONVERGED)
    assert both.mean() > 0.9
    np.testing.assert_allclose(
        one.log_likelihood[both], other.log_likelihood[both], rtol=0, atol=1e-7
    )
