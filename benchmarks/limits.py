"""The first limit: the time to draw the people of a study."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.measurement import Measurement
from benchmarks.problems import PAIRS, SEED, people_cm
from benchmarks.study import SIZES, block, draw_spec, fit_spec
from stature.design.samples import draw
from stature.estimators.fit import fit_block

BLOCK = 50
MILLION = 1_000_000


def drawing(rounds: int, replicates: int) -> Iterator[Measurement]:
    """Sampling and fitting by Newton, over NumPy's time to draw as many people, or normals."""
    rng = np.random.default_rng(SEED)
    for pair in PAIRS:
        for sizes, count in ((SIZES, replicates), ((MILLION,), 2)):
            block(pair, 0, 0, sizes)
            for turn in range(rounds):
                first = turn * count
                ends = [
                    (low, min(low + BLOCK, first + count) - 1)
                    for low in range(first, first + count, BLOCK)
                ]
                normals = people = 0.0
                for low, high in ends:
                    shape = high - low + 1, sizes[-1]
                    normals += _seconds(lambda shape=shape: rng.standard_normal(shape))
                    people += _seconds(lambda shape=shape, pair=pair: people_cm(pair, rng, *shape))
                drawn = fitted = 0.0
                for low, high in ends:
                    spec = draw_spec(pair, low, high, sizes[-1])
                    started = time.perf_counter()
                    samples = draw(spec)
                    between = time.perf_counter()
                    fit_block(fit_spec(pair, low, high, sizes), samples)
                    drawn += between - started
                    fitted += time.perf_counter() - between
                times = {"NumPy, people": people, "NumPy, normals": normals}
                times |= {"sampling": drawn, "fitting": fitted}
                for name, seconds in times.items():
                    yield Measurement("drawing", pair.name, sizes[-1], name, "seconds", seconds)
                for name in ("people", "normals"):
                    ratio = (drawn + fitted) / times[f"NumPy, {name}"]
                    yield Measurement("drawing", pair.name, sizes[-1], name, "ratio", ratio)


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
