"""The lesson: two likelihoods whose maximum is found twice, by a formula and by iterations.

Seven black balls in ten draws: the share that makes them likeliest is 7/10, by counting, and
Newton's method in the log-odds gets there too. A hundred boys: the mean and SD that make their
heights likeliest are their own mean and SD, and Newton's method on the log-likelihood surface, from
far away, ends at the same point. The forward way and the reverse way meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import NoBias
from stature.domain.population import Group, Population
from stature.theory.likelihood import rows_of
from stature.theory.newton import Rules, maximise_rows

BLACK, DRAWN = 7, 10  # black balls, and balls drawn
BOYS, PEOPLE = Group("boys", 1.0, 176.0, 7.0), 100  # the hundred boys: N(176, 7^2), in cm

_FAIR_LOG_ODDS, _BALL_STEPS = 0.0, 4  # from a fair urn four steps are exact to 1e-15
_CURVE_POINTS, _SURFACE_POINTS = 201, 61  # points of the curve, and of a side of the surface
# How far the surface reaches in means, and down and up in SDs, in estimated SDs of the boys (the
# SDs on a log scale).
_SURFACE_REACH = (1.45, 0.8, 0.8)
_START = (-1.2, 0.6)  # mean so many SDs from the maximum, log SD so much above it
_LONGEST_STEP = (0.5, 0.35)  # in the mean, in SDs, and in the log SD
_TOLERANCE = 1e-12  # squared decrement of the hundred boys


@dataclass(frozen=True, slots=True)
class LessonSpec:
    """All that the lesson's table depends on."""

    seed: int  # root seed of the study, from which the boys are drawn


@dataclass(frozen=True, slots=True)
class LessonRow:
    """One point of the lesson's figure."""

    panel: str  # ``balls`` or ``boys``
    series: str  # ``likelihood``, ``counting``, ``climb``, ``surface`` or ``closed-form``
    step: int  # place of the point in its series; of Newton's method, the step
    x: float  # balls: share of black balls and likelihood. Boys: mean and SD, in cm.
    y: float
    z: float | None  # boys: log-likelihood, minus its maximum


def derive(spec: LessonSpec) -> tuple[LessonRow, ...]:
    """All points of the lesson's figure."""
    return (*balls(), *boys(drawn_boys_cm(spec.seed)))


def drawn_boys_cm(seed: int) -> Floats:
    """Heights of a hundred boys, shape (100,)."""
    population = Population("boys", (BOYS,))
    spec = DrawSpec(population, NoBias(), "stratified", seed, 0, 0, PEOPLE)
    return draw(spec).heights_cm[0]


def balls() -> Iterator[LessonRow]:
    """Likelihood of the black balls, its maximum by counting, and Newton's method.

    Likelihood ``p^7 (1 - p)^3``. In ``t = log(p / (1 - p))`` the score is ``7 - 10 p`` and the
    information ``10 p (1 - p)``, so Newton's step is their ratio.
    """
    for step, share in enumerate(np.linspace(0.0, 1.0, _CURVE_POINTS).tolist()):
        yield LessonRow("balls", "likelihood", step, share, ball_likelihood(share), None)
    counted = BLACK / DRAWN
    yield LessonRow("balls", "counting", 0, counted, ball_likelihood(counted), None)
    log_odds = _FAIR_LOG_ODDS
    for step in range(_BALL_STEPS + 1):
        share = float(1.0 / (1.0 + np.exp(-log_odds)))
        yield LessonRow("balls", "climb", step, share, ball_likelihood(share), None)
        log_odds += (BLACK - DRAWN * share) / (DRAWN * share * (1.0 - share))


def ball_likelihood(share: float) -> float:
    """Probability of the very draws that were made, if this share of the balls is black.

    Examples
    --------
    >>> round(ball_likelihood(0.7), 10)
    0.0022235661
    """
    return share**BLACK * (1.0 - share) ** (DRAWN - BLACK)


def boys(heights_cm: Floats) -> Iterator[LessonRow]:
    """Log-likelihood surface of some heights, its maximum in closed form, and Newton's path to it.

    Rows of the panel ``boys``; log-likelihoods are relative to the maximum.
    """
    mean_cm = float(heights_cm.mean())
    sd_cm = float(heights_cm.std())
    top = log_likelihood(heights_cm, mean_cm, sd_cm)
    reach, down, up = _SURFACE_REACH
    means_cm = mean_cm + sd_cm * np.linspace(-reach, reach, _SURFACE_POINTS)
    sds_cm = sd_cm * np.exp(np.linspace(-down, up, _SURFACE_POINTS))
    grid = [(x, y) for y in sds_cm.tolist() for x in means_cm.tolist()]
    for step, (x, y) in enumerate(grid):
        yield LessonRow("boys", "surface", step, x, y, log_likelihood(heights_cm, x, y) - top)
    yield LessonRow("boys", "closed-form", 0, mean_cm, sd_cm, 0.0)
    start = (mean_cm + _START[0] * sd_cm, sd_cm * float(np.exp(_START[1])))
    for step, (x, y) in enumerate(newton_path(heights_cm, *start)):
        yield LessonRow("boys", "climb", step, x, y, log_likelihood(heights_cm, x, y) - top)


def log_likelihood(heights_cm: Floats, mean_cm: float, sd_cm: float) -> float:
    """Log-likelihood of one normal."""
    standard = (heights_cm - mean_cm) / sd_cm
    each = -0.5 * standard**2 - np.log(sd_cm) - 0.5 * np.log(2.0 * np.pi)
    return float(each.sum())


def newton_path(heights_cm: Floats, mean_cm: float, sd_cm: float) -> list[tuple[float, float]]:
    """Mean and SD in cm of Newton's method for one normal, from a start to the maximum."""
    centre_cm = float(heights_cm.mean())
    # In cm, so that steps are cut to half an SD in the mean, and to .35 in the log of the SD.
    rules = Rules(
        early=0,
        tolerance=_TOLERANCE,
        longest=(1.0, _LONGEST_STEP[0] * float(heights_cm.std()), _LONGEST_STEP[1]),
        largest_sd=np.inf,
        farthest_mean=np.inf,
    )
    centred = heights_cm - centre_cm
    people = rows_of(centred, centred, np.ones(len(centred)))
    start = np.array([mean_cm - centre_cm, np.log(sd_cm)])
    path = maximise_rows(start, people, np.eye(2), rules).path
    return [(centre_cm + float(mean), float(np.exp(log_sd))) for mean, log_sd in path]
