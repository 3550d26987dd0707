"""Measures of anybody's table of estimates, against NumPy and against published numbers."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from stature.arrays import Floats
from stature.measures.estimates import (
    Asked,
    Estimates,
    Loss,
    TableMeasure,
    TablePolicy,
    dominated,
    losses,
    measure_table,
    performance_of,
    ranked,
)

Z = 1.959963984540054
TRUTH = 0.5


def table(estimate: Floats, std_error: Floats, **more: Any) -> Estimates:
    """A table of estimates of shape (methods, data sets) with normal intervals."""
    methods, sets = estimate.shape
    each, se = estimate.ravel(), std_error.ravel()
    columns: dict[str, Any] = {
        "estimate": each,
        "std_error": se,
        "lower": each - Z * se,
        "upper": each + Z * se,
        "truth": np.array([TRUTH]),
        "methods": tuple("ABC"[:methods]),
        "method": np.repeat(np.arange(methods), sets),
        "by": (),
        "levels": ((),),
        "cell": np.zeros(methods * sets, np.int64),
        "replicate": np.tile(np.arange(sets), methods),
        "paired": True,
    }
    return Estimates(**columns | more)


def found(of: Estimates, policy: TablePolicy = "available") -> dict[tuple[str, str], TableMeasure]:
    rows = measure_table(of, Asked("A", 0.0, policy))
    return {(row.measure, row.method): row for row in rows}


@pytest.fixture(scope="module")
def drawn() -> tuple[Floats, Floats]:
    """Two methods on the same 300 data sets, and their standard errors."""
    random = np.random.default_rng(3)
    common = random.standard_normal((2, 300))
    estimate = np.stack([common[0], 0.8 * common[0] + 0.4 * common[1]]) * 0.2 + 0.55
    return estimate, 0.2 * np.exp(0.1 * random.standard_normal((2, 300)))


def test_every_measure_is_what_numpy_makes_of_the_table(drawn: tuple[Floats, Floats]) -> None:
    measured, (estimate, se) = found(table(*drawn)), drawn
    n, (a, b) = 300, estimate
    for name, t, s in (("A", a, se[0]), ("B", b, se[1])):
        spread, v = t.std(ddof=1), s**2
        model = np.sqrt(v.mean())
        centred, error = (t - t.mean()) ** 2 / spread**2 - 1, t - TRUTH
        covered = (np.abs(error) <= Z * s).mean()
        around, rejected = (np.abs(t - t.mean()) <= Z * s).mean(), (np.abs(t) > Z * s).mean()
        share = {p: np.sqrt(p * (1 - p) / n) for p in (covered, around, rejected)}
        ranks = [int(np.ceil(n / 2 + sign * np.sqrt(n / 4))) - 1 for sign in (-1, 1)]
        half, half_of_v = (np.diff(np.sort(x)[ranks])[0] / 2 for x in (t, v))
        ratio = model / spread
        # name: value, error of normal theory, robust error where it is another one
        expected = {
            "mean": (t.mean(), spread / np.sqrt(n)),
            "median": (np.median(t), half),
            "median_variance": (np.median(v), half_of_v),
            "bias": (t.mean() - TRUTH, spread / np.sqrt(n)),
            "relative_bias": (t.mean() / TRUTH - 1, spread / np.sqrt(n) / TRUTH),
            "empirical_se": (
                spread,
                spread / np.sqrt(2 * (n - 1)),
                spread / 2 * centred.std(ddof=1) / np.sqrt(n),
            ),
            "mse": ((error**2).mean(), (error**2).std(ddof=1) / np.sqrt(n)),
            "model_se": (model, v.std(ddof=1) / (2 * model * np.sqrt(n))),
            "relative_error_model_se": (
                ratio - 1,
                ratio * np.sqrt(v.var(ddof=1) / (4 * n * model**4) + 1 / (2 * (n - 1))),
                ratio * (v / (2 * model**2) - centred / 2).std(ddof=1) / np.sqrt(n),
            ),
            "mean_variance": (v.mean(), v.std(ddof=1) / np.sqrt(n)),
            "coverage": (covered, share[covered]),
            "bias_eliminated_coverage": (around, share[around]),
            "power": (rejected, share[rejected]),
        }
        for measure, (value, normal, *robust) in expected.items():
            row = measured[measure, name]
            got = (row.value, row.mcse, row.robust_mcse)
            assert got == pytest.approx((value, normal, *(robust or [normal])), rel=1e-12), measure
            assert (row.replicates_used, row.replicates_failed) == (n, 0)
    gain, spreads = measured["precision_gain", "B"], (a.var(ddof=1), b.var(ddof=1))
    ratio, r = spreads[0] / spreads[1], np.corrcoef(a, b)[0, 1]
    off = [(t - t.mean()) ** 2 / s for t, s in zip((a, b), spreads, strict=True)]
    robust = ratio * (off[0] - off[1]).std(ddof=1) / np.sqrt(n)
    normal = 2 * ratio * np.sqrt((1 - r**2) / (n - 1))
    expected = (ratio - 1, normal, robust)
    assert (gain.value, gain.mcse, gain.robust_mcse) == pytest.approx(expected, rel=1e-10)
    # A method gains nothing over itself, for certain.
    own = measured["precision_gain", "A"]
    assert (own.value, own.mcse, own.reference) == (0.0, 0.0, "A")


# Table of the R package rsimsum 0.13 for its data set MIsim (White 2010, The Stata Journal 10:369),
# 1,000 trials, truth 0.5: mean, empirical SE, model SE and the relative error of it in per cent,
# of methods CC, MI_LOGT and MI_T, each with its Monte-Carlo standard error.
PUBLISHED = {
    "CC": (0.5168, 0.1511, ".0168 (.0048)", ".1511 (.0034)", ".1471 (.0005)", -2.6594, 2.2055),
    "MI_LOGT": (0.5009, 0.1320, ".0009 (.0042)", ".1320 (.0030)", ".1349 (.0006)", 2.2233, 2.3323),
    "MI_T": (0.4988, 0.1344, "-.0012 (.0043)", ".1344 (.0030)", ".1338 (.0006)", -0.4412, 2.2695),
}


@pytest.mark.parametrize("method", PUBLISHED)
def test_estimates_of_the_published_moments_have_the_published_errors(method: str) -> None:
    mean, spread, bias, empirical, model, off, error_of_off = PUBLISHED[method]
    n, ratio = 1000, 1 + off / 100
    scores = np.linspace(-1, 1, n)
    scores /= scores.std(ddof=1)
    # What the relative error is off by beyond 1 / (2 (n - 1)) is Var(v) / (4 n M^4).
    of_v = 4 * n * ((error_of_off / 100 / ratio) ** 2 - 1 / (2 * (n - 1)))
    variances = (spread * ratio) ** 2 * (1 + np.sqrt(of_v) * scores)
    measured = found(table((mean + spread * scores)[None], np.sqrt(variances)[None]))

    def printed(name: str, factor: float = 1.0) -> str:
        row = measured[name, "A"]
        return f"{factor * row.value:.4f} ({factor * row.mcse:.4f})".replace("0.", ".")

    assert printed("bias") == bias
    assert printed("empirical_se") == empirical
    assert printed("model_se") == model
    assert printed("relative_error_model_se", 100.0).replace("-.", "-0.") == (
        f"{off:.4f} ({error_of_off:.4f})"
    )


def test_what_is_missing_is_left_out_of_what_needs_it_alone_and_counted(
    drawn: tuple[Floats, Floats],
) -> None:
    estimate, se = drawn[0].copy(), drawn[1].copy()
    estimate[0, 0], estimate[0, 1], se[0, 2] = np.nan, np.inf, np.nan
    whole = table(estimate, se)
    kept = np.arange(600) != 303  # method B has no row for data set 3
    names = ("estimate", "std_error", "lower", "upper", "method", "cell", "replicate")
    of = replace(whole, **{name: getattr(whole, name)[kept] for name in names})
    first, second = losses(of)
    counts = (first.expected, first.rows_missing, first.estimates_missing, first.estimates_infinite)
    assert counts == (300, 0, 1, 1)
    assert (first.std_errors_missing, first.intervals_missing) == (1, 1)
    assert second.counts == (300, 1, 0, 0, 0, 0)
    measured = found(of)
    used = {name: measured[name, "A"].replicates_used for name in ("bias", "model_se", "coverage")}
    assert used == {"bias": 298, "model_se": 297, "coverage": 297}
    assert measured["bias", "A"].value == pytest.approx(estimate[0, 2:].mean() - TRUTH, rel=1e-12)
    # Pairs: data sets 0, 1 and 3 lack one of the two.
    assert measured["precision_gain", "B"].replicates_used == 297
    joint = found(of, "joint")
    assert {joint["bias", method].replicates_used for method in "AB"} == {296}
    assert joint["bias", "B"].value == pytest.approx(estimate[1, 4:].mean() - TRUTH, rel=1e-12)
    # Three of 300 lack an interval: all are misses, or all are hits.
    hits = measured["coverage", "A"].value * 297
    assert found(of, "worst")["coverage", "A"].value == pytest.approx(hits / 300, rel=1e-12)
    assert found(of, "best")["coverage", "A"].value == pytest.approx((hits + 3) / 300, rel=1e-12)
    assert all(row.replicates_expected == 300 for row in measured.values())


@pytest.mark.parametrize("wild", [1e3, 1e300])
def test_an_estimate_that_rules_the_variance_is_named(
    wild: float, drawn: tuple[Floats, Floats]
) -> None:
    assert dominated(table(*drawn)) == ()
    estimate = drawn[0].copy()
    estimate[1, 7] = wild
    of = table(estimate, drawn[1])
    assert dominated(of) == (((), "B"),)
    # The median stands it, and no warning is raised.
    assert found(of)["median", "B"].value == pytest.approx(np.median(estimate[1]), rel=1e-12)


def _of_one(values: list[float]) -> Estimates:
    return table(np.array([values]), np.ones((1, len(values))))


def test_a_tenth_of_the_variance_of_more_than_twenty_is_too_much() -> None:
    # Of m pairs of ±1 and one of ±c the largest has c^2 / (2 m + 2 c^2): a tenth where c^2 = m / 4.
    for c, rules in ((1.57, False), (1.59, True)):
        assert bool(dominated(_of_one([-1.0, 1.0] * 10 + [-c, c]))) == rules
    # Twenty that differ from their mean are too few to say so; who does not differ is not counted.
    few = [-1.0, 1.0] * 9
    for more, rules in (([-4.0, 4.0], False), ([-4.0, 4.0, 0.0], False), ([4.0, -2.0, -2.0], True)):
        assert bool(dominated(_of_one(few + more))) == rules
    assert dominated(_of_one([0.4] * 30)) == ()


def test_every_kind_of_loss_is_one() -> None:
    kinds = [one.name for one in fields(Loss)][3:]
    nothing = Loss((), "A", 9, *[0] * len(kinds))
    assert not nothing.any
    assert nothing.counts == (9, *[0] * len(kinds))
    for name in kinds:
        assert replace(nothing, **{name: 1}).any


def test_gains_are_of_two_methods_on_the_same_data_alone(drawn: tuple[Floats, Floats]) -> None:
    both = table(*drawn)
    one = table(drawn[0][:1], drawn[1][:1])
    with_gains = {
        "paired": found(both),
        "apart": found(replace(both, paired=False)),
        "one": found(one),
    }
    assert {
        name for name, rows in with_gains.items() if any(row == "precision_gain" for row, _ in rows)
    } == {"paired"}


def test_rows_have_their_levels_every_column_and_no_number_that_is_none() -> None:
    few = replace(_of_one([0.4]), by=("n",), levels=(("20",),))
    (bias,) = (
        row
        for row in performance_of(few, Asked("A", 0.0, "joint")).rows
        if row["measure"] == "bias"
    )
    columns = [one.name for one in fields(TableMeasure)][1:]
    assert [*bias] == ["n", *columns, "policy"]
    assert (bias["n"], bias["policy"], bias["method"], bias["mcse"]) == ("20", "joint", "A", None)
    assert bias["value"] == pytest.approx(-0.1)


def test_a_missing_standard_error_is_half_the_interval_over_196() -> None:
    # .99, 1 and 1.01 standard errors off; that of the second is told by its interval alone.
    estimates, errors = np.array([[0.698, 0.7, 0.702]]), np.full((1, 3), 0.2)
    of = table(estimates, errors)
    known = np.array([True, False, True])
    some = replace(of, std_error=np.where(known, 0.2, np.nan))
    assert ranked(some, 0)["A"]["centile"] == pytest.approx([50 / 3, 50, 250 / 3])
    shuffled = replace(some, estimate=estimates[0, ::-1], std_error=some.std_error)
    assert ranked(shuffled, 0)["A"]["centile"] == pytest.approx([250 / 3, 50, 50 / 3])


@pytest.mark.parametrize("sets", [1, 2])
def test_hardly_any_data_give_values_or_nothing_and_no_warning(sets: int) -> None:
    measured = found(table(np.full((2, sets), 0.4), np.full((2, sets), 0.1)))
    assert measured["bias", "A"].value == pytest.approx(-0.1)
    assert np.isnan(measured["bias", "A"].mcse) == (sets == 1)
    assert measured["coverage", "A"].value == 1.0
    assert measured["coverage", "A"].mcse > 0.0  # by Wilson: one hit in one is no certainty
    nothing = found(table(np.full((1, 2), np.nan), np.full((1, 2), np.nan)))
    assert {row.replicates_used for row in nothing.values()} == {0}


def test_intervals_are_ranked_by_their_distance_from_the_truth() -> None:
    of = table(np.array([[0.5, 0.9, 0.2, np.nan]]), np.array([[0.1, 0.2, 0.1, 0.1]]))
    # 0, 2 and 3 standard errors off: the first, second and third of three.
    assert ranked(of, 0)["A"]["centile"] == pytest.approx(
        [50 / 3, 50, 250 / 3, np.nan], nan_ok=True
    )
