"""Populations: named truths that samples are drawn from.

A population is a list of groups with shares, means and SDs in cm. It is either *normal* (each
group is Gaussian) or *empirical* (a data file taken as the truth, drawn from with replacement;
its groups then describe the file, with the divisor n).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from stature.arrays import Floats
from stature.domain.settings import LeftOut

Unit = Literal["cm", "m", "mm", "in", "none"]
_WIDE = "from -1,000,000 to 1,000,000"
Match = Literal["mean", "sd", "share", "nearest"]
"""By what components that were found without labels are matched to groups."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a population."""

    name: str
    share: float
    mean_cm: float
    sd_cm: float


@dataclass(frozen=True, slots=True)
class Stated:
    """What is true of a quantity that estimators of people's own return."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class DataFile:
    """Where the people of an empirical population lie."""

    path: str  # path as written in the config, relative to the working directory
    height: str  # column of heights
    unit: str  # unit of that column: a `Unit`
    group: str  # column of group names; empty when everybody is of one group
    sha256: str  # digest of the bytes of the file, hexadecimal


@dataclass(frozen=True, slots=True)
class Population:
    """A named truth."""

    name: str  # name of the population
    groups: tuple[Group, ...]  # the groups, in the order of their means
    data: DataFile | None = None  # the data file taken as the truth, or None for normal groups
    match: Annotated[Match, LeftOut("mean")] = "mean"
    # the function that draws people, ``file.py:name``, of whom the groups state the truth, and the
    # digest of its file; empty for all else
    draw: Annotated[str, LeftOut("")] = ""
    sha256: Annotated[str, LeftOut("")] = ""
    truths: Annotated[tuple[Stated, ...], LeftOut(())] = ()

    def __post_init__(self) -> None:
        # Fits without labels keep their components in the order of their means, so that order is
        # kept everywhere; identity is the name, and the config may list groups freely.
        ordered = tuple(sorted(self.groups, key=lambda group: (group.mean_cm, group.name)))
        object.__setattr__(self, "groups", ordered)

    @property
    def group_names(self) -> tuple[str, ...]:
        """Names of the groups, in the order of their means."""
        return tuple(group.name for group in self.groups)

    @property
    def shares(self) -> Floats:
        """Shares of the groups, shape (k,)."""
        return np.array([group.share for group in self.groups])

    @property
    def means_cm(self) -> Floats:
        """Means of the groups in cm, shape (k,)."""
        return np.array([group.mean_cm for group in self.groups], np.float64)

    @property
    def sds_cm(self) -> Floats:
        """Standard deviations of the groups in cm, shape (k,)."""
        return np.array([group.sd_cm for group in self.groups], np.float64)

    def true_value(self, quantity: str) -> float | None:
        """The truth of a quantity, as stated or, of two groups, derived; None: it is not known."""
        for one in self.truths:
            if one.name == quantity:
                return one.value
        if len(self.groups) == 2:
            (first, second), sds_cm = self.groups, self.sds_cm
            if quantity == "separation":
                gap_cm = second.mean_cm - first.mean_cm
                return float(gap_cm / np.sqrt(np.mean(sds_cm**2)))
            if quantity == "sd_ratio":
                return second.sd_cm / first.sd_cm
        return None

    @property
    def mean_cm(self) -> float:
        """Mean height of the whole population, in cm."""
        return float(self.shares @ self.means_cm)


@dataclass(frozen=True, slots=True)
class Pool:
    """The people of an empirical population, to be drawn from with replacement."""

    # shape (n_k,): heights in cm of each group, in the order of the population's groups
    heights_cm: tuple[Floats, ...]
