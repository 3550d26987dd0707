"""Bounds: one row for each model, size and parameter, with the theory that belongs there."""

from dataclasses import replace

import numpy as np
import pytest

from stature.design.canonical import decode, encode
from stature.domain.bias import Bias, NoBias, Rounding, Selection, Truncation, has_classes
from stature.domain.model import Model, Sampling, parameter_rows
from stature.domain.observation import Truncated
from stature.domain.population import DataFile, Group, Pool, Population
from stature.theory.bounds import Bounds, BoundsSpec, derive
from tests.domain.test_bias import BIASES
from tests.domain.test_bias import SCHOOL as PUPILS

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
MODELS = (
    Model("all"),
    Model("none"),
    Model("none", sds="equal"),
    Model("none", shares="known"),
    Model("none", sds="known"),
)
SIZES = (2000, 20)


def bounds(bias: Bias | None = None, sampling: Sampling = "stratified") -> Bounds:
    return derive(BoundsSpec(SCHOOL, bias or NoBias(), sampling, SIZES, MODELS))


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


def test_order_and_repetition_of_the_spec_change_nothing() -> None:
    first = derive(BoundsSpec(SCHOOL, NoBias(), "random", (20, 50), MODELS[:2]))
    again = derive(BoundsSpec(SCHOOL, NoBias(), "random", (50, 20, 50), MODELS[1::-1] * 2))
    assert first.model == again.model
    np.testing.assert_array_equal(first.size, again.size)
    np.testing.assert_array_equal(first.limit_se, again.limit_se)


def test_labelled_bounds_are_sd_over_root_of_the_designs_counts() -> None:
    # Of 21 stratified people, Webster's method gives 11 to the first group, 10 to the second.
    table = derive(BoundsSpec(SCHOOL, NoBias(), "stratified", (21,), (Model("all"),)))
    np.testing.assert_allclose(
        column(table, "bound", "labelled", 21, "mean_cm"),
        [6.5 / np.sqrt(11), 7 / np.sqrt(10)],
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        column(table, "bound", "labelled", 21, "sd_cm"),
        [6.5 / np.sqrt(22), 7 / np.sqrt(20)],
        rtol=1e-11,
    )
    np.testing.assert_array_equal(column(table, "bound", "labelled", 21, "share"), [0.0, 0.0])
    np.testing.assert_allclose(
        column(table, "bound", "labelled", 21, "gap_cm"),
        [np.sqrt(6.5**2 / 11 + 7**2 / 10)],
        rtol=1e-12,
    )


def test_random_labelled_shares_are_binomial() -> None:
    table = bounds(sampling="random")
    np.testing.assert_allclose(
        column(table, "bound", "labelled", 20, "share"), np.sqrt(0.25 / 20), rtol=1e-13
    )


def test_hidden_bounds_fall_like_the_root_of_n() -> None:
    table = bounds()
    at_20 = column(table, "bound", "hidden", 20, "mean_cm")
    np.testing.assert_allclose(at_20, np.array([63.92766, 76.75335]) / np.sqrt(20), rtol=1e-7)
    at_2000 = column(table, "bound", "hidden", 2000, "mean_cm")
    np.testing.assert_allclose(at_2000, at_20 / 10, rtol=1e-12)


def test_a_model_without_the_truth_has_a_limit_but_no_bound() -> None:
    table = bounds()
    assert np.isnan(column(table, "bound", "hidden-equal-sds", 20, "mean_cm")).all()
    np.testing.assert_allclose(
        column(table, "limit", "hidden-equal-sds", 20, "mean_cm"), [163.622675, 176.749174]
    )
    assert np.isfinite(column(table, "limit_se", "hidden-equal-sds", 20, "mean_cm")).all()


@pytest.mark.parametrize(
    "bias", [Selection(0.05), Truncation(below_cm=160.0), Rounding(5.0)], ids=str
)
def test_a_biased_scenario_has_limits_and_no_bound(bias: Bias) -> None:
    table = bounds(bias)
    assert np.isnan(table.bound).all()
    assert np.isfinite(table.limit).all()
    assert np.isfinite(table.limit_se).all()
    assert np.all((table.em_rate >= 0.0) & (table.em_rate < 1.0))


def test_what_is_told_has_no_error() -> None:
    table = bounds()
    for name in ("bound", "limit_se"):
        shares = column(table, name, "hidden-known-shares", 20, "share")
        np.testing.assert_array_equal(shares, [0.0, 0.0])
        np.testing.assert_array_equal(
            column(table, name, "hidden-known-sds", 20, "sd_cm"), [0.0, 0.0]
        )


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
        np.testing.assert_allclose(
            column(table, "limit", "labelled", 200, parameter),
            column(table, "truth", "labelled", 200, parameter),
            rtol=1e-12,
        )


def test_truth_is_the_populations_own() -> None:
    table = bounds(Selection(0.05), "random")
    np.testing.assert_array_equal(table.truth[:7], [0.5, 163.0, 6.5, 0.5, 176.0, 7.0, 13.0])


def test_a_spec_survives_canonical_json() -> None:
    spec = BoundsSpec(SCHOOL, Selection(0.05, "boys"), "random", SIZES, MODELS)
    assert decode(BoundsSpec, encode(spec)) == spec


def test_a_small_group_that_no_small_sample_holds_has_no_labelled_bound() -> None:
    rare = Population("rare", (Group("a", 0.01, 150.0, 6.0), Group("b", 0.99, 176.0, 7.0)))
    table = derive(BoundsSpec(rare, NoBias(), "stratified", (10,), (Model("all"),)))
    means = column(table, "bound", "labelled", 10, "mean_cm")
    assert np.isnan(means[0])
    np.testing.assert_allclose(means[1], 7.0 / np.sqrt(10), rtol=1e-12)


@pytest.mark.parametrize("bias", [bias for bias in BIASES if bias != NoBias()], ids=str)
def test_every_bias_has_the_limits_of_its_laws_and_no_bound(bias: Bias) -> None:
    spec = BoundsSpec(PUPILS, bias, "stratified", (200,), MODELS)
    table = derive(spec)
    assert np.isnan(table.bound).all()
    labelled = np.array([slug == Model("all").slug for slug in table.model])
    assert np.isfinite(table.limit[labelled]).all()
    # People of one class depend on each other: errors for independent people would be wrong.
    assert np.isnan(table.limit_se).all() == has_classes(bias)
    if not has_classes(bias):
        assert np.isfinite(table.limit_se[np.isfinite(table.limit)]).all()


def test_models_that_know_how_heights_were_seen_have_limits_errors_and_bounds() -> None:
    cut = Truncation(below_cm=160.0)
    told = Model("none", sds="known", observation=Truncated(160.0))
    models = (told, Model("none", sds="known"), Model("none", freedom=4.0))
    table = derive(BoundsSpec(SCHOOL, cut, "random", SIZES, models))
    np.testing.assert_allclose(
        column(table, "limit", told.slug, 20, "mean_cm"), [163.0, 176.0], rtol=1e-9
    )
    bound = column(table, "bound", told.slug, 20, "mean_cm")
    np.testing.assert_allclose(column(table, "limit_se", told.slug, 20, "mean_cm"), bound)
    at_2000 = column(table, "bound", told.slug, 2000, "mean_cm")
    np.testing.assert_allclose(at_2000, bound / 10, rtol=1e-12)
    for naive in models[1:]:
        assert np.isnan(column(table, "bound", naive.slug, 20, "mean_cm")).all()
        assert np.isfinite(column(table, "limit_se", naive.slug, 20, "mean_cm")).all()
    # Without a bias groups with Student's law are still not the truth.
    plain = derive(BoundsSpec(SCHOOL, NoBias(), "random", SIZES, models))
    assert np.isnan(column(plain, "bound", models[2].slug, 20, "mean_cm")).all()
    # Who cuts off people himself is measured against the information in all of them.
    shown = column(plain, "bound", told.slug, 20, "mean_cm")
    np.testing.assert_allclose(shown, column(plain, "bound", models[1].slug, 20, "mean_cm"))
    assert (column(plain, "limit_se", told.slug, 20, "mean_cm") > 1.1 * shown).all()


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
    np.testing.assert_allclose(table.limit[moments], table.truth[moments], rtol=1e-6)
    np.testing.assert_allclose(table.bound[moments], table.bound[ml], rtol=1e-7)
    # No estimator beats the bound; that of moments does not reach it.
    assert (table.limit_se[moments] > 1.02 * table.bound[ml]).all()
    assert np.isnan(table.em_rate[moments]).all()


def test_the_first_bias_is_known_wherever_there_is_an_error() -> None:
    labelled = bounds(sampling="stratified")
    sds = column(labelled, "small_sample_bias", "labelled", 2000, "sd_cm")
    np.testing.assert_allclose(sds, [-0.75 * 6.5 / 1000, -0.75 * 7.0 / 1000], rtol=1e-5)
    for bias in (Selection(0.05), Rounding(5.0)):
        table = bounds(bias, "random")
        assert (np.isfinite(table.small_sample_bias) == np.isfinite(table.limit_se)).all()
