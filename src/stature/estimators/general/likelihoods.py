"""The likelihood of what was seen of people, by compiled sums."""

import math

import numpy as np

from stature.arrays import Floats
from stature.domain.observation import Truncated
from stature.kernels.rows import CUT, EVERYBODY, TOLD, Sums, sum_rows
from stature.kernels.seen import PARTS
from stature.theory.likelihood import Likelihood, Rows
from stature.theory.likelihood import likelihood as likelihood_of_theory
from stature.theory.terms import of_condition


def likelihood(u: Floats, rows: Rows, with_outer: bool = True) -> Likelihood:
    """Log-likelihood with its score and information."""
    if rows.heaps is not None:
        return likelihood_of_theory(u, rows)
    size = len(u)
    groups = (size + 1) // 3
    freedom, constant = rows.freedom or 0.0, 0.0
    if freedom:
        constant = math.lgamma((freedom + 1.0) / 2.0) - math.lgamma(freedom / 2.0)
        constant -= 0.5 * math.log(freedom * math.pi)
    who, anybody = EVERYBODY, np.zeros((groups, PARTS))
    if isinstance(rows.condition, Truncated):
        who, below, above = CUT, rows.condition.below_cm, rows.condition.above_cm
        anybody[0, 0] = -np.inf if below is None else below
        anybody[0, 1] = np.inf if above is None else above
    elif rows.condition is not None:
        who = TOLD
        seen = of_condition(rows.condition, u[groups - 1 : 2 * groups - 1], np.exp(u[-groups:]))
        anybody[:, 0] = seen.log_mass[0]
        anybody[:, 1:3], anybody[:, 3:6], anybody[:, 6:] = (
            seen.first[0], seen.outer[0], seen.curvature[0],
        )  # fmt: skip
    sums = Sums(
        np.empty(1),
        np.empty(size),
        np.empty((size, size)),
        np.empty((size, size)),
        np.empty((size, size)),
        np.empty((len(rows.weight), groups)),
    )
    told = rows.lower, rows.upper, rows.weight, rows.square, rows.group, rows.informs
    sum_rows(u, *told, freedom, constant, who, anybody, with_outer, sums)
    value, *rest = sums
    return Likelihood(float(value[0]), *rest)
