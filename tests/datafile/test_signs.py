"""Signs that only a doctor looks for: codes, ends, ties, steps, heaps and preference."""

import numpy as np
import pytest
from scipy import stats

from stature.arrays import Floats
from stature.datafile.signs import (
    BY_CHANCE,
    code_signs,
    counted_code_signs,
    digit_preference,
    digit_signs,
    end_signs,
    heaps_of,
    share_on,
    step_of,
    tie_signs,
)

HEIGHTS = np.rint(170.0 + 9.0 * np.random.default_rng(20261122).standard_normal(1000))


CODES = (-9, -99, -999, 0, 9, 88, 99, 888, 999, 7777, 8888, 9999, 99999)


@pytest.mark.parametrize("code", CODES)
def test_a_number_outside_that_is_a_known_code_is_named(code: float) -> None:
    values = np.append(HEIGHTS, code)
    (sign,) = code_signs(values, values == code, "height")
    assert f"{code:g} (1 row): likely a code for a missing value" in sign
    marks, counts = np.unique(HEIGHTS, return_counts=True)
    assert counted_code_signs(marks, counts.astype(float), "height") == []
    of_table = np.append(marks, code), np.append(counts, 7.0)
    (sign,) = counted_code_signs(*of_table, "height")
    assert f"{code:g} (count 7): likely a code for a missing value" in sign
    # Where nobody has it, or where it is no code, it is none.
    assert counted_code_signs(of_table[0], np.append(counts, 0.0), "height") == []
    assert counted_code_signs(np.append(marks, code + 0.5), of_table[1], "height") == []


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
    # Far away stands a code, which is no end of a scale.
    assert end_signs(np.append(HEIGHTS, [9999.0] * 20), "height") == []


def _of_counts(counts: dict[float, int]) -> Floats:
    return np.repeat([*counts], [*counts.values()])


@pytest.mark.parametrize(
    ("end", "nearest", "others", "is_spike"),
    [
        (5, (1, 1, 1), 492, True),
        (5, (1, 1, 1), 493, False),  # under 1 %
        (4, (1, 1, 1), 100, False),
        (6, (1, 1, 2), 100, False),  # no more than three times the third neighbour
        (7, (1, 1, 2), 100, True),
    ],
)
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_spike_is_a_hundredth_of_the_rows_and_three_times_its_neighbours(
    end: int, nearest: tuple[int, ...], others: int, is_spike: bool, sign: float
) -> None:
    counts = {float(mark): rows for mark, rows in enumerate((end, *nearest, others - 2, 1, 1))}
    assert bool(end_signs(sign * _of_counts(counts), "h")) == is_spike
    # Six values that differ have no ends.
    assert end_signs(sign * _of_counts(dict([*counts.items()][:6])), "h") == []


def test_a_known_code_among_the_others_stands_in_five_rows_and_three_times_as_many_as_any() -> None:
    # From 130 to 210 the robust SD is 1.4826 x 20 about 170: 99 is 2.4 of them off, 9 5.4.
    values = np.arange(130.0, 211.0)
    for rows, repeats, found in ((4, 1, False), (5, 1, True), (5, 2, False), (6, 2, True)):
        sample = np.append(np.repeat(values, repeats), [99.0] * rows)
        nothing = np.zeros(len(sample), np.bool_)
        assert bool(code_signs(sample, nothing, "h")) == found


@pytest.mark.parametrize(
    ("about", "is_coarse"),
    # Squares of mean 16, so that the SD is four steps; and of mean 15.4.
    [((7, 5, 2, 1, 1), False), ((7, 5, 1, 1, 1), True)],
)
def test_a_step_of_more_than_a_quarter_of_the_sd_is_coarse(
    about: tuple[int, ...], is_coarse: bool
) -> None:
    values = 170.0 + np.array([sign * one for sign in (-1, 1) for one in about])
    assert (len(digit_signs(values, "in", "h")) == 2) == is_coarse


@pytest.mark.parametrize(
    ("people", "on_fives", "is_heap"),
    # Chance puts a fifth on them, with an error of .04 of 100: more than 40; of 10,000 more than
    # half as many again.
    [(100, 40, False), (100, 41, True), (10_000, 3000, False), (10_000, 3001, True)],
)
def test_a_heap_is_five_errors_and_half_as_many_again(
    people: int, on_fives: int, is_heap: bool
) -> None:
    marks = np.arange(130.0, 210.0)
    fives, rest = marks[marks % 5 == 0], marks[marks % 5 > 0]
    values = np.append(np.resize(fives, on_fives), np.resize(rest, people - on_fives))
    assert (5.0 in [heap.step for heap in heaps_of(values, 1.0)]) == is_heap


@pytest.mark.parametrize(("tens", "are_heap"), [(2716, False), (2717, True)])
def test_a_coarser_heap_is_five_errors_more_than_its_part_of_the_finer_one(
    tens: int, are_heap: bool
) -> None:
    # Half of 10,000 on multiples of 5, of which chance puts half on those of 10: .25 ± .00433.
    marks = np.arange(130.0, 210.0)
    parts = marks[marks % 10 == 0], marks[marks % 10 == 5], marks[marks % 5 > 0]
    counts = tens, 5000 - tens, 5000
    values = np.concatenate([np.resize(x, n) for x, n in zip(parts, counts, strict=True)])
    found = [heap.step for heap in heaps_of(values, 1.0)]
    assert 5.0 in found
    assert (10.0 in found) == are_heap


@pytest.mark.parametrize(
    ("off", "by_chance"),
    # Chi-squares of 21.6 and 21.8, of which 21.666 is the 99 % point.
    [((7, 7, -7, -7, 3, -3, 1, -1, 0, 0), True), ((7, 7, -7, -7, 3, -3, 1, -1, 1, -1), False)],
)
def test_digits_are_preferred_beyond_what_chance_does_in_one_of_a_hundred(
    off: tuple[int, ...], by_chance: bool
) -> None:
    last = np.repeat(np.arange(10.0), 10 + np.array(off))
    values = 160.0 + last + 10.0 * np.resize([0, 1], 100)
    words = " ".join(digit_signs(values, "in", "h"))
    assert ("(no more than by chance)" in words) == by_chance


def test_ten_digits_want_five_steps_in_an_sd_and_fifty_heights() -> None:
    assert digit_preference(np.tile([165.0, 175.0], 25), 1.0) is not None  # an SD of 5
    assert digit_preference(np.tile([165.0, 174.0], 25), 1.0) is None
    assert digit_preference(np.tile([165.0, 175.0], 24), 1.0) is None
    assert pytest.approx(stats.chi2.ppf(0.99, 9), abs=5e-4) == BY_CHANCE


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
