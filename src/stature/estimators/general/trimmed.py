"""Trimmed likelihood: the least likely people are left out, whoever they are at the moment.

It is for samples with people who do not belong there. Each concentration step leaves out the least
likely share of all people, and climbs with the others: the trimmed log-likelihood never falls [1]_.
SDs come out too small, since the tails of the groups are cut too, and there are no standard errors.

References
----------
.. [1] Neykov, Filzmoser, Dimova & Neytchev (2007), Robust fitting of mixtures using the trimmed
   likelihood estimator, Comput. Statist. Data Anal. 52; Rousseeuw & Van Driessen (1999).
"""

from dataclasses import replace
from math import floor
from typing import NamedTuple

import numpy as np

from stature.arrays import Floats
from stature.estimators.estimator import Estimator, Status
from stature.estimators.general.climb import End, Goal, climb, log_shares_at
from stature.estimators.general.search import Facts, Found, best_of, coordinates_of
from stature.theory.likelihood import HIDDEN, Rows
from stature.theory.terms import of_points

MOST_ROUNDS = 100
WHOLE = 1e-9  # a share of people that is a whole number but for rounding


class Trimmed(NamedTuple):
    """Where a trimmed search ended, and whom it kept."""

    found: Found
    rows: Rows


def log_likelihoods(u: Floats, rows: Rows) -> Floats:
    """Log-likelihood of one person of each row, shape (m,).

    Log-densities of the mixture; of a group and its share where there is a label.
    """
    groups = (len(u) + 1) // 3
    means, sds = u[groups - 1 : 2 * groups - 1], np.exp(u[2 * groups - 1 :])
    joint = of_points(rows.lower, means, sds).log_mass + log_shares_at(u)
    other = (rows.group != HIDDEN)[:, None] & (np.arange(groups) != rows.group[:, None])
    return np.logaddexp.reduce(np.where(other, -np.inf, joint), axis=1)


def kept_rows(u: Floats, rows: Rows, share: float) -> Rows:
    """Rows without the least likely people."""
    people = float(rows.weight.sum())
    keep = people - floor(share * people + WHOLE)
    order = np.argsort(-log_likelihoods(u, rows), kind="stable")
    before = np.cumsum(rows.weight[order]) - rows.weight[order]
    weight = np.empty_like(rows.weight)
    weight[order] = np.clip(keep - before, 0.0, rows.weight[order])
    there = weight > 0.0
    return Rows(
        rows.lower[there],
        rows.upper[there],
        weight[there],
        weight[there],
        rows.group[there],
        rows.informs[there],
    )


def search_trimmed(goal: Goal, begun: Floats, facts: Facts, estimator: Estimator) -> Trimmed:
    """Search for the highest trimmed likelihood from all starts."""
    share, early = estimator.trimmed, estimator.screening_steps
    passes = 0
    scouts: list[End] = []
    for one in begun:
        u = coordinates_of(one, facts)
        end = climb(u, _of_kept(u, goal, share), 1, 1, 0.0)
        for _ in range(early):
            passes += end.passes
            end = climb(end.u, _of_kept(end.u, goal, share), 1, 1, 0.0)
        scouts.append(end)
    alive = [scout for scout in scouts if np.isfinite(scout.at.value)]
    best = sorted(alive, key=lambda scout: -scout.at.value)[: estimator.kept_starts]
    ends = [_concentrated(scout.u, goal, estimator) for scout in best]
    passes += sum(end.passes for end in ends)
    named = bool((goal.rows.group != HIDDEN).any())
    found = best_of(ends, scouts, named, facts, passes)
    return Trimmed(found, kept_rows(found.end.u, goal.rows, share))


def _of_kept(u: Floats, goal: Goal, share: float) -> Goal:
    """The same goal for those who are likeliest."""
    return replace(goal, rows=kept_rows(u, goal.rows, share))


def _concentrated(u: Floats, goal: Goal, estimator: Estimator) -> End:
    """Climb and trim in turn until nobody comes or goes."""
    limits = estimator.step_limit, estimator.tolerance
    kept = _of_kept(u, goal, estimator.trimmed)
    end = climb(u, kept, 0, *limits)
    passes, steps = end.passes, end.steps
    for _ in range(MOST_ROUNDS):
        after = _of_kept(end.u, goal, estimator.trimmed)
        if end.status != Status.CONVERGED or _same(after.rows, kept.rows):
            return replace(end, passes=passes, steps=steps)
        kept, end = after, climb(end.u, after, 0, *limits)
        passes, steps = passes + end.passes, steps + end.steps
    return replace(end, status=Status.STEP_LIMIT, passes=passes, steps=steps)


def _same(rows: Rows, others: Rows) -> bool:
    """Whether two trimmings keep the same people."""
    return np.array_equal(rows.lower, others.lower) and np.array_equal(rows.weight, others.weight)
