"""Digits: steps, heaps and preference of columns that are rounded on purpose."""

import numpy as np
import pytest

from stature.datafile.digits import digit_preference, heaps_of, share_on, step_of

HEIGHTS = 170.0 + 9.0 * np.random.default_rng(20261122).standard_normal(4000)


@pytest.mark.parametrize("step", [5.0, 1.0, 0.5, 0.25, 0.1, 0.01])
def test_the_step_of_rounded_heights_is_found(step: float) -> None:
    assert step_of(step * np.rint(HEIGHTS / step)) == step


def test_heights_off_the_marks_by_the_same_have_their_step() -> None:
    # Macdonell's men: every inch, a sixteenth beyond the whole ones.
    assert step_of(np.rint(HEIGHTS) + 0.0625) == 1.0


def test_heights_that_were_not_read_off_a_scale_have_no_step() -> None:
    assert step_of(HEIGHTS) is None
    assert step_of(np.full(9, 170.0)) is None


def test_rounding_alone_is_no_heap() -> None:
    assert heaps_of(np.rint(HEIGHTS), 1.0) == ()


def test_a_heap_is_found_with_its_share() -> None:
    # A third of the people say the nearest 5 cm; of the others, a fifth stand there by chance.
    said = np.where(np.arange(4000) % 3 == 0, 5.0 * np.rint(HEIGHTS / 5.0), np.rint(HEIGHTS))
    (heap,) = heaps_of(said, 1.0)
    assert (heap.step, heap.expected) == (5.0, 0.2)
    share = 1 / 3 + 2 / 3 * 0.2
    assert abs(heap.share - share) < 4 * np.sqrt(share * (1 - share) / 4000)


def test_a_coarser_heap_must_stand_out_among_the_finer_one() -> None:
    halves = 0.5 * np.rint(HEIGHTS / 0.5)
    tenths = 0.1 * np.rint(HEIGHTS / 0.1)
    said = np.where(np.arange(4000) % 2 == 0, halves, tenths)
    # Whole cm are half of the halves, and no more than that.
    assert [heap.step for heap in heaps_of(said, 0.1)] == [0.5]


def test_digit_preference_runs_from_none_to_all() -> None:
    even = np.repeat(np.arange(150.0, 190.0), 10)
    assert digit_preference(even, 1.0) == 0.0
    # One digit only: X^2 = (n - n/10)^2 / (n/10) + 9 n/10 = 9 n, so the score is 100.
    assert digit_preference(np.tile([140.0, 150.0, 160.0, 170.0], 25), 1.0) == pytest.approx(100.0)
    # Chance alone: X^2 of about 9, score 100 sqrt(1 / n), here 1.6.
    assert 0.0 < (digit_preference(np.rint(HEIGHTS), 1.0) or 0.0) < 4.0


def test_a_last_digit_that_says_nothing_has_no_score() -> None:
    assert digit_preference(np.rint(HEIGHTS[:49]), 1.0) is None  # too few
    assert digit_preference(5.0 * np.rint(HEIGHTS / 5.0), 5.0) is None  # no ten digits
    assert digit_preference(10.0 * np.rint(HEIGHTS / 10.0), 10.0) is None  # too coarse


def test_decimals_that_are_no_doubles_lie_on_their_marks() -> None:
    assert share_on(np.array([0.1 * k for k in range(1000)]), 0.1) == 1.0
