"""The second limit: the time to read a file of heights once.

Each way through the file is a process of its own, because the peak of memory is a process's; so
this module imports nothing that the fit does not need.
"""

import json
import mmap
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measurement import Measurement
from benchmarks.problems import EASY, SEED, people_cm
from stature.arrays import Floats

if TYPE_CHECKING:  # importing it takes memory and time, which are measured
    from stature.estimators.estimator import Fits

CHUNK = 1 << 18
"""Heights that are read at once: 2 MB, which stay in the cache."""
GIVE_BACK = 1 << 21
"""Heights after which pages of a mapped file are given back."""


def streaming(heights: int, rounds: int) -> Iterator[Measurement]:
    """A fit of a file of heights, and one NumPy pass of mean and variance over it, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heights.npy"
        write_heights(path, heights)
        for _ in range(rounds):
            for way in WAYS:
                answer = subprocess.run(
                    [sys.executable, "-m", "benchmarks.one_file", way, str(path)],
                    check=True,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for quantity, value in json.loads(answer.stdout).items():
                    yield Measurement("one file", EASY.name, heights, way, quantity, value)


def write_heights(path: Path, count: int) -> None:
    """Write heights of the easy pair as a .npy file, chunk by chunk."""
    file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(count,))
    rng = np.random.default_rng(SEED)
    for first in range(0, count, CHUNK):
        part = file[first : first + CHUNK]
        part[:] = people_cm(EASY, rng, len(part))
    file.flush()


def mean_and_variance(heights_cm: Floats) -> tuple[float, float]:
    """NumPy's mean and variance, chunk by chunk, so that memory does not grow."""
    parts = [heights_cm[first : first + CHUNK] for first in range(0, len(heights_cm), CHUNK)]
    moments = np.array([(len(part), part.mean(), part.var()) for part in parts])
    weights = moments[:, 0] / len(heights_cm)
    mean = float(weights @ moments[:, 1])
    return mean, float(weights @ (moments[:, 2] + (moments[:, 1] - mean) ** 2))


def sums_of_powers(heights_cm: Floats) -> tuple[float, float]:
    """Mean and variance by the leanest pass that NumPy can make: one sum and one inner product."""
    total = squares = 0.0
    for first in range(0, len(heights_cm), CHUNK):
        part = heights_cm[first : first + CHUNK]
        total += float(part.sum())
        squares += float(part @ part)
    mean = total / len(heights_cm)
    return mean, squares / len(heights_cm) - mean * mean


def fit(heights_cm: Floats) -> "Fits":
    """Fit all heights by Newton, as a study fits samples too large to keep: through their sketch.

    One pass makes the sketch; what is found is certified on its nodes.
    """
    from stature.design.samples import Samples, Sketches
    from stature.domain.model import Model
    from stature.estimators.estimator import Estimator, FitSpec
    from stature.estimators.fit import fit_block
    from stature.estimators.plain.problem import width_of_cells
    from stature.kernels.sketch import add_to_cells, covering, empty_cells, nodes_of

    first_cm = np.array(heights_cm[:CHUNK])
    cells = empty_cells(first_cm.min(), first_cm.max(), width_of_cells(float(first_cm.std())))
    for first in range(0, len(heights_cm), CHUNK):
        chunk_cm = np.array(heights_cm[first : first + CHUNK])
        cells = covering(cells, chunk_cm.min(), chunk_cm.max())
        add_to_cells(cells, chunk_cm, np.empty(0))
        if first % GIVE_BACK == 0:
            _give_back(heights_cm)
    nodes, size = nodes_of(cells), len(heights_cm)
    ends, groups = np.array([[len(nodes.x)]]), np.zeros(len(nodes.x), np.int8)
    sketches = Sketches((size,), cells.width, ends, groups, nodes.x, nodes.w)
    pilot = first_cm[None, :1], np.zeros((1, 1), np.int8), ("lower", "upper")
    samples = Samples(np.zeros(1, np.int32), *pilot, sketches=sketches)
    newton = Estimator("newton", Model("none"), "newton")
    given = newton, samples.group_names, None, None
    return fit_block(FitSpec(*given, "random", (size,), 0, 0, "0" * 32, 0), samples)[0]


def _give_back(heights_cm: Floats) -> None:
    """Give pages of a mapped file back, so that memory does not grow with it."""
    mapped = heights_cm.base
    if isinstance(mapped, mmap.mmap):
        mapped.madvise(mmap.MADV_DONTNEED)


WAYS: dict[str, Callable[[Floats], object]] = {
    "NumPy": mean_and_variance,
    "NumPy, sums": sums_of_powers,
    "fit": fit,
}


def measure(way: str, path: Path) -> dict[str, float]:
    """Wall seconds and peak memory of one way through the file, once it is warm.

    The peak counts everything that the kernel counts, mapped pages of the file too.
    """
    WAYS[way](np.random.default_rng(SEED).normal(170.0, 9.0, 10_000))
    heights_cm: Floats = np.load(path, mmap_mode="r")
    started = time.perf_counter()
    WAYS[way](heights_cm)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak_mb": peak_mb()}


def peak_mb() -> float:
    """Peak of this process's memory so far, in MB of 10^6 bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return float(value.split()[0]) * 1024 / 1e6
    return float("nan")


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
