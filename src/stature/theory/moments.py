"""The method of moments for two groups: of equal SDs, and Pearson's for any.

References
----------
.. [1] Pearson (1894), Contributions to the mathematical theory of evolution, Phil. Trans. A 185.
.. [2] Cohen (1967), Estimation in mixtures of two normal distributions, Technometrics 9:15.
"""

import numpy as np

from stature.arrays import Floats

REAL = 1e-7  # an imaginary part below it, relative, is rounding


def central_moments(x: Floats, weight: Floats) -> Floats:
    """Moments of weighted heights about their mean: those of ``(x - mean)^r``, r = 0..6."""
    people = weight / weight.sum()
    centred = x - people @ x
    return np.array([people @ centred**power for power in range(7)])


def equal_sds(moments: Floats) -> Floats | None:
    """Two groups of equal SD with given second to fourth central moments, shape (6,).

    Shares, means about that of the sample and SDs; None if no two groups have such moments.
    ``B = pi_1 pi_2 (mu_1 - mu_2)^2`` is the only positive root of ``2 B^3 + k4 B - k3^2`` [2]_.
    """
    c2, c3, c4 = moments[2:5]
    k4 = c4 - 3.0 * c2**2
    roots = np.roots([2.0, 0.0, k4, -(c3**2)])
    real = roots[np.abs(roots.imag) <= REAL * c2].real
    between = float(real.max(initial=0.0))
    if not 0.0 < between < c2:
        return None
    total = c3 / between
    spread = np.sqrt(total**2 / 4.0 + between)
    means = np.array([total / 2.0 - spread, total / 2.0 + spread])
    return _two_groups(means, np.full(2, c2 - between))


def free_sds(moments: Floats) -> Floats | None:
    """Two groups of any SDs with given second to fifth moments, and the nearest sixth, shape (6,).

    Shares, means about that of the sample and SDs; None if no two groups have such moments.

    The product of the two means, about that of the sample, is a negative root of Pearson's nonic
    [1]_, here by cumulants as in [2]_.
    """
    c2, c3, c4, c5, c6 = moments[2:7]
    k3, k4, k5 = c3, c4 - 3.0 * c2**2, c5 - 10.0 * c2 * c3
    nonic = [
        24.0,
        0.0,
        84.0 * k4,
        36.0 * k3**2,
        90.0 * k4**2 + 72.0 * k5 * k3,
        444.0 * k4 * k3**2 - 18.0 * k5**2,
        288.0 * k3**4 - 108.0 * k3 * k4 * k5 + 27.0 * k4**3,
        -(63.0 * k4**2 + 72.0 * k3 * k5) * k3**2,
        -96.0 * k3**4 * k4,
        -24.0 * k3**6,
    ]
    roots = np.roots(nonic)
    best, distance = None, np.inf
    for root in roots[np.abs(roots.imag) <= REAL * np.abs(roots)].real.tolist():
        candidate = _of_product(root, k3, k4, k5, c2) if root < 0.0 else None
        if candidate is not None:
            away = abs(_sixth_moment(candidate) - c6)
            if away < distance:
                best, distance = candidate, away
    return best


def _of_product(product: float, k3: float, k4: float, k5: float, c2: float) -> Floats | None:
    """Two groups from the product of their means; None if a variance is not positive [2]."""
    below = product * (2.0 * product**3 + 3.0 * k4 * product + 4.0 * k3**2)
    above = -8.0 * k3 * product**3 + 3.0 * k5 * product**2 + 6.0 * k3 * k4 * product + 2.0 * k3**3
    if below == 0.0:
        return None
    total = above / below
    spread = np.sqrt(total**2 / 4.0 - product)
    means = np.array([total / 2.0 - spread, total / 2.0 + spread])
    variances = means * (2.0 * total - k3 / product) / 3.0 + c2 - means**2
    return _two_groups(means, variances)


def _two_groups(means: Floats, variances: Floats) -> Floats | None:
    """Shares that put the mean at 0, means and SDs; None if a variance is not positive."""
    if not variances.min() > 0.0:
        return None
    shares = np.array([means[1], -means[0]]) / (means[1] - means[0])
    return np.concatenate([shares, means, np.sqrt(variances)])


def _sixth_moment(theta: Floats) -> float:
    """Sixth moment about zero of a mixture of two normals."""
    shares, means, sds = np.split(theta, 3)
    v = sds**2
    each = means**6 + 15.0 * means**4 * v + 45.0 * means**2 * v**2 + 15.0 * v**3
    return float(shares @ each)
