"""Samples: the people that each replicate of a scenario measures.

People are met in an order fixed by the streams and kept or not by the bias, so that all biases of
a population look at the same people, and the sample of size n is the first n people of the sample
of any larger size.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stature.design.meeting import groups_by_chance, keep, members_of, variates
from stature.design.readings import Readings
from stature.design.sketches import Sketches
from stature.design.streams import Purpose, Streams, population_definition, stream_key
from stature.domain.bias import (
    Bias,
    keeps_everybody,
    needs_chance,
    recorded_cm,
    writes_labels,
)
from stature.domain.labelling import NO_LABEL
from stature.domain.model import Sampling
from stature.domain.population import Pool, Population
from stature.domain.sampling import stratified_groups

CHUNK = 1 << 14  # people drawn at a time: their numbers stay in the cache

SamplesRule = Literal["keep", "sketch"]


def _is_empty(sizes: tuple[int, ...]) -> bool:
    """Whether there are none."""
    return not sizes


@dataclass(frozen=True, slots=True)
class DrawSpec:
    """All that the samples of a block depend on.

    Attributes
    ----------
    population : Population
        Where people come from.
    bias : Bias
        How the sample departs from it.
    sampling : {"stratified", "random"}
        Whether the number of people of each group is fixed.
    seed : int
        Root seed of the study.
    first, last : int
        First and last replicate of the block.
    largest_size : int
        People in each replicate that are kept as people.
    sketched_sizes : tuple of int
        Larger sizes, ascending, of which sketches are kept; left out of the JSON where there are
        none, so that nothing is drawn again because other studies have some.
    """

    population: Population
    bias: Bias
    sampling: Sampling
    seed: int
    first: int
    last: int
    largest_size: int
    sketched_sizes: Annotated[tuple[int, ...], Field(exclude_if=_is_empty)] = ()


@dataclass(frozen=True, slots=True)
class Samples:
    """The people of a block of replicates.

    Attributes
    ----------
    replicates : array of int32, shape (r,)
        Absolute replicate numbers.
    heights_cm : array, shape (r, n)
        Heights as recorded, in cm, in the order in which people were measured.
    group_index : array of int8, shape (r, n)
        True group of each person, an index into `group_names`.
    group_names : tuple of str
        Names of the groups, in the order of their means.
    sketches : Sketches or None
        Sketches of larger samples of the same replicates, that begin with the same people.
    labels : array of int8, shape (r, n), or None
        Groups as they were written down, `NO_LABEL` where none was; None: they are the true ones.
    """

    replicates: NDArray[np.int32]
    heights_cm: NDArray[np.float64]
    group_index: NDArray[np.int8]
    group_names: tuple[str, ...]
    sketches: Sketches | None = None
    labels: NDArray[np.int8] | None = None

    @property
    def written_labels(self) -> NDArray[np.int8]:
        """Groups as far as, and as, they were written down, shape (r, n)."""
        return self.group_index if self.labels is None else self.labels


def draw(spec: DrawSpec, pool: Pool | None = None) -> Samples:
    """Draw the samples of a block.

    Parameters
    ----------
    spec : DrawSpec
        Scenario, seed, replicates and size.
    pool : Pool, optional
        The people of an empirical population; needed if and only if the population is one.

    Returns
    -------
    Samples
        Replicates `first` to `last`, `largest_size` people each, and sketches of larger samples
        where the spec asks for them.

    Raises
    ------
    ValueError
        If the pool is missing, or given for a population of normal groups; or if sketches are
        asked for of people whose labels are not their groups.

    Notes
    -----
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


def _draw_planned(
    spec: DrawSpec,
    streams: Streams,
    heights_cm: NDArray[np.float64],
    group_index: NDArray[np.int8],
) -> None:
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


def _draw_by_chance(
    spec: DrawSpec, key: str, heights_cm: NDArray[np.float64], group_index: NDArray[np.int8]
) -> None:
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
    members: tuple[NDArray[np.intp], ...]
    places: tuple[NDArray[np.intp], ...]


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
    heights_cm: NDArray[np.float64],
    group_index: NDArray[np.int8],
    labels: NDArray[np.int8] | None,
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
