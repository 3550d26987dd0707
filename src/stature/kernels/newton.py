"""Newton's method for rows, from all starts: held uphill, within constraints, certified.

The eigenvalues of the information are kept positive, and steps are cut and halved until the
objective rises; the first steps may go as EM would [1]_. A maximum is one to within its squared
Newton decrement, the squared distance to it in standard errors. Exact values of normal groups go
through sums over powers, labels among them through the sums of their groups, which no iteration
reads again; cells and tails go row by row. Legend as in `stature.kernels.rows`.

References
----------
.. [1] Lange (1995), A gradient algorithm locally equivalent to the EM algorithm, JRSS-B 57.
.. [2] Nocedal & Wright (2006), Numerical Optimization, 2nd edition, 16.5.
"""

from typing import NamedTuple, cast

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.kernels.compile import jit, jit_lent
from stature.kernels.information import information, score
from stature.kernels.linear import copy, diagonalise, uphill
from stature.kernels.prior import add_prior_information, add_prior_score, log_prior
from stature.kernels.rows import EVERYBODY, LOG_ROOT_2PI, Records, Selection, Sums, sum_rows
from stature.kernels.sums import BLOCK, CROSS_POWERS, POWERS, ROWS, full_pass

CONVERGED, STEP_LIMIT, DEGENERATE, NONFINITE, NO_MAXIMUM = 0, 1, 2, 3, 6  # as in `Status`
SHARE, NARROWEST, WIDEST, FARTHEST = range(4)  # edges of the parameter space
SINGULAR = 1e-9  # of the largest eigenvalue: below it there is a ridge, not a maximum
EIGENVALUE_FLOOR = 1e-6  # of the largest: what an indefinite information is bent to
ARMIJO, SHORTEST_STEP = 1e-4, 1e-8
ROUNDING = 1e-14  # what a log-likelihood may lose to rounding, relative
LEAVING = -1e-6  # a multiplier below it, in log-likelihood per log-SD: the constraint lets go
RANK = 1e-9
ALONE = cast(bool, np.bool_(False))  # sums of rows, which are compiled anew for a literal


class Target(NamedTuple):
    """What is maximised, and where."""

    x: Floats  # exact heights without a label, of normal groups, and their weights
    w: Floats
    labelled: Floats  # (2, k, 5): power sums of those with one; that inform of the shares, or not
    records: Records  # all other rows
    selection: Selection
    prior: Floats  # (5,): see `stature.kernels.prior`
    free: Floats  # (p, q): directions of the model
    normals: Floats  # (c, p): half-spaces ``normals @ u >= bound``, within which it is maximised
    bound: float
    longest: Floats  # (p,): longest step in each coordinate
    edges: Floats  # (4,): smallest share and SD, largest SD, farthest mean


class Ends(NamedTuple):
    """Where the iterations from s starts ended."""

    u: Floats  # (s, p)
    value: Floats  # (s,)
    decrement: Floats
    active: Bools  # (s, c): constraints that hold with equality
    counts: Ints  # (s, 3): status, likelihood evaluations, steps


class Space(NamedTuple):
    """Arrays to work in, and the objective at the last coordinates."""

    theta: Floats
    work: Floats
    sums: Floats
    cross: Floats
    none: Floats  # (k, k, 5): zeros
    rows: Sums
    g: Floats
    h: Floats
    completed: Floats


class Rules(NamedTuple):
    """How long iterations go on, and that the first `early` steps go as EM would."""

    early: int
    limit: int
    tolerance: float


@jit
def from_starts(target: Target, rules: Rules, ends: Ends) -> None:
    """Iterate from the coordinates in `ends`, in place."""
    p, m = ends.u.shape[1], target.records.weight.shape[0]
    square = np.empty((p, p)), np.empty((p, p)), np.empty((p, p))
    posterior, nobody = np.empty((m, (p + 1) // 3)), np.empty((0, p))
    rows = Sums(np.empty(1), np.empty(p), *square, posterior, np.empty(0), nobody)
    here, there = _space(p, rows), _space(p, rows)
    for s in range(ends.u.shape[0]):
        _maximise(target, rules, ends, s, here, there)


@jit
def _space(p: int, rows: Sums) -> Space:
    """A workspace for so many coordinates."""
    k = (p + 1) // 3
    return Space(
        np.empty(3 * k),
        np.empty((k + ROWS, BLOCK)),
        np.empty((k, POWERS)),
        np.empty((k, k, CROSS_POWERS)),
        np.zeros((k, k, CROSS_POWERS)),
        rows,
        np.empty(p),
        np.empty((p, p)),
        np.empty((p, p)),
    )


@jit
def _maximise(target: Target, rules: Rules, ends: Ends, s: int, here: Space, there: Space) -> None:
    """Iterate from one start; the two spaces hold the objective where it is and at a trial."""
    early, limit, tolerance = rules
    u, active = ends.u[s], ends.active[s]
    step, trial = np.empty(u.shape[0]), np.empty(u.shape[0])
    value, passes, decrement = evaluate(u, target, here), 1, np.nan
    free = target.free
    status, number = STEP_LIMIT, 0
    while number < limit:
        if not _is_finite(value, here.h):
            status, decrement = NONFINITE, np.nan
            break
        edge = _edge(u, here.theta, target.edges)
        if edge != CONVERGED:
            status, decrement = edge, np.nan
            break
        gain, smallest, largest = uphill(
            free, here.g, here.completed if number < early else here.h, EIGENVALUE_FLOOR, step
        )
        certified = number >= early and smallest > SINGULAR * largest
        decrement = gain if certified else np.nan
        distance, nearest = _distance(u, step, target, active)
        if certified and gain < tolerance and distance > 1.0:
            loosest = to_release(target, here.g, active)
            number += 1
            if loosest >= 0:
                active[loosest] = False
                free = directions(target, active)
                continue
            for i in range(u.shape[0]):
                u[i] += step[i]
            value = evaluate(u, target, here)
            passes += 1
            gain, smallest, largest = uphill(free, here.g, here.h, EIGENVALUE_FLOOR, step)
            decrement = gain if smallest > SINGULAR * largest else np.inf
            if decrement < tolerance:
                status = CONVERGED
                break
            continue
        if distance < SHORTEST_STEP:
            active[nearest] = True
            free = directions(target, active)
            number += 1
            continue
        length = _first_length(step, target.longest)
        meets = distance <= length
        length = min(length, distance)
        risen, new = False, value
        while not risen and length >= SHORTEST_STEP:
            for i in range(u.shape[0]):
                trial[i] = u[i] + length * step[i]
            new = evaluate(trial, target, there)
            passes += 1
            # An infinite cell or a chance of nobody has no logarithm: such a step is too long.
            risen = new >= value + ARMIJO * length * gain - ROUNDING * abs(value)
            risen = risen and new < np.inf
            if not risen:
                length, meets = 0.5 * length, False
        if not risen:
            break
        copy(trial, u)
        value = new
        here, there = there, here
        if meets:
            active[nearest] = True
            free = directions(target, active)
        number += 1
    ends.value[s], ends.decrement[s] = value, decrement
    ends.counts[s, 0], ends.counts[s, 1], ends.counts[s, 2] = status, passes, number


@jit_lent
def evaluate(u: Floats, target: Target, at: Space) -> float:
    """The objective at some coordinates; its derivatives are left in `g`, `h` and `completed`."""
    k = at.sums.shape[0]
    theta, top, total = at.theta, 0.0, 0.0
    for i in range(k - 1):
        top = max(top, u[i])
    for i in range(k):
        theta[i] = np.exp((u[i] if i < k - 1 else 0.0) - top)
        total += theta[i]
        theta[k + i], theta[2 * k + i] = u[k - 1 + i], np.exp(u[2 * k - 1 + i])
    for i in range(k):
        theta[i] /= total
    value = 0.0
    row_by_row = target.records.weight.shape[0] > 0
    if not row_by_row:
        value = _by_powers(target, at)
    if row_by_row or target.selection.who != EVERYBODY:
        sum_rows(u, target.records, target.selection, ALONE, at.rows)
        value += at.rows.value[0]
        for i in range(u.shape[0]):
            at.g[i] = at.rows.score[i] + (0.0 if row_by_row else at.g[i])
            for j in range(u.shape[0]):
                more = at.rows.information[i, j]
                at.h[i, j] = more + (0.0 if row_by_row else at.h[i, j])
                if row_by_row:
                    at.completed[i, j] = at.rows.completed[i, j]
    add_prior_score(theta, target.prior, at.g)
    add_prior_information(theta, target.prior, at.h)
    return value + log_prior(theta, target.prior)


@jit_lent
def _by_powers(target: Target, at: Space) -> float:
    """Log-likelihood of exact heights, with its derivatives."""
    k = at.sums.shape[0]
    theta, sums = at.theta, at.sums
    value = full_pass(target.x, target.w, theta, at.work, sums, at.cross)
    designed = 0.0
    for i in range(k):
        mu, v = theta[k + i], theta[2 * k + i] ** 2
        for informs in range(2):
            s = target.labelled[informs, i]
            if s[0] == 0.0:
                continue
            value += s[0] * (np.log(theta[i]) if informs else 0.0)
            value -= s[0] * (0.5 * np.log(v) + LOG_ROOT_2PI)
            value -= 0.5 * (s[2] - 2.0 * mu * s[1] + mu * mu * s[0]) / v
            designed += 0.0 if informs else s[0]
            for m in range(POWERS):
                sums[i, m] += s[m]
    score(theta, sums, at.g)
    information(theta, sums, at.cross, at.h)
    information(theta, sums, at.none, at.completed)
    for i in range(k - 1):
        # Labels of a design that fixed them say nothing of the shares.
        at.g[i] -= target.labelled[0, i, 0] - designed * theta[i]
        for j in range(k - 1):
            known = designed * ((theta[i] if i == j else 0.0) - theta[i] * theta[j])
            at.h[i, j] -= known
            at.completed[i, j] -= known
    return value


@jit_lent
def _is_finite(value: float, matrix: Floats) -> bool:
    """Whether there is a likelihood."""
    found = np.isfinite(value)
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[0]):
            found = found and np.isfinite(matrix[i, j])
    return bool(found)


@jit_lent
def _edge(u: Floats, theta: Floats, edges: Floats) -> int:
    """How iterations end where a mixture is at the edge of the parameter space, else CONVERGED."""
    k = theta.shape[0] // 3
    for i in range(k):
        if theta[2 * k + i] > edges[WIDEST] or abs(theta[k + i]) > edges[FARTHEST]:
            return NO_MAXIMUM
    for i in range(k):
        if theta[i] < edges[SHARE] or theta[2 * k + i] < edges[NARROWEST]:
            return DEGENERATE
    return CONVERGED


@jit_lent
def _first_length(step: Floats, longest: Floats) -> float:
    """Fraction of a step that stays in the trust box, at most 1."""
    length = 1.0
    for i in range(step.shape[0]):
        if abs(step[i]) * length > longest[i]:
            length = longest[i] / abs(step[i])
    return length


@jit_lent
def _distance(u: Floats, step: Floats, target: Target, active: Bools) -> tuple[float, int]:
    """How many steps lead to the next constraint, and its number; infinitely many if none."""
    shortest, nearest = np.inf, -1
    for c in range(active.shape[0]):
        towards, left = 0.0, -target.bound
        for i in range(u.shape[0]):
            towards += target.normals[c, i] * step[i]
            left += target.normals[c, i] * u[i]
        if towards < 0.0 and not active[c] and max(left, 0.0) / -towards < shortest:
            shortest, nearest = max(left, 0.0) / -towards, c
    return shortest, nearest


@jit
def _within(target: Target, active: Bools) -> Floats:
    """Normals of the active constraints in coordinates of the model, others zero, shape (c, q)."""
    c, q = active.shape[0], target.free.shape[1]
    found = np.zeros((c, q))
    for a in range(c):
        for b in range(q):
            for i in range(target.free.shape[0]):
                found[a, b] += target.normals[a, i] * target.free[i, b] if active[a] else 0.0
    return found


@jit
def directions(target: Target, active: Bools) -> Floats:
    """Columns that span the model's directions along the active constraints, shape (p, q)."""
    own = _within(target, active)
    p, q = target.free.shape
    square, vectors = np.zeros((q, q)), np.empty((q, q))
    for i in range(q):
        for j in range(q):
            for a in range(own.shape[0]):
                square[i, j] += own[a, i] * own[a, j]
    diagonalise(square, vectors)
    found, kept = np.zeros((p, q)), 0
    for b in range(q):
        if square[b, b] < RANK:
            for i in range(p):
                for j in range(q):
                    found[i, kept] += target.free[i, j] * vectors[j, b]
            kept += 1
    out = np.zeros((p, kept))
    for i in range(p):
        for b in range(kept):
            out[i, b] = found[i, b]
    return out


@jit
def to_release(target: Target, g: Floats, active: Bools) -> int:
    """The active constraint that the objective rises most away from; -1: a maximum [2].

    Multipliers m are the shortest ones of ``N' m = -J' g``.
    """
    own = _within(target, active)
    c, q = own.shape
    square, vectors, slope = np.zeros((c, c)), np.empty((c, c)), np.zeros(c)
    for a in range(c):
        for j in range(q):
            for i in range(g.shape[0]):
                slope[a] -= own[a, j] * target.free[i, j] * g[i]
            for b in range(c):
                square[a, b] += own[a, j] * own[b, j]
    diagonalise(square, vectors)
    loosest, lowest = -1, LEAVING
    for a in range(c):
        multiplier = 0.0
        for e in range(c):
            if square[e, e] > RANK:
                for b in range(c):
                    multiplier += vectors[a, e] * vectors[b, e] * slope[b] / square[e, e]
        if active[a] and multiplier < lowest:
            loosest, lowest = a, multiplier
    return loosest


@jit
def keep_ratio(u: Floats, ratio: float) -> None:
    """Change SDs of mixtures, in place, to those that fit best within a smallest ratio."""
    for s in range(u.shape[0]):
        k = (u.shape[1] + 1) // 3
        shares, squares, total, smallest, largest = np.empty(k), np.empty(k), 0.0, np.inf, 0.0
        for i in range(k):
            shares[i] = np.exp(u[s, i]) if i < k - 1 else 1.0
            total += shares[i]
            sd = np.exp(u[s, 2 * k - 1 + i])
            smallest, largest = min(smallest, sd), max(largest, sd)
        for i in range(k):
            shares[i] /= total
            squares[i] = shares[i] * np.exp(2.0 * u[s, 2 * k - 1 + i])
        if smallest < ratio * largest:
            variances = constrained_variances(shares, squares, ratio)
            for i in range(k):
                u[s, 2 * k - 1 + i] = 0.5 * np.log(variances[i])


@jit
def constrained_variances(people: Floats, squares: Floats, ratio: float) -> Floats:
    """Variances of groups that fit best among those within a ratio of SDs.

    Parameters
    ----------
    people, squares : array, shape (k,)
        People of each group, and their squares about its mean.
    ratio : float
        The smallest ratio of two SDs.

    Returns
    -------
    array, shape (k,)
        The variances.

    Notes
    -----
    ``clip(Q_k/n_k, m, m/c^2)`` with the m that minimises ``sum n_k log v_k + Q_k/v_k``: between two
    neighbouring ends of clipping it is the pooled variance of the groups that are clipped [1]_.

    References
    ----------
    .. [1] Fritz, García-Escudero & Mayo-Iscar (2013), A fast algorithm for robust constrained
       clustering, Comput. Statist. Data Anal. 61 (check before citing).
    """
    k, narrow = people.shape[0], ratio * ratio
    own, ends, variances = np.empty(k), np.empty(2 * k), np.empty(k)
    for i in range(k):
        own[i] = squares[i] / people[i]
        ends[2 * i], ends[2 * i + 1] = own[i], narrow * own[i]
    for i in range(2 * k):  # by insertion
        for j in range(i, 0, -1):
            if ends[j - 1] > ends[j]:
                ends[j - 1], ends[j] = ends[j], ends[j - 1]
    best, lowest = own.copy(), np.inf
    within = True
    for i in range(k):
        for j in range(k):
            within = within and own[i] >= narrow * own[j]
    if within:
        return best
    for place in range(2 * k + 1):
        if place == 0:
            inside = 0.5 * ends[0]
        elif place == 2 * k:
            inside = 2.0 * ends[place - 1]
        else:
            inside = 0.5 * (ends[place - 1] + ends[place])
        clipped = pooled = 0.0
        for i in range(k):
            if own[i] < inside:
                clipped += people[i]
                pooled += squares[i]
            elif own[i] > inside / narrow:
                clipped += people[i]
                pooled += narrow * squares[i]
        if clipped == 0.0:
            continue
        smallest, value = pooled / clipped, 0.0
        for i in range(k):
            variances[i] = min(max(own[i], smallest), smallest / narrow)
            value += people[i] * np.log(variances[i]) + squares[i] / variances[i]
        if value < lowest:
            lowest = value
            copy(variances, best)
    return best
