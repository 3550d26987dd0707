"""Sketches as they grow: cells that take in any height, and the nodes that they stand for."""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.kernels.sketch import NODES_PER_CELL, Cells, write_nodes

# Room beyond what is asked for, so that cells which grow time and again are seldom copied.
SPARE = 0.25


class Nodes(NamedTuple):
    """Weighted nodes that stand for people."""

    x: Floats  # shape (t,): heights of the nodes, in the units of the people
    w: Floats  # shape (t,): how many people each stands for


def cells_needed(smallest: float, largest: float, width: float) -> int:
    """Number of cells that cover an interval."""
    return int(np.floor(largest / width) - np.floor(smallest / width)) + 1


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


def nodes_of(cells: Cells) -> Nodes:
    """Nodes and weights of all cells.

    At most `NODES_PER_CELL` nodes a cell, in ascending order of the cells.
    """
    room = len(cells.distinct) * NODES_PER_CELL
    x, w = np.empty(room), np.empty(room)
    written = write_nodes(cells, x, w)
    return Nodes(x[:written].copy(), w[:written].copy())
