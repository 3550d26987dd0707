"""The search for the best interior maximum of one sample: screen starts, follow them, optimise.

The likelihood of a mixture is unbounded, so the estimate is the best certified and not degenerate
maximum among those that the starts reach. Newton makes ten likelihood evaluations where EM makes
thousands: it tells which start leads to the highest maximum, and EM or SQUAREM then iterate from
that one. Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Ints
from stature.estimators.plain.methods import (
    NEWTON_EM_STEPS,
    NO_EM_STEPS,
    iterate_em,
    iterate_newton,
    iterate_squarem,
    run_em,
)
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_EQUAL,
    SDS_KNOWN,
    SDS_RATIO,
    STEP_LIMIT,
    SWAPPED,
    Constraints,
    Problem,
    Result,
    Sample,
    Workspace,
    problem_of,
    refined,
    rough_nodes,
    rough_width_cm,
    serves,
    with_nodes,
)
from stature.estimators.plain.starts import MOMENT_START, start_by_moments
from stature.kernels.compile import integer, jit, jit_inside, jit_lent
from stature.kernels.linear import copy
from stature.kernels.prior import log_prior
from stature.kernels.sums import WITH_LIKELIHOOD, em_pass

EM, NEWTON, SQUAREM = integer(0), integer(1), integer(2)
SAME_MAXIMUM = 1e-6  # log-likelihoods closer than this are of one maximum
SAME_START = 1e-3  # starts closer than this, in units of the sample, are one
SAME_END = 1e-3  # likewise ends, in SDs of their narrowest group
MOST_TRIES = 3  # starts from which a slower method seeks the maximum that Newton found
MOST_NEWTON_STEPS = 200  # a dozen are enough; what needs more is no maximum worth finding
ROUGH_TOLERANCE = 1e-4  # a hundredth of a standard error, and then one more step
NEWTON_TOLERANCE = 1e-8  # `problem.finish` does the rest
NO_START = -1  # that of iterations that began at Newton's maximum


class Settings(NamedTuple):
    """How an estimator searches; see `stature.estimators.estimator.Estimator`.

    Samples of `sketch_from` observations or more are fitted through a sketch.
    """

    method: int
    screening_steps: int
    kept_starts: int
    step_limit: int
    tolerance: float
    sketch_from: int


class Screened(NamedTuple):
    """Starts after a few EM steps, s of them."""

    theta: Floats  # shape (s, 3 k)
    value: Floats  # shape (s,): log-likelihood; minus infinity where there is none
    rank: Ints  # shape (s,): the highest first


class Ends(NamedTuple):
    """Where Newton led from the best starts: the first `run` entries, and which is the best."""

    theta: Floats
    value: Floats
    status: Ints
    steps: Ints
    start: Ints
    run: int
    best: int
    passes: int


class SearchResult(NamedTuple):
    """The outcome of a search; the parameters are in the array that was passed."""

    status: int
    passes: int
    steps: int
    starts: int
    agreeing: int
    start: int


@jit
def search(
    sample: Sample,
    constraints: Constraints,
    starts: Floats,
    settings: Settings,
    space: Workspace,
    best: Floats,
) -> tuple[SearchResult, Sample]:
    """Search from all starts; the parameters of the best maximum go into `best`.

    The sample comes back with nodes that serve at that maximum.
    """
    problem = problem_of(sample, constraints)
    known_sds = constraints.known_sds_cm / sample.observations.scale
    rough = rough_nodes(sample, problem)
    screened = screen(rough, starts, known_sds, settings.screening_steps, space)
    passes = starts.shape[0] * (settings.screening_steps + 1)
    ends, sample = follow(sample, problem, rough, screened, settings, space)
    passes += ends.passes
    if ends.run == 0:
        copy(screened.theta[screened.rank[0]], best)
        return SearchResult(DEGENERATE, passes, 0, 0, 0, screened.rank[0]), sample
    copy(ends.theta[ends.best], best)
    status, log_likelihood = ends.status[ends.best], ends.value[ends.best]
    steps, start = ends.steps[ends.best], ends.start[ends.best]
    agreeing, tries = 0, 0
    for i in range(ends.run):
        if status == CONVERGED and abs(ends.value[i] - log_likelihood) < SAME_MAXIMUM:
            agreeing += 1
    if settings.method == NEWTON:
        steps += settings.screening_steps
        return SearchResult(status, passes, steps, ends.run, agreeing, start), sample
    problem = problem_of(sample, constraints)
    theta = best.copy()
    method, screening_steps, kept_starts, step_limit, tolerance, sketch_from = settings
    for i in range(ends.run + 1):
        done = 0
        is_last = i == ends.run or tries == MOST_TRIES
        if is_last:
            # From these starts the method goes elsewhere; it stays at the maximum that is known.
            copy(best, theta)
        elif status == CONVERGED and abs(ends.value[i] - log_likelihood) >= SAME_MAXIMUM:
            continue
        else:
            tries += 1
            begin(problem, starts[ends.start[i]], ends.start[i], known_sds, theta)
            run_em(problem, theta, screening_steps, space)
            passes += screening_steps
            if method == EM:
                done = approach(rough, problem, theta, settings, space)
        left = Settings(
            method, screening_steps, kept_starts, step_limit - done, tolerance, sketch_from
        )
        end, nodes = optimise(sample, problem, theta, left, NO_EM_STEPS, space)
        passes += done + end.passes
        ended = admissible(end.status, theta, problem)
        there = abs(end.log_likelihood - log_likelihood) < SAME_MAXIMUM
        # Where Newton found no maximum, or the method runs out of steps on its way to it, the
        # method's own end is the answer.
        if is_last or status != CONVERGED or there or ended == STEP_LIMIT:
            copy(theta, best)
            sample = nodes
            status, steps, start = ended, end.steps, NO_START
            if not is_last:
                steps, start = screening_steps + done + end.steps, ends.start[i]
            break
    return SearchResult(status, passes, steps, ends.run, agreeing, start), sample


@jit
def screen(
    rough: Problem, starts: Floats, known_sds: Floats, steps: int, space: Workspace
) -> Screened:
    """Run a few EM steps from every start, on rough nodes, and rank what they came to."""
    count = starts.shape[0]
    screened = Screened(np.empty(starts.shape), np.empty(count), np.empty(count, np.int64))
    _screen(rough, starts, known_sds, steps, screened, space)
    return screened


@jit_lent
def _screen(
    rough: Problem,
    starts: Floats,
    known_sds: Floats,
    steps: int,
    screened: Screened,
    space: Workspace,
) -> None:
    """Fill in what `screen` makes."""
    theta, value, rank = screened
    for s in range(starts.shape[0]):
        begin(rough, starts[s], s, known_sds, theta[s])
        value[s] = -np.inf
        if run_em(rough, theta[s], steps, space) == 0:
            log_likelihood = em_pass(
                rough.x, rough.w, theta[s], WITH_LIKELIHOOD, space.work, space.sums
            )
            if np.isfinite(log_likelihood):
                value[s] = log_likelihood + log_prior(theta[s], rough.prior)
    fill_ranks(value, rank)


@jit_lent
def begin(problem: Problem, start: Floats, index: int, known_sds: Floats, theta: Floats) -> None:
    """Fill in the start of a given index, made to fit the model, into `theta`."""
    groups = theta.shape[0] // 3
    copy(start, theta)
    if index == MOMENT_START and groups == 2:
        start_by_moments(problem.x, problem.w, theta)
    if problem.shares_known:
        copy(start, theta[:groups])
    if problem.sds_rule == SDS_EQUAL:
        variance = 0.0
        for k in range(groups):
            variance += theta[k] * theta[2 * groups + k] ** 2
        theta[2 * groups :] = np.sqrt(variance)
    elif problem.sds_rule == SDS_KNOWN:
        copy(known_sds, theta[2 * groups :])
    elif problem.sds_rule == SDS_RATIO:
        variance = 0.0
        for k in range(groups):
            variance += theta[k] * (theta[2 * groups + k] / known_sds[k]) ** 2
        for k in range(groups):
            theta[2 * groups + k] = np.sqrt(variance) * known_sds[k]


@jit
def follow(
    sample: Sample,
    problem: Problem,
    rough: Problem,
    screened: Screened,
    settings: Settings,
    space: Workspace,
) -> tuple[Ends, Sample]:
    """Iterate Newton from the best starts, in their order; nodes that serve at the best end.

    It iterates on rough nodes, or on some that serve where groups are too narrow for those, and
    then goes on to the maximum; where two iterations meet before, they are one.
    """
    count = screened.value.shape[0]
    theta, rough_end = np.empty(screened.theta.shape), np.empty(screened.theta.shape)
    value, status = np.empty(count), np.empty(count, np.int64)
    value[:], status[:] = -np.inf, DEGENERATE
    steps, start = np.empty(count, np.int64), np.empty(count, np.int64)
    limit = settings.step_limit if settings.method == NEWTON else MOST_NEWTON_STEPS
    _, screening_steps, kept_starts, _, _, sketch_from = settings
    newton = Settings(NEWTON, screening_steps, kept_starts, limit, NEWTON_TOLERANCE, sketch_from)
    run, best, passes = 0, 0, 0
    serving = finer = sample
    scale = sample.observations.scale
    is_all = sample.width == 0.0 and rough.x.shape[0] == problem.x.shape[0]
    narrowest = 0.0 if is_all else rough_width_cm(scale) / scale
    for position in range(count):
        s = screened.rank[position]
        if run == kept_starts or screened.value[s] == -np.inf:
            break
        if _is_repeated(screened, position):
            continue
        end, nodes = rough_end[run], sample
        ended = _run_newton(rough, screened.theta[s], limit, space, end)
        passes += ended.passes
        is_end = ended.status == CONVERGED and _narrowest(end) >= narrowest
        if not is_end and not is_all:
            nodes = finer
            if not serves(finer, end):
                nodes = refined(sample, end)
                finer = nodes if nodes.width > 0.0 else finer
            here = with_nodes(problem, nodes.x, nodes.w)
            ended = _run_newton(here, screened.theta[s], limit, space, end)
            passes += ended.passes
            is_end = ended.status == CONVERGED and serves(nodes, end)
        taken, start[run] = ended.steps, s
        em_steps = NO_EM_STEPS
        copy(end, theta[run])
        if not is_end:
            end[0] = np.nan  # which is no other's end
            if nodes.width > 0.0:
                nodes, em_steps, taken = refined(nodes, theta[run]), NEWTON_EM_STEPS, 0
                copy(screened.theta[s], theta[run])
        earlier = _earlier(rough_end[: run + 1])
        if earlier < run:
            copy(theta[earlier], theta[run])
            status[run], value[run], steps[run] = status[earlier], value[earlier], taken
            run += 1
            continue
        if is_end or em_steps > 0:
            ended, nodes = optimise(nodes, problem, theta[run], newton, em_steps, space)
            passes += ended.passes
            taken += ended.steps
        status[run] = admissible(ended.status, theta[run], problem)
        value[run] = ended.log_likelihood if np.isfinite(ended.log_likelihood) else -np.inf
        steps[run] = taken
        if run == 0 or is_better(status[run], value[run], status[best], value[best]):
            best, serving = run, nodes
        if status[run] != CONVERGED:
            value[run] = -np.inf
        run += 1
    return Ends(theta, value, status, steps, start, run, best, passes), serving


@jit_lent
def _run_newton(
    problem: Problem, start: Floats, limit: int, space: Workspace, end: Floats
) -> Result:
    """Run Newton from a start to near its end, which is filled in."""
    copy(start, end)
    return iterate_newton(problem, end, NEWTON_EM_STEPS, ROUGH_TOLERANCE, limit, space)


@jit_inside
def _narrowest(theta: Floats) -> float:
    """The least SD; NaN where one is none."""
    least = np.inf
    for k in range(2 * theta.shape[0] // 3, theta.shape[0]):
        least = least if least <= theta[k] else theta[k]
    return least


@jit
def optimise(
    sample: Sample,
    model: Problem,
    theta: Floats,
    settings: Settings,
    em_steps: int,
    space: Workspace,
) -> tuple[Result, Sample]:
    """Iterate by the method of the settings, in place, on nodes that serve where it ends.

    Where these do not, the iterations start again on finer ones, and come back with those that do.
    Newton runs some EM steps before, if it comes from a start.
    """
    start = theta.copy()
    tolerance, limit = settings.tolerance, settings.step_limit
    while True:
        here = with_nodes(model, sample.x, sample.w)
        if settings.method == NEWTON:
            end = iterate_newton(here, theta, em_steps, tolerance, limit, space)
        elif settings.method == SQUAREM:
            end = iterate_squarem(here, theta, tolerance, limit, space)
        else:
            end = iterate_em(here, theta, tolerance, limit, space)
        if serves(sample, theta):
            return end, sample
        sample = refined(sample, theta)
        copy(start, theta)


@jit
def approach(
    rough: Problem, problem: Problem, theta: Floats, settings: Settings, space: Workspace
) -> int:
    """Take EM, in place, to where it converges on rough nodes, which are much fewer; its steps.

    From there it needs hardly a step on all nodes. Where it does not converge it has yet to begin.
    """
    if rough.x.shape[0] == problem.x.shape[0]:
        return 0
    start = theta.copy()
    end = iterate_em(rough, theta, settings.tolerance, settings.step_limit, space)
    if end.status == CONVERGED:
        return end.steps
    copy(start, theta)
    return 0


@jit_lent
def fill_ranks(values: Floats, rank: Ints) -> None:
    """Fill in the indices that sort a short array, the highest first, ties in their order.

    The library's stable sort does the same, but takes seconds to compile.
    """
    for i in range(values.shape[0]):
        rank[i] = j = i
        while j > 0 and values[rank[j - 1]] < values[rank[j]]:
            rank[j - 1], rank[j] = rank[j], rank[j - 1]
            j -= 1


@jit
def admissible(status: int, theta: Floats, problem: Problem) -> int:
    """Status of an end after its groups were put in the order of their means, in place.

    A known share or SD belongs to its group: where exchanging the groups would exchange what is
    known, a maximum is one of the swapped labelling and is not admissible; it is left as it is.
    """
    groups = theta.shape[0] // 3
    ordered = theta.copy()
    for i in range(1, groups):  # by insertion
        for j in range(i, 0, -1):
            if not ordered[groups + j - 1] > ordered[groups + j]:
                break
            for part in range(3):
                at = part * groups + j
                ordered[at - 1], ordered[at] = ordered[at], ordered[at - 1]
    for k in range(groups):
        share_moved = problem.shares_known and ordered[k] != theta[k]
        sd_moved = ordered[2 * groups + k] != theta[2 * groups + k]
        if share_moved or (problem.sds_rule >= SDS_KNOWN and sd_moved):
            return SWAPPED if status == CONVERGED else status
    copy(ordered, theta)
    return status


@jit_inside
def is_better(status: int, value: float, than_status: int, than_value: float) -> bool:
    """Whether an end is preferred: certified first, then by log-likelihood."""
    order = (0, 1, 3, 4, 4, 2)  # converged, step limit, degenerate, nonfinite, -, swapped
    if order[status] != order[than_status]:
        return order[status] < order[than_status]
    return value > than_value


@jit_inside
def distance(theta: Floats, other: Floats) -> float:
    """Largest difference of a parameter."""
    farthest = 0.0
    for i in range(theta.shape[0]):
        difference = abs(theta[i] - other[i])
        if not difference <= farthest:
            farthest = difference if difference < np.inf else np.inf
    return farthest


@jit_inside
def _earlier(ends: Floats) -> int:
    """The first iterations that ended where the last ones did; the last if there are no others."""
    last = ends.shape[0] - 1
    near = SAME_END * _narrowest(ends[last])
    for earlier in range(last):
        if distance(ends[earlier], ends[last]) < near:
            return earlier
    return last


@jit_inside
def _is_repeated(screened: Screened, position: int) -> bool:
    """Whether a start that ranks higher has come to the same place."""
    theta, rank = screened.theta, screened.rank
    nearest = np.inf
    for before in range(position):
        nearest = min(nearest, distance(theta[rank[before]], theta[rank[position]]))
    return nearest < SAME_START
