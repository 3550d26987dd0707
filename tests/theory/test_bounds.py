"""Bounds: one row for each model, size and parameter, with the theory that belongs there."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm, truncnorm

from stature.design.streams import decode, encode
from stature.domain.bias import (
    Bias,
    Coding,
    NoBias,
    Rounding,
    Selection,
    Sequence,
    SizeBias,
    Tilt,
    Truncation,
    has_classes,
)
from stature.domain.mixture import log_density
from stature.domain.model import Model, Sampling, gradients, parameter_rows
from stature.domain.observation import (
    EXACT,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.population import DataFile, Group, Pool, Population
from stature.theory.bounds import (
    Bounds,
    BoundsSpec,
    allows,
    bound_covariance,
    derive,
    is_right,
    right_observation,
)
from stature.theory.distributions import recorded_distribution
from stature.theory.likelihood import true_mixture
from stature.theory.limits import em_rate
from tests.domain.test_bias import BIASES
from tests.domain.test_bias import SCHOOL as PUPILS
from tests.theory.schools import SCHOOL, covariance_of, limit_in, scores

MODELS = (
    Model("all"),
    Model("none"),
    Model("none", sds="equal"),
    Model("none", shares="known"),
    Model("none", sds="known"),
)
SIZES = (2000, 20)
FREE, EQUAL = Model("none"), Model("none", sds="equal")
KNOWN_SHARES, KNOWN_SDS = Model("none", shares="known"), Model("none", sds="known")
KNOWN_BOTH = Model("none", shares="known", sds="known")
MEANS = [1, 4]  # rows of a fit of two groups: share, mean, SD; share, mean, SD; gap
# The printed numbers have five decimals and were computed by other code.
PRINTED = 6e-6


@cache
def bounds(bias: Bias | None = None, sampling: Sampling = "stratified") -> Bounds:
    return derive(BoundsSpec(SCHOOL, bias or NoBias(), sampling, SIZES, MODELS))


def root_n_se(covariance: np.ndarray) -> np.ndarray:
    return np.sqrt(np.diag(covariance))


def bound(
    population: Population, model: Model, sampling: Sampling, bias: Bias | None = None
) -> np.ndarray:
    """Smallest covariance, which there must be."""
    covariance = bound_covariance(population, bias or NoBias(), model, sampling)
    assert covariance is not None
    return covariance


def column(table: Bounds, name: str, model: str, size: int, parameter: str) -> np.ndarray:
    chosen = [
        (m, n, p) == (model, size, parameter)
        for m, n, p in zip(table.model, table.size.tolist(), table.parameter, strict=True)
    ]
    return np.asarray(getattr(table, name))[chosen]


def test_rows_are_models_by_slug_then_sizes_then_parameters() -> None:
    table = bounds()
    rows = parameter_rows(SCHOOL.group_names)
    keys = list(zip(table.model, table.size.tolist(), table.group, table.parameter, strict=True))
    slugs = sorted(model.slug for model in MODELS)
    assert keys == [(slug, n, *row) for slug in slugs for n in (20, 2000) for row in rows]
    for name in ("truth", "limit", "bound", "limit_se", "em_rate", "rival_chance"):
        assert getattr(table, name).shape == (len(keys),)
    assert set(table.sampling) == {"stratified"}
    assert_array_equal(table.truth[:7], [0.5, 163.0, 6.5, 0.5, 176.0, 7.0, 13.0])


def test_order_and_repetition_of_the_spec_change_nothing() -> None:
    first = derive(BoundsSpec(SCHOOL, NoBias(), "random", (20, 50), MODELS[:2]))
    again = derive(BoundsSpec(SCHOOL, NoBias(), "random", (50, 20, 50), MODELS[1::-1] * 2))
    assert first.model == again.model
    assert_array_equal(first.size, again.size)
    assert_array_equal(first.limit_se, again.limit_se)


def test_labelled_bounds_are_sd_over_root_of_the_designs_counts() -> None:
    # Of 21 stratified people, Webster's method gives 11 to the first group, 10 to the second.
    table = derive(BoundsSpec(SCHOOL, NoBias(), "stratified", (21,), (Model("all"),)))
    expected = {
        "mean_cm": [6.5 / np.sqrt(11), 7 / np.sqrt(10)],
        "sd_cm": [6.5 / np.sqrt(22), 7 / np.sqrt(20)],
        "gap_cm": [np.sqrt(6.5**2 / 11 + 7**2 / 10)],
    }
    for parameter, numbers in expected.items():
        assert_allclose(column(table, "bound", "labelled", 21, parameter), numbers, rtol=1e-11)
    assert_array_equal(column(table, "bound", "labelled", 21, "share"), [0.0, 0.0])


def test_random_labelled_shares_are_binomial() -> None:
    table = bounds(sampling="random")
    assert_allclose(column(table, "bound", "labelled", 20, "share"), np.sqrt(0.25 / 20), rtol=1e-13)


def test_hidden_bounds_fall_like_the_root_of_n() -> None:
    table = bounds()
    at_20 = column(table, "bound", "hidden", 20, "mean_cm")
    assert_allclose(at_20, np.array([63.92766, 76.75335]) / np.sqrt(20), rtol=1e-7)
    at_2000 = column(table, "bound", "hidden", 2000, "mean_cm")
    assert_allclose(at_2000, at_20 / 10, rtol=1e-12)


def test_a_model_without_the_truth_has_a_limit_but_no_bound() -> None:
    table = bounds()
    assert np.isnan(column(table, "bound", "hidden-equal-sds", 20, "mean_cm")).all()
    assert_allclose(
        column(table, "limit", "hidden-equal-sds", 20, "mean_cm"), [163.622675, 176.749174]
    )
    assert np.isfinite(column(table, "limit_se", "hidden-equal-sds", 20, "mean_cm")).all()


def test_what_is_known_has_no_error() -> None:
    table = bounds()
    for name in ("bound", "limit_se"):
        shares = column(table, name, "hidden-known-shares", 20, "share")
        assert_array_equal(shares, [0.0, 0.0])
        assert_array_equal(column(table, name, "hidden-known-sds", 20, "sd_cm"), [0.0, 0.0])


def test_a_data_file_has_limits_and_no_bound() -> None:
    generator = np.random.default_rng(3)
    pool = Pool((generator.normal(160, 6, 300), generator.normal(178, 6, 500)))
    girls, boys = pool.heights_cm
    groups = (
        Group("girls", 3 / 8, float(girls.mean()), float(girls.std())),
        Group("boys", 5 / 8, float(boys.mean()), float(boys.std())),
    )
    file = DataFile("people.csv", "height", "cm", "group", "0")
    spec = BoundsSpec(Population("file", groups, file), NoBias(), "stratified", (200,), MODELS)
    table = derive(spec, pool)
    assert np.isnan(table.bound).all()
    assert np.isfinite(table.limit_se).all()
    for parameter in ("share", "mean_cm", "sd_cm", "gap_cm"):
        assert_allclose(
            column(table, "limit", "labelled", 200, parameter),
            column(table, "truth", "labelled", 200, parameter),
            rtol=1e-12,
        )


def test_a_spec_survives_canonical_json() -> None:
    spec = BoundsSpec(SCHOOL, Selection(0.05, "boys"), "random", SIZES, MODELS)
    assert decode(BoundsSpec, encode(spec)) == spec


def test_a_small_group_that_no_small_sample_holds_has_no_labelled_bound() -> None:
    rare = Population("rare", (Group("a", 0.01, 150.0, 6.0), Group("b", 0.99, 176.0, 7.0)))
    table = derive(BoundsSpec(rare, NoBias(), "stratified", (10,), (Model("all"),)))
    means = column(table, "bound", "labelled", 10, "mean_cm")
    assert np.isnan(means[0])
    assert_allclose(means[1], 7.0 / np.sqrt(10), rtol=1e-12)


@pytest.mark.parametrize("bias", [bias for bias in BIASES if bias != NoBias()], ids=str)
def test_every_bias_has_limits_and_no_bound(bias: Bias) -> None:
    spec = BoundsSpec(PUPILS, bias, "stratified", (200,), MODELS)
    table = derive(spec)
    assert np.isnan(table.bound).all()
    labelled = np.array([slug == Model("all").slug for slug in table.model])
    assert np.isfinite(table.limit[labelled]).all()
    # People of one class depend on each other: errors for independent people would be wrong.
    assert np.isnan(table.limit_se).all() == has_classes(bias)
    if not has_classes(bias):
        assert np.isfinite(table.limit_se[np.isfinite(table.limit)]).all()
    rates = table.em_rate[np.isfinite(table.em_rate)]
    assert len(rates) > 0
    assert ((rates >= 0.0) & (rates < 1.0)).all()


def test_models_that_know_how_heights_were_seen_have_limits_errors_and_bounds() -> None:
    cut = Truncation(below_cm=160.0)
    right = Model("none", sds="known", observation=Truncated(160.0))
    models = (right, Model("none", sds="known"), Model("none", freedom=4.0))
    table = derive(BoundsSpec(SCHOOL, cut, "random", SIZES, models))
    assert_allclose(column(table, "limit", right.slug, 20, "mean_cm"), [163.0, 176.0], rtol=1e-9)
    bound = column(table, "bound", right.slug, 20, "mean_cm")
    assert_allclose(column(table, "limit_se", right.slug, 20, "mean_cm"), bound)
    at_2000 = column(table, "bound", right.slug, 2000, "mean_cm")
    assert_allclose(at_2000, bound / 10, rtol=1e-12)
    for naive in models[1:]:
        assert np.isnan(column(table, "bound", naive.slug, 20, "mean_cm")).all()
        assert np.isfinite(column(table, "limit_se", naive.slug, 20, "mean_cm")).all()
    # Without a bias groups with Student's t are still not the truth.
    plain = derive(BoundsSpec(SCHOOL, NoBias(), "random", SIZES, models))
    assert np.isnan(column(plain, "bound", models[2].slug, 20, "mean_cm")).all()
    # Who cuts off people himself is measured against the information in all of them.
    shown = column(plain, "bound", right.slug, 20, "mean_cm")
    assert_allclose(shown, column(plain, "bound", models[1].slug, 20, "mean_cm"))
    assert (column(plain, "limit_se", right.slug, 20, "mean_cm") > 1.1 * shown).all()


def test_a_sample_that_is_never_full_has_no_theory() -> None:
    model = Model("some", labelled_share=0.1)
    spec = BoundsSpec(SCHOOL, Truncation(below_cm=900.0), "stratified", SIZES, (model,))
    table = derive(spec)
    for name in ("limit", "bound", "limit_se", "em_rate", "rival_chance"):
        assert np.isnan(getattr(table, name)).all()


def test_moments_have_a_theory_of_their_own() -> None:
    model = Model("none", sds="equal")
    equal = Population("equal", (Group("a", 0.5, 160.0, 7.0), Group("b", 0.5, 180.0, 7.0)))
    spec = BoundsSpec(equal, NoBias(), "random", (2000,), (model,), (model,))
    assert decode(BoundsSpec, encode(spec)) == spec
    assert "moments" not in encode(replace(spec, moments=()))
    table = derive(spec)
    assert list(dict.fromkeys(table.model)) == ["hidden-equal-sds", "moments-hidden-equal-sds"]
    ml, moments = np.split(np.arange(14), 2)
    assert_allclose(table.limit[moments], table.truth[moments], rtol=1e-6)
    assert_allclose(table.bound[moments], table.bound[ml], rtol=1e-7)
    # No estimator beats the bound; that of moments does not reach it.
    assert (table.limit_se[moments] > 1.02 * table.bound[ml]).all()
    assert np.isnan(table.em_rate[moments]).all()


def test_the_first_bias_is_known_wherever_there_is_an_error() -> None:
    labelled = bounds(sampling="stratified")
    sds = column(labelled, "small_sample_bias", "labelled", 2000, "sd_cm")
    assert_allclose(sds, [-0.75 * 6.5 / 1000, -0.75 * 7.0 / 1000], rtol=1e-5)
    for bias in (Selection(0.05), Rounding(5.0)):
        table = bounds(bias, "random")
        assert (np.isfinite(table.small_sample_bias) == np.isfinite(table.limit_se)).all()


@pytest.mark.parametrize("sd_cm", [0.01, 0.0])
def test_the_sd_of_two_heights_is_short_by_half_of_itself_and_of_one_height_none(
    sd_cm: float,
) -> None:
    # Of m people E v = v (1 - 1/m); all being as far from the mean, the root loses no more.
    pool = Pool((160.0 + sd_cm * np.array([-1.0, 1.0]), np.array([170.0, 180.0])))
    groups = Group("a", 0.5, 160.0, 1.0), Group("b", 0.5, 175.0, 5.0)
    file = DataFile("people.csv", "height", "cm", "group", "0")
    population = Population("file", groups, file)
    table = derive(BoundsSpec(population, NoBias(), "random", (20,), (Model("all"),)), pool)
    assert_allclose(column(table, "limit", "labelled", 20, "sd_cm"), [sd_cm, 5.0], rtol=1e-9)
    first = column(table, "small_sample_bias", "labelled", 20, "sd_cm")
    assert_allclose(first, [-sd_cm / 20, -5.0 / 20] if sd_cm else np.nan, rtol=1e-5)


def test_a_model_that_knows_wrong_numbers_does_not_allow_the_truth() -> None:
    assert allows(Model("none", "known", assumed_shares=(0.5, 0.5)), SCHOOL)
    assert not allows(Model("none", "known", assumed_shares=(0.4, 0.6)), SCHOOL)
    assert not allows(Model("none", sds="known", assumed_sds_cm=(6.5, 6.5)), SCHOOL)
    assert not allows(Model("none", sds="equal"), SCHOOL)
    equal = Population("equal", (Group("a", 0.5, 160.0, 7.0), Group("b", 0.5, 176.0, 7.0)))
    assert allows(Model("none", sds="equal"), equal)


@pytest.mark.parametrize(
    ("bias", "observation"),
    [
        (NoBias(), EXACT),
        (Rounding(2.54), Rounded(2.54)),
        (Truncation(150.0, 190.0), Truncated(150.0, 190.0)),
        (Selection(0.05), Selected(0.05, 169.5)),
        (Tilt(0.03), Tilted(0.03)),
        (SizeBias(), SizeBiased()),
        (Selection(0.05, "boys"), None),
        (Coding(above_cm=185.0), None),
        (Sequence((Truncation(150.0), Rounding(1.0))), None),
    ],
    ids=str,
)
def test_a_bias_has_the_observation_that_says_it(bias: Bias, observation: Observation | None):
    assert right_observation(bias, SCHOOL) == observation
    assert observation is None or is_right(observation, observation)


def test_a_cut_inside_the_cut_and_weights_are_right_too():
    assert is_right(Truncated(160.0), EXACT)
    assert is_right(Truncated(160.0, 190.0), Truncated(155.0))
    assert is_right(Weighted(0.05, 169.5), Selected(0.05, 169.5))
    assert not is_right(Truncated(150.0), Truncated(155.0))
    assert not is_right(Truncated(160.0), Truncated(155.0, 190.0))
    assert not is_right(Selected(0.06, 169.5), Selected(0.05, 169.5))
    assert not is_right(Weighted(0.05, 170.0), Selected(0.05, 169.5))
    assert not is_right(Rounded(5.0), EXACT)


def test_a_known_sd_under_a_cut_has_its_information_in_closed_form():
    # Section 10: information Var x / v^2 a person, of each group among those who were kept.
    cut_cm = 160.0
    model = Model("all", sds="known", observation=Truncated(cut_cm))
    got = bound(SCHOOL, model, "stratified", Truncation(cut_cm))
    for k, group in enumerate(SCHOOL.groups):
        low = (cut_cm - group.mean_cm) / group.sd_cm
        spread = group.sd_cm**2 * np.ravel(truncnorm.stats(low, np.inf, moments="v"))[0]
        information = 0.5 * spread / group.sd_cm**4
        assert_allclose(got[3 * k + 1, 3 * k + 1], 1.0 / information, rtol=1e-8)
        assert got[3 * k, 3 * k] == got[3 * k + 2, 3 * k + 2] == 0.0


def test_cells_have_the_information_of_their_probabilities():
    # One normal in cells: sum (dP)^2 / P, by differences of scipy's probabilities.
    one = Population("one", (Group("all", 1.0, 170.0, 7.0),))
    got = bound(one, Model("none", observation=Rounded(5.0)), "random", Rounding(5.0))
    edges = np.arange(97.5, 245.0, 5.0)

    def cells(mean: float, sd: float) -> np.ndarray:
        return np.diff(norm.cdf(edges, mean, sd))

    h = 1e-4
    slopes = np.stack([
        (cells(170 + h, 7) - cells(170 - h, 7)) / (2 * h),
        (cells(170, 7 + h) - cells(170, 7 - h)) / (2 * h),
    ])  # fmt: skip
    there = cells(170, 7) > 1e-12
    information = (slopes[:, there] / cells(170, 7)[there]) @ slopes[:, there].T
    assert_allclose(got[1:, 1:], np.linalg.inv(information), rtol=1e-5, atol=1e-5)


def test_labels_add_up_and_a_design_says_more_of_who_is_hidden():
    some = Model("some", labelled_share=0.25)
    known = replace(some, shares="known")
    ways: tuple[Sampling, ...] = ("random", "stratified")
    for way in ways:
        fewer, free = (np.diag(bound(SCHOOL, model, way)) for model in (known, some))
        assert (fewer[[1, 2, 4, 5]] < free[[1, 2, 4, 5]]).all()
    assert_allclose(np.sqrt(bound(SCHOOL, some, "random")[4, 4] / 200), 0.98, rtol=0, atol=0.005)


def test_where_a_design_fixes_the_shares_of_the_kept_there_is_no_bound():
    hidden = Model("none", observation=Truncated(160.0))
    assert bound_covariance(SCHOOL, Truncation(160.0), hidden, "stratified") is None
    assert bound_covariance(SCHOOL, Truncation(160.0), hidden, "random") is not None
    wrong = Model("none", observation=Truncated(150.0))
    assert bound_covariance(SCHOOL, Truncation(160.0), wrong, "random") is None
    assert bound_covariance(SCHOOL, Coding(above_cm=185.0), hidden, "random") is None


@pytest.mark.parametrize("sampling", ["random", "stratified"])
@pytest.mark.parametrize("share", [0.05, 0.5])
def test_who_ignores_the_unlabelled_has_so_many_people_fewer(
    share: float, sampling: Sampling
) -> None:
    alone = Model("some", labelled_share=share, unlabelled="ignored")
    few, everybody = (bound(SCHOOL, model, sampling) for model in (alone, Model("all")))
    assert_allclose(few[1::3, 1::3], everybody[1::3, 1::3] / share, rtol=1e-6, atol=1e-9)


def apart(gap: float) -> Population:
    """Two normals of SD 1 with equal shares, a gap apart."""
    return Population("two", (Group("a", 0.5, 0.0, 1.0), Group("b", 0.5, gap, 1.0)))


@pytest.mark.parametrize("sds_cm", [(6.5, 7.0), (6.5, 1.5), (1.5, 6.5), (7.0, 7.0)])
def test_the_bound_is_the_variance_of_scores_on_a_fine_grid(sds_cm: tuple[float, float]) -> None:
    low, high = sds_cm
    groups = Group("girls", 0.3, 163.0, low), Group("boys", 0.7, 176.0, high)
    population = Population("fine", groups)
    truth = true_mixture(population)
    x, step = np.linspace(80.0, 260.0, 8001, retstep=True)
    score = scores(truth, x)
    information = score.T @ (step * np.exp(log_density(truth, x))[:, None] * score)
    turn = gradients(truth.theta)
    expected = turn @ np.linalg.solve(information, turn.T)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert_allclose(bound(population, FREE, "random") / scale, expected / scale, atol=1e-10)


# Bounds of random samples; errors of stratified ones, and the factor of an EM step.
PRINTED_OF_SCHOOL = [
    (FREE, (5.34380, 63.92766, 23.70927, 76.75335, 28.95674),
     (5.32035, 63.92766, 23.70927, 76.75335, 28.95674), 0.995908, 561.6),
    (KNOWN_SDS, (1.25858, 17.29411, 0.0, 19.31640, 0.0),
     (1.15500, 17.29411, 0.0, 19.31640, 0.0), 0.911330, 24.8),
    (KNOWN_SHARES, (0.0, 13.81766, 10.60296, 14.83596, 11.55260),
     (0.0, 12.52282, 10.41565, 13.05597, 11.28230), 0.818488, 11.5),
    (KNOWN_BOTH, (0.0, 11.56947, 0.0, 12.52625, 0.0),
     (0.0, 10.38146, 0.0, 11.08073, 0.0), 0.438188, 2.8),
]  # fmt: skip


@pytest.mark.parametrize(("model", "random", "stratified", "rate", "steps"), PRINTED_OF_SCHOOL)
def test_errors_and_rates_of_the_school_are_the_printed_ones(
    model: Model,
    random: tuple[float, ...],
    stratified: tuple[float, ...],
    rate: float,
    steps: float,
) -> None:
    numbers = [0, 1, 2, 4, 5]
    least, reached = bound(SCHOOL, model, "random"), limit_in(model, NoBias(), "random")
    assert_allclose(root_n_se(least)[numbers], random, rtol=0, atol=PRINTED)
    # Random samples reach the bound, stratified ones only if shares are free.
    assert_allclose(covariance_of(reached), least, rtol=1e-8, atol=1e-8)
    end = limit_in(model, NoBias(), "stratified")
    assert_allclose(root_n_se(covariance_of(end))[numbers], stratified, rtol=0, atol=PRINTED)
    fixed = bound(SCHOOL, model, "stratified")
    if model.shares == "free":
        assert_allclose(covariance_of(end), fixed, rtol=1e-8, atol=1e-8)
    else:
        ses = [root_n_se(one)[MEANS] for one in (fixed, covariance_of(end), least)]
        assert np.all(ses[0] < ses[1] * (1 - 1e-4))
        assert np.all(ses[1] < ses[2] * (1 - 1e-2))
    assert_allclose(em_rate(end, model), rate, rtol=0, atol=6e-7)
    assert_allclose(np.log(10) / -np.log(em_rate(end, model)), steps, rtol=0, atol=0.06)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.2, 0.8), (0.2, 0.5, 0.3)], ids=str)
def test_fixed_counts_take_only_the_multinomial_covariance_of_shares(
    shares: tuple[float, ...],
) -> None:
    numbers = zip("abc", shares, (140.0, 163.0, 180.0), (5.0, 6.5, 7.0), strict=False)
    population = Population("shares", tuple(Group(*one) for one in numbers))
    drop = bound(population, FREE, "random") - bound(population, FREE, "stratified")
    expected = np.zeros_like(drop)
    rows = np.arange(len(shares)) * 3
    expected[np.ix_(rows, rows)] = np.diag(shares) - np.outer(shares, shares)
    assert_allclose(np.diag(drop), np.diag(expected), rtol=0, atol=1e-6)
    assert_allclose(drop[np.ix_(rows, rows)], expected[np.ix_(rows, rows)], rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("model", "gap", "share", "stratified", "mean", "sd", "rate"),
    [
        (EQUAL, 2.0, 1.16836, 1.05597, 2.78913, 1.34870, 0.899199),
        (EQUAL, 3.0, 0.62239, 0.37063, 1.84201, 0.92332, 0.641038),
        (EQUAL, 4.0, 0.52545, 0.16156, 1.56350, 0.77948, 0.342987),
        (FREE, 2.0, 4.67746, None, 9.47806, 3.68707, 0.994908),
        (FREE, 3.0, 0.98302, None, 2.93320, 1.89234, 0.932147),
        (FREE, 4.0, 0.55860, None, 1.73767, 1.34424, 0.724909),
    ],
)
def test_two_groups_apart_have_the_printed_errors_and_rates(
    model: Model,
    gap: float,
    share: float,
    stratified: float | None,
    mean: float,
    sd: float,
    rate: float,
) -> None:
    population = apart(gap)
    se = root_n_se(bound(population, model, "random"))
    assert_allclose(se[:6], [share, mean, sd] * 2, rtol=0, atol=PRINTED)
    if stratified is not None:
        fixed = root_n_se(bound(population, model, "stratified"))
        assert_allclose(fixed[:6], [stratified, mean, sd] * 2, rtol=0, atol=PRINTED)
    end = limit_in(model, NoBias(), "random", population)
    assert_allclose(em_rate(end, model), rate, rtol=0, atol=6e-7)


@pytest.mark.parametrize(("gap", "efficiency"), [(2.0, 0.1008), (3.0, 0.3590), (4.0, 0.6570)])
def test_the_cut_between_two_groups_loses_the_printed_efficiency(
    gap: float, efficiency: float
) -> None:
    # The cut is (mu1 + mu2)/2 + v log(pi1/pi2)/(mu2 - mu1): at equal shares its slope is 4 v/gap
    # in the share and 1/2 in each mean. With labels: (4/gap)^2 / 4 + (2 + 2)/4.
    slope = np.zeros(7)
    slope[[0, 1, 4]] = 4 / gap, 0.5, 0.5
    hidden = slope @ bound(apart(gap), EQUAL, "random") @ slope
    labelled = 4 / gap**2 + 1
    assert_allclose(labelled / hidden, efficiency, rtol=0, atol=6e-5)


def test_rates_are_those_of_em_steps_at_the_truth() -> None:
    # One EM step of the free model, written out; its slope by central differences.
    recorded = recorded_distribution(SCHOOL, Selection(0.0), "random")
    x, w = recorded.nodes_cm - 170.0, recorded.weights

    def step(theta: np.ndarray) -> np.ndarray:
        pi, m1, m2, s1, s2 = theta
        one = pi * np.exp(-(((x - m1) / s1) ** 2) / 2) / s1
        two = (1 - pi) * np.exp(-(((x - m2) / s2) ** 2) / 2) / s2
        r = one / (one + two)
        n1, n2 = w @ r, w @ (1 - r)
        m1, m2 = (w * r) @ x / n1, (w * (1 - r)) @ x / n2
        s1 = np.sqrt((w * r) @ (x - m1) ** 2 / n1)
        s2 = np.sqrt((w * (1 - r)) @ (x - m2) ** 2 / n2)
        return np.array([n1, m1, m2, s1, s2])

    truth = np.array([0.5, -7.0, 6.0, 6.5, 7.0])
    h = 1e-4
    slope = np.column_stack(
        [(step(truth + h * e) - step(truth - h * e)) / (2 * h) for e in np.eye(5)]
    )
    largest = np.abs(np.linalg.eigvals(slope)).max()
    assert_allclose(em_rate(limit_in(FREE, NoBias()), FREE), largest, rtol=1e-6)


def test_known_labels_of_a_single_group_leave_nothing_to_em() -> None:
    one = Population("one", (Group("all", 1.0, 170.0, 6.0),))
    end = limit_in(FREE, NoBias(), "stratified", one)
    assert abs(em_rate(end, FREE)) < 1e-12
    for covariance in (bound(one, FREE, "stratified"), covariance_of(end)):
        assert_allclose(covariance, np.diag([0.0, 36.0, 18.0]), rtol=0, atol=1e-9)


BABIES = Population("babies", (Group("babies", 0.5, 50.0, 2.0), Group("adults", 0.5, 170.0, 7.0)))


@pytest.mark.parametrize("model", [FREE, KNOWN_SHARES, KNOWN_SDS, KNOWN_BOTH], ids=str)
@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_groups_that_do_not_overlap_have_the_bounds_of_labelled_ones(
    model: Model, sampling: Sampling
) -> None:
    # Of 36 people 18 are of each group: SD / sqrt(18), and SD / sqrt(36) of the SD.
    table = derive(BoundsSpec(BABIES, NoBias(), sampling, (36,), (model,)))
    share = 0.0 if model.shares == "known" or sampling == "stratified" else 0.5 / 6
    spread = np.zeros(2) if model.sds == "known" else np.array([2 / 6, 7 / 6])
    for name in ("bound", "limit_se"):
        of = {
            one: column(table, name, model.slug, 36, one) for one in ("share", "mean_cm", "sd_cm")
        }
        assert_allclose(of["share"], [share, share], atol=1e-7)
        assert_allclose(of["mean_cm"], [2 / 18**0.5, 7 / 18**0.5], rtol=1e-9)
        assert_allclose(of["sd_cm"], spread, rtol=1e-9)
    assert_allclose(table.em_rate, 0.0, atol=1e-12)


@pytest.mark.parametrize("sampling", ["stratified", "random"])
def test_groups_that_nothing_distinguishes_have_no_bound(sampling: Sampling) -> None:
    twins = Population("twins", (Group("a", 0.5, 170.0, 7.0), Group("b", 0.5, 170.0, 7.0)))
    table = derive(BoundsSpec(twins, NoBias(), sampling, (36,), (FREE, KNOWN_SHARES, Model("all"))))
    for name in ("bound", "limit_se", "small_sample_bias"):
        assert np.isnan(column(table, name, "hidden", 36, "mean_cm")).all()
        assert np.isnan(column(table, name, "hidden-known-shares", 36, "mean_cm")).all()
    labelled = column(table, "bound", "labelled", 36, "mean_cm")
    assert_allclose(labelled, [7 / 18**0.5] * 2, rtol=1e-12)
