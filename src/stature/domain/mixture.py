"""Mixtures of normals: the parameters of K groups, ordered by mean."""

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
