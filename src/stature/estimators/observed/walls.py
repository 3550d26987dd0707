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
from numpy.typing import NDArray

PUSH = -1e-6  # a multiplier below it, in log-likelihood per log-SD, pulls away from its wall
RANK = 1e-9


@dataclass(frozen=True, slots=True)
class Walls:
    """Half-spaces ``normals @ u >= least`` that a climb stays in.

    Attributes
    ----------
    normals : array, shape (c, 3 K - 1)
        Inward normals.
    least : float
        The logarithm of the smallest ratio of two SDs.
    """

    normals: NDArray[np.float64]
    least: float


def walls_of(groups: int, ratio: float) -> Walls:
    """Walls of a ratio of SDs.

    Parameters
    ----------
    groups : int
        Number of groups, K.
    ratio : float
        Smallest SD over the largest, at least; 0: there are no walls.

    Returns
    -------
    Walls
        One for each ordered pair of groups.
    """
    pairs = [(k, j) for k in range(groups) for j in range(groups) if k != j] if ratio else []
    normals = np.zeros((len(pairs), 3 * groups - 1))
    for row, (k, j) in enumerate(pairs):
        normals[row, 2 * groups - 1 + k], normals[row, 2 * groups - 1 + j] = 1.0, -1.0
    return Walls(normals, float(np.log(ratio)) if ratio else -np.inf)


def face(free: NDArray[np.float64], walls: Walls, touched: list[int]) -> NDArray[np.float64]:
    """Directions in which a climb may go without leaving the walls that it touches.

    Parameters
    ----------
    free : array, shape (3 K - 1, p)
        The matrix J of the model's own coordinates.
    walls : Walls
        The walls.
    touched : list of int
        Those that are touched.

    Returns
    -------
    array, shape (3 K - 1, q)
        Columns that span them; `free` itself if none is touched.
    """
    if not touched:
        return free
    _, sizes, rows = np.linalg.svd(walls.normals[touched] @ free)
    return free @ rows[int((sizes > RANK).sum()) :].T


def room(
    u: NDArray[np.float64], step: NDArray[np.float64], walls: Walls, touched: list[int]
) -> tuple[float, int]:
    """How far a climb may go, and which wall stands there.

    Parameters
    ----------
    u, step : array, shape (3 K - 1,)
        Where it is, and its step.
    walls : Walls
        The walls.
    touched : list of int
        Those along which it goes.

    Returns
    -------
    tuple of (float, int)
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


def wall_to_leave(
    score: NDArray[np.float64], free: NDArray[np.float64], walls: Walls, touched: list[int]
) -> int | None:
    """The wall, of those touched, that the likelihood most rises away from.

    Parameters
    ----------
    score : array, shape (3 K - 1,)
        Derivatives of what is climbed, where it is highest along the walls.
    free : array, shape (3 K - 1, p)
        The matrix J of the model's own coordinates.
    walls : Walls
        The walls.
    touched : list of int
        Those that are touched.

    Returns
    -------
    int or None
        Its number; None: all hold the climb back, so that this is a maximum within them [3]_.
    """
    if not touched:
        return None
    normals = walls.normals[touched] @ free
    held = np.linalg.lstsq(normals.T, -(free.T @ score), rcond=None)[0]
    loosest = int(np.argmin(held))
    return touched[loosest] if held[loosest] < PUSH else None


def variances_within(
    people: NDArray[np.float64], squares: NDArray[np.float64], ratio: float
) -> NDArray[np.float64]:
    """Variances of groups that fit best among those within a ratio of SDs.

    Parameters
    ----------
    people, squares : array, shape (k,)
        How many people each group has, and the sum of their squared distances from its mean.
    ratio : float
        Smallest SD over the largest, at least.

    Returns
    -------
    array, shape (k,)
        ``clip(Q_k/n_k, m, m/c^2)`` with the m that minimises ``sum n_k log v_k + Q_k/v_k``: between
        two neighbouring ends of clipping it is the pooled variance of those who are clipped [2]_.
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


def brought_inside(u: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """The same mixture, with SDs within a ratio.

    Parameters
    ----------
    u : array, shape (3 K - 1,)
        Coordinates.
    ratio : float
        Smallest SD over the largest, at least; 0: any.

    Returns
    -------
    array, shape (3 K - 1,)
        Coordinates; `u` itself if it is inside.
    """
    groups = (len(u) + 1) // 3
    sds = np.exp(u[2 * groups - 1 :])
    if not ratio or sds.min() >= ratio * sds.max():
        return u
    eta = np.append(u[: groups - 1], 0.0)
    shares = np.exp(eta - np.logaddexp.reduce(eta))
    variances = variances_within(shares, shares * sds**2, ratio)
    return np.concatenate([u[: 2 * groups - 1], 0.5 * np.log(variances)])
