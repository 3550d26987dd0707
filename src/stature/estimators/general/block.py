"""A block of fits: every size of every replicate, each with the method of its estimator."""

from dataclasses import replace

import numpy as np

from stature.arrays import Floats
from stature.design.samples import Samples
from stature.estimators.estimator import Fits, FitSpec
from stature.estimators.general.refusals import why_refused
from stature.estimators.general.rows import people_of
from stature.estimators.general.solve import Solution, solve
from stature.estimators.plain.batch import Outcome, empty_outcome
from stature.estimators.plain.block import fits_of
from stature.estimators.plain.sketched import split_sizes
from stature.estimators.plain.starts import starts
from stature.estimators.plain.traces import Traces, joined


def block_of_observed(spec: FitSpec, samples: Samples, uniforms: Floats) -> tuple[Fits, Traces]:
    """Fits of a block; they keep no steps."""
    refusal = why_refused(spec.estimator, len(spec.group_names))
    if refusal:
        raise ValueError(f"estimator {spec.estimator.name!r}: {refusal}")
    if spec.estimator.oracle != (spec.oracle is not None):
        raise ValueError(
            f"estimator {spec.estimator.name!r}: the truth goes with a start at the oracle's, and "
            "with nothing else; nobody knows it of a file"
        )
    sizes = np.array(spec.sizes, dtype=np.int32)
    split_sizes(samples, sizes)
    groups = len(spec.group_names)
    shares = None if spec.known_shares is None else np.array(spec.known_shares)
    begun = starts(uniforms, shares, groups)
    if spec.oracle is not None:
        begun = np.broadcast_to(np.array(spec.oracle), (len(begun), 1, 3 * groups))
    outcome = empty_outcome(len(samples.replicates), len(sizes), groups)
    at_constraint = np.zeros((len(samples.replicates), len(sizes)), dtype=np.bool_)
    for row in range(len(samples.replicates)):
        for column, size in enumerate(sizes.tolist()):
            people = people_of(samples, row, size, spec.estimator.model)
            told = spec.known_shares, spec.known_sds_cm, spec.sampling
            solution = solve(people, spec.estimator, begun[row], *told)
            write(solution, outcome, row, column)
            at_constraint[row, column] = solution.at_constraint
    fits = fits_of(samples.replicates, sizes, spec.group_names, outcome)
    if spec.estimator.sd_ratio:
        fits = replace(fits, at_constraint=at_constraint)
    return fits, joined([], spec.group_names)


def fits_of_one(solution: Solution, people: float, group_names: tuple[str, ...]) -> Fits:
    """The record of a single fit, such as that of a person's own table."""
    outcome = empty_outcome(1, 1, len(group_names))
    write(solution, outcome, 0, 0)
    size = np.array([round(people)], dtype=np.int32)
    return fits_of(np.zeros(1, dtype=np.int32), size, group_names, outcome)


def write(solution: Solution, outcome: Outcome, row: int, column: int) -> None:
    """Write a fit to its place."""
    at = row, column
    outcome.theta[at] = solution.theta
    outcome.observed[at] = solution.observed
    outcome.sandwich[at] = solution.sandwich
    outcome.log_likelihood[at] = solution.log_likelihood
    outcome.decrement[at] = solution.decrement
    outcome.status[at] = solution.status
    outcome.se_status[at] = solution.se_status
    outcome.passes[at] = solution.passes
    outcome.steps[at] = solution.steps
    outcome.starts[at] = solution.starts
    outcome.agreeing[at] = solution.agreeing
