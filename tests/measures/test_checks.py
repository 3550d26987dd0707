"""Each check holds for true results, and fails for doctored ones, naming their cell."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from stature.measures.checks.check import (
    Check,
    FailedChecks,
    Fitted,
    absent,
    demand,
    exact,
    index_of,
    scored,
    sentences,
    verdict,
)
from stature.measures.checks.results import accounting, agreement, check_results, mse_identity, rows
from stature.measures.measure import Measure
from tests.measures.conftest import Rows, Study, doctored, some, without

CELL = ("school.none", "mle", 20, "boys", "mean_cm")
BOYS = {"estimator": "em", "size": 50, "group": "boys", "parameter": "mean_cm"}


def _failed(checks: Iterable[Check]) -> list[tuple[str, str, int | None]]:
    return sorted(
        (check.check, check.estimator, check.size) for check in checks if check.passed is False
    )


def test_an_exact_check_allows_its_tolerance_and_no_more() -> None:
    assert exact("rows", CELL, 3.0, 3.0).passed
    assert exact("rows", CELL, 3.0, 3.5, tolerance=0.5).passed
    assert not exact("rows", CELL, 3.0, 3.6, tolerance=0.5).passed
    assert not exact("rows", CELL, 3.0, None).passed


def test_five_errors_are_near_enough_and_without_an_error_nothing_but_equality_is() -> None:
    for got, passed in ((5.0, True), (-5.0, True), (5.01, False), (-5.01, False)):
        found = scored("limit", CELL, 1.0, 1.0 + 2.0 * got, 2.0)
        assert (found.passed, found.z) == (passed, pytest.approx(got))
    for got, passed in ((1.0, True), (1.5, False)):
        found = scored("limit", CELL, 1.0, got, 0.0)
        assert (found.passed, found.z) == (passed, None)
    assert not scored("limit", CELL, 0.0, 9.0, 1.0).passed


def test_a_failed_check_names_its_cell_or_the_whole_study() -> None:
    failed = exact("rows", CELL, 3.0, None)
    assert sentences([failed, exact("rows", CELL, 3.0, 3.0)]) == (
        "mle in school.none, n = 20, mean of boys: the number of measures is missing; it must be 3",
    )
    failed = exact("unexpected", ("", "", None, "", ""), 0.0, 2.0)
    assert sentences([failed]) == (
        "the study: the number of measures that nobody asked for is 2; it must be 0",
    )


AGREES, NOTHING = scored("limit", CELL, 0.0, 0.1, 0.1), absent("limit", CELL, 0.0)
APART = [scored("limit", CELL, 0.0, z, 1.0) for z in (-6.0, -9.0, 7.0)]
BROKEN = exact("rows", CELL, 3.0, 4.0)


def test_a_broken_invariant_is_fatal_and_what_disagrees_with_theory_only_if_it_is_asked() -> None:
    demand([AGREES, NOTHING], "strict")
    demand([AGREES, NOTHING, *APART], "tell")
    with pytest.raises(FailedChecks, match=r"3 of the checks .*(\n.*theory says 0.*){3}$"):
        demand([AGREES, NOTHING, *APART], "strict")
    for rigour in ("tell", "strict"):
        with pytest.raises(FailedChecks, match=r"^1 of the .*\nmle in school.none, n = 20, mean"):
            demand([AGREES, NOTHING, BROKEN], rigour)


def test_the_verdict_counts_what_agrees_what_does_not_and_what_is_not_there() -> None:
    held = exact("rows", CELL, 3.0, 3.0)
    assert verdict([held, AGREES]) == (
        "All checks of what must hold in any study passed (1).",
        "All comparisons with theory agree (1).",
    )
    broken, apart, nothing = verdict([held, BROKEN, AGREES, *APART, NOTHING])
    assert broken.startswith("1 of 2 checks of what must hold in any study failed: use no number")
    assert apart.startswith("3 of 4 comparisons with theory disagree. The farthest off: mle in")
    assert "large-sample limit is -9; theory says 0 (9.0 standard errors apart). " in apart
    assert nothing.startswith("1 comparison was left out")
    assert verdict([])[1] == "Theory has nothing to compare this study with."
    left_out = "left out: too few replicates converged there for a value."
    assert verdict([NOTHING])[1:] == (f"1 comparison with theory was {left_out}",)
    assert verdict([AGREES, NOTHING, NOTHING])[-1] == f"2 comparisons were {left_out}"


def test_measures_are_found_by_cell(measures: Rows) -> None:
    index = index_of(measures)
    assert sum(len(rows) for rows in index.values()) == len(measures)
    row = index[CELL][("bias", "", "available")]
    assert (row.estimator, row.size, row.group, row.measure) == ("mle", 20, "boys", "bias")


def test_true_results_pass_every_check(study: Study) -> None:
    found = check_results(study.checks, study.measures)
    assert sentences(found) == ()
    assert {check.check for check in found} == {
        "rows", "replicates", "statuses", "unexpected", "accounting", "mse_identity", "agreement",
        "theory_bias", "theory_empirical_se", "theory_rmse", "theory_model_se", "theory_coverage",
        "theory_rate", "limit",
    }  # fmt: skip
    # Three estimators at three sizes with seven parameters each.
    assert sum(check.check == "mse_identity" for check in found) == 63


def test_results_of_no_fits_at_all_fail(study: Study) -> None:
    assert sentences(check_results(study.checks, ())) != ()


def test_a_doctored_result_is_named(study: Study) -> None:
    key = BOYS | {"estimator": "mle", "size": 20, "measure": "rmse"}
    wrong = doctored(study.measures, lambda row: replace(row, value=99.0), **key)
    failed = sentences(check_results(study.checks, wrong))
    assert len(failed) == 2  # the identity and the theory
    assert all("mle in school.none, n = 20, mean of boys" in text for text in failed)


@pytest.mark.parametrize(
    ("key", "size"),
    [
        (BOYS | {"measure": "coverage"}, 50),
        ({"measure": "rate", "estimator": "em", "parameter": "gap_cm"}, None),
    ],
)
def test_a_missing_row_is_missed(key: dict[str, object], size: int | None, study: Study) -> None:
    index = index_of(without(study.measures, **key))
    assert _failed(rows(study.checks, index)) == [("rows", "em", size)]


def test_missing_sizes_and_replicates_are_missed(study: Study) -> None:
    index = index_of(study.measures)
    failed = _failed(rows(replace(study.checks, sizes=(*study.checks.sizes, 200)), index))
    assert {size for _, _, size in failed} == {200}
    assert {check for check, _, _ in failed} == {"rows", "replicates", "statuses"}
    failed = _failed(rows(replace(study.checks, replicates=201), index))
    assert len(failed) == 2 * 9
    assert {check for check, _, _ in failed} == {"replicates", "statuses"}


def test_a_fit_without_a_status_is_missed(study: Study) -> None:
    key = {"measure": "converged", "estimator": "em", "size": 50}
    wrong = doctored(study.measures, lambda row: replace(row, count=199), **key)
    assert _failed(rows(study.checks, index_of(wrong))) == [("statuses", "em", 50)]


def test_a_cell_that_nobody_asked_for_is_found(study: Study) -> None:
    more = (*study.measures, replace(study.measures[0], size=77))
    assert _failed(rows(study.checks, index_of(more))) == [("unexpected", "", None)]


def test_replicates_that_do_not_add_up_are_found(measures: Rows) -> None:
    key = BOYS | {"measure": "bias"}
    wrong = doctored(measures, lambda row: replace(row, replicates_failed=1), **key)
    assert _failed(accounting(index_of(wrong))) == [("accounting", "em", 50)]


@pytest.mark.parametrize(
    ("measure", "missing"),
    [("bias", False), ("empirical_se", False), ("rmse", False), ("rmse", True)],
)
def test_a_measure_that_breaks_the_identity_is_found(
    measure: str, missing: bool, measures: Rows
) -> None:
    def off(row: Measure) -> Measure:
        return replace(row, value=None if missing else (row.value or 0.0) * (1 + 1e-3) + 1e-4)

    wrong = doctored(measures, off, measure=measure, **BOYS)
    assert _failed(mse_identity(index_of(wrong))) == [("mse_identity", "em", 50)]


def test_the_identity_is_asked_of_every_cell_with_a_replicate_and_of_no_other(
    study: Study,
) -> None:
    for replicates, cells in ((0, 0), (1, 63), (2, 63)):
        few = {name: some(one, slice(replicates)) for name, one in study.fits.items()}
        found = list(mse_identity(index_of(study.of(few))))
        assert len(found) == cells
        assert _failed(found) == []


def test_what_agrees_with_no_reference_has_no_difference(measures: Rows) -> None:
    key = {"measure": "largest_relative_difference"}
    empty = doctored(measures, lambda row: replace(row, value=None), **key)
    found = list(agreement(index_of(empty)))
    assert {(check.expected, check.got, check.passed) for check in found} == {(0.0, None, None)}
    present = list(agreement(index_of(measures)))
    assert {(check.expected, check.passed) for check in present} == {(0.0, True)}
    assert max(check.got or 0.0 for check in present) > 0.0


def test_a_search_that_stops_short_disagrees(measures: Rows) -> None:
    key = BOYS | {"estimator": "mle-numeric", "measure": "largest_relative_difference"}
    for value, failed in ((0.99e-10, []), (1.01e-10, [("agreement", "mle-numeric", 50)])):
        wrong = doctored(measures, lambda row, value=value: replace(row, value=value), **key)
        assert _failed(agreement(index_of(wrong))) == failed
    # Gaps lose digits.
    of_gaps = {"measure": "largest_relative_difference", "parameter": "gap_cm"}
    wrong = doctored(measures, lambda row: replace(row, value=1.0), **of_gaps)
    found = list(agreement(index_of(wrong)))
    assert _failed(found) == []
    # One other estimator of the likelihood, three sizes, six parameters.
    assert len(found) == 3 * 6


def test_rows_are_expected_of_those_that_are_fitted_and_of_no_others(study: Study) -> None:
    (scenario,) = study.checks.scenarios
    fewer = replace(study.checks, fitted=(Fitted(scenario.slug, ("mle", "mle-numeric")),))
    kept = without(study.measures, estimator="em")
    assert _failed(rows(fewer, index_of(kept))) == []
    missed = [check for check in rows(study.checks, index_of(kept)) if not check.passed]
    assert {check.estimator for check in missed} == {"em"}
    assert {check.size for check in missed} == {*study.checks.sizes, None}
    assert _failed(rows(fewer, index_of(study.measures))) == [("unexpected", "", None)]
