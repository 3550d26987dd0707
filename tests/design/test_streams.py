from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stature.design.samples import DrawSpec
from stature.design.streams import (
    Purpose,
    Streams,
    decode,
    encode,
    population_definition,
    stream_key,
)
from stature.domain.bias import NoBias, Selection, Truncation
from stature.domain.population import DataFile, Group, Population

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
KEY = stream_key(20261122, population_definition(SCHOOL))

# Golden: a change in any of these redraws every published sample.
GOLDEN_KEY = "5ed1ac6f3a3dca9dc343fc0cec8ca68f"
GOLDEN_NORMALS = {
    (Purpose.PEOPLE, 0): ("0x1.65db95aba88e4p-1", "-0x1.89237f9238f70p-4"),
    (Purpose.PEOPLE, 999): ("-0x1.a0ef48ee71538p-1", "0x1.605b3a7afb66ap+1"),
    (Purpose.STARTS, 0): ("-0x1.591b2ca9020b4p+1", "0x1.6c88d99ff6001p-2"),
}
GOLDEN_UNIFORMS = {
    (Purpose.GROUPS, 0): ("0x1.30750c828f8f0p-1", "0x1.7d05c6c0076cap-2"),
    (Purpose.SELECTION, 999): ("0x1.9c8433f815296p-2", "0x1.fd94441a4e9f8p-1"),
    (Purpose.BOOTSTRAP, 0): ("0x1.e403f1e464384p-3", "0x1.cffd68a270c4ap-2"),
}


def test_the_key_of_the_default_school_never_changes():
    assert population_definition(SCHOOL) == "[[0.5,163.0,6.5],[0.5,176.0,7.0]]"
    assert KEY == GOLDEN_KEY


@pytest.mark.parametrize(("address", "numbers"), GOLDEN_NORMALS.items())
def test_normals_of_a_stream_never_change(address: tuple[Purpose, int], numbers: tuple[str, str]):
    drawn = Streams(KEY).at(*address).standard_normal(2)
    assert [float(number).hex() for number in drawn] == list(numbers)


@pytest.mark.parametrize(("address", "numbers"), GOLDEN_UNIFORMS.items())
def test_uniforms_of_a_stream_never_change(address: tuple[Purpose, int], numbers: tuple[str, str]):
    drawn = Streams(KEY).at(*address).random(2)
    assert [float(number).hex() for number in drawn] == list(numbers)


def test_purposes_have_the_words_of_the_counter_that_they_always_had():
    said = "people groups selection starts bootstrap recording noise classes labels outside"
    words = (*said.split(), "function", "posterior")
    assert [one.name.lower() for one in Purpose] == [*words]
    assert [*Purpose] == [*range(1, 13)]


@given(st.sampled_from(list(Purpose)), st.integers(0, 10**6), st.integers(0, 9))
def test_a_stream_is_that_of_a_fresh_generator_at_its_counter(
    purpose: Purpose, replicate: int, turn: int
):
    key = np.array([int(KEY[:16], 16), int(KEY[16:], 16)], dtype=np.uint64)
    counter = np.array([0, purpose, replicate, turn], dtype=np.uint64)
    streams = Streams(KEY)
    # Whatever was drawn before, half of a word of the counter too.
    streams.at(Purpose.PEOPLE, 3).integers(0, 9, dtype=np.uint32)
    for usual in (False, True) if turn == 0 else (False,):
        fresh = np.random.Generator(np.random.Philox(key=key, counter=counter))
        drawn = streams.at(purpose, replicate) if usual else streams.at(purpose, replicate, turn)
        assert drawn.integers(0, 2**32, dtype=np.uint32) == fresh.integers(
            0, 2**32, dtype=np.uint32
        )
        assert (drawn.standard_normal(9) == fresh.standard_normal(9)).all()


def test_streams_of_all_purposes_and_replicates_differ():
    streams = Streams(KEY)
    first = [streams.at(purpose, r).random() for purpose in Purpose for r in range(200)]
    assert len(set(first)) == len(first)


def test_a_renamed_population_keeps_its_people_and_a_changed_one_does_not():
    renamed = Population("pupils", (Group("f", 0.5, 163.0, 6.5), Group("m", 0.5, 176.0, 7.0)))
    taller = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 177.0, 7.0)))
    assert population_definition(renamed) == population_definition(SCHOOL)
    assert population_definition(taller) != population_definition(SCHOOL)


def test_an_empirical_population_is_its_bytes_and_columns():
    groups = SCHOOL.groups
    here = Population("galton", groups, DataFile("data/a.csv", "height", "in", "sex", "ab12"))
    moved = Population("galton", groups, DataFile("b.csv", "height", "in", "sex", "ab12"))
    edited = Population("galton", groups, DataFile("data/a.csv", "height", "in", "sex", "ff00"))
    assert population_definition(here) == population_definition(moved)
    assert population_definition(here) != population_definition(edited)


def test_the_seed_may_have_128_bits():
    keys = {stream_key(seed, "x") for seed in (0, 1, 2**64, 2**128 - 1)}
    assert len(keys) == 4


@dataclass(frozen=True, slots=True)
class Record:
    b: int
    a: tuple[float, ...]


def test_keys_are_sorted_and_a_number_keeps_its_kind():
    assert encode(Record(1, (1.0, 0.1))) == '{"a":[1.0,0.1],"b":1}'


@pytest.mark.parametrize("bias", [NoBias(), Selection(0.05, "boys"), Truncation(below_cm=160.0)])
def test_a_record_comes_back_as_it_was(bias: NoBias | Selection | Truncation):
    population = Population("school", (Group("girls", 1.0, 163.0, 6.5),))
    spec = DrawSpec(population, bias, "random", 2**100, 0, 9, 100)
    assert decode(DrawSpec, encode(spec)) == spec


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode([float("nan")])


def test_a_text_that_is_no_such_record_is_refused():
    with pytest.raises(ValidationError):
        decode(Record, '{"b": 1}')
