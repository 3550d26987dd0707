"""From the fits of a scenario to its measures, and the record of one measure.

A record is one row of the table of measures: a number with its Monte-Carlo standard error, what
it is about, and how many replicates stand behind it. Every cell (estimator, size, parameter) gets
every measure of the catalogue, also where it has no value, so that the rows to expect are known
beforehand and their number can be checked. What a measure of one estimator says depends on the fits
of that estimator alone, and on those of the one that it is compared with.

Whether a study is precise enough is decided by Monte-Carlo standard errors only, never by a value,
and only at the end of a round.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import isfinite
from typing import Annotated, Literal

import numpy as np

from stature.arrays import Floats
from stature.design.scenarios import Scenario
from stature.domain.model import Sampling, parameter_rows
from stature.domain.population import Population
from stature.domain.quantity import HIT
from stature.domain.settings import LeftOut
from stature.estimators.estimator import OUTSIDE, Estimator, Fits
from stature.measures.catalogue import (
    ALSO_OF_ALL_FINITE,
    CATALOGUE,
    MeasureKind,
    Policy,
    Results,
    Scope,
    of_quantities,
)
from stature.measures.cells import Cells, cells, of_quantity, theory_cells
from stature.measures.matching import matched, matched_theory
from stature.measures.performance import Measured, without_chance
from stature.theory.bounds import Bounds


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """What a job needs to know to measure the fits of one scenario."""

    population: Population  # the truth
    bias_name: str  # name of the bias
    scenario: str  # slug of the scenario
    sampling: Sampling  # whether the number of people of each group is fixed
    estimators: tuple[Estimator, ...]  # the estimators, in any order
    tolerance: Annotated[float, LeftOut(HIT)] = HIT  # how far off a mean is still found


def measure_spec(
    scenario: Scenario, estimators: tuple[Estimator, ...], tolerance: float = HIT
) -> MeasureSpec:
    """What `measure` needs, the same whatever the order of the estimators in a study."""
    return MeasureSpec(
        population=scenario.population,
        bias_name=scenario.bias.name,
        scenario=scenario.slug,
        sampling=scenario.sampling,
        estimators=tuple(sorted(estimators, key=lambda estimator: estimator.name)),
        tolerance=tolerance,
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of an estimator in a scenario: one row of the table."""

    population: str  # what was studied
    bias: str
    scenario: str
    estimator: str
    size: int | None  # number of people measured; None: over all sizes
    group: str  # what was estimated; both empty for a measure of fits
    parameter: str
    measure: str  # name of the measure
    reference: str  # the estimator compared with, or empty
    policy: Policy  # which replicates stand behind it
    value: float | None  # the measure and its Monte-Carlo standard error; None where there is none
    mcse: float | None
    lower: float | None  # its 95 % Monte-Carlo interval (Wilson's for a proportion)
    upper: float | None
    count: int | None  # for a proportion, how often it happened
    # replicates behind the measure, replicates that could not be used, and their sum; all 0 for
    # theory
    replicates_used: int
    replicates_failed: int
    replicates_expected: int


def measure(spec: MeasureSpec, fits: Mapping[str, Fits], bounds: Bounds) -> tuple[Measure, ...]:
    """Measures of all estimators of a scenario."""
    _refuse_unequal(spec, fits)
    laid_out = {
        one.name: cells(matched(fits[one.name], spec.population, one.model), spec.population)
        for one in spec.estimators
    }
    names = spec.population.name, spec.bias_name, spec.scenario
    found: list[Measure] = []
    for estimator in spec.estimators:
        own = laid_out[estimator.name]
        theory = theory_cells(bounds, estimator, own.fits)
        theory = matched_theory(theory, spec.population, estimator.model)
        scopes = scopes_of(estimator, spec.estimators)
        failing = set(own.fits.sizes[~own.converged.all(axis=-1)].tolist())
        for kind in CATALOGUE:
            if kind.scope not in scopes:
                continue
            reference = scopes[kind.scope]
            about = *names, estimator.name, reference
            results = Results(
                own, theory, laid_out[reference] if reference else own, spec.tolerance
            )
            found += records(about, own.fits, kind, kind.compute(results))
            if kind.name in ALSO_OF_ALL_FINITE and failing:
                of_all = kind.compute(replace(results, own=replace(own, error=own.finite)))
                rows = records(about, own.fits, replace(kind, policy="finite"), of_all)
                found += [row for row in rows if row.size in failing]
        found += _of_quantities((*names, estimator.name, ""), own, spec.population)
    return tuple(found)


def _of_quantities(
    about: tuple[str, str, str, str, str], own: Cells, truth: Population
) -> Iterator[Measure]:
    """Measures of the quantities that an estimator from outside returned."""
    kinds = {kind.name: kind for kind in CATALOGUE}
    for name in own.fits.quantities:
        value = truth.true_value(name)
        answers, rows = of_quantity(own, name, value), (("", name),)
        for one in of_quantities(has_truth=value is not None):
            yield from records(about, own.fits, kinds[one.name], one.compute(answers), rows)
        if value is not None:
            known = without_chance(answers.truth)
            yield from records(about, own.fits, kinds["truth"], known, rows)


def records(
    about: tuple[str, str, str, str, str],
    fits: Fits,
    kind: MeasureKind,
    measured: Measured,
    rows: tuple[tuple[str, str], ...] = (),
) -> Iterator[Measure]:
    """Records of a measure of every parameter at every size, of every fit, or of some rows.

    `about` are the names of population, bias, scenario, estimator and reference.
    """
    sizes = (None,) if kind.scope == "rate" else tuple(fits.sizes.tolist())
    rows = rows or ((("", ""),) if kind.of_fit else parameter_rows(fits.group_names))
    expected = 0 if kind.policy == "" else fits.replicates.size
    count = np.full(measured.value.shape, np.nan) if measured.count is None else measured.count
    columns = measured.value, measured.mcse, measured.lower, measured.upper, count
    numbers = zip(*map(_numbers, columns), measured.used.ravel().tolist(), strict=True)
    for (size, cell), number in zip(product(sizes, rows), numbers, strict=True):
        value, mcse, lower, upper, happened, used = number
        what = (*about[:4], size, *cell, kind.name, about[4], kind.policy)
        happened = None if happened is None else int(happened)
        unused = expected - used
        yield Measure(*what, value, mcse, lower, upper, happened, used, unused, expected)


def _numbers(values: Floats) -> list[float | None]:
    """Finite numbers as Python floats, everything else as None; -0.0 is written 0.0."""
    return [number + 0.0 if isfinite(number) else None for number in values.ravel().tolist()]


def scopes_of(estimator: Estimator, estimators: tuple[Estimator, ...]) -> dict[Scope, str]:
    """Scopes of the measures that an estimator of a scenario has.

    With each the name of the estimator that it is compared with; empty: none.
    """
    everybodys = "parameter", "fit", "rate", "theory", "theory-fit"
    found: dict[Scope, str] = dict.fromkeys(everybodys, "")
    if estimator.interval != "wald":
        found["interval"] = ""
    if estimator.interval == "bootstrap":
        found["bootstrap"] = ""
    if estimator.method in OUTSIDE:
        found["outside"] = ""
    if estimator.choose and any(one.groups for one in estimator.choose.among):
        found["groups"] = ""
    wald, reference = wald_sibling(estimator, estimators), reference_of(estimators)
    if wald is not None:
        found["against-wald"] = wald.name
    if reference is not None and reference.name != estimator.name:
        if agrees(estimator, reference):
            found["same-model"] = reference.name
        elif estimator.model.labels == "none":
            found["unlabelled"] = reference.name
    return found


def agrees(estimator: Estimator, reference: Estimator) -> bool:
    """Whether an estimator seeks the very maximum that the reference has."""
    more = estimator.is_penalised or estimator.sd_ratio
    same = estimator.model == reference.model and not more
    return same and estimator.ends_at_maximum


def reference_of(estimators: tuple[Estimator, ...]) -> Estimator | None:
    """The estimator that others are compared with.

    The labelled closed form named ``mle``, else the first labelled closed form by name; None: there
    is none.
    """
    wanted = "all", "closed-form", "likelihood"
    labelled = [
        one for one in estimators if (one.model.labels, one.method, one.variances) == wanted
    ]
    return min(labelled, key=lambda one: (one.name != "mle", one.name), default=None)


def wald_sibling(estimator: Estimator, estimators: tuple[Estimator, ...]) -> Estimator | None:
    """The estimator that makes the same fits and has Wald intervals.

    The first by name; None: there is none, or the estimator has Wald intervals itself.
    """
    if estimator.interval == "wald":
        return None
    with_wald = replace(estimator, interval="wald", bootstrap_samples=0)
    alike = [one for one in estimators if one == replace(with_wald, name=one.name)]
    return min(alike, key=lambda one: one.name, default=None)


def _refuse_unequal(spec: MeasureSpec, fits: Mapping[str, Fits]) -> None:
    """Raise if the estimators did not meet the same samples."""
    problems: list[str] = []
    names = sorted(estimator.name for estimator in spec.estimators)
    missing = [name for name in names if name not in fits]
    if missing:
        problems.append(f"no fits of {', '.join(missing)}, got {', '.join(sorted(fits))}")
    present = [name for name in names if name in fits]
    for name in present[1:]:
        for what in ("replicates", "sizes"):
            expected = np.sort(getattr(fits[present[0]], what))
            if not np.array_equal(expected, np.sort(getattr(fits[name], what))):
                problems.append(f"{name} has other {what} than {present[0]}")
    if problems:
        raise ValueError(
            f"scenario {spec.scenario}: expected fits of every estimator on the same samples; "
            + "; ".join(problems)
            + "; run the missing fits, then measure again"
        )


PrecisionMeasure = Literal["bias", "empirical_se", "rmse", "coverage"]
Parameter = Literal["share", "mean_cm", "sd_cm"]
FIRST_ROUND = 200  # replicates of the first round, unless a study says otherwise


@dataclass(frozen=True, slots=True)
class Precision:
    """Replicates are added in rounds until the Monte-Carlo standard errors are small enough."""

    mcse: float
    measure: PrecisionMeasure = "rmse"
    parameter: Parameter = "mean_cm"
    min: int = FIRST_ROUND
    max: int | None = None


@dataclass(frozen=True, slots=True)
class RoundSpec:
    """What a job needs to know to judge a scenario at the end of a round."""

    measured: MeasureSpec  # what is measured
    measure: PrecisionMeasure  # whose error is judged
    parameter: Parameter  # the parameter that it is a measure of
    mcse: float  # the largest error that is good enough, in the unit of the measure
    replicates: int  # replicates at the end of the round


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell at the end of a round: one row of the table of rounds."""

    replicates: int  # replicates at the end of the round
    scenario: str  # what was studied
    estimator: str
    size: int  # number of people measured
    group: str  # what was measured
    parameter: str
    measure: str
    # its Monte-Carlo standard error; None where too few fits could be used for one
    mcse: float | None
    target: float  # the largest that is good enough
    met: bool  # whether it is


def judge(spec: RoundSpec, measures: Iterable[Measure]) -> tuple[Judged, ...]:
    """Judge the cells of a scenario: each estimator, size and group, as measures have them."""
    wanted = spec.measure, spec.parameter, "available"
    found: list[Judged] = []
    for row in measures:
        if row.size is not None and (row.measure, row.parameter, row.policy) == wanted:
            met = row.mcse is not None and row.mcse <= spec.mcse
            cell = row.scenario, row.estimator, row.size, row.group, row.parameter
            found.append(Judged(spec.replicates, *cell, row.measure, row.mcse, spec.mcse, met))
    return tuple(found)
