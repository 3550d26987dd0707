"""Tables of the page: cells of text, from measures and checks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from stature.config.study import Study
from stature.design.scenarios import Scenario
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Status
from stature.measures.checks.check import Check
from stature.report.digits import NOTHING, per_cent, plain, with_error
from stature.report.lookup import Lookup

SHOWN = ("bias", "empirical_se", "model_se", "rmse", "coverage", "efficiency")
"""Measures of the tables of results: bias, spread, claimed spread and coverage, never one alone."""

FLAGS = ("suspect", "near_tie", "at_constraint", "se_singular", "se_none")
"""Flags never exclude a fit; their rates are reported."""

_PARAMETERS = {"mean_cm": "mean, cm", "sd_cm": "SD, cm", "share": "share", "gap_cm": "gap, cm"}

_NO_SPREAD = 1e-12
"""A standard deviation of estimates below this is rounding."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text."""

    title: str  # what it shows
    head: tuple[str, ...]  # names of the columns
    rows: tuple[tuple[str, ...], ...]  # its cells; the first column names the row


def _estimand(group: str, parameter: str) -> str:
    """Name of an estimand, with its unit.

    Examples
    --------
    >>> _estimand("girls", "mean_cm"), _estimand("", "gap_cm")
    ('mean, cm, of girls', 'gap, cm')
    """
    name = _PARAMETERS.get(parameter, parameter)
    return f"{name}, of {group}" if group else name


def truths(study: Study) -> Table:
    """The estimands and their true values."""
    rows: list[tuple[str, ...]] = []
    for population in study.populations:
        for group in population.groups:
            numbers = [plain(value) for value in (group.share, group.mean_cm, group.sd_cm)]
            rows.append((population.name, group.name, *numbers))
    head = ("population", "group", "share", "mean, cm", "SD, cm")
    return Table("True values of the estimands", head, tuple(rows))


def results(study: Study, scenario: Scenario, found: Lookup) -> tuple[Table, ...]:
    """Results of a scenario, a table for each estimand."""
    tables: list[Table] = []
    estimands = parameter_rows(scenario.population.group_names)
    for group, parameter in sorted(estimands, key=lambda row: list(_PARAMETERS).index(row[1])):
        rows: list[tuple[str, ...]] = []
        for estimator, size in product(study.estimators_of(scenario.slug), study.sizes):
            cells = [
                _cell(found, name, scenario.slug, estimator.name, size, group, parameter)
                for name in SHOWN
            ]
            spread = found.get(
                "empirical_se", scenario.slug, estimator.name, size, group, parameter
            )
            if spread is not None and (spread.value or 0.0) > _NO_SPREAD:
                rows.append((estimator.name, f"{size:,}", *cells))
        head = ("estimator", "n", "bias", "EmpSE", "ModSE", "RMSE", "coverage", "efficiency")
        tables.append(Table(_estimand(group, parameter), head, tuple(rows)))
    return tuple(tables)


def failures(study: Study, scenario: Scenario, found: Lookup) -> Table:
    """Fits of a scenario that failed, by status, also when none did."""
    rows = [
        (
            estimator.name,
            *(_failed(found, scenario.slug, estimator.name, size) for size in study.sizes),
        )
        for estimator in study.estimators_of(scenario.slug)
    ]
    head = ("estimator", *(f"n = {size:,}" for size in study.sizes))
    return Table(f"{scenario.slug}: failed of {study.replicates:,} fits", head, tuple(rows))


def flags(study: Study, scenario: Scenario, found: Lookup) -> Table:
    """Rates of the flags of a scenario.

    One row an estimator and flag, where any was raised; one column a size: the share of fits in per
    cent.
    """
    rows: list[tuple[str, ...]] = []
    for estimator in study.estimators_of(scenario.slug):
        for flag in FLAGS:
            rates = [found.get(flag, scenario.slug, estimator.name, size) for size in study.sizes]
            if any(rate is not None and rate.value for rate in rates):
                cells = [NOTHING if one is None else per_cent(one.value, one.mcse) for one in rates]
                rows.append((estimator.name, flag.replace("_", " "), *cells))
    head = ("estimator", "flag", *(f"n = {size:,}" for size in study.sizes))
    return Table(f"{scenario.slug}: share of fits with a flag", head, tuple(rows))


def second_policy(study: Study, found: Lookup) -> Table:
    """RMSE of the means under both policies, where more than 1 % of the fits failed."""
    rows: list[tuple[str, ...]] = []
    for key, other in found.finite.items():
        scenario, estimator, size, group, parameter, name = key
        usual = found.usual.get(key)
        if name != "rmse" or parameter != "mean_cm" or usual is None:
            continue
        if usual.replicates_failed > _MENTIONED * usual.replicates_expected:
            rows.append(
                (
                    scenario,
                    estimator,
                    f"{size:,}",
                    group,
                    f"{usual.replicates_failed:,}",
                    with_error(usual.value, usual.mcse),
                    with_error(other.value, other.mcse),
                )
            )
    head = (
        "scenario", "estimator", "n", "group", "failed", "RMSE, converged fits",
        "RMSE, every finite estimate",
    )  # fmt: skip
    return Table("RMSE of the means, cm, under two policies", head, tuple(rows))


_MENTIONED = 0.01
"""Share of failures above which numbers are given under a second policy."""


def check_summary(checks: Iterable[Check]) -> Table:
    """The checks of the results, one row a kind of check.

    How many were made and passed, the largest z-score and where it is.
    """
    kinds: dict[str, list[Check]] = {}
    for check in checks:
        kinds.setdefault(check.check, []).append(check)
    rows: list[tuple[str, ...]] = []
    for name, made in kinds.items():
        scored = [check for check in made if check.z is not None]
        worst = max(scored, key=lambda check: abs(check.z or 0.0), default=None)
        rows.append(
            (
                name.replace("_", " "),
                f"{len(made):,}",
                f"{sum(check.passed for check in made):,}",
                NOTHING if worst is None else f"{worst.z:+.1f}".replace("-", "−"),
                NOTHING if worst is None else _place(worst),
            )
        )
    head = ("check", "made", "passed", "largest z", "where")
    return Table("Checks of the results", head, tuple(rows))


def reached(study: Study, found: Lookup) -> Table:
    """Monte-Carlo errors that the study reached."""
    rows: list[tuple[str, ...]] = []
    for name, unit in (("bias", " cm"), ("rmse", " cm"), ("coverage", "")):
        errors = sorted(
            row.mcse
            for row in found.usual.values()
            if row.measure == name and row.parameter == "mean_cm" and row.mcse is not None
        )
        if errors:
            middle, largest = errors[len(errors) // 2], errors[-1]
            rows.append((name, f"{middle:.2g}{unit}", f"{largest:.2g}{unit}"))
    head = ("measure of a mean", "median MCSE", "largest MCSE")
    return Table(f"Errors reached with {study.replicates:,} replicates", head, tuple(rows))


def _cell(
    found: Lookup, name: str, scenario: str, estimator: str, size: int, group: str, parameter: str
) -> str:
    """A measure of a parameter as text."""
    row = found.get(name, scenario, estimator, size, group, parameter)
    return NOTHING if row is None else with_error(row.value, row.mcse)


def _failed(found: Lookup, scenario: str, estimator: str, size: int) -> str:
    """Failed fits of a cell, by status."""
    ended = {
        status: found.usual.get((scenario, estimator, size, "", "", status.name.lower()))
        for status in Status
    }
    if ended[Status.CONVERGED] is None:
        return NOTHING
    counts = {
        status: row.count or 0
        for status, row in ended.items()
        if row is not None and status is not Status.CONVERGED
    }
    how = [
        f"{count:,} {status.name.lower().replace('_', ' ')}"
        for status, count in counts.items()
        if count
    ]
    return f"{sum(counts.values()):,}: {', '.join(how)}" if len(how) > 1 else "".join(how) or "0"


def _place(check: Check) -> str:
    """The cell of a check, in words."""
    parts: Sequence[str] = (
        check.scenario,
        check.estimator,
        "" if check.size is None else f"n = {check.size:,}",
        _estimand(check.group, check.parameter) if check.parameter else "",
    )
    return ", ".join(part for part in parts if part)
