from fractions import Fraction
from itertools import islice, pairwise

import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.population import Population
from stature.theory import lesson
from stature.theory.lesson import LessonRow, LessonSpec


def drawn(seed: int) -> Floats:
    return lesson.drawn_cm(seed, Population("boys", (lesson.BOYS,)), lesson.PEOPLE)


ULP = np.finfo(float).eps


def of(rows: tuple[LessonRow, ...], panel: str, series: str) -> list[LessonRow]:
    return [row for row in rows if (row.panel, row.series) == (panel, series)]


@pytest.fixture(scope="module")
def rows() -> tuple[LessonRow, ...]:
    return lesson.derive(LessonSpec(seed=20261122))


def test_the_likelihood_of_seven_in_ten_is_exact():
    exact = Fraction(7, 10) ** 7 * Fraction(3, 10) ** 3
    # Ten factors, each within one unit in the last place.
    assert lesson.ball_likelihood(0.7) == pytest.approx(float(exact), rel=10 * ULP)


def test_counting_finds_the_top_of_the_likelihood(rows: tuple[LessonRow, ...]):
    (counted,) = of(rows, "balls", "counting")
    assert counted.x == 0.7
    assert counted.y >= max(row.y for row in of(rows, "balls", "likelihood"))


def test_newtons_path_of_the_balls_is_exact_in_four_steps(rows: tuple[LessonRow, ...]):
    path = of(rows, "balls", "climb")
    assert [row.step for row in path] == [0, 1, 2, 3, 4]
    assert path[0].x == 0.5
    # Score 7 - 5 = 2, information 10/4: the first step adds 4/5 to the log-odds.
    assert path[1].x == pytest.approx(1 / (1 + np.exp(-0.8)), rel=4 * ULP)
    assert path[4].x == pytest.approx(0.7, abs=1e-15)


def test_newtons_path_of_the_boys_meets_the_closed_form(rows: tuple[LessonRow, ...]):
    (closed,) = of(rows, "boys", "closed-form")
    last = of(rows, "boys", "climb")[-1]
    # The last step began within 1e-6 standard errors, and Newton squares that.
    assert last.x == pytest.approx(closed.x, rel=1e-12)
    assert last.y == pytest.approx(closed.y, rel=1e-12)


def test_the_closed_form_is_mean_and_sd_with_divisor_n():
    heights_cm = np.array([170.0, 174.0, 176.0, 180.0])
    (closed,) = [row for row in lesson.boys(heights_cm) if row.series == "closed-form"]
    # Mean 700/4; squares of -5, -1, 1, 5 are 25, 1, 1, 25: variance 52/4.
    assert (closed.x, closed.y) == pytest.approx((175.0, 13.0**0.5), rel=2 * ULP)


def test_nothing_on_the_surface_is_above_the_closed_form(rows: tuple[LessonRow, ...]):
    surface = of(rows, "boys", "surface")
    assert all(row.z is not None and row.z <= 0.0 for row in surface)


def test_newtons_path_never_falls(rows: tuple[LessonRow, ...]):
    heights = [row.z for row in of(rows, "boys", "climb") if row.z is not None]
    # Log-likelihoods of 100 people near 330 have 1e-13 of rounding.
    assert all(after >= before - 1e-10 for before, after in pairwise(heights))


def test_newtons_path_arrives_from_every_side():
    heights_cm = drawn(3)
    for mean_cm in (120.0, 176.0, 230.0):
        for sd_cm in (1.0, 7.0, 60.0):
            end = lesson.newton_path(heights_cm, mean_cm, sd_cm)[-1]
            assert end == pytest.approx((heights_cm.mean(), heights_cm.std()), rel=1e-9)


def test_the_boys_are_those_of_the_seed():
    assert np.array_equal(drawn(5), drawn(5))
    assert not np.array_equal(drawn(5), drawn(6))
    # The mean of 100 boys has a standard error of .7 cm: within 4 of it.
    assert abs(drawn(5).mean() - 176.0) < 4 * 0.7


def test_a_step_of_em_is_that_of_the_textbook():
    # By hand: bells of equal SDs and shares at 150 and 160 cm know nothing of a person of 155 cm,
    # and of others the odds are exp of (x - 155) 10 / 25.
    heights_cm = np.array([145.0, 155.0, 170.0])
    start, after = islice(lesson.em_path(heights_cm), 2)
    assert start.tolist() == [[0.5, 0.5], [150.0, 160.0], [5.0, 5.0]]
    taller = 1.0 / (1.0 + np.exp(-0.4 * (heights_cm - 155.0)))
    weights = np.array([1.0 - taller, taller])
    people = weights.sum(axis=1)
    means = weights @ heights_cm / people
    sds = np.sqrt(((heights_cm - means[:, None]) ** 2 * weights).sum(axis=1) / people)
    np.testing.assert_allclose(after, [people / 3.0, means, sds], rtol=100 * ULP)


def test_the_pupils_are_all_in_bars_and_the_likelihood_rises(rows: tuple[LessonRow, ...]):
    gained = of(rows, "pupils", "log-likelihood")
    assert [row.step for row in gained[:4]] == [0, 1, 5, 20]
    assert len(gained) == 5
    assert all(after.y > before.y for before, after in pairwise(gained))
    for step in (row.step for row in gained):
        bars = [row for row in of(rows, "pupils", "bar") if row.step == step]
        assert sum(row.y for row in bars) == 200
        assert all(row.z is not None and -1e-9 <= row.z <= row.y + 1e-9 for row in bars)
