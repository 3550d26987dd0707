"""Newton's method for the likelihood of a mixture: held uphill, within constraints, certified.

The eigenvalues of the information are kept positive, and steps are cut and halved until the
objective rises; the first steps may go as EM would [1]_. A maximum is one to within its squared
Newton decrement, the squared distance to it in standard errors.

References
----------
.. [1] Lange (1995), A gradient algorithm locally equivalent to the EM algorithm, JRSS-B 57.
.. [2] Nocedal & Wright (2006), Numerical Optimization, 2nd edition, 16.5.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from stature.arrays import Floats
from stature.theory.likelihood import Likelihood, Rows, likelihood

SINGULAR = 1e-9  # of the largest eigenvalue: below it there is a ridge, not a maximum
EIGENVALUE_FLOOR = 1e-6  # of the largest: what an indefinite information is bent to
ARMIJO = 1e-4
ROUNDING = 1e-14  # what a log-likelihood may lose to rounding, relative
SHORTEST_STEP = 1e-8
LEAVING = -1e-6  # a multiplier below it, in log-likelihood per log-SD: the constraint lets go
RANK = 1e-9
SMALLEST_SHARE = 1e-6  # of a distribution: below it a group is gone
SMALLEST_SD = 1e-3  # in SDs of the sample; below it a group sits on a single height
LONGEST = (2.0, 1.0, 1.4)  # longest step in eta, in mu and in lambda

Outcome = Literal["converged", "step_limit", "degenerate", "nonfinite", "no_maximum"]


@dataclass(frozen=True, slots=True)
class Constraints:
    """Half-spaces ``normals @ u >= bound``; those that hold with equality are active."""

    normals: Floats  # (c, 3 K - 1)
    bound: float  # the logarithm of the smallest ratio of two SDs

    @classmethod
    def of_ratio(cls, groups: int, ratio: float) -> "Constraints":
        """No SD is less than `ratio` times any other; 0: no constraint."""
        pairs = [(k, j) for k in range(groups) for j in range(groups) if k != j] if ratio else []
        normals = np.zeros((len(pairs), 3 * groups - 1))
        for row, (k, j) in enumerate(pairs):
            normals[row, 2 * groups - 1 + k], normals[row, 2 * groups - 1 + j] = 1.0, -1.0
        return cls(normals, float(np.log(ratio)) if ratio else -np.inf)

    def directions(self, free: Floats, active: list[int]) -> Floats:
        """Columns that span the model's directions along the active constraints, (3 K - 1, q)."""
        if not active:
            return free
        _, sizes, rows = np.linalg.svd(self.normals[active] @ free)
        return free @ rows[int((sizes > RANK).sum()) :].T

    def distance(self, u: Floats, step: Floats, active: list[int]) -> tuple[float, int]:
        """How many steps lead to the next constraint, and its number; infinitely many if none."""
        if not len(self.normals):
            return np.inf, -1
        towards = self.normals @ step
        ahead = (towards < 0.0) & ~np.isin(np.arange(len(towards)), active)
        if not ahead.any():
            return np.inf, -1
        left = np.maximum(self.normals @ u - self.bound, 0.0)
        length = np.where(ahead, left / np.where(ahead, -towards, 1.0), np.inf)
        nearest = int(np.argmin(length))
        return float(length[nearest]), nearest

    def to_release(self, score: Floats, free: Floats, active: list[int]) -> int | None:
        """The active constraint that the objective rises most away from; None: a maximum [2]_."""
        if not active:
            return None
        normals = self.normals[active] @ free
        multipliers = np.linalg.lstsq(normals.T, -(free.T @ score), rcond=None)[0]
        loosest = int(np.argmin(multipliers))
        return active[loosest] if multipliers[loosest] < LEAVING else None


@dataclass(frozen=True, slots=True)
class Target:
    """What is maximised."""

    free: Floats  # directions of the model, shape (3 K - 1, p)
    constraints: Constraints  # within which it is maximised
    longest: Floats  # longest step in each coordinate, shape (3 K - 1,)
    # value, score and information at some coordinates; whether the products of scores are needed
    evaluate: Callable[[Floats, bool], Likelihood]
    # how iterations end where a mixture is at the edge of the parameter space
    edge: Callable[[Floats], Outcome | None]
    # Newton's step along some directions from score and information, its gain, and whether the
    # information is positive definite
    uphill: Callable[[Floats, Floats, Floats], tuple[Floats, float, bool]]


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the iterations from one start ended."""

    u: Floats  # (3 K - 1,)
    outcome: Outcome  # converged: a certified maximum inside the parameter space
    at: Likelihood  # the objective there
    decrement: float
    passes: int  # evaluations of the likelihood
    steps: int
    free: Floats  # (3 K - 1, q): the model's directions along the constraints that are active
    path: tuple[Floats, ...]  # coordinates from the start to the end


def by_coordinate(groups: int, eta: float, mu: float, lam: float) -> Floats:
    """A number for each coordinate, by what it is a coordinate of, shape (3 K - 1,)."""
    return np.repeat([eta, mu, lam], [groups - 1, groups, groups])


def decrement_at(at: Likelihood, free: Floats) -> float:
    """Squared Newton decrement; infinite where the information is not positive definite."""
    e, q = np.linalg.eigh(free.T @ at.information @ free)
    if not e.min() > SINGULAR * e.max():
        return np.inf
    return float(np.sum((q.T @ (free.T @ at.score)) ** 2 / e))


def maximise(u: Floats, target: Target, early: int, step_limit: int, tolerance: float) -> Optimum:
    """Newton's iterations from a start; the first `early` ones go as EM would."""
    constraints, active, longest = target.constraints, list[int](), target.longest
    at, passes, decrement = target.evaluate(u, True), 1, np.nan
    model = free = target.free
    path = [u]

    def ended(outcome: Outcome, steps: int, decrement: float = np.nan) -> Optimum:
        return Optimum(path[-1], outcome, at, decrement, passes, steps, free, tuple(path))

    for number in range(step_limit):
        if not np.isfinite(at.value) or not np.isfinite(at.information).all():
            return ended("nonfinite", number)
        edge = target.edge(u)
        if edge is not None:
            return ended(edge, number)
        free = constraints.directions(model, active)
        step, gain, definite = target.uphill(
            free, at.score, at.completed if number < early else at.information
        )
        certified = number >= early and definite
        decrement = gain if certified else np.nan
        distance, nearest = constraints.distance(u, step, active)
        if certified and gain < tolerance and distance > 1.0:
            loosest = constraints.to_release(at.score, model, active)
            if loosest is not None:
                active.remove(loosest)
                continue
            # One more step, which Newton's convergence makes exact to rounding.
            u, at, passes = u + step, target.evaluate(u + step, True), passes + 1
            decrement = decrement_at(at, free)
            path.append(u)
            if decrement < tolerance:
                return ended("converged", number + 1, decrement)
            continue
        if distance < SHORTEST_STEP:
            active.append(nearest)
            continue
        length = min(1.0, 1.0 / max(float(np.max(np.abs(step) / longest)), 1e-300))
        meets = distance <= length
        length = min(length, distance)
        while True:
            trial = target.evaluate(u + length * step, False)
            passes += 1
            if trial.value >= at.value + ARMIJO * length * gain - ROUNDING * abs(at.value):
                break
            length, meets = length / 2, False
            if length < SHORTEST_STEP:
                return ended("step_limit", number, decrement)
        u, at = u + length * step, trial
        path.append(u)
        if meets:
            active.append(nearest)
    return ended("step_limit", step_limit, decrement)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a maximum is searched from a start; lengths are in the units of the rows."""

    early: int = 20  # steps like those of EM [1], into the basin of a maximum, before Newton's
    most: int = 200  # steps in all
    tolerance: float = 1e-18  # squared decrement; Newton then doubles the digits once more
    smallest_sd: float = SMALLEST_SD  # a group with a smaller SD is degenerate
    largest_sd: float = 30.0  # beyond it, or a mean so far from zero, there is no end
    farthest_mean: float = 100.0
    longest: tuple[float, float, float] = LONGEST  # step in eta, in mu and in lambda


def uphill(free: Floats, score: Floats, matrix: Floats) -> tuple[Floats, float, bool]:
    """Newton's step with positive eigenvalues, its gain, and whether they were so anyway."""
    gradient = free.T @ score
    e, q = np.linalg.eigh(free.T @ matrix @ free)
    bent = np.maximum(np.abs(e), EIGENVALUE_FLOOR * np.abs(e).max())
    own_step = q @ ((q.T @ gradient) / bent)
    return free @ own_step, float(gradient @ own_step), bool(e.min() > SINGULAR * e.max())


def maximise_rows(u: Floats, rows: Rows, free: Floats, rules: Rules | None = None) -> Optimum:
    """Maximise the likelihood of rows from a start, in the free coordinates of a model."""
    rules, groups = rules or Rules(), (len(u) + 1) // 3

    def evaluate(u: Floats, _: bool) -> Likelihood:
        at = likelihood(u, rows)
        # An infinite cell or a chance of nobody has no logarithm: such a step is too long.
        return at if at.value < np.inf else replace(at, value=-np.inf)

    def edge(u: Floats) -> Outcome | None:
        """A group that vanished, or that left for infinity."""
        eta, means, log_sds = np.append(u[: groups - 1], 0.0), *np.split(u[groups - 1 :], 2)
        log_shares, sds = eta - np.logaddexp.reduce(eta), np.exp(log_sds)
        if log_shares.min() < np.log(SMALLEST_SHARE) or sds.min() < rules.smallest_sd:
            return "degenerate"
        far = np.abs(means).max() > rules.farthest_mean or sds.max() > rules.largest_sd
        return "no_maximum" if far else None

    constraints, longest = Constraints.of_ratio(groups, 0.0), by_coordinate(groups, *rules.longest)
    target = Target(free, constraints, longest, evaluate, edge, uphill)
    return maximise(u, target, rules.early, rules.most, rules.tolerance)
