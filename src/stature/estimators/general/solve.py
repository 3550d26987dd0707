"""One fit: from the rows of a sample to estimates in cm with their covariances."""

from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.model import Model, Sampling, free_coordinates
from stature.domain.observation import Conditional, Heaped
from stature.estimators.estimator import Estimator, SeStatus, Status
from stature.estimators.general.climb import Goal, penalties
from stature.estimators.general.likelihoods import likelihood
from stature.estimators.general.rows import MOST_ROWS, People, Seen, cells_seen, see
from stature.estimators.general.search import Facts, Found, search, theta_at
from stature.estimators.general.steps import walk
from stature.estimators.general.trimmed import search_trimmed
from stature.kernels.sketch import is_valid
from stature.theory.likelihood import HIDDEN, rows_of
from stature.theory.moments import central_moments, equal_sds, free_sds

FEWEST_PER_GROUP = 2
ON_A_WALL = 1e-9  # rounding of a log-ratio of SDs
ROUNDING = 1e-12  # of an SD that goes into standard units and comes back


@dataclass(frozen=True, slots=True)
class Solution:
    """A fit of one sample; arrays are NaN where there is none."""

    # shape (3 k,): shares, means and SDs in cm; of groups with Student's law the SDs, not the
    # scales
    theta: Floats
    # shape (3 k - 1, 3 k - 1): covariances in (eta, mu in cm, lambda) from the information, and
    # sandwich ones
    observed: Floats
    sandwich: Floats
    # at the estimate; heights have densities per cm, cells have probabilities
    log_likelihood: float
    decrement: float
    status: Status  # how the fit ended
    se_status: SeStatus  # whether it has standard errors
    passes: int = 0  # as in `stature.estimators.estimator.Fits`
    steps: int = 0
    starts: int = 0
    agreeing: int = 0
    at_constraint: bool = False  # whether two SDs are as different as they may be


def no_solution(groups: int, status: Status) -> Solution:
    """A fit that has nothing but its status."""
    nothing = np.full((3 * groups - 1, 3 * groups - 1), np.nan)
    theta = np.full(3 * groups, np.nan)
    return Solution(theta, nothing, nothing, np.nan, np.nan, status, SeStatus.SINGULAR)


def solve(
    people: People,
    estimator: Estimator,
    begun: Floats,
    known_shares: tuple[float, ...] | None,
    known_sds_cm: tuple[float, ...] | None,
    sampling: Sampling,
) -> Solution:
    """Fit one sample."""
    groups = begun.shape[1] // 3
    status = why_not(people, groups)
    if status is not None:
        return no_solution(groups, status)
    if estimator.method == "moments":
        return _by_moments(people, estimator.model)
    # Hard EM puts whole people into groups and trimming leaves them out, but a node may stand for
    # some of each; and it lies on no grid.
    whole = estimator.method == "hard-em" or estimator.trimmed
    whole = whole or isinstance(estimator.model.observation, Heaped)
    most_rows = np.inf if whole else MOST_ROWS
    seen = see(people, estimator.model, sampling, most_rows)
    given = known_shares, known_sds_cm
    solution = solve_rows(seen, estimator, begun, *given, sampling)
    if seen.width_cm and not _is_faithful(solution, seen):
        seen = see(people, estimator.model, sampling, np.inf)
        solution = solve_rows(seen, estimator, begun, *given, sampling)
    return solution


def solve_cells(
    lower_cm: Floats,
    upper_cm: Floats,
    count: Floats,
    estimator: Estimator,
    begun: Floats,
    known_shares: tuple[float, ...] | None = None,
    known_sds_cm: tuple[float, ...] | None = None,
    condition: Conditional | None = None,
) -> Solution:
    """Fit a table of cells, as old books print heights.

    The fit; its log-likelihood is ``sum count log P(cell)``.
    """
    groups = begun.shape[1] // 3
    if count.sum() < FEWEST_PER_GROUP * groups or (count > 0).sum() < FEWEST_PER_GROUP:
        return no_solution(groups, Status.TOO_FEW)
    seen = cells_seen(lower_cm, upper_cm, count, condition)
    return solve_rows(seen, estimator, begun, known_shares, known_sds_cm, "random")


def why_not(people: People, groups: int) -> Status | None:
    """Why a sample cannot be fitted.

    Too few people or of one height; None: it can be.
    """
    if people.weight.sum() < FEWEST_PER_GROUP * groups:
        return Status.TOO_FEW
    if not (people.group == HIDDEN).any():
        each = np.bincount(people.group, people.weight, groups)
        if each.min() < FEWEST_PER_GROUP:
            return Status.TOO_FEW
    return Status.DEGENERATE if np.ptp(people.heights_cm) == 0.0 else None


def solve_rows(
    seen: Seen,
    estimator: Estimator,
    begun: Floats,
    known_shares: tuple[float, ...] | None,
    known_sds_cm: tuple[float, ...] | None,
    sampling: Sampling,
) -> Solution:
    """Fit what was seen of a sample."""
    groups = begun.shape[1] // 3
    model, rows = estimator.model, seen.rows
    if estimator.oracle:
        begun = _in_units_of(seen, begun)
    shares = None if known_shares is None else np.array(known_shares)
    # What is told is the SD of a group: that of normal groups is their scale.
    unit_cm = seen.scale_cm * rows.sd_over_scale
    sds = None if known_sds_cm is None else np.array(known_sds_cm) / unit_cm
    if not (rows.group == HIDDEN).any() and sampling == "stratified" and shares is None:
        # Such a sample says nothing of the shares: they are the design's, without an error.
        people = np.bincount(rows.group, rows.weight, groups)
        shares, model = people / people.sum(), replace(model, shares="known")
    if (rows.group != HIDDEN).any() and not estimator.oracle:
        begun = np.concatenate([_start_of_labels(seen, groups, begun[0]), begun])
    if not (rows.group == HIDDEN).any():
        begun = begun[:1]
    free = free_coordinates(model, groups)
    penalty = estimator.penalty / float(np.sqrt(rows.weight.sum()))
    goal = Goal(rows, free, penalty, estimator.share_penalty, estimator.sd_ratio)
    facts = Facts(model, shares, sds)
    if estimator.trimmed:
        trimmed = search_trimmed(goal, begun, facts, estimator)
        lost = float(rows.weight.sum() - trimmed.rows.weight.sum())
        seen = replace(seen, offset=seen.offset + lost * float(np.log(seen.scale_cm)))
        found = trimmed.found
    elif estimator.method == "newton":
        found = search(goal, begun, facts, estimator)
    else:
        found = walk(goal, begun, facts, estimator, seen.offset)
    solution = _in_cm(found, goal, seen)
    if known_sds_cm is not None:
        solution = replace(solution, theta=_as_told(solution.theta, np.array(known_sds_cm)))
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
    shares, means, sds = np.split(theta, 3)
    u = np.concatenate([np.log(shares[:1] / shares[1:]), means, np.log(sds)])
    value = likelihood(u, rows).value
    found = no_solution(2, Status.CONVERGED)
    return _without_errors(replace(found, theta=theta, log_likelihood=value, passes=1, steps=1))


def _without_errors(solution: Solution) -> Solution:
    """The same estimates, of a method that has no standard errors here."""
    nothing = np.full_like(solution.observed, np.nan)
    return replace(solution, observed=nothing, sandwich=nothing, se_status=SeStatus.NONE)


def _as_told(theta: Floats, sds_cm: Floats) -> Floats:
    """The same estimates, known SDs without the rounding of standard units."""
    free, found_cm = np.split(theta, [2 * len(sds_cm)])
    same = np.isclose(found_cm, sds_cm, rtol=ROUNDING, atol=0.0)
    return np.concatenate([free, np.where(same, sds_cm, found_cm)])


def _start_of_labels(seen: Seen, groups: int, otherwise: Floats) -> Floats:
    """Start at the moments of the labelled people, shape (1, 3 k); none if a group has too few."""
    rows = seen.rows
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


def _in_units_of(seen: Seen, begun_cm: Floats) -> Floats:
    """Starts in units of the sample; for Student's law the scales of groups of the given SDs."""
    shares, means_cm, sds_cm = np.split(begun_cm, 3, axis=1)
    means = (means_cm - seen.centre_cm) / seen.scale_cm
    scales = sds_cm / (seen.scale_cm * seen.rows.sd_over_scale)
    return np.concatenate([shares, means, scales], axis=1)


def _is_faithful(solution: Solution, seen: Seen) -> bool:
    """Whether the nodes of a sketch serve as well as their people at an estimate."""
    if solution.status != Status.CONVERGED:
        return False
    ends = (seen.centre_cm + seen.scale_cm * end for end in (seen.rows.lower, seen.rows.upper))
    low, high = (float(extreme) for extreme in (min(next(ends)), max(next(ends))))
    return bool(is_valid(solution.theta, seen.width_cm, low, high))


def _in_cm(found: Found, goal: Goal, seen: Seen) -> Solution:
    """The solution of a search, in cm."""
    end = found.end
    groups = (len(end.u) + 1) // 3
    lam = end.u[2 * groups - 1 :]
    theta = theta_at(end.u)
    theta[groups:] *= seen.scale_cm
    theta[groups : 2 * groups] += seen.centre_cm
    # The SD of Student's law; its logarithm differs from that of the scale by a constant.
    theta[2 * groups :] *= seen.rows.sd_over_scale
    nothing = np.full((len(end.u), len(end.u)), np.nan)
    observed = sandwich = nothing
    se_status = SeStatus.SINGULAR
    if found.status == Status.CONVERGED and np.isfinite(end.decrement):
        unit = np.ones(len(end.u))
        unit[groups - 1 : 2 * groups - 1] = seen.scale_cm
        # Along a wall the ratio of SDs is as good as known.
        free = goal.free if end.free is None else end.free
        inverse = np.linalg.inv(free.T @ end.at.information @ free)
        spread = free @ inverse @ free.T
        observed = spread * unit[:, None] * unit
        sandwich = spread @ end.at.outer @ spread * unit[:, None] * unit
        se_status = SeStatus.OK
    return Solution(
        theta,
        observed,
        sandwich,
        end.at.value + penalties(end.u, goal) + seen.offset,
        end.decrement,
        found.status,
        se_status,
        found.passes,
        end.steps,
        found.starts,
        found.agreeing,
        bool(goal.sd_ratio and np.ptp(lam) >= -np.log(goal.sd_ratio) - ON_A_WALL),
    )
