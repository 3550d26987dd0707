"""Posterior intervals under a weak prior: what the heights say, and how little, in 5 parameters.

The likelihood of few people with hidden labels is a long bent ridge, of which an information
matrix at one maximum knows the middle. Here the ridge is walked by importance sampling: draws of
t distributions about the maxima under several priors, then about the draws themselves until they
are worth enough [1]_. It costs some twenty fits of 200 people.

References
----------
.. [1] Cornuet, Marin, Mira & Robert (2012), Adaptive multiple importance sampling, Scand. J. Stat.
   39:798.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats
from stature.domain.model import coordinates
from stature.estimators.estimator import Prior
from stature.estimators.plain.problem import FEWEST_PEOPLE
from stature.kernels.compile import jit
from stature.kernels.sums import BLOCK, POWERS, ROWS, WITH_LIKELIHOOD, em_pass

MODES = (Prior(), Prior(shares=1.0, sd_ratio=0.1), Prior(shares=1.0, sd_ratio=0.6))
"""Priors at whose maxima draws begin: along the ridge from equal SDs to those of the likelihood."""
FREEDOM = 5.0  # of the t distributions
AT_ONCE, MOST_ROUNDS = 300, 10  # draws about one centre, and centres found by draws
ENOUGH = 400.0  # draws that are worth as many of the posterior itself (Kish's effective size)
LARGEST_WEIGHT = 0.05  # of a draw, where its like are the next centre
SMALLEST_VARIANCE = 1e-6  # of a centre, in units of the sample
FARTHEST = 30.0  # logits and log-SDs beyond it are at it


class Belief(NamedTuple):
    """A prior of shares, SDs and means; all means are within the heights."""

    people: float  # so many people in each group; 1: all shares are as likely, 0: all their logits
    ratio: float  # scale of the log ratio of neighbouring SDs, normal about 0, or else Cauchy
    is_heavy: bool
    # distance of neighbouring means, in pooled SDs, at which its density is highest, and SD of its
    # logarithm about that: the density of distances, not of their logarithms
    apart: float
    sd_of_log_apart: float


# ASSUME [posterior] intervals are those that hold under either of two priors. One has groups at any
# distance within the heights, and all logits of a share as likely down to one person; the other has
# groups near each other, the log of their distance in pooled SDs with mean 0 and SD 0.7, and all
# shares as likely. In both the log ratio of SDs has mean 0 and SD 0.5 (one SD in twenty is 2.7
# times another). One that says more makes intervals that miss other truths. Where the
# log-likelihood is not even 3 above that of one normal, it is chance on which side of the others a
# small group lies: then intervals take in the mirror image, too.
OF_INTERVALS = Belief(0.0, 0.5, False, 1.0, np.inf), Belief(1.0, 0.5, False, 0.61, 0.7)
ABOVE_ONE_GROUP = 3.0
OF_DRAWS = Belief(0.5, 0.5, False, 0.55, 1.0)  # between the two
# ASSUME [posterior means] with `estimate: posterior`, as if two people were of each group; of
# neighbouring groups the log ratio of SDs is Cauchy with a scale of 0.2, whose tail leaves SDs that
# differ as they are, and the density of the distance of the means in pooled SDs is highest at 2 and
# a seventh of that at 0.5 and at 8, which keeps a mean from standing for groups that are one.
OF_MEANS = Belief(2.0, 0.2, True, 2.0, 0.7)


class Centre(NamedTuple):
    """A t distribution of draws in the model's own coordinates, p of them."""

    middle: Floats  # (p,)
    root: Floats  # (p, p): its square is the scale
    inverse: Floats
    log_volume: float


class Draws(NamedTuple):
    """Draws of a posterior, m of them."""

    theta: Floats  # (m, 3 k): shares, means and SDs in units of the sample
    weight: Floats  # (m,): they sum to 1, under `OF_DRAWS`

    @property
    def effective(self) -> float:
        """How many draws of the posterior itself are worth as much."""
        return effective(self.weight)


def effective(weight: Floats) -> float:
    """Kish's effective size of weights that sum to 1."""
    return float(1.0 / (weight @ weight))


@jit
def log_likelihoods(x: Floats, w: Floats, theta: Floats, values: Floats) -> None:
    """Log-likelihoods of many mixtures, shape (m, 3 k), into `values`."""
    groups = theta.shape[1] // 3
    work, sums = np.empty((groups + ROWS, BLOCK)), np.empty((groups, POWERS))
    for i in range(theta.shape[0]):
        values[i] = em_pass(x, w, theta[i], WITH_LIKELIHOOD, work, sums)


def log_prior(theta: Floats, belief: Belief) -> Floats:
    """Logarithm of a prior of mixtures, but for a constant, shape (m,); NaN out of order.

    In the coordinates of draws, in which uniform shares have the density of their product.
    """
    shares, means, sds = np.split(theta, 3, axis=1)
    one, other = shares[:, :-1], shares[:, 1:]
    pooled = np.sqrt((one * sds[:, :-1] ** 2 + other * sds[:, 1:] ** 2) / (one + other))
    with np.errstate(all="ignore"):
        apart = np.log(np.diff(means, axis=1) / (belief.apart * pooled)) / belief.sd_of_log_apart
    unlike = (np.diff(np.log(sds), axis=1) / belief.ratio) ** 2
    unlike = np.log1p(unlike) if belief.is_heavy else 0.5 * unlike
    return belief.people * np.log(shares).sum(axis=1) - (unlike + 0.5 * apart**2).sum(axis=1)


def centre_at(middle: Floats, scale: Floats) -> Centre:
    """A centre; directions in which its scale has next to nothing have a little."""
    values, vectors = np.linalg.eigh(scale)
    sizes = np.sqrt(np.maximum(values, SMALLEST_VARIANCE))
    root, inverse = vectors * sizes, vectors.T / sizes[:, None]
    return Centre(middle, root, inverse, float(np.log(sizes).sum()))


def log_density(centre: Centre, v: Floats) -> Floats:
    """Log-density of its draws, but for a constant that all centres share, shape (m,)."""
    square = (((v - centre.middle) @ centre.inverse.T) ** 2).sum(axis=1)
    power = 0.5 * (FREEDOM + v.shape[1])
    return -centre.log_volume - power * np.log1p(square / FREEDOM)


def drawn(
    x: Floats,
    w: Floats,
    free: Floats,
    modes: list[tuple[Floats, Floats]],
    random: np.random.Generator,
) -> Draws | None:
    """Draws of the posterior of one sample, in units of the sample.

    `modes` are the parameters at maxima, and covariances in the coordinates of the free model.
    None if all draws are impossible.
    """
    q, p = free.shape
    groups = (q + 1) // 3
    origin = coordinates(modes[0][0])
    inwards = np.linalg.pinv(free)
    todo = [
        centre_at(inwards @ (coordinates(theta) - origin), inwards @ covariance @ inwards.T)
        for theta, covariance in modes
    ]
    centres, v, values = list[Centre](), np.empty((0, p)), np.empty(0)
    draws = None
    for number in range(MOST_ROUNDS + 1):
        for centre in todo:
            normal = random.standard_normal((AT_ONCE, p))
            spread = np.sqrt(random.chisquare(FREEDOM, AT_ONCE) / FREEDOM)
            v = np.concatenate([v, centre.middle + (normal / spread[:, None]) @ centre.root.T])
        centres += todo
        theta = mixtures(origin + v @ free.T, groups)
        latest = theta[len(values) :]
        new = np.empty(len(latest))
        log_likelihoods(x, w, latest, new)
        values = np.concatenate([values, new + log_prior(latest, OF_DRAWS)])
        inside = ordered_within(theta, float(x.min()), float(x.max())) & np.isfinite(values)
        inside &= theta[:, :groups].min(axis=1) * w.sum() >= FEWEST_PEOPLE
        if not inside.any():
            return None
        density = np.logaddexp.reduce([log_density(centre, v) for centre in centres], axis=0)
        log_weight = np.where(inside, values - density, -np.inf)
        weight = np.exp(log_weight - log_weight.max())
        draws = Draws(theta, weight / weight.sum())
        if number == MOST_ROUNDS or draws.effective >= ENOUGH:
            break
        capped = np.minimum(draws.weight, LARGEST_WEIGHT)
        capped /= capped.sum()
        middle = capped @ v
        todo = [centre_at(middle, (v - middle).T @ ((v - middle) * capped[:, None]))]
    return draws


def weights_under(draws: Draws, belief: Belief) -> Floats:
    """Weights of the draws under another prior."""
    weight, there = np.zeros_like(draws.weight), draws.weight > 0.0
    theta = draws.theta[there]
    change = log_prior(theta, belief) - log_prior(theta, OF_DRAWS)
    weight[there] = draws.weight[there] * np.exp(change - change.max())
    return weight / weight.sum()


def mirrored(theta: Floats) -> Floats:
    """The mirror image of mixtures about 0, groups in the order of their means, shape (m, 3 k)."""
    shares, means, sds = np.split(theta, 3, axis=1)
    return np.hstack([shares[:, ::-1], -means[:, ::-1], sds[:, ::-1]])


def mixtures(u: Floats, groups: int) -> Floats:
    """Shares, means and SDs at many coordinates of the free model, shape (m, 3 k)."""
    eta = np.append(np.clip(u[:, : groups - 1], -FARTHEST, FARTHEST), np.zeros((len(u), 1)), axis=1)
    shares = np.exp(eta - np.logaddexp.reduce(eta, axis=1, keepdims=True))
    sds = np.exp(np.clip(u[:, 2 * groups - 1 :], -FARTHEST, FARTHEST))
    return np.ascontiguousarray(np.hstack([shares, u[:, groups - 1 : 2 * groups - 1], sds]))


def ordered_within(theta: Floats, smallest: float, largest: float) -> Bools:
    """Which mixtures have their means in order and within a range, shape (m,)."""
    groups = theta.shape[1] // 3
    means = theta[:, groups : 2 * groups]
    in_order = (np.diff(means, axis=1) > 0.0).all(axis=1)
    return in_order & (means[:, 0] >= smallest) & (means[:, -1] <= largest)


def widest_interval(
    values: Floats, weights: Sequence[Floats], tails: tuple[float, float]
) -> Floats:
    """The smallest and the largest of weighted quantiles of each column, shape (2, columns)."""
    order = np.argsort(values, axis=0, kind="stable")
    ends = np.empty((len(weights), 2, values.shape[1]))
    for i, weight in enumerate(weights):
        until = np.cumsum(weight[order], axis=0)
        for column in range(values.shape[1]):
            place = np.searchsorted(until[:, column], np.array(tails) * until[-1, column])
            ends[i, :, column] = values[order[place, column], column]
    return np.stack([ends[:, 0].min(axis=0), ends[:, 1].max(axis=0)])
