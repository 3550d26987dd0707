"""The search for the best interior maximum of one sample: screen, scout by Newton, climb.

The likelihood of a mixture is unbounded, so the estimate is the best certified and not degenerate
maximum among those that the starts reach, and is called so. Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.estimators.em import climb_by_em, run_em
from stature.estimators.newton import NEWTON_TOLERANCE, climb_by_newton
from stature.estimators.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_EQUAL,
    SDS_KNOWN,
    STEP_LIMIT,
    Climb,
    Problem,
    Room,
)
from stature.estimators.squarem import climb_by_squarem
from stature.estimators.starts import MOMENT_START, start_by_moments
from stature.kernels.compile import jit
from stature.kernels.sketch import (
    NODES_PER_CELL,
    add_people,
    empty_cells,
    is_valid,
    write_nodes,
)
from stature.kernels.sums import likelihood_pass

SWAPPED = 5  # as in `estimator.Status`
EM, NEWTON, SQUAREM = 0, 1, 2
SAME_START = 1e-3  # starts closer than this, in units of the sample, are one
SAME_MAXIMUM = 1e-6  # log-likelihoods closer than this are of one maximum
MOST_SCOUT_STEPS = 200  # Newton needs a dozen; what needs more is no maximum worth climbing
MOST_TRIES = 3  # starts from which a slower method seeks the maximum that Newton found
NO_START = -1  # that of a climb that began at Newton's maximum
REFINEMENT = 4.0  # cells are so much narrower where the guard of a sketch has failed


class Settings(NamedTuple):
    """How an estimator searches; see `stature.estimators.estimator.Estimator`."""

    method: int
    screening_steps: int
    kept_starts: int
    step_limit: int
    tolerance: float


class Sample(NamedTuple):
    """A sample in its own units: all people, and the nodes that stand for them.

    `width` is the width of the sketch's cells, 0 where the nodes are the people themselves.
    """

    people: NDArray[np.float64]
    weights: NDArray[np.float64]
    x: NDArray[np.float64]
    w: NDArray[np.float64]
    width: float


class Found(NamedTuple):
    """The outcome of a search; the parameters are in the array that was passed."""

    status: int
    log_likelihood: float
    passes: int
    steps: int
    starts: int
    agreeing: int
    start: int


@jit
def begin(
    problem: Problem,
    start: NDArray[np.float64],
    index: int,
    known_sds: NDArray[np.float64],
    theta: NDArray[np.float64],
) -> None:
    """Fill in the start of a given index, made to fit the model, into `theta`.

    Parameters
    ----------
    problem : Problem
        Heights and model.
    start : array, shape (3 k,)
        The start as `stature.estimators.starts.starts` made it.
    index : int
        Which start it is; the one by moments looks at the heights.
    known_sds : array, shape (k,)
        SDs that are told, in units of the sample.
    theta : array, shape (3 k,)
        Receives the start.
    """
    groups = theta.shape[0] // 3
    theta[:] = start
    if index == MOMENT_START and groups == 2:
        start_by_moments(problem.x, problem.w, theta)
    if problem.shares_known:
        theta[:groups] = start[:groups]
    if problem.sds_rule == SDS_EQUAL:
        variance = 0.0
        for k in range(groups):
            variance += theta[k] * theta[2 * groups + k] ** 2
        theta[2 * groups :] = np.sqrt(variance)
    elif problem.sds_rule == SDS_KNOWN:
        theta[2 * groups :] = known_sds


@jit
def search(
    sample: Sample,
    problem: Problem,
    starts: NDArray[np.float64],
    known_sds: NDArray[np.float64],
    settings: Settings,
    room: Room,
    best: NDArray[np.float64],
) -> Found:
    """Search from all starts; the parameters of the best maximum go into `best`.

    Parameters
    ----------
    sample : Sample
        The sample.
    problem : Problem
        Its nodes and the model.
    starts : array, shape (s, 3 k)
        Starts in units of the sample.
    known_sds : array, shape (k,)
        SDs that are told, in units of the sample; unused in other models.
    settings : Settings
        How to search.
    room : Room
        Room to work in.
    best : array, shape (3 k,)
        Receives the parameters, in the order of their means.

    Returns
    -------
    Found
        How the search ended.
    """
    count = starts.shape[0]
    screened = np.empty_like(starts)
    height = np.full(count, -np.inf)
    passes = 0
    for s in range(count):
        begin(problem, starts[s], s, known_sds, screened[s])
        if run_em(problem, screened[s], settings.screening_steps, room):
            value = likelihood_pass(problem.x, problem.w, screened[s], room.work, room.sums)
            height[s] = value if np.isfinite(value) else -np.inf
        passes += settings.screening_steps + 1
    rank = ranking(-height)
    scouts = _scout(sample, problem, screened, rank, height, settings, room)
    passes += scouts.passes
    best[:] = scouts.theta[scouts.best] if scouts.run > 0 else screened[rank[0]]
    if scouts.run == 0:
        return Found(DEGENERATE, -np.inf, passes, 0, 0, 0, rank[0])
    status, log_likelihood = scouts.status[scouts.best], scouts.value[scouts.best]
    steps, start = scouts.steps[scouts.best], scouts.start[scouts.best]
    agreeing, tries = 0, 0
    for i in range(scouts.run):
        if status == CONVERGED and abs(scouts.value[i] - log_likelihood) < SAME_MAXIMUM:
            agreeing += 1
    if settings.method == NEWTON:
        steps += settings.screening_steps
        return Found(status, log_likelihood, passes, steps, scouts.run, agreeing, start)
    theta = np.empty_like(best)
    for i in range(scouts.run):
        if tries == MOST_TRIES:
            break
        if status == CONVERGED and abs(scouts.value[i] - log_likelihood) >= SAME_MAXIMUM:
            continue
        tries += 1
        theta[:] = screened[scouts.start[i]]
        climb = _climb_validly(sample, problem, theta, settings, room)
        passes += climb.passes
        ended = _admissible(climb.status, theta, problem)
        steps, start = settings.screening_steps + climb.steps, scouts.start[i]
        there = abs(climb.log_likelihood - log_likelihood) < SAME_MAXIMUM
        if status != CONVERGED or there or ended == STEP_LIMIT:
            # Where Newton found no maximum, or the method runs out of steps on its way to it, the
            # method's own end is the answer.
            best[:] = theta
            return Found(ended, climb.log_likelihood, passes, steps, scouts.run, agreeing, start)
    # The method climbs elsewhere from these starts; it stands still at the maximum that is known.
    climb = _climb_validly(sample, problem, best, settings, room)
    ended = _admissible(climb.status, best, problem)
    passes += climb.passes
    return Found(ended, climb.log_likelihood, passes, climb.steps, scouts.run, agreeing, NO_START)


class Scouts(NamedTuple):
    """Newton's climbs from the best starts: where each ended, and which is the best."""

    theta: NDArray[np.float64]
    value: NDArray[np.float64]
    status: NDArray[np.int64]
    steps: NDArray[np.int64]
    start: NDArray[np.int64]
    run: int
    best: int
    passes: int


@jit
def _scout(
    sample: Sample,
    problem: Problem,
    screened: NDArray[np.float64],
    rank: NDArray[np.int64],
    height: NDArray[np.float64],
    settings: Settings,
    room: Room,
) -> Scouts:
    """Climb by Newton from the best starts, in their order.

    Newton makes ten passes where EM makes thousands: it tells which start leads to the highest
    maximum, and EM or SQUAREM then climb from that one.
    """
    theta = np.empty_like(screened)
    value = np.full(height.shape[0], -np.inf)
    status = np.full(height.shape[0], DEGENERATE)
    steps, start = np.zeros_like(rank), np.zeros_like(rank)
    limit = settings.step_limit if settings.method == NEWTON else MOST_SCOUT_STEPS
    newton = Settings(
        NEWTON, settings.screening_steps, settings.kept_starts, limit, NEWTON_TOLERANCE
    )
    run, best, passes = 0, 0, 0
    for position in range(height.shape[0]):
        s = rank[position]
        if run == settings.kept_starts or height[s] == -np.inf:
            break
        if _is_repeated(screened, rank, position):
            continue
        theta[run] = screened[s]
        climb = _climb_validly(sample, problem, theta[run], newton, room)
        passes += climb.passes
        status[run] = _admissible(climb.status, theta[run], problem)
        value[run] = climb.log_likelihood if np.isfinite(climb.log_likelihood) else -np.inf
        steps[run], start[run] = climb.steps, s
        if _is_better(status[run], value[run], status[best], value[best]):
            best = run
        if status[run] != CONVERGED:
            value[run] = -np.inf
        run += 1
    return Scouts(theta, value, status, steps, start, run, best, passes)


@jit
def _admissible(status: int, theta: NDArray[np.float64], problem: Problem) -> int:
    """Status after the groups were put in order, in place: a swapped maximum has not converged."""
    ordered = order_by_mean(theta, problem)
    return ordered if status == CONVERGED else status


@jit
def _is_repeated(screened: NDArray[np.float64], rank: NDArray[np.int64], position: int) -> bool:
    """Whether a start that ranks higher has come to the same place."""
    here = screened[rank[position]]
    for before in range(position):
        farthest = 0.0
        for i in range(here.shape[0]):
            farthest = max(farthest, abs(screened[rank[before], i] - here[i]))
        if farthest < SAME_START:
            return True
    return False


@jit
def ranking(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices that sort a short array, ties in their order, by insertion.

    The library's stable sort does the same, but takes seconds to compile.

    Parameters
    ----------
    values : array, shape (n,)
        Numbers, none of them NaN.

    Returns
    -------
    array of int, shape (n,)
        Indices.
    """
    rank = np.arange(values.shape[0])
    for i in range(1, values.shape[0]):
        j = i
        while j > 0 and values[rank[j - 1]] > values[rank[j]]:
            rank[j - 1], rank[j] = rank[j], rank[j - 1]
            j -= 1
    return rank


@jit
def _is_better(status: int, value: float, than_status: int, than_value: float) -> bool:
    """Whether an end is preferred: certified first, then by log-likelihood."""
    order = (0, 1, 3, 4, 4, 2)  # converged, step limit, degenerate, nonfinite, -, swapped
    if order[status] != order[than_status]:
        return order[status] < order[than_status]
    return value > than_value


@jit
def order_by_mean(theta: NDArray[np.float64], problem: Problem) -> int:
    """Put the groups in the order of their means, in place, if the model allows it.

    A share or SD that is told belongs to its group: where exchanging the groups would exchange
    what was told, the maximum is one of the swapped labelling and is not admissible.

    Parameters
    ----------
    theta : array, shape (3 k,)
        Parameters; receives them in order.
    problem : Problem
        The model.

    Returns
    -------
    int
        `CONVERGED` if the groups are in order now, else `SWAPPED`.
    """
    groups = theta.shape[0] // 3
    order = ranking(theta[groups : 2 * groups])
    ordered = np.empty_like(theta)
    for k in range(groups):
        for part in range(3):
            ordered[part * groups + k] = theta[part * groups + order[k]]
    for k in range(groups):
        if problem.shares_known and ordered[k] != theta[k]:
            return SWAPPED
        if problem.sds_rule == SDS_KNOWN and ordered[2 * groups + k] != theta[2 * groups + k]:
            return SWAPPED
    theta[:] = ordered
    return CONVERGED


@jit
def _climb(problem: Problem, theta: NDArray[np.float64], settings: Settings, room: Room) -> Climb:
    """Climb by the method of the settings, in place."""
    if settings.method == NEWTON:
        return climb_by_newton(problem, theta, settings.tolerance, settings.step_limit, room)
    if settings.method == SQUAREM:
        return climb_by_squarem(problem, theta, settings.tolerance, settings.step_limit, room)
    return climb_by_em(problem, theta, settings.tolerance, settings.step_limit, room)


@jit
def _climb_validly(
    sample: Sample, problem: Problem, theta: NDArray[np.float64], settings: Settings, room: Room
) -> Climb:
    """Climb on the nodes, in place; where their guard fails, on finer ones or on the people."""
    start = theta.copy()
    climb = _climb(problem, theta, settings, room)
    if sample.width == 0.0:
        return climb
    smallest, largest = sample.people.min(), sample.people.max()
    width = sample.width
    while not is_valid(theta, width, smallest, largest):
        width /= REFINEMENT
        nodes = int((largest - smallest) / width + 2.0) * NODES_PER_CELL
        theta[:] = start
        if nodes > sample.people.shape[0]:
            raw = Problem(
                sample.people, sample.weights, problem.free, problem.shares_known, problem.sds_rule
            )
            return _climb(raw, theta, settings, room)
        cells = empty_cells(smallest, largest, width)
        add_people(cells, sample.people, sample.weights)
        x, w = np.empty(nodes), np.empty(nodes)
        written = write_nodes(cells, x, w)
        finer = Problem(
            x[:written], w[:written], problem.free, problem.shares_known, problem.sds_rule
        )
        climb = _climb(finer, theta, settings, room)
    return climb
