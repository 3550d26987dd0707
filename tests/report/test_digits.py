import pytest

from stature.report.words import NOTHING, per_cent, places_of, plain, supported, with_error


@pytest.mark.parametrize(
    ("value", "mcse", "expected"),
    [
        (0.4213, 0.031, "0.42 (0.03)"),
        (0.4213, 0.0131, "0.421 (0.013)"),  # one place more after a first digit of 1
        (0.4213, 0.19, "0.42 (0.19)"),
        (-0.0004, 0.002, "0.000 (0.002)"),  # no negative zero
        (-1.266, 0.03, "−1.27 (0.03)"),
        (1234.0, 41.0, "1230 (40)"),
        (9876.0, 1400.0, "9900 (1400)"),
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
