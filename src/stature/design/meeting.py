"""Meeting people: who a met person is, whether they are kept, and what is written down of them.

What is drawn of a person is one number of the stream of people, and, where the design or the bias
asks for it, one of the streams of groups, of selection and of recording. How many people are met at
a time changes nobody: streams are read one number after another.
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats, Int8s, Positions
from stature.design.readings import Readings, turns_of
from stature.design.streams import Purpose, Streams
from stature.domain.bias import Bias, keep_probability, recorded_cm, steps_of, writes_labels
from stature.domain.labelling import Labelling, labels_after
from stature.domain.population import Pool, Population
from stature.domain.recording import Chance
from stature.domain.selecting import Selecting, Truncation


@dataclass(frozen=True, slots=True)
class Kept:
    """Those of the people met who are kept, group by group, in the order of meeting."""

    # shape (n_k,) for each group: their places among the people met
    places: tuple[Positions, ...]
    # shape (n_k,) for each group: their heights in cm, as they are written down
    heights_cm: tuple[Floats, ...]
    # shape (n_k,) for each group: their labels, as they are written down; empty where every label
    # is the group
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
    """Decide who is kept of the people met, and what is written down of them.

    Everybody who is met has numbers of their own in each stream, kept or not, so that a person is
    the same whoever else is turned away.
    """
    heights_cm = [
        _heights_cm(population, pool, index, variate[here]) for index, here in enumerate(members)
    ]
    places = list(members)
    labels: list[Int8s] = []
    if writes_labels(bias):
        labels = [np.full(len(here), index, np.int8) for index, here in enumerate(members)]
    people = len(variate)
    turns = turns_of(bias)
    for step, turn in zip(steps_of(bias), turns, strict=True):
        if isinstance(step, Selecting):
            # A cut leaves nothing to chance.
            luck = None if isinstance(step, Truncation) else readings.luck(turn, people)
            for index, name in enumerate(population.group_names):
                probability = keep_probability(step, heights_cm[index], name, population)
                here = places[index]
                chosen = probability > 0.0 if luck is None else luck[here] < probability
                places[index] = here[chosen]
                heights_cm[index] = heights_cm[index][chosen]
                if labels:
                    labels[index] = labels[index][chosen]
        elif isinstance(step, Labelling):
            lot = readings.lot(turn, people)
            for index, name in enumerate(population.group_names):
                those = labels[index], heights_cm[index], name, population
                labels[index] = labels_after(step, *those, lot[places[index]])
        else:
            chance = readings.chance(step, turn, people)
            for index, name in enumerate(population.group_names):
                here = _those(chance, places[index])
                heights_cm[index] = recorded_cm(step, heights_cm[index], name, here)
    readings.go_on(people)
    return Kept(tuple(places), tuple(heights_cm), tuple(labels))


def _those(chance: Chance, places: Positions) -> Chance:
    """Random numbers of some of the people met; those that were not read stay empty."""
    return Chance(
        *(
            numbers[places] if len(numbers) else numbers
            for numbers in (chance.uniform, chance.normal, chance.of_class)
        )
    )


def _heights_cm(population: Population, pool: Pool | None, index: int, variate: Floats) -> Floats:
    """True heights in cm of people of one group, from their standard normals or uniforms."""
    if pool is None:
        # mean + sd z with z from standard_normal: equal to the bit on every machine.
        group = population.groups[index]
        return group.mean_cm + group.sd_cm * variate
    people_cm = pool.heights_cm[index]
    return people_cm[(variate * len(people_cm)).astype(np.intp)]
