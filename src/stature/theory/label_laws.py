"""Label laws: heights of those who have a label, by label, where some are missing or wrong.

They are what a labelled estimator sees of a scenario, whose limit and spread follow from them.
"""

from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import Bias, steps_of
from stature.domain.labelling import MissingLabels, SwappedLabels, chances_of_labels
from stature.domain.model import Model, Sampling
from stature.domain.population import Pool, Population
from stature.theory.laws import Law, biased_law, law_of_kept


@dataclass(frozen=True, slots=True)
class LabelLaw:
    """Joint law of labels and recorded heights, for the people of each group."""

    nodes_cm: Floats  # shape (m,): heights in cm
    # shape (k, k, m): probability that a person of each group (first) who is in the sample has each
    # label (second) and height; what is missing from 1 has no label
    joint: Floats
    shares: Floats  # shape (k,): shares of the true groups in the sample
    # widest gap between quadrature nodes in cm; 0 where the law itself is discrete
    resolution_cm: float

    @property
    def of_labels(self) -> Law:
        """The law as a labelled estimator sees it: groups are labels."""
        masses = np.einsum("k,kjm->jm", self.shares, self.joint)
        rates = masses.sum(axis=1)
        return Law(
            self.nodes_cm,
            masses / np.where(rates > 0.0, rates, 1.0)[:, None],
            rates / rates.sum() if rates.any() else self.shares,
            rates,
            self.resolution_cm,
        )


def label_law(
    population: Population, bias: Bias, sampling: Sampling, pool: Pool | None = None
) -> LabelLaw:
    """Law of labels and heights of a scenario.

    That a label is wrong does not depend on the height, so that the order of the steps does not
    matter for it.
    """
    everybody = biased_law(population, bias, sampling, pool)
    with_label = law_of_kept(population, steps_of(bias), sampling, pool)
    seen = with_label.kept / np.where(everybody.kept > 0.0, everybody.kept, 1.0)
    turned = np.eye(len(population.groups))
    for step in steps_of(bias):
        if isinstance(step, SwappedLabels):
            turned = turned @ chances_of_labels(step, population)
    joint = turned[:, :, None] * (seen[:, None] * with_label.masses)[:, None, :]
    return LabelLaw(with_label.nodes_cm, joint, everybody.shares, with_label.resolution_cm)


def unlabelled_law(
    population: Population, bias: Bias, sampling: Sampling, pool: Pool | None = None
) -> tuple[Floats, Floats]:
    """Recorded heights of those who have no label.

    Returns nodes_cm: heights in cm; masses: probability that a person of each group who is in the
    sample has no label, and each height.

    Who has none lost it at one of the steps: at that step the odds are turned round, the steps
    before leave the label there, and those after do not matter.
    """
    kept = biased_law(population, bias, sampling, pool).kept
    steps = steps_of(bias)
    nodes_cm, masses = np.empty(0), np.empty((len(kept), 0))
    for place, step in enumerate(steps):
        if not isinstance(step, MissingLabels):
            continue
        lost = replace(step, share=1.0 - step.share, log_odds_per_cm=-step.log_odds_per_cm)
        later = tuple(one for one in steps[place + 1 :] if not isinstance(one, MissingLabels))
        law = law_of_kept(population, (*steps[:place], lost, *later), sampling, pool)
        concerned = [float(step.group in ("", name)) for name in population.group_names]
        rate = np.array(concerned) * law.kept / np.where(kept > 0.0, kept, 1.0)
        nodes_cm = np.concatenate([nodes_cm, law.nodes_cm])
        masses = np.concatenate([masses, rate[:, None] * law.masses], axis=1)
    return nodes_cm, masses


def label_std_errors(model: Model, law: LabelLaw, counts: Floats, sampling: Sampling) -> Floats:
    """Standard errors of the labelled estimator around its limit, to the first order.

    Parameters
    ----------
    model : Model
        Which parameters are free.
    law : LabelLaw
        Labels and heights of each group.
    counts : array, shape (k,)
        People of each true group, with a label or without.
    sampling : {"stratified", "random"}
        Whether these counts are fixed.

    Returns
    -------
    array, shape (4 K - 1,)
        In the order of `parameter_rows`; zero for what is known.

    Notes
    -----
    The influence of a person with label j is ``(1{j} - s_j, x - m_j, ((x - m_j)^2 - v_j) / (2
    sd_j))``, each over the expected number of people it is an average of, and zero without a
    label. Variances add up over people: about the mean of each group where its count is fixed,
    about zero else (derived).
    """
    seen = law.of_labels
    groups = len(seen.shares)
    numbers = np.einsum("k,kjm->j", counts, law.joint)
    means_cm = seen.masses @ seen.nodes_cm
    squares = (seen.nodes_cm - means_cm[:, None]) ** 2
    variances = np.sum(seen.masses * squares, axis=1)
    rows = 4 * groups - 1
    influence = np.zeros((rows, groups, len(seen.nodes_cm)))  # of a person, by label and height
    people = np.where(numbers > 0.0, numbers, np.nan)
    for j in range(groups):
        if model.shares == "free":
            influence[3 * j] = (np.arange(groups) == j)[:, None] - seen.shares[j]
            influence[3 * j] /= numbers.sum()
        influence[3 * j + 1, j] = (seen.nodes_cm - means_cm[j]) / people[j]
        if model.sds == "free":
            spread = (squares[j] - variances[j]) / (2.0 * np.sqrt(variances[j]))
            influence[3 * j + 2, j] = spread / people[j]
        elif model.sds == "equal":
            pooled = seen.shares @ variances
            influence[3 * j + 2] = (squares - pooled) / (2.0 * np.sqrt(pooled) * numbers.sum())
    for j in range(groups - 1):
        influence[3 * groups + j] = influence[3 * j + 4] - influence[3 * j + 1]
    total = np.einsum("k,kjm,rjm->r", counts, law.joint, influence**2)
    if sampling == "stratified":
        within = np.einsum("kjm,rjm->rk", law.joint, influence)
        total = total - within**2 @ counts
    return np.sqrt(np.clip(total, 0.0, None))
