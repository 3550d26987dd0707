"""Mixtures of normals: the parameters of K groups, densities, and the cuts between groups.

A cut is a height at which one group becomes more likely than another: a crossing of the weighted
densities, not the midpoint of the means; the two are one only when shares and SDs are equal. With
unequal SDs there is a second crossing, beyond which the wider group is the more likely one again.
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares, means and SDs of K normal groups."""

    shares: Floats  # shape (k,): shares, summing to 1
    means_cm: Floats  # shape (k,): means and standard deviations, in cm
    sds_cm: Floats

    def __post_init__(self) -> None:
        for field in ("shares", "means_cm", "sds_cm"):
            values = np.array(getattr(self, field), dtype=np.float64)
            values.flags.writeable = False
            object.__setattr__(self, field, values)

    @property
    def theta(self) -> Floats:
        """Shares, means and SDs in one array, shape (3 k,)."""
        return np.concatenate([self.shares, self.means_cm, self.sds_cm])

    @classmethod
    def of(cls, theta: Floats) -> "Mixture":
        """Make a mixture of such an array."""
        return cls(*np.split(theta, 3))

    def ordered(self) -> "Mixture":
        """Return the same mixture with its groups in the order of their means."""
        order = np.argsort(self.means_cm, kind="stable")
        return Mixture(self.shares[order], self.means_cm[order], self.sds_cm[order])


def log_joint(mixture: Mixture, heights_cm: Floats) -> Floats:
    """Log of share times density, of each group at each height, shape (n, k).

    ``log(pi_k f_k(x_i))``, per cm.
    """
    standard = (heights_cm[:, None] - mixture.means_cm) / mixture.sds_cm
    constant = np.log(mixture.shares) - np.log(mixture.sds_cm) - 0.5 * np.log(2.0 * np.pi)
    return constant - 0.5 * standard**2


def log_density(mixture: Mixture, heights_cm: Floats) -> Floats:
    """Log-density of the mixture at each height, shape (n,).

    ``log sum_k pi_k f_k(x_i)``, per cm.
    """
    return np.logaddexp.reduce(log_joint(mixture, heights_cm), axis=1)


def responsibilities(mixture: Mixture, heights_cm: Floats) -> Floats:
    """Probability of each group given each height, shape (n, k).

    ``pi_k f_k(x_i) / sum_l pi_l f_l(x_i)``, by Bayes' theorem; each row sums to 1.
    """
    joint = log_joint(mixture, heights_cm)
    return np.exp(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True))


def modes_cm(mixture: Mixture) -> Floats:
    """Modes of the density, in cm, ascending; all are between the lowest and the highest mean.

    Two groups are not two modes: of equal shares and SDs they show two only where their means are
    more than 2 SDs apart [1]_. Where the density's slope changes from rising to falling on a grid
    of a hundredth of the smallest SD near each mean, and of each gap between means.

    References
    ----------
    .. [1] Schilling, Watkins & Watkins (2002), Is human height bimodal?, The American Statistician
       56:223.

    Examples
    --------
    >>> modes_cm(Mixture([0.5, 0.5], [163.0, 176.0], [6.6, 6.6])).round(1)
    array([169.5])
    >>> len(modes_cm(Mixture([0.5, 0.5], [163.0, 176.0], [6.4, 6.4])))
    2
    """
    means, sds = mixture.means_cm, mixture.sds_cm
    if not np.isfinite([mixture.shares, means, sds]).all():
        return np.empty(0)
    near = means + np.arange(-400, 401)[:, None] / 100.0 * sds.min()
    between = np.linspace(means[:-1], means[1:], 101)
    x = np.unique(np.concatenate([near.ravel(), between.ravel()]))
    rises = (np.exp(log_joint(mixture, x)) * (means - x[:, None]) / sds**2).sum(axis=1) > 0.0
    return x[1:][rises[:-1] & ~rises[1:]]


def crossings_cm(mixture: Mixture, lower: int, upper: int, log_odds: float = 0.0) -> Floats:
    """Heights at which two groups of a mixture stand at given odds, shape (0,).

    Heights in cm, ascending; empty if there is none, or if a parameter is not a number.

    The log-odds are a quadratic ``a + b y + c y^2`` in ``y = x - m``, with m between the means, so
    that nothing large is subtracted; its roots are ``q/c`` and ``a/q`` with
    ``q = -(b + sign(b) sqrt(b^2 - 4 a c))/2`` [1]_, which lose no digits when c is small.

    References
    ----------
    .. [1] Press et al., Numerical Recipes, 3rd edition (2007), eq. (5.6.4).

    Examples
    --------
    >>> crossings_cm(Mixture([0.5, 0.5], [163.0, 176.0], [7.0, 7.0]), 0, 1).tolist()
    [169.5]
    """
    pair = [lower, upper]
    share, mean, sd = mixture.shares[pair], mixture.means_cm[pair], mixture.sds_cm[pair]
    everything = np.concatenate([share, mean, sd])
    if not np.isfinite(everything).all() or (share <= 0.0).any() or (sd <= 0.0).any():
        return np.empty(0)
    middle = float(mean.mean())
    offset, precision = mean - middle, 1.0 / sd**2
    c = 0.5 * float(precision[1] - precision[0])
    b = float(offset[0] * precision[0] - offset[1] * precision[1])
    a = float(
        np.log(share[0] / share[1])
        + np.log(sd[1] / sd[0])
        + 0.5 * (offset[1] ** 2 * precision[1] - offset[0] ** 2 * precision[0])
        - log_odds
    )
    discriminant = b * b - 4.0 * a * c
    if discriminant < 0.0:
        return np.empty(0)
    q = -0.5 * (b + np.copysign(np.sqrt(discriminant), b))  # [1] (5.6.4)
    roots = [a / q] if q != 0.0 else []
    if c != 0.0:
        roots.append(q / c)
    return middle + np.unique(np.array(roots))


def cut_cm(mixture: Mixture, lower: int) -> float:
    """Cut between a group and the next taller one.

    The crossing between the two means, in cm; NaN if there is none, as when one group is so small
    that it is nowhere the more likely one.

    Examples
    --------
    >>> cut_cm(Mixture([0.5, 0.5], [163.0, 176.0], [6.0, 6.0]), 0)
    169.5
    """
    means = mixture.means_cm[lower : lower + 2]
    between = [
        root
        for root in crossings_cm(mixture, lower, lower + 1).tolist()
        if means[0] <= root <= means[1]
    ]
    return between[0] if between else float("nan")
