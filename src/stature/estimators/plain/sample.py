"""A sample: its people, and the nodes that stand for them at two resolutions.

Compiled; units of the sample have its mean at 0 and its SD as 1.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.estimators.plain.problem import Problem
from stature.kernels.compile import jit
from stature.kernels.gauss import NODES_PER_CELL
from stature.kernels.sketch import add_people, empty_cells, write_nodes

WIDTHS_PER_SD = 6.0  # cells are a sixth to a twelfth of the sample's SD wide
ROUGHER = 4.0  # times as wide are those in which starts are tried
FEWEST_TIMES_FEWER = 2


class Sample(NamedTuple):
    """A sample: all people in cm, and the nodes that stand for them in units of the sample.

    `counts` are how many people each height stands for, none where it is always one. `centre` and
    `scale` are mean and SD in cm. In units of the sample, `x` and `w` are nodes and weights,
    `width` is that of the sketch's cells, 0 where the nodes are the people themselves, and
    `smallest` and `largest` are the ends of its range.
    """

    heights: Floats
    counts: Floats
    centre: float
    scale: float
    x: Floats
    w: Floats
    width: float
    smallest: float
    largest: float


@jit
def everybody(sample: Sample) -> Sample:
    """The same sample, in which nobody is stood for by a node."""
    x = (sample.heights - sample.centre) / sample.scale
    w = sample.counts if sample.counts.shape[0] > 0 else np.ones(x.shape[0])
    return Sample(
        sample.heights,
        sample.counts,
        sample.centre,
        sample.scale,
        x,
        w,
        0.0,
        sample.smallest,
        sample.largest,
    )


@jit
def with_nodes(problem: Problem, x: Floats, w: Floats) -> Problem:
    """The same model for other nodes."""
    return Problem(x, w, problem.free, problem.shares_known, problem.sds_rule)


@jit
def width_of_cells(sd: float) -> float:
    """Width of the cells of a sketch: a power of 2 near the SD, so that cells seldom move."""
    return 2.0 ** np.floor(np.log2(sd / WIDTHS_PER_SD))


@jit
def rough_width_cm(sample: Sample) -> float:
    """Width of the cells in which starts are tried."""
    return ROUGHER * width_of_cells(sample.scale)


@jit
def rough_nodes(sample: Sample, problem: Problem) -> Problem:
    """A few dozen nodes for the search: good to 1e-7 or so where groups are not narrow.

    Cells are `ROUGHER` times as wide, at multiples of that in cm, so that nodes are in the same
    wide cells as their people; the nodes themselves where these are hardly fewer.
    """
    x_cm = problem.x * sample.scale + sample.centre
    cells = empty_cells(x_cm.min(), x_cm.max(), rough_width_cm(sample))
    room = cells.distinct.shape[0] * NODES_PER_CELL
    x, w = np.empty(room), np.empty(room)
    add_people(cells, x_cm, problem.w)
    written = write_nodes(cells, x, w)
    if written * FEWEST_TIMES_FEWER > problem.x.shape[0]:
        return problem
    for i in range(written):
        x[i] = (x[i] - sample.centre) / sample.scale
    return with_nodes(problem, x[:written], w[:written])
