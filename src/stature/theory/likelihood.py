"""Likelihood of a mixture under an observation model: value and derivatives, any K.

People are rows: a height, or a cell, with a weight, and perhaps with a label. A sample in which
not everyone could be measured has one more row, of negative weight: the chance of being measured,
by which the likelihood of each of its people is divided. So every observation is one sum over
rows, and Louis' identity [1]_ gives its exact second derivatives.

References
----------
.. [1] Louis (1982), Finding the observed information matrix when using the EM algorithm, JRSS-B 44.
"""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.domain.mixture import Mixture
from stature.domain.observation import Conditional
from stature.domain.population import Population
from stature.theory.terms import (
    Heaps,
    Terms,
    of_cells,
    of_condition,
    of_heaps,
    of_points,
    of_t_points,
)

HIDDEN = -1


@dataclass(frozen=True, slots=True)
class Rows:
    """What was recorded of the people of a sample, in standard units."""

    lower: Floats  # shape (m,): cells; where the ends are equal, a height
    upper: Floats
    weight: Floats  # shape (m,): how many people each row stands for
    # shape (m,): sum of their squared weights: the weight itself, unless people are weighted
    square: Floats
    group: Ints  # shape (m,): group of these people; `HIDDEN` where it is unknown
    # shape (m,): whether they inform of the shares: labels of a design that fixed them do not
    informs: Bools
    condition: Conditional | None = None  # who could be measured; None: everyone
    # degrees of freedom of groups with Student's t; None: normal groups
    freedom: float | None = None
    # grids that the heights may have been rounded to; None: they were not heaped
    heaps: Heaps | None = None

    @property
    def sd_over_scale(self) -> float:
        """SD of a group over its scale: not 1 with Student's t, ``sqrt(f / (f - 2))``."""
        return 1.0 if self.freedom is None else sqrt(self.freedom / (self.freedom - 2.0))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A likelihood at some coordinates."""

    value: float  # log-likelihood
    score: Floats  # shape (p,): its derivatives, p = 3 K - 1
    information: Floats  # shape (p, p): minus its second derivatives
    # shape (p, p): the information if groups and exact heights of the people in the rows were known
    completed: Floats
    # shape (p, p): sum of the products of the scores of people, each by its squared weight
    outer: Floats
    posterior: Floats  # shape (m, k): probability of each group given each row


def rows_of(
    lower: Floats, upper: Floats, weight: Floats, condition: Conditional | None = None
) -> Rows:
    """Rows of people whose groups are hidden."""
    there = weight > 0.0
    count = int(there.sum())
    return Rows(
        lower[there],
        upper[there],
        weight[there],
        weight[there],
        np.full(count, HIDDEN),
        np.ones(count, dtype=np.bool_),
        condition,
    )


def likelihood(u: Floats, rows: Rows) -> Likelihood:
    """Log-likelihood with its score and information.

    Exact at every u, not only at a maximum; a value of minus infinity or NaN where the likelihood
    has none.
    """
    sums = _sums(u, rows)
    outer = sums.scores.T @ (rows.square[:, None] * sums.scores)
    return Likelihood(
        sums.value, sums.score, sums.information, sums.completed, outer, sums.posterior
    )


def person_scores(u: Floats, rows: Rows) -> Floats:
    """Score of one person of each row, shape (m, 3 K - 1)."""
    return _sums(u, rows).scores


def person_values(u: Floats, rows: Rows) -> Floats:
    """Log-likelihood of one person of each row, shape (m,)."""
    return _sums(u, rows).values


class _Sums(NamedTuple):
    """Sums over rows, and what one person of each row says."""

    value: float
    score: Floats
    information: Floats
    completed: Floats
    posterior: Floats  # (m, k)
    values: Floats  # (m,)
    scores: Floats  # (m, p)


def _sums(u: Floats, rows: Rows) -> _Sums:
    """Sums over rows and chances of being measured."""
    groups = (len(u) + 1) // 3
    means, sds = u[groups - 1 : 2 * groups - 1], np.exp(u[2 * groups - 1 :])
    sums = _summed(u, _terms_of(rows, means, sds), rows.weight, rows.group, rows.informs)
    if rows.condition is None:
        return sums
    # Anyone may have been met, whose label was then recorded or not; where a design fixed how many
    # of each group there are, its people were met among their own.
    kinds, kind = np.unique(np.where(rows.informs, HIDDEN, rows.group), return_inverse=True)
    size = np.bincount(kind, rows.weight, len(kinds)).astype(np.float64)
    anybody = of_condition(rows.condition, means, sds)
    repeated = Terms(*(np.repeat(part, len(kinds), axis=0) for part in anybody))
    chance = _summed(u, repeated, -size, kinds, kinds == HIDDEN)
    return sums._replace(
        value=sums.value + chance.value,
        score=sums.score + chance.score,
        information=sums.information + chance.information,
        values=sums.values - chance.values[kind],
        scores=sums.scores - chance.scores[kind],
    )


def _terms_of(rows: Rows, means: Floats, sds: Floats) -> Terms:
    """Likelihood terms of each row under each group."""
    if rows.freedom is not None:
        return of_t_points(rows.lower, means, sds, rows.freedom)
    if rows.heaps is not None:
        return of_heaps(rows.lower, rows.heaps, means, sds)
    point = rows.lower == rows.upper
    if point.all():
        return of_points(rows.lower, means, sds)
    if not point.any():
        return of_cells(rows.lower, rows.upper, means, sds)
    terms = of_points(np.where(point, rows.lower, 0.0), means, sds)
    cells = of_cells(rows.lower[~point], rows.upper[~point], means, sds)
    for part, of_cell in zip(terms, cells, strict=True):
        part[~point] = of_cell
    return terms


def _summed(u: Floats, terms: Terms, weight: Floats, group: Ints, informs: Bools) -> _Sums:
    """Sum by Louis' identity [1]: E[-D2] - E[s s'] + E[s] E[s]', row by row."""
    groups = terms.log_mass.shape[1]
    eta = np.append(u[: groups - 1], 0.0)
    log_shares = eta - np.logaddexp.reduce(eta)
    shares, sds = np.exp(log_shares), np.exp(u[2 * groups - 1 :])
    labelled = group != HIDDEN
    joint = terms.log_mass + np.where(informs[:, None], log_shares, 0.0)
    if labelled.any():
        other = labelled[:, None] & (np.arange(groups) != group[:, None])
        joint = np.where(other, -np.inf, joint)
    values = np.logaddexp.reduce(joint, axis=1)
    posterior = np.exp(joint - values[:, None])
    masses = posterior * weight[:, None]
    # A label takes part in the score of the shares only where it informs of them.
    informing = informs[:, None].astype(np.float64)
    mu, lam = posterior * terms.first[..., 0] / sds, posterior * terms.first[..., 1]
    deviation = informing * (posterior - shares)
    scores = np.concatenate([deviation[:, :-1], mu, lam], axis=1)
    curved = np.einsum("mk,mkc->kc", masses, terms.curvature)
    spread = np.einsum("mk,mkc->kc", masses, terms.outer)
    linear = np.einsum("mk,mkc->kc", informing * masses, terms.first)
    informed = (informing * masses).sum(axis=0)
    away = np.eye(groups)[:, :-1] - shares[:-1]  # (k, K - 1): score of eta of each group
    completed = _blocks(informed.sum() * (np.diag(shares) - np.outer(shares, shares)), curved)
    products = _blocks(np.zeros((groups, groups)), spread)
    products[: groups - 1, : groups - 1] = away.T @ (informed[:, None] * away)
    for k in range(groups):
        for part in range(2):
            at = (part + 1) * groups - 1 + k
            products[: groups - 1, at] = products[at, : groups - 1] = away[k] * linear[k, part]
    unit = np.concatenate([np.ones(groups - 1), 1.0 / sds, np.ones(groups)])
    missing = products * unit[:, None] * unit - scores.T @ (weight[:, None] * scores)
    completed = completed * unit[:, None] * unit
    return _Sums(
        float(weight @ values),
        weight @ scores,
        completed - missing,
        completed,
        posterior,
        values,
        scores,
    )


def _blocks(shares: Floats, of_groups: Floats) -> Floats:
    """Matrix (p, p) of a block of shares, (k, k), and a 2 x 2 block a group, (k, 3)."""
    groups = len(of_groups)
    out = np.zeros((3 * groups - 1, 3 * groups - 1))
    out[: groups - 1, : groups - 1] = shares[:-1, :-1]
    mu = np.arange(groups - 1, 2 * groups - 1)
    lam = mu + groups
    out[mu, mu], out[lam, lam] = of_groups[:, 0], of_groups[:, 2]
    out[mu, lam] = out[lam, mu] = of_groups[:, 1]
    return out


def true_mixture(population: Population) -> Mixture:
    """The truth of a population as a mixture, in the order of its means."""
    return Mixture(population.shares, population.means_cm, population.sds_cm)


def coordinates(mixture: Mixture) -> Floats:
    """Unconstrained coordinates of a mixture with positive shares and SDs.

    ``log(pi_k / pi_K)`` for k < K, means in cm, logs of SDs in cm; shape (3 K - 1,).
    """
    eta = np.log(mixture.shares[:-1] / mixture.shares[-1])
    return np.concatenate([eta, mixture.means_cm, np.log(mixture.sds_cm)])


def mixture_at(u: Floats) -> Mixture:
    """Mixture at given unconstrained coordinates."""
    groups = (len(u) + 1) // 3
    eta = np.append(u[: groups - 1], 0.0)
    odds = np.exp(eta - eta.max())
    return Mixture(odds / odds.sum(), u[groups - 1 : 2 * groups - 1], np.exp(u[2 * groups - 1 :]))


def parameters(mixture: Mixture) -> Floats:
    """Parameters of a mixture, in the order of tables, shape (4 K - 1,)."""
    of_groups = np.column_stack([mixture.shares, mixture.means_cm, mixture.sds_cm]).ravel()
    return np.concatenate([of_groups, np.diff(mixture.means_cm)])


def parameter_jacobian(mixture: Mixture) -> Floats:
    """Derivatives of `parameters` with respect to the unconstrained coordinates.

    ``d pi_k / d eta_j = pi_k (1{k = j} - pi_j)``, ``d sd_k / d lambda_k = sd_k``; a gap is the
    difference of two means. Shape (4 K - 1, 3 K - 1); the delta method is ``G covariance G'``.
    """
    groups = len(mixture.shares)
    of_groups = np.zeros((groups, 3, 3 * groups - 1))
    share_cov = np.diag(mixture.shares) - np.outer(mixture.shares, mixture.shares)
    of_groups[:, 0, : groups - 1] = share_cov[:, :-1]
    for k in range(groups):
        of_groups[k, 1, groups - 1 + k] = 1.0
        of_groups[k, 2, 2 * groups - 1 + k] = mixture.sds_cm[k]
    gaps = np.diff(of_groups[:, 1], axis=0)
    return np.concatenate([of_groups.reshape(3 * groups, -1), gaps])
