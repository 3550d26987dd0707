"""A fit of people or of a table of cells, in cm with its covariances, and a block of fits."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.design.samples import Samples
from stature.domain.model import Model, coordinates, theta_at
from stature.domain.observation import Conditional, Heaped
from stature.estimators.estimator import Fits, FitSpec, SeStatus, Status, why_refused
from stature.estimators.general.objective import Objective
from stature.estimators.general.optimise import (
    Result,
    em_to_maximum,
    follow_from,
    iterate_em,
    kept_rows,
    search,
)
from stature.estimators.general.standardise import (
    MOST_ROWS,
    People,
    Standardised,
    people_of,
    standardise,
    standardise_cells,
)
from stature.estimators.plain.batch import Outcome, empty_outcome
from stature.estimators.plain.block import fits_of
from stature.estimators.plain.enough import Ends, Ground
from stature.estimators.plain.problem import split_sizes
from stature.estimators.plain.traces import Traces, joined
from stature.kernels.prior import log_prior
from stature.kernels.sketch import is_valid
from stature.theory.likelihood import HIDDEN, rows_of, summed
from stature.theory.moments import central_moments, equal_sds, free_sds
from stature.theory.newton import by_coordinate

FEWEST_PER_GROUP = 2
AT_CONSTRAINT = 1e-9  # rounding of a log-ratio of SDs
MOST_STARTS = 200  # of a search with as many as it takes; each takes milliseconds here
ROUNDING = 1e-12  # of an SD that goes into standard units and comes back


class Solution(NamedTuple):
    """A fit of one sample, its fields as in `Outcome`; NaN where there is none."""

    theta: Floats
    observed: Floats
    sandwich: Floats
    log_likelihood: float  # heights have densities per cm, cells have probabilities
    decrement: float
    status: Status
    se_status: SeStatus
    passes: int = 0
    steps: int = 0
    starts: int = 0
    agreeing: int = 0
    at_constraint: bool = False  # whether two SDs are as different as they may be


def no_solution(groups: int, status: Status) -> Solution:
    """A fit that has nothing but its status."""
    nothing = np.full((3 * groups - 1, 3 * groups - 1), np.nan)
    theta = np.full(3 * groups, np.nan)
    return Solution(theta, nothing, nothing, np.nan, np.nan, status, SeStatus.SINGULAR)


def block_of_general(spec: FitSpec, samples: Samples, starts: Floats) -> tuple[Fits, Traces]:
    """Fits of a block; they keep no steps."""
    estimator, groups = spec.estimator, len(spec.group_names)
    refusal = why_refused(estimator, groups)
    if refusal:
        raise ValueError(f"estimator {estimator.name!r}: {refusal}")
    if estimator.oracle != (spec.oracle is not None):
        raise ValueError(
            f"estimator {estimator.name!r}: the truth goes with a start at the oracle's, and "
            "with nothing else; nobody knows it of a file"
        )
    sizes = np.array(spec.sizes, dtype=np.int32)
    split_sizes(samples, sizes)
    if spec.oracle is not None:
        starts = np.broadcast_to(np.array(spec.oracle), (len(starts), 1, 3 * groups))
    outcome = empty_outcome(len(samples.replicates), len(sizes), groups)
    at_constraint = np.zeros((len(samples.replicates), len(sizes)), dtype=np.bool_)
    for row in range(len(samples.replicates)):
        for column, size in enumerate(sizes.tolist()):
            people = people_of(samples, row, size, estimator.model)
            solution = solve(people, spec, starts[row])
            _write(solution, outcome, row, column)
            at_constraint[row, column] = solution.at_constraint
    fits = fits_of(samples.replicates, sizes, spec.group_names, outcome)
    if estimator.sd_ratio:
        fits = replace(fits, at_constraint=at_constraint)
    return fits, joined([], spec.group_names)


def fits_of_one(solution: Solution, people: float, group_names: tuple[str, ...]) -> Fits:
    """The record of a single fit, such as that of a person's own table."""
    outcome = empty_outcome(1, 1, len(group_names))
    _write(solution, outcome, 0, 0)
    size = np.array([round(people)], dtype=np.int32)
    return fits_of(np.zeros(1, dtype=np.int32), size, group_names, outcome)


def _write(solution: Solution, outcome: Outcome, row: int, column: int) -> None:
    """Write a fit to its place."""
    for name in Solution._fields[:-1]:
        getattr(outcome, name)[row, column] = getattr(solution, name)


def solve(people: People, spec: FitSpec, starts: Floats) -> Solution:
    """Fit one sample; starts in standard units, shape (starts, 3 k), but an oracle's in cm."""
    groups = len(spec.group_names)
    status = _why_not(people, groups)
    if status is not None:
        return no_solution(groups, status)
    estimator = spec.estimator
    if estimator.method == "moments":
        return _by_moments(people, estimator.model)
    # Hard EM puts whole people into groups and trimming leaves them out, but a node may stand for
    # some of each; and it lies on no grid.
    person_by_person = estimator.method == "hard-em" or estimator.trimmed
    person_by_person = person_by_person or isinstance(estimator.model.observation, Heaped)
    # Nodes of a sketch keep sums of weights, not of their squares.
    person_by_person = person_by_person or people.square is not None
    most_rows = np.inf if person_by_person else MOST_ROWS
    sample = standardise(people, estimator.model, spec.sampling, most_rows)
    solution = _solve_rows(sample, spec, starts)
    if sample.width_cm and not _is_faithful(solution, sample):
        sample = standardise(people, estimator.model, spec.sampling, np.inf)
        solution = _solve_rows(sample, spec, starts)
    return solution


def solve_cells(
    cells: tuple[Floats, Floats, Floats],
    spec: FitSpec,
    starts: Floats,
    condition: Conditional | None = None,
) -> Solution:
    """Fit a table of cells (lower and upper ends in cm, people), as old books print heights.

    Its log-likelihood is ``sum count log P(cell)``.
    """
    groups, count = len(spec.group_names), cells[2]
    if count.sum() < FEWEST_PER_GROUP * groups or (count > 0).sum() < FEWEST_PER_GROUP:
        return no_solution(groups, Status.TOO_FEW)
    return _solve_rows(standardise_cells(*cells, condition), spec, starts)


def _why_not(people: People, groups: int) -> Status | None:
    """Why a sample cannot be fitted: too few people, or all of one height."""
    if people.weight.sum() < FEWEST_PER_GROUP * groups:
        return Status.TOO_FEW
    if not (people.group == HIDDEN).any():
        each = np.bincount(people.group, people.weight, groups)
        if each.min() < FEWEST_PER_GROUP:
            return Status.TOO_FEW
    return Status.DEGENERATE if np.ptp(people.heights_cm) == 0.0 else None


def ground_of_people(people: People, spec: FitSpec) -> Ground | None:
    """One sample for a search with as many starts as it takes; none where it cannot be fitted."""
    if _why_not(people, len(spec.group_names)) or not (people.group == HIDDEN).any():
        return None
    return ground_of(standardise(people, spec.estimator.model, spec.sampling), spec)


def ground_of_cells(
    cells: tuple[Floats, Floats, Floats], spec: FitSpec, condition: Conditional | None
) -> Ground | None:
    """A table of cells for such a search."""
    if cells[2].sum() < FEWEST_PER_GROUP * len(spec.group_names) or len(spec.group_names) == 1:
        return None
    return ground_of(standardise_cells(*cells, condition), spec)


def ground_of(sample: Standardised, spec: FitSpec) -> Ground:
    """A sample in standard units for a search with as many starts as it takes."""
    rows, objective = sample.rows, objective_of(sample, spec)
    open_ends = np.where(np.isfinite(rows.upper), rows.upper, rows.lower)
    middle = 0.5 * (np.where(np.isfinite(rows.lower), rows.lower, rows.upper) + open_ends)
    order = np.argsort(middle, kind="stable")

    def ends(starts: Floats) -> Ends:
        results = [follow_from(one, objective) for one in starts]
        value = [one.at.value if one.status == Status.CONVERGED else -np.inf for one in results]
        return Ends(np.array([theta_at(one.u) for one in results]), np.array(value))

    nodes = middle[order], rows.weight[order]
    return Ground(*nodes, objective.groups, objective.shares, ends, MOST_STARTS)


def objective_of(sample: Standardised, spec: FitSpec) -> Objective:
    """What is maximised on a sample in standard units."""
    groups, rows, estimator = len(spec.group_names), sample.rows, spec.estimator
    # A known SD is that of a group, of normal groups their scale.
    unit_cm = sample.scale_cm * rows.sd_over_scale
    shares = None if spec.known_shares is None else np.array(spec.known_shares)
    sds = None if spec.known_sds_cm is None else np.array(spec.known_sds_cm) / unit_cm
    labels_of_all = not (rows.group == HIDDEN).any()
    if labels_of_all and spec.sampling == "stratified" and shares is None:
        # Such a sample says nothing of the shares: they are the design's, without an error.
        people = np.bincount(rows.group, rows.weight, groups)
        shares = people / people.sum()
        estimator = replace(estimator, model=replace(estimator.model, shares="known"))
    return Objective(rows, estimator, groups, shares, sds)


def _solve_rows(sample: Standardised, spec: FitSpec, starts: Floats) -> Solution:
    """Fit a sample in standard units."""
    objective, rows, groups = objective_of(sample, spec), sample.rows, len(spec.group_names)
    estimator, labels_of_all = objective.estimator, not (rows.group == HIDDEN).any()
    if estimator.oracle:
        starts = _in_units_of(sample, starts)
    elif objective.is_labelled:
        starts = np.concatenate([_start_of_labels(sample, groups, starts[0]), starts])
    if labels_of_all:
        starts = starts[:1]
    offset = sample.offset
    if estimator.method == "newton":
        result = search(objective, starts)
    elif estimator.method == "em" and estimator.stop is None:
        result = em_to_maximum(objective, starts)
    else:
        result = iterate_em(objective, starts, offset)
    if estimator.trimmed:
        kept = kept_rows(result.u, rows, estimator.trimmed)
        lost = float(rows.weight.sum() - kept.weight.sum())
        offset += lost * float(np.log(sample.scale_cm))
    solution = _in_cm(result, objective, sample, offset)
    if spec.known_sds_cm is not None:
        # Known SDs without the rounding of standard units.
        known_cm, sds_cm = np.array(spec.known_sds_cm), solution.theta[2 * groups :]
        same = np.isclose(sds_cm, known_cm, rtol=ROUNDING, atol=0.0)
        theta = np.append(solution.theta[: 2 * groups], np.where(same, known_cm, sds_cm))
        solution = solution._replace(theta=theta)
    # Trimming and hard EM solve other equations than those of the likelihood.
    others = estimator.trimmed or estimator.method == "hard-em"
    return _without_errors(solution) if others else solution


def _by_moments(people: People, model: Model) -> Solution:
    """Two groups with the moments of the people."""
    moments = central_moments(people.heights_cm, people.weight)
    theta = free_sds(moments) if model.sds == "free" else equal_sds(moments)
    if theta is None:
        return no_solution(2, Status.NO_MAXIMUM)
    theta[2:4] += people.weight @ people.heights_cm / people.weight.sum()
    rows = rows_of(people.heights_cm, people.heights_cm, people.weight)
    u = coordinates(theta)
    solution = no_solution(2, Status.CONVERGED)._replace(
        theta=theta, log_likelihood=summed(u, rows).value, passes=1, steps=1
    )
    return _without_errors(solution)


def _without_errors(solution: Solution) -> Solution:
    """The same estimates, of a method that has no standard errors here."""
    nothing = np.full_like(solution.observed, np.nan)
    return solution._replace(observed=nothing, sandwich=nothing, se_status=SeStatus.NONE)


def _start_of_labels(sample: Standardised, groups: int, otherwise: Floats) -> Floats:
    """Start at the moments of the labelled people, shape (1, 3 k); none if a group has too few."""
    rows = sample.rows
    middle = 0.5 * (rows.lower + rows.upper)
    theta = otherwise.copy()
    for k in range(groups):
        mine = rows.group == k
        weight, x = rows.weight[mine], middle[mine]
        if weight.sum() < FEWEST_PER_GROUP or np.ptp(x) == 0.0:
            return np.empty((0, 3 * groups))
        mean = weight @ x / weight.sum()
        theta[k], theta[groups + k] = weight.sum(), mean
        theta[2 * groups + k] = np.sqrt(weight @ (x - mean) ** 2 / weight.sum())
    theta[:groups] /= theta[:groups].sum()
    return theta[None]


def _in_units_of(sample: Standardised, starts_cm: Floats) -> Floats:
    """Starts in units of the sample; for Student's distribution the scales of groups, not SDs."""
    shares, means_cm, sds_cm = np.split(starts_cm, 3, axis=1)
    means = (means_cm - sample.centre_cm) / sample.scale_cm
    scales = sds_cm / (sample.scale_cm * sample.rows.sd_over_scale)
    return np.concatenate([shares, means, scales], axis=1)


def _is_faithful(solution: Solution, sample: Standardised) -> bool:
    """Whether the nodes of a sketch serve as well as their people at an estimate."""
    if solution.status != Status.CONVERGED:
        return False
    low = float((sample.centre_cm + sample.scale_cm * sample.rows.lower).min())
    high = float((sample.centre_cm + sample.scale_cm * sample.rows.upper).max())
    return bool(is_valid(solution.theta, sample.width_cm, low, high))


def _in_cm(result: Result, objective: Objective, sample: Standardised, offset: float) -> Solution:
    """The solution of a search, in cm."""
    u, groups, free = result.u, objective.groups, result.free
    theta = theta_at(u)
    theta[groups:] *= sample.scale_cm
    theta[groups : 2 * groups] += sample.centre_cm
    # The SD of Student's distribution; its logarithm differs from that of the scale by a constant.
    theta[2 * groups :] *= sample.rows.sd_over_scale
    observed = sandwich = np.full((len(u), len(u)), np.nan)
    se_status = SeStatus.SINGULAR
    if result.status == Status.CONVERGED and np.isfinite(result.decrement):
        unit = by_coordinate(groups, 1.0, sample.scale_cm, 1.0)
        # Along an active constraint the ratio of SDs is as good as known.
        spread = free @ np.linalg.inv(free.T @ result.at.information @ free) @ free.T
        observed = spread * unit[:, None] * unit
        sandwich = spread @ result.at.outer @ spread * unit[:, None] * unit
        se_status = SeStatus.OK
    ratio, log_ratio = objective.estimator.sd_ratio, float(np.ptp(u[-groups:]))
    return Solution(
        theta,
        observed,
        sandwich,
        result.at.value - log_prior(theta_at(u), objective.prior) + offset,
        result.decrement,
        result.status,
        se_status,
        result.passes,
        result.steps,
        result.starts,
        result.agreeing,
        bool(ratio and log_ratio >= -np.log(ratio) - AT_CONSTRAINT),
    )
