"""Samples: the people that each replicate of a scenario measures.

People are met in an order fixed by the streams and kept or not by the bias, so that all biases of
a population look at the same people, and the sample of size n is the first n people of the sample
of any larger size.

What is drawn of a person is one number of the stream of people, and, where the design or the bias
asks for it, one of the streams of groups, and of those that the steps of the bias read. Each step
reads streams of its own: of its purpose, and, among the steps of a sequence that have the same
purpose, of its turn. So the volunteers of a selection are the same people, whatever is rounded
before or after. How many people are met at a time changes nobody: streams are read one number after
another.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np

from stature.arrays import Floats, Int8s, Int32s, Ints, Positions
from stature.design.streams import Purpose, Streams, population_definition, stream_key
from stature.domain.bias import (
    NO_LABEL,
    Bias,
    Chance,
    Classes,
    Labelling,
    Selecting,
    Step,
    keep_probability,
    keeps_everybody,
    labels_after,
    needs_chance,
    reads,
    recorded_cm,
    steps_of,
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
    # larger sizes, ascending, of which sketches are kept
    sketched_sizes: Annotated[tuple[int, ...], left_out(())] = ()

    @property
    def stream_key(self) -> str:
        """Key of the streams of the population."""
        return stream_key(self.seed, population_definition(self.population))


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
    # shape (r, n): groups as they were recorded, `NO_LABEL` where none was; None: as they are
    labels: Int8s | None = None

    @property
    def written_labels(self) -> Int8s:
        """Groups as they were recorded, shape (r, n)."""
        return self.group_index if self.labels is None else self.labels


def draw(spec: DrawSpec, pool: Pool | None = None) -> Samples:
    """Draw the samples of a block, and sketches of larger samples where the spec asks for them.

    Cost: about 10 ns a person that is met; memory 9 bytes a person that is kept.
    """
    if (pool is None) != (spec.population.data is None):
        raise ValueError(
            f"population {spec.population.name!r}: a pool of people goes with a data file, "
            "and with nothing else"
        )
    has_labels, keeps_all = writes_labels(spec.bias), keeps_everybody(spec.bias)
    if spec.sketched_sizes and has_labels:
        raise ValueError("a sketch keeps groups, not labels; keep everybody")
    replicates = np.arange(spec.first, spec.last + 1, dtype=np.int32)
    shape = len(replicates), spec.largest_size
    samples = Samples(
        replicates,
        np.empty(shape),
        np.empty(shape, dtype=np.int8),
        spec.population.group_names,
        labels=np.full(shape, NO_LABEL, dtype=np.int8) if has_labels else None,
    )
    if pool is None and keeps_all and not needs_chance(spec.bias):
        (_draw_planned if spec.sampling == "stratified" else _draw_by_chance)(spec, samples)
        heights_cm = recorded_cm(spec.bias, samples.heights_cm)
        samples = replace(samples, heights_cm=heights_cm)
    else:
        streams = Streams(spec.stream_key)
        met = _plan(spec, spec.largest_size if keeps_all else 2 * spec.largest_size)
        for row in range(len(replicates)):
            while not _draw_replicate(spec, pool, streams, met, samples, row):
                # The streams give the same people again, and then more: nobody is drawn anew.
                met = _plan(spec, met.people + met.people // 4 + 1)
    if not spec.sketched_sizes:
        return samples
    # Compiled code is slow to import: only for samples that are sketched.
    from stature.design.chunks import draw_sketches

    return replace(samples, sketches=draw_sketches(spec, pool))


def _draw_planned(spec: DrawSpec, samples: Samples) -> None:
    """Fill in samples of a design in which everybody's group is known beforehand.

    The same numbers as of `_draw_replicate`, at little more than the cost of the normals.
    """
    streams, heights_cm = Streams(spec.stream_key), samples.heights_cm
    groups = stratified_groups(spec.population.shares, spec.largest_size)
    means_cm, sds_cm = spec.population.means_cm[groups], spec.population.sds_cm[groups]
    samples.group_index[:] = groups
    for row, replicate in enumerate(samples.replicates.tolist()):
        streams.at(Purpose.PEOPLE, replicate).standard_normal(out=heights_cm[row])
        heights_cm[row] *= sds_cm
        heights_cm[row] += means_cm


def _draw_by_chance(spec: DrawSpec, samples: Samples) -> None:
    """Fill in samples of a design in which groups are left to chance and everybody is kept.

    The same numbers as of `_draw_replicate`, at little more than the cost of drawing them.
    """
    means_cm, sds_cm = spec.population.means_cm, spec.population.sds_cm
    each_cm = np.empty(CHUNK)
    # Two generators, to be read side by side.
    of_people, of_groups = Streams(spec.stream_key), Streams(spec.stream_key)
    for row, replicate in enumerate(samples.replicates.tolist()):
        people = of_people.at(Purpose.PEOPLE, replicate)
        chances = of_groups.at(Purpose.GROUPS, replicate)
        for first in range(0, spec.largest_size, CHUNK):
            here_cm = samples.heights_cm[row, first : first + CHUNK]
            groups = groups_by_chance(spec.population, chances.random(len(here_cm)))
            samples.group_index[row, first : first + CHUNK] = groups
            place, each = groups.astype(np.intp), each_cm[: len(here_cm)]
            people.standard_normal(out=here_cm)
            # A mode other than the default spares a check of each index, and a buffer.
            here_cm *= sds_cm.take(place, out=each, mode="clip")
            here_cm += means_cm.take(place, out=each, mode="clip")


@dataclass(frozen=True, slots=True)
class _Meeting:
    """How many people are met, and, under stratified sampling, of which groups."""

    people: int
    # positions of each group among the people met, and among the sample
    members: tuple[Positions, ...] = ()
    places: tuple[Positions, ...] = ()


def _plan(spec: DrawSpec, people: int) -> _Meeting:
    """Plan of a meeting with so many people; what does not differ between replicates."""
    if spec.sampling == "random":
        return _Meeting(people)
    shares, groups = spec.population.shares, len(spec.population.groups)
    members = members_of(stratified_groups(shares, people), groups)
    places = members_of(stratified_groups(shares, spec.largest_size), groups)
    return _Meeting(people, members, places)


def _draw_replicate(
    spec: DrawSpec, pool: Pool | None, streams: Streams, met: _Meeting, samples: Samples, row: int
) -> bool:
    """Fill in one sample; False: too few were met."""
    replicate, size = int(samples.replicates[row]), spec.largest_size
    members, places = met.members, met.places
    if spec.sampling == "random":
        uniform = streams.at(Purpose.GROUPS, replicate).random(met.people)
        groups = groups_by_chance(spec.population, uniform)
        members = members_of(groups, len(spec.population.groups))
    variate = variates(streams.at(Purpose.PEOPLE, replicate), pool, met.people)
    readings = Readings(lambda purpose, turn: streams.at(purpose, replicate, turn))
    kept = keep(spec.population, spec.bias, pool, members, variate, readings)
    if spec.sampling == "random":
        order = np.argsort(np.concatenate(kept.places), kind="stable")
        if len(order) < size:
            return False
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        places = tuple(np.split(rank, np.cumsum([len(here) for here in kept.places])[:-1]))
        places = tuple(here[here < size] for here in places)
    elif any(len(people) < len(here) for people, here in zip(kept.heights_cm, places, strict=True)):
        return False
    for index, here in enumerate(places):
        samples.heights_cm[row, here] = kept.heights_cm[index][: len(here)]
        samples.group_index[row, here] = index
        if samples.labels is not None:
            samples.labels[row, here] = kept.labels[index][: len(here)]
    return True


def turns_of(bias: Bias) -> tuple[int, ...]:
    """How many earlier steps of a bias have read streams for the same purpose as each step."""
    before: dict[Purpose, int] = {}
    turns: list[int] = []
    for step in steps_of(bias):
        turns.append(before.get(_purpose(step), 0) if reads(step) else 0)
        if reads(step):
            before[_purpose(step)] = turns[-1] + 1
    return tuple(turns)


def _purpose(step: Step) -> Purpose:
    """What a step reads its stream for."""
    if isinstance(step, Selecting):
        return Purpose.SELECTION
    if isinstance(step, Labelling):
        return Purpose.LABELS
    return Purpose.CLASSES if "of_class" in reads(step) else Purpose.RECORDING


class Readings:
    """Where the streams of one replicate stand, as its people are met chunk after chunk.

    `at` gives the generator at the beginning of the stream of a purpose and a turn.
    """

    __slots__ = ("_at", "_generators", "_last", "_met")

    def __init__(self, at: Callable[[Purpose, int], np.random.Generator]) -> None:
        self._at = at
        self._generators: dict[tuple[Purpose, int], np.random.Generator] = {}
        self._last: dict[int, Floats] = {}
        self._met = 0

    def chance(self, step: Step, turn: int, people: int) -> Chance:
        """Numbers that decide what a step does; those that it does not need are empty."""
        needed, numbers = reads(step), dict[str, Floats]()
        if "uniform" in needed:
            numbers["uniform"] = self._stream(_purpose(step), turn).random(people)
        if "normal" in needed:
            numbers["normal"] = self._stream(Purpose.NOISE, turn).standard_normal(people)
        if isinstance(step, Classes):
            numbers["of_class"] = self._shifts(step.size, turn, people)
        return Chance(**numbers)

    def go_on(self, people: int) -> None:
        """Leave the people met so far behind."""
        self._met += people

    def _stream(self, purpose: Purpose, turn: int) -> np.random.Generator:
        """Generator of a stream, where it was left."""
        address = purpose, turn
        if address not in self._generators:
            self._generators[address] = self._at(purpose, turn)
        return self._generators[address]

    def _shifts(self, size: int, turn: int, people: int) -> Floats:
        """Standard normals that people share with their class, shape (people,)."""
        # ASSUME [classes] a class is a run of consecutive people, whether they are kept or not.
        met = -(-self._met // size)  # classes of which somebody has been met already
        asked = -(-(self._met + people) // size)
        new = self._stream(Purpose.CLASSES, turn).standard_normal(asked - met)
        known = np.concatenate([self._last.get(turn, new[:0]), new])
        first = asked - len(known)
        self._last[turn] = known[-1:]
        return known[(self._met + np.arange(people)) // size - first]


@dataclass(frozen=True, slots=True)
class Kept:
    """Those of the people met who are kept, group by group, in the order of meeting."""

    # shape (n_k,) for each group: their places among the people met
    places: tuple[Positions, ...]
    # shape (n_k,) for each group: their heights in cm, as they are recorded
    heights_cm: tuple[Floats, ...]
    # shape (n_k,) for each group: their labels, as they are recorded; empty where every label is
    # the group
    labels: tuple[Int8s, ...] = ()


@dataclass(frozen=True, slots=True)
class Draws:
    """The generators of one replicate, each somewhere in its stream."""

    people: np.random.Generator  # what heights and groups come from
    groups: np.random.Generator
    readings: Readings  # what the steps of a bias read


def draws(key: str, replicate: int) -> Draws:
    """Generators at the beginning of the streams of a replicate."""
    return Draws(
        Streams(key).at(Purpose.PEOPLE, replicate),
        Streams(key).at(Purpose.GROUPS, replicate),
        # Each stream that a step reads has a generator of its own too.
        Readings(lambda purpose, turn: Streams(key).at(purpose, replicate, turn)),
    )


def members_of(group_index: Int8s, groups: int) -> tuple[Positions, ...]:
    """Positions of the people of each group, in their order, shape (n_k,) for each group."""
    return tuple(np.flatnonzero(group_index == index) for index in range(groups))


def groups_by_chance(population: Population, uniform: Floats) -> Int8s:
    """Groups of people who are met at random, shape (n,)."""
    index = np.zeros(len(uniform), np.int8)
    # For a few groups a comparison with each bound is quicker than a search among them.
    for below in np.cumsum(population.shares)[:-1]:
        index += uniform >= below
    return index


def variates(generator: np.random.Generator, pool: Pool | None, people: int) -> Floats:
    """Numbers of the stream of people, shape (people,)."""
    return generator.standard_normal(people) if pool is None else generator.random(people)


def keep(
    population: Population,
    bias: Bias,
    pool: Pool | None,
    members: tuple[Positions, ...],
    variate: Floats,
    readings: Readings,
) -> Kept:
    """Decide who is kept of the people met, and what is recorded of them.

    Everybody who is met has numbers of their own in each stream, kept or not, so that a person is
    the same no matter who else is turned away.
    """
    heights_cm = [
        _heights_cm(population, pool, index, variate[here]) for index, here in enumerate(members)
    ]
    places = list(members)
    labels: list[Int8s] = []
    if writes_labels(bias):
        labels = [np.full(len(here), index, np.int8) for index, here in enumerate(members)]
    people = len(variate)
    for step, turn in zip(steps_of(bias), turns_of(bias), strict=True):
        chance = readings.chance(step, turn, people)
        for index, name in enumerate(population.group_names):
            here, recorded = _those(chance, places[index]), heights_cm[index]
            if isinstance(step, Selecting):
                probability = keep_probability(step, recorded, name, population)
                # A cut leaves nothing to chance.
                chosen = here.uniform < probability if reads(step) else probability > 0.0
                places[index], heights_cm[index] = places[index][chosen], recorded[chosen]
                if labels:
                    labels[index] = labels[index][chosen]
            elif isinstance(step, Labelling):
                those = labels[index], recorded, name, population
                labels[index] = labels_after(step, *those, here.uniform)
            else:
                heights_cm[index] = recorded_cm(step, recorded, name, here)
    readings.go_on(people)
    return Kept(tuple(places), tuple(heights_cm), tuple(labels))


def _those(chance: Chance, places: Positions) -> Chance:
    """Random numbers of some of the people met; those that were not read stay empty."""
    numbers = chance.uniform, chance.normal, chance.of_class
    return Chance(*(each[places] if len(each) else each for each in numbers))


def _heights_cm(population: Population, pool: Pool | None, index: int, variate: Floats) -> Floats:
    """True heights in cm of people of one group, from their standard normals or uniforms."""
    if pool is None:
        # mean + sd z with z from standard_normal: equal to the bit on every machine.
        group = population.groups[index]
        return group.mean_cm + group.sd_cm * variate
    people_cm = pool.heights_cm[index]
    return people_cm[(variate * len(people_cm)).astype(np.intp)]
