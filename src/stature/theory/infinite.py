"""Infinite samples: all people of a scenario, as the likelihood of a model would see them.

Where the estimator goes as n grows is the maximum of this likelihood, and how far its estimates
scatter is known from the scores of the people in it.
"""

from dataclasses import dataclass, replace

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import Bias, Sequence, Truncation, steps_of, writes_labels
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling
from stature.domain.observation import (
    Observation,
    SizeBiased,
    Truncated,
    Weighted,
    log_chance,
)
from stature.domain.population import Pool, Population
from stature.theory.distributions import Distribution, recorded_distribution
from stature.theory.labelled import labelled_distribution, unlabelled_distribution
from stature.theory.likelihood import HIDDEN, Rows, in_units

NEGLIGIBLE = 1e-22  # rows that are less likely change no sum


@dataclass(frozen=True, slots=True)
class InfiniteSample:
    """All people of a scenario; the rows have the total weight 1."""

    rows: Rows  # what is recorded, in standard units
    each: Floats  # shape (m,): weight of one person of each row
    # shape (s, m): probability that a person is of each stratum and row. People of one stratum are
    # drawn alike, and how many of them there are is fixed: those of a group in a stratified design,
    # and those whose label is asked for.
    strata: Floats
    # shape (s,): probability of each stratum, with the people whom the observation model leaves out
    people: Floats
    centre_cm: float  # mean and SD of the weighted people in cm: the standard units
    scale_cm: float
    # widest gap between neighbouring heights in these units; 0 where the distribution is discrete
    resolution: float

    def in_units(self, mixture: Mixture) -> Mixture:
        """A mixture in cm in the units of the sample, with scales of Student's t for its SDs."""
        return Mixture(
            mixture.shares,
            (mixture.means_cm - self.centre_cm) / self.scale_cm,
            mixture.sds_cm / (self.scale_cm * self.rows.sd_over_scale),
        )

    def in_cm(self, mixture: Mixture) -> Mixture:
        """The way back from `in_units`."""
        return Mixture(
            mixture.shares,
            self.centre_cm + self.scale_cm * mixture.means_cm,
            self.rows.sd_over_scale * self.scale_cm * mixture.sds_cm,
        )


def infinite_sample(
    population: Population, bias: Bias, model: Model, sampling: Sampling, pool: Pool | None = None
) -> InfiniteSample | None:
    """All people of a scenario as a model sees them.

    None if a stratified sample is never full, if nobody is left, or if all are of one height.
    """
    cut_bias = _as_cut(bias, model.observation)
    allowed, inside = _distribution_inside(population, bias, cut_bias, sampling, pool)
    here = allowed.shares * inside  # people of each group who are in the sample and inside the cut
    joint = here[:, None] * allowed.masses
    if (sampling == "stratified" and not allowed.kept.all()) or not joint.any():
        return None
    asked = {"none": 0.0, "some": model.labelled_share}.get(model.labels, 1.0)
    nodes_cm, of_labels = allowed.nodes_cm, np.eye(len(joint))[:, :, None] * joint[:, None, :]
    unseen_cm, unseen = np.empty(0), np.empty((len(joint), 0))
    if asked > 0.0 and writes_labels(bias):
        with_label = labelled_distribution(population, cut_bias, "stratified", pool)
        nodes_cm, of_labels = with_label.nodes_cm, here[:, None, None] * with_label.joint
        unseen_cm, unseen = unlabelled_distribution(population, cut_bias, "stratified", pool)
        unseen = here[:, None] * unseen
    fixed = np.eye(len(joint)) if sampling == "stratified" else np.ones((1, len(joint)))
    # Label, heights, and the masses of those who were not asked for a label, and who were.
    parts: list[tuple[int, Floats, Floats]] = []
    if model.labels != "all" and model.unlabelled == "used":
        for heights, masses in ((nodes_cm, of_labels.sum(axis=1)), (unseen_cm, unseen)):
            part = (1.0 - asked) * fixed @ masses
            parts.append((HIDDEN, heights, np.vstack([part, np.zeros_like(part)])))
        part = asked * fixed @ unseen
        parts.append((HIDDEN, unseen_cm, np.vstack([np.zeros_like(part), part])))
    for j in range(len(joint)):
        part = asked * fixed @ of_labels[:, j]
        parts.append((j, nodes_cm, np.vstack([np.zeros_like(part), part])))
    strata = np.concatenate([part for _, _, part in parts], axis=1)
    heights_cm = np.concatenate([heights for _, heights, _ in parts])
    group = np.concatenate([np.full(len(heights), label) for label, heights, _ in parts])
    there = strata.sum(axis=0) > NEGLIGIBLE
    people = np.concatenate(
        [(1.0 - asked) * fixed @ allowed.shares, asked * fixed @ allowed.shares]
    )
    # As `stature.estimators.general.standardise` decides it.
    by_chance = sampling == "random" or (
        model.labels == "recorded" and bool((group[there] == HIDDEN).any())
    )
    return _sample_of(
        model.observation,
        Rows(
            heights_cm[there],
            heights_cm[there],
            strata[:, there].sum(axis=0),
            np.empty(0),
            group[there],
            (group[there] == HIDDEN) | by_chance,
            freedom=model.freedom or None,
        ),
        strata[:, there][people > 0.0],
        people[people > 0.0],
        allowed.resolution_cm,
    )


def _sample_of(
    observation: Observation, rows: Rows, strata: Floats, people: Floats, resolution_cm: float
) -> InfiniteSample | None:
    """The sample of rows in cm, whose weights are probabilities, in standard units."""
    heights_cm, probability = rows.lower, rows.weight
    each = np.ones_like(probability)
    if isinstance(observation, Weighted):
        each = np.exp(-log_chance(observation, heights_cm))
    each = each / (probability @ each)
    weight = probability * each
    centre = float(weight @ heights_cm)
    scale = float(np.sqrt(weight @ (heights_cm - centre) ** 2))
    if scale == 0.0:
        return None
    rows = in_units(replace(rows, weight=weight, square=weight * each), observation, centre, scale)
    return InfiniteSample(rows, each, strata, people, centre, scale, resolution_cm / scale)


def _as_cut(bias: Bias, observation: Observation) -> Bias:
    """A bias, and after it the cut of an estimator that leaves people out itself."""
    match observation:
        case Truncated(below_cm=below, above_cm=above):
            cut = Truncation(below, above)
        case SizeBiased(origin_cm=origin):
            cut = Truncation(below_cm=origin)
        case _:
            return bias
    return Sequence((*steps_of(bias), cut))


def _distribution_inside(
    population: Population, bias: Bias, cut_bias: Bias, sampling: Sampling, pool: Pool | None
) -> tuple[Distribution, Floats]:
    """Distribution of people whom an observation model allows, and the share of each group there.

    Its shares and chances are those of all people. Where the observation cuts, the quadrature is
    cut too.
    """
    everybody = recorded_distribution(population, bias, sampling, pool)
    if cut_bias is bias:
        return everybody, np.ones(len(everybody.shares))
    cut = recorded_distribution(population, cut_bias, "stratified", pool)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(everybody.kept > 0.0, cut.kept / everybody.kept, 0.0)
    return replace(cut, shares=everybody.shares, kept=everybody.kept), inside
