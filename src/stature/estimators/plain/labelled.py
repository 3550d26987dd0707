"""Labels seen: the maximum of the labelled likelihood in closed form, and its errors.

The likelihood is a product of normal densities; its logarithm has its derivative zero where each
mean is the average of its group and each variance the mean square about it.
"""

from typing import NamedTuple

import numpy as np

from stature.arrays import Floats, Int8s, Int32s
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_EQUAL,
    SDS_KNOWN,
    TOO_FEW,
)
from stature.kernels.compile import jit
from stature.kernels.sums import HALF_LOG_2_PI

FEWEST = 2  # people that a mean and an SD need
POWERS = 5  # sums of d^m, m = 0..4, about the group's mean


class LabelledSums(NamedTuple):
    """Sums of each group in each sample, r replicates by s sizes by k groups.

    `mean_cm` is the mean in cm, `powers` holds ``sum (x - mean)^m`` in cm^m, m = 0..4.
    """

    mean_cm: Floats  # (r, s, k)
    powers: Floats  # (r, s, k, POWERS)


@jit
def labelled_sums(
    heights_cm: Floats, groups: Int8s, sizes: Int32s, mean_cm: Floats, powers: Floats
) -> None:
    """Fill in means and central power sums of each group, in two passes a sample."""
    number = mean_cm.shape[2]
    shift, count = np.empty(number), np.empty(number)
    for r in range(heights_cm.shape[0]):
        for j in range(sizes.shape[0]):
            count[:] = 0.0
            total = mean_cm[r, j]
            total[:] = 0.0
            for i in range(sizes[j]):
                k = groups[r, i]
                if k < 0:
                    continue
                if count[k] == 0.0:
                    shift[k] = heights_cm[r, i]  # sums about a height of the group lose nothing
                count[k] += 1.0
                total[k] += heights_cm[r, i] - shift[k]
            for k in range(number):
                mean_cm[r, j, k] = shift[k] + total[k] / count[k] if count[k] > 0.0 else np.nan
            powers[r, j] = 0.0
            for i in range(sizes[j]):
                k = groups[r, i]
                if k < 0:
                    continue
                d = heights_cm[r, i] - mean_cm[r, j, k]
                square = d * d
                powers[r, j, k, 0] += 1.0
                powers[r, j, k, 1] += d
                powers[r, j, k, 2] += square
                powers[r, j, k, 3] += square * d
                powers[r, j, k, 4] += square * square
            for k in range(number):
                if count[k] > 0.0:
                    # The remainder of a rounded mean [Chan, Golub & LeVeque 1983, eq. 1.7].
                    remainder = powers[r, j, k, 1]
                    powers[r, j, k, 2] -= remainder * remainder / count[k]


def closed_form(
    sums: LabelledSums,
    known_shares: Floats | None,
    sds_rule: int,
    known_sds_cm: Floats | None,
    unbiased: bool = False,
) -> Floats:
    """Maximum of the labelled likelihood, where the derivative is zero, shape (r, s, 3 k).

    Shares, then means and SDs in cm; SDs with the divisor n_k (equal SDs: n), or if unbiased n_k -
    1 (equal SDs: n - K).
    """
    people, squares = sums.powers[..., 0], sums.powers[..., 2]
    total = people.sum(axis=-1, keepdims=True)
    lost = 1.0 if unbiased else 0.0  # one of each group for its mean
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = people / total
        variances = squares / (people - lost)
        if sds_rule == SDS_EQUAL:
            freedom = total - lost * people.shape[-1]
            variances = squares.sum(axis=-1, keepdims=True) / freedom
            variances = np.broadcast_to(variances, people.shape)
    if known_shares is not None:
        shares = np.broadcast_to(known_shares, people.shape)
    sds_cm = np.sqrt(variances)
    if sds_rule == SDS_KNOWN and known_sds_cm is not None:
        sds_cm = np.broadcast_to(known_sds_cm, people.shape)
    return np.concatenate([shares, sums.mean_cm, sds_cm], axis=-1)


def statuses(sums: LabelledSums, theta: Floats) -> Int8s:
    """Status of labelled fits: every group needs two people who differ, shape (r, s)."""
    groups = sums.mean_cm.shape[-1]
    few = (sums.powers[..., 0] < FEWEST).any(axis=-1)
    flat = (theta[..., 2 * groups :] <= 0.0).any(axis=-1)
    return np.where(few, TOO_FEW, np.where(flat, DEGENERATE, CONVERGED)).astype(np.int8)


def labelled_log_likelihood(sums: LabelledSums, theta: Floats, shares_count: bool) -> Floats:
    """Labelled log-likelihood in cm, shape (r, s)."""
    groups = sums.mean_cm.shape[-1]
    people, squares = sums.powers[..., 0], sums.powers[..., 2]
    shares, sds_cm = theta[..., :groups], theta[..., 2 * groups :]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = -people * (np.log(sds_cm) + HALF_LOG_2_PI) - 0.5 * squares / sds_cm**2
        if shares_count:
            terms = terms + people * np.log(shares)
    return terms.sum(axis=-1)


def labelled_decrement(sums: LabelledSums, theta: Floats, sds_rule: int) -> Floats:
    """Squared Newton decrement of SDs that are not the maximum, shape (r, s).

    ``sum (Q_k/v_k - n_k)^2 / (2 Q_k/v_k)`` over the SDs, Q_k the sum of squares.
    """
    groups = sums.mean_cm.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = sums.powers[..., 2] / theta[..., 2 * groups :] ** 2
        score = squares - sums.powers[..., 0]
        if sds_rule == SDS_EQUAL:
            return score.sum(axis=-1) ** 2 / (2.0 * squares.sum(axis=-1))
        return (score**2 / (2.0 * squares)).sum(axis=-1)


def labelled_covariances(sums: LabelledSums, theta: Floats, free: Floats) -> tuple[Floats, Floats]:
    """Covariances of labelled estimates by information and by sandwich.

    Shape (r, s, 3 k - 1, 3 k - 1).

    ``J I^-1 J'`` and ``J I^-1 B I^-1 J'`` in (eta, mu in cm, log sd); NaN where I is singular.
    """
    groups = sums.mean_cm.shape[-1]
    q = 3 * groups - 1
    shape = sums.mean_cm.shape[:-1]
    information, outer = np.zeros((*shape, q, q)), np.zeros((*shape, q, q))
    people = sums.powers[..., 0]
    total = people.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(groups):
            mu, lam = groups - 1 + k, 2 * groups - 1 + k
            v = theta[..., 2 * groups + k] ** 2
            n_k, square, cube, fourth = (sums.powers[..., k, m] for m in (0, 2, 3, 4))
            information[..., mu, mu] = n_k / v
            information[..., lam, lam] = 2.0 * square / v
            outer[..., mu, mu] = square / v**2
            outer[..., mu, lam] = outer[..., lam, mu] = cube / v**2
            outer[..., lam, lam] = fourth / v**2 - 2.0 * square / v + n_k
            for j in range(groups - 1):
                share = theta[..., j]
                outer[..., j, lam] = (float(j == k) - share) * (square / v - n_k)
                outer[..., lam, j] = outer[..., j, lam]
                if k < groups - 1:
                    block = total * theta[..., k] * (float(j == k) - share)
                    information[..., k, j] = outer[..., k, j] = block
        information = free.T @ information @ free
        outer = free.T @ outer @ free
    good = np.isfinite(information).all(axis=(-2, -1)) & np.isfinite(outer).all(axis=(-2, -1))
    good &= (np.diagonal(information, axis1=-2, axis2=-1) > 0.0).all(axis=-1)
    p = free.shape[1]
    inverse = np.full((*shape, p, p), np.nan)
    inverse[good] = np.linalg.inv(information[good])
    return free @ inverse @ free.T, free @ (inverse @ outer @ inverse) @ free.T
