"""Laws of one group on their way through a bias: normals, or points with probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stature.domain.bias import Step
from stature.domain.recording import Classes, SelfReport


@dataclass(frozen=True, slots=True)
class Normals:
    """A mixture of normals.

    Attributes
    ----------
    masses : array, shape (c,)
        Probability of each normal; their sum is the chance of being kept so far.
    means_cm, sds_cm : array, shape (c,)
        Means and SDs in cm.
    """

    masses: NDArray[np.float64]
    means_cm: NDArray[np.float64]
    sds_cm: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Points:
    """Heights with probabilities.

    Attributes
    ----------
    heights_cm : array, shape (m,)
        Heights in cm.
    masses : array, shape (m,)
        Their probabilities; the sum is the chance of being kept so far.
    """

    heights_cm: NDArray[np.float64]
    masses: NDArray[np.float64]


GroupLaw = Normals | Points


def noise_cm(step: Step, group: str) -> tuple[float, float]:
    """Mean and SD of the normal noise that a step adds to heights.

    Parameters
    ----------
    step : Step
        The step.
    group : str
        Name of the group.

    Returns
    -------
    tuple of (float, float)
        In cm; zero for a group that it does not concern.
    """
    match step:
        case SelfReport(shift_cm=shift, sd_cm=sd) if step.group in ("", group):
            return shift, sd
        case Classes(shift_sd_cm=sd):
            return 0.0, sd
        case _:
            return 0.0, 0.0


def blurs(step: Step) -> bool:
    """Whether a step adds noise.

    Parameters
    ----------
    step : Step
        The step.

    Returns
    -------
    bool
        True if points become normals.
    """
    if isinstance(step, SelfReport):
        return step.sd_cm > 0.0
    return isinstance(step, Classes) and step.shift_sd_cm > 0.0
