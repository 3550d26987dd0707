"""Sketches: what is kept of samples that are too large to keep their people."""

from dataclasses import dataclass

from stature.arrays import Floats, Int8s, Ints


@dataclass(frozen=True, slots=True)
class Sketches:
    """Sketches of the samples of a block, at the sizes that are not kept as people."""

    sizes: tuple[int, ...]  # the S sizes, ascending
    width_cm: float  # width of the cells in cm
    # shape (r, S): one past the last node of each replicate and size; the next one's nodes begin
    # there
    ends: Ints
    group_index: Int8s  # shape (t,): true group of the people of each node
    node_cm: Floats  # shape (t,): heights of the nodes in cm
    weight: Floats  # shape (t,): how many people each stands for

    def rows(self, replicate: int, size: int) -> slice:
        """Nodes of one sample."""
        before = replicate * len(self.sizes) + size
        return slice(int(self.ends.flat[before - 1]) if before else 0, int(self.ends.flat[before]))
