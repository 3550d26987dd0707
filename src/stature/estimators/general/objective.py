"""What a search maximises: the log-likelihood of rows, less penalties, within constraints on SDs.

Coordinates are ``u = (eta, mu, lambda)``: logits of the shares, means and log-SDs in standard
units. A smallest ratio of two SDs bounds the likelihood [1]_; in these coordinates it is a set of
half-spaces, ``lambda_k - lambda_l >= log c``.

References
----------
.. [1] Hathaway (1985), A constrained formulation of maximum-likelihood estimation for normal
   mixture distributions, Ann. Statist. 13.
.. [2] Fritz, García-Escudero & Mayo-Iscar (2013), A fast algorithm for robust constrained
   clustering, Comput. Statist. Data Anal. 61 (check before citing).
.. [3] Chen, Tan & Zhang (2008), Inference for normal mixtures in mean and variance, Statistica
   Sinica 18.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.model import free_coordinates
from stature.domain.observation import Truncated
from stature.estimators.estimator import Estimator
from stature.kernels.linear import uphill
from stature.kernels.rows import (
    CUT,
    EVERYBODY,
    GIVEN,
    PARTS,
    Records,
    Selection,
    Sums,
    sum_rows,
)
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

FEWEST_PEOPLE = 1.0  # a group of fewer is gone
LARGEST_SD = 30.0  # in SDs of the sample
# ASSUME [cuts] a mean a hundred SDs from the people stands for one at infinity: a truncated normal
# is then an exponential distribution, and its likelihood has no maximum inside the parameter space.
FARTHEST_MEAN = 100.0


@dataclass(frozen=True, slots=True)
class Objective:
    """The rows of a sample, an estimator's settings, and its known parameters in standard units."""

    rows: Rows
    estimator: Estimator
    groups: int
    shares: Floats | None = None  # (k,): known shares; None: not known
    sds: Floats | None = None  # (k,): known SDs, of Student's distribution the scales

    @property
    def free(self) -> Floats:
        """Matrix J of the model's own coordinates, shape (3 K - 1, p)."""
        return free_coordinates(self.estimator.model, self.groups)

    @property
    def penalty(self) -> float:
        """Weight of the penalty on SDs."""
        weight = self.estimator.penalty
        return weight / float(np.sqrt(self.rows.weight.sum())) if weight else 0.0

    @property
    def is_labelled(self) -> bool:
        """Whether any row has a label, which says which group is which."""
        return bool((self.rows.group >= 0).any())

    @property
    def target(self) -> Target:
        """What Newton's method maximises."""
        constraints = Constraints.of_ratio(self.groups, self.estimator.sd_ratio)
        longest = by_coordinate(self.groups, *LONGEST)
        return Target(self.free, constraints, longest, self.evaluate, self.edge, newton_step)

    def evaluate(self, u: Floats, with_outer: bool = True) -> Likelihood:
        """The penalised log-likelihood [3]_, v_k the variance over that of the sample.

        ``l - a sum_k (1/v_k + log v_k - 1) + b sum_k log pi_k``.
        """
        at = likelihood(u, self.rows, with_outer)
        if not self.estimator.is_penalised:
            return at
        groups, on_sds, on_shares = self.groups, self.penalty, self.estimator.share_penalty
        lam = np.arange(2 * groups - 1, 3 * groups - 1)
        ratio = np.exp(-2.0 * u[lam])
        score, information = at.score.copy(), at.information.copy()
        score[lam] += 2.0 * on_sds * (ratio - 1.0)
        information[lam, lam] += 4.0 * on_sds * ratio
        eta, shares = slice(0, groups - 1), np.exp(log_shares_at(u)[:-1])
        score[eta] += on_shares * (1.0 - groups * shares)
        information[eta, eta] += on_shares * groups * (np.diag(shares) - np.outer(shares, shares))
        value = at.value - self.penalties(u)
        return replace(at, value=value, score=score, information=information)

    def penalties(self, u: Floats) -> float:
        """What the penalties take from the log-likelihood, see `evaluate`."""
        lam = u[-self.groups :]
        on_sds = self.penalty * float(np.sum(np.exp(-2.0 * lam) + 2.0 * lam - 1.0))  # [3]
        return on_sds - self.estimator.share_penalty * float(log_shares_at(u).sum())

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
    """Coordinates of a start, with what is known in its place, shape (3 k - 1,)."""
    shares, means, sds = np.split(theta, 3)
    if objective.shares is not None:
        shares = objective.shares
    if objective.sds is not None:
        sds = objective.sds
    elif objective.estimator.model.sds == "equal":
        sds = np.full_like(sds, np.sqrt(shares @ sds**2))
    return np.concatenate([np.log(shares[:-1] / shares[-1]), means, np.log(sds)])


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
        who = GIVEN
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
    read = rows.lower, rows.upper, rows.weight, rows.square, rows.group, rows.informs
    records = Records(*read, freedom, constant)
    sum_rows(u, records, Selection(who, anybody), with_outer, sums)
    value, *rest = sums
    return Likelihood(float(value[0]), *rest)


def constrained_variances(people: Floats, squares: Floats, ratio: float) -> Floats:
    """Variances of groups that fit best among those within a ratio of SDs, shape (k,).

    ``clip(Q_k/n_k, m, m/c^2)`` with the m that minimises ``sum n_k log v_k + Q_k/v_k``: between two
    neighbouring ends of clipping it is the pooled variance of the groups that are clipped [2]_.
    """
    own, narrow = squares / people, ratio * ratio
    if own.min() >= narrow * own.max():
        return own
    ends = np.sort(np.concatenate([own, narrow * own]))
    between = np.concatenate([ends[:1] / 2.0, (ends[1:] + ends[:-1]) / 2.0, ends[-1:] * 2.0])
    best, lowest = own, np.inf
    for inside in between.tolist():
        low, high = own < inside, own > inside / narrow
        clipped = people[low].sum() + people[high].sum()
        if clipped == 0.0:
            continue
        smallest = (squares[low].sum() + narrow * squares[high].sum()) / clipped
        variances = np.clip(own, smallest, smallest / narrow)
        value = float(people @ np.log(variances) + np.sum(squares / variances))
        if value < lowest:
            best, lowest = variances, value
    return best


def within_ratio(u: Floats, ratio: float) -> Floats:
    """The same mixture, its SDs changed to keep a smallest ratio, shape (3 K - 1,)."""
    shares, _, sds = np.split(theta_at(u), 3)
    if not ratio or sds.min() >= ratio * sds.max():
        return u
    variances = constrained_variances(shares, shares * sds**2, ratio)
    return np.concatenate([u[: -len(sds)], 0.5 * np.log(variances)])
