"""Biases: named ways in which a sample departs from its population.

A bias is a sequence of steps in a stated order, mostly of one. A step acts in one of three places:
it decides with which probability a person is kept (`stature.domain.selecting`), or what is written
down of their height (`stature.domain.recording`) or of their group (`stature.domain.labelling`). A
later step sees what an earlier one wrote down.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stature.arrays import Floats
from stature.domain.labelling import Labelling, MissingLabels, SwappedLabels
from stature.domain.population import Population
from stature.domain.recording import (
    Chance,
    Classes,
    Coding,
    Contamination,
    Heaping,
    Recording,
    Rounding,
    SelfReport,
    written_cm,
)
from stature.domain.selecting import (
    Nonresponse,
    ProbitSelection,
    Selecting,
    Selection,
    SizeBias,
    Tilt,
    Truncation,
    chance_of_being_kept,
)


@dataclass(frozen=True, slots=True)
class NoBias:
    """Everybody is kept and written down as they are."""

    kind: Literal["none"] = "none"


Step = Selecting | Recording | Labelling


@dataclass(frozen=True, slots=True)
class Sequence:
    """Several biases, one after another."""

    # the biases in their order; each sees the heights as the one before it wrote them down
    steps: tuple[Step, ...]
    kind: Literal["sequence"] = "sequence"


Bias = NoBias | Step | Sequence


def steps_of(bias: Bias) -> tuple[Step, ...]:
    """Steps of a bias.

    Those of a sequence, in their order; the bias itself; or none.
    """
    match bias:
        case NoBias():
            return ()
        case Sequence(steps=steps):
            return steps
        case _:
            return (bias,)


def keep_probability(bias: Bias, heights_cm: Floats, group: str, population: Population) -> Floats:
    """Probability that a person of a group, once met, is kept, shape of `heights_cm`."""
    probability = np.ones_like(heights_cm)
    for step in steps_of(bias):
        if isinstance(step, Selecting):
            probability = probability * chance_of_being_kept(step, heights_cm, group, population)
    return probability


def recorded_cm(
    bias: Bias, heights_cm: Floats, group: str = "", chance: Chance | None = None
) -> Floats:
    """Heights in cm as they are written down, shape of `heights_cm`."""
    for step in steps_of(bias):
        if isinstance(step, Recording):
            heights_cm = written_cm(step, heights_cm, group, chance or Chance())
    return heights_cm


def keeps_everybody(bias: Bias) -> bool:
    """Whether no person who was met is ever turned away.

    True if `keep_probability` is 1 for everybody, so that nobody need be met in vain.
    """
    return not any(isinstance(step, Selecting) for step in steps_of(bias))


def needs_chance(bias: Bias) -> bool:
    """Whether what is written down of a height depends on more than the height.

    True if a step draws random numbers for what it writes down, or looks at groups.
    """
    chancy = Heaping | SelfReport | Contamination | Classes | Labelling
    return any(isinstance(step, chancy) for step in steps_of(bias))


def writes_labels(bias: Bias) -> bool:
    """Whether labels may differ from the groups that people belong to.

    True if a step leaves labels out, or writes wrong ones down.
    """
    return any(isinstance(step, Labelling) for step in steps_of(bias))


def has_classes(bias: Bias) -> bool:
    """Whether people of a sample depend on each other."""
    return any(isinstance(step, Classes) for step in steps_of(bias))


STEPS: dict[str, type[Step]] = {
    "selection": Selection,
    "probit-selection": ProbitSelection,
    "tilt": Tilt,
    "size-bias": SizeBias,
    "truncation": Truncation,
    "nonresponse": Nonresponse,
    "rounding": Rounding,
    "coding": Coding,
    "heaping": Heaping,
    "self-report": SelfReport,
    "contamination": Contamination,
    "classes": Classes,
    "missing-labels": MissingLabels,
    "swapped-labels": SwappedLabels,
}
"""Records of all kinds that can be a step."""
KINDS: tuple[type[Bias], ...] = (NoBias, *STEPS.values(), Sequence)
"""Records of all kinds of bias."""
