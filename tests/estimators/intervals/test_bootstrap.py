"""Bootstrap intervals: what is drawn, what is counted, and why they are percentiles."""

from dataclasses import replace

import numpy as np
import pytest

from stature.arrays import Floats
from stature.design.samples import Samples
from stature.domain.model import Model, Sampling
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, IntervalStatus, Status
from stature.estimators.fit import fit_block
from stature.estimators.intervals import block
from stature.estimators.intervals.block import Design, draws, percentile_interval, resampled
from stature.estimators.plain.batch import constraints_of, settings_of
from tests.estimators.laws import SDS_CM, SHARES, fit, moved, samples, spec_of

THETA_CM = np.array([0.3, 0.7, 163.0, 189.0, 6.0, 7.0])
NEWTON = CATALOGUE["newton"]


def drawn(size: int, count: int, sampling: Sampling) -> Floats:
    """All samples of `THETA_CM`."""
    parts = draws(Design(THETA_CM, size, sampling), count, np.random.default_rng(4))
    return np.concatenate(list(parts))


@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_samples_are_of_the_fit(sampling: Sampling) -> None:
    size, count = 500, 400
    x = drawn(size, count, sampling)
    mean = 0.3 * 163.0 + 0.7 * 189.0
    within = 0.3 * 36.0 + 0.7 * 49.0
    between = 0.3 * 0.7 * 26.0**2
    # Fixed numbers of people take the variance between groups out of that of the mean.
    variance_of_mean = (within + (between if sampling == "random" else 0.0)) / size
    assert x.mean() == pytest.approx(mean, abs=4.0 * np.sqrt(variance_of_mean / count))
    got = x.mean(axis=1).var(ddof=1)
    assert got == pytest.approx(variance_of_mean, rel=4.0 * np.sqrt(2.0 / (count - 1)))


@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_more_samples_begin_with_the_same_ones(sampling: Sampling, monkeypatch: pytest.MonkeyPatch):
    few = drawn(50, 7, sampling)
    monkeypatch.setattr(block, "MOST_NUMBERS", 150)  # three samples at a time
    np.testing.assert_array_equal(drawn(50, 20, sampling)[:7], few)


def test_percentiles_are_order_statistics() -> None:
    estimates = np.arange(1.0, 200.0)[:, None] * np.array([1.0, 10.0])  # ranks of 199
    lower, upper = percentile_interval(np.random.default_rng(1).permutation(estimates))
    np.testing.assert_allclose(lower, [5.0, 50.0], rtol=1e-14)  # .025 (199 + 1) = 5
    np.testing.assert_allclose(upper, [195.0, 1950.0], rtol=1e-14)


def test_half_of_the_fits_must_have_converged() -> None:
    estimates = np.arange(100.0)[:, None].copy()
    estimates[:50] = np.nan
    assert np.isfinite(percentile_interval(estimates)[0]).all()
    estimates[50] = np.nan
    assert np.isnan(percentile_interval(estimates)[0]).all()


@pytest.mark.parametrize(
    "model",
    [Model("none"), Model("none", sds="equal"), Model("none", shares="known", sds="known")],
    ids=lambda model: model.slug,
)
def test_at_large_n_its_spread_is_the_standard_error(model: Model) -> None:
    count, size = 400, 4000
    estimator = replace(NEWTON, model=model)
    found = fit(estimator, samples(1, size, gap_cm=28.0))
    theta_cm = found.estimate[0, 0][:6].reshape(2, 3).T.ravel()
    constraints = constraints_of(model, 2, SDS_CM if model.sds == "known" else None)
    generator = np.random.default_rng(3)
    design = Design(theta_cm, size, "random")
    estimates = resampled(design, count, constraints, settings_of(estimator), generator)
    assert not np.isnan(estimates).any()
    free = np.isfinite(found.std_error[0, 0])
    ratio = estimates.std(axis=0, ddof=1)[free] / found.std_error[0, 0, free]
    # Four errors of a standard deviation of 400 numbers; 1 % is left to the curvature.
    np.testing.assert_allclose(ratio, 1.0, atol=0.01 + 4.0 / np.sqrt(2.0 * count))
    np.testing.assert_allclose(estimates.std(axis=0)[~free], 0.0, atol=1e-12)


def bootstrap_of(samples_of_each: int) -> Estimator:
    """Newton with bootstrap intervals."""
    return replace(NEWTON, interval="bootstrap", bootstrap_samples=samples_of_each)


def test_neither_block_nor_other_sizes_change_an_interval() -> None:
    people = samples(3, 150)
    both = fit(bootstrap_of(40), people, 100, 150)
    one = fit(bootstrap_of(40), people, 150)
    np.testing.assert_array_equal(both.lower[:, 1], one.lower[:, 0])
    last = Samples(
        people.replicates[2:], people.heights_cm[2:], people.group_index[2:], people.group_names
    )
    spec = replace(spec_of(bootstrap_of(40), (150,), 3), first=2, last=2)
    np.testing.assert_array_equal(fit_block(spec, last)[0].upper[0], one.upper[2])


def test_scale_and_origin_move_the_ends_and_order_does_not_matter() -> None:
    people = samples(3, 150)
    found = fit(bootstrap_of(60), people)
    other = fit(bootstrap_of(60), moved(people, 0.5, 40.0))
    np.testing.assert_allclose(other.lower[..., 1], 0.5 * found.lower[..., 1] + 40.0, rtol=1e-7)
    np.testing.assert_allclose(other.upper[..., 2], 0.5 * found.upper[..., 2], rtol=1e-7)
    turned = fit(bootstrap_of(60), replace(people, heights_cm=people.heights_cm[:, ::-1].copy()))
    np.testing.assert_allclose(turned.lower, found.lower, rtol=1e-7)


def test_what_is_known_has_no_interval_and_failures_are_counted() -> None:
    people = samples(40, 60, gap_cm=8.0)
    estimator = replace(bootstrap_of(40), model=Model("none", shares="known"))
    found = fit(estimator, people)
    assert (found.interval_status[..., [0, 3]] == IntervalStatus.NONE).all()
    assert np.isnan(found.lower[..., [0, 3]]).all()
    converged = found.status == Status.CONVERGED
    assert (found.resamples_failed[~converged] == 0).all()
    failed = found.resamples_failed[converged]
    # Groups that are not apart: some searches end at a group of one person.
    assert failed.sum() > 0
    too_few = found.interval_status[..., 1][converged] == IntervalStatus.TOO_FEW
    assert ((failed > 20) == too_few).all()


def test_percentiles_cover_more_than_basic_intervals_where_it_is_hard() -> None:
    """The evidence for percentiles: 1.9 SDs apart, 200 people.

    A basic interval mirrors the percentiles about the estimate. Near a boundary of a share, or
    near a tie, estimates pile up on one side, and the mirror image lies on the wrong one.
    """
    replicates, count, size = 150, 100, 200
    truth = np.array([SHARES[0], 163.0, SDS_CM[0], SHARES[1], 176.0, SDS_CM[1], 13.0])
    found = fit(bootstrap_of(count), samples(replicates, size, gap_cm=13.0, seed=6))
    lower, upper = found.lower[:, 0], found.upper[:, 0]
    there = np.isfinite(lower).all(axis=1)
    middle = 2.0 * found.estimate[there, 0]
    percentile = (lower[there] <= truth) & (truth <= upper[there])
    basic = (middle - upper[there] <= truth) & (truth <= middle - lower[there])
    gain = percentile.mean(axis=1) - basic.mean(axis=1)
    assert gain.mean() > 4.0 * gain.std(ddof=1) / np.sqrt(len(gain))
