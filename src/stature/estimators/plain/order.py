"""The order of groups, of starts and of ends. Compiled."""

import numpy as np

from stature.arrays import Floats, Ints
from stature.estimators.plain.problem import CONVERGED, SDS_KNOWN, SWAPPED, Problem
from stature.kernels.compile import jit


@jit
def ranking(values: Floats) -> Ints:
    """Indices that sort a short array, ties in their order, by insertion, shape (n,).

    The library's stable sort does the same, but takes seconds to compile.
    """
    rank = np.arange(values.shape[0])
    for i in range(1, values.shape[0]):
        j = i
        while j > 0 and values[rank[j - 1]] > values[rank[j]]:
            rank[j - 1], rank[j] = rank[j], rank[j - 1]
            j -= 1
    return rank


@jit
def order_by_mean(theta: Floats, problem: Problem) -> int:
    """Put the groups in the order of their means, in place, if the model allows it.

    A share or SD that is told belongs to its group: where exchanging the groups would exchange
    what was told, the maximum is one of the swapped labelling and is not admissible.

    `CONVERGED` if the groups are in order now, else `SWAPPED`.
    """
    groups = theta.shape[0] // 3
    order = ranking(theta[groups : 2 * groups])
    ordered = np.empty_like(theta)
    for k in range(groups):
        for part in range(3):
            ordered[part * groups + k] = theta[part * groups + order[k]]
    for k in range(groups):
        if problem.shares_known and ordered[k] != theta[k]:
            return SWAPPED
        if problem.sds_rule == SDS_KNOWN and ordered[2 * groups + k] != theta[2 * groups + k]:
            return SWAPPED
    theta[:] = ordered
    return CONVERGED


@jit
def is_better(status: int, value: float, than_status: int, than_value: float) -> bool:
    """Whether an end is preferred: certified first, then by log-likelihood."""
    order = (0, 1, 3, 4, 4, 2)  # converged, step limit, degenerate, nonfinite, -, swapped
    if order[status] != order[than_status]:
        return order[status] < order[than_status]
    return value > than_value


@jit
def distance(theta: Floats, other: Floats) -> float:
    """Largest difference of a parameter."""
    farthest = 0.0
    for i in range(theta.shape[0]):
        difference = abs(theta[i] - other[i])
        if not difference <= farthest:
            farthest = difference if difference < np.inf else np.inf
    return farthest
