"""What a search maximises: the log-likelihood of rows, with a prior, within constraints on SDs.

Coordinates are ``u = (eta, mu, lambda)``: logits of the shares, means and log-SDs in standard
units. A smallest ratio of two SDs bounds the likelihood [1]_; in these coordinates it is a set of
half-spaces, ``lambda_k - lambda_l >= log c``.

References
----------
.. [1] Hathaway (1985), A constrained formulation of maximum-likelihood estimation for normal
   mixture distributions, Ann. Statist. 13.
.. [2] Chen, Tan & Zhang (2008), Inference for normal mixtures in mean and variance, Statistica
   Sinica 18.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from stature.arrays import Floats
from stature.domain.model import free_coordinates
from stature.domain.observation import Truncated
from stature.estimators.estimator import Estimator
from stature.estimators.general import newton as compiled
from stature.estimators.plain.batch import numbers_of_prior
from stature.kernels.linear import uphill
from stature.kernels.prior import POWER, SCALE, add_prior_information, add_prior_score, log_prior
from stature.kernels.rows import CUT, EVERYBODY, GIVEN, PARTS, Records, Selection, Sums, sum_rows
from stature.kernels.sums import POWERS
from stature.theory.likelihood import Likelihood, Rows
from stature.theory.likelihood import likelihood as likelihood_of_theory
from stature.theory.newton import (
    EIGENVALUE_FLOOR,
    LONGEST,
    SINGULAR,
    SMALLEST_SD,
    Constraints,
    Outcome,
    Target,
    by_coordinate,
)
from stature.theory.terms import of_condition

OF_ROWS = ("lower", "upper", "weight", "square", "group", "informs")
FEWEST_PEOPLE = 1.0  # a group of fewer is gone
LARGEST_SD = 30.0  # in SDs of the sample
# ASSUME [cuts] a mean a hundred SDs from the people stands for one at infinity: a truncated normal
# is then an exponential distribution, and its likelihood has no maximum inside the parameter space.
FARTHEST_MEAN = 100.0


@dataclass(frozen=True)
class Objective:
    """The rows of a sample, an estimator's settings, and its known parameters in standard units."""

    rows: Rows
    estimator: Estimator
    groups: int
    shares: Floats | None = None  # (k,): known shares; None: not known
    sds: Floats | None = None  # (k,): known SDs, of Student's distribution the scales

    @cached_property
    def free(self) -> Floats:
        """Matrix J of the model's own coordinates, shape (3 K - 1, p)."""
        return free_coordinates(self.estimator.model, self.groups)

    @cached_property
    def prior(self) -> Floats:
        """Prior or penalty, as compiled functions take it.

        The penalty is ``a sum_k (1/v_k + log v_k - 1)`` [2]_, v_k the variance over that of the
        sample, up to a constant that of a conjugate prior.
        """
        model, weight = self.estimator.model, self.estimator.penalty
        numbers = numbers_of_prior(self.estimator.prior, model.sds, self.groups)
        numbers[[SCALE, POWER]] += 2.0 * weight / np.sqrt(self.rows.weight.sum()) if weight else 0.0
        return numbers

    @cached_property
    def is_labelled(self) -> bool:
        """Whether any row has a label, which says which group is which."""
        return bool((self.rows.group >= 0).any())

    @cached_property
    def target(self) -> Target:
        """What Newton's method maximises."""
        constraints = Constraints.of_ratio(self.groups, self.estimator.sd_ratio)
        longest = by_coordinate(self.groups, *LONGEST)
        return Target(self.free, constraints, longest, self.evaluate, self.edge, newton_step)

    @property
    def is_compiled(self) -> bool:
        """Whether Newton's iterations are compiled: what a selection lets through is not."""
        known = self.rows.condition is None or isinstance(self.rows.condition, Truncated)
        return known and self.rows.heaps is None

    @cached_property
    def compiled(self) -> compiled.Target:
        """The same for the compiled iterations."""
        rows, groups, target = self.rows, self.groups, self.target
        exact = rows.freedom is None and bool((rows.lower == rows.upper).all())
        hidden, labelled = rows.group < 0, np.zeros((2, groups, POWERS))
        if exact and not hidden.all():
            for informs, k in np.ndindex(2, groups):
                mine = (rows.group == k) & (rows.informs == bool(informs))
                powers = np.vander(rows.lower[mine], POWERS, increasing=True)
                labelled[informs, k] = rows.weight[mine] @ powers
        there = slice(0 if exact else None)
        alone = hidden if exact else np.zeros(len(hidden), dtype=np.bool_)
        records = records_of(rows)
        return compiled.Target(
            rows.lower[alone],
            rows.weight[alone],
            labelled,
            records._replace(**{name: getattr(records, name)[there] for name in OF_ROWS}),
            selection_of(rows, np.zeros(3 * groups - 1)),
            self.prior,
            np.ascontiguousarray(target.free),
            target.constraints.normals,
            target.constraints.bound,
            target.longest,
            np.array([FEWEST_PEOPLE / rows.weight.sum(), SMALLEST_SD, LARGEST_SD, FARTHEST_MEAN]),
        )

    def evaluate(self, u: Floats, with_outer: bool = True) -> Likelihood:
        """Log-likelihood and log-prior, with their derivatives."""
        at = likelihood(u, self.rows, with_outer)
        if not self.estimator.is_penalised:
            return at
        theta, score, information = theta_at(u), at.score.copy(), at.information.copy()
        add_prior_score(theta, self.prior, score)
        add_prior_information(theta, self.prior, information)
        value = at.value + log_prior(theta, self.prior)
        return replace(at, value=value, score=score, information=information)

    def edge(self, u: Floats) -> Outcome | None:
        """A mean or an SD that has left for infinity, or a group without people or spread."""
        widest = np.exp(u[-self.groups :].max())
        farthest = np.abs(u[self.groups - 1 : -self.groups]).max()
        if widest > LARGEST_SD or farthest > FARTHEST_MEAN:
            return "no_maximum"
        return "degenerate" if self.is_degenerate(u) else None

    def is_degenerate(self, u: Floats) -> bool:
        """Whether a group has lost its people, or has shrunk to a single height."""
        share, narrowest = np.exp(log_shares_at(u).min()), np.exp(u[-self.groups :].min())
        return bool(self.rows.weight.sum() * share < FEWEST_PEOPLE or narrowest < SMALLEST_SD)


def newton_step(free: Floats, score: Floats, matrix: Floats) -> tuple[Floats, float, bool]:
    """Newton's step with positive eigenvalues, its gain, and whether they were so anyway."""
    step, own = np.empty(len(score)), np.ascontiguousarray(free)
    gain, smallest, largest = uphill(own, score, matrix, EIGENVALUE_FLOOR, step)
    return step, gain, smallest > SINGULAR * largest


def coordinates_of(theta: Floats, objective: Objective) -> Floats:
    """Coordinates of starts, with what is known in its place, shape (..., 3 k - 1)."""
    shares, means, sds = np.split(theta, 3, axis=-1)
    if objective.shares is not None:
        shares = np.broadcast_to(objective.shares, shares.shape)
    if objective.sds is not None:
        sds = np.broadcast_to(objective.sds, sds.shape)
    elif objective.estimator.model.sds == "equal":
        variance = (shares * sds**2).sum(axis=-1, keepdims=True)
        sds = np.sqrt(np.broadcast_to(variance, sds.shape))
    eta = np.log(shares[..., :-1] / shares[..., -1:])
    return np.concatenate([eta, means, np.log(sds)], axis=-1)


def theta_at(u: Floats) -> Floats:
    """Shares, means and SDs at some coordinates, shape (3 k,)."""
    groups = (len(u) + 1) // 3
    return np.concatenate([np.exp(log_shares_at(u)), u[groups - 1 : -groups], np.exp(u[-groups:])])


def log_shares_at(u: Floats) -> Floats:
    """Logarithms of the shares, ``eta_k - log sum exp(eta)``, shape (k,)."""
    eta = np.append(u[: (len(u) + 1) // 3 - 1], 0.0)
    return eta - np.logaddexp.reduce(eta)


def likelihood(u: Floats, rows: Rows, with_outer: bool = True) -> Likelihood:
    """Log-likelihood with its score and information, by compiled sums."""
    if rows.heaps is not None:
        return likelihood_of_theory(u, rows)
    size = len(u)
    groups = (size + 1) // 3
    sums = Sums(
        np.empty(1),
        np.empty(size),
        np.empty((size, size)),
        np.empty((size, size)),
        np.empty((size, size)),
        np.empty((len(rows.weight), groups)),
    )
    sum_rows(u, records_of(rows), selection_of(rows, u), with_outer, sums)
    value, *rest = sums
    return Likelihood(float(value[0]), *rest)


def records_of(rows: Rows) -> Records:
    """Rows as compiled sums take them."""
    freedom, constant = rows.freedom or 0.0, 0.0
    if freedom:
        constant = math.lgamma((freedom + 1.0) / 2.0) - math.lgamma(freedom / 2.0)
        constant -= 0.5 * math.log(freedom * math.pi)
    read = rows.lower, rows.upper, rows.weight, rows.square, rows.group, rows.informs
    return Records(*read, freedom, constant)


def selection_of(rows: Rows, u: Floats) -> Selection:
    """Who could be observed, as compiled sums take it; under a cut it is the same at every u."""
    groups = (len(u) + 1) // 3
    who, anybody = EVERYBODY, np.zeros((groups, PARTS))
    if rows.condition is None:
        return Selection(who, anybody, np.zeros(groups + 1))
    kind = np.where(rows.informs, groups, rows.group)
    if isinstance(rows.condition, Truncated):
        who, below, above = CUT, rows.condition.below_cm, rows.condition.above_cm
        anybody[0, 0] = -np.inf if below is None else below
        anybody[0, 1] = np.inf if above is None else above
    else:
        who = GIVEN
        seen = of_condition(rows.condition, u[groups - 1 : 2 * groups - 1], np.exp(u[-groups:]))
        anybody[:, 0] = seen.log_mass[0]
        anybody[:, 1:3], anybody[:, 3:6], anybody[:, 6:] = (
            seen.first[0], seen.outer[0], seen.curvature[0],
        )  # fmt: skip
    people = np.bincount(kind, rows.weight, groups + 1).astype(np.float64)
    return Selection(who, anybody, people)


def within_ratio(u: Floats, ratio: float) -> Floats:
    """The same mixtures, their SDs changed to keep a smallest ratio, shape (..., 3 K - 1)."""
    moved = np.array(u)
    if ratio:
        compiled.keep_ratio(moved.reshape(-1, moved.shape[-1]), ratio)
    return moved
