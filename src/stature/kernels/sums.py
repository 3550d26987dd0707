"""Sums over people: all that EM, the score and the information of a mixture need from the data.

Legend: x heights (centred and scaled), w weights, theta the packed parameters
``(pi_1..pi_K, mu_1..mu_K, sd_1..sd_K)``, r responsibilities, k and l groups, m powers of x.

One pass takes one exponential per person and group beyond the first: those of the log-odds
against each person's likeliest group. It costs about 1 ns a person for two groups.
"""

from stature.arrays import Floats
from stature.kernels.compile import jit, jit_sums
from stature.kernels.exponential import log
from stature.kernels.responsibilities import coefficients, responsibilities, room_for_coefficients

# People are taken in blocks that stay in the first-level cache; exponentials and sums are separate
# loops, because only the sums may be reordered.
BLOCK = 256
ROWS = 5  # of room to work in, beyond one a group
POWERS = 5  # S_m = sum w r x^m, m = 0..4; an EM step and the score need the first three
CROSS_POWERS = 5  # V_m = sum w r_k r_l x^m, m = 0..4
HALF_LOG_2_PI = 0.9189385332046727


@jit_sums
def add_powers(x: Floats, w: Floats, r: Floats, sums: Floats) -> None:
    """Add ``sum w r x^m``, m = 0..2."""
    s0 = s1 = s2 = 0.0
    for i in range(x.shape[0]):
        wr = w[i] * r[i]
        wrx = wr * x[i]
        s0 += wr
        s1 += wrx
        s2 += wrx * x[i]
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2


@jit_sums
def _add_high_powers(x: Floats, w: Floats, r: Floats, sums: Floats) -> None:
    """Add ``sum w r x^m``, m = 0..4."""
    s0 = s1 = s2 = s3 = s4 = 0.0
    for i in range(x.shape[0]):
        wr = w[i] * r[i]
        x2 = x[i] * x[i]
        s0 += wr
        s1 += wr * x[i]
        s2 += wr * x2
        s3 += wr * x2 * x[i]
        s4 += wr * x2 * x2
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3
    sums[4] += s4


@jit_sums
def _add_cross_powers(x: Floats, w: Floats, r: Floats, q: Floats, sums: Floats) -> None:
    """Add ``sum w r q x^m``, m = 0..4."""
    s0 = s1 = s2 = s3 = s4 = 0.0
    for i in range(x.shape[0]):
        v = w[i] * r[i] * q[i]
        x2 = x[i] * x[i]
        s0 += v
        s1 += v * x[i]
        s2 += v * x2
        s3 += v * x2 * x[i]
        s4 += v * x2 * x2
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3
    sums[4] += s4


@jit
def _replace_by_logs(totals: Floats, largest: Floats) -> None:
    """Turn sums of exponentials into log-densities, in place of the sums."""
    for i in range(totals.shape[0]):
        totals[i] = largest[i] + log(totals[i])


@jit_sums
def _dot(w: Floats, y: Floats) -> float:
    """Weighted sum."""
    total = 0.0
    for i in range(w.shape[0]):
        total += w[i] * y[i]
    return total


@jit
def add_logs(w: Floats, largest: Floats, totals: Floats) -> float:
    """Log-likelihood of a block after `responsibilities`, but for log sqrt(2 pi) a person."""
    _replace_by_logs(totals, largest)
    return _dot(w, totals)


@jit
def em_pass(x: Floats, w: Floats, theta: Floats, work: Floats, sums: Floats) -> None:
    """One pass for an EM step: fill in S."""
    groups = sums.shape[0]
    quadratics = room_for_coefficients(work, groups)
    coefficients(theta, quadratics)
    sums[:] = 0.0
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        xs, ws = x[first:last], w[first:last]
        responsibilities(xs, quadratics, work)
        for k in range(groups):
            add_powers(xs, ws, work[k, : last - first], sums[k])


@jit
def likelihood_pass(x: Floats, w: Floats, theta: Floats, work: Floats, sums: Floats) -> float:
    """One pass for an EM step and the log-likelihood before it: fill in S."""
    groups = sums.shape[0]
    quadratics = room_for_coefficients(work, groups)
    coefficients(theta, quadratics)
    sums[:] = 0.0
    log_likelihood = 0.0
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        n = last - first
        xs, ws = x[first:last], w[first:last]
        responsibilities(xs, quadratics, work)
        for k in range(groups):
            add_powers(xs, ws, work[k, :n], sums[k])
        log_likelihood += add_logs(ws, work[groups, :n], work[groups + 1, :n])
    people = 0.0
    for k in range(groups):
        people += sums[k, 0]
    return log_likelihood - people * HALF_LOG_2_PI


@jit
def full_pass(
    x: Floats, w: Floats, theta: Floats, work: Floats, sums: Floats, cross: Floats
) -> float:
    """One pass for log-likelihood, score and information: fill in S and V."""
    groups = sums.shape[0]
    quadratics = room_for_coefficients(work, groups)
    coefficients(theta, quadratics)
    sums[:] = 0.0
    cross[:] = 0.0
    log_likelihood = 0.0
    weight = 0.0
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        n = last - first
        xs, ws = x[first:last], w[first:last]
        responsibilities(xs, quadratics, work)
        for k in range(groups):
            _add_high_powers(xs, ws, work[k, :n], sums[k])
            for l in range(k):  # noqa: E741 (the letter of the formula)
                _add_cross_powers(xs, ws, work[k, :n], work[l, :n], cross[k, l])
        log_likelihood += add_logs(ws, work[groups, :n], work[groups + 1, :n])
    for k in range(groups):
        weight += sums[k, 0]
        for l in range(k):  # noqa: E741
            cross[l, k] = cross[k, l]
    return log_likelihood - weight * HALF_LOG_2_PI
