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

from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats
from stature.domain.model import coordinates
from stature.estimators.estimator import Prior
from stature.kernels.compile import jit
from stature.kernels.prior import RATIO, SHARES, log_prior
from stature.kernels.sums import BLOCK, POWERS, ROWS, WITH_LIKELIHOOD, em_pass

# ASSUME [posterior] all shares are as likely, the log ratio of SDs has mean 0 and SD 0.5 (one SD in
# twenty is 2.7 times another), a mean is anywhere between the smallest and the largest height, an
# SD of any size. A prior that says more of shares or SDs makes intervals that miss other truths.
SD_OF_LOG_RATIO = 0.5
MODES = (Prior(), Prior(shares=1.0, sd_ratio=0.1), Prior(shares=1.0, sd_ratio=0.6))
"""Priors at whose maxima draws begin: along the ridge from equal SDs to those of the likelihood."""
# ASSUME [posterior means] with `estimate: posterior`, as if one more person were of each group; of
# neighbouring groups the log ratio of SDs is Cauchy with a scale of 0.2, and the log of the
# distance of the means in pooled SDs is normal with mean log 2 and SD 0.7: in 95 of 100 pairs of
# groups 0.5 to 8 SDs.
MORE_PEOPLE, SCALE_OF_LOG_RATIO, SDS_APART, SD_OF_LOG_APART = 1.0, 0.2, 2.0, 0.7
FREEDOM = 5.0  # of the t distributions
AT_ONCE, MOST_ROUNDS = 300, 10  # draws about one centre, and centres found by draws
ENOUGH = 400.0  # draws that are worth as many of the posterior itself (Kish's effective size)
LARGEST_WEIGHT = 0.05  # of a draw, where its like are the next centre
SMALLEST_VARIANCE = 1e-6  # of a centre, in units of the sample
FARTHEST = 30.0  # logits and log-SDs beyond it are at it


class Centre(NamedTuple):
    """A t distribution of draws in the model's own coordinates, p of them."""

    middle: Floats  # (p,)
    root: Floats  # (p, p): its square is the scale
    inverse: Floats
    log_volume: float


class Draws(NamedTuple):
    """Draws of a posterior, m of them."""

    theta: Floats  # (m, 3 k): shares, means and SDs in units of the sample
    weight: Floats  # (m,): they sum to 1

    @property
    def effective(self) -> float:
        """How many draws of the posterior itself are worth as much."""
        return float(1.0 / (self.weight @ self.weight))


@jit
def log_posteriors(x: Floats, w: Floats, prior: Floats, theta: Floats, values: Floats) -> None:
    """Log-likelihood and log-prior of many mixtures, shape (m, 3 k), into `values`."""
    groups = theta.shape[1] // 3
    work, sums = np.empty((groups + ROWS, BLOCK)), np.empty((groups, POWERS))
    for i in range(theta.shape[0]):
        values[i] = em_pass(x, w, theta[i], WITH_LIKELIHOOD, work, sums)
        values[i] += log_prior(theta[i], prior)


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
    prior = np.zeros(5)
    # In these coordinates uniform shares have the density of their product.
    prior[SHARES], prior[RATIO] = 1.0, SD_OF_LOG_RATIO**-2
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
        new = np.empty(len(v) - len(values))
        log_posteriors(x, w, prior, theta[len(values) :], new)
        values = np.concatenate([values, new])
        inside = ordered_within(theta, float(x.min()), float(x.max())) & np.isfinite(values)
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


def weight_of_means(draws: Draws) -> Floats:
    """Weights of the draws under the prior of posterior means in place of that of intervals.

    A heavy tail leaves SDs that differ as they are. The distance keeps a mean from standing for
    groups that are one; without it posterior means are farther off than the maximum [1]_.

    References
    ----------
    .. [1] `docs/small-samples.md`, table of what was tried.
    """
    shares, means, sds = np.split(draws.theta[draws.weight > 0.0], 3, axis=1)
    log_sds = np.log(sds)
    one, other = shares[:, :-1], shares[:, 1:]
    pooled = np.sqrt((one * sds[:, :-1] ** 2 + other * sds[:, 1:] ** 2) / (one + other))
    apart = np.log(np.diff(means, axis=1) / (SDS_APART * pooled)) / SD_OF_LOG_APART
    unlike = np.log1p((np.diff(log_sds, axis=1) / SCALE_OF_LOG_RATIO) ** 2)
    away = (log_sds - log_sds.mean(axis=1, keepdims=True)) / SD_OF_LOG_RATIO
    change = MORE_PEOPLE * np.log(shares).sum(axis=1) - (unlike + 0.5 * apart**2).sum(axis=1)
    change += (away**2).sum(axis=1)  # the prior of intervals is taken back
    weight = np.zeros_like(draws.weight)
    weight[draws.weight > 0.0] = draws.weight[draws.weight > 0.0] * np.exp(change - change.max())
    return weight / weight.sum()


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


def central_interval(values: Floats, weight: Floats, tails: tuple[float, float]) -> Floats:
    """Weighted quantiles of each column, shape (2, columns)."""
    order = np.argsort(values, axis=0, kind="stable")
    until = np.cumsum(weight[order], axis=0)
    ends = np.empty((2, values.shape[1]))
    for column in range(values.shape[1]):
        place = np.searchsorted(until[:, column], np.array(tails) * until[-1, column])
        ends[:, column] = values[order[place, column], column]
    return ends
