"""A block of fits: the arrays of the compiled searches as records of fits and traces."""

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.samples import Samples
from stature.domain.model import Model, Sampling
from stature.estimators.estimator import Estimator, Fits, IntervalStatus, SeStatus
from stature.estimators.plain.batch import Outcome, Told
from stature.estimators.plain.hidden import METHODS, SDS_RULES, fit_hidden, told
from stature.estimators.plain.inference import infer
from stature.estimators.plain.labelled import (
    POWERS,
    LabelledSums,
    closed_form,
    labelled_covariances,
    labelled_decrement,
    labelled_log_likelihood,
    labelled_sums,
    statuses,
)
from stature.estimators.plain.labelled_climb import begin_alike, climb_batch, trace_labelled
from stature.estimators.plain.problem import CONVERGED, Problem, make_room
from stature.estimators.plain.search import NO_START, begin
from stature.estimators.plain.sketched import (
    mean_and_sd_of_nodes,
    split_sizes,
    sums_of_sketches,
    weighted_people,
)
from stature.estimators.plain.traces import (
    Traces,
    in_cm,
    joined,
    kept_steps,
    trace_again,
    trace_em,
    trace_of,
)

FEWEST_PEOPLE = 5.0  # a group of fewer is suspect
SMALLEST_SD_RATIO = 0.2  # so are groups of so different SDs
NEAR_TIE = 0.5  # of the pooled SD, between neighbouring means


def block_of_hidden(
    estimator: Estimator,
    samples: Samples,
    sizes: Int32s,
    uniforms: Floats,
    known_shares: tuple[float, ...] | None,
    known_sds_cm: tuple[float, ...] | None,
    group_names: tuple[str, ...],
    traced: int,
) -> tuple[Fits, Traces]:
    """Fits and traces of a block whose labels are hidden."""
    outcome, begun = fit_hidden(estimator, samples, sizes, uniforms, known_shares, known_sds_cm)
    fits = fits_of(samples.replicates, sizes, group_names, outcome)
    facts = told(estimator.model, len(group_names), known_sds_cm)
    traces = [
        _trace_hidden(estimator, samples, sizes, outcome, begun, facts, row, column)
        for row in range(min(traced, len(samples.replicates)))
        for column in range(len(sizes))
        if outcome.status[row, column] == CONVERGED and outcome.start[row, column] != NO_START
    ]
    return fits, joined(traces, group_names)


def block_of_labelled(
    estimator: Estimator,
    samples: Samples,
    sizes: Int32s,
    known_shares: tuple[float, ...] | None,
    known_sds_cm: tuple[float, ...] | None,
    sampling: Sampling,
    traced: int,
) -> tuple[Fits, Traces]:
    """Fits and traces of a block whose labels are seen."""
    groups = len(samples.group_names)
    shape = (len(samples.replicates), len(sizes))
    sums = LabelledSums(np.empty((*shape, groups)), np.empty((*shape, groups, POWERS)))
    kept, columns = split_sizes(samples, sizes)
    people = samples.heights_cm, samples.written_labels, sizes[:kept]
    labelled_sums(*people, sums.mean_cm, sums.powers)
    if samples.sketches is not None:
        sums_of_sketches(samples.sketches, columns, kept, sums)
    shares = None if known_shares is None else np.array(known_shares)
    sds_cm = None if known_sds_cm is None else np.array(known_sds_cm)
    unbiased = estimator.variances == "unbiased"
    theta = closed_form(sums, shares, SDS_RULES[estimator.model.sds], sds_cm, unbiased)
    status = statuses(sums, theta)
    # A stratified sample says nothing of the shares: they are the design's, without an error.
    shares_count = sampling == "random" and estimator.model.shares == "free"
    model = Model("all", "free" if shares_count else "known", estimator.model.sds)
    facts = told(model, groups, known_sds_cm)
    counts, decrement = np.ones((*shape, 2), np.int32), np.zeros(shape)
    if unbiased:
        decrement = labelled_decrement(sums, theta, SDS_RULES[estimator.model.sds])
    if estimator.method == "newton":
        stop = estimator.tolerance, estimator.step_limit
        climb_batch(*sums, facts, *stop, theta, status, decrement, counts)
    observed, sandwich = labelled_covariances(sums, theta, facts.free)
    good = (status == CONVERGED) & np.isfinite(observed).all(axis=(-2, -1))
    observed[~good], sandwich[~good] = np.nan, np.nan
    outcome = Outcome(
        theta,
        observed,
        sandwich,
        labelled_log_likelihood(sums, theta, shares_count),
        decrement,
        status,
        np.where(good, SeStatus.OK, SeStatus.SINGULAR).astype(np.int8),
        counts[..., 0],
        counts[..., 1],
        np.ones(shape, np.int16),
        (status == CONVERGED).astype(np.int16),
        np.zeros(shape, np.int16),
    )
    traces: list[Traces] = []
    if estimator.method == "newton":
        traces = [
            _trace_labelled(samples, sizes, outcome, sums, facts, row, column)
            for row in range(min(traced, shape[0]))
            for column in range(shape[1])
            if status[row, column] == CONVERGED
        ]
    fits = fits_of(samples.replicates, sizes, samples.group_names, outcome)
    return fits, joined(traces, samples.group_names)


def fits_of(
    replicates: Int32s, sizes: Int32s, group_names: tuple[str, ...], outcome: Outcome
) -> Fits:
    """The record of a block's fits."""
    groups = len(group_names)
    theta = outcome.theta
    inference = infer(theta, outcome.observed, outcome.sandwich)
    shares, means_cm, sds_cm = np.split(theta, 3, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        few = sizes * shares.min(axis=-1) < FEWEST_PEOPLE
        unlike = sds_cm.min(axis=-1) < SMALLEST_SD_RATIO * sds_cm.max(axis=-1)
        pooled_cm = np.sqrt((shares * sds_cm**2).sum(axis=-1))
        tie = (np.diff(means_cm, axis=-1) < NEAR_TIE * pooled_cm[..., None]).any(axis=-1)
    return Fits(
        replicates,
        sizes,
        group_names,
        inference.estimate,
        inference.std_error,
        inference.robust_std_error,
        inference.lower,
        inference.upper,
        np.where(np.isnan(inference.lower), IntervalStatus.NONE, IntervalStatus.OK).astype(np.int8),
        outcome.status,
        outcome.se_status,
        outcome.log_likelihood,
        outcome.decrement,
        outcome.passes,
        outcome.steps,
        outcome.starts,
        outcome.agreeing,
        few | unlike,
        tie if groups > 1 else np.zeros_like(few),
        np.zeros(few.shape, np.int32),
    )


def _trace_hidden(
    estimator: Estimator,
    samples: Samples,
    sizes: Int32s,
    outcome: Outcome,
    begun: Floats,
    facts: Told,
    row: int,
    column: int,
) -> Traces:
    """Kept steps of one fit with hidden labels, walked on all its people."""
    people_cm, weights = weighted_people(samples, row, int(sizes[column]))
    centre, scale = mean_and_sd_of_nodes(people_cm, weights)
    x = (people_cm - centre) / scale
    problem = Problem(x, weights, facts.free, facts.shares_known, facts.sds_rule)
    groups = facts.known_sds_cm.shape[0]
    room = make_room(groups, facts.free.shape[1])
    start = int(outcome.start[row, column])
    theta = np.empty(3 * groups)
    begin(problem, begun[row, start], start, facts.known_sds_cm / scale, theta)
    kept = kept_steps(int(outcome.steps[row, column]))
    path, values = np.empty((len(kept), 3 * groups)), np.empty((len(kept), 3))
    if estimator.method == "em":
        trace_em(problem, theta, kept, room, path, values)
    else:
        trace_again(problem, theta, kept, METHODS[estimator.method], room, path, values)
    values[:, 0] -= int(sizes[column]) * np.log(scale)
    path = in_cm(path, centre, scale)
    return trace_of(samples, sizes, outcome, row, column, start, kept, path, values)


def _trace_labelled(
    samples: Samples,
    sizes: Int32s,
    outcome: Outcome,
    group_sums: LabelledSums,
    facts: Told,
    row: int,
    column: int,
) -> Traces:
    """Kept steps of one climb with labels seen."""
    groups = len(samples.group_names)
    theta, sums = np.empty(3 * groups), np.empty((groups, 3))
    known = group_sums.mean_cm[row, column], group_sums.powers[row, column]
    shares = outcome.theta[row, column, :groups]
    centre, scale = begin_alike(*known, facts, shares, theta, sums)
    room = make_room(groups, facts.free.shape[1])
    nobody = np.empty(0)
    problem = Problem(nobody, nobody, facts.free, facts.shares_known, facts.sds_rule)
    kept = kept_steps(int(outcome.steps[row, column]))
    path, values = np.empty((len(kept), 3 * groups)), np.empty((len(kept), 3))
    trace_labelled(problem, sums, theta, kept, room, path, values)
    values[:, 0] += outcome.log_likelihood[row, column] - values[-1, 0]
    path = in_cm(path, centre, scale)
    return trace_of(samples, sizes, outcome, row, column, 0, kept, path, values)
