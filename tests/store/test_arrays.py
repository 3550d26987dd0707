import numpy as np
import pyarrow as pa
import pytest

from stature.store.arrays import codes_of, numbers_of, of_names, of_numbers, of_texts

# Lengths around those at which bits fill a byte.
LENGTHS = (0, 1, 7, 8, 9, 64, 65)
KINDS = (np.int8, np.int16, np.int32, np.int64, np.float64, np.bool_)


def values(length: int, kind: type[np.generic]) -> np.ndarray:
    """So many values of a kind, no two neighbours alike."""
    return (np.arange(length) * 37 % 101 - 3).astype(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", LENGTHS)
def test_numbers_are_those_that_arrow_makes_of_them(length: int, kind: type[np.generic]):
    found = of_numbers(values(length, kind))
    found.validate(full=True)
    assert found.equals(pa.array(values(length, kind)))


@pytest.mark.parametrize("missing", [[], [0], [8], [0, 3, 8], list(range(9))])
def test_nan_is_null_where_that_is_asked_for_and_else_a_number(missing: list[int]):
    numbers = values(9, np.float64)
    numbers[missing] = np.nan
    found = of_numbers(numbers, nan_is_null=True)
    found.validate(full=True)
    assert found.equals(pa.array(numbers, from_pandas=True))
    assert found.null_count == len(missing)
    assert of_numbers(numbers).null_count == 0


def test_every_second_number_of_an_array_is_taken_in_its_order():
    every_second = values(20, np.float64)[::2]
    assert of_numbers(every_second).to_pylist() == every_second.tolist()


@pytest.mark.parametrize("texts", [[], [""], ["a", "", "boys"], ["身高", "a" * 300, "é"]])
def test_texts_are_those_that_arrow_makes_of_them(texts: list[str]):
    found = of_texts(texts)
    found.validate(full=True)
    assert found.equals(pa.array(texts, pa.string()))


@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize("length", LENGTHS)
def test_numbers_come_back_in_the_same_memory(length: int, kind: type[np.generic]):
    column = of_numbers(values(length, kind))
    found = numbers_of(column)
    assert found.dtype == kind
    assert np.array_equal(found, values(length, kind))
    if length:
        assert found.__array_interface__["data"][0] == column.buffers()[1].address


@pytest.mark.parametrize("column", [pa.array([1.0, None]), pa.array(["a"])])
def test_what_is_not_all_numbers_is_refused(column: pa.Array):
    with pytest.raises(TypeError, match="expected numbers without nulls"):
        numbers_of(column)


def test_names_come_back_as_their_codes_whatever_order_they_are_stored_in():
    column = pa.chunked_array([of_names(np.array([1, 0, 1, 2]), ("a", "b", "c"))])
    assert codes_of(column, ("a", "b", "c")).tolist() == [1, 0, 1, 2]
    assert codes_of(column, ("c", "b", "a")).tolist() == [1, 2, 1, 0]


def test_an_unknown_name_is_refused():
    column = pa.chunked_array([of_names(np.array([0]), ("lost",))])
    with pytest.raises(ValueError, match="expected one of converged, got 'lost'"):
        codes_of(column, ("converged",))
