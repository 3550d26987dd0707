"""Likelihood of a mixture under an observation model: value and derivatives, any K.

People are rows: a height, or a cell, with a weight, and perhaps with a label. In a sample in which
not everyone could be measured the likelihood of each of its people is divided by the chance of
being measured. So every observation is one sum over rows, and Louis' identity [1]_ gives its exact
second derivatives. The sums are compiled (`stature.kernels.rows`); those of exact heights without
labels stand here too, since every start of the workflow asks for bounds of normal groups, and would
load the compiler for them.

References
----------
.. [1] Louis (1982), Finding the observed information matrix when using the EM algorithm, JRSS-B 44.
"""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.domain.mixture import Mixture
from stature.domain.model import log_shares_at
from stature.domain.observation import (
    Conditional,
    Heaped,
    MiddleSelected,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    standardised,
)
from stature.domain.population import Population

if TYPE_CHECKING:
    from stature.kernels.rows import Records, Selection

LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
ON_A_GRID = 1e-6  # of a step: what decimals in a file may be off
HIDDEN = -1


@dataclass(frozen=True, slots=True)
class Heaps:
    """Which grids each row may have been rounded to."""

    half: Floats  # shape (g,): half a step of each grid, in the units of the rows
    # shape (m, g): log of the share of the people who round to the grid, where the row lies on it;
    # else minus infinity
    log_share: Floats

    @property
    def here(self) -> Bools:
        """Rows that lie on a grid, shape (m,)."""
        return np.asarray(np.isfinite(self.log_share).any(axis=1))


def heaps_of(observation: Heaped, heights_cm: Floats, scale_cm: float) -> Heaps:
    """Grids that heights lie on.

    Examples
    --------
    >>> from stature.domain.observation import Grid
    >>> heaped = Heaped((Grid(5.0, 0.3), Grid(2.5, 0.2)))
    >>> heaps_of(heaped, np.array([165.0, 162.5, 161.0]), 1.0).log_share.round(2).tolist()
    [[-1.2, -1.61], [-inf, -1.61], [-inf, -inf]]
    """
    steps_cm = np.array([grid.step_cm for grid in observation.grids])
    multiple = heights_cm[:, None] / steps_cm
    on = np.abs(multiple - np.rint(multiple)) < ON_A_GRID
    with np.errstate(divide="ignore"):
        log_share = np.log([grid.share for grid in observation.grids])
    return Heaps(0.5 * steps_cm / scale_cm, np.where(on, log_share, -np.inf))


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

    def where(self, there: Bools) -> "Rows":
        """Return some of them."""
        arrays = ("lower", "upper", "weight", "square", "group", "informs")
        some = replace(self, **{name: getattr(self, name)[there] for name in arrays})
        if self.heaps is None:
            return some
        return replace(some, heaps=Heaps(self.heaps.half, self.heaps.log_share[there]))

    @property
    def is_plain(self) -> bool:
        """Whether they are exact heights of normal groups, without labels, of anybody."""
        special = self.condition is not None or self.freedom is not None or self.heaps is not None
        return not special and bool(
            (self.lower == self.upper).all() and (self.group == HIDDEN).all()
        )

    @property
    def sd_over_scale(self) -> float:
        """SD of a group over its scale: not 1 with Student's t, ``sqrt(f / (f - 2))``."""
        return 1.0 if self.freedom is None else math.sqrt(self.freedom / (self.freedom - 2.0))


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
    # log-likelihood and score of one person of each row, shapes (m,) and (m, p); of nobody where
    # they were not asked for
    values: Floats
    scores: Floats


def in_units(rows: Rows, observation: Observation, centre_cm: float, scale_cm: float) -> Rows:
    """Rows of heights in cm as an observation takes them, in standard units."""
    standard, heights_cm = standardised(observation, centre_cm, scale_cm), rows.lower
    half = 0.5 * standard.step_cm if isinstance(standard, Rounded) else 0.0
    z = (heights_cm - centre_cm) / scale_cm
    heaped = isinstance(observation, Heaped)
    return replace(
        rows,
        lower=z - half,
        upper=z + half,
        condition=standard if isinstance(standard, Conditional) else None,
        heaps=heaps_of(observation, heights_cm, scale_cm) if heaped else None,
    )


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
    """Log-likelihood with its score and information, and those of one person of each row.

    Exact at every u, not only at a maximum; a value of minus infinity or NaN where the likelihood
    has none.
    """
    return _of_exact_heights(u, rows) if rows.is_plain else summed(u, rows)


def _of_exact_heights(u: Floats, rows: Rows) -> Likelihood:
    """The same for exact heights of normal groups without labels [1]."""
    groups = (len(u) + 1) // 3
    sds, log_shares = np.exp(u[-groups:]), log_shares_at(u)
    z = (rows.lower[:, None] - u[groups - 1 : 2 * groups - 1]) / sds
    joint = log_shares - 0.5 * z * z - u[2 * groups - 1 :] - LOG_ROOT_2PI
    values = np.logaddexp.reduce(joint, axis=1)
    posterior = np.exp(joint - values[:, None])
    masses, one = posterior * rows.weight[:, None], np.eye(groups)
    # Scores of a person whose group is known, and their information.
    known = np.zeros((len(z), groups, len(u)))
    known[:, :, : groups - 1] = (one - np.exp(log_shares))[:, : groups - 1]
    known[:, :, groups - 1 : 2 * groups - 1] = one * (z / sds)[:, :, None]
    known[:, :, 2 * groups - 1 :] = one * (z * z - 1.0)[:, :, None]
    scores = np.einsum("mk,mkp->mp", posterior, known)
    completed, shares = np.zeros((len(u), len(u))), np.exp(log_shares)[: groups - 1]
    completed[: groups - 1, : groups - 1] = masses.sum() * (
        np.diag(shares) - np.outer(shares, shares)
    )
    mu = np.arange(groups - 1, 2 * groups - 1)
    completed[mu, mu] = masses.sum(axis=0) / sds**2
    completed[mu, mu + groups] = completed[mu + groups, mu] = 2.0 * (masses * z).sum(axis=0) / sds
    completed[mu + groups, mu + groups] = 2.0 * (masses * z * z).sum(axis=0)
    products = np.einsum("mk,mkp,mkq->pq", masses, known, known)
    missing = products - scores.T @ (rows.weight[:, None] * scores)
    return Likelihood(
        float(rows.weight @ values),
        rows.weight @ scores,
        completed - missing,
        completed,
        scores.T @ (rows.square[:, None] * scores),
        posterior,
        values,
        scores,
    )


def summed(u: Floats, rows: Rows) -> Likelihood:
    """The same of any rows by compiled sums."""
    from stature.kernels.rows import Sums, sum_rows

    size, people = len(u), len(rows.weight)
    groups = (size + 1) // 3
    information, completed, outer = np.empty((3, size, size))
    sums = Sums(
        np.empty(1),
        np.empty(size),
        information,
        completed,
        outer,
        np.empty((people, groups)),
        np.empty(people),
        np.empty((people, size)),
    )
    sum_rows(u, records_of(rows), selection_of(rows, groups), True, sums)
    value, *rest = sums
    return Likelihood(float(value[0]), *rest)


def records_of(rows: Rows) -> "Records":
    """Rows as compiled sums take them."""
    from stature.kernels.rows import Records

    freedom, constant = rows.freedom or 0.0, 0.0
    if freedom:
        constant = math.lgamma((freedom + 1.0) / 2.0) - math.lgamma(freedom / 2.0)
        constant -= 0.5 * math.log(freedom * math.pi)
    heaps = rows.heaps or Heaps(np.empty(0), np.empty((len(rows.weight), 0)))
    read = rows.lower, rows.upper, rows.weight, rows.square, rows.group, rows.informs
    return Records(*read, freedom, constant, heaps.half, heaps.log_share)


def selection_of(rows: Rows, groups: int) -> "Selection":
    """Who could be observed, as compiled sums take it."""
    from stature.kernels.rows import BELL, CUT, EVERYBODY, LOGISTIC, SIZE, TILT, Selection

    who, numbers = EVERYBODY, (0.0, 0.0)
    match rows.condition:
        case Truncated(below, above):
            who = CUT
            numbers = -np.inf if below is None else below, np.inf if above is None else above
        case Selected(slope, centre):
            who, numbers = LOGISTIC, (slope, centre)
        case Tilted(slope):
            who, numbers = TILT, (slope, 0.0)
        case SizeBiased(origin):
            who, numbers = SIZE, (origin, 0.0)
        case MiddleSelected(centre, width):
            who, numbers = BELL, (centre, width)
        case None:
            return Selection(who, np.array(numbers), np.zeros(groups + 1))
    kind = np.where(rows.informs, groups, rows.group)
    people = np.bincount(kind, rows.weight, groups + 1).astype(np.float64)
    return Selection(who, np.array(numbers), people)


def true_mixture(population: Population) -> Mixture:
    """The truth of a population as a mixture, in the order of its means."""
    return Mixture(population.shares, population.means_cm, population.sds_cm)
