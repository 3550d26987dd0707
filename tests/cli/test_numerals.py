"""Numerals: digits follow the standard error."""

import math

import pytest

from stature.cli.numerals import with_error


@pytest.mark.parametrize(
    ("value", "std_error", "text"),
    [
        (162.824092715, 0.2808, "162.82 ± 0.28"),
        (162.824092715, 0.0996, "162.82 ± 0.10"),
        (162.824092715, 12.4, "163 ± 12"),
        (0.4850107, 0.0163531, "0.485 ± 0.016"),
        (0.00001234, 0.0000021, "0.0000123 ± 0.0000021"),
        (162.824, 0.0, "162.82"),
        (162.824, math.nan, "162.82"),
        (math.nan, 1.0, "–"),
        (math.inf, 1.0, "–"),
    ],
)
def test_two_digits_of_the_standard_error_decide(value: float, std_error: float, text: str) -> None:
    assert with_error(value, std_error) == text
