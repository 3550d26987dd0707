"""How often a rounding error decides which maximum is found: ``python -m benchmarks.rounding``.

Every sample is fitted twice, as it is and with every height moved by its last bit or two, which is
what another processor does to the sums; into ``benchmarks/rounding.csv``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.measurement import Measurement, write
from benchmarks.problems import EASY, SEED, heights_cm, population
from stature.design.samples import Samples
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import FitSpec, Status
from stature.estimators.fit import fit_block

SAMPLES = 1_000
SIZES = (50, 200, 1_000, 10_000)
METHODS = ("em", "newton")
LAST_BITS = 3e-16  # of a height
SAME_CM = 1e-3  # estimates closer than this are of one maximum
KEY = "0123456789abcdef0123456789abcdef"


def moved(method: str, size: int) -> Iterator[Measurement]:
    """How many of the samples have another estimate after heights are moved by a rounding error."""
    heights = heights_cm(EASY, SAMPLES, size)
    nudge = np.random.default_rng(SEED).uniform(-LAST_BITS, LAST_BITS, heights.shape)
    names = population(EASY).group_names
    replicates = np.arange(SAMPLES, dtype=np.int32)
    # No estimator here looks at the groups.
    groups = np.zeros(heights.shape, dtype=np.int8)
    spec = FitSpec(
        CATALOGUE[method], names, None, None, "random", (size,), 0, SAMPLES - 1, KEY, 0
    )  # fmt: skip
    one, other = (
        fit_block(spec, Samples(replicates, heights * factor, groups, names))[0]
        for factor in (1.0, 1.0 + nudge)
    )
    both = (one.status[:, 0] == Status.CONVERGED) & (other.status[:, 0] == Status.CONVERGED)
    farthest_cm = np.abs(one.estimate - other.estimate).max(axis=2)[:, 0]
    elsewhere = both & (farthest_cm > SAME_CM)
    marked = np.logical_or.reduce(
        [fits.suspect[:, 0] | fits.near_tie[:, 0] for fits in (one, other)]
    )
    for quantity, which in {
        "samples": both,
        "at_another_maximum": elsewhere,
        "of_them_marked": elsewhere & marked,
        "estimates_apart_by_over_1e-9_cm": both & (farthest_cm > 1e-9),
    }.items():
        yield Measurement("rounding", EASY.name, size, method, quantity, float(which.sum()))


def main() -> None:
    """Measure and write."""
    console = Console()
    found: list[Measurement] = []
    for method in METHODS:
        for size in SIZES:
            found += moved(method, size)
            words = ", ".join(f"{row.value:.0f} {row.quantity}" for row in found[-4:])
            console.print(f"{method}, {size} people: {words}")
    write(Path(__file__).with_name("rounding.csv"), found)


if __name__ == "__main__":
    main()
