"""Labelling: biases of what is written down of a person's group.

The height stays as it is. A label is an index into the groups of the population, in the order of
their means, or `NO_LABEL`; the true group is kept beside it.
"""

from dataclasses import dataclass
from math import log
from typing import Literal

import numpy as np

from stature.arrays import Floats, Int8s
from stature.domain.population import Population

NO_LABEL = -1
LARGEST_LOG_ODDS = 700.0  # exp overflows a little farther out


@dataclass(frozen=True, slots=True)
class MissingLabels:
    """The groups of some people were not written down."""

    share: float  # share of the people of the population's mean height without a label
    # log-odds of having no label, per cm; 0: labels are missing at random
    log_odds_per_cm: float = 0.0
    group: str = ""  # the only group whose labels are missing; empty: those of all groups are
    kind: Literal["missing-labels"] = "missing-labels"


@dataclass(frozen=True, slots=True)
class SwappedLabels:
    """Some people were written down as of another group, any other with the same chance."""

    share: float  # share of the labels that are wrong
    # the only group whose people are mistaken for others; empty: those of all groups are
    group: str = ""
    kind: Literal["swapped-labels"] = "swapped-labels"


Labelling = MissingLabels | SwappedLabels


def chance_of_a_label(
    step: MissingLabels, heights_cm: Floats, group: str, population: Population
) -> Floats:
    """Probability that the group of a person is written down, shape of `heights_cm`.

    Probabilities in [0, 1]: ``1 / (1 + s / (1 - s) exp(b (x - m)))``.
    """
    if step.group not in ("", group):
        return np.ones_like(heights_cm)
    if step.log_odds_per_cm == 0.0 or step.share in (0.0, 1.0):
        return np.full_like(heights_cm, 1.0 - step.share)
    log_odds = log(step.share) - log(1.0 - step.share)
    log_odds = log_odds + step.log_odds_per_cm * (heights_cm - population.mean_cm)
    return 1.0 / (1.0 + np.exp(np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)))


def chances_of_labels(step: SwappedLabels, population: Population) -> Floats:
    """Probabilities of each label for the people of each group, shape (k, k)."""
    names = population.group_names
    wrong = np.array([step.share if step.group in ("", name) else 0.0 for name in names])
    if len(names) == 1:
        return np.eye(1)
    elsewhere = wrong[:, None] / (len(names) - 1) * (1.0 - np.eye(len(names)))
    return elsewhere + np.diag(1.0 - wrong)


def labels_after(
    step: Labelling,
    labels: Int8s,
    heights_cm: Floats,
    group: str,
    population: Population,
    uniform: Floats,
) -> Int8s:
    """Labels of people after a step, shape (n,)."""
    if isinstance(step, MissingLabels):
        seen = uniform < chance_of_a_label(step, heights_cm, group, population)
        return np.where(seen, labels, NO_LABEL).astype(np.int8)
    groups = len(population.groups)
    if groups == 1 or step.share == 0.0 or step.group not in ("", group):
        return labels
    # What is left of the uniform number says which of the other groups it is.
    other = np.minimum((uniform / step.share * (groups - 1)).astype(np.int64), groups - 2)
    wrong = (uniform < step.share) & (labels != NO_LABEL)
    return np.where(wrong, (labels + 1 + other) % groups, labels).astype(np.int8)
