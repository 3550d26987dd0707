"""Laws that every estimator of the catalogue obeys: a new one is tested by being listed."""

from dataclasses import fields, replace

import numpy as np
import pytest

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, SeStatus, Status
from stature.estimators.fit import fit_block, fit_heights, spec_of_one, start_uniforms
from tests.estimators.laws import KEY, NAMES, SHARES, fit, moved, samples, spec_of, twice

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
def test_every_fit_is_a_row_with_a_status(name: str):
    fits = fit(name, PEOPLE, 2, 3, 20, 1500)
    assert fits.estimate.shape == (4, 4, 7)
    assert set(np.unique(fits.status)) <= set(map(int, Status))
    assert (fits.status[:, -1] == Status.CONVERGED).all()
    assert (fits.se_status[:, -1] == SeStatus.OK).all()
    assert np.isfinite(fits.estimate[:, -1]).all()


@pytest.mark.parametrize("name", ALL)
def test_a_converged_fit_stands_at_a_maximum(name: str):
    fits = fit(name, PEOPLE, 500, 1500)
    assert (fits.decrement < 1e-12).all()


@pytest.mark.parametrize("name", ALL)
def test_shifting_and_scaling_people_shifts_and_scales_estimates(name: str):
    fits, other = fit(name, PEOPLE), fit(name, moved(PEOPLE, 2.0, -100.0), sds_cm=(12.0, 14.0))
    shares, means, sds, gap = [0, 3], [1, 4], [2, 5], [6]
    np.testing.assert_allclose(other.estimate[..., shares], fits.estimate[..., shares], rtol=1e-9)
    np.testing.assert_allclose(
        other.estimate[..., means], 2 * fits.estimate[..., means] - 100, rtol=1e-9
    )
    for rows in (sds, gap):
        np.testing.assert_allclose(
            other.estimate[..., rows], 2 * fits.estimate[..., rows], rtol=1e-9
        )
        np.testing.assert_allclose(
            other.std_error[..., rows], 2 * fits.std_error[..., rows], rtol=1e-6
        )
    # l_x = l_z - N log 2
    np.testing.assert_allclose(
        other.log_likelihood, fits.log_likelihood - 1500 * np.log(2), rtol=1e-11
    )


@pytest.mark.parametrize("name", ALL)
def test_the_order_of_people_does_not_matter(name: str):
    backwards = replace(
        PEOPLE, heights_cm=PEOPLE.heights_cm[:, ::-1], group_index=PEOPLE.group_index[:, ::-1]
    )
    fits, other = fit(name, PEOPLE), fit(name, backwards)
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-9)
    np.testing.assert_allclose(other.log_likelihood, fits.log_likelihood, rtol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_everybody_twice_gives_the_same_estimates_and_twice_the_information(name: str):
    fits, other = fit(name, PEOPLE), fit(name, twice(PEOPLE))
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-8)
    for error in ("std_error", "robust_std_error"):
        np.testing.assert_allclose(
            getattr(other, error), getattr(fits, error) / np.sqrt(2), rtol=1e-6
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


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("heights_cm", "expected"),
    [
        ([170.0], Status.TOO_FEW),
        ([170.0, 171.0, 172.0], Status.TOO_FEW),
        ([170.0] * 40, Status.DEGENERATE),
    ],
)
def test_data_that_tell_nothing_end_with_a_status(
    name: str, heights_cm: list[float], expected: Status
):
    model = CATALOGUE[name].model
    known_shares = SHARES if model.shares == "known" else None
    known_sds = (6.0, 7.0) if model.sds == "known" else None
    labels = (np.arange(len(heights_cm)) % 2).astype(np.int8)
    spec = spec_of_one(CATALOGUE[name], NAMES, KEY, known_shares, known_sds)
    fits = fit_heights(spec, np.array(heights_cm), labels)
    assert fits.status[0, 0] == expected
    assert fits.se_status[0, 0] != SeStatus.OK


@pytest.mark.parametrize("name", ALL)
def test_a_height_that_is_not_a_number_is_wrong_use(name: str):
    labels = None if CATALOGUE[name].model.labels == "none" else np.zeros(2, np.int8)
    with pytest.raises(ValueError, match="heights_cm must be finite"):
        fit_heights(spec_of_one(CATALOGUE[name], NAMES, KEY), np.array([170.0, np.nan]), labels)


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


def test_three_groups_are_found_by_every_model():
    rng = np.random.default_rng(4)
    which = rng.integers(0, 3, (1, 3000)).astype(np.int8)
    centres = np.array([150.0, 175.0, 200.0])
    people = replace(
        samples(1, 3000),
        heights_cm=centres[which] + 5 * rng.standard_normal((1, 3000)),
        group_index=which,
        group_names=("a", "b", "c"),
    )
    for name in ALL:
        spec = replace(
            spec_of(name, (3000,), 1),
            group_names=("a", "b", "c"),
            known_shares=(1 / 3,) * 3 if CATALOGUE[name].model.shares == "known" else None,
            known_sds_cm=(5.0,) * 3 if CATALOGUE[name].model.sds == "known" else None,
        )
        fits, _ = fit_block(spec, people)
        assert fits.estimate.shape == (1, 1, 11)
        assert fits.status[0, 0] == Status.CONVERGED
        # 5 standard errors, whatever the model: labels hidden cost little 5 SDs apart.
        means = fits.estimate[0, 0, [1, 4, 7]]
        assert (np.abs(means - centres) < 5 * fits.std_error[0, 0, [1, 4, 7]]).all()
