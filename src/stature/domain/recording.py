"""Recording: biases of what is written down of people who are kept.

Each is a pure function of a height, and, where chance plays a part, of random numbers that are
given to it: one uniform, one standard normal, or one that a person shares with their class.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from stature.arrays import Floats

_NOTHING: Floats = np.empty(0)


@dataclass(frozen=True, slots=True)
class Rounding:
    """Heights are written down to the nearest multiple of a step."""

    step_cm: float  # the step in cm
    kind: Literal["rounding"] = "rounding"


@dataclass(frozen=True, slots=True)
class Coding:
    """Heights beyond a limit are written down as the limit (bottom-coding and top-coding)."""

    # whoever is below, or above, this height in cm is written down as of this height; None: no
    # limit on that side
    below_cm: float | None = None
    above_cm: float | None = None
    kind: Literal["coding"] = "coding"


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid that some people round to."""

    step_cm: float  # the step in cm
    share: float  # share of the people who round to it


@dataclass(frozen=True, slots=True)
class Heaping:
    """Some people round to one grid, some to another, and the rest not at all."""

    grids: tuple[Grid, ...]  # the grids; their shares sum to at most 1
    kind: Literal["heaping"] = "heaping"


@dataclass(frozen=True, slots=True)
class SelfReport:
    """People say how tall they are: a little too tall, and not exactly."""

    shift_cm: float  # what is added to a height on average, in cm
    sd_cm: float  # SD in cm of the normal noise that is added
    group: str = ""  # the only group that does so; empty: all groups do
    kind: Literal["self-report"] = "self-report"


@dataclass(frozen=True, slots=True)
class Contamination:
    """Some of the heights are not what they seem: of another unit, or of other people."""

    share: float  # share of such heights
    factor: float | None = None  # what such a height is multiplied by; None: it is another person's
    # mean and SD in cm of the normal population of those others; None: there is a factor
    mean_cm: float | None = None
    sd_cm: float | None = None
    kind: Literal["contamination"] = "contamination"

    @property
    def others(self) -> tuple[float, float] | None:
        """Mean and SD in cm of the other people, or None if heights are multiplied."""
        if self.mean_cm is None or self.sd_cm is None:
            return None
        return self.mean_cm, self.sd_cm


@dataclass(frozen=True, slots=True)
class Classes:
    """People come in classes, each of which happens to be a little taller or shorter."""

    size: int  # people in a class: those who are met one after another
    shift_sd_cm: float  # SD in cm of the normal shift that a class shares
    kind: Literal["classes"] = "classes"


Recording = Rounding | Coding | Heaping | SelfReport | Contamination | Classes


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """Random numbers of some people; those that a bias does not need may be left out."""

    # shape (n,): a uniform number of each person
    uniform: Floats = field(default_factory=_NOTHING.copy)
    # shape (n,): a standard normal number of each person
    normal: Floats = field(default_factory=_NOTHING.copy)
    # shape (n,): the standard normal number that each person shares with their class
    of_class: Floats = field(default_factory=_NOTHING.copy)


def written_cm(step: Recording, heights_cm: Floats, group: str, chance: Chance) -> Floats:
    """Heights in cm as they are written down, shape (n,)."""
    match step:
        case Rounding(step_cm=width):
            return rounded_cm(heights_cm, width)
        case Coding(below_cm=below, above_cm=above):
            return np.clip(
                heights_cm, -np.inf if below is None else below, np.inf if above is None else above
            )
        case Heaping(grids=grids):
            written, before = heights_cm.copy(), 0.0
            for grid in grids:
                after = before + grid.share
                here = (chance.uniform >= before) & (chance.uniform < after)
                written[here] = rounded_cm(heights_cm[here], grid.step_cm)
                before = after
            return written
        case SelfReport(group=concerned):
            if concerned not in ("", group):
                return heights_cm
            return heights_cm + (step.shift_cm + step.sd_cm * chance.normal)
        case Contamination(factor=factor):
            wrong = chance.uniform < step.share
            if step.others is None:
                return np.where(wrong, heights_cm * (1.0 if factor is None else factor), heights_cm)
            mean_cm, sd_cm = step.others
            return np.where(wrong, mean_cm + sd_cm * chance.normal, heights_cm)
        case Classes(shift_sd_cm=sd_cm):
            return heights_cm + sd_cm * chance.of_class


def rounded_cm(heights_cm: Floats, step_cm: float) -> Floats:
    """Nearest multiples of a step, shape of `heights_cm`."""
    return np.rint(heights_cm / step_cm) * step_cm
