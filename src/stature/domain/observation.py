"""Observations: how the likelihood of an estimator takes a height.

An estimator knows how its sample came about, or assumes it; whether it is right is for a study to
show. Each record is the counterpart of a bias, and knows nothing of it; its fields are the keys of
a study file.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np

from stature.arrays import Floats

LENGTHS = ("step_cm", "width_cm")  # fields that are no heights: they stay where heights are shifted


@dataclass(frozen=True, slots=True)
class Exact:
    """Every height is what it says, and everybody could have been measured."""

    kind: Literal["exact"] = "exact"


EXACT = Exact()


@dataclass(frozen=True, slots=True)
class Rounded:
    """A height stands for the cell of heights that are rounded to it."""

    step_cm: float
    kind: Literal["rounded"] = "rounded"


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid that a share of the people round to."""

    step_cm: float
    share: float


@dataclass(frozen=True, slots=True)
class Heaped:
    """Known shares of the people round to one grid or another, and the rest not at all."""

    grids: tuple[Grid, ...]
    kind: Literal["heaped"] = "heaped"


@dataclass(frozen=True, slots=True)
class Truncated:
    """Nobody outside an interval could have been measured; people who lie there are left out."""

    below_cm: float | None = None
    above_cm: float | None = None
    kind: Literal["truncated"] = "truncated"


@dataclass(frozen=True, slots=True)
class Selected:
    """Taller (or shorter) people volunteer, by known odds: the conditional likelihood."""

    log_odds_per_cm: float
    centre_cm: float
    kind: Literal["selected"] = "selected"


@dataclass(frozen=True, slots=True)
class Weighted:
    """The same odds, corrected for by weights: everybody counts inversely to their chance."""

    log_odds_per_cm: float
    centre_cm: float
    kind: Literal["weighted"] = "weighted"


@dataclass(frozen=True, slots=True)
class Tilted:
    """The chance of being measured is small, and changes by a known factor for every cm."""

    log_chance_per_cm: float
    kind: Literal["tilted"] = "tilted"


@dataclass(frozen=True, slots=True)
class SizeBiased:
    """The chance of being measured is in proportion to height."""

    origin_cm: float = 0.0
    kind: Literal["size-biased"] = "size-biased"


@dataclass(frozen=True, slots=True)
class MiddleSelected:
    """The chance of being measured falls off like a bell curve around a height."""

    centre_cm: float
    width_cm: float
    kind: Literal["middle-selected"] = "middle-selected"


Conditional = Truncated | Selected | Tilted | SizeBiased | MiddleSelected
"""Observations whose likelihood is divided by the chance of being measured."""

Observed = Rounded | Heaped | Truncated | Selected | Weighted | Tilted | SizeBiased | MiddleSelected
"""Observations that a study file can name."""
Observation = Exact | Observed


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

    Its fields are in the new units, whatever their names say.

    Examples
    --------
    >>> standardised(Truncated(below_cm=160.0), 170.0, 5.0)
    Truncated(below_cm=-2.0, above_cm=None, kind='truncated')
    """
    if isinstance(observation, Heaped):
        grids = observation.grids
        return Heaped(tuple(replace(grid, step_cm=grid.step_cm / scale_cm) for grid in grids))
    moved: dict[str, Any] = {}
    for name in (field.name for field in fields(observation)):
        value = getattr(observation, name)
        if value is None or name == "kind":
            continue
        if name.endswith("per_cm"):
            moved[name] = value * scale_cm
        else:
            moved[name] = (value - (0.0 if name in LENGTHS else centre_cm)) / scale_cm
    return replace(observation, **moved)


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
