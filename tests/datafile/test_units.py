"""Units: which unit a column of numbers speaks for, and when it speaks for several."""

import numpy as np
import pytest

from stature.datafile.units import CM_PER_UNIT, UNITS, likely_unit, mixed_bands, occupied_bands


def test_every_unit_has_its_length() -> None:
    assert set(CM_PER_UNIT) == set(UNITS)
    assert 12 * CM_PER_UNIT["in"] == pytest.approx(30.48)  # a foot, by definition
    assert CM_PER_UNIT["m"] == 100 * CM_PER_UNIT["cm"]


@pytest.mark.parametrize(
    ("middle", "unit"), [(67.0, "in"), (170.0, "cm"), (1.7, "m"), (1700.0, "mm")]
)
def test_the_median_speaks_for_a_unit(middle: float, unit: str) -> None:
    band = likely_unit(np.array([0.0, middle, middle, middle, 9999.0]))
    assert band is not None
    assert band.unit == unit


def test_numbers_like_no_height_speak_for_no_unit() -> None:
    assert likely_unit(np.array([5.5, 6.0, 5.8])) is None


def test_bands_are_counted_fullest_first_with_the_place_of_the_first() -> None:
    bands = occupied_bands(np.array([1.7, 66.0, 170.0, 171.0]))
    assert [(band.unit, band.count, band.first) for band in bands] == [
        ("cm", 2, 2),
        ("in", 1, 1),
        ("m", 1, 0),
    ]


def test_one_outlier_is_no_second_unit() -> None:
    assert mixed_bands(np.array([170.0] * 198 + [57.0])) == ()


def test_growing_children_fill_the_gap_between_inches_and_cm() -> None:
    assert mixed_bands(np.linspace(55.0, 180.0, 100)) == ()
    assert (
        len(mixed_bands(np.concatenate([np.linspace(55, 75, 50), np.linspace(140, 190, 50)]))) == 2
    )
