"""Linear algebra of small symmetric matrices, 2 to 12 rows, inside compiled functions.

NumPy's own, called from compiled code, needs SciPy at run time, whose import alone costs more than
all the matrices of a job.
"""

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit

MOST_SWEEPS = 30
EPSILON = 2.220446049250313e-16
SMALLEST_PIVOT = 1e-4  # of a matrix with a diagonal of ones


@jit
def factor(matrix: Floats, lower: Floats) -> bool:
    """Cholesky factor of a symmetric matrix.

    Whether the matrix is positive definite; if not, `lower` is unfinished.
    """
    p = matrix.shape[0]
    for j in range(p):
        pivot = matrix[j, j]
        for k in range(j):
            pivot -= lower[j, k] * lower[j, k]
        # Lost to rounding is as bad as negative: nothing could be solved with it.
        if not pivot > 1e-14 * abs(matrix[j, j]):
            return False
        reciprocal = 1.0 / np.sqrt(pivot)
        lower[j, j] = reciprocal
        for i in range(j + 1, p):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            lower[i, j] = total * reciprocal
    return True


@jit
def solve(lower: Floats, b: Floats, out: Floats) -> None:
    """Solve ``L L' out = b``."""
    p = b.shape[0]
    for i in range(p):
        total = b[i]
        for k in range(i):
            total -= lower[i, k] * out[k]
        out[i] = total * lower[i, i]
    for i in range(p - 1, -1, -1):
        total = out[i]
        for k in range(i + 1, p):
            total -= lower[k, i] * out[k]
        out[i] = total * lower[i, i]


@jit
def solve_lifted(matrix: Floats, lower: Floats, b: Floats, out: Floats) -> None:
    """Solve with a symmetric matrix whose negative curvatures are reversed [1]_.

    The matrix is scaled to a diagonal of ones and factored as ``P' L D L' P`` with the largest
    pivot next; D is then replaced by ``max(|D|, SMALLEST_PIVOT)``. What is solved with is positive
    definite, so that the solution is a direction of ascent, and is the matrix itself where that is
    so already. It does what eigenvalues would do at a tenth of their cost.

    Parameters
    ----------
    matrix : array, shape (p, p)
        The matrix; it is destroyed.
    lower : array, shape (p, p)
        Room to work in.
    b, out : array, shape (p,)
        Right-hand side, and where the solution goes.

    References
    ----------
    .. [1] Gill, Murray & Wright (1981), Practical Optimization, section 4.4.2.
    """
    p = matrix.shape[0]
    scale, y, order = np.empty(p), np.empty(p), np.empty(p, np.int64)
    for i in range(p):
        size = abs(matrix[i, i])
        scale[i] = 1.0 / np.sqrt(size) if size > 0.0 else 1.0
        order[i] = i
    for i in range(p):
        for j in range(p):
            matrix[i, j] *= scale[i] * scale[j]
    for j in range(p):
        best = j
        for i in range(j + 1, p):
            if matrix[i, i] > matrix[best, best]:
                best = i
        if best != j:
            _exchange(matrix, lower, j, best)
            order[j], order[best] = order[best], order[j]
        pivot = max(abs(matrix[j, j]), SMALLEST_PIVOT)
        lower[j, j] = 1.0 / pivot
        for i in range(j + 1, p):
            lower[i, j] = matrix[i, j] * lower[j, j]
            for k in range(j + 1, i + 1):
                matrix[i, k] -= lower[i, j] * pivot * lower[k, j]
                matrix[k, i] = matrix[i, k]
    for i in range(p):
        y[i] = b[order[i]] * scale[order[i]]
        for k in range(i):
            y[i] -= lower[i, k] * y[k]
    for i in range(p - 1, -1, -1):
        y[i] *= lower[i, i]
        for k in range(i + 1, p):
            y[i] -= lower[k, i] * y[k]
    for i in range(p):
        out[order[i]] = y[i] * scale[order[i]]


@jit
def _exchange(matrix: Floats, lower: Floats, i: int, j: int) -> None:
    """Exchange two rows and columns of a matrix, and the rows of its factor so far."""
    for k in range(matrix.shape[0]):
        matrix[i, k], matrix[j, k] = matrix[j, k], matrix[i, k]
    for k in range(matrix.shape[0]):
        matrix[k, i], matrix[k, j] = matrix[k, j], matrix[k, i]
    for k in range(i):
        lower[i, k], lower[j, k] = lower[j, k], lower[i, k]


@jit
def tridiagonal(diagonal: Floats, beside: Floats, first: Floats) -> None:
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
