"""A study, drawn and fitted, against a loop over scikit-learn; and one core against two."""

import os
import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from joblib import Parallel, delayed
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from benchmarks import ours
from benchmarks.measurement import Measurement
from benchmarks.ours import GROUPS
from benchmarks.problems import EASY, SEED, Pair, heights_cm, people_cm, population
from stature.design.samples import DrawSpec, draw
from stature.design.streams import population_definition, stream_key
from stature.domain.bias import NoBias
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import FitSpec
from stature.estimators.fit import fit_block

SIZES = (200, 1_000, 10_000)
REPLICATES = 1_000
BLOCK = 50
PEER_REPLICATES = 16
"""scikit-learn fits so many replicates; its time for all is scaled from them."""
LOOSE_TOLERANCE, TIGHT_TOLERANCE = 1e-3, 1e-9  # scikit-learn's default, and a careful user's
MOST_STEPS = 20_000
NEWTON = CATALOGUE["newton"]


def draw_spec(pair: Pair, first: int, last: int, largest_size: int) -> DrawSpec:
    """What a block of a study draws."""
    return DrawSpec(population(pair), NoBias(), "random", SEED, first, last, largest_size)


def fit_spec(pair: Pair, first: int, last: int, sizes: tuple[int, ...]) -> FitSpec:
    """What a block of a study fits: the free model by `newton` as the catalogue has it."""
    key = stream_key(SEED, population_definition(population(pair)))
    return FitSpec(NEWTON, GROUPS, None, None, "random", sizes, first, last, key, 0)


def block(pair: Pair, first: int, last: int, sizes: tuple[int, ...]) -> float:
    """Draw and fit a block; the share of fits that converged."""
    samples = draw(draw_spec(pair, first, last, sizes[-1]))
    fits, _ = fit_block(fit_spec(pair, first, last, sizes), samples)
    return float(np.mean(fits.status == 0))


def peer_replicate(pair: Pair, replicate: int, tolerance: float) -> None:
    """Draw and fit one replicate with scikit-learn, at all sizes."""
    rng = np.random.default_rng([SEED, replicate])
    people = people_cm(pair, rng, SIZES[-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for size in SIZES:
            mixture = GaussianMixture(2, tol=tolerance, max_iter=MOST_STEPS, random_state=0)
            mixture.fit(people[:size, None])


def blocks(replicates: int) -> list[tuple[int, int]]:
    """First and last replicates of the blocks of a study."""
    return [(low, min(low + BLOCK, replicates) - 1) for low in range(0, replicates, BLOCK)]


def run(pair: Pair, replicates: int, workers: int) -> tuple[Callable[[], object], Parallel]:
    """A study in so many processes, as a call, and its processes, which are kept warm."""
    parallel = Parallel(n_jobs=workers)
    tasks = blocks(replicates)
    return lambda: parallel(delayed(block)(pair, *ends, SIZES) for ends in tasks), parallel


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def against_sklearn(replicates: int, rounds: int, peer_replicates: int) -> Iterator[Measurement]:
    """The study on all cores, by us and by a joblib loop over scikit-learn, in turns."""
    workers = len(os.sched_getaffinity(0))
    pair = EASY
    study, parallel = run(pair, replicates, workers)
    study()  # starts the processes and loads what is compiled
    ways = {"scikit-learn": LOOSE_TOLERANCE, "scikit-learn, tol 1e-9": TIGHT_TOLERANCE}
    for _ in range(rounds):
        yield Measurement("study", pair.name, replicates, "newton", "seconds", _seconds(study))
        for name, tolerance in ways.items():
            seconds = _seconds(
                lambda tolerance=tolerance: parallel(
                    delayed(peer_replicate)(pair, replicate, tolerance)
                    for replicate in range(peer_replicates)
                )
            )
            seconds *= replicates / peer_replicates
            yield Measurement("study", pair.name, replicates, name, "seconds", seconds)


def on_cores(replicates: int, rounds: int) -> Iterator[Measurement]:
    """The same study in one process and in two, in turns."""
    calls = {1: run(EASY, replicates, 1)[0], 2: run(EASY, replicates, 2)[0]}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for workers, call in calls.items():
            yield Measurement("cores", EASY.name, workers, "newton", "seconds", _seconds(call))


def scaling(rounds: int, largest_size: int) -> Iterator[Measurement]:
    """Seconds a fit against the size, and seconds of a block against its replicates."""
    newton = ours.entrants()[0]
    sizes = [int(size) for size in np.geomspace(100, largest_size, 9).round(-1)]
    for _ in range(rounds):
        for size in sizes:
            replicates = max(1, min(200, 400_000 // size))
            seconds, _ = ours.fit(newton, heights_cm(EASY, replicates, size))
            yield Measurement("scaling", EASY.name, size, newton.name, "seconds", seconds)
        for replicates in (1, 10, 100, 1_000, 10_000):
            people = heights_cm(EASY, replicates, 1_000)
            seconds, _ = ours.fit(newton, people)
            row = Measurement(
                "replicates", EASY.name, replicates, newton.name, "seconds", seconds * replicates
            )
            yield row
