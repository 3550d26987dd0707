"""A block of fits: every size of every replicate, each with the method of its estimator."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stature.design.samples import Samples
from stature.estimators.batch import Outcome, empty_outcome
from stature.estimators.block import fits_of
from stature.estimators.estimator import Fits, FitSpec
from stature.estimators.observed.refusals import why_refused
from stature.estimators.observed.rows import people_of
from stature.estimators.observed.solve import Solution, solve
from stature.estimators.sketched import split_sizes
from stature.estimators.starts import starts
from stature.estimators.traces import Traces, joined


def block_of_observed(
    spec: FitSpec, samples: Samples, uniforms: NDArray[np.float64]
) -> tuple[Fits, Traces]:
    """Fits of a block; they keep no steps.

    Parameters
    ----------
    spec : FitSpec
        The estimator and what it is told.
    samples : Samples
        The people of the block.
    uniforms : array, shape (r, t, 3 k)
        Numbers for the random starts.

    Returns
    -------
    tuple of (Fits, Traces)
        One fit for every replicate and size, whatever became of it; no traces.

    Raises
    ------
    ValueError
        If the estimator asks for what no method does, or for a start that it is not told.
    """
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
    """The record of a single fit, such as that of a person's own table.

    Parameters
    ----------
    solution : Solution
        The fit.
    people : float
        How many people were fitted.
    group_names : tuple of str
        Names of the groups, in the order of their means.

    Returns
    -------
    Fits
        One replicate, one size.
    """
    outcome = empty_outcome(1, 1, len(group_names))
    write(solution, outcome, 0, 0)
    size = np.array([round(people)], dtype=np.int32)
    return fits_of(np.zeros(1, dtype=np.int32), size, group_names, outcome)


def write(solution: Solution, outcome: Outcome, row: int, column: int) -> None:
    """Write a fit to its place.

    Parameters
    ----------
    solution : Solution
        The fit.
    outcome : Outcome
        Receives it.
    row, column : int
        Positions of its replicate and size.
    """
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
