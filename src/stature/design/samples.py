"""Samples: the people that each replicate of a scenario measures.

People are met in an order fixed by the streams and kept or not by the bias, so that all biases of
a population look at the same people, and the sample of size n is the first n people of the sample
of any larger size.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np

from stature.arrays import Floats, Int8s, Int32s, Ints, Positions
from stature.design.meeting import Readings, groups_by_chance, keep, members_of, variates
from stature.design.streams import Purpose, Streams, population_definition, stream_key
from stature.domain.bias import (
    NO_LABEL,
    Bias,
    keeps_everybody,
    needs_chance,
    recorded_cm,
    writes_labels,
)
from stature.domain.model import Sampling
from stature.domain.population import Pool, Population
from stature.domain.sampling import stratified_groups
from stature.domain.settings import left_out

CHUNK = 1 << 14  # people drawn at a time: their numbers stay in the cache

SamplesRule = Literal["keep", "sketch"]


@dataclass(frozen=True, slots=True)
class DrawSpec:
    """All that the samples of a block depend on."""

    population: Population  # where people come from
    bias: Bias  # how the sample departs from it
    sampling: Sampling  # whether the number of people of each group is fixed
    seed: int  # root seed of the study
    first: int  # first and last replicate of the block
    last: int
    largest_size: int  # people in each replicate that are kept as people
    # larger sizes, ascending, of which sketches are kept; left out of the JSON where there are
    # none, so that nothing is drawn again because other studies have some
    sketched_sizes: Annotated[tuple[int, ...], left_out(())] = ()


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


@dataclass(frozen=True, slots=True)
class Samples:
    """The people of a block of replicates."""

    replicates: Int32s  # shape (r,): absolute replicate numbers
    # shape (r, n): heights as recorded, in cm, in the order in which people were measured
    heights_cm: Floats
    # shape (r, n): true group of each person, an index into `group_names`
    group_index: Int8s
    group_names: tuple[str, ...]  # names of the groups, in the order of their means
    # sketches of larger samples of the same replicates, that begin with the same people
    sketches: Sketches | None = None
    # shape (r, n): groups as they were written down, `NO_LABEL` where none was; None: they are the
    # true ones
    labels: Int8s | None = None

    @property
    def written_labels(self) -> Int8s:
        """Groups as far as, and as, they were written down, shape (r, n)."""
        return self.group_index if self.labels is None else self.labels


def draw(spec: DrawSpec, pool: Pool | None = None) -> Samples:
    """Draw the samples of a block.

    Replicates `first` to `last`, `largest_size` people each, and sketches of larger samples where
    the spec asks for them.

    Cost: about 10 ns a person that is met; memory 9 bytes a person that is kept.
    """
    if (pool is None) != (spec.population.data is None):
        raise ValueError(
            f"population {spec.population.name!r}: a pool of people goes with a data file, "
            "and with nothing else"
        )
    if spec.sketched_sizes and writes_labels(spec.bias):
        raise ValueError("a sketch keeps groups, not labels; keep everybody")
    key = stream_key(spec.seed, population_definition(spec.population))
    streams = Streams(key)
    size = spec.largest_size
    replicates = np.arange(spec.first, spec.last + 1, dtype=np.int32)
    heights_cm = np.empty((len(replicates), size))
    group_index = np.empty((len(replicates), size), dtype=np.int8)
    labels = None
    if writes_labels(spec.bias):
        labels = np.full((len(replicates), size), NO_LABEL, dtype=np.int8)
    at_once = pool is None and keeps_everybody(spec.bias) and not needs_chance(spec.bias)
    if at_once and spec.sampling == "stratified":
        _draw_planned(spec, streams, heights_cm, group_index)
    elif at_once:
        _draw_by_chance(spec, key, heights_cm, group_index)
    met = _plan(spec, size if keeps_everybody(spec.bias) else 2 * size)
    for row, replicate in enumerate(() if at_once else replicates.tolist()):
        written = None if labels is None else labels[row]
        while not _draw_replicate(
            spec, pool, streams, replicate, met, heights_cm[row], group_index[row], written
        ):
            # The streams give the same people again, and then more: nobody is drawn anew.
            met = _plan(spec, met.people + met.people // 4 + 1)
    names = spec.population.group_names
    if at_once:
        heights_cm = recorded_cm(spec.bias, heights_cm)
    people = Samples(replicates, heights_cm, group_index, names, labels=labels)
    if not spec.sketched_sizes:
        return people
    # Compiled code is slow to import: only for samples that are sketched.
    from stature.design.chunks import draw_sketches

    scenario = spec.population, spec.bias, spec.sampling
    here = tuple(replicates.tolist())
    return replace(people, sketches=draw_sketches(*scenario, key, here, spec.sketched_sizes, pool))


def _draw_planned(spec: DrawSpec, streams: Streams, heights_cm: Floats, group_index: Int8s) -> None:
    """Fill in heights in cm and groups, shape (r, n), where everybody's group is known beforehand.

    The same numbers as of `_draw_replicate`, at little more than the cost of the normals.
    """
    groups = stratified_groups(spec.population.shares, spec.largest_size)
    means_cm, sds_cm = spec.population.means_cm[groups], spec.population.sds_cm[groups]
    group_index[:] = groups
    for row, replicate in enumerate(range(spec.first, spec.last + 1)):
        streams.at(Purpose.PEOPLE, replicate).standard_normal(out=heights_cm[row])
        heights_cm[row] *= sds_cm
        heights_cm[row] += means_cm


def _draw_by_chance(spec: DrawSpec, key: str, heights_cm: Floats, group_index: Int8s) -> None:
    """Fill in heights in cm and groups, shape (r, n), where everybody who is met is kept.

    The same numbers as of `_draw_replicate`, at little more than the cost of drawing them.
    """
    means_cm, sds_cm = spec.population.means_cm, spec.population.sds_cm
    each_cm = np.empty(CHUNK)
    of_people, of_groups = Streams(key), Streams(key)  # to be read side by side
    for row, replicate in enumerate(range(spec.first, spec.last + 1)):
        people = of_people.at(Purpose.PEOPLE, replicate)
        chances = of_groups.at(Purpose.GROUPS, replicate)
        for first in range(0, spec.largest_size, CHUNK):
            here_cm = heights_cm[row, first : first + CHUNK]
            groups = groups_by_chance(spec.population, chances.random(len(here_cm)))
            group_index[row, first : first + CHUNK] = groups
            place, each = groups.astype(np.intp), each_cm[: len(here_cm)]
            people.standard_normal(out=here_cm)
            # A mode other than the default spares a check of each index, and a buffer.
            here_cm *= sds_cm.take(place, out=each, mode="clip")
            here_cm += means_cm.take(place, out=each, mode="clip")


@dataclass(frozen=True, slots=True)
class _Meeting:
    """How many people are met, and, under stratified sampling, of which groups.

    `members` are the positions of each group among the people met, `places` among the sample.
    """

    people: int
    members: tuple[Positions, ...]
    places: tuple[Positions, ...]


def _plan(spec: DrawSpec, people: int) -> _Meeting:
    """Plan of a meeting with so many people; what does not differ between replicates."""
    if spec.sampling == "random":
        return _Meeting(people, (), ())
    shares, groups = spec.population.shares, len(spec.population.groups)
    members = members_of(stratified_groups(shares, people), groups)
    places = members_of(stratified_groups(shares, spec.largest_size), groups)
    return _Meeting(people, members, places)


def _draw_replicate(
    spec: DrawSpec,
    pool: Pool | None,
    streams: Streams,
    replicate: int,
    met: _Meeting,
    heights_cm: Floats,
    group_index: Int8s,
    labels: Int8s | None,
) -> bool:
    """Fill in heights in cm, groups and labels of a replicate, shape (n,); False: too few met."""
    members = met.members
    if spec.sampling == "random":
        uniform = streams.at(Purpose.GROUPS, replicate).random(met.people)
        groups = groups_by_chance(spec.population, uniform)
        members = members_of(groups, len(spec.population.groups))
    variate = variates(streams.at(Purpose.PEOPLE, replicate), pool, met.people)
    readings = Readings(lambda purpose, turn: streams.at(purpose, replicate, turn))
    kept = keep(spec.population, spec.bias, pool, members, variate, readings)
    places = met.places
    if spec.sampling == "random":
        order = np.argsort(np.concatenate(kept.places), kind="stable")
        if len(order) < len(heights_cm):
            return False
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        places = tuple(np.split(rank, np.cumsum([len(here) for here in kept.places])[:-1]))
        places = tuple(here[here < len(heights_cm)] for here in places)
    elif any(len(people) < len(here) for people, here in zip(kept.heights_cm, places, strict=True)):
        return False
    for index, here in enumerate(places):
        heights_cm[here] = kept.heights_cm[index][: len(here)]
        group_index[here] = index
        if labels is not None:
            labels[here] = kept.labels[index][: len(here)]
    return True
