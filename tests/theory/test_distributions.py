"""Distributions under every kind of bias: those of people who are drawn, and of formulas."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from stature.design.samples import DrawSpec, draw
from stature.domain.bias import (
    Bias,
    Classes,
    Coding,
    Contamination,
    Heaping,
    NoBias,
    Nonresponse,
    ProbitSelection,
    Rounding,
    Selection,
    SelfReport,
    Sequence,
    SizeBias,
    Tilt,
    Truncation,
    has_classes,
)
from stature.domain.model import Sampling
from stature.domain.observation import Grid
from stature.domain.population import DataFile, Group, Pool, Population
from stature.theory.distributions import recorded_distribution, roughly_kept
from stature.theory.labelled import group_moments
from tests.domain.test_bias import BIASES, HEAPS, SCHOOL

POOL = Pool((np.linspace(150.0, 174.0, 40), np.linspace(160.5, 190.0, 55)))
FILED = Population(
    "filed",
    tuple(
        Group(name, share, float(x.mean()), float(x.std()))
        for name, share, x in zip(("girls", "boys"), (0.4, 0.6), POOL.heights_cm, strict=True)
    ),
    DataFile("people.csv", "height", "cm", "sex", "00"),
)
FILE = DataFile("people.csv", "height", "cm", "group", "0")
MORE = [
    Selection(-0.3, "boys"), Truncation(above_cm=180.0), Truncation(150.0, 170.0), Rounding(1e-6)
]  # fmt: skip
# The farthest mean is so far off that no cap of a weight is near the group of interest.
FAR = Population("far", (Group("low", 0.5, 170.0, 7.0), Group("high", 0.5, 300.0, 7.0)))


@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("pool", [None, POOL], ids=["normal", "file"])
@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_people_who_are_drawn_follow_the_distribution(
    bias: Bias, pool: Pool | None, sampling: Sampling
) -> None:
    population = SCHOOL if pool is None else FILED
    recorded = recorded_distribution(population, bias, sampling, pool)
    means_cm, variances, fourth = group_moments(recorded)
    # 200 replicates of 1000 people; errors from the spread of replicates, who are independent.
    samples = draw(DrawSpec(population, bias, sampling, 7, 0, 199, 1000), pool)
    for k in range(2):
        here = samples.group_index == k
        people = here.sum(axis=1)
        totals = np.where(here, samples.heights_cm - means_cm[k], 0.0).sum(axis=1)
        squares = np.where(here, (samples.heights_cm - means_cm[k]) ** 2, 0.0).sum(axis=1)
        excess = squares - variances[k] * people
        # 200 distributions, groups and moments are compared: 5 standard errors.
        assert abs(totals.sum()) < 5 * totals.std() * np.sqrt(200) + 1e-9
        assert abs(excess.sum()) < 5 * excess.std() * np.sqrt(200) + 1e-7
        if not has_classes(bias):
            # Without classes people are independent, and theory has these spreads too.
            expected = people.mean() * (fourth[k] - variances[k] ** 2)
            assert 0.6 * expected < excess.var() < 1.5 * expected
    if sampling == "random":
        share = samples.group_index.mean()
        error = np.sqrt(recorded.shares.prod() / samples.group_index.size)
        assert abs(share - recorded.shares[1]) < 5 * error


@pytest.mark.parametrize("bias", [*BIASES, *MORE], ids=str)
@pytest.mark.parametrize("pool", [None, POOL], ids=["normal", "file"])
@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_masses_and_shares_sum_to_one(bias: Bias, pool: Pool | None, sampling: Sampling) -> None:
    recorded = recorded_distribution(SCHOOL if pool is None else FILED, bias, sampling, pool)
    assert_allclose(recorded.masses.sum(axis=1), 1.0, rtol=1e-12)
    assert_allclose(recorded.shares.sum(), 1.0, rtol=1e-14)
    assert_allclose(recorded.weights.sum(), 1.0, rtol=1e-12)
    assert recorded.masses.min() >= 0.0
    assert (np.diff(recorded.nodes_cm) > 0).all()
    assert ((recorded.kept > 0.0) & (recorded.kept < 1.0 + 1e-12)).all()


@pytest.mark.parametrize(
    "bias",
    [
        NoBias(),
        Selection(0.0),
        Tilt(0.0),
        Nonresponse("boys", 1.0),
        Coding(),
        Heaping((Grid(5.0, 0.0),)),
        SelfReport(0.0, 0.0),
        Contamination(0.0, 0.3937),
        Contamination(0.0, None, 100.0, 5.0),
        Classes(25, 0.0),
        Truncation(),
        Truncation(0.0, 400.0),
        Sequence((Selection(0.0), SelfReport(0.0, 0.0), Coding(0.0, 400.0), Classes(2, 0.0))),
    ],
    ids=str,
)
def test_a_bias_of_no_strength_leaves_the_population(bias: Bias) -> None:
    recorded = recorded_distribution(SCHOOL, bias, "random")
    means_cm, variances, fourth = group_moments(recorded)
    assert_allclose(means_cm, SCHOOL.means_cm, rtol=1e-13)
    assert_allclose(variances, SCHOOL.sds_cm**2, rtol=1e-11)
    assert_allclose(fourth, 3.0 * SCHOOL.sds_cm**4, rtol=1e-11)
    assert_allclose(recorded.shares, SCHOOL.shares, rtol=1e-13)


def moments(population: Population, bias: Bias) -> tuple[float, float, float]:
    """Mean, variance and chance of being kept of the first group."""
    recorded = recorded_distribution(population, bias, "random")
    means_cm, variances, _ = group_moments(recorded)
    return means_cm[0], variances[0], recorded.kept[0]


@pytest.mark.parametrize("c", [0.05, -0.05])
def test_a_tilt_moves_the_mean_by_its_variance(c: float) -> None:
    low = Group("other", 0.5, 40.0, 7.0)
    population = FAR if c > 0 else Population("far", (Group("it", 0.5, 170.0, 7.0), low))
    recorded = recorded_distribution(population, Tilt(c), "random")
    means_cm, variances, _ = group_moments(recorded)
    k = 0 if c > 0 else 1
    assert_allclose(means_cm[k], 170.0 + c * 49.0, rtol=1e-10)
    assert_allclose(variances[k], 49.0, rtol=1e-10)
    cap = 335.0 if c > 0 else 5.0
    kept = np.exp(c * (170.0 - cap) + c**2 * 49.0 / 2)
    assert_allclose(recorded.kept[k], kept, rtol=1e-10)


def test_size_bias_has_the_moments_of_the_formulas() -> None:
    mean_cm, variance, kept = moments(FAR, SizeBias())
    assert_allclose(mean_cm, 170.0 + 49.0 / 170.0, rtol=1e-10)
    assert_allclose(variance, 49.0 * (1 - 49.0 / 170.0**2), rtol=1e-10)
    assert_allclose(kept, 170.0 / 335.0, rtol=1e-10)


@pytest.mark.parametrize(("c", "d"), [(172.0, 8.0), (180.0, 0.5)])
def test_a_hurdle_has_the_moments_of_the_formulas(c: float, d: float) -> None:
    mu, v = 163.0, 6.5**2
    root = np.sqrt(d**2 + v)
    z = (mu - c) / root
    h = stats.norm.pdf(z) / stats.norm.cdf(z)
    mean_cm, variance, kept = moments(SCHOOL, ProbitSelection(c, d))
    assert_allclose(kept, stats.norm.cdf(z), rtol=1e-10)
    assert_allclose(mean_cm, mu + v * h / root, rtol=1e-10)
    assert_allclose(variance, v - v**2 * h * (z + h) / root**2, rtol=1e-10)


def test_coding_puts_all_that_is_beyond_on_the_limit() -> None:
    recorded = recorded_distribution(SCHOOL, Coding(above_cm=170.0), "random")
    assert recorded.nodes_cm[-1] == 170.0
    z = (170.0 - 163.0) / 6.5
    tail, density = stats.norm.sf(z), stats.norm.pdf(z)
    assert_allclose(recorded.masses[0, -1], tail, rtol=1e-12)
    # E min(x, c) = mu Phi(z) - sd phi(z) + c (1 - Phi(z)).
    mean_cm = 163.0 * (1 - tail) - 6.5 * density + 170.0 * tail
    assert_allclose(group_moments(recorded)[0][0], mean_cm, rtol=1e-12)


@pytest.mark.parametrize("answers", [1.0, 0.5])
def test_contamination_mixes_two_populations(answers: float) -> None:
    first = Nonresponse("girls", answers)
    for bias in (Contamination(0.1, None, 140.0, 8.0), Contamination(0.1, 0.5)):
        mean_cm, variance, kept = moments(SCHOOL, Sequence((first, bias)))
        at, v = (140.0, 64.0) if bias.factor is None else (0.5 * 163.0, 0.25 * 6.5**2)
        assert_allclose(mean_cm, 0.9 * 163.0 + 0.1 * at, rtol=1e-12)
        expected = 0.9 * 6.5**2 + 0.1 * v + 0.9 * 0.1 * (163.0 - at) ** 2
        assert_allclose(variance, expected, rtol=1e-11)
        assert_allclose(kept, answers, rtol=1e-12)


def test_noise_after_a_step_on_nodes_is_noise_before_it_where_they_commute() -> None:
    # A group that answers less often commutes with noise; a selection without slope stands on
    # nodes and changes nothing, so that noise after it has to come out of nodes.
    direct = moments(SCHOOL, SelfReport(1.0, 2.0))
    around = moments(SCHOOL, Sequence((Selection(0.0), SelfReport(1.0, 2.0))))
    assert_allclose(around[:2], direct[:2], rtol=1e-12)
    cut = Truncation(below_cm=165.0)
    direct = moments(SCHOOL, Sequence((SelfReport(1.0, 2.0), cut)))
    around = moments(SCHOOL, Sequence((SizeBias("boys"), SelfReport(1.0, 2.0), cut)))
    assert_allclose(around[:2], direct[:2], rtol=1e-11)


def test_nobody_is_left_as_nobody() -> None:
    nobody = Sequence((Truncation(below_cm=900.0), SelfReport(1.0, 2.0)))
    recorded = recorded_distribution(SCHOOL, nobody, "random")
    assert not recorded.kept.any()
    assert not recorded.masses.any()
    assert recorded.resolution_cm == 0.0
    assert_array_equal(recorded.shares, SCHOOL.shares)


def test_the_order_of_steps_counts() -> None:
    grid, cut = Rounding(5.0), Truncation(below_cm=161.0)
    first, last = Sequence((grid, cut)), Sequence((cut, grid))
    assert recorded_distribution(SCHOOL, first, "random").nodes_cm[0] == 165.0
    assert recorded_distribution(SCHOOL, last, "random").nodes_cm[0] == 160.0
    edges = (162.5 - 163.0) / 6.5, (161.0 - 163.0) / 6.5
    for bias, edge in zip((first, last), edges, strict=True):
        assert_allclose(moments(SCHOOL, bias)[2], stats.norm.sf(edge), rtol=1e-12)


@pytest.mark.parametrize("bias", [bias for bias in BIASES if bias != NoBias()], ids=str)
def test_a_rough_chance_is_right_to_a_few_digits(bias: Bias) -> None:
    recorded = recorded_distribution(SCHOOL, bias, "random")
    assert_allclose(roughly_kept(SCHOOL, bias), recorded.kept, rtol=0.01)


def test_cuts_give_the_moments_of_truncated_normals() -> None:
    below_cm, above_cm = 160.0, 185.0
    recorded = recorded_distribution(SCHOOL, Truncation(below_cm, above_cm), "random")
    means_cm, variances, _ = group_moments(recorded)
    for k, group in enumerate(SCHOOL.groups):
        a, b = ((cut - group.mean_cm) / group.sd_cm for cut in (below_cm, above_cm))
        z = stats.norm.cdf(b) - stats.norm.cdf(a)
        lean = (stats.norm.pdf(a) - stats.norm.pdf(b)) / z
        edge = (a * stats.norm.pdf(a) - b * stats.norm.pdf(b)) / z
        assert_allclose(recorded.kept[k], z, rtol=1e-13)
        assert_allclose(means_cm[k], group.mean_cm + group.sd_cm * lean, rtol=1e-13)
        assert_allclose(variances[k], group.sd_cm**2 * (1 + edge - lean**2), rtol=1e-12)
    people = SCHOOL.shares * recorded.kept
    assert_allclose(recorded.shares, people / people.sum(), rtol=1e-13)


def test_rare_selection_tilts_a_normal_by_its_variance() -> None:
    # 150 cm under the centre of 250 cm, 1/(1 + exp(-y)) is exp(y) to 1e-13: the low group is
    # tilted by exp(c x), which moves its mean by c v and leaves v.
    far = Population("far", (Group("low", 0.5, 100.0, 2.0), Group("high", 0.5, 400.0, 2.0)))
    c, v = 0.2, 4.0
    recorded = recorded_distribution(far, Selection(c), "random")
    means_cm, variances, _ = group_moments(recorded)
    assert_allclose(means_cm[0], 100.0 + c * v, rtol=1e-12)
    assert_allclose(variances[0], v, rtol=1e-11)
    kept = np.exp(c * (100.0 - 250.0) + c**2 * v / 2)
    assert_allclose(recorded.kept, [kept, 1.0], rtol=1e-11)


def test_selection_of_one_group_shifts_only_that_group_and_the_shares() -> None:
    recorded = recorded_distribution(SCHOOL, Selection(0.2, "boys"), "random")
    means_cm, variances, _ = group_moments(recorded)
    assert_allclose(means_cm[0], 163.0, rtol=1e-13)
    assert_allclose(variances[0], 6.5**2, rtol=1e-12)
    assert means_cm[1] > 176.5
    assert_allclose(recorded.kept[0], 0.5, rtol=1e-13)
    people = SCHOOL.shares * recorded.kept
    assert_allclose(recorded.shares, people / people.sum(), rtol=1e-13)
    stratified = recorded_distribution(SCHOOL, Selection(0.2, "boys"), "stratified")
    assert_array_equal(stratified.shares, SCHOOL.shares)


# Sheppard's correction is off by terms of order exp(-2 (pi sd / step)^2): 5e-15 at 5 cm here.
@pytest.mark.parametrize(
    ("bias", "shift_cm", "added"),
    [
        *((Rounding(step), 0.0, step**2 / 12) for step in (0.5, 1.0, 5.0)),
        (HEAPS, 0.0, 0.3 * 2.54**2 / 12 + 0.2 * 25.0 / 12),
        (Sequence((SelfReport(1.0, 2.0), Classes(25, 3.0))), 1.0, 4.0 + 9.0),
    ],
    ids=str,
)
def test_rounding_and_noise_add_their_variance(bias: Bias, shift_cm: float, added: float) -> None:
    means_cm, variances, _ = group_moments(recorded_distribution(SCHOOL, bias, "random"))
    assert_allclose(means_cm, SCHOOL.means_cm + shift_cm, rtol=1e-13)
    assert_allclose(variances, SCHOOL.sds_cm**2 + added, rtol=1e-11)


def test_people_are_counted_kept_and_rounded_as_they_are() -> None:
    girls, boys = np.array([159.0, 161.0, 161.0, 163.0]), np.array([171.0, 177.0])
    population = Population(
        "few", (Group("girls", 2 / 3, 161.0, np.sqrt(2)), Group("boys", 1 / 3, 174.0, 3.0)), FILE
    )
    pool = Pool((girls, boys))
    plain = recorded_distribution(population, NoBias(), "random", pool)
    assert_array_equal(plain.nodes_cm, [159, 161, 163, 171, 177])
    assert_allclose(plain.masses, [[1 / 4, 1 / 2, 1 / 4, 0, 0], [0, 0, 0, 1 / 2, 1 / 2]])
    cut = recorded_distribution(population, Truncation(below_cm=160.0), "random", pool)
    assert_allclose(cut.kept, [3 / 4, 1.0])
    # 2/3 x 3/4 against 1/3 x 1.
    assert_allclose(cut.shares, [3 / 5, 2 / 5])
    assert_array_equal(cut.nodes_cm, [161, 163, 171, 177])
    assert_allclose(cut.masses[0], [2 / 3, 1 / 3, 0, 0])
    rounded = recorded_distribution(population, Rounding(5.0), "random", pool)
    # 159, 161, 161 -> 160, 163 -> 165; 171 -> 170, 177 -> 175.
    assert_array_equal(rounded.nodes_cm, [160, 165, 170, 175])
    assert_allclose(rounded.masses, [[3 / 4, 1 / 4, 0, 0], [0, 0, 1 / 2, 1 / 2]])


def test_a_data_file_needs_its_people_and_normal_groups_have_none() -> None:
    with pytest.raises(ValueError, match="school"):
        recorded_distribution(SCHOOL, NoBias(), "random", Pool((np.ones(1), np.ones(1))))
    with pytest.raises(ValueError, match="file"):
        recorded_distribution(Population("file", SCHOOL.groups, FILE), NoBias(), "random")
