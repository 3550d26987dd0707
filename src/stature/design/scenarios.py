"""Scenarios and blocks: what data a study draws, and which of it one job does.

A scenario is a population and a bias. A block is a run of consecutive replicates, named by its
first and last absolute number, so that more replicates means new files and leaves the old ones as
they are.
"""

from dataclasses import dataclass

from stature.domain.bias import Bias
from stature.domain.model import Sampling
from stature.domain.population import Population


@dataclass(frozen=True, slots=True)
class NamedBias:
    """A bias with the name that it has in a study."""

    name: str
    bias: Bias
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A population under a bias and a sampling design."""

    population: Population  # the truth
    bias: NamedBias  # how the sample departs from it
    sampling: Sampling  # whether the number of people of each group is fixed

    @property
    def slug(self) -> str:
        """Folder name of the scenario; names hold no dot, so no two scenarios share it."""
        return f"{self.population.name}.{self.bias.name}"


def names_of(slug: str) -> tuple[str, str]:
    """Names of the population and of the bias of a scenario.

    Examples
    --------
    >>> names_of("school.tall-volunteers")
    ('school', 'tall-volunteers')
    """
    population, _, bias = slug.partition(".")
    return population, bias


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
