"""What a good user would write by hand: SciPy's BFGS on the log-likelihood and its gradient.

Standardised heights, unconstrained coordinates, one exponential a person, sums as inner products
with powers of x that are made once, and no array made twice.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from benchmarks.judge import median_split, packed, unconstrained
from stature.arrays import Floats

GRADIENT_TOLERANCE = 1e-9
Objective = Callable[[Floats], tuple[float, Floats]]


def objective(x: Floats) -> Objective:
    """Minus the mean log-likelihood of heights x, and its gradient, as a function of u (5,)."""
    n = len(x)
    x2 = x * x
    t, e, r = np.empty(n), np.empty(n), np.empty(n)
    totals = np.array([n, x.sum(), x2.sum()])

    def value(u: Floats) -> tuple[float, Floats]:
        eta, mu1, mu2, lam1, lam2 = u.tolist()
        v1, v2 = np.exp(2 * lam1), np.exp(2 * lam2)
        log_share2 = -np.logaddexp(0.0, eta)
        # log-odds of the first group: a + b x + c x^2
        a = eta + lam2 - lam1 - mu1 * mu1 / (2 * v1) + mu2 * mu2 / (2 * v2)
        np.multiply(x, (1 / v2 - 1 / v1) / 2, out=t)
        np.add(t, mu1 / v1 - mu2 / v2, out=t)
        np.multiply(t, x, out=t)
        np.add(t, a, out=t)
        np.abs(t, out=e)
        np.negative(e, out=e)
        np.exp(e, out=e)
        np.add(e, 1.0, out=r)  # 1 + e
        # log f = log((1 - pi) f2) + max(t, 0) + log(1 + e)
        second = totals @ np.array([-mu2 * mu2 / 2, mu2, -0.5]) / v2
        second += n * (log_share2 - lam2 - 0.5 * np.log(2 * np.pi))
        positive = t >= 0
        np.maximum(t, 0.0, out=t)
        log_likelihood = second + t.sum()
        np.log(r, out=t)
        log_likelihood += t.sum()
        np.copyto(e, 1.0, where=positive)
        np.divide(e, r, out=r)  # responsibilities of the first group
        s1 = np.array([r.sum(), r @ x, r @ x2])
        s2 = totals - s1
        share1 = np.exp(eta + log_share2)
        gradient = np.array(
            [
                s1[0] - n * share1,
                (s1[1] - mu1 * s1[0]) / v1,
                (s2[1] - mu2 * s2[0]) / v2,
                (s1[2] - 2 * mu1 * s1[1] + mu1 * mu1 * s1[0]) / v1 - s1[0],
                (s2[2] - 2 * mu2 * s2[1] + mu2 * mu2 * s2[0]) / v2 - s2[0],
            ]
        )
        return -log_likelihood / n, -gradient / n

    return value


def maximise(
    x: Floats,
    start: Floats,
    most_steps: int | None,
    callback: Callable[[Floats], None] | None = None,
) -> OptimizeResult:
    """Run BFGS from a start in units of the sample."""
    options: dict[str, float] = {"gtol": GRADIENT_TOLERANCE}
    if most_steps is not None:
        options["maxiter"] = most_steps
    return minimize(
        objective(x),
        unconstrained(start),
        jac=True,
        method="BFGS",
        options=options,
        callback=callback,
    )


def fit(heights_cm: Floats, most_steps: int | None) -> tuple[Floats, int]:
    """Fit heights in cm from the median split.

    Returns
    -------
    tuple of (array of shape (6,), int)
        Shares, means and SDs in cm, and evaluations of the likelihood.
    """
    centre, scale = heights_cm.mean(), heights_cm.std()
    x = (heights_cm - centre) / scale
    result = maximise(x, median_split(x), most_steps)
    return in_cm(result.x, float(centre), float(scale)), int(result.nfev)


def in_cm(u: Floats, centre: float, scale: float) -> Floats:
    """Shares, means and SDs in cm of coordinates in units of the sample."""
    theta = packed(u)
    theta[2:4] = centre + scale * theta[2:4]
    theta[4:] *= scale
    return theta


def path(heights_cm: Floats) -> list[Floats]:
    """Parameters in cm after every step of a fit that is run to its end."""
    centre, scale = float(heights_cm.mean()), float(heights_cm.std())
    x = (heights_cm - centre) / scale
    steps: list[Floats] = []
    maximise(x, median_split(x), None, lambda u: steps.append(in_cm(u, centre, scale)))
    return steps
