"""Meeting people: who a met person is, and whether they are kept.

What is drawn of a person is one number of the stream of people, and, where the design or the bias
asks for it, one of the streams of groups and of selection. How many people are met at a time
changes nobody: streams are read one number after another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stature.design.streams import Purpose, Streams
from stature.domain.bias import Bias, keep_probability, keeps_everybody
from stature.domain.population import Pool, Population


@dataclass(frozen=True, slots=True)
class Kept:
    """Those of the people met who are kept, group by group, in the order of meeting.

    Attributes
    ----------
    places : tuple of array of int, one of shape (n_k,) for each group
        Their places among the people met.
    heights_cm : tuple of array, one of shape (n_k,) for each group
        Their true heights in cm.
    """

    places: tuple[NDArray[np.intp], ...]
    heights_cm: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class Draws:
    """The generators of one replicate, each somewhere in its stream.

    Attributes
    ----------
    people, groups, selection : numpy.random.Generator
        What heights, groups and the decisions on who is kept come from.
    """

    people: np.random.Generator
    groups: np.random.Generator
    selection: np.random.Generator


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
        Three generators of their own, to be read side by side.
    """
    return Draws(
        Streams(key).at(Purpose.PEOPLE, replicate),
        Streams(key).at(Purpose.GROUPS, replicate),
        Streams(key).at(Purpose.SELECTION, replicate),
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
    selection: np.random.Generator,
) -> Kept:
    """Decide who is kept of the people met.

    Parameters
    ----------
    population : Population
        Where people come from.
    bias : Bias
        How they are kept.
    pool : Pool or None
        The people of an empirical population.
    members : tuple of array of int, one of shape (n_k,) for each group
        Positions of the people of each group among those met.
    variate : array, shape (n,)
        What `variates` drew.
    selection : numpy.random.Generator
        The stream of selection; read only if the bias turns people away.

    Returns
    -------
    Kept
        Those who are kept.
    """
    heights_cm = [
        _heights_cm(population, pool, index, variate[here]) for index, here in enumerate(members)
    ]
    places = list(members)
    if not keeps_everybody(bias):
        chance = selection.random(len(variate))
        for index, name in enumerate(population.group_names):
            probability = keep_probability(bias, heights_cm[index], name, population.mean_cm)
            chosen = chance[members[index]] < probability
            places[index] = members[index][chosen]
            heights_cm[index] = heights_cm[index][chosen]
    return Kept(tuple(places), tuple(heights_cm))


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
