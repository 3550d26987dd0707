"""Hidden labels: a mixture fitted to every size of every replicate of a block, in one call.

Compiled, so that no step, person or replicate costs a turn of the interpreter. Each sample is
brought to mean 0 and SD 1 before anything is summed, and large ones are fitted through their
sketch; the sketch of a longer prefix continues that of a shorter one.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int8s, Int16s, Int32s
from stature.estimators.plain.climb import Settings
from stature.estimators.plain.finish import Certificate, covariances, finish
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_KNOWN,
    STEP_LIMIT,
    Problem,
    Room,
    make_room,
)
from stature.estimators.plain.sample import Sample, everybody, width_of_cells, with_nodes
from stature.estimators.plain.search import Found, search
from stature.kernels.compile import jit
from stature.kernels.people import LARGEST, SMALLEST, Spread, mean_and_sd, meet, spread_of_nobody
from stature.kernels.sketch import (
    NODES_PER_CELL,
    Cells,
    add_people,
    empty_cells,
    is_valid,
    write_nodes,
)

TOO_FEW = 4  # as in `estimator.Status`
SE_OK, SE_SINGULAR = 0, 1  # as in `estimator.SeStatus`
FEWEST_PER_GROUP = 2
# Below this size the people themselves are as quick as building a sketch of them.
SKETCH_FROM = 300
FEWEST_PEOPLE_PER_NODE = 2
CERTIFIED = 1e-8  # the largest squared decrement over all people of a fit that has converged
SPARE_WIDTHS = 8.0  # cells beyond the range of a sample, for those who are met later


class Told(NamedTuple):
    """What an estimator is told: its model, and the numbers that it takes as known."""

    free: Floats
    shares_known: bool
    sds_rule: int
    known_sds_cm: Floats


class Outcome(NamedTuple):
    """Results of a batch, r replicates by s sizes; parameters in cm."""

    theta: Floats  # (r, s, 3 k)
    observed: Floats  # (r, s, q, q) covariance in (eta, mu in cm, lam)
    sandwich: Floats  # likewise
    log_likelihood: Floats  # (r, s)
    decrement: Floats  # (r, s)
    status: Int8s  # (r, s)
    se_status: Int8s  # (r, s)
    passes: Int32s  # (r, s)
    steps: Int32s  # (r, s)
    starts: Int16s  # (r, s)
    agreeing: Int16s  # (r, s)
    start: Int16s  # (r, s) index of the winning start


def empty_outcome(replicates: int, sizes: int, groups: int) -> Outcome:
    """Room for the results of a batch; everything that is not filled in stays NaN or 0."""
    shape = (replicates, sizes)
    q = 3 * groups - 1
    return Outcome(
        np.full((*shape, 3 * groups), np.nan),
        np.full((*shape, q, q), np.nan),
        np.full((*shape, q, q), np.nan),
        np.full(shape, np.nan),
        np.full(shape, np.nan),
        np.zeros(shape, np.int8),
        np.zeros(shape, np.int8),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.int16),
        np.zeros(shape, np.int16),
        np.zeros(shape, np.int16),
    )


@jit
def fit_batch(
    heights_cm: Floats,
    sizes: Int32s,
    starts: Floats,
    told: Told,
    settings: Settings,
    outcome: Outcome,
) -> None:
    """Fit every size of every replicate.

    Cost: about 5 ns a person for the sketch and the last pass, and then, whatever the size, some
    0.3 microseconds an EM step.
    """
    groups = starts.shape[2] // 3
    room = make_room(groups, told.free.shape[1])
    for r in range(heights_cm.shape[0]):
        cells, spread = empty_cells(0.0, 0.0, 1.0), spread_of_nobody(heights_cm[r, 0])
        counted = 0
        for j in range(sizes.shape[0]):
            people_cm = heights_cm[r, : sizes[j]]
            meet(people_cm, spread)
            centre, scale = mean_and_sd(spread)
            if sizes[j] < FEWEST_PER_GROUP * groups or not scale > 0.0:
                few = sizes[j] < FEWEST_PER_GROUP * groups
                outcome.status[r, j] = TOO_FEW if few else DEGENERATE
                outcome.se_status[r, j] = SE_SINGULAR
                continue
            sample = as_they_are(people_cm, centre, scale, spread)
            if sizes[j] < settings.sketch_from:
                sample = everybody(sample)
            else:
                width = width_of_cells(scale)
                if counted == 0 or not _hold(cells, spread, width):
                    cells, counted = _ample_cells(spread, width), 0
                add_people(cells, people_cm[counted:], sample.counts)
                counted = sizes[j]
                sample = sketched(sample, cells)
            fit_one(sample, starts[r], told, settings, room, outcome, r, j)


@jit
def _hold(cells: Cells, spread: Spread, width: float) -> bool:
    """Whether cells are of a width, and cover everybody met so far."""
    first = int(np.floor(spread.now[SMALLEST] / width)) - cells.lowest
    last = int(np.floor(spread.now[LARGEST] / width)) - cells.lowest
    return width == cells.width and first >= 0 and last < cells.distinct.shape[0]


@jit
def _ample_cells(spread: Spread, width: float) -> Cells:
    """Empty cells that cover everybody met so far, and most of those to come."""
    spare = SPARE_WIDTHS * width
    return empty_cells(spread.now[SMALLEST] - spare, spread.now[LARGEST] + spare, width)


@jit
def as_they_are(heights_cm: Floats, centre: float, scale: float, spread: Spread) -> Sample:
    """A sample of people who count once each, without nodes."""
    nobody = np.empty(0)
    low = (spread.now[SMALLEST] - centre) / scale
    high = (spread.now[LARGEST] - centre) / scale
    return Sample(heights_cm, nobody, centre, scale, nobody, nobody, 0.0, low, high)


@jit
def sketched(sample: Sample, cells: Cells) -> Sample:
    """The sample with the nodes of its cells, or with its people if these are hardly more."""
    room = cells.distinct.shape[0] * NODES_PER_CELL
    x, w = np.empty(room), np.empty(room)
    written = write_nodes(cells, x, w)
    if written * FEWEST_PEOPLE_PER_NODE > sample.heights.shape[0]:
        return everybody(sample)
    for i in range(written):
        x[i] = (x[i] - sample.centre) / sample.scale
    return Sample(
        sample.heights,
        sample.counts,
        sample.centre,
        sample.scale,
        x[:written],
        w[:written],
        cells.width / sample.scale,
        sample.smallest,
        sample.largest,
    )


@jit
def fit_one(
    sample: Sample,
    starts: Floats,
    told: Told,
    settings: Settings,
    room: Room,
    outcome: Outcome,
    r: int,
    j: int,
) -> None:
    """Fit one sample and write its results."""
    problem = Problem(sample.x, sample.w, told.free, told.shares_known, told.sds_rule)
    theta = np.empty(starts.shape[1])
    known_sds = told.known_sds_cm / sample.scale
    found = search(sample, problem, starts, known_sds, settings, room, theta)
    if sample.width > 0.0 and not is_valid(theta, sample.width, sample.smallest, sample.largest):
        # The search went on without these nodes; nothing else may be taken from them either.
        sample = everybody(sample)
        problem = with_nodes(problem, sample.x, sample.w)
    certificate = finish(sample, problem, theta, found.status == CONVERGED, room)
    write_fit(
        problem, theta, sample.centre, sample.scale, told, found, certificate, room, outcome, r, j
    )


@jit
def write_fit(
    problem: Problem,
    theta: Floats,
    centre: float,
    scale: float,
    told: Told,
    found: Found,
    certificate: Certificate,
    room: Room,
    outcome: Outcome,
    r: int,
    j: int,
) -> None:
    """Write the results of a fit, back in cm."""
    groups = theta.shape[0] // 3
    outcome.se_status[r, j] = SE_SINGULAR
    # Covariances belong to maxima; at a degenerate end they would be of nothing.
    if found.status != DEGENERATE and covariances(
        problem, theta, room, outcome.observed[r, j], outcome.sandwich[r, j]
    ):
        outcome.se_status[r, j] = SE_OK
        for i in range(groups - 1, 2 * groups - 1):
            outcome.observed[r, j, i, :] *= scale
            outcome.observed[r, j, :, i] *= scale
            outcome.sandwich[r, j, i, :] *= scale
            outcome.sandwich[r, j, :, i] *= scale
    for k in range(groups):
        outcome.theta[r, j, k] = theta[k]
        outcome.theta[r, j, groups + k] = centre + scale * theta[groups + k]
        known = told.sds_rule == SDS_KNOWN
        sd_cm = told.known_sds_cm[k] if known else scale * theta[2 * groups + k]
        outcome.theta[r, j, 2 * groups + k] = sd_cm
    outcome.log_likelihood[r, j] = certificate.log_likelihood - problem.w.sum() * np.log(scale)
    outcome.decrement[r, j] = certificate.decrement
    # A maximum of the search that the people do not confirm is none.
    unconfirmed = found.status == CONVERGED and not certificate.decrement < CERTIFIED
    outcome.status[r, j] = STEP_LIMIT if unconfirmed else found.status
    outcome.passes[r, j] = found.passes + certificate.passes
    outcome.steps[r, j] = found.steps
    outcome.starts[r, j] = found.starts
    outcome.agreeing[r, j] = found.agreeing
    outcome.start[r, j] = found.start
