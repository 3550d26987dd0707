"""The record of one measure, and how arrays of measures become records.

A record is one row of the table of measures: a number with its Monte-Carlo standard error, what
it is about, and how many replicates stand behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stature.arrays import Floats
from stature.design.scenarios import Scenario
from stature.domain.model import Sampling, parameter_rows
from stature.domain.population import Population
from stature.estimators.estimator import Estimator
from stature.measures.influence import Measured

# Which replicates stand behind a measure. `available`: those in which this estimator converged
# (rates: all replicates); `joint`: those in which both compared estimators converged; `finite`:
# every finite estimate, converged or not; empty: none, the number is theory.
Policy = Literal["available", "joint", "finite", ""]


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """What a job needs to know to measure the fits of one scenario."""

    population: Population  # the truth
    bias_name: str  # name of the bias
    scenario: str  # slug of the scenario
    sampling: Sampling  # whether the number of people of each group is fixed
    estimators: tuple[Estimator, ...]  # the estimators, in any order


def measure_spec(scenario: Scenario, estimators: tuple[Estimator, ...]) -> MeasureSpec:
    """Spec of the measures of a scenario.

    What `measure` needs, with the estimators in the order of their names, so that their order in a
    study changes nothing.
    """
    return MeasureSpec(
        population=scenario.population,
        bias_name=scenario.bias.name,
        scenario=scenario.slug,
        sampling=scenario.sampling,
        estimators=tuple(sorted(estimators, key=lambda estimator: estimator.name)),
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of an estimator in a scenario: one row of the table."""

    population: str  # what was studied
    bias: str
    scenario: str
    estimator: str
    size: int | None  # number of people measured; None: over all sizes
    group: str  # what was estimated; both empty for a measure of the whole fit
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


def sort_key(measure: Measure) -> tuple[str, str, str, bool, int, str, str, str, str, str]:
    """Place of a measure in the table; what is over all sizes comes after the sizes."""
    return (
        measure.population,
        measure.bias,
        measure.estimator,
        measure.size is None,
        measure.size or 0,
        measure.group,
        measure.parameter,
        measure.measure,
        measure.reference,
        measure.policy,
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """What a set of measures is about: the columns that they share."""

    population: str  # what was studied
    bias: str
    scenario: str
    estimator: str
    sizes: tuple[int, ...]  # the sizes of the fits, ascending
    group_names: tuple[str, ...]  # names of the groups, in the order of their means
    expected: int  # number of replicates of each cell


def records(
    subject: Subject,
    name: str,
    measured: Measured,
    policy: Policy = "available",
    reference: str = "",
) -> Iterator[Measure]:
    """Records of a measure of every parameter at every size, or of every fit."""
    for cell, size in enumerate(subject.sizes):
        row = _slice(measured, cell)
        yield from _records_of_size(subject, size, name, row, policy, reference)


def records_over_sizes(
    subject: Subject, name: str, measured: Measured, policy: Policy = "available"
) -> Iterator[Measure]:
    """Records of a measure of every parameter over all sizes."""
    yield from _records_of_size(subject, None, name, measured, policy, "")


def _records_of_size(
    subject: Subject,
    size: int | None,
    name: str,
    measured: Measured,
    policy: Policy,
    reference: str,
) -> Iterator[Measure]:
    """Records of one size, for measured arrays of shape (parameters,) or ()."""
    whole_fit = measured.value.ndim == 0
    rows = (("", ""),) if whole_fit else parameter_rows(subject.group_names)
    expected = 0 if policy == "" else subject.expected
    numbers = zip(
        _numbers(measured.value),
        _numbers(measured.mcse),
        _numbers(measured.lower),
        _numbers(measured.upper),
        [None] * len(rows) if measured.count is None else _numbers(measured.count),
        np.atleast_1d(measured.used).tolist(),
        strict=True,
    )
    for (group, parameter), number in zip(rows, numbers, strict=True):
        value, mcse, lower, upper, count, used = number
        yield Measure(
            population=subject.population,
            bias=subject.bias,
            scenario=subject.scenario,
            estimator=subject.estimator,
            size=size,
            group=group,
            parameter=parameter,
            measure=name,
            reference=reference,
            policy=policy,
            value=value,
            mcse=mcse,
            lower=lower,
            upper=upper,
            count=None if count is None else int(count),
            replicates_used=used,
            replicates_failed=expected - used,
            replicates_expected=expected,
        )


def _slice(measured: Measured, cell: int) -> Measured:
    """One size of a set of measures."""
    return Measured(
        value=measured.value[cell],
        mcse=measured.mcse[cell],
        lower=measured.lower[cell],
        upper=measured.upper[cell],
        used=measured.used[cell],
        count=None if measured.count is None else measured.count[cell],
    )


def _numbers(values: Floats) -> list[float | None]:
    """Finite numbers as Python floats, everything else as None; -0.0 is written 0.0."""
    flat = np.atleast_1d(values)
    return [
        number + 0.0 if here else None
        for number, here in zip(flat.tolist(), np.isfinite(flat).tolist(), strict=True)
    ]
