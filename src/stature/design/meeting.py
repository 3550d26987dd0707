"""Meeting people: who a met person is, whether they are kept, and what is written down of them.

What is drawn of a person is one number of the stream of people, and, where the design or the bias
asks for it, one of the streams of groups, of selection and of recording. How many people are met at
a time changes nobody: streams are read one number after another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stature.design.readings import Readings, turns_of
from stature.design.streams import Purpose, Streams
from stature.domain.bias import Bias, keep_probability, recorded_cm, steps_of, writes_labels
from stature.domain.labelling import Labelling, labels_after
from stature.domain.population import Pool, Population
from stature.domain.recording import Chance
from stature.domain.selecting import Selecting, Truncation


@dataclass(frozen=True, slots=True)
class Kept:
    """Those of the people met who are kept, group by group, in the order of meeting.

    Attributes
    ----------
    places : tuple of array of int, one of shape (n_k,) for each group
        Their places among the people met.
    heights_cm : tuple of array, one of shape (n_k,) for each group
        Their heights in cm, as they are written down.
    labels : tuple of array of int8, one of shape (n_k,) for each group
        Their labels, as they are written down; empty where every label is the group.
    """

    places: tuple[NDArray[np.intp], ...]
    heights_cm: tuple[NDArray[np.float64], ...]
    labels: tuple[NDArray[np.int8], ...] = ()


@dataclass(frozen=True, slots=True)
class Draws:
    """The generators of one replicate, each somewhere in its stream.

    Attributes
    ----------
    people, groups : numpy.random.Generator
        What heights and groups come from.
    readings : Readings
        What the steps of a bias read.
    """

    people: np.random.Generator
    groups: np.random.Generator
    readings: Readings


def draws(key: str, replicate: int) -> Draws:
    """Generators at the beginning of the streams of a replicate.

    Parameters
    ----------
    key : str
        Key of the population's streams.
    replicate : int
        Absolute replicate number.

    Returns
    -------
    Draws
        Generators of their own, to be read side by side.
    """
    return Draws(
        Streams(key).at(Purpose.PEOPLE, replicate),
        Streams(key).at(Purpose.GROUPS, replicate),
        # Each stream that a step reads has a generator of its own too.
        Readings(lambda purpose, turn: Streams(key).at(purpose, replicate, turn)),
    )


def members_of(group_index: NDArray[np.int8], groups: int) -> tuple[NDArray[np.intp], ...]:
    """Positions of the people of each group, in their order.

    Parameters
    ----------
    group_index : array of int8, shape (n,)
        Group of each person.
    groups : int
        Number of groups.

    Returns
    -------
    tuple of array of int, one of shape (n_k,) for each group
        Positions among the n.
    """
    return tuple(np.flatnonzero(group_index == index) for index in range(groups))


def groups_by_chance(population: Population, uniform: NDArray[np.float64]) -> NDArray[np.int8]:
    """Groups of people who are met at random.

    Parameters
    ----------
    population : Population
        Whose shares count.
    uniform : array, shape (n,)
        Uniform numbers of the stream of groups.

    Returns
    -------
    array of int8, shape (n,)
        Index of the group of each person.
    """
    index = np.zeros(len(uniform), np.int8)
    # For a few groups a comparison with each bound is quicker than a search among them.
    for below in np.cumsum(population.shares)[:-1]:
        index += uniform >= below
    return index


def variates(generator: np.random.Generator, pool: Pool | None, people: int) -> NDArray[np.float64]:
    """Numbers of the stream of people.

    Parameters
    ----------
    generator : numpy.random.Generator
        The stream.
    pool : Pool or None
        The people of an empirical population.
    people : int
        How many people are met.

    Returns
    -------
    array, shape (people,)
        Standard normals, or uniforms for a pool.
    """
    return generator.standard_normal(people) if pool is None else generator.random(people)


def keep(
    population: Population,
    bias: Bias,
    pool: Pool | None,
    members: tuple[NDArray[np.intp], ...],
    variate: NDArray[np.float64],
    readings: Readings,
) -> Kept:
    """Decide who is kept of the people met, and what is written down of them.

    Parameters
    ----------
    population : Population
        Where people come from.
    bias : Bias
        Who is kept, and what is written down.
    pool : Pool or None
        The people of an empirical population.
    members : tuple of array of int, one of shape (n_k,) for each group
        Positions of the people of each group among those met.
    variate : array, shape (n,)
        What `variates` drew.
    readings : Readings
        The streams that the bias reads; it goes on by n people.

    Returns
    -------
    Kept
        Those who are kept.

    Notes
    -----
    Everybody who is met has numbers of their own in each stream, kept or not, so that a person is
    the same whoever else is turned away.
    """
    heights_cm = [
        _heights_cm(population, pool, index, variate[here]) for index, here in enumerate(members)
    ]
    places = list(members)
    labels: list[NDArray[np.int8]] = []
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


def _those(chance: Chance, places: NDArray[np.intp]) -> Chance:
    """Random numbers of some of the people met; those that were not read stay empty."""
    return Chance(
        *(
            numbers[places] if len(numbers) else numbers
            for numbers in (chance.uniform, chance.normal, chance.of_class)
        )
    )


def _heights_cm(
    population: Population, pool: Pool | None, index: int, variate: NDArray[np.float64]
) -> NDArray[np.float64]:
    """True heights in cm of people of one group, from their standard normals or uniforms."""
    if pool is None:
        # mean + sd z with z from standard_normal: equal to the bit on every machine.
        group = population.groups[index]
        return group.mean_cm + group.sd_cm * variate
    people_cm = pool.heights_cm[index]
    return people_cm[(variate * len(people_cm)).astype(np.intp)]
