"""Walls: no SD may be less than a given share of any other, which bounds the likelihood [1]_.

In the coordinates of a climb they are planes, ``lambda_k - lambda_l >= log c``: a climb that meets
one goes on along it, and leaves it where the likelihood rises away from it.

References
----------
.. [1] Hathaway (1985), A constrained formulation of maximum-likelihood estimation for normal
   mixture distributions, Ann. Statist. 13.
.. [2] Fritz, García-Escudero & Mayo-Iscar (2013), A fast algorithm for robust constrained
   clustering, Comput. Statist. Data Anal. 61 (check before citing).
.. [3] Nocedal & Wright (2006), Numerical Optimization, 2nd edition, 16.5.
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats

PUSH = -1e-6  # a multiplier below it, in log-likelihood per log-SD, pulls away from its wall
RANK = 1e-9


@dataclass(frozen=True, slots=True)
class Walls:
    """Half-spaces ``normals @ u >= least`` that a climb stays in."""

    normals: Floats  # shape (c, 3 K - 1): inward normals
    least: float  # the logarithm of the smallest ratio of two SDs


def walls_of(groups: int, ratio: float) -> Walls:
    """Walls of a ratio of SDs."""
    pairs = [(k, j) for k in range(groups) for j in range(groups) if k != j] if ratio else []
    normals = np.zeros((len(pairs), 3 * groups - 1))
    for row, (k, j) in enumerate(pairs):
        normals[row, 2 * groups - 1 + k], normals[row, 2 * groups - 1 + j] = 1.0, -1.0
    return Walls(normals, float(np.log(ratio)) if ratio else -np.inf)


def face(free: Floats, walls: Walls, touched: list[int]) -> Floats:
    """Directions in which a climb may go without leaving the walls that it touches.

    Shape (3 K - 1, q).

    Columns that span them; `free` itself if none is touched.
    """
    if not touched:
        return free
    _, sizes, rows = np.linalg.svd(walls.normals[touched] @ free)
    return free @ rows[int((sizes > RANK).sum()) :].T


def room(u: Floats, step: Floats, walls: Walls, touched: list[int]) -> tuple[float, int]:
    """How far a climb may go, and which wall stands there.

    Length in steps, infinite if there is no wall; the number of the wall.
    """
    if not len(walls.normals):
        return np.inf, -1
    towards = walls.normals @ step
    ahead = (towards < 0.0) & ~np.isin(np.arange(len(towards)), touched)
    if not ahead.any():
        return np.inf, -1
    left = np.maximum(walls.normals @ u - walls.least, 0.0)
    length = np.where(ahead, left / np.where(ahead, -towards, 1.0), np.inf)
    nearest = int(np.argmin(length))
    return float(length[nearest]), nearest


def wall_to_leave(score: Floats, free: Floats, walls: Walls, touched: list[int]) -> int | None:
    """The wall, of those touched, that the likelihood most rises away from.

    Its number; None: all hold the climb back, so that this is a maximum within them [3]_.
    """
    if not touched:
        return None
    normals = walls.normals[touched] @ free
    held = np.linalg.lstsq(normals.T, -(free.T @ score), rcond=None)[0]
    loosest = int(np.argmin(held))
    return touched[loosest] if held[loosest] < PUSH else None


def variances_within(people: Floats, squares: Floats, ratio: float) -> Floats:
    """Variances of groups that fit best among those within a ratio of SDs, shape (k,).

    ``clip(Q_k/n_k, m, m/c^2)`` with the m that minimises ``sum n_k log v_k + Q_k/v_k``: between two
    neighbouring ends of clipping it is the pooled variance of those who are clipped [2]_.
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


def brought_inside(u: Floats, ratio: float) -> Floats:
    """The same mixture, with SDs within a ratio, shape (3 K - 1,)."""
    groups = (len(u) + 1) // 3
    sds = np.exp(u[2 * groups - 1 :])
    if not ratio or sds.min() >= ratio * sds.max():
        return u
    eta = np.append(u[: groups - 1], 0.0)
    shares = np.exp(eta - np.logaddexp.reduce(eta))
    variances = variances_within(shares, shares * sds**2, ratio)
    return np.concatenate([u[: 2 * groups - 1], 0.5 * np.log(variances)])
