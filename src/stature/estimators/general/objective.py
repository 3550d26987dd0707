"""What a search maximises: the log-likelihood of rows, with a prior, within constraints on SDs.

Coordinates are ``u = (eta, mu, lambda)``: logits of the shares, means and log-SDs in standard
units. A smallest ratio of two SDs bounds the likelihood [1]_; in these coordinates it is a set of
half-spaces, ``lambda_k - lambda_l >= log c``.

References
----------
.. [1] Hathaway (1985), A constrained formulation of maximum-likelihood estimation for normal
   mixture distributions, Ann. Statist. 13.
.. [2] Chen, Tan & Zhang (2008), Inference for normal mixtures in mean and variance, Statistica
   Sinica 18.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from stature.arrays import Floats
from stature.domain.model import (
    free_coordinates,
    log_shares_at,
    theta_at,
    with_known,
)
from stature.estimators.estimator import Estimator
from stature.estimators.plain.batch import numbers_of_prior
from stature.kernels.newton import Target, keep_ratio
from stature.kernels.prior import POWER, SCALE, add_prior_information, add_prior_score, log_prior
from stature.theory.likelihood import Likelihood, Rows, summed
from stature.theory.newton import SMALLEST_SD, Rules, target_of

FEWEST_PEOPLE = 1.0  # a group of fewer is gone


@dataclass(frozen=True)
class Objective:
    """The rows of a sample, an estimator's settings, and its known parameters in standard units."""

    rows: Rows
    estimator: Estimator
    groups: int
    shares: Floats | None = None  # (k,): known shares; None: not known
    sds: Floats | None = None  # (k,): known SDs, of Student's distribution the scales

    @cached_property
    def free(self) -> Floats:
        """Matrix J of the model's own coordinates, shape (3 K - 1, p)."""
        return free_coordinates(self.estimator.model, self.groups)

    @cached_property
    def prior(self) -> Floats:
        """Prior or penalty, as compiled functions take it.

        The penalty is ``a sum_k (1/v_k + log v_k - 1)`` [2]_, v_k the variance over that of the
        sample, up to a constant that of a conjugate prior.
        """
        model, weight = self.estimator.model, self.estimator.penalty
        numbers = numbers_of_prior(self.estimator.prior, model.sds, self.groups)
        numbers[[SCALE, POWER]] += 2.0 * weight / np.sqrt(self.rows.weight.sum()) if weight else 0.0
        return numbers

    @cached_property
    def is_labelled(self) -> bool:
        """Whether any row has a label, which says which group is which."""
        return bool((self.rows.group >= 0).any())

    @cached_property
    def target(self) -> Target:
        """What Newton's method maximises."""
        smallest, ratio = FEWEST_PEOPLE / self.rows.weight.sum(), self.estimator.sd_ratio
        return target_of(self.rows, self.free, Rules(), smallest, self.prior, ratio)

    def evaluate(self, u: Floats) -> Likelihood:
        """Log-likelihood and log-prior, with their derivatives."""
        at = summed(u, self.rows)
        if not self.estimator.is_penalised:
            return at
        theta, score, information = theta_at(u), at.score.copy(), at.information.copy()
        add_prior_score(theta, self.prior, score)
        add_prior_information(theta, self.prior, information)
        value = at.value + log_prior(theta, self.prior)
        return replace(at, value=value, score=score, information=information)

    def is_degenerate(self, u: Floats) -> bool:
        """Whether a group has lost its people, or has shrunk to a single height."""
        share, narrowest = np.exp(log_shares_at(u).min()), np.exp(u[-self.groups :].min())
        return bool(self.rows.weight.sum() * share < FEWEST_PEOPLE or narrowest < SMALLEST_SD)


def coordinates_of(theta: Floats, objective: Objective) -> Floats:
    """Coordinates of starts, with what is known in its place, shape (..., 3 k - 1)."""
    theta = with_known(objective.estimator.model, theta, objective.shares, objective.sds)
    shares, means, sds = np.split(theta, 3, axis=-1)
    # As an M-step has it: not, to the last bit, the difference of two logarithms.
    eta = np.log(shares[..., :-1] / shares[..., -1:])
    return np.concatenate([eta, means, np.log(sds)], axis=-1)


def within_ratio(u: Floats, ratio: float) -> Floats:
    """The same mixtures, their SDs changed to keep a smallest ratio, shape (..., 3 K - 1)."""
    moved = np.array(u)
    if ratio:
        keep_ratio(moved.reshape(-1, moved.shape[-1]), ratio)
    return moved
