"""Biases: named ways in which a sample departs from its population.

A bias acts in two places only: it decides with which probability a person who was met is kept
(`keep_probability`), and what is written down of a person who was kept (`recorded_cm`).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class NoBias:
    """Everybody is kept and written down as they are."""

    kind: Literal["none"] = "none"


@dataclass(frozen=True, slots=True)
class Selection:
    """Taller (or shorter) people volunteer: odds of being kept change by a factor for every cm.

    Attributes
    ----------
    log_odds_per_cm : float
        Log-odds of being kept, per cm; positive: the tall volunteer.
    group : str
        The only group that selects itself so; empty: all groups do.
    """

    log_odds_per_cm: float
    group: str = ""
    kind: Literal["selection"] = "selection"


@dataclass(frozen=True, slots=True)
class Truncation:
    """Nobody outside an interval of heights is in the sample.

    Attributes
    ----------
    below_cm, above_cm : float or None
        Nobody below, or above, this height in cm is kept; None: no cut on that side.
    """

    below_cm: float | None = None
    above_cm: float | None = None
    kind: Literal["truncation"] = "truncation"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Heights are written down to the nearest multiple of a step.

    Attributes
    ----------
    step_cm : float
        The step in cm.
    """

    step_cm: float
    kind: Literal["rounding"] = "rounding"


Bias = NoBias | Selection | Truncation | Rounding


def keep_probability(
    bias: Bias, heights_cm: NDArray[np.float64], group: str, centre_cm: float
) -> NDArray[np.float64]:
    """Probability that a person of a group, once met, is kept.

    Parameters
    ----------
    bias : Bias
        The bias.
    heights_cm : array, any shape
        Heights in cm.
    group : str
        Name of the group that all these people belong to.
    centre_cm : float
        Mean height of the population in cm, where the odds of a selection are 1.

    Returns
    -------
    array, shape of `heights_cm`
        Probabilities in [0, 1].

    Notes
    -----
    Selection is logistic: ``1 / (1 + exp(-b (x - centre)))``, with slope ``b = 0`` (a half for
    everybody) in groups that it does not concern.
    """
    match bias:
        case Selection():
            # ASSUME a person of the population's mean height volunteers with probability 1/2.
            concerned = bias.group in ("", group)
            slope = bias.log_odds_per_cm if concerned else 0.0
            log_odds = np.clip(slope * (heights_cm - centre_cm), -700.0, 700.0)
            return 1.0 / (1.0 + np.exp(-log_odds))
        case Truncation():
            lower = -np.inf if bias.below_cm is None else bias.below_cm
            upper = np.inf if bias.above_cm is None else bias.above_cm
            return ((heights_cm >= lower) & (heights_cm <= upper)).astype(np.float64)
        case NoBias() | Rounding():
            return np.ones_like(heights_cm)


def recorded_cm(bias: Bias, heights_cm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights in cm as they are written down.

    Parameters
    ----------
    bias : Bias
        The bias.
    heights_cm : array, any shape
        True heights in cm.

    Returns
    -------
    array, shape of `heights_cm`
        Recorded heights in cm; ties between two multiples go to the even one.
    """
    if isinstance(bias, Rounding):
        return np.rint(heights_cm / bias.step_cm) * bias.step_cm
    return heights_cm


def keeps_everybody(bias: Bias) -> bool:
    """Whether no person who was met is ever turned away.

    Parameters
    ----------
    bias : Bias
        The bias.

    Returns
    -------
    bool
        True if `keep_probability` is 1 for everybody, so that nobody need be met in vain.
    """
    return isinstance(bias, NoBias | Rounding)
