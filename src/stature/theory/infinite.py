"""Infinite samples: all people of a scenario, as the likelihood of a model would see them.

Where the estimator goes as n grows is the maximum of this likelihood, and how far its estimates
scatter is known from the scores of the people in it.
"""

from dataclasses import dataclass, replace
from typing import cast, get_args

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import Bias, Sequence, Truncation, steps_of, writes_labels
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling
from stature.domain.observation import (
    Conditional,
    Heaped,
    Observation,
    Rounded,
    SizeBiased,
    Truncated,
    Weighted,
    log_chance,
    standardised,
)
from stature.domain.population import Pool, Population
from stature.theory.distributions import (
    Distribution,
    labelled_distribution,
    recorded_distribution,
    unlabelled_distribution,
)
from stature.theory.likelihood import HIDDEN, Rows
from stature.theory.terms import heaps_of

NOBODY = 1e-22  # rows that are less likely change no sum
CONDITIONAL = get_args(Conditional)


@dataclass(frozen=True, slots=True)
class Infinite:
    """An infinite sample; its rows have the total weight 1."""

    rows: Rows  # what is seen, in standard units
    each: Floats  # shape (m,): weight of one person of each row
    # shape (s, m): probability that a person is of each stratum and row. People of one stratum are
    # drawn alike, and how many of them there are is fixed: those of a group in a stratified design,
    # and those whose label is asked for.
    strata: Floats
    # shape (s,): probability of each stratum, with the people whom the observation model leaves out
    people: Floats
    centre_cm: float  # mean and SD of the weighted people in cm: the standard units
    scale_cm: float
    # widest gap between neighbouring heights in these units; 0 where the law is discrete
    resolution: float


def infinite_sample(
    population: Population, bias: Bias, model: Model, sampling: Sampling, pool: Pool | None = None
) -> Infinite | None:
    """All people of a scenario as a model sees them.

    The sample; None if a stratified one is never full, if nobody is left, or if all are of one
    height.
    """
    cut_bias = _as_cut(bias, model.observation)
    law, inside = _law_inside(population, bias, cut_bias, sampling, pool)
    joint = (law.shares * inside)[:, None] * law.masses
    if not law.kept.all() or not joint.any():
        return None
    asked = {"none": 0.0, "some": model.labelled_share}.get(model.labels, 1.0)
    by_chance = asked > 0.0 and writes_labels(bias)
    if by_chance:
        # Masses are of the people of each group who are in the sample and inside the cut.
        here = law.shares * inside
        seen_by_label = labelled_distribution(population, cut_bias, "stratified", pool)
        nodes_cm = seen_by_label.nodes_cm
        of_labels = here[:, None, None] * seen_by_label.joint
        unseen_cm, unseen = unlabelled_distribution(population, cut_bias, "stratified", pool)
        unseen = here[:, None] * unseen
    else:
        nodes_cm, of_labels = law.nodes_cm, np.eye(len(joint))[:, :, None] * joint[:, None, :]
        unseen_cm, unseen = np.empty(0), np.empty((len(joint), 0))
    fixed = np.eye(len(joint)) if sampling == "stratified" else np.ones((1, len(joint)))
    parts: list[tuple[int, Floats, Floats]] = []
    if model.labels != "all" and model.unlabelled == "used":
        for heights, masses in ((nodes_cm, of_labels.sum(axis=1)), (unseen_cm, unseen)):
            here = (1.0 - asked) * fixed @ masses
            parts.append((HIDDEN, heights, np.vstack([here, np.zeros_like(here)])))
        here = asked * fixed @ unseen
        parts.append((HIDDEN, unseen_cm, np.vstack([np.zeros_like(here), here])))
    for j in range(len(joint)):
        here = asked * fixed @ of_labels[:, j]
        parts.append((j, nodes_cm, np.vstack([np.zeros_like(here), here])))
    strata = np.concatenate([part for _, _, part in parts], axis=1)
    heights_cm = np.concatenate([nodes_cm for _, nodes_cm, _ in parts])
    group = np.concatenate([np.full(len(nodes_cm), k) for k, nodes_cm, _ in parts])
    there = strata.sum(axis=0) > NOBODY
    strata, heights_cm, group = strata[:, there], heights_cm[there], group[there]
    people = np.concatenate([(1.0 - asked) * fixed @ law.shares, asked * fixed @ law.shares])
    probability = strata.sum(axis=0)
    each = np.ones_like(probability)
    if isinstance(model.observation, Weighted):
        each = np.exp(-log_chance(model.observation, heights_cm))
    each = each / (probability @ each)
    weight = probability * each
    centre = float(weight @ heights_cm)
    scale = float(np.sqrt(weight @ (heights_cm - centre) ** 2))
    if scale == 0.0:
        return None
    hidden = group == HIDDEN
    # As `stature.estimators.general.standardise` decides it.
    chance = sampling == "random" or (model.labels == "recorded" and bool(hidden.any()))
    seen = standardised(model.observation, centre, scale)
    half = 0.5 * seen.step_cm if isinstance(seen, Rounded) else 0.0
    z = (heights_cm - centre) / scale
    rows = Rows(
        z - half,
        z + half,
        weight,
        weight * each,
        group,
        hidden | chance,
        cast(Conditional, seen) if isinstance(seen, CONDITIONAL) else None,
        model.freedom or None,
        heaps_of(model.observation, heights_cm, scale)
        if isinstance(model.observation, Heaped)
        else None,
    )
    nonempty = people > 0.0
    return Infinite(
        rows, each, strata[nonempty], people[nonempty], centre, scale, law.resolution_cm / scale
    )


def in_units(mixture: Mixture, sample: Infinite, widen: float = 1.0) -> Mixture:
    """A mixture in the units of a sample."""
    return Mixture(
        mixture.shares,
        (mixture.means_cm - sample.centre_cm) / sample.scale_cm,
        mixture.sds_cm / (sample.scale_cm * widen),
    )


def in_cm(mixture: Mixture, sample: Infinite, widen: float = 1.0) -> Mixture:
    """A mixture in the units of a sample, in cm: the way back from `in_units`."""
    return Mixture(
        mixture.shares,
        sample.centre_cm + sample.scale_cm * mixture.means_cm,
        widen * sample.scale_cm * mixture.sds_cm,
    )


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


def _law_inside(
    population: Population, bias: Bias, cut_bias: Bias, sampling: Sampling, pool: Pool | None
) -> tuple[Distribution, Floats]:
    """Distribution of people whom an observation model allows, and how many of each group they are.

    Its shares and chances are those of all people. Where the observation cuts, the quadrature is
    cut too.
    """
    law = recorded_distribution(population, bias, sampling, pool)
    if cut_bias is bias:
        return law, np.ones(len(law.shares))
    cut_law = recorded_distribution(population, cut_bias, "stratified", pool)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(law.kept > 0.0, cut_law.kept / law.kept, 0.0)
    return replace(cut_law, shares=law.shares, kept=law.kept), inside
