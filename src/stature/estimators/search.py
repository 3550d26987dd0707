"""The search for the best interior maximum of one sample: screen, scout by Newton, climb.

The likelihood of a mixture is unbounded, so the estimate is the best certified and not degenerate
maximum among those that the starts reach, and is called so. Compiled; units of the sample.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.estimators.em import climb_by_em, run_em
from stature.estimators.newton import NEWTON_EM_STEPS, climb_by_newton
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
from stature.kernels.compile import jit, whole
from stature.kernels.sketch import (
    NODES_PER_CELL,
    add_people,
    empty_cells,
    is_valid,
    write_nodes,
)
from stature.kernels.sums import likelihood_pass

SWAPPED = 5  # as in `estimator.Status`
EM, NEWTON, SQUAREM = whole(0), whole(1), whole(2)
SAME_START = 1e-3  # starts closer than this, in units of the sample, are one
SAME_MAXIMUM = 1e-6  # log-likelihoods closer than this are of one maximum
MOST_SCOUT_STEPS = 200  # Newton needs a dozen; what needs more is no maximum worth climbing
MOST_TRIES = 3  # starts from which a slower method seeks the maximum that Newton found
NO_START = -1  # that of a climb that began at Newton's maximum
SCOUT_TOLERANCE = 1e-8  # `finish` does the rest
NO_EM_STEPS = whole(0)
ROUGH_WIDTH = 0.5  # of the cells in which starts are tried, in SDs of the sample; a power of 2
FEWEST_TIMES_ROUGHER = 2
REFINEMENT = 4.0  # cells are so much narrower where the guard of a sketch has failed


class Settings(NamedTuple):
    """How an estimator searches; see `stature.estimators.estimator.Estimator`.

    Samples of `sketch_from` people or more are fitted through a sketch.
    """

    method: int
    screening_steps: int
    kept_starts: int
    step_limit: int
    tolerance: float
    sketch_from: int


class Sample(NamedTuple):
    """A sample: all people in cm, and the nodes that stand for them in units of the sample.

    `counts` are how many people each height stands for, none where it is always one. `centre` and
    `scale` are mean and SD in cm. In units of the sample, `x` and `w` are nodes and weights,
    `width` is that of the sketch's cells, 0 where the nodes are the people themselves, and
    `smallest` and `largest` are the ends of its range.
    """

    heights: NDArray[np.float64]
    counts: NDArray[np.float64]
    centre: float
    scale: float
    x: NDArray[np.float64]
    w: NDArray[np.float64]
    width: float
    smallest: float
    largest: float


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
def everybody(sample: Sample) -> Sample:
    """The same sample, in which nobody is stood for by a node.

    Parameters
    ----------
    sample : Sample
        The sample.

    Returns
    -------
    Sample
        Its nodes are the people.
    """
    x = (sample.heights - sample.centre) / sample.scale
    w = sample.counts if sample.counts.shape[0] > 0 else np.ones(x.shape[0])
    return Sample(
        sample.heights,
        sample.counts,
        sample.centre,
        sample.scale,
        x,
        w,
        0.0,
        sample.smallest,
        sample.largest,
    )


@jit
def with_nodes(problem: Problem, x: NDArray[np.float64], w: NDArray[np.float64]) -> Problem:
    """The same model for other nodes.

    Parameters
    ----------
    problem : Problem
        Tells the model.
    x, w : array, shape (n,)
        Heights in units of the sample, and weights.

    Returns
    -------
    Problem
        The model for these.
    """
    return Problem(x, w, problem.free, problem.shares_known, problem.sds_rule)


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
    rough = _rough(sample, problem)
    passes = 0
    for s in range(count):
        begin(rough, starts[s], s, known_sds, screened[s])
        if run_em(rough, screened[s], settings.screening_steps, room):
            value = likelihood_pass(rough.x, rough.w, screened[s], room.work, room.sums)
            height[s] = value if np.isfinite(value) else -np.inf
        passes += settings.screening_steps + 1
    rank = ranking(-height)
    scouts = _scout(sample, problem, rough, screened, rank, height, settings, room)
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
        begin(problem, starts[scouts.start[i]], scouts.start[i], known_sds, theta)
        run_em(problem, theta, settings.screening_steps, room)
        climb = _climb_validly(sample, problem, theta, settings, NO_EM_STEPS, room)
        passes += settings.screening_steps + climb.passes
        ended = _admissible(climb.status, theta, problem)
        steps, start = settings.screening_steps + climb.steps, scouts.start[i]
        there = abs(climb.log_likelihood - log_likelihood) < SAME_MAXIMUM
        if status != CONVERGED or there or ended == STEP_LIMIT:
            # Where Newton found no maximum, or the method runs out of steps on its way to it, the
            # method's own end is the answer.
            best[:] = theta
            return Found(ended, climb.log_likelihood, passes, steps, scouts.run, agreeing, start)
    # The method climbs elsewhere from these starts; it stands still at the maximum that is known.
    climb = _climb_validly(sample, problem, best, settings, NO_EM_STEPS, room)
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
    rough: Problem,
    screened: NDArray[np.float64],
    rank: NDArray[np.int64],
    height: NDArray[np.float64],
    settings: Settings,
    room: Room,
) -> Scouts:
    """Climb by Newton from the best starts, in their order.

    Newton makes ten passes where EM makes thousands: it tells which start leads to the highest
    maximum, and EM or SQUAREM then climb from that one. It climbs on rough nodes, and then a step
    or two on all of them; where two climbs meet on the rough ones, they are one.
    """
    theta, rough_end = np.empty_like(screened), np.empty_like(screened)
    value = np.full(height.shape[0], -np.inf)
    status = np.full(height.shape[0], DEGENERATE)
    steps, start = np.zeros_like(rank), np.zeros_like(rank)
    limit = settings.step_limit if settings.method == NEWTON else MOST_SCOUT_STEPS
    newton = Settings(
        NEWTON,
        settings.screening_steps,
        settings.kept_starts,
        limit,
        SCOUT_TOLERANCE,
        settings.sketch_from,
    )
    run, best, passes = 0, 0, 0
    groups = screened.shape[1] // 3
    for position in range(height.shape[0]):
        s = rank[position]
        if run == settings.kept_starts or height[s] == -np.inf:
            break
        if _is_repeated(screened, rank, position):
            continue
        end = rough_end[run]
        end[:] = screened[s]
        climb = _climb(rough, end, newton, NEWTON_EM_STEPS, room)
        passes += climb.passes
        taken, start[run] = climb.steps, s
        is_end = climb.status == CONVERGED and end[2 * groups :].min() >= ROUGH_WIDTH
        if not is_end:
            end[0] = np.nan  # which is no other's end
        earlier = _earlier(rough_end[: run + 1])
        if earlier < run:
            theta[run], status[run], value[run] = theta[earlier], status[earlier], value[earlier]
            steps[run] = taken
            run += 1
            continue
        theta[run] = end if is_end else screened[s]
        em_steps = NO_EM_STEPS if is_end else NEWTON_EM_STEPS
        climb = _climb_validly(sample, problem, theta[run], newton, em_steps, room)
        passes += climb.passes
        status[run] = _admissible(climb.status, theta[run], problem)
        value[run] = climb.log_likelihood if np.isfinite(climb.log_likelihood) else -np.inf
        steps[run] = climb.steps + (taken if is_end else 0)
        if _is_better(status[run], value[run], status[best], value[best]):
            best = run
        if status[run] != CONVERGED:
            value[run] = -np.inf
        run += 1
    return Scouts(theta, value, status, steps, start, run, best, passes)


@jit
def _rough(sample: Sample, problem: Problem) -> Problem:
    """A few dozen nodes for the search: good to 1e-7 or so where groups are not narrow."""
    cells = empty_cells(sample.smallest, sample.largest, ROUGH_WIDTH)
    room = cells.distinct.shape[0] * NODES_PER_CELL
    x, w = np.empty(room), np.empty(room)
    add_people(cells, problem.x, problem.w)
    written = write_nodes(cells, x, w)
    if written * FEWEST_TIMES_ROUGHER > problem.x.shape[0]:
        return problem
    return with_nodes(problem, x[:written], w[:written])


@jit
def _earlier(ends: NDArray[np.float64]) -> int:
    """The first climb that ended where the last one did; the last one if there is no other."""
    last = ends.shape[0] - 1
    for earlier in range(last):
        if _distance(ends[earlier], ends[last]) < SAME_START:
            return earlier
    return last


@jit
def _distance(theta: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Largest difference of a parameter; infinite if one is not a number."""
    farthest = 0.0
    for i in range(theta.shape[0]):
        difference = abs(theta[i] - other[i])
        if not difference <= farthest:
            farthest = difference if difference < np.inf else np.inf
    return farthest


@jit
def _admissible(status: int, theta: NDArray[np.float64], problem: Problem) -> int:
    """Status after the groups were put in order, in place: a swapped maximum has not converged."""
    ordered = order_by_mean(theta, problem)
    return ordered if status == CONVERGED else status


@jit
def _is_repeated(screened: NDArray[np.float64], rank: NDArray[np.int64], position: int) -> bool:
    """Whether a start that ranks higher has come to the same place."""
    nearest = np.inf
    for before in range(position):
        nearest = min(nearest, _distance(screened[rank[before]], screened[rank[position]]))
    return nearest < SAME_START


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
def _climb(
    problem: Problem, theta: NDArray[np.float64], settings: Settings, em_steps: int, room: Room
) -> Climb:
    """Climb by the method of the settings, in place; Newton begins with so many EM steps."""
    tolerance, limit = settings.tolerance, settings.step_limit
    if settings.method == NEWTON:
        return climb_by_newton(problem, theta, em_steps, tolerance, limit, room)
    if settings.method == SQUAREM:
        return climb_by_squarem(problem, theta, tolerance, limit, room)
    return climb_by_em(problem, theta, tolerance, limit, room)


@jit
def _climb_validly(
    sample: Sample,
    problem: Problem,
    theta: NDArray[np.float64],
    settings: Settings,
    em_steps: int,
    room: Room,
) -> Climb:
    """Climb on the nodes, in place; where their guard fails, on finer ones or on the people."""
    width = sample.width
    if width == 0.0:
        return _climb(problem, theta, settings, em_steps, room)
    start = theta.copy()
    climb = _climb(problem, theta, settings, em_steps, room)
    while not is_valid(theta, width, sample.smallest, sample.largest):
        width = 2.0 ** np.floor(np.log2(width / REFINEMENT))
        theta[:] = start
        people = everybody(sample)
        nodes = int((sample.largest - sample.smallest) / width + 2.0) * NODES_PER_CELL
        if nodes > people.x.shape[0]:
            finer = with_nodes(problem, people.x, people.w)
            return _climb(finer, theta, settings, em_steps, room)
        cells = empty_cells(people.x.min(), people.x.max(), width)
        add_people(cells, people.x, people.w)
        x, w = np.empty(nodes), np.empty(nodes)
        written = write_nodes(cells, x, w)
        finer = with_nodes(problem, x[:written], w[:written])
        climb = _climb(finer, theta, settings, em_steps, room)
    return climb
