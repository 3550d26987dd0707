"""A small study that was really drawn, fitted, measured and checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stature.config import specs
from stature.config.study import Study, check
from stature.datafile.people import read_pool
from stature.design.samples import DrawSpec, draw
from stature.design.streams import decode
from stature.estimators.estimator import Fits, FitSpec
from stature.estimators.fit import fit_block
from stature.measures.checks.check import Check
from stature.measures.checks.results import check_results
from stature.measures.measure import Measure, MeasureSpec, measure
from stature.theory.bounds import BoundsSpec, derive
from tests.datafile.conftest import made_up, runs

__all__ = ["made_up", "runs"]

ROOT = Path(__file__).parents[2]

MLE = {"name": "mle", "labels": "all", "method": "closed-form"}

CONFIG: dict[str, Any] = {
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
        MLE,
        {"name": "em", "labels": "none", "method": "em"},
        {"name": "em-known-shares", "labels": "none", "method": "em", "shares": "known"},
    ],
}

FILE = "data/galton_1886_children.csv"
DATA_FILE = CONFIG | {
    "study": "file",
    "sizes": [200],
    "populations": [
        {"name": "galton", "file": FILE, "height": "height_in", "unit": "in", "group": "sex"}
    ],
    "biases": [
        {"name": "none", "kind": "none"},
        {"name": "rounding", "kind": "rounding", "step_cm": 5.0},
        {"name": "volunteers", "kind": "selection", "log_odds_per_cm": 0.1, "group": "male"},
    ],
    "estimators": [
        MLE,
        MLE | {"name": "mle-sandwich", "interval": "sandwich"},
        {"name": "em-known-shares", "labels": "none", "method": "squarem", "shares": "known"},
        {"name": "hasty", "labels": "none", "method": "hard-em"},
    ],
}

STEPS = [
    {"kind": "nonresponse", "group": "boys", "answers": 0.5},
    {"kind": "heaping", "grids": [{"step_cm": 5.0, "share": 0.3}]},
]
BIASES = CONFIG | {
    "study": "biases",
    "sizes": [100],
    "biases": [
        {"name": "mixed", "kind": "sequence", "steps": STEPS},
        {"name": "reports", "kind": "self-report", "shift_cm": 1.0, "sd_cm": 2.0},
        {"name": "tilt", "kind": "tilt", "log_weight_per_cm": -0.02},
        {"name": "labels", "kind": "missing-labels", "share": 0.3},
        {"name": "classes", "kind": "classes", "size": 25, "shift_sd_cm": 2.0},
    ],
    "estimators": [
        MLE | {"variances": "unbiased"},
        {"name": "part", "labels": 0.1, "method": "newton", "sd_ratio": 0.25},
    ],
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A study with its measures, checks and fits."""

    study: Study
    measures: tuple[Measure, ...]
    checks: tuple[Check, ...]
    fits: dict[str, dict[str, Fits]]


def run(config: dict[str, Any]) -> Ran:
    study = check(config, [], ROOT)
    measures: list[Measure] = []
    all_fits: dict[str, dict[str, Fits]] = {}
    block = study.blocks[0].name
    for scenario in study.scenarios:
        people = read_pool(scenario.population)
        samples = draw(decode(DrawSpec, specs.draw_spec(study, scenario.slug, block)), people)
        fits = all_fits[scenario.slug] = dict[str, Fits]()
        for estimator in study.estimators_of(scenario.slug):
            spec = specs.fit_spec(study, scenario.slug, estimator.name, block)
            fits[estimator.name], _ = fit_block(decode(FitSpec, spec), samples)
        bounds = derive(decode(BoundsSpec, specs.bounds_spec(study, scenario.slug)), people)
        asked = decode(MeasureSpec, specs.measure_spec(study, scenario.slug))
        measures += measure(asked, fits, bounds)
    checks = check_results(specs.checks_of(study), measures)
    return Ran(study, tuple(measures), checks, all_fits)


@pytest.fixture(scope="session")
def ran() -> Ran:
    return run(CONFIG)


@pytest.fixture(scope="session")
def of_three(ran: Ran) -> list[Ran]:
    """Studies with every kind of sentence between them."""
    return [ran, run(DATA_FILE), run(BIASES)]
