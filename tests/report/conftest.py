"""A small study that was really drawn, fitted, measured and checked."""

from dataclasses import dataclass

import pytest

from stature.config import specs
from stature.config.study import Study, check
from stature.design.canonical import decode
from stature.design.samples import DrawSpec, draw
from stature.estimators.estimator import Fits, FitSpec
from stature.estimators.fit import fit_block
from stature.measures.checks.check import Check, ChecksSpec
from stature.measures.checks.results import check_results
from stature.measures.measure import Measure, MeasureSpec, measure
from stature.theory.bounds import BoundsSpec, derive

CONFIG = {
    "study": "small",
    "title": "A <small> study",
    "aims": "Can it be told?",
    "seed": 7,
    "replicates": 12,
    "block": 12,
    "sizes": [50, 200],
    "populations": [
        {
            "name": "school",
            "source": "invented",
            "groups": [
                {"name": "girls", "share": 0.5, "mean_cm": 163.0, "sd_cm": 6.0},
                {"name": "boys", "share": 0.5, "mean_cm": 176.0, "sd_cm": 7.0},
            ],
        }
    ],
    "biases": [
        {"name": "none", "kind": "none"},
        {"name": "minimum", "kind": "truncation", "below_cm": 160.0, "why": "armies"},
    ],
    "estimators": [
        {"name": "mle", "labels": "all", "method": "closed-form"},
        {"name": "em", "labels": "none", "method": "em"},
        {"name": "em-known-shares", "labels": "none", "method": "em", "shares": "known"},
    ],
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A study with its measures and checks."""

    study: Study
    measures: tuple[Measure, ...]
    checks: tuple[Check, ...]


@pytest.fixture(scope="session")
def ran() -> Ran:
    study = check(CONFIG, [], ".")
    found: list[Measure] = []
    block = study.blocks[0].name
    for scenario in study.scenarios:
        samples = draw(decode(DrawSpec, specs.draw_spec(study, scenario.slug, block)))
        fits: dict[str, Fits] = {}
        for estimator in study.estimators:
            spec = specs.fit_spec(study, scenario.slug, estimator.name, block)
            fits[estimator.name], _ = fit_block(decode(FitSpec, spec), samples)
        bounds = derive(decode(BoundsSpec, specs.bounds_spec(study, scenario.slug)), None)
        asked = decode(MeasureSpec, specs.measure_spec(study, scenario.slug))
        found += measure(asked, fits, bounds)
    checks = check_results(decode(ChecksSpec, specs.check_spec(study)), found)
    return Ran(study, tuple(found), checks)
