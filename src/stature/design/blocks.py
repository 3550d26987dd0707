"""Blocks: runs of consecutive replicates that one job draws or fits.

A block is named by its first and last absolute replicate number, so that more replicates means
new files and leaves the old ones as they are.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """Replicates `first` to `last`, both included."""

    first: int  # replicate numbers, counted from 0
    last: int

    @property
    def name(self) -> str:
        """Name of the block in paths, such as ``000250-000499``."""
        return f"{self.first:06d}-{self.last:06d}"

    @property
    def replicates(self) -> range:
        """The replicate numbers of the block."""
        return range(self.first, self.last + 1)


def rounds(first: int, replicates: int) -> tuple[int, ...]:
    """Numbers of replicates at which a study may end.

    Examples
    --------
    >>> rounds(200, 1000)
    (200, 400, 800, 1000)
    """
    ends: list[int] = []
    while first < replicates:
        ends.append(first)
        first *= 2
    return (*ends, replicates)


def blocks(replicates: int, width: int, ends: tuple[int, ...] = ()) -> tuple[Block, ...]:
    """Blocks of a study.

    Examples
    --------
    >>> [block.name for block in blocks(5, 2)]
    ['000000-000001', '000002-000003', '000004-000004']
    """
    found: list[Block] = []
    for end in (*(end for end in ends if end < replicates), replicates):
        begin = found[-1].last + 1 if found else 0
        found += [Block(first, min(first + width, end) - 1) for first in range(begin, end, width)]
    return tuple(found)


def block_named(name: str) -> Block:
    """Block of a given name."""
    first, last = name.split("-")
    return Block(int(first), int(last))
