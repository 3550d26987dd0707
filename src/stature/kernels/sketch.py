"""The lossless sketch: a sample of any size as a few hundred weighted nodes.

All that EM, Newton and the information need from the data are sums of functions that are analytic
near the real line. Replacing the observations of a narrow cell by the p-point Gauss rule of their
empirical measure leaves such sums as they are, to about ``rho**(-2 p)``: the rule is exact for
polynomials of degree 2 p - 1, its weights are positive and its nodes lie inside the cell. A cell
with at most p distinct values keeps them, with their counts, so rounded data lose nothing at all.

Cells lie at multiples of their width, whatever the sample, so that sketches merge; the moments of a
cell only ever grow, so that the sketch of a longer prefix continues that of a shorter one.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Ints
from stature.kernels.compile import jit, jit_inside, jit_lent
from stature.kernels.gauss import (
    LANES,
    MOMENT,
    MOMENTS,
    NODES_PER_CELL,
    ROOT,
    WEIGHT,
    add_moments,
    gauss_rules,
    make_table,
)
from stature.kernels.linear import span
from stature.kernels.sums import BLOCK

# The largest relative error that a sketch may have, and the least SD in widths of a cell.
LARGEST_ERROR = 1e-10
FEWEST_WIDTHS = 2.0
# Cells beyond what is asked for, so that cells which grow time and again are seldom copied.
SPARE = 0.25
MOST_ZEROS = 20  # looked at, of those that lie over one another; their spacing grows


class Cells(NamedTuple):
    """Cells of a sketch in progress.

    `lowest` is the number of the first cell: cell j covers ``[(lowest + j) width, + width)``, with
    ``moments[j, m]`` the sum of w y^m over its observations, y from -1 to 1. `distinct` counts the
    values kept, and is `NODES_PER_CELL` + 1 when there were more.
    """

    width: float
    lowest: int
    moments: Floats
    kept: Floats
    counts: Floats
    distinct: Ints


class Nodes(NamedTuple):
    """Weighted nodes that stand for observations, in their units."""

    x: Floats  # shape (t,): where they are
    w: Floats  # shape (t,): how many observations each stands for


@jit
def empty_cells(smallest: float, largest: float, width: float) -> Cells:
    """Cells of a width that cover an interval, without observations."""
    lowest = int(np.floor(smallest / width))
    number = int(np.floor(largest / width)) - lowest + 1
    return Cells(
        width,
        lowest,
        np.zeros((number, MOMENTS)),
        np.zeros((number, NODES_PER_CELL)),
        np.zeros((number, NODES_PER_CELL)),
        np.zeros(number, np.int64),
    )


@jit
def add_to_cells(cells: Cells, x: Floats, w: Floats) -> None:
    """Add observations to their cells: moments, and the first few distinct values.

    Without weights each counts once. Cost: about 2 ns an observation.
    """
    cell, place, once = np.empty(BLOCK, np.int64), np.empty(BLOCK), np.ones(BLOCK)
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        weights = w[first:last] if w.shape[0] > 0 else once
        _find_cells(x[first:last], cells.width, cells.lowest, cell, place)
        _add_block(x[first:last], weights, cell, place, cells)


@jit
def _add_block(x: Floats, w: Floats, cell: Ints, place: Floats, cells: Cells) -> None:
    """Add a block of observations to the moments of their cells, and to those that keep values."""
    # Rows are numbered without a sign, or it would be looked at each time; and one loop does all,
    # since to hand arrays to another function costs ten times what it does here.
    _, _, moments, kept, counts, distinct = cells
    for i in range(x.shape[0]):
        row = np.uint64(cell[i])
        add_moments(moments, cell[i], place[i], w[i])
        known = distinct[row]
        if known > NODES_PER_CELL:
            continue
        at = 0
        while at < known and kept[row, np.uint64(at)] != x[i]:
            at += 1
        if at == known:
            distinct[row] = known + 1
            if at == NODES_PER_CELL:
                continue
            kept[row, np.uint64(at)] = x[i]
        counts[row, np.uint64(at)] += w[i]


@jit
def _find_cells(x: Floats, width: float, lowest: int, cell: Ints, y: Floats) -> None:
    """Numbers of the cells of a block of observations, and their places in them, from -1 to 1."""
    widths = 1.0 / width  # of a power of 2: the product is exact
    for i in range(x.shape[0]):
        place = x[i] * widths
        number = np.floor(place)
        cell[i] = int(number) - lowest
        y[i] = 2.0 * (place - number) - 1.0


@jit
def keeps_all(cells: Cells) -> bool:
    """Whether every value is kept with its count, so that nothing is lost at any parameters."""
    most = 0
    for cell in range(cells.distinct.shape[0]):
        most = max(most, cells.distinct[cell])
    return most <= NODES_PER_CELL


@jit
def nodes_of(cells: Cells) -> Nodes:
    """Nodes of all cells in the order of the cells, at most `NODES_PER_CELL` of each."""
    number = cells.distinct.shape[0]
    x, w = np.empty(number * NODES_PER_CELL), np.empty(number * NODES_PER_CELL)
    table = make_table()
    first = members = written = 0
    for last in range(number):
        if cells.distinct[last] > NODES_PER_CELL:
            for m in range(MOMENTS):
                table[(MOMENT + m) * LANES + members] = cells.moments[last, m]
            members += 1
        if members < LANES and last < number - 1:
            continue
        gauss_rules(table, members)
        members = 0
        # Crowded cells are in the table in their order.
        for cell in range(first, last + 1):
            kept = cells.distinct[cell]
            if kept <= NODES_PER_CELL:
                for j in range(kept):
                    x[written], w[written] = cells.kept[cell, j], cells.counts[cell, j]
                    written += 1
                continue
            left = (cells.lowest + cell) * cells.width
            for j in range(NODES_PER_CELL):
                weight = table[(WEIGHT + j) * LANES + members]
                if weight > 0.0:
                    place = table[(ROOT + j) * LANES + members]
                    x[written], w[written] = left + 0.5 * (place + 1.0) * cells.width, weight
                    written += 1
            members += 1
        first, members = last + 1, 0
    return Nodes(x[:written].copy(), w[:written].copy())


@jit
def sketch(x: Floats, w: Floats, width: float) -> Nodes:
    """Nodes of all observations, in cells of a width."""
    smallest, largest = span(x)
    cells = empty_cells(smallest, largest, width)
    add_to_cells(cells, x, w)
    return nodes_of(cells)


@jit_lent
def is_valid(theta: Floats, width: float, smallest: float, largest: float) -> bool:
    """Whether a sketch serves at these parameters: the guard."""
    groups = theta.shape[0] // 3
    for k in range(groups):
        if not theta[2 * groups + k] >= FEWEST_WIDTHS * width:
            return False
    return is_exact_to(LARGEST_ERROR, theta, width, smallest, largest)


@jit_lent
def is_exact_to(error: float, theta: Floats, width: float, smallest: float, largest: float) -> bool:
    """Whether the relative error of a sketch, ``rho**(-2 p)``, is at most so large.

    Here ``rho = q + sqrt(q^2 + 1)``, ``q = 2 R / width``, and R is the distance from the data to
    the nearest zero of the density in the complex plane, over pairs of groups.
    """
    groups = theta.shape[0] // 3
    enough = error ** (-1.0 / (2 * NODES_PER_CELL))
    nearest = 0.25 * width * (enough - 1.0 / enough)  # R at which rho is just enough
    for k in range(groups):
        for other in range(k):
            if _zero_within(theta, k, other, nearest, smallest, largest):
                return False
    return True


@jit_inside
def _zero_within(
    theta: Floats, k: int, other: int, nearest: float, smallest: float, largest: float
) -> bool:
    """Whether ``pi_k f_k + pi_l f_l`` has a zero over the data and closer to them than R.

    Its zeros are where the log-odds ``c x^2 + b x + a`` equal an odd multiple of i pi.
    """
    groups = theta.shape[0] // 3
    mu1, mu2 = theta[groups + k], theta[groups + other]
    sd1, sd2 = theta[2 * groups + k], theta[2 * groups + other]
    v1, v2 = sd1 * sd1, sd2 * sd2
    a = np.log(theta[k] / theta[other]) + np.log(sd2 / sd1)
    a += 0.5 * (mu2 * mu2 / v2 - mu1 * mu1 / v1)
    b = mu1 / v1 - mu2 / v2
    c = 0.5 * (1.0 / v2 - 1.0 / v1)
    if abs(c) * (largest - smallest) < 1e-9 * abs(b):  # equal SDs: zeros at i pi / b
        return bool(np.pi < nearest * abs(b))
    # They lie over one another, ever farther from the data and, like square roots, ever closer.
    for zero in range(MOST_ZEROS):
        odd = 2.0 * zero + 1.0
        root = np.sqrt(complex(b * b - 4.0 * c * a, 4.0 * c * np.pi * odd))
        if abs(root.imag) >= 2.0 * abs(c) * nearest:
            return False
        for sign in (-1.0, 1.0):
            place = (-b + sign * root.real) / (2.0 * c)
            if smallest - nearest < place < largest + nearest:
                return True
    return False


def covering(cells: Cells, smallest: float, largest: float) -> Cells:
    """Cells that hold what some cells hold, and cover an interval too.

    The same cells if they cover it already, else a copy with more of them.
    """
    count = len(cells.distinct)
    first = int(np.floor(smallest / cells.width))
    last = int(np.floor(largest / cells.width))
    if first >= cells.lowest and last < cells.lowest + count:
        return cells
    spare = int(SPARE * count) + 1
    lowest = cells.lowest if first >= cells.lowest else first - spare
    end = cells.lowest + count if last < cells.lowest + count else last + 1 + spare
    before = (cells.lowest - lowest, end - cells.lowest - count)
    return Cells(
        cells.width,
        lowest,
        np.pad(cells.moments, (before, (0, 0))),
        np.pad(cells.kept, (before, (0, 0))),
        np.pad(cells.counts, (before, (0, 0))),
        np.pad(cells.distinct, before),
    )
