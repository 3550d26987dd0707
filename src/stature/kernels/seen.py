"""What a row of people says of each group: a height, a cell, or a height of Student's law.

Legend: a, b ends of a cell in SDs about a mean; z a height likewise. A *part* is what a row says of
one group: log of its likelihood; mean of the score in (mu, lambda), for mu times SD; of its
products; of minus the second derivatives: 1 + 2 + 3 + 3 numbers. The compiled form of
`stature.theory.seen`; see there for the formulas.
"""

import math
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit

LOG_ROOT_2PI = 0.9189385332046727
ROOT_HALF = 0.7071067811865476
FAR_TAIL = -20.0  # below it the asymptotic series of the normal tail is exact to rounding
NARROW = 3.0  # width times distance from the mean, in SDs, up to which ten nodes are exact
GAUSS_NODES, GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(10)
PARTS = 9


class Groups(NamedTuple):
    """The mixture at which the sums are taken."""

    # shape (k,): shares, means, and SDs (scales of Student's law) as 1 over them; logarithms
    shares: Floats
    log_shares: Floats
    means: Floats
    units: Floats
    log_sds: Floats


@jit
def log_normal_cdf(z: float) -> float:
    """Log of the standard normal distribution function.

    Parameters
    ----------
    z : float
        Where.

    Returns
    -------
    float
        ``log Phi(z)``, exact to rounding in both tails.
    """
    if z < FAR_TAIL:
        if np.isinf(z):
            return -np.inf
        square = 1.0 / (z * z)
        series = 1.0
        for step in range(8):
            series = 1.0 - (15.0 - 2.0 * step) * square * series
        return -0.5 * z * z - math.log(-z) - LOG_ROOT_2PI + math.log(series)
    upper = 0.5 * math.erfc(abs(z) * ROOT_HALF)
    return math.log1p(-upper) if z > 0.0 else math.log(upper)


@jit
def write_powers(log_mass: float, z1: float, z2: float, z3: float, z4: float, part: Floats) -> None:
    """Write the part of a normal group from the moments of its people in a row."""
    part[0] = log_mass
    part[1], part[2] = z1, z2 - 1.0
    part[3], part[4], part[5] = z2, z3 - z1, z4 - 2.0 * z2 + 1.0
    part[6], part[7], part[8] = 1.0, 2.0 * z1, 2.0 * z2


@jit
def write_cell(a: float, b: float, part: Floats) -> None:
    """Write the part of a normal group in a cell."""
    if (b - a) * (1.0 + min(abs(a), abs(b))) < NARROW:
        half, middle = 0.5 * (b - a), 0.5 * (a + b)
        nearest = min(abs(a), abs(b)) if a * b > 0.0 else 0.0
        top = -0.5 * nearest * nearest
        s0 = s1 = s2 = s3 = s4 = 0.0
        for node in range(10):
            z = middle + half * GAUSS_NODES[node]
            mass = GAUSS_WEIGHTS[node] * math.exp(-0.5 * z * z - top)
            s0 += mass
            s1 += mass * z
            s2 += mass * z * z
            s3 += mass * z * z * z
            s4 += mass * z * z * z * z
        log_mass = math.log(half * s0) + top - LOG_ROOT_2PI
        write_powers(log_mass, s1 / s0, s2 / s0, s3 / s0, s4 / s0, part)
        return
    low, high = (-b, -a) if a > 0.0 else (a, b)
    log_high = log_normal_cdf(high)
    log_mass = log_high + math.log1p(-math.exp(log_normal_cdf(low) - log_high))
    at_a = 0.0 if np.isinf(a) else math.exp(-0.5 * a * a - LOG_ROOT_2PI - log_mass)
    at_b = 0.0 if np.isinf(b) else math.exp(-0.5 * b * b - LOG_ROOT_2PI - log_mass)
    a, b = (0.0 if np.isinf(a) else a), (0.0 if np.isinf(b) else b)
    z1 = at_a - at_b
    z2 = 1.0 - (at_b * b - at_a * a)
    z3 = 2.0 * z1 - (at_b * b * b - at_a * a * a)
    z4 = 3.0 * z2 - (at_b * b * b * b - at_a * a * a * a)
    write_powers(log_mass, z1, z2, z3, z4, part)


@jit
def write_row(
    lower: float, upper: float, mixture: Groups, freedom: float, constant: float, parts: Floats
) -> None:
    """Write what one row says of each group."""
    for k in range(parts.shape[0]):
        mean, unit = mixture.means[k], mixture.units[k]
        z = (lower - mean) * unit
        if freedom > 0.0:
            square = z * z
            over = freedom + square
            slope = -(freedom + 1.0) * z / over
            bend = -(freedom + 1.0) * (freedom - square) / (over * over)
            mu, lam = -slope, -slope * z - 1.0
            part = parts[k]
            part[0] = constant - mixture.log_sds[k]
            part[0] -= 0.5 * (freedom + 1.0) * math.log1p(square / freedom)
            part[1], part[2] = mu, lam
            part[3], part[4], part[5] = mu * mu, mu * lam, lam * lam
            part[6], part[7] = -bend, -(bend * z + slope)
            part[8] = -(bend * square + slope * z)
        elif lower == upper:
            log_mass = -0.5 * z * z - mixture.log_sds[k] - LOG_ROOT_2PI
            write_powers(log_mass, z, z * z, z * z * z, z * z * z * z, parts[k])
        else:
            write_cell(z, (upper - mean) * unit, parts[k])
