"""Projection: the mixture of a model that is nearest to a law, in the Kullback-Leibler sense.

That is where maximum likelihood goes as n grows [1]_: the maximum of the mean log-density under
the law, found by Newton steps on its nodes. The path is as for a sample, with the mass 1 instead
of n people, so that a law stands for an infinite sample.

References
----------
.. [1] White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stature.domain.mixture import Mixture, log_density
from stature.theory.coordinates import coordinates, mixture_at
from stature.theory.scores import observed_information, scores

EM_STEPS = 20  # cheap steps into the basin of a maximum before Newton takes over
STEP_LIMIT = 200
TOLERANCE = 1e-18  # squared decrement of one person; Newton then doubles the digits once more
SMALLEST_SHARE = 1e-6  # below it a group is gone
SMALLEST_SD = 1e-3  # in SDs of the law; below it a group sits on a single height
SINGULAR = 1e-9  # of the largest eigenvalue: two groups in one place make a ridge, not a maximum
EIGENVALUE_FLOOR = 1e-6  # of the largest: what an indefinite information is bent to
LARGEST_ETA, LARGEST_MU, LARGEST_LAM = 1.0, 0.5, 0.7  # a step is at most twice as long
ARMIJO = 1e-4
ROUNDING = 1e-14  # what a log-likelihood may lose to rounding, relative
SHORTEST_STEP = 1e-8

Outcome = Literal["found", "degenerate", "not-found"]


@dataclass(frozen=True, slots=True)
class Projection:
    """Where the climb from one start ended.

    Attributes
    ----------
    mixture : Mixture
        The last mixture, in cm.
    outcome : {"found", "degenerate", "not-found"}
        Whether it is a maximum inside the parameter space: the information is positive definite
        and the score zero; or a group vanished; or neither within the step limit.
    log_likelihood : float
        Mean log-density there, per person and cm.
    """

    mixture: Mixture
    outcome: Outcome
    log_likelihood: float


def project(
    nodes_cm: NDArray[np.float64],
    weights: NDArray[np.float64],
    start: Mixture,
    free: NDArray[np.float64],
    smallest_sd_cm: float = 0.0,
) -> Projection:
    """Climb from a start to a maximum of the mean log-density.

    Parameters
    ----------
    nodes_cm, weights : array, shape (m,)
        The law: heights in cm and their probabilities.
    start : Mixture
        Where to start; it holds the known parameters too.
    free : array, shape (3 K - 1, p)
        The matrix J of the model's own coordinates.
    smallest_sd_cm : float
        An SD under it, in cm, is degenerate, because the nodes cannot show it.

    Returns
    -------
    Projection
        Where the climb ended.

    Notes
    -----
    EM-like steps, with the information of the completed law [2]_, then Newton with the eigenvalues
    of the information kept positive, steps cut and halved until the log-density rises. Quadratic
    at the end. Heights are standardised, so that the result is equivariant.

    References
    ----------
    .. [2] Lange (1995), A gradient algorithm locally equivalent to the EM algorithm, JRSS-B 57.
    """
    centre = float(weights @ nodes_cm)
    scale = float(np.sqrt(weights @ (nodes_cm - centre) ** 2))
    z = (nodes_cm - centre) / scale
    smallest = max(SMALLEST_SD, smallest_sd_cm / scale)
    u = coordinates(Mixture(start.shares, (start.means_cm - centre) / scale, start.sds_cm / scale))
    u, outcome = _climb(z, weights, u, free, smallest)
    found = mixture_at(u)
    value = float(weights @ log_density(found, z)) - float(np.log(scale))
    in_cm = Mixture(found.shares, centre + scale * found.means_cm, scale * found.sds_cm)
    return Projection(in_cm, outcome, value)


def _climb(
    z: NDArray[np.float64],
    weights: NDArray[np.float64],
    u: NDArray[np.float64],
    free: NDArray[np.float64],
    smallest_sd: float,
) -> tuple[NDArray[np.float64], Outcome]:
    """The path of `project` in standard units: last coordinates and how it ended."""
    groups = (len(u) + 1) // 3
    longest = np.repeat([LARGEST_ETA, LARGEST_MU, LARGEST_LAM], [groups - 1, groups, groups])
    mixture = mixture_at(u)
    value = float(weights @ log_density(mixture, z))
    for step_number in range(STEP_LIMIT):
        if mixture.shares.min() < SMALLEST_SHARE or mixture.sds_cm.min() < smallest_sd:
            return u, "degenerate"
        gradient = free.T @ (weights @ scores(mixture, z))
        observed, completed = observed_information(mixture, z, weights)
        early = step_number < EM_STEPS
        e, q = np.linalg.eigh(free.T @ (completed if early else observed) @ free)
        bent = np.maximum(np.abs(e), EIGENVALUE_FLOOR * np.abs(e).max())
        own_step = q @ ((q.T @ gradient) / bent)
        step, gain = free @ own_step, float(gradient @ own_step)
        if not early and gain < TOLERANCE:
            return (u + step, "found") if e.min() > SINGULAR * e.max() else (u, "not-found")
        length = min(1.0, 2.0 / max(float(np.max(np.abs(step) / longest)), 1e-300))
        while True:
            trial = mixture_at(u + length * step)
            trial_value = float(weights @ log_density(trial, z))
            if trial_value >= value + ARMIJO * length * gain - ROUNDING * abs(value):
                break
            length /= 2
            if length < SHORTEST_STEP:
                return u, "not-found"
        u, mixture, value = u + length * step, trial, trial_value
    return u, "not-found"
