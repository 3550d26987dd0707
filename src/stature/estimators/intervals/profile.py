"""Profile likelihood: how far a parameter can go before the best fit with it is too bad.

The interval of a parameter psi are all values at which twice the log-likelihood, maximised over
everything else with psi held, is at most 3.84 below the maximum [1]_. The likelihood of a mixture
is unbounded: what is followed, from the estimate outwards, is its interior maximum. Compiled; units
of the sample.

References
----------
.. [1] Venzon & Moolgavkar (1988), A method for computing profile-likelihood-based confidence
   intervals, Applied Statistics 37:87.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int8s
from stature.estimators.intervals.held import (
    Coordinate,
    apart,
    extrapolate,
    maximum_with,
    put,
    value_of,
)
from stature.estimators.intervals.wald import Z_95
from stature.estimators.plain.problem import (
    CONVERGED,
    FEWEST_PEOPLE,
    SDS_EQUAL,
    SMALLEST_SD,
    Constraints,
    Problem,
    certify,
    covariances,
    make_workspace,
    move,
    problem_of,
)
from stature.estimators.plain.sample import everybody, weighted_sample
from stature.kernels.compile import jit
from stature.kernels.observations import Observations, weighted_mean_and_sd
from stature.kernels.sketch import is_valid

REACHED, BOUNDARY = 0, 1  # as in `estimator.IntervalStatus`

ROOT_TOLERANCE = 1e-9  # of the signed root, in standard errors
WIDTH_TOLERANCE = 1e-9  # relative, of a bracket that holds a jump
PATH_TOLERANCE = 1e-4  # relative, of a bracket that holds the end of a path
MOST_TRIALS = 100
FARTHEST = 1e3  # SDs of the sample
LONGEST_MOVE = 0.5  # from where a path should go on to where it does, as `apart` measures
LARGEST_GROWTH, SMALLEST_GROWTH = 2.0, 1.1
JUST_INSIDE = 1e-6  # relative, to a bound of what is called degenerate


class End(NamedTuple):
    """An end of an interval: distance from the estimate, and how it was found."""

    distance: float
    how: int


@jit
def find_end(
    problem: Problem,
    coordinate: Coordinate,
    side: float,
    limit: float,
    std_error: float,
    tangent: Floats,
    log_likelihood: float,
    theta: Floats,
) -> End:
    """Follow the maximum with a coordinate held until the likelihood has fallen far enough.

    The signed root of the loss is nearly linear, so that a few chords find the end.
    """
    best = value_of(theta, coordinate)
    low, high = 0.0, np.inf
    below, above = -Z_95, np.inf  # root minus what it must reach, at low and high
    at_estimate, at_low = theta.copy(), theta.copy()
    before, at_high = theta.copy(), theta.copy()
    trial, start = theta.copy(), theta.copy()
    before_low, last = 0.0, 0
    whole_high = ruled_out = False
    length = min(Z_95 * std_error, limit)
    for _ in range(MOST_TRIALS):
        if whole_high:
            extrapolate(at_low, at_high, (length - low) / (high - low), trial)
        elif low == 0.0:
            move(at_estimate, tangent, side * length, trial)
        else:
            ahead = min((length - before_low) / (low - before_low), 1.0 + LARGEST_GROWTH)
            extrapolate(before, at_low, ahead, trial)
        put(trial, coordinate, best + side * length, problem.sds_rule == SDS_EQUAL)
        start[:] = trial
        point = maximum_with(problem, coordinate, log_likelihood, trial)
        over = point.root - Z_95
        # A maximum that is far from where the path should go on, or above the estimate, is another.
        whole = (
            point.status == CONVERGED and point.root >= 0.0 and apart(start, trial) <= LONGEST_MOVE
        )
        if whole and abs(over) < ROOT_TOLERANCE:
            theta[:] = trial
            return End(length, REACHED)
        if whole and over < 0.0:
            before[:], before_low = at_low, low
            at_low[:], low, below = trial, length, over
            if last < 0:
                above *= 0.5  # the Illinois rule: no end of the chord is kept for long
            last = -1
            if length >= limit:
                theta[:] = trial
                return End(limit, BOUNDARY)
        elif whole:
            at_high[:], high, above = trial, length, over
            if last > 0:
                below *= 0.5
            last, whole_high = 1, True
        else:
            high, whole_high = length, False
            ruled_out = point.emptied and over > 0.0
        tolerance = WIDTH_TOLERANCE if whole_high else PATH_TOLERANCE
        if high < np.inf and high - low <= tolerance * high:
            break
        if high == np.inf:
            growth = min(max(Z_95 / max(below + Z_95, 0.5), SMALLEST_GROWTH), LARGEST_GROWTH)
            length = min(low * growth, limit)
        elif whole_high:
            length = low + (high - low) * below / (below - above)
        else:
            length = 0.5 * (low + high)
    theta[:] = at_low
    return End(low, REACHED if whole_high or ruled_out else BOUNDARY)


@jit
def bounds_of(theta: Floats, coordinate: Coordinate, people: float) -> tuple[float, float]:
    """Distances at which a coordinate is as good as at its boundaries, below and above.

    How far a share is from one person and from all but one, an SD from what is called degenerate, a
    gap from 0; and `FARTHEST` where there is no such bound.
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
def profile_row(
    problem: Problem,
    finer: Problem,
    width: float,
    coordinate: Coordinate,
    observed: Floats,
    theta: Floats,
    distances: Floats,
    how: Int8s,
) -> bool:
    """Both ends of the interval of one coordinate.

    False if the coordinate is told: then there is no interval.
    """
    q = observed.shape[0]
    tangent = observed[coordinate.first].copy()
    variance = tangent[coordinate.first]
    if coordinate.second >= 0:
        tangent = observed[coordinate.second] - tangent
        variance = tangent[coordinate.second] - tangent[coordinate.first]
    if not variance > 0.0:
        return False
    for i in range(q):
        tangent[i] /= variance
    people = problem.w.sum()
    bounds = bounds_of(theta, coordinate, people)
    space = make_workspace(theta.shape[0] // 3, problem.free.shape[1])
    for s in range(2):
        side = 2.0 * s - 1.0
        for here in (problem, finer):
            there = theta.copy()
            log_likelihood = certify(here, theta, space)[0]
            end = find_end(
                here, coordinate, side, bounds[s], np.sqrt(variance), tangent, log_likelihood, there
            )
            distances[s], how[s] = end.distance, end.how
            x = here.x
            if width == 0.0 or (end.how == REACHED and is_valid(there, width, x[0], x[-1])):
                break
    return True


@jit
def profile_fit(
    heights_cm: Floats,
    weight: Floats,
    width_cm: float,
    sketch_from: int,
    constraints: Constraints,
    estimate: Floats,
    ends: Floats,
    how: Int8s,
) -> None:
    """Profile intervals of one fit of one or two groups."""
    groups = estimate.shape[0] // 3
    centre, scale = weighted_mean_and_sd(heights_cm, weight)
    observations = Observations(heights_cm, weight, centre, scale)
    sample = weighted_sample(observations, width_cm)
    full = everybody(observations, sample.smallest, sample.largest)
    if weight.sum() < sketch_from:
        sample = full
    problem, finest = problem_of(sample, constraints), problem_of(full, constraints)
    theta = estimate.copy()
    for k in range(groups):
        theta[groups + k] = (estimate[groups + k] - centre) / scale
        theta[2 * groups + k] = estimate[2 * groups + k] / scale
    q = 3 * groups - 1
    observed, sandwich = np.empty((q, q)), np.empty((q, q))
    space = make_workspace(groups, constraints.free.shape[1])
    certify(problem, theta, space)
    if not covariances(problem, theta, 1.0, space, observed, sandwich):
        return
    distances, found = np.empty(2), np.empty(2, np.int8)
    for row in range(4 * groups - 1):
        k, part = row // 3, row % 3
        coordinate = Coordinate(groups - 1, groups)  # the gap
        if row < 3 * groups:
            coordinate = Coordinate((0, groups - 1 + k, 2 * groups - 1 + k)[part], -1)
        if row < 3 * groups and part == 0 and k == groups - 1:
            continue  # what the other shares leave
        args = problem, finest, sample.width
        if not profile_row(*args, coordinate, observed, theta, distances, found):
            continue
        for s in range(2):
            side, how[row, s] = 2.0 * s - 1.0, found[s]
            value = value_of(theta, coordinate) + side * distances[s]
            # ASSUME what lies beyond the end of a path is not ruled out: the likelihood is higher
            # there, if at no interior maximum. Cutting the interval off there covers less: 84 to
            # 89 % instead of 87 to 94 %, in 400 samples of 200 girls and boys.
            at_bound = found[s] == BOUNDARY
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
