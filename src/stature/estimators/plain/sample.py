"""Samples: observations, and the nodes that stand for them at several resolutions.

Compiled, but for the choice of what is fitted. Units of the sample have its mean at 0 and its SD
as 1.
"""

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.samples import Samples
from stature.estimators.plain.problem import Problem, Sample, with_nodes
from stature.kernels.compile import jit
from stature.kernels.linear import span
from stature.kernels.observations import Observations
from stature.kernels.sketch import Nodes, is_valid, sketch

WIDTHS_PER_SD = 6.0  # cells are a sixth to a twelfth of the sample's SD wide
ROUGHER = 4.0  # times as wide are those on which starts are tried
FEWEST_PER_NODE = 2  # observations; from more nodes nothing is gained


@jit
def width_of_cells(sd: float) -> float:
    """Width of the cells of a sketch: a power of 2 near the SD, so that cells seldom move."""
    return 2.0 ** np.floor(np.log2(sd / WIDTHS_PER_SD))


@jit
def rough_width_cm(scale: float) -> float:
    """Width of the cells on which starts are tried."""
    return ROUGHER * width_of_cells(scale)


@jit
def everybody(observations: Observations, smallest: float, largest: float) -> Sample:
    """A sample in which every observation is its own node; its range in units of the sample."""
    x = (observations.values - observations.centre) / observations.scale
    counts = observations.counts
    w = counts if counts.shape[0] > 0 else np.ones(x.shape[0])
    return Sample(observations, x, w, 0.0, smallest, largest)


@jit
def through_nodes(
    observations: Observations, smallest: float, largest: float, nodes: Nodes, width_cm: float
) -> Sample:
    """A sample with nodes in cm, or with its observations if these are hardly more."""
    if nodes.x.shape[0] * FEWEST_PER_NODE > observations.values.shape[0]:
        return everybody(observations, smallest, largest)
    x = nodes.x
    for i in range(x.shape[0]):
        x[i] = (x[i] - observations.centre) / observations.scale
    width = width_cm / observations.scale
    return Sample(observations, x, nodes.w, width, smallest, largest)


@jit
def weighted_sample(observations: Observations, width_cm: float) -> Sample:
    """A sample of weighted observations, through cells of a width at least."""
    values, scale = observations.values, observations.scale
    low, high = span(values)
    smallest, largest = (low - observations.centre) / scale, (high - observations.centre) / scale
    width_cm = max(width_of_cells(scale), width_cm)
    nodes = sketch(values, observations.counts, width_cm)
    return through_nodes(observations, smallest, largest, nodes, width_cm)


@jit
def rough_nodes(sample: Sample, problem: Problem) -> Problem:
    """A few dozen nodes for the search: good to 1e-7 or so where groups are not narrow.

    Cells are `ROUGHER` times as wide, at multiples of that in cm, so that nodes are in the same
    wide cells as their observations; the nodes themselves where these are hardly fewer.
    """
    centre, scale = sample.observations.centre, sample.observations.scale
    nodes = sketch(problem.x * scale + centre, problem.w, rough_width_cm(scale))
    if nodes.x.shape[0] * FEWEST_PER_NODE > problem.x.shape[0]:
        return problem
    x = nodes.x
    for i in range(x.shape[0]):
        x[i] = (x[i] - centre) / scale
    return with_nodes(problem, x, nodes.w)


@jit
def is_faithful(theta: Floats, x: Floats, w: Floats, width: float) -> bool:
    """Whether nodes serve as well as their observations at some parameters."""
    exact = True
    for i in range(w.shape[0]):
        exact = exact and w[i] == np.rint(w[i])
    smallest, largest = span(x)
    return exact or is_valid(theta, width, smallest, largest)


def split_sizes(samples: Samples, sizes: Int32s) -> tuple[int, tuple[int, ...]]:
    """How many sizes are fitted to observations, and which sketches the others are fitted to."""
    known = () if samples.sketches is None else samples.sketches.sizes
    people = samples.heights_cm.shape[1]
    larger = sizes[sizes > people].tolist()
    missing = [size for size in larger if size not in known]
    if missing:
        sketched_too = f" and sketches of {', '.join(map(str, known))}" if known else ""
        raise ValueError(
            f"expected samples of at least {missing[-1]} people, got {people}{sketched_too}"
        )
    return len(sizes) - len(larger), tuple(known.index(size) for size in larger)


def weighted_observations(samples: Samples, row: int, size: int) -> tuple[Floats, Floats]:
    """All observations of one sample in cm, or the nodes that were kept instead, with weights."""
    sketches = samples.sketches
    if sketches is None or size <= samples.heights_cm.shape[1]:
        heights_cm = np.array(samples.heights_cm[row, :size])
        return heights_cm, np.ones(len(heights_cm))
    rows = sketches.rows(row, sketches.sizes.index(size))
    return sketches.node_cm[rows], sketches.weight[rows]
