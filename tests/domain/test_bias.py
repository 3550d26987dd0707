"""Biases of all kinds: whoever lists a kind here has the laws of every layer tested for it."""

import numpy as np
import pytest

from stature.domain.bias import (
    KINDS,
    Bias,
    NoBias,
    Sequence,
    has_classes,
    keep_probability,
    keeps_everybody,
    needs_chance,
    recorded_cm,
    steps_of,
)
from stature.domain.labelling import MissingLabels, SwappedLabels
from stature.domain.population import Group, Population
from stature.domain.recording import (
    Classes,
    Coding,
    Contamination,
    Grid,
    Heaping,
    Rounding,
    SelfReport,
)
from stature.domain.selecting import (
    Nonresponse,
    ProbitSelection,
    Selecting,
    Selection,
    SizeBias,
    Tilt,
    Truncation,
)

HEIGHTS_CM = np.linspace(140.0, 200.0, 121)
SCHOOL = Population("school", (Group("girls", 0.4, 163.0, 6.5), Group("boys", 0.6, 176.0, 7.0)))
HEAPS = Heaping((Grid(2.54, 0.3), Grid(5.0, 0.2)))
BIASES: list[Bias] = [
    NoBias(),
    Selection(0.05),
    Selection(0.3, group="boys"),
    ProbitSelection(172.0, 8.0),
    ProbitSelection(165.0, 3.0, group="girls"),
    Tilt(0.03),
    Tilt(-0.02, group="boys"),
    SizeBias(),
    Truncation(below_cm=160.0),
    Truncation(below_cm=155.0, above_cm=180.0),
    Nonresponse("boys", 0.5),
    Rounding(5.0),
    Coding(above_cm=185.0),
    Coding(below_cm=158.0, above_cm=182.5),
    HEAPS,
    SelfReport(1.0, 2.0),
    SelfReport(2.0, 0.0, group="boys"),
    Contamination(0.05, factor=0.3937),
    Contamination(0.1, mean_cm=140.0, sd_cm=8.0),
    Classes(25, 2.0),
    MissingLabels(0.3),
    MissingLabels(0.5, 0.1, group="boys"),
    SwappedLabels(0.1),
    SwappedLabels(0.2, group="girls"),
    Sequence((MissingLabels(0.2, -0.05), Rounding(5.0), SwappedLabels(0.1), Selection(0.05))),
    Sequence((Selection(0.05), SelfReport(1.0, 1.5, group="boys"), Rounding(2.54))),
    Sequence((Rounding(1.0), Truncation(below_cm=160.5), Contamination(0.1, 2.0), Selection(0.01))),
    Sequence((Classes(10, 1.5), Classes(7, 1.0), Coding(below_cm=150.0), HEAPS)),
    Sequence((Nonresponse("girls", 0.4), SizeBias(), Contamination(0.2, None, 190.0, 5.0))),
]
"""Biases of every kind, and sequences of them, for people of `SCHOOL`."""


def test_every_kind_is_listed():
    assert {type(bias) for bias in BIASES} == set(KINDS)


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_every_step_keeps_people_with_a_probability(bias: Bias):
    for step in steps_of(bias):
        probability = keep_probability(step, HEIGHTS_CM, "boys", SCHOOL)
        assert probability.shape == HEIGHTS_CM.shape
        assert ((probability >= 0) & (probability <= 1)).all()
        if not isinstance(step, Selecting):
            assert (probability == 1).all()


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_a_bias_keeps_everybody_if_none_of_its_steps_selects(bias: Bias):
    kept = [keep_probability(bias, HEIGHTS_CM, name, SCHOOL) for name in SCHOOL.group_names]
    assert keeps_everybody(bias) == bool((np.concatenate(kept) == 1).all())


@pytest.mark.parametrize("bias", [bias for bias in BIASES if not needs_chance(bias)], ids=str)
def test_what_needs_no_chance_needs_no_group_either(bias: Bias):
    assert (recorded_cm(bias, HEIGHTS_CM) == recorded_cm(bias, HEIGHTS_CM, "boys")).all()


def test_selecting_writes_heights_down_as_they_are():
    for bias in (NoBias(), Selection(0.05), Truncation(160.0), Tilt(0.1), SizeBias()):
        assert (recorded_cm(bias, HEIGHTS_CM) == HEIGHTS_CM).all()


def test_steps_come_in_the_stated_order():
    # 163 rounds to 165, which is above the limit of 164; the other way round, 163 is below it.
    limit, grid = Coding(above_cm=164.0), Rounding(5.0)
    height_cm = np.array([163.0])
    assert recorded_cm(Sequence((grid, limit)), height_cm).tolist() == [164.0]
    assert recorded_cm(Sequence((limit, grid)), height_cm).tolist() == [165.0]


def test_people_depend_on_each_other_in_classes_alone():
    assert has_classes(Sequence((Rounding(1.0), Classes(25, 1.0))))
    assert not has_classes(Sequence((Rounding(1.0), SelfReport(1.0, 1.0))))
