"""The lesson: two likelihoods whose maximum is found twice, and the steps of EM.

Seven black balls in ten draws: the share that makes them likeliest is 7/10, by counting, and
Newton's method in the log-odds gets there too. A hundred boys: the mean and SD that make their
heights likeliest are their own mean and SD, and Newton's method on the log-likelihood surface, from
far away, ends at the same point. The forward way and the reverse way meet. Two hundred pupils whose
groups nobody wrote down: from a bad start EM finds two groups, slowly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import NoBias
from stature.domain.population import Group, Population
from stature.theory.likelihood import rows_of
from stature.theory.newton import CONVERGED, Rules, maximise_rows

BLACK, DRAWN = 7, 10  # black balls, and balls drawn
BOYS, PEOPLE = Group("boys", 1.0, 176.0, 7.0), 100  # the hundred boys: N(176, 7^2), in cm
PUPILS = (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0))  # of the default study

_FAIR_LOG_ODDS, _BALL_STEPS = 0.0, 4  # from a fair urn four steps are exact to 1e-15
_CURVE_POINTS, _SURFACE_POINTS = 201, 61  # points of the curve, and of a side of the surface
# How far the surface reaches in means, and down and up in SDs, in estimated SDs of the boys (the
# SDs on a log scale).
_SURFACE_REACH = (1.45, 0.8, 0.8)
_START = (-1.2, 0.6)  # mean so many SDs from the maximum, log SD so much above it
_LONGEST_STEP = (0.5, 0.35)  # in the mean, in SDs, and in the log SD
_TOLERANCE = 1e-12  # squared decrement of the hundred boys

EM_START = np.array([[0.5, 0.5], [150.0, 160.0], [5.0, 5.0]])  # a bad one: shares, means, SDs, cm
SHOWN_STEPS = (0, 1, 5, 20)  # and the last
_STILL_CM, _MOST_STEPS = 1e-4, 5000  # EM ends where no number moves farther in a step
BAR_CM, _BELL_POINTS = 2.0, 101  # width of a bar of the histogram, points of a bell


@dataclass(frozen=True, slots=True)
class LessonSpec:
    """All that the lesson's table depends on."""

    seed: int  # root seed of the study, from which the boys are drawn


@dataclass(frozen=True, slots=True)
class LessonRow:
    """One point of a figure of the lesson."""

    panel: str  # ``balls``, ``boys`` or ``pupils``
    # ``likelihood``, ``counting``, ``climb``, ``surface`` or ``closed-form``; of the pupils
    # ``bar``, ``shorter``, ``taller`` or ``log-likelihood``
    series: str
    step: int  # place of the point in its series; of Newton's method and of EM, the step
    # balls: share of black balls and likelihood. Boys: mean and SD, in cm. Pupils: height in cm
    # (left edge of a bar) and people per bar; number of the step and log-likelihood
    x: float
    y: float
    z: float | None  # boys: log-likelihood, minus its maximum; bars: people of the taller group


def derive(spec: LessonSpec) -> tuple[LessonRow, ...]:
    """All points of the lesson's figures."""
    boys_cm = drawn_cm(spec.seed, Population("boys", (BOYS,)), PEOPLE)
    pupils_cm = drawn_cm(spec.seed, Population("pupils", PUPILS), 2 * PEOPLE)
    return (*balls(), *boys(boys_cm), *pupils(pupils_cm))


def drawn_cm(seed: int, population: Population, people: int) -> Floats:
    """Heights of people of a population, under the root seed of a study, shape (n,)."""
    spec = DrawSpec(population, NoBias(), "stratified", seed, 0, 0, people)
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
    start = np.array([[mean_cm - centre_cm, np.log(sd_cm)]])
    path = [start[0]]
    for step in range(1, rules.most + 1):  # each point is walked to from the start
        (end,) = maximise_rows(start, people, np.eye(2), replace(rules, most=step))
        path.append(end.u)
        if end.status == CONVERGED:
            break
    return [(centre_cm + float(mean), float(np.exp(log_sd))) for mean, log_sd in path]


def pupils(heights_cm: Floats, shown: Sequence[int] | None = None) -> Iterator[LessonRow]:
    """Histogram and bells of two groups at some steps of EM, and its log-likelihood there.

    Without steps: `SHOWN_STEPS` and the last. A bar is split by the expected number of its people
    in each group, the sum of their memberships.
    """
    path = [*em_path(heights_cm)]
    if shown is None:
        shown = [*(step for step in SHOWN_STEPS if step < len(path) - 1), len(path) - 1]
    low, high = BAR_CM * np.floor(heights_cm.min() / BAR_CM - 1.0), heights_cm.max() + BAR_CM
    edges = np.arange(low, high + BAR_CM, BAR_CM)
    bar = np.digitize(heights_cm, edges) - 1
    x = np.linspace(edges[0], edges[-1], _BELL_POINTS)
    per_bar = BAR_CM * len(heights_cm)
    for step in shown:
        joint = _joint(heights_cm, path[step])
        taller = joint[1] / joint.sum(axis=0)
        log_likelihood = float(np.log(joint.sum(axis=0)).sum())
        yield LessonRow("pupils", "log-likelihood", step, float(step), log_likelihood, None)
        for place, left in enumerate(edges.tolist()):
            mine = taller[bar == place]
            yield LessonRow("pupils", "bar", step, left, float(len(mine)), float(mine.sum()))
        for name, bell in zip(("shorter", "taller"), per_bar * _joint(x, path[step]), strict=True):
            for here, people in zip(x.tolist(), bell.tolist(), strict=True):
                yield LessonRow("pupils", name, step, here, people, None)


def _joint(heights_cm: Floats, theta: Floats) -> Floats:
    """Share times density of each group at each height, shape (2, n)."""
    shares, means, sds = theta[:, :, None]
    return shares * np.exp(-0.5 * ((heights_cm - means) / sds) ** 2) / (sds * np.sqrt(2.0 * np.pi))


def em_path(heights_cm: Floats) -> Iterator[Floats]:
    """Steps of EM [1]_ for two normal groups, from a bad start to the end.

    Parameters
    ----------
    heights_cm : ndarray, shape (n,)
        Heights.

    Yields
    ------
    theta : ndarray, shape (3, 2)
        Shares, means and SDs in cm of the two groups, first those of the start.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data via the EM
       algorithm, Journal of the Royal Statistical Society B 39:1, section 4.3.
    """
    theta, moved = EM_START, np.inf
    for _ in range(_MOST_STEPS):
        yield theta
        if moved < _STILL_CM:
            return
        joint = _joint(heights_cm, theta)
        member = joint / joint.sum(axis=0)
        people = member.sum(axis=1)
        means = member @ heights_cm / people
        sds = np.sqrt((member * (heights_cm - means[:, None]) ** 2).sum(axis=1) / people)
        after = np.array([people / len(heights_cm), means, sds])
        theta, moved = after, float(np.abs(after - theta).max())
