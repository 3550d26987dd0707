"""What is maximised, the samples that it is maximised on, and the certificate of a maximum.

All methods stop by the same certificate, the squared Newton decrement ``g' H^-1 g`` with a
positive definite information H: the squared distance to the maximum in standard errors. Compiled;
legend as in `stature.kernels.sums`, in units of the sample: its mean is 0 and its SD 1.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.samples import Samples
from stature.kernels.compile import jit, jit_inside, jit_lent
from stature.kernels.information import (
    information,
    outer_scores,
    reduce_information,
    reduce_score,
    score,
)
from stature.kernels.linear import copy, factor, solve, solve_lifted, span
from stature.kernels.observations import Observations, observations_pass
from stature.kernels.prior import add_prior_information, add_prior_score, has_prior, log_prior
from stature.kernels.sketch import (
    NODES_PER_CELL,
    Cells,
    add_to_cells,
    empty_cells,
    is_exact_to,
    is_valid,
    keeps_all,
    nodes_of,
    sketch,
)
from stature.kernels.sums import BLOCK, CROSS_POWERS, POWERS, ROWS, full_pass

CONVERGED, STEP_LIMIT, DEGENERATE, NONFINITE, TOO_FEW, SWAPPED = range(6)  # as in `Status`
SDS_FREE, SDS_EQUAL, SDS_KNOWN, SDS_RATIO = range(4)

FEWEST_PEOPLE = 1.0  # a group of less than one observation is degenerate
SMALLEST_SD = 1e-3  # in SDs of the sample

MOST_CORRECTIONS = 5
SAFE_DECREMENT = 1e-2  # a tenth of a standard error: Newton's quadratic zone
CORRECTED_FROM = 1e-18  # a billionth of a standard error, on all observations
SETTLED = 1e-20  # the same on nodes; a Newton step from here would be lost in rounding
EXACT = 1e-12  # relative error of a log-likelihood that nodes may have
NO_PRIOR = np.zeros(5)


class Constraints(NamedTuple):
    """The model of an estimator, and the numbers that it takes as known."""

    free: Floats  # J, shape (q, p): how the coordinates u move with the free ones
    shares_known: bool
    sds_rule: int
    known_sds_cm: Floats
    prior: Floats = NO_PRIOR  # (5,): see `stature.kernels.prior`


class Problem(NamedTuple):
    """What is fitted: observations or nodes with their weights, and which parameters are free."""

    x: Floats
    w: Floats
    free: Floats
    shares_known: bool
    sds_rule: int
    prior: Floats = NO_PRIOR


class Sample(NamedTuple):
    """A sample: its observations in cm, and the nodes that stand for them in units of the sample.

    `width` is that of the sketch's cells, 0 where the nodes are the observations themselves;
    `smallest` and `largest` are the ends of the range.
    """

    observations: Observations
    x: Floats
    w: Floats
    width: float
    smallest: float
    largest: float


class Workspace(NamedTuple):
    """Arrays to work in, with what the last full pass over nodes or observations gave.

    In the free model `g_model` and `h_model` are `g` and `h` themselves.
    """

    work: Floats
    sums: Floats
    observed_sums: Floats
    cross: Floats
    g: Floats
    h: Floats
    g_model: Floats
    h_model: Floats
    lower: Floats
    rows: Floats
    outer: Floats
    squares: tuple[Floats, Floats, Floats, Floats]
    step: Floats
    direction: Floats
    trial: Floats


class Result(NamedTuple):
    """How iterations ended; the parameters are in the array that was passed."""

    status: int
    log_likelihood: float
    decrement: float
    passes: int  # likelihood evaluations
    steps: int


@jit
def make_workspace(groups: int, parameters: int) -> Workspace:
    """A workspace for mixtures of so many groups and models of so many free parameters."""
    q = 3 * groups - 1
    p = parameters
    g, h = np.empty(q), np.empty((q, q))
    # The free model is itself: what is not copied need not be waited for.
    g_model = g if p == q else np.empty(p)
    h_model = h if p == q else np.empty((p, p))
    return Workspace(
        np.empty((groups + ROWS, BLOCK)),
        np.empty((groups, POWERS)),
        np.empty((groups, POWERS)),
        np.empty((groups, groups, CROSS_POWERS)),
        g,
        h,
        g_model,
        h_model,
        np.empty((p, p)),
        np.empty((3, p)),
        np.empty((q, q)),
        (np.empty((p, p)), np.empty((p, p)), np.empty((p, p)), np.empty((p, p))),
        np.empty(p),
        np.empty(q),
        np.empty(3 * groups),
    )


@jit
def problem_of(sample: Sample, constraints: Constraints) -> Problem:
    """A model to be fitted to the nodes of a sample."""
    free, shares_known, sds_rule, _, prior = constraints
    return Problem(sample.x, sample.w, free, shares_known, sds_rule, prior)


@jit
def with_nodes(problem: Problem, x: Floats, w: Floats) -> Problem:
    """The same model for other nodes."""
    return Problem(x, w, problem.free, problem.shares_known, problem.sds_rule, problem.prior)


@jit_inside
def is_degenerate(theta: Floats, weight: float) -> bool:
    """Whether a group has lost its observations or its spread, or is not a number."""
    groups = theta.shape[0] // 3
    for k in range(groups):
        if not weight * theta[k] >= FEWEST_PEOPLE:
            return True
        if not theta[2 * groups + k] >= SMALLEST_SD:
            return True
    return False


@jit_lent
def certify(problem: Problem, theta: Floats, space: Workspace) -> tuple[float, float]:
    """What is maximised, and the squared Newton decrement or NaN where it means nothing.

    That is the log-likelihood, with the log-prior if there is one. Leaves score and information of
    the free model in `g` and `h` of the workspace, the Cholesky factor of the model's own
    information in `lower`, and the Newton step in `step`.
    """
    value = evaluate(problem, theta, space)
    return value, decrement_of(problem, theta, space)


@jit_inside
def evaluate(problem: Problem, theta: Floats, space: Workspace) -> float:
    """What is maximised, by a pass that also leaves the sums for its derivatives."""
    log_likelihood = full_pass(problem.x, problem.w, theta, space.work, space.sums, space.cross)
    if has_prior(problem.prior):
        log_likelihood += log_prior(theta, problem.prior)
    return log_likelihood


@jit_inside
def decrement_of(problem: Problem, theta: Floats, space: Workspace) -> float:
    """The squared Newton decrement where `evaluate` was last; see `certify`."""
    score(theta, space.sums, space.g)
    information(theta, space.sums, space.cross, space.h)
    if has_prior(problem.prior):
        add_prior_score(theta, problem.prior, space.g)
        add_prior_information(theta, problem.prior, space.h)
    if problem.free.shape[1] < problem.free.shape[0]:
        reduce_score(problem.free, space.g, space.g_model)
        reduce_information(problem.free, space.h, space.h_model)
    if not factor(space.h_model, space.lower):
        return np.nan
    return newton_step(space.g_model, space.lower, space.step)


@jit_inside
def newton_step(g: Floats, lower: Floats, step: Floats) -> float:
    """Newton's step, and its squared length in standard errors: the decrement."""
    # Handed arrays, not the records that hold them: to hand over a record takes longer than this.
    solve(lower, g, step)
    decrement = 0.0
    for i in range(step.shape[0]):
        decrement += g[i] * step[i]
    return decrement


@jit_inside
def newton_direction(problem: Problem, decrement: float, space: Workspace) -> float:
    """Ascent direction in u, into `direction` of the workspace.

    The gain that the quadratic promises, ``g' step``.
    """
    promised = decrement
    if np.isnan(decrement):
        # Not at a maximum: the quadratic has no top.
        solve_lifted(space.h_model, space.lower, space.rows, space.g_model, space.step)
        promised = 0.0
        for i in range(space.step.shape[0]):
            promised += space.g_model[i] * space.step[i]
    q, p = problem.free.shape
    for i in range(q):
        if p == q:  # the free model is itself
            space.direction[i] = space.step[i]
            continue
        space.direction[i] = 0.0
        for j in range(p):
            space.direction[i] += problem.free[i, j] * space.step[j]
    return promised


@jit_lent
def move(theta: Floats, direction: Floats, length: float, out: Floats) -> None:
    """Parameters a step away in the unconstrained coordinates u, into `out`."""
    groups = theta.shape[0] // 3
    free_shares = groups - 1
    moved = False
    total = theta[free_shares]
    out[free_shares] = total
    for k in range(free_shares):
        out[k] = theta[k] * np.exp(length * direction[k])
        total += out[k]
        moved = moved or direction[k] != 0.0
    for k in range(groups):
        # Known shares stay as they are, to the last bit.
        out[k] = out[k] / total if moved else theta[k]
        out[groups + k] = theta[groups + k] + length * direction[free_shares + k]
        change = length * direction[free_shares + groups + k]
        out[2 * groups + k] = theta[2 * groups + k] * np.exp(change)


@jit_lent
def finish(
    sample: Sample, problem: Problem, theta: Floats, status: int, space: Workspace
) -> tuple[float, float, int]:
    """Take a converged fit to its maximum, in place, and certify it on all observations.

    Log-likelihood (without a prior), decrement and likelihood evaluations. A search ends within its
    tolerance of a maximum of the nodes; here Newton takes it to the maximum itself. Where nodes
    stand for observations, these give the score and the nodes its information, of which a few
    digits would do, so that no answer depends on how the data were summed up. The nodes give the
    log-likelihood if it is exact, else the observations do.
    """
    passes = 0
    while True:
        log_likelihood, decrement = certify(problem, theta, space)
        passes += 1
        unsettled = status == CONVERGED and SETTLED <= decrement < SAFE_DECREMENT
        if not unsettled or passes > MOST_CORRECTIONS:
            break
        correct(problem, theta, decrement, space)
    if sample.width == 0.0:
        return log_likelihood - log_prior(theta, problem.prior), decrement, passes
    log_likelihood -= log_prior(theta, problem.prior)
    for correction in range(MOST_CORRECTIONS):
        is_exact = not np.isnan(decrement) and is_exact_to(
            EXACT, theta, sample.width, sample.smallest, sample.largest
        )
        observed = observations_pass(
            sample.observations, theta, not is_exact, space.work, space.observed_sums
        )
        passes += 1
        if not is_exact:
            log_likelihood = observed
        if np.isnan(decrement):
            break
        score(theta, space.observed_sums, space.g)
        add_prior_score(theta, problem.prior, space.g)
        if problem.free.shape[1] < problem.free.shape[0]:
            reduce_score(problem.free, space.g, space.g_model)
        decrement = newton_step(space.g_model, space.lower, space.step)
        last = status != CONVERGED or correction == MOST_CORRECTIONS - 1
        # Off its maximum, but near enough for a Newton step to take it there.
        if last or not CORRECTED_FROM <= decrement < SAFE_DECREMENT:
            break
        correct(problem, theta, decrement, space)
        log_likelihood, _ = certify(problem, theta, space)
        log_likelihood -= log_prior(theta, problem.prior)
        passes += 1
    return log_likelihood, decrement, passes


@jit_lent
def correct(problem: Problem, theta: Floats, decrement: float, space: Workspace) -> None:
    """Take a full Newton step, in place."""
    newton_direction(problem, decrement, space)
    move(theta, space.direction, 1.0, space.trial)
    copy(space.trial, theta)


@jit_lent
def covariances(
    problem: Problem,
    theta: Floats,
    scale: float,
    space: Workspace,
    observed: Floats,
    sandwich: Floats,
) -> bool:
    """Covariances of the estimates in the unconstrained coordinates, means in cm.

    Whether the information is positive definite; if not, nothing is filled in.

    References
    ----------
    .. [1] White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50:1.
    """
    if not factor(space.h_model, space.lower):
        return False
    inverse, outer, half, product = space.squares
    inverse[:] = 0.0
    for a in range(inverse.shape[0]):
        inverse[a, a] = 1.0
        solve(space.lower, inverse[a], inverse[a])
    outer_scores(theta, space.sums, space.cross, space.outer)
    reduce_information(problem.free, space.outer, outer)
    _multiply(inverse, outer, half)
    _multiply(half, inverse, product)
    _spread(problem.free, inverse, scale, observed)
    _spread(problem.free, product, scale, sandwich)
    return True


@jit_lent
def _multiply(a: Floats, b: Floats, out: Floats) -> None:
    """Product of two small square matrices (NumPy's would need SciPy in compiled code)."""
    p = a.shape[0]
    out[:] = 0.0
    for i in range(p):
        for j in range(p):
            for k in range(p):
                out[i, j] += a[i, k] * b[k, j]


@jit_lent
def _spread(free: Floats, covariance: Floats, scale: float, out: Floats) -> None:
    """``J covariance J'``, from the coordinates of the model to those of the free one, in cm."""
    q, p = free.shape
    means = (q + 1) // 3
    for i in range(q):
        for j in range(q):
            total = 0.0
            if p == q:  # the free model is itself
                total = covariance[i, j]
            else:
                for a in range(p):
                    for b in range(p):
                        total += free[i, a] * covariance[a, b] * free[j, b]
            for coordinate in (i, j):
                if means <= coordinate + 1 < 2 * means:
                    total *= scale
            out[i, j] = total


WIDTHS_PER_SD = 6.0  # cells are a sixth to a twelfth of the sample's SD wide
ROUGHER = 4.0  # times as wide are those on which starts are tried
FEWEST_PER_NODE = 2  # observations; from more nodes nothing is gained


@jit_inside
def width_of_cells(sd: float) -> float:
    """Width of the cells of a sketch: a power of 2 near the SD, so that cells seldom move."""
    return 2.0 ** np.floor(np.log2(sd / WIDTHS_PER_SD))


@jit_inside
def rough_width_cm(scale: float) -> float:
    """Width of the cells on which starts are tried."""
    return ROUGHER * width_of_cells(scale)


@jit
def everybody(observations: Observations, smallest: float, largest: float) -> Sample:
    """A sample in which every observation is its own node; its range in units of the sample."""
    x = (observations.values - observations.centre) / observations.scale
    counts = observations.counts
    w = counts if counts.shape[0] > 0 else np.ones(x.shape[0])
    return Sample(observations, x, w, 0.0, smallest, largest)


@jit
def through_cells(
    observations: Observations, smallest: float, largest: float, cells: Cells
) -> Sample:
    """A sample through the nodes of its cells in cm, or its observations if these are hardly more.

    Nodes that are all its values, with their counts, serve at any parameters: their width is 0.
    """
    nodes = nodes_of(cells)
    if nodes.x.shape[0] * FEWEST_PER_NODE > observations.values.shape[0]:
        return everybody(observations, smallest, largest)
    x = nodes.x
    for i in range(x.shape[0]):
        x[i] = (x[i] - observations.centre) / observations.scale
    width = 0.0 if keeps_all(cells) else cells.width / observations.scale
    return Sample(observations, x, nodes.w, width, smallest, largest)


@jit_lent
def serves(sample: Sample, theta: Floats) -> bool:
    """Whether the nodes of a sample serve at these parameters."""
    width = sample.width
    return width == 0.0 or is_valid(theta, width, sample.smallest, sample.largest)


@jit
def refined(sample: Sample, theta: Floats) -> Sample:
    """The sample through narrower cells, which serve at these parameters, or its observations."""
    observations, _, _, width, smallest, largest = sample
    values, counts, centre, scale = observations
    # Not so narrow that there may be a node for each observation.
    narrowest = NODES_PER_CELL * (largest - smallest) / max(values.shape[0] - NODES_PER_CELL, 1)
    width *= 0.5
    while 0.5 * width > narrowest and not is_valid(theta, width, smallest, largest):
        width *= 0.5
    if width > narrowest:
        width_cm = 2.0 ** np.rint(np.log2(width * scale))
        # A cell more on both sides: the ends of the range are back in cm only to rounding.
        low, high = centre + scale * smallest - width_cm, centre + scale * largest + width_cm
        cells = empty_cells(low, high, width_cm)
        add_to_cells(cells, values, counts)
        finer = through_cells(observations, smallest, largest, cells)
        if serves(finer, theta):
            return finer
    return everybody(observations, smallest, largest)


@jit
def weighted_sample(observations: Observations, width_cm: float) -> Sample:
    """A sample of weighted observations, through cells of a width at least."""
    values, scale = observations.values, observations.scale
    low, high = span(values)
    smallest, largest = (low - observations.centre) / scale, (high - observations.centre) / scale
    cells = empty_cells(low, high, max(width_of_cells(scale), width_cm))
    add_to_cells(cells, values, observations.counts)
    return through_cells(observations, smallest, largest, cells)


@jit
def rough_nodes(sample: Sample, problem: Problem) -> Problem:
    """A few dozen nodes for the search: good to 1e-7 or so where groups are not narrow.

    Cells are `ROUGHER` times as wide, at multiples of that in cm, so that nodes are in the same
    wide cells as their observations; the nodes themselves where these are hardly fewer.
    """
    centre, scale = sample.observations.centre, sample.observations.scale
    nodes = sketch(problem.x * scale + centre, problem.w, rough_width_cm(scale))
    if nodes.x.shape[0] * FEWEST_PER_NODE > problem.x.shape[0]:
        return problem
    x = nodes.x
    for i in range(x.shape[0]):
        x[i] = (x[i] - centre) / scale
    return with_nodes(problem, x, nodes.w)


@jit
def is_faithful(theta: Floats, x: Floats, w: Floats, width: float) -> bool:
    """Whether nodes serve as well as their observations at some parameters."""
    exact = True
    for i in range(w.shape[0]):
        exact = exact and w[i] == np.rint(w[i])
    smallest, largest = span(x)
    return exact or is_valid(theta, width, smallest, largest)


def split_sizes(samples: Samples, sizes: Int32s) -> tuple[int, tuple[int, ...]]:
    """How many sizes are fitted to observations, and which sketches the others are fitted to."""
    known = () if samples.sketches is None else samples.sketches.sizes
    people = samples.heights_cm.shape[1]
    larger = sizes[sizes > people].tolist()
    missing = [size for size in larger if size not in known]
    if missing:
        sketched_too = f" and sketches of {', '.join(map(str, known))}" if known else ""
        raise ValueError(
            f"expected samples of at least {missing[-1]} people, got {people}{sketched_too}"
        )
    return len(sizes) - len(larger), tuple(known.index(size) for size in larger)


def weighted_observations(samples: Samples, row: int, size: int) -> tuple[Floats, Floats]:
    """All observations of one sample in cm, or the nodes that were kept instead, with weights."""
    sketches = samples.sketches
    if sketches is None or size <= samples.heights_cm.shape[1]:
        values_cm, weights = np.array(samples.heights_cm[row, :size]), np.ones(size)
    else:
        rows = sketches.rows(row, sketches.sizes.index(size))
        values_cm, weights = sketches.node_cm[rows], sketches.weight[rows]
    # As those of a block: functions are compiled anew for arrays that can be written to.
    values_cm.flags.writeable = False
    return values_cm, weights
