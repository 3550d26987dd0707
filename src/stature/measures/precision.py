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
    """How well a study should know its cells.

    Attributes
    ----------
    measure : {"bias", "empirical_se", "rmse", "coverage"}
        The measure.
    parameter : {"share", "mean_cm", "sd_cm"}
        The parameter that it is a measure of.
    mcse : float
        The largest Monte-Carlo standard error that is good enough, in the unit of the measure.
    first, most : int
        Replicates of the first round, and those after which none is added.
    """

    measure: PrecisionMeasure
    parameter: Parameter
    mcse: float
    first: int
    most: int


@dataclass(frozen=True, slots=True)
class RoundSpec:
    """What a job needs to know to judge a scenario at the end of a round.

    Attributes
    ----------
    measured : MeasureSpec
        What is measured.
    measure : {"bias", "empirical_se", "rmse", "coverage"}
        Whose error is judged.
    parameter : {"share", "mean_cm", "sd_cm"}
        The parameter that it is a measure of.
    mcse : float
        The largest error that is good enough, in the unit of the measure.
    replicates : int
        Replicates at the end of the round.
    """

    measured: MeasureSpec
    measure: PrecisionMeasure
    parameter: Parameter
    mcse: float
    replicates: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell at the end of a round: one row of the table of rounds.

    Attributes
    ----------
    replicates : int
        Replicates at the end of the round.
    scenario, estimator : str
        What was studied.
    size : int
        Number of people measured.
    group, parameter, measure : str
        What was measured.
    mcse : float or None
        Its Monte-Carlo standard error; None where too few fits could be used for one.
    target : float
        The largest that is good enough.
    met : bool
        Whether it is.
    """

    replicates: int
    scenario: str
    estimator: str
    size: int
    group: str
    parameter: str
    measure: str
    mcse: float | None
    target: float
    met: bool


def judge(spec: RoundSpec, measures: Iterable[Measure]) -> tuple[Judged, ...]:
    """Judge the cells of a scenario.

    Parameters
    ----------
    spec : RoundSpec
        The round and what is aimed at.
    measures : iterable of Measure
        Measures of the scenario's replicates so far.

    Returns
    -------
    tuple of Judged
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
