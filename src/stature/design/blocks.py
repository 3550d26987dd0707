"""Blocks: runs of consecutive replicates that one job draws or fits.

A block is named by its first and last absolute replicate number, so that more replicates means
new files and leaves the old ones as they are.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """Replicates `first` to `last`, both included.

    Attributes
    ----------
    first, last : int
        Replicate numbers, counted from 0.
    """

    first: int
    last: int

    @property
    def name(self) -> str:
        """Name of the block in paths, such as ``000250-000499``."""
        return f"{self.first:06d}-{self.last:06d}"

    @property
    def replicates(self) -> range:
        """The replicate numbers of the block."""
        return range(self.first, self.last + 1)


def blocks(replicates: int, width: int) -> tuple[Block, ...]:
    """Blocks of a study.

    Parameters
    ----------
    replicates : int
        Number of replicates.
    width : int
        Replicates in a block; the last block may hold fewer.

    Returns
    -------
    tuple of Block
        The blocks, in order.

    Examples
    --------
    >>> [block.name for block in blocks(5, 2)]
    ['000000-000001', '000002-000003', '000004-000004']
    """
    return tuple(
        Block(first, min(first + width, replicates) - 1) for first in range(0, replicates, width)
    )


def block_named(name: str) -> Block:
    """Block of a given name.

    Parameters
    ----------
    name : str
        A name as `Block.name` makes it.

    Returns
    -------
    Block
        The block.
    """
    first, last = name.split("-")
    return Block(int(first), int(last))
