"""Signs that only a doctor looks for."""

import numpy as np
import pytest

from stature.datafile.signs import code_signs, digit_signs, end_signs, tie_signs

HEIGHTS = np.rint(170.0 + 9.0 * np.random.default_rng(20261122).standard_normal(1000))


@pytest.mark.parametrize("code", [999.0, -9.0, 0.0, 9999.0, 7777.0])
def test_a_number_outside_that_is_a_known_code_is_named(code: float) -> None:
    values = np.append(HEIGHTS, code)
    (sign,) = code_signs(values, values == code, "height")
    assert f"{code:g} (1 row): likely a code for a missing height" in sign


def test_a_repeated_number_outside_is_a_likely_code_and_a_single_one_is_not() -> None:
    twice = np.append(HEIGHTS, [444.0, 444.0, 321.0])
    (sign,) = code_signs(twice, twice > 300, "height")
    assert "444 (2 rows): likely" in sign
    assert "321" not in sign


def test_a_repeated_code_within_the_range_is_named_where_it_stands_out() -> None:
    values = np.append(HEIGHTS, [99.0] * 7)
    (sign,) = code_signs(values, np.zeros(len(values), np.bool_), "height")
    assert "99 (7 rows)" in sign
    assert code_signs(HEIGHTS, np.zeros(len(HEIGHTS), np.bool_), "height") == []


def test_a_spike_at_an_end_is_told_with_its_share() -> None:
    (sign,) = end_signs(np.minimum(HEIGHTS, 180.0), "height")
    share = 100 * (HEIGHTS >= 180.0).mean()
    assert f"{share:.3g} % lie at the largest value 180: top-coded?" in sign
    (sign,) = end_signs(np.maximum(HEIGHTS, 158.0), "height")
    assert "smallest value 158: bottom-coded?" in sign
    assert end_signs(HEIGHTS, "height") == []


def test_coarse_steps_are_told_with_the_option_in_cm() -> None:
    inches = np.rint(HEIGHTS / 2.54)
    sign, advice = digit_signs(inches, "in", "height")
    assert "written in steps of 1 in" in sign
    assert advice.endswith("--rounded 2.54")
    (sign,) = digit_signs(HEIGHTS, "cm", "height")
    assert "% end in 0 or 5, where chance puts 20 %" in sign
    assert "(no more than by chance)" in sign
    said = np.where(np.arange(1000) % 4 == 0, 10.0 * np.rint(HEIGHTS / 10.0), HEIGHTS)
    (sign,) = digit_signs(said, "cm", "height")
    assert "of 100 (strong)" in sign


def test_ties_are_counted() -> None:
    assert tie_signs(np.array([170.0, 170.0, 171.0]), "h") == [
        "column 'h': 2 distinct heights in 3 rows; the commonest, 170, stands in 2"
    ]
    assert tie_signs(np.array([170.0, 171.0]), "h") == ["column 'h': no two heights are equal"]
