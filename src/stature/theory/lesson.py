"""The lesson: two likelihoods whose maximum is found twice, by a formula and by climbing.

Seven black balls in ten draws: the share that makes them likeliest is 7/10, by counting, and
Newton's climb in the log-odds gets there too. A hundred boys: the mean and SD that make their
heights likeliest are their own mean and SD, and a climb over the log-likelihood surface from far
away ends at the same point. The forward way and the reverse way meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import NoBias
from stature.domain.population import Group, Population

BLACK, DRAWN = 7, 10
"""Black balls, and balls drawn."""

BOYS = Group("boys", 1.0, 176.0, 7.0)
PEOPLE = 100
"""The hundred boys of the lesson: N(176, 7^2), in cm."""

_FAIR_LOG_ODDS = 0.0
_BALL_STEPS = 4
"""The climb starts at a fair urn; from there four steps are exact to 1e-15."""

_CURVE_POINTS = 201
_SURFACE_POINTS = 61
_SURFACE_REACH = (1.45, 0.8, 0.8)
"""Grid of the surface: points a side; how far it reaches in means, and down and up in SDs, all in
estimated SDs of the boys (the SDs on a log scale)."""

_START = (-1.2, 0.6)
"""Start of the climb: mean this many SDs from the maximum, log SD this much above it."""

_LONGEST_STEP = (0.5, 0.35)
"""Longest step of the climb in the mean, in SDs, and in the log SD."""

_STEEPEST = 1e-6
_TOLERANCE = 1e-12
_STEP_LIMIT = 100
"""Least curvature of the climb, relative to the largest; squared decrement at which it has
arrived; and steps after which it would be a fault."""


@dataclass(frozen=True, slots=True)
class LessonSpec:
    """All that the lesson's table depends on."""

    seed: int  # root seed of the study, from which the boys are drawn


@dataclass(frozen=True, slots=True)
class LessonRow:
    """One point of the lesson's figure."""

    panel: str  # ``balls`` or ``boys``
    series: str  # ``likelihood``, ``counting``, ``climb``, ``surface`` or ``closed-form``
    step: int  # place of the point in its series; of a climb, the step
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
    """Likelihood of the black balls, its maximum by counting, and the climb to it.

    Yields
    ------
    LessonRow
        Rows of the panel ``balls``.

    Notes
    -----
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

    Parameters
    ----------
    share : float
        Share of black balls, from 0 to 1.

    Returns
    -------
    float
        ``p^7 (1 - p)^3``.

    Examples
    --------
    >>> round(ball_likelihood(0.7), 10)
    0.0022235661
    """
    return share**BLACK * (1.0 - share) ** (DRAWN - BLACK)


def boys(heights_cm: Floats) -> Iterator[LessonRow]:
    """Log-likelihood surface of some heights, its maximum in closed form, and a climb to it.

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
    for step, (x, y) in enumerate(climb(heights_cm, *start)):
        yield LessonRow("boys", "climb", step, x, y, log_likelihood(heights_cm, x, y) - top)


def log_likelihood(heights_cm: Floats, mean_cm: float, sd_cm: float) -> float:
    """Log-likelihood of one normal."""
    standard = (heights_cm - mean_cm) / sd_cm
    each = -0.5 * standard**2 - np.log(sd_cm) - 0.5 * np.log(2.0 * np.pi)
    return float(each.sum())


def climb(heights_cm: Floats, mean_cm: float, sd_cm: float) -> tuple[tuple[float, float], ...]:
    """Newton's climb over the log-likelihood of one normal.

    Parameters
    ----------
    heights_cm : array, shape (n,)
        Heights in cm, not all equal.
    mean_cm, sd_cm : float
        Where it starts, in cm.

    Returns
    -------
    tuple of (float, float)
        Mean and SD in cm, from the start to the maximum.

    Notes
    -----
    Coordinates ``u = (mu, log sd)``. With ``d_i = x_i - mu`` and ``v = sd^2``::

        score        A1/v, A2/v - n                       A_m = sum d_i^m
        information  n/v, 2 A1/v; 2 A1/v, 2 A2/v          the negative Hessian

    Far from the maximum the surface is not concave. There the sizes of the eigenvalues are used,
    which turns every direction uphill, and a step is kept to at most half an SD.
    """
    u = np.array([mean_cm, np.log(sd_cm)])
    path = [(mean_cm, sd_cm)]
    for _ in range(_STEP_LIMIT):
        variance = float(np.exp(2.0 * u[1]))
        distance = heights_cm - u[0]
        first, second = float(distance.sum()), float((distance**2).sum())
        score = np.array([first / variance, second / variance - heights_cm.size])
        cross = 2.0 * first / variance
        information = np.array(
            [[heights_cm.size / variance, cross], [cross, 2.0 * second / variance]]
        )
        curvature, directions = np.linalg.eigh(information)
        size = np.maximum(np.abs(curvature), _STEEPEST * np.abs(curvature).max())
        step = directions @ ((directions.T @ score) / size)
        longest = np.abs(step) / (np.array(_LONGEST_STEP) * [heights_cm.std(), 1.0])
        decrement = float(score @ step)
        u = u + step / max(1.0, float(longest.max()))
        path.append((float(u[0]), float(np.exp(u[1]))))
        if curvature.min() > 0.0 and decrement < _TOLERANCE:
            break
    return tuple(path)
