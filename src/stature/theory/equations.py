"""Estimating equations: the spread and bias of the estimator that solves them.

An estimator is the root of a sum over people of some function of theirs, mostly a score. At the
root of its mean over an infinite sample, the limit, the first terms of spread and bias are known.

References
----------
.. [1] White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50.
.. [2] Rilstone, Srivastava & Ullah (1996), The second-order bias and mean squared error of
   nonlinear estimators, J. Econometrics 75:369, proposition 3.2; Cox & Snell (1968).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.theory.likelihood import parameter_jacobian
from stature.theory.newton import by_coordinate

STEP = 1e-3  # of central differences; what they miss is 1e-6 of a bias

AtCoordinates = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Equations:
    """Estimating equations at their root."""

    # shape (3 K - 1,): coordinates of the limit, in the units of the sample
    root: Floats
    # shape (3 K - 1, p): the matrix J of the coordinates that are estimated
    free: Floats
    # shape (s, m): probability that a person is of each stratum and row
    strata: Floats
    # shape (s,): probability of each stratum, with people whose function is zero
    people: Floats
    # the function of one person of each row, shape (m, p), at some coordinates
    scores: AtCoordinates
    # minus the derivatives of its mean in the free coordinates, shape (p, p)
    information: AtCoordinates
    mixture_cm: Callable[[Floats], Mixture]  # the mixture in cm at some coordinates
    scale_cm: float  # the unit of the sample in cm


def covariance_times_size(equations: Equations) -> Floats:
    """Covariance of an estimator around its limit, times n, shape (4 K - 1, 4 K - 1).

    In the order of `parameter_rows`; zero for known ones. The sandwich ``A^-1 B A^-1'`` [1]_, A the
    information and B the variance of the scores within strata, whose numbers of people are fixed:
    ``B = E[s s'] - sum m m' / P``, with m the sum of the scores of a stratum and P its probability
    (derived).
    """
    influence = _influence(equations)
    slopes = _parameter_slopes(equations, equations.root) @ equations.free
    return slopes @ _covariance(equations, influence, influence) @ slopes.T


def bias_times_size(equations: Equations) -> Floats:
    """First term of the bias of an estimator about its limit, times n, shape (4 K - 1,).

    In the order of `parameter_rows`. With s the score of a person, A the information, Q = A^-1, and
    C the covariance of Q s,

    ``n bias(u) = Q (E[(D s) Q s] + sum_jk C_jk E[D_jk s] / 2)``,

    and ``n bias(g) = g' n bias(u) + sum_jk C_jk g''_jk / 2`` for a parameter g(u) [2]_. Means of
    products are covariances within strata.
    """
    root, free = equations.root, equations.free
    influence = _influence(equations)
    spread = _covariance(equations, influence, influence)
    pull = np.zeros(free.shape[1])
    for j, direction in enumerate(free.T):
        slope = _difference(equations.scores, root, direction)
        pull += _covariance(equations, slope, influence[:, [j]])[:, 0]
        pull -= 0.5 * _difference(equations.information, root, direction) @ spread[j]
    own = free @ np.linalg.solve(equations.information(root), pull)
    bias = _parameter_slopes(equations, root) @ own
    full = free @ spread @ free.T
    for j, direction in enumerate(np.eye(len(root))):
        bend = _difference(lambda u: _parameter_slopes(equations, u), root, direction)
        bias += 0.5 * bend @ full[j]
    return bias


def _influence(equations: Equations) -> Floats:
    """By how much one person of each row moves the estimate, times n, shape (m, p)."""
    information = equations.information(equations.root)
    scores = equations.scores(equations.root)
    return scores @ np.linalg.inv(information).T


def _covariance(equations: Equations, a: Floats, b: Floats) -> Floats:
    """Covariance within strata of two functions of a person, of shapes (m, p) and (m, q)."""
    means_a, means_b = equations.strata @ a, equations.strata @ b
    products = (equations.strata.sum(axis=0)[:, None] * a).T @ b
    return products - means_a.T @ (means_b / equations.people[:, None])


def _parameter_slopes(equations: Equations, u: Floats) -> Floats:
    """Derivatives of the parameters in cm with respect to the coordinates."""
    groups = (len(u) + 1) // 3
    unit = by_coordinate(groups, 1.0, equations.scale_cm, 1.0)
    return parameter_jacobian(equations.mixture_cm(u)) * unit


def _difference(function: AtCoordinates, u: Floats, direction: Floats) -> Floats:
    """Derivative of a function along a direction, by central differences."""
    up, down = (function(u + sign * STEP * direction) for sign in (1.0, -1.0))
    return (up - down) / (2.0 * STEP)
