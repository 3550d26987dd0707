"""Populations: named truths that samples are drawn from.

A population is a list of groups with shares, means and SDs in cm. It is either *normal* (each
group is Gaussian) or *empirical* (a data file taken as the truth, drawn from with replacement;
its groups then describe the file, with the divisor n).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a population.

    Attributes
    ----------
    name : str
        Name of the group, its identity.
    share : float
        Share of the population, in (0, 1].
    mean_cm, sd_cm : float
        Mean and standard deviation of heights, in cm.
    """

    name: str
    share: float
    mean_cm: float
    sd_cm: float


@dataclass(frozen=True, slots=True)
class DataFile:
    """Where the people of an empirical population lie.

    Attributes
    ----------
    path : str
        Path as written in the config, relative to the working directory.
    height : str
        Column of heights.
    unit : str
        Unit of that column: cm, m, mm or in.
    group : str
        Column of group names; empty when everybody is of one group.
    sha256 : str
        Digest of the bytes of the file, hexadecimal.
    """

    path: str
    height: str
    unit: str
    group: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Population:
    """A named truth.

    Attributes
    ----------
    name : str
        Name of the population.
    groups : tuple of Group
        The groups, in the order of their means.
    data : DataFile or None
        The data file taken as the truth, or None for normal groups.
    """

    name: str
    groups: tuple[Group, ...]
    data: DataFile | None = None

    def __post_init__(self) -> None:
        # Unlabelled components are matched to groups in the order of their means, so that
        # order is kept everywhere; identity is the name, and the config may list groups freely.
        ordered = tuple(sorted(self.groups, key=lambda group: (group.mean_cm, group.name)))
        object.__setattr__(self, "groups", ordered)

    @property
    def group_names(self) -> tuple[str, ...]:
        """Names of the groups, in the order of their means."""
        return tuple(group.name for group in self.groups)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shares of the groups, shape (k,)."""
        return np.array([group.share for group in self.groups])

    @property
    def means_cm(self) -> NDArray[np.float64]:
        """Means of the groups in cm, shape (k,)."""
        return np.array([group.mean_cm for group in self.groups], np.float64)

    @property
    def sds_cm(self) -> NDArray[np.float64]:
        """Standard deviations of the groups in cm, shape (k,)."""
        return np.array([group.sd_cm for group in self.groups], np.float64)

    @property
    def mean_cm(self) -> float:
        """Mean height of the whole population, in cm."""
        return float(self.shares @ self.means_cm)


@dataclass(frozen=True, slots=True)
class Pool:
    """The people of an empirical population, to be drawn from with replacement.

    Attributes
    ----------
    heights_cm : tuple of array, shape (n_k,)
        Heights in cm of each group, in the order of the population's groups.
    """

    heights_cm: tuple[NDArray[np.float64], ...]
