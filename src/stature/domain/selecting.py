"""Selecting: biases that turn people away, by their height or by their group.

Each says with which probability a person who was met is kept. Logistic and probit selection are
probabilities as they stand; a tilt and a size bias are weights, which become probabilities under a
cap far above (or, for a falling tilt, below) the people of the population.
"""

from dataclasses import dataclass
from math import erf, erfc, sqrt
from typing import Literal

import numpy as np

from stature.arrays import Floats
from stature.domain.population import Population

# ASSUME weights of a tilt and of a size bias stop growing 5 SDs beyond the farthest mean, where
# everybody is kept: 3e-7 of a normal group lies beyond. Drawn samples and limits both have the cap.
CAP_SDS = 5.0
LARGEST_LOG_ODDS = 700.0  # exp overflows a little farther out


@dataclass(frozen=True, slots=True)
class Selection:
    """Taller (or shorter) people volunteer: odds of being kept change by a factor for every cm."""

    log_odds_per_cm: float  # log-odds of being kept, per cm; positive: the tall volunteer
    group: str = ""  # the only group that selects itself so; empty: all groups do
    kind: Literal["selection"] = "selection"


@dataclass(frozen=True, slots=True)
class ProbitSelection:
    """Whoever is taller than a hurdle is kept, and the hurdle of each person is normal."""

    centre_cm: float  # mean of the hurdles in cm: half of the people of this height are kept
    spread_cm: float  # SD of the hurdles in cm
    group: str = ""  # the only group that is selected so; empty: all groups are
    kind: Literal["probit-selection"] = "probit-selection"


@dataclass(frozen=True, slots=True)
class Tilt:
    """Each cm multiplies the chance of being kept by the same factor (exponential tilt)."""

    log_weight_per_cm: float  # log of that factor, per cm; positive: the tall are kept more often
    group: str = ""  # the only group that is tilted; empty: all groups are
    kind: Literal["tilt"] = "tilt"


@dataclass(frozen=True, slots=True)
class SizeBias:
    """People are kept in proportion to their height."""

    group: str = ""  # the only group that is kept so; empty: all groups are
    kind: Literal["size-bias"] = "size-bias"


@dataclass(frozen=True, slots=True)
class Truncation:
    """Nobody outside an interval of heights is in the sample."""

    # nobody below, or above, this height in cm is kept; None: no cut on that side
    below_cm: float | None = None
    above_cm: float | None = None
    kind: Literal["truncation"] = "truncation"


@dataclass(frozen=True, slots=True)
class Nonresponse:
    """One group answers less often than the others, whatever the height."""

    group: str  # the group
    answers: float  # probability that a person of it answers; everybody else does
    kind: Literal["nonresponse"] = "nonresponse"


HeightSelection = Selection | ProbitSelection | Tilt | SizeBias
Selecting = HeightSelection | Truncation | Nonresponse


def chance_of_being_kept(
    step: Selecting, heights_cm: Floats, group: str, population: Population
) -> Floats:
    """Probability that a person of a group, once met, is kept, shape of `heights_cm`.

    With m the mean of the population: logistic ``1 / (1 + exp(-b (x - m)))``; probit
    ``Phi((x - c) / d)``; tilt ``min(1, exp(b (x - cap)))``; size bias ``x / cap`` within [0, 1].
    """
    match step:
        case Truncation():
            lower = -np.inf if step.below_cm is None else step.below_cm
            upper = np.inf if step.above_cm is None else step.above_cm
            return ((heights_cm >= lower) & (heights_cm <= upper)).astype(np.float64)
        case Nonresponse():
            return np.full_like(heights_cm, step.answers if group == step.group else 1.0)
        case _:
            # ASSUME groups that a selection by height does not concern are kept as often as a
            # person of the population's mean height: with probability 1/2 if it is logistic.
            if step.group not in ("", group):
                heights_cm = np.full_like(heights_cm, population.mean_cm)
            return _by_height(step, heights_cm, population)


def _by_height(step: HeightSelection, heights_cm: Floats, population: Population) -> Floats:
    """Probability of being kept at each height, for groups that a selection concerns."""
    match step:
        case Selection(log_odds_per_cm=slope):
            # ASSUME a person of the population's mean height volunteers with probability 1/2.
            log_odds = slope * (heights_cm - population.mean_cm)
            log_odds = np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
            return 1.0 / (1.0 + np.exp(-log_odds))
        case ProbitSelection(centre_cm=centre, spread_cm=spread):
            return normal_cdf((heights_cm - centre) / spread)
        case Tilt(log_weight_per_cm=slope):
            return np.exp(np.minimum(slope * (heights_cm - cap_cm(step, population)), 0.0))
        case SizeBias():
            return np.clip(heights_cm / cap_cm(step, population), 0.0, 1.0)


def cap_cm(step: Tilt | SizeBias, population: Population) -> float:
    """Height from which on everybody is kept under a weight that is no probability."""
    reach_cm = CAP_SDS * population.sds_cm
    if isinstance(step, Tilt) and step.log_weight_per_cm < 0.0:
        return float(np.min(population.means_cm - reach_cm))
    return float(np.max(population.means_cm + reach_cm))


def normal_cdf(z: Floats) -> Floats:
    """Distribution function of the standard normal, shape of `z`.

    ``Phi(z)``, the lower tail to all its digits.
    """
    root = sqrt(2.0)
    values = [
        erfc(-point / root) / 2.0 if point < 0.0 else (1.0 + erf(point / root)) / 2.0
        for point in z.ravel().tolist()
    ]
    return np.array(values).reshape(z.shape)
