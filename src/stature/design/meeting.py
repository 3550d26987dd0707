"""Meeting people: who a met person is, whether they are kept, and what is recorded of them.

What is drawn of a person is one number of the stream of people, and, where the design or the bias
asks for it, one of the streams of groups, and of those that the steps of the bias read. Each step
reads streams of its own: of its purpose, and, among the steps of a sequence that have the same
purpose, of its turn. So the volunteers of a selection are the same people, whatever is rounded
before or after. How many people are met at a time changes nobody: streams are read one number after
another.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats, Int8s, Positions
from stature.design.brought import biased_by
from stature.design.streams import Purpose, Streams
from stature.domain.bias import (
    Bias,
    ByFunction,
    Chance,
    Classes,
    Labelling,
    Selecting,
    Step,
    keep_probability,
    labels_after,
    reads,
    recorded_cm,
    steps_of,
    writes_labels,
)
from stature.domain.population import Pool, Population


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
    if isinstance(step, ByFunction):
        return Purpose.FUNCTION
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

    def generator(self, step: Step, turn: int) -> np.random.Generator:
        """Return the generator of a step, where it was left."""
        return self._stream(_purpose(step), turn)

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
    members: tuple[Positions, ...],
    met_cm: tuple[Floats, ...],
    readings: Readings,
) -> Kept:
    """Decide who is kept of the people met, and what is recorded of them.

    `members`, `met_cm`: places of the people of each group among those met, and their heights.

    Everybody who is met has numbers of their own in each stream, kept or not, so that a person is
    the same no matter who else is turned away.
    """
    heights_cm, places = list(met_cm), list(members)
    labels: list[Int8s] = []
    if writes_labels(bias):
        labels = [np.full(len(here), index, np.int8) for index, here in enumerate(members)]
    people = sum(map(len, members))
    for step, turn in zip(steps_of(bias), turns_of(bias), strict=True):
        if isinstance(step, ByFunction):
            who = (step.function, step.sha256), population.group_names, places, heights_cm
            kept, written_cm = biased_by(*who, readings.generator(step, turn))
            places = [here[own] for here, own in zip(places, kept, strict=True)]
            heights_cm = [here[own] for here, own in zip(written_cm, kept, strict=True)]
            labels = [here[own] for here, own in zip(labels, kept, strict=bool(labels))]
            continue
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


def heights_of(
    population: Population, pool: Pool | None, members: tuple[Positions, ...], variate: Floats
) -> tuple[Floats, ...]:
    """True heights in cm of the people met, group by group, from the stream of people."""
    each = enumerate(members)
    return tuple(_heights_cm(population, pool, index, variate[here]) for index, here in each)


def _heights_cm(population: Population, pool: Pool | None, index: int, variate: Floats) -> Floats:
    """True heights in cm of people of one group, from their standard normals or uniforms."""
    if pool is None:
        # mean + sd z with z from standard_normal: equal to the bit on every machine.
        group = population.groups[index]
        return group.mean_cm + group.sd_cm * variate
    people_cm = pool.heights_cm[index]
    return people_cm[(variate * len(people_cm)).astype(np.intp)]
