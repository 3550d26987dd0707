"""Fits to sketches: samples of which nodes were kept instead of people.

The nodes of narrow cells are themselves people with weights. What was fitted through a sketch of
all people is fitted through the sketch of these nodes, which is the same one: moments of wide
cells are sums of those of the narrow cells in them.
"""

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.samples import Samples, Sketches
from stature.estimators.plain.batch import SE_SINGULAR, Outcome, Told, fit_one, sketched
from stature.estimators.plain.climb import Settings
from stature.estimators.plain.labelled import LabelledSums
from stature.estimators.plain.problem import CONVERGED, DEGENERATE, make_room
from stature.estimators.plain.sample import Sample, width_of_cells
from stature.kernels.compile import jit
from stature.kernels.sketch import add_people, empty_cells, is_valid


@jit
def mean_and_sd_of_nodes(x: Floats, w: Floats) -> tuple[float, float]:
    """Mean and SD (divisor n) of weighted nodes, by sums about the first."""
    people = total = squares = 0.0
    for i in range(x.shape[0]):
        people += w[i]
        total += w[i] * (x[i] - x[0])
    mean = x[0] + total / people
    for i in range(x.shape[0]):
        d = x[i] - mean
        squares += w[i] * d * d
    return mean, np.sqrt(squares / people)


@jit
def is_faithful(theta: Floats, x: Floats, w: Floats, width: float) -> bool:
    """Whether nodes serve as well as their people at some parameters."""
    exact = True
    for i in range(w.shape[0]):
        exact = exact and w[i] == np.rint(w[i])
    return exact or is_valid(theta, width, x.min(), x.max())


@jit
def fit_nodes(
    node_cm: Floats,
    weight: Floats,
    width_cm: float,
    starts: Floats,
    told: Told,
    settings: Settings,
    outcome: Outcome,
    r: int,
    j: int,
) -> None:
    """Fit one sample of which nodes were kept."""
    centre, scale = mean_and_sd_of_nodes(node_cm, weight)
    if not scale > 0.0:
        outcome.status[r, j] = DEGENERATE
        outcome.se_status[r, j] = SE_SINGULAR
        return
    ends = (node_cm.min() - centre) / scale, (node_cm.max() - centre) / scale
    people = Sample(node_cm, weight, centre, scale, weight, weight, 0.0, ends[0], ends[1])
    cells = empty_cells(node_cm.min(), node_cm.max(), max(width_of_cells(scale), width_cm))
    add_people(cells, node_cm, weight)
    sample = sketched(people, cells)
    room = make_room(starts.shape[1] // 3, told.free.shape[1])
    fit_one(sample, starts, told, settings, room, outcome, r, j)
    faithful = is_faithful(outcome.theta[r, j], node_cm, weight, width_cm)
    if outcome.status[r, j] == CONVERGED and not faithful:
        outcome.status[r, j] = DEGENERATE


def split_sizes(samples: Samples, sizes: Int32s) -> tuple[int, tuple[int, ...]]:
    """Which sizes are fitted to people, and which to sketches."""
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


def weighted_people(samples: Samples, row: int, size: int) -> tuple[Floats, Floats]:
    """All people of one sample, or the nodes that were kept instead, shape (t,)."""
    sketches = samples.sketches
    if sketches is None or size <= samples.heights_cm.shape[1]:
        heights_cm = np.array(samples.heights_cm[row, :size])
        return heights_cm, np.ones(len(heights_cm))
    rows = sketches.rows(row, sketches.sizes.index(size))
    return sketches.node_cm[rows], sketches.weight[rows]


def fit_sketches(
    sketches: Sketches,
    columns: tuple[int, ...],
    first: int,
    starts: Floats,
    told: Told,
    settings: Settings,
    outcome: Outcome,
) -> None:
    """Fit sketched sizes of every replicate."""
    for r in range(len(starts)):
        for j, column in enumerate(columns):
            rows = sketches.rows(r, column)
            nodes = sketches.node_cm[rows], sketches.weight[rows], sketches.width_cm
            fit_nodes(*nodes, starts[r], told, settings, outcome, r, first + j)


def sums_of_sketches(
    sketches: Sketches, columns: tuple[int, ...], first: int, sums: LabelledSums
) -> None:
    """Fill in means and central power sums of each group, at sketched sizes."""
    replicates, _, groups, powers = sums.powers.shape
    for r in range(replicates):
        for j, column in enumerate(columns):
            rows = sketches.rows(r, column)
            for k in range(groups):
                mine = sketches.group_index[rows] == k
                x, w = sketches.node_cm[rows][mine], sketches.weight[rows][mine]
                here = sums.powers[r, first + j, k]
                here[:] = 0.0
                sums.mean_cm[r, first + j, k] = np.nan
                if len(x):
                    mean_cm = x[0] + float(w @ (x - x[0])) / float(w.sum())
                    sums.mean_cm[r, first + j, k] = mean_cm
                    here[:] = w @ np.vander(x - mean_cm, powers, increasing=True)
                    here[0] = round(here[0])  # the weights of a group's people are a whole number
