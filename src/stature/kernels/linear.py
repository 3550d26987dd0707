"""Linear algebra of small symmetric matrices, 2 to 12 rows, inside compiled functions.

NumPy's own, called from compiled code, needs SciPy at run time, whose import alone costs more than
all the matrices of a job.
"""

import math

import numpy as np

from stature.arrays import Floats
from stature.kernels.compile import jit, jit_inside, jit_lent

MOST_ITERATIONS = 30  # of QL for an eigenvalue
MOST_SWEEPS = 50  # of Jacobi's rotations; five or six are enough
ROUNDING_SQUARED = 1e-34
EPSILON = 2.220446049250313e-16
SMALLEST_PIVOT = 1e-4  # of a matrix with a diagonal of ones


@jit_inside
def copy(source: Floats, out: Floats) -> None:
    """Copy a row.

    The compiler's own assignment to a slice brings a library of error messages into all that
    calls it; likewise other functions of arrays that a few lines replace.
    """
    for i in range(out.shape[0]):
        out[i] = source[i]


@jit_inside
def total(x: Floats) -> float:
    """Sum of the elements of a row."""
    found = 0.0
    for i in range(x.shape[0]):
        found += x[i]
    return found


@jit_inside
def span(x: Floats) -> tuple[float, float]:
    """The least and the greatest element of a row."""
    smallest = largest = x[0]
    for i in range(x.shape[0]):
        smallest, largest = min(smallest, x[i]), max(largest, x[i])
    return smallest, largest


@jit_inside
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


@jit_inside
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


@jit_lent
def solve_lifted(matrix: Floats, lower: Floats, rows: Floats, b: Floats, out: Floats) -> None:
    """Solve with a symmetric matrix whose negative curvatures are reversed [1]_.

    The matrix is scaled to a diagonal of ones and factored as ``P' L D L' P`` with the largest
    pivot next; D is then replaced by ``max(|D|, SMALLEST_PIVOT)``. What is solved with is positive
    definite, so that the solution is a direction of ascent, and is the matrix itself where that is
    so already. It does what eigenvalues would do at a tenth of their cost.

    Parameters
    ----------
    matrix : array, shape (p, p)
        The matrix; it is destroyed.
    lower, rows : array, shape (p, p) and (3, p)
        Workspace.
    b, out : array, shape (p,)
        Right-hand side, and where the solution goes.

    References
    ----------
    .. [1] Gill, Murray & Wright (1981), Practical Optimization, section 4.4.2.
    """
    p = matrix.shape[0]
    scale, y, order = rows[0], rows[1], rows[2]
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
        at = int(order[i])
        y[i] = b[at] * scale[at]
        for k in range(i):
            y[i] -= lower[i, k] * y[k]
    for i in range(p - 1, -1, -1):
        y[i] *= lower[i, i]
        for k in range(i + 1, p):
            y[i] -= lower[k, i] * y[k]
    for i in range(p):
        at = int(order[i])
        out[at] = y[i] * scale[at]


@jit_lent
def _exchange(matrix: Floats, lower: Floats, i: int, j: int) -> None:
    """Exchange two rows and columns of a matrix, and the rows of its factor so far."""
    for k in range(matrix.shape[0]):
        matrix[i, k], matrix[j, k] = matrix[j, k], matrix[i, k]
    for k in range(matrix.shape[0]):
        matrix[k, i], matrix[k, j] = matrix[k, j], matrix[k, i]
    for k in range(i):
        lower[i, k], lower[j, k] = lower[j, k], lower[i, k]


@jit_lent
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
        for _ in range(MOST_ITERATIONS):
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


@jit_lent
def diagonalise(matrix: Floats, vectors: Floats) -> None:
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
        off, diagonal = 0.0, 0.0
        for i in range(p):
            diagonal += matrix[i, i] * matrix[i, i]
            for j in range(i):
                off += matrix[i, j] * matrix[i, j]
        if not off > ROUNDING_SQUARED * diagonal:
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
    """Newton's step of a model, held to the uphill side; its gain, and bounds of eigenvalues."""
    p, q = free.shape
    own, vectors, half = np.zeros((q, q)), np.empty((q, q)), np.zeros((p, q))
    slope, along = np.zeros(q), np.empty(q)
    for b in range(q):
        for i in range(p):
            slope[b] += free[i, b] * score[i]
            for j in range(p):
                half[i, b] += matrix[i, j] * free[j, b]
    for a in range(q):
        for b in range(q):
            for i in range(p):
                own[a, b] += free[i, a] * half[i, b]
    # Eigenvalues lie between 1 / trace of the inverse and the trace. Where these tell that none is
    # to be lifted, the factor of the matrix gives the same step at a tenth of the cost.
    if factor(own, vectors):
        largest = inverse = gain = 0.0
        for a in range(q):
            largest += own[a, a]
            along[:] = 0.0
            along[a] = 1.0
            solve(vectors, along, along)
            inverse += along[a]
        if floor * largest * inverse < 1.0:
            solve(vectors, slope, along)
            for i in range(p):
                step[i] = 0.0
                for b in range(q):
                    step[i] += free[i, b] * along[b]
            for b in range(q):
                gain += slope[b] * along[b]
            return gain, 1.0 / inverse, largest
    diagonalise(own, vectors)
    smallest, largest, longest = own[0, 0], own[0, 0], 0.0
    for a in range(q):
        smallest, largest = min(smallest, own[a, a]), max(largest, own[a, a])
        longest = max(longest, abs(own[a, a]))
    step[:] = 0.0
    gain = 0.0
    for a in range(q):
        towards = 0.0
        for b in range(q):
            towards += vectors[b, a] * slope[b]
        length = towards / max(abs(own[a, a]), floor * longest)
        gain += towards * length
        for b in range(q):
            for i in range(p):
                step[i] += free[i, b] * vectors[b, a] * length
    return gain, smallest, largest
