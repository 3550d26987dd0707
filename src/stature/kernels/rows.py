"""Observations as they were recorded, in rows: exact, in a cell, on a grid, or with heavy tails.

Log-likelihood, score and information of a mixture from the sums over rows, by Louis' identity [1]_,
and what each row says. Where not everyone could be observed, the likelihood of each row is divided
by the chance of that.

Legend: K groups, p = 3 K - 1 coordinates u, m rows, g grids; w weight; r responsibility; z a value
in SDs about a mean; a, b ends of a cell likewise. A *part* is what a row says of one group: log of
its likelihood; mean of the score in (mu, lambda), for mu times SD; of its products; of minus the
second derivatives: 1 + 2 + 3 + 3 numbers.

References
----------
.. [1] Louis (1982), Finding the observed information matrix when using the EM algorithm, JRSS-B 44.
.. [2] Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, 13.10.1.
.. [3] Trefethen & Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Rev. 56.
.. [4] Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.2.12.
"""

import math
from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.kernels.compile import jit, jit_inside, jit_lent
from stature.kernels.exponential import exp
from stature.kernels.linear import copy

LOG_ROOT_2PI = 0.9189385332046727
ROOT_HALF = 0.7071067811865476
FAR_TAIL = -20.0  # below it the asymptotic series of the normal tail is exact to rounding
NARROW = 3.0  # width times distance from the mean, in SDs, up to which ten nodes are exact
GAUSS_NODES, GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(10)
PARTS = 9
# Who could be observed: everybody; those in a cell; by a logistic chance; by one that grows by the
# same factor everywhere; by one in proportion to the value; by a bell.
EVERYBODY, CUT, LOGISTIC, TILT, SIZE, BELL = range(6)
REACH = 12.0  # SDs, beyond which a normal density is nothing
COARSEST_STEP = 0.1  # of a trapezoid rule, in SDs
ROUNDING_EXPONENT = 37.0  # e^-37 is the rounding error of a number near 1


class Groups(NamedTuple):
    """The mixture at which the sums are taken."""

    shares: Floats  # all of shape (k,)
    log_shares: Floats
    means: Floats
    units: Floats  # 1 over the SD, or over the scale of a Student distribution
    log_sds: Floats


class Records(NamedTuple):
    """What was recorded, m rows."""

    lower: Floats  # shape (m,): ends of a cell; equal where the value is exact
    upper: Floats
    weight: Floats  # shape (m,): of each row in the likelihood, and in products of scores
    square: Floats
    group: Ints  # shape (m,): the group's label; -1: unlabelled
    informs: Bools  # shape (m,): whether the row informs of the shares
    freedom: float  # degrees of freedom of Student distributions; 0: normal groups
    constant: float  # the constant of their log-density
    half: Floats  # shape (g,): half a step of each grid that values may have been rounded to
    # shape (m, g): log of the share of those who round to it, where the row lies on it
    log_share: Floats


class Selection(NamedTuple):
    """Who could be observed."""

    who: int
    # shape (2,): ends of the cell; slope and centre; slope; origin; centre and width
    numbers: Floats
    # shape (k + 1,): people of each group in a design that fixed their number, and the others
    people: Floats


@jit_inside
def log_normal_cdf(z: float) -> float:
    """Log of the standard normal distribution function, exact to rounding in both tails."""
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


@jit_inside
def _write_powers(
    log_mass: float, z1: float, z2: float, z3: float, z4: float, part: Floats
) -> None:
    """Write the part of a normal group from the moments of z in a row."""
    part[0] = log_mass
    part[1], part[2] = z1, z2 - 1.0
    part[3], part[4], part[5] = z2, z3 - z1, z4 - 2.0 * z2 + 1.0
    part[6], part[7], part[8] = 1.0, 2.0 * z1, 2.0 * z2


@jit_lent
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
        _write_powers(log_mass, s1 / s0, s2 / s0, s3 / s0, s4 / s0, part)
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
    _write_powers(log_mass, z1, z2, z3, z4, part)


@jit_lent
def _write_heap(
    x: float, log_share: Floats, half: Floats, mixture: Groups, cells: Floats, parts: Floats
) -> None:
    """Write what a row says that lies on some grids: a sum over cells, and means over grids."""
    for k in range(parts.shape[0]):
        top, total = -np.inf, 0.0
        for g in range(half.shape[0]):
            a, b = (x - half[g] - mixture.means[k]), (x + half[g] - mixture.means[k])
            write_cell(a * mixture.units[k], b * mixture.units[k], cells[g])
            top = max(top, cells[g, 0] + log_share[g])
        parts[k] = 0.0
        for g in range(half.shape[0]):
            chance = math.exp(cells[g, 0] + log_share[g] - top)
            total += chance
            for c in range(1, PARTS):
                parts[k, c] += chance * cells[g, c]
        for c in range(1, PARTS):
            parts[k, c] /= total
        parts[k, 0] = top + math.log(total)


@jit_lent
def write_anybody(selection: Selection, mixture: Groups, parts: Floats) -> None:
    """Write what is said of each group by somebody of whom only is known that they were observed.

    The log of that chance up to a constant, and the moments of such people: of tilt and bell, which
    make a normal of a normal; in proportion to the value, which shifts moments by one power; and of
    a logistic chance by the trapezoid rule, whose error falls exponentially with the distance of
    the poles, ``pi / slope``, from the real line [3].
    """
    one, two = selection.numbers
    if selection.who == CUT:
        _write_row(one, two, mixture, (0.0, 0.0), parts)
        return
    for k in range(parts.shape[0]):
        mean, sd, part = mixture.means[k], 1.0 / mixture.units[k], parts[k]
        if selection.who == LOGISTIC:
            _write_logistic(one, mean - two, sd, part)
        elif selection.who == SIZE:
            # E[z^r (m + sd z)] / m with m the mean above the origin; the normal's part below the
            # origin counts as negative, which matters for no real height.
            above = mean - one
            ratio = sd / above
            log_mass = math.log(above) if above > 0.0 else np.nan
            _write_powers(log_mass, ratio, 1.0, 3.0 * ratio, 3.0, part)
        elif selection.who == TILT:
            _write_normal(one * mean + 0.5 * (one * sd) ** 2, one * sd, 1.0, part)
        else:
            total = two * two + sd * sd
            log_mass = math.log(two) - 0.5 * math.log(total) - 0.5 * (mean - one) ** 2 / total
            _write_normal(log_mass, (one - mean) * sd / total, two / math.sqrt(total), part)


@jit_inside
def _write_normal(log_mass: float, mean: float, sd: float, part: Floats) -> None:
    """Write the part of a normal distribution of z."""
    square, v = mean * mean, sd * sd
    third, fourth = mean * (square + 3.0 * v), square * square + 6.0 * square * v + 3.0 * v * v
    _write_powers(log_mass, mean, square + v, third, fourth, part)


@jit_lent
def _write_logistic(slope: float, above: float, sd: float, part: Floats) -> None:
    """Write the part of a group whose mean is so far above the centre of a logistic chance."""
    # e^(-2 pi d / h), d = pi / (slope sd), is the rounding error.
    steepest = max(abs(slope * sd), 1e-300)
    step = min(COARSEST_STEP, 2.0 * math.pi**2 / (steepest * ROUNDING_EXPONENT))
    top = -np.inf
    s0 = s1 = s2 = s3 = s4 = 0.0
    for again in range(2):
        for node in range(int(2.0 * REACH / step) + 2):
            z = -REACH + node * step
            odds = slope * (above + sd * z)
            exponent = -0.5 * z * z - math.log1p(math.exp(-abs(odds))) + min(odds, 0.0)
            if again == 0:
                top = max(top, exponent)
                continue
            mass = math.exp(exponent - top)
            s0 += mass
            s1 += mass * z
            s2 += mass * z * z
            s3 += mass * z * z * z
            s4 += mass * z * z * z * z
    log_mass = top + math.log(s0 * step) - LOG_ROOT_2PI
    _write_powers(log_mass, s1 / s0, s2 / s0, s3 / s0, s4 / s0, part)


@jit_inside
def _write_row(
    lower: float, upper: float, mixture: Groups, student: tuple[float, float], parts: Floats
) -> None:
    """Write what one row says of each group; `student` is (freedom, constant), 0 if normal."""
    freedom, constant = student
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
            _write_powers(log_mass, z, z * z, z * z * z, z * z * z * z, parts[k])
        else:
            write_cell(z, (upper - mean) * unit, parts[k])


class Sums(NamedTuple):
    """What the sums are written to."""

    value: Floats  # shape (1,): log-likelihood
    score: Floats  # shape (p,): its derivatives
    information: Floats  # shape (p, p): minus its second derivatives
    completed: Floats  # shape (p, p): the same if groups and values were known
    outer: Floats  # shape (p, p): products of scores
    posterior: Floats  # shape (m, k): probability of each group given each row
    # of one observation of each row, shapes (m,) and (m, p); of none where nobody asks
    values: Floats
    scores: Floats


class Totals(NamedTuple):
    """Sums in progress."""

    total: Floats  # shape (2,): log-likelihood, and that of one observation of one row
    score: Floats  # shape (p,): the score, and that of one row
    own: Floats
    squares: Floats  # shape (p, p): products of the scores of rows
    curved: Floats  # shape (k, 3): minus second derivatives, and products, of each group
    spread: Floats
    linear: Floats  # shape (k, 2): scores of the rows that inform of the shares
    informed: Floats  # shape (k,): weight of the rows that do
    r: Floats  # shape (k,): responsibilities of one row


@jit_inside
def _add_row(
    parts: Floats, w: float, group: int, informs: bool, mixture: Groups, totals: Totals
) -> None:
    """Add one row to the sums; its score and responsibilities are left in `totals`."""
    groups = parts.shape[0]
    r, own = totals.r, totals.own
    top = -np.inf
    for k in range(groups):
        r[k] = parts[k, 0] + (mixture.log_shares[k] if informs else 0.0)
        if (group < 0 or group == k) and not r[k] <= top:
            top = r[k]
    total = 0.0
    for k in range(groups):
        r[k] = exp(r[k] - top) if group < 0 or group == k else 0.0
        total += r[k]
    totals.total[1] = top + math.log(total)
    totals.total[0] += w * totals.total[1]
    share = 1.0 / total
    for k in range(groups):
        r[k] *= share
        mass = w * r[k]
        mu, lam = groups - 1 + k, 2 * groups - 1 + k
        own[mu], own[lam] = r[k] * parts[k, 1] * mixture.units[k], r[k] * parts[k, 2]
        for c in range(3):
            totals.spread[k, c] += mass * parts[k, 3 + c]
            totals.curved[k, c] += mass * parts[k, 6 + c]
        if informs:
            totals.informed[k] += mass
            totals.linear[k, 0] += mass * parts[k, 1]
            totals.linear[k, 1] += mass * parts[k, 2]
        if k < groups - 1:
            own[k] = r[k] - mixture.shares[k] if informs else 0.0
    for i in range(own.shape[0]):
        totals.score[i] += w * own[i]
        for j in range(i + 1):
            totals.squares[i, j] += w * own[i] * own[j]


@jit_lent
def _add_information(
    mixture: Groups, totals: Totals, information: Floats, completed: Floats
) -> None:
    """Add what was summed to the information, and to that of completed rows [1].

    ``E[-D2] - E[s s'] + E[s] E[s]'``, s the score of a row whose group and value are known;
    `stature.kernels.information` has it for sums of powers, which these rows have none of.
    """
    groups = mixture.shares.shape[0]
    informed = 0.0
    for k in range(groups):
        informed += totals.informed[k]
    for i in range(groups - 1):
        for j in range(i + 1):
            pi, pj = mixture.shares[i], mixture.shares[j]
            shared = informed * ((pi if i == j else 0.0) - pi * pj)
            completed[i, j] += shared
            information[i, j] += shared
            for k in range(groups):
                away = ((1.0 if i == k else 0.0) - pi) * ((1.0 if j == k else 0.0) - pj)
                information[i, j] -= totals.informed[k] * away
    for k in range(groups):
        mu, lam = groups - 1 + k, 2 * groups - 1 + k
        unit = mixture.units[k]
        for i, j, c, scale in ((mu, mu, 0, unit * unit), (lam, mu, 1, unit), (lam, lam, 2, 1.0)):
            completed[i, j] += scale * totals.curved[k, c]
            information[i, j] += scale * (totals.curved[k, c] - totals.spread[k, c])
        for i in range(groups - 1):
            away = (1.0 if i == k else 0.0) - mixture.shares[i]
            information[mu, i] -= away * totals.linear[k, 0] * unit
            information[lam, i] -= away * totals.linear[k, 1]
    for i in range(information.shape[0]):
        for j in range(i + 1):
            information[i, j] += totals.squares[i, j]


@jit
def _no_totals(groups: int) -> Totals:
    """Totals of no rows."""
    size = 3 * groups - 1
    return Totals(
        np.zeros(2),
        np.zeros(size),
        np.zeros(size),
        np.zeros((size, size)),
        np.zeros((groups, 3)),
        np.zeros((groups, 3)),
        np.zeros((groups, 2)),
        np.zeros(groups),
        np.zeros(groups),
    )


class _Work(NamedTuple):
    """Arrays to work in, and what is said of somebody who was observed, by kinds of rows.

    A kind is of each group in a design that fixed their number; the last is of the rest.
    """

    parts: Floats  # shape (k, PARTS): what a row says
    cells: Floats  # shape (g, PARTS): the same by grids
    chance: Floats  # shape (k + 1, p): scores of the chance to be observed
    log_chance: Floats  # shape (k + 1,)


@jit_lent
def _add_rows(
    records: Records,
    mixture: Groups,
    at_work: _Work,
    with_outer: bool,
    totals: Totals,
    sums: Sums,
) -> None:
    """Add all rows to the sums, with what each says where it is asked for."""
    parts, cells, chance, log_chance = at_work
    groups, size, outer = parts.shape[0], totals.own.shape[0], sums.outer
    weight, group, informs = records.weight, records.group, records.informs
    student, half = (records.freedom, records.constant), records.half
    for i in range(weight.shape[0]):
        on_grid = False
        for g in range(half.shape[0]):
            on_grid = on_grid or records.log_share[i, g] > -np.inf
        if on_grid:
            x, log_share = records.lower[i], records.log_share[i]
            _write_heap(x, log_share, half, mixture, cells, parts)
        else:
            _write_row(records.lower[i], records.upper[i], mixture, student, parts)
        _add_row(parts, weight[i], group[i], informs[i], mixture, totals)
        for k in range(groups):
            sums.posterior[i, k] = totals.r[k]
        if not with_outer:
            continue
        kind = groups if informs[i] else group[i]
        if sums.values.shape[0] > 0:
            sums.values[i] = totals.total[1] - log_chance[kind]
            for j in range(size):
                sums.scores[i, j] = totals.own[j] - chance[kind, j]
        for j in range(size):
            for k in range(j + 1):
                away = (totals.own[j] - chance[kind, j]) * (totals.own[k] - chance[kind, k])
                outer[j, k] += records.square[i] * away


@jit
def sum_rows(
    u: Floats, records: Records, selection: Selection, with_outer: bool, sums: Sums
) -> None:
    """Log-likelihood, score and information of a mixture, in one pass over the rows.

    What observations say one by one, and the products of their scores, only `with_outer`. Exact at
    every u, not only at a maximum; minus infinity or NaN where there is no likelihood.
    """
    groups, size = (u.shape[0] + 1) // 3, u.shape[0]
    log_shares = np.zeros(groups)
    for k in range(groups - 1):
        log_shares[k] = u[k]
    top = log_shares.max()
    log_shares -= top + math.log(np.exp(log_shares - top).sum())
    means, log_sds = u[groups - 1 : 2 * groups - 1], u[2 * groups - 1 :]
    mixture = Groups(np.exp(log_shares), log_shares, means, np.exp(-log_sds), log_sds)
    totals = _no_totals(groups)
    parts = np.empty((groups, PARTS))
    information, completed, outer = sums.information, sums.completed, sums.outer
    information[:], completed[:], outer[:] = 0.0, 0.0, 0.0
    # Kinds of rows: those of each group in a design that fixed their number, and the rest.
    chance, log_chance = np.zeros((groups + 1, size)), np.zeros(groups + 1)
    if selection.who != EVERYBODY:
        weights = selection.people
        write_anybody(selection, mixture, parts)
        for kind in range(groups + 1):
            if weights[kind] > 0.0:
                alone = kind == groups
                _add_row(parts, -weights[kind], -1 if alone else kind, alone, mixture, totals)
                copy(totals.own, chance[kind])
                log_chance[kind] = totals.total[1]
        _add_information(mixture, totals, information, completed)
        completed[:] = 0.0
    value, score = totals.total[0], totals.score
    totals = _no_totals(groups)
    at_work = _Work(parts, np.empty((records.half.shape[0], PARTS)), chance, log_chance)
    _add_rows(records, mixture, at_work, with_outer, totals, sums)
    _add_information(mixture, totals, information, completed)
    sums.value[0] = value + totals.total[0]
    for i in range(size):
        sums.score[i] = score[i] + totals.score[i]
        for j in range(i):
            information[j, i] = information[i, j]
            completed[j, i] = completed[i, j]
            outer[j, i] = outer[i, j]
