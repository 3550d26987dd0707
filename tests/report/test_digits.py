import pytest

from stature.report.words import (
    NOTHING,
    number_of_people,
    per_cent,
    places_of,
    plain,
    supported,
    with_error,
)


@pytest.mark.parametrize(
    ("value", "mcse", "expected"),
    [
        (0.4213, 0.031, "0.42 (0.03)"),
        (0.4213, 0.0131, "0.421 (0.013)"),  # one place more after a first digit of 1
        (0.4213, 0.19, "0.42 (0.19)"),
        (-0.0004, 0.002, "0.000 (0.002)"),  # no negative zero
        (-1.266, 0.03, "−1.27 (0.03)"),
        (1234.0, 41.0, "1,230 (40)"),
        (9876.0, 1400.0, "9,900 (1,400)"),
        (0.925, 0.04, "0.93 (0.04)"),  # half way goes up, in binary or not
        (92.5, 4.0, "93 (4)"),
        (1.0 - 0.925, 0.04, "0.08 (0.04)"),
        (5.0, 0.0, "5"),
        (5.0, None, "5"),
        (0.5, float("nan"), "0.5"),
        (None, 0.1, NOTHING),
        (float("nan"), 0.1, NOTHING),
    ],
)
def test_numbers_end_where_their_error_begins(
    value: float | None, mcse: float | None, expected: str
):
    assert with_error(value, mcse) == expected


@pytest.mark.parametrize(
    ("mcse", "expected"),
    [
        (41.0, "700 (40)"),
        (0.2, "700 (0.2)"),
        (None, "700"),
        # 1.96 errors are 700 people where an error is 357; from there on it is e^(1.96 mcse / 700).
        (356.0, "700 (400)"),
        (358.0, "300–2,000"),  # 700 / 2.72 = 257 and 700 x 2.72 = 1,907
        (800.0, "70–7,000"),  # 700 / 9.39 = 75 and 700 x 9.39 = 6,575
    ],
)
def test_a_number_of_people_is_a_range_where_its_error_would_reach_below_nobody(
    mcse: float | None, expected: str
) -> None:
    assert number_of_people(700.0, mcse) == expected


def test_percentages_follow_the_same_rule():
    assert per_cent(0.344, 0.024) == "34 % (2)"
    assert per_cent(None, None) == NOTHING


def test_the_number_alone_has_the_same_digits():
    assert supported(0.4213, 0.031) == "0.42"


@pytest.mark.parametrize(("mcse", "places"), [(0.96, 1), (1.0, 1), (0.001, 4), (250.0, -2)])
def test_places_follow_the_first_digit(mcse: float, places: int):
    assert places_of(mcse) == places


@pytest.mark.parametrize(
    ("value", "text"), [(163.0, "163"), (0.485010707, "0.485"), (1e-3, "0.001"), (-6.28, "−6.28")]
)
def test_a_number_without_error_has_four_digits(value: float, text: str):
    assert plain(value) == text
