"""From fits to measures: accounting, failures, policies, and what must change nothing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stature.arrays import Floats
from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias
from stature.domain.model import Model, parameter_rows
from stature.domain.population import Stated
from stature.domain.quantity import HIT
from stature.estimators.estimator import (
    Alternative,
    Choice,
    Estimator,
    Fits,
    Outside,
    Prior,
    SeStatus,
    Status,
    Stop,
)
from stature.estimators.intervals.wald import wald_interval
from stature.measures import comparisons
from stature.measures.catalogue import CATALOGUE
from stature.measures.measure import (
    Measure,
    agrees,
    measure,
    measure_spec,
    records,
    reference_of,
    wald_sibling,
)
from stature.measures.performance import from_influence, without_chance
from stature.theory.bounds import BoundsSpec, derive
from tests.measures.conftest import (
    PER_REPLICATE,
    SCHOOL,
    Rows,
    Study,
    labelled_fits,
    some,
    without,
)


def _names(*scopes: str) -> set[str]:
    return {kind.name for kind in CATALOGUE if kind.scope in scopes}


KINDS = {kind.name: kind for kind in CATALOGUE}


def test_the_catalogue_lists_exactly_the_measures_of_a_study(study: Study) -> None:
    em = next(one for one in study.spec.estimators if one.name == "em")
    other = replace(em, name="em-boot", interval="bootstrap", bootstrap_samples=200)
    mine = replace(em, name="mine", method="python", outside=Outside(quantities=("own",)))
    counts = replace(em, name="counts", choose=Choice("bic", (Alternative(groups=2),)))
    more = replace(study.spec, estimators=(*study.spec.estimators, other, mine, counts))
    of_mine = with_quantities(study.fits["em"], own=np.zeros((4, len(study.fits["em"].sizes))))
    alike = dict.fromkeys(("em-boot", "counts"), study.fits["em"])
    fits = {**study.fits, **alike, "mine": of_mine}
    found = measure(more, fits, study.bounds)
    assert {row.measure for row in found} == KINDS.keys()
    # Without such intervals there is nothing to say of them.
    alone = {row.measure for row in measure(study.spec, study.fits, study.bounds)}
    others = _names("interval", "against-wald", "bootstrap", "outside", "quantity", "groups")
    assert alone == KINDS.keys() - others


def with_quantities(fits: Fits, **claims: Floats) -> Fits:
    """Fits with quantities: estimates, standard errors and ends, shape (4, S) or (4, R, S)."""
    shape = 4, len(fits.replicates), len(fits.sizes)
    each = [
        np.broadcast_to(one[:, None] if one.ndim == 2 else one, shape) for one in claims.values()
    ]
    return replace(
        fits, quantities=tuple(claims), of_quantities=np.moveaxis(np.stack(each), (0, 1), (3, 2))
    )


def test_a_quantity_has_measures_with_its_truth_and_fewer_without() -> None:
    # Four replicates return 1, 2, 3 and 6, with a standard error of 2 and an interval of ±2: mean
    # 3, squared deviations 4, 1, 0 and 9, so that S² = 14/3. The fit of 6 failed once more below.
    estimate = np.array([1.0, 2.0, 3.0, 6.0])[:, None]
    claims = np.stack([estimate, estimate * 0.0 + 2.0, estimate - 2.0, estimate + 2.0])
    fits = with_quantities(labelled_fits((20,), 4, 1), far=claims, near=claims)
    population = replace(SCHOOL, truths=(Stated("far", 2.5),))
    mine = Estimator("mine", Model("all"), "python", outside=Outside(quantities=("far", "near")))
    spec = measure_spec(Scenario(population, NamedBias("none", NoBias()), "random"), (mine,))
    bounds = derive(BoundsSpec(population, NoBias(), "random", (20,), ()))

    def of(name: str, fits: Fits) -> dict[str, Measure]:
        rows = measure(spec, {"mine": fits}, bounds)
        return {row.measure: row for row in rows if row.parameter == name}

    far, near = of("far", fits), of("near", fits)
    assert far["mean"].value == near["mean"].value == 3.0
    assert far["mean"].mcse == pytest.approx(np.sqrt(14.0 / 3.0 / 4.0), rel=1e-14)
    assert far["bias"].value == 0.5
    assert far["truth"].value == 2.5
    # Errors are -1.5, -.5, .5 and 3.5, their squares sum to 15; three intervals of four hold 2.5.
    assert far["rmse"].value == pytest.approx(np.sqrt(15.0 / 4.0), rel=1e-14)
    assert far["coverage"].value == 0.75
    assert far["model_se"].value == near["model_se"].value == 2.0
    ratio = 2.0 / np.sqrt(14.0 / 3.0) - 1.0
    assert near["relative_error_model_se"].value == pytest.approx(ratio, rel=1e-14)
    assert near["bias_eliminated_coverage"].value == 0.75
    assert far.keys() - near.keys() == {
        *("bias", "relative_bias", "mse", "rmse", "absolute_error", "median_error"),
        *("coverage", "truth"),
    }
    failed = replace(fits, status=np.array([[0], [0], [0], [Status.ERROR]], np.int8))
    counts = of("far", failed)["mean"]
    assert (counts.value, counts.replicates_used, counts.replicates_failed) == (2.0, 3, 1)


def test_each_measure_is_listed_once_and_has_an_error_unless_it_is_free_of_chance() -> None:
    assert len(KINDS) == len(CATALOGUE)
    assert f"within_{HIT:g}cm" in KINDS
    assert all(kind.definition for kind in CATALOGUE)
    without = {kind.name for kind in CATALOGUE if not kind.mcse}
    assert without == _names("theory", "theory-fit", "same-model")


ABOUT = ("school", "none", "school.none", "em", ""), labelled_fits((20, 50), 4, 1)


def test_records_count_what_was_used_failed_and_expected() -> None:
    influence = np.zeros((2, 7, 4))
    used = np.full((2, 7), 3)
    measured = from_influence(np.zeros((2, 7)), influence, used)
    found = list(records(*ABOUT, KINDS["bias"], measured))
    assert len(found) == 14
    for row in found:
        assert (row.replicates_used, row.replicates_failed, row.replicates_expected) == (3, 1, 4)
    assert [row.size for row in found] == [20] * 7 + [50] * 7
    assert (found[4].group, found[4].parameter) == ("boys", "mean_cm")


def test_a_measure_of_the_whole_fit_has_no_group() -> None:
    measured = from_influence(np.zeros(2), np.zeros((2, 4)), np.full(2, 4))
    found = list(records(*ABOUT, KINDS["passes"], measured))
    assert [(row.group, row.parameter) for row in found] == [("", ""), ("", "")]


def test_what_is_not_a_number_is_nothing_and_minus_zero_is_zero() -> None:
    measured = without_chance(np.array([np.inf, -0.0]))
    found = list(records(*ABOUT, KINDS["em_rate"], measured))
    assert found[0].value is None
    assert str(found[1].value) == "0.0"
    assert found[0].mcse is None
    assert found[0].replicates_expected == 0


def test_the_order_of_estimators_in_a_study_changes_no_spec(
    scenario: Scenario, study: Study
) -> None:
    assert measure_spec(scenario, study.spec.estimators[::-1]) == study.spec


def _value(measures: Rows, **key: object) -> Measure:
    """The one measure with these columns."""
    usual: dict[str, object] = {"policy": "available"}
    (found,) = set(measures) - set(without(measures, **usual | key))
    return found


def test_theory_rides_along_without_replicates(measures: Rows) -> None:
    boys = {"estimator": "mle", "size": 50, "group": "boys", "parameter": "mean_cm", "policy": ""}
    bound = _value(measures, measure="bound", **boys)
    assert bound.value == pytest.approx(7 / 5, rel=1e-12)
    assert (bound.mcse, bound.replicates_expected) == (None, 0)
    assert _value(measures, measure="limit_bias", **boys).value == pytest.approx(0.0, abs=1e-10)


def _with_failures(fits: Fits) -> Fits:
    """Ten fits of size 20 without an answer, five at the step limit, three without an SE."""
    status, se_status = fits.status.copy(), fits.se_status.copy()
    estimate, std_error, lower = fits.estimate.copy(), fits.std_error.copy(), fits.lower.copy()
    status[:10, 0] = Status.DEGENERATE
    estimate[:10, 0] = np.nan
    status[10:15, 0] = Status.STEP_LIMIT
    estimate[10:15, 0, 4] = 1000.0
    se_status[:18, 0] = SeStatus.SINGULAR
    std_error[:18, 0] = np.nan
    lower[:18, 0] = np.nan
    ended = replace(fits, status=status, se_status=se_status, estimate=estimate)
    return replace(ended, std_error=std_error, lower=lower)


def test_injected_failures_are_counted_under_each_policy(study: Study) -> None:
    found = study.of({"em": _with_failures(study.fits["em"])})
    for row in found:
        assert row.replicates_used + row.replicates_failed == row.replicates_expected
        assert min(row.replicates_used, row.replicates_failed) >= 0
        assert row.replicates_expected in (0, 200)
    cell = {"estimator": "em", "size": 20}
    counts = {"converged": 185, "degenerate": 10, "step_limit": 5, "se_singular": 18}
    for name in (*counts, "nonfinite", "too_few", "swapped", "no_maximum"):
        row = _value(found, measure=name, **cell)
        assert (row.count, row.replicates_used) == (counts.get(name, 0), 200)
    boys = cell | {"group": "boys", "parameter": "mean_cm"}
    # Available: the 185 that converged; three of them have no SE, and keep their estimate.
    assert _value(found, measure="bias", **boys).replicates_used == 185
    assert _value(found, measure="model_se", **boys).replicates_used == 182
    assert _value(found, measure="coverage", **boys).replicates_used == 182
    # Finite: also the five at the step limit, wherever they ended.
    finite = _value(found, measure="bias", policy="finite", **boys)
    assert finite.replicates_used == 190
    assert (finite.value or 0.0) > 5 * (1000.0 - 200.0) / 190
    # Joint: the reference converged always.
    price = _value(found, measure="price_of_hidden_labels", policy="joint", **boys)
    assert (price.replicates_used, price.reference) == (185, "mle")
    # The other sizes had no failure, so they have one policy only, as have all other measures.
    assert {row.measure for row in found if row.policy == "finite"} == {
        "bias",
        "empirical_se",
        "rmse",
    }
    assert not [row for row in found if row.policy == "finite" and row.size != 20]


def test_other_fits_or_other_estimators_change_no_row_of_an_estimator(study: Study) -> None:
    others = without(study.measures, estimator="em")
    failing = study.of({"em": _with_failures(study.fits["em"])})
    assert without(failing, estimator="em") == others
    fewer = replace(study.spec, estimators=study.spec.estimators[1:])
    assert measure(fewer, study.fits, study.bounds) == others


def test_adding_sizes_changes_no_row_of_a_size(study: Study) -> None:
    def only_50(one: Fits) -> Fits:
        changes: dict[str, Any] = {
            name: getattr(one, name)[:, 1:2] for name in PER_REPLICATE if name != "replicates"
        }
        return replace(one, sizes=one.sizes[1:2], **changes)

    found = study.of({name: only_50(one) for name, one in study.fits.items()})
    # Rates and equivalent sizes are about all sizes.
    over = ("rate", "labelled_equivalent", "hidden_equivalent")
    expected = {row for row in study.measures if row.size == 50 and row.measure not in over}
    assert {row for row in found if row.measure not in over} == expected


def test_the_order_of_replicates_and_blocks_changes_nothing(study: Study) -> None:
    order = np.random.default_rng(3).permutation(200)
    assert study.of({name: some(one, order) for name, one in study.fits.items()}) == study.measures
    blocks = np.concatenate([np.arange(120, 200), np.arange(0, 50), np.arange(50, 120)])
    merged = {name: some(one, blocks) for name, one in study.fits.items()}
    assert study.of(merged) == study.measures


@pytest.mark.parametrize("replicates", [0, 1, 2])
def test_few_replicates_give_rows_without_numbers(replicates: int, study: Study) -> None:
    few = {name: some(one, slice(replicates)) for name, one in study.fits.items()}
    found = measure(study.spec, few, study.bounds)
    assert len(found) == len(study.measures)
    for row in found:
        if replicates < 2 and row.count is None:
            assert row.mcse is None


def test_if_everything_failed_every_row_is_there_without_a_value(study: Study) -> None:
    nothing = np.full_like(study.fits["em"].estimate, np.nan)
    failed = replace(
        study.fits["em"],
        estimate=nothing, std_error=nothing, robust_std_error=nothing, lower=nothing, upper=nothing,
        status=np.full_like(study.fits["em"].status, Status.NONFINITE),
        se_status=np.full_like(study.fits["em"].se_status, SeStatus.NONE),
    )  # fmt: skip
    found = study.of({"em": failed})
    usual = [row for row in found if row.policy != "finite"]
    assert len(usual) == len(study.measures)
    boys = {"estimator": "em", "size": 50, "group": "boys", "parameter": "mean_cm"}
    row = _value(found, measure="rmse", **boys)
    assert (row.value, row.mcse, row.replicates_failed) == (None, None, 200)
    assert _value(found, measure="nonfinite", estimator="em", size=50).value == 1.0
    assert _value(found, measure="within_2cm", estimator="em", size=50).value == 0.0


def test_missing_and_unequal_fits_are_refused_all_at_once(study: Study) -> None:
    fits = {"mle": study.fits["mle"], "mle-numeric": some(study.fits["mle-numeric"], slice(5))}
    with pytest.raises(ValueError, match=r"no fits of em;? ?.*mle-numeric has other replicates"):
        measure(study.spec, fits, study.bounds)


@pytest.mark.parametrize("odd", ["em", "mle", "mle-numeric"])
def test_whoever_met_other_samples_is_told_from_the_first(odd: str, study: Study) -> None:
    fits = {**study.fits, odd: some(study.fits[odd], slice(5))}
    others = ["mle", "mle-numeric"] if odd == "em" else [odd]
    expected = "; ".join(f"{name} has other replicates than em" for name in others)
    with pytest.raises(ValueError, match=f"same samples; {expected}; run the missing fits"):
        measure(study.spec, fits, study.bounds)


def test_the_reference_is_mle_or_else_the_first_labelled_closed_form() -> None:
    unlabelled = Estimator("a", Model("none"), "em")
    newton = Estimator("b", Model("all"), "newton")
    other = Estimator("c", Model("all"), "closed-form")
    mle = Estimator("mle", Model("all"), "closed-form")
    assert reference_of((unlabelled, mle, newton, other)) == mle
    assert reference_of((unlabelled, newton, other)) == other
    assert reference_of((unlabelled, newton)) is None


def test_estimators_agree_that_go_on_to_the_same_maximum() -> None:
    mle = Estimator("mle", Model("all"), "closed-form")
    newton = Estimator("b", Model("all"), "newton")
    assert agrees(newton, mle)
    changes: tuple[dict[str, Any], ...] = (
        {"penalty": 1.0},
        {"prior": Prior()},
        {"sd_ratio": 0.1},
        {"stop": Stop("total", 0.1)},
        {"model": Model("all", sds="equal")},
    )
    for change in changes:
        assert not agrees(replace(newton, **change), mle)


def test_intervals_are_compared_with_those_of_wald_of_the_same_fits_alone(study: Study) -> None:
    em = Estimator("em", Model("none"), "em", starts=7)
    boot = replace(em, name="boot", interval="bootstrap", bootstrap_samples=200)
    others = (replace(em, name="c", starts=8), replace(boot, name="d"))
    assert wald_sibling(boot, (boot, *others)) is None
    assert wald_sibling(em, (em, *others, boot)) is None
    twin = replace(em, name="a")
    assert wald_sibling(boot, (boot, *others, em, twin)) == twin


def test_without_a_reference_nothing_is_compared(study: Study) -> None:
    alone = replace(study.spec, estimators=study.spec.estimators[:1])
    assert not [row for row in measure(alone, study.fits, study.bounds) if row.reference]


def _rank(values: Floats, share: float) -> float:
    """The smallest value with at least such a share of the values at or below it."""
    return float(np.sort(values)[int(np.ceil(len(values) * share)) - 1])


def test_every_measure_of_fits_is_what_numpy_counts_over_fits_of_all_endings(study: Study) -> None:
    random = np.random.default_rng(11)

    def of(*values: float) -> Any:
        return random.choice(values, (200, 3))

    em, constrained = study.fits["em"], of(0, 0, 0, 1) > 0
    ended = replace(
        em,
        status=np.where(random.random((200, 3)) < 0.6, 0, of(*range(1, 10))).astype(np.int8),
        se_status=of(*map(int, (SeStatus.OK, SeStatus.SINGULAR, SeStatus.NONE, 2))).astype(np.int8),
        # The root of 1/64 is .125, and that of nothing less than 0 is 0; a tenth is not within it.
        decrement=of(0.0, -1e-20, 0.1**2, 0.05**2, 1 / 64, 4.0, np.inf),
        passes=np.maximum(random.integers(-90, 900, (200, 3)), 0).astype(np.int32),
        steps=random.integers(1, 900, (200, 3)).astype(np.int32),
        starts=of(0, 1, 2, 5).astype(np.int16),
        starts_agreeing=of(0, 1, 2).astype(np.int16),
        suspect=of(0, 0, 1) > 0,
        near_tie=of(0, 1, 1) > 0,
        at_constraint=constrained,
        interval_status=random.choice([0, 1, 2], (200, 3, 7)).astype(np.int8),
        lower=np.where(random.random((200, 3, 7)) < 0.1, np.nan, em.lower),
        resamples_failed=of(0, 1, 7).astype(np.int32),
    )
    (one,) = (one for one in study.spec.estimators if one.name == "em")
    asked = replace(one, interval="bootstrap", bootstrap_samples=200)
    others = tuple(other for other in study.spec.estimators if other.name != "em")
    spec = replace(study.spec, estimators=(asked, *others))
    bounds = replace(study.bounds, limit=study.bounds.limit + 0.25)
    found = {
        (row.measure, row.size, row.group, row.parameter): row
        for row in measure(spec, study.fits | {"em": ended}, bounds)
        if row.estimator == "em" and row.policy != "finite"
    }
    truth = np.array([0.5, 163.0, 6.5, 0.5, 176.0, 7.0, 13.0])
    error, reference = ended.estimate - truth, study.fits["mle"].estimate - truth
    error[ended.status != Status.CONVERGED] = np.nan
    lower, upper = wald_interval(ended.estimate, ended.robust_std_error)
    # An SD below 0 has no such interval.
    robust = np.where(np.isfinite(lower), (lower <= truth + 0.25) & (truth + 0.25 <= upper), np.nan)
    for at, size in enumerate((20, 50, 100)):
        status, starts, passes = ended.status[:, at], ended.starts[:, at], ended.passes[:, at]
        converged = status == Status.CONVERGED
        searched = converged & (passes > 0)
        distance = np.sqrt(np.maximum(ended.decrement[:, at], 0.0))
        near = np.abs(ended.estimate[:, at, [1, 4]] - truth[[1, 4]]) <= 2.0
        alone = converged & (starts > 1) & (ended.starts_agreeing[:, at] == 1)
        expected = {
            **{one.name.lower(): (status == one).mean() for one in Status if one < Status.ERROR},
            "se_singular": (ended.se_status[:, at] == SeStatus.SINGULAR).mean(),
            "se_none": (ended.se_status[:, at] == SeStatus.NONE).mean(),
            "suspect": ended.suspect[:, at].mean(),
            "near_tie": ended.near_tie[:, at].mean(),
            "at_constraint": constrained[:, at].mean(),
            "within_2cm": (converged & near.all(axis=1)).mean(),
            "distance": _rank(distance[converged & np.isfinite(distance)], 0.5),
            "near_maximum": (converged & (distance < 0.1)).mean(),
            "starts_agreeing": ended.starts_agreeing[searched, at].mean(),
            "moved_by_a_start": (alone / np.maximum(starts, 1)).mean(),
            "resamples_failed": ended.resamples_failed[converged, at].mean(),
        }
        for name in ("passes", "steps"):
            spent = getattr(ended, name)[searched, at].astype(np.float64)
            expected |= {name: spent.mean(), f"{name}_median": _rank(spent, 0.5)}
            expected[f"{name}_p90"] = _rank(spent, 0.9)
        for name, value in expected.items():
            assert found[name, size, "", ""].value == pytest.approx(value, rel=1e-12), name
        for q, (group, name) in enumerate(parameter_rows(SCHOOL.group_names)):
            own, other = error[:, at, q], reference[:, at, q]
            has_interval = converged & ~np.isnan(ended.lower[:, at, q])
            hold = (ended.lower[:, at, q] <= truth[q]) & (truth[q] <= ended.upper[:, at, q])
            spec_bound = _value(
                study.measures, measure="bound", policy="", estimator="em", size=size, group=group,
                parameter=name,
            ).value or np.nan  # fmt: skip
            at_boundary = ended.interval_status[has_interval, at, q] == 1
            of_all = (np.moveaxis(errors[..., q], 0, 1) for errors in (error, reference))
            mine, theirs = (comparisons.curve(ended.sizes, errors) for errors in of_all)
            of_parameter = {
                "at_boundary": at_boundary.mean(),
                "bias": np.nanmean(own),
                "rmse": np.sqrt(np.nanmean(own**2)),
                "coverage": hold[has_interval].mean(),
                "efficiency": (spec_bound / np.nanstd(own, ddof=1)) ** 2,
                "bias_to_limit": np.nanmean(own) - 0.25,
                "limit_bias": 0.25,
                "price_of_hidden_labels": comparisons.price(own, other).value,
                "gain_in_precision": comparisons.gain_in_precision(own, other).value,
                "labelled_equivalent": comparisons.equivalent_size(mine, theirs).value[at],
                "hidden_equivalent": comparisons.equivalent_size(theirs, mine).value[at],
                "absolute_error": np.nanmean(np.abs(own)),
                "median_error": _rank(own[converged], 0.5),
                "model_se": np.sqrt(np.mean(ended.std_error[converged, at, q] ** 2)),
                "limit_coverage": np.nanmean(robust[converged, at, q]),
                "interval_width": np.mean((ended.upper - ended.lower)[has_interval, at, q]),
            }
            for measured, value in of_parameter.items():
                got = found[measured, size, group, name].value
                wanted = None if np.isnan(value) else pytest.approx(float(value), rel=1e-9)
                assert got == wanted, (measured, group, name)
