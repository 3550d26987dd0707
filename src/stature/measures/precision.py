"""Precision: whether every cell of a study is known as well as it was asked for.

The decision looks at Monte-Carlo standard errors only, never at a value, and only at the end of a
round, so that when a study ends says nothing about what it found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from stature.domain.settings import Setting
from stature.measures.measure import Measure, MeasureSpec

PrecisionMeasure = Literal["bias", "empirical_se", "rmse", "coverage"]
Parameter = Literal["share", "mean_cm", "sd_cm"]
FIRST_ROUND = 200  # replicates of the first round, unless a study says otherwise
_MOST = "≥ 2, at most 10^6"


@dataclass(frozen=True, slots=True)
class Precision:
    """Replicates are added in rounds until the Monte-Carlo standard errors are small enough."""

    mcse: Annotated[
        float,
        Setting(
            "The error aimed at, in the unit of the measure: cm, or none for shares and coverage. "
            "Every scenario, estimator, size and group should reach it.",
            "> 0",
        ),
    ]
    measure: Annotated[
        PrecisionMeasure, Setting("The measure whose Monte-Carlo standard error is aimed at.")
    ] = "rmse"
    parameter: Annotated[
        Parameter, Setting("The parameter that it is a measure of, in every group.")
    ] = "mean_cm"
    min: Annotated[
        int,
        Setting("Replicates of the first round; each later round doubles their number.", _MOST),
    ] = FIRST_ROUND
    max: Annotated[
        int | None,
        Setting(
            "Replicates after which no round is added, whatever the errors are; `replicates` if it "
            "is not given.",
            _MOST,
        ),
    ] = None


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
