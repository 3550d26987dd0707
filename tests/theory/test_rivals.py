"""The chance of a rival is the share of samples in which it is the higher."""

import numpy as np
import pytest

from stature.domain.bias import Bias, Contamination, NoBias, Truncation
from stature.domain.mixture import Mixture, log_density
from stature.domain.model import Model, Sampling
from stature.domain.population import Group, Population
from stature.theory.bounds import BoundsSpec, derive
from stature.theory.coordinates import coordinates
from stature.theory.infinite import Infinite, in_units, infinite_sample
from stature.theory.rivals import rival_chance

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
# Any two mixtures stand for two maxima.
ONE = Mixture(np.array([0.5, 0.5]), np.array([163.0, 176.0]), np.array([6.5, 7.0]))
OTHER = Mixture(np.array([0.6, 0.4]), np.array([164.0, 177.5]), np.array([6.8, 6.5]))
HIDDEN = Model("none")
STRANGERS = Contamination(0.05, mean_cm=172.0, sd_cm=20.0)


def people(model: Model, bias: Bias, sampling: Sampling = "random") -> Infinite:
    sample = infinite_sample(SCHOOL, bias, model, sampling)
    assert sample is not None
    return sample


@pytest.mark.parametrize("sampling", ["random", "stratified"])
@pytest.mark.parametrize("n", [200, 1000])
def test_the_chance_is_that_of_drawn_samples(n: int, sampling: Sampling) -> None:
    sample = people(HIDDEN, NoBias(), sampling)
    one, other = (coordinates(in_units(mixture, sample)) for mixture in (ONE, OTHER))
    (expected,) = rival_chance(one, [other], sample, np.array([n], dtype=np.int32))
    rng = np.random.default_rng(20261127)
    draws = 4000
    girls = np.full(draws, n // 2) if sampling == "stratified" else rng.binomial(n, 0.5, size=draws)
    who = np.arange(n) < girls[:, None]
    heights = np.where(who, rng.normal(163.0, 6.5, (draws, n)), rng.normal(176.0, 7.0, (draws, n)))
    lead = (log_density(ONE, heights.ravel()) - log_density(OTHER, heights.ravel())).reshape(
        draws, n
    )
    found = float((lead.sum(axis=1) < 0.0).mean())
    assert 0.02 < expected < 0.5
    # Four Monte-Carlo errors, and what is not normal in a sum of n: of order 1 / sqrt(n).
    assert abs(found - expected) < 4.0 * np.sqrt(0.25 / draws) + 0.2 / np.sqrt(n)


def test_who_could_not_be_measured_is_not_counted() -> None:
    # Twice as many people are met as are measured, and the same people decide.
    model = Model("none")
    seen, cut = people(model, Truncation(170.0)), people(model, Truncation(below_cm=170.0))
    one, other = (coordinates(in_units(mixture, seen)) for mixture in (ONE, OTHER))
    sizes = np.array([100, 400], dtype=np.int32)
    np.testing.assert_array_equal(
        rival_chance(one, [other], seen, sizes), rival_chance(one, [other], cut, sizes)
    )


def test_without_rivals_there_is_no_chance_and_with_many_it_is_at_most_one() -> None:
    sample = people(HIDDEN, NoBias())
    one, other = (coordinates(in_units(mixture, sample)) for mixture in (ONE, OTHER))
    sizes = np.array([10, 1000], dtype=np.int32)
    assert rival_chance(one, [], sample, sizes).tolist() == [0.0, 0.0]
    assert rival_chance(one, [one], sample, sizes).tolist() == [0.0, 0.0]
    once = rival_chance(one, [other], sample, sizes)
    np.testing.assert_allclose(rival_chance(one, [other, other], sample, sizes), 2.0 * once)
    assert rival_chance(one, [other] * 9, sample, sizes)[0] == 1.0


def test_maxima_that_mirror_each_other_tie() -> None:
    equal = Population("equal", (Group("a", 0.5, 160.0, 7.0), Group("b", 0.5, 176.0, 7.0)))
    sample = infinite_sample(equal, NoBias(), HIDDEN, "random")
    assert sample is not None
    shares, means_cm, sds_cm = OTHER.shares, OTHER.means_cm, OTHER.sds_cm
    mirrored = Mixture(shares[::-1], 2.0 * 168.0 - means_cm[::-1], sds_cm[::-1])
    one, other = (coordinates(in_units(mixture, sample)) for mixture in (OTHER, mirrored))
    sizes = np.array([100, 1_000_000], dtype=np.int32)
    np.testing.assert_allclose(rival_chance(one, [other], sample, sizes), 0.5, atol=1e-6)


def test_a_rival_loses_with_more_people() -> None:
    sizes = (100, 1000, 10_000, 100_000)
    table = derive(BoundsSpec(SCHOOL, STRANGERS, "random", sizes, (HIDDEN,)))
    of_sizes = table.rival_chance[:: len(table.size) // len(sizes)]
    assert (np.diff(of_sizes) < 0.0).all()
    assert of_sizes[0] > 0.1
    assert of_sizes[-1] < 1e-6
