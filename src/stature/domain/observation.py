"""Observations: how a height is seen by the likelihood of an estimator.

An estimator is told how its sample came about, or believes to know; whether it is right is for a
study to show. Each record is the counterpart of a bias, and knows nothing of it.
"""

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

from stature.arrays import Floats
from stature.domain.recording import Grid


@dataclass(frozen=True, slots=True)
class Exact:
    """Every height is what it says, and everybody could have been measured."""

    kind: Literal["exact"] = "exact"


EXACT = Exact()


@dataclass(frozen=True, slots=True)
class Rounded:
    """A height stands for all heights that are rounded to it."""

    step_cm: float  # heights are multiples of so many cm: each is the cell of this width around it
    kind: Literal["rounded"] = "rounded"


@dataclass(frozen=True, slots=True)
class Truncated:
    """Nobody outside an interval of heights could have been measured."""

    # nobody below, or above, this height in cm; None: no cut on that side
    below_cm: float | None = None
    above_cm: float | None = None
    kind: Literal["truncated"] = "truncated"


@dataclass(frozen=True, slots=True)
class Selected:
    """The odds of being measured change by a known factor for every cm."""

    log_odds_per_cm: float  # log-odds of being measured, per cm; positive: the tall volunteer
    centre_cm: float  # height in cm at which the odds are 1
    kind: Literal["selected"] = "selected"


@dataclass(frozen=True, slots=True)
class Tilted:
    """The chance of being measured is small, and changes by a known factor for every cm."""

    log_chance_per_cm: float  # logarithm of that factor
    kind: Literal["tilted"] = "tilted"


@dataclass(frozen=True, slots=True)
class SizeBiased:
    """The chance of being measured is in proportion to height."""

    origin_cm: float = 0.0  # height in cm at which the chance is zero
    kind: Literal["size-biased"] = "size-biased"


@dataclass(frozen=True, slots=True)
class MiddleSelected:
    """The chance of being measured falls off like a bell curve around a height."""

    centre_cm: float  # where it is largest, and the SD of the bell curve, in cm
    width_cm: float
    kind: Literal["middle-selected"] = "middle-selected"


@dataclass(frozen=True, slots=True)
class Weighted:
    """Selection as in `Selected`, mended by weights instead of a conditional likelihood."""

    log_odds_per_cm: float  # log-odds of being measured, per cm
    centre_cm: float  # height in cm at which the odds are 1
    kind: Literal["weighted"] = "weighted"


@dataclass(frozen=True, slots=True)
class Heaped:
    """Known shares of the people round to one grid or another, and the rest not at all."""

    grids: tuple[Grid, ...]  # the grids with their shares
    kind: Literal["heaped"] = "heaped"


Conditional = Truncated | Selected | Tilted | SizeBiased | MiddleSelected
"""Observations whose likelihood is divided by the chance of being measured."""

Observation = Exact | Rounded | Heaped | Weighted | Conditional


def numbers_of(observation: Observation) -> list[str]:
    """Settings of an observation as words of a name.

    Each setting that is given, with its sign, in its order.

    Examples
    --------
    >>> numbers_of(Truncated(above_cm=180.0))
    ['above_cm', '180']
    """
    words: list[str] = []
    for field in fields(observation):
        value = getattr(observation, field.name)
        if field.name == "grids":
            words += [f"{number:g}" for grid in value for number in (grid.step_cm, grid.share)]
        elif field.name != "kind" and value is not None:
            words += [field.name, f"{value:g}"]
    return words


def standardised(observation: Observation, centre_cm: float, scale_cm: float) -> Observation:
    """The same observation of heights in other units, ``z = (x - centre) / scale``.

    How ``z`` is seen; its fields are in the new units, whatever their names say.

    Examples
    --------
    >>> standardised(Truncated(below_cm=160.0), 170.0, 5.0)
    Truncated(below_cm=-2.0, above_cm=None, kind='truncated')
    """

    def moved(height_cm: float) -> float:
        return (height_cm - centre_cm) / scale_cm

    match observation:
        case Rounded(step_cm=step):
            return Rounded(step / scale_cm)
        case Heaped(grids=grids):
            return Heaped(tuple(replace(grid, step_cm=grid.step_cm / scale_cm) for grid in grids))
        case Truncated(below_cm=below, above_cm=above):
            lower, upper = (None if cut is None else moved(cut) for cut in (below, above))
            return Truncated(lower, upper)
        case (
            Selected(log_odds_per_cm=slope, centre_cm=middle)
            | Weighted(log_odds_per_cm=slope, centre_cm=middle)
        ):
            return replace(observation, log_odds_per_cm=slope * scale_cm, centre_cm=moved(middle))
        case Tilted(log_chance_per_cm=slope):
            return Tilted(slope * scale_cm)
        case SizeBiased(origin_cm=origin):
            return SizeBiased(moved(origin))
        case MiddleSelected(centre_cm=middle, width_cm=width):
            return MiddleSelected(moved(middle), width / scale_cm)
        case Exact():
            return observation


def log_chance(observation: Observation, heights: Floats) -> Floats:
    """Log of the chance of being measured, up to a constant, shape (n,)."""
    match observation:
        case Truncated(below_cm=below, above_cm=above):
            lower = -np.inf if below is None else below
            upper = np.inf if above is None else above
            return np.where((heights >= lower) & (heights <= upper), 0.0, -np.inf)
        case (
            Selected(log_odds_per_cm=slope, centre_cm=middle)
            | Weighted(log_odds_per_cm=slope, centre_cm=middle)
        ):
            return -np.logaddexp(0.0, -slope * (heights - middle))
        case Tilted(log_chance_per_cm=slope):
            return slope * heights
        case SizeBiased(origin_cm=origin):
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.where(heights > origin, np.log(heights - origin), -np.inf)
        case MiddleSelected(centre_cm=middle, width_cm=width):
            return -0.5 * ((heights - middle) / width) ** 2
        case Exact() | Rounded() | Heaped():
            return np.zeros_like(heights)
