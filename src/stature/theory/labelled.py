"""Labels: who has one, which one, and what the labelled maximum likelihood estimator makes of them.

With labels everything is a moment of the heights of a label: the limit, the standard errors about
it, and, for groups that are normal and labels that are right, exact facts about every sample size.

References
----------
.. [1] Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, 18.3.
.. [2] Student (1908), The probable error of a mean, Biometrika 6.
.. [3] Cramér (1946), Mathematical Methods of Statistics, 27.4.
"""

from dataclasses import dataclass, replace
from math import exp, lgamma, sqrt
from statistics import NormalDist

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import (
    Bias,
    MissingLabels,
    SwappedLabels,
    chances_of_labels,
    steps_of,
    writes_labels,
)
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling
from stature.domain.population import Pool, Population
from stature.theory.distributions import Distribution, distribution_after, recorded_distribution

ROUNDING = 1e-13  # a variance that is less of the square of which it is left is zero


@dataclass(frozen=True, slots=True)
class LabelledDistribution:
    """Joint distribution of labels and recorded heights, for the people of each group."""

    nodes_cm: Floats  # shape (m,): heights in cm
    # shape (k, k, m): probability that a person of each group (first) who is in the sample has each
    # label (second) and height; what is missing from 1 has no label
    joint: Floats
    shares: Floats  # shape (k,): shares of the true groups in the sample
    # widest gap between quadrature nodes in cm; 0 where the distribution is discrete
    resolution_cm: float

    @property
    def of_labels(self) -> Distribution:
        """The distribution as a labelled estimator sees it: groups are labels."""
        masses = np.einsum("k,kjm->jm", self.shares, self.joint)
        rates = masses.sum(axis=1)
        return Distribution(
            self.nodes_cm,
            masses / np.where(rates > 0.0, rates, 1.0)[:, None],
            rates / rates.sum() if rates.any() else self.shares,
            rates,
            self.resolution_cm,
        )


def labelled_distribution(
    population: Population, bias: Bias, sampling: Sampling, pool: Pool | None = None
) -> LabelledDistribution:
    """Distribution of labels and heights of a scenario.

    That a label is wrong does not depend on the height, so that the order of the steps does not
    matter for it.
    """
    everybody = recorded_distribution(population, bias, sampling, pool)
    if not writes_labels(bias):
        joint = np.eye(len(everybody.shares))[:, :, None] * everybody.masses[:, None, :]
        return LabelledDistribution(
            everybody.nodes_cm, joint, everybody.shares, everybody.resolution_cm
        )
    with_label = distribution_after(population, steps_of(bias), sampling, pool)
    chance = with_label.kept / np.where(everybody.kept > 0.0, everybody.kept, 1.0)
    turned = np.eye(len(population.groups))
    for step in steps_of(bias):
        if isinstance(step, SwappedLabels):
            turned = turned @ chances_of_labels(step, population)
    joint = turned[:, :, None] * (chance[:, None] * with_label.masses)[:, None, :]
    return LabelledDistribution(
        with_label.nodes_cm, joint, everybody.shares, with_label.resolution_cm
    )


def unlabelled_distribution(
    population: Population, bias: Bias, sampling: Sampling, pool: Pool | None = None
) -> tuple[Floats, Floats]:
    """Recorded heights of those who have no label.

    Returns nodes_cm: heights in cm; masses: probability that a person of each group who is in the
    sample has no label, and each height.

    Who has none lost it at one of the steps: at that step the odds are turned round, the steps
    before leave the label there, and those after do not matter.
    """
    kept = recorded_distribution(population, bias, sampling, pool).kept
    steps = steps_of(bias)
    nodes_cm, masses = np.empty(0), np.empty((len(kept), 0))
    for place, step in enumerate(steps):
        if not isinstance(step, MissingLabels):
            continue
        lost = replace(step, share=1.0 - step.share, log_odds_per_cm=-step.log_odds_per_cm)
        later = tuple(one for one in steps[place + 1 :] if not isinstance(one, MissingLabels))
        without = distribution_after(population, (*steps[:place], lost, *later), sampling, pool)
        concerned = [float(step.group in ("", name)) for name in population.group_names]
        rate = np.array(concerned) * without.kept / np.where(kept > 0.0, kept, 1.0)
        nodes_cm = np.concatenate([nodes_cm, without.nodes_cm])
        masses = np.concatenate([masses, rate[:, None] * without.masses], axis=1)
    return nodes_cm, masses


def group_moments(distribution: Distribution) -> tuple[Floats, Floats, Floats]:
    """Moments of the recorded heights of each group, shape (k,).

    Means in cm, variances in cm^2 and fourth central moments in cm^4; NaN for a group of whom
    nobody is kept.
    """
    masses, nodes_cm = distribution.masses, distribution.nodes_cm
    somebody = np.where(masses.any(axis=1), 1.0, np.nan)
    means_cm = somebody * (masses @ nodes_cm)
    deviations = nodes_cm - np.nan_to_num(means_cm)[:, None]
    variances = somebody * np.sum(masses * deviations**2, axis=1)
    return means_cm, variances, somebody * np.sum(masses * deviations**4, axis=1)


def known_parameters(model: Model, population: Population) -> tuple[Floats, Floats]:
    """Shares and SDs in cm that a model holds where it knows them: its own numbers, or the truth.

    Each of shape (k,).
    """
    shares, sds_cm = model.assumed_shares, model.assumed_sds_cm
    return (
        population.shares if shares is None else np.array(shares),
        population.sds_cm if sds_cm is None else np.array(sds_cm),
    )


def labelled_limit(
    model: Model, distribution: Distribution, known_shares: Floats, known_sds_cm: Floats
) -> Mixture:
    """Where the labelled maximum likelihood estimator goes as n grows.

    The groups in their own order; NaN for a group of whom nobody is kept.
    """
    means_cm, variances, _ = group_moments(distribution)
    shares = known_shares if model.shares == "known" else distribution.shares
    if model.sds == "known":
        sds_cm = known_sds_cm
    elif model.sds == "equal":
        sds_cm = np.full(len(shares), np.sqrt(distribution.shares @ variances))
    else:
        sds_cm = np.sqrt(variances)
    return Mixture(shares, means_cm, sds_cm)


def labelled_std_errors(
    model: Model, labels: LabelledDistribution, counts: Floats, sampling: Sampling
) -> Floats:
    """Standard errors of the labelled estimator around its limit, to the first order in 1/n.

    In the order of `parameter_rows`, shape (4 K - 1,); zero for what is known or fixed by the
    design, NaN for a group without people. `counts` are the people of each true group, with a label
    or without, shape (k,): of the design if stratified, expected if random.

    The influence of a person with label j is ``(1{j} - s_j, x - m_j, ((x - m_j)^2 - v_j) / (2
    sd_j))``, each over the expected number of people it is an average of, and zero without a
    label. Variances add up over people: about the mean of each group where its count is fixed,
    about zero else (derived). With all labels right that is ``Var(mean_k) = v_k / n_k`` and
    ``Var(v_hat_k) = (m4_k - v_k^2) / n_k`` [3]_; for normal groups ``sd^2 / n_k`` and ``sd^2 /
    (2 n_k)`` for mean and SD, the Cramér-Rao bound.
    """
    recorded = labels.of_labels
    groups = len(recorded.shares)
    numbers = np.einsum("k,kjm->j", counts, labels.joint)
    means_cm, variances, _ = group_moments(recorded)
    squares = (recorded.nodes_cm - means_cm[:, None]) ** 2
    # Of a label and a height.
    influence = np.zeros((4 * groups - 1, groups, len(recorded.nodes_cm)))
    people = np.where(numbers > 0.0, numbers, np.nan)
    for j in range(groups):
        if model.shares == "free":
            influence[3 * j] = (np.arange(groups) == j)[:, None] - recorded.shares[j]
            influence[3 * j] /= numbers.sum()
        influence[3 * j + 1, j] = (recorded.nodes_cm - means_cm[j]) / people[j]
        if model.sds == "free":
            # Where all are written down with one height their SD has no such error.
            spread = (squares[j] - variances[j]) / (2.0 * np.sqrt(variances[j] or np.nan))
            influence[3 * j + 2, j] = spread / people[j]
        elif model.sds == "equal":
            pooled = recorded.shares @ variances or np.nan
            influence[3 * j + 2] = (squares - pooled) / (2.0 * np.sqrt(pooled) * numbers.sum())
    influence[3 * groups :] = influence[4 : 3 * groups : 3] - influence[1 : 3 * groups - 3 : 3]
    square = np.einsum("k,kjm,rjm->r", counts, labels.joint, influence**2)
    if sampling == "random":
        return np.sqrt(square)
    within = np.einsum("kjm,rjm->rk", labels.joint, influence)
    total = square - within**2 @ counts
    return np.sqrt(np.where(total <= ROUNDING * square, 0.0, total))


def expected_sd_ratio(people: int) -> float:
    """Mean of the estimated SD (divisor n) of a normal group, over the true one, for n >= 2.

    ``sqrt(2/n) Gamma(n/2) / Gamma((n-1)/2)``: the mean of a chi variable with n - 1 degrees of
    freedom, over ``sqrt(n)`` [1]_.

    Examples
    --------
    >>> round(expected_sd_ratio(4), 12)  # sqrt(2 / pi)
    0.797884560803
    """
    return sqrt(2 / people) * exp(lgamma(people / 2) - lgamma((people - 1) / 2))  # [1]


def mean_coverage(people: int, level: float = 0.95) -> float:
    """Chance that ``mean ± z s / sqrt(n)`` covers the mean of a normal group, s with divisor n.

    ``P(|T_{n-1}| <= z sqrt((n-1)/n))``, exactly, with T of Student's t distribution [2]_.

    Examples
    --------
    >>> round(mean_coverage(20), 8)
    0.92869858
    """
    # Not above: every start of the workflow imports this module, and SciPy takes 0.3 s.
    from scipy.special import stdtr

    z = NormalDist().inv_cdf((1 + level) / 2)
    return float(1.0 - 2.0 * stdtr(people - 1, -z * sqrt((people - 1) / people)))  # [2]
