"""Rounds: what their jobs depend on, and the study that their last one leaves."""

from dataclasses import replace

from stature.config.record import Study
from stature.config.specs import measure_spec
from stature.design.canonical import decode, encode
from stature.measures.measure import MeasureSpec
from stature.measures.precision import RoundSpec


def round_spec(study: Study, scenario: str, replicates: int) -> str:
    """What the precision of a scenario at the end of a round depends on."""
    aim = study.precision
    if aim is None:
        raise ValueError(f"study {study.name} has no rounds: it has no precision")
    measured = decode(MeasureSpec, measure_spec(study, scenario))
    return encode(RoundSpec(measured, aim.measure, aim.parameter, aim.mcse, replicates))


def after(study: Study, replicates: int) -> Study:
    """A study with the number of replicates that it ended with."""
    return replace(study, replicates=replicates)
