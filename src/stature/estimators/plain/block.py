"""Blocks of fits: from the samples of a block to the arrays of its fits, and to their record."""

from dataclasses import replace

import numpy as np

from stature.arrays import Floats, Int32s
from stature.design.samples import Samples, Sketches
from stature.domain.model import estimates_of, gradients
from stature.estimators.estimator import Fits, FitSpec, IntervalStatus
from stature.estimators.intervals.wald import (
    standard_errors,
    wald_interval,
)
from stature.estimators.plain.batch import (
    FEWEST_PER_GROUP,
    SKETCH_FROM,
    Outcome,
    batch_of,
    constraints_of,
    empty_outcome,
    ends_of,
    fit_batch,
    settings_of,
)
from stature.estimators.plain.enough import Ends, Ground, thinned
from stature.estimators.plain.labelled import POWERS, LabelledSums, labelled_sums, outcome_of
from stature.estimators.plain.problem import split_sizes
from stature.estimators.plain.starts import starts
from stature.estimators.plain.traces import Block, Traces, traces_of, walk_labelled, walk_unlabelled

FEWEST_PEOPLE = 5.0  # a group of fewer is suspect
SMALLEST_SD_RATIO = 0.2  # so are groups of so different SDs
NEAR_TIE = 0.5  # of the pooled SD, between neighbouring means


def starts_of(spec: FitSpec, uniforms: Floats) -> Floats:
    """Starts of a block, shape (r, s, 3 k); `uniforms` make the random ones."""
    shares = None if spec.known_shares is None else np.array(spec.known_shares)
    return starts(uniforms, shares, len(spec.group_names))


def ground_of(spec: FitSpec, heights_cm: Floats) -> Ground | None:
    """One sample whose labels are not seen, for a search with as many starts as it takes."""
    groups, estimator = len(spec.group_names), spec.estimator
    if len(heights_cm) < FEWEST_PER_GROUP * groups or np.ptp(heights_cm) == 0.0:
        return None
    constraints = constraints_of(estimator.model, groups, spec.known_sds_cm, estimator.prior)
    settings = settings_of(replace(estimator, kept_starts=1))
    batch = batch_of(heights_cm[None])

    def ends(begin_at: Floats) -> Ends:
        theta, value = np.full_like(begin_at, np.nan), np.empty(len(begin_at))
        ends_of(batch, np.ascontiguousarray(begin_at), constraints, settings, theta, value)
        return Ends(theta, value)

    x = np.sort((heights_cm - heights_cm.mean()) / heights_cm.std())
    shares = None if spec.known_shares is None else np.array(spec.known_shares)
    return Ground(*thinned(x, np.ones(len(x))), groups, shares, ends)


def fit_unlabelled(
    spec: FitSpec, samples: Samples, begin_at: Floats, sketch_from: int = SKETCH_FROM
) -> tuple[Outcome, Traces]:
    """Fits and traces of a block whose labels are not seen, from starts of each replicate."""
    estimator, sizes = spec.estimator, np.array(spec.sizes, np.int32)
    groups, sketches = len(spec.group_names), samples.sketches
    outcome = empty_outcome(len(samples.replicates), len(sizes), groups)
    constraints = constraints_of(estimator.model, groups, spec.known_sds_cm, estimator.prior)
    settings = settings_of(estimator, sketch_from)
    kept, columns = split_sizes(samples, sizes)
    batch = batch_of(samples.heights_cm)
    fit_batch(batch, sizes[:kept], begin_at, constraints, settings, outcome)
    if sketches is not None:
        for r, j in np.ndindex(len(begin_at), len(columns)):
            rows = sketches.rows(r, columns[j])
            nodes_cm, weights = sketches.node_cm[None, rows], sketches.weight[None, rows]
            batch = batch_of(nodes_cm, weights, sketches.width_cm)
            all_nodes = np.array([nodes_cm.shape[1]], np.int32)
            here = Outcome._make(each[r : r + 1, kept + j : kept + j + 1] for each in outcome)
            fit_batch(batch, all_nodes, begin_at[r : r + 1], constraints, settings, here)
    block = Block(samples, sizes, constraints, outcome)
    return outcome, traces_of(
        block, spec.traced, walk_unlabelled(block, estimator.method, begin_at)
    )


def fit_labelled(spec: FitSpec, samples: Samples) -> tuple[Outcome, Traces]:
    """Fits and traces of a block whose labels are seen."""
    estimator, sizes = spec.estimator, np.array(spec.sizes, np.int32)
    groups = len(samples.group_names)
    shape = (len(samples.replicates), len(sizes))
    sums = LabelledSums(np.empty((*shape, groups)), np.empty((*shape, groups, POWERS)))
    kept, columns = split_sizes(samples, sizes)
    people = samples.heights_cm, samples.written_labels, sizes[:kept]
    labelled_sums(*people, sums.mean_cm, sums.powers)
    if samples.sketches is not None:
        sums_of_sketches(samples.sketches, columns, kept, sums)
    outcome, constraints = outcome_of(spec, sums)
    traced = spec.traced if estimator.method == "newton" else 0
    block = Block(samples, sizes, constraints, outcome)
    return outcome, traces_of(block, traced, walk_labelled(block, sums))


def sums_of_sketches(
    sketches: Sketches, columns: tuple[int, ...], first: int, sums: LabelledSums
) -> None:
    """Fill in means and central power sums of each group, at sketched sizes."""
    replicates, _, groups, powers = sums.powers.shape
    for r in range(replicates):
        for j, column in enumerate(columns):
            rows = sketches.rows(r, column)
            for k in range(groups):
                mine = sketches.group_index[rows] == k
                x, w = sketches.node_cm[rows][mine], sketches.weight[rows][mine]
                here = sums.powers[r, first + j, k]
                here[:] = 0.0
                sums.mean_cm[r, first + j, k] = np.nan
                if len(x):
                    mean_cm = x[0] + float(w @ (x - x[0])) / float(w.sum())
                    sums.mean_cm[r, first + j, k] = mean_cm
                    here[:] = w @ np.vander(x - mean_cm, powers, increasing=True)
                    here[0] = round(here[0])  # a group's weights add up to an integer


def fits_of(
    replicates: Int32s, sizes: Int32s, group_names: tuple[str, ...], outcome: Outcome
) -> Fits:
    """The record of a block's fits."""
    groups = len(group_names)
    theta = outcome.theta
    slopes, estimate = gradients(theta), estimates_of(theta)
    std_error = standard_errors(slopes, outcome.observed)
    robust_std_error = standard_errors(slopes, outcome.sandwich)
    lower, upper = wald_interval(estimate, std_error)
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
        estimate,
        std_error,
        robust_std_error,
        lower,
        upper,
        np.where(np.isnan(lower), IntervalStatus.NONE, IntervalStatus.OK).astype(np.int8),
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
        covariance=outcome.observed,
    )
