"""Projection: the mixture of a model that is nearest to a law, in the Kullback-Leibler sense.

That is where maximum likelihood goes as n grows [1]_: the maximum of the mean log-density under
the law, found by Newton steps on its nodes. The path is as for a sample, with the mass 1 instead
of n people, so that a law stands for an infinite sample.

References
----------
.. [1] White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from stature.arrays import Floats
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

FARTHEST_MEAN, LARGEST_SD = 100.0, 30.0  # in SDs of the law; beyond them there is no end

Outcome = Literal["found", "degenerate", "not-found"]


class Slopes(NamedTuple):
    """Derivatives of a mean log-density."""

    score: Floats  # shape (3 K - 1,): the gradient
    # shape (3 K - 1, 3 K - 1): minus the second derivatives, and the part of them that EM uses
    observed: Floats
    completed: Floats


Objective = Callable[[Floats], tuple[float, Callable[[], Slopes]]]
"""Value at some coordinates, and the derivatives there, worked out when they are asked for."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Where the climb from one start ended."""

    mixture: Mixture  # the last mixture, in cm
    # whether it is a maximum inside the parameter space: the information is positive definite and
    # the score zero; or a group vanished; or neither within the step limit
    outcome: Outcome
    log_likelihood: float  # mean log-density there, per person and cm


def project(
    nodes_cm: Floats, weights: Floats, start: Mixture, free: Floats, smallest_sd_cm: float = 0.0
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

    def mean_log_density(at: Floats) -> tuple[float, Callable[[], Slopes]]:
        mixture = mixture_at(at)

        def slopes() -> Slopes:
            gradient = weights @ scores(mixture, z)
            return Slopes(gradient, *observed_information(mixture, z, weights))

        return float(weights @ log_density(mixture, z)), slopes

    u, outcome = climb(mean_log_density, u, free, smallest)
    found = mixture_at(u)
    value = float(weights @ log_density(found, z)) - float(np.log(scale))
    in_cm = Mixture(found.shares, centre + scale * found.means_cm, scale * found.sds_cm)
    return Projection(in_cm, outcome, value)


def climb(
    objective: Objective,
    u: Floats,
    free: Floats,
    smallest_sd: float = SMALLEST_SD,
    early_steps: int = EM_STEPS,
    step_limit: int = STEP_LIMIT,
) -> tuple[Floats, Outcome]:
    """Climb to a maximum of any mean log-density, in standard units.

    Returns u: the last coordinates; outcome: as in `Projection`; a group that leaves for infinity
    is not found.
    """
    groups = (len(u) + 1) // 3
    longest = np.repeat([LARGEST_ETA, LARGEST_MU, LARGEST_LAM], [groups - 1, groups, groups])
    value, slopes = objective(u)
    for step_number in range(step_limit):
        mixture = mixture_at(u)
        if mixture.shares.min() < SMALLEST_SHARE or mixture.sds_cm.min() < smallest_sd:
            return u, "degenerate"
        if np.abs(mixture.means_cm).max() > FARTHEST_MEAN or mixture.sds_cm.max() > LARGEST_SD:
            return u, "not-found"
        score, observed, completed = slopes()
        gradient = free.T @ score
        early = step_number < early_steps
        e, q = np.linalg.eigh(free.T @ (completed if early else observed) @ free)
        bent = np.maximum(np.abs(e), EIGENVALUE_FLOOR * np.abs(e).max())
        own_step = q @ ((q.T @ gradient) / bent)
        step, gain = free @ own_step, float(gradient @ own_step)
        if not early and gain < TOLERANCE:
            return (u + step, "found") if e.min() > SINGULAR * e.max() else (u, "not-found")
        length = min(1.0, 2.0 / max(float(np.max(np.abs(step) / longest)), 1e-300))
        while True:
            trial_value, trial_slopes = objective(u + length * step)
            if trial_value >= value + ARMIJO * length * gain - ROUNDING * abs(value):
                break
            length /= 2
            if length < SHORTEST_STEP:
                return u, "not-found"
        u, value, slopes = u + length * step, trial_value, trial_slopes
    return u, "not-found"
