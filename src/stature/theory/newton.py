"""Newton's method on the rows of a sample or of an infinite one, by `stature.kernels.newton`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stature.arrays import Bools, Floats
from stature.theory.likelihood import Rows, records_of, selection_of

if TYPE_CHECKING:
    from stature.kernels.newton import Target

CONVERGED = 0  # as in `stature.kernels.newton`, which is slow to load
SMALLEST_SHARE = 1e-6  # of a distribution: below it a group is gone
SMALLEST_SD = 1e-3  # in SDs of the sample; below it a group sits on a single height
LARGEST_SD = 30.0  # in SDs of the sample
# ASSUME [cuts] a mean a hundred SDs from the people stands for one at infinity: a truncated normal
# is then an exponential distribution, and its likelihood has no maximum inside the parameter space.
FARTHEST_MEAN = 100.0
LONGEST = (2.0, 1.0, 1.4)  # longest step in eta, in mu and in lambda


@dataclass(frozen=True, slots=True)
class Rules:
    """How a maximum is searched from a start; lengths are in the units of the rows."""

    early: int = 20  # steps like those of EM, into the basin of a maximum, before Newton's
    most: int = 200  # steps in all
    tolerance: float = 1e-18  # squared decrement; Newton then doubles the digits once more
    smallest_sd: float = SMALLEST_SD  # a group with a smaller SD is degenerate
    largest_sd: float = LARGEST_SD  # beyond it, or a mean so far from zero, there is no end
    farthest_mean: float = FARTHEST_MEAN
    longest: tuple[float, float, float] = LONGEST  # step in eta, in mu and in lambda


class End(NamedTuple):
    """Where the iterations from one start ended."""

    u: Floats  # (3 K - 1,)
    value: float  # the objective there
    decrement: float
    active: Bools  # (c,): constraints that hold with equality
    status: int  # a code of `Status`; converged: a certified maximum inside the parameter space
    passes: int  # evaluations of the likelihood
    steps: int


def by_coordinate(groups: int, eta: float, mu: float, lam: float) -> Floats:
    """A number for each coordinate, by what it is a coordinate of, shape (3 K - 1,)."""
    return np.repeat([eta, mu, lam], [groups - 1, groups, groups])


def target_of(
    rows: Rows,
    free: Floats,
    rules: Rules,
    smallest_share: float = SMALLEST_SHARE,
    prior: Floats | None = None,
    ratio: float = 0.0,
) -> "Target":
    """What is maximised: the likelihood of rows and a prior, in the directions of a model.

    No SD may be less than `ratio` times any other; 0: no constraint.
    """
    from stature.kernels.newton import Target
    from stature.kernels.sums import POWERS

    groups = (len(free) + 1) // 3
    exact = rows.freedom is None and rows.heaps is None and bool((rows.lower == rows.upper).all())
    hidden, labelled = rows.group < 0, np.zeros((2, groups, POWERS))
    if exact and not hidden.all():
        for informs, k in np.ndindex(2, groups):
            mine = (rows.group == k) & (rows.informs == bool(informs))
            powers = np.vander(rows.lower[mine], POWERS, increasing=True)
            labelled[informs, k] = rows.weight[mine] @ powers
    alone = hidden & exact
    # Exact heights go through powers, and not one by one.
    one_by_one = rows.where(np.full(len(hidden), not exact))
    pairs = [(k, j) for k in range(groups) for j in range(groups) if k != j] if ratio else []
    normals = np.zeros((len(pairs), len(free)))
    for row, (k, j) in enumerate(pairs):
        normals[row, 2 * groups - 1 + k], normals[row, 2 * groups - 1 + j] = 1.0, -1.0
    return Target(
        rows.lower[alone],
        rows.weight[alone],
        labelled,
        records_of(one_by_one),
        selection_of(rows, groups),
        np.zeros(5) if prior is None else prior,
        np.ascontiguousarray(free),
        normals,
        float(np.log(ratio)) if ratio else -np.inf,
        by_coordinate(groups, *rules.longest),
        np.array([smallest_share, rules.smallest_sd, rules.largest_sd, rules.farthest_mean]),
    )


def maximise(starts: Floats, target: "Target", rules: Rules) -> list[End]:
    """Where the iterations from some coordinates end, shape (s, 3 K - 1)."""
    from stature.kernels.newton import Ends, from_starts
    from stature.kernels.newton import Rules as Compiled

    count = len(starts)
    active = np.zeros((count, len(target.normals)), np.bool_)
    ends = Ends(
        np.array(starts), np.empty(count), np.empty(count), active, np.empty((count, 3), np.int64)
    )
    from_starts(target, Compiled(rules.early, rules.most, rules.tolerance), ends)
    numbers = zip(ends.value.tolist(), ends.decrement.tolist(), strict=True)
    return [
        End(ends.u[s], *given, active[s], *ends.counts[s].tolist())
        for s, given in enumerate(numbers)
    ]


def maximise_rows(
    starts: Floats, rows: Rows, free: Floats, rules: Rules | None = None
) -> list[End]:
    """Maximise the likelihood of rows from each start, in the free coordinates of a model."""
    rules = rules or Rules()
    return maximise(starts, target_of(rows, free, rules), rules)
