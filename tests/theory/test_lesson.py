"""The lesson: exact numbers of the urn, and textbooks' formulas at each point of its figures."""

from fractions import Fraction
from itertools import islice, pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

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
    curve = of(rows, "balls", "likelihood")
    assert counted.y >= max(row.y for row in curve)
    p = np.array([row.x for row in curve])
    assert_allclose(p, np.arange(201) / 200, rtol=2 * ULP)
    assert_allclose([row.y for row in curve], p**7 * (1 - p) ** 3, rtol=20 * ULP)


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
    normal = norm.logpdf(heights_cm, 174.0, 6.0).sum()
    assert lesson.log_likelihood(heights_cm, 174.0, 6.0) == pytest.approx(normal, rel=20 * ULP)
    # Mean 700/4; squares of -5, -1, 1, 5 are 25, 1, 1, 25: variance 52/4.
    assert (closed.x, closed.y) == pytest.approx((175.0, 13.0**0.5), rel=2 * ULP)


def test_the_surface_is_the_log_likelihood_about_the_closed_form(rows: tuple[LessonRow, ...]):
    (closed,) = of(rows, "boys", "closed-form")
    assert closed.z == 0.0
    surface, path = of(rows, "boys", "surface"), of(rows, "boys", "climb")
    x, y, z = np.array([(row.x, row.y, row.z) for row in [*surface, *path]]).T
    # n people of mean m and variance v: n log(s / y) + n (1 - (v + (m - x)^2) / y^2) / 2.
    ratio = (closed.y**2 + (closed.x - x) ** 2) / y**2
    assert_allclose(z, 100 * np.log(closed.y / y) + 50 * (1 - ratio), rtol=1e-9, atol=1e-9)
    # A square grid, of log SDs in height, about the closed form, and all of the path inside.
    means, log_sds = x[:3721].reshape(61, 61), np.log(y[:3721]).reshape(61, 61).T
    centred = means - closed.x, log_sds - np.log(closed.y)
    for side, reach in zip(centred, (1.45 * closed.y, 0.8), strict=True):
        assert_allclose(side, np.tile(np.linspace(-reach, reach, 61), (61, 1)), atol=1e-12)
    assert means.min() < x[3721:].min() < x[3721:].max() < means.max()
    assert y[:3721].min() < y[3721:].min() < y[3721:].max() < y[:3721].max()
    start = closed.x - 1.2 * closed.y, closed.y * np.exp(0.6)
    assert (path[0].x, path[0].y) == pytest.approx(start, rel=10 * ULP)


def test_newtons_path_never_falls(rows: tuple[LessonRow, ...]):
    heights = [row.z for row in of(rows, "boys", "climb") if row.z is not None]
    # Log-likelihoods of 100 people near 330 have 1e-13 of rounding.
    assert all(after >= before - 1e-10 for before, after in pairwise(heights))


def test_newtons_path_arrives_from_every_side():
    heights_cm, moves = drawn(3), list[tuple[float, float]]()
    for mean_cm in (120.0, 176.0, 230.0):
        for sd_cm in (1.0, 7.0, 60.0):
            path = lesson.newton_path(heights_cm, mean_cm, sd_cm)
            assert path[0] == pytest.approx((mean_cm, sd_cm), rel=10 * ULP)
            assert path[-1] == pytest.approx((heights_cm.mean(), heights_cm.std()), rel=1e-9)
            moves += [(two[0] - one[0], np.log(two[1] / one[1])) for one, two in pairwise(path)]
    # A step is cut to half an SD in the mean, and to .35 in the log of the SD.
    longest = np.abs(moves).max(axis=0)
    assert_allclose(longest, [0.5 * heights_cm.std(), 0.35], rtol=1e-9)


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
    assert_allclose(after, [people / 3.0, means, sds], rtol=100 * ULP)


def test_pupils_stand_in_bars_under_the_bells_of_their_step(rows: tuple[LessonRow, ...]):
    heights_cm = lesson.drawn_cm(20261122, Population("pupils", lesson.PUPILS), 200)
    path = [*lesson.em_path(heights_cm)]
    moved = [np.abs(after - before).max() for before, after in pairwise(path)]
    assert moved[-1] < 1e-4 <= min(moved[:-1])
    gained = of(rows, "pupils", "log-likelihood")
    assert [row.step for row in gained] == [0, 1, 5, 20, len(path) - 1]
    assert all(after.y > before.y for before, after in pairwise(gained))
    for row in gained:
        shares, means, sds = path[row.step]
        each = shares * norm.pdf(heights_cm[:, None], means, sds)
        assert_allclose(row.y, np.log(each.sum(axis=1)).sum(), rtol=1e-13)
        bars = [bar for bar in of(rows, "pupils", "bar") if bar.step == row.step]
        # Two cm each, with nobody beyond the first and the last.
        edges = np.array([bar.x for bar in bars])
        assert_allclose(edges, 2.0 * np.arange(edges[0] / 2, edges[0] / 2 + len(edges)))
        assert bars[0].y == bars[-1].y == 0
        place = np.floor((heights_cm - edges[0]) / 2).astype(int)
        taller = each[:, 1] / each.sum(axis=1)
        for column, weight in (("y", np.ones(200)), ("z", taller)):
            expected = np.bincount(place, weight, len(edges))
            assert_allclose([getattr(bar, column) for bar in bars], expected, atol=1e-12)
        for k, name in enumerate(("shorter", "taller")):
            bell = [one for one in of(rows, "pupils", name) if one.step == row.step]
            x = np.array([one.x for one in bell])
            assert_allclose(x, np.linspace(edges[0], edges[-1], 101))
            # 200 people in bars of 2 cm.
            density = shares[k] * norm.pdf(x, means[k], sds[k])
            assert_allclose([one.y for one in bell], 400.0 * density, rtol=1e-12)


@pytest.mark.parametrize(
    ("gap_cm", "steps"), [(30, [0, 1, 3]), (12, [0, 1, 5]), (10, [0, 1, 5, 6])]
)
def test_of_few_steps_each_is_shown_once(gap_cm: float, steps: list[int]):
    # The farther the groups are apart, the sooner EM ends.
    heights_cm = 155.0 + np.add.outer([-gap_cm / 2, gap_cm / 2], [-2.0, 0.0, 2.0]).ravel()
    shown = [row.step for row in lesson.pupils(heights_cm) if row.series == "log-likelihood"]
    assert shown == steps
    assert shown[-1] == len([*lesson.em_path(heights_cm)]) - 1
