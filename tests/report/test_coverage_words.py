from dataclasses import replace
from typing import Any

import pytest

from stature.measures.measure import Measure
from stature.report.coverage_words import coverage_sentences
from stature.report.lookup import lookup


def sentence(ran: Any, gain: float, mcse: float) -> list[str]:
    """What is said of intervals of `em` and `em-profile`, with made-up coverage."""
    em = ran.study.estimator("em")
    other = replace(em, name="em-profile", interval="profile")
    study = replace(ran.study, estimators=(em, other))
    scenario = study.scenarios[0]
    like = next(row for row in ran.measures if row.measure == "coverage")
    at: dict[str, Any] = {"scenario": scenario.slug, "size": 200, "group": "girls"}
    at |= {"parameter": "mean_cm", "mcse": 0.01}

    def row(estimator: str, measure: str, value: float, **more: Any) -> Measure:
        return replace(like, estimator=estimator, measure=measure, value=value, **(at | more))

    rows = [
        row("em", "coverage", 0.7),
        row("em-profile", "coverage", 0.9),
        row("em-profile", "closer_to_nominal", gain, mcse=mcse, reference="em", policy="joint"),
    ]
    return list(coverage_sentences(study, scenario, lookup(rows)))


@pytest.mark.parametrize(
    ("gain", "mcse", "verdict"),
    [
        (0.2, 0.03, "em-profile is nearer to 95 % by 20 (3) points."),
        (-0.2, 0.03, "em-profile is farther from 95 % by 20 (3) points."),
        (0.05, 0.03, "em-profile is not shown to be nearer to 95 % (by 5 (3) points)."),
    ],
)
def test_the_verdict_is_that_of_the_paired_error(
    ran: Any, gain: float, mcse: float, verdict: str
) -> None:
    (said,) = sentence(ran, gain, mcse)
    assert said.endswith(verdict)
    assert "70.0 % (1.0) of the samples with em and in 90.0 % (1.0) with em-profile" in said


def test_a_study_of_wald_intervals_alone_has_no_such_sentence(ran: Any) -> None:
    assert not list(coverage_sentences(ran.study, ran.study.scenarios[0], lookup(ran.measures)))
