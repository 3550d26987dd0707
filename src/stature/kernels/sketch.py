"""The lossless sketch: a sample of any size as a few hundred weighted nodes.

All that EM, Newton and the information need from the data are sums of functions that are analytic
near the real line. Replacing the people of a narrow cell by the p-point Gauss rule of their
empirical measure leaves such sums as they are, to about ``rho**(-2 p)``: the rule is exact for
polynomials of degree 2 p - 1, its weights are positive and its nodes lie inside the cell. A cell
with at most p distinct heights keeps them, with their counts, so rounded data lose nothing at all.

Cells lie at multiples of their width, whatever the sample, so that sketches merge; the moments of a
cell only ever grow, so that the sketch of a longer prefix continues that of a shorter one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stature.kernels.compile import jit
from stature.kernels.linear import tridiagonal
from stature.kernels.sums import BLOCK

NODES_PER_CELL = 4
MOMENTS = 2 * NODES_PER_CELL
# A moment that is lost to rounding: the cell's measure has fewer points than nodes.
NEGLIGIBLE_NORM = 1e-13
# The largest relative error that a sketch may have, and the least SD in widths of a cell.
LARGEST_ERROR = 1e-10
FEWEST_WIDTHS = 2.0


class Cells(NamedTuple):
    """Cells of a sketch in progress.

    `lowest` is the number of the first cell: cell j covers ``[(lowest + j) width, + width)``.
    `distinct` counts the heights kept, and is `NODES_PER_CELL` + 1 when there were more.
    """

    width: float
    lowest: int
    moments: NDArray[np.float64]
    kept: NDArray[np.float64]
    counts: NDArray[np.float64]
    distinct: NDArray[np.int64]


@jit
def empty_cells(smallest: float, largest: float, width: float) -> Cells:
    """Cells of a width that cover an interval, with nobody in them.

    Parameters
    ----------
    smallest, largest : float
        The interval.
    width : float
        Width of a cell, in the units of the heights.

    Returns
    -------
    Cells
        Empty cells.
    """
    lowest = int(np.floor(smallest / width))
    number = int(np.floor(largest / width)) - lowest + 1
    return Cells(
        width,
        lowest,
        np.zeros((number, MOMENTS)),
        np.zeros((number, NODES_PER_CELL)),
        np.zeros((number, NODES_PER_CELL)),
        np.zeros(number, np.int64),
    )


@jit
def add_people(cells: Cells, x: NDArray[np.float64], w: NDArray[np.float64]) -> None:
    """Add people to their cells: Legendre moments, and the first few distinct heights.

    Parameters
    ----------
    cells : Cells
        Grows in place.
    x, w : array, shape (n,)
        Heights inside the cells, and weights. Cost about 10 ns a person.
    """
    legendre = np.empty((MOMENTS, BLOCK))
    cell = np.empty(BLOCK, np.int64)
    for first in range(0, x.shape[0], BLOCK):
        last = min(first + BLOCK, x.shape[0])
        n = last - first
        _find_cells(x[first:last], cells.width, cells.lowest, cell, legendre[1])
        _legendre(w[first:last], legendre)
        for i in range(n):
            moments = cells.moments[cell[i]]
            for m in range(MOMENTS):
                moments[m] += legendre[m, i]
        for i in range(n):
            if cells.distinct[cell[i]] <= NODES_PER_CELL:
                _keep(cells, cell[i], x[first + i], w[first + i])


@jit
def _find_cells(
    x: NDArray[np.float64],
    width: float,
    lowest: int,
    cell: NDArray[np.int64],
    y: NDArray[np.float64],
) -> None:
    """Numbers of the cells of a block of people, and their places in them, from -1 to 1."""
    for i in range(x.shape[0]):
        # The width is a power of 2: the quotient is exact.
        place = x[i] / width
        number = np.floor(place)
        cell[i] = int(number) - lowest
        y[i] = 2.0 * (place - number) - 1.0


@jit
def _legendre(w: NDArray[np.float64], legendre: NDArray[np.float64]) -> None:
    """Weighted Legendre polynomials of a block, from its row 1 that holds y; a row each."""
    n = w.shape[0]
    for i in range(n):
        y = legendre[1, i]
        before, here = 1.0, y
        legendre[0, i] = w[i]
        legendre[1, i] = w[i] * y
        for m in range(1, MOMENTS - 1):
            # (m + 1) P_{m+1} = (2 m + 1) y P_m - m P_{m-1}
            above = ((2 * m + 1) / (m + 1)) * y * here - (m / (m + 1)) * before
            legendre[m + 1, i] = w[i] * above
            before, here = here, above


@jit
def _keep(cells: Cells, cell: int, x: float, w: float) -> None:
    """Keep a height among the first distinct ones of its cell."""
    known = cells.distinct[cell]
    for j in range(known):
        if cells.kept[cell, j] == x:
            cells.counts[cell, j] += w
            return
    if known < NODES_PER_CELL:
        cells.kept[cell, known] = x
        cells.counts[cell, known] = w
    cells.distinct[cell] = known + 1


@jit
def write_nodes(cells: Cells, x: NDArray[np.float64], w: NDArray[np.float64]) -> int:
    """Write the nodes and weights of all cells.

    Parameters
    ----------
    cells : Cells
        What `add_people` filled.
    x, w : array, shape (cells * NODES_PER_CELL,)
        Receive nodes and weights.

    Returns
    -------
    int
        Number of nodes written.
    """
    written = 0
    diagonal, beside = np.empty(NODES_PER_CELL), np.empty(NODES_PER_CELL)
    first = np.empty(NODES_PER_CELL)
    rows = np.empty((3, MOMENTS))
    for cell in range(cells.distinct.shape[0]):
        kept = cells.distinct[cell]
        if kept <= NODES_PER_CELL:
            for j in range(kept):
                x[written], w[written] = cells.kept[cell, j], cells.counts[cell, j]
                written += 1
            continue
        nodes = _recurrence(cells.moments[cell], diagonal, beside, rows)
        # Golub & Welsch: nodes are eigenvalues, weights the squared first components.
        tridiagonal(diagonal[:nodes], beside[:nodes], first[:nodes])
        left = (cells.lowest + cell) * cells.width
        for j in range(nodes):
            x[written] = left + 0.5 * (diagonal[j] + 1.0) * cells.width
            w[written] = cells.moments[cell, 0] * first[j] * first[j]
            written += 1
    return written


@jit
def _recurrence(
    moments: NDArray[np.float64],
    diagonal: NDArray[np.float64],
    beside: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> int:
    """Jacobi matrix of a measure from its Legendre moments; returns its number of rows.

    Modified Chebyshev algorithm [1]_, with the moments rescaled to monic Legendre polynomials.
    `beside` receives the square roots of the beta_k, its entry k - 1 beside the diagonal k.

    References
    ----------
    .. [1] Gautschi (2004), Orthogonal Polynomials, algorithm 2.1.
    """
    last, here, above = rows[0], rows[1], rows[2]
    scale = 1.0
    for m in range(MOMENTS):
        if m > 0:
            scale *= m / (2.0 * m - 1.0)
        last[m] = 0.0
        here[m] = moments[m] * scale
    mass = here[0]
    diagonal[0] = here[1] / here[0]
    beta = 0.0  # multiplies the row of zeros at first
    for k in range(1, NODES_PER_CELL):
        for m in range(k, 2 * NODES_PER_CELL - k):
            b = m * m / (4.0 * m * m - 1.0)
            above[m] = here[m + 1] - diagonal[k - 1] * here[m] - beta * last[m] + b * here[m - 1]
        if above[k] <= NEGLIGIBLE_NORM * mass:
            return k
        diagonal[k] = above[k + 1] / above[k] - here[k] / here[k - 1]
        beta = above[k] / here[k - 1]
        beside[k - 1] = np.sqrt(beta)
        last, here, above = here, above, last
    return NODES_PER_CELL


@jit
def is_valid(theta: NDArray[np.float64], width: float, smallest: float, largest: float) -> bool:
    """Whether a sketch serves at these parameters: the guard.

    Parameters
    ----------
    theta : array, shape (3 k,)
        Shares, means and SDs.
    width : float
        Width of the cells, in the units of theta.
    smallest, largest : float
        Range of the heights, in the units of theta.

    Returns
    -------
    bool
        Whether cells are at most half the least SD wide, and the error ``rho**(-2 p)`` is at most
        1e-10, with ``rho = q + sqrt(q^2 + 1)``, ``q = 2 R / width`` and R the distance from the
        data to the nearest zero of the density in the complex plane (over pairs of groups).
    """
    groups = theta.shape[0] // 3
    for k in range(groups):
        if not theta[2 * groups + k] >= FEWEST_WIDTHS * width:
            return False
    enough = LARGEST_ERROR ** (-1.0 / (2 * NODES_PER_CELL))
    nearest = 0.25 * width * (enough - 1.0 / enough)  # R at which rho is just enough
    for k in range(groups):
        for other in range(k):
            if _zero_within(theta, k, other, nearest, smallest, largest):
                return False
    return True


@jit
def _zero_within(
    theta: NDArray[np.float64], k: int, other: int, nearest: float, smallest: float, largest: float
) -> bool:
    """Whether ``pi_k f_k + pi_l f_l`` has a zero over the data and closer to them than R.

    Its zeros are where the log-odds ``c x^2 + b x + a`` equal an odd multiple of i pi.
    """
    groups = theta.shape[0] // 3
    mu1, mu2 = theta[groups + k], theta[groups + other]
    sd1, sd2 = theta[2 * groups + k], theta[2 * groups + other]
    v1, v2 = sd1 * sd1, sd2 * sd2
    a = np.log(theta[k] / theta[other]) + np.log(sd2 / sd1)
    a += 0.5 * (mu2 * mu2 / v2 - mu1 * mu1 / v1)
    b = mu1 / v1 - mu2 / v2
    c = 0.5 * (1.0 / v2 - 1.0 / v1)
    if abs(c) * (largest - smallest) < 1e-9 * abs(b):  # equal SDs: zeros at i pi / b
        return bool(np.pi < nearest * abs(b))
    # Only zeros near the data count, and these have small multiples; the spacing of far ones grows
    # like the square root, so a few suffice.
    for odd in range(1, 40, 2):
        discriminant = np.sqrt(complex(b * b - 4.0 * c * a, 4.0 * c * np.pi * odd))
        for sign in (-1.0, 1.0):
            root = (-b + sign * discriminant) / (2.0 * c)
            if abs(root.imag) < nearest and smallest - nearest < root.real < largest + nearest:
                return True
    return False
