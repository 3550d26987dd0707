from dataclasses import dataclass

import pytest
from pydantic import ValidationError

from stature.design.canonical import decode, encode
from stature.design.samples import DrawSpec
from stature.domain.bias import NoBias, Selection, Truncation
from stature.domain.population import Group, Population


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
