"""The problems that are timed: two pairs of groups and four sizes, the same data for everybody."""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats
from stature.domain.population import Group, Population

SMALL_SIZES = (20, 50, 100)
"""As small as studies have them; in the goals, not in the tables for people."""
SIZES = (200, 1_000, 10_000, 1_000_000)
SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups of heights."""

    name: str
    shares: tuple[float, float]
    means_cm: tuple[float, float]
    sds_cm: tuple[float, float]


EASY = Pair("easy", (0.5, 0.5), (163.0, 176.0), (6.5, 7.0))
HARD = Pair("hard", (0.4, 0.6), (166.0, 172.0), (6.5, 7.0))
PAIRS = (EASY, HARD)


def population(pair: Pair) -> Population:
    """The pair as a population of a study."""
    groups = zip(("lower", "upper"), pair.shares, pair.means_cm, pair.sds_cm, strict=True)
    return Population(pair.name, tuple(Group(*group) for group in groups))


def people_cm(pair: Pair, rng: np.random.Generator, *shape: int) -> Floats:
    """Heights of people of both groups by chance, as NumPy draws them."""
    upper = (rng.random(shape) >= pair.shares[0]).astype(np.intp)
    normals = rng.standard_normal(shape)
    return np.array(pair.means_cm)[upper] + np.array(pair.sds_cm)[upper] * normals


def heights_cm(pair: Pair, replicates: int, size: int) -> Floats:
    """Random samples of a pair, shape (replicates, size); the same in every run."""
    rng = np.random.default_rng([SEED, size, int(pair.means_cm[0])])
    return people_cm(pair, rng, replicates, size)
