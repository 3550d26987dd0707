"""Tables of the page: cells of text, from measures, checks and rounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from stature.config.study import Study, several
from stature.datafile.digits import rough
from stature.design.scenarios import Scenario
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Status
from stature.measures.checks.check import Check
from stature.measures.measure import Judged, Measure
from stature.report.shared import Table
from stature.report.words import NOTHING, per_cent, plain, with_error

SHOWN = ("bias", "empirical_se", "model_se", "rmse", "coverage", "efficiency")
"""Measures of the tables of results: bias, spread, claimed spread and coverage, never one alone."""

_HEAD = ("estimator", "n", "bias", "EmpSE", "ModSE", "RMSE", "coverage", "efficiency")

FLAGS = ("suspect", "near_tie", "at_constraint", "se_singular", "se_none")
"""Flags never exclude a fit; their rates are reported."""

_PARAMETERS = {"mean_cm": "mean, cm", "sd_cm": "SD, cm", "share": "share", "gap_cm": "gap, cm"}

_NO_SPREAD = 1e-12
"""A standard deviation of estimates below this is rounding."""

_MENTIONED = 0.01
"""Share of failures above which numbers are given under a second policy."""

Key = tuple[str, str, int | None, str, str, str]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The measures of a study by scenario, estimator, size, group, parameter and name."""

    usual: dict[Key, Measure]  # under their usual policy
    finite: dict[Key, Measure]  # under the policy ``finite``, where some fits failed

    def get(
        self,
        name: str,
        scenario: str,
        estimator: str,
        size: int | None,
        group: str = "",
        parameter: str = "",
    ) -> Measure | None:
        """A measure; None where it is missing or has no value."""
        row = self.usual.get((scenario, estimator, size, group, parameter, name))
        return None if row is None or row.value is None else row


def lookup(measures: Iterable[Measure]) -> Lookup:
    """Measures by what they are about."""
    usual: dict[Key, Measure] = {}
    finite: dict[Key, Measure] = {}
    for row in measures:
        key = (row.scenario, row.estimator, row.size, row.group, row.parameter, row.measure)
        (finite if row.policy == "finite" else usual)[key] = row
    return Lookup(usual, finite)


def truths(study: Study) -> Table:
    """The estimands and their true values."""
    rows = tuple(
        (one.name, group.name, plain(group.share), plain(group.mean_cm), plain(group.sd_cm))
        for one in study.populations
        for group in one.groups
    )
    head = ("population", "group", "share", "mean, cm", "SD, cm")
    return Table("True values of the estimands", head, rows)


def results(study: Study, scenario: Scenario, measures: Lookup) -> tuple[Table, ...]:
    """Results of a scenario, a table for each estimand."""
    tables: list[Table] = []
    estimands = parameter_rows(scenario.population.group_names)
    for group, parameter in sorted(estimands, key=lambda row: list(_PARAMETERS).index(row[1])):
        rows: list[tuple[str, ...]] = []
        used: list[int] = []
        for estimator, size in product(study.estimators_of(scenario.slug), study.sizes):
            shown = {
                name: measures.get(name, scenario.slug, estimator.name, size, group, parameter)
                for name in SHOWN
            }
            at = scenario.slug, estimator.name, size, group, parameter
            spread = shown["empirical_se"] or measures.get("limit_se", *at)
            if spread is None or (spread.value or 0.0) > _NO_SPREAD:
                cells = [
                    with_error(row.value, row.mcse) if row else NOTHING for row in shown.values()
                ]
                rows.append((estimator.name, f"{size:,}", *cells))
                used.append(shown["bias"].replicates_used if shown["bias"] else 0)
        title, address = _estimand(group, parameter), replayed(study, scenario.slug)
        tables.append(Table(title, _HEAD, tuple(rows), address, study.replicates, tuple(used)))
    return *tables, quantities(study, scenario, measures)


def quantities(study: Study, scenario: Scenario, measures: Lookup) -> Table:
    """What estimators from outside returned besides: no rows where they returned nothing."""
    names = ("truth", "mean", *SHOWN[:-1])
    rows: list[tuple[str, ...]] = []
    used: list[int] = []
    for estimator, size in product(study.estimators_of(scenario.slug), study.sizes):
        for quantity in estimator.outside.quantities:
            at = scenario.slug, estimator.name, size, "", quantity
            shown = {name: measures.get(name, *at) for name in names}
            cells = [with_error(row.value, row.mcse) if row else NOTHING for row in shown.values()]
            rows.append((estimator.name, quantity, f"{size:,}", *cells))
            used.append(shown["mean"].replicates_used if shown["mean"] else 0)
    head = "estimator", "quantity", "n", "truth", "mean", *_HEAD[2:-1]
    title, address = "Quantities that estimators return", replayed(study, scenario.slug)
    return Table(title, head, tuple(rows), address, study.replicates, tuple(used))


def replayed(study: Study, scenario: str) -> str:
    """Address of a replicate that a reader may see again: the last one."""
    return f"{study.name}/{scenario}/{study.replicates - 1}"


def _estimand(group: str, parameter: str) -> str:
    """Name of an estimand, with its unit.

    Examples
    --------
    >>> _estimand("girls", "mean_cm"), _estimand("", "gap_cm")
    ('mean, cm, of girls', 'gap, cm')
    """
    name = _PARAMETERS.get(parameter, parameter)
    return f"{name}, of {group}" if group else name


def failures(study: Study, scenario: Scenario, measures: Lookup) -> Table:
    """Fits of a scenario that failed, by status, also when none did."""
    rows = tuple(
        (
            estimator.name,
            *(_failed(measures, scenario.slug, estimator.name, size) for size in study.sizes),
        )
        for estimator in study.estimators_of(scenario.slug)
    )
    title = f"{scenario.slug}: failures among {several(study.replicates, 'fit')}"
    return Table(title, ("estimator", *_sizes(study)), rows)


def _sizes(study: Study) -> tuple[str, ...]:
    """Names of the columns of sizes."""
    return tuple(f"n = {size:,}" for size in study.sizes)


def _failed(measures: Lookup, scenario: str, estimator: str, size: int) -> str:
    """Failed fits of a cell, by status."""
    counts: dict[Status, int] = {}
    for status in Status:
        row = measures.usual.get((scenario, estimator, size, "", "", status.name.lower()))
        if row is not None:
            counts[status] = row.count or 0
    if counts.pop(Status.CONVERGED, None) is None:
        return NOTHING
    how = [
        f"{count:,} {status.name.lower().replace('_', ' ')}"
        for status, count in counts.items()
        if count
    ]
    return f"{sum(counts.values()):,}: {', '.join(how)}" if len(how) > 1 else "".join(how) or "0"


def flags(study: Study, scenario: Scenario, measures: Lookup) -> Table:
    """Shares of fits of a scenario with a flag, for each estimator and flag that was raised."""
    rows: list[tuple[str, ...]] = []
    for estimator, flag in product(study.estimators_of(scenario.slug), FLAGS):
        rates = [measures.get(flag, scenario.slug, estimator.name, size) for size in study.sizes]
        if any(rate is not None and rate.value for rate in rates):
            cells = [NOTHING if one is None else per_cent(one.value, one.mcse) for one in rates]
            rows.append((estimator.name, flag.replace("_", " "), *cells))
    title = f"{scenario.slug}: share of fits with a flag"
    return Table(title, ("estimator", "flag", *_sizes(study)), tuple(rows))


def second_policy(measures: Lookup) -> Table:
    """RMSE of the means under both policies, where more than 1 % of the fits failed."""
    rows: list[tuple[str, ...]] = []
    for key, other in measures.finite.items():
        scenario, estimator, size, group, parameter, name = key
        usual = measures.usual.get(key)
        if name != "rmse" or parameter != "mean_cm" or usual is None:
            continue
        if usual.replicates_failed > _MENTIONED * usual.replicates_expected:
            errors = [with_error(one.value, one.mcse) for one in (usual, other)]
            failed = f"{usual.replicates_failed:,}"
            rows.append((scenario, estimator, f"{size:,}", group, failed, *errors))
    head = (
        "scenario", "estimator", "n", "group", "failed", "RMSE, converged fits",
        "RMSE, every finite estimate",
    )  # fmt: skip
    return Table("RMSE of the means, cm, under two policies", head, tuple(rows))


def check_summary(checks: Iterable[Check]) -> Table:
    """How many checks of each kind were made and passed, the largest z-score and where it is."""
    kinds: dict[str, list[Check]] = {}
    for check in checks:
        kinds.setdefault(check.check, []).append(check)
    rows: list[tuple[str, ...]] = []
    for name, made in kinds.items():
        scored = [check for check in made if check.z is not None]
        worst = max(scored, key=lambda check: abs(check.z or 0.0), default=None)
        largest = (
            (NOTHING, NOTHING)
            if worst is None
            else (f"{worst.z:+.1f}".replace("-", "−"), _place(worst))
        )
        passed, empty = (sum(check.passed is it for check in made) for it in (True, None))
        counts = (f"{number:,}" for number in (len(made), passed, empty))
        rows.append((name.replace("_", " "), *counts, *largest))
    head = ("check", "made", "passed", "without a value", "largest z", "where")
    return Table("Checks of the results", head, tuple(rows))


def _place(check: Check) -> str:
    """The cell of a check, in words."""
    parts = (
        check.scenario,
        check.estimator,
        "" if check.size is None else f"n = {check.size:,}",
        _estimand(check.group, check.parameter) if check.parameter else "",
    )
    return ", ".join(part for part in parts if part)


def reached(study: Study, measures: Lookup) -> Table:
    """Monte-Carlo errors that the study reached."""
    rows: list[tuple[str, ...]] = []
    for name, unit in (("bias", " cm"), ("rmse", " cm"), ("coverage", "")):
        errors = sorted(
            row.mcse
            for row in measures.usual.values()
            if row.measure == name and row.parameter == "mean_cm" and row.mcse is not None
        )
        if errors:
            middle, largest = errors[len(errors) // 2], errors[-1]
            rows.append((name, f"{rough(middle)}{unit}", f"{rough(largest)}{unit}"))
    head = ("measure of a mean", "median MCSE", "largest MCSE")
    return Table(f"Errors reached with {several(study.replicates, 'replicate')}", head, tuple(rows))


@dataclass(frozen=True, slots=True)
class Rounds:
    """How the number of replicates came about, where it was not fixed beforehand."""

    sentences: tuple[str, ...]  # the target, the rule, and what came of it
    rounds: Table  # what each round decided
    capped: Table  # cells that did not meet the target; no rows: all did


def precision(study: Study, cells: Iterable[Judged]) -> Rounds | None:
    """How precise a study is; None for one with a fixed number of replicates."""
    target = study.precision
    if target is None:
        return None
    by_round: dict[int, list[Judged]] = {}
    for cell in cells:
        by_round.setdefault(cell.replicates, []).append(cell)
    last = by_round.get(study.replicates, [])
    missed = [cell for cell in last if not cell.met]
    unit = " cm" if target.parameter != "share" and target.measure != "coverage" else ""
    sentences = (
        "Replicates were added in rounds, each of which doubles their number, until the MCSE of "
        f"the {target.measure} of {target.parameter} was at most {plain(target.mcse)}{unit} for "
        "every scenario, estimator, size and group, or until there were "
        f"{target.max:,}. All scenarios have the same replicates, so that estimators and biases "
        "stay paired.",
        "Whether to go on was decided only at the end of a round and only by MCSEs, never by an "
        "estimate: the tables are those of a study with this number of replicates.",
        f"With {study.replicates:,} replicates {len(last) - len(missed):,} of {len(last):,} "
        f"cells met the target; {f'{len(missed):,}' if missed else 'none'} "
        f"{'was' if len(missed) == 1 else 'were'} capped.",
    )
    rounds = [
        (
            f"{replicates:,}",
            f"{sum(cell.met for cell in judged):,}",
            f"{sum(not cell.met for cell in judged):,}",
            _largest(judged),
        )
        for replicates, judged in sorted(by_round.items())
    ]
    capped = [
        (
            cell.scenario,
            cell.estimator,
            f"{cell.size:,}",
            cell.group,
            plain(cell.target),
            NOTHING if cell.mcse is None else plain(cell.mcse),
        )
        for cell in missed
    ]
    return Rounds(
        sentences,
        Table("Rounds", ("replicates", "met", "not met", "largest MCSE"), tuple(rounds)),
        Table(
            "Cells that were capped before they met the target",
            ("scenario", "estimator", "size", "group", "target", "reached"),
            tuple(capped),
        ),
    )


def _largest(cells: Sequence[Judged]) -> str:
    """The largest error of a round; a cell without one is worse than all."""
    errors = [cell.mcse for cell in cells if cell.mcse is not None]
    return NOTHING if len(errors) < len(cells) or not errors else plain(max(errors))
