"""Priors of a mixture: what is added to its log-likelihood, with score and information.

In units of the sample (mean 0, SD 1), with ``l_k = log sd_k`` and lbar their mean,

``b sum log pi_k - r sum (l_k - lbar)^2 - sum_k (p l_k + (s + m mu_k^2) / (2 sd_k^2))``.

The first two terms draw shares and SDs together; the last is that of conjugate priors, and of
penalties on SDs. An array of zeros is no prior, and changes nothing, to the last bit. Legend as in
`stature.kernels.information`.
"""

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit, jit_inside, jit_lent

SHARES, RATIO, SCALE, POWER, MEAN = range(5)  # b, r, s, p and m in an array of five
LONGEST_STEP, SHORTEST_STEP, MOST_STEPS = 0.7, 1e-15, 60  # of log-SDs
SETTLED = 1e-9  # a step of Newton's, which leaves an error of its square


@jit_inside
def has_prior(prior: Floats) -> bool:
    """Whether there is a prior."""
    return prior[SHARES] > 0.0 or prior[RATIO] > 0.0 or prior[SCALE] > 0.0


@jit_lent
def log_prior(theta: Floats, prior: Floats) -> float:
    """Logarithm of the prior, up to a constant."""
    groups, value = theta.shape[0] // 3, 0.0
    middle = 0.0
    if prior[RATIO] > 0.0:
        for k in range(groups):
            middle += np.log(theta[2 * groups + k]) / groups
    for k in range(groups):
        mu, sd = theta[groups + k], theta[2 * groups + k]
        if prior[SHARES] > 0.0:
            value += prior[SHARES] * np.log(theta[k])
        if prior[RATIO] > 0.0:
            value -= prior[RATIO] * (np.log(sd) - middle) ** 2
        if prior[SCALE] > 0.0:
            value -= prior[POWER] * np.log(sd)
            value -= 0.5 * (prior[SCALE] + prior[MEAN] * mu * mu) / (sd * sd)
    return value


@jit_lent
def add_prior_score(theta: Floats, prior: Floats, g: Floats) -> None:
    """Add the derivatives of the log-prior to the score of the free model."""
    groups, middle = theta.shape[0] // 3, 0.0
    for k in range(groups):
        middle += np.log(theta[2 * groups + k]) / groups if prior[RATIO] > 0.0 else 0.0
    for k in range(groups):
        mu, sd = theta[groups + k], theta[2 * groups + k]
        at_mu, at_lam = groups - 1 + k, 2 * groups - 1 + k
        if k < groups - 1 and prior[SHARES] > 0.0:
            g[k] += prior[SHARES] * (1.0 - groups * theta[k])
        if prior[RATIO] > 0.0:
            g[at_lam] -= 2.0 * prior[RATIO] * (np.log(sd) - middle)
        if prior[SCALE] > 0.0:
            v = sd * sd
            g[at_mu] -= prior[MEAN] * mu / v
            g[at_lam] += (prior[SCALE] + prior[MEAN] * mu * mu) / v - prior[POWER]


@jit_lent
def add_prior_information(theta: Floats, prior: Floats, h: Floats) -> None:
    """Add minus the second derivatives of the log-prior to the information of the free model."""
    groups = theta.shape[0] // 3
    for k in range(groups):
        mu, sd = theta[groups + k], theta[2 * groups + k]
        at_mu, at_lam = groups - 1 + k, 2 * groups - 1 + k
        for j in range(groups):
            same = 1.0 if j == k else 0.0
            if k < groups - 1 and j < groups - 1 and prior[SHARES] > 0.0:
                h[k, j] += prior[SHARES] * groups * theta[k] * (same - theta[j])
            if prior[RATIO] > 0.0:
                h[at_lam, 2 * groups - 1 + j] += 2.0 * prior[RATIO] * (same - 1.0 / groups)
        if prior[SCALE] > 0.0:
            v = sd * sd
            h[at_mu, at_mu] += prior[MEAN] / v
            h[at_mu, at_lam] -= 2.0 * prior[MEAN] * mu / v
            h[at_lam, at_mu] -= 2.0 * prior[MEAN] * mu / v
            h[at_lam, at_lam] += 2.0 * (prior[SCALE] + prior[MEAN] * mu * mu) / v


@jit
def draw_together(people: Floats, ratio: float, sds: Floats) -> None:
    """SDs that maximise ``sum (-n_k l_k - q_k / (2 sd_k^2)) - r sum (l_k - lbar)^2``, in place.

    By Newton's method from those without the last term, ``q_k = n_k sd_k^2``. The function is
    concave, its information ``diag(d_k + 2 r) - 2 r / K`` with ``d_k = 2 q_k / sd_k^2``; its
    inverse is that of a diagonal and of a matrix of rank one (Sherman & Morrison 1950).
    """
    groups = sds.shape[0]
    if groups == 2:
        _draw_two_together(people, ratio, sds)
        return
    log_sd, step, squares = np.empty(groups), np.empty(groups), np.empty(groups)
    for k in range(groups):
        log_sd[k], squares[k] = np.log(sds[k]), people[k] * sds[k] ** 2
    for _ in range(MOST_STEPS):
        middle = total = shrunk = longest = 0.0
        for k in range(groups):
            middle += log_sd[k] / groups
        for k in range(groups):
            informed = squares[k] * np.exp(-2.0 * log_sd[k])
            slope = informed - people[k] - 2.0 * ratio * (log_sd[k] - middle)
            each = 2.0 * informed + 2.0 * ratio
            step[k] = slope / each
            total += step[k]
            shrunk += 2.0 * informed / each
        for k in range(groups):
            informed = squares[k] * np.exp(-2.0 * log_sd[k])
            step[k] += 2.0 * ratio / (2.0 * informed + 2.0 * ratio) * total / shrunk
            longest = max(longest, abs(step[k]))
        length = min(1.0, LONGEST_STEP / longest) if longest > 0.0 else 1.0
        for k in range(groups):
            log_sd[k] += length * step[k]
        if not longest > SHORTEST_STEP:
            break
    for k in range(groups):
        sds[k] = np.exp(log_sd[k])


@jit_inside
def _draw_two_together(people: Floats, ratio: float, sds: Floats) -> None:
    """Likewise for two groups, whose ``d = log(sd_1 / sd_2)`` is all that is unknown.

    Both slopes are 0 where ``q_1 / sd_1^2 = n_1 + r d`` and ``q_2 / sd_2^2 = n_2 - r d``. The
    difference of their logarithms is ``2 d + v = 2 d_0``, where d_0 is what d was and
    ``v = log(1 + r d / n_1) - log(1 - r d / n_2)``. The left side rises with v, which is found by
    Newton's method between 0 and 2 d_0.
    """
    n, other = people[0], people[1]
    before = 2.0 * np.log(sds[0] / sds[1])  # 2 d_0
    low, high = min(before, 0.0), max(before, 0.0)
    v = before / (1.0 + 2.0 * n * other / (ratio * (n + other)))
    for _ in range(MOST_STEPS):
        grown = np.expm1(v)
        both = n * grown + n + other
        value = 2.0 * n * other * grown / (ratio * both) + v - before
        low, high = (v, high) if value < 0.0 else (low, v)
        slope = 1.0 + 2.0 * n * other * (n + other) * (grown + 1.0) / (ratio * both * both)
        new = v - value / slope
        new = new if low <= new <= high else 0.5 * (low + high)
        step, v = abs(new - v), new
        if not step > SETTLED:
            break
    shared = np.exp(v)
    both = (n * shared + other) / (n + other)
    sds[0] *= np.sqrt(both / shared)
    sds[1] *= np.sqrt(both)
