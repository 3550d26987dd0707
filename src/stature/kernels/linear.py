"""Linear algebra of small symmetric matrices, 2 to 12 rows, inside compiled functions.

NumPy's own, called from compiled code, needs SciPy at run time, whose import alone costs more than
all the matrices of a job.
"""

import numpy as np
from numpy.typing import NDArray

from stature.kernels.compile import jit

MOST_SWEEPS = 30
EPSILON = 2.220446049250313e-16
NEGLIGIBLE = 1e-30  # squared off-diagonal norm, relative to the squared norm


@jit
def factor(matrix: NDArray[np.float64], lower: NDArray[np.float64]) -> bool:
    """Cholesky factor of a symmetric matrix.

    Parameters
    ----------
    matrix : array, shape (p, p)
        The matrix.
    lower : array, shape (p, p)
        Receives the lower triangular factor L, with ``L L' = matrix``.

    Returns
    -------
    bool
        Whether the matrix is positive definite; if not, `lower` is unfinished.
    """
    p = matrix.shape[0]
    for j in range(p):
        for i in range(j, p):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i == j:
                # Lost to rounding is as bad as negative: nothing could be solved with it.
                if not total > 1e-14 * abs(matrix[j, j]):
                    return False
                lower[j, j] = np.sqrt(total)
            else:
                lower[i, j] = total / lower[j, j]
    return True


@jit
def solve(lower: NDArray[np.float64], b: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Solve ``L L' out = b``.

    Parameters
    ----------
    lower : array, shape (p, p)
        What `factor` made.
    b, out : array, shape (p,)
        Right-hand side, and where the solution goes; may be the same array.
    """
    p = b.shape[0]
    for i in range(p):
        total = b[i]
        for k in range(i):
            total -= lower[i, k] * out[k]
        out[i] = total / lower[i, i]
    for i in range(p - 1, -1, -1):
        total = out[i]
        for k in range(i + 1, p):
            total -= lower[k, i] * out[k]
        out[i] = total / lower[i, i]


@jit
def eigen(
    matrix: NDArray[np.float64], values: NDArray[np.float64], vectors: NDArray[np.float64]
) -> None:
    """Eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations [1]_.

    Parameters
    ----------
    matrix : array, shape (p, p)
        The matrix; it is destroyed.
    values : array, shape (p,)
        Receives the eigenvalues, in no order.
    vectors : array, shape (p, p)
        Receives the eigenvectors as columns.

    References
    ----------
    .. [1] Golub & Van Loan (2013), Matrix Computations, 4th ed., algorithm 8.5.3.
    """
    p = matrix.shape[0]
    vectors[:] = 0.0
    for i in range(p):
        vectors[i, i] = 1.0
    for _ in range(MOST_SWEEPS):
        off = 0.0
        norm = 0.0
        for i in range(p):
            norm += matrix[i, i] * matrix[i, i]
            for j in range(i):
                off += matrix[i, j] * matrix[i, j]
        if off <= NEGLIGIBLE * norm:
            break
        for i in range(p - 1):
            for j in range(i + 1, p):
                if matrix[i, j] == 0.0:
                    continue
                tau = (matrix[j, j] - matrix[i, i]) / (2.0 * matrix[i, j])
                sign = 1.0 if tau >= 0.0 else -1.0
                tangent = sign / (abs(tau) + np.sqrt(1.0 + tau * tau))
                cosine = 1.0 / np.sqrt(1.0 + tangent * tangent)
                sine = tangent * cosine
                for k in range(p):
                    left, right = matrix[k, i], matrix[k, j]
                    matrix[k, i] = cosine * left - sine * right
                    matrix[k, j] = sine * left + cosine * right
                for k in range(p):
                    left, right = matrix[i, k], matrix[j, k]
                    matrix[i, k] = cosine * left - sine * right
                    matrix[j, k] = sine * left + cosine * right
                for k in range(p):
                    left, right = vectors[k, i], vectors[k, j]
                    vectors[k, i] = cosine * left - sine * right
                    vectors[k, j] = sine * left + cosine * right
    for i in range(p):
        values[i] = matrix[i, i]


@jit
def tridiagonal(
    diagonal: NDArray[np.float64], beside: NDArray[np.float64], first: NDArray[np.float64]
) -> None:
    """Eigenvalues of a symmetric tridiagonal matrix and the first entries of its eigenvectors.

    The implicit QL algorithm [1]_, which is all that a Gauss rule needs and a quarter of the work
    of full eigenvectors.

    Parameters
    ----------
    diagonal : array, shape (p,)
        The diagonal; receives the eigenvalues.
    beside : array, shape (p,)
        The entries beside it, p - 1 of them; destroyed.
    first : array, shape (p,)
        Receives the first entries of the orthonormal eigenvectors.

    References
    ----------
    .. [1] Golub & Van Loan (2013), Matrix Computations, 4th ed., section 8.3.
    """
    p = diagonal.shape[0]
    first[:] = 0.0
    first[0] = 1.0
    beside[p - 1] = 0.0
    for low in range(p):
        for _ in range(MOST_SWEEPS):
            high = low
            while high < p - 1:
                size = abs(diagonal[high]) + abs(diagonal[high + 1])
                if abs(beside[high]) <= EPSILON * size:
                    break
                high += 1
            if high == low:
                break
            # Wilkinson's shift, then a bulge is chased from the bottom to the top.
            g = (diagonal[low + 1] - diagonal[low]) / (2.0 * beside[low])
            root = np.sqrt(g * g + 1.0)
            g = diagonal[high] - diagonal[low] + beside[low] / (g + (root if g >= 0.0 else -root))
            sine, cosine, shift = 1.0, 1.0, 0.0
            split = False
            for i in range(high - 1, low - 1, -1):
                f, b = sine * beside[i], cosine * beside[i]
                r = np.sqrt(f * f + g * g)
                beside[i + 1] = r
                if r == 0.0:
                    diagonal[i + 1] -= shift
                    beside[high] = 0.0
                    split = True
                    break
                sine, cosine = f / r, g / r
                g = diagonal[i + 1] - shift
                r = (diagonal[i] - g) * sine + 2.0 * cosine * b
                shift = sine * r
                diagonal[i + 1] = g + shift
                g = cosine * r - b
                right = first[i + 1]
                first[i + 1] = sine * first[i] + cosine * right
                first[i] = cosine * first[i] - sine * right
            if not split:
                diagonal[low] -= shift
                beside[low] = g
                beside[high] = 0.0
