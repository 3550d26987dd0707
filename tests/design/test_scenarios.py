from itertools import pairwise

import pytest

from stature.design.scenarios import Block, NamedBias, Scenario, block_named, blocks, rounds
from stature.domain.bias import NoBias
from stature.domain.population import Group, Population


def test_a_scenario_is_named_by_its_population_and_its_bias():
    population = Population("school", (Group("girls", 1.0, 163.0, 6.5),))
    assert Scenario(population, NamedBias("none", NoBias()), "random").slug == "school.none"


@pytest.mark.parametrize(("replicates", "width"), [(1000, 250), (1000, 300), (3, 10), (1, 1)])
def test_blocks_cover_all_replicates_once(replicates: int, width: int):
    covered = [r for block in blocks(replicates, width) for r in block.replicates]
    assert covered == list(range(replicates))


def test_more_replicates_keep_the_full_blocks():
    assert set(blocks(1000, 250)) < set(blocks(2000, 250))


def test_a_block_is_found_by_its_name():
    assert block_named(Block(250, 499).name) == Block(250, 499)


@pytest.mark.parametrize(("first", "last"), [(200, 4000), (200, 1600), (200, 200), (3, 50), (7, 8)])
def test_rounds_double_and_end_at_the_last(first: int, last: int):
    ends = rounds(first, last)
    assert (ends[0], ends[-1]) == (first, last)
    assert len(set(ends)) == len(ends)
    assert all(2 * one == other for one, other in pairwise(ends[:-1]))
    assert ends[-1] <= 2 * ends[-2] if len(ends) > 1 else first == last


def test_a_later_end_keeps_the_rounds_before_it():
    assert set(rounds(200, 1600)) < set(rounds(200, 5000))


@pytest.mark.parametrize("width", [7, 100, 250, 1000])
def test_no_block_spans_the_end_of_a_round(width: int):
    ends = rounds(200, 1000)
    found = blocks(1000, width, ends)
    assert [r for block in found for r in block.replicates] == list(range(1000))
    for end in ends:
        assert set(blocks(end, width, ends)) <= set(found)
