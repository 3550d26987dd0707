"""Likelihood terms of one person under each group, for every way in which a height is recorded.

A person is recorded as a height, as a cell that the height lies in, as a height that may have been
rounded to one of several grids, or only as a person who could be measured. Each gives a group a
likelihood, and the mean and spread of the score of a person whose height is known. From these
follow the score and information of any mixture, see `stature.theory.likelihood`.

References
----------
.. [1] Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 7.1.2 and 26.2.12.
.. [2] Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, 13.10.1.
.. [3] Trefethen & Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Rev. 56.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats
from stature.domain.observation import (
    Conditional,
    Heaped,
    MiddleSelected,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    log_chance,
)

LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
FAR_TAIL = -20.0  # below it the asymptotic series of the normal tail is exact to rounding
NARROW = 3.0  # width times distance from the mean, in SDs, up to which ten nodes are exact
GAUSS_NODES, GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(10)
REACH = 12.0  # SDs, beyond which a normal density is nothing
COARSEST_STEP = 0.1  # of a trapezoid rule, in SDs
ON_A_GRID = 1e-6  # of a step: what decimals in a file may be off
ROUNDING_EXPONENT = 37.0  # e^-37 is the rounding error of a number near 1

_erfc = np.frompyfunc(math.erfc, 1, 1)


class Terms(NamedTuple):
    """Terms of rows under K groups, each in units of its own SD and about its own mean."""

    # shape (m, k): log of the likelihood of each row under each group
    log_mass: Floats
    # shape (m, k, 2): mean of the score in (mu, lambda) given the row and the group, for ``mu``
    # times SD
    first: Floats
    # shape (m, k, 3): mean of its products, (mu, mu), (mu, lambda) and (lambda, lambda)
    outer: Floats
    # shape (m, k, 3): mean of minus the second derivatives, likewise
    curvature: Floats


def log_normal_cdf(z: Floats) -> Floats:
    """Log of the standard normal distribution function, exact to rounding in both tails [1]_.

    Not SciPy's `log_ndtr`, since fits of heaped heights come here: a job of a block would load
    SciPy for it, in 0.3 s.
    """
    near = np.maximum(z, FAR_TAIL)
    with np.errstate(divide="ignore"):
        upper = np.asarray(_erfc(np.abs(near) / math.sqrt(2.0)), dtype=np.float64) / 2.0
        body = np.where(near > 0.0, np.log1p(-upper), np.log(upper))
    far = np.minimum(z, FAR_TAIL)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = 1.0 / (far * far)
        # [1] (26.2.12): 1 - 1/z^2 + 3/z^4 - 15/z^6 + ...
        series = np.ones_like(far)
        for factor in (15, 13, 11, 9, 7, 5, 3, 1):
            series = 1.0 - factor * square * series
        tail = -0.5 * far * far - np.log(-far) - LOG_ROOT_2PI + np.log(series)
    return np.where(z < FAR_TAIL, np.where(np.isinf(z), -np.inf, tail), body)


def of_moments(log_mass: Floats, powers: Floats) -> Terms:
    """Terms from the means of ``z, z^2, z^3, z^4`` given the row and the group, shape (m, k, 4).

    With ``z = (x - mu_k) / sd_k`` the score of a known height is ``(z, z^2 - 1)``, its curvature
    ``1, 2 z, 2 z^2``.
    """
    z1, z2, z3, z4 = np.moveaxis(powers, -1, 0)
    return Terms(
        log_mass,
        np.stack([z1, z2 - 1.0], axis=-1),
        np.stack([z2, z3 - z1, z4 - 2.0 * z2 + 1.0], axis=-1),
        np.stack([np.ones_like(z1), 2.0 * z1, 2.0 * z2], axis=-1),
    )


def of_points(x: Floats, means: Floats, sds: Floats) -> Terms:
    """Heights that are known."""
    z = (x[:, None] - means) / sds
    square = z * z
    log_mass = -0.5 * square - np.log(sds) - LOG_ROOT_2PI
    return of_moments(log_mass, np.stack([z, square, square * z, square * square], axis=-1))


def of_t_points(x: Floats, means: Floats, scales: Floats, freedom: float) -> Terms:
    """Heights that are known, of groups with Student's t distribution.

    With ``h(z) = -(nu + 1)/2 log(1 + z^2/nu)``, nu the degrees of freedom, and lambda the log of
    the scale (derived).
    """
    z = (x[:, None] - means) / scales
    square = z * z
    constant = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    constant -= 0.5 * math.log(freedom * math.pi)
    log_mass = constant - np.log(scales) - 0.5 * (freedom + 1) * np.log1p(square / freedom)
    slope = -(freedom + 1) * z / (freedom + square)  # h'
    bend = -(freedom + 1) * (freedom - square) / (freedom + square) ** 2  # h''
    mu, lam = -slope, -slope * z - 1.0
    return Terms(
        log_mass,
        np.stack([mu, lam], axis=-1),
        np.stack([mu * mu, mu * lam, lam * lam], axis=-1),
        np.stack([-bend, -(bend * z + slope), -(bend * square + slope * z)], axis=-1),
    )


def of_cells(lower: Floats, upper: Floats, means: Floats, sds: Floats) -> Terms:
    """Heights of which only a cell is known, whose ends, lower < upper, may be infinite.

    Probabilities of the cells, and the first four moments of the truncated normals: by the
    recursion ``M_r = (r - 1) M_{r-2} - [z^{r-1} phi(z)]`` [2]_, and by Gauss' rule where a cell is
    so narrow that the recursion would cancel.
    """
    a, b = (lower[:, None] - means) / sds, (upper[:, None] - means) / sds
    with np.errstate(invalid="ignore"):
        narrow = (b - a) * (1.0 + np.minimum(np.abs(a), np.abs(b))) < NARROW
    log_mass, powers = _wide_cells(np.where(narrow, -1.0, a), np.where(narrow, 1.0, b))
    if narrow.any():
        log_mass[narrow], powers[narrow] = _narrow_cells(a[narrow], b[narrow])
    return of_moments(log_mass, powers)


def log_interval(a: Floats, b: Floats) -> Floats:
    """Log of the standard normal probability of an interval, ``log(Phi(b) - Phi(a))``.

    From the nearer tail; the ends, a < b, may be infinite.

    Examples
    --------
    >>> round(float(log_interval(np.array(30.0), np.array(31.0))), 10)
    -454.3212439563
    """
    flip = a > 0.0
    low, high = np.where(flip, -b, a), np.where(flip, -a, b)
    log_high = log_normal_cdf(high)
    return log_high + np.log1p(-np.exp(log_normal_cdf(low) - log_high))


def _wide_cells(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Log-probabilities, and moments of shape (..., 4), by the recursion."""
    log_mass = log_interval(a, b)
    # Where an end is infinite its terms are zero.
    ends = [np.where(np.isinf(end), 0.0, end) for end in (a, b)]
    densities = [np.exp(-0.5 * end * end - LOG_ROOT_2PI - log_mass) for end in (a, b)]
    terms = [
        densities[1] * ends[1] ** power - densities[0] * ends[0] ** power for power in range(4)
    ]
    z1 = -terms[0]
    z2 = 1.0 - terms[1]
    return log_mass, np.stack([z1, z2, 2.0 * z1 - terms[2], 3.0 * z2 - terms[3]], axis=-1)


def _narrow_cells(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The same by Gauss' rule, for cells over which the density hardly changes."""
    half = 0.5 * (b - a)[:, None]
    z = 0.5 * (a + b)[:, None] + half * GAUSS_NODES
    exponent = -0.5 * z * z
    top = exponent.max(axis=1, keepdims=True)
    mass = half * GAUSS_WEIGHTS * np.exp(exponent - top)
    total = mass.sum(axis=1)
    powers = np.stack([(mass * z**power).sum(axis=1) / total for power in range(1, 5)], axis=-1)
    return np.log(total) + top[:, 0] - LOG_ROOT_2PI, powers


def of_condition(observation: Conditional, means: Floats, sds: Floats) -> Terms:
    """A person who could be measured, of whom nothing else is known: one row.

    The chance ``E_k`` that a person of a group is measured (its log, up to the constant of
    `stature.domain.observation.log_chance`), and the moments of such people. Tilted and bell-shaped
    selection make a normal of a normal; selection in proportion to height shifts moments by one
    power; logistic selection has no closed form and is summed by the trapezoid rule, whose error
    falls exponentially with the distance of the logistic's poles, ``pi / slope``, from the real
    line [3]_.
    """
    match observation:
        case Truncated(below_cm=below, above_cm=above):
            lower = np.array([-np.inf if below is None else below])
            return of_cells(lower, np.array([np.inf if above is None else above]), means, sds)
        case Tilted(log_chance_per_cm=slope):
            log_mass = slope * means + 0.5 * (slope * sds) ** 2
            return of_moments(log_mass[None], _normal_powers(slope * sds, np.ones_like(sds)))
        case MiddleSelected(centre_cm=middle, width_cm=width):
            total = width**2 + sds**2
            log_mass = np.log(width) - 0.5 * np.log(total) - 0.5 * (means - middle) ** 2 / total
            shift, spread = (middle - means) * sds / total, width / np.sqrt(total)
            return of_moments(log_mass[None], _normal_powers(shift, spread))
        case SizeBiased(origin_cm=origin):
            # E[z^r (m + sd z)] / m with m the mean above the origin; the normal's part below the
            # origin counts as negative, which matters for no real height.
            above = means - origin
            ratio = sds / above
            powers = np.stack([ratio, np.ones_like(ratio), 3.0 * ratio, 3.0 * np.ones_like(ratio)])
            with np.errstate(invalid="ignore", divide="ignore"):
                return of_moments(np.log(above)[None], powers.T[None])
        case Selected(log_odds_per_cm=slope):
            steepest = max(float(np.abs(slope * sds).max()), 1e-300)
            # e^(-2 pi d / h), d = pi / (slope sd), is the rounding error.
            step = min(COARSEST_STEP, 2.0 * math.pi**2 / (steepest * ROUNDING_EXPONENT))
            z = np.arange(-REACH, REACH + step, step)[:, None]
            log_terms = log_chance(observation, (means + sds * z).ravel()).reshape(z.shape[0], -1)
            log_terms = log_terms - 0.5 * z * z + math.log(step) - LOG_ROOT_2PI
            log_mass = np.logaddexp.reduce(log_terms, axis=0)
            mass = np.exp(log_terms - log_mass)
            powers = np.stack([(mass * z**power).sum(axis=0) for power in range(1, 5)], axis=-1)
            return of_moments(log_mass[None], powers[None])


def _normal_powers(mean: Floats, sd: Floats) -> Floats:
    """First four moments of normals about zero, shape (1, k, 4)."""
    square, v = mean**2, sd**2
    return np.stack(
        [mean, square + v, mean * (square + 3.0 * v), square**2 + 6.0 * square * v + 3.0 * v**2],
        axis=-1,
    )[None]


@dataclass(frozen=True, slots=True)
class Heaps:
    """Which grids each row may have been rounded to."""

    half: Floats  # shape (g,): half a step of each grid, in the units of the rows
    # shape (m, g): log of the share of the people who round to the grid, where the row lies on it;
    # else minus infinity
    log_share: Floats

    @property
    def here(self) -> Bools:
        """Rows that lie on a grid, shape (m,)."""
        return np.asarray(np.isfinite(self.log_share).any(axis=1))


def heaps_of(observation: Heaped, heights_cm: Floats, scale_cm: float) -> Heaps:
    """Grids that heights lie on.

    Examples
    --------
    >>> from stature.domain.observation import Grid
    >>> heaped = Heaped((Grid(5.0, 0.3), Grid(2.5, 0.2)))
    >>> heaps_of(heaped, np.array([165.0, 162.5, 161.0]), 1.0).log_share.round(2).tolist()
    [[-1.2, -1.61], [-inf, -1.61], [-inf, -inf]]
    """
    steps_cm = np.array([grid.step_cm for grid in observation.grids])
    multiple = heights_cm[:, None] / steps_cm
    on = np.abs(multiple - np.rint(multiple)) < ON_A_GRID
    with np.errstate(divide="ignore"):
        log_share = np.log([grid.share for grid in observation.grids])
    return Heaps(0.5 * steps_cm / scale_cm, np.where(on, log_share, -np.inf))


def of_heaps(x: Floats, heaps: Heaps, means: Floats, sds: Floats) -> Terms:
    """Heights that may lie on a grid; those that lie on none are exact.

    ``sum_g p_g P(cell of x in grid g)`` for each group, and the means over grids, given the row and
    the group, of the terms of a cell (derived).
    """
    on = heaps.here
    cells = [of_cells(x[on] - half, x[on] + half, means, sds) for half in heaps.half.tolist()]
    chances = np.stack([cell.log_mass for cell in cells]) + heaps.log_share[on].T[:, :, None]
    log_mass = np.logaddexp.reduce(chances, axis=0)
    chance = np.exp(chances - log_mass)[..., None]
    terms = of_points(x, means, sds)
    terms.log_mass[on] = log_mass
    terms.first[on] = (chance * np.stack([cell.first for cell in cells])).sum(axis=0)
    terms.outer[on] = (chance * np.stack([cell.outer for cell in cells])).sum(axis=0)
    terms.curvature[on] = (chance * np.stack([cell.curvature for cell in cells])).sum(axis=0)
    return terms
