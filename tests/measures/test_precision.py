from dataclasses import replace

from stature.design.scenarios import NamedBias, Scenario
from stature.domain.bias import NoBias
from stature.domain.population import Group, Population
from stature.estimators.catalogue import CATALOGUE
from stature.measures.measure import Measure, measure_spec
from stature.measures.precision import RoundSpec, judge

POPULATION = Population("school", (Group("girls", 1.0, 163.0, 6.5),))
SPEC = RoundSpec(
    measured=measure_spec(
        Scenario(POPULATION, NamedBias("none", NoBias()), "stratified"), (CATALOGUE["mle"],)
    ),
    measure="rmse",
    parameter="mean_cm",
    mcse=0.02,
    replicates=200,
)
CELL = Measure(
    "school", "none", "school.none", "mle", 50, "girls", "mean_cm", "rmse", "", "available",
    0.9, 0.02, None, None, None, 200, 0, 200,
)  # fmt: skip


def test_a_cell_is_met_when_its_error_is_not_above_the_target() -> None:
    cells = [CELL, replace(CELL, size=100, mcse=0.021), replace(CELL, size=200, mcse=None)]
    assert [(one.size, one.met) for one in judge(SPEC, cells)] == [
        (50, True),
        (100, False),
        (200, False),
    ]


def test_only_what_is_aimed_at_is_judged() -> None:
    others = [
        replace(CELL, measure="bias"),
        replace(CELL, parameter="sd_cm"),
        replace(CELL, policy="finite"),
        replace(CELL, size=None),
    ]
    assert judge(SPEC, others) == ()


def test_the_decision_never_looks_at_a_value() -> None:
    (one,), (other,) = (judge(SPEC, [replace(CELL, value=value)]) for value in (0.1, 9.0))
    assert one == other
