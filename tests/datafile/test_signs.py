"""Signs that only a doctor looks for: codes, ends, ties, steps, heaps and preference."""

import numpy as np
import pytest

from stature.datafile.signs import (
    code_signs,
    digit_preference,
    digit_signs,
    end_signs,
    heaps_of,
    share_on,
    step_of,
    tie_signs,
)

HEIGHTS = np.rint(170.0 + 9.0 * np.random.default_rng(20261122).standard_normal(1000))


@pytest.mark.parametrize("code", [999.0, -9.0, 0.0, 9999.0, 7777.0])
def test_a_number_outside_that_is_a_known_code_is_named(code: float) -> None:
    values = np.append(HEIGHTS, code)
    (sign,) = code_signs(values, values == code, "height")
    assert f"{code:g} (1 row): likely a code for a missing value" in sign


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


def test_coarse_steps_are_told_with_the_option_in_the_unit_of_the_file() -> None:
    inches = np.rint(HEIGHTS / 2.54)
    sign, advice = digit_signs(inches, "in", "height")
    assert "written in steps of 1 in" in sign
    assert advice.endswith("--rounded 1")
    (sign,) = digit_signs(HEIGHTS, "cm", "height")
    assert "% end in 0 or 5, where chance puts 20 %" in sign
    assert "(no more than by chance)" in sign
    said = np.where(np.arange(1000) % 4 == 0, 10.0 * np.rint(HEIGHTS / 10.0), HEIGHTS)
    (sign,) = digit_signs(said, "cm", "height")
    assert "of 100 (strong)" in sign


def test_ties_are_counted() -> None:
    assert tie_signs(np.array([170.0, 170.0, 171.0]), "h") == [
        "column 'h': 2 distinct values in 3 rows; the commonest, 170, stands in 2"
    ]
    assert tie_signs(np.array([170.0, 171.0]), "h") == ["column 'h': no two values are equal"]


FINE = 170.0 + 9.0 * np.random.default_rng(20261122).standard_normal(4000)


@pytest.mark.parametrize("step", [5.0, 1.0, 0.5, 0.25, 0.1, 0.01])
def test_the_step_of_rounded_heights_is_found(step: float) -> None:
    assert step_of(step * np.rint(FINE / step)) == step


def test_heights_off_the_marks_by_the_same_have_their_step() -> None:
    # Macdonell's men: every inch, a sixteenth beyond the whole ones.
    assert step_of(np.rint(FINE) + 0.0625) == 1.0


def test_heights_that_were_not_read_off_a_scale_have_no_step() -> None:
    assert step_of(FINE) is None
    assert step_of(np.full(9, 170.0)) is None


def test_rounding_alone_is_no_heap() -> None:
    assert heaps_of(np.rint(FINE), 1.0) == ()


def test_a_heap_is_found_with_its_share() -> None:
    # A third of the people say the nearest 5 cm; of the others, a fifth stand there by chance.
    said = np.where(np.arange(4000) % 3 == 0, 5.0 * np.rint(FINE / 5.0), np.rint(FINE))
    (heap,) = heaps_of(said, 1.0)
    assert (heap.step, heap.expected) == (5.0, 0.2)
    share = 1 / 3 + 2 / 3 * 0.2
    assert abs(heap.share - share) < 4 * np.sqrt(share * (1 - share) / 4000)


def test_a_coarser_heap_must_stand_out_among_the_finer_one() -> None:
    halves = 0.5 * np.rint(FINE / 0.5)
    tenths = 0.1 * np.rint(FINE / 0.1)
    said = np.where(np.arange(4000) % 2 == 0, halves, tenths)
    # Whole cm are half of the halves, and no more than that.
    assert [heap.step for heap in heaps_of(said, 0.1)] == [0.5]


def test_digit_preference_runs_from_none_to_all() -> None:
    even = np.repeat(np.arange(150.0, 190.0), 10)
    assert digit_preference(even, 1.0) == 0.0
    # One digit only: X^2 = (n - n/10)^2 / (n/10) + 9 n/10 = 9 n, so the score is 100.
    assert digit_preference(np.tile([140.0, 150.0, 160.0, 170.0], 25), 1.0) == pytest.approx(100.0)
    # Chance alone: X^2 of about 9, score 100 sqrt(1 / n), here 1.6.
    assert 0.0 < (digit_preference(np.rint(FINE), 1.0) or 0.0) < 4.0


def test_a_last_digit_that_says_nothing_has_no_score() -> None:
    assert digit_preference(np.rint(FINE[:49]), 1.0) is None  # too few
    assert digit_preference(5.0 * np.rint(FINE / 5.0), 5.0) is None  # no ten digits
    assert digit_preference(10.0 * np.rint(FINE / 10.0), 10.0) is None  # too coarse


def test_decimals_that_are_no_doubles_lie_on_their_marks() -> None:
    assert share_on(np.array([0.1 * k for k in range(1000)]), 0.1) == 1.0
