"""Laws of one group on their way through a bias: normals, or points with probabilities."""

from dataclasses import dataclass

from stature.arrays import Floats
from stature.domain.bias import Step
from stature.domain.recording import Classes, SelfReport


@dataclass(frozen=True, slots=True)
class Normals:
    """A mixture of normals."""

    # shape (c,): probability of each normal; their sum is the chance of being kept so far
    masses: Floats
    means_cm: Floats  # shape (c,): means and SDs in cm
    sds_cm: Floats


@dataclass(frozen=True, slots=True)
class Points:
    """Heights with probabilities."""

    heights_cm: Floats  # shape (m,): heights in cm
    # shape (m,): their probabilities; the sum is the chance of being kept so far
    masses: Floats


GroupLaw = Normals | Points


def noise_cm(step: Step, group: str) -> tuple[float, float]:
    """Mean and SD of the normal noise that a step adds to heights."""
    match step:
        case SelfReport(shift_cm=shift, sd_cm=sd) if step.group in ("", group):
            return shift, sd
        case Classes(shift_sd_cm=sd):
            return 0.0, sd
        case _:
            return 0.0, 0.0


def blurs(step: Step) -> bool:
    """Whether a step adds noise."""
    if isinstance(step, SelfReport):
        return step.sd_cm > 0.0
    return isinstance(step, Classes) and step.shift_sd_cm > 0.0
