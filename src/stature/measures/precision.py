"""Precision: whether every cell of a study is known as well as it was asked for.

The decision looks at Monte-Carlo standard errors only, never at a value, and only at the end of a
round, so that when a study ends says nothing about what it found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stature.measures.measure import Measure, MeasureSpec

PrecisionMeasure = Literal["bias", "empirical_se", "rmse", "coverage"]
Parameter = Literal["share", "mean_cm", "sd_cm"]


@dataclass(frozen=True, slots=True)
class Precision:
    """How well a study should know its cells."""

    measure: PrecisionMeasure  # the measure
    parameter: Parameter  # the parameter that it is a measure of
    # the largest Monte-Carlo standard error that is good enough, in the unit of the measure
    mcse: float
    first: int  # replicates of the first round, and those after which none is added
    most: int


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
    """Judge the cells of a scenario.

    One for each estimator, size and group, in the order of the measures.
    """
    return tuple(
        Judged(
            replicates=spec.replicates,
            scenario=row.scenario,
            estimator=row.estimator,
            size=row.size,
            group=row.group,
            parameter=row.parameter,
            measure=row.measure,
            mcse=row.mcse,
            target=spec.mcse,
            met=row.mcse is not None and row.mcse <= spec.mcse,
        )
        for row in measures
        if (row.measure, row.parameter, row.policy) == (spec.measure, spec.parameter, "available")
        if row.size is not None
    )
