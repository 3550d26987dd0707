"""Whether a search is long enough: ``python -m benchmarks.search``, into ``benchmarks/search.csv``.

Random sets of two to five groups of unequal SDs and shares are fitted with as many starts as it
takes, and from 2,000 starts of other kinds, of which the best maximum with three observations a
group and no SD under .06 of the sample's is taken. Then samples of a study's size are fitted as a
study does, with more starts and as a file: how often that leads to a better maximum.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
from rich.console import Console

from benchmarks.measurement import Measurement, write
from benchmarks.problems import PAIRS, SEED, Pair, heights_cm
from stature.arrays import Floats
from stature.design.samples import Samples
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import ENOUGH_STARTS, FitSpec, Status
from stature.estimators.fit import fit_block, fit_heights, spec_of_one
from stature.estimators.plain.block import ground_of
from stature.estimators.plain.starts import fixed_starts

SETS, STARTS, SAMPLES, SIZES = 300, 2_000, 200, (20, 50, 200)
FEWEST, NARROWEST, SAME = 3.0, 0.06, 1e-3
EM = CATALOGUE["em"]
ENOUGH = replace(EM, starts=ENOUGH_STARTS)
NAMES, KEY = ("1", "2", "3", "4", "5"), "0123456789abcdef0123456789abcdef"
ROUNDING = 1e-3  # of a group's share times the sample's size


def random_set(number: int) -> tuple[int, Floats]:
    """Two to five groups, of unequal sizes and SDs, 50 to 500 observations with three decimals."""
    rng, groups = np.random.default_rng([SEED, number]), 2 + number % 4
    size = int(np.exp(rng.uniform(np.log(50), np.log(500))))
    means = rng.uniform(0.0, 10.0 * rng.uniform(0.5, 2.0), groups)
    sds = np.exp(rng.normal(0.0, 0.7, groups))
    counts = np.zeros(groups, np.intp)
    while counts.min() < FEWEST:
        counts = rng.multinomial(size, rng.dirichlet(np.full(groups, 2.0)))
    parts = [rng.normal(*one) for one in zip(means, sds, counts, strict=True)]
    return groups, np.round(np.concatenate(parts), 3)


def other_starts(x: Floats, groups: int, number: int) -> Floats:
    """Starts at people, half of them far apart, with SDs and shares of any size, (s, 3 k)."""
    rng = np.random.default_rng([SEED, number, 1])
    means = rng.choice(x, (STARTS, groups))
    for one in means[: STARTS // 2]:
        for k in range(1, groups):
            away = np.cumsum(((x[:, None] - one[:k]) ** 2).min(axis=1))
            one[k] = x[np.searchsorted(away, rng.random() * away[-1])]
    sds = np.exp(rng.uniform(np.log(NARROWEST), 0.0, means.shape))
    shares = rng.dirichlet(np.ones(groups), STARTS) * 0.9 + 0.1 / groups
    return np.concatenate([shares, np.sort(means, axis=1), sds], axis=1)


def best_of_others(values: Floats, groups: int, number: int) -> float:
    """Log-likelihood of the best maximum that other starts find."""
    ground = ground_of(spec_of_one(EM, NAMES[:groups], KEY), values)
    if ground is None:
        return -np.inf
    scale = values.std()
    theta, value = ground.ends(other_starts((values - values.mean()) / scale, groups, number))
    smallest = len(values) * theta[:, :groups].min(axis=1)
    usual = (smallest > FEWEST - ROUNDING) & (theta[:, 2 * groups :].min(axis=1) >= NARROWEST)
    return float(value[usual].max(initial=-np.inf) - len(values) * np.log(scale))


def against_others(sets: int) -> Iterator[Measurement]:
    """In how many sets nothing better is found by other starts, and what that costs."""
    reached, tried, seconds, there = 0, list[int](), 0.0, 0
    for number in range(sets):
        groups, values = random_set(number)
        begin = process_time()
        fits = fit_heights(spec_of_one(ENOUGH, NAMES[:groups], KEY), values, None)
        seconds += process_time() - begin
        best = best_of_others(values, groups, number)
        there += bool(np.isfinite(best))
        reached += fits.log_likelihood.item() > best - SAME
        tried.append(0 if fits.search is None else fits.search.tried)
    for quantity, value in {
        "sets": sets,
        "sets_with_a_maximum_that_counts": there,
        "nothing_better_found": reached,
        "median_starts": float(np.median(tried)),
        "most_starts": max(tried),
        "cpu_ms_a_fit": 1000.0 * seconds / sets,
    }.items():
        yield Measurement("search", "random", sets, ENOUGH.name, quantity, value)


def moved_in_studies(pair: Pair, size: int) -> Iterator[Measurement]:
    """How often more starts than those of a study lead higher, and the bound on its page."""
    heights = heights_cm(pair, SAMPLES, size)
    replicates = np.arange(SAMPLES, dtype=np.int32)
    samples = Samples(replicates, heights, np.zeros(heights.shape, np.int8), NAMES[:2])
    fixed = len(fixed_starts(None, 2)) + 1  # and that by moments
    again = 2 * EM.starts - fixed  # as many random ones again
    spec = FitSpec(EM, NAMES[:2], None, None, "random", (size,), 0, SAMPLES - 1, KEY, 0)
    more = replace(spec, estimator=replace(EM, starts=again, kept_starts=again))
    usual, longer = (fit_block(one, samples)[0] for one in (spec, more))
    longest = [fit_heights(spec_of_one(ENOUGH, NAMES[:2], KEY), one, None) for one in heights]
    enough = np.array([fits.log_likelihood.item() for fits in longest])
    converged = usual.status[:, 0] == Status.CONVERGED
    before = usual.log_likelihood[:, 0] + SAME
    for quantity, which in {
        "samples": converged,
        "reached_by_one_start": (usual.starts[:, 0] > 1) & (usual.starts_agreeing[:, 0] == 1),
        "moved_by_as_many_random_starts_again": longer.log_likelihood[:, 0] > before,
        "moved_by_as_many_as_it_takes": enough > before,
    }.items():
        count = float((which & converged).sum())
        yield Measurement("starts", pair.name, size, EM.name, quantity, count)


def main() -> None:
    """Measure and write."""
    found = list(against_others(SETS))
    for pair in PAIRS:
        for size in SIZES:
            found += moved_in_studies(pair, size)
    for row in found:
        Console().print(f"{row.pair}, {row.size}: {row.quantity} {row.value:.6g}")
    write(Path(__file__).with_name("search.csv"), found)


if __name__ == "__main__":
    main()
