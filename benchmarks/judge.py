"""The judge: how far from its maximum a fit has stopped, by whatever software.

Plain NumPy, which shares nothing with the code that is judged but the sketch of large samples. The
judge continues the search from where a fit stopped to the nearest maximum above it. It also counts
the EM steps from a start to within `NEAR` of the maximum, so that an oracle can stop a peer
at the first step that is good enough, which no user could do.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from stature.arrays import Floats
from stature.kernels.sketch import sketch

Array = Floats

NEAR = 1e-6
"""A maximum is reached within so much log-likelihood."""
AT_TOP = 1e-16
"""Squared Newton decrement of a maximum: further gains are lost in rounding."""
CLOSE = 1e-2
"""Decrement below which Newton and EM are bound for the same maximum."""
QUADRATIC = 1e-4
"""Decrement below which every Newton step is taken: gains drown in rounding, steps do not."""
SMALLEST_RATIO = 1e-3
"""Of two SDs; below it a group has shrunk to a person."""
MOST_STEPS, STEPS_OF_EM = 200, 1_000
MOST_EM_SUMMANDS = 5 * 10**8
"""People or nodes times EM steps, after which a start is taken not to lead to a maximum."""
HALVINGS, LEAST_GAIN = 6, 0.1
STEPS_BETWEEN_LOOKS = 1_000
MANY_PEOPLE = 2_000
CELL_CM = 1.0  # less than a sixth of the SDs: sums over nodes are exact to 1e-13


class People(NamedTuple):
    """Heights in cm, or nodes that stand for them, and how many people each is."""

    x: Array
    w: Array


class Look(NamedTuple):
    """Log-likelihood, score and information at some parameters."""

    log_likelihood: float
    score: Array
    information: Array

    @property
    def decrement(self) -> float:
        """Squared Newton decrement; infinite unless the information is positive definite."""
        if not np.isfinite(self.information).all() or np.linalg.eigvalsh(self.information)[0] <= 0:
            return np.inf
        return float(self.score @ np.linalg.solve(self.information, self.score))


class Verdict(NamedTuple):
    """Where a fit has stopped.

    `gap` is the log-likelihood that it leaves to its maximum, `errors` the largest distance of a
    coordinate to it in standard errors, and `maximum` the log-likelihood there. NaN where the fit
    ran into a degenerate end.
    """

    gap: float
    errors: float
    maximum: float


NOWHERE = Verdict(np.nan, np.nan, np.nan)


def unsketched(heights_cm: Array) -> People:
    """All people, each of weight 1."""
    return People(heights_cm, np.ones(len(heights_cm)))


def people_of(heights_cm: Array) -> People:
    """What the judge sums over: the people, or the nodes of many."""
    if len(heights_cm) < MANY_PEOPLE:
        return unsketched(heights_cm)
    return People(*sketch(heights_cm, np.ones(len(heights_cm)), CELL_CM))


def look(people: People, u: Array) -> Look:
    """Look at coordinates u: log-odds of the first share, means in cm, logs of the SDs."""
    x, w = people
    n = float(w.sum())
    log_shares = -np.logaddexp(0.0, np.array([-u[0], u[0]]))
    means, sds = u[1:3], np.exp(u[3:])
    d = x - means[:, None]
    z = d / sds[:, None]
    joint = (log_shares - u[3:])[:, None] - 0.5 * z * z - 0.5 * np.log(2 * np.pi)
    log_density = np.logaddexp(joint[0], joint[1])
    r = np.exp(joint - log_density) * w
    share = np.exp(log_shares[0])
    slope, bend = z / sds[:, None], z * z - 1.0
    score = np.concatenate([[r[0].sum() - n * share], (r * slope).sum(1), (r * bend).sum(1)])
    # Louis (1982): information of the complete data, less that of the labels given the heights.
    complete = np.zeros((5, 5))
    complete[0, 0] = n * share * (1 - share)
    for k in range(2):
        complete[1 + k, 1 + k] = r[k].sum() / sds[k] ** 2
        complete[1 + k, 3 + k] = complete[3 + k, 1 + k] = 2 * (r[k] @ slope[k])
        complete[3 + k, 3 + k] = 2 * (r[k] @ (z[k] * z[k]))
    a = np.stack([np.ones(len(x)), slope[0], -slope[1], bend[0], -bend[1]])
    information = complete - (a * (r[0] * r[1] / w)) @ a.T
    return Look(float(w @ log_density), score, information)


@njit(error_model="numpy")
def _run_em(x: Array, w: Array, theta: Array, most_steps: int, enough: float) -> int:
    """Run EM on packed parameters, in place; steps until the log-likelihood is enough."""
    for step in range(most_steps):
        a, b = np.log(theta[0] / theta[4]), np.log(theta[1] / theta[5])
        log_likelihood = -0.5 * np.log(2 * np.pi) * w.sum()
        sums = np.zeros((2, 3))
        for i in range(x.shape[0]):
            t1 = a - 0.5 * ((x[i] - theta[2]) / theta[4]) ** 2
            t2 = b - 0.5 * ((x[i] - theta[3]) / theta[5]) ** 2
            e = np.exp(-abs(t1 - t2))
            log_likelihood += w[i] * (max(t1, t2) + np.log1p(e))
            first = w[i] * (1.0 if t1 >= t2 else e) / (1.0 + e)
            for k, weight in enumerate((first, w[i] - first)):
                d = x[i] - theta[2 + k]
                sums[k, 0] += weight
                sums[k, 1] += weight * d
                sums[k, 2] += weight * d * d
        if log_likelihood >= enough:
            return step
        for k in range(2):
            moved = sums[k, 1] / sums[k, 0]
            theta[k] = sums[k, 0] / w.sum()
            theta[2 + k] += moved
            theta[4 + k] = np.sqrt(sums[k, 2] / sums[k, 0] - moved * moved)
    return most_steps


@np.errstate(all="ignore")  # steps too long are tried, and refused
def maximise(people: People, u: Array) -> tuple[Array, Look] | None:
    """The maximum above u, by Newton, or by EM where Newton does not help; None: there is none."""
    here = look(people, u)
    for _ in range(MOST_STEPS):
        decrement = here.decrement
        if decrement < AT_TOP:
            return u, here
        if decrement < np.inf:
            step = np.linalg.solve(here.information, here.score)
            if decrement < QUADRATIC:
                there = look(people, u + step)
                if not there.decrement < decrement / 4:
                    return u, here  # what is left is rounding
                u, here = u + step, there
                continue
            # Newton's step, or half of it, and so on, where that gains what it promises.
            tries = [(u + step / 2**half, decrement / 2**half) for half in range(HALVINGS)]
            gain = (
                (tried, there)
                for tried, promised in tries
                if (there := look(people, tried)).log_likelihood
                > here.log_likelihood + LEAST_GAIN * promised
            )
            found = next(gain, None)
            if found is not None:
                u, here = found
                continue
        theta = packed(u)
        _run_em(*people, theta, STEPS_OF_EM, np.inf)
        if not np.isfinite(theta).all() or theta[4:].min() < SMALLEST_RATIO * theta[4:].max():
            return None  # a group has shrunk to a person
        u = unconstrained(theta)
        here = look(people, u)
    return None


def judge(heights_cm: Array, theta_cm: Array) -> Verdict:
    """How far the parameters (shares, means, SDs in cm) are from the maximum above them."""
    if not np.isfinite(theta_cm).all() or theta_cm.min() <= 0:
        return NOWHERE
    return verdict(people_of(heights_cm), unconstrained(theta_cm))


def verdict(people: People, u: Array) -> Verdict:
    """How far some coordinates are from the maximum above them."""
    top = maximise(people, u)
    if top is None:
        return NOWHERE
    std_errors = np.sqrt(np.diag(np.linalg.inv(top[1].information)))
    gap = top[1].log_likelihood - look(people, u).log_likelihood
    return Verdict(gap, float(np.max(np.abs(u - top[0]) / std_errors)), top[1].log_likelihood)


def steps_needed(heights_cm: Array, theta_cm: Array) -> int:
    """EM steps from some parameters to within `NEAR` of the maximum; 0 if EM does not get there."""
    people, theta = people_of(heights_cm), theta_cm.copy()
    most_steps = MOST_EM_SUMMANDS // len(people.x)
    for _ in range(most_steps // STEPS_BETWEEN_LOOKS):
        _run_em(*people, theta, STEPS_BETWEEN_LOOKS, np.inf)
        if not np.isfinite(theta).all():
            return 0
        if look(people, unconstrained(theta)).decrement < CLOSE:
            top = maximise(people, unconstrained(theta))
            if top is None:
                return 0
            enough = top[1].log_likelihood - NEAR
            steps = _run_em(*people, theta_cm.copy(), most_steps, enough)
            return steps if steps < most_steps else 0
    return 0


def packed(u: Array) -> Array:
    """Shares, means and SDs of coordinates."""
    share = 1 / (1 + np.exp(-u[0]))
    return np.concatenate([[share, 1 - share], u[1:3], np.exp(u[3:])])


def unconstrained(theta: Array) -> Array:
    """Log-odds of the first share, means, logs of the SDs, shape (5,)."""
    return np.concatenate([[np.log(theta[0] / theta[1])], theta[2:4], np.log(theta[4:])])


def median_split(heights_cm: Array) -> Array:
    """Shares, means and SDs of the lower and the upper half, shape (6,): the common start."""
    halves = np.split(np.sort(heights_cm), [len(heights_cm) // 2])
    shares = [len(half) / len(heights_cm) for half in halves]
    return np.array([*shares, *(h.mean() for h in halves), *(h.std() for h in halves)])
