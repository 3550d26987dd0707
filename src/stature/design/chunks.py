"""Samples that are too large to keep: people are met in chunks, sketched and forgotten.

The sketch of a sample of size n is that of its first n people, one for each true group, so that
estimators which see labels have their exact sums and others the nodes of all groups together.
"""

import numpy as np

from stature.arrays import Floats, Ints
from stature.design.meeting import (
    Kept,
    draws,
    groups_by_chance,
    heights_of,
    keep,
    members_of,
    variates,
)
from stature.design.samples import DrawSpec, Sketches
from stature.domain.population import Pool, Population
from stature.domain.sampling import stratified_counts, stratified_groups
from stature.kernels.sketch import Nodes, add_to_cells, covering, empty_cells, is_valid, nodes_of

CHUNK = 1 << 16  # people met at a time: half a megabyte of numbers, which stays in the cache
# Cells are a 12th to a 24th of the smallest SD wide, half of what estimators would take, and
# twice as narrow as the guard asks for at the truth: a bias or an estimate may narrow the groups.
WIDTHS_PER_SD = 12.0
SAFETY = 2.0
WIDEST_RANGE = 8.0  # SDs about the means within which the guard looks for zeros


def width_of_sketches(population: Population) -> float:
    """Width of the cells that serve a population, in cm: a power of 2."""
    sds_cm = population.sds_cm[population.sds_cm > 0.0]
    if not len(sds_cm):
        return 1.0  # groups without any spread: nodes are their heights, whatever the width
    width_cm = 2.0 ** np.floor(np.log2(sds_cm.min() / WIDTHS_PER_SD))
    if len(sds_cm) < len(population.groups):
        return float(width_cm)
    theta = np.concatenate([population.shares, population.means_cm, population.sds_cm])
    reach_cm = WIDEST_RANGE * sds_cm.max()
    ends = population.means_cm.min() - reach_cm, population.means_cm.max() + reach_cm
    while not is_valid(theta, SAFETY * width_cm, *ends):
        width_cm /= 2.0
    return float(width_cm)


def draw_sketches(spec: DrawSpec, pool: Pool | None) -> Sketches:
    """Meet the people of some replicates in chunks, and sketch them.

    Memory: a few hundred kilobytes a replicate, whatever the sizes.
    """
    population, sizes = spec.population, spec.sketched_sizes
    groups, shares = len(population.groups), population.shares
    width_cm = width_of_sketches(population)
    quotas = members = None
    if spec.sampling == "stratified":
        quotas = np.stack([stratified_counts(shares, size) for size in sizes])
    streams = [draws(spec.stream_key, replicate) for replicate in range(spec.first, spec.last + 1)]
    gatherings = [_Gathering(population, sizes, width_cm, quotas) for _ in streams]
    before = np.zeros(groups, np.int64)
    # Chunks outside, replicates inside: the order of a stratified design is worked out once.
    while unfinished := [i for i, one in enumerate(gatherings) if not one.is_complete()]:
        if spec.sampling == "stratified":
            index = stratified_groups(shares, CHUNK, before)
            before += np.bincount(index, minlength=groups)
            members = members_of(index, groups)
        for i in unfinished:
            here = members
            if here is None:
                index = groups_by_chance(population, streams[i].groups.random(CHUNK))
                here = members_of(index, groups)
            met_cm = heights_of(population, pool, here, variates(streams[i].people, pool, CHUNK))
            kept = keep(population, spec.bias, here, met_cm, streams[i].readings)
            gatherings[i].take(kept)
    return _joined(sizes, width_cm, gatherings)


class _Gathering:
    """The sketches of one replicate in progress: cells of each group, and nodes read off them.

    `quotas`: how many people of each group the next samples have, shape (s, k); None: chance
    decides, and they become known as people come.
    """

    __slots__ = ("_cells", "_quotas", "_taken", "_undecided", "nodes")

    def __init__(
        self, population: Population, sizes: tuple[int, ...], width_cm: float, quotas: Ints | None
    ) -> None:
        groups = len(population.groups)
        self._cells = [empty_cells(mean, mean, width_cm) for mean in population.means_cm.tolist()]
        self.nodes: list[list[Nodes]] = [[] for _ in range(groups)]
        self._taken = [0] * groups
        self._undecided = list(sizes) if quotas is None else []
        self._quotas: list[list[int]] = [
            [] if quotas is None else quotas[:, k].tolist() for k in range(groups)
        ]

    def is_complete(self) -> bool:
        """Whether the sketches of all sizes and groups have been read off."""
        return not self._undecided and not any(self._quotas)

    def take(self, kept: Kept) -> None:
        """Take in those who are kept of the next chunk."""
        self._decide(kept)
        for index, heights_cm in enumerate(kept.heights_cm):
            self._take_group(index, heights_cm)

    def _decide(self, kept: Kept) -> None:
        """Read off who is in the samples that are full with this chunk."""
        before, now = sum(self._taken), sum(map(len, kept.places))
        if not self._undecided or self._undecided[0] > before + now:
            return
        order = np.argsort(np.concatenate(kept.places))
        group = np.repeat(np.arange(len(kept.places)), [len(here) for here in kept.places])[order]
        while self._undecided and self._undecided[0] <= before + now:
            first = group[: self._undecided.pop(0) - before]
            counts = np.bincount(first, minlength=len(kept.places)).tolist()
            for quotas, taken, count in zip(self._quotas, self._taken, counts, strict=True):
                quotas.append(taken + count)

    def _take_group(self, index: int, heights_cm: Floats) -> None:
        """Add people of one group to its cells, and read off the nodes of the samples they fill."""
        quotas = self._quotas[index]
        while quotas and quotas[0] <= self._taken[index] + len(heights_cm):
            wanted = quotas.pop(0) - self._taken[index]
            self._add(index, heights_cm[:wanted])
            heights_cm = heights_cm[wanted:]
            self.nodes[index].append(nodes_of(self._cells[index]))
        if quotas or self._undecided:
            self._add(index, heights_cm)

    def _add(self, index: int, heights_cm: Floats) -> None:
        """Add people of one group to its cells."""
        if not len(heights_cm):
            return
        self._taken[index] += len(heights_cm)
        self._cells[index] = covering(
            self._cells[index], float(heights_cm.min()), float(heights_cm.max())
        )
        add_to_cells(self._cells[index], heights_cm, np.ones(len(heights_cm)))


def _joined(sizes: tuple[int, ...], width_cm: float, gatherings: list[_Gathering]) -> Sketches:
    """The record of all sketches."""
    of_sizes = [zip(*gathering.nodes, strict=True) for gathering in gatherings]
    parts = [part for samples in of_sizes for sample in samples for part in sample]
    counts = np.array([len(part.x) for part in parts], np.int64)
    groups = len(gatherings[0].nodes)
    index = np.tile(np.arange(groups, dtype=np.int8), len(parts) // groups)
    return Sketches(
        sizes,
        width_cm,
        np.cumsum(counts)[groups - 1 :: groups].reshape(len(gatherings), len(sizes)),
        np.repeat(index, counts),
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.w for part in parts]),
    )
