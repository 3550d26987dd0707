"""Unlabelled groups: a mixture fitted to every size of every replicate of a block, in one call.

Compiled, so that no step, observation or replicate costs a turn of the interpreter. Each sample is
brought to mean 0 and SD 1 before anything is summed, and large ones are fitted through their
sketch; the sketch of a longer prefix continues that of a shorter one.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int8s, Int16s, Int32s
from stature.domain.model import Model, SdsRule, free_coordinates
from stature.estimators.estimator import Estimator, Prior
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_EQUAL,
    SDS_FREE,
    SDS_KNOWN,
    SDS_RATIO,
    STEP_LIMIT,
    TOO_FEW,
    Constraints,
    Sample,
    Workspace,
    covariances,
    everybody,
    finish,
    is_faithful,
    make_workspace,
    problem_of,
    rough_nodes,
    serves,
    through_cells,
    weighted_sample,
    width_of_cells,
)
from stature.estimators.plain.search import (
    EM,
    NEWTON,
    SQUAREM,
    Settings,
    follow,
    screen,
    search,
)
from stature.kernels.compile import jit, jit_lent
from stature.kernels.linear import copy, total
from stature.kernels.observations import (
    LARGEST,
    SMALLEST,
    Observations,
    Spread,
    empty_spread,
    extend,
    weighted_mean_and_sd,
)
from stature.kernels.prior import MEAN, POWER, RATIO, SCALE, SHARES
from stature.kernels.sketch import Cells, add_to_cells, empty_cells, keeps_all

SE_OK, SE_SINGULAR = 0, 1  # as in `estimator.SeStatus`
SDS_RULES = {"free": SDS_FREE, "equal": SDS_EQUAL, "known": SDS_KNOWN, "ratio": SDS_RATIO}
METHODS = {"em": EM, "newton": NEWTON, "squarem": SQUAREM}
FEWEST_PER_GROUP = 2
# Below this size the observations themselves are as quick as building a sketch of them.
SKETCH_FROM = 300
MCLUST_FREEDOM, MCLUST_SHRINKAGE = 3.0, 0.01
CERTIFIED = 1e-8  # the largest squared decrement over all observations of a converged fit
SPARE_WIDTHS = 8.0  # cells beyond the range of a sample, for those who come later


class Batch(NamedTuple):
    """Samples of some replicates, r of them; the first n observations are the sample of size n."""

    values_cm: Floats  # shape (r, n)
    counts: Floats  # shape (r, n): how many each stands for; (r, 0): one each
    width_cm: float  # of the cells that weighted observations are the nodes of, else 0


class Growing(NamedTuple):
    """The sketch of a growing sample."""

    cells: Cells
    size: int  # observations in them


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
    """Arrays for the results of a batch; everything that is not filled in stays NaN or 0."""
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


def constraints_of(
    model: Model,
    groups: int,
    known_sds_cm: tuple[float, ...] | None,
    prior: Prior | None = None,
) -> Constraints:
    """The model of an estimator for the compiled search."""
    sds_cm = np.ones(groups) if known_sds_cm is None else np.array(known_sds_cm)
    free = np.ascontiguousarray(free_coordinates(model, groups))
    known = model.shares == "known", SDS_RULES[model.sds]
    return Constraints(free, *known, sds_cm, numbers_of_prior(prior, model.sds, groups))


def numbers_of_prior(prior: Prior | None, sds_rule: SdsRule, groups: int) -> Floats:
    """The terms of a prior as compiled functions take them; see `stature.kernels.prior`.

    References
    ----------
    .. [1] Fraley & Raftery (2007), Bayesian regularization for normal mixture estimation and
       model-based clustering, J. Classif. 24:155; its numbers are the defaults of mclust.
    """
    numbers = np.zeros(5)
    if prior is None:
        return numbers
    if prior.form == "ratio":
        numbers[SHARES], numbers[RATIO] = prior.shares, (1.0 / prior.sd_ratio) ** 2
        return numbers
    # [1] Each variance has a prior, or the one that groups share; mclust's counts the means' too.
    several = groups if sds_rule in ("equal", "ratio") else 1
    numbers[SCALE] = 1.0 / groups**2 / several
    numbers[POWER] = (MCLUST_FREEDOM + 2.0) / several + 1.0
    numbers[MEAN] = MCLUST_SHRINKAGE
    return numbers


def settings_of(estimator: Estimator, sketch_from: int = SKETCH_FROM) -> Settings:
    """Settings of the compiled search."""
    return Settings(
        METHODS[estimator.method],
        estimator.screening_steps,
        estimator.kept_starts,
        estimator.step_limit,
        estimator.tolerance,
        sketch_from,
    )


def batch_of(values_cm: Floats, counts: Floats | None = None, width_cm: float = 0.0) -> Batch:
    """Samples for the compiled search, which is compiled for arrays of one kind only."""
    values_cm = np.ascontiguousarray(values_cm).view()
    values_cm.flags.writeable = False
    counts = np.empty((len(values_cm), 0)) if counts is None else np.array(counts)
    return Batch(values_cm, counts, width_cm)


def fit_batch(
    batch: Batch,
    sizes: Int32s,
    starts: Floats,
    constraints: Constraints,
    settings: Settings,
    outcome: Outcome,
) -> None:
    """Fit every size of every replicate.

    Cost: about 5 ns an observation for the sketch and the last pass, and then, whatever the size,
    some 0.2 microseconds an EM step.
    """
    space = make_workspace(starts.shape[2] // 3, constraints.free.shape[1])
    fit_lent(batch, sizes, starts, constraints, settings, space, outcome)


@jit_lent
def fit_lent(
    batch: Batch,
    sizes: Int32s,
    starts: Floats,
    constraints: Constraints,
    settings: Settings,
    space: Workspace,
    outcome: Outcome,
) -> None:
    """Lend a batch to the compiled code, so that nothing below counts references of its arrays.

    Python holds them until the call is over. To count them took a third of a small fit.
    """
    _fit(batch, sizes, starts, constraints, settings, space, outcome)


@jit
def _fit(
    batch: Batch,
    sizes: Int32s,
    starts: Floats,
    constraints: Constraints,
    settings: Settings,
    space: Workspace,
    outcome: Outcome,
) -> None:
    """Fit a batch."""
    groups = starts.shape[2] // 3
    theta = np.empty(3 * groups)
    weighted = batch.counts.shape[1] > 0
    nothing = Growing(empty_cells(0.0, 0.0, 1.0), 0)
    for r in range(batch.values_cm.shape[0]):
        spread, growing = empty_spread(batch.values_cm[r, 0]), nothing
        for j in range(sizes.shape[0]):
            size = sizes[j]
            values, counts = batch.values_cm[r, :size], batch.counts[r, :size]
            if weighted:
                centre, scale = weighted_mean_and_sd(values, counts)
            else:
                centre, scale = extend(spread, values)
            few = not weighted and size < FEWEST_PER_GROUP * groups
            if few or not scale > 0.0:
                outcome.status[r, j] = TOO_FEW if few else DEGENERATE
                outcome.se_status[r, j] = SE_SINGULAR
                continue
            observations = Observations(values, counts, centre, scale)
            if weighted:
                sample = weighted_sample(observations, batch.width_cm)
            else:
                sample, growing = _continued(observations, spread, growing, settings.sketch_from)
            result, sample = search(sample, constraints, starts[r], settings, space, theta)
            if not serves(sample, theta):
                # The search went on without these nodes; nothing else may come from them either.
                sample = everybody(observations, sample.smallest, sample.largest)
            problem = problem_of(sample, constraints)
            log_likelihood, decrement, passes = finish(sample, problem, theta, result.status, space)
            status = result.status
            outcome.se_status[r, j] = SE_SINGULAR
            # Covariances belong to maxima; at a degenerate end they would be of nothing.
            if status != DEGENERATE:
                observed, sandwich = outcome.observed[r, j], outcome.sandwich[r, j]
                if covariances(problem, theta, scale, space, observed, sandwich):
                    outcome.se_status[r, j] = SE_OK
            for k in range(groups):
                outcome.theta[r, j, k] = theta[k]
                outcome.theta[r, j, groups + k] = centre + scale * theta[groups + k]
                known = constraints.sds_rule == SDS_KNOWN
                sd_cm = constraints.known_sds_cm[k] if known else scale * theta[2 * groups + k]
                outcome.theta[r, j, 2 * groups + k] = sd_cm
            outcome.log_likelihood[r, j] = log_likelihood - total(problem.w) * np.log(scale)
            outcome.decrement[r, j] = decrement
            if status == CONVERGED and not decrement < CERTIFIED:
                status = STEP_LIMIT  # a maximum that the observations do not confirm is none
            if (
                status == CONVERGED
                and weighted
                and not is_faithful(outcome.theta[r, j], values, counts, batch.width_cm)
            ):
                status = DEGENERATE
            outcome.status[r, j] = status
            outcome.passes[r, j] = result.passes + passes
            outcome.steps[r, j] = result.steps
            outcome.starts[r, j] = result.starts
            outcome.agreeing[r, j] = result.agreeing
            outcome.start[r, j] = result.start


@jit
def ends_of(
    batch: Batch,
    starts: Floats,
    constraints: Constraints,
    settings: Settings,
    theta: Floats,
    value: Floats,
) -> None:
    """Where Newton leads from each start on the first replicate; no value where to no maximum."""
    values, counts = batch.values_cm[0], batch.counts[0]
    spread = empty_spread(values[0])
    centre, scale = extend(spread, values)
    observations = Observations(values, counts, centre, scale)
    growing = Growing(empty_cells(0.0, 0.0, 1.0), 0)
    sample, _ = _continued(observations, spread, growing, settings.sketch_from)
    problem = problem_of(sample, constraints)
    rough = rough_nodes(sample, problem)
    space = make_workspace(starts.shape[1] // 3, constraints.free.shape[1])
    known_sds = constraints.known_sds_cm / scale
    one = np.empty((1, starts.shape[1]))
    for s in range(starts.shape[0]):
        copy(starts[s], one[0])
        screened = screen(rough, one, known_sds, settings.screening_steps, space)
        end, _ = follow(sample, problem, rough, screened, settings, space)
        value[s] = -np.inf
        if end.run > 0 and end.status[0] == CONVERGED:
            copy(end.theta[0], theta[s])
            value[s] = end.value[0]


@jit
def _continued(
    observations: Observations, spread: Spread, growing: Growing, sketch_from: int
) -> tuple[Sample, Growing]:
    """A sample through the sketch of its shorter prefixes, continued.

    A small one only if a sketch keeps all its values, for there are few of them.
    """
    values, counts, centre, scale = observations
    cells, count = growing
    low, high, width = spread.now[SMALLEST], spread.now[LARGEST], width_of_cells(scale)
    first = int(np.floor(low / width)) - cells.lowest
    last = int(np.floor(high / width)) - cells.lowest
    held = width == cells.width and first >= 0 and last < cells.distinct.shape[0]
    if count == 0 or not held:
        spare = SPARE_WIDTHS * width
        cells, count = empty_cells(low - spare, high + spare, width), 0
    add_to_cells(cells, values[count:], counts)
    growing = Growing(cells, values.shape[0])
    smallest, largest = (low - centre) / scale, (high - centre) / scale
    if values.shape[0] < sketch_from and not keeps_all(cells):
        return everybody(observations, smallest, largest), growing
    return through_cells(observations, smallest, largest, cells), growing
