"""Numbers as sentences write them: to the digits of their errors, at every scale."""

import math
from decimal import Decimal

import numpy as np
import pytest

from stature.datafile.digits import amount, number, places_of, with_error


def by_hand(value: float, error: float, digits: int) -> str:
    """A number by decimals: to the place of the last digit of its error."""
    place = Decimal(f"{error:.{digits - 1}e}").adjusted() - digits + 1
    size = max(abs(value), error)
    power = Decimal(size).adjusted()
    plain = 1e-5 <= size < 1e9
    shown = Decimal(value) if plain else Decimal(value).scaleb(-power)
    places = -place if plain else power - place
    # To tens and hundreds, and then without decimals.
    rounded = shown.quantize(Decimal(1).scaleb(-places)) if plain else shown
    return f"{rounded:.{max(places, 0)}f}" + ("" if plain else f"e{power}")


@pytest.mark.parametrize("digits", [2, 3])
def test_a_number_ends_where_its_error_does_at_every_scale(digits: int) -> None:
    random = np.random.default_rng(12)
    for _ in range(4000):
        far = bool(random.integers(2))
        value = random.normal() * 10.0 ** (far * random.uniform(-280, 280))
        value *= 10.0 ** random.integers(-7, 11)
        error = abs(value) * 10.0 ** random.uniform(-10, 1)
        assert number(value, error, digits) == by_hand(value, error, digits)
        if digits == 2:
            both = f"{by_hand(value, error, 2)} ± "
            assert with_error(value, error).startswith(both)


@pytest.mark.parametrize("size", [0.99e-5, 1e-5, 1.01e-5, 0.99e9, 1e9, 1.01e9])
def test_powers_of_ten_begin_where_zeros_would_be_counted(size: float) -> None:
    for value in (size, -size):
        assert number(value, size / 100) == by_hand(value, size / 100, 2)


def test_no_more_digits_are_written_than_a_double_holds() -> None:
    assert number(170.25, 1e-20) == f"{170.25:.13f}"
    assert number(1.5e12, 1e-9) == "1.500000000000000e12"
    assert with_error(0.5, 1e-30) == f"{0.5:.16f} ± {0.0:.16f}"


@pytest.mark.parametrize("power", [-300, -5, -1, 0, 1, 8, 200])
def test_a_size_that_rounds_up_has_its_first_digit_one_place_higher(power: int) -> None:
    assert places_of(float(f"9.94e{power}")) == 1 - power
    assert places_of(float(f"9.96e{power}")) == -power
    assert places_of(float(f"9.96e{power}"), 3) == 2 - power


def test_without_an_error_there_are_six_digits_or_those_of_the_spread() -> None:
    for error in (math.nan, 0.0, -1.0, math.inf):
        assert number(1.23456789, error) == "1.23457"
        assert with_error(1.23456789, error) == "1.23457"
        assert with_error(1.23456789, error, 6.54) == "1.23"
    assert number(1.23456789, math.nan, sign="+") == "+1.23457"
    for value in (math.nan, math.inf, -math.inf):
        assert number(value, 0.1) == with_error(value, 0.1) == "–"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (-1.254, "-1.25"),
        (0.9994, "0.999"),
        (12.346, "12.35"),
        (-0.12346, "-0.123"),
        (1e15, "1e+15"),
        (123456789012345.0, "123456789012345"),
    ],
)
def test_how_many_there_are_has_two_decimals_or_three_digits(count: float, words: str) -> None:
    assert amount(count) == words
