"""Sketches: what is kept of samples that are too large to keep their people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sketches:
    """Sketches of the samples of a block, at the sizes that are not kept as people.

    Attributes
    ----------
    sizes : tuple of int
        The S sizes, ascending.
    width_cm : float
        Width of the cells in cm.
    ends : array of int64, shape (r, S)
        One past the last node of each replicate and size; the next one's nodes begin there.
    group_index : array of int8, shape (t,)
        True group of the people of each node.
    node_cm : array, shape (t,)
        Heights of the nodes in cm.
    weight : array, shape (t,)
        How many people each stands for.
    """

    sizes: tuple[int, ...]
    width_cm: float
    ends: NDArray[np.int64]
    group_index: NDArray[np.int8]
    node_cm: NDArray[np.float64]
    weight: NDArray[np.float64]

    def rows(self, replicate: int, size: int) -> slice:
        """Nodes of one sample.

        Parameters
        ----------
        replicate, size : int
            Positions of the replicate in the block and of the size in `sizes`.

        Returns
        -------
        slice
            Where they are in `group_index`, `node_cm` and `weight`.
        """
        before = replicate * len(self.sizes) + size
        return slice(int(self.ends.flat[before - 1]) if before else 0, int(self.ends.flat[before]))
