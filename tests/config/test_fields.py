from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from stature.config.fields import items, real, whole, word, word_or_numbers


def refusal(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(value)
    return error.value.errors()[0]["msg"]


def test_a_whole_number_may_have_a_point_and_nothing_behind_it() -> None:
    kind = Annotated[int, whole("a whole number ≥ 2", 2)]
    assert TypeAdapter(kind).validate_python(100.0) == 100
    for value in (True, "100", 100.5, 1, None, float("nan")):
        assert refusal(kind, value) == "expected a whole number ≥ 2"


def test_limits_may_be_included_or_not() -> None:
    open_ = Annotated[float, real("x", above=0.0, below=1.0)]
    closed = Annotated[float, real("x", lowest=0.0, highest=1.0)]
    for value in (0, 1):
        assert refusal(open_, value) == "expected x"
        assert TypeAdapter(closed).validate_python(value) == value


def test_words_and_numbers_go_into_one_key() -> None:
    kind = Annotated[str | tuple[float, ...], word_or_numbers(("free",), "numbers")]
    assert TypeAdapter(kind).validate_python("free") == "free"
    assert TypeAdapter(kind).validate_python([1, 2.5]) == (1.0, 2.5)
    for value in ("fre", [], [True], ["1"], [float("inf")], [10**400], None):
        assert refusal(kind, value) == "expected free, or numbers"


def test_a_single_number_is_a_list_where_that_is_allowed() -> None:
    several = Annotated[list[int], items("a list", scalar=True)]
    assert TypeAdapter(several).validate_python(3) == [3]
    assert refusal(several, True) == "expected a list"
    assert refusal(Annotated[list[int], items("a list")], 3) == "expected a list"


def test_a_word_is_one_of_its_list() -> None:
    assert refusal(Annotated[str, word("all", "none")], ["all"]) == "expected a word"
