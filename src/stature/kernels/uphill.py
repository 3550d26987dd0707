"""Steps of Newton's method that go uphill, whatever the information.

Legend: p coordinates, q of them a model's own; a, b rows of a small matrix in its own coordinates,
i, j in all; c, s, t cosine, sine and tangent of a rotation.
"""

import math

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit

MOST_SWEEPS = 50  # of Jacobi's rotations; five or six are enough
ROUNDING_SQUARED = 1e-34


@jit
def extremes(u: Floats) -> tuple[float, float, float, float]:
    """How far a mixture is from the edges of the parameter space."""
    groups = (u.shape[0] + 1) // 3
    top, low, total = 0.0, 0.0, 0.0
    for k in range(groups - 1):
        top, low = max(top, u[k]), min(low, u[k])
    for k in range(groups):
        total += math.exp((u[k] if k < groups - 1 else 0.0) - top)
    narrow, wide, far = np.inf, -np.inf, 0.0
    for k in range(groups):
        far = max(far, abs(float(u[groups - 1 + k])))
        lam = u[2 * groups - 1 + k]
        narrow, wide = min(narrow, lam), max(wide, lam)
    return math.exp(low - top) / total, math.exp(narrow), math.exp(wide), far


@jit
def turn_to_zero(matrix: Floats, vectors: Floats) -> None:
    """Find eigenvalues and vectors of a symmetric matrix by Jacobi's rotations [1]_.

    Parameters
    ----------
    matrix : array, shape (p, p)
        The matrix; its diagonal becomes the eigenvalues.
    vectors : array, shape (p, p)
        Receives the eigenvectors, as columns.

    References
    ----------
    .. [1] Golub & Van Loan (2013), Matrix Computations, 4th ed., 8.5.
    """
    p = matrix.shape[0]
    vectors[:] = 0.0
    for i in range(p):
        vectors[i, i] = 1.0
    for _ in range(MOST_SWEEPS):
        off, whole = 0.0, 0.0
        for i in range(p):
            whole += matrix[i, i] * matrix[i, i]
            for j in range(i):
                off += matrix[i, j] * matrix[i, j]
        if not off > ROUNDING_SQUARED * whole:
            return
        for i in range(1, p):
            for j in range(i):
                if matrix[i, j] == 0.0:
                    continue
                tau = (matrix[i, i] - matrix[j, j]) / (2.0 * matrix[i, j])
                sign = 1.0 if tau >= 0.0 else -1.0
                t = sign / (abs(tau) + math.sqrt(1.0 + tau * tau))
                c = 1.0 / math.sqrt(1.0 + t * t)
                s = t * c
                for k in range(p):
                    a, b = matrix[k, j], matrix[k, i]
                    matrix[k, j], matrix[k, i] = c * a - s * b, s * a + c * b
                for k in range(p):
                    a, b = matrix[j, k], matrix[i, k]
                    matrix[j, k], matrix[i, k] = c * a - s * b, s * a + c * b
                    a, b = vectors[k, j], vectors[k, i]
                    vectors[k, j], vectors[k, i] = c * a - s * b, s * a + c * b


@jit
def uphill(
    free: Floats, score: Floats, matrix: Floats, floor: float, step: Floats
) -> tuple[float, float, float]:
    """Newton's step of a model, held to the uphill side."""
    p, q = free.shape
    own, vectors = np.zeros((q, q)), np.empty((q, q))
    for a in range(q):
        for b in range(q):
            for i in range(p):
                for j in range(p):
                    own[a, b] += free[i, a] * matrix[i, j] * free[j, b]
    turn_to_zero(own, vectors)
    smallest, largest, longest = own[0, 0], own[0, 0], 0.0
    for a in range(q):
        smallest, largest = min(smallest, own[a, a]), max(largest, own[a, a])
        longest = max(longest, abs(own[a, a]))
    step[:] = 0.0
    gain = 0.0
    for a in range(q):
        along = 0.0
        for b in range(q):
            for i in range(p):
                along += vectors[b, a] * free[i, b] * score[i]
        length = along / max(abs(own[a, a]), floor * longest)
        gain += along * length
        for b in range(q):
            for i in range(p):
                step[i] += free[i, b] * vectors[b, a] * length
    return gain, smallest, largest
