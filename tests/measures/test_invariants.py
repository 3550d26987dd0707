"""Each invariant holds for true results, and fails for doctored ones."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from stature.measures.check import Check, ChecksSpec, Fitted, index_of
from stature.measures.invariants import accounting, agreement, mse_identity, rows
from stature.measures.measure import Measure


def _doctored(
    measures: tuple[Measure, ...], change: Callable[[Measure], Measure | None], **key: object
) -> tuple[Measure, ...]:
    """The measures with those of a cell changed, or dropped."""
    changed = [
        change(row) if all(getattr(row, name) == of for name, of in key.items()) else row
        for row in measures
    ]
    return tuple(row for row in changed if row is not None)


def _failed(checks: Iterable[Check]) -> list[tuple[str, str, int | None]]:
    return sorted(
        (check.check, check.estimator, check.size) for check in checks if not check.passed
    )


BOYS = {"estimator": "em", "size": 50, "group": "boys", "parameter": "mean_cm"}


def test_true_results_hold_every_row_and_identity(
    checks_spec: ChecksSpec, measures: tuple[Measure, ...]
) -> None:
    index = index_of(measures)
    every = [*rows(checks_spec, index), *accounting(index), *mse_identity(index)]
    assert _failed([*every, *agreement(index)]) == []
    # Three estimators at three sizes with seven parameters each.
    assert sum(check.check == "mse_identity" for check in every) == 63


def test_a_missing_row_is_missed(checks_spec: ChecksSpec, measures: tuple[Measure, ...]) -> None:
    index = index_of(_doctored(measures, lambda _: None, measure="coverage", **BOYS))
    assert _failed(rows(checks_spec, index)) == [("rows", "em", 50)]


def test_a_missing_rate_is_missed(checks_spec: ChecksSpec, measures: tuple[Measure, ...]) -> None:
    key = {"measure": "rate", "estimator": "em", "parameter": "gap_cm"}
    index = index_of(_doctored(measures, lambda _: None, **key))
    assert _failed(rows(checks_spec, index)) == [("rows", "em", None)]


def test_a_missing_size_is_missed(checks_spec: ChecksSpec, measures: tuple[Measure, ...]) -> None:
    spec = replace(checks_spec, sizes=(*checks_spec.sizes, 200))
    failed = _failed(rows(spec, index_of(measures)))
    assert {size for _, _, size in failed} == {200}
    assert {check for check, _, _ in failed} == {"rows", "replicates", "statuses"}


def test_a_missing_replicate_is_missed(
    checks_spec: ChecksSpec, measures: tuple[Measure, ...]
) -> None:
    failed = _failed(rows(replace(checks_spec, replicates=201), index_of(measures)))
    assert len(failed) == 2 * 9
    assert {check for check, _, _ in failed} == {"replicates", "statuses"}


def test_a_fit_without_a_status_is_missed(
    checks_spec: ChecksSpec, measures: tuple[Measure, ...]
) -> None:
    doctored = _doctored(
        measures, lambda row: replace(row, count=199), measure="converged", estimator="em", size=50
    )
    assert _failed(rows(checks_spec, index_of(doctored))) == [("statuses", "em", 50)]


def test_a_cell_that_nobody_asked_for_is_found(
    checks_spec: ChecksSpec, measures: tuple[Measure, ...]
) -> None:
    stranger = replace(measures[0], size=77)
    failed = _failed(rows(checks_spec, index_of((*measures, stranger))))
    assert failed == [("strangers", "", None)]


def test_replicates_that_do_not_add_up_are_found(measures: tuple[Measure, ...]) -> None:
    doctored = _doctored(
        measures, lambda row: replace(row, replicates_failed=1), measure="bias", **BOYS
    )
    assert _failed(accounting(index_of(doctored))) == [("accounting", "em", 50)]


@pytest.mark.parametrize("measure", ["bias", "empirical_se", "rmse"])
def test_a_measure_that_breaks_the_identity_is_found(
    measure: str, measures: tuple[Measure, ...]
) -> None:
    def off(row: Measure) -> Measure:
        return replace(row, value=(row.value or 0.0) * (1 + 1e-3) + 1e-4)

    doctored = _doctored(measures, off, measure=measure, **BOYS)
    assert _failed(mse_identity(index_of(doctored))) == [("mse_identity", "em", 50)]


def test_a_missing_rmse_breaks_the_identity(measures: tuple[Measure, ...]) -> None:
    doctored = _doctored(measures, lambda row: replace(row, value=None), measure="rmse", **BOYS)
    assert _failed(mse_identity(index_of(doctored))) == [("mse_identity", "em", 50)]


def test_a_climb_that_stops_short_disagrees(measures: tuple[Measure, ...]) -> None:
    def short(row: Measure) -> Measure:
        return replace(row, value=1.1e-10)

    name = "largest_relative_difference"
    key = BOYS | {"estimator": "mle-numeric"}
    index = index_of(_doctored(measures, short, measure=name, **key))
    assert _failed(agreement(index)) == [("agreement", "mle-numeric", 50)]


def test_rows_are_expected_of_those_who_are_fitted_and_of_nobody_else(
    checks_spec: ChecksSpec, measures: tuple[Measure, ...]
) -> None:
    (scenario,) = checks_spec.scenarios
    without = replace(checks_spec, fitted=(Fitted(scenario.slug, ("mle", "mle-numeric")),))
    kept = tuple(row for row in measures if row.estimator != "em")
    assert [check for check in rows(without, index_of(kept)) if not check.passed] == []
    missed = [check for check in rows(checks_spec, index_of(kept)) if not check.passed]
    assert {check.estimator for check in missed} == {"em"}
    assert {check.size for check in missed} == {*checks_spec.sizes, None}
    assert _failed(rows(without, index_of(measures))) == [("strangers", "", None)]
