"""A search with as many starts as it takes: what it finds, what it counts, where it starts."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from stature.arrays import Floats
from stature.design.streams import stream_key
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import ENOUGH_STARTS, Fits, Search, Status
from stature.estimators.fit import fit_heights, spec_of_one
from stature.estimators.plain.enough import (
    ENOUGH,
    KINDS,
    Ends,
    Ground,
    chance_of_better,
    crowded,
    is_counted,
    judged,
    merged,
    more_starts,
    neighbours,
)

BEST = -191.714


def missed() -> Floats:
    """A set of which ten starts saw the second-best maximum, -193.650, with five seeds of six."""
    rng = np.random.default_rng(27)
    groups = (9.7, 0.42, 7), (19.75, 0.44, 17), (21.9, 2.28, 55), (33.0, 0.9, 3)
    return np.round(np.concatenate([rng.normal(*group) for group in groups]), 3)


def found(values: Floats, groups: int, seed: int = 1, name: str = "em") -> tuple[Fits, Search]:
    """A fit with as many starts as it takes."""
    estimator = replace(CATALOGUE[name], starts=ENOUGH_STARTS)
    names = tuple(f"group {k + 1}" for k in range(groups))
    fits = fit_heights(spec_of_one(estimator, names, stream_key(seed, "a")), values, None)
    assert fits.search is not None
    return fits, fits.search


@pytest.mark.parametrize("seed", range(1, 7))
def test_every_seed_finds_the_best_maximum_of_a_set_that_was_missed(seed: int):
    fits, search = found(missed(), 4, seed)
    assert fits.status.item() == Status.CONVERGED
    assert fits.log_likelihood.item() == pytest.approx(BEST, abs=5e-4)
    assert search.chance_of_better < ENOUGH
    assert search.agreeing == fits.starts_agreeing.item() > 1
    w, n = search.maxima, search.starts
    assert search.chance_of_better == pytest.approx(float(Fraction(w * (w + 1), n * (n - 1))))


def test_a_search_depends_on_nothing_but_its_stream():
    (one, search), (other, again) = (found(missed(), 3, 5) for _ in range(2))
    assert search == again
    assert (one.estimate == other.estimate).all()


def highest_by_numpy(values: Floats, groups: int, seed: int) -> float:
    """Log-likelihood of the best of 100 starts of EM: three people a group, no SD under .06."""
    rng, x = np.random.default_rng(seed), (values - values.mean()) / values.std()
    means = np.sort(rng.choice(x, (100, groups)), axis=1)
    sds = np.exp(rng.uniform(np.log(0.1), 0.0, means.shape))
    shares = rng.dirichlet(np.ones(groups), 100)
    total = np.zeros(100)
    for _ in range(300):
        z = (x[:, None] - means[:, None]) / sds[:, None]
        density = shares[:, None] * np.exp(-0.5 * z**2) / sds[:, None]
        sums = density.sum(axis=2, keepdims=True)
        total = np.log(sums).sum(axis=(1, 2))
        posterior = density / sums
        people = np.maximum(posterior.sum(axis=1), 1e-9)
        means = np.einsum("snk,n->sk", posterior, x) / people
        squares = np.einsum("snk,snk->sk", posterior, (x[:, None] - means[:, None]) ** 2)
        sds, shares = np.maximum(np.sqrt(squares / people), 1e-3), people / len(x)
    usual = (sds.min(axis=1) >= 0.06) & (len(x) * shares.min(axis=1) >= 3.0)
    constant = len(x) * (0.5 * np.log(2.0 * np.pi) + np.log(values.std()))
    return float(total[usual].max()) - constant


@pytest.mark.parametrize("number", range(6))
def test_many_starts_of_em_find_nothing_better(number: int):
    rng, groups = np.random.default_rng([31, number]), 2 + number % 4
    sizes = rng.integers(12, 60, groups)
    means, sds = rng.uniform(0.0, 12.0, groups), np.exp(rng.normal(0.0, 0.6, groups))
    values = np.concatenate([rng.normal(*one) for one in zip(means, sds, sizes, strict=True)])
    fits, search = found(values, groups)
    assert fits.status.item() == Status.CONVERGED
    assert fits.log_likelihood.item() >= highest_by_numpy(values, groups, number) - 1e-4
    assert search.tried >= search.starts >= search.agreeing >= 1


@pytest.mark.parametrize("name", ["em", "em-equal-sds", "em-squarem", "newton"])
def test_groups_that_are_narrow_and_far_apart_are_no_clusters_of_chance(name: str):
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(10.0, 0.1, 30), rng.normal(20.0, 0.1, 50)])
    fits, search = found(values, 2, name=name)
    means = fits.estimate[0, 0, [1, 4]]
    np.testing.assert_allclose(means, [values[:30].mean(), values[30:].mean()], rtol=1e-9)
    assert search.passed_over == 0


def test_a_chance_by_hand():
    assert chance_of_better(26, 2) == pytest.approx(6 / 650)
    assert chance_of_better(10, 10) == chance_of_better(1, 1) == chance_of_better(0, 0) == 1.0


def test_clusters_of_chance_do_not_count_unless_they_rise_far():
    # Ten people and two groups: a usual maximum three times, another, one with an SD of .05, one
    # with a group of two, and no maximum. 5 log 10 is 11.5: the last but one is higher by 12.
    sds = [0.5, 0.5, 0.5, 0.5, 0.05, 0.5, 0.05, 0.5]
    small = [0.4, 0.4, 0.4, 0.4, 0.4, 0.2, 0.4, 0.4]
    theta = np.array([[1 - p, p, -1, 1, 0.5, sd] for p, sd in zip(small, sds, strict=True)])
    value = np.array([-20.0, -20.0 + 2e-5, -20.0, -21.0, -15.0, -14.0, -8.0, -np.inf])
    assert is_counted(Ends(theta, value), 10.0).tolist() == [True] * 4 + [False] * 2 + [True, False]
    few = Ends(theta[:6], value[:6])
    assert judged(few, is_counted(few, 10.0)) == Search(6, 4, 3, 2, 6 / 12, 2)
    narrow = Ends(theta[4:6], value[4:6])
    assert is_counted(narrow, 10.0).all()


def ground_of(values: Floats, groups: int, shares: Floats | None = None) -> Ground:
    return Ground(
        np.sort(values), np.ones(len(values)), groups, shares, lambda _: Ends(*[values] * 2)
    )


@pytest.mark.parametrize("groups", [2, 3, 5])
@pytest.mark.parametrize("known", [False, True])
def test_every_start_is_a_mixture(groups: int, known: bool):
    rng = np.random.default_rng(groups)
    shares = np.arange(1.0, groups + 1) / np.arange(1.0, groups + 1).sum() if known else None
    ground = ground_of(rng.standard_normal(40), groups, shares)
    uniforms = rng.random((40 * KINDS, 3 * groups + 3))
    uniforms[: 4 * KINDS, 1:] = np.repeat([0.0, np.nextafter(1.0, 0.0)], 2 * KINDS)[:, None]
    uniforms[:, 0] = (np.arange(len(uniforms)) % KINDS + 0.5) / KINDS
    nothing = np.empty((0, 3 * groups))
    begin = more_starts(ground, nothing, uniforms)
    begin = np.concatenate([begin, more_starts(ground, begin[-5:], uniforms)])
    begin = np.concatenate([begin, list(neighbours(ground, begin[-1]))])
    share, mean, sd = begin[:, :groups], begin[:, groups : 2 * groups], begin[:, 2 * groups :]
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    assert (share > 0.0).all()
    assert (np.diff(mean, axis=1) >= 0.0).all()
    assert (sd >= 0.05).all()
    assert np.isfinite(begin).all()
    assert shares is None or (share == shares).all()


def test_two_groups_that_become_one_keep_mean_and_variance():
    groups = np.array([[0.2, -1.0, 0.5], [0.3, 0.0, 1.0], [0.5, 2.0, 0.1]])
    (other, one) = merged(groups, (0, 2))
    # (.2 x -1 + .5 x 2) / .7 = 8/7; second moments (.2 x 1.25 + .5 x 4.01) / .7 = 2.255/.7.
    np.testing.assert_allclose(other, groups[1])
    np.testing.assert_allclose(one, [0.7, 8 / 7, np.sqrt(2.255 / 0.7 - (8 / 7) ** 2)])


def test_a_crowd_is_seen_where_a_mixture_expects_nobody():
    values = np.concatenate([np.random.default_rng(1).standard_normal(60), 4.0 + np.arange(5) / 50])
    theta = np.array([0.5, 0.5, -0.5, 0.5, 0.8, 0.8])
    share, mean, sd = crowded(ground_of(values, 2), theta)[0]
    # Runs are of 3, 4, 6, 10, ... people: four of the five.
    assert share == pytest.approx(4 / 65)
    assert 4.0 < mean < 4.08
    assert sd == pytest.approx(0.06)  # that of a group that is no cluster of chance
