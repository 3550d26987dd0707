"""Sketches as they grow: cells that take in any height, and the nodes that they stand for."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.kernels.sketch import NODES_PER_CELL, Cells, write_nodes

# Room beyond what is asked for, so that cells which grow time and again are seldom copied.
SPARE = 0.25


class Nodes(NamedTuple):
    """Weighted nodes that stand for people.

    Attributes
    ----------
    x : array, shape (t,)
        Heights of the nodes, in the units of the people.
    w : array, shape (t,)
        How many people each stands for.
    """

    x: NDArray[np.float64]
    w: NDArray[np.float64]


def cells_needed(smallest: float, largest: float, width: float) -> int:
    """Number of cells that cover an interval.

    Parameters
    ----------
    smallest, largest : float
        The interval.
    width : float
        Width of a cell.

    Returns
    -------
    int
        Number of multiples of the width in it, about.
    """
    return int(np.floor(largest / width) - np.floor(smallest / width)) + 1


def covering(cells: Cells, smallest: float, largest: float) -> Cells:
    """Cells that hold what some cells hold, and cover an interval too.

    Parameters
    ----------
    cells : Cells
        A sketch in progress.
    smallest, largest : float
        The interval, in the units of the people.

    Returns
    -------
    Cells
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


def nodes_of(cells: Cells) -> Nodes:
    """Nodes and weights of all cells.

    Parameters
    ----------
    cells : Cells
        A sketch.

    Returns
    -------
    Nodes
        At most `NODES_PER_CELL` nodes a cell, in ascending order of the cells.
    """
    room = len(cells.distinct) * NODES_PER_CELL
    x, w = np.empty(room), np.empty(room)
    written = write_nodes(cells, x, w)
    return Nodes(x[:written].copy(), w[:written].copy())
