"""Laws of recorded heights: their moments are those of formulas, and of the people themselves."""

import numpy as np
import pytest
from scipy import stats

from stature.arrays import Floats
from stature.domain.bias import Bias, NoBias, Rounding, Selection, Truncation
from stature.domain.model import Sampling
from stature.domain.population import DataFile, Group, Pool, Population
from stature.theory.distributions import Distribution, recorded_distribution
from stature.theory.labelled_moments import group_moments

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
FILE = DataFile("people.csv", "height", "cm", "group", "0")
BIASES: list[Bias] = [
    NoBias(),
    Selection(0.05),
    Selection(-0.3, "boys"),
    Truncation(below_cm=160.0),
    Truncation(above_cm=180.0),
    Truncation(below_cm=150.0, above_cm=170.0),
    Rounding(5.0),
    Rounding(1e-6),
]


def mean_and_variance(law: Distribution) -> tuple[Floats, Floats]:
    means_cm, variances, _ = group_moments(law)
    return means_cm, variances


@pytest.mark.parametrize("bias", BIASES, ids=str)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_masses_and_shares_sum_to_one(bias: Bias, sampling: Sampling) -> None:
    law = recorded_distribution(SCHOOL, bias, sampling)
    np.testing.assert_allclose(law.masses.sum(axis=1), 1.0, rtol=1e-13)
    np.testing.assert_allclose(law.shares.sum(), 1.0, rtol=1e-14)
    np.testing.assert_allclose(law.weights.sum(), 1.0, rtol=1e-13)
    assert law.masses.min() >= 0.0


@pytest.mark.parametrize(
    "bias", [NoBias(), Selection(0.0), Truncation(), Truncation(0.0, 400.0)], ids=str
)
def test_a_bias_of_no_strength_leaves_the_population(bias: Bias) -> None:
    law = recorded_distribution(SCHOOL, bias, "random")
    means_cm, variances = mean_and_variance(law)
    np.testing.assert_allclose(means_cm, SCHOOL.means_cm, rtol=1e-13)
    np.testing.assert_allclose(variances, SCHOOL.sds_cm**2, rtol=1e-12)
    np.testing.assert_allclose(law.shares, SCHOOL.shares, rtol=1e-13)


def test_the_fourth_moment_of_a_normal_group_is_three_variances_squared() -> None:
    _, variances, fourth = group_moments(recorded_distribution(SCHOOL, NoBias(), "random"))
    np.testing.assert_allclose(fourth, 3 * variances**2, rtol=1e-12)


def test_cuts_give_the_moments_of_truncated_normals() -> None:
    below_cm, above_cm = 160.0, 185.0
    law = recorded_distribution(SCHOOL, Truncation(below_cm, above_cm), "random")
    means_cm, variances = mean_and_variance(law)
    for k, group in enumerate(SCHOOL.groups):
        a, b = ((cut - group.mean_cm) / group.sd_cm for cut in (below_cm, above_cm))
        z = stats.norm.cdf(b) - stats.norm.cdf(a)
        lean = (stats.norm.pdf(a) - stats.norm.pdf(b)) / z
        edge = (a * stats.norm.pdf(a) - b * stats.norm.pdf(b)) / z
        np.testing.assert_allclose(law.kept[k], z, rtol=1e-13)
        np.testing.assert_allclose(means_cm[k], group.mean_cm + group.sd_cm * lean, rtol=1e-13)
        np.testing.assert_allclose(variances[k], group.sd_cm**2 * (1 + edge - lean**2), rtol=1e-12)
    np.testing.assert_allclose(law.shares, law.kept / law.kept.sum(), rtol=1e-13)


def test_a_half_normal_has_mean_root_two_over_pi() -> None:
    one = Population("one", (Group("all", 1.0, 170.0, 6.0),))
    means_cm, variances = mean_and_variance(
        recorded_distribution(one, Truncation(below_cm=170.0), "random")
    )
    np.testing.assert_allclose(means_cm[0] - 170.0, 6.0 * np.sqrt(2 / np.pi), rtol=1e-12)
    np.testing.assert_allclose(variances[0], 36.0 * (1 - 2 / np.pi), rtol=1e-12)


def test_rare_selection_tilts_a_normal_by_its_variance() -> None:
    # 150 cm under the centre of 250 cm, 1/(1 + exp(-y)) is exp(y) to 1e-13: the low group is
    # tilted by exp(c x), which moves its mean by c v and leaves v.
    far = Population("far", (Group("low", 0.5, 100.0, 2.0), Group("high", 0.5, 400.0, 2.0)))
    c, v = 0.2, 4.0
    law = recorded_distribution(far, Selection(c), "random")
    means_cm, variances = mean_and_variance(law)
    np.testing.assert_allclose(means_cm[0], 100.0 + c * v, rtol=1e-12)
    np.testing.assert_allclose(variances[0], v, rtol=1e-11)
    kept = np.exp(c * (100.0 - 250.0) + c**2 * v / 2)
    np.testing.assert_allclose(law.kept, [kept, 1.0], rtol=1e-11)


def test_selection_of_one_group_shifts_only_that_group_and_the_shares() -> None:
    law = recorded_distribution(SCHOOL, Selection(0.2, "boys"), "random")
    means_cm, variances = mean_and_variance(law)
    np.testing.assert_allclose(means_cm[0], 163.0, rtol=1e-13)
    np.testing.assert_allclose(variances[0], 6.5**2, rtol=1e-12)
    assert means_cm[1] > 176.5
    np.testing.assert_allclose(law.kept[0], 0.5, rtol=1e-13)
    np.testing.assert_allclose(law.shares, law.kept / law.kept.sum(), rtol=1e-13)
    stratified = recorded_distribution(SCHOOL, Selection(0.2, "boys"), "stratified")
    np.testing.assert_array_equal(stratified.shares, SCHOOL.shares)


@pytest.mark.parametrize("step_cm", [0.5, 1.0, 5.0])
def test_rounding_adds_sheppards_twelfth(step_cm: float) -> None:
    # Sheppard's correction is off by terms of order exp(-2 (pi sd / step)^2): 5e-15 at 5 cm here.
    means_cm, variances = mean_and_variance(
        recorded_distribution(SCHOOL, Rounding(step_cm), "random")
    )
    np.testing.assert_allclose(means_cm, SCHOOL.means_cm, rtol=1e-13)
    np.testing.assert_allclose(variances, SCHOOL.sds_cm**2 + step_cm**2 / 12, rtol=1e-11)


def test_people_are_counted_kept_and_rounded_as_they_are() -> None:
    girls, boys = np.array([159.0, 161.0, 161.0, 163.0]), np.array([171.0, 177.0])
    population = Population(
        "few",
        (Group("girls", 2 / 3, 161.0, np.sqrt(2)), Group("boys", 1 / 3, 174.0, 3.0)),
        FILE,
    )
    pool = Pool((girls, boys))
    plain = recorded_distribution(population, NoBias(), "random", pool)
    np.testing.assert_array_equal(plain.nodes_cm, [159, 161, 163, 171, 177])
    np.testing.assert_allclose(plain.masses, [[1 / 4, 1 / 2, 1 / 4, 0, 0], [0, 0, 0, 1 / 2, 1 / 2]])
    cut = recorded_distribution(population, Truncation(below_cm=160.0), "random", pool)
    np.testing.assert_allclose(cut.kept, [3 / 4, 1.0])
    # 2/3 x 3/4 against 1/3 x 1.
    np.testing.assert_allclose(cut.shares, [3 / 5, 2 / 5])
    np.testing.assert_array_equal(cut.nodes_cm, [161, 163, 171, 177])
    np.testing.assert_allclose(cut.masses[0], [2 / 3, 1 / 3, 0, 0])
    rounded = recorded_distribution(population, Rounding(5.0), "random", pool)
    # 159, 161, 161 -> 160, 163 -> 165; 171 -> 170, 177 -> 175.
    np.testing.assert_array_equal(rounded.nodes_cm, [160, 165, 170, 175])
    np.testing.assert_allclose(rounded.masses, [[3 / 4, 1 / 4, 0, 0], [0, 0, 1 / 2, 1 / 2]])


def test_a_group_that_nobody_is_kept_of_has_no_mass() -> None:
    law = recorded_distribution(SCHOOL, Truncation(below_cm=900.0), "stratified")
    np.testing.assert_array_equal(law.kept, [0.0, 0.0])
    assert np.isnan(mean_and_variance(law)[0]).all()


def test_a_data_file_needs_its_people_and_normal_groups_have_none() -> None:
    with pytest.raises(ValueError, match="school"):
        recorded_distribution(SCHOOL, NoBias(), "random", Pool((np.ones(1), np.ones(1))))
    with pytest.raises(ValueError, match="file"):
        recorded_distribution(Population("file", SCHOOL.groups, FILE), NoBias(), "random")
