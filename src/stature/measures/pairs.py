"""Pairs: what two estimators make of the same samples, replicate by replicate.

A measure says how far estimators are off on average; pairs show whether they are off together.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from stature.design.scenarios import Scenario
from stature.domain.bias import NoBias
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Estimator, Fits, Status

MOST_OTHERS = 8
"""So many estimators at most are set against the first."""


@dataclass(frozen=True, slots=True)
class Paired:
    """A scenario of which estimates are paired."""

    population: str  # its names
    bias: str
    scenario: str
    group: str  # the group whose mean is shown, the shorter one
    truth_cm: float  # that mean, in cm
    reference: str  # the estimator that the others are set against
    others: tuple[str, ...]  # the others


@dataclass(frozen=True, slots=True)
class PairsSpec:
    """What the pairs depend on, besides the fits."""

    size: int  # number of people
    scenarios: tuple[Paired, ...]  # the scenarios, one a population


@dataclass(frozen=True, slots=True)
class Pair:
    """Two estimates of one mean from one sample."""

    population: str  # where the sample is from
    bias: str
    scenario: str
    size: int  # number of people
    group: str  # the group whose mean it is
    truth_cm: float  # that mean, in cm
    reference: str  # the two estimators
    estimator: str
    replicate: int  # the sample
    reference_cm: float | None  # the two estimates in cm; None where the fit did not converge
    estimate_cm: float | None


def pairs_spec(scenarios: Iterable[tuple[Scenario, tuple[Estimator, ...]]], size: int) -> PairsSpec:
    """What is paired in a study.

    Of each population the scenario without bias, or else the first one. Estimators that do not see
    the labels of everybody are set against the first of them that goes on to the maximum; if there
    are fewer than two of those, all are set against the first. First is who sees all labels, then
    who comes first by name: the order in a file changes nothing.
    """
    chosen: dict[str, tuple[Scenario, tuple[Estimator, ...]]] = {}
    for scenario, estimators in sorted(scenarios, key=lambda one: one[0].slug):
        name = scenario.population.name
        if name not in chosen or (
            isinstance(scenario.bias.bias, NoBias)
            and not isinstance(chosen[name][0].bias.bias, NoBias)
        ):
            in_order = sorted(estimators, key=lambda one: (one.model.labels != "all", one.name))
            chosen[name] = scenario, tuple(in_order)
    found = [_paired(scenario, estimators) for scenario, estimators in chosen.values()]
    return PairsSpec(size, tuple(one for one in found if one.others))


def pairs(spec: PairsSpec, fits: Mapping[str, Mapping[str, Fits]]) -> tuple[Pair, ...]:
    """Pair the estimates."""
    return tuple(
        pair
        for paired in spec.scenarios
        for other in paired.others
        for pair in _pairs(paired, spec.size, other, fits[paired.scenario])
    )


def _paired(scenario: Scenario, estimators: tuple[Estimator, ...]) -> Paired:
    """Who is set against whom in a scenario."""
    hidden = [one for one in estimators if one.model.labels != "all"] or list(estimators)
    if len(hidden) == 1:
        hidden = list(estimators)
    certified = [one for one in hidden if one.stop is None and one.method in _TO_THE_MAXIMUM]
    reference = (certified or hidden)[0]
    others = [one.name for one in hidden if one.name != reference.name]
    shorter = scenario.population.groups[0]
    return Paired(
        population=scenario.population.name,
        bias=scenario.bias.name,
        scenario=scenario.slug,
        group=shorter.name,
        truth_cm=shorter.mean_cm,
        reference=reference.name,
        others=tuple(others[:MOST_OTHERS]),
    )


_TO_THE_MAXIMUM = ("closed-form", "newton", "em", "squarem")


def _pairs(paired: Paired, size: int, other: str, fits: Mapping[str, Fits]) -> Iterator[Pair]:
    """Pairs of one estimator with the reference."""
    first, second = (
        _means_cm(fits[name], size, paired.group) for name in (paired.reference, other)
    )
    for replicate in sorted(first.keys() & second.keys()):
        yield Pair(
            population=paired.population,
            bias=paired.bias,
            scenario=paired.scenario,
            size=size,
            group=paired.group,
            truth_cm=paired.truth_cm,
            reference=paired.reference,
            estimator=other,
            replicate=replicate,
            reference_cm=first[replicate],
            estimate_cm=second[replicate],
        )


def _means_cm(fits: Fits, size: int, group: str) -> dict[int, float | None]:
    """Estimated mean of a group at a size, by replicate; None where the fit did not converge."""
    column = int(np.flatnonzero(fits.sizes == size)[0])
    row = parameter_rows(fits.group_names).index((group, "mean_cm"))
    converged = fits.status[:, column] == Status.CONVERGED
    values = fits.estimate[:, column, row]
    return {
        replicate: value if here else None
        for replicate, value, here in zip(
            fits.replicates.tolist(), values.tolist(), converged.tolist(), strict=True
        )
    }
