"""Profile likelihood: how far a parameter can go before the best fit with it is too bad.

The interval of a parameter psi are all values at which twice the log-likelihood, maximised over
everything else with psi fixed, is at most 3.84 below the maximum [1]_. The likelihood of a mixture
is unbounded: what is followed, from the estimate outwards, is its interior maximum. A model with a
coordinate fixed is a model with a column less, so the iterations are those of the fits. Compiled;
units of the sample.

References
----------
.. [1] Venzon & Moolgavkar (1988), A method for computing profile-likelihood-based confidence
   intervals, Applied Statistics 37:87.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats, Int8s
from stature.estimators.intervals.wald import Z_95
from stature.estimators.plain.methods import NO_EM_STEPS, iterate_newton
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    FEWEST_PEOPLE,
    SDS_EQUAL,
    SMALLEST_SD,
    Constraints,
    Problem,
    Result,
    certify,
    covariances,
    everybody,
    make_workspace,
    move,
    problem_of,
    weighted_sample,
)
from stature.kernels.compile import integer, jit
from stature.kernels.observations import Observations, weighted_mean_and_sd
from stature.kernels.sketch import is_valid

REACHED, BOUNDARY = 0, 1  # as in `estimator.IntervalStatus`

STEP_LIMIT_OF_MAXIMUM = integer(200)
TOLERANCE = 1e-8  # of a maximum, which goes one step beyond
ROOT_TOLERANCE = 1e-9  # of the signed root, in standard errors
WIDTH_TOLERANCE = 1e-9  # relative, of a bracket that holds a jump
PATH_TOLERANCE = 1e-4  # relative, of a bracket that holds the end of a path
MOST_TRIALS = 100
FARTHEST = 1e3  # SDs of the sample
LONGEST_MOVE = 0.5  # from where a path should go on to where it does, as `apart` measures
LARGEST_GROWTH, SMALLEST_GROWTH = 2.0, 1.1
JUST_INSIDE = 1e-6  # relative, to a bound of what is called degenerate


class Data(NamedTuple):
    """The observations of a sample, or the nodes of a sketch of it."""

    values_cm: Floats
    weight: Floats
    width_cm: float  # of the cells of the sketch; 0: these are observations
    sketch_from: int  # as many observations or more are sketched


class Problems(NamedTuple):
    """What profiles are computed on: nodes, and observations where the nodes do not serve."""

    nodes: Problem
    full: Problem
    width: float  # of the cells of the nodes; 0: they are the observations


class Coordinate(NamedTuple):
    """A coordinate of u that is fixed, or the gap between two means."""

    first: int  # the only position, or that of the lower mean of a gap
    second: int  # that of the upper mean of a gap, else -1


class Point(NamedTuple):
    """A maximum with a coordinate fixed."""

    status: int
    root: float  # square root of twice the loss of log-likelihood; NaN: it is higher
    emptied: bool  # a group lost its people


@jit
def restricted_model(free: Floats, fixed: Bools, tied: int) -> Floats:
    """Columns of a model with fixed coordinates, or with two means that move together, (q, m)."""
    q, p = free.shape
    kept = np.zeros((q, p))
    count = 0
    for a in range(p):
        there = False
        for i in range(q):
            if free[i, a] != 0.0 and not fixed[i]:
                there = True
        if not there:
            continue
        if tied >= 0 and free[tied + 1, a] != 0.0:
            continue  # it moves with the column before
        for i in range(q):
            kept[i, count] = free[i, a]
        if tied >= 0 and free[tied, a] != 0.0:
            kept[tied + 1, count] = 1.0
        count += 1
    return kept[:, :count].copy()


@jit
def value_of(theta: Floats, coordinate: Coordinate) -> float:
    """A coordinate of u, or a gap."""
    groups = theta.shape[0] // 3
    i = coordinate.first
    if coordinate.second >= 0:
        return theta[coordinate.second + 1] - theta[i + 1]
    if i < groups - 1:
        return np.log(theta[i] / theta[groups - 1])
    if i < 2 * groups - 1:
        return theta[i + 1]
    return np.log(theta[i + 1])


@jit
def extrapolate(theta: Floats, other: Floats, fraction: float, out: Floats) -> None:
    """A point on the line in u through two others, into `out`."""
    groups = theta.shape[0] // 3
    total = 1.0
    for k in range(groups - 1):
        eta = np.log(theta[k] / theta[groups - 1])
        eta += fraction * (np.log(other[k] / other[groups - 1]) - eta)
        out[k] = np.exp(eta)
        total += out[k]
    out[groups - 1] = 1.0
    for k in range(groups):
        out[k] /= total
        i, j = groups + k, 2 * groups + k
        out[i] = theta[i] + fraction * (other[i] - theta[i])
        out[j] = theta[j] * (other[j] / theta[j]) ** fraction


@jit
def set_value(theta: Floats, coordinate: Coordinate, value: float, tied_sds: bool) -> None:
    """Set a coordinate, in place."""
    groups = theta.shape[0] // 3
    i = coordinate.first
    if coordinate.second >= 0:
        middle = 0.5 * (theta[i + 1] + theta[coordinate.second + 1])
        theta[i + 1], theta[coordinate.second + 1] = middle - 0.5 * value, middle + 0.5 * value
    elif i < groups - 1:
        theta[0] = 1.0 / (1.0 + np.exp(-value))
        theta[1] = 1.0 / (1.0 + np.exp(value))
    elif i < 2 * groups - 1:
        theta[i + 1] = value
    elif tied_sds:
        theta[2 * groups :] = np.exp(value)
    else:
        theta[i + 1] = np.exp(value)


@jit
def apart(theta: Floats, other: Floats) -> float:
    """How far two points are from each other."""
    groups = theta.shape[0] // 3
    farthest = 0.0
    for i in range(theta.shape[0]):
        difference = abs(theta[i] - other[i])
        if i >= 2 * groups:
            difference = abs(np.log(theta[i] / other[i]))
        if difference > farthest:
            farthest = difference
    return farthest


@jit
def is_emptied(theta: Floats, people: float) -> bool:
    """Whether a group has lost its people, and no SD has collapsed."""
    groups = theta.shape[0] // 3
    return theta[:groups].min() * people < FEWEST_PEOPLE and theta[2 * groups :].min() > SMALLEST_SD


@jit
def maximum_of(problem: Problem, fixed: Bools, tied: int, theta: Floats) -> Result:
    """Maximum with coordinates fixed or two means tied, from a warm start, in place."""
    free = restricted_model(problem.free, fixed, tied)
    known, prior = (problem.shares_known, problem.sds_rule), problem.prior
    restricted = Problem(problem.x, problem.w, free, *known, prior)
    workspace = make_workspace(theta.shape[0] // 3, free.shape[1])
    limit = STEP_LIMIT_OF_MAXIMUM
    return iterate_newton(restricted, theta, NO_EM_STEPS, TOLERANCE, limit, workspace)


@jit
def maximum_with(
    problem: Problem, coordinate: Coordinate, log_likelihood: float, theta: Floats
) -> Point:
    """Maximum with a coordinate fixed, from a warm start, in place.

    The groups keep the order of their means: where the maximum is beyond, the means are equal.
    """
    groups = theta.shape[0] // 3
    fixed = np.zeros(problem.free.shape[0], np.bool_)
    is_gap = coordinate.second >= 0
    if not is_gap:
        fixed[coordinate.first] = True
        if problem.sds_rule == SDS_EQUAL and coordinate.first >= 2 * groups - 1:
            fixed[2 * groups - 1 :] = True
    start = theta.copy()
    end = maximum_of(problem, fixed, coordinate.first if is_gap else -1, theta)
    if groups > 1 and not is_gap and end.status == CONVERGED and theta[groups] > theta[groups + 1]:
        theta[:] = start
        lower, tied = groups - 1, groups - 1
        if coordinate.first == lower or coordinate.first == lower + 1:
            theta[groups : groups + 2] = theta[coordinate.first + 1]
            fixed[lower : lower + 2] = True
            tied = -1
        else:
            theta[groups : groups + 2] = theta[0] * theta[2] + theta[1] * theta[3]
        end = maximum_of(problem, fixed, tied, theta)
    root = np.sqrt(2.0 * (log_likelihood - end.log_likelihood))
    emptied = end.status == DEGENERATE and is_emptied(theta, problem.w.sum())
    return Point(end.status, root, emptied)


class Path(NamedTuple):
    """A way outwards from the estimate along one coordinate."""

    coordinate: Coordinate
    side: float  # -1: down; 1: up
    limit: float  # distance at which the coordinate is as good as at its boundary
    std_error: float
    tangent: Floats  # direction in u in which the maximum leaves the estimate


class End(NamedTuple):
    """An end of an interval: distance from the estimate, and how it was found."""

    distance: float
    how: int


@jit
def find_end(problem: Problem, path: Path, log_likelihood: float, theta: Floats) -> End:
    """Follow the maximum with a coordinate fixed until the likelihood has fallen far enough.

    The signed root of the loss is nearly linear, so that a few chords find the end, which is left
    in `theta`.
    """
    coordinate, side, limit = path.coordinate, path.side, path.limit
    best = value_of(theta, coordinate)
    low, high = 0.0, np.inf
    below, above = -Z_95, np.inf  # root minus what it must reach, at low and high
    at_estimate, at_low = theta.copy(), theta.copy()
    before, at_high = theta.copy(), theta.copy()
    trial, start = theta.copy(), theta.copy()
    before_low, last = 0.0, 0
    inside_high = ruled_out = False
    length = min(Z_95 * path.std_error, limit)
    for _ in range(MOST_TRIALS):
        if inside_high:
            extrapolate(at_low, at_high, (length - low) / (high - low), trial)
        elif low == 0.0:
            move(at_estimate, path.tangent, side * length, trial)
        else:
            ahead = min((length - before_low) / (low - before_low), 1.0 + LARGEST_GROWTH)
            extrapolate(before, at_low, ahead, trial)
        set_value(trial, coordinate, best + side * length, problem.sds_rule == SDS_EQUAL)
        start[:] = trial
        point = maximum_with(problem, coordinate, log_likelihood, trial)
        over = point.root - Z_95
        # A maximum that is far from where the path should go on, or above the estimate, is another.
        inside = (
            point.status == CONVERGED and point.root >= 0.0 and apart(start, trial) <= LONGEST_MOVE
        )
        if inside and abs(over) < ROOT_TOLERANCE:
            theta[:] = trial
            return End(length, REACHED)
        if inside and over < 0.0:
            before[:], before_low = at_low, low
            at_low[:], low, below = trial, length, over
            if last < 0:
                above *= 0.5  # the Illinois rule: no end of the chord is kept for long
            last = -1
            if length >= limit:
                theta[:] = trial
                return End(limit, BOUNDARY)
        elif inside:
            at_high[:], high, above = trial, length, over
            if last > 0:
                below *= 0.5
            last, inside_high = 1, True
        else:
            high, inside_high = length, False
            ruled_out = point.emptied and over > 0.0
        tolerance = WIDTH_TOLERANCE if inside_high else PATH_TOLERANCE
        if high < np.inf and high - low <= tolerance * high:
            break
        if high == np.inf:
            growth = min(max(Z_95 / max(below + Z_95, 0.5), SMALLEST_GROWTH), LARGEST_GROWTH)
            length = min(low * growth, limit)
        elif inside_high:
            length = low + (high - low) * below / (below - above)
        else:
            length = 0.5 * (low + high)
    theta[:] = at_low
    return End(low, REACHED if inside_high or ruled_out else BOUNDARY)


@jit
def bounds_of(theta: Floats, coordinate: Coordinate, people: float) -> tuple[float, float]:
    """Distances at which a coordinate is as good as at its boundaries, below and above.

    The boundaries are a share of one person and of all but one, an SD that is called degenerate,
    and a gap of 0; `FARTHEST` stands where there is none.
    """
    groups = theta.shape[0] // 3
    value, i = value_of(theta, coordinate), coordinate.first
    if coordinate.second >= 0:
        return value, FARTHEST
    if i < groups - 1:
        widest = np.log(people / FEWEST_PEOPLE - 1.0) - JUST_INSIDE
        return value + widest, widest - value
    if i < 2 * groups - 1:
        return FARTHEST, FARTHEST
    return value - np.log(SMALLEST_SD) - JUST_INSIDE, np.log(FARTHEST) - value


@jit
def end_of(problems: Problems, path: Path, theta: Floats) -> End:
    """An end on the nodes, or on the observations where the nodes do not serve."""
    workspace = make_workspace(theta.shape[0] // 3, problems.nodes.free.shape[1])
    end = End(np.nan, BOUNDARY)
    for problem in (problems.nodes, problems.full):
        there, x = theta.copy(), problem.x
        log_likelihood = certify(problem, theta, workspace)[0]
        end = find_end(problem, path, log_likelihood, there)
        if problems.width == 0.0:
            break
        if end.how == REACHED and is_valid(there, problems.width, x[0], x[-1]):
            break
    return end


@jit
def profile_fit(
    data: Data, constraints: Constraints, estimate: Floats, ends: Floats, how: Int8s
) -> None:
    """Profile intervals of one fit of one or two groups, into `ends` and `how`."""
    groups = estimate.shape[0] // 3
    centre, scale = weighted_mean_and_sd(data.values_cm, data.weight)
    observations = Observations(data.values_cm, data.weight, centre, scale)
    sample = weighted_sample(observations, data.width_cm)
    full = everybody(observations, sample.smallest, sample.largest)
    if data.weight.sum() < data.sketch_from:
        sample = full
    on_nodes, on_all = problem_of(sample, constraints), problem_of(full, constraints)
    problems = Problems(on_nodes, on_all, sample.width)
    theta = estimate.copy()
    for k in range(groups):
        theta[groups + k] = (estimate[groups + k] - centre) / scale
        theta[2 * groups + k] = estimate[2 * groups + k] / scale
    q = 3 * groups - 1
    observed, sandwich = np.empty((q, q)), np.empty((q, q))
    workspace = make_workspace(groups, constraints.free.shape[1])
    certify(problems.nodes, theta, workspace)
    if not covariances(problems.nodes, theta, 1.0, workspace, observed, sandwich):
        return
    for row in range(4 * groups - 1):
        k, part = row // 3, row % 3
        coordinate = Coordinate(groups - 1, groups)  # the gap
        if row < 3 * groups:
            coordinate = Coordinate((0, groups - 1 + k, 2 * groups - 1 + k)[part], -1)
        if row < 3 * groups and part == 0 and k == groups - 1:
            continue  # what the other shares leave
        tangent = observed[coordinate.first].copy()
        variance = tangent[coordinate.first]
        if coordinate.second >= 0:
            tangent = observed[coordinate.second] - tangent
            variance = tangent[coordinate.second] - tangent[coordinate.first]
        if not variance > 0.0:
            continue  # a known parameter has no interval
        tangent /= variance
        limits = bounds_of(theta, coordinate, problems.nodes.w.sum())
        for s in range(2):
            side = 2.0 * s - 1.0
            path = Path(coordinate, side, limits[s], np.sqrt(variance), tangent)
            end = end_of(problems, path, theta)
            how[row, s] = end.how
            value = value_of(theta, coordinate) + side * end.distance
            # ASSUME [profiles] what lies beyond the end of a path is not ruled out: the likelihood
            # is higher there, if at no interior maximum. Cutting the interval off there covers
            # less: 84 to 89 % instead of 87 to 94 %, in 400 samples of 200 girls and boys.
            at_bound = end.how == BOUNDARY
            if row == 3 * groups:
                ends[row, s] = scale * value if not at_bound else (0.0, np.inf)[s]
            elif part == 0:
                ends[row, s] = 1.0 / (1.0 + np.exp(-value)) if not at_bound else (0.0, 1.0)[s]
            elif part == 1:
                ends[row, s] = centre + scale * value if not at_bound else side * np.inf
            else:
                ends[row, s] = scale * np.exp(value) if not at_bound else (0.0, np.inf)[s]
    if groups > 1:
        last = 3 * (groups - 1)
        for s in range(2):
            ends[last, s], how[last, s] = 1.0 - ends[0, 1 - s], how[0, 1 - s]
