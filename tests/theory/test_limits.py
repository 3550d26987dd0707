"""Limits: the truth without bias, printed numbers, searches by other means, and large samples."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, optimize, special, stats
from scipy.stats import norm

from stature.arrays import Floats
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import (
    Bias,
    Coding,
    Contamination,
    Heaping,
    NoBias,
    Rounding,
    Selection,
    SelfReport,
    Sequence,
    SizeBias,
    Tilt,
    Truncation,
)
from stature.domain.mixture import Mixture, log_density
from stature.domain.model import Model, Sampling, estimates_of, free_coordinates, theta_at
from stature.domain.observation import (
    Grid,
    MiddleSelected,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.population import DataFile, Group, Pool, Population
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, Status
from stature.estimators.fit import spec_of_one
from stature.estimators.general.solve import people_of, solve
from stature.estimators.plain.starts import starts
from stature.theory.bounds import BoundsSpec, derive
from stature.theory.distributions import recorded_distribution
from stature.theory.infinite import InfiniteSample, infinite_sample
from stature.theory.labelled import labelled_limit
from stature.theory.likelihood import likelihood, true_mixture
from stature.theory.limits import (
    Limit,
    chance_of_another,
    distinct,
    em_rate,
    is_regular,
    limit_at,
)
from stature.theory.limits import starts as starts_of
from tests.reference.test_golden_fits import (
    GALTON,
    GOLDEN,
    HEIGHTS_CM,
    LABELLED_GOLDEN,
    LABELS,
    NAMES,
    ROWS_OF_GOLDEN,
    SHARES,
)
from tests.theory.schools import SCHOOL, THREE, covariance_of, limit_in, limit_of, sample_of

FREE, EQUAL = Model("none"), Model("none", sds="equal")
KNOWN_SHARES, KNOWN_SDS = Model("none", shares="known"), Model("none", sds="known")
MODELS = [FREE, EQUAL, KNOWN_SHARES, KNOWN_SDS, Model("none", shares="known", sds="known")]
BIASES: list[Bias] = [NoBias(), Selection(0.05), Truncation(below_cm=160.0), Rounding(5.0)]
CUT = Truncated(160.0)
CENTRE_CM = SCHOOL.mean_cm
TWO = starts(np.random.default_rng(3).random((1, 6, 6)), None, 2)[0]
# Any two mixtures stand for two maxima.
ONE = Mixture(np.array([0.5, 0.5]), np.array([163.0, 176.0]), np.array([6.5, 7.0]))
OTHER = Mixture(np.array([0.6, 0.4]), np.array([164.0, 177.5]), np.array([6.8, 6.5]))
OUTLIERS = Contamination(0.05, mean_cm=172.0, sd_cm=20.0)


def log_density_at(end: Limit) -> float:
    """Mean log-density at a limit, per person and cm."""
    return likelihood(end.u, end.sample.rows).value - float(np.log(end.sample.scale_cm))


def mixture_of(
    model: Model, bias: Bias, sampling: Sampling = "random", population: Population = SCHOOL
) -> Mixture:
    return limit_in(model, bias, sampling, population).mixture


def assert_same(got: Mixture, expected: Mixture, digits: float = 1e-7) -> None:
    assert_allclose(got.shares, expected.shares, rtol=0, atol=digits)
    assert_allclose(got.means_cm, expected.means_cm, rtol=0, atol=20 * digits)
    assert_allclose(got.sds_cm, expected.sds_cm, rtol=0, atol=20 * digits)


@pytest.mark.parametrize("population", [SCHOOL, THREE], ids=lambda population: population.name)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
@pytest.mark.parametrize("bias", [NoBias(), Selection(0.0), Truncation(below_cm=1.0)], ids=str)
def test_without_bias_the_limit_is_the_truth(
    population: Population, sampling: Sampling, bias: Bias
) -> None:
    for model in [FREE, KNOWN_SHARES, KNOWN_SDS, Model("all"), Model("all", sds="known")]:
        got = limit_in(model, bias, sampling, population).mixture
        assert_allclose(got.shares, population.shares, rtol=0, atol=1e-9)
        assert_allclose(got.means_cm, population.means_cm, rtol=0, atol=1e-8)
        assert_allclose(got.sds_cm, population.sds_cm, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("girls_sd_cm", "share", "means_cm", "sd_cm"),
    [
        (6.5, 0.552255, (163.622675, 176.749174), 6.728243),
        (6.0, 0.594239, (164.049302, 177.482573), 6.421792),
    ],
)
def test_equal_sds_go_to_the_printed_limit(
    girls_sd_cm: float, share: float, means_cm: tuple[float, float], sd_cm: float
) -> None:
    population = Population(
        "unequal", (Group("girls", 0.5, 163.0, girls_sd_cm), Group("boys", 0.5, 176.0, 7.0))
    )
    end = limit_in(EQUAL, NoBias(), "stratified", population)
    assert not end.others
    assert_allclose(end.mixture.shares[0], share, rtol=0, atol=6e-7)
    assert_allclose(end.mixture.means_cm, means_cm, rtol=0, atol=6e-7)
    assert_allclose(end.mixture.sds_cm, sd_cm, rtol=0, atol=6e-7)


def test_equal_sds_have_the_printed_errors_around_their_limit() -> None:
    expected: tuple[tuple[Sampling, float], ...] = (("random", 1.24235), ("stratified", 1.14341))
    for sampling, share in expected:
        ses = np.sqrt(np.diag(covariance_of(limit_in(EQUAL, NoBias(), sampling))))
        assert_allclose(ses[0], share, rtol=0, atol=6e-6)
        if sampling == "random":
            assert_allclose(ses[[1, 4, 2]], [18.92202, 20.24118, 9.35504], rtol=0, atol=6e-6)


@pytest.mark.parametrize(
    ("estimator", "shares", "log_likelihood", "values"), [row[:4] for row in GOLDEN]
)
def test_galtons_children_as_a_population_give_their_own_fits(
    estimator: Estimator | str,
    shares: tuple[float, ...] | None,
    log_likelihood: float,
    values: list[float],
) -> None:
    # The limit for a file taken as the truth is the maximum of the file's own likelihood. Known
    # shares have a higher maximum with the shares swapped: it must not be taken.
    pool = Pool(tuple(HEIGHTS_CM[group == LABELS] for group in (0, 1)))
    groups = tuple(
        Group(name, share, float(x.mean()), float(x.std()))
        for name, share, x in zip(NAMES, SHARES, pool.heights_cm, strict=True)
    )
    population = Population("galton", groups, DataFile(str(GALTON), "h", "in", "sex", "0"))
    model = (CATALOGUE[estimator] if isinstance(estimator, str) else estimator).model
    model = replace(model, assumed_shares=shares)
    end = limit_in(model, NoBias(), "stratified", population, pool)
    assert_allclose(estimates_of(end.mixture.theta)[ROWS_OF_GOLDEN], values, rtol=1e-7)
    assert_allclose(934 * log_density_at(end), log_likelihood, rtol=1e-11)
    labelled = limit_in(Model("all"), NoBias(), "stratified", population, pool).mixture
    assert_allclose(estimates_of(labelled.theta)[ROWS_OF_GOLDEN], LABELLED_GOLDEN, rtol=1e-7)


def independent_distribution(bias: Bias) -> tuple[np.ndarray, np.ndarray]:
    """Heights and weights of a stratified school under a bias, from scipy's densities alone."""
    if isinstance(bias, Rounding):
        heights_cm = np.arange(80.0, 270.0, bias.step_cm)
        half = bias.step_cm / 2
        density = sum(
            g.share * (stats.norm.cdf(heights_cm + half, g.mean_cm, g.sd_cm)
                       - stats.norm.cdf(heights_cm - half, g.mean_cm, g.sd_cm))
            for g in SCHOOL.groups
        )  # fmt: skip
        return heights_cm, np.asarray(density)
    low = bias.below_cm if isinstance(bias, Truncation) and bias.below_cm else 100.0
    heights_cm = np.linspace(low, 240.0, 4001)
    slope = bias.log_odds_per_cm if isinstance(bias, Selection) else 0.0
    total = np.zeros_like(heights_cm)
    for g in SCHOOL.groups:
        biased = stats.norm.pdf(heights_cm, g.mean_cm, g.sd_cm)
        biased = biased * special.expit(slope * (heights_cm - SCHOOL.mean_cm))
        total += g.share * biased / integrate.simpson(biased, x=heights_cm)
    simpson = np.where(np.arange(len(heights_cm)) % 2 == 1, 4.0, 2.0)
    simpson[[0, -1]] = 1.0
    weights = total * simpson * (heights_cm[1] - heights_cm[0]) / 3
    return heights_cm, weights


@pytest.mark.parametrize("bias", BIASES, ids=str)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_another_search_on_another_quadrature_finds_nothing_higher(
    model: Model, bias: Bias
) -> None:
    heights_cm, weights = independent_distribution(bias)
    end = limit_in(model, bias, "stratified")
    eta = 0.0 if model.shares == "known" else np.nan
    free = free_coordinates(model, 2)

    def full(own: np.ndarray) -> np.ndarray:
        # logit of the share, means from 170 in units of 10, log SDs from 6.75
        fixed = np.log([6.5 / 6.75, 7.0 / 6.75]) if model.sds == "known" else np.zeros(2)
        return free @ own + np.concatenate([[np.nan_to_num(eta), 0.0, 0.0], fixed])

    def loss(own: np.ndarray) -> float:
        u = full(own)
        pi, sds = special.expit(u[0]), 6.75 * np.exp(np.clip(u[3:], -3.0, 3.0))
        means = 170.0 + 10.0 * u[1:3]
        density = pi * stats.norm.pdf(heights_cm, means[0], sds[0])
        density = density + (1 - pi) * stats.norm.pdf(heights_cm, means[1], sds[1])
        return -float(weights @ np.log(density + 1e-300))

    generator = np.random.default_rng(7)
    best, best_value = None, np.inf
    for _ in range(6):
        start = generator.normal(0.0, 0.3, free.shape[1])
        mu = free.shape[1] - free[3:].any(axis=0).sum() - 2
        start[mu : mu + 2] += [-0.7, 0.7]
        result = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
        u = full(result.x)
        inside = np.abs(u[0]) < 8 and np.abs(u[3:]).max() < 2 and u[1] < u[2]
        if inside and result.fun < best_value:
            best, best_value = u, float(result.fun)
    assert best is not None
    # An optimiser of values finds the value to 1e-9 and the place to its square root.
    assert_allclose(-log_density_at(end), best_value, rtol=0, atol=1e-8)
    assert_allclose(end.mixture.means_cm, 170.0 + 10.0 * best[1:3], rtol=0, atol=0.05)
    assert_allclose(end.mixture.sds_cm, 6.75 * np.exp(best[3:]), rtol=0, atol=0.05)


def test_rounding_adds_a_twelfth_to_the_variances_of_free_groups() -> None:
    mixture = limit_in(FREE, Rounding(1.0), "stratified").mixture
    # Sheppard's correction holds for each normal, not exactly for the limit of the mixture: what
    # is left is of the fourth order in the step over the SD.
    assert_allclose(mixture.sds_cm**2 - SCHOOL.sds_cm**2, 1 / 12, rtol=0.01)
    assert_allclose(mixture.means_cm, SCHOOL.means_cm, rtol=0, atol=1e-4)


def test_known_shares_stay_those_of_the_population_under_selection() -> None:
    recorded = recorded_distribution(SCHOOL, Selection(0.2), "random")
    assert recorded.shares[0] < 0.3
    for model in (KNOWN_SHARES, Model("all", shares="known")):
        mixture = limit_in(model, Selection(0.2)).mixture
        assert_allclose(mixture.shares, [0.5, 0.5], rtol=1e-13)
    labelled = labelled_limit(Model("all", shares="known"), recorded, SCHOOL.shares, SCHOOL.sds_cm)
    assert_array_equal(labelled.shares, [0.5, 0.5])


def test_two_groups_that_are_one_have_no_limit() -> None:
    same = Population("same", (Group("a", 0.5, 170.0, 6.0), Group("b", 0.5, 170.0, 6.0)))
    for model in (FREE, EQUAL):
        assert limit_of(model, NoBias(), "random", same) is None


def test_a_group_that_is_never_kept_leaves_no_limit() -> None:
    cut = Truncation(below_cm=900.0)
    assert limit_of(FREE, cut, "stratified") is None
    recorded = recorded_distribution(SCHOOL, cut, "stratified")
    labelled = labelled_limit(Model("all"), recorded, SCHOOL.shares, SCHOOL.sds_cm)
    assert np.isnan(labelled.means_cm).all()


def test_other_units_give_the_same_mixture() -> None:
    inch = 2.54
    groups = [replace(g, mean_cm=g.mean_cm / inch, sd_cm=g.sd_cm / inch) for g in SCHOOL.groups]
    inches = limit_in(FREE, Selection(0.05 * inch), "random", Population("inch", tuple(groups)))
    in_cm = limit_in(FREE, Selection(0.05)).mixture
    assert_allclose(inches.mixture.shares, in_cm.shares, rtol=1e-9)
    assert_allclose(inches.mixture.means_cm * inch, in_cm.means_cm, rtol=1e-9)


def test_em_of_a_wrong_model_shrinks_its_error_by_the_rate_at_its_limit() -> None:
    # EM of equal SDs on unequal groups, written out: after 150 steps only the slowest part is left.
    recorded = recorded_distribution(SCHOOL, NoBias(), "random")
    end = limit_in(EQUAL, NoBias())
    x, w = recorded.nodes_cm, recorded.weights
    share, low, high, sd = 0.5, 163.0, 176.0, 6.75
    errors: list[float] = []
    for _ in range(150):
        one = share * np.exp(-(((x - low) / sd) ** 2) / 2)
        two = (1 - share) * np.exp(-(((x - high) / sd) ** 2) / 2)
        r = w * one / (one + two)
        rest = w - r
        share = r.sum()
        low, high = r @ x / share, rest @ x / (1 - share)
        sd = np.sqrt(r @ (x - low) ** 2 + rest @ (x - high) ** 2)
        errors.append(low - end.mixture.means_cm[0])
    assert_allclose(errors[-1] / errors[-2], em_rate(end, EQUAL), rtol=1e-6)


@pytest.mark.parametrize(("share", "chance"), [(0.01, 0.01), (0.02, 0.3)])
def test_a_group_of_outliers_is_among_the_maxima(share: float, chance: float) -> None:
    # Whichever maximum is the highest, one group takes the outliers, who are rare and far apart.
    bias = Contamination(share, mean_cm=172.0, sd_cm=20.0)
    end = limit_in(FREE, bias)
    maxima = [end.sample.in_cm(Mixture.of(theta_at(u))) for u in (end.u, *end.others)]
    wide = [one for one in maxima if one.sds_cm.max() > 20.0]
    assert len(wide) == 1
    assert wide[0].shares[wide[0].sds_cm.argmax()] < share
    table = derive(BoundsSpec(SCHOOL, bias, "random", (10_000,), (FREE,)))
    assert table.rival_chance[0] > chance


def test_a_maximum_is_one_in_whatever_order_its_groups_are_unless_they_have_names() -> None:
    one = Mixture(np.array([0.4, 0.6]), np.array([168.0, 168.0]), np.array([6.0, 9.0]))
    other = Mixture(one.shares[::-1], one.means_cm, one.sds_cm[::-1])
    near = Mixture(one.shares, one.means_cm + 1e-6, one.sds_cm)
    apart = Mixture(one.shares, one.means_cm + 0.1, one.sds_cm)
    assert distinct([one, other, near, apart], named=False) == (one, apart)
    assert distinct([one, other, near, apart], named=True) == (one, other, apart)


# What was done to the people, and the observation that says so.
RIGHT: list[tuple[Bias, Observation]] = [
    (NoBias(), Truncated(155.0, 190.0)),
    (Truncation(160.0), CUT),
    (Truncation(155.0, 190.0), Truncated(157.0, 185.0)),
    (Rounding(5.0), Rounded(5.0)),
    (Selection(0.05), Selected(0.05, CENTRE_CM)),
    (Selection(0.05), Weighted(0.05, CENTRE_CM)),
    (NoBias(), Selected(0.0, CENTRE_CM)),
    (NoBias(), Weighted(0.0, CENTRE_CM)),
    (NoBias(), MiddleSelected(170.0, 1e6)),
    (NoBias(), Tilted(0.0)),
]


@pytest.mark.parametrize(("bias", "observation"), RIGHT, ids=str)
def test_a_model_that_is_right_goes_to_the_truth(bias: Bias, observation: Observation):
    for model in (
        Model("none", observation=observation),
        Model("none", shares="known", observation=observation),
        Model("all", sds="known", observation=observation),
        Model("some", observation=observation, labelled_share=0.2),
    ):
        assert_same(mixture_of(model, bias), true_mixture(SCHOOL))


@pytest.mark.parametrize("sampling", ["random", "stratified"])
def test_labels_of_a_few_and_three_groups_go_to_the_truth(sampling: Sampling):
    model = Model("some", labelled_share=0.1)
    assert_same(mixture_of(model, NoBias(), sampling, THREE), true_mixture(THREE))
    rounded = replace(model, observation=Rounded(2.54))
    assert_same(mixture_of(rounded, Rounding(2.54), sampling, THREE), true_mixture(THREE))


def test_all_labels_give_the_closed_form():
    for bias in (Selection(0.05), Coding(below_cm=155.0), SelfReport(1.0, 2.0)):
        recorded = recorded_distribution(SCHOOL, bias, "random")
        closed = labelled_limit(Model("all"), recorded, SCHOOL.shares, SCHOOL.sds_cm)
        assert_same(mixture_of(Model("all"), bias), closed, 1e-8)


def test_the_cap_of_a_tilt_and_of_size_bias_moves_a_limit_by_a_thousandth():
    for bias, observation in ((Tilt(0.03), Tilted(0.03)), (SizeBias(), SizeBiased())):
        got = mixture_of(Model("none", observation=observation), bias)
        assert_same(got, true_mixture(SCHOOL), 1e-4)


def test_a_wrong_cut_of_one_normal_is_where_the_likelihood_equations_end():
    # All labels seen; the estimator believes in a cut at 155 cm, but nobody was cut off.
    got = mixture_of(Model("all", observation=Truncated(155.0)), NoBias())
    assert_same(got, true_mixture(SCHOOL), 1e-7)
    # The scenario cut at 160, and the estimator believes in 155: E x and E x^2 must agree.
    got = mixture_of(Model("all", observation=Truncated(155.0)), Truncation(160.0))
    x = np.linspace(155.0, 240.0, 85001)
    h = x[1] - x[0]
    for k, group in enumerate(SCHOOL.groups):
        believed = norm.pdf(x, got.means_cm[k], got.sds_cm[k])
        true = np.where(x >= 160.0, norm.pdf(x, group.mean_cm, group.sd_cm), 0.0)
        for power in (1, 2):
            moments = [
                np.trapezoid(f * (x - 165) ** power, dx=h) / np.trapezoid(f, dx=h)
                for f in (believed, true)
            ]
            assert_allclose(moments[0], moments[1], rtol=0, atol=0.02)


def test_counted_shares_scatter_only_with_their_weights():
    plain = limit_in(Model("all", observation=Rounded(1.0)), Rounding(1.0), "stratified")
    assert_allclose(np.diag(covariance_of(plain))[[0, 3]], 0.0, atol=1e-15)
    # As many of each group as in the population come with the weights 1/w of those who were kept.
    for population in (SCHOOL, THREE):
        weighted = Model("all", observation=Weighted(0.05, population.mean_cm))
        mended = limit_in(weighted, Selection(0.05), "stratified", population)
        recorded = recorded_distribution(population, Selection(0.05), "stratified")
        w = 1.0 + np.exp(-0.05 * (recorded.nodes_cm - population.mean_cm))
        mean, square = recorded.masses @ w, recorded.masses @ w**2
        total = population.shares @ mean
        assert_allclose(mended.mixture.shares, population.shares * mean / total, rtol=1e-10)
        # The mean weight of a group has the variance v / (n pi).
        slope = (np.eye(len(mean)) - mended.mixture.shares[:, None]) * population.shares / total
        expected = slope**2 @ ((square - mean**2) / population.shares)
        got = np.diag(covariance_of(mended))[: 3 * len(mean) : 3]
        assert_allclose(got, expected, rtol=1e-9)


def test_starts_are_mixtures_with_people_and_spread_in_every_group():
    file = DataFile("people.csv", "height", "cm", "group", "0")
    flat = Population("flat", SCHOOL.groups, file)
    pool = Pool((np.array([163.0]), np.array([170.0, 182.0])))
    one = Population("one", SCHOOL.groups[:1])
    # The groups as they are, five splits, two of unequal SDs and two of outliers; fewer where a
    # group has no spread, or is alone.
    for population, people, count in ((SCHOOL, None, 10), (flat, pool, 9), (one, None, 2)):
        recorded = recorded_distribution(population, NoBias(), "random", people)
        found = starts_of(FREE, recorded, population.shares, population.sds_cm)
        assert len(found) == count
        for start in found:
            assert_allclose(start.shares.sum(), 1.0, rtol=1e-12)
            assert (start.shares > 0.0).all()
            assert (start.sds_cm > 0.0).all()
        # All but those of outliers keep the mean of everybody.
        for start in found if count == 2 else found[:-2]:
            assert_allclose(start.shares @ start.means_cm, recorded.weights @ recorded.nodes_cm)


@pytest.mark.parametrize(
    ("information", "regular"),
    [
        ([[1.0, 2.0], [3.0, 4.0]], True),
        ([[1.0, 2.0], [2.0, 4.0]], False),
        ([[1.0, 2.0], [0.0, 0.0]], False),
        ([[1.0, 0.0], [3.0, 0.0]], False),
        ([[1.0, np.nan], [3.0, 4.0]], False),
    ],
)
def test_whether_information_is_regular_does_not_depend_on_the_unit_of_a_row_or_a_column(
    information: list[list[float]], regular: bool
):
    for down, across in ((1.0, 1.0), (1e-20, 1.0), (1.0, 1e20)):
        assert is_regular(np.array(information) * [[down], [1.0]] * [across, 1.0]) == regular


@pytest.mark.parametrize(
    ("share", "se", "rate"),
    [(0.05, 1.68, 0.946), (0.10, 1.31, 0.896), (0.25, 0.98, 0.747), (0.50, 0.81, 0.498)],
)
def test_a_share_of_labels_has_the_printed_errors_and_rates(share: float, se: float, rate: float):
    model = Model("some", labelled_share=share)
    at = limit_in(model, NoBias())
    got = np.sqrt(np.diag(covariance_of(at))[4] / 200)
    assert_allclose(got, se, rtol=0, atol=0.005)
    assert_allclose(em_rate(at, model), rate, rtol=0, atol=6e-4)


@pytest.mark.parametrize(
    ("step_cm", "inflation"), [(0.5, 1.001), (1.0, 1.004), (2.54, 1.025), (5.0, 1.10)]
)
def test_modelled_rounding_costs_what_is_printed(step_cm: float, inflation: float):
    plain = covariance_of(limit_in(FREE, NoBias()))
    assert_allclose(np.sqrt(plain[[1, 4], [1, 4]]), [63.92766, 76.75335], rtol=1e-6)
    rounded = limit_in(Model("none", observation=Rounded(step_cm)), Rounding(step_cm))
    ratio = np.sqrt(np.diag(covariance_of(rounded)) / np.diag(plain))
    assert_allclose(ratio[4], inflation, rtol=0, atol=0.0006 if inflation < 1.05 else 0.005)


def test_rates_are_of_em_and_of_nothing_else():
    for model in (Model("none", observation=CUT), Model("none", freedom=4.0)):
        assert np.isnan(em_rate(limit_in(model, NoBias()), model))
    labelled = Model("all", observation=Weighted(0.05, CENTRE_CM))
    for sampling in ("random", "stratified"):
        at = limit_in(labelled, Selection(0.05), sampling)
        assert em_rate(at, labelled) == pytest.approx(0.0, abs=1e-10)


def test_a_tail_that_falls_slower_than_an_exponential_has_no_limit():
    # Beyond the cut the heights vary more than their mean excess: no normal has such a tail.
    one = Population("one", (Group("all", 1.0, 165.0, 3.0),))
    bias = Contamination(0.3, mean_cm=150.0, sd_cm=30.0)
    recorded = recorded_distribution(one, Sequence((bias, Truncation(below_cm=168.0))), "random")
    excess = recorded.nodes_cm - 168.0
    mean = recorded.weights @ excess
    assert recorded.weights @ (excess - mean) ** 2 > mean**2
    cut = Model("none", observation=Truncated(168.0))
    assert limit_of(cut, bias, "random", one) is None


def test_people_of_one_height_have_no_limit():
    one = Population("one", (Group("all", 1.0, 165.0, 3.0),))
    model = Model("none", observation=Rounded(500.0))
    assert infinite_sample(one, Rounding(500.0), model, "random") is None


def large(bias: Bias, sampling: Sampling, model: Model) -> Floats:
    """Shares, means and SDs that a million people give, interleaved by group."""
    samples = draw(DrawSpec(SCHOOL, bias, sampling, 18, 0, 0, 1_000_000))
    people = people_of(samples, 0, 1_000_000, model)
    estimator = Estimator("one", model, "newton", 6, 5, 3, tolerance=1e-12)
    shares = (0.5, 0.5) if model.shares == "known" else None
    sds_cm = (6.5, 7.0) if model.sds == "known" else None
    spec = replace(spec_of_one(estimator, ("a", "b"), "0" * 32, shares, sds_cm), sampling=sampling)
    solution = solve(people, spec, TWO)
    assert solution.status == Status.CONVERGED
    return solution.theta.reshape(3, 2).T.ravel()


LARGE: list[tuple[Bias, Sampling, Model]] = [
    (Truncation(160.0), "random", Model("none", sds="known", observation=CUT)),
    (Truncation(160.0), "random", Model("all", observation=Truncated(157.0))),
    (Rounding(5.0), "stratified", Model("none", shares="known", observation=Rounded(5.0))),
    (Rounding(2.54), "random", Model("all", observation=Rounded(5.0))),
    (Selection(0.05), "random", Model("none", sds="equal", observation=Selected(0.1, CENTRE_CM))),
    (Selection(0.05), "stratified", Model("all", observation=Weighted(0.03, CENTRE_CM))),
    (SelfReport(1.2, 2.0, "boys"), "random", Model("some", labelled_share=0.1)),
    (Selection(0.1, "boys"), "stratified", Model("some", labelled_share=0.05)),
    (Contamination(0.05, mean_cm=172.0, sd_cm=12.0), "random", Model("none", freedom=4.0)),
    (Contamination(0.05, mean_cm=172.0, sd_cm=12.0), "random",
     Model("none", sds="known", freedom=4.0)),
    (NoBias(), "stratified", Model("some", sds="known", labelled_share=0.3, freedom=3.0)),
    (Heaping((Grid(5.0, 0.3),)), "random",
     Model("some", observation=Truncated(150.0, 190.0), labelled_share=0.3)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("bias", "sampling", "model"), LARGE, ids=str)
def test_a_million_people_end_within_four_errors_of_the_limit(
    bias: Bias, sampling: Sampling, model: Model
):
    at = limit_in(model, bias, sampling)
    ses = np.sqrt(np.clip(np.diag(covariance_of(at)), 0.0, None) / 1e6)[:6]
    expected = np.column_stack([at.mixture.shares, at.mixture.means_cm, at.mixture.sds_cm]).ravel()
    away = large(bias, sampling, model) - expected
    assert (np.abs(away) <= 4.0 * ses + 1e-7).all()


def chance(sample: InfiniteSample, mixtures: list[Mixture], sizes: list[int]) -> np.ndarray:
    """Chance of another maximum than the first of some mixtures, in cm."""
    maxima = tuple(sample.in_units(mixture) for mixture in mixtures)
    return chance_of_another(limit_at(maxima, FREE, sample, "random"), np.array(sizes, np.int32))


@pytest.mark.parametrize("sampling", ["random", "stratified"])
@pytest.mark.parametrize("n", [200, 1000])
def test_the_chance_is_that_of_drawn_samples(n: int, sampling: Sampling) -> None:
    sample = sample_of(FREE, NoBias(), sampling)
    (expected,) = chance(sample, [ONE, OTHER], [n])
    rng = np.random.default_rng(20261127)
    draws = 4000
    girls = np.full(draws, n // 2) if sampling == "stratified" else rng.binomial(n, 0.5, size=draws)
    who = np.arange(n) < girls[:, None]
    heights = np.where(who, rng.normal(163.0, 6.5, (draws, n)), rng.normal(176.0, 7.0, (draws, n)))
    lead = log_density(ONE, heights.ravel()) - log_density(OTHER, heights.ravel())
    got = float((lead.reshape(draws, n).sum(axis=1) < 0.0).mean())
    assert 0.02 < expected < 0.5
    # Four Monte-Carlo errors, and what is not normal in a sum of n: of order 1 / sqrt(n).
    assert abs(got - expected) < 4.0 * np.sqrt(0.25 / draws) + 0.2 / np.sqrt(n)


def test_without_other_maxima_there_is_no_chance_and_with_many_it_is_at_most_one() -> None:
    sample, sizes = sample_of(FREE, NoBias()), [10, 1000]
    assert chance(sample, [ONE], sizes).tolist() == [0.0, 0.0]
    assert chance(sample, [ONE, ONE], sizes).tolist() == [0.0, 0.0]
    once = chance(sample, [ONE, OTHER], sizes)
    assert_allclose(chance(sample, [ONE, OTHER, OTHER], sizes), 2.0 * once)
    assert chance(sample, [ONE] + [OTHER] * 9, sizes)[0] == 1.0


def test_maxima_that_mirror_each_other_tie() -> None:
    equal = Population("equal", (Group("a", 0.5, 160.0, 7.0), Group("b", 0.5, 176.0, 7.0)))
    sample = sample_of(FREE, NoBias(), "random", equal)
    shares, means_cm, sds_cm = OTHER.shares, OTHER.means_cm, OTHER.sds_cm
    mirrored = Mixture(shares[::-1], 2.0 * 168.0 - means_cm[::-1], sds_cm[::-1])
    tie = chance(sample, [OTHER, mirrored], [100, 1_000_000])
    assert_allclose(tie, 0.5, atol=1e-6)


def test_another_maximum_loses_with_more_people() -> None:
    sizes = (100, 1000, 10_000, 100_000)
    table = derive(BoundsSpec(SCHOOL, OUTLIERS, "random", sizes, (FREE,)))
    of_sizes = table.rival_chance[:: len(table.size) // len(sizes)]
    assert (np.diff(of_sizes) < 0.0).all()
    assert of_sizes[0] > 0.1
    assert of_sizes[-1] < 1e-6
