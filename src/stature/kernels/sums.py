"""Sums over observations: all that EM, score and information of a mixture need from the data.

Legend: x observations (centred and scaled), w weights, theta the packed parameters
``(pi_1..pi_K, mu_1..mu_K, sd_1..sd_K)``, r responsibilities, k and l groups, m powers of x.

One pass takes one exponential per observation and group beyond the first: those of the log-odds
against each observation's likeliest group. It costs about 2 ns an observation for two groups.
"""

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import integer, jit_inside, jit_lent, jit_sums, plus
from stature.kernels.exponential import exp, log, log_to_two

# Observations are taken in blocks that stay in the first-level cache; exponentials and sums are
# separate loops, because only the sums may be reordered; `powers_of_one` marks its sums instead.
BLOCK = 256
ROWS = 5  # of a workspace, beyond one a group
POWERS = 5  # S_m = sum w r x^m, m = 0..4; an EM step and the score need the first three
CROSS_POWERS = 5  # V_m = sum w r_k r_l x^m, m = 0..4
SUMS_ALONE, WITH_LIKELIHOOD = integer(0), integer(1)  # what a pass for an EM step is to give
HALF_LOG_2_PI = 0.9189385332046727


@jit_lent
def coefficients(theta: Floats, quadratics: Floats) -> None:
    """Fill in a, b, c of ``log(pi_k f_k(x)) = a + b x + c x^2``, without log sqrt(2 pi)."""
    groups = quadratics.shape[0] // 3
    for k in range(groups):
        mu, sd = theta[groups + k], theta[2 * groups + k]
        precision = 1.0 / (sd * sd)
        quadratics[3 * k] = np.log(theta[k] / sd) - 0.5 * mu * mu * precision
        quadratics[3 * k + 1] = mu * precision
        quadratics[3 * k + 2] = -0.5 * precision


@jit_lent
def responsibilities(x: Floats, quadratics: Floats, work: Floats) -> None:
    """Responsibilities of a block of at most `BLOCK` observations, into rows 0..K-1 of `work`."""
    groups = quadratics.shape[0] // 3
    n = x.shape[0]
    if groups == 2:
        a1, b1, c1 = quadratics[3], quadratics[4], quadratics[5]
        a, b, c = quadratics[0] - a1, quadratics[1] - b1, quadratics[2] - c1
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
        _exponents(x, quadratics[3 * k : 3 * k + 3], float(k), work[k, :n], largest, best)
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


@jit_lent
def responsibilities_alone(x: Floats, quadratics: Floats, work: Floats) -> None:
    """Likewise to the last bit, but what `add_logs` takes may be missing."""
    if quadratics.shape[0] != 6:
        responsibilities(x, quadratics, work)
        return
    a, b = quadratics[0] - quadratics[3], quadratics[1] - quadratics[4]
    c = quadratics[2] - quadratics[5]
    for i in range(x.shape[0]):
        t = a + x[i] * (b + c * x[i])
        e = exp(-abs(t))
        likelier = 1.0 / (1.0 + e)
        other = e * likelier
        work[0, i] = likelier if t >= 0.0 else other
        work[1, i] = other if t >= 0.0 else likelier


@jit_inside
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


@jit_inside
def _exponentials(slot: float, best: Floats, largest: Floats, here: Floats, above: Floats) -> None:
    """Exponentials of one slot: K - 1 slots serve all groups but each observation's likeliest.

    Slot s serves group s, or group s + 1 from the likeliest group on. Choices, not branches.
    """
    for i in range(best.shape[0]):
        skipped = slot >= best[i]
        value = exp((above[i] if skipped else here[i]) - largest[i])
        kept = here[i]
        here[i] = kept if skipped else value
        above[i] = value if skipped else above[i]


@jit_inside
def _put_one(group: float, best: Floats, row: Floats) -> None:
    """Put the exponential of the likeliest group, which is 1, in its place."""
    for i in range(best.shape[0]):
        row[i] = 1.0 if best[i] == group else row[i]


@jit_inside
def _add_to(total: Floats, row: Floats) -> None:
    """Add a row to the total."""
    for i in range(total.shape[0]):
        total[i] += row[i]


@jit_inside
def _divide_by(total: Floats, row: Floats) -> None:
    """Divide a row by the total."""
    for i in range(total.shape[0]):
        row[i] /= total[i]


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


@jit_inside
def _replace_by_logs(totals: Floats, largest: Floats) -> None:
    """Turn sums of exponentials into log-densities, in place of the sums."""
    for i in range(totals.shape[0]):
        totals[i] = largest[i] + log(totals[i])


@jit_inside
def _replace_by_logs_of_two(totals: Floats, largest: Floats) -> None:
    """Likewise for two groups, whose sums of exponentials are from 1 to 2."""
    for i in range(totals.shape[0]):
        totals[i] = largest[i] + log_to_two(totals[i])


@jit_sums
def _dot(w: Floats, y: Floats) -> float:
    """Weighted sum."""
    total = 0.0
    for i in range(w.shape[0]):
        total += w[i] * y[i]
    return total


@jit_lent
def add_logs(w: Floats, largest: Floats, totals: Floats, groups: int) -> float:
    """Log-likelihood of a block after `responsibilities`, but for log sqrt(2 pi) each."""
    if groups == 2:
        _replace_by_logs_of_two(totals, largest)
    else:
        _replace_by_logs(totals, largest)
    return _dot(w, totals)


@jit_inside
def less_constants(log_likelihood: float, sums: Floats) -> float:
    """A log-likelihood with log sqrt(2 pi) of each observation taken off."""
    weight = 0.0
    for k in range(sums.shape[0]):
        weight += sums[k, 0]
    return log_likelihood - weight * HALF_LOG_2_PI


@jit_lent
def em_pass(x: Floats, w: Floats, theta: Floats, wanted: int, work: Floats, sums: Floats) -> float:
    """One pass for an EM step: fill in S; if wanted, the log-likelihood before the step, or NaN."""
    groups = sums.shape[0]
    quadratics = work[groups + 2, : 3 * groups]
    coefficients(theta, quadratics)
    sums[:] = 0.0
    log_likelihood = 0.0
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        n = last - first
        xs, ws = x[first:last], w[first:last]
        if wanted == WITH_LIKELIHOOD:
            responsibilities(xs, quadratics, work)
        else:
            responsibilities_alone(xs, quadratics, work)
        for k in range(groups):
            add_powers(xs, ws, work[k, :n], sums[k])
        if wanted == WITH_LIKELIHOOD:
            log_likelihood += add_logs(ws, work[groups, :n], work[groups + 1, :n], groups)
    return less_constants(log_likelihood, sums) if wanted == WITH_LIKELIHOOD else np.nan


@jit_inside
def powers_of_one(x: Floats, w: Floats, a: float, b: float, c: float) -> tuple[float, float, float]:
    """``sum w r x^m``, m = 0..2, of one of two groups whose log-odds are ``a + b x + c x^2``.

    One loop that stores nothing: what EM's steps need, and no more.
    """
    s0 = s1 = s2 = 0.0
    for i in range(x.shape[0]):
        r = w[i] / (1.0 + exp(-(a + x[i] * (b + c * x[i]))))
        rx = r * x[i]
        s0, s1, s2 = plus(s0, r), plus(s1, rx), plus(s2, rx * x[i])
    return s0, s1, s2


@jit_lent
def full_pass(
    x: Floats, w: Floats, theta: Floats, work: Floats, sums: Floats, cross: Floats
) -> float:
    """One pass for log-likelihood, score and information: fill in S and V."""
    groups = sums.shape[0]
    quadratics = work[groups + 2, : 3 * groups]
    coefficients(theta, quadratics)
    sums[:] = 0.0
    cross[:] = 0.0
    log_likelihood = 0.0
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        n = last - first
        xs, ws = x[first:last], w[first:last]
        responsibilities(xs, quadratics, work)
        for k in range(groups):
            _add_high_powers(xs, ws, work[k, :n], sums[k])
            for l in range(k):  # noqa: E741 (the letter of the formula)
                _add_cross_powers(xs, ws, work[k, :n], work[l, :n], cross[k, l])
        log_likelihood += add_logs(ws, work[groups, :n], work[groups + 1, :n], groups)
    for k in range(groups):
        for l in range(k):  # noqa: E741
            for m in range(CROSS_POWERS):
                cross[l, k, m] = cross[k, l, m]
    return less_constants(log_likelihood, sums)
