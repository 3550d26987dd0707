"""Bounds where the likelihood knows how heights were seen, and is right about it.

A model is right about a scenario if its observation says of the heights what the bias did to them,
and no more; or if it cuts off still more people itself. Then the smallest standard errors are those
of the information in all that the scenario shows.
"""

from dataclasses import replace
from math import isclose

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import (
    Bias,
    Heaping,
    NoBias,
    Rounding,
    Selection,
    SizeBias,
    Tilt,
    Truncation,
)
from stature.domain.model import Model, Sampling, free_coordinates
from stature.domain.observation import (
    EXACT,
    Exact,
    Heaped,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.domain.population import Population
from stature.theory.coordinates import coordinates, parameter_jacobian
from stature.theory.infinite import in_units, infinite_sample
from stature.theory.likelihood import HIDDEN, likelihood, person_scores
from stature.theory.truth import true_mixture


def right_observation(bias: Bias, population: Population) -> Observation | None:
    """The observation that says of heights what a bias did to them.

    The observation; None if there is none for such a bias.
    """
    match bias:
        case NoBias():
            return EXACT
        case Rounding(step_cm=step):
            return Rounded(step)
        case Heaping(grids=grids):
            return Heaped(grids)
        case Truncation(below_cm=below, above_cm=above):
            return Truncated(below, above)
        case Selection(log_odds_per_cm=slope, group=""):
            return Selected(slope, population.mean_cm)
        # ASSUME the cap of these weights, 5 SDs beyond the farthest mean, caps nobody: it moves a
        # bound by less than 1e-5 of itself.
        case Tilt(log_weight_per_cm=slope, group=""):
            return Tilted(slope)
        case SizeBias(group=""):
            return SizeBiased()
        case _:
            return None


def is_right(observation: Observation, right: Observation) -> bool:
    """Whether an estimator that believes in an observation ends at the truth.

    True if they say the same; if weights mend the selection; or if the estimator itself cuts off
    more people.
    """
    match observation, right:
        case Weighted(slope, centre), Selected(of_bias, middle):
            return isclose(slope, of_bias) and isclose(centre, middle)
        case Selected(slope, centre), Selected(of_bias, middle):
            return isclose(slope, of_bias) and isclose(centre, middle)
        case Truncated(below, above), Exact() | Truncated():
            low, high = (
                (None, None) if isinstance(right, Exact) else (right.below_cm, right.above_cm)
            )
            return (low is None or (below is not None and below >= low)) and (
                high is None or (above is not None and above <= high)
            )
        case _:
            return observation == right


def seen_bound(
    population: Population, bias: Bias, model: Model, sampling: Sampling
) -> Floats | None:
    """Smallest covariance of an unbiased estimator, times n.

    Parameters
    ----------
    population : Population
        Normal groups, which the model contains.
    bias : Bias
        How the sample departs from them.
    model : Model
        Which parameters are free, and what is seen.
    sampling : {"stratified", "random"}
        Whether the number of people of each group is fixed.

    Returns
    -------
    array, shape (4 K - 1, 4 K - 1), or None
        Covariance of the parameters in the order of `parameter_rows`; zero for what is known or
        counted. None if the model is not right about the scenario, or if the design fixes the
        shares of those who were kept while the likelihood takes them for those of all.

    Notes
    -----
    The inverse information in those of the people kept whom the model uses [1]_: without the others
    if it ignores who has no label. A stratified design tells something more of those whose group is
    hidden, as in `stature.theory.information.bound_covariance`.

    References
    ----------
    .. [1] Cramér (1946), Mathematical Methods of Statistics, ch. 32.
    """
    right = right_observation(bias, population)
    if right is None or population.data is not None or not is_right(model.observation, right):
        return None
    stratified = sampling == "stratified"
    if stratified and model.labels != "all" and not isinstance(right, Exact | Rounded):
        return None
    sample = infinite_sample(population, bias, replace(model, observation=right), sampling)
    if sample is None:
        return None
    groups = len(population.groups)
    truth = true_mixture(population)
    u = coordinates(in_units(truth, sample))
    at = likelihood(u, sample.rows)
    # The rows have the weight 1, the people in them this share of those who were measured.
    used = float(sample.strata.sum())
    information = at.information
    hidden = sample.rows.group == HIDDEN
    if stratified and hidden.any():
        weight = sample.rows.weight[hidden]
        posterior = at.posterior[hidden][:, :-1]
        weighted = weight[:, None] * posterior
        coupling = person_scores(u, sample.rows)[hidden].T @ weighted
        spread = np.diag(weighted.sum(axis=0)) - posterior.T @ weighted
        information = information + coupling @ np.linalg.solve(spread, coupling.T)
    counted = stratified and not hidden.any()
    free = free_coordinates(replace(model, shares="known") if counted else model, groups)
    unit = np.ones(len(u))
    unit[groups - 1 : 2 * groups - 1] = sample.scale_cm
    turn = (parameter_jacobian(truth) * unit) @ free
    return turn @ np.linalg.solve(free.T @ (used * information) @ free, turn.T)
