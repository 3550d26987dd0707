"""Gauss rules of many cells at once: four nodes that keep the first eight moments of each.

Legend: y place in the cell, from -1 to 1; nu its moments against monic Legendre polynomials; alpha
and beta the recurrence of the monic polynomials p that are orthogonal on the observations of the
cell. Cells lie side by side in the rows of a table, so that every line serves many of them at a
time. Each comes out the same to the last bit whatever its neighbours are.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from stature.arrays import Floats
from stature.kernels.compile import jit, jit_inside
from stature.kernels.linear import tridiagonal

MOMENTS = 8
BYTES = 8  # alignment of a row of moments: that of its numbers
NODES_PER_CELL = MOMENTS // 2
LANES = 16  # cells in a table
# A norm that is lost to rounding: the cell's measure has fewer points than nodes.
NEGLIGIBLE_NORM = 1e-13
MOST_ITERATIONS = 24
CUBED_IS_ROUNDING = 1e-6  # an iteration that moves no root by more leaves them right to rounding
# Rules whose weights miss the mass by more, for roots that are close, are found again, more slowly.
LARGEST_LOSS = 1e-13
OUTER, INNER = 1.35, 0.45  # four equidistant points of variance 1: where the search begins
# Rows of a table; the moments are overwritten.
MOMENT, ALPHA, BETA, ROOT, STATE, WEIGHT = 0, 8, 12, 16, 20, 21
ROWS = 25
AT_WORK, DONE, LEFT = 0.0, 1.0, 2.0
# b_m = m^2 / (4 m^2 - 1) of the monic Legendre polynomials.
B1, B2, B3, B4, B5, B6 = 1 / 3, 4 / 15, 9 / 35, 16 / 63, 25 / 99, 36 / 143


def _add_moments(typingctx: Any, table: Any, row: Any, y: Any, w: Any) -> Any:
    """Implementation of `add_moments`.

    The compiler adds eight numbers to a row one by one; as one vector they take as long as one
    number on a machine that has such vectors, and are right on every other.
    """
    vector, index = ir.VectorType(ir.DoubleType(), MOMENTS), ir.IntType(32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, place, y1, weight = args
        data = context.make_array(signature.args[0])(context, builder, array).data
        first = builder.gep(data, [builder.mul(place, ir.Constant(place.type, MOMENTS))])
        address = builder.bitcast(first, vector.as_pointer())

        def everywhere(value: Any) -> Any:
            nothing = ir.Constant(vector, ir.Undefined)
            alone = builder.insert_element(nothing, value, ir.Constant(index, 0))
            zeros = ir.Constant(ir.VectorType(index, MOMENTS), [0] * MOMENTS)
            return builder.shuffle_vector(alone, nothing, zeros)

        def where(bit: int, value: Any) -> Any:
            """The value in the powers whose number has the bit, 1 in the others."""
            bits = [int(bool(m & bit)) for m in range(MOMENTS)]
            mask = ir.Constant(ir.VectorType(ir.IntType(1), MOMENTS), bits)
            ones = ir.Constant(vector, [1.0] * MOMENTS)
            return builder.select(mask, everywhere(value), ones)

        y2 = builder.fmul(y1, y1)
        y4 = builder.fmul(y2, y2)
        low = builder.fmul(where(1, y1), where(2, y2))
        powers = builder.fmul(low, builder.fmul(where(4, y4), everywhere(weight)))
        before = builder.load(address)
        before.align = BYTES
        builder.store(builder.fadd(before, powers), address).align = BYTES
        return context.get_dummy_value()

    return types.void(table, types.int64, types.float64, types.float64), generate


# `add_moments(table, row, y, w)` adds ``w y^m`` to ``table[row, m]``, m = 0..7; the table is
# C-contiguous with eight columns. Inside compiled functions only.
add_moments = cast(Callable[[Floats, int, float, float], None], intrinsic(_add_moments))


@jit
def make_table() -> Floats:
    """Table for the rules of `LANES` cells, shape (ROWS * LANES,)."""
    return np.empty(ROWS * LANES)


@jit
def gauss_rules(table: Floats, count: int) -> None:
    """Nodes and weights of the cells of a table.

    Cost: about 40 ns a cell; ten times as much for one of which two nodes nearly coincide.
    """
    for lane in range(count, LANES):  # empty: an even measure, for which nothing waits
        for m in range(MOMENTS):
            table[(MOMENT + m) * LANES + lane] = 0.0 if m % 2 else 1.0 / (m + 1.0)
    _recurrences(table)
    for _ in range(MOST_ITERATIONS):
        if _improve(table) == 0.0:
            break
    _weights(table)
    for lane in range(count):
        if table[STATE * LANES + lane] != DONE:
            _slow_rule(table, lane)


@jit
def _recurrences(table: Floats) -> None:
    """Alpha and beta by the modified Chebyshev algorithm [1]_, and where the search begins.

    s_kl is the integral of p_k against the monic Legendre polynomial of degree l.

    References
    ----------
    .. [1] Gautschi (2004), Orthogonal Polynomials, algorithm 2.1.
    """
    for i in range(LANES):
        n0, n1 = table[i], table[LANES + i]
        m2, m3 = table[2 * LANES + i], table[3 * LANES + i]
        m4, m5 = table[4 * LANES + i], table[5 * LANES + i]
        m6, m7 = table[6 * LANES + i], table[7 * LANES + i]
        n2 = m2 - n0 / 3.0
        n3 = m3 - n1 * (3.0 / 5.0)
        n4 = m4 - m2 * (6.0 / 7.0) + n0 * (3.0 / 35.0)
        n5 = m5 - m3 * (10.0 / 9.0) + n1 * (5.0 / 21.0)
        n6 = m6 - m4 * (15.0 / 11.0) + m2 * (5.0 / 11.0) - n0 * (5.0 / 231.0)
        n7 = m7 - m5 * (21.0 / 13.0) + m3 * (105.0 / 143.0) - n1 * (35.0 / 429.0)
        a0 = n1 / n0
        s11 = n2 - a0 * n1 + B1 * n0
        s12 = n3 - a0 * n2 + B2 * n1
        s13 = n4 - a0 * n3 + B3 * n2
        s14 = n5 - a0 * n4 + B4 * n3
        s15 = n6 - a0 * n5 + B5 * n4
        s16 = n7 - a0 * n6 + B6 * n5
        b1 = s11 / n0
        r1 = s12 / s11
        a1 = r1 - a0
        s22 = s13 - a1 * s12 - b1 * n2 + B2 * s11
        s23 = s14 - a1 * s13 - b1 * n3 + B3 * s12
        s24 = s15 - a1 * s14 - b1 * n4 + B4 * s13
        s25 = s16 - a1 * s15 - b1 * n5 + B5 * s14
        b2 = s22 / s11
        r2 = s23 / s22
        a2 = r2 - r1
        s33 = s24 - a2 * s23 - b2 * s13 + B3 * s22
        s34 = s25 - a2 * s24 - b2 * s14 + B4 * s23
        b3 = s33 / s22
        a3 = s34 / s33 - r2
        smallest = min(s11, min(s22, s33))
        table[ALPHA * LANES + i] = a0
        table[(ALPHA + 1) * LANES + i] = a1
        table[(ALPHA + 2) * LANES + i] = a2
        table[(ALPHA + 3) * LANES + i] = a3
        table[(BETA + 1) * LANES + i] = b1
        table[(BETA + 2) * LANES + i] = b2
        table[(BETA + 3) * LANES + i] = b3
        # Mean and mean square of the roots: trace and squared norm of the Jacobi matrix.
        mean = 0.25 * (a0 + a1 + a2 + a3)
        square = 0.25 * (a0 * a0 + a1 * a1 + a2 * a2 + a3 * a3 + 2.0 * (b1 + b2 + b3))
        spread = np.sqrt(max(square - mean * mean, 0.0))
        table[ROOT * LANES + i] = mean - OUTER * spread
        table[(ROOT + 1) * LANES + i] = mean - INNER * spread
        table[(ROOT + 2) * LANES + i] = mean + INNER * spread
        table[(ROOT + 3) * LANES + i] = mean + OUTER * spread
        table[STATE * LANES + i] = AT_WORK if smallest > NEGLIGIBLE_NORM * n0 else LEFT


@jit_inside
def _four(table: Floats, row: int, lane: int) -> tuple[float, float, float, float]:
    """Four rows of a cell, from one on; the first of `BETA` has no meaning."""
    at = row * LANES + lane
    return table[at], table[at + LANES], table[at + 2 * LANES], table[at + 3 * LANES]


@jit_inside
def _correction(
    y: float,
    others: tuple[float, float, float],
    alpha: tuple[float, float, float, float],
    beta: tuple[float, float, float, float],
) -> float:
    """Ehrlich's correction to a root of p_4, given the three others: Newton's, deflated [1]_.

    References
    ----------
    .. [1] Ehrlich (1967), A modified Newton method for polynomials, Comm. ACM 10:107.
    """
    d0, d1, d2, d3 = y - alpha[0], y - alpha[1], y - alpha[2], y - alpha[3]
    p2 = d1 * d0 - beta[1]
    slope2 = d1 + d0
    p3 = d2 * p2 - beta[2] * d0
    slope3 = p2 + d2 * slope2 - beta[2]
    p4 = d3 * p3 - beta[3] * p2
    slope4 = p3 + d3 * slope3 - beta[3] * slope2
    u, v, w = y - others[0], y - others[1], y - others[2]
    product = u * v * w
    return p4 * product / (slope4 * product - p4 * (u * v + u * w + v * w))


@jit
def _improve(table: Floats) -> float:
    """One step of all roots of the cells at work; how many are still at work after it."""
    left = 0.0
    for i in range(LANES):
        alpha, beta = _four(table, ALPHA, i), _four(table, BETA, i)
        y0, y1, y2, y3 = _four(table, ROOT, i)
        c0 = _correction(y0, (y1, y2, y3), alpha, beta)
        c1 = _correction(y1, (y0, y2, y3), alpha, beta)
        c2 = _correction(y2, (y0, y1, y3), alpha, beta)
        c3 = _correction(y3, (y0, y1, y2), alpha, beta)
        state = table[STATE * LANES + i]
        at_work = state == AT_WORK
        table[ROOT * LANES + i] = y0 - c0 if at_work else y0
        table[(ROOT + 1) * LANES + i] = y1 - c1 if at_work else y1
        table[(ROOT + 2) * LANES + i] = y2 - c2 if at_work else y2
        table[(ROOT + 3) * LANES + i] = y3 - c3 if at_work else y3
        size = max(max(abs(c0), abs(c1)), max(abs(c2), abs(c3)))
        state = DONE if at_work and size < CUBED_IS_ROUNDING else state
        table[STATE * LANES + i] = state
    for i in range(LANES):
        left += 1.0 if table[STATE * LANES + i] == AT_WORK else 0.0
    return left


@jit_inside
def _weight(
    y: float,
    mass: float,
    alpha: tuple[float, float, float, float],
    beta: tuple[float, float, float, float],
) -> float:
    """Christoffel number of a root: mass over the sum of squares of the orthonormal p_k."""
    d0 = y - alpha[0]
    p2 = (y - alpha[1]) * d0 - beta[1]
    p3 = (y - alpha[2]) * p2 - beta[2] * d0
    norm2 = beta[1] * beta[2]
    return mass / (1.0 + d0 * d0 / beta[1] + p2 * p2 / norm2 + p3 * p3 / (norm2 * beta[3]))


@jit
def _weights(table: Floats) -> None:
    """Weights of all cells; those that are wrong, for roots too close to tell apart, are left."""
    for i in range(LANES):
        alpha, beta = _four(table, ALPHA, i), _four(table, BETA, i)
        mass = table[MOMENT * LANES + i]
        y0, y1, y2, y3 = _four(table, ROOT, i)
        w0, w1 = _weight(y0, mass, alpha, beta), _weight(y1, mass, alpha, beta)
        w2, w3 = _weight(y2, mass, alpha, beta), _weight(y3, mass, alpha, beta)
        table[WEIGHT * LANES + i] = w0
        table[(WEIGHT + 1) * LANES + i] = w1
        table[(WEIGHT + 2) * LANES + i] = w2
        table[(WEIGHT + 3) * LANES + i] = w3
        farthest = max(max(abs(y0), abs(y1)), max(abs(y2), abs(y3)))
        good = abs(w0 + w1 + w2 + w3 - mass) <= LARGEST_LOSS * mass and farthest <= 1.0
        state = table[STATE * LANES + i]
        table[STATE * LANES + i] = state if good else LEFT


@jit
def _slow_rule(table: Floats, lane: int) -> None:
    """The rule of one cell by eigenvalues of its Jacobi matrix, however close they are [1]_.

    References
    ----------
    .. [1] Golub & Welsch (1969), Calculation of Gauss quadrature rules, Math. Comp. 23:221.
    """
    diagonal, beside = np.empty(NODES_PER_CELL), np.empty(NODES_PER_CELL)
    first = np.empty(NODES_PER_CELL)
    mass = table[MOMENT * LANES + lane]
    nodes = 0
    norm = 1.0
    while nodes < NODES_PER_CELL:
        if nodes > 0:
            beta = table[(BETA + nodes) * LANES + lane]
            norm *= beta
            if not norm > NEGLIGIBLE_NORM:
                break
            beside[nodes - 1] = np.sqrt(beta)
        diagonal[nodes] = table[(ALPHA + nodes) * LANES + lane]
        nodes += 1
    tridiagonal(diagonal[:nodes], beside[:nodes], first[:nodes])
    for j in range(NODES_PER_CELL):
        there = j < nodes
        place = diagonal[j] if there else 0.0
        table[(ROOT + j) * LANES + lane] = min(max(place, -1.0), 1.0)
        table[(WEIGHT + j) * LANES + lane] = mass * first[j] * first[j] if there else 0.0
