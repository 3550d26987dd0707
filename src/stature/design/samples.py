"""Samples: the people that each replicate of a scenario measures.

People are met in an order fixed by the streams and kept or not by the bias, so that all biases of
a population look at the same people, and the sample of size n is the first n people of the sample
of any larger size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np

from stature.arrays import Floats, Int8s, Int32s, Ints, Positions
from stature.design.brought import AT_A_TIME, functions_of, people_by, with_functions
from stature.design.meeting import (
    Readings,
    groups_by_chance,
    heights_of,
    keep,
    members_of,
    variates,
)
from stature.design.streams import Purpose, Streams, population_definition, stream_key
from stature.domain.bias import (
    NO_LABEL,
    Bias,
    ByFunction,
    keeps_everybody,
    needs_chance,
    recorded_cm,
    writes_labels,
)
from stature.domain.functions import moved, split
from stature.domain.model import Sampling
from stature.domain.population import Pool, Population
from stature.domain.sampling import stratified_groups
from stature.domain.settings import LeftOut
from stature.writing import FileError

MOST_MET = 10_000  # people met for each of a sample, where only a function knows whom it keeps
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
    sketched_sizes: Annotated[tuple[int, ...], LeftOut(())] = ()

    @property
    def stream_key(self) -> str:
        """Key of the streams of the population."""
        return stream_key(self.seed, population_definition(self.population))

    @property
    def functions(self) -> tuple[str, ...]:
        """Functions by which people are drawn and biased."""
        return functions_of(self.population, self.bias)

    def opened(self, paths: Sequence[str]) -> "DrawSpec":
        """Return the same with the files of its functions where they lie, after any data file."""
        files = dict.fromkeys(split(function)[0] for function in self.functions)
        where = dict(zip(files, paths[self.population.data is not None :], strict=True))

        def moved_to(step: ByFunction) -> ByFunction:
            return replace(step, function=moved(step.function, where))

        population = replace(self.population, draw=moved(self.population.draw, where))
        return replace(self, population=population, bias=with_functions(self.bias, moved_to))


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
    if pool is None and keeps_all and not (needs_chance(spec.bias) or spec.functions):
        (_draw_planned if spec.sampling == "stratified" else _draw_by_chance)(spec, samples)
        heights_cm = recorded_cm(spec.bias, samples.heights_cm)
        samples = replace(samples, heights_cm=heights_cm)
    else:
        streams = Streams(spec.stream_key)
        met = _plan(spec, spec.largest_size if keeps_all else 2 * spec.largest_size)
        for row in range(len(replicates)):
            while not _draw_replicate(spec, pool, streams, met, samples, row):
                if spec.functions and met.people > MOST_MET * spec.largest_size:
                    raise _too_few(spec, met.people)
                # The streams give the same people again, and then more: nobody is drawn anew.
                met = _plan(spec, met.people + met.people // 4 + 1)
    if not spec.sketched_sizes:
        return samples
    # Compiled code is slow to import: only for samples that are sketched.
    from stature.design.chunks import draw_sketches

    return replace(samples, sketches=draw_sketches(spec, pool))


def _too_few(spec: DrawSpec, people: int) -> FileError:
    """Functions that leave too few for a sample."""
    kind = "of every group " if spec.sampling == "stratified" else ""
    return FileError(
        f"{', '.join(spec.functions)}: expected enough people {kind}for a sample of "
        f"{spec.largest_size:,}, got too few among {people:,}"
    )


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
    if spec.functions:
        people = -(-people // AT_A_TIME) * AT_A_TIME  # they are asked for so many at a time
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
    population, names = spec.population, spec.population.group_names
    if population.draw:
        function, chance = (
            (population.draw, population.sha256),
            streams.at(Purpose.PEOPLE, replicate),
        )
        groups, drawn_cm = people_by(function, names, chance, met.people)
        members = members_of(groups, len(names))
        met_cm = tuple(drawn_cm[here] for here in members)
    else:
        if spec.sampling == "random":
            uniform = streams.at(Purpose.GROUPS, replicate).random(met.people)
            members = members_of(groups_by_chance(population, uniform), len(names))
        variate = variates(streams.at(Purpose.PEOPLE, replicate), pool, met.people)
        met_cm = heights_of(population, pool, members, variate)
    readings = Readings(lambda purpose, turn: streams.at(purpose, replicate, turn))
    kept = keep(population, spec.bias, members, met_cm, readings)
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
