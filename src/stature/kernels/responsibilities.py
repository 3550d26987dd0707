"""Responsibilities of a block of people: the E-step, with one exponential less than groups.

Legend as in `stature.kernels.sums`. Exponentials and sums are separate loops, because only sums
may be reordered.
"""

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit
from stature.kernels.exponential import exp


@jit
def coefficients(theta: Floats, quadratics: Floats) -> None:
    """Fill in ``log(pi_k f_k(x)) = a + b x + c x^2`` of each group, without log sqrt(2 pi)."""
    groups = quadratics.shape[0]
    for k in range(groups):
        mu, sd = theta[groups + k], theta[2 * groups + k]
        precision = 1.0 / (sd * sd)
        quadratics[k, 0] = np.log(theta[k] / sd) - 0.5 * mu * mu * precision
        quadratics[k, 1] = mu * precision
        quadratics[k, 2] = -0.5 * precision


@jit
def responsibilities(x: Floats, quadratics: Floats, work: Floats) -> None:
    """Responsibilities of a block of at most `BLOCK` people, into rows 0..K-1 of `work`."""
    groups = quadratics.shape[0]
    n = x.shape[0]
    if groups == 2:
        a = quadratics[0, 0] - quadratics[1, 0]
        b = quadratics[0, 1] - quadratics[1, 1]
        c = quadratics[0, 2] - quadratics[1, 2]
        a1, b1, c1 = quadratics[1, 0], quadratics[1, 1], quadratics[1, 2]
        for i in range(n):
            t = a + x[i] * (b + c * x[i])
            e = exp(-abs(t))
            total = 1.0 + e
            likelier = 1.0 / total
            other = e * likelier
            work[0, i] = likelier if t >= 0.0 else other
            work[1, i] = other if t >= 0.0 else likelier
            work[2, i] = (a1 + x[i] * (b1 + c1 * x[i])) + max(t, 0.0)
            work[3, i] = total
        return
    largest, best = work[groups, :n], work[groups + 1, :n]
    largest[:] = -np.inf
    for k in range(groups):
        _exponents(x, quadratics[k], float(k), work[k, :n], largest, best)
    for s in range(groups - 1):
        _exponentials(float(s), best, largest, work[s, :n], work[s + 1, :n])
    for k in range(groups):
        _put_one(float(k), best, work[k, :n])
    total = best
    total[:] = 0.0
    for k in range(groups):
        _add_to(total, work[k, :n])
    for k in range(groups):
        _divide_by(total, work[k, :n])


@jit
def _exponents(
    x: Floats, quadratic: Floats, group: float, row: Floats, largest: Floats, best: Floats
) -> None:
    """Exponents of one group, with the largest so far and whose it is."""
    a, b, c = quadratic[0], quadratic[1], quadratic[2]
    for i in range(x.shape[0]):
        t = a + x[i] * (b + c * x[i])
        above = t > largest[i]
        row[i] = t
        largest[i] = t if above else largest[i]
        best[i] = group if above else best[i]


@jit
def _exponentials(slot: float, best: Floats, largest: Floats, here: Floats, above: Floats) -> None:
    """Exponentials of one slot: K - 1 slots serve all groups but each person's likeliest.

    Slot s serves group s, or group s + 1 from the likeliest group on. Choices, not branches.
    """
    for i in range(best.shape[0]):
        skipped = slot >= best[i]
        value = exp((above[i] if skipped else here[i]) - largest[i])
        kept = here[i]
        here[i] = kept if skipped else value
        above[i] = value if skipped else above[i]


@jit
def _put_one(group: float, best: Floats, row: Floats) -> None:
    """Put the exponential of the likeliest group, which is 1, in its place."""
    for i in range(best.shape[0]):
        row[i] = 1.0 if best[i] == group else row[i]


@jit
def _add_to(total: Floats, row: Floats) -> None:
    """Add a row to the total."""
    for i in range(total.shape[0]):
        total[i] += row[i]


@jit
def _divide_by(total: Floats, row: Floats) -> None:
    """Divide a row by the total."""
    for i in range(total.shape[0]):
        row[i] /= total[i]


@jit
def room_for_coefficients(work: Floats, groups: int) -> Floats:
    """The part of the room to work in that holds what `coefficients` makes, shape (k, 3)."""
    return work[groups + 2, : 3 * groups].reshape(groups, 3)
